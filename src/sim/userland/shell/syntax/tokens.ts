// The shell's tokens (POSIX 2.3) with the bodies of here-documents, which are read when their line ends.

import type { ShellName } from '../dialect.ts';
import { afterBracket, afterNested, afterParenthesis } from './scan.ts';

export interface Token {
  /** `word`, `end`, `newline`, or the operator itself. */
  readonly kind: string;
  /** A word's text. */
  readonly text: string;
  readonly at: number;
  readonly end: number;
  /** Of the word behind `<<`: what it ends. */
  readonly document?: HereDocument;
}

/** A quote or substitution that the text's end cut off. */
export class Unclosed {
  readonly closer: string;
  readonly at: number;
  constructor(closer: string, at: number) {
    this.closer = closer;
    this.at = at;
  }
}

export interface HereDocument {
  /** The line that ends it. */
  readonly word: string;
  /** `<<-`: leading tabs do not count. */
  readonly tabs: boolean;
  /** A delimiter with quotes: nothing is expanded. */
  readonly quoted: boolean;
  readonly at: number;
  /** Known once the line that announces it has ended. */
  body: string;
}

const OPERATORS = [
  ';;&',
  '<<<',
  '<<-',
  '&>>',
  ';;',
  ';&',
  '&&',
  '||',
  '|&',
  '<<',
  '>>',
  '<&',
  '>&',
  '<>',
  '>|',
  '&>',
  ';',
  '&',
  '|',
  '<',
  '>',
  '(',
  ')',
];
const DASH_OPERATORS = OPERATORS.filter(
  (op) => !['<<<', '&>>', '&>', '|&', ';;&', ';&'].includes(op),
);
const OPERATORS_OF: Readonly<Record<ShellName, readonly string[]>> = {
  bash: OPERATORS,
  dash: DASH_OPERATORS,
  ash: ['&>', ...DASH_OPERATORS],
};
const META = new Set([' ', '\t', '\n', ';', '&', '|', '<', '>', '(', ')']);
const ARRAY_START = /^[A-Za-z_][A-Za-z0-9_]*(?:\[[^\]]*\])?\+?=$/;

export class Tokens {
  readonly text: string;
  private readonly shell: ShellName;
  /** `?(` and its like begin a group inside a word: with extglob, and between `[[` and `]]`. */
  extglob: boolean;
  /** Here-documents whose end is missing. */
  readonly cut: HereDocument[] = [];
  private at = 0;
  private pending: HereDocument[] = [];
  /** A last line without a newline ends as if it had one. */
  private lastLineEnded: boolean;
  private wantsDelimiter: { tabs: boolean } | undefined;

  constructor(text: string, shell: ShellName, extglob: boolean) {
    this.text = text;
    this.shell = shell;
    this.extglob = extglob;
    this.lastLineEnded = text.endsWith('\n');
  }

  /** The next token; throws Unclosed. */
  next(): Token {
    const { text } = this;
    this.skipBlanks();
    const at = this.at;
    const c = text[at];
    if (c === undefined) {
      if (this.lastLineEnded) return { kind: 'end', text: '', at, end: at };
      this.lastLineEnded = true;
      return { kind: 'newline', text: 'newline', at, end: at };
    }
    if (c === '\n') {
      this.at++;
      this.readDocuments();
      return { kind: 'newline', text: 'newline', at, end: at + 1 };
    }
    if (META.has(c) && !this.substitutesProcess(at)) return this.operator(at);
    return this.word(at);
  }

  /** Goes on reading at a position (after something that was read whole). */
  seek(at: number): void {
    this.at = at;
  }

  private skipBlanks(): void {
    const { text } = this;
    for (;;) {
      const c = text[this.at];
      if (c === ' ' || c === '\t') this.at++;
      else if (c === '\\' && text[this.at + 1] === '\n') this.at += 2;
      else if (c === '#') {
        const end = text.indexOf('\n', this.at);
        this.at = end < 0 ? text.length : end;
      } else return;
    }
  }

  private operator(at: number): Token {
    const { text } = this;
    const list = OPERATORS_OF[this.shell];
    const kind = list.find((op) => text.startsWith(op, at)) ?? (text[at] as string);
    this.at = at + kind.length;
    if (kind === '<<' || kind === '<<-') this.wantsDelimiter = { tabs: kind === '<<-' };
    return { kind, text: kind, at, end: this.at };
  }

