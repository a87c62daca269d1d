// ControllerRevision and ReplicationController.

import { templateDefaults } from '../defaults/pod-spec.ts';
import { fillIn, type KubeObject, replaceField } from '../object.ts';
import { selectorText } from '../selectors.ts';
import { table } from '../tables/columns.ts';
import { replicationControllerTable } from '../tables/workloads.ts';
import type { ReplicationController, ReplicationControllerSpec } from '../types/apps.ts';
import { type FieldError, fieldErrors } from '../validation/errors.ts';
import { nonNegative, onlyAlways, validateTemplate } from '../validation/workloads.ts';
import type { KindDescriptor } from './descriptor.ts';

/** `deployment.apps/web`: an owner as tables show it. */
function ownerText(object: KubeObject): string {
  const owner = object.metadata.ownerReferences?.find(({ controller }) => controller);
  if (!owner) return '<none>';
  const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : '';
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
}

export const controllerRevision: KindDescriptor = {
  kind: 'ControllerRevision',
  group: 'apps',
  version: 'v1',
  plural: 'controllerrevisions',
  singular: 'controllerrevision',
  namespaced: true,
  type: 'apps/v1.ControllerRevision',
  storage: 'controllerrevisions',
  table: table(['Controller', 'Revision', 'Age'], (revision, age) => [
    ownerText(revision.object),
    revision.number('revision'),
    age(),
  ]),
};

const specOf = (object: KubeObject): ReplicationControllerSpec =>
  (object as unknown as ReplicationController).spec;

function defaults(object: KubeObject): KubeObject {
  const given = specOf(object);
  const labels = given.template?.metadata?.labels;
  let spec = fillIn(given, { replicas: 1, ...(labels ? { selector: labels } : {}) });
  if (spec.template) spec = replaceField(spec, 'template', templateDefaults(spec.template));
  return replaceField(object, 'spec', spec);
}

function validate(object: KubeObject): FieldError[] {
  const spec = specOf(object);
  const selector = spec.selector ?? {};
  const errors = nonNegative(spec.minReadySeconds, 'spec.minReadySeconds');
  if (Object.keys(selector).length === 0) errors.push(fieldErrors.required('spec.selector'));
  errors.push(...nonNegative(spec.replicas, 'spec.replicas'));
  if (!spec.template) return [...errors, fieldErrors.required('spec.template')];
  return [
    ...errors,
    ...validateTemplate(spec.template, { matchLabels: selector }, 'spec.template'),
    ...onlyAlways(spec.template, 'spec.template'),
  ];
}

export const replicationController: KindDescriptor = {
  kind: 'ReplicationController',
  group: '',
  version: 'v1',
  plural: 'replicationcontrollers',
  singular: 'replicationcontroller',
  namespaced: true,
  shortNames: ['rc'],
  categories: ['all'],
  type: 'core/v1.ReplicationController',
  storage: 'controllers',
  hasStatus: true,
  generation: true,
  scale: {
    specReplicas: 'spec.replicas',
    statusReplicas: 'status.replicas',
    selector: (object) => selectorText({ matchLabels: specOf(object).selector ?? {} }),
  },
  defaults,
  prepareForCreate: (object) => ({ ...object, status: { replicas: 0 } }),
  validate,
  validateUpdate: validate,
  table: replicationControllerTable,
};
