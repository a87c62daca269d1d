// The endpoints controller: for Services with a selector the older v1 Endpoints object, one for all, with ready and
// not-ready addresses apart. Deprecated since 1.33, still written.

import { rfc3339 } from '../../../core/time.ts';
import type { Simulation } from '../../../core/simulation.ts';
import type { Routine } from '../../../core/wait.ts';
import { resources } from '../../api/client-resources.ts';
import { type ApiClient, Refusal } from '../../api/client.ts';
import { sameJson } from '../../api/object.ts';
import type { Pod } from '../../api/types/pod.ts';
import type {
  EndpointAddress,
  Endpoints,
  EndpointSubset,
  Service,
} from '../../api/types/service.ts';
import type { ControllerContext } from '../context.ts';
import { isEndpoint, portsFor } from '../endpointslice/slices.ts';
import type { Controller, SyncResult } from '../machinery/controller.ts';
import { canonicalJson } from '../machinery/hash.ts';
import { type Informer, keyOf } from '../machinery/informer.ts';
import { WorkQueue } from '../machinery/work-queue.ts';
import { isPodReady } from '../pods.ts';

/** Addresses in one Endpoints object at the most; beyond, it is truncated and says so. */
const MOST_ADDRESSES = 1000;
const LAST_CHANGE = 'endpoints.kubernetes.io/last-change-trigger-time';
const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';

/** kube-controller-manager's endpoints-controller. */
export class EndpointsController implements Controller {
  readonly name = 'endpoints-controller';
  readonly workers = 5;
  readonly queue: WorkQueue;
  private readonly simulation: Simulation;
  private readonly client: ApiClient;
  private readonly services: Informer<Service>;
  private readonly pods: Informer<Pod>;
  private readonly endpoints: Informer<Endpoints>;

  constructor(context: ControllerContext) {
    this.simulation = context.simulation;
    this.client = context.client;
    this.queue = new WorkQueue(context.simulation);
    this.services = context.informer(resources.services);
    this.pods = context.informer(resources.pods);
    this.endpoints = context.informer(resources.endpoints);
    this.services.onChange((after, before) => {
      const service = after ?? before;
      if (service) this.queue.add(keyOf(service));
    });
    this.pods.onChange((after, before) => this.podChanged(after, before));
  }

  private podChanged(after: Pod | undefined, before: Pod | undefined): void {
    if (
      after &&
      before &&
      after.status === before.status &&
      after.metadata.labels === before.metadata.labels
    ) {
      if (after.metadata.deletionTimestamp === before.metadata.deletionTimestamp) return;
    }
    for (const service of this.services.inNamespace((after ?? before)?.metadata.namespace ?? '')) {
      if ((after && isSelected(service, after)) || (before && isSelected(service, before))) {
        this.queue.add(keyOf(service));
      }
    }
  }

  *sync(key: string): Routine<SyncResult> {
    const service = this.services.get(key);
    const current = this.endpoints.get(key);
    if (!service) return yield* this.remove(current);
    if (!service.spec?.selector || service.spec.type === 'ExternalName') return undefined;
    const subsets = this.subsetsOf(service);
    const labels: Record<string, string> = {
      ...service.metadata.labels,
      [MANAGED_BY]: 'endpoint-controller',
    };
    if (service.spec.clusterIP === 'None') labels['service.kubernetes.io/headless'] = '';
    const same =
      current &&
      sameJson(current.subsets ?? [], subsets) &&
      sameJson(current.metadata.labels, labels);
    if (same) return undefined;
    const { name, namespace } = service.metadata;
    const metadata = {
      ...(current?.metadata ?? { name: name ?? '', namespace: namespace ?? '' }),
      labels,
      annotations: {
        ...current?.metadata.annotations,
        [LAST_CHANGE]: rfc3339(this.simulation.now),
      },
    };
    const object: Endpoints = {
      kind: 'Endpoints',
      apiVersion: 'v1',
      metadata,
      ...(subsets.length > 0 ? { subsets } : {}),
    };
    const written = current
      ? yield* this.client.update(resources.endpoints, object)
      : yield* this.client.create(resources.endpoints, object);
    if (written instanceof Refusal) return written.message;
    this.endpoints.observe(written);
    return undefined;
  }

  private *remove(current: Endpoints | undefined): Routine<SyncResult> {
    if (!current) return undefined;
    const { namespace = '', name = '' } = current.metadata;
    if (name === 'kubernetes' && namespace === 'default') return undefined;
    const deleted = yield* this.client.delete(resources.endpoints, namespace, name);
    return deleted instanceof Refusal && deleted.reason !== 'NotFound'
      ? deleted.message
      : undefined;
  }

  private subsetsOf(service: Service): EndpointSubset[] {
    const groups = new Map<
      string,
      { ports: EndpointSubset['ports']; ready: EndpointAddress[]; not: EndpointAddress[] }
    >();
    let count = 0;
    for (const pod of this.pods.inNamespace(service.metadata.namespace ?? '')) {
      if (!isSelected(service, pod) || !isEndpoint(pod) || count >= MOST_ADDRESSES) continue;
      const tolerant = Boolean(service.spec?.publishNotReadyAddresses);
      if (pod.metadata.deletionTimestamp && !tolerant) continue;
      count++;
      const ports = portsFor(service, pod).map(({ name, ...rest }) =>
        name ? { name, ...rest } : rest,
      );
      const key = canonicalJson(ports);
      const group = groups.get(key) ?? {
        ports: ports as EndpointSubset['ports'],
        ready: [],
        not: [],
      };
      groups.set(key, group);
      (isPodReady(pod) || tolerant ? group.ready : group.not).push(addressOf(service, pod));
    }
    return Array.from(groups.values(), ({ ports, ready, not }) => ({
      ...(ready.length > 0 ? { addresses: byAddress(ready) } : {}),
      ...(not.length > 0 ? { notReadyAddresses: byAddress(not) } : {}),
      ...(ports && ports.length > 0 ? { ports } : {}),
    }));
  }
}

function byAddress(addresses: readonly EndpointAddress[]): EndpointAddress[] {
  return [...addresses].sort((a, b) => (a.ip < b.ip ? -1 : 1));
}

function addressOf(service: Service, pod: Pod): EndpointAddress {
  const { name = '', namespace = '', uid = '' } = pod.metadata;
  const { hostname, subdomain, nodeName } = pod.spec;
  return {
    ip: pod.status?.podIP ?? '',
    ...(hostname && subdomain === service.metadata.name ? { hostname } : {}),
    ...(nodeName ? { nodeName } : {}),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

function isSelected(service: Service, pod: Pod): boolean {
  const { selector } = service.spec ?? {};
  const labels = pod.metadata.labels ?? {};
  return (
    selector !== undefined &&
    Object.entries(selector).every(([name, value]) => labels[name] === value)
  );
}
