// The grammar of awk (POSIX, as mawk reads it) into a tree.

import { AwkSyntaxError, type Token, tokens } from './awk-lex.ts';

export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'regex'; readonly source: string }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'element'; readonly array: string; readonly index: readonly Expression[] }
  | { readonly kind: 'field'; readonly index: Expression }
  | {
      readonly kind: 'assign';
      readonly operator: string;
      readonly target: Expression;
      readonly value: Expression;
    }
  | {
      readonly kind: 'step';
      readonly amount: 1 | -1;
      readonly before: boolean;
      readonly target: Expression;
    }
  | { readonly kind: 'unary'; readonly operator: string; readonly value: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'match';
      readonly negated: boolean;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'choice';
      readonly test: Expression;
      readonly yes: Expression;
      readonly no: Expression;
    }
  | { readonly kind: 'in'; readonly index: readonly Expression[]; readonly array: string }
  | {
      readonly kind: 'builtin';
      readonly name: string;
      readonly args: readonly Expression[];
      readonly bare: boolean;
    }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly Expression[];
      readonly line: number;
    }
  | {
      readonly kind: 'getline';
      readonly from: 'main' | 'file' | 'command';
      readonly source: Expression | undefined;
      readonly target: Expression | undefined;
    }
  | { readonly kind: 'group'; readonly items: readonly Expression[] };

export type Statement =
  | { readonly kind: 'expression'; readonly value: Expression }
  | {
      readonly kind: 'print';
      readonly formatted: boolean;
      readonly args: readonly Expression[];
      readonly to: '>' | '>>' | '|' | undefined;
      readonly target: Expression | undefined;
    }
  | {
      readonly kind: 'if';
      readonly test: Expression;
      readonly yes: Statement;
      readonly no: Statement | undefined;
    }
  | {
      readonly kind: 'while';
      readonly test: Expression;
      readonly body: Statement;
      readonly first: boolean;
    }
  | {
      readonly kind: 'for';
      readonly start: Statement | undefined;
      readonly test: Expression | undefined;
      readonly step: Statement | undefined;
      readonly body: Statement;
    }
  | {
      readonly kind: 'each';
      readonly name: string;
      readonly array: string;
      readonly body: Statement;
    }
  | { readonly kind: 'block'; readonly body: readonly Statement[] }
  | { readonly kind: 'jump'; readonly what: 'next' | 'nextfile' | 'break' | 'continue' }
  | { readonly kind: 'exit'; readonly value: Expression | undefined }
  | { readonly kind: 'return'; readonly value: Expression | undefined }
  | {
      readonly kind: 'delete';
      readonly array: string;
      readonly index: readonly Expression[] | undefined;
    };

export interface Rule {
  readonly kind: 'begin' | 'end' | 'pattern';
  readonly from: Expression | undefined;
  readonly to: Expression | undefined;
  readonly body: Statement | undefined;
}

export interface AwkFunction {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly body: Statement;
}

export interface AwkProgram {
  readonly rules: readonly Rule[];
  readonly functions: ReadonlyMap<string, AwkFunction>;
}

/** Parses a program; throws AwkSyntaxError. */
export function parseAwk(source: string): AwkProgram {
  return new Parser(tokens(source)).program();
}

const COMPARISONS = ['<', '<=', '==', '!=', '>', '>='];
const ASSIGNMENTS = ['=', '+=', '-=', '*=', '/=', '%=', '^='];
const NON_VALUES = ['in', 'getline'];

class Parser {
  private readonly tokens: readonly Token[];
  private at = 0;
  /** In print's list a `>` redirects; in for's head `in` is not an operator. */
  private noGreater = false;
  private noIn = false;

  constructor(list: readonly Token[]) {
    this.tokens = list;
  }

