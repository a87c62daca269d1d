// What a pod needs next (kuberuntime's computePodActions): a pure function of its spec, of what the runtime has, and of
// what the probes found.

import type { Container } from '../api/types/container.ts';
import type { PodSpec } from '../api/types/pod.ts';
import type { Observed, PodObservation } from './cri.ts';
import { hashOf } from './hash.ts';
import { isSidecar, shouldStart } from './restart-policy.ts';

/** What the probes say of a running container. */
export interface ProbeVerdict {
  /** It has started: no startup probe, or it succeeded. */
  readonly started: boolean;
  /** Why it has to be killed. */
  readonly failed: 'liveness' | 'startup' | undefined;
}

/** A container that is to be ended; `message` is the event's text. */
export interface KillOrder {
  readonly container: Container;
  readonly id: string;
  readonly message: string;
  readonly reason: ProbeVerdict['failed'];
}

export interface PodActions {
  /** Everything is to be stopped, the sandbox too. */
  readonly killPod: boolean;
  readonly createSandbox: boolean;
  /** Number of the sandbox to be made. */
  readonly attempt: number;
  readonly kill: readonly KillOrder[];
  /** Ephemeral containers, then init containers, then the pod's own. */
  readonly start: readonly Container[];
}

type Verdicts = (name: string) => ProbeVerdict;

/** The newest container of that name, in whichever sandbox. */
export function latest(observation: PodObservation, name: string): Observed | undefined {
  return observation.containers.get(name)?.[0];
}

/** An init container's status: what ran in an older sandbox does not count. */
export function latestInit(observation: PodObservation, name: string): Observed | undefined {
  const status = latest(observation, name);
  return status?.sandboxId === observation.sandboxes[0]?.id ? status : undefined;
}

/** True where no sandbox is ready, or the one that is has no address. */
export function sandboxChanged(spec: PodSpec, observation: PodObservation): boolean {
  const [newest, ...older] = observation.sandboxes;
  if (newest?.state !== 'SANDBOX_READY') return true;
  if (older.some(({ state }) => state === 'SANDBOX_READY')) return true;
  return !spec.hostNetwork && observation.ip === '';
}

/** Why a running container has to end, if it has to. */
function reasonToKill(
  container: Container,
  status: Observed,
  verdict: ProbeVerdict,
  what = 'Container',
): Pick<KillOrder, 'message' | 'reason'> | undefined {
  const about = `${what} ${container.name}`;
  if (status.annotations['io.kubernetes.container.hash'] !== hashOf(container))
    return { message: `${about} definition changed`, reason: undefined };
  if (verdict.failed)
    return { message: `${about} failed ${verdict.failed} probe`, reason: verdict.failed };
  return undefined;
}

/** What a new sandbox is made for. */
function forNewSandbox(spec: PodSpec, observation: PodObservation): PodActions {
  const [newest] = observation.sandboxes;
  const attempt = newest ? newest.metadata.attempt + 1 : 0;
  const nothing = { killPod: true, createSandbox: false, attempt, kill: [], start: [] };
  const policy = spec.restartPolicy ?? 'Always';
  if (policy === 'Never' && attempt > 0 && observation.containers.size > 0) return nothing;
  const start = spec.containers.filter((container) => {
    const status = latest(observation, container.name);
    const once = (container.restartPolicy ?? policy) === 'OnFailure';
    return !(once && status?.state === 'CONTAINER_EXITED' && status.exitCode === 0);
  });
  const begun = spec.containers.some(({ name }) => latest(observation, name) !== undefined);
  if (start.length === 0 && begun) return nothing;
  const [first] = spec.initContainers ?? [];
  const killPod = newest !== undefined;
  return { ...nothing, killPod, createSandbox: true, start: first ? [first] : start };
}

interface InitActions {
  /** An init container failed for good. */
  readonly over: boolean;
  /** All have done their part: the pod's own containers may run. */
  readonly initialized: boolean;
  readonly kill: readonly KillOrder[];
  readonly start: readonly Container[];
}

