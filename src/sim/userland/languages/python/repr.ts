// How Python writes values: repr(), and floats as the shortest text that reads back the same.

import type { Routine } from '../../../core/wait.ts';
import { specialMethod } from './attributes.ts';
import { callValue } from './call.ts';
import { PyException, raise } from './errors.ts';
import { PyGenerator } from './iterate.ts';
import { textOf } from './operators.ts';
import { quoted, quotedBytes } from './strings.ts';
import {
  ELLIPSIS,
  NOT_IMPLEMENTED,
  type PyClass,
  PyDict,
  PyFunction,
  PyList,
  PyMethod,
  PyModule,
  PyNative,
  type PyObject,
  PyRange,
  PySet,
  PySlice,
  PyTuple,
  PyType,
  types,
  type Value,
} from './values.ts';
import type { Vm } from './vm.ts';

/** A float. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    const [digits = '', exponent = '0'] = value.toExponential().split('e');
    const power = Number(exponent);
    return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  const text = String(value);
  return /[.]/.test(text) ? text : `${text}.0`;
}

/** The name of a class with its module, as repr writes it. */
export function qualified(type: PyClass): string {
  return type.module === 'builtins' ? type.name : `${type.module}.${type.name}`;
}

/** repr(value). */
export function* reprOf(vm: Vm, value: Value, within: readonly PyObject[] = []): Routine<string> {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'bigint':
      return String(value);
    case 'boolean':
      return value ? 'True' : 'False';
    case 'number':
      return floatText(value);
    default:
  }
  if (value === null) return 'None';
  if (value instanceof Uint8Array) return quotedBytes(value);
  const own = specialMethod(value, '__repr__');
  if (own !== undefined) {
    const text = yield* callValue(vm, own, []);
    if (typeof text === 'string') return text;
    throw raise('TypeError', `__repr__ returned non-string (type ${vm.version})`);
  }
  if (within.includes(value)) return value instanceof PyList ? '[...]' : '{...}';
  return (yield* container(vm, value, [...within, value])) ?? (yield* plainObject(vm, value));
}

function* container(
  vm: Vm,
  value: PyObject,
  within: readonly PyObject[],
): Routine<string | undefined> {
  const list = function* (items: Iterable<Value>): Routine<string[]> {
    const out: string[] = [];
    for (const item of items) out.push(yield* reprOf(vm, item, within));
    return out;
  };
  if (value instanceof PyList) {
    const text = `[${(yield* list(value.items)).join(', ')}]`;
    return value.type.isSubclassOf(types.list) ? text : `${value.type.name}(${text})`;
  }
  if (value instanceof PyTuple) {
    const parts = yield* list(value.items);
    return parts.length === 1 ? `(${parts[0]},)` : `(${parts.join(', ')})`;
  }
  if (value instanceof PyDict) {
    const parts: string[] = [];
    for (const [key, item] of value.entries.values())
      parts.push(`${yield* reprOf(vm, key, within)}: ${yield* reprOf(vm, item, within)}`);
    return `{${parts.join(', ')}}`;
  }
  if (value instanceof PySet) {
    const parts = (yield* list(value.entries.values())).join(', ');
    if (value.frozen) return parts === '' ? 'frozenset()' : `frozenset({${parts}})`;
    return parts === '' ? 'set()' : `{${parts}}`;
  }
  return undefined;
}

function* plainObject(vm: Vm, value: PyObject): Routine<string> {
  const address = `0x${vm.id(value).toString(16)}`;
  if (value === ELLIPSIS) return 'Ellipsis';
  if (value === NOT_IMPLEMENTED) return 'NotImplemented';
  if (value instanceof PyType) return `<class '${qualified(value.of)}'>`;
  if (value instanceof PyRange) {
    const step = value.step === 1n ? '' : `, ${value.step}`;
    return `range(${value.start}, ${value.stop}${step})`;
  }
  if (value instanceof PySlice) {
    const parts: string[] = [];
    for (const part of [value.from, value.to, value.step]) parts.push(yield* reprOf(vm, part));
    return `slice(${parts.join(', ')})`;
  }
  if (value instanceof PyException) {
    const parts: string[] = [];
    for (const arg of value.args) parts.push(yield* reprOf(vm, arg));
    return `${value.type.name}(${parts.join(', ')})`;
  }
  if (value instanceof PyFunction) return `<function ${value.definition.name} at ${address}>`;
  if (value instanceof PyNative) return `<built-in function ${value.name}>`;
  if (value instanceof PyMethod) {
    const { callee, self } = value;
    if (callee instanceof PyFunction)
      return `<bound method ${value.callee instanceof PyFunction && callee.owner ? `${callee.owner.name}.` : ''}${callee.definition.name} of ${yield* reprOf(vm, self)}>`;
    return `<built-in method at ${address}>`;
  }
  if (value instanceof PyModule) return `<module '${value.name}'${moduleOrigin(value)}>`;
  if (value instanceof PyGenerator) return `<generator object at ${address}>`;
  if (value.type === types.object) return `<object object at ${address}>`;
  return `<${qualified(value.type)} object at ${address}>`;
}

function moduleOrigin(module: PyModule): string {
  const file = module.attributes.get('__file__');
  return typeof file === 'string' ? ` from ${quoted(file)}` : ' (built-in)';
}

/** The text of an exception's arguments: str(exception). */
export function* exceptionText(vm: Vm, exception: PyException): Routine<string> {
  const own = specialMethod(exception, '__str__');
  if (own !== undefined) return yield* textOf(vm, yield* callValue(vm, own, []));
  const { args, type } = exception;
  const errno = exception.attributes.get('errno');
  if (errno !== undefined && exception.attributes.has('strerror')) {
    let text = `[Errno ${String(errno)}] ${String(exception.attributes.get('strerror'))}`;
    const [first, second] = ['filename', 'filename2'].map((n) => exception.attributes.get(n));
    if (typeof first === 'string') text += `: ${quoted(first)}`;
    if (typeof second === 'string') text += ` -> ${quoted(second)}`;
    return text;
  }
  if (args.length === 0) return '';
  if (args.length === 1) {
    const [only = null] = args;
    return type.name === 'KeyError' ? yield* reprOf(vm, only) : yield* textOf(vm, only);
  }
  const parts: string[] = [];
  for (const arg of args) parts.push(yield* reprOf(vm, arg));
  return `(${parts.join(', ')})`;
}
