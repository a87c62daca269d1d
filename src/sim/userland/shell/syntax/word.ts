// From a word's text to its pieces: quotes taken off, `$`, backquotes and tildes found. Brace
// expansion comes before it (braces.ts), splitting and globbing after it (expand/).

import { replaceEscapes } from './ansi.ts';
import { parseParameter } from './parameter.ts';
import type { Piece, Word } from './tree.ts';
import {
  afterAnsiQuote,
  afterArithmetic,
  afterBackquote,
  afterBracket,
  afterBrace,
  afterDoubleQuote,
  afterParenthesis,
  afterSingleQuote,
} from './scan.ts';

/**
 * How a text is read. `word`: as in a command; `assignment`: tildes after `:` too; `double`: as inside double quotes;
 * `operand`: a double-quoted operand of `${}`, where `"` opens and closes; `document`: a here-document.
 */
export type WordPlace = 'word' | 'assignment' | 'double' | 'operand' | 'document' | 'arithmetic';

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const SPECIAL = /[0-9@*#?$!-]/;
const GLOB = /[*?]|\[.*\]|[+@!]\(/s;

/** Takes a word's text apart. */
export function readWord(raw: string, place: WordPlace): Word {
  const pieces = new PieceReader(raw, place).read();
  return {
    raw,
    pieces,
    literal: literalOf(pieces),
    blocks: pieces.some(blocks),
    quick: pieces.every(isQuick),
  };
}

function isQuick(piece: Piece): boolean {
  if (piece.kind === 'parameter') return piece.plain;
  return (
    piece.kind === 'text' || (piece.kind === 'arithmetic' && piece.expression.literal !== undefined)
  );
}

function literalOf(pieces: readonly Piece[]): string | undefined {
  let text = '';
  let active = '';
  for (const piece of pieces) {
    if (piece.kind !== 'text') return undefined;
    text += piece.text;
    active += piece.quoted ? 'q' : piece.text;
  }
  return GLOB.test(active) ? undefined : text;
}

function blocks(piece: Piece): boolean {
  switch (piece.kind) {
    case 'command':
    case 'process':
      return true;
    case 'arithmetic':
      return piece.expression.blocks;
    case 'parameter':
      return Boolean(piece.index?.blocks || piece.operand?.blocks || piece.replacement?.blocks);
    default:
      return false;
  }
}

class PieceReader {
  private readonly raw: string;
  private readonly place: WordPlace;
  private readonly pieces: Piece[] = [];
  private text = '';
  private textQuoted = false;
  private hasText = false;
  private at = 0;

  constructor(raw: string, place: WordPlace) {
    this.raw = raw;
    this.place = place;
  }

  read(): Piece[] {
    const { raw, place } = this;
    const quoted = place !== 'word' && place !== 'assignment';
    if (!quoted) this.tilde();
    let inner = false;
    while (this.at < raw.length) {
      const c = raw[this.at] as string;
      if (c === '\\') this.backslash(quoted || inner);
      else if (c === '$') this.dollar(quoted || inner);
      else if (c === '`') this.backquote(quoted || inner);
      else if (c === '"' && place === 'operand') {
        inner = !inner;
        this.at++;
      } else if (c === '"' && place === 'arithmetic') this.at++;
      else if (c === '"' && !quoted) this.doubleQuote();
      else if (c === "'" && !quoted) this.singleQuote();
      else if ((c === '<' || c === '>') && !quoted && raw[this.at + 1] === '(') this.process(c);
      else {
        this.put(c, quoted);
        this.at++;
        if (c === ':' && place === 'assignment') this.tilde();
      }
    }
    this.flush();
    return this.pieces;
  }

  private put(text: string, quoted: boolean): void {
    if (this.hasText && this.textQuoted !== quoted) this.flush();
    this.text += text;
    this.textQuoted = quoted;
    this.hasText = true;
  }
  private flush(): void {
    if (!this.hasText) return;
    this.pieces.push({ kind: 'text', text: this.text, quoted: this.textQuoted });
    this.text = '';
    this.hasText = false;
  }
  private add(piece: Piece): void {
    this.flush();
    this.pieces.push(piece);
  }

  private tilde(): void {
    const { raw, at } = this;
    if (raw[at] !== '~') return;
    const found = /^~([\w.+-]*)(?=\/|$|:)/.exec(raw.slice(at));
    if (!found || (this.place === 'word' && raw[at + found[0].length] === ':')) return;
    this.add({ kind: 'tilde', user: found[1] ?? '' });
    this.at += found[0].length;
  }

  private backslash(quoted: boolean): void {
    const next = this.raw[this.at + 1];
    this.at += 2;
    if (next === undefined) {
      this.put('\\', true);
    } else if (next === '\n') {
      if (this.place === 'word' && !this.hasText && this.pieces.length === 0) return;
    } else if (!quoted) {
      this.put(next, true);
    } else if (next === '$' || next === '`' || next === '\\') {
      this.put(next, true);
    } else if (next === '"' && this.place !== 'document') {
      this.put(next, true);
    } else if (next === '}' && this.place === 'operand') {
      this.put(next, true);
    } else {
      this.put(`\\${next}`, true);
    }
  }

  private dollar(quoted: boolean): void {
    const { raw, at } = this;
    const next = raw[at + 1];
    if (next === '(') {
      this.parenthesis(quoted);
    } else if (next === '{') {
      const end = afterBrace(raw, at + 2, quoted);
      this.add(parseParameter(raw.slice(at, end), quoted));
      this.at = end;
    } else if (next === '[') {
      const end = afterBracket(raw, at + 2);
      this.arithmetic(raw.slice(at + 2, end - 1), quoted, end);
    } else if (next === "'" && !quoted) {
      const end = afterAnsiQuote(raw, at + 2);
      this.put(replaceEscapes(raw.slice(at + 2, end - 1), 'ansi').text, true);
      this.at = end;
    } else if (next === '"' && !quoted) {
      this.at++;
    } else if (next !== undefined && SPECIAL.test(next)) {
      this.parameter(next, quoted);
      this.at += 2;
    } else {
      NAME.lastIndex = at + 1;
      const name = NAME.exec(raw)?.[0];
      if (name === undefined) {
        this.put('$', quoted);
        this.at++;
      } else {
        this.parameter(name, quoted);
        this.at += 1 + name.length;
      }
    }
  }

  private parameter(name: string, quoted: boolean): void {
    this.add({
      kind: 'parameter',
      name,
      quoted,
      prefix: '',
      index: undefined,
      operator: '',
      operand: undefined,
      replacement: undefined,
      raw: `$${name}`,
      plain: true,
    });
  }

  private parenthesis(quoted: boolean): void {
    const { raw, at } = this;
    if (raw[at + 2] === '(') {
      const end = afterArithmetic(raw, at + 3);
      if (end > 0) {
        this.arithmetic(raw.slice(at + 3, end - 2), quoted, end);
        return;
      }
    }
    const end = afterParenthesis(raw, at + 2);
    this.add({ kind: 'command', source: raw.slice(at + 2, end - 1), quoted });
    this.at = end;
  }

  private arithmetic(source: string, quoted: boolean, end: number): void {
    this.add({ kind: 'arithmetic', expression: readWord(source, 'arithmetic'), quoted });
    this.at = end;
  }

  private backquote(quoted: boolean): void {
    const { raw, at } = this;
    const end = afterBackquote(raw, at + 1);
    const pattern = quoted && this.place !== 'document' ? /\\([$`\\"])/g : /\\([$`\\])/g;
    this.add({
      kind: 'command',
      source: raw.slice(at + 1, end - 1).replace(pattern, '$1'),
      quoted,
    });
    this.at = end;
  }

  private doubleQuote(): void {
    const { raw, at } = this;
    const end = afterDoubleQuote(raw, at + 1);
    const inside = new PieceReader(raw.slice(at + 1, end - 1), 'double').read();
    if (inside.length === 0) this.put('', true);
    for (const piece of inside) {
      if (piece.kind === 'text') this.put(piece.text, true);
      else this.add(piece);
    }
    this.at = end;
  }

  private singleQuote(): void {
    const end = afterSingleQuote(this.raw, this.at + 1);
    this.put(this.raw.slice(this.at + 1, end - 1), true);
    this.at = end;
  }

  private process(direction: '<' | '>'): void {
    const end = afterParenthesis(this.raw, this.at + 2);
    this.add({ kind: 'process', direction, source: this.raw.slice(this.at + 2, end - 1) });
    this.at = end;
  }
}
