// Methods of list, tuple, dict, set, int, float, generators and exceptions.

import type { Routine } from '../../../core/wait.ts';
import { integer, text } from './arguments.ts';
import { callValue } from './call.ts';
import { exceptionClass, PyException, raise } from './errors.ts';
import { getItem, iteratorOf, PyGenerator } from './iterate.ts';
import { equal, ordered } from './compare.ts';
import { keep } from './memory.ts';
import { keyOf, listOf, truth } from './operators.ts';
import { reprOf } from './repr.ts';
import {
  type Keywords,
  methods,
  type PyClass,
  PyDict,
  PyList,
  PyNative,
  PySet,
  PySlice,
  PyTuple,
  PyWrapper,
  STOP,
  types,
  type Value,
} from './values.ts';
import type { Vm } from './vm.ts';

function list(value: Value | undefined): PyList {
  if (value instanceof PyList) return value;
  throw raise('TypeError', "descriptor requires a 'list' object");
}
function dict(value: Value | undefined): PyDict {
  if (value instanceof PyDict) return value;
  throw raise('TypeError', "descriptor requires a 'dict' object");
}
function set(value: Value | undefined): PySet {
  if (value instanceof PySet) return value;
  throw raise('TypeError', "descriptor requires a 'set' object");
}

/** A stable sort by key, with the program's own comparisons: merging, as the host's sort cannot block. */
export function* sorted(vm: Vm, items: readonly Value[], keywords: Keywords): Routine<Value[]> {
  const key = keywords.get('key') ?? null;
  const reverse = yield* truth(vm, keywords.get('reverse') ?? false);
  const pairs: [Value, Value][] = [];
  for (const item of items)
    pairs.push([key === null ? item : yield* callValue(vm, key, [item]), item]);
  if (reverse) pairs.reverse();
  const order = yield* merge(vm, pairs);
  if (reverse) order.reverse();
  return order.map(([, item]) => item);
}

function* merge(vm: Vm, pairs: [Value, Value][]): Routine<[Value, Value][]> {
  if (pairs.length < 2) return pairs;
  const half = pairs.length >> 1;
  const left = yield* merge(vm, pairs.slice(0, half));
  const right = yield* merge(vm, pairs.slice(half));
  const out: [Value, Value][] = [];
  let i = 0;
  for (const pair of right) {
    for (let next = left[i]; next && !(yield* ordered(vm, '<', pair[0], next[0])); next = left[i]) {
      out.push(next);
      i++;
    }
    out.push(pair);
  }
  return [...out, ...left.slice(i)];
}

function* indexOf(vm: Vm, items: readonly Value[], wanted: Value): Routine<number> {
  for (const [i, item] of items.entries()) if (yield* equal(vm, item, wanted)) return i;
  return -1;
}

function* countOf(vm: Vm, items: readonly Value[], wanted: Value): Routine<bigint> {
  let count = 0n;
  for (const item of items) if (yield* equal(vm, item, wanted)) count++;
  return count;
}

/** A text that a list keeps; a long one was counted when it was made. */
function* appended(vm: Vm, item: string): Routine<Value> {
  yield* keep(vm, item.length);
  return null;
}

methods(types.list, {
  append: (vm, [self, item = null]) => {
    list(self).items.push(item);
    return typeof item === 'string' ? appended(vm, item) : null;
  },
  *extend(vm, [self, items = null]) {
    list(self).items.push(...(yield* listOf(vm, items)));
    return null;
  },
  insert: (_vm, [self, at, item = null]) => {
    list(self).items.splice(integer(at), 0, item);
    return null;
  },
  pop: (_vm, [self, at]) => {
    const { items } = list(self);
    if (items.length === 0) throw raise('IndexError', 'pop from empty list');
    const index = integer(at, -1);
    const place = index < 0 ? index + items.length : index;
    if (place < 0 || place >= items.length) throw raise('IndexError', 'pop index out of range');
    return items.splice(place, 1)[0] ?? null;
  },
  *remove(vm, [self, item = null]) {
    const at = yield* indexOf(vm, list(self).items, item);
    if (at < 0) throw raise('ValueError', 'list.remove(x): x not in list');
    list(self).items.splice(at, 1);
    return null;
  },
  *index(vm, [self, item = null]) {
    const at = yield* indexOf(vm, list(self).items, item);
    if (at < 0) throw raise('ValueError', `${yield* reprOf(vm, item)} is not in list`);
    return BigInt(at);
  },
  count: (vm, [self, item = null]) => countOf(vm, list(self).items, item),
  *sort(vm, [self], keywords) {
    list(self).items = yield* sorted(vm, list(self).items, keywords);
    return null;
  },
  reverse: (_vm, [self]) => {
    list(self).items.reverse();
    return null;
  },
  clear: (_vm, [self]) => {
    list(self).items = [];
    return null;
  },
  copy: (_vm, [self]) => new PyList([...list(self).items]),
});

