// DaemonSet.

import { templateDefaults } from '../defaults/pod-spec.ts';
import { fillIn, type KubeObject, replaceField } from '../object.ts';
import { daemonSetTable } from '../tables/workloads.ts';
import type { DaemonSet, DaemonSetSpec } from '../types/apps.ts';
import { type FieldError, fieldErrors } from '../validation/errors.ts';
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

const specOf = (object: KubeObject): DaemonSetSpec => (object as unknown as DaemonSet).spec;

function defaults(object: KubeObject): KubeObject {
  const spec = fillIn(specOf(object), { revisionHistoryLimit: 10 });
  let strategy = fillIn(spec.updateStrategy ?? {}, { type: 'RollingUpdate' });
  if (strategy.type === 'RollingUpdate') {
    const rolling = fillIn(strategy.rollingUpdate ?? {}, { maxUnavailable: 1, maxSurge: 0 });
    strategy = replaceField(strategy, 'rollingUpdate', rolling);
  }
  const filled = replaceField(spec, 'updateStrategy', strategy);
  const template = templateDefaults(filled.template);
  return replaceField(object, 'spec', replaceField(filled, 'template', template));
}

function validateStrategy(spec: DaemonSetSpec): FieldError[] {
  const path = 'spec.updateStrategy';
  const { type = '', rollingUpdate } = spec.updateStrategy ?? {};
  if (type === 'OnDelete') return [];
  if (type !== 'RollingUpdate') {
    const shown = { Type: type, RollingUpdate: rollingUpdate ?? null };
    return [fieldErrors.notSupported(path, shown, ['RollingUpdate', 'OnDelete'])];
  }
  const { maxUnavailable, maxSurge } = rollingUpdate ?? {};
  const at = `${path}.rollingUpdate`;
  const errors = [
    ...validateIntOrPercent(maxUnavailable, `${at}.maxUnavailable`),
    ...notMoreThanAll(maxUnavailable, `${at}.maxUnavailable`),
    ...validateIntOrPercent(maxSurge, `${at}.maxSurge`),
    ...notMoreThanAll(maxSurge, `${at}.maxSurge`),
  ];
  if (!isZero(maxUnavailable) && !isZero(maxSurge)) {
    errors.push(
      fieldErrors.invalid(
        `${at}.maxSurge`,
        maxSurge,
        'may not be set when maxUnavailable is non-zero',
      ),
    );
  } else if (isZero(maxUnavailable) && isZero(maxSurge)) {
    errors.push(fieldErrors.required(`${at}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  }
  return errors;
}

function validate(object: KubeObject): FieldError[] {
  const spec = specOf(object);
  return [
    ...validateWorkloadSelector(spec.selector, 'spec.selector', 'daemonset'),
    ...validateTemplate(spec.template, spec.selector, 'spec.template'),
    ...onlyAlways(spec.template, 'spec.template'),
    ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...validateStrategy(spec),
    ...nonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
  ];
}

const NO_STATUS = {
  currentNumberScheduled: 0,
  numberMisscheduled: 0,
  desiredNumberScheduled: 0,
  numberReady: 0,
};

export const daemonSet: KindDescriptor = {
  kind: 'DaemonSet',
  group: 'apps',
  version: 'v1',
  plural: 'daemonsets',
  singular: 'daemonset',
  namespaced: true,
  shortNames: ['ds'],
  categories: ['all'],
  type: 'apps/v1.DaemonSet',
  storage: 'daemonsets',
  hasStatus: true,
  generation: true,
  defaults,
  prepareForCreate: (object) => ({ ...object, status: NO_STATUS }),
  validate,
  validateUpdate: (object, old) => [
    ...validate(object),
    ...immutable(specOf(object).selector, specOf(old).selector, 'spec.selector'),
  ],
  table: daemonSetTable,
};
