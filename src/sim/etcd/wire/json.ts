// Messages as JSON: as Go's encoding/json writes etcd's structs (`etcdctl -w json`: numbers bare, enumerations by
// number) and as the gateway does (protojson: 64-bit numbers in quotes, enumerations by name). Zero fields are
// left out by both.

import { Content } from '../../core/content.ts';
import { binaryBytes, binaryString } from '../../core/text.ts';
import { base64 } from '../../core/base64.ts';
import { fromBase64 } from './base64.ts';
import { ENUM_JSON, ENUMS, MESSAGES } from './schema.ts';

/** A JSON value whose whole numbers may be bigints. */
export type Json =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Json[]
  | { readonly [name: string]: Json };

export type JsonStyle = 'go' | 'gateway';

export type Fields = Readonly<Record<string, unknown>>;

/**
 * JSON text without spaces; bigints are written out in full. `comma` separates what is in a list or object, `quote` writes
 * what is neither.
 */
export function jsonText(value: Json, comma = ',', quote = goQuote): string {
  if (typeof value === 'bigint') return value.toString();
  if (value === null || typeof value !== 'object') return quote(value);
  const inner = (one: Json): string => jsonText(one, comma, quote);
  if (Array.isArray(value)) return `[${value.map(inner).join(comma)}]`;
  const parts = Object.entries(value).map(([name, one]) => `${quote(name)}:${inner(one)}`);
  return `{${parts.join(comma)}}`;
}

/** Go's encoder keeps text safe inside HTML. */
function goQuote(value: boolean | number | string | null): string {
  const escape = (c: string): string => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, escape);
}

/** A message as a JSON value. */
export function messageToJson(type: string, message: object, style: JsonStyle): Json {
  const fields = fieldsOf(type);
  const values = (type === 'Compare' ? spreadOperand(message as Fields) : message) as Fields;
  const out: Record<string, Json> = {};
  for (const [name, wireName, kind] of fields) {
    const value = values[name];
    if (value === undefined) continue;
    const json = kind.endsWith('[]')
      ? listToJson(kind.slice(0, -2), value as readonly unknown[], style)
      : valueToJson(kind, value, style);
    if (json !== undefined) out[wireName] = json;
  }
  if (type === 'ResponseOp' && style === 'go') return { Response: out };
  return out;
}

function listToJson(kind: string, list: readonly unknown[], style: JsonStyle): Json | undefined {
  if (list.length === 0) return undefined;
  return list.map((one) => valueToJson(kind, one, style) ?? emptyOf(kind));
}

const emptyOf = (kind: string): Json => (kind in MESSAGES ? {} : '');

/** A value as JSON; undefined for a zero. */
function valueToJson(kind: string, value: unknown, style: JsonStyle): Json | undefined {
  switch (kind) {
    case 'int':
      return value === 0 ? undefined : style === 'go' ? (value as number) : String(value);
    case 'int32':
      return value === 0 ? undefined : (value as number);
    case 'uint':
      return value === 0n ? undefined : style === 'go' ? (value as bigint) : String(value);
    case 'bool':
      return value === true ? true : undefined;
    case 'string':
      return value === '' ? undefined : (value as string);
    case 'key':
      return value === '' ? undefined : base64(binaryBytes(value as string));
    case 'content': {
      const bytes = (value as Content).bytes();
      return bytes.length === 0 ? undefined : base64(bytes);
    }
    case 'LeaseStatus':
      return messageToJson('LeaseStatus', { id: value }, style);
    default:
      break;
  }
  const names = ENUMS[kind];
  if (names === undefined) return messageToJson(kind, value as object, style);
  const number = names.indexOf(value as string);
  if (number <= 0) return undefined;
  return style === 'go' ? number : (ENUM_JSON[value as string] ?? String(value).toUpperCase());
}

/** What was wrong with JSON that was to become a message. */
export class JsonMistake {
  readonly message: string;
  /** The field whose value is wrong, where it is a field's. */
  readonly field: string;
  constructor(message: string, field = '') {
    this.message = message;
    this.field = field;
  }

