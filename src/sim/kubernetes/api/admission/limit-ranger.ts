// LimitRanger: fills in requests and limits, and refuses what lies outside a namespace's limit ranges.

import { addQuantities, compareQuantities, nanoOf } from '../fields/quantity.ts';
import { fillIn, type KubeObject, mapShared } from '../object.ts';
import { type ApiError, apiErrors } from '../status.ts';
import type { PersistentVolumeClaim } from '../types/apps.ts';
import type { LimitRange } from '../types/config.ts';
import type { Container } from '../types/container.ts';
import type { Pod } from '../types/pod.ts';
import type { AdmissionPlugin, Attributes } from './admission.ts';

type Item = NonNullable<LimitRange['spec']['limits']>[number];
type Quantities = Readonly<Record<string, string>>;

function itemsOf({ server, namespace }: Attributes): readonly Item[] {
  const ranges = server.storage.cache('limitranges').list(namespace);
  return ranges.flatMap((range) => (range as unknown as LimitRange).spec.limits ?? []);
}

const ANNOTATION = 'kubernetes.io/limit-ranger';

function admit(attributes: Attributes): KubeObject | undefined {
  const { object, operation, subresource } = attributes;
  if (operation !== 'CREATE' || subresource !== '' || !object) return undefined;
  const items = itemsOf(attributes).filter(({ type }) => type === 'Container');
  if (items.length === 0) return undefined;
  const limits = Object.assign({}, ...items.map((item) => item.default ?? {})) as Quantities;
  const requests = Object.assign(
    {},
    ...items.map((item) => item.defaultRequest ?? {}),
  ) as Quantities;
  const pod = object as unknown as Pod;
  const told: string[] = [];
  const fill = (list: readonly Container[], kind: string): readonly Container[] =>
    mapShared(list, (container) => {
      const own = container.resources ?? {};
      const asked = fillIn<Quantities>(own.requests ?? {}, requests);
      const most = fillIn<Quantities>(own.limits ?? {}, limits);
      const added = (before: Quantities = {}, after: Quantities): string =>
        Object.keys(after)
          .filter((name) => !(name in before))
          .sort()
          .join(', ');
      const newRequests = added(own.requests, asked);
      const newLimits = added(own.limits, most);
      if (newRequests !== '') told.push(`${newRequests} request for ${kind} ${container.name}`);
      if (newLimits !== '') told.push(`${newLimits} limit for ${kind} ${container.name}`);
      if (newRequests === '' && newLimits === '') return container;
      return {
        ...container,
        resources: {
          ...own,
          ...(Object.keys(most).length > 0 ? { limits: most } : {}),
          ...(Object.keys(asked).length > 0 ? { requests: asked } : {}),
        },
      };
    });
  const containers = fill(pod.spec.containers, 'container');
  const init = pod.spec.initContainers && fill(pod.spec.initContainers, 'init container');
  if (told.length === 0) return undefined;
  const annotations = {
    ...object.metadata.annotations,
    [ANNOTATION]: `LimitRanger plugin set: ${told.join('; ')}`,
  };
  return {
    ...object,
    metadata: { ...object.metadata, annotations },
    spec: { ...pod.spec, containers, ...(init ? { initContainers: init } : {}) },
  };
}

