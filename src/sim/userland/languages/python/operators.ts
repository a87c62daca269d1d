// What operators, comparisons and conversions do (The Python Language Reference, 3.3 and 6).

import type { Routine } from '../../../core/wait.ts';
import { specialMethod } from './attributes.ts';
import { callValue } from './call.ts';
import { PyException, raise } from './errors.ts';
import { formatPercent } from './format.ts';
import { iteration } from './iterate.ts';
import { hold, keep, POINTER } from './memory.ts';
import { exceptionText, reprOf } from './repr.ts';
import {
  classValue,
  NOT_IMPLEMENTED,
  PyDict,
  PyList,
  PyObject,
  PyRange,
  PySet,
  PyTuple,
  PyType,
  types,
  typeOf,
  type Value,
} from './values.ts';
import type { Vm } from './vm.ts';

/** bool(value). */
export function* truth(vm: Vm, value: Value): Routine<boolean> {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'bigint':
      return value !== 0n;
    case 'number':
      return value !== 0;
    case 'string':
      return value !== '';
    default:
  }
  if (value === null) return false;
  if (value instanceof Uint8Array) return value.length > 0;
  if (value instanceof PyList || value instanceof PyTuple) return value.items.length > 0;
  if (value instanceof PyDict || value instanceof PySet) return value.entries.size > 0;
  if (value instanceof PyRange) return value.length > 0n;
  const own = specialMethod(value, '__bool__');
  if (own !== undefined) return (yield* callValue(vm, own, [])) === true;
  const length = specialMethod(value, '__len__');
  if (length !== undefined) return (yield* callValue(vm, length, [])) !== 0n;
  return true;
}

/** What makes two keys of a dict or set the same. */
export function keyOf(vm: Vm, value: Value): unknown {
  switch (typeof value) {
    case 'string':
      return value;
    case 'boolean':
      return value ? 1n : 0n;
    case 'bigint':
      return value;
    case 'number':
      return Number.isInteger(value) ? BigInt(value) : value;
    default:
  }
  if (value === null) return null;
  if (value instanceof Uint8Array) return `\0b${Array.from(value).join(',')}`;
  if (value instanceof PyTuple || (value instanceof PySet && value.frozen)) {
    const parts = value instanceof PyTuple ? value.items : [...value.entries.values()];
    const keys = parts.map((item) => {
      const key = keyOf(vm, item);
      const plain = typeof key !== 'object' && typeof key !== 'function';
      return plain || key === null ? `${typeof key}${String(key)}` : `o${vm.id(key)}`;
    });
    return `\0t${keys.join('\0')}`;
  }
  if (value instanceof PyList || value instanceof PyDict || value instanceof PySet)
    throw raise('TypeError', `unhashable type: '${value.type.name}'`);
  if (value instanceof PyType) return value.of;
  return value;
}

/** True of int, float and bool. */
export const isNumber = (value: Value): value is number | bigint | boolean =>
  typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean';
/** A number as the host's: int and bool as bigint, float as number. */
export const plain = (value: number | bigint | boolean): number | bigint =>
  typeof value === 'boolean' ? (value ? 1n : 0n) : value;

const SPECIAL: Readonly<Record<string, string>> = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'truediv',
  '//': 'floordiv',
  '%': 'mod',
  '**': 'pow',
  '@': 'matmul',
  '&': 'and',
  '|': 'or',
  '^': 'xor',
  '<<': 'lshift',
  '>>': 'rshift',
};

