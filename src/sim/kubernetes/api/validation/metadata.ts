// What the server checks of every object's metadata, at creation and at update.

import { inWireOrder } from '../fields/json.ts';
import { structType } from '../fields/tables.ts';
import type { ObjectMeta, OwnerReference } from '../types/meta.ts';
import { type FieldError, fieldErrors } from './errors.ts';
import { labelValue, qualifiedName } from './names.ts';

/** Says what is wrong with a name; none for a good one. */
export type NameRule = (name: string) => string[];

const ANNOTATIONS_LIMIT = 256 * 1024;

/** Checks labels, keys first: an error names the key or the value that is wrong. */
export function validateLabels(
  labels: Readonly<Record<string, string>> | undefined,
  path: string,
): FieldError[] {
  if (labels === undefined) return [];
  const found: FieldError[] = [];
  for (const key of Object.keys(labels).sort()) {
    for (const message of qualifiedName(key)) found.push(fieldErrors.invalid(path, key, message));
    const value = labels[key] ?? '';
    for (const message of labelValue(value)) {
      found.push(fieldErrors.invalid(path, value, message));
    }
  }
  return found;
}

/** Checks the keys of annotations and their size together. */
export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  path: string,
): FieldError[] {
  if (annotations === undefined) return [];
  const found: FieldError[] = [];
  let size = 0;
  for (const key of Object.keys(annotations)) {
    for (const message of qualifiedName(key.toLowerCase())) {
      found.push(fieldErrors.invalid(path, key, message));
    }
    size += key.length + (annotations[key]?.length ?? 0);
  }
  if (size > ANNOTATIONS_LIMIT) found.push(fieldErrors.tooLong(path, ANNOTATIONS_LIMIT));
  return found;
}

function validateOwners(owners: readonly OwnerReference[], path: string): FieldError[] {
  const found: FieldError[] = [];
  let controller: OwnerReference | undefined;
  for (const owner of owners) {
    if ((owner.apiVersion ?? '') === '') {
      found.push(fieldErrors.invalid(`${path}.apiVersion`, '', 'version must not be empty'));
    }
    if ((owner.kind ?? '') === '') {
      found.push(fieldErrors.invalid(`${path}.kind`, '', 'must not be empty'));
    }
    if ((owner.name ?? '') === '') {
      found.push(fieldErrors.invalid(`${path}.name`, '', 'must not be empty'));
    }
    if ((owner.uid ?? '') === '') {
      found.push(fieldErrors.invalid(`${path}.uid`, '', 'must not be empty'));
    }
    if (owner.kind === 'Event' && owner.apiVersion === 'v1') {
      found.push(
        fieldErrors.invalid(path, owner, 'v1, Kind=Event is disallowed from being an owner'),
      );
    }
    if (owner.controller !== true) continue;
    if (controller) {
      found.push(
        fieldErrors.invalid(
          path,
          owners.map((one) => inWireOrder({ ...one }, structType('meta/v1.OwnerReference'))),
          `Only one reference can have Controller set to true. Found "true" in references for ${controller.kind}/${controller.name} and ${owner.kind}/${owner.name}`,
        ),
      );
    } else {
      controller = owner;
    }
  }
  return found;
}

/** Checks the metadata of an object that is to be created or stored. */
export function validateMetadata(
  meta: ObjectMeta,
  namespaced: boolean,
  rule: NameRule,
  path = 'metadata',
): FieldError[] {
  const found: FieldError[] = [];
  if (meta.generateName !== undefined) {
    const probe = meta.generateName.replace(/[-.]$/, '');
    for (const message of rule(probe)) {
      found.push(fieldErrors.invalid(`${path}.generateName`, meta.generateName, message));
    }
  }
  const name = meta.name ?? '';
  if (name === '') {
    found.push(fieldErrors.required(`${path}.name`, 'name or generateName is required'));
  } else {
    for (const message of rule(name)) {
      found.push(fieldErrors.invalid(`${path}.name`, name, message));
    }
  }
  if (namespaced && (meta.namespace ?? '') === '') {
    found.push(fieldErrors.required(`${path}.namespace`));
  }
  found.push(...validateAccessories(meta, path));
  return found;
}

function validateAccessories(meta: ObjectMeta, path: string): FieldError[] {
  const found: FieldError[] = [];
  if ((meta.generation ?? 0) < 0) {
    found.push(
      fieldErrors.invalid(
        `${path}.generation`,
        meta.generation,
        'must be greater than or equal to 0',
      ),
    );
  }
  found.push(...validateLabels(meta.labels, `${path}.labels`));
  found.push(...validateAnnotations(meta.annotations, `${path}.annotations`));
  if (meta.ownerReferences) {
    found.push(...validateOwners(meta.ownerReferences, `${path}.ownerReferences`));
  }
  for (const [i, finalizer] of (meta.finalizers ?? []).entries()) {
    for (const message of qualifiedName(finalizer)) {
      found.push(fieldErrors.invalid(`${path}.finalizers`, finalizer, message));
    }
    if (!finalizer.includes('/') && !STANDARD_FINALIZERS.has(finalizer)) {
      found.push(
        fieldErrors.invalid(
          `${path}.finalizers[${i}]`,
          finalizer,
          'name is neither a standard finalizer name nor is it fully qualified',
        ),
      );
    }
  }
  return found;
}

const STANDARD_FINALIZERS: ReadonlySet<string> = new Set([
  'orphan',
  'foregroundDeletion',
  'kubernetes',
]);

const IMMUTABLE = ['name', 'namespace', 'uid', 'creationTimestamp'] as const;

/** Checks what may not change in metadata, then the metadata itself. */
export function validateMetadataUpdate(
  meta: ObjectMeta,
  old: ObjectMeta,
  path = 'metadata',
): FieldError[] {
  const found: FieldError[] = [];
  for (const name of IMMUTABLE) {
    if (meta[name] !== old[name]) {
      found.push(fieldErrors.invalid(`${path}.${name}`, meta[name] ?? '', 'field is immutable'));
    }
  }
  found.push(...validateAccessories(meta, path));
  if (old.deletionTimestamp !== undefined) {
    const before = new Set(old.finalizers ?? []);
    const added = (meta.finalizers ?? []).filter((finalizer) => !before.has(finalizer));
    const shown = added.map((one) => JSON.stringify(one)).join(', ');
    const why = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${shown}}`;
    if (added.length > 0) found.push(fieldErrors.forbidden(`${path}.finalizers`, why));
  }
  return found;
}
