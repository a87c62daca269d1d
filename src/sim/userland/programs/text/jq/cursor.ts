// The parser's place among its tokens, and what it says of one that does not fit: as bison words it.

import type { Token } from './lexer.ts';
import { SyntaxProblem } from './syntax.ts';

export class TokenCursor {
  protected readonly tokens: readonly Token[];
  protected i = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  /** Fails unless all tokens were used. */
  finish(expected?: string): void {
    if (this.token.kind !== 'end') throw this.unexpected(expected);
  }

  protected get token(): Token {
    return this.tokens[this.i] ?? { kind: 'end', text: '', at: 0, to: 0 };
  }

  protected skip(operator: string): boolean {
    const found = this.token.kind === 'operator' && this.token.text === operator;
    if (found) this.i++;
    return found;
  }

  protected oneOf<T extends string>(...operators: readonly T[]): T | undefined {
    return operators.find((operator) => this.skip(operator));
  }

  protected atWord(...words: readonly string[]): boolean {
    return this.token.kind === 'keyword' && words.includes(this.token.text);
  }

  protected skipWord(word: string): boolean {
    const found = this.atWord(word);
    if (found) this.i++;
    return found;
  }

  protected need(operator: string, expected?: string): void {
    if (!this.skip(operator)) throw this.unexpected(expected);
  }

  protected word(word: string): void {
    if (!this.skipWord(word)) throw this.unexpected();
  }

  protected identifier(expected = 'IDENT'): string {
    const { kind, text } = this.token;
    if (kind !== 'identifier') throw this.unexpected(expected);
    this.i++;
    return text;
  }

  protected unexpected(expected?: string): SyntaxProblem {
    const { kind, text, at } = this.token;
    const names = {
      end: '$end',
      field: 'FIELD',
      identifier: 'IDENT',
      number: 'LITERAL',
      string: 'QQSTRING_START',
      format: 'FORMAT',
    };
    const named = kind in names ? names[kind as keyof typeof names] : undefined;
    const name = named ?? (kind === 'keyword' || text.length > 1 ? text : `'${text}'`);
    const previous = this.tokens[this.i - 1];
    const dot =
      previous?.text === '.' && previous.kind === 'operator' && text === 'INVALID_CHARACTER';
    const wanted = this.i === 0 && kind !== 'end' ? '$end' : dot ? undefined : expected;
    const tail = wanted === undefined ? '' : `, expecting ${wanted}`;
    const problem = new SyntaxProblem(`syntax error, unexpected ${name}${tail}`, at);
    if (dot) {
      const message = 'try .["field"] instead of .field for unusually named fields';
      problem.notes.push({ message, at: previous.at });
    }
    return problem;
  }
}
