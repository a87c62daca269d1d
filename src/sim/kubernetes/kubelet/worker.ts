// One pod's worker (pod_workers.go, syncPod): looks at what the runtime has, reports it, takes the next steps, and sleeps
// until something changes.

import { makeDirectories } from '../../containers/containerd/daemon.ts';
import { isRpcError, rpcErrorText } from '../../containers/rpc.ts';
import type { Timer } from '../../core/events.ts';
import { epochMilliseconds, MILLISECOND, SECOND } from '../../core/time.ts';
import { type Routine, sleepUntil, WaitQueue, waitUntil } from '../../core/wait.ts';
import type { Container } from '../api/types/container.ts';
import type { Pod, PodStatus } from '../api/types/pod.ts';
import { computeActions, type PodActions } from './actions.ts';
import { logDirectory, sandboxConfig } from './container.ts';
import type { Waiting } from './container-status.ts';
import { type KubeletContext, podDirectory } from './context.ts';
import type { PodObservation } from './cri.ts';
import { killContainer, killPod } from './kill.ts';
import { lastWords } from './last-words.ts';
import { Prober } from './prober.ts';
import { PodResize } from './resize.ts';
import { makePodCgroup, removePodCgroup } from './resources.ts';
import { startContainer } from './start.ts';
import { type PodFailure, podStatus } from './status.ts';
import { changesLater, type MountedVolumes, mountVolumes, removePodDirectory } from './volumes.ts';

const VOLUME_RESYNC = 60 * SECOND;
const FIRST_MOUNT_RETRY = SECOND / 2;
/** The volume manager's reconciler mounts what a new pod asks for before it is looked at again (WaitForAttachAndMount). */
const MOUNT_LOOK = 300 * MILLISECOND;
const LONGEST_MOUNT_RETRY = 122 * SECOND;
const SANDBOX_RETRY = 10 * SECOND;
const NETWORK_RETRY = 2 * SECOND;
const NOTHING: PodObservation = { sandboxes: [], ip: '', containers: new Map() };

/** What a worker needs of the kubelet around it. */
export interface WorkerHost {
  /** Writes a status to the API server. */
  report(pod: Pod, status: PodStatus): Routine<void>;
  /** The pods that the node has beside this one. */
  othersOf(worker: PodWorker): Pod[];
  /** The pod's containers have ended and everything is cleaned up. */
  finished(worker: PodWorker): Routine<void>;
}

export class PodWorker {
  pod: Pod;
  readonly isStatic: boolean;
  /** What was reported last. */
  status: PodStatus | undefined;
  observation: PodObservation = NOTHING;
  private readonly context: KubeletContext;
  private readonly host: WorkerHost;
  private readonly changed = new WaitQueue();
  private readonly prober: Prober;
  private readonly waiting = new Map<string, Waiting>();
  private readonly messages = new Map<string, string>();
  private readonly resize: PodResize;
  private dirty = true;
  /** A probe has found something that was not reported yet. */
  private probed = false;
  private removed = false;
  /** The volumes as they were mounted last. */
  private mounted: MountedVolumes | undefined;
  private mountRetry = FIRST_MOUNT_RETRY;
  private failure: PodFailure | undefined;
  /** Seconds that the containers of a pod get that fails as a whole. */
  private failureGrace: number | undefined;
  private deadline: Timer | undefined;

  constructor(context: KubeletContext, host: WorkerHost, pod: Pod, isStatic: boolean) {
    this.context = context;
    this.host = host;
    this.pod = pod;
    this.isStatic = isStatic;
    this.resize = new PodResize(context);
    this.prober = new Prober(
      context,
      () => this.pod,
      () => this.heardProbe(),
    );
  }

  /** The pod with the resources that the node has set aside for it. */
  get toRun(): Pod {
    return this.resize.toRun(this.pod);
  }

  /** A resize waits for room on the node. */
  get isDeferred(): boolean {
    return this.resize.isDeferred;
  }

