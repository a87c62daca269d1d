// Python's values. int is the host's bigint, float its number, str its string, bytes an array of bytes, None null;
// everything else is an object here. A class's methods are its attributes, those of built-in classes too.

import type { Routine } from '../../../core/wait.ts';
import type { FunctionDefinition } from './syntax.ts';
import type { Scope, Vm } from './vm.ts';

export type Value = null | boolean | bigint | number | string | Uint8Array | PyObject;

/** Keyword arguments of a call. */
export type Keywords = ReadonlyMap<string, Value>;

/** A function of the interpreter's own. */
export type NativeCall = (
  vm: Vm,
  args: readonly Value[],
  keywords: Keywords,
) => Value | Routine<Value>;

export class PyObject {
  readonly type: PyClass;
  /** __dict__; undefined of values that take no attributes. */
  readonly attributes: Map<string, Value> | undefined;
  constructor(type: PyClass, attributes?: Map<string, Value>) {
    this.type = type;
    this.attributes = attributes;
  }
}

/** A class. `allocate` makes an instance; it is inherited like a method. */
export class PyClass {
  readonly name: string;
  readonly bases: readonly PyClass[];
  /** The order in which attributes are looked for: itself, then its bases'. */
  readonly mro: readonly PyClass[];
  readonly attributes: Map<string, Value>;
  readonly module: string;
  readonly allocate: ((type: PyClass) => PyObject) | undefined;
  /** Calling the class makes what this gives, where it is given (int, str, list …). */
  construct: NativeCall | undefined;

  constructor(
    name: string,
    bases: readonly PyClass[],
    given: {
      readonly attributes?: Map<string, Value>;
      readonly module?: string;
      readonly allocate?: (type: PyClass) => PyObject;
      readonly construct?: NativeCall;
    } = {},
  ) {
    this.name = name;
    this.bases = bases;
    this.mro = [this, ...linear(bases)];
    this.attributes = given.attributes ?? new Map();
    this.module = given.module ?? 'builtins';
    this.allocate =
      given.allocate ?? this.mro.slice(1).find((one) => one.allocate !== undefined)?.allocate;
    this.construct = given.construct;
  }

