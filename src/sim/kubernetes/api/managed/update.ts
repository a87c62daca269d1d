// managedFields after plain writes (create, update, patch): the writer owns what it changed, and nobody else does.

import { type JsonObject, zeroStruct } from '../fields/decode.ts';
import { structReference } from '../fields/tables.ts';
import { groupVersionOf, type KindDescriptor } from '../kinds/descriptor.ts';
import { type KubeObject, withMetadata } from '../object.ts';
import type { ManagedFieldsEntry } from '../types/meta.ts';
import type { Manager } from './entry.ts';
import {
  type Comparison,
  compareExcept,
  difference,
  type FieldSet,
  shared,
  union,
} from './fields.ts';
import { UNOWNED_METADATA, UNOWNED_ROOT } from './owned.ts';
import { typeOfKind } from './types.ts';

type Entries = readonly ManagedFieldsEntry[];

/** Compares two objects of a kind in what can be owned. */
export function compareObjects(
  old: KubeObject | undefined,
  object: KubeObject,
  descriptor: KindDescriptor,
): Comparison {
  const type = typeOfKind(descriptor);
  const rest = compareExcept(old ?? emptyOf(descriptor), object, type, UNOWNED_ROOT);
  const before = (old?.metadata ?? {}) as JsonObject;
  const after = object.metadata as JsonObject;
  const meta = compareExcept(before, after, METADATA, UNOWNED_METADATA);
  if (!meta.changed && !meta.removed) return rest;
  return {
    changed: withMetadataSet(rest.changed, meta.changed),
    removed: withMetadataSet(rest.removed, meta.removed),
  };
}

const METADATA = structReference('meta/v1.ObjectMeta');

function withMetadataSet(
  set: FieldSet | undefined,
  metadata: FieldSet | undefined,
): FieldSet | undefined {
  return metadata ? union(set, { 'f:metadata': metadata }) : set;
}

function emptyOf(descriptor: KindDescriptor): JsonObject {
  const type = typeOfKind(descriptor);
  return descriptor.type === '' || type.kind !== 'struct' ? {} : zeroStruct(type.struct);
}

/** The set of an entry. */
export function fieldsOf(entry: ManagedFieldsEntry): FieldSet {
  return (entry.fieldsV1 ?? {}) as FieldSet;
}

/** The entries with a manager's new set; without it where the set is empty. */
export function withEntry(
  entries: Entries,
  entry: ManagedFieldsEntry,
  fields: FieldSet | undefined,
): ManagedFieldsEntry[] {
  const others = entries.filter((one) => !isSameManager(one, entry));
  return fields === undefined ? others : [...others, { ...entry, fieldsV1: shared(fields) }];
}

/** Whether two entries are of one manager: same name, way, version and subresource. */
export function isSameManager(a: ManagedFieldsEntry, b: ManagedFieldsEntry): boolean {
  return (
    a.manager === b.manager &&
    a.operation === b.operation &&
    (a.subresource ?? '') === (b.subresource ?? '') &&
    (a.operation === 'Apply' || a.apiVersion === b.apiVersion)
  );
}

/** The order in which entries are kept: those who apply first, then by time and name. */
export function sortEntries(entries: Entries): Entries {
  const key = (entry: ManagedFieldsEntry): string =>
    [
      entry.operation,
      entry.time ?? '',
      entry.manager,
      entry.apiVersion,
      entry.subresource ?? '',
    ].join('\u0000');
  return [...entries].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** Takes fields away from every entry; entries that own nothing any more go. */
export function without(entries: Entries, fields: FieldSet | undefined): ManagedFieldsEntry[] {
  if (fields === undefined) return [...entries];
  return entries.flatMap((entry) => {
    const before = fieldsOf(entry);
    const left = difference(before, fields);
    if (left === undefined) return [];
    return left === before ? [entry] : [{ ...entry, fieldsV1: shared(left) }];
  });
}

/** The new object, with its creator as the owner of everything in it. */
export function managedAfterCreate(
  object: KubeObject,
  descriptor: KindDescriptor,
  manager: Manager,
): KubeObject {
  return managedAfterUpdate(withMetadata(object, NO_FIELDS), undefined, descriptor, manager);
}

const NO_FIELDS = { managedFields: [] };

/** The changed object, with the writer as the owner of what differs from `old`. */
export function managedAfterUpdate(
  object: KubeObject,
  old: KubeObject | undefined,
  descriptor: KindDescriptor,
  manager: Manager,
): KubeObject {
  if (descriptor.view) return withoutManaged(object);
  const given = object.metadata.managedFields;
  const reset = given?.length === 0 || (given?.length === 1 && !given[0]?.fieldsV1);
  // A writer that sends entries decides what they are; one that sends none leaves them.
  const sent = given && given.length > 0 ? given : old?.metadata.managedFields;
  const before: Entries = old ? (reset ? [] : (sent ?? [])) : [];
  const { changed, removed } = compareObjects(old, object, descriptor);
  if (changed === undefined && removed === undefined) return setManaged(object, before);
  const entry: ManagedFieldsEntry = {
    manager: manager.name,
    operation: 'Update',
    apiVersion: groupVersionOf(descriptor),
    time: manager.time,
    fieldsType: 'FieldsV1',
    ...(manager.subresource === '' ? {} : { subresource: manager.subresource }),
  };
  const own = before.find((one) => isSameManager(one, entry));
  const others = before.filter((one) => one !== own);
  const kept = own && removed ? difference(fieldsOf(own), removed) : own && fieldsOf(own);
  const mine = union(kept, changed);
  if (others.length === 0 && own && mine === fieldsOf(own)) {
    return setManaged(object, [{ ...entry, fieldsV1: own.fieldsV1 }]);
  }
  const rest = without(without(others, changed), removed);
  const next = changed === undefined && own ? { ...own } : entry;
  return setManaged(object, sortEntries(withEntry(rest, next, mine)));
}

/** The object with its entries; without the field where there are none. */
export function setManaged(object: KubeObject, entries: Entries): KubeObject {
  if (object.metadata.managedFields === entries) return object;
  if (entries.length === 0) return withoutManaged(object);
  return withMetadata(object, { managedFields: entries });
}

function withoutManaged(object: KubeObject): KubeObject {
  const { managedFields, ...metadata } = object.metadata;
  return managedFields === undefined ? object : { ...object, metadata };
}
