// Iterators, items and slices of Python's values.

import type { Routine } from '../../../core/wait.ts';
import { Handed, isRoutine } from '../interpreter.ts';
import { specialMethod } from './attributes.ts';
import { callValue } from './call.ts';
import { exceptionClass, PyRaise, raise } from './errors.ts';
import { keyOf } from './operators.ts';
import {
  PyDict,
  PyIterator,
  PyList,
  PyObject,
  PyRange,
  PySet,
  PySlice,
  PyTuple,
  PyType,
  STOP,
  typeOf,
  types,
  type Value,
} from './values.ts';
import type { Vm } from './vm.ts';

/** A way through a value: each call gives the next item, or STOP. */
export interface Iteration {
  iterate(): Routine<Value | typeof STOP>;
}

function over(items: Iterable<Value>): PyIterator {
  const inner = items[Symbol.iterator]();
  return new PyIterator(() => {
    const step = inner.next();
    return step.done ? STOP : step.value;
  });
}

function* rangeItems({ start, step, length }: PyRange): Generator<Value> {
  for (let i = 0n; i < length; i++) yield start + i * step;
}

/** iter(value). `complaint` begins the error's text where it is not iterable. */
export function* iteratorOf(vm: Vm, value: Value, complaint?: string): Routine<Value> {
  if (value instanceof PyIterator) return value;
  if (typeof value === 'string') return over(value);
  if (value instanceof Uint8Array) return over(Array.from(value, (byte) => BigInt(byte)));
  if (value instanceof PyObject) {
    const own = specialMethod(value, '__iter__');
    if (own !== undefined) return yield* callValue(vm, own, []);
  }
  if (value instanceof PyTuple) return over(value.items);
  if (value instanceof PyList) {
    let at = 0;
    return new PyIterator(() => value.items[at++] ?? (at > value.items.length ? STOP : null));
  }
  if (value instanceof PyRange) return over(rangeItems(value));
  if (value instanceof PyDict) return overDict(value);
  if (value instanceof PySet) return over(value.entries.values());
  const name = typeOf(value).name;
  throw raise(
    'TypeError',
    complaint === undefined
      ? `'${name}' object is not iterable`
      : `${complaint} '${name}' is not iterable`,
  );
}

function overDict(dict: PyDict): PyIterator {
  const { size } = dict.entries;
  const inner = dict.entries.values();
  return new PyIterator(() => {
    if (dict.entries.size !== size)
      throw raise('RuntimeError', 'dictionary changed size during iteration');
    const step = inner.next();
    return step.done ? STOP : step.value[0];
  });
}

/** next(iterator). */
export function* nextOf(vm: Vm, iterator: Value): Routine<Value | typeof STOP> {
  if (iterator instanceof PyIterator) {
    const item = iterator.next();
    return isRoutine(item) ? yield* item : item;
  }
  const own = iterator instanceof PyObject ? specialMethod(iterator, '__next__') : undefined;
  if (own === undefined)
    throw raise('TypeError', `'${typeOf(iterator).name}' object is not an iterator`);
  try {
    return yield* callValue(vm, own, []);
  } catch (error) {
    if (!isStop(error)) throw error;
    return STOP;
  }
}

/** True of a raised StopIteration. */
export function isStop(error: unknown): error is PyRaise {
  return (
    error instanceof PyRaise && error.exception.type.isSubclassOf(exceptionClass('StopIteration'))
  );
}

/** A loop's way through a value. */
export function* iteration(vm: Vm, value: Value, complaint?: string): Routine<Iteration> {
  const iterator = yield* iteratorOf(vm, value, complaint);
  return { iterate: () => nextOf(vm, iterator) };
}

/** A generator's iterator: runs `body`, which hands its items out among the blocks of the kernel. */
export class PyGenerator extends PyIterator {
  private readonly body: Routine<Value>;
  /** What `yield` gives when the body goes on. */
  readonly inbox: { value: Value };
  result: Value = null;
  private over = false;

  constructor(body: Routine<Value>, inbox: { value: Value }) {
    super(() => this.resume(null), types.generator);
    this.body = body;
    this.inbox = inbox;
  }

  *resume(sent: Value): Routine<Value | typeof STOP> {
    if (this.over) return STOP;
    this.inbox.value = sent;
    let step = this.body.next('woken');
    for (;;) {
      if (step.done) {
        this.over = true;
        this.result = step.value;
        return STOP;
      }
      if (step.value instanceof Handed) return step.value.value as Value;
      step = this.body.next(yield step.value);
    }
  }

  close(): void {
    this.over = true;
    this.body.return(null);
  }
}

