// What calling a built-in type makes: int("1"), list(…), range(…), type(…) and the others.

import { decode } from '../../../core/text.ts';
import { integer, text } from './arguments.ts';
import { specialMethod } from './attributes.ts';
import { callValue } from './call.ts';
import { raise } from './errors.ts';
import { hold } from './memory.ts';
import { fillDict, setOf } from './methods-containers.ts';
import { decodeBytes, encodeText } from './methods-text.ts';
import { listOf, textOf, truth } from './operators.ts';
import { reprOf } from './repr.ts';
import {
  classValue,
  type NativeCall,
  PyClass,
  PyDict,
  PyList,
  PyRange,
  PySlice,
  PySuper,
  PyTuple,
  PyType,
  PyWrapper,
  typeOf,
  types,
  type Value,
} from './values.ts';

/** int(text, base). */
function parseInteger(value: string, base: number): bigint {
  const plain = value.trim().replaceAll('_', '').toLowerCase();
  const [, sign = '', digits = ''] = /^([-+]?)(.*)$/s.exec(plain) ?? [];
  const prefix = { 2: '0b', 8: '0o', 16: '0x' }[base] ?? '';
  const body = prefix !== '' && digits.startsWith(prefix) ? digits.slice(2) : digits;
  const alphabet = '0123456789abcdefghijklmnopqrstuvwxyz'.slice(0, base);
  if (body === '' || [...body].some((char) => !alphabet.includes(char)))
    throw raise('ValueError', `invalid literal for int() with base ${base}: '${value}'`);
  let out = 0n;
  for (const char of body) out = out * BigInt(base) + BigInt(alphabet.indexOf(char));
  return sign === '-' ? -out : out;
}

/** Constructors by type. */
export const CONSTRUCTORS: Readonly<Record<string, NativeCall>> = {
  *int(vm, [value, base], keywords) {
    if (value === undefined) return 0n;
    if (typeof value === 'string' || value instanceof Uint8Array)
      return parseInteger(
        typeof value === 'string' ? value : decode(value),
        integer(base ?? keywords.get('base'), 10),
      );
    if (typeof value === 'bigint') return value;
    if (typeof value === 'boolean') return BigInt(value);
    if (typeof value === 'number') {
      if (Number.isFinite(value)) return BigInt(Math.trunc(value));
      throw Number.isNaN(value)
        ? raise('ValueError', 'cannot convert float NaN to integer')
        : raise('OverflowError', 'cannot convert float infinity to integer');
    }
    const own = specialMethod(value, '__int__');
    if (own !== undefined) return yield* callValue(vm, own, []);
    throw raise(
      'TypeError',
      `int() argument must be a string, a bytes-like object or a real number, not '${typeOf(value).name}'`,
    );
  },
  *float(vm, [value]) {
    if (value === undefined) return 0;
    if (typeof value === 'string') {
      const plain = value.trim().toLowerCase().replaceAll('_', '');
      const special = /^([-+]?)(inf|infinity|nan)$/.exec(plain);
      if (special) {
        const size = special[2] === 'nan' ? Number.NaN : Number.POSITIVE_INFINITY;
        return special[1] === '-' ? -size : size;
      }
      if (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/.test(plain)) return Number(plain);
      throw raise('ValueError', `could not convert string to float: ${yield* reprOf(vm, value)}`);
    }
    if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
      return Number(value);
    const own = specialMethod(value, '__float__');
    if (own !== undefined) return yield* callValue(vm, own, []);
    throw raise(
      'TypeError',
      `float() argument must be a string or a real number, not '${typeOf(value).name}'`,
    );
  },
  bool: (vm, [value = false]) => truth(vm, value),
  *str(vm, [value, encoding], keywords) {
    if (value === undefined) return '';
    if (value instanceof Uint8Array && (encoding !== undefined || keywords.has('encoding')))
      return decodeBytes(value, encoding ?? keywords.get('encoding'));
    return yield* textOf(vm, value);
  },
  *bytes(vm, [value, encoding]) {
    if (value === undefined) return new Uint8Array(0);
    if (typeof value === 'string') {
      if (encoding === undefined) throw raise('TypeError', 'string argument without an encoding');
      return encodeText(value, encoding);
    }
    if (typeof value === 'bigint') {
      yield* hold(vm, Number(value));
      return new Uint8Array(Number(value));
    }
    if (value instanceof Uint8Array) return value;
    return Uint8Array.from(yield* listOf(vm, value), (item) => integer(item));
  },
  *list(vm, [value]) {
    return new PyList(value === undefined ? [] : yield* listOf(vm, value));
  },
  *tuple(vm, [value]) {
    return new PyTuple(value === undefined ? [] : yield* listOf(vm, value));
  },
  *dict(vm, [value], keywords) {
    const made = new PyDict();
    yield* fillDict(vm, made, value, keywords);
    return made;
  },
  set: (vm, [value]) => setOf(vm, value),
  frozenset: (vm, [value]) => setOf(vm, value, true),
  range: (_vm, args) => {
    const [first = 0n, second, third] = args.map((arg) => BigInt(integer(arg)));
    if (third === 0n) throw raise('ValueError', 'range() arg 3 must not be zero');
    return second === undefined
      ? new PyRange(0n, first, 1n)
      : new PyRange(first, second, third ?? 1n);
  },
  slice: (_vm, args) => {
    const [first = null, second = null, third = null] = args;
    return args.length === 1 ? new PySlice(null, first, null) : new PySlice(first, second, third);
  },
  property: (_vm, [getter = null, setter]) => new PyWrapper(types.property, getter, setter),
  staticmethod: (_vm, [inner = null]) => new PyWrapper(types.staticmethod, inner),
  classmethod: (_vm, [inner = null]) => new PyWrapper(types.classmethod, inner),
  super: (_vm, [type, self = null]) => {
    if (type instanceof PyType) return new PySuper(type.of, self);
    throw raise('RuntimeError', 'super(): no arguments');
  },
  type: (_vm, [value = null, bases, names]) => {
    if (bases === undefined)
      return classValue(value instanceof PyType ? types.type : typeOf(value));
    const attributes = new Map<string, Value>();
    if (names instanceof PyDict)
      for (const [key, item] of names.entries.values()) attributes.set(text(key), item);
    const list = bases instanceof PyTuple ? bases.items : [];
    const above = list.filter((base) => base instanceof PyType).map((base) => base.of);
    return classValue(
      new PyClass(text(value), above.length > 0 ? above : [types.object], {
        attributes,
        module: '__main__',
      }),
    );
  },
};

for (const [name, construct] of Object.entries(CONSTRUCTORS)) {
  const type = Object.entries(types).find(([own]) => own === name)?.[1];
  if (type) type.construct = construct;
}
