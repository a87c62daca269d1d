// Array and its methods (ECMA-262, 23.1).

import type { Routine } from '../../../../core/wait.ts';
import {
  call,
  get,
  iteratorObject,
  itemsOf,
  nativeClass,
  numberOf,
  textOf,
  truth,
} from '../operations.ts';
import {
  JsArray,
  JsFunction,
  JsObject,
  type Native,
  type Natives,
  type Value,
  native,
} from '../values.ts';
import type { Vm } from '../vm.ts';

function list(vm: Vm, self: Value): JsArray {
  if (self instanceof JsArray) return self;
  throw vm.error('TypeError', 'Array.prototype method called on incompatible receiver');
}

/** A method that asks a function about each item. */
function each(
  vm: Vm,
  visit: (item: Value, result: Value, i: number, out: Value[]) => 'stop' | undefined,
  finish: (out: Value[], items: readonly Value[]) => Value,
  fromEnd = false,
): Native {
  return function* (_vm, [callee, self], array) {
    const { items } = list(vm, array);
    const out: Value[] = [];
    if (!(callee instanceof JsFunction))
      throw vm.error('TypeError', `${String(callee)} is not a function`);
    for (let n = 0; n < items.length; n++) {
      const i = fromEnd ? items.length - 1 - n : n;
      if (vm.meter.tick()) yield* vm.meter.settle();
      const result = yield* call(vm, callee, self, [items[i], i, array]);
      if (visit(items[i], result, i, out) === 'stop') break;
    }
    return finish(out, items);
  };
}

function iterating(vm: Vm): Natives {
  const first = (
    wanted: (item: Value, i: number) => Value,
    fromEnd: boolean,
    none: Value,
  ): Native =>
    each(
      vm,
      (item, result, i, out) => {
        if (!truth(result)) return undefined;
        out.push(wanted(item, i));
        return 'stop';
      },
      (out) => (out.length > 0 ? out[0] : none),
      fromEnd,
    );
  return {
    forEach: each(
      vm,
      () => undefined,
      () => undefined,
    ),
    map: each(
      vm,
      (_item, result, _i, out) => {
        out.push(result);
        return undefined;
      },
      (out) => vm.array(out),
    ),
    filter: each(
      vm,
      (item, result, _i, out) => {
        if (truth(result)) out.push(item);
        return undefined;
      },
      (out) => vm.array(out),
    ),
    flatMap: each(
      vm,
      (_item, result, _i, out) => {
        if (result instanceof JsArray) out.push(...result.items);
        else out.push(result);
        return undefined;
      },
      (out) => vm.array(out),
    ),
    find: first((item) => item, false, undefined),
    findLast: first((item) => item, true, undefined),
    findIndex: first((_item, i) => i, false, -1),
    findLastIndex: first((_item, i) => i, true, -1),
    some: each(
      vm,
      (_item, result, _i, out) => (truth(result) ? (out.push(true), 'stop') : undefined),
      (out) => out.length > 0,
    ),
    every: each(
      vm,
      (_item, result, _i, out) => (truth(result) ? undefined : (out.push(false), 'stop')),
      (out) => out.length === 0,
    ),
    reduce: reducer(vm, false),
    reduceRight: reducer(vm, true),
  };
}

function reducer(vm: Vm, fromEnd: boolean): Native {
  return function* (_vm, args, self) {
    const items = [...list(vm, self).items.entries()];
    if (fromEnd) items.reverse();
    let value = args[1];
    if (args.length < 2) {
      const start = items.shift();
      if (!start) throw vm.error('TypeError', 'Reduce of empty array with no initial value');
      value = start[1];
    }
    for (const [i, item] of items)
      value = yield* call(vm, args[0], undefined, [value, item, i, self]);
    return value;
  };
}

/** A stable sort with the program's own comparison. */
export function* sorted(vm: Vm, items: readonly Value[], compare: Value): Routine<Value[]> {
  if (items.length < 2) return [...items];
  const half = items.length >> 1;
  const left = yield* sorted(vm, items.slice(0, half), compare);
  const right = yield* sorted(vm, items.slice(half), compare);
  const out: Value[] = [];
  let i = 0;
  for (const item of right) {
    for (; i < left.length && (yield* order(vm, left[i], item, compare)) <= 0; i++)
      out.push(left[i]);
    out.push(item);
  }
  return [...out, ...left.slice(i)];
}

