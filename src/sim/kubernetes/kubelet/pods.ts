// The kubelet's pods: those that the API server binds to the node and those of manifests, each with a worker; static pods
// with their mirrors in the API.

import { MINUTE, rfc3339, SECOND } from '../../core/time.ts';
import { type Routine, sleepUntil, WaitQueue, waitUntil } from '../../core/wait.ts';
import { Refusal } from '../api/client.ts';
import { resources } from '../api/client-resources.ts';
import { sameJson } from '../api/object.ts';
import { qosClass } from '../api/resources/qos.ts';
import type { Pod, PodStatus } from '../api/types/pod.ts';
import type { Informer } from '../controllers/machinery/informer.ts';
import { keyOf } from '../controllers/machinery/informer.ts';
import { admit } from './admission.ts';
import type { KubeletContext } from './context.ts';
import type { PodObservation } from './cri.ts';
import { CONFIG } from './static-pods.ts';
import { PodWorker, type WorkerHost } from './worker.ts';

/** How often the kubelet compares what it knows of pods with what the API server has (syncBatch). */
const SYNC_PERIOD = 10 * SECOND;

export class PodManager implements WorkerHost {
  private readonly context: KubeletContext;
  private readonly informer: Informer<Pod>;
  /** By the uid under which the runtime knows them. */
  readonly workers = new Map<string, PodWorker>();
  /** Pods that have ended here, and whose objects are still there. */
  private readonly done = new Set<string>();
  /** New pods whose admission is under way. */
  private readonly taking = new Set<string>();
  private readonly statics = new Map<string, Pod>();
  /** Static pods whose mirror is to be looked after, by key. */
  private readonly mirrors = new Set<string>();
  private readonly mirrorWork = new WaitQueue();
  /** Static pods that wait until the one before them under the same name is gone. */
  private readonly reported = new Map<string, PodStatus>();

  constructor(context: KubeletContext, informer: Informer<Pod>) {
    this.context = context;
    this.informer = informer;
    informer.onChange((after, before) => this.changed(after, before));
    context.spawn(this.keepMirrors());
  }

  /** The pods with what was reported of them. */
  list(): Pod[] {
    return [...this.workers.values()].map(({ pod, status }) => (status ? { ...pod, status } : pod));
  }

  /** What the runtime had of each pod at the last look. */
  observed(): PodObservation[] {
    return [...this.workers.values()].map(({ observation }) => observation);
  }

  /** A pod by namespace and name: the newest, where one of that name is still being removed. */
  find(namespace: string, name: string): PodWorker | undefined {
    const named = [...this.workers.values()].filter(
      ({ pod }) => pod.metadata.namespace === namespace && pod.metadata.name === name,
    );
    return named.at(-1);
  }

  /** The containers of a pod changed. */
  wake(uid: string): void {
    this.workers.get(uid)?.wake();
  }

  /** All static pods that there are to be. */
  setStatic(pods: readonly Pod[]): void {
    const wanted = new Map(pods.map((pod) => [pod.metadata.uid ?? '', pod]));
    for (const [uid, pod] of [...this.statics]) {
      if (wanted.has(uid)) continue;
      this.statics.delete(uid);
      this.workers.get(uid)?.remove();
      this.lookAfter(keyOf(pod));
    }
    for (const [uid, pod] of wanted) {
      this.statics.set(uid, pod);
      const before = [...this.workers.values()].some(
        (worker) => worker.isStatic && keyOf(worker.pod) === keyOf(pod),
      );
      if (!before) this.startWorker(pod, true);
      this.lookAfter(keyOf(pod));
    }
  }

  private startWorker(pod: Pod, isStatic: boolean): void {
    const uid = pod.metadata.uid ?? '';
    if (this.workers.has(uid)) return;
    const worker = new PodWorker(this.context, this, pod, isStatic);
    this.workers.set(uid, worker);
    this.context.spawn(worker.run());
  }

