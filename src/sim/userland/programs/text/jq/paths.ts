// Reaching into values: index, slice, iterate, getpath, setpath, delpaths, with the errors of each.

import type { Path } from './machine.ts';
import {
  codePoints,
  compare,
  equal,
  isArray,
  isObject,
  type Json,
  type JsonArray,
  JqError,
  described,
  shortText,
  typeName,
} from './values.ts';

/** Fails where a value is not what its path leads to: the expression was no path. */
export function mustBeAtPath(
  value: Json,
  path: Path | undefined,
  what: (text: string) => string,
): void {
  if (!path || Object.is(value, path.value)) return;
  throw new JqError(`Invalid path expression ${what(shortText(value))}`);
}

/** `value[key]`. */
export function index(value: Json, key: Json): Json {
  if (value !== null && isObject(value) && typeof key === 'string') return value.get(key) ?? null;
  if (value !== null && isArray(value) && typeof key === 'number') return element(value, key);
  if (
    key !== null &&
    isObject(key) &&
    (value === null || isArray(value) || typeof value === 'string')
  ) {
    return sliceBy(value, key);
  }
  if (value !== null && isArray(value) && key !== null && isArray(key)) return indices(value, key);
  if (value === null && (typeof key === 'string' || typeof key === 'number' || key === null))
    return null;
  throw new JqError(
    `Cannot index ${typeName(value)} with ${typeof key === 'string' ? `string "${key}"` : typeName(key)}`,
  );
}

function element(array: JsonArray, at: number): Json {
  if (!Number.isInteger(at)) return null;
  return array[at < 0 ? array.length + at : at] ?? null;
}

/** Where `part` occurs in an array. */
export function indices(array: JsonArray, part: JsonArray): Json {
  if (part.length === 0) return null;
  const found: number[] = [];
  for (let i = 0; i + part.length <= array.length; i++) {
    if (part.every((item, j) => equal(array[i + j] ?? null, item))) found.push(i);
  }
  return found;
}

function bounds(length: number, range: ReadonlyMap<string, Json>): readonly [number, number] {
  const from = range.get('start') ?? null;
  const to = range.get('end') ?? null;
  if ((from !== null && typeof from !== 'number') || (to !== null && typeof to !== 'number')) {
    throw new JqError('Start and end indices of an array slice must be numbers');
  }
  const clamp = (n: number): number => Math.max(0, Math.min(length, n < 0 ? n + length : n));
  const start = Math.floor(clamp(from ?? 0));
  const end = Math.ceil(clamp(to ?? length));
  return [start, Math.max(start, end)];
}

function sliceBy(value: null | string | JsonArray, range: ReadonlyMap<string, Json>): Json {
  if (value === null) return null;
  if (typeof value !== 'string') return value.slice(...bounds(value.length, range));
  const points = codePoints(value);
  return points.slice(...bounds(points.length, range)).join('');
}

/** The keys and values that `.[]` goes through. */
export function entries(value: Json): readonly (readonly [Json, Json])[] {
  if (value !== null && isArray(value)) return value.map((item, i) => [i, item] as const);
  if (value !== null && isObject(value)) return [...value];
  throw new JqError(
    `Cannot iterate over ${typeName(value)}${value === null ? '' : ` (${shortText(value)})`}`,
  );
}

/** The value at a path; null where there is nothing. */
export function getPath(value: Json, path: readonly Json[]): Json {
  let at = value;
  for (const key of path) {
    if (at === null) return null;
    at = index(at, key);
  }
  return at;
}

/** `value` with `part` at a path. */
export function setPath(value: Json, path: readonly Json[], part: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return part;
  return setKey(value, key, setPath(index(value, key), rest, part));
}

