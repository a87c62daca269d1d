// Server-side apply: a configuration merged into the live object, with what its manager gave up taken out, and
// conflicts where it changes what others own.

import { isObject, type JsonObject } from '../fields/decode.ts';
import type { Field, FieldType } from '../fields/tables.ts';
import { groupVersionOf, type KindDescriptor } from '../kinds/descriptor.ts';
import type { KubeObject } from '../object.ts';
import { ApiError, type StatusCause } from '../status.ts';
import type { ManagedFieldsEntry } from '../types/meta.ts';
import type { Manager } from './entry.ts';
import {
  compare,
  configured,
  difference,
  type FieldSet,
  intersection,
  isLeaf,
  itemElement,
  partsOf,
  pathsOf,
  unheld,
  union,
} from './fields.ts';
import { KUBECTL, stillAsApplied, withCurrentLastApplied } from './last-applied.ts';
import { ownablePart } from './owned.ts';
import { typeOfKind } from './types.ts';
import { fieldsOf, isSameManager, sortEntries, withEntry, without } from './update.ts';

/** Merges a configuration into a value: structures field by field, lists by key, the rest replaced. */
function merge(live: unknown, wanted: unknown, type: FieldType, field: Field | undefined): unknown {
  if (live === undefined || live === null || wanted === null) return wanted;
  const granular = field?.topology !== 'atomic' && partsOf(wanted, type, field) !== undefined;
  if (!granular) return wanted;
  if (type.kind === 'list' && Array.isArray(wanted) && Array.isArray(live)) {
    if (field?.topology === 'set') {
      return [...live, ...wanted.filter((item) => !live.includes(item))];
    }
    return mergeItems(live, wanted, type.of, field?.keys ?? []);
  }
  if (!isObject(wanted) || !isObject(live)) return wanted;
  const merged: Record<string, unknown> = { ...live };
  for (const name of Object.keys(wanted)) {
    const inner = type.kind === 'struct' ? type.struct.byName.get(name) : undefined;
    const innerType = type.kind === 'map' ? type.of : inner?.type;
    merged[name] = innerType ? merge(live[name], wanted[name], innerType, inner) : wanted[name];
  }
  return merged;
}

function mergeItems(
  live: readonly unknown[],
  wanted: readonly unknown[],
  of: FieldType,
  keys: readonly string[],
): unknown[] {
  const elements = new Map(wanted.map((item) => [itemElement(item, keys), item]));
  const merged = live.map((item) => {
    const element = itemElement(item, keys);
    const change = elements.get(element);
    elements.delete(element);
    return change === undefined ? item : merge(item, change, of, undefined);
  });
  return [...merged, ...elements.values()];
}

/** A value without the parts in a set: what a manager has given up. */
function remove(value: unknown, set: FieldSet, type: FieldType, field: Field | undefined): unknown {
  const parts = partsOf(value, type, field);
  if (!parts) return value;
  const gone = new Set<string>();
  const changed = new Map<string, unknown>();
  for (const [element, inner, innerType, innerField] of parts) {
    const below = set[element];
    if (below === undefined) continue;
    if (isLeaf(below) || '.' in below) {
      gone.add(element);
      continue;
    }
    const left = remove(inner, below, innerType, innerField);
    const bare = isObject(left) && Object.keys(left).length === 0 && innerField?.always !== true;
    if (bare && isObject(inner) && Object.keys(inner).length > 0) gone.add(element);
    else changed.set(element, left);
  }
  if (gone.size === 0 && changed.size === 0) return value;
  if (Array.isArray(value)) {
    return parts
      .filter(([element]) => !gone.has(element))
      .map(([element, inner]) => (changed.has(element) ? changed.get(element) : inner));
  }
  const kept = parts.filter(([element]) => !gone.has(element));
  return Object.fromEntries(
    kept.map(([element, inner]) => [
      element.slice(2),
      changed.has(element) ? changed.get(element) : inner,
    ]),
  );
}

/** Others who own something that the configuration changes. */
interface Conflict {
  readonly entry: ManagedFieldsEntry;
  readonly paths: readonly string[];
}

function managerText({ manager, operation, apiVersion, subresource }: ManagedFieldsEntry): string {
  const part = subresource ? ` with subresource ${JSON.stringify(subresource)}` : '';
  const using = operation === 'Update' ? ` using ${apiVersion}` : '';
  return `${JSON.stringify(manager)}${part}${using}`;
}

