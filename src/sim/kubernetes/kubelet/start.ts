// Starting a container (kuberuntime's startContainer): back-off, image, configuration, create, start, postStart hook. Each
// step that fails says why the container waits.

import { makeDirectories } from '../../containers/containerd/daemon.ts';
import { isRpcError } from '../../containers/rpc.ts';
import { SECOND, START_OF_TIME } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Container } from '../api/types/container.ts';
import type { Pod } from '../api/types/pod.ts';
import { readText } from '../component/kubeconfig.ts';
import { containerConfig, logDirectory, sandboxConfig } from './container.ts';
import type { Waiting } from './container-status.ts';
import { containerSubject, type KubeletContext, podText } from './context.ts';
import type { Observed, PodObservation } from './cri.ts';
import { durationText } from './duration.ts';
import { runHook } from './handlers.ts';
import { ensureImage } from './images.ts';
import { killContainer } from './kill.ts';
import type { MountedVolumes } from './volumes.ts';

/** When a container whose start failed is tried again: ten seconds with a jitter. */
const RETRY = 12 * SECOND;

/** What a start needs to know of its pod. */
export interface StartPlace {
  readonly pod: Pod;
  readonly observation: PodObservation;
  readonly sandboxId: string;
  readonly ip: string;
  readonly volumes: MountedVolumes;
  /** Why containers wait: the start writes its own into it. */
  readonly waiting: Map<string, Waiting>;
}

/** Back-off of restarts: how long the container has to wait; undefined where it may start now. */
function putOff(
  context: KubeletContext,
  { pod, waiting }: StartPlace,
  container: Container,
  last: Observed | undefined,
): number | undefined {
  if (!last) return undefined;
  const { restarts, simulation, recorder } = context;
  const key = `${pod.metadata.uid}_${container.name}`;
  const ended = Number(BigInt(last.finishedAt) - BigInt(START_OF_TIME) * 1_000_000n);
  const left = restarts.remaining(key, ended, simulation.now);
  if (left <= 0) {
    restarts.next(key, simulation.now);
    return undefined;
  }
  const wait = durationText(restarts.wait(key));
  const message = `back-off ${wait} restarting failed container=${container.name} pod=${podText(pod)}`;
  waiting.set(container.name, { reason: 'CrashLoopBackOff', message });
  const text = `Back-off restarting failed container ${container.name} in pod ${podText(pod)}`;
  recorder.event(containerSubject(pod, container.name), 'Warning', 'BackOff', text);
  return left;
}

/** runAsNonRoot against the user that the image asks for. */
function* identityProblem(
  context: KubeletContext,
  pod: Pod,
  container: Container,
  imageRef: string,
): Routine<string | undefined> {
  const own = container.securityContext ?? {};
  const ofPod = pod.spec.securityContext ?? {};
  if (!(own.runAsNonRoot ?? ofPod.runAsNonRoot)) return undefined;
  const user = own.runAsUser ?? ofPod.runAsUser;
  const where = `pod: "${podText(pod)}", container: ${container.name}`;
  if (user === 0) return `container's runAsUser breaks non-root policy (${where})`;
  if (user !== undefined) return undefined;
  const image = yield* context.cri.image(imageRef);
  if (isRpcError(image) || image === null) return undefined;
  if (image.uid === null) {
    return `container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root (${where})`;
  }
  return image.uid.value === 0
    ? `container has runAsNonRoot and image will run as root (${where})`
    : undefined;
}

function linkLog(
  context: KubeletContext,
  pod: Pod,
  container: Container,
  id: string,
  attempt: number,
): void {
  const { process: p } = context;
  const { name, namespace } = pod.metadata;
  makeDirectories(p, '/var/log/containers');
  p.symlink(
    `${logDirectory(pod)}/${container.name}/${attempt}.log`,
    `/var/log/containers/${name}_${namespace}_${container.name}-${id}.log`,
  );
}

/** Of containers that ended, the last one is kept for its log. */
function* dropOld(
  context: KubeletContext,
  pod: Pod,
  container: Container,
  history: readonly Observed[],
): Routine<void> {
  const { name, namespace } = pod.metadata;
  for (const { id } of history.slice(1)) {
    context.process.unlink(`/var/log/containers/${name}_${namespace}_${container.name}-${id}.log`);
    yield* context.cri.removeContainer(id);
  }
}

