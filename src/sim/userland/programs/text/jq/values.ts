// jq's values: JSON, with objects that keep the order in which keys came. Values are never changed in place. Order,
// arithmetic and the words that errors use for a value are jq 1.6's.

import { printJson } from './print.ts';

/** Any JSON value. */
export type Json = null | boolean | number | string | JsonArray | JsonObject;
export type JsonArray = readonly Json[];
export interface JsonObject extends ReadonlyMap<string, Json> {}

/** What `error` raises and `catch` receives. `value` undefined: `error(null)`, which nothing reports. */
export class JqError extends Error {
  readonly value: Json;
  constructor(value: Json) {
    super(typeof value === 'string' ? value : 'jq');
    this.value = value;
  }
}

/** True for an array. */
export function isArray(value: Json): value is JsonArray {
  return Array.isArray(value);
}

/** True for an object. */
export function isObject(value: Json): value is JsonObject {
  return value instanceof Map;
}

/** The name `type` gives. */
export function typeName(value: Json): string {
  if (value === null) return 'null';
  if (isArray(value)) return 'array';
  return isObject(value) ? 'object' : typeof value;
}

/** False and null are false, everything else is true. */
export function isTrue(value: Json): boolean {
  return value !== null && value !== false;
}

/** A value as error messages show it: cut to what fits in eleven bytes. */
export function shortText(value: Json): string {
  return cut(printJson(value));
}

function cut(text: string): string {
  return text.length > 10 ? `${text.slice(0, 10)}...` : text;
}

/** `number (1)`: how most errors name a value. */
export function described(value: Json): string {
  return `${typeName(value)} (${shortText(value)})`;
}

const RANK: Readonly<Record<string, number>> = {
  null: 0,
  number: 3,
  string: 4,
  array: 5,
  object: 6,
};

function rank(value: Json): number {
  return typeof value === 'boolean' ? (value ? 2 : 1) : (RANK[typeName(value)] ?? 0);
}

/** Order of code points, which is the order of the UTF-8 bytes. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const astral = (unit: number): boolean => unit >= 0xd800 && unit < 0xe000;
    return astral(x) === astral(y) ? x - y : astral(x) ? 1 : -1;
  }
  return a.length - b.length;
}

/** Keys in the order that `keys` and `-S` use. */
export function sortedKeys(object: JsonObject): string[] {
  return [...object.keys()].sort(compareText);
}

/** jq's order of all values: null, false, true, numbers, strings, arrays, objects. nan is below every number. */
export function compare(a: Json, b: Json): number {
  const ranks = rank(a) - rank(b);
  if (ranks !== 0) return ranks;
  if (typeof a === 'number' && typeof b === 'number')
    return a < b || Number.isNaN(a) ? -1 : a === b ? 0 : 1;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (a !== null && b !== null && isArray(a) && isArray(b)) return compareArrays(a, b);
  if (a !== null && b !== null && isObject(a) && isObject(b)) return compareObjects(a, b);
  return 0;
}

function compareArrays(a: JsonArray, b: JsonArray): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const order = compare(a[i] ?? null, b[i] ?? null);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareObjects(a: JsonObject, b: JsonObject): number {
  const keys = sortedKeys(a);
  const order = compareArrays(keys, sortedKeys(b));
  if (order !== 0) return order;
  for (const key of keys) {
    const values = compare(a.get(key) ?? null, b.get(key) ?? null);
    if (values !== 0) return values;
  }
  return 0;
}

/** True where two values are the same JSON. */
export function equal(a: Json, b: Json): boolean {
  return a === b || compare(a, b) === 0;
}

/** Code points, which is what string offsets and lengths count. */
export function codePoints(text: string): string[] {
  return Array.from(text);
}

/** A binary operator of jq's language. */
export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | '==' | '!=' | '<' | '<=' | '>' | '>=';

/** Applies a binary operator; raises what jq raises. */
export function operate(operator: BinaryOperator, a: Json, b: Json): Json {
  switch (operator) {
    case '+':
      return plus(a, b);
    case '-':
      return minus(a, b);
    case '*':
      return times(a, b);
    case '/':
      return divide(a, b);
    case '%':
      return remainder(a, b);
    case '==':
      return equal(a, b);
    case '!=':
      return !equal(a, b);
    case '<':
      return compare(a, b) < 0;
    case '<=':
      return compare(a, b) <= 0;
    case '>':
      return compare(a, b) > 0;
    default:
      return compare(a, b) >= 0;
  }
}

function cannot(a: Json, b: Json, what: string): JqError {
  return new JqError(`${described(a)} and ${described(b)} cannot be ${what}`);
}

function plus(a: Json, b: Json): Json {
  if (a === null) return b;
  if (b === null) return a;
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (typeof a === 'string' && typeof b === 'string') return a + b;
  if (isArray(a) && isArray(b)) return [...a, ...b];
  if (isObject(a) && isObject(b)) return new Map([...a, ...b]);
  throw cannot(a, b, 'added');
}

function minus(a: Json, b: Json): Json {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (a !== null && b !== null && isArray(a) && isArray(b)) {
    return a.filter((item) => !b.some((gone) => equal(item, gone)));
  }
  throw cannot(a, b, 'subtracted');
}

function times(a: Json, b: Json): Json {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  if (typeof a === 'string' && typeof b === 'number')
    return b > 0 ? a.repeat(Math.max(1, Math.trunc(b))) : null;
  if (typeof a === 'number' && typeof b === 'string') return times(b, a);
  if (a !== null && b !== null && isObject(a) && isObject(b)) return mergeDeep(a, b);
  throw cannot(a, b, 'multiplied');
}

function mergeDeep(a: JsonObject, b: JsonObject): JsonObject {
  const out = new Map(a);
  for (const [key, value] of b) {
    const old = out.get(key);
    const both = old !== undefined && isObject(old) && isObject(value);
    out.set(key, both ? mergeDeep(old, value) : value);
  }
  return out;
}

function divide(a: Json, b: Json): Json {
  if (typeof a === 'number' && typeof b === 'number') {
    if (b === 0) throw cannot(a, b, 'divided because the divisor is zero');
    return a / b;
  }
  if (typeof a === 'string' && typeof b === 'string') return splitText(a, b);
  throw cannot(a, b, 'divided');
}

/** The pieces between separators; no pieces of an empty string, every character for an empty separator. */
export function splitText(text: string, separator: string): Json {
  if (text === '') return [];
  return separator === '' ? codePoints(text) : text.split(separator);
}

function remainder(a: Json, b: Json): Json {
  if (typeof a === 'number' && typeof b === 'number') {
    const divisor = Math.abs(toIntmax(b));
    if (divisor === 0) throw cannot(a, b, 'divided (remainder) because the divisor is zero');
    return (toIntmax(a) % divisor) + 0;
  }
  throw cannot(a, b, 'divided');
}

function toIntmax(value: number): number {
  if (Number.isNaN(value)) return 0;
  return Math.trunc(Math.max(-9.223372036854775e18, Math.min(9.223372036854775e18, value)));
}
