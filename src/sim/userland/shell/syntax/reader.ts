// What reading the shell's grammar stands on: the token at hand, what would close the construct that is open, lines, and
// redirections.

import { readDocument } from './parts.ts';
import type { HereDocument, Token, Tokens } from './tokens.ts';
import type { Redirect, Word } from './tree.ts';
import { readWord } from './word.ts';

/** The token that the grammar refused. */
export class Refused {
  readonly token: Token;
  readonly expecting: string | undefined;
  constructor(token: Token, expecting: string | undefined) {
    this.token = token;
    this.expecting = expecting;
  }
}

/** The operators of redirections. */
export const REDIRECTS = new Set([
  '<',
  '>',
  '>>',
  '<<',
  '<<-',
  '<<<',
  '<&',
  '>&',
  '<>',
  '>|',
  '&>',
  '&>>',
]);
const DESCRIPTOR = /^(?:\d+|\{(\w+)\})$/;
const NOTHING = readWord('', 'word');

/** Reads tokens one after another. */
export class TokenReader {
  readonly tokens: Tokens;
  protected token: Token = { kind: 'newline', text: '', at: 0, end: 0 };
  /** Where the token before the one at hand ended. */
  protected lastEnd = 0;
  protected readonly expecting: string[] = [];
  private readonly firstLine: number;
  private readonly documents: [document: HereDocument, redirect: { target: Word }][] = [];
  private lineAt = 0;
  private lineCount = 0;

  constructor(tokens: Tokens, firstLine: number) {
    this.tokens = tokens;
    this.firstLine = firstLine;
  }

  protected advance(): void {
    this.lastEnd = this.token.end;
    this.token = this.tokens.next();
  }
  protected refuse(): never {
    throw new Refused(this.token, this.expecting.at(-1));
  }
  protected is(kind: string): boolean {
    return this.token.kind === kind;
  }
  protected isWord(text: string): boolean {
    return this.is('word') && this.token.text === text;
  }
  protected skipNewlines(): void {
    while (this.is('newline')) this.advance();
  }
  protected expectWord(text: string): void {
    if (!this.isWord(text)) this.refuse();
    this.expecting.pop();
    this.advance();
  }
  /** The text of a word, which is left behind. */
  protected takeWord(): string {
    if (!this.is('word')) this.refuse();
    const { text } = this.token;
    this.advance();
    return text;
  }
  /** What was read from `at` on. */
  protected textFrom(at: number): string {
    return this.tokens.text.slice(at, this.lastEnd);
  }

  /** The line of a position; positions mostly come in order. */
  protected line(position: number): number {
    if (position < this.lineAt) {
      this.lineAt = 0;
      this.lineCount = 0;
    }
    for (;;) {
      const next = this.tokens.text.indexOf('\n', this.lineAt);
      if (next < 0 || next >= position) return this.firstLine + this.lineCount;
      this.lineAt = next + 1;
      this.lineCount++;
    }
  }

  /** True where a redirection begins, with a descriptor's number or `{name}` right before it or without. */
  protected atRedirect(): boolean {
    return REDIRECTS.has(this.token.kind) || this.descriptor() !== null;
  }
  private descriptor(): RegExpExecArray | null {
    const { kind, text, end } = this.token;
    if (kind !== 'word' || !/[<>]/.test(this.tokens.text[end] ?? '')) return null;
    return DESCRIPTOR.exec(text);
  }

  protected redirects(): Redirect[] {
    const list: Redirect[] = [];
    while (this.atRedirect()) list.push(this.redirect());
    return list;
  }

  protected redirect(): Redirect {
    const descriptor = this.descriptor();
    if (descriptor) this.advance();
    const variable = descriptor?.[1];
    const fd = descriptor && variable === undefined ? Number(descriptor[0]) : undefined;
    const operator = this.token.kind;
    this.advance();
    const { document } = this.token;
    const text = this.takeWord();
    if (!document) return { operator, fd, variable, target: readWord(text, 'word') };
    const redirect = { delimiter: text, operator, fd, variable, target: NOTHING };
    this.documents.push([document, redirect]);
    return redirect;
  }

  /** Gives the here-documents that were announced their bodies, once the last of their lines has ended. */
  protected fillDocuments(): void {
    for (const [document, redirect] of this.documents.splice(0))
      redirect.target = readDocument(document);
  }
}
