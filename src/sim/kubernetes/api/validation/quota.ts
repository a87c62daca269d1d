// ResourceQuota and LimitRange.

import { compareQuantities } from '../fields/quantity.ts';
import type { KubeObject } from '../object.ts';
import type { LimitRange, ResourceQuota } from '../types/config.ts';
import { type FieldError, fieldErrors } from './errors.ts';
import { qualifiedName } from './names.ts';
import { validateQuantity } from './resources.ts';

const QUOTA_NAMES: ReadonlySet<string> = new Set([
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]);
const WHOLE: ReadonlySet<string> = new Set([
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]);

/** Checks a quota. */
export function validateQuota(object: KubeObject): FieldError[] {
  const { spec } = object as unknown as ResourceQuota;
  const hard = spec.hard ?? {};
  const errors = Object.keys(hard).flatMap((name) => {
    const at = `spec.hard[${name}]`;
    const value = hard[name] ?? '0';
    const errors = qualifiedName(name).map((message) => fieldErrors.invalid(at, name, message));
    const known =
      QUOTA_NAMES.has(name) || name.includes('/') || /^(requests\.)?hugepages-/.test(name);
    if (!known) {
      const why = 'must be a standard resource type or fully qualified';
      if (!/[./]/.test(name)) errors.push(fieldErrors.invalid(at, name, why));
      errors.push(fieldErrors.invalid(at, name, 'must be a standard resource for quota'));
    }
    errors.push(...validateQuantity(name, value, at));
    if ((WHOLE.has(name) || name.startsWith('count/')) && /[a-z.]/.test(value)) {
      errors.push(fieldErrors.invalid(at, value, 'must be an integer'));
    }
    return errors;
  });
  return [...errors, ...validateScopes(spec)];
}

const TYPES = ['Container', 'PersistentVolumeClaim', 'Pod'];

/** Checks a limit range: smaller numbers must not be greater than greater ones. */
export function validateLimitRange(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const { limits } = (object as unknown as LimitRange).spec;
  const seen = new Set<string>();
  for (const [i, item] of (limits ?? []).entries()) {
    const at = `spec.limits[${i}]`;
    if (!TYPES.includes(item.type) && !item.type.includes('/')) {
      errors.push(
        fieldErrors.invalid(
          `${at}.type`,
          item.type,
          'must be a standard limit type or fully qualified',
        ),
      );
    }
    if (item.type === 'Pod') {
      for (const field of ['default', 'defaultRequest'] as const) {
        if (Object.keys(item[field] ?? {}).length === 0) continue;
        errors.push(
          fieldErrors.forbidden(`${at}.${field}`, "may not be specified when `type` is 'Pod'"),
        );
      }
    }
    if (seen.has(item.type)) errors.push(fieldErrors.duplicate(`${at}.type`, item.type));
    seen.add(item.type);
    if (item.type === 'PersistentVolumeClaim' && !item.min?.storage && !item.max?.storage) {
      const why = 'either minimum or maximum storage value is required, but neither was provided';
      errors.push(fieldErrors.required(`${at}.limits`, why));
    }
    for (const name of namesIn(item)) errors.push(...validateOrder(item, name, at));
  }
  return errors;
}

type Item = NonNullable<LimitRange['spec']['limits']>[number];

function namesIn({
  type,
  min,
  max,
  default: most,
  defaultRequest,
  maxLimitRequestRatio,
}: Item): Set<string> {
  const defaults = type === 'Pod' ? [] : [most, defaultRequest];
  const parts = [max, min, ...defaults, maxLimitRequestRatio];
  return new Set(parts.flatMap((part) => Object.keys(part ?? {})));
}

/** Pairs whose first must not be greater, what they are called, and under which field and value it is said. */
const ORDER = [
  ['min', 'max', 'min', 'max', 'min', 'min'],
  ['min', 'defaultRequest', 'min', 'default request', 'defaultRequest', 'defaultRequest'],
  ['defaultRequest', 'max', 'default request', 'max', 'defaultRequest', 'defaultRequest'],
  [
    'defaultRequest',
    'default',
    'default request',
    'default limit',
    'defaultRequest',
    'defaultRequest',
  ],
  ['min', 'default', 'min', 'default', 'default', 'min'],
  // The real server shows the greatest here.
  ['default', 'max', 'default', 'max', 'default', 'max'],
] as const;

function validateOrder(item: Item, name: string, at: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [lesser, greater, what, than, field, shown] of ORDER) {
    const a = item[lesser]?.[name];
    const b = item[greater]?.[name];
    if (a === undefined || b === undefined || compareQuantities(a, b) <= 0) continue;
    if (item.type === 'Pod' && [lesser, greater].some((one) => one.startsWith('default'))) continue;
    const why = `${what} value ${a} is greater than ${than} value ${b}`;
    errors.push(fieldErrors.invalid(`${at}.${field}[${name}]`, item[shown]?.[name], why));
  }
  const ratio = item.maxLimitRequestRatio?.[name];
  if (ratio !== undefined && compareQuantities(ratio, '1') < 0) {
    const path = `${at}.maxLimitRequestRatio[${name}]`;
    errors.push(fieldErrors.invalid(path, ratio, `ratio ${ratio} is less than 1`));
  }
  return errors;
}

const SCOPES = [
  'BestEffort',
  'CrossNamespacePodAffinity',
  'NotBestEffort',
  'NotTerminating',
  'PriorityClass',
  'Terminating',
  'VolumeAttributesClass',
];

/** Whether a scope can hold for what a quota counts: BestEffort pods have no requests. */
function scopeFits(scope: string, name: string): boolean {
  const pods = /^(?:(?:requests|limits)\.)?(?:cpu|memory|ephemeral-storage)$/.test(name);
  if (scope === 'BestEffort') return name === 'pods';
  if (scope === 'VolumeAttributesClass') {
    return name === 'persistentvolumeclaims' || name === 'requests.storage';
  }
  return !SCOPES.includes(scope) || pods || name === 'pods';
}

function validateScopes({ scopes = [], hard = {} }: ResourceQuota['spec']): FieldError[] {
  const errors: FieldError[] = [];
  const fail = (why: string): number =>
    errors.push(fieldErrors.invalid('spec.scopes', scopes, why));
  for (const scope of scopes) {
    if (!SCOPES.includes(scope)) fail('unsupported scope');
    for (const name of Object.keys(hard).sort()) {
      if (QUOTA_NAMES.has(name) && !scopeFits(scope, name)) {
        fail('unsupported scope applied to resource');
      }
    }
  }
  for (const pair of [
    ['BestEffort', 'NotBestEffort'],
    ['Terminating', 'NotTerminating'],
  ]) {
    if (pair.every((scope) => scopes.includes(scope))) fail('conflicting scopes');
  }
  return errors;
}
