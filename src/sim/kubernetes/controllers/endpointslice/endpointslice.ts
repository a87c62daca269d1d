// The endpoint slice controller: for every Service with a selector, EndpointSlices that name the pods behind it with
// their addresses and readiness. Services without a selector are their maker's affair.

import type { Simulation } from '../../../core/simulation.ts';
import { rfc3339 } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { resources } from '../../api/client-resources.ts';
import { type ApiClient, Refusal } from '../../api/client.ts';
import { sameJson } from '../../api/object.ts';
import type { Node } from '../../api/types/node.ts';
import type { Pod } from '../../api/types/pod.ts';
import type { Endpoint, EndpointSlice, Service } from '../../api/types/service.ts';
import type { ControllerContext } from '../context.ts';
import type { Controller, SyncResult } from '../machinery/controller.ts';
import { type Informer, keyOf } from '../machinery/informer.ts';
import { WorkQueue } from '../machinery/work-queue.ts';
import {
  endpointOf,
  isEndpoint,
  MANAGED_BY,
  MANAGER,
  portsFor,
  SERVICE_NAME,
  wantedSlices,
  type WantedSlice,
} from './slices.ts';

const LAST_CHANGE = 'endpoints.kubernetes.io/last-change-trigger-time';
const ZONE = 'topology.kubernetes.io/zone';
const BY_SERVICE = 'service';

/** kube-controller-manager's endpointslice-controller. */
export class EndpointSliceController implements Controller {
  readonly name = 'endpointslice-controller';
  readonly workers = 5;
  readonly queue: WorkQueue;
  private readonly simulation: Simulation;
  private readonly client: ApiClient;
  private readonly services: Informer<Service>;
  private readonly pods: Informer<Pod>;
  private readonly nodes: Informer<Node>;
  private readonly slices: Informer<EndpointSlice>;

  constructor(context: ControllerContext) {
    this.simulation = context.simulation;
    this.client = context.client;
    this.queue = new WorkQueue(context.simulation);
    this.services = context.informer(resources.services);
    this.pods = context.informer(resources.pods);
    this.nodes = context.informer(resources.nodes);
    this.slices = context.informer(resources.endpointSlices);
    this.slices.addIndex(BY_SERVICE, (slice) => {
      const { labels, namespace } = slice.metadata;
      return labels?.[MANAGED_BY] === MANAGER ? [`${namespace}/${labels[SERVICE_NAME]}`] : [];
    });
    this.services.onChange((after, before) => {
      const service = after ?? before;
      if (service) this.queue.add(keyOf(service));
    });
    this.pods.onChange((after, before) => this.podChanged(after, before));
    this.slices.onChange((after, before) => {
      const slice = after ?? before;
      const owner = slice?.metadata.labels?.[SERVICE_NAME];
      if (owner && !after) this.queue.add(`${slice.metadata.namespace}/${owner}`);
    });
  }

  private podChanged(after: Pod | undefined, before: Pod | undefined): void {
    if (after && before && !changesEndpoint(after, before)) return;
    for (const service of this.services.inNamespace((after ?? before)?.metadata.namespace ?? '')) {
      const selected = (pod: Pod | undefined): boolean =>
        pod !== undefined && isSelected(service, pod);
      if (selected(after) || selected(before)) this.queue.add(keyOf(service));
    }
  }

  *sync(key: string): Routine<SyncResult> {
    const service = this.services.get(key);
    const existing = [...this.slices.byIndex(BY_SERVICE, key)];
    if (!service?.spec?.selector || service.spec.type === 'ExternalName') {
      return service ? undefined : yield* this.removeAll(existing);
    }
    const wanted = [];
    for (const pod of this.pods.inNamespace(service.metadata.namespace ?? '')) {
      if (!isSelected(service, pod) || !isEndpoint(pod)) continue;
      const zone = this.nodes.get(pod.spec.nodeName ?? '')?.metadata.labels?.[ZONE];
      wanted.push({ ports: portsFor(service, pod), endpoint: endpointOf(service, pod, zone) });
    }
    const { keep, remove } = wantedSlices(wanted, existing);
    for (const entry of keep) {
      const failure = yield* this.write(service, entry);
      if (failure) return failure;
    }
    return yield* this.removeAll(remove);
  }

  private *write(service: Service, wanted: WantedSlice): Routine<string | undefined> {
    const { slice, ports, endpoints } = wanted;
    const labels = this.labelsOf(service);
    const same =
      slice &&
      sameJson(slice.endpoints ?? [], endpoints) &&
      sameJson(slice.ports ?? [], ports) &&
      sameJson(slice.metadata.labels, labels);
    if (same) return undefined;
    const annotations = { [LAST_CHANGE]: rfc3339(this.simulation.now) };
    const written = slice
      ? yield* this.client.update(resources.endpointSlices, {
          ...slice,
          metadata: { ...slice.metadata, labels, annotations },
          endpoints: listed(endpoints),
          ports,
        })
      : yield* this.client.create(
          resources.endpointSlices,
          newSlice(service, wanted, labels, annotations),
        );
    if (written instanceof Refusal) return written.message;
    this.slices.observe(written);
    return undefined;
  }

  private labelsOf(service: Service): Readonly<Record<string, string>> {
    const labels: Record<string, string> = { ...service.metadata.labels };
    if (service.spec?.clusterIP === 'None') labels['service.kubernetes.io/headless'] = '';
    labels[MANAGED_BY] = MANAGER;
    labels[SERVICE_NAME] = service.metadata.name ?? '';
    return labels;
  }

  private *removeAll(slices: readonly EndpointSlice[]): Routine<SyncResult> {
    for (const { metadata } of slices) {
      const { namespace = '', name = '' } = metadata;
      const deleted = yield* this.client.delete(resources.endpointSlices, namespace, name);
      if (deleted instanceof Refusal && deleted.reason !== 'NotFound') return deleted.message;
    }
    return undefined;
  }
}

/** A slice without endpoints has null where they would be. */
function listed(endpoints: readonly Endpoint[]): readonly Endpoint[] | null {
  return endpoints.length > 0 ? endpoints : null;
}

function newSlice(
  service: Service,
  { ports, endpoints }: WantedSlice,
  labels: Readonly<Record<string, string>>,
  annotations: Readonly<Record<string, string>>,
): EndpointSlice {
  const { name = '', namespace, uid = '' } = service.metadata;
  return {
    kind: 'EndpointSlice',
    apiVersion: 'discovery.k8s.io/v1',
    metadata: {
      generateName: `${name}-`,
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      annotations,
      ownerReferences: [
        {
          apiVersion: 'v1',
          kind: 'Service',
          name,
          uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    addressType: 'IPv4',
    endpoints: listed(endpoints),
    ports,
  };
}

function isSelected(service: Service, pod: Pod): boolean {
  const { selector } = service.spec ?? {};
  if (!selector) return false;
  const labels = pod.metadata.labels ?? {};
  for (const name in selector) if (labels[name] !== selector[name]) return false;
  return true;
}

/** True where a change of a pod could change an endpoint. */
function changesEndpoint(after: Pod, before: Pod): boolean {
  return (
    after.status?.podIP !== before.status?.podIP ||
    after.status?.phase !== before.status?.phase ||
    after.status?.conditions !== before.status?.conditions ||
    after.metadata.deletionTimestamp !== before.metadata.deletionTimestamp ||
    after.metadata.labels !== before.metadata.labels ||
    after.spec.nodeName !== before.spec.nodeName
  );
}
