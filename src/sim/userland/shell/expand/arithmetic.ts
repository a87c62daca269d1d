// Evaluating arithmetic: names stand for the value of variables, which are expressions themselves.

import {
  arithmeticError,
  type Expression,
  type Integer,
  normal,
  parseArithmetic,
} from './arithmetic-parse.ts';

/** What an expression reads and writes. */
export interface ArithmeticScope {
  /** The text of a variable's value; '' where it is unset. May throw (set -u). */
  read(name: string, index: string | undefined): string;
  write(name: string, index: string | undefined, value: string): void;
}

const KEPT = 1024;
const DEEPEST = 200;
const kept = new Map<string, Expression>();

/** The value of an expression; throws an ExpansionFailure with bash's message. */
export function evaluate(text: string, scope: ArithmeticScope): Integer {
  return new Evaluation(text, scope, 0).value(parsed(text));
}

/** True where an expression's value is not 0. */
export function isTrue(value: Integer): boolean {
  return typeof value === 'bigint' || value !== 0;
}

function parsed(text: string): Expression {
  let expression = kept.get(text);
  if (!expression) {
    expression = parseArithmetic(text);
    if (kept.size >= KEPT) kept.clear();
    kept.set(text, expression);
  }
  return expression;
}

class Evaluation {
  private readonly text: string;
  private readonly scope: ArithmeticScope;
  private readonly depth: number;

  constructor(text: string, scope: ArithmeticScope, depth: number) {
    this.text = text;
    this.scope = scope;
    this.depth = depth;
  }

  value(expression: Expression): Integer {
    switch (expression.kind) {
      case 'number':
        return expression.value;
      case 'name':
        return this.read(expression.name, expression.index);
      case 'binary':
        return this.binary(expression);
      case 'logical': {
        const left = isTrue(this.value(expression.left));
        if (expression.operator === '&&' ? !left : left) return left ? 1 : 0;
        return isTrue(this.value(expression.right)) ? 1 : 0;
      }
      case 'unary':
        return this.unary(expression.operator, this.value(expression.operand));
      case 'ternary':
        return this.value(isTrue(this.value(expression.test)) ? expression.yes : expression.no);
      case 'assign':
        return this.assign(expression);
      case 'step': {
        const before = this.value(expression.target);
        const after = compute('+', before, expression.delta);
        this.write(expression.target, after);
        return expression.prefix ? after : before;
      }
    }
  }

  private binary(expression: Expression & { kind: 'binary' }): Integer {
    const left = this.value(expression.left);
    const right = this.value(expression.right);
    const { operator } = expression;
    if (operator === ',') return right;
    this.check(operator, right, expression.tail);
    return compute(operator, left, right);
  }

  private check(operator: string, right: Integer, tail: string): void {
    if ((operator === '/' || operator === '%') && right === 0) {
      throw arithmeticError(this.text, 'division by 0', tail);
    }
    if (operator === '**' && right < 0)
      throw arithmeticError(this.text, 'exponent less than 0', tail);
  }

  private unary(operator: string, operand: Integer): Integer {
    if (operator === '!') return isTrue(operand) ? 0 : 1;
    if (operator === '+') return operand;
    if (operator === '-') return compute('-', 0, operand);
    return normal(~BigInt(operand));
  }

  private assign(expression: Expression & { kind: 'assign' }): Integer {
    const { operator, target } = expression;
    let value = this.value(expression.value);
    if (operator !== '') {
      this.check(operator, value, expression.tail);
      value = compute(operator, this.value(target), value);
    }
    this.write(target, value);
    return value;
  }

  private read(name: string, index: string | undefined): Integer {
    const text = this.scope.read(name, index);
    if (text === '') return 0;
    const plain = /^-?(?:0|[1-9]\d{0,14})$/.test(text) ? Number(text) : undefined;
    if (plain !== undefined) return plain;
    if (this.depth > DEEPEST) {
      throw arithmeticError(this.text, 'expression recursion level exceeded', text);
    }
    return new Evaluation(text, this.scope, this.depth + 1).value(parsed(text));
  }

  private write(target: Expression, value: Integer): void {
    if (target.kind === 'name') this.scope.write(target.name, target.index, String(value));
  }
}

function compute(operator: string, left: Integer, right: Integer): Integer {
  if (typeof left === 'number' && typeof right === 'number') {
    const quick = computeSmall(operator, left, right);
    if (quick !== undefined) return quick;
  }
  return normal(computeLarge(operator, BigInt(left), BigInt(right)));
}

/** The result where doubles are exact; undefined where they may not be. */
function computeSmall(operator: string, left: number, right: number): number | undefined {
  let result: number;
  switch (operator) {
    case '+':
      result = left + right;
      break;
    case '-':
      result = left - right;
      break;
    case '*':
      result = left * right;
      break;
    case '/':
      result = Math.trunc(left / right);
      break;
    case '%':
      result = left % right;
      break;
    case '<':
      return left < right ? 1 : 0;
    case '>':
      return left > right ? 1 : 0;
    case '<=':
      return left <= right ? 1 : 0;
    case '>=':
      return left >= right ? 1 : 0;
    case '==':
      return left === right ? 1 : 0;
    case '!=':
      return left !== right ? 1 : 0;
    default:
      return undefined;
  }
  return Number.isSafeInteger(result) ? result + 0 : undefined;
}

function computeLarge(operator: string, left: bigint, right: bigint): bigint {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '%':
      return left % right;
    case '**':
      return power(left, right);
    case '<<':
      return left << (right & 63n);
    case '>>':
      return left >> (right & 63n);
    case '&':
      return left & right;
    case '|':
      return left | right;
    case '^':
      return left ^ right;
    case '<':
      return left < right ? 1n : 0n;
    case '>':
      return left > right ? 1n : 0n;
    case '<=':
      return left <= right ? 1n : 0n;
    case '>=':
      return left >= right ? 1n : 0n;
    case '==':
      return left === right ? 1n : 0n;
    default:
      return left !== right ? 1n : 0n;
  }
}

/** Modulo 2^64, by squaring. */
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let factor = base;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = BigInt.asIntN(64, result * factor);
    factor = BigInt.asIntN(64, factor * factor);
  }
  return result;
}
