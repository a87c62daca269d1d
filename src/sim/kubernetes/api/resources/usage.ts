// What objects count for in quotas: objects by kind, requests and limits of pods, storage of claims.

import { addQuantities, compareQuantities } from '../fields/quantity.ts';
import type { KubeObject } from '../object.ts';
import type { PersistentVolumeClaim } from '../types/apps.ts';
import type { Container } from '../types/container.ts';
import type { Pod } from '../types/pod.ts';
import type { Service } from '../types/service.ts';

export type Usage = Readonly<Record<string, string>>;

/** Kinds that quotas count by their plain name. */
const COUNTED: ReadonlySet<string> = new Set([
  'configmaps',
  'persistentvolumeclaims',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
]);

/** The sum of requests (or limits) of a pod: its containers together, or its greatest init container. */
export function podTotal(
  { spec }: Pick<Pod, 'spec'>,
  kind: 'requests' | 'limits',
  name: string,
): string | undefined {
  const of = ({ resources }: Container): string | undefined => resources?.[kind]?.[name];
  const { containers, initContainers = [] } = spec;
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  const running = [...containers, ...sidecars].flatMap((container) => of(container) ?? []);
  let total = running.length === 0 ? undefined : addQuantities(running);
  for (const container of initContainers) {
    const asked = of(container);
    if (asked !== undefined && (total === undefined || compareQuantities(asked, total) > 0)) {
      total = asked;
    }
  }
  return total;
}

/** Whether a pod still counts: one that has ended only counts as an object. */
export function isLivePod(pod: Pod): boolean {
  const phase = pod.status?.phase;
  return phase !== 'Failed' && phase !== 'Succeeded';
}

function podUsage(pod: Pod): Usage {
  const usage: Record<string, string> = { 'count/pods': '1' };
  if (!isLivePod(pod)) return usage;
  usage.pods = '1';
  for (const kind of ['requests', 'limits'] as const) {
    const names = new Set(
      [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap(({ resources }) =>
        Object.keys(resources?.[kind] ?? {}),
      ),
    );
    for (const name of names) {
      const total = podTotal(pod, kind, name) ?? '0';
      usage[`${kind}.${name}`] = total;
      if (kind === 'requests') usage[name] = total;
    }
  }
  return usage;
}

function serviceUsage({ spec }: Service): Usage {
  const ports = (spec.ports ?? []).length;
  const balanced = spec.type === 'LoadBalancer';
  const nodePorts =
    spec.type === 'NodePort' || (balanced && spec.allocateLoadBalancerNodePorts !== false);
  return {
    'count/services': '1',
    services: '1',
    'services.nodeports': nodePorts ? String(ports) : '0',
    'services.loadbalancers': balanced ? '1' : '0',
  };
}

/** What one object counts for. */
export function usageOf(
  { plural, group }: { readonly plural: string; readonly group: string },
  object: KubeObject,
): Usage {
  if (group === '' && plural === 'pods') return podUsage(object as unknown as Pod);
  if (group === '' && plural === 'services') return serviceUsage(object as unknown as Service);
  const counted = { [`count/${group === '' ? plural : `${plural}.${group}`}`]: '1' };
  if (group !== '' || !COUNTED.has(plural)) return counted;
  if (plural !== 'persistentvolumeclaims') return { ...counted, [plural]: '1' };
  const { spec } = object as unknown as PersistentVolumeClaim;
  const storage = spec.resources?.requests?.storage ?? '0';
  const named = spec.storageClassName
    ? {
        [`${spec.storageClassName}.storageclass.storage.k8s.io/requests.storage`]: storage,
        [`${spec.storageClassName}.storageclass.storage.k8s.io/persistentvolumeclaims`]: '1',
      }
    : {};
  return { ...counted, persistentvolumeclaims: '1', 'requests.storage': storage, ...named };
}
