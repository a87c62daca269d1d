// The parser's hold on its tokens, and expressions by precedence.

import { type Expression, type Item, Refused, type Select } from './syntax.ts';
import { type Dialect, type Token, tokens } from './tokens.ts';

/** Words that end a table's or a column's alias. */
const RESERVED = new Set(
  'select from where group having order limit offset join inner left right full cross on using union values set as and or not in is like between case when then else end asc desc into returning for natural for'.split(
    ' ',
  ),
);

const COMPARISONS = ['=', '<>', '!=', '<', '>', '<=', '>=', '<=>', '~', '~*', '!~'];

export class Parser {
  readonly dialect: Dialect;
  readonly text: string;
  private readonly list: readonly Token[];
  private index = 0;
  /** Parses a query where an expression holds one; set by the statements' file. */
  readonly query: (parser: Parser) => Select;

  constructor(text: string, dialect: Dialect, query: (parser: Parser) => Select) {
    this.text = text;
    this.dialect = dialect;
    this.list = tokens(text, dialect);
    this.query = query;
  }

  get token(): Token {
    return this.list[this.index] ?? { kind: 'end', text: '', at: this.text.length };
  }

  ahead(count = 1): Token {
    return this.list[this.index + count] ?? { kind: 'end', text: '', at: this.text.length };
  }

  next(): Token {
    const { token } = this;
    this.index++;
    return token;
  }

  fail(): never {
    throw new Refused('syntax', [this.text.slice(this.token.at)], this.token.at);
  }

  missing(what: string): never {
    throw new Refused('not simulated', [what]);
  }

  /** True where the next words are these; they are taken. */
  take(...words: readonly string[]): boolean {
    if (!this.sees(...words)) return false;
    this.index += words.length;
    return true;
  }

  sees(...words: readonly string[]): boolean {
    return words.every((word, i) => {
      const { kind, text } = this.ahead(i);
      return (kind === 'word' || kind === 'operator') && text.toLowerCase() === word;
    });
  }

  need(...words: readonly string[]): void {
    if (!this.take(...words)) this.fail();
  }

  /** An identifier; unquoted ones fold to lower case in PostgreSQL. */
  name(): string {
    const { kind, text } = this.token;
    if (kind === 'name') return this.next().text;
    if (kind !== 'word') this.fail();
    this.next();
    return this.dialect === 'postgres' ? text.toLowerCase() : text;
  }

  names(): string[] {
    const out: string[] = [];
    this.need('(');
    do {
      out.push(this.name());
      if (this.take('(')) {
        this.next();
        this.need(')');
      }
      if (!this.take('asc')) this.take('desc');
    } while (this.take(','));
    this.need(')');
    return out;
  }

  string(): string {
    if (this.token.kind !== 'string') this.fail();
    return this.next().text;
  }

  alias(): string | undefined {
    if (this.take('as')) return this.token.kind === 'string' ? this.next().text : this.name();
    const { kind, text } = this.token;
    const free = kind === 'name' || (kind === 'word' && !RESERVED.has(text.toLowerCase()));
    return free ? this.name() : undefined;
  }

  items(): Item[] {
    const out: Item[] = [];
    do {
      if (this.take('*')) {
        out.push({ expression: undefined, table: undefined, label: '*', aliased: false });
        continue;
      }
      if (this.ahead().text === '.' && this.ahead(2).text === '*') {
        const table = this.name();
        this.need('.');
        this.need('*');
        out.push({ expression: undefined, table, label: '*', aliased: false });
        continue;
      }
      const start = this.token.at;
      const expression = this.expression();
      const written = this.text.slice(start, this.list[this.index - 1]?.at ?? start);
      const last = this.list[this.index - 1];
      const whole = this.text.slice(start, this.token.at).trim();
      const alias = this.alias();
      const label = alias ?? (last ? whole : written);
      out.push({ expression, table: undefined, label, aliased: alias !== undefined });
    } while (this.take(','));
    return out;
  }

  expression(): Expression {
    let left = this.conjunction();
    while (this.take('or') || (this.dialect === 'mysql' && this.take('||')))
      left = { k: 'binary', op: 'or', left, right: this.conjunction() };
    return left;
  }

  private conjunction(): Expression {
    let left = this.negation();
    while (this.take('and')) left = { k: 'binary', op: 'and', left, right: this.negation() };
    return left;
  }

  private negation(): Expression {
    return this.take('not') ? { k: 'unary', op: 'not', of: this.negation() } : this.comparison();
  }

  private comparison(): Expression {
    let left = this.sum();
    for (;;) {
      const op = this.token.kind === 'operator' ? this.token.text : '';
      if (COMPARISONS.includes(op)) {
        this.next();
        left = { k: 'binary', op, left, right: this.sum() };
        continue;
      }
      if (this.take('is')) {
        const not = this.take('not');
        if (this.take('null')) left = { k: 'is null', of: left, not };
        else {
          const value = this.take('true') ? true : (this.need('false'), false);
          left = { k: 'binary', op: not ? '<>' : '=', left, right: { k: 'value', value } };
        }
        continue;
      }
      const not = this.sees('not') && /^(in|like|ilike|between)$/i.test(this.ahead().text);
      if (not) this.next();
      if (this.take('in')) left = this.membership(left, not);
      else if (this.sees('like') || this.sees('ilike')) {
        const anyCase = this.next().text.toLowerCase() === 'ilike' || this.dialect === 'mysql';
        left = { k: 'like', of: left, pattern: this.sum(), not, anyCase };
      } else if (this.take('between')) {
        const low = this.sum();
        this.need('and');
        left = { k: 'between', of: left, low, high: this.sum(), not };
      } else return left;
    }
  }

