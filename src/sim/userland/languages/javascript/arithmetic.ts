// Binary operators on numbers, big integers and texts (ECMA-262, 13.15.3).

import type { Routine } from '../../../core/wait.ts';
import { numberOf, primitive, textOf } from './operations.ts';
import type { JsObject, Value } from './values.ts';
import type { Vm } from './vm.ts';

type Arithmetic = Exclude<Value, JsObject | symbol>;

/** A binary operator other than comparison for identity. */
export function* binary(vm: Vm, op: string, left: Value, right: Value): Routine<Value> {
  if (typeof left === 'number' && typeof right === 'number') return numbers(op, left, right);
  if (op === '+') {
    const [a, b] = [yield* primitive(vm, left), yield* primitive(vm, right)];
    if (typeof a === 'string' || typeof b === 'string')
      return (yield* textOf(vm, a)) + (yield* textOf(vm, b));
    if (typeof a === 'bigint' && typeof b === 'bigint') return a + b;
    mixed(vm, a, b);
    return (yield* numberOf(vm, a)) + (yield* numberOf(vm, b));
  }
  const [a, b] = [yield* primitive(vm, left, 'number'), yield* primitive(vm, right, 'number')];
  if ('<=>='.includes(op)) {
    if (typeof a === 'string' && typeof b === 'string') return ordered(op, a < b, a > b);
    const [x, y] = [a as Arithmetic, b as Arithmetic].map((one) =>
      typeof one === 'bigint' ? one : Number(one),
    );
    if (x === undefined || y === undefined || Number.isNaN(x) || Number.isNaN(y)) return false;
    return ordered(op, x < y, x > y);
  }
  if (typeof a === 'bigint' && typeof b === 'bigint') return bigIntegers(vm, op, a, b);
  mixed(vm, a, b);
  return numbers(op, yield* numberOf(vm, a), yield* numberOf(vm, b));
}

function ordered(op: string, less: boolean, more: boolean): boolean {
  return op === '<' ? less : op === '>' ? more : op === '<=' ? !more : !less;
}

function mixed(vm: Vm, a: Value, b: Value): void {
  if ((typeof a === 'bigint') !== (typeof b === 'bigint'))
    throw vm.error('TypeError', 'Cannot mix BigInt and other types, use explicit conversions');
}

function numbers(op: string, a: number, b: number): Value {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    case '**':
      return a ** b;
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '<<':
      return a << b;
    case '>>':
      return a >> b;
    case '>>>':
      return a >>> b;
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '<=':
      return a <= b;
    default:
      return a >= b;
  }
}

function bigIntegers(vm: Vm, op: string, a: bigint, b: bigint): Value {
  if ((op === '/' || op === '%') && b === 0n) throw vm.error('RangeError', 'Division by zero');
  if ((op === '**' || op === '<<') && b > 1_000_000n)
    throw vm.error('RangeError', 'Maximum BigInt size exceeded');
  switch (op) {
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    case '**':
      return a ** b;
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '<<':
      return a << b;
    default:
      return a >> b;
  }
}
