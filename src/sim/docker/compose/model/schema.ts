// JSON schema (draft 7) as far as Compose files need it: the validator, and of what it finds the most specific complaint
// in compose's words.

import { isMapping, type Value } from './tree.ts';

type TypeName = 'string' | 'number' | 'integer' | 'boolean' | 'null' | 'object' | 'array';

export interface Schema {
  readonly type?: TypeName | readonly TypeName[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly uniqueItems?: boolean;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly oneOf?: readonly Schema[];
}

export const text: Schema = { type: 'string' };
/** Booleans, numbers and integers may be text, which a variable may have given. */
export const flag: Schema = { type: ['boolean', 'string'] };
export const amount: Schema = { type: ['number', 'string'] };
export const count: Schema = { type: ['integer', 'string'] };

export const list = (items: Schema): Schema => ({ type: 'array', items });
export const uniqueList = (items: Schema): Schema => ({ type: 'array', items, uniqueItems: true });
export const oneOf = (...schemas: readonly Schema[]): Schema => ({ oneOf: schemas });

/** An object with these fields alone. */
export const closed = (
  properties: Readonly<Record<string, Schema>>,
  required?: readonly string[],
): Schema => ({
  type: 'object',
  properties,
  additionalProperties: false,
  ...(required ? { required } : {}),
});

/** The same with extensions (`x-…`). */
export const struct = (
  properties: Readonly<Record<string, Schema>>,
  required?: readonly string[],
): Schema => ({ ...closed(properties, required), patternProperties: { '^x-': {} } });

interface Complaint {
  readonly path: readonly string[];
  /** How specific it is: the deeper the better, unknown fields count as one deeper. */
  readonly depth: number;
  readonly text: string;
}

type Path = readonly string[];

/** What is wrong with a tree; undefined where nothing is. */
export function validate(tree: Value, schema: Schema): string | undefined {
  const complaint = check(tree, schema, []);
  return complaint && `${complaint.path.join('.')} ${complaint.text}`;
}

function complain(path: Path, words: string, depth = path.length): Complaint {
  return { path, depth, text: words };
}

/** The first of the most specific. */
function mostSpecific(found: readonly (Complaint | undefined)[]): Complaint | undefined {
  let best: Complaint | undefined;
  for (const one of found) if (one && (!best || one.depth > best.depth)) best = one;
  return best;
}

function typeOf(value: Value): TypeName {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'object') return 'object';
  if (typeof value === 'number') return 'number';
  return typeof value === 'boolean' ? 'boolean' : 'string';
}

function readable(types: readonly TypeName[]): string {
  const words = types.map((type) => (type === 'object' ? 'mapping' : type));
  if (types.length === 1) return words[0] ?? '';
  const plain = [...types.map((type) => (type === 'object' ? 'mapping' : type))].sort();
  return `${plain.slice(0, -1).join(', ')} or ${plain.at(-1)}`;
}

function check(value: Value, schema: Schema, path: Path): Complaint | undefined {
  const type = typeOf(value);
  if (schema.type !== undefined) {
    const wanted: readonly TypeName[] =
      typeof schema.type === 'string' ? [schema.type] : schema.type;
    const fits =
      wanted.includes(type) ||
      (type === 'number' && wanted.includes('integer') && Number.isInteger(value));
    if (!fits) return complain(path, `must be a ${readable(wanted)}`);
  }
  if (schema.enum && !schema.enum.includes(value as string)) {
    const words = schema.enum.map((one) => `'${one}'`);
    return complain(
      path,
      words.length === 1 ? `value must be ${words[0]}` : `value must be one of ${words.join(', ')}`,
    );
  }
  return mostSpecific([...inside(value, schema, path), alternatives(value, schema, path)]);
}

function inside(value: Value, schema: Schema, path: Path): (Complaint | undefined)[] {
  if (Array.isArray(value)) return items(value, schema, path);
  if (isMapping(value)) return fields(value, schema, path);
  if (typeof value === 'string' && schema.pattern && !new RegExp(schema.pattern).test(value))
    return [complain(path, `'${value}' does not match pattern '${schema.pattern}'`)];
  if (typeof value !== 'number') return [];
  const { minimum, maximum } = schema;
  return [
    minimum !== undefined && value < minimum
      ? complain(path, `must be greater than or equal to ${minimum}`)
      : undefined,
    maximum !== undefined && value > maximum
      ? complain(path, `must be less than or equal to ${maximum}`)
      : undefined,
  ];
}

function items(value: readonly Value[], schema: Schema, path: Path): (Complaint | undefined)[] {
  const found: (Complaint | undefined)[] = [];
  if (schema.uniqueItems) {
    const texts = value.map((item) => JSON.stringify(item));
    const second = texts.findIndex((item, i) => texts.indexOf(item) < i);
    if (second >= 0)
      found.push(
        complain(path, `items at ${texts.indexOf(texts[second] ?? '')} and ${second} are equal`),
      );
  }
  const { items: each } = schema;
  if (each) value.forEach((item, i) => found.push(check(item, each, [...path, String(i)])));
  return found;
}

function fields(
  value: Readonly<Record<string, Value>>,
  schema: Schema,
  path: Path,
): (Complaint | undefined)[] {
  const found: (Complaint | undefined)[] = [];
  const missing = (schema.required ?? []).filter((name) => !(name in value));
  if (missing.length > 0) {
    const names = missing.map((name) => `'${name}'`).join(', ');
    found.push(complain(path, `missing propert${missing.length === 1 ? 'y' : 'ies'} ${names}`));
  }
  const unknown: string[] = [];
  for (const [name, item] of Object.entries(value)) {
    let known = false;
    const own = Object.hasOwn(schema.properties ?? {}, name)
      ? schema.properties?.[name]
      : undefined;
    if (own) {
      known = true;
      found.push(check(item, own, [...path, name]));
    }
    for (const [pattern, rule] of Object.entries(schema.patternProperties ?? {})) {
      if (!new RegExp(pattern).test(name)) continue;
      known = true;
      found.push(check(item, rule, [...path, name]));
    }
    if (!known && schema.additionalProperties === false) unknown.push(name);
  }
  if (unknown.length > 0) {
    const names = unknown.map((name) => `'${name}'`).join(', ');
    found.push(complain(path, `additional properties ${names} not allowed`, path.length + 1));
  }
  return found;
}

function alternatives(value: Value, schema: Schema, path: Path): Complaint | undefined {
  if (!schema.oneOf) return undefined;
  const found = schema.oneOf.map((one) => check(value, one, path));
  const fitting = found.flatMap((one, i) => (one ? [] : [i]));
  if (fitting.length === 1) return undefined;
  if (fitting.length > 1)
    return complain(path, `oneOf failed, subschemas ${fitting[0]}, ${fitting[1]} matched`);
  return mostSpecific(found);
}
