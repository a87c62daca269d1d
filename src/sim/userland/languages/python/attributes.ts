// Attributes: where they are looked for, how methods are bound, and what is said of those that are not there (The
// Python Language Reference, 3.3.2). What the real library has and this one has not says that it is not simulated.

import type { Routine } from '../../../core/wait.ts';
import { Missing } from '../interpreter.ts';
import { callValue } from './call.ts';
import { argsTuple, PyException, raise } from './errors.ts';
import { REAL_METHODS } from './real-names.ts';
import {
  classValue,
  PyDict,
  PyFunction,
  PyMethod,
  PyModule,
  PyNative,
  PyObject,
  PySuper,
  PyTuple,
  PyType,
  PyWrapper,
  typeOf,
  types,
  type Value,
} from './values.ts';
import { qualified } from './repr.ts';
import type { Vm } from './vm.ts';

/** A method that a class defines, bound to the value; undefined where it has none. */
export function specialMethod(value: Value, name: string): Value | undefined {
  const found = typeOf(value).lookup(name);
  return found === undefined || found === null ? undefined : bind(found, value);
}

/** What a class attribute is when it is read from an instance. */
function bind(found: Value, self: Value): Value {
  if (found instanceof PyFunction || found instanceof PyNative) return new PyMethod(self, found);
  if (found instanceof PyWrapper) {
    if (found.type === types.staticmethod) return found.inner;
    if (found.type === types.classmethod)
      return new PyMethod(classValue(typeOf(self)), found.inner);
  }
  return found;
}

/** `value.name`. Raises AttributeError. */
export function* getAttribute(vm: Vm, value: Value, name: string): Routine<Value> {
  const found = yield* findAttribute(vm, value, name);
  if (found !== undefined) return found;
  if (value instanceof PyModule) {
    if (value.library) throw new Missing(`python3: ${value.name}.${name}`);
    throw raise('AttributeError', `module '${value.name}' has no attribute '${name}'`);
  }
  const type = value instanceof PyType ? value.of : typeOf(value);
  for (const one of type.mro)
    if (one.module === 'builtins' && REAL_METHODS[one.name]?.split(' ').includes(name))
      throw new Missing(`python3: ${one.name}.${name}`);
  const what = value instanceof PyType ? `type object '${type.name}'` : `'${type.name}' object`;
  throw raise('AttributeError', `${what} has no attribute '${name}'`);
}

/** The attribute; undefined where there is none. */
export function* findAttribute(vm: Vm, value: Value, name: string): Routine<Value | undefined> {
  if (value instanceof PyModule) return value.attributes.get(name) ?? moduleSpecial(value, name);
  if (value instanceof PyType) return classAttribute(value, name);
  if (value instanceof PySuper) {
    const { self } = value;
    const type = self instanceof PyType ? self.of : typeOf(self);
    const after = type.mro.slice(type.mro.indexOf(value.from) + 1);
    for (const one of after) {
      const found = one.attributes.get(name);
      if (found !== undefined)
        return self instanceof PyType && !(found instanceof PyWrapper)
          ? found
          : yield* fromClass(vm, found, self);
    }
    return name === '__init__' ? new PyNative('__init__', initNothing) : undefined;
  }
  const type = typeOf(value);
  const found = type.lookup(name);
  if (found instanceof PyWrapper && found.type === types.property)
    return yield* callValue(vm, found.inner, [value]);
  if (value instanceof PyObject) {
    const own = value.attributes?.get(name);
    if (own !== undefined) return own;
  }
  if (found !== undefined) return yield* fromClass(vm, found, value);
  const special = specialAttribute(value, name);
  if (special !== undefined) return special;
  const fallback = specialMethod(value, '__getattr__');
  return fallback === undefined ? undefined : yield* callValue(vm, fallback, [name]);
}

/** object.__init__, and that of exceptions, whose arguments are kept when they are made. */
const initNothing = (): Value => null;

function* fromClass(vm: Vm, found: Value, self: Value): Routine<Value> {
  if (found instanceof PyWrapper && found.type === types.property)
    return yield* callValue(vm, found.inner, [self]);
  return bind(found, self);
}

