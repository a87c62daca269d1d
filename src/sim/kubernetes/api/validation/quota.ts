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
  const hard = (object as unknown as ResourceQuota).spec.hard ?? {};
  return Object.keys(hard).flatMap((name) => {
    const at = `spec.hard[${name}]`;
    const value = hard[name] ?? '0';
    const errors = qualifiedName(name).map((message) => fieldErrors.invalid(at, name, message));
    const known =
      QUOTA_NAMES.has(name) || name.includes('/') || /^(requests\.)?hugepages-/.test(name);
    if (!known) {
      errors.push(fieldErrors.invalid(at, name, 'must be a standard resource for quota'));
    }
    errors.push(...validateQuantity(name, value, at));
    if ((WHOLE.has(name) || name.startsWith('count/')) && /[a-z.]/.test(value)) {
      errors.push(fieldErrors.invalid(at, value, 'must be an integer'));
    }
    return errors;
  });
}

const TYPES = ['Container', 'PersistentVolumeClaim', 'Pod'];

/** Checks a limit range: smaller numbers must not be greater than greater ones. */
export function validateLimitRange(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const { limits } = (object as unknown as LimitRange).spec;
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
    const order = ['min', 'defaultRequest', 'default', 'max'] as const;
    const names = new Set(order.flatMap((field) => Object.keys(item[field] ?? {})));
    for (const name of names) {
      for (const [low, lesser] of order.entries()) {
        for (const greater of order.slice(low + 1)) {
          const a = item[lesser]?.[name];
          const b = item[greater]?.[name];
          if (a === undefined || b === undefined || compareQuantities(a, b) <= 0) continue;
          errors.push(...orderError(at, name, [lesser, a], [greater, b]));
        }
      }
    }
  }
  return errors;
}

const NAMES: Readonly<Record<string, string>> = {
  min: 'min',
  max: 'max',
  default: 'default',
  defaultRequest: 'default request',
};

function orderError(
  at: string,
  name: string,
  [lesser, a]: readonly [string, string],
  [greater, b]: readonly [string, string],
): FieldError[] {
  const field = lesser === 'min' && greater === 'max' ? 'min' : lesser === 'min' ? greater : lesser;
  const value = field === lesser ? a : b;
  return [
    fieldErrors.invalid(
      `${at}.${field}[${name}]`,
      value,
      `${NAMES[lesser]} value ${a} is greater than ${NAMES[greater]} value ${b}`,
    ),
  ];
}