  private changed(after: Pod | undefined, before: Pod | undefined): void {
    const pod = after ?? before;
    if (!pod) return;
    if (pod.metadata.annotations?.[CONFIG.mirror] !== undefined) {
      this.lookAfter(keyOf(pod));
      return;
    }
    const { uid = '' } = pod.metadata;
    if (this.done.has(uid)) {
      if (!after) this.done.delete(uid);
      return;
    }
    const worker = this.workers.get(uid);
    if (!after) worker?.remove();
    else if (worker) {
      const same =
        after.metadata.generation === worker.pod.metadata.generation &&
        after.metadata.deletionTimestamp === worker.pod.metadata.deletionTimestamp &&
        JSON.stringify(after.metadata.labels) === JSON.stringify(worker.pod.metadata.labels) &&
        JSON.stringify(after.metadata.annotations) ===
          JSON.stringify(worker.pod.metadata.annotations);
      if (same) worker.pod = after;
      if (this.saysOther(worker, after)) this.context.spawn(this.reconcile(worker));
      else worker.update(after);
    } else if (after.metadata.deletionTimestamp || after.status?.phase !== 'Pending') {
      if (!isFinished(after) || after.metadata.deletionTimestamp) this.startWorker(after, false);
    } else this.context.spawn(this.take(after));
  }

  /** Whether the API server has another phase for a pod than what was reported last. */
  private saysOther({ status }: PodWorker, { metadata, status: said }: Pod): boolean {
    const reported = this.reported.get(metadata.uid ?? '');
    if (reported === undefined || said?.phase === reported.phase) return false;
    return status?.phase === reported.phase;
  }

  /** A status that somebody else wrote is put right at the next round of syncBatch. */
  private *reconcile(worker: PodWorker): Routine<void> {
    const { simulation } = this.context;
    yield* sleepUntil((Math.floor(simulation.now / SYNC_PERIOD) + 1) * SYNC_PERIOD);
    const now = this.informer.get(keyOf(worker.pod));
    if (!now || !worker.status || !this.saysOther(worker, now)) return;
    this.reported.delete(now.metadata.uid ?? '');
    yield* this.report(now, worker.status);
  }

  /** Those that the node has room set aside for: not those that are over, or that the API has let go of (filterOutInactivePods). */
  private active(): PodWorker[] {
    return [...this.workers.values()].filter((worker) => {
      const known = worker.isStatic ? worker.pod : this.informer.get(keyOf(worker.pod));
      return !worker.isOver && known !== undefined && !isFinished(known);
    });
  }

  othersOf(worker: PodWorker): Pod[] {
    return this.active().flatMap((other) => (other === worker ? [] : [other.toRun]));
  }

  /** A new pod: taken where the node has room for it. */
  private *take(pod: Pod): Routine<void> {
    const { uid = '' } = pod.metadata;
    if (this.taking.has(uid)) return;
    this.taking.add(uid);
    const others = this.active();
    const refused = yield* admit(
      this.context,
      pod,
      others.map((worker) => worker.toRun),
    );
    this.taking.delete(uid);
    if (!refused) {
      const now = this.informer.get(keyOf(pod));
      if (now?.metadata.uid === uid) this.startWorker(now, false);
      return;
    }
    const { reason, message } = refused;
    this.context.recorder.event(pod, 'Warning', reason, message);
    yield* this.report(pod, {
      phase: 'Failed',
      reason,
      message: `Pod was rejected: ${message}`,
      startTime: rfc3339(this.context.simulation.now),
      qosClass: qosClass(pod.spec),
    });
  }

  *report(pod: Pod, status: PodStatus): Routine<void> {
    const { client } = this.context;
    const { namespace = '', name = '', uid = '' } = pod.metadata;
    if (sameJson(this.reported.get(uid), status)) return;
    const target =
      this.statics.has(uid) || this.workers.get(uid)?.isStatic
        ? this.informer.get(keyOf(pod))?.metadata.uid
        : uid;
    if (target === undefined) return;
    // Conditions are merged by type: a reason or message that is over has to be taken away.
    const conditions = status.conditions?.map((condition) => ({
      reason: null,
      message: null,
      ...condition,
    }));
    const kept = new Set(status.conditions?.map(({ type }) => type));
    const gone = (this.reported.get(uid)?.conditions ?? []).flatMap(({ type }) =>
      kept.has(type) ? [] : [{ type, $patch: 'delete' }],
    );
    const body = {
      metadata: { uid: target },
      status: { ...status, ...(conditions ? { conditions: [...conditions, ...gone] } : {}) },
    };
    const done = yield* client.patch(resources.pods, namespace, name, 'strategic', body, {
      subresource: 'status',
    });
    if (!(done instanceof Refusal)) this.reported.set(uid, status);
    else
      this.context.log(
        'E',
        'status_manager.go:895',
        `"Failed to update status for pod" err="${done.message}" pod="${namespace}/${name}"`,
      );
  }

