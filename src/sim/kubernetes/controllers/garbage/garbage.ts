// The garbage collector: objects whose owners are gone are deleted; foreground deletion waits for dependents, orphaning
// takes the references off them. It watches every kind that can be deleted.

import type { Simulation } from '../../../core/simulation.ts';
import type { Routine } from '../../../core/wait.ts';
import { type ApiClient, type ObjectLike, Refusal } from '../../api/client.ts';
import type { OwnerReference } from '../../api/types/meta.ts';
import type { ControllerContext } from '../context.ts';
import { type DiscoveredResource, discover } from '../discovery.ts';
import type { Controller, SyncResult } from '../machinery/controller.ts';
import { WorkQueue } from '../machinery/work-queue.ts';
import { type GraphNode, OwnershipGraph, ownersOf } from './graph.ts';

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';

/** What is known of one owner: it is there, it waits for its dependents, or it is not there. */
type OwnerState = 'solid' | 'waiting' | 'absent';

/** kube-controller-manager's garbage-collector-controller. */
export class GarbageCollector implements Controller {
  readonly name = 'garbage-collector-controller';
  readonly workers = 20;
  readonly queue: WorkQueue;
  readonly graph = new OwnershipGraph();
  private readonly simulation: Simulation;
  private readonly client: ApiClient;
  private readonly context: ControllerContext;
  private readonly byKind = new Map<string, DiscoveredResource>();

  constructor(context: ControllerContext) {
    this.context = context;
    this.simulation = context.simulation;
    this.client = context.client;
    this.queue = new WorkQueue(context.simulation);
    context.spawn(this.watchEverything());
  }

  private *watchEverything(): Routine<void> {
    for (const resource of yield* discover(this.client)) {
      this.byKind.set(`${resource.groupVersion}/${resource.kind}`, resource);
      const watchable = ['list', 'watch', 'delete'].every((verb) => resource.verbs.includes(verb));
      if (watchable && resource.plural !== 'events') this.follow(resource);
    }
  }

  private follow(resource: DiscoveredResource): void {
    this.context.informer(resource).onChange((after, before) => {
      const uid = (after ?? before)?.metadata.uid ?? '';
      if (after) this.appeared(resource, after, before);
      else {
        const node = this.graph.get(uid);
        this.graph.remove(uid);
        for (const dependent of this.graph.dependentsOf(uid)) this.queue.add(dependent.uid);
        for (const owner of ownersOf(node))
          if (this.graph.get(owner.uid)) this.queue.add(owner.uid);
      }
    });
  }

  private appeared(
    resource: DiscoveredResource,
    after: ObjectLike,
    before: ObjectLike | undefined,
  ): void {
    const { metadata } = after;
    const uid = metadata.uid ?? '';
    this.graph.put({ uid, resource, metadata });
    const newOwners = metadata.ownerReferences !== before?.metadata.ownerReferences;
    const leaving = metadata.deletionTimestamp !== undefined && metadata.finalizers !== undefined;
    if ((newOwners && metadata.ownerReferences?.length) || leaving) this.queue.add(uid);
    if (before && newOwners) {
      for (const owner of before.metadata.ownerReferences ?? []) {
        if (this.graph.get(owner.uid)?.metadata.deletionTimestamp) this.queue.add(owner.uid);
      }
    }
  }

  *sync(uid: string): Routine<SyncResult> {
    const node = this.graph.get(uid);
    if (!node) return undefined;
    const { deletionTimestamp, finalizers = [] } = node.metadata;
    if (deletionTimestamp) {
      if (finalizers.includes(ORPHAN)) return yield* this.orphanDependents(node);
      if (finalizers.includes(FOREGROUND)) return yield* this.deleteDependentsFirst(node);
      return undefined;
    }
    return yield* this.checkOwners(node);
  }

