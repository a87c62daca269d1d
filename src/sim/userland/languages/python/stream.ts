// What the two halves of Python's parser share: the tokens to come, and what is bound in the function being read.

import { PythonSyntaxError, type Span, type Token, type TokenKind, tokenize } from './tokens.ts';
import type { Expression } from './syntax.ts';

/** What a function's own text says of its names. */
export interface Bindings {
  readonly locals: Set<string>;
  readonly globals: Set<string>;
  readonly nonlocals: Set<string>;
  isGenerator: boolean;
}

export class TokenStream {
  private readonly tokens: readonly Token[];
  private at = 0;
  /** The functions around the place that is read, innermost last; the first is the module. */
  readonly scopes: Bindings[] = [];

  constructor(source: string) {
    this.tokens = tokenize(source);
    this.enter();
  }

  enter(): Bindings {
    const scope = {
      locals: new Set<string>(),
      globals: new Set<string>(),
      nonlocals: new Set<string>(),
      isGenerator: false,
    };
    this.scopes.push(scope);
    return scope;
  }

  get scope(): Bindings {
    return this.scopes.at(-1) ?? this.enter();
  }

  get token(): Token {
    const token = this.tokens[this.at] ?? this.tokens.at(-1);
    if (!token) throw new Error('a source has at least its end');
    return token;
  }

  isAt(kind: TokenKind): boolean {
    return this.token.kind === kind;
  }

  get following(): Token {
    return this.tokens[this.at + 1] ?? this.token;
  }

  get last(): Token {
    return this.tokens[this.at - 1] ?? this.token;
  }

  next(): Token {
    const { token } = this;
    this.at++;
    return token;
  }

  /** True where the next token is this operator or keyword. */
  sees(...texts: string[]): boolean {
    const { kind, text } = this.token;
    return (kind === 'op' || kind === 'name') && texts.includes(text);
  }

  take(text: string): boolean {
    if (!this.sees(text)) return false;
    this.at++;
    return true;
  }

  expect(text: string): Token {
    if (!this.sees(text)) throw this.unexpected(text === ':' ? "expected ':'" : undefined);
    return this.next();
  }

  name(): string {
    if (this.token.kind !== 'name' || KEYWORDS.has(this.token.text)) throw this.unexpected();
    return this.next().text;
  }

  unexpected(message?: string): PythonSyntaxError {
    const { kind } = this.token;
    if (kind === 'indent')
      return new PythonSyntaxError('unexpected indent', this.token, 'IndentationError');
    return new PythonSyntaxError(message ?? 'invalid syntax', this.token);
  }

  from(start: Span): Span {
    const { endLine, endColumn } = this.last;
    return { line: start.line, column: start.column, endLine, endColumn };
  }

  /** A target binds its names in the function around it. */
  bind(target: Expression): void {
    if (target.kind === 'Name') this.scope.locals.add(target.name);
    else if (target.kind === 'Tuple' || target.kind === 'List')
      for (const item of target.items) this.bind(item);
    else if (target.kind === 'Starred') this.bind(target.value);
    else if (target.kind !== 'Attribute' && target.kind !== 'Subscript')
      throw new PythonSyntaxError(`cannot assign to ${shown(target)}`, target.at);
  }
}

/** What Python calls an expression that is no target. */
function shown(target: Expression): string {
  switch (target.kind) {
    case 'Call':
      return "function call here. Maybe you meant '==' instead of '='?";
    case 'Constant':
      if (target.value === null) return 'None';
      if (typeof target.value === 'boolean') return target.value ? 'True' : 'False';
      return "literal here. Maybe you meant '==' instead of '='?";
    default:
      return "expression here. Maybe you meant '==' instead of '='?";
  }
}

export const KEYWORDS = new Set(
  'False None True and as assert async break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield await'.split(
    ' ',
  ),
);
