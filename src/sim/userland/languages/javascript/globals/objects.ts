// Object, Function, Symbol, Boolean, errors, Map, Set and their methods (ECMA-262, 20 and 24).

import type { Routine } from '../../../../core/wait.ts';
import {
  call,
  get,
  iteratorObject,
  itemsOf,
  keyOf,
  lookUp,
  nativeClass,
  set,
  textOf,
  truth,
} from '../operations.ts';
import { defineMember } from '../functions.ts';
import type { ErrorName, Vm } from '../vm.ts';
import {
  JsArray,
  JsError,
  JsFunction,
  JsHosted,
  JsObject,
  type Key,
  type Value,
  native,
} from '../values.ts';

/** The enumerable names of an object. */
export function names(value: Value): string[] {
  if (typeof value === 'string') return [...value].map((_, i) => String(i));
  if (!(value instanceof JsObject)) return [];
  return value
    .keys()
    .filter((key) => typeof key === 'string' && value.own(key)?.enumerable) as string[];
}

function* entries(vm: Vm, value: Value): Routine<[string, Value][]> {
  const out: [string, Value][] = [];
  for (const key of names(value)) out.push([key, yield* get(vm, value, key)]);
  return out;
}

function* define(vm: Vm, target: JsObject, key: Key, given: Value): Routine<void> {
  const flag = function* (name: string): Routine<boolean> {
    return truth(yield* get(vm, given, name));
  };
  const enumerable = yield* flag('enumerable');
  const getter = yield* get(vm, given, 'get');
  const setter = yield* get(vm, given, 'set');
  if (getter instanceof JsFunction) defineMember(target, key, 'get', getter, enumerable);
  if (setter instanceof JsFunction) defineMember(target, key, 'set', setter, enumerable);
  if (getter !== undefined || setter !== undefined) return;
  const value = yield* get(vm, given, 'value');
  target.properties.set(key, { value, enumerable, writable: yield* flag('writable') });
}

function objectOf(vm: Vm, value: Value, what: string): JsObject {
  if (value instanceof JsObject) return value;
  throw vm.error('TypeError', `${what} called on non-object`);
}

function installObject(vm: Vm): void {
  const type = nativeClass(
    vm,
    'Object',
    (_vm, [value], prototype) => (value instanceof JsObject ? value : new JsObject(prototype)),
    (_vm, [value]) => (value instanceof JsObject ? value : vm.object()),
  );
  vm.global.hide('Object', type);
  vm.methods(type, {
    keys: (_vm, [value]) => vm.array(names(value)),
    *values(_vm, [value]) {
      return vm.array((yield* entries(vm, value)).map(([, item]) => item));
    },
    *entries(_vm, [value]) {
      return vm.array((yield* entries(vm, value)).map((pair) => vm.array(pair)));
    },
    *assign(_vm, [target, ...sources]) {
      for (const source of sources)
        for (const [key, item] of yield* entries(vm, source)) yield* set(vm, target, key, item);
      return target;
    },
    freeze: (_vm, [value]) => {
      if (value instanceof JsObject) value.sealed = 'frozen';
      return value;
    },
    isFrozen: (_vm, [value]) => !(value instanceof JsObject) || value.sealed === 'frozen',
    seal: (_vm, [value]) => {
      if (value instanceof JsObject && value.sealed === 'no') value.sealed = 'extensions';
      return value;
    },
    *create(_vm, [prototype, properties]) {
      const made = new JsObject(prototype instanceof JsObject ? prototype : null);
      if (properties instanceof JsObject)
        for (const [key, item] of yield* entries(vm, properties))
          yield* define(vm, made, key, item);
      return made;
    },
    getPrototypeOf: (_vm, [value]) => (value instanceof JsObject ? value.prototype : null),
    setPrototypeOf: (_vm, [value, prototype]) => {
      objectOf(vm, value, 'Object.setPrototypeOf').prototype =
        prototype instanceof JsObject ? prototype : null;
      return value;
    },
    *defineProperty(_vm, [value, key, given]) {
      const target = objectOf(vm, value, 'Object.defineProperty');
      yield* define(vm, target, yield* keyOf(vm, key), given);
      return value;
    },
    *defineProperties(_vm, [value, given]) {
      const target = objectOf(vm, value, 'Object.defineProperties');
      for (const [key, item] of yield* entries(vm, given)) yield* define(vm, target, key, item);
      return value;
    },
    getOwnPropertyNames: (_vm, [value]) =>
      vm.array(value instanceof JsObject ? value.keys().filter((k) => typeof k === 'string') : []),
    *fromEntries(_vm, [pairs]) {
      const made = vm.object();
      for (const pair of yield* itemsOf(vm, pairs))
        made.put(yield* keyOf(vm, yield* get(vm, pair, '0')), yield* get(vm, pair, '1'));
      return made;
    },
    is: (_vm, [a, b]) => Object.is(a, b),
    *hasOwn(_vm, [value, key]) {
      return value instanceof JsObject && value.own(yield* keyOf(vm, key)) !== undefined;
    },
    *groupBy(_vm, [items, by]) {
      const made = vm.object();
      for (const [i, item] of (yield* itemsOf(vm, items)).entries()) {
        const key = yield* keyOf(vm, yield* call(vm, by, undefined, [item, i]));
        const list = made.own(key)?.value;
        if (list instanceof JsArray) list.items.push(item);
        else made.put(key, vm.array([item]));
      }
      return made;
    },
  });
  vm.methods(vm.objectPrototype, {
    hasOwnProperty: native(function* (_vm, [key], self) {
      return self instanceof JsObject && self.own(yield* keyOf(vm, key)) !== undefined;
    }),
    isPrototypeOf: native((_vm, [value], self) => {
      for (let o = value instanceof JsObject ? value.prototype : null; o; o = o.prototype)
        if (o === self) return true;
      return false;
    }),
    toString: native((_vm, _args, self) => {
      if (self instanceof JsArray) return '[object Array]';
      if (self instanceof JsFunction) return '[object Function]';
      if (self === undefined) return '[object Undefined]';
      if (self === null) return '[object Null]';
      return self instanceof JsHosted ? `[object ${self.kind}]` : '[object Object]';
    }),
    toLocaleString: native(function* (_vm, _args, self) {
      return yield* textOf(vm, self);
    }),
    valueOf: native((_vm, _args, self) => self),
  });
}

