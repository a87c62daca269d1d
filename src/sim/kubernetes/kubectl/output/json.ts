// JSON as Go writes it: sorted keys for unstructured objects, the struct's order for typed ones, four spaces.

import type { JsonObject } from '../../api/fields/decode.ts';
import { inWireOrder } from '../../api/fields/json.ts';
import { hasStructType, structType, typeNameOf } from '../../api/fields/tables.ts';
import type { KubeObject } from '../rest.ts';

/** An object with the keys of every map sorted. */
export function sortedDeep(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedDeep);
  if (value === null || typeof value !== 'object') return value;
  const fields = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.keys(fields)
      .sort()
      .filter((key) => fields[key] !== undefined)
      .map((key) => [key, sortedDeep(fields[key])]),
  );
}

/** json.MarshalIndent with kubectl's four spaces and a newline. */
export function toJson(value: unknown, indent = 4): string {
  return `${escapeHtml(JSON.stringify(sortedDeep(value), undefined, indent))}\n`;
}

/** An object of a type that kubectl knows, as a struct is written: fields in the type's order. */
export function structJson(object: KubeObject, indent?: number): string {
  const { apiVersion = '', kind = '' } = object;
  const name = typeNameOf(apiVersion, kind);
  const { metadata, items } = object;
  const ordered =
    kind === 'List'
      ? { kind, apiVersion, metadata, items: sortedDeep(items) }
      : hasStructType(name)
        ? inWireOrder(object as JsonObject, structType(name))
        : sortedDeep(object);
  return escapeHtml(JSON.stringify(ordered, undefined, indent));
}

/** json.Marshal of an unstructured value. */
export function compactJson(value: unknown): string {
  return escapeHtml(JSON.stringify(sortedDeep(value)) ?? 'null');
}

/** The characters that encoding/json hides from HTML. */
export function escapeHtml(text: string): string {
  return text.replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