  *finished(worker: PodWorker): Routine<void> {
    const { client } = this.context;
    const { metadata } = worker.pod;
    const { namespace = '', name = '', uid = '' } = metadata;
    for (const other of this.workers.values()) if (other.isDeferred) other.wake();
    if (!worker.isStatic) {
      // Known until the object is gone: its last changes are not those of a new pod.
      yield* client.delete(resources.pods, namespace, name, {
        gracePeriodSeconds: 0,
        preconditions: { uid },
      });
      this.workers.delete(uid);
      this.reported.delete(uid);
      // A finalizer may hold the object; the kubelet is done with the pod all the same.
      if (this.informer.get(keyOf(worker.pod))?.metadata.uid === uid) this.done.add(uid);
      return;
    }
    this.workers.delete(uid);
    this.reported.delete(uid);
    for (const pod of this.statics.values())
      if (keyOf(pod) === keyOf(worker.pod)) this.startWorker(pod, true);
    this.lookAfter(keyOf(worker.pod));
    this.context.spawn(this.collectLater(worker));
  }

  /** What a static pod leaves goes in the minute's round, unless the same manifest is back by then and finds it again. */
  private *collectLater(worker: PodWorker): Routine<void> {
    const { now } = this.context.simulation;
    yield* sleepUntil(Math.ceil(now / MINUTE) * MINUTE);
    if (!this.workers.has(worker.pod.metadata.uid ?? '')) yield* worker.collect();
  }

  private lookAfter(key: string): void {
    this.mirrors.add(key);
    this.mirrorWork.wake();
  }

  /** Makes, replaces and deletes mirror pods; tries again while the API server does not answer. */
  private *keepMirrors(): Routine<void> {
    for (;;) {
      yield* waitUntil(this.mirrorWork, () => this.mirrors.size > 0);
      if (!this.informer.synced) yield* this.informer.waitForSync();
      const keys = [...this.mirrors];
      this.mirrors.clear();
      for (const key of keys) {
        if (yield* this.keepMirror(key)) continue;
        this.context.simulation.after(2_000_000_000, () => this.lookAfter(key));
      }
    }
  }

  private *keepMirror(key: string): Routine<boolean> {
    const { client, settings } = this.context;
    const pod = [...this.statics.values()].find((one) => keyOf(one) === key);
    const mirror = this.informer.get(key);
    const hash = pod?.metadata.annotations?.[CONFIG.hash];
    // The mirror of a static pod that is gone stays until its containers have ended.
    const ending = [...this.workers.values()].some(
      (worker) => worker.isStatic && keyOf(worker.pod) === key,
    );
    if (!pod && ending) return true;
    if (
      mirror &&
      (!pod ||
        mirror.metadata.deletionTimestamp ||
        mirror.metadata.annotations?.[CONFIG.mirror] !== hash)
    ) {
      const { namespace = '', name = '', uid = '' } = mirror.metadata;
      yield* client.delete(resources.pods, namespace, name, {
        gracePeriodSeconds: 0,
        preconditions: { uid },
      });
      return true;
    }
    if (mirror || !pod || hash === undefined) {
      if (pod) this.reportAgain(pod);
      return true;
    }
    const node = yield* client.get(resources.nodes, '', settings.nodeName);
    if (node instanceof Refusal) return false;
    const { uid: _own, ...metadata } = pod.metadata;
    const owner = {
      apiVersion: 'v1',
      kind: 'Node',
      name: settings.nodeName,
      uid: node.metadata.uid ?? '',
      controller: true,
    };
    const { status: _none, ...rest } = pod;
    const made = yield* client.create(resources.pods, {
      ...rest,
      metadata: {
        ...metadata,
        annotations: { ...metadata.annotations, [CONFIG.mirror]: hash },
        ownerReferences: [owner],
      },
    });
    if (made instanceof Refusal && made.reason !== 'AlreadyExists') return false;
    return true;
  }

  /** The mirror is new: what is known of the pod is written into it. */
  private reportAgain(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const mirror = this.informer.get(keyOf(pod));
    if (mirror?.status?.containerStatuses === undefined) {
      this.reported.delete(uid);
      this.workers.get(uid)?.wake();
    }
  }
}

function isFinished({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}
