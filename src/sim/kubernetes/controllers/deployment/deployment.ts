// The deployment controller: one replica set per pod template, the newest grown and the older ones shrunk within
// maxSurge and maxUnavailable (or all at once for Recreate); history, pause, scaling in the middle of a rollout.

import type { Simulation } from '../../../core/simulation.ts';
import type { Routine } from '../../../core/wait.ts';
import { resources } from '../../api/client-resources.ts';
import { type ApiClient, Refusal } from '../../api/client.ts';
import { sameJson } from '../../api/object.ts';
import { selects } from '../../api/selectors.ts';
import type { Deployment, ReplicaSet } from '../../api/types/apps.ts';
import type { ControllerContext } from '../context.ts';
import type { Pod } from '../../api/types/pod.ts';
import type { Controller, SyncResult } from '../machinery/controller.ts';
import type { EventRecorder } from '../machinery/events.ts';
import { type Informer, keyOf } from '../machinery/informer.ts';
import { WorkQueue } from '../machinery/work-queue.ts';
import { controllerOf, isPodActive, milliseconds } from '../pods.ts';
import {
  DESIRED,
  findNewSet,
  MOST,
  newReplicaSet,
  REVISION,
  revisionOf,
  setAnnotations,
} from './replica-sets.ts';
import {
  mostReplicas,
  newSetSize,
  oldSetSizes,
  proportionalSizes,
  replicasOf,
  statusReplicas,
} from './rolling.ts';
import { conditionOf, deadlineIn, deploymentStatus, isComplete, withCondition } from './status.ts';

const BY_OWNER = 'controller uid';

/** kube-controller-manager's deployment-controller. */
export class DeploymentController implements Controller {
  readonly name = 'deployment-controller';
  readonly workers = 5;
  readonly queue: WorkQueue;
  private readonly simulation: Simulation;
  private readonly client: ApiClient;
  private readonly deployments: Informer<Deployment>;
  private readonly sets: Informer<ReplicaSet>;
  private readonly pods: Informer<Pod>;
  private readonly events: EventRecorder;

  constructor(context: ControllerContext) {
    this.simulation = context.simulation;
    this.client = context.client;
    this.queue = new WorkQueue(context.simulation);
    this.deployments = context.informer(resources.deployments);
    this.sets = context.informer(resources.replicaSets);
    this.pods = context.informer(resources.pods);
    this.events = context.recorder('deployment-controller');
    this.sets.addIndex(BY_OWNER, (set) => [controllerOf(set)?.uid ?? '']);
    this.pods.addIndex(BY_OWNER, (pod) => [controllerOf(pod)?.uid ?? '']);
    this.deployments.onChange((after, before) => {
      const deployment = after ?? before;
      if (deployment) this.queue.add(keyOf(deployment));
    });
    this.sets.onChange((after, before) => {
      for (const set of [after, before]) if (set) this.enqueueOwner(set);
    });
    this.pods.onChange((after, before) => {
      if (!after && before) this.enqueueRecreate(before);
    });
  }

  private enqueueOwner(set: ReplicaSet): void {
    const owner = controllerOf(set);
    if (owner?.kind === 'Deployment') this.queue.add(`${set.metadata.namespace}/${owner.name}`);
    if (owner) return;
    for (const deployment of this.deployments.inNamespace(set.metadata.namespace ?? '')) {
      if (selects(deployment.spec.selector, set.metadata.labels)) this.queue.add(keyOf(deployment));
    }
  }

  /** Recreate waits for the last old pod to be gone. */

  private enqueueRecreate(pod: { readonly metadata: ReplicaSet['metadata'] }): void {
    const owner = controllerOf(pod);
    const set = owner && this.sets.get(`${pod.metadata.namespace}/${owner.name}`);
    if (set) this.enqueueOwner(set);
  }