  /** A class attribute, along the order of resolution. */
  lookup(name: string): Value | undefined {
    for (const one of this.mro) {
      const value = one.attributes.get(name);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  isSubclassOf(other: PyClass): boolean {
    return this.mro.includes(other);
  }
}

/** C3 linearization of the bases. */
function linear(bases: readonly PyClass[]): PyClass[] {
  let lists = [...bases.map((base) => base.mro), bases].map((list) => [...list]);
  const out: PyClass[] = [];
  for (;;) {
    lists = lists.filter((list) => list.length > 0);
    if (lists.length === 0) return out;
    const next =
      lists.map((list) => list[0]).find((c) => lists.every((l) => !c || l.indexOf(c) < 1)) ??
      lists[0]?.[0];
    if (!next) return out;
    out.push(next);
    for (const list of lists) if (list[0] === next) list.shift();
  }
}

export const objectClass: PyClass = new PyClass('object', [], {
  allocate: (type) => new PyObject(type, new Map()),
});
const builtin = (name: string, allocate?: (type: PyClass) => PyObject): PyClass =>
  new PyClass(name, [objectClass], allocate ? { allocate } : {});

/** `attributes` only for instances of classes that programs define. */
const own = (type: PyClass, base: PyClass): Map<string, Value> | undefined =>
  type === base ? undefined : new Map();

/** The classes of values, by their names. */
export const types = {
  object: objectClass,
  type: builtin('type'),
  NoneType: builtin('NoneType'),
  int: builtin('int'),
  bool: builtin('bool'),
  float: builtin('float'),
  str: builtin('str'),
  bytes: builtin('bytes'),
  list: builtin('list', (type) => new PyList([], type)),
  tuple: builtin('tuple', (type) => new PyTuple([], type)),
  dict: builtin('dict', (type) => new PyDict(type)),
  set: builtin('set', (type) => new PySet(false, type)),
  frozenset: builtin('frozenset', (type) => new PySet(true, type)),
  range: builtin('range'),
  slice: builtin('slice'),
  function: builtin('function'),
  builtin_function_or_method: builtin('builtin_function_or_method'),
  method: builtin('method'),
  module: builtin('module'),
  generator: builtin('generator'),
  iterator: builtin('iterator'),
  dict_keys: builtin('dict_keys'),
  dict_values: builtin('dict_values'),
  dict_items: builtin('dict_items'),
  property: builtin('property'),
  staticmethod: builtin('staticmethod'),
  classmethod: builtin('classmethod'),
  super: builtin('super'),
  ellipsis: builtin('ellipsis'),
  NotImplementedType: builtin('NotImplementedType'),
} as const;

export const ELLIPSIS = new PyObject(types.ellipsis);
export const NOT_IMPLEMENTED = new PyObject(types.NotImplementedType);

export class PyList extends PyObject {
  items: Value[];
  constructor(items: Value[], type: PyClass = types.list) {
    super(type, own(type, types.list));
    this.items = items;
  }
}

export class PyTuple extends PyObject {
  items: readonly Value[];
  constructor(items: readonly Value[], type: PyClass = types.tuple) {
    super(type, own(type, types.tuple));
    this.items = items;
  }
}

/** dict: entries by what makes keys equal (see keyOf), in the order of their insertion. */
export class PyDict extends PyObject {
  readonly entries = new Map<unknown, [Value, Value]>();
  constructor(type: PyClass = types.dict) {
    super(type, own(type, types.dict));
  }

  static of(pairs: Iterable<readonly [string, Value]>): PyDict {
    const dict = new PyDict();
    for (const [key, value] of pairs) dict.put(key, value);
    return dict;
  }

  /** For keys that are strings. */
  put(key: string, value: Value): void {
    this.entries.set(key, [key, value]);
  }
  fetch(key: string): Value | undefined {
    return this.entries.get(key)?.[1];
  }
}

export class PySet extends PyObject {
  readonly entries = new Map<unknown, Value>();
  readonly frozen: boolean;
  constructor(frozen = false, type: PyClass = frozen ? types.frozenset : types.set) {
    super(type, own(type, frozen ? types.frozenset : types.set));
    this.frozen = frozen;
  }
}

export class PyRange extends PyObject {
  readonly start: bigint;
  readonly stop: bigint;
  readonly step: bigint;
  constructor(start: bigint, stop: bigint, step: bigint) {
    super(types.range);
    this.start = start;
    this.stop = stop;
    this.step = step;
  }

  get length(): bigint {
    const { start, stop, step } = this;
    const span = step > 0n ? stop - start : start - stop;
    const size = step > 0n ? step : -step;
    return span <= 0n ? 0n : (span + size - 1n) / size;
  }
}

export class PySlice extends PyObject {
  readonly from: Value;
  readonly to: Value;
  readonly step: Value;
  constructor(from: Value, to: Value, step: Value) {
    super(types.slice);
    this.from = from;
    this.to = to;
    this.step = step;
  }
}

/** A function that the program defines. */
export class PyFunction extends PyObject {
  readonly definition: FunctionDefinition;
  /** The value of a lambda; undefined of a def. */
  readonly scope: Scope;
  readonly defaults: ReadonlyMap<string, Value>;
  /** The class that it was defined in, for super(). */
  owner: PyClass | undefined;
  constructor(definition: FunctionDefinition, scope: Scope, defaults: ReadonlyMap<string, Value>) {
    super(types.function, new Map());
    this.definition = definition;
    this.scope = scope;
    this.defaults = defaults;
  }
}

export class PyNative extends PyObject {
  readonly name: string;
  readonly call: NativeCall;
  constructor(name: string, call: NativeCall) {
    super(types.builtin_function_or_method);
    this.name = name;
    this.call = call;
  }
}

export class PyMethod extends PyObject {
  readonly self: Value;
  readonly callee: Value;
  constructor(self: Value, callee: Value) {
    super(types.method);
    this.self = self;
    this.callee = callee;
  }
}

/** A class as a value: what a program's names refer to. */
export class PyType extends PyObject {
  readonly of: PyClass;
  constructor(of: PyClass) {
    super(types.type);
    this.of = of;
  }
}

export class PyModule extends PyObject {
  readonly name: string;
  /** Of the library, so that an unknown name may be one that is not simulated. */
  readonly library: boolean;
  declare readonly attributes: Map<string, Value>;
  constructor(name: string, library: boolean, attributes = new Map<string, Value>()) {
    super(types.module, attributes);
    this.name = name;
    this.library = library;
  }
}

/** The end of an iterator. */
export const STOP = Symbol('StopIteration');

export class PyIterator extends PyObject {
  readonly next: () => Value | typeof STOP | Routine<Value | typeof STOP>;
  constructor(
    next: () => Value | typeof STOP | Routine<Value | typeof STOP>,
    type: PyClass = types.iterator,
  ) {
    super(type);
    this.next = next;
  }
}

export class PyWrapper extends PyObject {
  readonly inner: Value;
  /** A property's setter. */
  readonly setter: Value | undefined;
  constructor(
    type: typeof types.property | typeof types.staticmethod | typeof types.classmethod,
    inner: Value,
    setter?: Value,
  ) {
    super(type);
    this.inner = inner;
    this.setter = setter;
  }
}

export class PySuper extends PyObject {
  readonly from: PyClass;
  readonly self: Value;
  constructor(from: PyClass, self: Value) {
    super(types.super);
    this.from = from;
    this.self = self;
  }
}

/** Something of the host behind an object: a file, a socket, a pattern. */
export class PyHosted<T> extends PyObject {
  readonly host: T;
  constructor(type: PyClass, host: T) {
    super(type, new Map());
    this.host = host;
  }
}

const typeValues = new WeakMap<PyClass, PyType>();

/** The value that stands for a class. */
export function classValue(of: PyClass): PyType {
  let value = typeValues.get(of);
  if (!value) {
    value = new PyType(of);
    typeValues.set(of, value);
  }
  return value;
}

/** type(value). */
export function typeOf(value: Value): PyClass {
  switch (typeof value) {
    case 'boolean':
      return types.bool;
    case 'bigint':
      return types.int;
    case 'number':
      return types.float;
    case 'string':
      return types.str;
    default:
      if (value === null) return types.NoneType;
      return value instanceof Uint8Array ? types.bytes : value.type;
  }
}

/** Makes natives of functions whose first argument is self, and puts them into a class. */
export function methods(type: PyClass, table: Readonly<Record<string, NativeCall>>): void {
  for (const [name, call] of Object.entries(table))
    type.attributes.set(name, new PyNative(name, call));
}
