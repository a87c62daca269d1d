// Deployment.

import { templateDefaults } from '../defaults/pod-spec.ts';
import { fillIn, type KubeObject, replaceField } from '../object.ts';
import { selectorText } from '../selectors.ts';
import { deploymentTable } from '../tables/workloads.ts';
import type { Deployment, DeploymentSpec } from '../types/apps.ts';
import { type FieldError, fieldErrors } from '../validation/errors.ts';
import { podWarnings } from '../validation/pod-warnings.ts';
import {
  immutable,
  isZero,
  nonNegative,
  notMoreThanAll,
  onlyAlways,
  validateIntOrPercent,
  validateTemplate,
  validateWorkloadSelector,
} from '../validation/workloads.ts';
import type { KindDescriptor } from './descriptor.ts';

const specOf = (object: KubeObject): DeploymentSpec => (object as unknown as Deployment).spec;

function defaults(object: KubeObject): KubeObject {
  const spec = fillIn(specOf(object), {
    replicas: 1,
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
  });
  let strategy = fillIn(spec.strategy ?? {}, { type: 'RollingUpdate' });
  if (strategy.type === 'RollingUpdate') {
    const rolling = fillIn(strategy.rollingUpdate ?? {}, {
      maxUnavailable: '25%',
      maxSurge: '25%',
    });
    strategy = replaceField(strategy, 'rollingUpdate', rolling);
  }
  const filled = replaceField(spec, 'strategy', strategy);
  const template = templateDefaults(filled.template);
  return replaceField(object, 'spec', replaceField(filled, 'template', template));
}

function validateStrategy(spec: DeploymentSpec): FieldError[] {
  const path = 'spec.strategy';
  const { type, rollingUpdate } = spec.strategy ?? {};
  if (type === 'Recreate') {
    if (!rollingUpdate) return [];
    return [
      fieldErrors.forbidden(
        `${path}.rollingUpdate`,
        "may not be specified when strategy `type` is 'Recreate'",
      ),
    ];
  }
  if (type !== 'RollingUpdate') {
    const shown = { Type: type ?? '', RollingUpdate: rollingUpdate ?? null };
    return [fieldErrors.notSupported(path, shown, ['Recreate', 'RollingUpdate'])];
  }
  const { maxSurge, maxUnavailable } = rollingUpdate ?? {};
  const errors = [
    ...validateIntOrPercent(maxUnavailable, `${path}.rollingUpdate.maxUnavailable`),
    ...validateIntOrPercent(maxSurge, `${path}.rollingUpdate.maxSurge`),
  ].sort((a, b) => (a.field < b.field ? -1 : 1));
  if (isZero(maxUnavailable) && isZero(maxSurge)) {
    errors.push(
      fieldErrors.invalid(
        `${path}.rollingUpdate.maxUnavailable`,
        maxUnavailable ?? 0,
        'may not be 0 when `maxSurge` is 0',
      ),
    );
  }
  return [...errors, ...notMoreThanAll(maxUnavailable, `${path}.rollingUpdate.maxUnavailable`)];
}

function validate(object: KubeObject): FieldError[] {
  const spec = specOf(object);
  const errors = [
    ...nonNegative(spec.replicas, 'spec.replicas'),
    ...validateWorkloadSelector(spec.selector, 'spec.selector', 'deployment'),
    ...selectorCheck(spec),
    // Without a selector the template is not looked at.
    ...(selectorCheck(spec).length > 0
      ? []
      : [
          ...validateTemplate(spec.template, spec.selector, 'spec.template'),
          ...onlyAlways(spec.template, 'spec.template'),
        ]),
    ...validateStrategy(spec),
    ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...nonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
    ...nonNegative(spec.progressDeadlineSeconds, 'spec.progressDeadlineSeconds'),
  ];
  const deadline = spec.progressDeadlineSeconds;
  if (deadline !== undefined && deadline <= (spec.minReadySeconds ?? 0)) {
    errors.push(
      fieldErrors.invalid(
        'spec.progressDeadlineSeconds',
        deadline,
        'must be greater than minReadySeconds',
      ),
    );
  }
  return errors;
}

/** A selector that cannot be made into one. */
function selectorCheck(spec: DeploymentSpec): FieldError[] {
  const bad = (spec.selector?.matchExpressions ?? []).some(({ operator, values = [] }) => {
    if (operator === 'In' || operator === 'NotIn') return values.length === 0;
    return operator !== 'Exists' && operator !== 'DoesNotExist';
  });
  return bad ? [fieldErrors.invalid('spec.selector', spec.selector, 'invalid label selector')] : [];
}

export const deployment: KindDescriptor = {
  kind: 'Deployment',
  group: 'apps',
  version: 'v1',
  plural: 'deployments',
  singular: 'deployment',
  namespaced: true,
  shortNames: ['deploy'],
  categories: ['all'],
  type: 'apps/v1.Deployment',
  storage: 'deployments',
  hasStatus: true,
  generation: true,
  scale: {
    specReplicas: 'spec.replicas',
    statusReplicas: 'status.replicas',
    selector: (object) => selectorText(specOf(object).selector),
  },
  defaults,
  prepareForCreate: (object) => ({ ...object, status: {} }),
  prepareForStatusUpdate: (object, old) =>
    replaceField(object, 'metadata', { ...object.metadata, labels: old.metadata.labels }),
  validate,
  validateUpdate: (object, old) => [
    ...validate(object),
    ...immutable(specOf(object).selector, specOf(old).selector, 'spec.selector'),
  ],
  warnings: (object, old) =>
    podWarnings(
      specOf(object).template.spec,
      old ? specOf(old).template.spec : undefined,
      'spec.template.spec',
    ),
  table: deploymentTable,
};
