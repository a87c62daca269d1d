// f-strings: their text and the fields in it (The Python Language Reference, 2.4.3).

import { parseExpression } from './parse-expressions.ts';
import { escaped } from './strings.ts';
import type { FormatPiece } from './syntax.ts';
import { PythonSyntaxError, type Span } from './tokens.ts';

/** The pieces of an f-string's text. */
export function formatPieces(text: string, raw: boolean, at: Span): FormatPiece[] {
  const pieces: FormatPiece[] = [];
  let plain = '';
  const flush = (): void => {
    if (plain !== '') pieces.push(raw ? plain : escaped(plain, false));
    plain = '';
  };
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? '';
    if ((char === '{' || char === '}') && text[i + 1] === char) {
      plain += char;
      i++;
    } else if (char === '}') throw new PythonSyntaxError("f-string: single '}' is not allowed", at);
    else if (char === '{') {
      flush();
      const [piece, label, end] = replacement(text, i + 1, raw, at);
      if (label !== '') pieces.push(label);
      pieces.push(piece);
      i = end;
    } else plain += char;
  }
  flush();
  return pieces;
}

/** A replacement field from behind its brace: the piece, the text of `{x=}`, and where its closing brace is. */
function replacement(
  text: string,
  from: number,
  raw: boolean,
  at: Span,
): [Exclude<FormatPiece, string>, string, number] {
  let depth = 0;
  let i = from;
  let quote = '';
  for (; i < text.length; i++) {
    const char = text[i] ?? '';
    if (quote !== '') {
      if (char === quote) quote = '';
      continue;
    }
    if (char === '"' || char === "'") quote = char;
    else if ('([{'.includes(char)) depth++;
    else if (depth > 0 && ')]}'.includes(char)) depth--;
    else if (depth === 0 && (char === '}' || char === ':')) break;
    else if (depth === 0 && char === '!' && text[i + 1] !== '=') break;
  }
  if (i >= text.length) throw new PythonSyntaxError("f-string: expecting '}'", at);
  let source = text.slice(from, i);
  const named = /^(.*[^=!<>])=\s*$/s.exec(source);
  const label = named ? source : '';
  if (named) source = named[1] ?? '';
  if (source.trim() === '')
    throw new PythonSyntaxError("f-string: valid expression required before '}'", at);
  let conversion = label !== '' && text[i] === '}' ? 'r' : '';
  if (text[i] === '!') {
    conversion = text[i + 1] ?? '';
    i += 2;
  }
  let format: FormatPiece[] | undefined;
  if (text[i] === ':') {
    const begin = i + 1;
    for (let nested = 0; i < text.length; i++) {
      if (text[i] === '{') nested++;
      if (text[i] === '}' && nested-- === 0) break;
    }
    format = formatPieces(text.slice(begin, i), raw, at);
  }
  const value = parseExpression(source.trim());
  return [{ value, conversion, format }, label, i];
}
