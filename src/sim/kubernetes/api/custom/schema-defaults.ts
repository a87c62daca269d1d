// Structural schemas: defaults put in, fields that the schema does not name taken out.

import { isObject, type JsonObject } from '../fields/decode.ts';
import type { KubeObject } from '../object.ts';

const ROOT_FIELDS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/** The object with the defaults of its schema. */
export function schemaDefaults(object: KubeObject, schema: JsonObject): KubeObject {
  return defaulted(object, schema) as KubeObject;
}

function defaulted(value: unknown, schema: JsonObject): unknown {
  if (Array.isArray(value)) {
    const items = schema.items;
    return isObject(items) ? value.map((item) => defaulted(item, items)) : value;
  }
  if (!isObject(value)) return value;
  let filled: Record<string, unknown> | undefined;
  const properties = isObject(schema.properties) ? schema.properties : {};
  for (const [name, inner] of Object.entries(properties)) {
    if (!isObject(inner)) continue;
    const before = value[name];
    const missing = before === undefined || (before === null && inner.nullable !== true);
    const after =
      missing && inner.default !== undefined
        ? defaulted(inner.default, inner)
        : defaulted(before, inner);
    if (after === before) continue;
    filled ??= { ...value };
    filled[name] = after;
  }
  const others = schema.additionalProperties;
  if (isObject(others)) {
    for (const [name, before] of Object.entries(value)) {
      if (name in properties) continue;
      const after = defaulted(before, others);
      if (after === before) continue;
      filled ??= { ...value };
      filled[name] = after;
    }
  }
  return filled ?? value;
}

/** What pruning leaves of an object, and the paths of what it took. */
export function prune(
  object: JsonObject,
  schema: JsonObject,
): { object: JsonObject; unknown: string[] } {
  const unknown: string[] = [];
  return { object: pruned(object, schema, '', unknown, true) as JsonObject, unknown };
}

function pruned(
  value: unknown,
  schema: JsonObject,
  path: string,
  unknown: string[],
  root: boolean,
): unknown {
  if (Array.isArray(value)) {
    const items = schema.items;
    if (!isObject(items)) return value;
    return value.map((item, i) => pruned(item, items, `${path}[${i}]`, unknown, false));
  }
  if (!isObject(value)) return value;
  const properties = isObject(schema.properties) ? schema.properties : {};
  const others = schema.additionalProperties;
  const keeps = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const embedded = root || schema['x-kubernetes-embedded-resource'] === true;
  const kept: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    const at = path === '' ? name : `${path}.${name}`;
    const known = properties[name];
    // Null where it is not allowed says nothing.
    if (inner === null && isObject(known) && known.nullable !== true) continue;
    if (embedded && ROOT_FIELDS.has(name)) kept[name] = inner;
    else if (isObject(known)) kept[name] = pruned(inner, known, at, unknown, false);
    else if (isObject(others)) kept[name] = pruned(inner, others, at, unknown, false);
    else if (others === true || keeps) kept[name] = inner;
    else unknown.push(`unknown field "${at}"`);
  }
  return kept;
}
