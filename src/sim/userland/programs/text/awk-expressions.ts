// The expressions of awk's grammar, from assignments down to values (POSIX, as mawk reads them), and the tokens under them.

import { AwkSyntaxError, type Token } from './awk-lex.ts';
import type { Expression } from './awk-syntax.ts';

const COMPARISONS = ['<', '<=', '==', '!=', '>', '>='];
const ASSIGNMENTS = ['=', '+=', '-=', '*=', '/=', '%=', '^='];
const NON_VALUES = ['in', 'getline'];

/** Reads expressions; statements are read by what extends it. */
export class ExpressionParser {
  protected readonly tokens: readonly Token[];
  protected at = 0;
  /** In print's list a `>` redirects; in for's head `in` is not an operator. */
  protected noGreater = false;
  protected noIn = false;
  /** The functions that are called, in the order of the calls. */
  protected readonly called: string[] = [];

  constructor(list: readonly Token[]) {
    this.tokens = list;
  }

  protected get token(): Token {
    return this.tokens[this.at] ?? { kind: 'end', text: '', line: 0 };
  }
  protected is(text: string): boolean {
    const { kind } = this.token;
    return (kind === 'operator' || kind === 'keyword') && this.token.text === text;
  }
  protected accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.at++;
    return true;
  }
  protected expect(text: string): void {
    if (!this.accept(text)) this.fail();
  }
  protected fail(): never {
    const { kind, text, line } = this.token;
    if (kind === 'end') throw new AwkSyntaxError(`line ${line + 1}: missing } near end of file`);
    const shown = kind === 'newline' ? 'end of line' : text;
    throw new AwkSyntaxError(`line ${line}: syntax error at or near ${shown}`);
  }
  protected newlines(): void {
    while (this.token.kind === 'newline') this.at++;
  }
  protected separators(): void {
    while (this.token.kind === 'newline' || this.is(';')) this.at++;
  }

  protected list(close: string): Expression[] {
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

  protected expression(): Expression {
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

  protected ternary(): Expression {
    const test = this.or();
    if (!this.accept('?')) return test;
    this.newlines();
    const yes = this.expression();
    this.newlines();
    this.expect(':');
    this.newlines();
    return { kind: 'choice', test, yes, no: this.expression() };
  }

  protected or(): Expression {
    let left = this.and();
    while (this.accept('||')) {
      this.newlines();
      left = { kind: 'binary', operator: '||', left, right: this.and() };
    }
    return left;
  }

  protected and(): Expression {
    let left = this.membership();
    while (this.accept('&&')) {
      this.newlines();
      left = { kind: 'binary', operator: '&&', left, right: this.membership() };
    }
    return left;
  }

  protected membership(): Expression {
    let left = this.matching();
    while (!this.noIn && this.accept('in')) {
      const array = this.token.text;
      if (this.token.kind !== 'name') this.fail();
      this.at++;
      left = { kind: 'in', index: left.kind === 'group' ? left.items : [left], array };
    }
    return left;
  }

  protected matching(): Expression {
    let left = this.comparison();
    for (;;) {
      const negated = this.is('!~');
      if (!this.accept('~') && !this.accept('!~')) return left;
      left = { kind: 'match', negated, left, right: this.comparison() };
    }
  }

  protected comparison(): Expression {
    const left = this.concatenation(false);
    const { text, kind } = this.token;
    if (kind === 'operator' && COMPARISONS.includes(text) && !(text === '>' && this.noGreater)) {
      this.at++;
      return { kind: 'binary', operator: text, left, right: this.concatenation(false) };
    }
    return left;
  }

  protected concatenation(target: boolean): Expression {
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
  protected valueStarts(): boolean {
    const { kind, text } = this.token;
    if (kind === 'keyword') return false;
    if (kind === 'operator')
      return ['$', '!', '(', '-', '+', '++', '--'].includes(text) && !['-', '+'].includes(text);
    return (
      ['number', 'string', 'regex', 'name', 'call', 'builtin'].includes(kind) &&
      !NON_VALUES.includes(text)
    );
  }

  protected sum(): Expression {
    let left = this.product();
    for (;;) {
      const operator = this.token.text;
      if (!this.is('+') && !this.is('-')) return left;
      this.at++;
      left = { kind: 'binary', operator, left, right: this.product() };
    }
  }

  protected product(): Expression {
    let left = this.unary();
    for (;;) {
      const operator = this.token.text;
      if (!this.is('*') && !this.is('/') && !this.is('%')) return left;
      this.at++;
      left = { kind: 'binary', operator, left, right: this.unary() };
    }
  }

  protected unary(): Expression {
    for (const operator of ['!', '-', '+']) {
      if (this.accept(operator)) return { kind: 'unary', operator, value: this.unary() };
    }
    return this.power();
  }

  protected power(): Expression {
    const left = this.postfix();
    if (!this.accept('^')) return left;
    const right = this.is('-') || this.is('+') || this.is('!') ? this.unary() : this.power();
    return { kind: 'binary', operator: '^', left, right };
  }

  protected postfix(): Expression {
    const value = this.primary();
    if (!['variable', 'element', 'field'].includes(value.kind)) return value;
    if (this.accept('++')) return { kind: 'step', amount: 1, before: false, target: value };
    if (this.accept('--')) return { kind: 'step', amount: -1, before: false, target: value };
    return value;
  }

  protected primary(): Expression {
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
        this.called.push(text);
        return { kind, name: text, args: this.arguments(), line };
      case 'name':
        if (this.accept('[')) return { kind: 'element', array: text, index: this.arguments(']') };
        return { kind: 'variable', name: text };
      default:
        this.at--;
        return this.fail();
    }
  }

  protected arguments(close = ')'): Expression[] {
    const [greater, within] = [this.noGreater, this.noIn];
    this.noGreater = false;
    this.noIn = false;
    const items = this.list(close);
    this.noGreater = greater;
    this.noIn = within;
    return items;
  }

  protected grouping(): Expression {
    const items = this.arguments();
    return { kind: 'group', items };
  }

  protected getlineTarget(): Expression | undefined {
    if (this.token.kind === 'name' || this.is('$')) return this.primary();
    return undefined;
  }
}
