// The grammar of arithmetic (bash(1), ARITHMETIC EVALUATION): C's operators by precedence, on
// 64-bit integers.

import { ExpansionFailure } from './failure.ts';

/** An integer: a number where it is safe, else a bigint. */
export type Integer = number | bigint;

export type Expression =
  | { readonly kind: 'number'; readonly value: Integer }
  | { readonly kind: 'name'; readonly name: string; readonly index: string | undefined }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
      /** From the right operand on, for "division by 0". */
      readonly tail: string;
    }
  | {
      readonly kind: 'logical';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'ternary';
      readonly test: Expression;
      readonly yes: Expression;
      readonly no: Expression;
    }
  | {
      readonly kind: 'assign';
      readonly operator: string;
      readonly target: Expression;
      readonly value: Expression;
      readonly tail: string;
    }
  | {
      readonly kind: 'step';
      readonly delta: 1 | -1;
      readonly prefix: boolean;
      readonly target: Expression;
    };

const BINARY: Readonly<Record<string, number>> = {
  '||': 3,
  '&&': 4,
  '|': 5,
  '^': 6,
  '&': 7,
  '==': 8,
  '!=': 8,
  '<': 9,
  '>': 9,
  '<=': 9,
  '>=': 9,
  '<<': 10,
  '>>': 10,
  '+': 11,
  '-': 11,
  '*': 12,
  '/': 12,
  '%': 12,
  '**': 13,
};
const ASSIGNMENTS = new Set(['=', '+=', '-=', '*=', '/=', '%=', '<<=', '>>=', '&=', '^=', '|=']);
const TOKEN =
  /\s*(\d+#[0-9A-Za-z@_]*|0[xX][0-9a-fA-F]*|\d\w*|[A-Za-z_]\w*|<<=|>>=|\*\*|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&^|]=|[-+*/%&^|<>=!~?:(),[\]])/y;

/** Parses an expression; throws what bash says about a wrong one. */
export function parseArithmetic(text: string): Expression {
  return new Parser(text).whole();
}

class Parser {
  private readonly text: string;
  private token = '';
  /** Where the current token begins, and where the one before it did. */
  private start = 0;
  private before = 0;
  private at = 0;

  constructor(text: string) {
    this.text = text;
    this.advance();
  }

  whole(): Expression {
    if (this.is('')) return { kind: 'number', value: 0 };
    const expression = this.comma();
    if (!this.is('')) this.fail('syntax error in expression', this.start);
    return expression;
  }

  private is(token: string): boolean {
    return this.token === token;
  }

  private advance(): void {
    this.before = this.start;
    TOKEN.lastIndex = this.at;
    const match = TOKEN.exec(this.text);
    if (!match) {
      const rest = this.text.slice(this.at);
      this.start = this.at + (rest.length - rest.trimStart().length);
      this.token = '';
      if (rest.trim() !== '') this.fail('syntax error: invalid arithmetic operator', this.start);
      return;
    }
    this.token = match[1] ?? '';
    this.start = TOKEN.lastIndex - this.token.length;
    this.at = TOKEN.lastIndex;
  }

  private fail(message: string, from: number): never {
    throw arithmeticError(this.text, message, this.text.slice(from));
  }

  private comma(): Expression {
    let left = this.assignment();
    while (this.is(',')) {
      this.advance();
      const right = this.assignment();
      left = { kind: 'binary', operator: ',', left, right, tail: '' };
    }
    return left;
  }

  private assignment(): Expression {
    const left = this.ternary();
    if (!ASSIGNMENTS.has(this.token)) return left;
    const from = this.start;
    if (left.kind !== 'name') this.fail('attempted assignment to non-variable', from);
    const operator = this.token.slice(0, -1);
    this.advance();
    const tail = this.text.slice(this.start);
    return { kind: 'assign', operator, target: left, value: this.assignment(), tail };
  }

  private ternary(): Expression {
    const test = this.binary(3);
    if (!this.is('?')) return test;
    this.advance();
    if (this.is(':') || this.is('')) this.fail('expression expected', this.start);
    const yes = this.comma();
    if (!this.is(':')) this.fail("`:' expected for conditional expression", this.before);
    this.advance();
    if (this.is('')) this.fail('expression expected', this.start);
    return { kind: 'ternary', test, yes, no: this.assignment() };
  }

  private binary(lowest: number): Expression {
    let left = this.unary();
    for (;;) {
      const operator = this.token;
      const level = BINARY[operator];
      if (level === undefined || level < lowest) return left;
      this.advance();
      const from = this.start;
      const right = this.binary(operator === '**' ? level : level + 1);
      const last = operator === '**' && right.kind === 'unary' ? from + 1 : from;
      const tail = this.text.slice(last);
      left =
        level <= 4
          ? { kind: 'logical', operator, left, right }
          : { kind: 'binary', operator, left, right, tail };
    }
  }

  private unary(): Expression {
    const { token } = this;
    if (token === '!' || token === '~' || token === '-' || token === '+') {
      this.advance();
      return { kind: 'unary', operator: token, operand: this.unary() };
    }
    if (token === '++' || token === '--') {
      this.advance();
      const target = this.unary();
      if (target.kind !== 'name') {
        const operand: Expression = { kind: 'unary', operator: token.charAt(0), operand: target };
        return { kind: 'unary', operator: token.charAt(0), operand };
      }
      return { kind: 'step', delta: token === '++' ? 1 : -1, prefix: true, target };
    }
    return this.postfix();
  }

  private postfix(): Expression {
    const operand = this.primary();
    if ((this.is('++') || this.is('--')) && operand.kind === 'name') {
      const delta = this.is('++') ? 1 : -1;
      this.advance();
      return { kind: 'step', delta, prefix: false, target: operand };
    }
    return operand;
  }

  private primary(): Expression {
    const { token } = this;
    if (token === '(') {
      this.advance();
      const inside = this.comma();
      if (!this.is(')')) this.fail("missing `)'", this.is('') ? this.before : this.start);
      this.advance();
      return inside;
    }
    if (/^\d/.test(token)) {
      const value = this.number(token);
      this.advance();
      return { kind: 'number', value };
    }
    if (/^[A-Za-z_]/.test(token)) return this.name(token);
    this.fail('syntax error: operand expected', token === '' ? this.before : this.start);
  }

  private name(name: string): Expression {
    let index: string | undefined;
    if (this.text[this.at] === '[') {
      let depth = 0;
      let end = this.at;
      for (; end < this.text.length; end++) {
        if (this.text[end] === '[') depth++;
        else if (this.text[end] === ']' && --depth === 0) break;
      }
      if (end >= this.text.length) this.fail('bad array subscript', this.start);
      index = this.text.slice(this.at + 1, end);
      this.at = end + 1;
    }
    this.advance();
    return { kind: 'name', name, index };
  }

  private number(token: string): Integer {
    const based = /^(\d+)#(.*)$/.exec(token);
    if (based) return this.inBase(Number(based[1]), based[2] ?? '');
    if (/^0[xX]/.test(token)) return normal(BigInt(token.length > 2 ? token : 0));
    if (/^0/.test(token)) {
      if (!/^[0-7]+$/.test(token)) this.fail('value too great for base', this.start);
      return normal(BigInt(`0o${token.slice(1) || '0'}`));
    }
    if (!/^\d+$/.test(token)) this.fail('value too great for base', this.start);
    return token.length < 16 ? Number(token) : normal(BigInt(token));
  }

  private inBase(base: number, digits: string): Integer {
    if (base < 2 || base > 64) this.fail('invalid arithmetic base', this.start);
    if (digits === '') this.fail('invalid integer constant', this.start);
    let value = 0n;
    for (const digit of digits) {
      const worth = digitValue(digit, base);
      if (worth >= base) this.fail('value too great for base', this.start);
      value = value * BigInt(base) + BigInt(worth);
    }
    return normal(value);
  }
}

function digitValue(digit: string, base: number): number {
  if (/\d/.test(digit)) return Number(digit);
  if (digit === '@') return 62;
  if (digit === '_') return 63;
  const letter = digit.toLowerCase().charCodeAt(0) - 87;
  return base > 36 && digit >= 'A' && digit <= 'Z' ? letter + 26 : letter;
}

/** Wraps to 64 bits, and gives a number back where it is safe. */
export function normal(value: bigint): Integer {
  const wrapped = BigInt.asIntN(64, value);
  return wrapped >= BigInt(Number.MIN_SAFE_INTEGER) && wrapped <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(wrapped)
    : wrapped;
}

/** bash's message about an expression. */
export function arithmeticError(text: string, message: string, token: string): ExpansionFailure {
  return new ExpansionFailure(
    `${text.trimStart()}: ${message} (error token is "${token}")`,
    'line',
  );
}