function* create(
  context: KubeletContext,
  place: StartPlace,
  container: Container,
  attempt: number,
  imageRef: string,
): Routine<string | Waiting> {
  const { pod, sandboxId, ip, volumes, observation } = place;
  const hosts = yield* readText(context.process, '/etc/hosts');
  const nodeHosts = isErrno(hosts) ? '' : hosts;
  const { targetContainerName = '' } =
    pod.spec.ephemeralContainers?.find(({ name }) => name === container.name) ?? {};
  const [target] = observation.containers.get(targetContainerName) ?? [];
  const request = {
    pod,
    container,
    attempt,
    ip,
    volumes,
    imageRef,
    nodeHosts,
    targetId: target?.id,
  };
  const config =
    targetContainerName !== '' && !target
      ? `unable to find target container ${targetContainerName}`
      : yield* containerConfig(context, request);
  const problem =
    typeof config === 'string' ? config : yield* identityProblem(context, pod, container, imageRef);
  if (typeof config === 'string' || problem !== undefined)
    return { reason: 'CreateContainerConfigError', message: problem ?? String(config) };
  const { attempt: sandboxAttempt } = observation.sandboxes.find((one) => one.id === sandboxId)
    ?.metadata ?? { attempt: 0 };
  const ofPod = sandboxConfig(context, pod, sandboxAttempt);
  const id = yield* context.cri.createContainer(sandboxId, config, ofPod);
  return isRpcError(id) ? { reason: 'CreateContainerError', message: id.message } : id;
}

/** Starts a container; a number: it could not, when to try again. */
export function* startContainer(
  context: KubeletContext,
  place: StartPlace,
  container: Container,
): Routine<number | undefined> {
  const { pod, waiting } = place;
  const { recorder, cri, simulation, settings } = context;
  const { namespace, name } = pod.metadata;
  const about = containerSubject(pod, container.name);
  const history = place.observation.containers.get(container.name) ?? [];
  const dead = history.find(({ state }) => state === 'CONTAINER_EXITED');
  const wait = putOff(context, place, container, dead);
  if (wait !== undefined) return wait;
  const image = yield* ensureImage(context, pod, container);
  if (!('imageRef' in image)) {
    waiting.set(container.name, image);
    return RETRY;
  }
  const attempt = history[0] ? (history[0].metadata.attempt ?? 0) + 1 : 0;
  simulation.because(`kubelet starts container ${container.name} of pod ${namespace}/${name}`, {
    kind: 'pod',
    name: `${namespace}/${name}`,
    machine: settings.nodeName,
  });
  makeDirectories(context.process, `${logDirectory(pod)}/${container.name}`);
  const id = yield* create(context, place, container, attempt, image.imageRef);
  if (typeof id !== 'string') {
    recorder.event(about, 'Warning', 'Failed', `Error: ${id.message}`);
    waiting.set(container.name, id);
    return RETRY;
  }
  recorder.event(about, 'Normal', 'Created', 'Container created');
  const started = yield* cri.startContainer(id);
  linkLog(context, pod, container, id, attempt);
  if (isRpcError(started)) {
    recorder.event(about, 'Warning', 'Failed', `Error: ${started.message}`);
    waiting.set(container.name, { reason: 'RunContainerError', message: started.message });
    return undefined;
  }
  recorder.event(about, 'Normal', 'Started', 'Container started');
  waiting.delete(container.name);
  yield* dropOld(context, pod, container, history);
  yield* afterStart(context, place, container, id);
  return undefined;
}

function* afterStart(
  context: KubeletContext,
  { pod, ip, waiting }: StartPlace,
  container: Container,
  id: string,
): Routine<void> {
  const hook = container.lifecycle?.postStart;
  if (!hook) return;
  const message = yield* runHook(context, pod, container, id, ip, hook);
  if (message === undefined) return;
  const about = containerSubject(pod, container.name);
  context.recorder.event(about, 'Warning', 'FailedPostStartHook', 'PostStartHook failed');
  yield* killContainer(context, pod, { container, id, ip, message: 'FailedPostStartHook' });
  waiting.set(container.name, { reason: 'PostStartHookError', message });
}
