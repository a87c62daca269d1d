// The replica set controller: as many active pods as `spec.replicas` asks for. It adopts pods that match and nobody
// owns, lets go of its own that no longer match, and picks the least useful to delete.

import type { Simulation } from '../../../core/simulation.ts';
import type { Routine } from '../../../core/wait.ts';
import { resources } from '../../api/client-resources.ts';
import { type ApiClient, Refusal } from '../../api/client.ts';
import { sameJson } from '../../api/object.ts';
import { selects } from '../../api/selectors.ts';
import type { ReplicaSet } from '../../api/types/apps.ts';
import type { Pod } from '../../api/types/pod.ts';
import type { ControllerContext } from '../context.ts';
import type { Controller, SyncResult } from '../machinery/controller.ts';
import type { EventRecorder } from '../machinery/events.ts';
import { type Informer, keyOf } from '../machinery/informer.ts';
import { WorkQueue } from '../machinery/work-queue.ts';
import { type OwnedPods, ownedPods } from '../owned-pods.ts';
import { podFromTemplate } from '../pod-control.ts';
import { availableIn, byDeletionOrder, controllerOf, isPodActive } from '../pods.ts';
import type { ReplicaKind } from './kinds.ts';
import { type ManageFailure, replicaSetStatus } from './status.ts';

/** Pods made or deleted in one sync at the most. */
const BURST = 500;

/** kube-controller-manager's replicaset-controller and replicationcontroller-controller. */
export class ReplicaSetController implements Controller {
  readonly name: string;
  readonly workers = 5;
  readonly queue: WorkQueue;
  private readonly simulation: Simulation;
  private readonly client: ApiClient;
  private readonly sets: Informer<ReplicaSet>;
  private readonly pods: Informer<Pod>;
  private readonly events: EventRecorder;
  private readonly owned: OwnedPods;
  private readonly kind: ReplicaKind;

  constructor(context: ControllerContext, kind: ReplicaKind) {
    this.kind = kind;
    this.name = kind.controller;
    this.simulation = context.simulation;
    this.client = context.client;
    this.queue = new WorkQueue(context.simulation);
    this.sets = context.informer(kind.resource);
    this.pods = context.informer(resources.pods);
    this.events = context.recorder(kind.component);
    this.owned = ownedPods(context, this.pods, kind);
    this.sets.onChange((after, before) => {
      const set = after ?? before;
      if (set) this.queue.add(keyOf(set));
    });
    this.owned.onOwner(
      (key) => this.queue.add(key),
      (pod) => this.setsMatching(pod),
    );
  }

  private *setsMatching(pod: Pod): Generator<string> {
    for (const set of this.sets.inNamespace(pod.metadata.namespace ?? '')) {
      if (selects(this.kind.selectorOf(set), pod.metadata.labels)) yield keyOf(set);
    }
  }

  *sync(key: string): Routine<SyncResult> {
    const set = this.sets.get(key);
    if (!set) return undefined;
    const mine = yield* this.owned.claim(set, this.kind.selectorOf(set));
    let failure: ManageFailure | undefined;
    if (!set.metadata.deletionTimestamp) failure = yield* this.manage(set, mine);
    const current = this.owned.of(set);
    const status = replicaSetStatus(
      set,
      current,
      failure,
      this.kind.countsTerminating,
      this.simulation,
    );
    if (!sameJson(status, set.status)) {
      const updated = yield* this.client.updateStatus(this.kind.resource, { ...set, status });
      if (updated instanceof Refusal) return updated.message;
      this.sets.observe(updated);
    }
    if (failure) return failure.message;
    return this.nextAvailability(set, current);
  }

  private *manage(set: ReplicaSet, mine: readonly Pod[]): Routine<ManageFailure | undefined> {
    const active = mine.filter((pod) => isPodActive(pod) && !this.owned.isLeaving(pod));
    const missing = (set.spec.replicas ?? 1) - active.length;
    if (missing > 0) return yield* this.createPods(set, Math.min(missing, BURST));
    if (missing < 0) return yield* this.deletePods(set, active, Math.min(-missing, BURST));
    return undefined;
  }

  /** Slow start: a batch that fails ends the attempt, so that a refusal is not repeated for every pod. */
  private *createPods(set: ReplicaSet, count: number): Routine<ManageFailure | undefined> {
    const { kind, apiVersion } = this.kind;
    for (let i = 0; i < count; i++) {
      const pod = podFromTemplate(set.spec.template, { kind, apiVersion, metadata: set.metadata });
      const created = yield* this.client.create(resources.pods, pod);
      if (created instanceof Refusal) {
        const message = created.message;
        this.events.event(set, 'Warning', 'FailedCreate', `Error creating: ${message}`);
        return { reason: 'FailedCreate', message };
      }
      this.pods.observe(created);
      this.events.event(set, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`);
    }
    return undefined;
  }

  private *deletePods(
    set: ReplicaSet,
    active: readonly Pod[],
    count: number,
  ): Routine<ManageFailure | undefined> {
    for (const pod of [...active].sort(byDeletionOrder(this.rankOf(set))).slice(0, count)) {
      const { namespace = '', name = '' } = pod.metadata;
      this.owned.leaving(pod);
      const deleted = yield* this.client.delete(resources.pods, namespace, name);
      if (deleted instanceof Refusal && deleted.reason !== 'NotFound') {
        this.owned.staying(pod);
        this.events.event(set, 'Warning', 'FailedDelete', `Error deleting: ${deleted.message}`);
        return { reason: 'FailedDelete', message: deleted.message };
      }
      this.events.event(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
    }
    return undefined;
  }

  /** How many active pods of sets with the same owner share the pod's node. */
  private rankOf(set: ReplicaSet): (pod: Pod) => number {
    const owner = controllerOf(set)?.uid;
    const perNode = new Map<string, number>();
    for (const sibling of this.sets.inNamespace(set.metadata.namespace ?? '')) {
      if (sibling !== set && (owner === undefined || controllerOf(sibling)?.uid !== owner))
        continue;
      for (const pod of this.owned.of(sibling)) {
        const node = pod.spec.nodeName ?? '';
        if (isPodActive(pod)) perNode.set(node, (perNode.get(node) ?? 0) + 1);
      }
    }
    return (pod) => perNode.get(pod.spec.nodeName ?? '') ?? 0;
  }

  private nextAvailability(set: ReplicaSet, current: readonly Pod[]): number | undefined {
    const { minReadySeconds = 0 } = set.spec;
    if (minReadySeconds === 0) return undefined;
    const waits = current.map((pod) => availableIn(pod, minReadySeconds, this.simulation) ?? 0);
    const soonest = Math.min(...waits.filter((wait) => wait > 0));
    return Number.isFinite(soonest) ? soonest : undefined;
  }
}
