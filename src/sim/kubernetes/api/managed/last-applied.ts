// The annotation of client-side apply under server-side apply by kubectl: fields that it still says rightly are no conflict,
// and the server keeps it up to date.

import { isObject } from '../fields/decode.ts';
import { groupVersionOf, type KindDescriptor } from '../kinds/descriptor.ts';
import type { KubeObject } from '../object.ts';
import { compare, configured, difference, type FieldSet } from './fields.ts';
import { ownablePart } from './owned.ts';
import { typeOfKind } from './types.ts';

/** The one manager whose configurations upgrade objects of client-side apply. */
export const KUBECTL = 'kubectl';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The fields of the annotation that the live object still has as they stand there. */
export function stillAsApplied(live: KubeObject, descriptor: KindDescriptor): FieldSet | undefined {
  const text = live.metadata.annotations?.[LAST_APPLIED];
  if (!text) return undefined;
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(said) || said.apiVersion !== groupVersionOf(descriptor)) return undefined;
  if (!isObject(said.metadata)) return undefined;
  const type = typeOfKind(descriptor);
  const applied = ownablePart(said as unknown as KubeObject);
  const { changed, removed } = compare(applied, ownablePart(live), type, undefined);
  const left = difference(configured(applied, type, undefined), changed);
  return left && difference(left, removed);
}

/** The object with an annotation that says what was applied now, where it has one. */
export function withCurrentLastApplied(object: KubeObject, wanted: KubeObject): KubeObject {
  const { metadata } = object;
  const { annotations } = metadata;
  if (!annotations?.[LAST_APPLIED]) return object;
  const { managedFields: _, ...kept } = wanted.metadata;
  const own = kept.annotations;
  const { [LAST_APPLIED]: __, ...others } = own ?? {};
  const said = { ...wanted, metadata: { ...kept, ...(own ? { annotations: others } : {}) } };
  const text = `${JSON.stringify(inOrder(said)).replace(/[<>&]/g, escaped)}\n`;
  return {
    ...object,
    metadata: { ...metadata, annotations: { ...annotations, [LAST_APPLIED]: text } },
  };
}

/** Go's JSON sorts the keys of maps, and escapes what HTML would read. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, part]) => [name, inOrder(part)]),
  );
}

function escaped(letter: string): string {
  return `\\u00${letter.charCodeAt(0).toString(16)}`;
}
