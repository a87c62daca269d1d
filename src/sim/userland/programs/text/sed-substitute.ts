// sed's s command on one text, and the l command's form of it.

import { encode } from '../../../core/text.ts';
import type { Regex, RegexMatch } from '../../regex/index.ts';
import type { Piece, Substitution } from './sed-syntax.ts';

/** The text after a substitution; undefined where nothing matched. */
export function substitute(text: string, regex: Regex, rule: Substitution): string | undefined {
  let out = '';
  let at = 0;
  let count = 0;
  let done = false;
  let lastEnd = -1;
  while (at <= text.length) {
    const match = regex.exec(text, at);
    if (!match) break;
    const empty = match.end === match.start;
    if (empty && match.start === lastEnd) {
      out += text.slice(at, match.start + 1);
      at = match.start + 1;
      continue;
    }
    out += text.slice(at, match.start);
    count++;
    const wanted =
      rule.nth === 0 ? rule.all || count === 1 : rule.all ? count >= rule.nth : count === rule.nth;
    out += wanted ? expand(rule.pieces, match, text) : text.slice(match.start, match.end);
    done ||= wanted;
    lastEnd = match.end;
    if (empty) out += text.charAt(match.end);
    at = empty ? match.end + 1 : match.end;
    if (wanted && !rule.all) break;
  }
  return done ? out + text.slice(at) : undefined;
}

function expand(pieces: readonly Piece[], match: RegexMatch, text: string): string {
  let out = '';
  let mode: 'U' | 'L' | 'E' = 'E';
  let once: 'u' | 'l' | undefined;
  for (const piece of pieces) {
    if (typeof piece === 'object') {
      if (piece.fold === 'u' || piece.fold === 'l') once = piece.fold;
      else mode = piece.fold;
      continue;
    }
    let part =
      piece === 0
        ? text.slice(match.start, match.end)
        : typeof piece === 'number'
          ? (match.groups[piece - 1] ?? '')
          : piece;
    if (mode === 'U') part = part.toUpperCase();
    else if (mode === 'L') part = part.toLowerCase();
    if (once && part !== '') {
      const first = part.charAt(0);
      part = (once === 'u' ? first.toUpperCase() : first.toLowerCase()) + part.slice(1);
      once = undefined;
    }
    out += part;
  }
  return out;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** The unambiguous form: escapes, a `$` at the end, folded at `width`. */
export function listForm(text: string, width: number): string {
  let out = '';
  let column = 0;
  for (const char of text) {
    const shown =
      char >= ' ' && char <= '~' && char !== '\\'
        ? char
        : (ESCAPES[char] ??
          [...encode(char)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join(''));
    if (width > 1 && column + shown.length > width - 1) {
      out += '\\\n';
      column = 0;
    }
    out += shown;
    column += shown.length;
  }
  return `${out}$`;
}
