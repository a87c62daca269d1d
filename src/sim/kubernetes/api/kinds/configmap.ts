// ConfigMap.

import { objectAge } from '../handlers/table.ts';
import { type KubeObject, sameJson } from '../object.ts';
import type { ConfigMap } from '../types/config.ts';
import { type FieldError, fieldErrors } from '../validation/errors.ts';
import { configMapKey } from '../validation/names.ts';
import type { KindDescriptor } from './descriptor.ts';

const SIZE_LIMIT = 1024 * 1024;
const IMMUTABLE = 'field is immutable when `immutable` is set';

const asMap = (object: KubeObject): ConfigMap => object as unknown as ConfigMap;

function validate(object: KubeObject): FieldError[] {
  const { data = {}, binaryData = {} } = asMap(object);
  const errors: FieldError[] = [];
  let size = 0;
  for (const [field, entries] of [
    ['data', data],
    ['binaryData', binaryData],
  ] as const) {
    for (const key of Object.keys(entries)) {
      for (const message of configMapKey(key)) {
        errors.push(fieldErrors.invalid(`${field}[${key}]`, key, message));
      }
      size += entries[key]?.length ?? 0;
      if (field === 'binaryData' && key in data) {
        errors.push(
          fieldErrors.invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'),
        );
      }
    }
  }
  if (size > SIZE_LIMIT) errors.push(fieldErrors.tooLong('[]', SIZE_LIMIT));
  return errors;
}

function validateUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const before = asMap(old);
  const now = asMap(object);
  const errors: FieldError[] = [];
  if (before.immutable) {
    if (!now.immutable) errors.push(fieldErrors.forbidden('immutable', IMMUTABLE));
    for (const field of ['data', 'binaryData'] as const) {
      if (!sameJson(now[field], before[field])) {
        errors.push(fieldErrors.forbidden(field, IMMUTABLE));
      }
    }
  }
  return [...errors, ...validate(object)];
}

export const configMap: KindDescriptor = {
  kind: 'ConfigMap',
  group: '',
  version: 'v1',
  plural: 'configmaps',
  singular: 'configmap',
  namespaced: true,
  shortNames: ['cm'],
  type: 'core/v1.ConfigMap',
  storage: 'configmaps',
  validate,
  validateUpdate,
  table: {
    columns: [{ name: 'Name', format: 'name' }, { name: 'Data' }, { name: 'Age' }],
    cells: (object, now) => {
      const { data = {}, binaryData = {} } = asMap(object);
      const count = Object.keys(data).length + Object.keys(binaryData).length;
      return [object.metadata.name ?? '', count, objectAge(object, now)];
    },
  },
};