  /** The message with the place in the text that was read. */
  locatedIn(text: string): string {
    const name = text.indexOf(`"${this.field}"`);
    const colon = text.indexOf(':', name);
    if (this.field === '' || name < 0 || colon < 0) return this.message;
    const value = colon + 1 + (/^\s*/.exec(text.slice(colon + 1))?.[0].length ?? 0);
    const before = text.slice(0, value).split('\n');
    const column = (before[before.length - 1]?.length ?? 0) + 1;
    return this.message.replace('(line 1:1)', `(line ${before.length}:${column})`);
  }
}

/** Reads a message from parsed JSON as protojson does: both spellings of names, numbers in quotes or bare. */
export function messageFromJson(type: string, json: unknown): Fields | JsonMistake {
  if (json === null || typeof json !== 'object' || Array.isArray(json)) {
    return new JsonMistake(
      `proto: syntax error (line 1:1): unexpected token ${JSON.stringify(json)}`,
    );
  }
  const out: Record<string, unknown> = {};
  for (const [name, wireName, kind] of fieldsOf(type)) {
    const given = (json as Fields)[wireName] ?? (json as Fields)[camelCase(wireName)];
    if (given === undefined || given === null) {
      const zero = zeroOf(kind);
      if (zero !== undefined && !isOneOf(type)) out[name] = zero;
      continue;
    }
    const value = readField(kind, given, camelCase(wireName));
    if (value instanceof JsonMistake) return value;
    out[name] = value;
  }
  return type === 'Compare' ? gatherOperand(out) : out;
}

const isOneOf = (type: string): boolean => type === 'RequestOp' || type === 'ResponseOp';

function readField(kind: string, given: unknown, name: string): unknown {
  const bad = (as: string): JsonMistake =>
    new JsonMistake(
      `proto: (line 1:1): invalid value for ${as} field ${name}: ${JSON.stringify(given)}`,
      name,
    );
  if (kind.endsWith('[]')) {
    if (!Array.isArray(given)) return bad('list');
    const list: unknown[] = [];
    for (const one of given) {
      const value = readField(kind.slice(0, -2), one, name);
      if (value instanceof JsonMistake) return value;
      list.push(value);
    }
    return list;
  }
  switch (kind) {
    case 'bool':
      return typeof given === 'boolean' ? given : bad('bool');
    case 'string':
      return typeof given === 'string' ? given : bad('string');
    case 'int':
    case 'int32':
    case 'uint':
      if (!/^-?\d+$/.test(String(given))) return bad('int64');
      return kind === 'uint' ? BigInt(String(given)) : Number(given);
    case 'key':
    case 'content': {
      const bytes = typeof given === 'string' ? fromBase64(given) : undefined;
      if (bytes === undefined) return bad('bytes');
      return kind === 'key' ? binaryString(bytes) : Content.ofBytes(bytes);
    }
    default:
      break;
  }
  const names = ENUMS[kind];
  if (names === undefined) return messageFromJson(kind, given);
  const found =
    typeof given === 'number'
      ? names[given]
      : names.find((one) => (ENUM_JSON[one] ?? one.toUpperCase()) === given);
  return found ?? bad('enum');
}

function zeroOf(kind: string): unknown {
  if (kind.endsWith('[]')) return [];
  if (kind === 'int' || kind === 'int32') return 0;
  if (kind === 'uint') return 0n;
  if (kind === 'bool') return false;
  if (kind === 'string' || kind === 'key') return '';
  if (kind === 'content') return Content.empty;
  return ENUMS[kind]?.[0];
}

function fieldsOf(type: string): (typeof MESSAGES)[string] {
  const fields = MESSAGES[type];
  if (fields === undefined) throw new Error(`etcd: no message ${type}`);
  return fields;
}

function camelCase(name: string): string {
  return name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

function spreadOperand(compare: Fields): Fields {
  return { ...compare, [`${String(compare['target'])}Operand`]: compare['operand'] };
}

function gatherOperand(fields: Record<string, unknown>): Fields {
  const { key, rangeEnd, result, target } = fields;
  return { key, rangeEnd, result, target, operand: fields[`${String(target)}Operand`] };
}
