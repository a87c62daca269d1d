// Scalars as libyaml scans them: plain, quoted, literal and folded; and the names of anchors and tags.

import { type Dialect, scannerFault, type YamlFault } from './fault.ts';
import {
  isBlank,
  isBlankOrEnd,
  isBreak,
  isBreakOrEnd,
  isTab,
  type Mark,
  type Reader,
} from './reader.ts';

/** How a scalar was written; only plain ones may be something other than text. */
export type Style = 'plain' | 'single' | 'double' | 'literal' | 'folded';

/** What the scanner lets the scalars know. */
export interface Surroundings {
  readonly reader: Reader;
  readonly dialect: Dialect;
  /** The column of the block around; -1 outside of any. */
  readonly indent: number;
  readonly inFlow: boolean;
}

function fault(from: Surroundings, start: Mark, problem: string): YamlFault {
  return scannerFault(from.dialect, problem, from.reader.mark(), start);
}

/** Line breaks and what they become: one is a space, more are themselves without the first. */
class Folding {
  private leading = '';
  private trailing = '';
  private blanks = '';
  /** Whether a line has ended since the last character. */
  broken = false;

  /** Reads blanks and breaks. */
  consume(reader: Reader, check?: () => void): void {
    for (;;) {
      const code = reader.code();
      if (isBlank(code)) {
        if (this.broken) {
          check?.();
        } else this.blanks += String.fromCharCode(code);
        reader.skip();
      } else if (isBreak(code)) {
        if (this.broken) this.trailing += reader.readBreak();
        else {
          this.blanks = '';
          this.leading = reader.readBreak();
          this.broken = true;
        }
      } else return;
    }
  }

  /** An escaped line break: the lines are joined without a space. */
  join(): void {
    this.broken = true;
  }

  /** What stands between the characters before and those that follow. */
  take(): string {
    let text = this.blanks;
    if (this.broken)
      text = this.leading === '\n' ? this.trailing || ' ' : this.leading + this.trailing;
    this.leading = this.trailing = this.blanks = '';
    this.broken = false;
    return text;
  }
}

/** A plain scalar, and whether it ended with a line: then a key may follow. */
export function scanPlain(from: Surroundings): { value: string; broken: boolean } {
  const { reader, inFlow } = from;
  const start = reader.mark();
  const indent = from.indent + 1;
  const folding = new Folding();
  let value = '';
  const check = (): void => {
    if (reader.column < indent && isTab(reader.code()))
      throw fault(from, start, 'found a tab character that violates indentation');
  };
  while (!reader.atDocumentIndicator() && !reader.is('#')) {
    const begin = reader.index;
    while (!endsPlain(reader, inFlow)) reader.skip();
    if (reader.index > begin) value += folding.take() + reader.text.slice(begin, reader.index);
    if (!isBlank(reader.code()) && !isBreak(reader.code())) break;
    folding.consume(reader, check);
    if (!inFlow && reader.column < indent) break;
  }
  return { value, broken: folding.broken };
}

function endsPlain(reader: Reader, inFlow: boolean): boolean {
  const code = reader.code();
  if (isBlankOrEnd(code)) return true;
  const char = reader.text[reader.index] as string;
  if (char === ':' && isBlankOrEnd(reader.code(1))) return true;
  return inFlow && ',?[]{}'.includes(char);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
};
const CODE_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** A quoted scalar; the reader stands at its first quote. */
export function scanQuoted(from: Surroundings, quote: '"' | "'"): string {
  const { reader } = from;
  const start = reader.mark();
  reader.skip();
  const folding = new Folding();
  let value = '';
  for (;;) {
    if (reader.atDocumentIndicator())
      throw fault(from, start, 'found unexpected document indicator');
    if (reader.code() === 0) throw fault(from, start, 'found unexpected end of stream');
    value += folding.take();
    value += quotedRun(from, start, quote, folding);
    if (reader.is(quote)) break;
    folding.consume(reader);
  }
  reader.skip();
  return value;
}

/** What stands between blanks, up to the last quote. */
function quotedRun(from: Surroundings, start: Mark, quote: string, folding: Folding): string {
  const { reader } = from;
  let value = '';
  while (!isBlankOrEnd(reader.code())) {
    if (reader.is(quote)) {
      if (quote === '"' || reader.text[reader.index + 1] !== quote) return value;
      value += quote;
      reader.skip(2);
    } else if (quote === '"' && reader.is('\\')) {
      if (isBreak(reader.code(1))) {
        reader.skip();
        reader.readBreak();
        folding.join();
        return value;
      }
      value += escape(from, start);
    } else {
      value += reader.text[reader.index];
      reader.skip();
    }
  }
  return value;
}

function escape(from: Surroundings, start: Mark): string {
  const { reader } = from;
  const letter = reader.text[reader.index + 1] ?? '';
  const known = ESCAPES[letter];
  const length = CODE_LENGTHS[letter];
  if (known === undefined && length === undefined)
    throw fault(from, start, 'found unknown escape character');
  reader.skip(2);
  if (length === undefined) return known ?? '';
  const digits = reader.text.slice(reader.index, reader.index + length);
  if (!new RegExp(`^[0-9a-fA-F]{${length}}$`).test(digits))
    throw fault(from, start, 'did not find expected hexdecimal number');
  const code = Number.parseInt(digits, 16);
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff)
    throw fault(from, start, 'found invalid Unicode character escape code');
  reader.skip(length);
  return String.fromCodePoint(code);
}

