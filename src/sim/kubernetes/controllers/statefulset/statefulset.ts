// The stateful set controller: pods with names that stay, made one after another (or all at once: Parallel), taken away
// from the highest ordinal down, updated from the highest ordinal down to the partition, or only when deleted (OnDelete).
// Left out: maxUnavailable of rolling updates, which is behind a feature gate that is off.

import type { Simulation } from '../../../core/simulation.ts';
import type { Routine } from '../../../core/wait.ts';
import { resources } from '../../api/client-resources.ts';
import { type ApiClient, Refusal } from '../../api/client.ts';
import { sameJson } from '../../api/object.ts';
import { selects } from '../../api/selectors.ts';
import type { ControllerRevision, StatefulSet } from '../../api/types/apps.ts';
import type { Pod } from '../../api/types/pod.ts';
import type { ControllerContext } from '../context.ts';
import type { Controller, SyncResult } from '../machinery/controller.ts';
import type { EventRecorder } from '../machinery/events.ts';
import { type Informer, keyOf } from '../machinery/informer.ts';
import { WorkQueue } from '../machinery/work-queue.ts';
import { type OwnedPods, ownedPods } from '../owned-pods.ts';
import { availableIn, isPodAvailable, isPodReady } from '../pods.ts';
import {
  currentRevision,
  indexRevisions,
  revisionsOf,
  STATEFUL_SET_REVISIONS,
  trimHistory,
} from '../revisions.ts';
import { type ClaimAccess, createClaims, retainClaims } from './claims.ts';
import { inRange, KIND, ordinalOf, podRevision, startOrdinal, statefulPod } from './identity.ts';
import { type Revisions, statefulSetStatus } from './status.ts';

/** A phase's outcome: go on with the next, stop here until something changes, or a failure's text. */
type Step = 'on' | 'wait' | { readonly failure: string };

/** kube-controller-manager's statefulset-controller. */
export class StatefulSetController implements Controller {
  readonly name = 'statefulset-controller';
  readonly workers = 5;
  readonly queue: WorkQueue;
  private readonly simulation: Simulation;
  private readonly client: ApiClient;
  private readonly sets: Informer<StatefulSet>;
  private readonly pods: Informer<Pod>;
  private readonly revisions: Informer<ControllerRevision>;
  private readonly events: EventRecorder;
  private readonly owned: OwnedPods;
  private readonly access: ClaimAccess;

