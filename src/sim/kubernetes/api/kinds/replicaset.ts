// ReplicaSet.

import { templateDefaults } from '../defaults/pod-spec.ts';
import { fillIn, type KubeObject, replaceField } from '../object.ts';
import { selectorText } from '../selectors.ts';
import { replicaSetTable } from '../tables/workloads.ts';
import type { ReplicaSet, ReplicaSetSpec } from '../types/apps.ts';
import type { FieldError } from '../validation/errors.ts';
import {
  immutable,
  nonNegative,
  onlyAlways,
  validateTemplate,
  validateWorkloadSelector,
} from '../validation/workloads.ts';
import type { KindDescriptor } from './descriptor.ts';

const specOf = (object: KubeObject): ReplicaSetSpec => (object as unknown as ReplicaSet).spec;

function defaults(object: KubeObject): KubeObject {
  const spec = fillIn(specOf(object), { replicas: 1 });
  const template = templateDefaults(spec.template);
  return replaceField(object, 'spec', replaceField(spec, 'template', template));
}

function validate(object: KubeObject): FieldError[] {
  const spec = specOf(object);
  return [
    ...nonNegative(spec.replicas, 'spec.replicas'),
    ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...validateWorkloadSelector(spec.selector, 'spec.selector', 'deployment'),
    ...validateTemplate(spec.template, spec.selector, 'spec.template'),
    ...onlyAlways(spec.template, 'spec.template'),
  ];
}

export const replicaSet: KindDescriptor = {
  kind: 'ReplicaSet',
  group: 'apps',
  version: 'v1',
  plural: 'replicasets',
  singular: 'replicaset',
  namespaced: true,
  shortNames: ['rs'],
  categories: ['all'],
  type: 'apps/v1.ReplicaSet',
  storage: 'replicasets',
  hasStatus: true,
  generation: true,
  scale: {
    specReplicas: 'spec.replicas',
    statusReplicas: 'status.replicas',
    selector: (object) => selectorText(specOf(object).selector),
  },
  defaults,
  prepareForCreate: (object) => ({ ...object, status: { replicas: 0 } }),
  validate,
  validateUpdate: (object, old) => [
    ...validate(object),
    ...immutable(specOf(object).selector, specOf(old).selector, 'spec.selector'),
  ],
  selectableFields: {
    'status.replicas': (object) => String((object as unknown as ReplicaSet).status?.replicas ?? 0),
  },
  table: replicaSetTable,
};
