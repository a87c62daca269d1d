// What a pod needs next (kuberuntime's computePodActions): a pure function of its spec, of what the runtime has, and of
// what the probes found.

import type { PodSandbox } from '../../containers/cri/types.ts';
import { hashOf } from './hash.ts';
import type { Container } from '../api/types/container.ts';
import type { PodSpec } from '../api/types/pod.ts';
import type { Observed, PodObservation } from './cri.ts';

/** What the probes say of a running container. */
export interface ProbeVerdict {
  /** It has started: no startup probe, or it succeeded. */
  readonly started: boolean;
  /** Why it has to be killed. */
  readonly failed: 'liveness' | 'startup' | undefined;
}

export interface PodActions {
  /** The sandbox that is there is to be stopped, with everything in it. */
  readonly killPod: boolean;
  readonly createSandbox: boolean;
  /** Number of the sandbox to be made. */
  readonly attempt: number;
  readonly kill: readonly {
    readonly container: Container;
    readonly id: string;
    readonly message: string;
  }[];
  readonly start: readonly Container[];
}

/** An init container that runs beside the others (a sidecar). */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always';
}

/** The containers of the newest sandbox by name; what ran in older ones does not count. */
export function latest(observation: PodObservation, name: string): Observed | undefined {
  return observation.containers.get(name)?.[0];
}

function inCurrentSandbox(observation: PodObservation, name: string): Observed | undefined {
  const status = latest(observation, name);
  return status?.sandboxId === observation.sandboxes[0]?.id ? status : undefined;
}

/** Whether a container that is not running is to be started (again). */
export function shouldStart(
  status: Observed | undefined,
  restartPolicy: string | undefined,
): boolean {
  if (!status || status.state === 'CONTAINER_UNKNOWN') return true;
  if (status.state === 'CONTAINER_RUNNING') return false;
  if (status.state === 'CONTAINER_CREATED') return true;
  if (restartPolicy === 'Never') return false;
  return restartPolicy === 'OnFailure' ? status.exitCode !== 0 : true;
}

/** True where init containers, sidecars apart, have all succeeded in the sandbox that is there. */
export function initialized(
  spec: PodSpec,
  observation: PodObservation,
  verdict: (name: string) => ProbeVerdict,
): boolean {
  const regular = spec.containers.some(
    ({ name }) => inCurrentSandbox(observation, name) !== undefined,
  );
  if (regular) return true;
  return (spec.initContainers ?? []).every((container) => {
    const status = inCurrentSandbox(observation, container.name);
    if (isSidecar(container))
      return status?.state === 'CONTAINER_RUNNING' && verdict(container.name).started;
    return status?.state === 'CONTAINER_EXITED' && status.exitCode === 0;
  });
}

function needsSandbox(spec: PodSpec, observation: PodObservation): boolean {
  const [sandbox]: readonly (PodSandbox | undefined)[] = observation.sandboxes;
  if (sandbox?.state === 'SANDBOX_READY') return false;
  if (!sandbox) return true;
  const failedInit = (spec.initContainers ?? []).some((container) => {
    const status = latest(observation, container.name);
    return (
      !isSidecar(container) &&
      spec.restartPolicy === 'Never' &&
      status?.state === 'CONTAINER_EXITED' &&
      status.exitCode !== 0
    );
  });
  return (
    !failedInit &&
    spec.containers.some(({ name }) => shouldStart(latest(observation, name), spec.restartPolicy))
  );
}

/** The next steps for a pod. */
export function computeActions(
  spec: PodSpec,
  observation: PodObservation,
  verdict: (name: string) => ProbeVerdict,
): PodActions {
  const { initContainers = [], containers, restartPolicy = 'Always' } = spec;
  const newest = observation.sandboxes[0];
  const attempt = newest ? newest.metadata.attempt + 1 : 0;
  const nothing = { killPod: false, createSandbox: false, attempt, kill: [], start: [] };
  if (newest?.state !== 'SANDBOX_READY') {
    if (!needsSandbox(spec, observation))
      return { ...nothing, killPod: newest !== undefined && anyRunning(observation) };
    const [first] = initContainers;
    const fresh = containers.filter(({ name }) => restartable(observation, name, restartPolicy));
    return {
      killPod: newest !== undefined,
      createSandbox: true,
      attempt,
      kill: [],
      start: first ? [first] : fresh,
    };
  }
  if (!initialized(spec, observation, verdict))
    return { ...nothing, ...nextInit(spec, observation, verdict) };
  const kill: { container: Container; id: string; message: string }[] = [];
  const start: Container[] = [];
  for (const container of [...initContainers.filter(isSidecar), ...containers]) {
    const status = inCurrentSandbox(observation, container.name);
    const policy = isSidecar(container) ? 'Always' : restartPolicy;
    const message =
      status?.state === 'CONTAINER_RUNNING'
        ? reasonToKill(container, status, verdict(container.name))
        : undefined;
    if (message !== undefined && status) {
      kill.push({ container, id: status.id, message });
      if (policy !== 'Never') start.push(container);
    } else if (shouldStart(status ?? latestDead(observation, container.name), policy))
      start.push(container);
  }
  return { ...nothing, kill, start };
}

function anyRunning(observation: PodObservation): boolean {
  return [...observation.containers.values()].some(
    (list) => list[0]?.state === 'CONTAINER_RUNNING',
  );
}

function restartable(observation: PodObservation, name: string, policy: string): boolean {
  const status = latest(observation, name);
  if (status?.state === 'CONTAINER_RUNNING') return policy !== 'Never';
  return shouldStart(status, policy);
}

/** A container of an older sandbox: it counts as ended. */
function latestDead(observation: PodObservation, name: string): Observed | undefined {
  const status = latest(observation, name);
  return status?.state === 'CONTAINER_RUNNING' ? undefined : status;
}

function reasonToKill(
  container: Container,
  status: Observed,
  verdict: ProbeVerdict,
): string | undefined {
  if (status.annotations['io.kubernetes.container.hash'] !== hashOf(container)) {
    return `Container ${container.name} definition changed, will be restarted`;
  }
  if (verdict.failed === 'startup')
    return `Container ${container.name} failed startup probe, will be restarted`;
  if (verdict.failed === 'liveness')
    return `Container ${container.name} failed liveness probe, will be restarted`;
  return undefined;
}

/** The init container that is next, and sidecars before it that have ended. */
function nextInit(
  { initContainers = [], restartPolicy = 'Always' }: PodSpec,
  observation: PodObservation,
  verdict: (name: string) => ProbeVerdict,
): Pick<PodActions, 'start' | 'kill'> {
  const start: Container[] = [];
  for (const container of initContainers) {
    const status = inCurrentSandbox(observation, container.name);
    const running = status?.state === 'CONTAINER_RUNNING';
    if (isSidecar(container)) {
      if (!running) start.push(container);
      if (!running || !verdict(container.name).started) break;
      continue;
    }
    if (status?.state === 'CONTAINER_EXITED' && status.exitCode === 0) continue;
    if (running) break;
    if (!status || restartPolicy !== 'Never') start.push(container);
    break;
  }
  return { start, kill: [] };
}
