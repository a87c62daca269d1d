// A Kubernetes object as the server's general parts see it: metadata they know, the rest they pass on.

import type { ObjectMeta } from './types/meta.ts';

/** Any object of any kind. Frozen and shared once it left the server's hands. */
export interface KubeObject {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: ObjectMeta;
  readonly spec?: unknown;
  readonly status?: unknown;
  readonly [field: string]: unknown;
}

/** A list as the server answers it. */
export interface KubeList<T = KubeObject> {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: {
    readonly resourceVersion?: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly T[];
}

/** The object with some of its metadata replaced; the rest is shared. */
export function withMetadata<T extends KubeObject>(object: T, changes: Partial<ObjectMeta>): T {
  return { ...object, metadata: { ...object.metadata, ...changes } };
}

/** The object with `defaults` for the fields that it does not have; itself where it has them all. */
export function fillIn<T extends object>(object: T, defaults: Partial<T>): T {
  let filled: T | undefined;
  for (const name in defaults) {
    const value = object[name];
    if (value !== undefined && value !== null) continue;
    filled ??= { ...object };
    filled[name] = defaults[name] as T[typeof name];
  }
  return filled ?? object;
}

/** The list with every item replaced by what `change` makes of it; itself where nothing changes. */
export function mapShared<T>(items: readonly T[], change: (item: T) => T): readonly T[] {
  let made: T[] | undefined;
  for (let i = 0; i < items.length; i++) {
    const before = items[i] as T;
    const after = change(before);
    if (after === before) continue;
    made ??= [...items];
    made[i] = after;
  }
  return made ?? items;
}

/** The object with one field replaced; itself where the value is the same. */
export function replaceField<T extends object, K extends keyof T>(
  object: T,
  name: K,
  value: T[K],
): T {
  return object[name] === value ? object : { ...object, [name]: value };
}

/** Deep equality of JSON values, quick where parts are shared. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, i) => sameJson(item, b[i]));
  }
  if (Array.isArray(b)) return false;
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  let fields = 0;
  for (const key in left) {
    if (left[key] === undefined) continue;
    fields++;
    if (!sameJson(left[key], right[key])) return false;
  }
  for (const key in right) if (right[key] !== undefined) fields--;
  return fields === 0;
}