/** A literal or folded scalar; the reader stands at `|` or `>`. */
export function scanBlock(from: Surroundings, literal: boolean): string {
  const { reader } = from;
  const start = reader.mark();
  reader.skip();
  const { chomping, increment } = blockHeader(from, start);
  let indent = increment > 0 ? Math.max(from.indent, 0) + increment : 0;
  const breaks = (): string => {
    const found = blockBreaks(from, start, indent);
    indent = found.indent;
    return found.breaks;
  };
  let trailing = breaks();
  let leading = '';
  let leadingBlank = false;
  let value = '';
  while (reader.column === indent && reader.code() !== 0) {
    const blank = isBlank(reader.code());
    if (!literal && !leadingBlank && !blank && leading === '\n') value += trailing || ' ';
    else value += leading + trailing;
    leadingBlank = blank;
    const begin = reader.index;
    while (!isBreakOrEnd(reader.code())) reader.skip();
    value += reader.text.slice(begin, reader.index);
    leading = reader.code() === 0 ? '' : reader.readBreak();
    trailing = breaks();
  }
  if (chomping !== '-') value += leading;
  if (chomping === '+') value += trailing;
  return value;
}

/** What stands behind `|` or `>`: how the end is chomped, how much further the text stands; then a comment. */
function blockHeader(from: Surroundings, start: Mark): { chomping: string; increment: number } {
  const { reader } = from;
  let chomping = '';
  let increment = 0;
  const sign = (): void => {
    if (!reader.is('+') && !reader.is('-')) return;
    chomping = reader.text[reader.index] as string;
    reader.skip();
  };
  sign();
  const digit = reader.code() - 48;
  if (digit >= 0 && digit <= 9) {
    if (digit === 0) throw fault(from, start, 'found an indentation indicator equal to 0');
    increment = digit;
    reader.skip();
    if (chomping === '') sign();
  }
  while (isBlank(reader.code())) reader.skip();
  if (reader.is('#')) while (!isBreakOrEnd(reader.code())) reader.skip();
  if (!isBreakOrEnd(reader.code()))
    throw fault(from, start, 'did not find expected comment or line break');
  if (isBreak(reader.code())) reader.readBreak();
  return { chomping, increment };
}

/** Empty lines and the indentation before the next one; it sets that of the scalar where that is not known (0). */
function blockBreaks(
  from: Surroundings,
  start: Mark,
  indent: number,
): { breaks: string; indent: number } {
  const { reader } = from;
  let breaks = '';
  let deepest = 0;
  for (;;) {
    while ((indent === 0 || reader.column < indent) && reader.is(' ')) reader.skip();
    deepest = Math.max(deepest, reader.column);
    if ((indent === 0 || reader.column < indent) && isTab(reader.code()))
      throw fault(from, start, 'found a tab character where an indentation space is expected');
    if (!isBreak(reader.code())) break;
    breaks += reader.readBreak();
  }
  return { breaks, indent: indent || Math.max(deepest, from.indent + 1, 1) };
}

const NAME = /[0-9A-Za-z_-]*/y;

function scanName(reader: Reader): string {
  NAME.lastIndex = reader.index;
  const name = NAME.exec(reader.text)?.[0] ?? '';
  reader.skip(name.length);
  return name;
}

/** The name of an anchor or alias; the reader stands at `&` or `*`. */
export function scanAnchor(from: Surroundings): string {
  const { reader } = from;
  const start = reader.mark();
  reader.skip();
  const name = scanName(reader);
  const ends = isBlankOrEnd(reader.code()) || '?:,]}%@`'.includes(reader.text[reader.index] ?? '');
  if (name === '' || !ends)
    throw fault(from, start, 'did not find expected alphabetic or numeric character');
  return name;
}

const URI = /[0-9A-Za-z_\-;/?:@&=+$,.!~*'()[\]%]*/y;

/** A tag's handle and what follows it; the reader stands at `!`. */
export function scanTag(from: Surroundings): { handle: string; suffix: string } {
  const { reader } = from;
  const start = reader.mark();
  const uri = (): string => {
    URI.lastIndex = reader.index;
    const text = URI.exec(reader.text)?.[0] ?? '';
    reader.skip(text.length);
    return text;
  };
  let handle = '';
  let suffix: string;
  if (reader.text[reader.index + 1] === '<') {
    reader.skip(2);
    suffix = uri();
    if (suffix === '') throw fault(from, start, 'did not find expected tag URI');
    if (!reader.is('>')) throw fault(from, start, "did not find the expected '>'");
    reader.skip();
  } else {
    reader.skip();
    const name = scanName(reader);
    if (reader.is('!')) {
      reader.skip();
      handle = `!${name}!`;
      suffix = uri();
      if (suffix === '') throw fault(from, start, 'did not find expected tag URI');
    } else {
      suffix = name + uri();
      handle = suffix === '' ? '' : '!';
      if (suffix === '') suffix = '!';
    }
  }
  if (!isBlankOrEnd(reader.code()))
    throw fault(from, start, 'did not find expected whitespace or line break');
  return { handle, suffix };
}
