// The daemon set controller: one pod on every node that it belongs on, replaced when it fails, updated node by node
// within maxUnavailable (or with a surge), or only when deleted (OnDelete).

import type { Simulation } from '../../../core/simulation.ts';
import type { Routine } from '../../../core/wait.ts';
import { resources } from '../../api/client-resources.ts';
import { type ApiClient, Refusal } from '../../api/client.ts';
import { sameJson } from '../../api/object.ts';
import { selects } from '../../api/selectors.ts';
import type { ControllerRevision, DaemonSet } from '../../api/types/apps.ts';
import type { Node } from '../../api/types/node.ts';
import type { Pod } from '../../api/types/pod.ts';
import type { ControllerContext } from '../context.ts';
import { resolveShare } from '../deployment/rolling.ts';
import type { Controller, SyncResult } from '../machinery/controller.ts';
import type { EventRecorder } from '../machinery/events.ts';
import { type Informer, keyOf } from '../machinery/informer.ts';
import { WorkQueue } from '../machinery/work-queue.ts';
import { type OwnedPods, ownedPods } from '../owned-pods.ts';
import { isPodActive, isPodAvailable } from '../pods.ts';
import {
  currentRevision,
  DAEMON_SET_REVISIONS,
  indexRevisions,
  REVISION_LABEL,
  trimHistory,
} from '../revisions.ts';
import { daemonPod, targetNode, verdict } from './placement.ts';
import { daemonSetStatus } from './status.ts';

const KIND = { kind: 'DaemonSet', apiVersion: 'apps/v1' };

/** kube-controller-manager's daemonset-controller. */
export class DaemonSetController implements Controller {
  readonly name = 'daemonset-controller';
  readonly workers = 2;
  readonly queue: WorkQueue;
  private readonly simulation: Simulation;
  private readonly client: ApiClient;
  private readonly sets: Informer<DaemonSet>;
  private readonly nodes: Informer<Node>;
  private readonly revisions: Informer<ControllerRevision>;
  private readonly events: EventRecorder;
  private readonly owned: OwnedPods;

  constructor(context: ControllerContext) {
    this.simulation = context.simulation;
    this.client = context.client;
    this.queue = new WorkQueue(context.simulation);
    this.sets = context.informer(resources.daemonSets);
    this.nodes = context.informer(resources.nodes);
    this.revisions = context.informer(resources.controllerRevisions);
    indexRevisions(this.revisions);
    this.events = context.recorder('daemonset-controller');
    this.owned = ownedPods(context, context.informer(resources.pods), KIND);
    this.sets.onChange((after, before) => {
      const set = after ?? before;
      if (set) this.queue.add(keyOf(set));
    });
    this.owned.onOwner(
      (key) => this.queue.add(key),
      (pod) => this.setsMatching(pod),
    );
    this.nodes.onChange((after, before) => {
      if (after && before && !matters(after, before)) return;
      for (const set of this.sets.values()) this.queue.add(keyOf(set));
    });
  }

  private *setsMatching(pod: Pod): Generator<string> {
    for (const set of this.sets.inNamespace(pod.metadata.namespace ?? '')) {
      if (selects(set.spec.selector, pod.metadata.labels)) yield keyOf(set);
    }
  }

  *sync(key: string): Routine<SyncResult> {
    const set = this.sets.get(key);
    if (!set) return undefined;
    const revision = yield* currentRevision(this.client, this.revisions, set, DAEMON_SET_REVISIONS);
    if (typeof revision === 'string') return revision;
    const hash = revision.metadata.labels?.[REVISION_LABEL] ?? '';
    if (!set.metadata.deletionTimestamp) {
      const pods = yield* this.owned.claim(set, set.spec.selector);
      const failure = (yield* this.place(set, pods, hash)) ?? (yield* this.update(set, hash));
      if (failure) return failure;
      const inUse = new Set(
        this.owned.of(set).map((pod) => pod.metadata.labels?.[REVISION_LABEL] ?? ''),
      );
      yield* trimHistory(this.client, this.revisions, set, ({ metadata }) =>
        inUse.has(metadata.labels?.[REVISION_LABEL] ?? ''),
      );
    }
    const pods = this.owned.of(set);
    const status = daemonSetStatus(set, [...this.nodes.values()], pods, hash, this.simulation);
    if (sameJson(status, set.status)) return undefined;
    const updated = yield* this.client.updateStatus(resources.daemonSets, { ...set, status });
    return updated instanceof Refusal ? updated.message : undefined;
  }

