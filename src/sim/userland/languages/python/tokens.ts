// Python's tokens: names, numbers, strings, operators, and the lines' indentation (The Python Language Reference, 2).

import { Missing } from '../interpreter.ts';

/** Where something stands in the source: lines from 1, columns from 0. */
export interface Span {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export type TokenKind =
  | 'name'
  | 'number'
  | 'string'
  | 'op'
  | 'newline'
  | 'indent'
  | 'dedent'
  | 'end';

export interface Token extends Span {
  readonly kind: TokenKind;
  /** The text; of a string what is between its quotes. */
  readonly text: string;
  /** A string's letters before the quote, in lower case. */
  readonly prefix: string;
}

/** A source that is no Python. */
export class PythonSyntaxError extends Error {
  readonly span: Span;
  readonly type: string;
  constructor(message: string, span: Span, type = 'SyntaxError') {
    super(message);
    this.span = span;
    this.type = type;
  }
}

const OPERATORS = [
  '**=',
  '//=',
  '>>=',
  '<<=',
  '...',
  '!=',
  '->',
  ':=',
  '**',
  '//',
  '>>',
  '<<',
  '<=',
  '>=',
  '==',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '&=',
  '|=',
  '^=',
  '@=',
  '+',
  '-',
  '*',
  '/',
  '%',
  '@',
  '&',
  '|',
  '^',
  '~',
  '<',
  '>',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  ',',
  ':',
  '.',
  ';',
  '=',
];
const CLOSES: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };
const NUMBER =
  /0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*)?\.?\d[\d_]*\.?(?:[eE][+-]?\d+)?/y;