  *sync(key: string): Routine<SyncResult> {
    const deployment = this.deployments.get(key);
    if (!deployment) return undefined;
    yield* this.adopt(deployment);
    const owned = [...this.sets.byIndex(BY_OWNER, deployment.metadata.uid ?? '')];
    if (deployment.metadata.deletionTimestamp) {
      return yield* this.writeStatus(deployment, owned, findNewSet(deployment, owned));
    }
    const checked = yield* this.checkPaused(deployment);
    const failure = yield* this.step(checked, owned);
    if (failure !== undefined) return failure;
    const left = deadlineIn(this.deployments.get(key) ?? checked, this.simulation);
    return left === undefined ? undefined : Math.max(1, left);
  }

  private *adopt(deployment: Deployment): Routine<void> {
    for (const set of [...this.sets.byIndex(BY_OWNER, '')]) {
      const mine = set.metadata.namespace === deployment.metadata.namespace;
      if (!mine || !selects(deployment.spec.selector, set.metadata.labels)) continue;
      const { namespace = '', name = '' } = set.metadata;
      const reference = {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        name: deployment.metadata.name,
        uid: deployment.metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      };
      const patch = { metadata: { ownerReferences: [reference] } };
      const patched = yield* this.client.patch(
        resources.replicaSets,
        namespace,
        name,
        'strategic',
        patch,
      );
      if (!(patched instanceof Refusal)) this.sets.observe(patched);
    }
  }

  private *checkPaused(deployment: Deployment): Routine<Deployment> {
    if (deployment.spec.progressDeadlineSeconds === undefined) return deployment;
    const paused = conditionOf(deployment.status, 'Progressing')?.reason === 'DeploymentPaused';
    if (Boolean(deployment.spec.paused) === paused) return deployment;
    const next = deployment.spec.paused
      ? {
          type: 'Progressing',
          status: 'Unknown',
          reason: 'DeploymentPaused',
          message: 'Deployment is paused',
        }
      : {
          type: 'Progressing',
          status: 'Unknown',
          reason: 'DeploymentResumed',
          message: 'Deployment is resumed',
        };
    const conditions = withCondition(deployment.status?.conditions ?? [], next, this.simulation);
    return yield* this.put(deployment, { ...deployment.status, conditions });
  }

  private *step(deployment: Deployment, owned: readonly ReplicaSet[]): Routine<SyncResult> {
    const { paused, strategy } = deployment.spec;
    const existing = findNewSet(deployment, owned);
    if (paused || this.wasScaled(deployment, owned)) {
      const failure = yield* this.scale(deployment, owned, existing);
      if (failure) return failure;
      if (paused) yield* this.cleanUp(deployment, owned, existing);
      return yield* this.writeStatus(
        deployment,
        this.current(deployment),
        findNewSet(deployment, this.current(deployment)),
      );
    }
    const failure =
      strategy?.type === 'Recreate'
        ? yield* this.recreate(deployment, owned, existing)
        : yield* this.roll(deployment, owned, existing);
    if (failure) return failure;
    const now = this.current(deployment);
    const newest = findNewSet(deployment, now);
    const status = deploymentStatus(deployment, now, newest, this.simulation);
    if (isComplete(deployment, status)) yield* this.cleanUp(deployment, now, newest);
    return yield* this.writeStatus(
      this.deployments.get(keyOf(deployment)) ?? deployment,
      now,
      newest,
    );
  }

  private current(deployment: Deployment): ReplicaSet[] {
    return [...this.sets.byIndex(BY_OWNER, deployment.metadata.uid ?? '')];
  }

  private wasScaled(deployment: Deployment, owned: readonly ReplicaSet[]): boolean {
    const wanted = String(deployment.spec.replicas ?? 1);
    return owned.some((set) => {
      const desired = set.metadata.annotations?.[DESIRED];
      return replicasOf(set) > 0 && desired !== undefined && desired !== wanted;
    });
  }

  /** The new set, made or brought up to date; its revision becomes the deployment's. */

