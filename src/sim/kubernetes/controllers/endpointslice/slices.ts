// What the slices of a Service are to hold, from its pods. Pure: a slice per set of resolved ports, at most 100
// endpoints in each; slices that are right already are left as they are.

import type { Pod } from '../../api/types/pod.ts';
import type {
  DiscoveryEndpointPort,
  Endpoint,
  EndpointSlice,
  Service,
} from '../../api/types/service.ts';
import { canonicalJson } from '../machinery/hash.ts';
import { isPodReady } from '../pods.ts';

/** Endpoints in one slice at the most (--max-endpoints-per-slice). */
const MOST_ENDPOINTS = 100;

export const SERVICE_NAME = 'kubernetes.io/service-name';
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
export const MANAGER = 'endpointslice-controller.k8s.io';

/** What a slice is to be: new where `slice` is undefined. */
export interface WantedSlice {
  readonly slice: EndpointSlice | undefined;
  readonly ports: readonly DiscoveryEndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

/** True where a pod belongs behind a Service: it has an address and has not ended. */
export function isEndpoint(pod: Pod): boolean {
  const { podIP, phase } = pod.status ?? {};
  return Boolean(podIP) && phase !== 'Succeeded' && phase !== 'Failed';
}

/** The service's ports as this pod has them: named target ports are looked up in its containers. */
export function portsFor(service: Service, pod: Pod): readonly DiscoveryEndpointPort[] {
  const ports: DiscoveryEndpointPort[] = [];
  for (const { name = '', protocol = 'TCP', port, targetPort, appProtocol } of service.spec
    ?.ports ?? []) {
    const number =
      typeof targetPort === 'string' ? namedPort(pod, targetPort, protocol) : (targetPort ?? port);
    if (number === undefined) continue;
    ports.push({ name, port: number, protocol, ...(appProtocol ? { appProtocol } : {}) });
  }
  return ports;
}

function namedPort(pod: Pod, name: string, protocol: string): number | undefined {
  if (/^\d+$/.test(name)) return Number(name);
  const sidecars = (pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always');
  for (const container of [...pod.spec.containers, ...sidecars]) {
    const found = container.ports?.find(
      (p) => p.name === name && (p.protocol ?? 'TCP') === protocol,
    );
    if (found) return found.containerPort;
  }
  return undefined;
}

/** A pod as an endpoint. */
export function endpointOf(service: Service, pod: Pod, zone: string | undefined): Endpoint {
  const { name = '', namespace = '', uid = '', deletionTimestamp } = pod.metadata;
  const serving = isPodReady(pod) || Boolean(service.spec?.publishNotReadyAddresses);
  const terminating = Boolean(deletionTimestamp);
  const { hostname, subdomain, nodeName } = pod.spec;
  const named = hostname && subdomain === service.metadata.name;
  return {
    addresses: [pod.status?.podIP ?? ''],
    conditions: {
      ready: Boolean(service.spec?.publishNotReadyAddresses) || (serving && !terminating),
      serving: isPodReady(pod),
      terminating,
    },
    ...(named ? { hostname } : {}),
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(nodeName ? { nodeName } : {}),
    ...(zone ? { zone } : {}),
  };
}

const keyOfEndpoint = (endpoint: Endpoint): string =>
  `${endpoint.targetRef?.uid ?? ''}/${endpoint.addresses[0]}`;

interface Filling extends WantedSlice {
  readonly endpoints: Endpoint[];
}

/**
 * The slices a Service is to have. Endpoints stay in the slice they are in; newcomers fill the first with room; a
 * slice that loses its last endpoint goes, but one (perhaps empty) always stays.
 */
export function wantedSlices(
  wanted: readonly {
    readonly ports: readonly DiscoveryEndpointPort[];
    readonly endpoint: Endpoint;
  }[],
  existing: readonly EndpointSlice[],
): { readonly keep: readonly WantedSlice[]; readonly remove: readonly EndpointSlice[] } {
  const groups = new Map<
    string,
    { ports: readonly DiscoveryEndpointPort[]; endpoints: Map<string, Endpoint> }
  >();
  for (const { ports, endpoint } of wanted) {
    const key = canonicalJson(ports);
    const group = groups.get(key) ?? { ports, endpoints: new Map<string, Endpoint>() };
    groups.set(key, group);
    group.endpoints.set(keyOfEndpoint(endpoint), endpoint);
  }
  const keep: WantedSlice[] = [];
  const remove: EndpointSlice[] = [];
  for (const [key, { ports, endpoints }] of groups) {
    const mine = existing.filter((slice) => canonicalJson(slice.ports ?? []) === key);
    const left = new Map(endpoints);
    const filled = mine.map((slice): Filling => {
      const staying = (slice.endpoints ?? []).map(keyOfEndpoint).filter((id) => left.has(id));
      const list = staying.map((id) => left.get(id) as Endpoint);
      for (const id of staying) left.delete(id);
      return { slice, ports, endpoints: list };
    });
    for (const endpoint of left.values()) {
      const room = filled.find((entry) => entry.endpoints.length < MOST_ENDPOINTS);
      if (room) room.endpoints.push(endpoint);
      else filled.push({ slice: undefined, ports, endpoints: [endpoint] });
    }
    keep.push(...filled.filter((entry) => entry.endpoints.length > 0));
    for (const { slice, endpoints } of filled)
      if (slice && endpoints.length === 0) remove.push(slice);
  }
  const others = existing.filter((slice) => !groups.has(canonicalJson(slice.ports ?? [])));
  remove.push(...others);
  if (keep.length > 0) return { keep, remove };
  const [last, ...rest] = remove;
  return { keep: [{ slice: last, ports: [], endpoints: [] }], remove: rest };
}