  /** Something about the pod may have changed. */
  wake(): void {
    this.dirty = true;
    this.changed.wake();
  }

  /** What probes find is reported at once (SetContainerReadiness); what follows from it takes its turn. */
  private heardProbe(): void {
    this.probed = true;
    this.wake();
  }

  /** The pod as it is now. */
  update(pod: Pod): void {
    this.pod = pod;
    this.wake();
  }

  /** The pod is not wanted any more, whatever its object says. */
  remove(): void {
    this.removed = true;
    this.wake();
  }

  /** The pod ends as Failed: its containers get `grace` seconds, or what the pod says. */
  evict(failure: PodFailure, grace?: number): void {
    this.failure = failure;
    this.failureGrace = grace;
    this.wake();
  }

  /** True where the pod has Succeeded or Failed. */
  get isOver(): boolean {
    const phase = this.status?.phase;
    return this.failure !== undefined || phase === 'Succeeded' || phase === 'Failed';
  }

  /** The worker's routine: ends when the pod is gone. */
  *run(): Routine<void> {
    const { context } = this;
    const { simulation } = context;
    for (;;) {
      this.dirty = false;
      if (this.removed || this.pod.metadata.deletionTimestamp) {
        yield* this.terminate();
        return;
      }
      const again = yield* this.sync();
      const until = again === undefined ? undefined : simulation.now + again;
      const looked = context.pleg.after(simulation.now);
      yield* waitUntil(this.changed, () => this.dirty, until);
      yield* this.waitForLook(looked);
    }
  }

  /** podCache.GetNewerThan: a round needs to see what became of the one before; probes are reported meanwhile. */
  private *waitForLook(look: number): Routine<void> {
    for (;;) {
      if (this.probed) {
        this.probed = false;
        yield* this.report(false);
      }
      if (!(yield* waitUntil(this.changed, () => this.probed, look))) return;
    }
  }

  /** One round; when to look again where nothing happens before. */
  private *sync(): Routine<number | undefined> {
    const { context } = this;
    const seen = yield* context.cri.observe(this.pod.metadata.uid ?? '');
    if (isRpcError(seen)) return SANDBOX_RETRY;
    this.observation = seen;
    this.resize.allocate(this.pod, this.host.othersOf(this));
    const pod = this.resize.toRun(this.pod);
    const restarts = yield* this.resize.actuate(pod, seen);
    yield* this.lookAtContainers();
    this.checkDeadline();
    yield* this.report(false);
    if (this.isOver) {
      yield* this.stopAll(this.failureGrace);
      context.configMaps.unregister(pod);
      context.secrets.unregister(pod);
      return undefined;
    }
    if (context.runtime.networkProblem !== '' && !pod.spec.hostNetwork) {
      const message = `network is not ready: ${context.runtime.networkProblem}`;
      context.recorder.event(pod, 'Warning', 'NetworkNotReady', message);
      return NETWORK_RETRY;
    }
    context.configMaps.register(pod);
    context.secrets.register(pod);
    const volumes = yield* this.prepare();
    if (typeof volumes === 'number') return volumes;
    for (const { container, id } of restarts) {
      const message = `Container ${container.name} resize requires restart`;
      yield* killContainer(context, pod, { container, id, ip: this.ip, message });
    }
    if (restarts.length > 0) return 0;
    const actions = computeActions(pod.spec, seen, (name) => this.prober.verdict(name));
    const again = yield* this.act(actions, volumes);
    const later = (pod.spec.volumes ?? []).some(changesLater) ? VOLUME_RESYNC : undefined;
    return again === undefined ? later : Math.min(again, later ?? again);
  }