function classAttribute(value: PyType, name: string): Value | undefined {
  const { of } = value;
  const found = of.lookup(name);
  if (found instanceof PyWrapper && found.type !== types.property)
    return found.type === types.staticmethod ? found.inner : new PyMethod(value, found.inner);
  if (found !== undefined) return found;
  if (name === '__name__' || name === '__qualname__') return of.name;
  if (name === '__module__') return of.module;
  if (name === '__doc__') return null;
  if (name === '__dict__') return PyDict.of(of.attributes);
  if (name === '__bases__') return new PyTuple(of.bases.map(classValue));
  if (name === '__mro__') return new PyTuple(of.mro.map(classValue));
  if (name === 'mro') return new PyNative('mro', () => new PyTuple(of.mro.map(classValue)));
  if (name === '__init__') return new PyNative('__init__', initNothing);
  return name === '__class__' ? classValue(types.type) : undefined;
}

function moduleSpecial(module: PyModule, name: string): Value | undefined {
  if (name === '__dict__') return PyDict.of(module.attributes);
  if (name === '__name__') return module.name;
  return name === '__doc__' ? null : undefined;
}

function specialAttribute(value: Value, name: string): Value | undefined {
  if (name === '__class__') return classValue(typeOf(value));
  if (name === '__doc__') return null;
  if (name === '__module__') return typeOf(value).module;
  if (value instanceof PyException) {
    if (name === 'args') return argsTuple(value);
    if (name === '__cause__') return value.cause ?? null;
    if (name === '__context__') return value.context ?? null;
    if (name === '__traceback__') return null;
    if (name === 'code' && value.type.name === 'SystemExit') return value.args[0] ?? null;
    if (name === 'value' && value.type.name === 'StopIteration') return value.args[0] ?? null;
  }
  if (value instanceof PyFunction || value instanceof PyNative) {
    const own = value instanceof PyFunction ? value.definition.name : value.name;
    if (name === '__name__' || name === '__qualname__') return own;
  }
  if (value instanceof PyMethod) {
    if (name === '__self__') return value.self;
    if (name === '__func__') return value.callee;
    if (name === '__name__') return specialAttribute(value.callee, name);
  }
  if (value instanceof PyWrapper && value.type === types.property && name === 'setter') {
    const { inner } = value;
    return new PyNative(
      'setter',
      (_vm, [setter = null]) => new PyWrapper(types.property, inner, setter),
    );
  }
  if (name === '__dict__' && value instanceof PyObject && value.attributes)
    return PyDict.of(value.attributes);
  if (name === 'real' && typeof value === 'bigint') return value;
  return undefined;
}

/** `value.name = item`. */
export function* setAttribute(vm: Vm, value: Value, name: string, item: Value): Routine<void> {
  if (value instanceof PyType) {
    if (value.of.module === 'builtins')
      throw raise(
        'TypeError',
        `cannot set '${name}' attribute of immutable type '${value.of.name}'`,
      );
    value.of.attributes.set(name, item);
    return;
  }
  const found = typeOf(value).lookup(name);
  if (found instanceof PyWrapper && found.type === types.property) {
    if (found.setter === undefined)
      throw raise(
        'AttributeError',
        `property '${name}' of '${typeOf(value).name}' object has no setter`,
      );
    yield* callValue(vm, found.setter, [value, item]);
    return;
  }
  const own = specialMethod(value, '__setattr__');
  if (own !== undefined) {
    yield* callValue(vm, own, [name, item]);
    return;
  }
  setOwn(value, name, item);
}

/** object.__setattr__. */
export function setOwn(value: Value, name: string, item: Value): void {
  if (!(value instanceof PyObject) || !value.attributes)
    throw raise(
      'AttributeError',
      `'${qualified(typeOf(value))}' object has no attribute '${name}'`,
    );
  value.attributes.set(name, item);
}

/** `del value.name`. */
export function deleteAttribute(value: Value, name: string): void {
  const attributes =
    value instanceof PyType ? value.of.attributes : value instanceof PyObject && value.attributes;
  if (!attributes || !attributes.delete(name))
    throw raise('AttributeError', `'${typeOf(value).name}' object has no attribute '${name}'`);
}