  private *ensureNewSet(
    deployment: Deployment,
    owned: readonly ReplicaSet[],
    existing: ReplicaSet | undefined,
  ): Routine<ReplicaSet | string> {
    const revision = Math.max(0, ...owned.filter((set) => set !== existing).map(revisionOf)) + 1;
    if (existing) {
      const annotations = setAnnotations(deployment, existing, revision);
      let set = existing;
      if (!sameJson(annotations, existing.metadata.annotations)) {
        const metadata = { ...existing.metadata, annotations };
        const updated = yield* this.client.update(resources.replicaSets, { ...existing, metadata });
        if (updated instanceof Refusal) return updated.message;
        this.sets.observe(updated);
        set = updated;
      }
      yield* this.noteRevision(deployment, revisionOf(set), {
        reason: 'FoundNewReplicaSet',
        message: `Found new replica set "${set.metadata.name}"`,
      });
      return set;
    }
    const draft = newReplicaSet(deployment, revision, 0);
    const size = newSetSize(deployment, [...owned, draft], draft);
    const created = yield* this.client.create(
      resources.replicaSets,
      newReplicaSet(deployment, revision, size),
    );
    if (created instanceof Refusal) return yield* this.afterCollision(deployment, created);
    this.sets.observe(created);
    if (size > 0) {
      const message = `Scaled up replica set ${created.metadata.name} from 0 to ${size}`;
      this.events.event(deployment, 'Normal', 'ScalingReplicaSet', message);
    }
    yield* this.noteRevision(deployment, revision, {
      reason: 'NewReplicaSetCreated',
      message: `Created new replica set "${created.metadata.name}"`,
    });
    return created;
  }

  private *afterCollision(deployment: Deployment, refusal: Refusal): Routine<string> {
    if (refusal.reason === 'AlreadyExists') {
      const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
      yield* this.put(deployment, { ...deployment.status, collisionCount });
    }
    return refusal.message;
  }

  private *noteRevision(
    deployment: Deployment,
    revision: number,
    why: { readonly reason: string; readonly message: string },
  ): Routine<void> {
    let latest = this.deployments.get(keyOf(deployment)) ?? deployment;
    if (revisionOf(latest) !== revision) {
      const annotations = { ...latest.metadata.annotations, [REVISION]: String(revision) };
      const metadata = { ...latest.metadata, annotations };
      const updated = yield* this.client.update(resources.deployments, { ...latest, metadata });
      if (updated instanceof Refusal) return;
      this.deployments.observe(updated);
      latest = updated;
    }
    const condition = conditionOf(latest.status, 'Progressing');
    const fresh = why.reason === 'NewReplicaSetCreated' || condition === undefined;
    if (!fresh || latest.spec.progressDeadlineSeconds === 2147483647) return;
    const next = { type: 'Progressing', status: 'True', ...why };
    const conditions = withCondition(latest.status?.conditions ?? [], next, this.simulation);
    yield* this.put(latest, { ...latest.status, conditions });
  }

  private *resize(
    deployment: Deployment,
    set: ReplicaSet,
    size: number,
  ): Routine<string | undefined> {
    const desired = String(deployment.spec.replicas ?? 1);
    const most = String(mostReplicas(deployment));
    const { annotations } = set.metadata;
    const before = replicasOf(set);
    if (before === size && annotations?.[DESIRED] === desired && annotations[MOST] === most)
      return undefined;
    const metadata = {
      ...set.metadata,
      annotations: { ...annotations, [DESIRED]: desired, [MOST]: most },
    };
    const updated = yield* this.client.update(resources.replicaSets, {
      ...set,
      metadata,
      spec: { ...set.spec, replicas: size },
    });
    if (updated instanceof Refusal) return updated.message;
    this.sets.observe(updated);
    if (before !== size) {
      const way = size > before ? 'up' : 'down';
      const message = `Scaled ${way} replica set ${set.metadata.name} from ${before} to ${size}`;
      this.events.event(deployment, 'Normal', 'ScalingReplicaSet', message);
    }
    return undefined;
  }

