// One pod's worker (pod_workers.go, syncPod): looks at what the runtime has, reports it, takes the next steps, and sleeps
// until something changes.

import type { Timer } from '../../core/events.ts';
import { SECOND } from '../../core/time.ts';
import { type Routine, WaitQueue, waitUntil } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { makeDirectories } from '../../containers/containerd/daemon.ts';
import { isRpcError, rpcErrorText } from '../../containers/rpc.ts';
import type { Container } from '../api/types/container.ts';
import type { Pod, PodStatus } from '../api/types/pod.ts';
import { readText } from '../component/kubeconfig.ts';
import { computeActions, type PodActions } from './actions.ts';
import { containerConfig, logDirectory, sandboxConfig } from './container.ts';
import { containerSubject, type KubeletContext, podDirectory, podText } from './context.ts';
import type { Observed, PodObservation } from './cri.ts';
import { ensureImage } from './images.ts';
import { Killer } from './kill.ts';
import { Prober } from './prober.ts';
import { durationText } from './duration.ts';
import { makePodCgroup, removePodCgroup } from './resources.ts';
import { podStatus, type Waiting } from './status.ts';
import { runHook } from './handlers.ts';
import { changesLater, type MountedVolumes, mountVolumes, removePodDirectory } from './volumes.ts';

const VOLUME_RESYNC = 60 * SECOND;
const FIRST_MOUNT_RETRY = SECOND / 2;
const SANDBOX_RETRY = 10 * SECOND;
const IMAGE_RETRY = 12 * SECOND;
const NOTHING: PodObservation = { sandboxes: [], ip: '', containers: new Map() };

/** What a worker needs of the kubelet around it. */
export interface WorkerHost {
  /** Writes a status to the API server. */
  report(pod: Pod, status: PodStatus): Routine<void>;
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
  private readonly killer: Killer;
  private readonly waiting = new Map<string, Waiting>();
  private readonly messages = new Map<string, string>();
  private dirty = true;
  private removed = false;
  private mountRetry = FIRST_MOUNT_RETRY;
  private failure: { readonly reason: string; readonly message: string } | undefined;
  private deadline: Timer | undefined;

  constructor(context: KubeletContext, host: WorkerHost, pod: Pod, isStatic: boolean) {
    this.context = context;
    this.host = host;
    this.pod = pod;
    this.isStatic = isStatic;
    this.prober = new Prober(
      context,
      () => this.pod,
      () => this.wake(),
    );
    this.killer = new Killer(context);
  }

  /** Something about the pod may have changed. */
  wake(): void {
    this.dirty = true;
    this.changed.wake();
  }

  /** The pod as it is now. */
  update(pod: Pod): void {
    this.pod = this.isStatic ? pod : pod;
    this.wake();
  }

  /** The pod is not wanted any more, whatever its object says. */
  remove(): void {
    this.removed = true;
    this.wake();
  }

  /** The worker's routine: ends when the pod is gone. */
  *run(): Routine<void> {
    const { simulation } = this.context;
    for (;;) {
      this.dirty = false;
      if (this.removed || this.pod.metadata.deletionTimestamp) {
        yield* this.terminate();
        return;
      }
      const again = yield* this.sync();
      const until = again === undefined ? undefined : simulation.now + again;
      yield* waitUntil(this.changed, () => this.dirty, until);
    }
  }

  /** One round; when to look again where nothing happens before. */
  private *sync(): Routine<number | undefined> {
    const { context, pod } = this;
    const seen = yield* context.cri.observe(pod.metadata.uid ?? '');
    if (isRpcError(seen)) return 10 * SECOND;
    this.observation = seen;
    yield* this.lookAtContainers();
    const over = this.checkDeadline();
    yield* this.report(false);
    if (over || this.isOver()) {
      yield* this.stopAll(over ? 0 : undefined);
      return undefined;
    }
    const volumes = yield* this.prepare();
    if (typeof volumes === 'number') return volumes;
    const actions = computeActions(pod.spec, seen, (name) => this.prober.verdict(name));
    const again = yield* this.act(actions, volumes);
    const later = (pod.spec.volumes ?? []).some(changesLater) ? VOLUME_RESYNC : undefined;
    return again === undefined ? later : Math.min(again, later ?? again);
  }