methods(types.tuple, {
  *index(vm, [self, item = null]) {
    const at = self instanceof PyTuple ? yield* indexOf(vm, self.items, item) : -1;
    if (at < 0) throw raise('ValueError', 'tuple.index(x): x not in tuple');
    return BigInt(at);
  },
  count: (vm, [self, item = null]) => countOf(vm, self instanceof PyTuple ? self.items : [], item),
});

/** Puts what dict() and update() take into a dict. */
export function* fillDict(
  vm: Vm,
  into: PyDict,
  from: Value | undefined,
  keywords: Keywords,
): Routine<void> {
  if (from instanceof PyDict)
    for (const [key, [name, value]] of from.entries) into.entries.set(key, [name, value]);
  else if (from !== undefined)
    for (const pair of yield* listOf(vm, from)) {
      const [key = null, value = null] = yield* listOf(vm, pair);
      into.entries.set(keyOf(vm, key), [key, value]);
    }
  for (const [key, value] of keywords) into.put(key, value);
}

/** A view of a dict: what it holds when it is asked for; it does not follow later changes. */
function view(
  self: Value | undefined,
  type: PyClass,
  pick: (pair: readonly [Value, Value]) => Value,
): PyList {
  return new PyList(Array.from(dict(self).entries.values(), pick), type);
}

methods(types.dict, {
  get: (vm, [self, key = null, otherwise = null]) =>
    dict(self).entries.get(keyOf(vm, key))?.[1] ?? otherwise,
  keys: (_vm, [self]) => view(self, types.dict_keys, ([key]) => key),
  values: (_vm, [self]) => view(self, types.dict_values, ([, value]) => value),
  items: (_vm, [self]) => view(self, types.dict_items, (pair) => new PyTuple([...pair])),
  *update(vm, [self, from], keywords) {
    yield* fillDict(vm, dict(self), from, keywords);
    return null;
  },
  pop: (vm, [self, key = null, otherwise]) => {
    const { entries } = dict(self);
    const found = entries.get(keyOf(vm, key));
    entries.delete(keyOf(vm, key));
    if (found) return found[1];
    if (otherwise === undefined) throw raise('KeyError', key);
    return otherwise;
  },
  popitem: (_vm, [self]) => {
    const last = [...dict(self).entries].at(-1);
    if (!last) throw raise('KeyError', 'popitem(): dictionary is empty');
    dict(self).entries.delete(last[0]);
    return new PyTuple([...last[1]]);
  },
  setdefault: (vm, [self, key = null, otherwise = null]) => {
    const { entries } = dict(self);
    const found = entries.get(keyOf(vm, key));
    if (!found) entries.set(keyOf(vm, key), [key, otherwise]);
    return found ? found[1] : otherwise;
  },
  clear: (_vm, [self]) => {
    dict(self).entries.clear();
    return null;
  },
  *copy(vm, [self]) {
    const made = new PyDict();
    yield* fillDict(vm, made, dict(self), new Map());
    return made;
  },
});
types.dict.attributes.set(
  'fromkeys',
  new PyWrapper(
    types.staticmethod,
    new PyNative('fromkeys', function* (vm, [keys = null, value = null]) {
      const made = new PyDict();
      for (const key of yield* listOf(vm, keys)) made.entries.set(keyOf(vm, key), [key, value]);
      return made;
    }),
  ),
);

/** A set of what can be gone through. */
export function* setOf(vm: Vm, items: Value | undefined, frozen = false): Routine<PySet> {
  const made = new PySet(frozen);
  if (items !== undefined)
    for (const item of yield* listOf(vm, items)) made.entries.set(keyOf(vm, item), item);
  return made;
}