  constructor(context: ControllerContext) {
    this.simulation = context.simulation;
    this.client = context.client;
    this.queue = new WorkQueue(context.simulation);
    this.sets = context.informer(resources.statefulSets);
    this.pods = context.informer(resources.pods);
    this.revisions = context.informer(resources.controllerRevisions);
    indexRevisions(this.revisions);
    this.events = context.recorder('statefulset-controller');
    this.owned = ownedPods(context, this.pods, KIND);
    const claims = context.informer(resources.persistentVolumeClaims);
    this.access = { client: this.client, claims, events: this.events };
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
      const named = ordinalOf(set, pod) >= 0;
      if (named && selects(set.spec.selector, pod.metadata.labels)) yield keyOf(set);
    }
  }

  *sync(key: string): Routine<SyncResult> {
    const set = this.sets.get(key);
    if (!set) return undefined;
    yield* this.owned.claim(set, set.spec.selector);
    const revisions = yield* this.revisionsFor(set);
    if (typeof revisions === 'string') return revisions;
    let step: Step = 'wait';
    if (!set.metadata.deletionTimestamp) step = yield* this.bringAbout(set, revisions);
    const pods = this.owned.of(set);
    const leaving = (pod: Pod): boolean => this.owned.isLeaving(pod);
    const status = statefulSetStatus(set, pods, revisions, leaving, this.simulation);
    if (!sameJson(status, set.status)) {
      const updated = yield* this.client.updateStatus(resources.statefulSets, { ...set, status });
      if (updated instanceof Refusal) return updated.message;
      this.sets.observe(updated);
    }
    yield* this.trim(set, revisions, pods);
    if (typeof step === 'object') return step.failure;
    return this.nextAvailability(set, pods);
  }

  private *revisionsFor(set: StatefulSet): Routine<Revisions | string> {
    const update = yield* currentRevision(this.client, this.revisions, set, STATEFUL_SET_REVISIONS);
    if (typeof update === 'string') return update;
    const name = set.status?.currentRevision;
    const current = revisionsOf(this.revisions, set).find((one) => one.metadata.name === name);
    return { current: current ?? update, update };
  }

  private *trim(set: StatefulSet, revisions: Revisions, pods: readonly Pod[]): Routine<void> {
    const live = new Set(pods.map(podRevision));
    for (const { metadata } of [revisions.current, revisions.update]) live.add(metadata.name ?? '');
    const inUse = (one: ControllerRevision): boolean => live.has(one.metadata.name ?? '');
    yield* trimHistory(this.client, this.revisions, set, inUse);
  }

  private *bringAbout(set: StatefulSet, revisions: Revisions): Routine<Step> {
    const byOrdinal = new Map(this.owned.of(set).map((pod) => [ordinalOf(set, pod), pod]));
    const parallel = set.spec.podManagementPolicy === 'Parallel';
    const start = startOrdinal(set);
    for (let i = start; i < start + (set.spec.replicas ?? 1); i++) {
      const step = yield* this.replica(set, revisions, i, byOrdinal.get(i));
      if (typeof step === 'object') return step;
      if (step === 'wait' && !parallel) return 'wait';
    }
    const condemned = [...byOrdinal]
      .filter(([ordinal]) => ordinal >= 0 && !inRange(set, ordinal))
      .sort(([a], [b]) => b - a)
      .map(([, pod]) => pod);
    for (const pod of condemned) {
      const failure = yield* retainClaims(this.access, set, pod);
      if (failure) return { failure };
    }
    const scaled = yield* this.scaleDown(set, condemned, parallel);
    if (scaled !== 'on') return scaled;
    return yield* this.rollOut(set, revisions);
  }

  /** One ordinal: its claims, its pod, and whether the next one may follow. */
  private *replica(
    set: StatefulSet,
    revisions: Revisions,
    ordinal: number,
    pod: Pod | undefined,
  ): Routine<Step> {
    const phase = pod?.status?.phase;
    if (pod && (phase === 'Failed' || phase === 'Succeeded')) {
      return yield* this.remove(set, pod);
    }
    if (!pod || phase === 'Pending') {
      const failure = yield* createClaims(this.access, set, ordinal);
      if (failure) return { failure };
    }
    if (!pod) return yield* this.create(set, revisions, ordinal);
    if (this.unavailable(set, pod) || !isPodReady(pod)) return 'wait';
    const failure = yield* retainClaims(this.access, set, pod);
    return failure ? { failure } : 'on';
  }

  private unavailable(set: StatefulSet, pod: Pod): boolean {
    const { minReadySeconds = 0 } = set.spec;
    const going = pod.metadata.deletionTimestamp !== undefined || this.owned.isLeaving(pod);
    return going || !isPodAvailable(pod, minReadySeconds, this.simulation);
  }

  private *create(set: StatefulSet, revisions: Revisions, ordinal: number): Routine<Step> {
    const { updateStrategy } = set.spec;
    const partition = updateStrategy?.rollingUpdate?.partition;
    const rolling = updateStrategy?.type === 'RollingUpdate';
    const kept = partition ?? (rolling ? (set.status?.currentReplicas ?? 0) : 0);
    const old = ordinal < startOrdinal(set) + kept;
    const pod = statefulPod(set, old ? revisions.current : revisions.update, ordinal);
    const created = yield* this.client.create(resources.pods, pod);
    const about = `Create Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`;
    if (created instanceof Refusal) {
      if (created.reason === 'AlreadyExists') return { failure: created.message };
      const message = `${about} failed error: ${created.message}`;
      this.events.event(set, 'Warning', 'FailedCreate', message);
      return { failure: created.message };
    }
    this.pods.observe(created);
    this.events.event(set, 'Normal', 'SuccessfulCreate', `${about} successful`);
    const failure = yield* retainClaims(this.access, set, created);
    return failure ? { failure } : 'wait';
  }

  private *remove(set: StatefulSet, pod: Pod): Routine<Step> {
    if (pod.metadata.deletionTimestamp || this.owned.isLeaving(pod)) return 'wait';
    const { namespace = '', name = '' } = pod.metadata;
    this.owned.leaving(pod);
    const deleted = yield* this.client.delete(resources.pods, namespace, name);
    const about = `Delete Pod ${name} in StatefulSet ${set.metadata.name}`;
    if (deleted instanceof Refusal && deleted.reason !== 'NotFound') {
      this.owned.staying(pod);
      const message = `${about} failed error: ${deleted.message}`;
      this.events.event(set, 'Warning', 'FailedDelete', message);
      return { failure: deleted.message };
    }
    this.events.event(set, 'Normal', 'SuccessfulDelete', `${about} successful`);
    return 'wait';
  }

  private *scaleDown(
    set: StatefulSet,
    condemned: readonly Pod[],
    parallel: boolean,
  ): Routine<Step> {
    const unhealthy = condemned.findLast((pod) => this.unavailable(set, pod));
    for (const pod of condemned) {
      const going = pod.metadata.deletionTimestamp !== undefined || this.owned.isLeaving(pod);
      if (!parallel && (going || (this.unavailable(set, pod) && pod !== unhealthy))) return 'wait';
      if (going) continue;
      const step = yield* this.remove(set, pod);
      if (typeof step === 'object' || !parallel) return step;
    }
    return 'on';
  }

  /** Takes away the pod with the highest ordinal that is not at the update revision, one at a time. */
  private *rollOut(set: StatefulSet, { update }: Revisions): Routine<Step> {
    const { updateStrategy } = set.spec;
    if (updateStrategy?.type === 'OnDelete') return 'on';
    const least = updateStrategy?.rollingUpdate?.partition ?? 0;
    const replicas = this.owned
      .of(set)
      .filter((pod) => inRange(set, ordinalOf(set, pod)))
      .sort((a, b) => ordinalOf(set, b) - ordinalOf(set, a));
    for (const pod of replicas) {
      if (ordinalOf(set, pod) - startOrdinal(set) < least) break;
      const going = pod.metadata.deletionTimestamp !== undefined || this.owned.isLeaving(pod);
      if (podRevision(pod) !== update.metadata.name && !going) return yield* this.remove(set, pod);
      if (this.unavailable(set, pod)) return 'wait';
    }
    return 'on';
  }

  private nextAvailability(set: StatefulSet, pods: readonly Pod[]): number | undefined {
    const { minReadySeconds = 0 } = set.spec;
    if (minReadySeconds === 0) return undefined;
    const waits = pods.map((pod) => availableIn(pod, minReadySeconds, this.simulation) ?? 0);
    const soonest = Math.min(...waits.filter((wait) => wait > 0));
    return Number.isFinite(soonest) ? soonest : undefined;
  }
}