  private *checkOwners(node: GraphNode): Routine<SyncResult> {
    const owners = ownersOf(node);
    if (owners.length === 0) return undefined;
    const gone: OwnerReference[] = [];
    const waiting: OwnerReference[] = [];
    let solid = 0;
    for (const owner of owners) {
      const state = yield* this.ownerState(node, owner);
      if (state === 'absent') gone.push(owner);
      else if (state === 'waiting') waiting.push(owner);
      else solid++;
    }
    if (solid > 0) {
      const stale = [...gone, ...waiting.filter((owner) => owner.blockOwnerDeletion)];
      return stale.length > 0 ? yield* this.dropReferences(node, stale) : undefined;
    }
    const foreground = waiting.length > 0 && this.graph.dependentsOf(node.uid).length > 0;
    return yield* this.remove(node, foreground ? 'Foreground' : 'Background');
  }

  private *ownerState(node: GraphNode, owner: OwnerReference): Routine<OwnerState> {
    const known = this.graph.get(owner.uid);
    if (known) {
      const { deletionTimestamp, finalizers } = known.metadata;
      return deletionTimestamp && finalizers?.includes(FOREGROUND) ? 'waiting' : 'solid';
    }
    const resource = this.byKind.get(`${owner.apiVersion}/${owner.kind}`);
    if (!resource) return 'solid';
    const namespace = resource.namespaced ? (node.metadata.namespace ?? '') : '';
    const found = yield* this.client.get(resource, namespace, owner.name);
    if (found instanceof Refusal) return found.reason === 'NotFound' ? 'absent' : 'solid';
    return found.metadata.uid === owner.uid ? 'solid' : 'absent';
  }

  private *remove(node: GraphNode, propagationPolicy: string): Routine<SyncResult> {
    const { namespace = '', name = '', finalizers = [] } = node.metadata;
    const policy = finalizers.includes(ORPHAN) ? 'Orphan' : propagationPolicy;
    const { uid } = node;
    this.simulation.because(
      `garbage collector: the owners of ${node.resource.kind} ${name} are gone`,
      {
        kind: node.resource.kind,
        name: namespace ? `${namespace}/${name}` : name,
      },
    );
    const options = { propagationPolicy: policy, preconditions: { uid } };
    const deleted = yield* this.client.delete(node.resource, namespace, name, options);
    if (
      deleted instanceof Refusal &&
      deleted.reason !== 'NotFound' &&
      deleted.reason !== 'Conflict'
    ) {
      return deleted.message;
    }
    return undefined;
  }

  private *dropReferences(node: GraphNode, stale: readonly OwnerReference[]): Routine<SyncResult> {
    const kept = ownersOf(node).filter((owner) => !stale.some(({ uid }) => uid === owner.uid));
    return yield* this.patch(node, { ownerReferences: kept });
  }

  private *orphanDependents(node: GraphNode): Routine<SyncResult> {
    for (const dependent of this.graph.dependentsOf(node.uid)) {
      const kept = ownersOf(dependent).filter((owner) => owner.uid !== node.uid);
      const failure = yield* this.patch(dependent, { ownerReferences: kept });
      if (failure !== undefined) return failure;
    }
    return yield* this.dropFinalizer(node, ORPHAN);
  }

  private *deleteDependentsFirst(node: GraphNode): Routine<SyncResult> {
    const dependents = this.graph.dependentsOf(node.uid);
    const blocking = dependents.filter((dependent) =>
      ownersOf(dependent).some((owner) => owner.uid === node.uid && owner.blockOwnerDeletion),
    );
    if (blocking.length === 0) return yield* this.dropFinalizer(node, FOREGROUND);
    for (const dependent of dependents)
      if (!dependent.metadata.deletionTimestamp) this.queue.add(dependent.uid);
    return undefined;
  }

  private *dropFinalizer(node: GraphNode, finalizer: string): Routine<SyncResult> {
    const finalizers = (node.metadata.finalizers ?? []).filter((other) => other !== finalizer);
    return yield* this.patch(node, { finalizers });
  }

  private *patch(node: GraphNode, change: object): Routine<SyncResult> {
    const { namespace = '', name = '' } = node.metadata;
    const body = { metadata: { uid: node.uid, ...change } };
    const patched = yield* this.client.patch(node.resource, namespace, name, 'merge', body);
    if (patched instanceof Refusal)
      return patched.reason === 'NotFound' ? undefined : patched.message;
    return undefined;
  }
}