/** One init container that has a status: what to do with it, and whether the next may start. */
function initStep(
  container: Container,
  status: Observed,
  policy: string | undefined,
  verdict: ProbeVerdict,
): {
  readonly done: boolean;
  readonly start: boolean;
  readonly over?: true;
  readonly kill?: KillOrder;
} {
  if (isSidecar(container)) {
    if (status.state !== 'CONTAINER_RUNNING') return { done: false, start: true };
    const why = reasonToKill(container, status, verdict, 'Init container');
    const done = container.startupProbe === undefined || verdict.started;
    if (!why) return { done, start: false };
    return { done, start: true, kill: { container, id: status.id, ...why } };
  }
  if (status.state === 'CONTAINER_RUNNING') return { done: false, start: false };
  if (status.state === 'CONTAINER_EXITED' && status.exitCode === 0)
    return { done: true, start: false };
  if (shouldStart(container, status, policy)) return { done: false, start: true };
  return { done: false, start: false, over: true };
}

/** Init containers from the last one that has begun backwards; sidecars are kept alive. */
function initActions(spec: PodSpec, observation: PodObservation, verdicts: Verdicts): InitActions {
  const { initContainers = [], containers, restartPolicy } = spec;
  let initialized =
    initContainers.length === 0 ||
    containers.some(({ name }) => {
      const state = latest(observation, name)?.state;
      return state === 'CONTAINER_RUNNING' || state === 'CONTAINER_CREATED';
    });
  let begun = initialized;
  const kill: KillOrder[] = [];
  const start: Container[] = [];
  for (let i = initContainers.length - 1; i >= 0; i--) {
    const container = initContainers[i];
    if (!container) continue;
    const status = latestInit(observation, container.name);
    if (!status) {
      if (begun && isSidecar(container)) start.unshift(container);
      continue;
    }
    if (begun && !isSidecar(container)) continue;
    const step = initStep(container, status, restartPolicy, verdicts(container.name));
    if (step.over) return { over: true, initialized: false, kill, start: [] };
    if (step.done) {
      const next = initContainers[i + 1];
      if (!next) initialized = true;
      else if (!begun) start.unshift(next);
    }
    if (step.kill) kill.push(step.kill);
    if (step.start) start.unshift(container);
    begun = true;
  }
  const [first] = initContainers;
  if (!begun && first) start.unshift(first);
  return { over: false, initialized, kill, start };
}

/** The next steps for a pod. */
export function computeActions(
  spec: PodSpec,
  observation: PodObservation,
  verdicts: Verdicts,
): PodActions {
  if (sandboxChanged(spec, observation)) return forNewSandbox(spec, observation);
  const attempt = observation.sandboxes[0]?.metadata.attempt ?? 0;
  const ephemeral: readonly Container[] = (spec.ephemeralContainers ?? []).filter(
    ({ name }) => latest(observation, name) === undefined,
  );
  const init = initActions(spec, observation, verdicts);
  const common = { killPod: init.over, createSandbox: false, attempt };
  if (init.over || !init.initialized)
    return { ...common, kill: init.kill, start: [...ephemeral, ...init.start] };
  const kill: KillOrder[] = [];
  const start: Container[] = [];
  let kept = 0;
  for (const container of spec.containers) {
    const status = latest(observation, container.name);
    if (status?.state !== 'CONTAINER_RUNNING') {
      if (shouldStart(container, status, spec.restartPolicy)) start.push(container);
      continue;
    }
    const why = reasonToKill(container, status, verdicts(container.name));
    if (!why) {
      kept++;
      continue;
    }
    const policy = container.restartPolicy ?? spec.restartPolicy;
    const again = why.reason === undefined || policy !== 'Never';
    if (again) start.push(container);
    const message = again ? `${why.message}, will be restarted` : why.message;
    kill.push({ container, id: status.id, reason: why.reason, message });
  }
  const killPod = kept === 0 && start.length === 0;
  return {
    ...common,
    killPod,
    kill: [...init.kill, ...kill],
    start: [...ephemeral, ...(killPod ? [] : init.start), ...start],
  };
}