function setKey(value: Json, key: Json, part: Json): Json {
  if (typeof key === 'string' && (value === null || isObject(value))) {
    return new Map(value).set(key, part);
  }
  if (typeof key === 'number' && (value === null || isArray(value)))
    return setElement(value ?? [], key, part);
  if (key !== null && isObject(key) && (value === null || isArray(value)))
    return setSlice(value ?? [], key, part);
  if (key !== null && isObject(key) && !isObject(value as Json & object)) {
    throw new JqError(`Cannot update field at object index of ${typeName(value)}`);
  }
  throw new JqError(
    `Cannot index ${typeName(value)} with ${typeof key === 'string' ? `"${key}"` : typeName(key)}`,
  );
}

function setElement(array: JsonArray, key: number, part: Json): Json {
  const at = key < 0 ? array.length + Math.trunc(key) : Math.trunc(key);
  if (at < 0) throw new JqError('Out of bounds negative array index');
  if (at > 536_870_911) throw new JqError('Out of bounds array index');
  const out = [...array];
  while (out.length < at) out.push(null);
  out[at] = part;
  return out;
}

function setSlice(array: JsonArray, range: ReadonlyMap<string, Json>, part: Json): Json {
  if (part === null || !isArray(part))
    throw new JqError('A slice of an array can only be assigned another array');
  const [from, to] = bounds(array.length, range);
  return [...array.slice(0, from), ...part, ...array.slice(to)];
}

/** `value` without what stands at the paths. */
export function deletePaths(value: Json, paths: Json): Json {
  if (paths === null || !isArray(paths)) throw new JqError('Paths must be specified as an array');
  let out = value;
  for (const path of [...paths].sort(compare).reverse()) {
    if (path === null || !isArray(path)) throw new JqError('Path must be specified as an array');
    out = deletePath(out, path);
  }
  return out;
}

function deletePath(value: Json, path: readonly Json[]): Json {
  const [key, ...rest] = path;
  if (value === null || key === undefined) return null;
  if (rest.length === 0) return deleteKey(value, key);
  const inner = index(value, key);
  return inner === null ? value : setKey(value, key, deletePath(inner, rest));
}

function deleteKey(value: (Json & object) | boolean | number | string, key: Json): Json {
  if (typeof value === 'object' && isObject(value) && typeof key === 'string') {
    const out = new Map(value);
    out.delete(key);
    return out;
  }
  if (typeof value === 'object' && isArray(value) && typeof key === 'number') {
    const at = key < 0 ? value.length + key : key;
    return value.filter((_, i) => i !== at);
  }
  if (
    typeof value === 'object' &&
    isArray(value) &&
    key !== null &&
    typeof key === 'object' &&
    isObject(key)
  ) {
    const [from, to] = bounds(value.length, key);
    return [...value.slice(0, from), ...value.slice(to)];
  }
  const kind = typeof value === 'object' && isObject(value) ? 'field' : 'element';
  throw new JqError(`Cannot delete ${kind} at ${typeName(key)} index of ${typeName(value)}`);
}

/** What `has` answers. */
export function hasKey(value: Json, key: Json): boolean {
  if (value !== null && isObject(value) && typeof key === 'string') return value.has(key);
  if (value !== null && isArray(value) && typeof key === 'number')
    return key >= 0 && key < value.length;
  throw new JqError(
    `Cannot check whether ${typeName(value)} has a ${typeof key === 'string' ? 'string' : typeName(key)} key`,
  );
}

/** What `contains` answers. */
export function contains(a: Json, b: Json): boolean {
  if (a !== null && b !== null && isObject(a) && isObject(b)) {
    return [...b].every(([key, value]) => {
      const own = a.get(key);
      return own !== undefined && sameKind(own, value) && contains(own, value);
    });
  }
  if (a !== null && b !== null && isArray(a) && isArray(b)) {
    return b.every((part) => a.some((own) => sameKind(own, part) && contains(own, part)));
  }
  if (typeof a === 'string' && typeof b === 'string') return a.includes(b);
  if (sameKind(a, b)) return equal(a, b);
  throw new JqError(`${described(a)} and ${described(b)} cannot have their containment checked`);
}

function sameKind(a: Json, b: Json): boolean {
  return typeName(a) === typeName(b) && (typeof a !== 'boolean' || a === b);
}
