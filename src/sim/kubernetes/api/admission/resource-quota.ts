// ResourceQuota: a new or grown object must fit into what its namespace's quotas leave; what it takes is noted.

import type { Routine } from '../../../core/wait.ts';
import { addQuantities, compareQuantities, nanoOf, subtractQuantity } from '../fields/quantity.ts';
import { resourceQuota as quotaKind } from '../kinds/policy.ts';
import type { KubeObject } from '../object.ts';
import { quotaCovers } from '../resources/quota-scopes.ts';
import { type Usage, usageOf } from '../resources/usage.ts';
import { ApiError, apiErrors } from '../status.ts';
import { CONFLICT } from '../storage/storage.ts';
import type { ResourceQuota } from '../types/config.ts';
import type { Pod } from '../types/pod.ts';
import type { AdmissionPlugin, Attributes } from './admission.ts';

/** Computing resources that a quota makes compulsory for every container. */
const COMPULSORY = [
  'cpu',
  'memory',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
];

/** Containers that do not say what a quota must know: `limits.cpu for: plain; …`. */
function unsaid(quota: ResourceQuota, pod: Pod): string[] {
  const hard = quota.spec.hard ?? {};
  return COMPULSORY.filter((name) => name in hard).flatMap((name) => {
    const kind = name.startsWith('limits.') ? 'limits' : 'requests';
    const resource = name.replace(/^(limits|requests)\./, '');
    const missing = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].filter(
      ({ resources }) => resources?.[kind]?.[resource] === undefined,
    );
    if (missing.length === 0) return [];
    return [
      `${name} for: ${missing
        .map((container) => container.name)
        .sort()
        .join(',')}`,
    ];
  });
}

/** What an object takes more than before. */
function growth(usage: Usage, before: Usage): Usage {
  const grown: Record<string, string> = {};
  for (const name of Object.keys(usage)) {
    const more = subtractQuantity(usage[name] ?? '0', before[name] ?? '0');
    if (nanoOf(more) > 0n) grown[name] = more;
  }
  return grown;
}

const list = (names: readonly string[], values: (name: string) => string): string =>
  names.map((name) => `${name}=${values(name)}`).join(',');

function* validate(attributes: Attributes): Routine<ApiError | undefined> {
  const { server, namespace, operation, subresource, descriptor, object, old, name } = attributes;
  if (!object || operation === 'DELETE' || operation === 'CONNECT' || subresource !== '')
    return undefined;
  if (!descriptor.namespaced || namespace === '') return undefined;
  const cache = server.storage.cache('resourcequotas');
  const quotas = cache.list(namespace);
  if (quotas.length === 0) return undefined;
  const more = growth(usageOf(descriptor, object), old ? usageOf(descriptor, old) : {});
  if (Object.keys(more).length === 0) return undefined;
  const of = { group: descriptor.group, resource: descriptor.plural };
  for (const found of quotas) {
    const quota = found as unknown as ResourceQuota;
    if (!quotaCovers(quota, descriptor, object)) continue;
    if (descriptor.plural === 'pods' && operation === 'CREATE') {
      const missing = unsaid(quota, object as unknown as Pod);
      if (missing.length > 0) {
        const why = `failed quota: ${quota.metadata.name}: must specify ${missing.sort().join('; ')}`;
        return apiErrors.forbidden(of, name, why);
      }
    }
    const hard = quota.status?.hard ?? quota.spec.hard ?? {};
    const names = Object.keys(hard)
      .filter((one) => one in more)
      .sort();
    if (names.length === 0) continue;
    const refusal = yield* charge(attributes, found, names, more);
    if (refusal) return refusal;
  }
  return undefined;
}

const ATTEMPTS = 5;

/** Notes what an object takes in a quota's status, or refuses it. */
function* charge(
  attributes: Attributes,
  first: KubeObject,
  names: readonly string[],
  more: Usage,
): Routine<ApiError | undefined> {
  const { server, descriptor, name, dryRun } = attributes;
  const of = { group: descriptor.group, resource: descriptor.plural };
  let found: KubeObject | undefined = first;
  for (let attempt = 0; found && attempt < ATTEMPTS; attempt++) {
    const quota = found as unknown as ResourceQuota;
    const hard = quota.status?.hard ?? quota.spec.hard ?? {};
    const used = quota.status?.used ?? {};
    const before = (one: string): string => used[one] ?? '0';
    const exceeded = names.filter(
      (one) =>
        compareQuantities(addQuantities([before(one), more[one] ?? '0']), hard[one] ?? '0') > 0,
    );
    if (exceeded.length > 0) {
      const why = [
        `exceeded quota: ${quota.metadata.name}`,
        `requested: ${list(exceeded, (one) => more[one] ?? '0')}`,
        `used: ${list(exceeded, before)}`,
        `limited: ${list(exceeded, (one) => hard[one] ?? '0')}`,
      ];
      return apiErrors.forbidden(of, name, why.join(', '));
    }
    if (dryRun) return undefined;
    const sums = names.map((one) => [one, addQuantities([before(one), more[one] ?? '0'])]);
    const status = { hard, used: { ...used, ...Object.fromEntries(sums) } };
    const version = found.metadata.resourceVersion ?? '0';
    const written = yield* server.storage.update(quotaKind, { ...found, status }, version);
    if (written instanceof ApiError) return written;
    if (written !== CONFLICT) return undefined;
    const { namespace = '', name: quotaName = '' } = first.metadata;
    const again: KubeObject | undefined | ApiError = yield* server.storage.get(
      quotaKind,
      namespace,
      quotaName,
    );
    if (again instanceof ApiError) return again;
    found = again;
  }
  return undefined;
}

export const resourceQuota: AdmissionPlugin = { name: 'ResourceQuota', validate };