  private get token(): Token {
    return this.tokens[this.at] ?? { kind: 'end', text: '', line: 0 };
  }
  private is(text: string): boolean {
    const { kind } = this.token;
    return (kind === 'operator' || kind === 'keyword') && this.token.text === text;
  }
  private accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.at++;
    return true;
  }
  private expect(text: string): void {
    if (!this.accept(text)) this.fail();
  }
  private fail(): never {
    const { kind, text, line } = this.token;
    if (kind === 'end') throw new AwkSyntaxError(`line ${line + 1}: missing } near end of file`);
    const shown = kind === 'newline' ? 'end of line' : text;
    throw new AwkSyntaxError(`line ${line}: syntax error at or near ${shown}`);
  }
  private newlines(): void {
    while (this.token.kind === 'newline') this.at++;
  }
  private separators(): void {
    while (this.token.kind === 'newline' || this.is(';')) this.at++;
  }

  program(): AwkProgram {
    const rules: Rule[] = [];
    const functions = new Map<string, AwkFunction>();
    for (this.separators(); this.token.kind !== 'end'; this.separators()) {
      if (this.accept('function') || this.accept('func')) {
        const made = this.functionDefinition();
        functions.set(made.name, made);
      } else rules.push(this.rule());
    }
    return { rules, functions };
  }

  private functionDefinition(): AwkFunction {
    const name = this.token.text;
    if (this.token.kind !== 'call' && this.token.kind !== 'name') this.fail();
    this.at++;
    this.expect('(');
    const parameters: string[] = [];
    while (!this.is(')')) {
      if (this.token.kind !== 'name') this.fail();
      parameters.push(this.token.text);
      this.at++;
      if (this.accept(',')) this.newlines();
      else break;
    }
    this.expect(')');
    this.newlines();
    return { name, parameters, body: this.block() };
  }

  private rule(): Rule {
    if (this.accept('BEGIN'))
      return { kind: 'begin', from: undefined, to: undefined, body: this.block() };
    if (this.accept('END'))
      return { kind: 'end', from: undefined, to: undefined, body: this.block() };
    let from: Expression | undefined;
    let to: Expression | undefined;
    if (!this.is('{')) {
      from = this.expression();
      if (this.accept(',')) {
        this.newlines();
        to = this.expression();
      }
    }
    return { kind: 'pattern', from, to, body: this.is('{') ? this.block() : undefined };
  }

  private block(): Statement {
    this.expect('{');
    const body: Statement[] = [];
    for (this.separators(); !this.is('}'); this.separators()) {
      if (this.token.kind === 'end')
        throw new AwkSyntaxError(`line ${this.token.line + 1}: missing } near end of file`);
      body.push(this.statement());
    }
    this.at++;
    return { kind: 'block', body };
  }

  private body(): Statement {
    this.newlines();
    if (this.accept(';')) return { kind: 'block', body: [] };
    return this.statement();
  }

  private ending(): void {
    if (this.is('}') || this.token.kind === 'end') return;
    if (this.token.kind === 'newline' || this.is(';')) this.at++;
    else this.fail();
  }

  private statement(): Statement {
    if (this.is('{')) return this.block();
    if (this.accept('if')) return this.ifStatement();
    if (this.accept('while')) {
      this.expect('(');
      const test = this.expression();
      this.expect(')');
      return { kind: 'while', test, body: this.body(), first: true };
    }
    if (this.accept('do')) {
      const body = this.body();
      this.separators();
      this.expect('while');
      this.expect('(');
      const test = this.expression();
      this.expect(')');
      this.ending();
      return { kind: 'while', test, body, first: false };
    }
    if (this.accept('for')) return this.forStatement();
    const made = this.simple();
    this.ending();
    return made;
  }

  private ifStatement(): Statement {
    this.expect('(');
    const test = this.expression();
    this.expect(')');
    const yes = this.body();
    const back = this.at;
    this.separators();
    if (this.accept('else')) return { kind: 'if', test, yes, no: this.body() };
    this.at = back;
    return { kind: 'if', test, yes, no: undefined };
  }

  private forStatement(): Statement {
    this.expect('(');
    const [name, word, array, close] = [0, 1, 2, 3].map((i) => this.tokens[this.at + i]);
    if (
      name?.kind === 'name' &&
      word?.text === 'in' &&
      array?.kind === 'name' &&
      close?.text === ')'
    ) {
      this.at += 4;
      return { kind: 'each', name: name.text, array: array.text, body: this.body() };
    }
    const start = this.is(';') ? undefined : this.simple();
    this.expect(';');
    this.newlines();
    const test = this.is(';') ? undefined : this.expression();
    this.expect(';');
    this.newlines();
    const step = this.is(')') ? undefined : this.simple();
    this.expect(')');
    return { kind: 'for', start, test, step, body: this.body() };
  }

  private simple(): Statement {
    for (const what of ['next', 'nextfile', 'break', 'continue'] as const) {
      if (this.accept(what)) return { kind: 'jump', what };
    }
    for (const kind of ['exit', 'return'] as const) {
      if (this.accept(kind))
        return { kind, value: this.statementEnds() ? undefined : this.expression() };
    }
    if (this.accept('delete')) {
      const array = this.token.text;
      if (this.token.kind !== 'name') this.fail();
      this.at++;
      if (!this.accept('[')) return { kind: 'delete', array, index: undefined };
      const index = this.list(']');
      return { kind: 'delete', array, index };
    }
    if (this.accept('print')) return this.print(false);
    if (this.accept('printf')) return this.print(true);
    return { kind: 'expression', value: this.expression() };
  }

  private statementEnds(): boolean {
    return (
      this.token.kind === 'newline' || this.token.kind === 'end' || this.is(';') || this.is('}')
    );
  }

  private list(close: string): Expression[] {
    const items: Expression[] = [];
    this.newlines();
    while (!this.is(close)) {
      items.push(this.expression());
      this.newlines();
      if (!this.accept(',')) break;
      this.newlines();
    }
    this.expect(close);
    return items;
  }

  private print(formatted: boolean): Statement {
    const before = this.noGreater;
    this.noGreater = true;
    let args: Expression[] = [];
    if (!this.statementEnds() && !this.is('>') && !this.is('>>') && !this.is('|')) {
      args.push(this.expression());
      while (this.accept(',')) {
        this.newlines();
        args.push(this.expression());
      }
      const [only] = args;
      if (args.length === 1 && only?.kind === 'group') args = [...only.items];
    }
    this.noGreater = before;
    for (const to of ['>', '>>', '|'] as const) {
      if (!this.accept(to)) continue;
      return { kind: 'print', formatted, args, to, target: this.concatenation(true) };
    }
    return { kind: 'print', formatted, args, to: undefined, target: undefined };
  }

  private expression(): Expression {
    const left = this.ternary();
    const operator = this.token.text;
    if (this.token.kind !== 'operator' || !ASSIGNMENTS.includes(operator)) return left;
    if (!['variable', 'element', 'field'].includes(left.kind)) this.fail();
    this.at++;
    this.newlines();
    return {
      kind: 'assign',
      operator: operator.slice(0, -1),
      target: left,
      value: this.expression(),
    };
  }

  private ternary(): Expression {
    const test = this.or();
    if (!this.accept('?')) return test;
    this.newlines();
    const yes = this.expression();
    this.newlines();
    this.expect(':');
    this.newlines();
    return { kind: 'choice', test, yes, no: this.expression() };
  }

  private or(): Expression {
    let left = this.and();
    while (this.accept('||')) {
      this.newlines();
      left = { kind: 'binary', operator: '||', left, right: this.and() };
    }
    return left;
  }

  private and(): Expression {
    let left = this.membership();
    while (this.accept('&&')) {
      this.newlines();
      left = { kind: 'binary', operator: '&&', left, right: this.membership() };
    }
    return left;
  }

  private membership(): Expression {
    let left = this.matching();
    while (!this.noIn && this.accept('in')) {
      const array = this.token.text;
      if (this.token.kind !== 'name') this.fail();
      this.at++;
      left = { kind: 'in', index: left.kind === 'group' ? left.items : [left], array };
    }
    return left;
  }

  private matching(): Expression {
    let left = this.comparison();
    for (;;) {
      const negated = this.is('!~');
      if (!this.accept('~') && !this.accept('!~')) return left;
      left = { kind: 'match', negated, left, right: this.comparison() };
    }
  }

  private comparison(): Expression {
    const left = this.concatenation(false);
    const { text, kind } = this.token;
    if (kind === 'operator' && COMPARISONS.includes(text) && !(text === '>' && this.noGreater)) {
      this.at++;
      return { kind: 'binary', operator: text, left, right: this.concatenation(false) };
    }
    return left;
  }

  private concatenation(target: boolean): Expression {
    let left = this.sum();
    for (;;) {
      if (!target && this.is('|') && this.tokens[this.at + 1]?.text === 'getline') {
        this.at += 2;
        left = { kind: 'getline', from: 'command', source: left, target: this.getlineTarget() };
        continue;
      }
      if (!this.valueStarts()) return left;
      left = { kind: 'binary', operator: ' ', left, right: this.sum() };
    }
  }

  /** True where another value follows, so that the two are joined. */
  private valueStarts(): boolean {
    const { kind, text } = this.token;
    if (kind === 'keyword') return false;
    if (kind === 'operator')
      return ['$', '!', '(', '-', '+', '++', '--'].includes(text) && !['-', '+'].includes(text);
    return (
      ['number', 'string', 'regex', 'name', 'call', 'builtin'].includes(kind) &&
      !NON_VALUES.includes(text)
    );
  }

  private sum(): Expression {
    let left = this.product();
    for (;;) {
      const operator = this.token.text;
      if (!this.is('+') && !this.is('-')) return left;
      this.at++;
      left = { kind: 'binary', operator, left, right: this.product() };
    }
  }

  private product(): Expression {
    let left = this.unary();
    for (;;) {
      const operator = this.token.text;
      if (!this.is('*') && !this.is('/') && !this.is('%')) return left;
      this.at++;
      left = { kind: 'binary', operator, left, right: this.unary() };
    }
  }

  private unary(): Expression {
    for (const operator of ['!', '-', '+']) {
      if (this.accept(operator)) return { kind: 'unary', operator, value: this.unary() };
    }
    return this.power();
  }

  private power(): Expression {
    const left = this.postfix();
    if (!this.accept('^')) return left;
    const right = this.is('-') || this.is('+') || this.is('!') ? this.unary() : this.power();
    return { kind: 'binary', operator: '^', left, right };
  }

  private postfix(): Expression {
    const value = this.primary();
    if (!['variable', 'element', 'field'].includes(value.kind)) return value;
    if (this.accept('++')) return { kind: 'step', amount: 1, before: false, target: value };
    if (this.accept('--')) return { kind: 'step', amount: -1, before: false, target: value };
    return value;
  }

  private primary(): Expression {
    const { kind, text, line } = this.token;
    if (this.accept('++') || this.accept('--')) {
      return { kind: 'step', amount: text === '++' ? 1 : -1, before: true, target: this.primary() };
    }
    if (this.accept('$')) {
      const index = this.is('++') || this.is('--') || this.is('-') ? this.unary() : this.primary();
      return { kind: 'field', index };
    }
    if (this.accept('(')) return this.grouping();
    if (this.accept('getline')) {
      const target = this.getlineTarget();
      if (!this.accept('<')) return { kind: 'getline', from: 'main', source: undefined, target };
      return { kind: 'getline', from: 'file', source: this.primary(), target };
    }
    this.at++;
    switch (kind) {
      case 'number':
        return { kind, value: Number(text) };
      case 'string':
        return { kind, value: text };
      case 'regex':
        return { kind, source: text };
      case 'builtin': {
        if (!this.accept('(')) {
          if (text !== 'length') this.fail();
          return { kind, name: text, args: [], bare: true };
        }
        return { kind, name: text, args: this.arguments(), bare: false };
      }
      case 'call':
        this.expect('(');
        return { kind, name: text, args: this.arguments(), line };
      case 'name':
        if (this.accept('[')) return { kind: 'element', array: text, index: this.arguments(']') };
        return { kind: 'variable', name: text };
      default:
        this.at--;
        return this.fail();
    }
  }

  private arguments(close = ')'): Expression[] {
    const [greater, within] = [this.noGreater, this.noIn];
    this.noGreater = false;
    this.noIn = false;
    const items = this.list(close);
    this.noGreater = greater;
    this.noIn = within;
    return items;
  }

  private grouping(): Expression {
    const items = this.arguments();
    return { kind: 'group', items };
  }

  private getlineTarget(): Expression | undefined {
    if (this.token.kind === 'name' || this.is('$')) return this.primary();
    return undefined;
  }
}
