// apiextensions.k8s.io, apiregistration.k8s.io and flowcontrol.apiserver.k8s.io.

import {
  definitionDefaults,
  prepareDefinition,
  prepareDefinitionUpdate,
  validateDefinition,
  validateDefinitionUpdate,
} from '../custom/definition.ts';
import { table } from '../tables/columns.ts';
import type { KindDescriptor } from './descriptor.ts';

export const customResourceDefinition: KindDescriptor = {
  kind: 'CustomResourceDefinition',
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  singular: 'customresourcedefinition',
  namespaced: false,
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  type: 'apiextensions/v1.CustomResourceDefinition',
  storage: 'apiextensions.k8s.io/customresourcedefinitions',
  hasStatus: true,
  generation: true,
  defaults: definitionDefaults,
  prepareForCreate: prepareDefinition,
  prepareForUpdate: prepareDefinitionUpdate,
  validate: validateDefinition,
  validateUpdate: validateDefinitionUpdate,
};

export const apiService: KindDescriptor = {
  kind: 'APIService',
  group: 'apiregistration.k8s.io',
  version: 'v1',
  plural: 'apiservices',
  singular: 'apiservice',
  namespaced: false,
  categories: ['api-extensions'],
  type: 'apiregistration/v1.APIService',
  storage: 'apiregistration.k8s.io/apiservices',
  nameRule: () => [],
  hasStatus: true,
  prepareForCreate: (object, { time }) =>
    (object.spec as { service?: object } | undefined)?.service
      ? { ...object, status: {} }
      : {
          ...object,
          status: {
            conditions: [
              {
                type: 'Available',
                status: 'True',
                lastTransitionTime: time,
                reason: 'Local',
                message: 'Local APIServices are always available',
              },
            ],
          },
        },
  table: table(['Service', 'Available', 'Age'], (one, age) => {
    const available = one.list('status.conditions').find(({ type }) => type === 'Available');
    const state =
      available === undefined
        ? 'Unknown'
        : available.status === 'True'
          ? 'True'
          : `${available.status} (${available.reason})`;
    const local = one.field('spec.service') === undefined;
    return [
      local ? 'Local' : `${one.text('spec.service.namespace')}/${one.text('spec.service.name')}`,
      state,
      age(),
    ];
  }),
};

const FLOW = { group: 'flowcontrol.apiserver.k8s.io', version: 'v1' } as const;

export const flowSchema: KindDescriptor = {
  kind: 'FlowSchema',
  ...FLOW,
  plural: 'flowschemas',
  singular: 'flowschema',
  namespaced: false,
  type: 'flowcontrol/v1.FlowSchema',
  storage: 'flowschemas',
  hasStatus: true,
  generation: true,
  table: table(
    ['PriorityLevel', 'MatchingPrecedence', 'DistinguisherMethod', 'Age', 'MissingPL'],
    (one, age) => [
      one.text('spec.priorityLevelConfiguration.name'),
      one.number('spec.matchingPrecedence'),
      one.text('spec.distinguisherMethod.type', '<none>'),
      age(),
      String(one.list('status.conditions').find(({ type }) => type === 'Dangling')?.status ?? '?'),
    ],
  ),
};

export const priorityLevelConfiguration: KindDescriptor = {
  kind: 'PriorityLevelConfiguration',
  ...FLOW,
  plural: 'prioritylevelconfigurations',
  singular: 'prioritylevelconfiguration',
  namespaced: false,
  type: 'flowcontrol/v1.PriorityLevelConfiguration',
  storage: 'prioritylevelconfigurations',
  hasStatus: true,
  generation: true,
  table: table(
    ['Type', 'NominalConcurrencyShares', 'Queues', 'HandSize', 'QueueLengthLimit', 'Age'],
    (one, age) => {
      const limited = 'spec.limited';
      const queuing = `${limited}.limitResponse.queuing`;
      return [
        one.text('spec.type'),
        one.text(`${limited}.nominalConcurrencyShares`, '<none>'),
        one.text(`${queuing}.queues`, '<none>'),
        one.text(`${queuing}.handSize`, '<none>'),
        one.text(`${queuing}.queueLengthLimit`, '<none>'),
        age(),
      ];
    },
  ),
};
