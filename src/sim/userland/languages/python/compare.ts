// Comparisons: equality, order and membership (The Python Language Reference, 6.10).

import type { Routine } from '../../../core/wait.ts';
import { specialMethod } from './attributes.ts';
import { callValue } from './call.ts';
import { raise } from './errors.ts';
import { isNumber, keyOf, listOf, plain, truth } from './operators.ts';
import {
  NOT_IMPLEMENTED,
  PyDict,
  PyList,
  PyObject,
  PyRange,
  PySet,
  PyTuple,
  PyType,
  typeOf,
  type Value,
} from './values.ts';
import type { Vm } from './vm.ts';

/** An int and a float are equal where they are the same number. */
function sameNumber(left: number | bigint, right: number | bigint): boolean {
  return !(left < right) && !(left > right) && !Number.isNaN(left) && !Number.isNaN(right);
}

/** `left == right`. */
export function* equal(vm: Vm, left: Value, right: Value): Routine<boolean> {
  if (left === right) return true;
  if (isNumber(left) && isNumber(right)) return sameNumber(plain(left), plain(right));
  if (!(left instanceof PyObject) && !(right instanceof PyObject)) {
    if (left instanceof Uint8Array && right instanceof Uint8Array)
      return left.length === right.length && left.every((byte, i) => byte === right[i]);
    return false;
  }
  if (
    (left instanceof PyList && right instanceof PyList) ||
    (left instanceof PyTuple && right instanceof PyTuple)
  ) {
    if (left.items.length !== right.items.length) return false;
    for (const [i, item] of left.items.entries())
      if (!(yield* equal(vm, item, right.items[i] ?? null))) return false;
    return true;
  }
  if (left instanceof PyDict && right instanceof PyDict) {
    if (left.entries.size !== right.entries.size) return false;
    for (const [key, [, value]] of left.entries) {
      const other = right.entries.get(key);
      if (!other || !(yield* equal(vm, value, other[1]))) return false;
    }
    return true;
  }
  if (left instanceof PySet && right instanceof PySet)
    return (
      left.entries.size === right.entries.size &&
      [...left.entries.keys()].every((key) => right.entries.has(key))
    );
  if (left instanceof PyType && right instanceof PyType) return left.of === right.of;
  if (left instanceof PyRange && right instanceof PyRange)
    return left.start === right.start && left.stop === right.stop && left.step === right.step;
  for (const [self, other] of [
    [left, right],
    [right, left],
  ] as const) {
    const own = specialMethod(self, '__eq__');
    if (own === undefined) continue;
    const value = yield* callValue(vm, own, [other]);
    if (value !== NOT_IMPLEMENTED) return yield* truth(vm, value);
  }
  return false;
}

const MIRROR: Readonly<Record<string, string>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' };
const ORDER: Readonly<Record<string, string>> = { '<': 'lt', '>': 'gt', '<=': 'le', '>=': 'ge' };

function holds(op: string, sign: number): boolean {
  if (op === '<') return sign < 0;
  if (op === '>') return sign > 0;
  return op === '<=' ? sign <= 0 : sign >= 0;
}

/** `left < right` and the other orderings. */
export function* ordered(vm: Vm, op: string, left: Value, right: Value): Routine<boolean> {
  if (isNumber(left) && isNumber(right)) {
    const [x, y] = [plain(left), plain(right)];
    if (Number.isNaN(x) || Number.isNaN(y)) return false;
    return holds(op, x < y ? -1 : x > y ? 1 : 0);
  }
  if (typeof left === 'string' && typeof right === 'string')
    return holds(op, left < right ? -1 : left > right ? 1 : 0);
  if (
    (left instanceof PyList && right instanceof PyList) ||
    (left instanceof PyTuple && right instanceof PyTuple)
  ) {
    for (const [i, item] of left.items.entries()) {
      const other = right.items[i];
      if (other === undefined) break;
      if (!(yield* equal(vm, item, other))) return yield* ordered(vm, op, item, other);
    }
    return holds(op, left.items.length - right.items.length);
  }
  if (left instanceof PySet && right instanceof PySet) {
    const within = (a: PySet, b: PySet): boolean =>
      [...a.entries.keys()].every((key) => b.entries.has(key));
    const [a, b] = op.startsWith('<') ? [left, right] : [right, left];
    return within(a, b) && (op.length === 2 || a.entries.size < b.entries.size);
  }
  for (const [self, name, other] of [
    [left, ORDER[op], right],
    [right, ORDER[MIRROR[op] ?? op], left],
  ] as const) {
    const own = specialMethod(self, `__${name}__`);
    if (own === undefined) continue;
    const value = yield* callValue(vm, own, [other]);
    if (value !== NOT_IMPLEMENTED) return yield* truth(vm, value);
  }
  throw raise(
    'TypeError',
    `'${op}' not supported between instances of '${typeOf(left).name}' and '${typeOf(right).name}'`,
  );
}

/** `item in container`. */
export function* contains(vm: Vm, container: Value, item: Value): Routine<boolean> {
  if (typeof container === 'string') {
    if (typeof item !== 'string')
      throw raise(
        'TypeError',
        `'in <string>' requires string as left operand, not ${typeOf(item).name}`,
      );
    return container.includes(item);
  }
  if (container instanceof Uint8Array) {
    if (typeof item === 'bigint') return container.includes(Number(item));
    const text = String.fromCharCode(...container);
    return item instanceof Uint8Array && text.includes(String.fromCharCode(...item));
  }
  if (container instanceof PyDict || container instanceof PySet)
    return container.entries.has(keyOf(vm, item));
  const own = container instanceof PyObject ? specialMethod(container, '__contains__') : undefined;
  if (own !== undefined) return yield* truth(vm, yield* callValue(vm, own, [item]));
  const items =
    container instanceof PyList || container instanceof PyTuple
      ? container.items
      : yield* listOf(vm, container, 'argument of type');
  for (const one of items) if (yield* equal(vm, one, item)) return true;
  return false;
}

/** One link of a comparison. */
export function* compare(vm: Vm, op: string, left: Value, right: Value): Routine<boolean> {
  switch (op) {
    case '==':
      return yield* equal(vm, left, right);
    case '!=':
      return !(yield* equal(vm, left, right));
    case 'in':
      return yield* contains(vm, right, left);
    case 'not in':
      return !(yield* contains(vm, right, left));
    case 'is':
    case 'is not':
      return same(left, right) === (op === 'is');
    default:
      return yield* ordered(vm, op, left, right);
  }
}

function same(left: Value, right: Value): boolean {
  if (left instanceof PyType && right instanceof PyType) return left.of === right.of;
  return left === right;
}