  /** activeDeadlineSeconds: the pod fails where its time is over. */
  private checkDeadline(): void {
    const { activeDeadlineSeconds } = this.pod.spec;
    const started = this.pod.status?.startTime ?? this.status?.startTime;
    if (activeDeadlineSeconds === undefined || started === undefined || this.isOver) return;
    const { simulation, recorder } = this.context;
    const end = Date.parse(started) + activeDeadlineSeconds * 1000;
    const left = (end - epochMilliseconds(simulation.now)) * 1_000_000;
    this.deadline?.cancel();
    if (left > 0) {
      this.deadline = simulation.after(left, () => this.wake());
      return;
    }
    const message = 'Pod was active on the node longer than the specified deadline';
    this.failure = { reason: 'DeadlineExceeded', message };
    recorder.event(this.pod, 'Normal', 'DeadlineExceeded', message);
  }

  /** Begins probes of what runs, ends those of what has ended, reads what containers left as their last words. */
  private *lookAtContainers(): Routine<void> {
    const { initContainers = [], containers, ephemeralContainers = [] } = this.pod.spec;
    const all: readonly Container[] = [...initContainers, ...containers, ...ephemeralContainers];
    for (const container of all) {
      const [newest] = this.observation.containers.get(container.name) ?? [];
      if (newest?.state === 'CONTAINER_RUNNING') {
        this.waiting.delete(container.name);
        this.prober.begin(container, newest, this.ip);
      } else this.prober.end(container.name);
      if (newest?.state === 'CONTAINER_EXITED' && !this.messages.has(newest.id))
        this.messages.set(newest.id, yield* lastWords(this.context, container, newest));
    }
  }

  private get ip(): string {
    return this.pod.spec.hostNetwork ? this.context.settings.nodeIp : this.observation.ip;
  }

  private *report(ended: boolean): Routine<void> {
    const { context } = this;
    const pod = this.resize.toRun(this.pod);
    const status = podStatus({
      pod: this.status ? { ...pod, status: { ...pod.status, ...this.status } } : pod,
      observation: this.observation,
      waiting: this.waiting,
      messages: this.messages,
      verdict: (name) => this.prober.verdict(name),
      ready: (name) => this.prober.ready(name),
      hostIp: context.settings.nodeIp,
      now: context.simulation.now,
      failure: this.failure,
      actual: (id) => this.resize.actualOf(id),
      resize: this.resize.conditions(),
      ended,
    });
    this.status = status;
    yield* this.host.report(pod, status);
  }

  /** The pod's cgroup, directories and volumes; a number: not possible now, when to try again. */
  private *prepare(): Routine<MountedVolumes | number> {
    const { context, pod } = this;
    yield* makePodCgroup(context, pod);
    makeDirectories(context.process, podDirectory(pod), 0o750);
    makeDirectories(context.process, logDirectory(pod));
    const { mounted, problems } = yield* mountVolumes(context, pod);
    if (!this.mounted && (pod.spec.volumes ?? []).length > 0)
      yield* sleepUntil(context.simulation.now + MOUNT_LOOK);
    if (problems.length === 0) {
      this.mountRetry = FIRST_MOUNT_RETRY;
      this.mounted = mounted;
      return mounted;
    }
    for (const problem of problems) context.recorder.event(pod, 'Warning', 'FailedMount', problem);
    // What could only not be refreshed stays mounted, and containers may start on it.
    if (this.mounted) return this.mounted;
    this.mountRetry = Math.min(this.mountRetry * 2, LONGEST_MOUNT_RETRY);
    return this.mountRetry;
  }

  private *act(actions: PodActions, volumes: MountedVolumes): Routine<number | undefined> {
    const { context, pod } = this;
    let did = false;
    if (actions.killPod) {
      if (actions.createSandbox) {
        const message = 'Pod sandbox changed, it will be killed and re-created.';
        context.recorder.event(pod, 'Normal', 'SandboxChanged', message);
      }
      did = yield* this.stopAll(undefined);
      if (!actions.createSandbox) return did ? this.untilLook() : undefined;
    }
    for (const order of actions.kill) {
      yield* killContainer(context, pod, { ...order, ip: this.ip });
      this.prober.end(order.container.name);
      did = true;
    }
    if (actions.createSandbox) {
      if (yield* this.makeSandbox(actions.attempt)) return SANDBOX_RETRY;
      did = true;
    }
    const started = yield* this.startAll(actions.start, volumes);
    if (did || started.did) return this.untilLook();
    if (started.again !== undefined) yield* this.report(false);
    return started.again;
  }