function installFunction(vm: Vm): void {
  vm.methods(vm.functionPrototype, {
    call: (_vm, [self, ...args], callee) => call(vm, callee, self, args),
    *apply(_vm, [self, args], callee) {
      const list = args === undefined || args === null ? [] : yield* itemsOf(vm, args);
      return yield* call(vm, callee, self, list);
    },
    bind: (_vm, [self, ...bound], callee) => {
      const name = callee instanceof JsFunction ? callee.name : '';
      return vm.fn(`bound ${name}`, (_inner, args) => call(vm, callee, self, [...bound, ...args]));
    },
    toString: native(
      (_vm, _args, self) =>
        `function ${self instanceof JsFunction ? self.name : ''}() { [native code] }`,
    ),
  });
  const type = vm.fn('Function', () => undefined);
  type.hide('prototype', vm.functionPrototype);
  vm.functionPrototype.hide('constructor', type);
  vm.global.hide('Function', type);
}

const ERRORS: readonly (ErrorName | 'EvalError' | 'URIError')[] = [
  'Error',
  'TypeError',
  'RangeError',
  'SyntaxError',
  'ReferenceError',
  'EvalError',
  'URIError',
];

function installErrors(vm: Vm): void {
  const base = vm.proto('Error');
  for (const name of ERRORS) {
    const prototype = vm.proto(name);
    if (name !== 'Error') prototype.prototype = base;
    prototype.hide('name', name);
    prototype.hide('message', '');
    const make = function* (args: readonly Value[], own: JsObject): Routine<Value> {
      const [message, options] = args;
      const error = new JsError(own);
      if (message !== undefined) error.hide('message', yield* textOf(vm, message));
      const maker = lookUp(own, 'constructor')?.value;
      const title = maker instanceof JsFunction ? maker.name : name;
      const label = lookUp(own, 'name')?.value;
      const head = typeof label === 'string' && label !== 'Error' ? label : title;
      vm.stamp(error, message === undefined ? head : `${head}: ${yield* textOf(vm, message)}`);
      if (options instanceof JsObject && options.own('cause'))
        error.put('cause', options.own('cause')?.value);
      return error;
    };
    const type = nativeClass(
      vm,
      name,
      (_vm, args, own) => make(args, own),
      (_vm, args) => make(args, prototype),
    );
    vm.methods(type, { captureStackTrace: () => undefined });
    vm.global.hide(name, type);
  }
  vm.methods(base, {
    toString: native(function* (_vm, _args, self) {
      const name = yield* textOf(vm, yield* get(vm, self, 'name'));
      const message = yield* textOf(vm, yield* get(vm, self, 'message'));
      return message === '' ? name : `${name}: ${message}`;
    }),
  });
}

type Table = Map<Value, Value>;

function hostOf<T>(vm: Vm, self: Value, kind: string): T {
  if (self instanceof JsHosted && self.kind === kind) return self.host as T;
  throw vm.error('TypeError', `Method ${kind}.prototype called on incompatible receiver`);
}

function getter(vm: Vm, target: JsObject, name: Key, read: (self: Value) => Value): void {
  defineMember(
    target,
    name,
    'get',
    vm.fn(String(name), (_vm, _args, self) => read(self)),
    false,
  );
}

