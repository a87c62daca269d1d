// Conversions, comparisons and the reading and writing of properties (ECMA-262, 7).

import type { Routine } from '../../../core/wait.ts';
import { isRoutine, Missing } from '../interpreter.ts';
import {
  indexOf,
  JsArray,
  JsFunction,
  JsHosted,
  JsObject,
  type Key,
  type Native,
  type Property,
  type Value,
} from './values.ts';
import type { Vm } from './vm.ts';

/** Calls a function. Throws TypeError where it is none; `what` is its name in the source. */
export function* call(
  vm: Vm,
  callee: Value,
  self: Value,
  args: readonly Value[],
  what?: string,
): Routine<Value> {
  if (!(callee instanceof JsFunction))
    throw vm.error('TypeError', `${what ?? shown(callee)} is not a function`);
  const result = callee.native(vm, args, self);
  return isRoutine(result) ? yield* result : result;
}

function shown(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return value instanceof JsObject ? '#<Object>' : String(value);
}

/** `new callee(…)`. */
export function* construct(
  vm: Vm,
  callee: Value,
  args: readonly Value[],
  what?: string,
): Routine<Value> {
  if (!(callee instanceof JsFunction) || !callee.construct)
    throw vm.error('TypeError', `${what ?? shown(callee)} is not a constructor`);
  const made = callee.construct(vm, args, callee);
  return isRoutine(made) ? yield* made : made;
}

/** The object that has the properties of a primitive. */
export function holderOf(vm: Vm, value: Value): JsObject | null {
  switch (typeof value) {
    case 'string':
      return vm.proto('String');
    case 'number':
      return vm.proto('Number');
    case 'boolean':
      return vm.proto('Boolean');
    case 'bigint':
      return vm.proto('BigInt');
    case 'symbol':
      return vm.proto('Symbol');
    default:
      return value instanceof JsObject ? value : null;
  }
}

/** A property along the prototypes. */
export function lookUp(start: JsObject | null, key: Key): Property | undefined {
  for (let object = start; object; object = object.prototype) {
    const property = object.own(key);
    if (property) return property;
  }
  return undefined;
}

/** Names that real Node has and that are not here: reading one says so, in place of an undefined that is not true. */
const absent = new WeakMap<JsObject, ReadonlySet<string>>();

/** Marks names of an object as not simulated. */
export function leaveOut(object: JsObject, names: readonly string[]): void {
  absent.set(object, new Set(names));
}

/** `value[key]`. */
export function* get(vm: Vm, value: Value, key: Key, what?: string): Routine<Value> {
  if (value === undefined || value === null)
    throw vm.error(
      'TypeError',
      `Cannot read properties of ${String(value)} (reading '${String(key)}')`,
    );
  if (typeof value === 'string') {
    if (key === 'length') return value.length;
    const at = indexOf(key);
    if (at !== undefined) return value[at];
  }
  if (value instanceof JsArray) {
    const at = indexOf(key);
    if (at !== undefined && at < value.items.length) return value.items[at];
    if (key === 'length') return value.items.length;
  }
  if (value instanceof JsHosted && value.host instanceof Uint8Array) {
    const at = indexOf(key);
    if (at !== undefined) return value.host[at];
    if (key === 'length') return value.host.length;
  }
  const holder = holderOf(vm, value);
  const property = lookUp(holder, key);
  if (!property) {
    if (holder && typeof key === 'string' && absent.get(holder)?.has(key))
      throw new Missing(`node: ${what ?? ''}${key}`);
    return undefined;
  }
  if (property.getter !== undefined) return yield* call(vm, property.getter, value, []);
  return property.setter === undefined ? property.value : undefined;
}

/** `value[key] = item`. */
export function* set(vm: Vm, value: Value, key: Key, item: Value): Routine<void> {
  if (value === undefined || value === null)
    throw vm.error(
      'TypeError',
      `Cannot set properties of ${String(value)} (setting '${String(key)}')`,
    );
  if (!(value instanceof JsObject)) return;
  const at = indexOf(key);
  if (value instanceof JsArray && value.sealed !== 'frozen') {
    if (at !== undefined && (at < value.items.length || value.sealed === 'no')) {
      while (value.items.length < at) value.items.push(undefined);
      value.items[at] = item;
      return;
    }
    if (key === 'length') {
      value.items.length = Number(item);
      return;
    }
  }
  if (value instanceof JsHosted && value.host instanceof Uint8Array && at !== undefined) {
    value.host[at] = Number(item);
    return;
  }
  const property = lookUp(value, key);
  if (property?.setter !== undefined) {
    yield* call(vm, property.setter, value, [item]);
    return;
  }
  if (property?.getter !== undefined)
    throw vm.error(
      'TypeError',
      `Cannot set property ${String(key)} of #<Object> which has only a getter`,
    );
  const own = value.properties.get(key);
  if (value.sealed === 'frozen' || (own && !own.writable)) return;
  if (own) own.value = item;
  else if (value.sealed === 'no') value.put(key, item);
}

/** ToPrimitive. */
export function* primitive(
  vm: Vm,
  value: Value,
  hint: 'string' | 'number' | 'default' = 'default',
): Routine<Exclude<Value, JsObject>> {
  if (!(value instanceof JsObject)) return value;
  const own = yield* get(vm, value, Symbol.toPrimitive);
  if (own instanceof JsFunction) {
    const result = yield* call(vm, own, value, [hint]);
    if (!(result instanceof JsObject)) return result;
    throw vm.error('TypeError', 'Cannot convert object to primitive value');
  }
  const asText =
    hint === 'string' || (value instanceof JsHosted && value.kind === 'Date' && hint === 'default');
  for (const name of asText ? ['toString', 'valueOf'] : ['valueOf', 'toString']) {
    const method = yield* get(vm, value, name);
    if (!(method instanceof JsFunction)) continue;
    const result = yield* call(vm, method, value, []);
    if (!(result instanceof JsObject)) return result;
  }
  throw vm.error('TypeError', 'Cannot convert object to primitive value');
}