  /** Time to the next look at containers. */
  private untilLook(): number {
    const { pleg, simulation } = this.context;
    return pleg.after(simulation.now) - simulation.now;
  }

  /** True where it could not be made. */
  private *makeSandbox(attempt: number): Routine<boolean> {
    const { context, pod } = this;
    const made = yield* context.cri.runSandbox(sandboxConfig(context, pod, attempt));
    if (isRpcError(made)) {
      const message = `Failed to create pod sandbox: ${rpcErrorText(made)}`;
      context.recorder.event(pod, 'Warning', 'FailedCreatePodSandBox', message);
      return true;
    }
    yield* this.observe();
    return false;
  }

  private *observe(): Routine<void> {
    const seen = yield* this.context.cri.observe(this.pod.metadata.uid ?? '');
    if (!isRpcError(seen)) this.observation = seen;
  }

  private *startAll(
    list: readonly Container[],
    volumes: MountedVolumes,
  ): Routine<{ readonly did: boolean; readonly again: number | undefined }> {
    const { context, pod, waiting, observation } = this;
    const [sandbox] = observation.sandboxes;
    let did = false;
    let again: number | undefined;
    for (const container of list) {
      if (pod.metadata.deletionTimestamp || this.removed) break;
      const place = {
        pod,
        observation,
        sandboxId: sandbox?.id ?? '',
        ip: this.ip,
        volumes,
        waiting,
      };
      const wait = yield* startContainer(context, place, container);
      if (wait === undefined) did = true;
      else {
        again = Math.min(again ?? wait, wait);
        if (pod.spec.initContainers?.includes(container)) break;
      }
    }
    return { did, again };
  }

  /** Stops everything that runs; `grace` in seconds, the pod's own where not given. False: there was nothing. */
  private *stopAll(grace: number | undefined): Routine<boolean> {
    const before = this.observation;
    const ready = before.sandboxes.some(({ state }) => state === 'SANDBOX_READY');
    const running = [...before.containers.values()].some((list) =>
      list.some(({ state }) => state === 'CONTAINER_RUNNING'),
    );
    if (!ready && !running) return false;
    this.prober.stop(['liveness', 'startup']);
    yield* killPod(this.context, this.pod, before, this.ip, grace);
    this.prober.stop();
    yield* this.observe();
    yield* this.lookAtContainers();
    yield* this.report(this.isOver);
    return true;
  }

  /** The pod is being deleted: containers end, what was there is removed, the object goes last. */
  private *terminate(): Routine<void> {
    const { context, pod } = this;
    this.deadline?.cancel();
    yield* this.observe();
    yield* this.report(false);
    this.prober.stop(['liveness', 'startup']);
    const { deletionGracePeriodSeconds: grace, uid = '' } = pod.metadata;
    yield* killPod(context, pod, this.observation, this.ip, grace);
    this.prober.stop();
    yield* this.observe();
    yield* this.lookAtContainers();
    yield* this.report(true);
    yield* sleepUntil(context.pleg.after(context.simulation.now));
    if (!this.isStatic) yield* this.collect();
    context.configMaps.unregister(pod);
    context.secrets.unregister(pod);
    removePodDirectory(context, pod);
    removePodCgroup(context, pod);
    context.restarts.forget(`${uid}_`);
    context.pulls.forget(`${uid}_`);
    yield* this.host.finished(this);
  }

  /** Removes what is left of the pod's sandboxes and their containers. */
  *collect(): Routine<void> {
    for (const { id } of this.observation.sandboxes) yield* this.context.cri.removeSandbox(id);
  }
}