/** A binary operator; `inPlace` for `+=` and its like. */
export function* binary(
  vm: Vm,
  op: string,
  left: Value,
  right: Value,
  inPlace = false,
): Routine<Value> {
  if (isNumber(left) && isNumber(right)) return arithmetic(op, left, right);
  const simple = yield* sequences(vm, op, left, right, inPlace);
  if (simple !== undefined) return simple;
  const name = SPECIAL[op] ?? '';
  if (inPlace) {
    const own = specialMethod(left, `__i${name}__`);
    if (own !== undefined) {
      const value = yield* callValue(vm, own, [right]);
      if (value !== NOT_IMPLEMENTED) return value;
    }
  }
  for (const [self, method, other] of [
    [left, `__${name}__`, right],
    [right, `__r${name}__`, left],
  ] as const) {
    const own = specialMethod(self, method);
    if (own === undefined) continue;
    const value = yield* callValue(vm, own, [other]);
    if (value !== NOT_IMPLEMENTED) return value;
  }
  const [l, r] = [typeOf(left).name, typeOf(right).name];
  if (op === '+' && typeof left === 'string')
    throw raise('TypeError', `can only concatenate str (not "${r}") to str`);
  if (op === '+' && left instanceof PyList)
    throw raise('TypeError', `can only concatenate list (not "${r}") to list`);
  const sign = op === '**' ? '** or pow()' : inPlace ? `${op}=` : op;
  throw raise('TypeError', `unsupported operand type(s) for ${sign}: '${l}' and '${r}'`);
}

function* sequences(
  vm: Vm,
  op: string,
  left: Value,
  right: Value,
  inPlace: boolean,
): Routine<Value | undefined> {
  if (op === '+') {
    if (typeof left === 'string' && typeof right === 'string') {
      if (inPlace) yield* keep(vm, right.length);
      else yield* hold(vm, left.length + right.length);
      return left + right;
    }
    if (left instanceof PyList && right instanceof PyList && !inPlace)
      return new PyList([...left.items, ...right.items]);
    if (left instanceof PyList && inPlace) {
      left.items.push(...(yield* listOf(vm, right)));
      return left;
    }
    if (left instanceof PyTuple && right instanceof PyTuple)
      return new PyTuple([...left.items, ...right.items]);
    if (left instanceof Uint8Array && right instanceof Uint8Array)
      return Uint8Array.from([...left, ...right]);
  }
  if (op === '*') {
    const [sequence, count] =
      typeof right === 'bigint' ? [left, right] : typeof left === 'bigint' ? [right, left] : [];
    if (sequence !== undefined && count !== undefined) return yield* repeated(vm, sequence, count);
  }
  if (op === '%' && typeof left === 'string') return yield* formatPercent(vm, left, right);
  if (left instanceof PySet && right instanceof PySet) return setOperation(op, left, right);
  if (op === '|' && left instanceof PyDict && right instanceof PyDict) {
    const made = inPlace ? left : new PyDict();
    for (const dict of [left, right])
      for (const [key, entry] of dict.entries) made.entries.set(key, entry);
    return made;
  }
  if (
    op === '|' &&
    (left instanceof PyType || left === null) &&
    (right instanceof PyType || right === null)
  )
    return classValue(types.object);
  return undefined;
}

/** Py_ssize_t's largest. */
const LARGEST_INDEX = 2n ** 63n - 1n;

/** A sequence several times over. */
function* repeated(vm: Vm, sequence: Value, count: bigint): Routine<Value | undefined> {
  const isSequence =
    typeof sequence === 'string' ||
    sequence instanceof Uint8Array ||
    sequence instanceof PyList ||
    sequence instanceof PyTuple;
  if (!isSequence) return undefined;
  if (count > LARGEST_INDEX)
    throw raise('OverflowError', "cannot fit 'int' into an index-sized integer");
  const times = Math.max(0, Number(count));
  if (typeof sequence === 'string') {
    yield* hold(vm, sequence.length * times);
    return sequence.repeat(times);
  }
  if (sequence instanceof Uint8Array) {
    yield* hold(vm, sequence.length * times);
    const bytes = new Uint8Array(sequence.length * times);
    for (let at = 0; at < bytes.length; at += sequence.length) bytes.set(sequence, at);
    return bytes;
  }
  const length = sequence.items.length * times;
  yield* hold(vm, length * POINTER);
  const items: Value[] = [];
  while (items.length < length) for (const item of sequence.items) items.push(item);
  return sequence instanceof PyList ? new PyList(items) : new PyTuple(items);
}

