// The aggregator's availability controller: whether the server behind an API service can be reached and answers discovery,
// as the service's condition Available; and the kinds that it described.

import { Content } from '../../core/content.ts';
import type { Simulation } from '../../core/simulation.ts';
import { rfc3339, SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { inProcessClient, Refusal } from '../api/client.ts';
import {
  type AggregatedKinds,
  askBackend,
  backendOf,
  kindsOf,
  type ResourceList,
} from '../api/discovery/aggregation.ts';
import type { ApiServer } from '../api/server.ts';
import { ApiError } from '../api/status.ts';
import type { UserInfo } from '../api/kinds/descriptor.ts';
import type { APIService } from '../api/types/extensions.ts';
import { ControllerContext } from '../controllers/context.ts';
import {
  type Controller,
  type Spawn,
  startWorkers,
  type SyncResult,
} from '../controllers/machinery/controller.ts';
import type { Informer } from '../controllers/machinery/informer.ts';
import { keyOf } from '../controllers/machinery/informer.ts';
import { WorkQueue } from '../controllers/machinery/work-queue.ts';
import { resources } from '../api/client-resources.ts';

const AGGREGATOR: UserInfo = { name: 'system:aggregator', groups: ['system:masters'] };
const API_SERVICES = { groupVersion: 'apiregistration.k8s.io/v1', plural: 'apiservices' } as const;
/** Between looks at a server that does not answer, and at one that does. */
const RETRY = SECOND;
const RECHECK = 30 * SECOND;

type Verdict = readonly [holds: boolean, reason: string, message: string];

class AvailabilityController implements Controller {
  readonly name = 'available-condition-controller';
  readonly workers = 1;
  readonly queue: WorkQueue;
  private readonly simulation: Simulation;
  private readonly server: ApiServer;
  private readonly context: ControllerContext;
  private readonly services: Informer<APIService>;
  private readonly kinds: AggregatedKinds;
  private following = false;

  constructor(context: ControllerContext, server: ApiServer, kinds: AggregatedKinds) {
    this.simulation = context.simulation;
    this.server = server;
    this.context = context;
    this.kinds = kinds;
    this.queue = new WorkQueue(context.simulation);
    this.services = context.informer<APIService>(API_SERVICES);
    this.services.onChange((after, before) => {
      if (!after) this.kinds.delete(before?.metadata.name ?? '');
      else if (after.spec.service) {
        this.follow();
        this.queue.add(keyOf(after));
      }
    });
  }

  /** Endpoints matter from the first API service on that has any. */
  private follow(): void {
    if (this.following) return;
    this.following = true;
    this.context.informer(resources.endpointSlices).onChange((after, before) => {
      const { namespace, labels } = (after ?? before)?.metadata ?? {};
      const name = labels?.['kubernetes.io/service-name'];
      for (const service of this.services.values()) {
        const behind = service.spec.service;
        if (behind?.name === name && behind?.namespace === namespace)
          this.queue.add(keyOf(service));
      }
    });
  }

  *sync(key: string): Routine<SyncResult> {
    const service = this.services.get(key);
    if (!service?.spec.service) return undefined;
    const [holds, reason, message] = yield* this.check(service);
    const conditions = service.status?.conditions ?? [];
    const before = conditions.find(({ type }) => type === 'Available');
    const status = holds ? 'True' : 'False';
    if (before?.status !== status || before.reason !== reason || before.message !== message) {
      const lastTransitionTime =
        before?.status === status
          ? (before.lastTransitionTime ?? null)
          : rfc3339(this.simulation.now);
      const available = { type: 'Available', status, lastTransitionTime, reason, message };
      const others = conditions.filter((one) => one !== before);
      const changed = { ...service, status: { conditions: [...others, available] } };
      const written = yield* this.context.client.updateStatus(API_SERVICES, changed);
      if (written instanceof Refusal) return written.message;
    }
    return holds ? RECHECK : RETRY;
  }

  private *check(service: APIService): Routine<Verdict> {
    const { parts } = this.server;
    const { namespace = '', name = '' } = service.spec.service ?? {};
    const about = `service/${name} in "${namespace}"`;
    if (!parts.storage.cache('services/specs').get(namespace, name))
      return [false, 'ServiceNotFound', `${about} is not present`];
    if (backendOf(parts, service) instanceof ApiError) {
      const message = `endpoints for ${about} have no addresses with port name "https"`;
      return [false, 'MissingEndpoints', message];
    }
    const path = `/apis/${service.spec.group}/${service.spec.version}`;
    const answer = yield* askBackend(
      parts,
      service,
      { method: 'GET', path, query: new Map(), headers: {}, body: Content.empty },
      AGGREGATOR,
    );
    const failed = answer instanceof ApiError || answer.status !== 200;
    if (failed) {
      const code = answer instanceof ApiError ? answer.status.message : String(answer.status);
      const message = `failing or missing response from https://${name}.${namespace}.svc:443${path}: bad status from https://${name}.${namespace}.svc:443${path}: ${code}`;
      return [false, 'FailedDiscoveryCheck', message];
    }
    const list = answer.body?.json() as ResourceList | undefined;
    this.kinds.set(keyOf(service), kindsOf(service, list ?? {}));
    return [true, 'Passed', 'all checks passed'];
  }
}

/** Follows API services from here on. */
export function followAvailability(
  simulation: Simulation,
  server: ApiServer,
  kinds: AggregatedKinds,
  spawn: Spawn,
): void {
  const client = inProcessClient(server, AGGREGATOR, 'kube-aggregator');
  const context = new ControllerContext(simulation, client, spawn);
  startWorkers(new AvailabilityController(context, server, kinds), spawn);
}