function* order(vm: Vm, a: Value, b: Value, compare: Value): Routine<number> {
  if (compare instanceof JsFunction)
    return yield* numberOf(vm, yield* call(vm, compare, undefined, [a, b]));
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1;
  const [x, y] = [yield* textOf(vm, a), yield* textOf(vm, b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

function index(value: Value, length: number, otherwise: number): number {
  if (value === undefined) return otherwise;
  const at = Math.trunc(Number(value)) || 0;
  return at < 0 ? Math.max(0, at + length) : Math.min(at, length);
}

function* joined(vm: Vm, self: Value, separator: string): Routine<string> {
  const parts: string[] = [];
  for (const item of list(vm, self).items)
    parts.push(item === undefined || item === null ? '' : yield* textOf(vm, item));
  return parts.join(separator);
}

function flat(items: readonly Value[], depth: number): Value[] {
  return items.flatMap((item) =>
    item instanceof JsArray && depth > 0 ? flat(item.items, depth - 1) : [item],
  );
}

function simple(vm: Vm): Natives {
  const of = (self: Value): Value[] => list(vm, self).items;
  return {
    push: (_vm, args, self) => of(self).push(...args),
    pop: (_vm, _args, self) => of(self).pop(),
    shift: (_vm, _args, self) => of(self).shift(),
    unshift: (_vm, args, self) => of(self).unshift(...args),
    slice: (_vm, [from, to], self) => {
      const items = of(self);
      return vm.array(
        items.slice(index(from, items.length, 0), index(to, items.length, items.length)),
      );
    },
    splice: (_vm, [from, count, ...more], self) => {
      const items = of(self);
      const start = index(from, items.length, 0);
      const size = count === undefined ? items.length - start : Number(count);
      return vm.array(items.splice(start, size, ...more));
    },
    concat: (_vm, args, self) =>
      vm.array([
        ...of(self),
        ...args.flatMap((one) => (one instanceof JsArray ? one.items : [one])),
      ]),
    join: (_vm, [separator], self) =>
      joined(vm, self, separator === undefined ? ',' : String(separator)),
    toString: native((_vm, _args, self) => joined(vm, self, ',')),
    reverse: (_vm, _args, self) => {
      of(self).reverse();
      return self;
    },
    toReversed: (_vm, _args, self) => vm.array([...of(self)].reverse()),
    includes: (_vm, [value], self) => of(self).includes(value),
    indexOf: (_vm, [value], self) => of(self).indexOf(value),
    lastIndexOf: (_vm, [value], self) => of(self).lastIndexOf(value),
    at: (_vm, [i], self) => of(self).at(Number(i ?? 0)),
    fill: (_vm, [value, from, to], self) => {
      const items = of(self);
      items.fill(value, index(from, items.length, 0), index(to, items.length, items.length));
      return self;
    },
    flat: (_vm, [depth], self) => vm.array(flat(of(self), depth === undefined ? 1 : Number(depth))),
    *sort(_vm, [compare], self) {
      list(vm, self).items = yield* sorted(vm, of(self), compare);
      return self;
    },
    *toSorted(_vm, [compare], self) {
      return vm.array(yield* sorted(vm, of(self), compare));
    },
    keys: (_vm, _args, self) => iteratorObject(vm, of(self).keys(), 'Array Iterator'),
    values: (_vm, _args, self) => iteratorObject(vm, of(self).values(), 'Array Iterator'),
    entries: (_vm, _args, self) => {
      const pairs = of(self).map((item, i) => vm.array([i, item]) as Value);
      return iteratorObject(vm, pairs.values(), 'Array Iterator');
    },
  };
}

/** Array. */
export function installArrays(vm: Vm): void {
  vm.prototypes.set('Array', vm.arrayPrototype);
  const make = (args: readonly Value[], prototype: JsObject): JsArray => {
    const [only] = args;
    const items =
      args.length === 1 && typeof only === 'number'
        ? new Array<Value>(only).fill(undefined)
        : [...args];
    return new JsArray(prototype, items);
  };
  const type = nativeClass(
    vm,
    'Array',
    (_vm, args, prototype) => make(args, prototype),
    (_vm, args) => make(args, vm.arrayPrototype),
  );
  vm.methods(type, {
    isArray: (_vm, [value]) => value instanceof JsArray,
    of: (_vm, args) => vm.array([...args]),
    *from(_vm, [source, callee]) {
      let items: Value[];
      const length = source instanceof JsObject ? yield* get(vm, source, 'length') : undefined;
      const own = source instanceof JsObject ? yield* get(vm, source, Symbol.iterator) : undefined;
      if (typeof length === 'number' && own === undefined) {
        items = [];
        for (let i = 0; i < length; i++) items.push(yield* get(vm, source, String(i)));
      } else items = yield* itemsOf(vm, source);
      if (callee === undefined) return vm.array(items);
      const out: Value[] = [];
      for (const [i, item] of items.entries())
        out.push(yield* call(vm, callee, undefined, [item, i]));
      return vm.array(out);
    },
  });
  vm.methods(vm.arrayPrototype, { ...simple(vm), ...iterating(vm) });
  const values = vm.arrayPrototype.own('values')?.value;
  vm.arrayPrototype.hide(Symbol.iterator, values);
  vm.global.hide('Array', type);
}
