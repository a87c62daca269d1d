// Namespace: its label, its finalizer, its end.

import { objectAge } from '../handlers/table.ts';
import { type KubeObject, withMetadata } from '../object.ts';
import type { Namespace } from '../types/config.ts';
import { type FieldError, fieldErrors } from '../validation/errors.ts';
import { dnsLabel } from '../validation/names.ts';
import type { KindDescriptor } from './descriptor.ts';

const NAME_LABEL = 'kubernetes.io/metadata.name';

const phaseOf = (object: KubeObject): string =>
  (object as unknown as Namespace).status?.phase ?? '';

/** Every namespace carries its own name as a label. */
function withNameLabel(object: KubeObject): KubeObject {
  const { name = '', labels } = object.metadata;
  if (name === '' || labels?.[NAME_LABEL] === name) return object;
  return withMetadata(object, { labels: { ...labels, [NAME_LABEL]: name } });
}

/** The server's own finalizer is always there. */
function withKubernetes(finalizers: readonly string[] = []): readonly string[] {
  return finalizers.includes('kubernetes') ? finalizers : [...finalizers, 'kubernetes'];
}

/** Finalizers in the spec are qualified names, beside the server's own. */
function validateFinalizers(object: KubeObject): FieldError[] {
  const { finalizers = [] } = (object as unknown as Namespace).spec;
  return finalizers
    .filter((name) => name !== 'kubernetes' && !name.includes('/'))
    .map((name) =>
      fieldErrors.invalid(
        'spec.finalizers',
        name,
        'name is neither a standard finalizer name nor is it fully qualified',
      ),
    );
}

export const namespace: KindDescriptor = {
  kind: 'Namespace',
  group: '',
  version: 'v1',
  plural: 'namespaces',
  singular: 'namespace',
  namespaced: false,
  shortNames: ['ns'],
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  type: 'core/v1.Namespace',
  storage: 'namespaces',
  hasStatus: true,
  nameRule: dnsLabel,
  subresources: [{ name: 'finalize', kind: 'Namespace', verbs: ['update'] }],
  defaults: withNameLabel,
  prepareForCreate: (object) => ({
    ...object,
    spec: { finalizers: withKubernetes((object as unknown as Namespace).spec.finalizers) },
    status: { phase: 'Active' },
  }),
  prepareForUpdate: (object, old) => ({ ...object, spec: old.spec }),
  validate: validateFinalizers,
  selectableFields: { 'status.phase': phaseOf, name: (object) => object.metadata.name ?? '' },
  table: {
    columns: [{ name: 'Name', format: 'name' }, { name: 'Status' }, { name: 'Age' }],
    cells: (object, now) => [object.metadata.name ?? '', phaseOf(object), objectAge(object, now)],
  },
};