  private *roll(
    deployment: Deployment,
    owned: readonly ReplicaSet[],
    existing: ReplicaSet | undefined,
  ): Routine<string | undefined> {
    const newest = yield* this.ensureNewSet(deployment, owned, existing);
    if (typeof newest === 'string') return newest;
    const old = owned.filter((set) => set.metadata.uid !== newest.metadata.uid);
    const size = newSetSize(deployment, [...old, newest], newest);
    const failure = yield* this.resize(deployment, newest, size);
    if (failure || size !== replicasOf(newest)) return failure;
    for (const [set, to] of oldSetSizes(deployment, [...old, newest], newest, oldestFirst(old))) {
      if (to === replicasOf(set)) continue;
      const failed = yield* this.resize(deployment, set, to);
      if (failed) return failed;
    }
    return undefined;
  }

  private *recreate(
    deployment: Deployment,
    owned: readonly ReplicaSet[],
    existing: ReplicaSet | undefined,
  ): Routine<string | undefined> {
    const old = owned.filter((set) => set !== existing);
    for (const set of old) {
      if (replicasOf(set) === 0) continue;
      const failure = yield* this.resize(deployment, set, 0);
      if (failure) return failure;
    }
    const running = old.some((set) => {
      if (statusReplicas(set) > 0) return true;
      return [...this.pods.byIndex(BY_OWNER, set.metadata.uid ?? '')].some(
        (pod) => isPodActive(pod) || Boolean(pod.metadata.deletionTimestamp),
      );
    });
    if (running) return undefined;
    const newest = yield* this.ensureNewSet(deployment, owned, existing);
    if (typeof newest === 'string') return newest;
    return yield* this.resize(deployment, newest, deployment.spec.replicas ?? 1);
  }

  private *scale(
    deployment: Deployment,
    owned: readonly ReplicaSet[],
    existing: ReplicaSet | undefined,
  ): Routine<string | undefined> {
    const active = owned.filter((set) => replicasOf(set) > 0);
    const [only] = active.length === 1 ? active : active.length === 0 && existing ? [existing] : [];
    if (only) return yield* this.resize(deployment, only, deployment.spec.replicas ?? 1);
    for (const [set, size] of proportionalSizes(deployment, active)) {
      const failure = yield* this.resize(deployment, set, size);
      if (failure) return failure;
    }
    return undefined;
  }

  /** Old sets beyond revisionHistoryLimit go, oldest first. */

  private *cleanUp(
    deployment: Deployment,
    owned: readonly ReplicaSet[],
    newest: ReplicaSet | undefined,
  ): Routine<void> {
    const { revisionHistoryLimit = 10 } = deployment.spec;
    const old = owned.filter((set) => set.metadata.uid !== newest?.metadata.uid);
    const removable = old.filter(
      (set) =>
        statusReplicas(set) === 0 && replicasOf(set) === 0 && !set.metadata.deletionTimestamp,
    );
    removable.sort((a, b) => revisionOf(a) - revisionOf(b));
    for (const set of removable.slice(0, Math.max(0, old.length - revisionHistoryLimit))) {
      yield* this.client.delete(
        resources.replicaSets,
        set.metadata.namespace ?? '',
        set.metadata.name ?? '',
      );
    }
  }

  private *writeStatus(
    deployment: Deployment,
    owned: readonly ReplicaSet[],
    newest: ReplicaSet | undefined,
  ): Routine<SyncResult> {
    const status = deploymentStatus(deployment, owned, newest, this.simulation);
    if (sameJson(status, deployment.status)) return undefined;
    const updated = yield* this.client.updateStatus(resources.deployments, {
      ...deployment,
      status,
    });
    if (updated instanceof Refusal) return updated.message;
    this.deployments.observe(updated);
    return undefined;
  }

  private *put(
    deployment: Deployment,
    status: NonNullable<Deployment['status']>,
  ): Routine<Deployment> {
    const updated = yield* this.client.updateStatus(resources.deployments, {
      ...deployment,
      status,
    });
    if (updated instanceof Refusal) return deployment;
    this.deployments.observe(updated);
    return updated;
  }
}

function oldestFirst(sets: readonly ReplicaSet[]): ReplicaSet[] {
  return [...sets].sort(
    (a, b) =>
      milliseconds(a.metadata.creationTimestamp) - milliseconds(b.metadata.creationTimestamp),
  );
}