/** Where a slice of `length` items begins and ends. */
export function sliceBounds(slice: PySlice, length: number): readonly number[] {
  const step = slice.step === null ? 1 : Number(slice.step);
  if (step === 0) throw raise('ValueError', 'slice step cannot be zero');
  const bound = (value: Value, otherwise: number): number => {
    if (value === null) return otherwise;
    if (typeof value !== 'bigint')
      throw raise(
        'TypeError',
        'slice indices must be integers or None or have an __index__ method',
      );
    const at = Number(value) < 0 ? Number(value) + length : Number(value);
    return step > 0 ? Math.min(Math.max(at, 0), length) : Math.min(Math.max(at, -1), length - 1);
  };
  const from = bound(slice.from, step > 0 ? 0 : length - 1);
  const to = bound(slice.to, step > 0 ? length : -1);
  const out: number[] = [];
  for (let i = from; step > 0 ? i < to : i > to; i += step) out.push(i);
  return out;
}

function position(index: Value, length: number, what: string, assigns = false): number {
  if (typeof index === 'boolean') index = index ? 1n : 0n;
  if (typeof index !== 'bigint')
    throw raise(
      'TypeError',
      what === 'string'
        ? `string indices must be integers, not '${typeOf(index).name}'`
        : `${what} indices must be integers or slices, not ${typeOf(index).name}`,
    );
  const at = Number(index) < 0 ? Number(index) + length : Number(index);
  if (at < 0 || at >= length)
    throw raise(
      'IndexError',
      assigns ? `${what} assignment index out of range` : `${what} index out of range`,
    );
  return at;
}

/** `value[index]`. */
export function* getItem(vm: Vm, value: Value, index: Value): Routine<Value> {
  if (value instanceof PyDict) {
    const entry = value.entries.get(keyOf(vm, index));
    if (entry) return entry[1];
    const missing = specialMethod(value, '__missing__');
    if (missing !== undefined) return yield* callValue(vm, missing, [index]);
    throw raise('KeyError', index);
  }
  if (typeof value === 'string') {
    const chars = /[\ud800-\udfff]/.test(value) ? [...value] : value;
    if (index instanceof PySlice)
      return sliceBounds(index, chars.length)
        .map((i) => chars[i])
        .join('');
    return chars[position(index, chars.length, 'string')] ?? '';
  }
  if (value instanceof PyList || value instanceof PyTuple) {
    const { items } = value;
    if (index instanceof PySlice) {
      const picked = sliceBounds(index, items.length).map((i) => items[i] ?? null);
      return value instanceof PyList ? new PyList(picked) : new PyTuple(picked);
    }
    return items[position(index, items.length, value instanceof PyList ? 'list' : 'tuple')] ?? null;
  }
  if (value instanceof Uint8Array) {
    if (index instanceof PySlice)
      return Uint8Array.from(sliceBounds(index, value.length), (i) => value[i] ?? 0);
    return BigInt(value[position(index, value.length, 'index')] ?? 0);
  }
  if (value instanceof PyRange) {
    const length = Number(value.length);
    return value.start + value.step * BigInt(position(index, length, 'range object'));
  }
  const own = value instanceof PyObject ? specialMethod(value, '__getitem__') : undefined;
  if (own !== undefined) return yield* callValue(vm, own, [index]);
  // Annotations like list[int].
  if (value instanceof PyType) return value;
  throw raise('TypeError', `'${typeOf(value).name}' object is not subscriptable`);
}

/** `value[index] = item`. */
export function* setItem(vm: Vm, value: Value, index: Value, item: Value): Routine<void> {
  const own = value instanceof PyObject ? specialMethod(value, '__setitem__') : undefined;
  if (own !== undefined) {
    yield* callValue(vm, own, [index, item]);
  } else if (value instanceof PyDict) {
    const key = keyOf(vm, index);
    const entry = value.entries.get(key);
    if (entry) entry[1] = item;
    else value.entries.set(key, [index, item]);
  } else if (value instanceof PyList) {
    if (index instanceof PySlice) {
      const { iterate } = yield* iteration(vm, item);
      const items: Value[] = [];
      for (let one = yield* iterate(); typeof one !== 'symbol'; one = yield* iterate())
        items.push(one);
      const places = sliceBounds(index, value.items.length);
      const start =
        places[0] ?? sliceBounds(new PySlice(null, index.from, null), value.items.length).length;
      value.items.splice(start, places.length, ...items);
    } else value.items[position(index, value.items.length, 'list', true)] = item;
  } else
    throw raise('TypeError', `'${typeOf(value).name}' object does not support item assignment`);
}

/** `del value[index]`. */
export function* deleteItem(vm: Vm, value: Value, index: Value): Routine<void> {
  const own = value instanceof PyObject ? specialMethod(value, '__delitem__') : undefined;
  if (own !== undefined) {
    yield* callValue(vm, own, [index]);
  } else if (value instanceof PyDict) {
    if (!value.entries.delete(keyOf(vm, index))) throw raise('KeyError', index);
  } else if (value instanceof PyList) {
    const places =
      index instanceof PySlice
        ? new Set(sliceBounds(index, value.items.length))
        : new Set([position(index, value.items.length, 'list', true)]);
    value.items = value.items.filter((_, i) => !places.has(i));
  } else throw raise('TypeError', `'${typeOf(value).name}' object doesn't support item deletion`);
}
