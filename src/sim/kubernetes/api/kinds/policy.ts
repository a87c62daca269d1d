// PodDisruptionBudget, PriorityClass, ResourceQuota, LimitRange, Lease, RuntimeClass.

import { canonicalQuantity, QuantityError, roundUpToMilli } from '../fields/quantity.ts';
import { fillIn, type KubeObject, replaceField } from '../object.ts';
import { table } from '../tables/columns.ts';
import { resourceQuotaTable } from '../tables/core.ts';
import type { LimitRange } from '../types/config.ts';
import type { LabelSelector } from '../types/meta.ts';
import type { PodDisruptionBudget, PriorityClass } from '../types/policy.ts';
import { type FieldError, fieldErrors } from '../validation/errors.ts';
import { validateLease } from '../validation/lease.ts';
import { dnsLabel } from '../validation/names.ts';
import { validateLimitRange, validateQuota } from '../validation/quota.ts';
import { validateSelector } from '../validation/selectors.ts';
import { immutable, notMoreThanAll, validateIntOrPercent } from '../validation/workloads.ts';
import type { KindDescriptor } from './descriptor.ts';

const asBudget = (object: KubeObject): PodDisruptionBudget =>
  object as unknown as PodDisruptionBudget;

const EVICTION_POLICIES = ['AlwaysAllow', 'IfHealthyBudget'];

function validateBudget(object: KubeObject): FieldError[] {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy } =
    asBudget(object).spec;
  const errors: FieldError[] = [];
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    errors.push(
      fieldErrors.invalid(
        'spec',
        {
          MinAvailable: minAvailable,
          Selector: selector ?? null,
          MaxUnavailable: maxUnavailable,
          UnhealthyPodEvictionPolicy: unhealthyPodEvictionPolicy ?? null,
        },
        'minAvailable and maxUnavailable cannot be both set',
      ),
    );
  }
  for (const [field, value] of [
    ['minAvailable', minAvailable],
    ['maxUnavailable', maxUnavailable],
  ] as const) {
    errors.push(...validateIntOrPercent(value, `spec.${field}`));
    errors.push(...notMoreThanAll(value, `spec.${field}`));
  }
  if (selector) errors.push(...validateSelector(selector as LabelSelector, 'spec.selector'));
  if (
    unhealthyPodEvictionPolicy !== undefined &&
    !EVICTION_POLICIES.includes(unhealthyPodEvictionPolicy)
  ) {
    const at = 'spec.unhealthyPodEvictionPolicy';
    errors.push(fieldErrors.notSupported(at, unhealthyPodEvictionPolicy, EVICTION_POLICIES));
  }
  return errors;
}

const NO_DISRUPTIONS = {
  disruptionsAllowed: 0,
  currentHealthy: 0,
  desiredHealthy: 0,
  expectedPods: 0,
};

export const podDisruptionBudget: KindDescriptor = {
  kind: 'PodDisruptionBudget',
  group: 'policy',
  version: 'v1',
  plural: 'poddisruptionbudgets',
  singular: 'poddisruptionbudget',
  namespaced: true,
  shortNames: ['pdb'],
  type: 'policy/v1.PodDisruptionBudget',
  storage: 'poddisruptionbudgets',
  hasStatus: true,
  generation: true,
  prepareForCreate: (object) => ({ ...object, status: NO_DISRUPTIONS }),
  validate: validateBudget,
  validateUpdate: validateBudget,
  table: table(
    ['Min Available', 'Max Unavailable', 'Allowed Disruptions:integer', 'Age'],
    (one, age) => [
      one.text('spec.minAvailable', 'N/A'),
      one.text('spec.maxUnavailable', 'N/A'),
      one.number('status.disruptionsAllowed'),
      age(),
    ],
  ),
};

const asPriority = (object: KubeObject): PriorityClass => object as unknown as PriorityClass;
const HIGHEST_USER_PRIORITY = 1_000_000_000;

const PREEMPTION_POLICIES = ['PreemptLowerPriority', 'Never'];

function validatePriority(object: KubeObject): FieldError[] {
  const { value = 0, metadata, preemptionPolicy } = asPriority(object);
  const name = metadata.name ?? '';
  const errors: FieldError[] = [];
  if (name.startsWith('system-')) {
    if (!['system-node-critical', 'system-cluster-critical'].includes(name)) {
      const why = `priority class names with 'system-' prefix are reserved for system use only. error: ${name} is not a known system priority class`;
      errors.push(fieldErrors.forbidden('metadata.name', why));
    }
  } else if (value > HIGHEST_USER_PRIORITY) {
    const why = `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`;
    errors.push(fieldErrors.forbidden('value', why));
  }
  if (preemptionPolicy !== undefined && !PREEMPTION_POLICIES.includes(preemptionPolicy)) {
    const at = 'preemptionPolicy';
    errors.push(fieldErrors.notSupported(at, preemptionPolicy, PREEMPTION_POLICIES));
  }
  return errors;
}

