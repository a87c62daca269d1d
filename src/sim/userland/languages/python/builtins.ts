// Python's built-in functions and the constructors of its types.

import type { Routine } from '../../../core/wait.ts';
import { Missing } from '../interpreter.ts';
import { argument, bytesOf, integer, natives, real, text } from './arguments.ts';
import { findAttribute, getAttribute, setAttribute, specialMethod } from './attributes.ts';
import { callValue } from './call.ts';
import { CONSTRUCTORS } from './constructors.ts';
import { exceptions, raise } from './errors.ts';
import { openFile } from './files.ts';
import { formatValue } from './format.ts';
import { iteration, iteratorOf, nextOf } from './iterate.ts';
import { reversedOf, sorted } from './methods-containers.ts';
import { ordered } from './compare.ts';
import { binary, keyOf, listOf, textOf, truth } from './operators.ts';
import { reprOf } from './repr.ts';
import { lengthInCharacters } from './strings.ts';
import {
  classValue,
  type Keywords,
  type NativeCall,
  NOT_IMPLEMENTED,
  PyDict,
  PyFunction,
  PyIterator,
  PyList,
  PyMethod,
  PyModule,
  PyNative,
  PyObject,
  PyRange,
  PySet,
  PyTuple,
  PyType,
  STOP,
  typeOf,
  types,
  type Value,
} from './values.ts';
import type { Vm } from './vm.ts';

/** print(*values, sep, end, file, flush). */
function* print(vm: Vm, args: readonly Value[], keywords: Keywords): Routine<Value> {
  const separator = keywords.get('sep') ?? ' ';
  const parts: string[] = [];
  for (const arg of args) parts.push(yield* textOf(vm, arg));
  const end = keywords.get('end') ?? '\n';
  const line = parts.join(text(separator)) + text(end);
  const sys = vm.modules.get('sys');
  const file = keywords.get('file') ?? sys?.attributes.get('stdout') ?? null;
  yield* callValue(vm, yield* getAttribute(vm, file, 'write'), [line]);
  if (yield* truth(vm, keywords.get('flush') ?? false))
    yield* callValue(vm, yield* getAttribute(vm, file, 'flush'), []);
  return null;
}

function isInstance(value: Value, wanted: Value): boolean {
  if (wanted instanceof PyTuple) return wanted.items.some((one) => isInstance(value, one));
  if (wanted === null) return value === null;
  if (!(wanted instanceof PyType))
    throw raise('TypeError', 'isinstance() arg 2 must be a type, a tuple of types, or a union');
  const type = value instanceof PyType ? types.type : typeOf(value);
  return type.isSubclassOf(wanted.of) || (type === types.bool && wanted.of === types.int);
}

function* extreme(
  vm: Vm,
  name: 'min' | 'max',
  args: readonly Value[],
  keywords: Keywords,
): Routine<Value> {
  const [first = null] = args;
  const items = args.length > 1 ? args : yield* listOf(vm, first);
  const key = keywords.get('key') ?? null;
  let best: Value | undefined;
  let bestKey: Value = null;
  for (const item of items) {
    const value = key === null ? item : yield* callValue(vm, key, [item]);
    if (best === undefined || (yield* ordered(vm, name === 'min' ? '<' : '>', value, bestKey))) {
      best = item;
      bestKey = value;
    }
  }
  const found = best ?? keywords.get('default');
  if (found === undefined) throw raise('ValueError', `${name}() iterable argument is empty`);
  return found;
}

function* lengthOf(vm: Vm, value: Value): Routine<bigint> {
  if (typeof value === 'string') return BigInt(lengthInCharacters(value));
  if (value instanceof Uint8Array) return BigInt(value.length);
  const own = value instanceof PyObject ? specialMethod(value, '__len__') : undefined;
  if (own !== undefined) return BigInt(integer(yield* callValue(vm, own, [])));
  if (value instanceof PyList || value instanceof PyTuple) return BigInt(value.items.length);
  if (value instanceof PyDict || value instanceof PySet) return BigInt(value.entries.size);
  if (value instanceof PyRange) return value.length;
  throw raise('TypeError', `object of type '${typeOf(value).name}' has no len()`);
}

/** round(): halves go to the even neighbour. */
function rounded(value: number, digits: number): number {
  const scale = 10 ** digits;
  const scaled = value * scale;
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  const up = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0);
  if (digits > 0 && rest !== 0.5) return Number(value.toFixed(digits));
  return (up ? floor + 1 : floor) / scale;
}