function* combined(
  vm: Vm,
  self: Value | undefined,
  others: readonly Value[],
  keep: (key: unknown, other: PySet) => boolean,
): Routine<PySet> {
  let made = set(self);
  for (const other of others) {
    const right = yield* setOf(vm, other);
    const next = new PySet();
    for (const [key, value] of made.entries) if (keep(key, right)) next.entries.set(key, value);
    made = next;
  }
  return made;
}

for (const type of [types.set, types.frozenset])
  methods(type, {
    *union(vm, [self, ...others]) {
      const made = new PySet();
      for (const one of [set(self), ...others])
        for (const item of yield* listOf(vm, one)) made.entries.set(keyOf(vm, item), item);
      return made;
    },
    intersection: (vm, [self, ...others]) =>
      combined(vm, self, others, (key, other) => other.entries.has(key)),
    difference: (vm, [self, ...others]) =>
      combined(vm, self, others, (key, other) => !other.entries.has(key)),
    *issubset(vm, [self, other]) {
      const right = yield* setOf(vm, other);
      return [...set(self).entries.keys()].every((key) => right.entries.has(key));
    },
    *issuperset(vm, [self, other]) {
      const right = yield* setOf(vm, other);
      return [...right.entries.keys()].every((key) => set(self).entries.has(key));
    },
    copy: (vm, [self]) => setOf(vm, self),
  });
methods(types.set, {
  add: (vm, [self, item = null]) => {
    set(self).entries.set(keyOf(vm, item), item);
    return null;
  },
  discard: (vm, [self, item = null]) => {
    set(self).entries.delete(keyOf(vm, item));
    return null;
  },
  remove: (vm, [self, item = null]) => {
    if (!set(self).entries.delete(keyOf(vm, item))) throw raise('KeyError', item);
    return null;
  },
  pop: (_vm, [self]) => {
    const [first] = set(self).entries;
    if (!first) throw raise('KeyError', 'pop from an empty set');
    set(self).entries.delete(first[0]);
    return first[1];
  },
  *update(vm, [self, ...others]) {
    for (const other of others)
      for (const item of yield* listOf(vm, other)) set(self).entries.set(keyOf(vm, item), item);
    return null;
  },
  clear: (_vm, [self]) => {
    set(self).entries.clear();
    return null;
  },
});

methods(types.int, {
  bit_length: (_vm, [self]) => {
    const value = BigInt(integer(self));
    return BigInt(value === 0n ? 0 : (value < 0n ? -value : value).toString(2).length);
  },
  to_bytes: (_vm, [self, length, order], keywords) => {
    const size = integer(length ?? keywords.get('length'), 1);
    let rest = typeof self === 'bigint' ? self : 0n;
    const bytes = Uint8Array.from({ length: size }, () => {
      const byte = Number(rest & 0xffn);
      rest >>= 8n;
      return byte;
    });
    return text(order ?? keywords.get('byteorder') ?? 'big') === 'big' ? bytes.reverse() : bytes;
  },
});
methods(types.float, { is_integer: (_vm, [self]) => Number.isInteger(self) });

methods(types.generator, {
  *send(_vm, [self, value = null]) {
    const item = self instanceof PyGenerator ? yield* self.resume(value) : STOP;
    if (typeof item === 'symbol') throw raise('StopIteration');
    return item;
  },
  close: (_vm, [self]) => {
    if (self instanceof PyGenerator) self.close();
    return null;
  },
});

methods(exceptionClass('BaseException'), {
  __init__: (_vm, [self, ...args]) => {
    if (self instanceof PyException) self.args = args;
    return null;
  },
  with_traceback: (_vm, [self = null]) => self,
});

/** reversed(value). */
export function* reversedOf(vm: Vm, value: Value): Routine<Value> {
  if (value instanceof PyDict)
    return yield* iteratorOf(vm, new PyList((yield* listOf(vm, value)).reverse()));
  if (typeof value === 'string' || value instanceof PyList || value instanceof PyTuple)
    return yield* iteratorOf(vm, yield* getItem(vm, value, new PySlice(null, null, -1n)));
  return yield* iteratorOf(vm, new PyList((yield* listOf(vm, value)).reverse()));
}