  private isOver(): boolean {
    return this.status?.phase === 'Succeeded' || this.status?.phase === 'Failed';
  }

  /** activeDeadlineSeconds: true where the pod's time is over. */
  private checkDeadline(): boolean {
    const { activeDeadlineSeconds } = this.pod.spec;
    const started = this.pod.status?.startTime ?? this.status?.startTime;
    if (activeDeadlineSeconds === undefined || started === undefined || this.isOver()) return false;
    const { simulation, recorder } = this.context;
    const passed = Date.parse(started) + activeDeadlineSeconds * 1000;
    const left = (passed - Date.parse(this.nowText())) * 1_000_000;
    if (left <= 0) {
      this.failure = {
        reason: 'DeadlineExceeded',
        message: 'Pod was active on the node longer than the specified deadline',
      };
      recorder.event(this.pod, 'Normal', 'DeadlineExceeded', this.failure.message);
      return true;
    }
    this.deadline?.cancel();
    this.deadline = simulation.after(left, () => this.wake());
    return false;
  }

  private nowText(): string {
    return new Date(
      Date.UTC(2026, 2, 2, 9) + this.context.simulation.now / 1_000_000,
    ).toISOString();
  }

  /** Begins probes of what runs, ends those of what has ended, reads what containers left as their last words. */
  private *lookAtContainers(): Routine<void> {
    const { spec } = this.pod;
    for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
      const [newest] = this.observation.containers.get(container.name) ?? [];
      if (newest?.state === 'CONTAINER_RUNNING') {
        this.waiting.delete(container.name);
        this.prober.begin(container, newest.id, this.ip);
      } else this.prober.end(container.name);
      if (newest?.state === 'CONTAINER_EXITED' && !this.messages.has(newest.id)) {
        this.messages.set(newest.id, yield* this.lastWords(container, newest));
      }
    }
  }

  private *lastWords(container: Container, status: Observed): Routine<string> {
    const place = container.terminationMessagePath ?? '/dev/termination-log';
    const file = status.mounts.find(({ containerPath }) => containerPath === place)?.hostPath;
    const text = file === undefined ? '' : yield* readText(this.context.process, file);
    if (!isErrno(text) && text !== '') return text.slice(0, 4096);
    if (container.terminationMessagePolicy !== 'FallbackToLogsOnError' || status.exitCode === 0)
      return '';
    const log = yield* readText(this.context.process, status.logPath);
    if (isErrno(log)) return '';
    const lines = log
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(' ').slice(3).join(' '));
    return lines.slice(-80).join('\n').slice(-2048);
  }

  private get ip(): string {
    return this.pod.spec.hostNetwork ? this.context.settings.nodeIp : this.observation.ip;
  }

  private *report(ended: boolean): Routine<void> {
    const { context, pod } = this;
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
    const volumes = yield* mountVolumes(context, pod);
    if (!('problem' in volumes)) {
      this.mountRetry = FIRST_MOUNT_RETRY;
      return volumes;
    }
    const message = `MountVolume.SetUp failed for volume "${volumes.volume}" : ${volumes.problem}`;
    context.recorder.event(pod, 'Warning', 'FailedMount', message);
    this.mountRetry = Math.min(this.mountRetry * 2, 122 * SECOND);
    return this.mountRetry;
  }

  private *act(actions: PodActions, volumes: MountedVolumes): Routine<number | undefined> {
    const { context, pod } = this;
    let [sandbox] = this.observation.sandboxes;
    let sandboxId = sandbox?.state === 'SANDBOX_READY' ? sandbox.id : '';
    if (actions.killPod) {
      if (actions.createSandbox) {
        context.recorder.event(
          pod,
          'Normal',
          'SandboxChanged',
          'Pod sandbox changed, it will be killed and re-created.',
        );
      }
      yield* this.stopAll(undefined);
    }
    for (const { container, id, message } of actions.kill) {
      yield* this.killer.killContainer(pod, container, id, this.ip, message);
      this.prober.end(container.name);
    }
    if (actions.createSandbox) {
      const made = yield* context.cri.runSandbox(sandboxConfig(context, pod, actions.attempt));
      if (isRpcError(made)) {
        const message = `Failed to create pod sandbox: ${rpcErrorText(made)}`;
        context.recorder.event(pod, 'Warning', 'FailedCreatePodSandBox', message);
        return SANDBOX_RETRY;
      }
      sandboxId = made;
      const seen = yield* context.cri.observe(pod.metadata.uid ?? '');
      if (!isRpcError(seen)) this.observation = seen;
      [sandbox] = this.observation.sandboxes;
    }
    let again: number | undefined;
    let did = actions.createSandbox || actions.kill.length > 0 || actions.killPod;
    for (const container of actions.start) {
      const wait = yield* this.start(container, sandboxId, volumes);
      if (wait === undefined) did = true;
      else again = Math.min(again ?? wait, wait);
    }
    if (did) this.dirty = true;
    else if (again !== undefined) yield* this.report(false);
    return again;
  }

  /** Starts a container; a number: it has to wait that long. */
  private *start(
    container: Container,
    sandboxId: string,
    volumes: MountedVolumes,
  ): Routine<number | undefined> {
    const { context, pod } = this;
    const { recorder, cri, simulation } = context;
    const init = pod.spec.initContainers?.includes(container) ?? false;
    const about = containerSubject(pod, container.name, init);
    const history = this.observation.containers.get(container.name) ?? [];
    const put = this.putOff(container, history[0], about);
    if (put !== undefined) return put;
    const image = yield* ensureImage(context, pod, container, init);
    if (!('imageRef' in image)) {
      this.waiting.set(container.name, image);
      return IMAGE_RETRY;
    }
    const attempt = history[0] ? (history[0].metadata.attempt ?? 0) + 1 : 0;
    const hosts = yield* readText(context.process, '/etc/hosts');
    const nodeHosts = isErrno(hosts) ? '' : hosts;
    const request = {
      pod,
      container,
      attempt,
      ip: this.ip,
      volumes,
      imageRef: image.imageRef,
      nodeHosts,
    };
    const problem = yield* this.identityProblem(container, image.imageRef);
    const config = problem ?? (yield* containerConfig(context, request));
    if (typeof config === 'string') {
      recorder.event(about, 'Warning', 'Failed', `Error: ${config}`);
      this.waiting.set(container.name, { reason: 'CreateContainerConfigError', message: config });
      return IMAGE_RETRY;
    }
    simulation.because(
      `kubelet starts container ${container.name} of pod ${pod.metadata.namespace}/${pod.metadata.name}`,
      {
        kind: 'pod',
        name: `${pod.metadata.namespace}/${pod.metadata.name}`,
        machine: context.settings.nodeName,
      },
    );
    const id = yield* cri.createContainer(sandboxId, config);
    if (isRpcError(id)) {
      recorder.event(about, 'Warning', 'Failed', `Error: ${id.message}`);
      this.waiting.set(container.name, { reason: 'CreateContainerError', message: id.message });
      return IMAGE_RETRY;
    }
    recorder.event(about, 'Normal', 'Created', 'Container created');
    makeDirectories(context.process, `${logDirectory(pod)}/${container.name}`);
    const started = yield* cri.startContainer(id);
    this.linkLog(container, id, attempt);
    if (isRpcError(started)) {
      recorder.event(about, 'Warning', 'Failed', `Error: ${started.message}`);
      this.waiting.set(container.name, { reason: 'RunContainerError', message: started.message });
      return undefined;
    }
    recorder.event(about, 'Normal', 'Started', 'Container started');
    this.waiting.delete(container.name);
    yield* this.dropOld(history);
    yield* this.afterStart(container, id, about);
    return undefined;
  }

  /** runAsNonRoot against the user that the image asks for. */
  private *identityProblem(container: Container, imageRef: string): Routine<string | undefined> {
    const own = container.securityContext ?? {};
    const ofPod = this.pod.spec.securityContext ?? {};
    if (!(own.runAsNonRoot ?? ofPod.runAsNonRoot)) return undefined;
    const user = own.runAsUser ?? ofPod.runAsUser;
    const where = `pod: "${podText(this.pod)}", container: ${container.name}`;
    if (user === 0) return `container's runAsUser breaks non-root policy (${where})`;
    if (user !== undefined) return undefined;
    const image = yield* this.context.cri.image(imageRef);
    if (isRpcError(image) || image === null) return undefined;
    if (image.uid === null) {
      return `container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root (${where})`;
    }
    return image.uid.value === 0
      ? `container has runAsNonRoot and image will run as root (${where})`
      : undefined;
  }

  /** Back-off of restarts: how long the container has to wait; undefined where it may start now. */
  private putOff(
    container: Container,
    last: Observed | undefined,
    about: ReturnType<typeof containerSubject>,
  ): number | undefined {
    if (last?.state !== 'CONTAINER_EXITED') return undefined;
    const { restarts, simulation, recorder } = this.context;
    const key = `${this.pod.metadata.uid}_${container.name}`;
    const ended = Number(BigInt(last.finishedAt) - BigInt(Date.UTC(2026, 2, 2, 9)) * 1_000_000n);
    const left = restarts.remaining(key, ended, simulation.now);
    if (left <= 0) {
      restarts.next(key, simulation.now);
      return undefined;
    }
    const wait = durationText(restarts.wait(key));
    const text = `back-off ${wait} restarting failed container=${container.name} pod=${podText(this.pod)}`;
    const already = this.waiting.get(container.name)?.message === text;
    this.waiting.set(container.name, { reason: 'CrashLoopBackOff', message: text });
    if (!already) {
      recorder.event(
        about,
        'Warning',
        'BackOff',
        `Back-off restarting failed container ${container.name} in pod ${podText(this.pod)}`,
      );
    }
    return left;
  }

  /** Of containers that ended, the last one is kept for its log. */
  private *dropOld(history: readonly Observed[]): Routine<void> {
    for (const { id } of history.slice(1)) yield* this.context.cri.removeContainer(id);
  }

  private linkLog(container: Container, id: string, attempt: number): void {
    const { process: p } = this.context;
    const { name, namespace } = this.pod.metadata;
    makeDirectories(p, '/var/log/containers');
    p.symlink(
      `${logDirectory(this.pod)}/${container.name}/${attempt}.log`,
      `/var/log/containers/${name}_${namespace}_${container.name}-${id}.log`,
    );
  }

  private *afterStart(
    container: Container,
    id: string,
    about: ReturnType<typeof containerSubject>,
  ): Routine<void> {
    const hook = container.lifecycle?.postStart;
    if (!hook) return;
    const failed = yield* runHook(this.context, container, id, this.ip, hook);
    if (!failed) return;
    this.context.recorder.event(about, 'Warning', 'FailedPostStartHook', 'PostStartHook failed');
    yield* this.killer.killContainer(this.pod, container, id, this.ip, 'FailedPostStartHook');
  }

  /** Stops everything that runs; `grace` in seconds, the pod's own where not given. */
  private *stopAll(grace: number | undefined): Routine<void> {
    const before = this.observation;
    const ready = before.sandboxes.some(({ state }) => state === 'SANDBOX_READY');
    const running = [...before.containers.values()].some((list) =>
      list.some(({ state }) => state === 'CONTAINER_RUNNING'),
    );
    if (!ready && !running) return;
    yield* this.killer.killPod(this.pod, before, this.ip, grace);
    this.prober.stop();
    const seen = yield* this.context.cri.observe(this.pod.metadata.uid ?? '');
    if (!isRpcError(seen)) this.observation = seen;
    yield* this.lookAtContainers();
    yield* this.report(false);
  }

  /** The pod is being deleted: containers end, what was there is removed, the object goes last. */
  private *terminate(): Routine<void> {
    const { context, pod } = this;
    this.deadline?.cancel();
    const seen = yield* context.cri.observe(pod.metadata.uid ?? '');
    if (!isRpcError(seen)) this.observation = seen;
    yield* this.killer.killPod(
      pod,
      this.observation,
      this.ip,
      pod.metadata.deletionGracePeriodSeconds,
    );
    this.prober.stop();
    const after = yield* context.cri.observe(pod.metadata.uid ?? '');
    if (!isRpcError(after)) this.observation = after;
    yield* this.lookAtContainers();
    yield* this.report(true);
    for (const { id } of this.observation.sandboxes) yield* context.cri.removeSandbox(id);
    removePodDirectory(context, pod);
    removePodCgroup(context, pod);
    context.restarts.forget(`${pod.metadata.uid}_`);
    context.pulls.forget(`${pod.metadata.uid}_`);
    yield* this.host.finished(this);
  }
}
