// The grammar of CEL: an expression as a tree. Macros (has, all, exists, …) are calls here; evaluation knows them.

import { type SyntaxProblem, type Token, tokensOf } from './tokens.ts';
import type { Value } from './values.ts';

export type Expression =
  | { readonly kind: 'literal'; readonly value: Value; readonly at: number }
  | { readonly kind: 'name'; readonly name: string; readonly at: number }
  | {
      readonly kind: 'select';
      readonly of: Expression;
      readonly field: string;
      readonly optional: boolean;
      readonly at: number;
    }
  | {
      readonly kind: 'index';
      readonly of: Expression;
      readonly index: Expression;
      readonly optional: boolean;
      readonly at: number;
    }
  | {
      readonly kind: 'call';
      readonly target: Expression | undefined;
      readonly name: string;
      readonly args: readonly Expression[];
      readonly at: number;
    }
  | { readonly kind: 'list'; readonly items: readonly Expression[]; readonly at: number }
  | {
      readonly kind: 'map';
      readonly entries: readonly (readonly [Expression, Expression])[];
      readonly at: number;
    };

/** What antlr expects where an operand is missing. */
const OPERAND =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

/** Binary operators by how tightly they bind, loosest first. */
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['<', '<=', '>=', '>', '==', '!=', 'in'],
  ['+', '-'],
  ['*', '/', '%'],
];

class Wrong extends Error {
  readonly problem: SyntaxProblem;
  constructor(at: number, problem: string) {
    super(problem);
    this.problem = { at, problem };
  }
}

/** Parses an expression; what is wrong with it where it is none. */
export function parseExpression(source: string): Expression | SyntaxProblem {
  const tokens = tokensOf(source);
  if ('problem' in tokens) return tokens;
  try {
    return new Parser(tokens).whole();
  } catch (error) {
    if (error instanceof Wrong) return error.problem;
    throw error;
  }
}

class Parser {
  private next = 0;
  private readonly tokens: readonly Token[];

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  private get token(): Token {
    return this.tokens[this.next] as Token;
  }

  private take(): Token {
    const { token } = this;
    if (token.kind !== 'end') this.next++;
    return token;
  }

  private is(text: string): boolean {
    const { kind, text: found } = this.token;
    return found === text && (kind === 'sign' || kind === 'name');
  }

  private eat(text: string): boolean {
    if (!this.is(text)) return false;
    this.take();
    return true;
  }

  private need(text: string): void {
    if (this.eat(text)) return;
    const { text: found, at } = this.token;
    throw new Wrong(at, `Syntax error: missing '${text}' at '${found}'`);
  }

  whole(): Expression {
    const found = this.expression();
    const { kind, text, at } = this.token;
    if (kind === 'end') return found;
    throw new Wrong(at, `Syntax error: extraneous input '${text}' expecting <EOF>`);
  }

  private expression(): Expression {
    const condition = this.binary(0);
    const { at } = this.token;
    if (!this.eat('?')) return condition;
    const yes = this.binary(0);
    this.need(':');
    const no = this.expression();
    return { kind: 'call', target: undefined, name: '_?_:_', args: [condition, yes, no], at };
  }

  private binary(level: number): Expression {
    const operators = LEVELS[level];
    if (!operators) return this.unary();
    let left = this.binary(level + 1);
    for (;;) {
      const { kind, text, at } = this.token;
      const fits = (kind === 'sign' || text === 'in') && operators.includes(text);
      if (!fits) return left;
      this.take();
      const right = this.binary(level + 1);
      left = { kind: 'call', target: undefined, name: `_${text}_`, args: [left, right], at };
    }
  }

  private unary(): Expression {
    const { at } = this.token;
    if (this.eat('!')) {
      return { kind: 'call', target: undefined, name: '!_', args: [this.unary()], at };
    }
    if (this.eat('-')) {
      return { kind: 'call', target: undefined, name: '-_', args: [this.unary()], at };
    }
    return this.member();
  }

  private member(): Expression {
    let of = this.primary();
    for (;;) {
      const { at } = this.token;
      if (this.is('.') || this.is('.?')) {
        const optional = this.take().text === '.?';
        const name = this.take();
        if (name.kind !== 'name') {
          const why = `Syntax error: no viable alternative at input '.${name.kind === 'end' ? '' : name.text}'`;
          throw new Wrong(name.at, why);
        }
        of = this.is('(')
          ? { kind: 'call', target: of, name: name.text, args: this.arguments(), at }
          : { kind: 'select', of, field: name.text, optional, at };
      } else if (this.is('[') || this.is('[?')) {
        const optional = this.take().text === '[?';
        const index = this.expression();
        this.need(']');
        of = { kind: 'index', of, index, optional, at };
      } else {
        return of;
      }
    }
  }

  private arguments(): Expression[] {
    this.need('(');
    return this.until(')');
  }

  private until(end: string): Expression[] {
    const items: Expression[] = [];
    while (!this.eat(end)) {
      if (items.length > 0) this.need(',');
      if (this.eat(end)) break;
      items.push(this.expression());
    }
    return items;
  }

  private primary(): Expression {
    const { kind, text, at } = this.take();
    const literal = (value: Value): Expression => ({ kind: 'literal', value, at });
    switch (kind) {
      case 'int':
      case 'uint':
        return literal(BigInt(text));
      case 'double':
        return literal(Number(text));
      case 'string':
      case 'bytes':
        return literal(text);
      case 'name':
        if (text === 'true' || text === 'false') return literal(text === 'true');
        if (text === 'null') return literal(null);
        return this.is('(')
          ? { kind: 'call', target: undefined, name: text, args: this.arguments(), at }
          : { kind: 'name', name: text, at };
    }
    if (text === '.') return this.primary();
    if (text === '(') {
      const inner = this.expression();
      this.need(')');
      return inner;
    }
    if (text === '[') return { kind: 'list', items: this.until(']'), at };
    if (text === '{') return { kind: 'map', entries: this.entries(), at };
    throw new Wrong(at, `Syntax error: mismatched input '${text}' expecting ${OPERAND}`);
  }

  private entries(): [Expression, Expression][] {
    const entries: [Expression, Expression][] = [];
    while (!this.eat('}')) {
      if (entries.length > 0) this.need(',');
      if (this.eat('}')) break;
      const key = this.expression();
      this.need(':');
      entries.push([key, this.expression()]);
    }
    return entries;
  }
}