function setOperation(op: string, left: PySet, right: PySet): Value | undefined {
  const made = new PySet(left.frozen);
  const add = (from: PySet, wanted: (key: unknown) => boolean): void => {
    for (const [key, value] of from.entries) if (wanted(key)) made.entries.set(key, value);
  };
  if (op === '|') for (const set of [left, right]) add(set, () => true);
  else if (op === '&') add(left, (key) => right.entries.has(key));
  else if (op === '-') add(left, (key) => !right.entries.has(key));
  else if (op === '^') {
    add(left, (key) => !right.entries.has(key));
    add(right, (key) => !left.entries.has(key));
  } else return undefined;
  return made;
}

function arithmetic(op: string, a: number | bigint | boolean, b: number | bigint | boolean): Value {
  if (typeof a === 'boolean' && typeof b === 'boolean') {
    if (op === '&') return a && b;
    if (op === '|') return a || b;
    if (op === '^') return a !== b;
  }
  const [left, right] = [plain(a), plain(b)];
  if (typeof left === 'bigint' && typeof right === 'bigint') return integers(op, left, right);
  const [x, y] = [Number(left), Number(right)];
  switch (op) {
    case '+':
      return x + y;
    case '-':
      return x - y;
    case '*':
      return x * y;
    case '/':
      if (y === 0) throw raise('ZeroDivisionError', 'float division by zero');
      return x / y;
    case '//':
      if (y === 0) throw raise('ZeroDivisionError', 'float floor division by zero');
      return Math.floor(x / y);
    case '%':
      if (y === 0) throw raise('ZeroDivisionError', 'float modulo');
      return ((x % y) + y) % y;
    case '**':
      return x ** y;
    default: {
      const names = [left, right].map((one) => (typeof one === 'bigint' ? 'int' : 'float'));
      throw raise(
        'TypeError',
        `unsupported operand type(s) for ${op}: '${names[0]}' and '${names[1]}'`,
      );
    }
  }
}

/** More bits than this are not computed: the program would hold the tab. */
const LARGEST_SHIFT = 1_000_000n;

function integers(op: string, x: bigint, y: bigint): Value {
  switch (op) {
    case '+':
      return x + y;
    case '-':
      return x - y;
    case '*':
      return x * y;
    case '/':
      if (y === 0n) throw raise('ZeroDivisionError', 'division by zero');
      return Number(x) / Number(y);
    case '//':
    case '%': {
      if (y === 0n)
        throw raise(
          'ZeroDivisionError',
          op === '%' ? 'integer modulo by zero' : 'integer division or modulo by zero',
        );
      const rest = ((x % y) + y) % y;
      return op === '%' ? rest : (x - rest) / y;
    }
    case '**':
      if (y < 0n) return Number(x) ** Number(y);
      if (y > LARGEST_SHIFT) throw raise('MemoryError');
      return x ** y;
    case '&':
      return x & y;
    case '|':
      return x | y;
    case '^':
      return x ^ y;
    case '<<':
    case '>>':
      if (y < 0n) throw raise('ValueError', 'negative shift count');
      if (op === '<<' && y > LARGEST_SHIFT) throw raise('MemoryError');
      return op === '<<' ? x << y : x >> y;
    default:
      throw raise('TypeError', `unsupported operand type(s) for ${op}: 'int' and 'int'`);
  }
}

/** list(value). */
export function* listOf(vm: Vm, value: Value, complaint?: string): Routine<Value[]> {
  if (value instanceof PyList || value instanceof PyTuple) return [...value.items];
  const { iterate } = yield* iteration(vm, value, complaint);
  const out: Value[] = [];
  for (;;) {
    const item = yield* iterate();
    if (typeof item === 'symbol') return out;
    out.push(item);
    if (vm.meter.tick()) yield* vm.meter.settle();
  }
}

/** str(value). */
export function* textOf(vm: Vm, value: Value): Routine<string> {
  if (typeof value === 'string') return value;
  if (value instanceof PyObject) {
    const own = specialMethod(value, '__str__');
    if (own !== undefined) {
      const text = yield* callValue(vm, own, []);
      if (typeof text === 'string') return text;
      throw raise('TypeError', `__str__ returned non-string (type ${typeOf(text).name})`);
    }
    if (value instanceof PyException) return yield* exceptionText(vm, value);
  }
  return yield* reprOf(vm, value);
}
