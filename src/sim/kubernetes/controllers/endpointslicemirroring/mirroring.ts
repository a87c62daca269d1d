// The endpoint slice mirroring controller: Endpoints that somebody wrote by hand for a service without a selector become
// EndpointSlices, one for each set of ports.

import type { Routine } from '../../../core/wait.ts';
import { resources } from '../../api/client-resources.ts';
import { type ApiClient, Refusal } from '../../api/client.ts';
import { sameJson } from '../../api/object.ts';
import type {
  Endpoint,
  EndpointSlice,
  EndpointSubset,
  Endpoints,
  Service,
} from '../../api/types/service.ts';
import type { ControllerContext } from '../context.ts';
import type { Controller, SyncResult } from '../machinery/controller.ts';
import { type Informer, keyOf } from '../machinery/informer.ts';
import { WorkQueue } from '../machinery/work-queue.ts';

const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const MANAGER = 'endpointslicemirroring-controller.k8s.io';
const SERVICE_NAME = 'kubernetes.io/service-name';
const SKIP = 'endpointslice.kubernetes.io/skip-mirror';
const LEADER = 'control-plane.alpha.kubernetes.io/leader';

/** kube-controller-manager's endpointslice-mirroring-controller. */
export class EndpointSliceMirroring implements Controller {
  readonly name = 'endpointslice-mirroring-controller';
  readonly workers = 1;
  readonly queue: WorkQueue;
  private readonly client: ApiClient;
  private readonly endpoints: Informer<Endpoints>;
  private readonly services: Informer<Service>;
  private readonly slices: Informer<EndpointSlice>;

  constructor(context: ControllerContext) {
    this.client = context.client;
    this.queue = new WorkQueue(context.simulation);
    this.endpoints = context.informer(resources.endpoints);
    this.services = context.informer(resources.services);
    this.slices = context.informer(resources.endpointSlices);
    const queue = (object: Endpoints | Service | undefined): void => {
      if (object) this.queue.add(keyOf(object));
    };
    this.endpoints.onChange((after, before) => {
      const one = after ?? before;
      const service = one && this.services.get(keyOf(one));
      if (!service?.spec?.selector) queue(one);
    });
    this.services.onChange((after, before) => {
      if (!after?.spec?.selector || !before?.spec?.selector) queue(after ?? before);
    });
  }

  *sync(key: string): Routine<SyncResult> {
    const endpoints = this.endpoints.get(key);
    const service = this.services.get(key);
    const [namespace = '', name = ''] = key.split('/');
    const mine = [...this.slices.inNamespace(namespace)].filter(
      ({ metadata: { labels } }) =>
        labels?.[MANAGED_BY] === MANAGER && labels[SERVICE_NAME] === name,
    );
    const mirrored = service && !service.spec?.selector && endpoints && isMirrored(endpoints);
    const wanted = mirrored ? slicesOf(endpoints) : [];
    for (const slice of wanted) {
      const known = mine.shift();
      const failure = yield* this.write(known, slice);
      if (failure) return failure;
    }
    for (const { metadata } of mine) {
      const deleted = yield* this.client.delete(
        resources.endpointSlices,
        namespace,
        metadata.name ?? '',
      );
      if (deleted instanceof Refusal && deleted.reason !== 'NotFound') return deleted.message;
    }
    return undefined;
  }

  private *write(
    known: EndpointSlice | undefined,
    wanted: EndpointSlice,
  ): Routine<string | undefined> {
    const { endpoints, ports } = wanted;
    const same = known && sameJson([known.endpoints, known.ports], [endpoints, ports]);
    if (same) return undefined;
    const written = known
      ? yield* this.client.update(resources.endpointSlices, { ...known, endpoints, ports })
      : yield* this.client.create(resources.endpointSlices, wanted);
    if (written instanceof Refusal) return written.message;
    this.slices.observe(written);
    return undefined;
  }
}

function isMirrored({ metadata: { labels, annotations } }: Endpoints): boolean {
  return labels?.[SKIP] !== 'true' && annotations?.[LEADER] === undefined;
}

function slicesOf(endpoints: Endpoints): readonly EndpointSlice[] {
  const { name = '', namespace = '', uid = '', labels } = endpoints.metadata;
  const owner = { apiVersion: 'v1', kind: 'Endpoints', name, uid };
  return (endpoints.subsets ?? []).map((subset) => ({
    kind: 'EndpointSlice',
    apiVersion: 'discovery.k8s.io/v1',
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: { ...labels, [MANAGED_BY]: MANAGER, [SERVICE_NAME]: name },
      ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }],
    },
    addressType: 'IPv4',
    endpoints: endpointsOf(subset),
    ports: (subset.ports ?? []).map((port) => ({ name: '', protocol: 'TCP', ...port })),
  }));
}

function endpointsOf({ addresses = [], notReadyAddresses = [] }: EndpointSubset): Endpoint[] {
  const make =
    (ready: boolean) =>
    ({ ip, hostname, nodeName, targetRef }: (typeof addresses)[number]): Endpoint => ({
      addresses: [ip],
      conditions: { ready },
      ...(hostname ? { hostname } : {}),
      ...(targetRef ? { targetRef } : {}),
      ...(nodeName ? { nodeName } : {}),
    });
  return [...addresses.map(make(true)), ...notReadyAddresses.map(make(false))];
}