export const priorityClass: KindDescriptor = {
  kind: 'PriorityClass',
  group: 'scheduling.k8s.io',
  version: 'v1',
  plural: 'priorityclasses',
  singular: 'priorityclass',
  namespaced: false,
  shortNames: ['pc'],
  type: 'scheduling/v1.PriorityClass',
  storage: 'priorityclasses',
  generation: true,
  defaults: (object) =>
    fillIn(asPriority(object), {
      preemptionPolicy: 'PreemptLowerPriority',
    }) as unknown as KubeObject,
  validate: validatePriority,
  validateUpdate: (object, old) => {
    const changed = asPriority(object).value !== asPriority(old).value;
    return changed
      ? [fieldErrors.forbidden('value', 'may not be changed in an update.')]
      : immutable(
          asPriority(object).preemptionPolicy,
          asPriority(old).preemptionPolicy,
          'preemptionPolicy',
        );
  },
  table: table(
    ['Value:integer', 'Global-Default:boolean', 'Age', 'PreemptionPolicy'],
    (one, age) => [
      one.number('value'),
      one.field('globalDefault') === true,
      age(),
      one.text('preemptionPolicy'),
    ],
  ),
};

export const resourceQuota: KindDescriptor = {
  kind: 'ResourceQuota',
  group: '',
  version: 'v1',
  plural: 'resourcequotas',
  singular: 'resourcequota',
  namespaced: true,
  shortNames: ['quota'],
  type: 'core/v1.ResourceQuota',
  storage: 'resourcequotas',
  hasStatus: true,
  prepareForCreate: (object) => ({ ...object, status: {} }),
  validate: validateQuota,
  validateUpdate: validateQuota,
  table: resourceQuotaTable,
};

type Limits = NonNullable<LimitRange['spec']['limits']>[number];
type Quantities = Readonly<Record<string, string>>;

function rounded(list: Quantities | undefined): Quantities | undefined {
  if (!list) return undefined;
  return Object.fromEntries(
    Object.entries(list).map(([name, value]) => {
      const text = canonicalQuantity(value);
      return [name, roundUpToMilli(text instanceof QuantityError ? value : text)];
    }),
  );
}

/** Limits of containers fill in one another: max for default, default for defaultRequest, min for that. */
function limitDefaults(limits: Limits): Limits {
  const copy: Record<string, unknown> = { ...limits };
  for (const field of ['max', 'min', 'default', 'defaultRequest'] as const) {
    const list = rounded(limits[field]);
    if (list) copy[field] = list;
  }
  const filled = copy as unknown as Limits;
  if (limits.type !== 'Container') return filled;
  const usual: Quantities = { ...filled.max, ...filled.default };
  const asked: Quantities = { ...filled.min, ...usual, ...filled.defaultRequest };
  return {
    ...filled,
    ...(Object.keys(usual).length > 0 ? { default: usual } : {}),
    ...(Object.keys(asked).length > 0 ? { defaultRequest: asked } : {}),
  };
}

export const limitRange: KindDescriptor = {
  kind: 'LimitRange',
  group: '',
  version: 'v1',
  plural: 'limitranges',
  singular: 'limitrange',
  namespaced: true,
  shortNames: ['limits'],
  type: 'core/v1.LimitRange',
  storage: 'limitranges',
  defaults: (object) => {
    const { spec } = object as unknown as LimitRange;
    return replaceField(object, 'spec', {
      ...spec,
      limits: (spec.limits ?? []).map(limitDefaults),
    });
  },
  validate: validateLimitRange,
  validateUpdate: validateLimitRange,
};

export const lease: KindDescriptor = {
  kind: 'Lease',
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  singular: 'lease',
  namespaced: true,
  type: 'coordination/v1.Lease',
  storage: 'leases',
  createOnUpdate: true,
  validate: validateLease,
  validateUpdate: validateLease,
  table: table(['Holder', 'Age'], (one, age) => [one.text('spec.holderIdentity'), age()]),
};

export const runtimeClass: KindDescriptor = {
  kind: 'RuntimeClass',
  group: 'node.k8s.io',
  version: 'v1',
  plural: 'runtimeclasses',
  singular: 'runtimeclass',
  namespaced: false,
  type: 'node/v1.RuntimeClass',
  storage: 'runtimeclasses',
  validate: (object) =>
    dnsLabel(String(object.handler ?? '')).map((text) =>
      fieldErrors.invalid('handler', object.handler, text),
    ),
  validateUpdate: (object, old) => immutable(object.handler, old.handler, 'handler'),
  table: table(['Handler', 'Age'], (one, age) => [one.text('handler'), age()]),
};
