// Builtins that are functions of their input and their arguments' values, by `name/arguments`.

import { encode } from '../../../../core/text.ts';
import { brokenDown, formatTime, parseTime, secondsOf } from './times.ts';
import { formatText, textOf } from './formats.ts';
import { contains, deletePaths, hasKey, setPath } from './paths.ts';
import { printJson } from './print.ts';
import { parseJson } from './read.ts';
import { matchAll } from './regex.ts';
import {
  codePoints,
  compare,
  described,
  isArray,
  isObject,
  type Json,
  type JsonArray,
  JqError,
  sortedKeys,
  splitText,
  typeName,
} from './values.ts';

export type PlainFunction = (input: Json, ...args: Json[]) => Json;

/** Functions of numbers, as in math.h. */
const MATH: Readonly<Record<string, (x: number) => number>> = {
  floor: Math.floor,
  ceil: Math.ceil,
  sqrt: Math.sqrt,
  exp: Math.exp,
  log: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  log1p: Math.log1p,
  expm1: Math.expm1,
  cbrt: Math.cbrt,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  fabs: Math.abs,
  trunc: Math.trunc,
  exp2: (x) => 2 ** x,
  exp10: (x) => 10 ** x,
  round: (x) => Math.sign(x) * Math.round(Math.abs(x)),
  rint: nearest,
  nearbyint: nearest,
  logb: (x) => Math.floor(Math.log2(Math.abs(x))),
  significand: (x) => x / 2 ** Math.floor(Math.log2(Math.abs(x))),
};

const MATH_OF_TWO: Readonly<Record<string, (x: number, y: number) => number>> = {
  pow: (x, y) => x ** y,
  atan2: Math.atan2,
  fmin: Math.min,
  fmax: Math.max,
  fmod: (x, y) => x % y,
  ldexp: (x, y) => x * 2 ** y,
  scalb: (x, y) => x * 2 ** y,
  scalbln: (x, y) => x * 2 ** y,
  copysign: (x, y) => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x)),
  hypot: Math.hypot,
  drem: (x, y) => x - y * nearest(x / y),
};

function nearest(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
}

function number(value: Json): number {
  if (typeof value !== 'number') throw new JqError(`${described(value)} number required`);
  return value;
}

function array(value: Json, what: string): JsonArray {
  if (value === null || !isArray(value)) throw new JqError(`${described(value)} ${what}`);
  return value;
}

/** What `.[]` goes through, for builtins that jq itself defines by it. */
function iterated(value: Json): JsonArray {
  if (value !== null && isArray(value)) return value;
  if (value !== null && isObject(value)) return [...value.values()];
  throw new JqError(`Cannot iterate over ${described(value)}`);
}

function length(value: Json): Json {
  if (value === null) return 0;
  if (typeof value === 'boolean') throw new JqError(`${described(value)} has no length`);
  if (typeof value === 'number') return Math.abs(value);
  if (typeof value === 'string') return codePoints(value).length;
  return isArray(value) ? value.length : value.size;
}

function keys(value: Json, order: boolean): Json {
  if (value !== null && isArray(value)) return value.map((_, i) => i);
  if (value !== null && isObject(value)) return order ? sortedKeys(value) : [...value.keys()];
  throw new JqError(`${described(value)} has no keys`);
}

function flatten(items: JsonArray, depth: number): Json[] {
  return items.flatMap((item) =>
    depth > 0 && item !== null && isArray(item) ? flatten(item, depth - 1) : [item],
  );
}

function parsed(text: string): Json {
  const result = parseJson(text);
  if ('error' in result) throw new JqError(result.error);
  return result.value;
}

function unique(value: JsonArray): Json {
  const sorted = [...value].sort(compare);
  return sorted.filter((item, i) => i === 0 || compare(sorted[i - 1] ?? null, item) !== 0);
}

function best(value: Json, better: (order: number) => boolean): Json {
  if (value === null || !isArray(value)) {
    throw new JqError(`${described(value)} and ${described(value)} cannot be iterated over`);
  }
  return value.reduce(
    (found, item) => (better(compare(item, found)) ? item : found),
    value[0] ?? null,
  );
}

function implode(value: Json): Json {
  if (value === null || !isArray(value)) throw new JqError('implode input must be an array');
  return value.map((point) => String.fromCodePoint(number(point))).join('');
}

function strings(input: Json, part: Json, name: string): readonly [string, string] {
  if (typeof input !== 'string' || typeof part !== 'string')
    throw new JqError(`${name}() requires string inputs`);
  return [input, part];
}

function reversed(value: Json): Json {
  if (value === null) return [];
  if (typeof value === 'object' && isArray(value)) return [...value].reverse();
  if (typeof value === 'object' && value.size === 0) return [];
  if (typeof value === 'boolean') throw new JqError(`${described(value)} has no length`);
  if (value === '' || value === 0) return [];
  throw new JqError(`Cannot index ${typeName(value)} with number`);
}

function binarySearch(value: Json, target: Json): Json {
  const items = iterated(value);
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const order = compare(items[middle] ?? null, target);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return -1 - low;
}