function conflictError(conflicts: readonly Conflict[]): ApiError {
  const count = conflicts.reduce((sum, { paths }) => sum + paths.length, 0);
  const sorted = [...conflicts].sort((a, b) =>
    managerText(a.entry) < managerText(b.entry) ? -1 : 1,
  );
  const texts = sorted.map(({ entry, paths }) => {
    if (count === 1) return `conflict with ${managerText(entry)}: ${paths[0]}`;
    return `conflicts with ${managerText(entry)}:\n${paths.map((path) => `- ${path}`).join('\n')}`;
  });
  const causes: StatusCause[] = sorted.flatMap(({ entry, paths }) =>
    paths.map((field) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${managerText(entry)}`,
      field,
    })),
  );
  const words = count === 1 ? '1 conflict' : `${count} conflicts`;
  return new ApiError(409, 'Conflict', `Apply failed with ${words}: ${texts.join('\n')}`, {
    causes,
  });
}

/** What an apply comes to: the object before decoding, and the entries that go with it. */
export interface Applied {
  readonly object: JsonObject;
  /** What the server adds that nobody applied, and that makes no time of a change. */
  finish(object: KubeObject): KubeObject;
  /** The entries, once it is known whether the object changed. */
  entries(changed: boolean): readonly ManagedFieldsEntry[];
}

/** Applies a configuration to the live object on behalf of a manager. */
export function applyConfiguration(
  live: KubeObject | undefined,
  wanted: KubeObject,
  descriptor: KindDescriptor,
  manager: Manager,
  force: boolean,
): Applied | ApiError {
  const type = typeOfKind(descriptor);
  const before = live?.metadata.managedFields ?? [];
  const entry: ManagedFieldsEntry = {
    manager: manager.name,
    operation: 'Apply',
    apiVersion: groupVersionOf(descriptor),
    fieldsType: 'FieldsV1',
    ...(manager.subresource === '' ? {} : { subresource: manager.subresource }),
  };
  const own = before.find((one) => isSameManager(one, entry));
  const others = before.filter((one) => one !== own);
  const config = configured(ownablePart(wanted), type, undefined);
  const old = live ? ownablePart(live) : {};
  const merged = merge(old, ownablePart(wanted), type, undefined);
  const pruned = prune(merged, own, others, config, type);
  const { changed, removed } = compare(old, pruned, type, undefined);
  const found = conflictsAmong(others, intersectionOf(changed, config));
  // What client-side apply said before, kubectl may take over.
  const allowed =
    live && manager.name === KUBECTL && found.length > 0
      ? stillAsApplied(live, descriptor)
      : undefined;
  const conflicts = allowed ? found.flatMap((one) => lessAllowed(one, allowed)) : found;
  if (conflicts.length > 0 && !force)
    return conflictError(
      conflicts.map(({ entry: one, fields }) => ({ entry: one, paths: pathsOf(fields) })),
    );
  const takes = force || found.length > 0;
  const left = without(without(others, takes ? changed : undefined), removed);
  const identity = live ?? wanted;
  const part = pruned as JsonObject;
  const metadata = isObject(part.metadata) ? part.metadata : {};
  const object = {
    ...part,
    kind: descriptor.kind,
    apiVersion: groupVersionOf(descriptor),
    metadata: { ...identityOf(identity), ...metadata },
  };
  return {
    object,
    finish: (made) => (manager.name === KUBECTL ? withCurrentLastApplied(made, wanted) : made),
    entries: (differs) => {
      const time = differs ? manager.time : own?.time;
      const made = time === undefined ? entry : { ...entry, time };
      return sortEntries(withEntry(left, made, isLeaf(config) ? undefined : config));
    },
  };
}

/** Of each other manager what it owns and would be changed. */
function conflictsAmong(
  others: readonly ManagedFieldsEntry[],
  changed: FieldSet | undefined,
): { entry: ManagedFieldsEntry; fields: FieldSet }[] {
  return others.flatMap((entry) => {
    const fields = intersection(fieldsOf(entry), changed);
    return fields ? [{ entry, fields }] : [];
  });
}

function lessAllowed(
  { entry, fields }: { entry: ManagedFieldsEntry; fields: FieldSet },
  allowed: FieldSet,
): { entry: ManagedFieldsEntry; fields: FieldSet }[] {
  const left = difference(fields, allowed);
  return left ? [{ entry, fields: left }] : [];
}

function intersectionOf(a: FieldSet | undefined, b: FieldSet): FieldSet | undefined {
  return a === undefined || isLeaf(b) ? undefined : intersection(a, b);
}

/** Takes out what the manager applied before, does not apply now, and nobody else owns. */
function prune(
  merged: unknown,
  own: ManagedFieldsEntry | undefined,
  others: readonly ManagedFieldsEntry[],
  config: FieldSet,
  type: FieldType,
): unknown {
  const before = own && fieldsOf(own);
  if (!before) return merged;
  const owned = others.reduce<FieldSet | undefined>(
    (set, one) => union(set, fieldsOf(one)),
    isLeaf(config) ? undefined : config,
  );
  const free = unheld(before, owned);
  return free ? remove(merged, free, type, undefined) : merged;
}

const IDENTITY = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;

function identityOf({ metadata }: KubeObject): JsonObject {
  return Object.fromEntries(
    IDENTITY.flatMap((name) => (metadata[name] === undefined ? [] : [[name, metadata[name]]])),
  );
}