/** What is wrong with requests and limits under an item, one thing for each bound; `what` names whose they are. */
function violations(item: Item, what: string, requests: Quantities, limits: Quantities): string[] {
  const found: string[] = [];
  const names = (list: Quantities | undefined): readonly string[] => Object.keys(list ?? {}).sort();
  for (const name of names(item.min)) {
    const least = item.min?.[name] ?? '0';
    const asked = requests[name];
    const most = limits[name];
    if (asked === undefined) {
      found.push(`minimum ${name} usage per ${what} is ${least}.  No request is specified`);
    } else if (compareQuantities(asked, least) < 0) {
      found.push(`minimum ${name} usage per ${what} is ${least}, but request is ${asked}`);
    } else if (most !== undefined && compareQuantities(most, least) < 0) {
      found.push(`minimum ${name} usage per ${what} is ${least}, but limit is ${most}`);
    }
  }
  for (const name of names(item.max)) {
    const greatest = item.max?.[name] ?? '0';
    const most = limits[name];
    const asked = requests[name];
    if (most === undefined) {
      found.push(`maximum ${name} usage per ${what} is ${greatest}.  No limit is specified`);
    } else if (compareQuantities(most, greatest) > 0) {
      found.push(`maximum ${name} usage per ${what} is ${greatest}, but limit is ${most}`);
    } else if (asked !== undefined && compareQuantities(asked, greatest) > 0) {
      found.push(`maximum ${name} usage per ${what} is ${greatest}, but request is ${asked}`);
    }
  }
  for (const name of names(item.maxLimitRequestRatio)) {
    const greatest = item.maxLimitRequestRatio?.[name] ?? '0';
    const asked = nanoOf(requests[name]);
    const most = nanoOf(limits[name]);
    if (asked === 0n || most === 0n) {
      found.push(
        `${name} max limit to request ratio per ${what} is ${greatest}, but no ${asked === 0n ? 'request' : 'limit'} is specified or ${asked === 0n ? 'request' : 'limit'} is 0`,
      );
    } else if (Number(most) / Number(asked) > Number(nanoOf(greatest)) / 1e9) {
      const ratio = (Number(most) / Number(asked)).toFixed(6);
      found.push(
        `${name} max limit to request ratio per ${what} is ${greatest}, but provided ratio is ${ratio}`,
      );
    }
  }
  return found;
}

function sumOf(containers: readonly Container[], kind: 'requests' | 'limits'): Quantities {
  const names = new Set(
    containers.flatMap(({ resources }) => Object.keys(resources?.[kind] ?? {})),
  );
  const sums = [...names].map((name) => [
    name,
    addQuantities(containers.map(({ resources }) => resources?.[kind]?.[name] ?? '0')),
  ]);
  return Object.fromEntries(sums) as Quantities;
}

function* validate(attributes: Attributes): Generator<never, ApiError | undefined> {
  const { object, operation, subresource, descriptor, name } = attributes;
  const creates = operation === 'CREATE' && subresource === '';
  const pods = descriptor.plural === 'pods';
  if (!object || subresource !== '' || (pods && !creates) || operation === 'DELETE')
    return undefined;
  const found: string[] = [];
  for (const item of itemsOf(attributes)) {
    if (pods && item.type === 'Container') {
      const { containers, initContainers = [] } = (object as unknown as Pod).spec;
      for (const { resources } of [...initContainers, ...containers]) {
        found.push(
          ...violations(item, 'Container', resources?.requests ?? {}, resources?.limits ?? {}),
        );
      }
    } else if (pods && item.type === 'Pod') {
      const { containers } = (object as unknown as Pod).spec;
      found.push(
        ...violations(item, 'Pod', sumOf(containers, 'requests'), sumOf(containers, 'limits')),
      );
    } else if (!pods && item.type === 'PersistentVolumeClaim') {
      const { requests = {} } = (object as unknown as PersistentVolumeClaim).spec.resources ?? {};
      found.push(...claimViolations(item, requests));
    }
  }
  if (found.length === 0) return undefined;
  const why = found.length === 1 ? (found[0] ?? '') : `[${found.join(', ')}]`;
  return apiErrors.forbidden({ group: '', resource: descriptor.plural }, name, why);
}

function claimViolations(item: Item, requests: Quantities): string[] {
  const asked = requests.storage ?? '0';
  const what = 'storage usage per PersistentVolumeClaim is';
  const least = item.min?.storage;
  const most = item.max?.storage;
  if (least !== undefined && compareQuantities(asked, least) < 0) {
    return [`minimum ${what} ${least}, but request is ${asked}`];
  }
  if (most !== undefined && compareQuantities(asked, most) > 0) {
    return [`maximum ${what} ${most}, but request is ${asked}`];
  }
  return [];
}

export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  resources: new Set(['pods']),
  admit,
};

/** The checking half, which looks at claims too. */
export const limitRangerCheck: AdmissionPlugin = {
  name: 'LimitRanger',
  resources: new Set(['pods', 'persistentvolumeclaims']),
  validate,
};