function* mapped(vm: Vm, callee: Value, sources: readonly Value[]): Routine<Value> {
  const iterators: Value[] = [];
  for (const source of sources) iterators.push(yield* iteratorOf(vm, source));
  return new PyIterator(function* () {
    const items: Value[] = [];
    for (const iterator of iterators) {
      const item = yield* nextOf(vm, iterator);
      if (typeof item === 'symbol') return STOP;
      items.push(item);
    }
    return callee === null ? new PyTuple(items) : yield* callValue(vm, callee, items);
  });
}

const FUNCTIONS: Readonly<Record<string, NativeCall>> = {
  print,
  len: (vm, [value = null]) => lengthOf(vm, value),
  repr: (vm, [value = null]) => reprOf(vm, value),
  ascii: (vm, [value = null]) => reprOf(vm, value),
  iter: (vm, [value = null]) => iteratorOf(vm, value),
  *next(vm, [iterator = null, otherwise]) {
    const item = yield* nextOf(vm, iterator);
    if (typeof item !== 'symbol') return item;
    if (otherwise === undefined) throw raise('StopIteration');
    return otherwise;
  },
  isinstance: (_vm, [value = null, wanted = null]) => isInstance(value, wanted),
  issubclass: (_vm, [value = null, wanted = null]) => {
    const list = wanted instanceof PyTuple ? wanted.items : [wanted];
    return list.some(
      (one) => value instanceof PyType && one instanceof PyType && value.of.isSubclassOf(one.of),
    );
  },
  callable: (_vm, [value = null]) =>
    value instanceof PyFunction ||
    value instanceof PyNative ||
    value instanceof PyMethod ||
    value instanceof PyType ||
    (value instanceof PyObject && specialMethod(value, '__call__') !== undefined),
  *getattr(vm, [value = null, name, otherwise]) {
    if (otherwise === undefined) return yield* getAttribute(vm, value, text(name));
    return (yield* findAttribute(vm, value, text(name))) ?? otherwise;
  },
  *hasattr(vm, [value = null, name]) {
    return (yield* findAttribute(vm, value, text(name))) !== undefined;
  },
  *setattr(vm, [value = null, name, item = null]) {
    yield* setAttribute(vm, value, text(name), item);
    return null;
  },
  id: (vm, [value = null]) => (value instanceof PyObject ? vm.id(value) : 0x7f00_0000n),
  *hash(vm, [value = null]) {
    const key = keyOf(vm, value);
    if (typeof key === 'bigint') return key;
    let sum = 5381n;
    for (const char of String(key))
      sum = (sum * 33n + BigInt(char.codePointAt(0) ?? 0)) % 2n ** 61n;
    return sum;
  },
  min: (vm, args, keywords) => extreme(vm, 'min', args, keywords),
  max: (vm, args, keywords) => extreme(vm, 'max', args, keywords),
  *sum(vm, [items = null, start], keywords) {
    let total: Value = start ?? keywords.get('start') ?? 0n;
    for (const item of yield* listOf(vm, items)) total = yield* binary(vm, '+', total, item);
    return total;
  },
  abs: (_vm, [value = null]) =>
    typeof value === 'bigint' ? (value < 0n ? -value : value) : Math.abs(real(value)),
  round: (_vm, [value = null, digits], keywords) => {
    const places = digits ?? keywords.get('ndigits');
    if (typeof value === 'bigint') return value;
    const result = rounded(real(value), integer(places, 0));
    return places === undefined || places === null ? BigInt(result) : result;
  },
  *divmod(vm, [left = null, right = null]) {
    return new PyTuple([yield* binary(vm, '//', left, right), yield* binary(vm, '%', left, right)]);
  },
  *pow(vm, [base = null, power = null, modulus]) {
    const value = yield* binary(vm, '**', base, power);
    return modulus === undefined ? value : yield* binary(vm, '%', value, modulus);
  },
  *sorted(vm, [items = null], keywords) {
    return new PyList(yield* sorted(vm, yield* listOf(vm, items), keywords));
  },
  reversed: (vm, [value = null]) => reversedOf(vm, value),
  *enumerate(vm, args, keywords) {
    const iterator = yield* iteratorOf(vm, args[0] ?? null);
    let at = BigInt(integer(argument(args, keywords, 1, 'start'), 0));
    return new PyIterator(function* () {
      const item = yield* nextOf(vm, iterator);
      return typeof item === 'symbol' ? STOP : new PyTuple([at++, item]);
    });
  },
  zip: (vm, sources) =>
    sources.length === 0 ? new PyIterator(() => STOP) : mapped(vm, null, sources),
  map: (vm, [callee = null, ...sources]) => mapped(vm, callee, sources),
  *filter(vm, [test = null, source = null]) {
    const iterator = yield* iteratorOf(vm, source);
    return new PyIterator(function* () {
      for (;;) {
        const item = yield* nextOf(vm, iterator);
        if (typeof item === 'symbol') return STOP;
        const wanted = test === null ? item : yield* callValue(vm, test, [item]);
        if (yield* truth(vm, wanted)) return item;
      }
    });
  },
  *any(vm, [items = null]) {
    const { iterate } = yield* iteration(vm, items);
    for (let item = yield* iterate(); typeof item !== 'symbol'; item = yield* iterate())
      if (yield* truth(vm, item)) return true;
    return false;
  },
  *all(vm, [items = null]) {
    const { iterate } = yield* iteration(vm, items);
    for (let item = yield* iterate(); typeof item !== 'symbol'; item = yield* iterate())
      if (!(yield* truth(vm, item))) return false;
    return true;
  },
  ord: (_vm, [value]) =>
    value instanceof Uint8Array
      ? BigInt(bytesOf(value)[0] ?? 0)
      : BigInt(text(value).codePointAt(0) ?? 0),
  chr: (_vm, [value]) => String.fromCodePoint(integer(value)),
  hex: (vm, [value = null]) => formatValue(vm, value, '#x'),
  oct: (vm, [value = null]) => formatValue(vm, value, '#o'),
  bin: (vm, [value = null]) => formatValue(vm, value, '#b'),
  format: (vm, [value = null, specification = '']) => formatValue(vm, value, text(specification)),
  *input(vm, [prompt]) {
    if (prompt !== undefined) vm.main.out.put(yield* textOf(vm, prompt));
    yield* vm.main.out.flush();
    const line = yield* vm.main.input.line();
    if (line === undefined) throw raise('EOFError', 'EOF when reading a line');
    return line.replace(/\n$/, '');
  },
  open: openFile,
  globals: (vm) => PyDict.of(vm.frame?.scope.globals ?? []),
  locals: (vm) => PyDict.of(vm.frame?.scope.names ?? []),
  *vars(vm, [value]) {
    if (value === undefined) return PyDict.of(vm.frame?.scope.names ?? []);
    return yield* getAttribute(vm, value, '__dict__');
  },
  *dir(vm, [value]) {
    const names = new Set<string>();
    if (value === undefined) for (const name of vm.frame?.scope.names.keys() ?? []) names.add(name);
    else {
      if (value instanceof PyObject)
        for (const name of value.attributes?.keys() ?? []) names.add(name);
      const type = value instanceof PyType ? value.of : typeOf(value);
      if (!(value instanceof PyModule))
        for (const one of type.mro) for (const name of one.attributes.keys()) names.add(name);
    }
    return new PyList([...names].sort());
  },
  *exit(vm, [code]) {
    yield* vm.main.out.flush();
    throw raise('SystemExit', ...(code === undefined ? [] : [code]));
  },
};

/** Functions that would run a text as a program. */
const NOT_HERE = [
  'eval',
  'exec',
  'compile',
  '__import__',
  'memoryview',
  'bytearray',
  'complex',
  'breakpoint',
  'aiter',
  'anext',
  'help',
];

/** The names that every module sees. */
export function fillBuiltins(vm: Vm): void {
  const { builtins } = vm;
  for (const [name, value] of natives(FUNCTIONS)) builtins.set(name, value);
  builtins.set('quit', builtins.get('exit') ?? null);
  for (const name of NOT_HERE)
    builtins.set(
      name,
      new PyNative(name, () => {
        throw new Missing(`python3: ${name}()`);
      }),
    );
  for (const [name, type] of Object.entries(types)) {
    if (PUBLIC.has(name)) builtins.set(name, classValue(type));
  }
  for (const [name, type] of exceptions) builtins.set(name, classValue(type));
  builtins.set('EnvironmentError', builtins.get('OSError') ?? null);
  builtins.set('IOError', builtins.get('OSError') ?? null);
  builtins.set('NotImplemented', NOT_IMPLEMENTED);
  builtins.set('__debug__', true);
}

const PUBLIC = new Set([...Object.keys(CONSTRUCTORS), 'object']);
