// The field tables of the Kubernetes API types: which fields a type has, in the order in which the server
// writes them, with their types and the marks that decide defaulting of zeros, patches and server-side apply.
// The lines come from scripts/kubernetes-fields.ts; a type is parsed when it is first asked for.

import { typeLines } from './generated/types.ts';

/** Scalar types by letter: string, bool, int32, int64, double, Quantity, IntOrString, Time, MicroTime, bytes, any. */
export type Scalar = 's' | 'b' | 'i' | 'l' | 'n' | 'q' | 'x' | 't' | 'm' | 'y' | 'a';

export type FieldType =
  | { readonly kind: 'scalar'; readonly scalar: Scalar }
  | { readonly kind: 'list'; readonly of: FieldType }
  | { readonly kind: 'map'; readonly of: FieldType }
  | StructReference;

/** A type that is a structure; resolved when first used, because types refer to one another in rings. */
export interface StructReference {
  readonly kind: 'struct';
  readonly name: string;
  readonly struct: StructType;
}

/** How server-side apply merges a field: as a whole, as a set of scalars, by keys, or field by field. */
export type Topology = 'atomic' | 'set' | 'map' | 'granular';

export interface Field {
  readonly name: string;
  /** Its element in a FieldsV1 set: `f:spec`. */
  readonly element: string;
  readonly type: FieldType;
  /** The OpenAPI schema requires it. */
  readonly required: boolean;
  /** Written even where it holds its zero value. */
  readonly always: boolean;
  /** An optional pointer: a zero that was given is kept. */
  readonly pointer: boolean;
  readonly topology: Topology;
  /** The keys of a list that server-side apply merges by key. */
  readonly keys: readonly string[];
  /** Strategic merge: merged by `patchKey` ('' for lists of scalars) instead of replaced. */
  readonly patchMerge: boolean;
  readonly patchKey: string;
  readonly retainKeys: boolean;
  /** The values that the schema lists, if it does. */
  readonly values: readonly string[];
}

export interface StructType {
  /** `core/v1.Container` */
  readonly name: string;
  readonly fields: readonly Field[];
  readonly byName: ReadonlyMap<string, Field>;
  /** Fields that are written in any case. */
  readonly always: readonly Field[];
  readonly atomic: boolean;
}

const SCALARS = 'sbilnqxtmya';

const lines = new Map<string, string>();
const types = new Map<string, StructType>();

for (const line of typeLines) {
  const head = line.slice(0, line.indexOf(' '));
  lines.set(head.endsWith('@') ? head.slice(0, -1) : head, line);
}

/** Types whose schema has no fields of its own: they hold any JSON. */
function isOpaque(name: string): boolean {
  return /^apiextensions\/v1\.JSON(SchemaPropsOr\w+)?$/.test(name) || !lines.has(name);
}

/** True where the tables have a type of this name. */
export function hasStructType(name: string): boolean {
  return lines.has(name);
}

/** The table's name of an object's type: `apps/v1.Deployment`. */
export function typeNameOf(apiVersion: string, kind: string): string {
  const [group = '', version] = apiVersion.split('/');
  return version === undefined
    ? `core/${group}.${kind}`
    : `${group.split('.')[0]}/${version}.${kind}`;
}

/** The names of all types in the tables. */
export function structTypeNames(): readonly string[] {
  return [...lines.keys()];
}

/** The type `core/v1.Container` with its fields. Throws for a name that is not in the tables. */
export function structType(name: string): StructType {
  const known = types.get(name);
  if (known) return known;
  const line = lines.get(name);
  if (line === undefined) throw new Error(`no field table for ${name}`);
  const [head = '', ...tokens] = line.split(' ');
  const fields = tokens.filter((token) => token !== '').map(parseField);
  const made: StructType = {
    name,
    fields,
    byName: new Map(fields.map((field) => [field.name, field])),
    always: fields.filter((field) => field.always),
    atomic: head.endsWith('@'),
  };
  types.set(name, made);
  return made;
}

const references = new Map<string, StructReference>();

/** The reference to the structure `name`, for tables of kinds. */
export function structReference(name: string): StructReference {
  const known = references.get(name);
  if (known) return known;
  const made = referenceTo(name);
  references.set(name, made);
  return made;
}

function referenceTo(name: string): StructReference {
  let struct: StructType | undefined;
  return {
    kind: 'struct',
    name,
    get struct() {
      struct ??= structType(name);
      return struct;
    },
  };
}

function parseField(token: string): Field {
  const colon = token.indexOf(':');
  const bar = token.indexOf('|');
  const marks = token.slice(bar + 1);
  const type = parseType(token.slice(colon + 1, bar));
  const keys = /\[([^\]]*)\]/.exec(marks)?.[1];
  const patch = /~([a-zA-Z+]+)(?::(\w+))?/.exec(marks);
  const values = /<(.*)>/.exec(marks)?.[1]?.split('|') ?? [];
  const flags = marks.replace(/[[~<].*/, '');
  return {
    name: token.slice(0, colon),
    element: `f:${token.slice(0, colon)}`,
    type,
    required: flags.includes('^'),
    always: flags.includes('!'),
    pointer: flags.includes('*'),
    topology: topologyOf(type, keys, flags.includes('@') || /@(~|$)/.test(marks)),
    keys: keys === undefined || keys === '=' ? [] : keys.split(','),
    patchMerge: patch?.[1]?.includes('merge') ?? false,
    patchKey: patch?.[2] ?? '',
    retainKeys: patch?.[1]?.includes('retainKeys') ?? false,
    values,
  };
}

function topologyOf(type: FieldType, keys: string | undefined, atomic: boolean): Topology {
  if (atomic) return 'atomic';
  if (type.kind === 'list') {
    if (keys === undefined) return 'atomic';
    return keys === '=' ? 'set' : 'map';
  }
  return 'granular';
}

function parseType(code: string): FieldType {
  if (code.startsWith('[]')) return { kind: 'list', of: parseType(code.slice(2)) };
  if (code.startsWith('{}')) return { kind: 'map', of: parseType(code.slice(2)) };
  if (code.length === 1 && SCALARS.includes(code)) {
    return { kind: 'scalar', scalar: code as Scalar };
  }
  if (isOpaque(code)) return { kind: 'scalar', scalar: 'a' };
  return structReference(code);
}
