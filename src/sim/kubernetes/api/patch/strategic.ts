// Strategic merge patch: like a merge patch, but lists with a merge key are merged item by item, and directives
// ($patch, $retainKeys, $deleteFromPrimitiveList/…, $setElementOrder/…) say what merging cannot.

import { isObject, type JsonObject } from '../fields/decode.ts';
import type { Field, FieldType, StructType } from '../fields/tables.ts';
import { PatchError } from './json-patch.ts';

const DELETE_FROM = '$deleteFromPrimitiveList/';
const SET_ORDER = '$setElementOrder/';

/** The object with the patch merged in, by the merge keys of its type. */
export function applyStrategicPatch(
  original: JsonObject,
  patch: JsonObject,
  type: StructType | undefined,
): JsonObject | PatchError {
  if (patch.$patch === 'replace') return withoutDirectives(patch);
  if (patch.$patch === 'delete') return {};
  let merged: Record<string, unknown> = { ...original };
  const retain = patch.$retainKeys;
  if (Array.isArray(retain)) {
    merged = Object.fromEntries(Object.entries(merged).filter(([name]) => retain.includes(name)));
  }
  const orders = new Map<string, readonly unknown[]>();
  for (const [name, value] of Object.entries(patch)) {
    if (name === '$patch' || name === '$retainKeys') continue;
    if (name.startsWith(SET_ORDER)) {
      if (Array.isArray(value)) orders.set(name.slice(SET_ORDER.length), value);
      continue;
    }
    if (name.startsWith(DELETE_FROM)) {
      deleteFromPrimitives(merged, name.slice(DELETE_FROM.length), value);
      continue;
    }
    const error = mergeField(merged, name, value, type?.byName.get(name));
    if (error) return error;
  }
  for (const [name, order] of orders) reorder(merged, name, order, type?.byName.get(name));
  return merged;
}

function withoutDirectives(patch: JsonObject): JsonObject {
  const { $patch: _, $retainKeys: __, ...rest } = patch;
  return rest;
}

function deleteFromPrimitives(
  merged: Record<string, unknown>,
  name: string,
  values: unknown,
): void {
  const list = merged[name];
  if (!Array.isArray(list) || !Array.isArray(values)) return;
  merged[name] = list.filter((item) => !values.includes(item));
}

function mergeField(
  merged: Record<string, unknown>,
  name: string,
  value: unknown,
  field: Field | undefined,
): PatchError | undefined {
  if (value === null) {
    delete merged[name];
    return undefined;
  }
  const result = mergeValue(merged[name], value, field?.type, field);
  if (result instanceof PatchError) return result;
  merged[name] = result;
  return undefined;
}

function mergeValue(
  original: unknown,
  patch: unknown,
  type: FieldType | undefined,
  field: Field | undefined,
): unknown | PatchError {
  if (Array.isArray(patch)) {
    if (!field?.patchMerge) return patch.map(clean);
    return mergeList(Array.isArray(original) ? original : [], patch, type, field);
  }
  if (!isObject(patch)) return patch;
  if (type?.kind === 'map') return mergeMap(original, patch, type.of);
  const struct = type?.kind === 'struct' ? type.struct : undefined;
  return applyStrategicPatch(isObject(original) ? original : {}, patch, struct);
}

function mergeMap(original: unknown, patch: JsonObject, of: FieldType): unknown | PatchError {
  if (patch.$patch === 'replace') return withoutDirectives(patch);
  const merged: Record<string, unknown> = isObject(original) ? { ...original } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else {
      const result = mergeValue(merged[name], value, of, undefined);
      if (result instanceof PatchError) return result;
      merged[name] = result;
    }
  }
  return merged;
}

/** A patch's part without the nulls and directives that only mean something to a merge. */
function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clean);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(
    ([name, inner]) => inner !== null && !name.startsWith('$'),
  );
  return Object.fromEntries(kept.map(([name, inner]) => [name, clean(inner)]));
}

function mergeList(
  original: readonly unknown[],
  patch: readonly unknown[],
  type: FieldType | undefined,
  field: Field,
): unknown | PatchError {
  const of = type?.kind === 'list' ? type.of : undefined;
  const key = field.patchKey;
  if (key === '' || of?.kind !== 'struct') {
    return [...original, ...patch.filter((item) => !original.includes(item))];
  }
  if (patch.some((item) => isObject(item) && item.$patch === 'replace')) {
    return patch.filter((item) => !isObject(item) || item.$patch === undefined).map(clean);
  }
  const merged: unknown[] = [...original];
  const added: unknown[] = [];
  for (const item of patch) {
    if (!isObject(item)) return new PatchError(`expected an object in list ${field.name}`);
    if (item[key] === undefined || item[key] === null) {
      return new PatchError(`map: ${goMap(item)} does not contain declared merge key: ${key}`);
    }
    const at = merged.findIndex((one) => isObject(one) && one[key] === item[key]);
    if (item.$patch === 'delete') {
      if (at >= 0) merged.splice(at, 1);
      continue;
    }
    const before = at >= 0 && isObject(merged[at]) ? merged[at] : {};
    const result = applyStrategicPatch(before, item, of.struct);
    if (result instanceof PatchError) return result;
    if (at >= 0) merged[at] = result;
    else added.push(result);
  }
  return [...added, ...merged];
}

/** A map as Go prints it: `map[image:x]`. */
export function goMap(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goMap).join(' ')}]`;
  if (!isObject(value)) return value === null ? '<nil>' : String(value);
  const entries = Object.keys(value).sort();
  return `map[${entries.map((name) => `${name}:${goMap(value[name])}`).join(' ')}]`;
}

/** Puts a list into the order that the client wants; items it does not name keep their places. */
function reorder(
  merged: Record<string, unknown>,
  name: string,
  order: readonly unknown[],
  field: Field | undefined,
): void {
  const list = merged[name];
  if (!Array.isArray(list)) return;
  const key = field?.patchKey ?? '';
  const idOf = (item: unknown): unknown => (isObject(item) && key !== '' ? item[key] : item);
  const wanted = order.map(idOf);
  const named = wanted.flatMap((id) => list.filter((item) => idOf(item) === id));
  const result: unknown[] = [];
  let next = 0;
  for (const item of list) {
    if (wanted.includes(idOf(item))) continue;
    const before = list.slice(0, list.indexOf(item)).filter((one) => wanted.includes(idOf(one)));
    while (next < named.length && before.includes(named[next])) result.push(named[next++]);
    result.push(item);
  }
  merged[name] = [...result, ...named.slice(next)];
}
