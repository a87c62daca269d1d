// The resource quota controller: what a namespace's objects take of its quotas, counted anew when a quota is made or
// changed and when something that it counts is gone. (What is added, admission notes at once.) Kinds are watched from the
// moment that a quota counts them. Left out: the recount every five minutes, which finds nothing here.

import type { Routine } from '../../../core/wait.ts';
import { resources } from '../../api/client-resources.ts';
import { type ApiClient, type ObjectLike, Refusal } from '../../api/client.ts';
import { addQuantities } from '../../api/fields/quantity.ts';
import { type KubeObject, sameJson } from '../../api/object.ts';
import { quotaCovers } from '../../api/resources/quota-scopes.ts';
import { usageOf } from '../../api/resources/usage.ts';
import type { ResourceQuota } from '../../api/types/config.ts';
import type { ControllerContext } from '../context.ts';
import { type DiscoveredResource, discover } from '../discovery.ts';
import type { Controller, SyncResult } from '../machinery/controller.ts';
import { type Informer, keyOf } from '../machinery/informer.ts';
import { WorkQueue } from '../machinery/work-queue.ts';

/** kube-controller-manager's resourcequota-controller. */
export class ResourceQuotaController implements Controller {
  readonly name = 'resourcequota-controller';
  readonly workers = 5;
  readonly queue: WorkQueue;
  private readonly client: ApiClient;
  private readonly context: ControllerContext;
  private readonly quotas: Informer<ResourceQuota>;
  private readonly watched = new Set<string>();

  constructor(context: ControllerContext) {
    this.client = context.client;
    this.context = context;
    this.queue = new WorkQueue(context.simulation);
    this.quotas = context.informer(resources.resourceQuotas);
    this.quotas.onChange((after, before) => {
      if (!after) return;
      const settled = sameJson(after.spec.hard ?? {}, after.status?.hard ?? {});
      if (!settled || after.spec !== before?.spec) this.queue.add(keyOf(after));
    });
  }

  *sync(key: string): Routine<SyncResult> {
    const quota = this.quotas.get(key);
    if (!quota) return undefined;
    const hard = quota.spec.hard ?? {};
    const used = yield* this.count(quota, Object.keys(hard));
    if (sameJson({ hard, used }, quota.status)) return undefined;
    const changed = { ...quota, status: { hard, used } };
    const updated = yield* this.client.updateStatus(resources.resourceQuotas, changed);
    return updated instanceof Refusal && updated.reason !== 'NotFound'
      ? updated.message
      : undefined;
  }

  private *count(
    quota: ResourceQuota,
    names: readonly string[],
  ): Routine<Readonly<Record<string, string>>> {
    const { namespace = '' } = quota.metadata;
    const sums = new Map<string, string[]>(names.map((name) => [name, []]));
    const known = yield* discover(this.client);
    for (const plural of new Set(names.map(countedResource))) {
      const resource = known.find((one) => fullName(one) === plural);
      if (!resource?.namespaced) continue;
      const informer = this.context.informer(resource);
      yield* informer.waitForSync();
      this.follow(resource, informer);
      for (const object of informer.inNamespace(namespace)) {
        const kind = { group: groupOf(resource), plural: resource.plural };
        if (!quotaCovers(quota, kind, object as unknown as KubeObject)) continue;
        const usage = usageOf(kind, object as unknown as KubeObject);
        for (const [name, amount] of Object.entries(usage)) sums.get(name)?.push(amount);
      }
    }
    return Object.fromEntries(
      [...sums].map(([name, amounts]) => [name, addQuantities(amounts)] as const).sort(),
    );
  }

  /** From now on, what goes (or counts for something else) has its namespace's quotas counted anew. */
  private follow(resource: DiscoveredResource, informer: Informer<ObjectLike>): void {
    const name = fullName(resource);
    if (this.watched.has(name)) return;
    this.watched.add(name);
    const kind = { group: groupOf(resource), plural: resource.plural };
    const amounts = (object: ObjectLike): unknown => usageOf(kind, object as unknown as KubeObject);
    informer.onChange((after, before) => {
      if (!before || (after && sameJson(amounts(after), amounts(before)))) return;
      for (const quota of this.quotas.inNamespace(before.metadata.namespace ?? '')) {
        const counts = Object.keys(quota.spec.hard ?? {}).some(
          (one) => countedResource(one) === name,
        );
        if (counts) this.queue.add(keyOf(quota));
      }
    });
  }
}

function groupOf({ groupVersion }: DiscoveredResource): string {
  return groupVersion.includes('/') ? groupVersion.replace(/\/.*/, '') : '';
}

/** `deployments.apps`; `pods` in the core group. */
function fullName(resource: DiscoveredResource): string {
  const group = groupOf(resource);
  return group === '' ? resource.plural : `${resource.plural}.${group}`;
}

const PLAIN: ReadonlySet<string> = new Set([
  'configmaps',
  'persistentvolumeclaims',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
]);

/** The resource whose objects a quota's name counts. */
function countedResource(name: string): string {
  if (name.startsWith('count/')) return name.slice('count/'.length);
  if (PLAIN.has(name)) return name;
  if (name.startsWith('services.')) return 'services';
  const claims = name === 'requests.storage' || name.includes('.storageclass.storage.k8s.io/');
  return claims ? 'persistentvolumeclaims' : 'pods';
}