function installMap(vm: Vm): void {
  for (const name of ['Map', 'WeakMap']) {
    const type = nativeClass(vm, name, function* (_vm, [pairs], prototype) {
      const host: Table = new Map();
      if (pairs !== undefined && pairs !== null)
        for (const pair of yield* itemsOf(vm, pairs))
          host.set(yield* get(vm, pair, '0'), yield* get(vm, pair, '1'));
      return new JsHosted(prototype, 'Map', host);
    });
    vm.global.hide(name, type);
    const prototype = vm.proto(name);
    const map = (self: Value): Table => hostOf<Table>(vm, self, 'Map');
    vm.methods(prototype, {
      get: (_vm, [key], self) => map(self).get(key),
      set: (_vm, [key, value], self) => {
        map(self).set(key, value);
        return self;
      },
      has: (_vm, [key], self) => map(self).has(key),
      delete: (_vm, [key], self) => map(self).delete(key),
      clear: (_vm, _args, self) => {
        map(self).clear();
        return undefined;
      },
      keys: (_vm, _args, self) => iteratorObject(vm, map(self).keys(), 'Map Iterator'),
      values: (_vm, _args, self) => iteratorObject(vm, map(self).values(), 'Map Iterator'),
      entries: (_vm, _args, self) => pairsOf(vm, map(self)),
      *forEach(_vm, [callee], self) {
        for (const [key, value] of [...map(self)])
          yield* call(vm, callee, undefined, [value, key, self]);
        return undefined;
      },
    });
    prototype.hide(
      Symbol.iterator,
      vm.fn('entries', (_vm, _args, self) => pairsOf(vm, map(self))),
    );
    getter(vm, prototype, 'size', (self) => map(self).size);
  }
}

function pairsOf(vm: Vm, map: Table): Value {
  const pairs = (function* () {
    for (const pair of map) yield vm.array(pair) as Value;
  })();
  return iteratorObject(vm, pairs, 'Map Iterator');
}

function installSet(vm: Vm): void {
  for (const name of ['Set', 'WeakSet']) {
    const type = nativeClass(vm, name, function* (_vm, [items], prototype) {
      const list = items === undefined || items === null ? [] : yield* itemsOf(vm, items);
      return new JsHosted(prototype, 'Set', new Set(list));
    });
    vm.global.hide(name, type);
    const prototype = vm.proto(name);
    const host = (self: Value): Set<Value> => hostOf<Set<Value>>(vm, self, 'Set');
    const values = (self: Value): Value => iteratorObject(vm, host(self).values(), 'Set Iterator');
    vm.methods(prototype, {
      add: (_vm, [value], self) => {
        host(self).add(value);
        return self;
      },
      has: (_vm, [value], self) => host(self).has(value),
      delete: (_vm, [value], self) => host(self).delete(value),
      clear: (_vm, _args, self) => {
        host(self).clear();
        return undefined;
      },
      values: (_vm, _args, self) => values(self),
      keys: (_vm, _args, self) => values(self),
      *forEach(_vm, [callee], self) {
        for (const value of [...host(self)])
          yield* call(vm, callee, undefined, [value, value, self]);
        return undefined;
      },
    });
    prototype.hide(
      Symbol.iterator,
      vm.fn('values', (_vm, _args, self) => values(self)),
    );
    getter(vm, prototype, 'size', (self) => host(self).size);
  }
}

function installSymbol(vm: Vm): void {
  const type = vm.fn('Symbol', (_vm, [name]) =>
    Symbol(name === undefined ? undefined : String(name)),
  );
  type.hide('iterator', Symbol.iterator);
  type.hide('asyncIterator', Symbol.asyncIterator);
  type.hide('toPrimitive', Symbol.toPrimitive);
  type.hide('toStringTag', Symbol.toStringTag);
  type.hide('prototype', vm.proto('Symbol'));
  vm.methods(type, {
    for: (_vm, [name]) => {
      const key = String(name);
      const known = vm.symbols.get(key) ?? Symbol(key);
      vm.symbols.set(key, known);
      return known;
    },
  });
  vm.methods(vm.proto('Symbol'), { toString: native((_vm, _args, self) => String(self)) });
  vm.global.hide('Symbol', type);
  const identity = vm.fn('[Symbol.iterator]', (_vm, _args, self) => self);
  vm.proto('Iterator').hide(Symbol.iterator, identity);
  const boolean = vm.fn('Boolean', (_vm, [value]) => truth(value));
  boolean.hide('prototype', vm.proto('Boolean'));
  vm.methods(vm.proto('Boolean'), { toString: native((_vm, _args, self) => String(self)) });
  vm.global.hide('Boolean', boolean);
}

/** All of this file. */
export function installObjects(vm: Vm): void {
  installObject(vm);
  installFunction(vm);
  installErrors(vm);
  installMap(vm);
  installSet(vm);
  installSymbol(vm);
}