/** The fraction and the power of two of a number (frexp(3)). */
function frexp(value: number): Json {
  if (value === 0 || !Number.isFinite(value)) return [value, 0];
  const power = Math.floor(Math.log2(Math.abs(value))) + 1;
  return [value / 2 ** power, power];
}

const PLAIN: Readonly<Record<string, PlainFunction>> = {
  'length/0': length,
  'utf8bytelength/0': (value) => {
    if (typeof value !== 'string')
      throw new JqError(`${described(value)} only strings have UTF-8 byte length`);
    return encode(value).length;
  },
  'type/0': typeName,
  'keys/0': (value) => keys(value, true),
  'keys_unsorted/0': (value) => keys(value, false),
  'has/1': hasKey,
  'contains/1': contains,
  'setpath/2': (value, path, part) => {
    if (path === undefined || path === null || !isArray(path))
      throw new JqError('Path must be specified as an array');
    return setPath(value, path, part ?? null);
  },
  'delpaths/1': deletePaths,
  'flatten/1': (value, depth) => {
    if (number(depth ?? null) < 0) throw new JqError('flatten depth must not be negative');
    return flatten(iterated(value), number(depth ?? null));
  },
  'tostring/0': textOf,
  'tojson/0': (value) => printJson(value),
  'fromjson/0': (value) => {
    if (typeof value !== 'string')
      throw new JqError(`${described(value)} only strings can be parsed`);
    return parsed(value);
  },
  'tonumber/0': (value) => {
    if (typeof value === 'number') return value;
    if (typeof value !== 'string')
      throw new JqError(`${described(value)} cannot be parsed as a number`);
    return number(parsed(value));
  },
  'format/1': (value, name) => {
    if (typeof name !== 'string')
      throw new JqError(`${described(name ?? null)} is not a valid format`);
    return formatText(name, value);
  },
  'sort/0': (value) => [...array(value, 'cannot be sorted, as it is not an array')].sort(compare),
  'unique/0': (value) => unique(iterated(value)),
  'min/0': (value) => best(value, (order) => order < 0),
  'max/0': (value) => best(value, (order) => order >= 0),
  'reverse/0': reversed,
  'bsearch/1': (value, target) => binarySearch(value, target ?? null),
  'split/1': (value, separator) => {
    if (typeof value !== 'string' || typeof separator !== 'string') {
      throw new JqError('split input and separator must be strings');
    }
    return splitText(value, separator);
  },
  'startswith/1': (value, part) => {
    const [text, start] = strings(value, part ?? null, 'startswith');
    return text.startsWith(start);
  },
  'endswith/1': (value, part) => {
    const [text, end] = strings(value, part ?? null, 'endswith');
    return text.endsWith(end);
  },
  'ltrimstr/1': (value, part) =>
    typeof value === 'string' && typeof part === 'string' && value.startsWith(part)
      ? value.slice(part.length)
      : value,
  'rtrimstr/1': (value, part) =>
    typeof value === 'string' && typeof part === 'string' && part !== '' && value.endsWith(part)
      ? value.slice(0, -part.length)
      : value,
  'explode/0': (value) => {
    if (typeof value !== 'string') throw new JqError('explode input must be a string');
    return codePoints(value).map((point) => point.codePointAt(0) ?? 0);
  },
  'implode/0': implode,
  '_match/3': (value, pattern, flags, test) =>
    matchAll(value, pattern ?? null, flags ?? null, test === true),
  'infinite/0': () => Number.POSITIVE_INFINITY,
  'nan/0': () => Number.NaN,
  'null/0': () => null,
  'true/0': () => true,
  'false/0': () => false,
  'isnan/0': (value) => Number.isNaN(number(value)),
  'isinfinite/0': (value) => Math.abs(number(value)) === Number.POSITIVE_INFINITY,
  'isnormal/0': (value) => Number.isFinite(number(value)) && Math.abs(number(value)) >= 2 ** -1022,
  'frexp/0': (value) => frexp(number(value)),
  'modf/0': (value) => [number(value) % 1, Math.trunc(number(value))],
  'fma/3': (_, x, y, z) => number(x ?? null) * number(y ?? null) + number(z ?? null),
  'strftime/1': (value, format) => formatTime(value, format ?? null, 'strftime/1'),
  'strflocaltime/1': (value, format) => formatTime(value, format ?? null, 'strflocaltime/1'),
  'strptime/1': (value, format) => parseTime(value, format ?? null),
  'gmtime/0': (value) => brokenDown(value, 'gmtime'),
  'localtime/0': (value) => brokenDown(value, 'localtime'),
  'mktime/0': (value) => secondsOf(value),
};

/** All of them, by signature. */
export const FUNCTIONS: ReadonlyMap<string, PlainFunction> = new Map<string, PlainFunction>([
  ...Object.entries(PLAIN),
  ...Object.entries(MATH).map(([name, f]): [string, PlainFunction] => [
    `${name}/0`,
    (x) => f(number(x)),
  ]),
  ...Object.entries(MATH_OF_TWO).map(([name, f]): [string, PlainFunction] => [
    `${name}/2`,
    (_, x, y) => f(number(x ?? null), number(y ?? null)),
  ]),
]);