  private membership(of: Expression, not: boolean): Expression {
    this.need('(');
    if (this.sees('select')) {
      const list = this.query(this);
      this.need(')');
      return { k: 'in', of, list, not };
    }
    const list = this.list_();
    return { k: 'in', of, list, not };
  }

  /** Expressions up to a closing parenthesis, which is taken. */
  private list_(): Expression[] {
    const out: Expression[] = [];
    if (this.take(')')) return out;
    do out.push(this.expression());
    while (this.take(','));
    this.need(')');
    return out;
  }

  private sum(): Expression {
    let left = this.product();
    for (;;) {
      const { text, kind } = this.token;
      const joins = text === '||' && this.dialect === 'postgres';
      if (kind !== 'operator' || !(text === '+' || text === '-' || joins)) return left;
      this.next();
      left = { k: 'binary', op: text, left, right: this.product() };
    }
  }

  private product(): Expression {
    let left = this.factor();
    for (;;) {
      const { text, kind } = this.token;
      const word = kind === 'word' && /^(div|mod)$/i.test(text);
      if (!word && !(kind === 'operator' && ['*', '/', '%'].includes(text))) return left;
      this.next();
      left = { k: 'binary', op: text.toLowerCase(), left, right: this.factor() };
    }
  }

  private factor(): Expression {
    if (this.take('-')) return { k: 'unary', op: '-', of: this.factor() };
    if (this.take('+')) return this.factor();
    let of = this.primary();
    while (this.take('::')) of = { k: 'cast', of, type: this.typeName() };
    return of;
  }

  /** A type as written, in lower case, with its length. */
  typeName(): string {
    let type = this.name().toLowerCase();
    if (type === 'double') this.take('precision');
    if (type === 'character' && this.take('varying')) type = 'varchar';
    if (this.take('(')) {
      const words: string[] = [];
      while (!this.take(')')) {
        if (this.token.kind === 'end') this.fail();
        const { kind, text } = this.next();
        words.push(kind === 'string' ? `'${text}'` : text);
      }
      type += `(${words.join('')})`;
    }
    if (this.take('with', 'time', 'zone')) type = `${type}tz`;
    else this.take('without', 'time', 'zone');
    if (this.take('unsigned')) type += ' unsigned';
    return type;
  }

  private primary(): Expression {
    const { kind, text } = this.token;
    if (kind === 'number') return { k: 'value', value: Number(this.next().text) };
    if (kind === 'string') return { k: 'value', value: this.next().text };
    if (this.take('(')) {
      if (this.sees('select')) {
        const query = this.query(this);
        this.need(')');
        return { k: 'subquery', query };
      }
      const inner = this.expression();
      this.need(')');
      return inner;
    }
    if (text === '@') {
      while (this.take('@'));
      let name = this.name();
      while (this.take('.')) name = this.name();
      return { k: 'variable', name: name.toLowerCase() };
    }
    if (kind !== 'word' && kind !== 'name') this.fail();
    return this.word();
  }

  private word(): Expression {
    if (this.token.kind === 'word') {
      if (this.take('null')) return { k: 'value', value: null };
      if (this.take('true')) return { k: 'value', value: true };
      if (this.take('false')) return { k: 'value', value: false };
      if (this.take('case')) return this.cases();
      if (this.take('exists')) {
        this.need('(');
        const query = this.query(this);
        this.need(')');
        return { k: 'exists', query };
      }
      if (this.take('cast')) {
        this.need('(');
        const of = this.expression();
        this.need('as');
        const type = this.typeName();
        this.need(')');
        return { k: 'cast', of, type };
      }
      if (this.take('interval')) this.missing('INTERVAL');
      if (RESERVED.has(this.token.text.toLowerCase())) this.fail();
    }
    const first = this.name();
    if (this.take('(')) return this.call(first.toLowerCase());
    if (/^current_(timestamp|date|user|time)$/i.test(first) || /^(localtimestamp)$/i.test(first))
      return { k: 'call', name: first.toLowerCase(), args: [], star: false, distinct: false };
    if (!this.take('.')) return { k: 'column', table: undefined, name: first };
    const second = this.name();
    if (this.take('(')) return this.call(second.toLowerCase());
    if (!this.take('.')) return { k: 'column', table: first, name: second };
    return { k: 'column', table: second, name: this.name() };
  }

  private call(name: string): Expression {
    if (this.take('*')) {
      this.need(')');
      return { k: 'call', name, args: [], star: true, distinct: false };
    }
    const distinct = this.take('distinct');
    return { k: 'call', name, args: this.list_(), star: false, distinct };
  }

  private cases(): Expression {
    const of = this.sees('when') ? undefined : this.expression();
    const whens: [Expression, Expression][] = [];
    while (this.take('when')) {
      const when = this.expression();
      this.need('then');
      whens.push([when, this.expression()]);
    }
    const otherwise = this.take('else') ? this.expression() : undefined;
    this.need('end');
    return { k: 'case', of, whens, otherwise };
  }
}