const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy;
const PREFIX = /(?:[rbfuRBFU]{0,2})(?='|")/y;

/** Cuts a source into tokens. */
export function tokenize(source: string): Token[] {
  return new Tokenizer(source).run();
}

class Tokenizer {
  private readonly text: string;
  private at = 0;
  private line = 1;
  private start = 0;
  private readonly tokens: Token[] = [];
  private readonly indents = [0];
  private readonly open: Token[] = [];

  constructor(source: string) {
    this.text = source.replace(/\r\n?/g, '\n');
  }

  run(): Token[] {
    let fresh = true;
    while (this.at < this.text.length) {
      if (fresh && this.open.length === 0 && this.indentation()) continue;
      fresh = false;
      const char = this.text[this.at] ?? '';
      if (char === '\n') {
        if (this.open.length === 0) this.put('newline', this.at, this.at + 1);
        this.at++;
        this.nextLine();
        fresh = true;
      } else if (char === ' ' || char === '\t' || char === '\f') this.at++;
      else if (char === '#') this.at = this.lineEnd();
      else if (char === '\\' && this.text[this.at + 1] === '\n') {
        this.at += 2;
        this.nextLine();
      } else this.token(char);
    }
    const [left] = this.open.slice(-1);
    if (left) throw new PythonSyntaxError(`'${left.text}' was never closed`, left);
    if (this.tokens.length > 0 && this.tokens.at(-1)?.kind !== 'newline')
      this.put('newline', this.at, this.at);
    for (; this.indents.length > 1; this.indents.pop()) this.put('dedent', this.at, this.at);
    this.put('end', this.at, this.at);
    return this.tokens;
  }

  private lineEnd(): number {
    const end = this.text.indexOf('\n', this.at);
    return end < 0 ? this.text.length : end;
  }

  private nextLine(): void {
    this.line++;
    this.start = this.at;
  }

  /** The beginning of a logical line; true where the line was empty and is skipped. */
  private indentation(): boolean {
    let width = 0;
    let at = this.at;
    for (; ; at++) {
      const char = this.text[at];
      if (char === ' ') width++;
      else if (char === '\t') width += 8 - (width % 8);
      else if (char !== '\f') break;
    }
    const char = this.text[at];
    if (char === '\n' || char === '#' || char === undefined) {
      this.at = at;
      this.at = this.lineEnd();
      if (this.at < this.text.length) {
        this.at++;
        this.nextLine();
      }
      return true;
    }
    this.at = at;
    const now = this.indents.at(-1) ?? 0;
    if (width > now) {
      this.indents.push(width);
      this.put('indent', at, at);
    }
    while (width < (this.indents.at(-1) ?? 0)) {
      this.indents.pop();
      this.put('dedent', at, at);
    }
    if (width !== this.indents.at(-1))
      throw new PythonSyntaxError(
        'unindent does not match any outer indentation level',
        this.span(at, at),
        'IndentationError',
      );
    return false;
  }

  private span(from: number, to: number): Span {
    return {
      line: this.line,
      column: from - this.start,
      endLine: this.line,
      endColumn: to - this.start,
    };
  }

  private put(kind: TokenKind, from: number, to: number): Token {
    const token = { kind, text: this.text.slice(from, to), prefix: '', ...this.span(from, to) };
    this.tokens.push(token);
    return token;
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    return pattern.exec(this.text)?.[0];
  }

  private token(char: string): void {
    const prefix = this.match(PREFIX);
    const name = prefix === undefined ? this.match(NAME) : undefined;
    const number = /[\d.]/.test(char) ? this.match(NUMBER) : undefined;
    if (prefix !== undefined) this.string(prefix);
    else if (name !== undefined) this.take('name', name);
    else if (number !== undefined && number !== '') this.number(number);
    else this.operator(char);
  }

  private operator(char: string): void {
    const op = OPERATORS.find((one) => this.text.startsWith(one, this.at));
    if (op === undefined) {
      const span = this.span(this.at, this.at + 1);
      if (char === '!' || char === '$' || char === '?' || char === '`')
        throw new PythonSyntaxError('invalid syntax', span);
      const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
      throw new PythonSyntaxError(`invalid character '${char}' (U+${code})`, span);
    }
    const from = this.at;
    this.at += op.length;
    const token = this.put('op', from, this.at);
    if ('([{'.includes(op)) this.open.push(token);
    else if (op in CLOSES) {
      const opened = this.open.pop();
      if (!opened) throw new PythonSyntaxError(`unmatched '${op}'`, token);
      if (opened.text !== CLOSES[op])
        throw new PythonSyntaxError(
          `closing parenthesis '${op}' does not match opening parenthesis '${opened.text}'`,
          token,
        );
    }
  }

  private take(kind: TokenKind, text: string): void {
    const from = this.at;
    this.at += text.length;
    this.put(kind, from, this.at);
  }

  private number(text: string): void {
    const after = this.text[this.at + text.length] ?? '';
    if (/[jJ]/.test(after)) throw new Missing('python3: complex numbers');
    if (/[\p{L}_]/u.test(after))
      throw new PythonSyntaxError(
        'invalid decimal literal',
        this.span(this.at + text.length - 1, this.at + text.length),
      );
    this.take('number', text);
  }

  private string(prefix: string): void {
    const from = this.at;
    const { line, start } = this;
    const quote = this.text[from + prefix.length] ?? '';
    const long = this.text.startsWith(quote.repeat(3), from + prefix.length);
    const mark = long ? quote.repeat(3) : quote;
    let at = from + prefix.length + mark.length;
    const begin = at;
    for (;;) {
      const char = this.text[at];
      if (char === undefined || (char === '\n' && !long)) {
        const what = long
          ? 'unterminated triple-quoted string literal'
          : 'unterminated string literal';
        throw new PythonSyntaxError(`${what} (detected at line ${this.line})`, {
          line,
          column: from - start,
          endLine: line,
          endColumn: from - start + 1,
        });
      }
      if (this.text.startsWith(mark, at)) break;
      if (char === '\\') at++;
      if (this.text[at] === '\n') {
        this.line++;
        this.start = at + 1;
      }
      at++;
    }
    this.at = at + mark.length;
    this.tokens.push({
      kind: 'string',
      text: this.text.slice(begin, at),
      prefix: prefix.toLowerCase(),
      line,
      column: from - start,
      endLine: this.line,
      endColumn: this.at - this.start,
    });
  }
}
