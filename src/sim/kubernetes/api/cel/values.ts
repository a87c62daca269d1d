// The values of CEL: integers are bigint, doubles number, maps and lists those of JavaScript; times count nanoseconds.
// Unsigned integers count as integers, bytes as strings.

import { isObject, type JsonObject } from '../fields/decode.ts';

export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | readonly Value[]
  | ReadonlyMap<Value, Value>
  | Timestamp
  | Duration
  | Optional
  | Opaque;

export interface Timestamp {
  readonly kind: 'timestamp';
  readonly nanoseconds: bigint;
}

export interface Duration {
  readonly kind: 'duration';
  readonly nanoseconds: bigint;
}

export interface Optional {
  readonly kind: 'optional';
  readonly value: Value | undefined;
}

/** A value of one of Kubernetes' libraries: quantities, addresses, URLs, authorizers. */
export interface Opaque {
  readonly kind: 'opaque';
  readonly type: string;
  readonly text: string;
  /** Members that can be called; arguments are checked by them. */
  readonly methods: Readonly<Record<string, (...args: Value[]) => Value | CelError>>;
  compare?(other: Opaque): number;
}

/** Why an expression has no value. */
export class CelError {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

export const NONE: Optional = { kind: 'optional', value: undefined };

/** True for maps. */
export function isMap(value: Value): value is ReadonlyMap<Value, Value> {
  return value instanceof Map;
}

/** True for lists. */
export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** The kind of a value that is neither a map nor a list nor of JSON. */
export function kindOf(value: Value): string {
  if (value === null) return 'null_type';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'double';
  if (typeof value === 'string') return 'string';
  if (isList(value)) return 'list';
  if (isMap(value)) return 'map';
  const one = value as Timestamp | Duration | Optional | Opaque;
  return one.kind === 'opaque' ? one.type : one.kind;
}

/** JSON as CEL sees it; a schema tells doubles from integers and times from text. */
export function valueOfJson(json: unknown, schema: JsonObject = {}): Value {
  if (json === null || json === undefined) return null;
  if (typeof json === 'boolean') return json;
  if (typeof json === 'string') return valueOfText(json, schema);
  if (typeof json === 'number') {
    return schema.type === 'number' || !Number.isInteger(json) ? json : BigInt(json);
  }
  if (Array.isArray(json)) {
    const items = isObject(schema.items) ? schema.items : {};
    return json.map((item) => valueOfJson(item, items));
  }
  const properties = isObject(schema.properties) ? schema.properties : {};
  const others = isObject(schema.additionalProperties) ? schema.additionalProperties : {};
  const map = new Map<Value, Value>();
  for (const [name, inner] of Object.entries(json as JsonObject)) {
    const own = properties[name];
    map.set(name, valueOfJson(inner, isObject(own) ? own : others));
  }
  return map;
}

function valueOfText(text: string, { format }: JsonObject): Value {
  if (format === 'date-time' || format === 'date') return timestampOf(text) ?? text;
  return format === 'duration' ? (durationOf(text) ?? text) : text;
}

/** RFC 3339 as a timestamp. */
export function timestampOf(text: string): Timestamp | undefined {
  const moment = Date.parse(text);
  if (Number.isNaN(moment)) return undefined;
  return { kind: 'timestamp', nanoseconds: BigInt(moment) * 1_000_000n };
}

const UNITS: Readonly<Record<string, number>> = {
  h: 3600e9,
  m: 60e9,
  s: 1e9,
  ms: 1e6,
  us: 1e3,
  µs: 1e3,
  ns: 1,
};

/** Go's durations: `1h30m`. */
export function durationOf(text: string): Duration | undefined {
  if (!/^[+-]?(?:0|(?:\d+(?:\.\d*)?(?:h|ms|us|µs|ns|m|s))+)$/.test(text)) return undefined;
  let sum = 0;
  for (const [, amount, unit = ''] of text.matchAll(/(\d+(?:\.\d*)?)(h|ms|us|µs|ns|m|s)/g)) {
    sum += Number(amount) * (UNITS[unit] ?? 0);
  }
  return { kind: 'duration', nanoseconds: BigInt(Math.round(text.startsWith('-') ? -sum : sum)) };
}

/** Whether two values are equal; numbers compare across their types. */
export function equal(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (isNumber(a) && isNumber(b)) return Number(a) === Number(b);
  if (isList(a) && isList(b)) {
    return a.length === b.length && a.every((item, i) => equal(item, b[i] ?? null));
  }
  if (isMap(a) && isMap(b)) {
    if (a.size !== b.size) return false;
    for (const [key, value] of a) {
      const other = b.get(key);
      if (other === undefined || !equal(value, other)) return false;
    }
    return true;
  }
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (isList(a) || isList(b) || isMap(a) || isMap(b) || a.kind !== b.kind) return false;
  if (a.kind === 'opaque' && b.kind === 'opaque') return a.compare?.(b) === 0 || a.text === b.text;
  if (a.kind === 'optional' && b.kind === 'optional') {
    if (a.value === undefined || b.value === undefined) return a.value === b.value;
    return equal(a.value, b.value);
  }
  return (a as Timestamp).nanoseconds === (b as Timestamp).nanoseconds;
}

/** True for integers and doubles. */
export function isNumber(value: Value): value is bigint | number {
  return typeof value === 'bigint' || typeof value === 'number';
}

/** Order of two values of one kind: negative, zero or positive; undefined where they have none. */
export function compare(a: Value, b: Value): number | undefined {
  if (isNumber(a) && isNumber(b)) return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (kindOf(a) !== kindOf(b) || a === null || b === null) return undefined;
  const [left, right] = [a as Timestamp, b as Timestamp];
  if (typeof left.nanoseconds !== 'bigint') return undefined;
  return left.nanoseconds < right.nanoseconds ? -1 : left.nanoseconds > right.nanoseconds ? 1 : 0;
}