/** String(value). */
export function* textOf(vm: Vm, value: Value): Routine<string> {
  if (typeof value === 'string') return value;
  const plain = yield* primitive(vm, value, 'string');
  if (typeof plain === 'symbol')
    throw vm.error('TypeError', 'Cannot convert a Symbol value to a string');
  return String(plain);
}

/** Number(value). */
export function* numberOf(vm: Vm, value: Value): Routine<number> {
  if (typeof value === 'number') return value;
  const plain = yield* primitive(vm, value, 'number');
  if (typeof plain === 'bigint')
    throw vm.error('TypeError', 'Cannot convert a BigInt value to a number');
  if (typeof plain === 'symbol')
    throw vm.error('TypeError', 'Cannot convert a Symbol value to a number');
  return Number(plain);
}

/** The key that a computed value is. */
export function* keyOf(vm: Vm, value: Value): Routine<Key> {
  return typeof value === 'symbol' ? value : yield* textOf(vm, value);
}

/** Boolean(value). */
export function truth(value: Value): boolean {
  return value instanceof JsObject || Boolean(value);
}

/** `typeof value`. */
export function typeName(value: Value): string {
  if (value instanceof JsFunction) return 'function';
  return value === null || value instanceof JsObject ? 'object' : typeof value;
}

/** `left == right`. */
export function* looselyEqual(vm: Vm, left: Value, right: Value): Routine<boolean> {
  const empty = (value: Value): boolean => value === undefined || value === null;
  if (empty(left) || empty(right)) return empty(left) && empty(right);
  if (left instanceof JsObject === right instanceof JsObject && typeof left === typeof right)
    return left === right;
  const [a, b] = [yield* primitive(vm, left), yield* primitive(vm, right)];
  if (typeof a === typeof b) return a === b;
  if (typeof a === 'symbol' || typeof b === 'symbol') return false;
  return Number(a) === Number(b);
}

/** `value instanceof type`. */
export function* isInstance(vm: Vm, value: Value, type: Value): Routine<boolean> {
  if (!(type instanceof JsFunction))
    throw vm.error('TypeError', "Right-hand side of 'instanceof' is not callable");
  const prototype = yield* get(vm, type, 'prototype');
  if (!(value instanceof JsObject)) return false;
  for (let object = value.prototype; object; object = object.prototype)
    if (object === prototype) return true;
  return false;
}

/** Every item that an iterable gives. */
export function* itemsOf(vm: Vm, value: Value): Routine<Value[]> {
  if (value instanceof JsArray) return [...value.items];
  if (typeof value === 'string') return [...value];
  const out: Value[] = [];
  const next = yield* iterator(vm, value);
  for (let step = yield* next(); !step.done; step = yield* next()) out.push(step.value);
  return out;
}

/** One step of an iteration. */
export interface Step {
  readonly done: boolean;
  readonly value: Value;
}

/** A way through an iterable: each call is a step. */
export function* iterator(vm: Vm, value: Value, what?: string): Routine<() => Routine<Step>> {
  if (value instanceof JsArray) {
    let at = 0;
    return function* () {
      return at < value.items.length
        ? { done: false, value: value.items[at++] }
        : { done: true, value: undefined };
    };
  }
  const method =
    value === undefined || value === null ? undefined : yield* get(vm, value, Symbol.iterator);
  if (!(method instanceof JsFunction)) {
    const name = what ?? (value instanceof JsObject ? 'object' : String(value));
    throw vm.error('TypeError', `${name} is not iterable`);
  }
  const source = yield* call(vm, method, value, []);
  const next = yield* get(vm, source, 'next');
  return function* () {
    const step = yield* call(vm, next, source, []);
    if (!(step instanceof JsObject))
      throw vm.error('TypeError', `Iterator result ${String(step)} is not an object`);
    return { done: truth(yield* get(vm, step, 'done')), value: yield* get(vm, step, 'value') };
  };
}

/** An iterator object over a host's iterator. */
export function iteratorObject(vm: Vm, items: Iterator<Value>, kind: string): JsObject {
  const made = new JsHosted(vm.proto('Iterator'), kind, items);
  made.hide(
    'next',
    vm.fn('next', () => {
      const step = items.next();
      return vm.object([
        ['value', step.done ? undefined : step.value],
        ['done', step.done === true],
      ]);
    }),
  );
  return made;
}

/** Makes a class of the interpreter's own: its constructor with a prototype. */
export function nativeClass(
  vm: Vm,
  name: string,
  make: (vm: Vm, args: readonly Value[], prototype: JsObject) => Value | Routine<Value>,
  called?: Native,
): JsFunction {
  const prototype = vm.proto(name);
  const type = new JsFunction(
    vm.functionPrototype,
    name,
    called ??
      (() => {
        throw vm.error('TypeError', `Class constructor ${name} cannot be invoked without 'new'`);
      }),
    function* (inner, args, target) {
      const own = yield* get(inner, target, 'prototype');
      const made = make(inner, args, own instanceof JsObject ? own : prototype);
      return isRoutine(made) ? yield* made : made;
    },
  );
  type.hide('prototype', prototype);
  prototype.hide('constructor', type);
  return type;
}
