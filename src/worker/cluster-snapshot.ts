// A cluster as the view draws it, read from its API objects: which node each pod is on, how it is, and which
// pods stand behind each service.

import type { Node } from '../sim/kubernetes/api/types/node.ts';
import type { Pod } from '../sim/kubernetes/api/types/pod.ts';
import type { EndpointSlice, Service } from '../sim/kubernetes/api/types/service.ts';
import type { ClusterObjects } from '../sim/labs/lab.ts';
import type { ClusterEntry, NodeEntry, PodEntry, ServiceEntry } from './views.ts';

const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane';
const SERVICE_NAME = 'kubernetes.io/service-name';

/** Sums up a cluster's objects for the view. */
export function clusterEntry(objects: ClusterObjects): ClusterEntry {
  return {
    nodes: objects.nodes.map(nodeEntry),
    pods: objects.pods.map(podEntry),
    services: objects.services.map((service) => serviceEntry(service, objects.endpointSlices)),
  };
}

function nodeEntry({ metadata, spec, status }: Node): NodeEntry {
  return {
    name: metadata.name ?? '',
    ready: isTrue(status?.conditions, 'Ready'),
    controlPlane: metadata.labels?.[CONTROL_PLANE] !== undefined,
    schedulable: spec.unschedulable !== true,
  };
}

function podEntry(pod: Pod): PodEntry {
  return {
    namespace: pod.metadata.namespace ?? '',
    name: pod.metadata.name ?? '',
    node: pod.spec.nodeName ?? '',
    status: statusOf(pod),
    ready: isTrue(pod.status?.conditions, 'Ready'),
    address: pod.status?.podIP ?? '',
  };
}

/** What kubectl prints under STATUS: the phase, or the reason of the container that tells most. */
function statusOf(pod: Pod): string {
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const { status } = pod;
  for (const { state } of status?.containerStatuses ?? []) {
    const reason = state?.waiting?.reason ?? state?.terminated?.reason;
    if (reason !== undefined) return reason;
  }
  return status?.reason ?? status?.phase ?? 'Pending';
}

function serviceEntry(service: Service, slices: readonly EndpointSlice[]): ServiceEntry {
  const { namespace = '', name = '' } = service.metadata;
  const own = slices.filter(
    ({ metadata }) => metadata.namespace === namespace && metadata.labels?.[SERVICE_NAME] === name,
  );
  const ready = own
    .flatMap((slice) => slice.endpoints ?? [])
    .filter((endpoint) => endpoint.conditions?.ready !== false);
  return {
    namespace,
    name,
    type: service.spec.type ?? 'ClusterIP',
    address: service.spec.clusterIP ?? service.spec.externalName ?? '',
    ports: (service.spec.ports ?? []).map(({ port, nodePort, protocol }) =>
      nodePort ? `${port}:${nodePort}/${protocol ?? 'TCP'}` : `${port}/${protocol ?? 'TCP'}`,
    ),
    pods: ready.flatMap((endpoint) => endpoint.targetRef?.name ?? []),
  };
}

function isTrue(
  conditions: readonly { readonly type: string; readonly status: string }[] | undefined,
  type: string,
): boolean {
  return conditions?.some((one) => one.type === type && one.status === 'True') ?? false;
}
