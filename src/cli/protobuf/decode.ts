// The protobuf form of Kubernetes objects (application/vnd.kubernetes.protobuf) read into their JSON form: real clients
// write built-in kinds so. The lab's server speaks JSON alone, so answers are never protobuf.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type FieldType,
  hasStructType,
  type Scalar,
  structType,
} from '../../sim/kubernetes/api/fields/tables.ts';
import { type Wire, wireFields } from './wire.ts';

/** What every message begins with. */
const MAGIC = [0x6b, 0x38, 0x73, 0x00];
const utf8 = new TextDecoder();

interface Numbered {
  readonly name: string;
  /** The type of a message whose fields stand among those of its holder. */
  readonly inlined: string | undefined;
}

const numbers = new Map<string, ReadonlyMap<number, Numbered>>();

function numbersOf(type: string): ReadonlyMap<number, Numbered> {
  if (numbers.size === 0) readNumbers();
  const known = numbers.get(type);
  if (!known) throw new Error(`no protobuf field numbers for ${type}`);
  return known;
}

function readNumbers(): void {
  const text = readFileSync(join(import.meta.dirname, 'numbers.txt'), 'utf8');
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [type = '', ...tokens] = line.split(' ');
    const prefix = type.slice(0, type.lastIndexOf('.'));
    const fields = new Map<number, Numbered>();
    let last = 0;
    for (const token of tokens) {
      const [name = '', given] = token.split('=');
      last = given === undefined ? last + 1 : Number(given);
      const inlined = name.startsWith('+') ? `${prefix}.${name.slice(1)}` : undefined;
      fields.set(last, { name, inlined });
    }
    numbers.set(type, fields);
  }
}

/** An object as JSON; undefined where the bytes are no protobuf form of a type that is known. */
export function jsonOfProtobuf(bytes: Uint8Array): object | undefined {
  if (!MAGIC.every((byte, i) => bytes[i] === byte)) return undefined;
  let [apiVersion, kind] = ['', ''];
  let raw: Uint8Array = new Uint8Array();
  for (const { number, bytes: content } of wireFields(bytes.subarray(MAGIC.length))) {
    if (number === 2) raw = content;
    if (number !== 1) continue;
    for (const meta of wireFields(content)) {
      if (meta.number === 1) apiVersion = utf8.decode(meta.bytes);
      if (meta.number === 2) kind = utf8.decode(meta.bytes);
    }
  }
  const type = typeName(apiVersion, kind);
  return type === undefined ? undefined : { kind, apiVersion, ...message(raw, type, type) };
}

/** `apps/v1` and `Deployment` as the field tables name the type. Options of requests belong to every group. */
function typeName(apiVersion: string, kind: string): string | undefined {
  const [group = '', version] = apiVersion.split('/');
  const own =
    version === undefined ? `core/${group}.${kind}` : `${group.split('.')[0]}/${version}.${kind}`;
  return [own, `meta/v1.${kind}`].find(hasStructType);
}

/** The fields of a message; `type` gives the numbers, `holder` the field table that knows them. */
function message(bytes: Uint8Array, type: string, holder: string): Record<string, unknown> {
  const fields = numbersOf(type);
  const { byName } = structType(hasStructType(type) ? type : holder);
  const out: Record<string, unknown> = {};
  for (const wire of wireFields(bytes)) {
    const field = fields.get(wire.number);
    if (field?.inlined !== undefined) {
      Object.assign(out, message(wire.bytes, field.inlined, holder));
    } else if (field) {
      const known = byName.get(field.name) ?? structType(holder).byName.get(field.name);
      if (known) add(out, field.name, known.type, wire);
    }
  }
  return out;
}

function add(out: Record<string, unknown>, name: string, type: FieldType, wire: Wire): void {
  if (type.kind === 'list') {
    const list = (out[name] ??= []) as unknown[];
    list.push(value(type.of, wire));
  } else if (type.kind === 'map') {
    const map = (out[name] ??= {}) as Record<string, unknown>;
    const [key, inner] = entryOf(wire);
    map[key] = inner ? value(type.of, inner) : emptyOf(type.of);
  } else {
    out[name] = value(type, wire);
  }
}

/** An entry of a map is a message of a key and a value. */
function entryOf({ bytes }: Wire): [string, Wire | undefined] {
  let key = '';
  let inner: Wire | undefined;
  for (const part of wireFields(bytes)) {
    if (part.number === 1) key = utf8.decode(part.bytes);
    if (part.number === 2) inner = part;
  }
  return [key, inner];
}

function emptyOf(type: FieldType): unknown {
  if (type.kind === 'list') return [];
  return type.kind === 'scalar' ? '' : {};
}

function value(type: FieldType, wire: Wire): unknown {
  switch (type.kind) {
    case 'struct':
      return message(wire.bytes, type.name, type.name);
    case 'list':
      // A list as a map's value is a message of its items (ExtraValue).
      return wireFields(wire.bytes).map((item) => value(type.of, item));
    case 'map':
      return {};
    case 'scalar':
      return scalar(type.scalar, wire);
  }
}

function scalar(code: Scalar, { integer, double, bytes }: Wire): unknown {
  switch (code) {
    case 'b':
      return integer !== 0n;
    case 'i':
    case 'l':
      return Number(integer);
    case 'n':
      return double;
    case 'y':
      return Buffer.from(bytes).toString('base64');
    case 'q':
      return utf8.decode(first(bytes, 1)?.bytes);
    case 'x':
      return intOrString(bytes);
    case 't':
    case 'm':
      return timeOf(bytes, code === 'm');
    case 'a':
      return parsed(utf8.decode(first(bytes, 1)?.bytes));
    case 's':
      return utf8.decode(bytes);
  }
}

function first(bytes: Uint8Array, number: number): Wire | undefined {
  return wireFields(bytes).find((field) => field.number === number);
}

function intOrString(bytes: Uint8Array): number | string {
  const isText = first(bytes, 1)?.integer === 1n;
  return isText ? utf8.decode(first(bytes, 3)?.bytes) : Number(first(bytes, 2)?.integer ?? 0n);
}

/** Seconds and nanoseconds since 1970; an empty message is no time. */
function timeOf(bytes: Uint8Array, micro: boolean): string | null {
  if (bytes.length === 0) return null;
  const seconds = Number(first(bytes, 1)?.integer ?? 0n);
  const nanoseconds = Number(first(bytes, 2)?.integer ?? 0n);
  const text = new Date(seconds * 1000).toISOString().slice(0, 19);
  const fraction = String(Math.floor(nanoseconds / 1000)).padStart(6, '0');
  return micro ? `${text}.${fraction}Z` : `${text}Z`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
