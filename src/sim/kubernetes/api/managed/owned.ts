// What of an object can be owned: everything but its identity and what the server writes.

import type { KubeObject } from '../object.ts';

/** Top-level fields that are compared by themselves, or not at all. */
export const UNOWNED_ROOT: ReadonlySet<string> = new Set(['kind', 'apiVersion', 'metadata']);

/** Metadata that nobody owns. */
export const UNOWNED_METADATA: ReadonlySet<string> = new Set([
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'generation',
  'managedFields',
  'resourceVersion',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
]);

/** The object without kind, version and the metadata that nobody owns. */
export function ownablePart(object: KubeObject): object {
  const { kind: _, apiVersion: __, metadata, ...rest } = object;
  const kept = Object.entries(metadata).filter(([name]) => !UNOWNED_METADATA.has(name));
  return kept.length === 0 ? rest : { ...rest, metadata: Object.fromEntries(kept) };
}