  /** The word that begins at `at`; `from`: up to there it is known to be one. */
  private word(at: number, from = at): Token {
    const { text } = this;
    let i = from;
    while (i < text.length) {
      const c = text[i] as string;
      if (META.has(c)) {
        const process = this.substitutesProcess(i);
        const group = c === '(' && this.opensGroup(at, i);
        if (!process && !group) break;
        i = this.closed(afterParenthesis(text, i + (process ? 2 : 1)), ')', i);
        continue;
      }
      if (c === '[' && this.shell === 'bash' && /^[A-Za-z_]\w*$/.test(text.slice(at, i))) {
        const end = afterBracket(text, i + 1);
        if (end <= text.length && /^\+?=/.test(text.slice(end, end + 2))) {
          i = end;
          continue;
        }
      }
      const jump = afterNested(text, i);
      if (jump > text.length) throw findUnclosed(text, i);
      i = jump > i ? jump : i + 1;
    }
    this.at = i;
    const word = text.slice(at, i);
    if (!this.wantsDelimiter) return { kind: 'word', text: word, at, end: i };
    const plain = word.replace(/['"\\]/g, '');
    const quoted = plain !== word;
    const document = { ...this.wantsDelimiter, word: plain, quoted, at, body: '' };
    this.pending.push(document);
    this.wantsDelimiter = undefined;
    return { kind: 'word', text: word, at, end: i, document };
  }

  /** The next token behind `=~` between `[[` and `]]`: parentheses and bars are a part of the regular expression. */
  pattern(): Token {
    const { text } = this;
    this.skipBlanks();
    const at = this.at;
    let depth = 0;
    let i = at;
    while (i < text.length) {
      const c = text[i] as string;
      if (c === '(') depth++;
      else if (c === ')') depth--;
      if (depth < 0 || (depth === 0 && c !== ')' && c !== '|' && META.has(c))) break;
      const jump = afterNested(text, i);
      if (jump > text.length) throw findUnclosed(text, i);
      i = jump > i ? jump : i + 1;
    }
    if (i === at) return this.next();
    this.at = i;
    return { kind: 'word', text: text.slice(at, i), at, end: i };
  }

  /** The next token inside `name=(…)`, where a subscript may hold blanks. */
  element(): Token {
    const { text } = this;
    this.skipBlanks();
    const at = this.at;
    if (text[at] !== '[') return this.next();
    const end = afterBracket(text, at + 1);
    return end <= text.length && /^\+?=/.test(text.slice(end, end + 2))
      ? this.word(at, end)
      : this.next();
  }

  /** `<(` and `>(`. */
  private substitutesProcess(at: number): boolean {
    const { text, shell } = this;
    return (text[at] === '<' || text[at] === '>') && text[at + 1] === '(' && shell !== 'dash';
  }

  /** `name=(` of an array, and the parentheses of extended patterns. */
  private opensGroup(start: number, at: number): boolean {
    if (this.shell !== 'bash' || at === start) return false;
    if (this.extglob && /[?*+@!]/.test(this.text[at - 1] ?? '')) return true;
    return ARRAY_START.test(this.text.slice(start, at));
  }

  private closed(end: number, closer: string, at: number): number {
    if (end > this.text.length) throw new Unclosed(closer, at);
    return end;
  }

  private readDocuments(): void {
    const list = this.pending;
    this.pending = [];
    for (const document of list) {
      const from = this.at;
      for (;;) {
        document.body = this.text.slice(from, this.at);
        if (this.at >= this.text.length) {
          this.cut.push(document);
          break;
        }
        const end = this.text.indexOf('\n', this.at);
        const line = this.text.slice(this.at, end < 0 ? this.text.length : end);
        this.at = end < 0 ? this.text.length : end + 1;
        if ((document.tabs ? line.replace(/^\t+/, '') : line) === document.word) break;
      }
    }
  }

  /** Here-documents that were announced on the last line, whose bodies are missing altogether. */
  get unread(): readonly HereDocument[] {
    return this.pending;
  }
}

/** The innermost quote or substitution that is not closed, from the one that begins at `at`. */
function findUnclosed(text: string, at: number): Unclosed {
  const c = text[at];
  const next = text[at + 1];
  if (c === "'" || c === '`') return new Unclosed(c, at);
  if (c === '$' && next === "'") return new Unclosed("'", at);
  const closer = c === '"' ? '"' : next === '(' ? ')' : next === '{' ? '}' : ']';
  for (let i = at + (c === '"' ? 1 : 2); i < text.length; ) {
    if (c === '"' && text[i] === "'") {
      i++;
      continue;
    }
    const jump = afterNested(text, i);
    if (jump > text.length) return findUnclosed(text, i);
    i = jump > i ? jump : i + 1;
  }
  return new Unclosed(closer, at);
}
