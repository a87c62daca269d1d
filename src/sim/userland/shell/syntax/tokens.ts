// The shell's tokens (POSIX 2.3), for finding what is wrong with a script: the parser is tolerant,
// and bash's messages name the token that its grammar refused.

import { afterBracket, afterNested, afterParenthesis } from './scan.ts';

export interface Token {
  /** `word`, `end`, `newline`, or the operator itself. */
  readonly kind: string;
  /** A word's text. */
  readonly text: string;
  readonly at: number;
  readonly end: number;
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

interface PendingDocument {
  readonly word: string;
  readonly tabs: boolean;
  readonly at: number;
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
const SH_OPERATORS = OPERATORS.filter(
  (op) => !['<<<', '&>>', '&>', '|&', ';;&', ';&'].includes(op),
);
const META = new Set([' ', '\t', '\n', ';', '&', '|', '<', '>', '(', ')']);
const ARRAY_START = /^[A-Za-z_][A-Za-z0-9_]*(?:\[[^\]]*\])?\+?=$/;

export class Tokens {
  readonly text: string;
  readonly sh: boolean;
  /** `?(` and its like begin a group inside a word: with extglob, and between `[[` and `]]`. */
  extglob: boolean;
  /** Here-documents whose end is missing. */
  readonly cut: PendingDocument[] = [];
  private at = 0;
  private pending: PendingDocument[] = [];
  /** A last line without a newline ends as if it had one. */
  private lastLineEnded: boolean;
  private wantsDelimiter: { tabs: boolean } | undefined;

  constructor(text: string, sh: boolean, extglob: boolean) {
    this.text = text;
    this.sh = sh;
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
    const process = (c === '<' || c === '>') && text[at + 1] === '(' && !this.sh;
    if (META.has(c) && !process) return this.operator(at);
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
    const list = this.sh ? SH_OPERATORS : OPERATORS;
    const kind = list.find((op) => text.startsWith(op, at)) ?? (text[at] as string);
    this.at = at + kind.length;
    if (kind === '<<' || kind === '<<-') this.wantsDelimiter = { tabs: kind === '<<-' };
    return { kind, text: kind, at, end: this.at };
  }

  private word(at: number): Token {
    const { text } = this;
    let i = at;
    while (i < text.length) {
      const c = text[i] as string;
      if (META.has(c)) {
        const process = (c === '<' || c === '>') && text[i + 1] === '(' && !this.sh;
        const group = c === '(' && this.opensGroup(at, i);
        if (!process && !group) break;
        i = this.closed(afterParenthesis(text, i + (process ? 2 : 1)), ')', i);
        continue;
      }
      if (c === '[' && !this.sh && /^[A-Za-z_]\w*$/.test(text.slice(at, i))) {
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
    if (this.wantsDelimiter) {
      this.pending.push({ ...this.wantsDelimiter, word: word.replace(/['"\\]/g, ''), at });
      this.wantsDelimiter = undefined;
    }
    return { kind: 'word', text: word, at, end: i };
  }

  /** `name=(` of an array, and the parentheses of extended patterns. */
  private opensGroup(start: number, at: number): boolean {
    if (this.sh || at === start) return false;
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
      for (;;) {
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
  get unread(): readonly PendingDocument[] {
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
