// Three-way patches (strategicpatch.CreateThreeWayMergePatch, jsonmergepatch): what was applied last, what is to be,
// and what is there make the patch.

import { type Field, hasStructType, type StructType, structType } from '../api/fields/tables.ts';
import type { ApiResource } from './discovery.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The field table of a resource's objects; undefined for custom ones. */
export function typeOf({ group, version, kind }: ApiResource): StructType | undefined {
  const name = `${group === '' ? 'core' : group.split('.')[0]}/${version}.${kind}`;
  return hasStructType(name) ? structType(name) : undefined;
}

/** The patch from `current` to `modified` that also removes what only `original` had. */
export function threeWayPatch(
  original: Fields,
  modified: Fields,
  current: Fields,
  type: StructType | undefined,
): Fields {
  return merge(additions(current, modified, type), deletions(original, modified, type));
}

/** The patch from one object to another (CreateTwoWayMergePatch). */
export function twoWayPatch(from: Fields, to: Fields, type: StructType | undefined): Fields {
  return merge(additions(from, to, type), deletions(from, to, type));
}

function isMap(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function structOf(field: Field | undefined): StructType | undefined {
  return field?.type.kind === 'struct' ? field.type.struct : undefined;
}

function elementOf(field: Field | undefined): StructType | undefined {
  return field?.type.kind === 'list' && field.type.of.kind === 'struct'
    ? field.type.of.struct
    : undefined;
}

/** What `modified` has that `current` has not or has otherwise. */
function additions(current: Fields, modified: Fields, type: StructType | undefined): Fields {
  const patch: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(modified)) {
    const before = current[name];
    const field = type?.byName.get(name);
    if (value === null || value === undefined) {
      if (before !== undefined && value === null) patch[name] = null;
      continue;
    }
    if (before === undefined) {
      patch[name] = value;
    } else if (isMap(value) && isMap(before)) {
      const inner = additions(before, value, structOf(field));
      if (Object.keys(inner).length > 0) patch[name] = inner;
    } else if (Array.isArray(value) && Array.isArray(before) && field?.patchMerge) {
      Object.assign(patch, listAdditions(name, before, value, field));
    } else if (!equal(before, value)) {
      patch[name] = value;
    }
  }
  return patch;
}

function listAdditions(
  name: string,
  before: readonly unknown[],
  value: readonly unknown[],
  field: Field,
): Fields {
  const key = field.patchKey;
  if (key === '') {
    const added = value.filter((item) => !before.some((one) => equal(one, item)));
    return added.length > 0 ? { [`$setElementOrder/${name}`]: value, [name]: added } : {};
  }
  const items: unknown[] = [];
  for (const item of value as Fields[]) {
    const match = (before as Fields[]).find((one) => equal(one[key], item[key]));
    if (!match) {
      items.push(item);
      continue;
    }
    const inner = additions(match, item, elementOf(field));
    if (Object.keys(inner).length > 0) items.push({ ...inner, [key]: item[key] });
  }
  if (items.length === 0) return {};
  return {
    [`$setElementOrder/${name}`]: (value as Fields[]).map((item) => ({ [key]: item[key] })),
    [name]: items,
  };
}

/** What `original` had that `modified` has no more: null for each. */
function deletions(original: Fields, modified: Fields, type: StructType | undefined): Fields {
  const patch: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(original)) {
    if (value === null || value === undefined) continue;
    const after = modified[name];
    const field = type?.byName.get(name);
    if (after === undefined || after === null) {
      patch[name] = null;
    } else if (isMap(value) && isMap(after)) {
      const inner = deletions(value, after, structOf(field));
      if (Object.keys(inner).length > 0) patch[name] = inner;
    } else if (Array.isArray(value) && Array.isArray(after) && field?.patchMerge) {
      Object.assign(patch, listDeletions(name, value, after, field));
    }
  }
  return patch;
}

function listDeletions(
  name: string,
  value: readonly unknown[],
  after: readonly unknown[],
  field: Field,
): Fields {
  const key = field.patchKey;
  if (key === '') {
    const gone = value.filter((item) => !after.some((one) => equal(one, item)));
    return gone.length > 0 ? { [`$deleteFromPrimitiveList/${name}`]: gone } : {};
  }
  const items: unknown[] = [];
  for (const item of value as Fields[]) {
    const match = (after as Fields[]).find((one) => equal(one[key], item[key]));
    if (!match) {
      items.push({ $patch: 'delete', [key]: item[key] });
      continue;
    }
    const inner = deletions(item, match, elementOf(field));
    if (Object.keys(inner).length > 0) items.push({ ...inner, [key]: item[key] });
  }
  if (items.length === 0) return {};
  return {
    [`$setElementOrder/${name}`]: (after as Fields[]).map((item) => ({ [key]: item[key] })),
    [name]: items,
  };
}

/** Two patches as one. */
function merge(a: Fields, b: Fields): Fields {
  const out: Record<string, unknown> = { ...a };
  for (const [name, value] of Object.entries(b)) {
    const before = out[name];
    if (isMap(before) && isMap(value)) out[name] = merge(before, value);
    else if (Array.isArray(before) && Array.isArray(value) && !name.startsWith('$'))
      out[name] = mergeItems(before, value);
    else if (before === undefined || value !== null) out[name] = value;
  }
  return out;
}

function mergeItems(a: readonly unknown[], b: readonly unknown[]): unknown[] {
  const out = [...a];
  for (const item of b as Fields[]) {
    const keys = Object.keys(item).filter(
      (key) => item[key] !== null && typeof item[key] !== 'object' && key !== '$patch',
    );
    const at = (out as Fields[]).findIndex(
      (one) => keys.length > 0 && keys.every((key) => equal(one[key], item[key])),
    );
    if (at >= 0) out[at] = merge(out[at] as Fields, item);
    else out.push(item);
  }
  return out;
}

/** Deep equality of JSON values. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, i) => equal(item, b[i]));
  if (!isMap(a) || !isMap(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => equal(a[key], b[key]));
}
