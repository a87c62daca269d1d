// Decoding of objects by the field tables, as Go's structures do it: unknown fields fall away, zero values of
// plain fields too, required ones appear, quantities and times get their canonical spelling. An object that is
// in that form already is returned itself, so that shared objects stay shared.

import { canonicalQuantity, QuantityError } from './quantity.ts';
import type { Field, FieldType, Scalar, StructType } from './tables.ts';
import { canonicalTime } from './time.ts';

/** A JSON object whose type is not known here. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** What decoding gave: the object, or the first error in the words of Go's decoder. */
export interface Decoded {
  readonly value: JsonObject;
  /** `unknown field "spec.foo"`, in the order of the document. */
  readonly unknown: readonly string[];
  /** The object cannot be read as this type at all. */
  readonly error?: string;
}

const NO_FIELDS: readonly string[] = [];
/** Thrown inside and caught here: the slow path then says what is wrong. */
const misfit = new Error('not of this type');

let sawUnknown = false;

/** Reads `value` as `type`. Strict decoding errors are listed, type errors end it. */
export function decode(value: JsonObject, type: StructType): Decoded {
  sawUnknown = false;
  try {
    const canonical = readStruct(value, type);
    if (!sawUnknown) return { value: canonical, unknown: NO_FIELDS };
    return { value: canonical, unknown: diagnose(value, type).unknown };
  } catch (error) {
    if (error !== misfit) throw error;
    return diagnose(value, type);
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const zeros = new WeakMap<StructType, JsonObject>();

/** A structure with nothing set: only what is always written. */
export function zeroStruct(type: StructType): JsonObject {
  const known = zeros.get(type);
  if (known) return known;
  const made: Record<string, unknown> = {};
  for (const field of type.always) made[field.name] = zeroOf(field);
  zeros.set(type, Object.freeze(made));
  return made;
}

function zeroOf(field: Field): unknown {
  if (field.pointer) return null;
  const type = field.type;
  if (type.kind === 'struct') return zeroStruct(type.struct);
  if (type.kind !== 'scalar') return null;
  return SCALAR_ZERO[type.scalar];
}

const SCALAR_ZERO: Readonly<Record<Scalar, unknown>> = {
  s: '',
  b: false,
  i: 0,
  l: 0,
  n: 0,
  q: '0',
  x: 0,
  t: null,
  m: null,
  y: null,
  a: null,
};

/** Objects that came out of here whole, by their type: what is shared by a later write is not read again. */
const canonical = new WeakMap<object, StructType>();
/** Smaller structures are read faster than looked up. */
const WORTH_KNOWING = 8;

function readStruct(value: unknown, type: StructType): JsonObject {
  if (!isObject(value)) throw misfit;
  if (type.fields.length < WORTH_KNOWING) return readFields(value, type);
  if (canonical.get(value) === type) return value;
  const before = sawUnknown;
  sawUnknown = false;
  const read = readFields(value, type);
  if (!sawUnknown) canonical.set(read, type);
  sawUnknown ||= before;
  return read;
}

function readFields(value: JsonObject, type: StructType): JsonObject {
  let changed: Record<string, unknown> | undefined;
  let always = 0;
  for (const key in value) {
    const field = type.byName.get(key);
    const given = value[key];
    const read = field ? readField(given, field) : undefined;
    if (!field) sawUnknown = true;
    if (read !== undefined && field?.always) always++;
    if (read !== given) {
      changed ??= { ...value };
      if (read === undefined) delete changed[key];
      else changed[key] = read;
    }
  }
  if (changed === undefined && always === type.always.length) return value;
  return inOrder(changed ?? value, type);
}

/** A new object with the fields in the type's order and zeros where they are always written. */
function inOrder(value: JsonObject, type: StructType): JsonObject {
  const made: Record<string, unknown> = {};
  for (const field of type.fields) {
    const given = value[field.name];
    if (given !== undefined) made[field.name] = given;
    else if (field.always) made[field.name] = zeroOf(field);
  }
  return made;
}

/** The canonical value of a field; undefined where it is left out. */
function readField(value: unknown, field: Field): unknown {
  if (value === null || value === undefined) {
    return field.always ? zeroOf(field) : undefined;
  }
  const read = readValue(value, field.type);
  if (field.always || field.pointer) return read;
  return isZero(read, field.type) ? undefined : read;
}

function isZero(value: unknown, type: FieldType): boolean {
  if (type.kind === 'list') return (value as readonly unknown[]).length === 0;
  if (type.kind === 'map') {
    for (const _ in value as object) return false;
    return true;
  }
  if (type.kind === 'struct') return false;
  return value === '' || value === 0 || value === false;
}

function readValue(value: unknown, type: FieldType): unknown {
  switch (type.kind) {
    case 'scalar':
      return readScalar(value, type.scalar);
    case 'struct':
      return readStruct(value, type.struct);
    case 'list':
      return readList(value, type.of);
    case 'map':
      return readMap(value, type.of);
  }
}

function readElement(value: unknown, type: FieldType): unknown {
  if (value !== null) return readValue(value, type);
  if (type.kind === 'struct') return zeroStruct(type.struct);
  return type.kind === 'scalar' ? SCALAR_ZERO[type.scalar] : null;
}

function readList(value: unknown, of: FieldType): unknown {
  if (!Array.isArray(value)) throw misfit;
  let changed: unknown[] | undefined;
  for (let i = 0; i < value.length; i++) {
    const read = readElement(value[i], of);
    if (read !== value[i]) {
      changed ??= [...value];
      changed[i] = read;
    }
  }
  return changed ?? value;
}

function readMap(value: unknown, of: FieldType): unknown {
  if (!isObject(value)) throw misfit;
  let changed: Record<string, unknown> | undefined;
  for (const key in value) {
    const read = readElement(value[key], of);
    if (read !== value[key]) {
      changed ??= { ...value };
      changed[key] = read;
    }
  }
  return changed ?? value;
}

function readScalar(value: unknown, scalar: Scalar): unknown {
  switch (scalar) {
    case 's':
      if (typeof value !== 'string') throw misfit;
      return value;
    case 'b':
      if (typeof value !== 'boolean') throw misfit;
      return value;
    case 'i':
    case 'l':
    case 'n':
      if (typeof value !== 'number' || !fits(value, scalar)) throw misfit;
      return value;
    case 'q': {
      if (typeof value !== 'string' && typeof value !== 'number') throw misfit;
      const text = canonicalQuantity(value);
      if (text instanceof QuantityError) throw misfit;
      return text;
    }
    case 'x':
      if (typeof value === 'string') return value;
      if (typeof value !== 'number' || !fits(value, 'i')) throw misfit;
      return value;
    case 't':
    case 'm': {
      const time = canonicalTime(value, scalar === 'm');
      if (time.error !== undefined) throw misfit;
      return time.text;
    }
    case 'y':
      if (typeof value !== 'string' || badBase64(value) >= 0) throw misfit;
      return value;
    case 'a':
      return value;
  }
}

function fits(value: number, scalar: 'i' | 'l' | 'n'): boolean {
  if (scalar === 'n') return true;
  if (!Number.isInteger(value)) return false;
  return scalar === 'l' || (value >= -2147483648 && value <= 2147483647);
}

/** Where a text stops being base64; -1 if it never does. */
function badBase64(text: string): number {
  const clean = text.replace(/[\r\n]/g, '');
  const body = /^[A-Za-z0-9+/]*/.exec(clean)?.[0].length ?? 0;
  const padding = clean.length - body;
  if (padding > 2 || !/^=*$/.test(clean.slice(body))) return body;
  if (clean.length % 4 === 0) return -1;
  return padding === 0 ? clean.length - (clean.length % 4) : body;
}

interface Diagnosis {
  readonly unknown: string[];
  type?: string;
  custom?: string;
}

/** The slow way, with paths: which fields are unknown, what does not fit. */
function diagnose(value: JsonObject, type: StructType): Decoded {
  const found: Diagnosis = { unknown: [] };
  diagnoseStruct(value, type, '', '', found);
  const error = found.custom ?? found.type;
  return error === undefined
    ? { value: readStruct(value, type), unknown: found.unknown }
    : { value, unknown: found.unknown, error };
}

function diagnoseStruct(
  value: JsonObject,
  type: StructType,
  path: string,
  dotted: string,
  found: Diagnosis,
): void {
  for (const key of Object.keys(value)) {
    const at = path === '' ? key : `${path}.${key}`;
    const field = type.byName.get(key);
    if (!field) {
      found.unknown.push(`unknown field "${at}"`);
      continue;
    }
    const where = { struct: type.name, dotted: dotted === '' ? key : `${dotted}.${key}` };
    if (value[key] !== null) diagnoseValue(value[key], field.type, at, where, found);
  }
}

interface Where {
  readonly struct: string;
  readonly dotted: string;
}

function diagnoseValue(
  value: unknown,
  type: FieldType,
  path: string,
  where: Where,
  found: Diagnosis,
): void {
  if (value === null) return;
  if (type.kind === 'scalar') {
    diagnoseScalar(value, type.scalar, where, found);
  } else if (type.kind === 'list' && Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      diagnoseValue(item, type.of, `${path}[${i}]`, where, found);
    }
  } else if (type.kind === 'map' && isObject(value)) {
    for (const key of Object.keys(value)) {
      diagnoseValue(value[key], type.of, `${path}.${key}`, where, found);
    }
  } else if (type.kind === 'struct' && isObject(value)) {
    diagnoseStruct(value, type.struct, path, where.dotted, found);
  } else {
    found.type ??= cannotUnmarshal(jsonName(value), where, goType(type));
  }
}

function diagnoseScalar(value: unknown, scalar: Scalar, where: Where, found: Diagnosis): void {
  try {
    readScalar(value, scalar);
  } catch {
    const custom = customError(value, scalar);
    if (custom !== undefined) {
      found.custom ??= custom;
      return;
    }
    const numeric = typeof value === 'number' && 'iln'.includes(scalar);
    const named = numeric ? `number ${value}` : jsonName(value);
    found.type ??= cannotUnmarshal(named, where, goType({ kind: 'scalar', scalar }));
  }
}

/** Errors of types that read themselves: they carry no path. */
function customError(value: unknown, scalar: Scalar): string | undefined {
  if (scalar === 'q') {
    const text = typeof value === 'string' || typeof value === 'number' ? value : '{';
    const read = canonicalQuantity(text);
    return read instanceof QuantityError ? read.message : undefined;
  }
  if (scalar === 't' || scalar === 'm') return canonicalTime(value, scalar === 'm').error;
  if (scalar === 'x')
    return `json: cannot unmarshal ${jsonName(value)} into Go value of type int32`;
  if (scalar === 'y' && typeof value === 'string') {
    return `illegal base64 data at input byte ${badBase64(value)}`;
  }
  return undefined;
}

function cannotUnmarshal(value: string, where: Where, type: string): string {
  const struct = where.struct.slice(where.struct.indexOf('.') + 1);
  return `json: cannot unmarshal ${value} into Go struct field ${struct}.${where.dotted} of type ${type}`;
}

function jsonName(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

const GO_SCALARS: Readonly<Record<Scalar, string>> = {
  s: 'string',
  b: 'bool',
  i: 'int32',
  l: 'int64',
  n: 'float64',
  q: 'resource.Quantity',
  x: 'intstr.IntOrString',
  t: 'v1.Time',
  m: 'v1.MicroTime',
  y: '[]uint8',
  a: 'runtime.RawExtension',
};

function goType(type: FieldType): string {
  switch (type.kind) {
    case 'scalar':
      return GO_SCALARS[type.scalar];
    case 'list':
      return `[]${goType(type.of)}`;
    case 'map':
      return `map[string]${goType(type.of)}`;
    case 'struct':
      return type.name.slice(type.name.indexOf('/') + 1);
  }
}