  private podsByNode(pods: readonly Pod[]): Map<string, Pod[]> {
    const byNode = new Map<string, Pod[]>();
    for (const pod of pods) {
      const node = targetNode(pod);
      const list = byNode.get(node);
      if (list) list.push(pod);
      else byNode.set(node, [pod]);
    }
    return byNode;
  }

  /** Pods where there is none, none where there should not be, failed ones away. */
  private *place(set: DaemonSet, pods: readonly Pod[], hash: string): Routine<string | undefined> {
    const byNode = this.podsByNode(pods.filter((pod) => !this.owned.isLeaving(pod)));
    for (const node of this.nodes.values()) {
      const name = node.metadata.name ?? '';
      const here = byNode.get(name) ?? [];
      byNode.delete(name);
      const { run, stay } = verdict(set, node);
      const failure = run
        ? yield* this.ensureOne(set, name, here, hash)
        : stay
          ? undefined
          : yield* this.deletePods(set, here);
      if (failure) return failure;
    }
    for (const stray of byNode.values()) {
      const failure = yield* this.deletePods(set, stray);
      if (failure) return failure;
    }
    return undefined;
  }

  private *ensureOne(
    set: DaemonSet,
    node: string,
    here: readonly Pod[],
    hash: string,
  ): Routine<string | undefined> {
    const failed = here.filter(
      (pod) => pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded',
    );
    for (const pod of failed) {
      if (pod.metadata.deletionTimestamp) continue;
      const phase = pod.status?.phase === 'Failed' ? 'failed' : 'succeeded';
      const message = `Found ${phase} daemon pod ${keyOf(pod)} on node ${node}, will try to kill it`;
      const reason = phase === 'failed' ? 'FailedDaemonPod' : 'SucceededDaemonPod';
      this.events.event(set, phase === 'failed' ? 'Warning' : 'Normal', reason, message);
    }
    const failure = yield* this.deletePods(set, failed);
    if (failure || failed.length > 0) return failure;
    const live = here.filter((pod) => !pod.metadata.deletionTimestamp);
    if (live.length > 1) return yield* this.deletePods(set, live.slice(1));
    if (here.length > 0) return undefined;
    const created = yield* this.client.create(resources.pods, daemonPod(set, node, hash));
    if (created instanceof Refusal) {
      this.events.event(set, 'Warning', 'FailedCreate', `Error creating: ${created.message}`);
      return created.message;
    }
    this.events.event(set, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`);
    return undefined;
  }

  private *deletePods(set: DaemonSet, pods: readonly Pod[]): Routine<string | undefined> {
    for (const pod of pods) {
      if (pod.metadata.deletionTimestamp || this.owned.isLeaving(pod)) continue;
      const { namespace = '', name = '' } = pod.metadata;
      this.owned.leaving(pod);
      const deleted = yield* this.client.delete(resources.pods, namespace, name);
      if (deleted instanceof Refusal && deleted.reason !== 'NotFound') {
        this.owned.staying(pod);
        return deleted.message;
      }
      this.events.event(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
    }
    return undefined;
  }

  /** RollingUpdate: old pods go, as many at a time as may be unavailable. */
  private *update(set: DaemonSet, hash: string): Routine<string | undefined> {
    const { updateStrategy } = set.spec;
    if (updateStrategy?.type === 'OnDelete') return undefined;
    const desired = [...this.nodes.values()].filter((node) => verdict(set, node).run).length;
    const share = updateStrategy?.rollingUpdate?.maxUnavailable;
    const most = Math.max(1, resolveShare(share ?? 1, desired, true));
    const { minReadySeconds = 0 } = set.spec;
    const pods = this.owned.of(set).filter(isPodActive);
    const available = pods.filter(
      (pod) => isPodAvailable(pod, minReadySeconds, this.simulation) && !this.owned.isLeaving(pod),
    );
    let room = most - (desired - available.length);
    const old = pods.filter((pod) => pod.metadata.labels?.[REVISION_LABEL] !== hash);
    const doomed: Pod[] = [];
    for (const pod of old) {
      const isAvailable = available.includes(pod);
      if (isAvailable && room <= 0) continue;
      if (isAvailable) room--;
      doomed.push(pod);
    }
    return yield* this.deletePods(set, doomed);
  }
}

/** A change of a node that a daemon set may have to act on. */
function matters(after: Node, before: Node): boolean {
  return after.spec !== before.spec || after.metadata.labels !== before.metadata.labels;
}
