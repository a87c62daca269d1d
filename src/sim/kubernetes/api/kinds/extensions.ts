// apiextensions.k8s.io, apiregistration.k8s.io and flowcontrol.apiserver.k8s.io.

import {
  definitionDefaults,
  prepareDefinition,
  prepareDefinitionUpdate,
  validateDefinition,
  validateDefinitionUpdate,
} from '../custom/definition.ts';
import { table } from '../tables/columns.ts';
import type { KubeObject } from '../object.ts';
import { type FieldError, fieldErrors } from '../validation/errors.ts';
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

interface ApiServiceSpec {
  readonly group?: string;
  readonly version?: string;
  readonly groupPriorityMinimum?: number;
  readonly versionPriority?: number;
  readonly service?: { readonly name?: string; readonly namespace?: string } | null;
}

function validateApiService({ metadata, spec }: KubeObject): FieldError[] {
  const { group = '', version = '', service, ...priorities } = (spec ?? {}) as ApiServiceSpec;
  const errors: FieldError[] = [];
  const wanted = `${version}.${group}`;
  if (metadata.name !== wanted) {
    const why = `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`;
    errors.push(fieldErrors.invalid('metadata.name', metadata.name, why));
  }
  for (const [field, most] of [
    ['groupPriorityMinimum', 20000],
    ['versionPriority', 1000],
  ] as const) {
    const value = priorities[field] ?? 0;
    if (value > 0 && value <= most) continue;
    const why = `must be positive and less than ${most}`;
    errors.push(fieldErrors.invalid(`spec.${field}`, value, why));
  }
  if (service && !service.namespace) errors.push(fieldErrors.required('spec.service.namespace'));
  if (service && !service.name) errors.push(fieldErrors.required('spec.service.name'));
  return errors;
}

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
  validate: validateApiService,
  validateUpdate: validateApiService,
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

interface FlowRule {
  readonly subjects?: readonly unknown[];
  readonly resourceRules?: readonly unknown[];
  readonly nonResourceRules?: readonly unknown[];
}

interface FlowSchemaSpec {
  readonly matchingPrecedence?: number;
  readonly priorityLevelConfiguration?: { readonly name?: string };
  readonly rules?: readonly FlowRule[];
}

function validateFlowSchema({ spec }: KubeObject): FieldError[] {
  const {
    matchingPrecedence = 0,
    priorityLevelConfiguration,
    rules,
  } = (spec ?? {}) as FlowSchemaSpec;
  const errors: FieldError[] = [];
  if (matchingPrecedence < 0 || matchingPrecedence > 10000) {
    const why = `must be a value between 1 and 10000`;
    errors.push(fieldErrors.invalid('spec.matchingPrecedence', matchingPrecedence, why));
  }
  if (!priorityLevelConfiguration?.name) {
    const at = 'spec.priorityLevelConfiguration.name';
    errors.push(fieldErrors.required(at, 'must reference a priority level'));
  }
  for (const [i, rule] of (rules ?? []).entries()) {
    const at = `spec.rules[${i}]`;
    if ((rule.subjects ?? []).length === 0) {
      const why = 'subjects must contain at least one value';
      errors.push(fieldErrors.required(`${at}.subjects`, why));
    }
    if ((rule.resourceRules ?? []).length + (rule.nonResourceRules ?? []).length === 0) {
      const why = 'at least one of resourceRules and nonResourceRules has to be non-empty';
      errors.push(fieldErrors.required(at, why));
    }
  }
  return errors;
}

export const flowSchema: KindDescriptor = {
  kind: 'FlowSchema',
  ...FLOW,
  plural: 'flowschemas',
  singular: 'flowschema',
  namespaced: false,
  type: 'flowcontrol/v1.FlowSchema',
  storage: 'flowschemas',
  validate: validateFlowSchema,
  validateUpdate: validateFlowSchema,
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
