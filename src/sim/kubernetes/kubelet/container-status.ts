// The statuses of a pod's containers from what the runtime has of them (convertToAPIContainerStatuses) and from what the
// probes say (UpdatePodStatus). Pure.

import { rfc3339, START_OF_TIME } from '../../core/time.ts';
import type { Container, ResourceRequirements } from '../api/types/container.ts';
import type { ContainerState, ContainerStatus, Pod } from '../api/types/pod.ts';
import type { ProbeVerdict } from './actions.ts';
import type { Observed, PodObservation } from './cri.ts';
import { isSidecar, shouldStart } from './restart-policy.ts';

/** Why a container waits, where its start failed or is put off. */
export interface Waiting {
  readonly reason: string;
  readonly message?: string;
}

/** What the statuses of containers are made of. */
export interface ContainerFacts {
  readonly pod: Pod;
  readonly observation: PodObservation;
  readonly waiting: ReadonlyMap<string, Waiting>;
  /** Texts that containers left, by container id. */
  readonly messages: ReadonlyMap<string, string>;
  readonly verdict: (name: string) => ProbeVerdict;
  /** Readiness as its probe says; true without a probe. */
  readonly ready: (name: string) => boolean;
  /** What a container runs with, where it is known; by its id. */
  readonly actual: (id: string) => ResourceRequirements | undefined;
  /** The pod is being deleted and its containers have ended. */
  readonly ended?: boolean;
}

/** In which of the pod's lists a container is. */
export type ContainerKind = 'init' | 'regular' | 'ephemeral';

function timeOf(unixNano: string): string {
  const nanos = BigInt(unixNano);
  if (nanos === 0n) return '1970-01-01T00:00:00Z';
  return rfc3339(Number(nanos - BigInt(START_OF_TIME) * 1_000_000n));
}

/** What all termination messages of a pod may take together (MaxPodTerminationMessageLogLength). */
const LONGEST_MESSAGES = 12 * 1024;

/** Each container's share of it (normalizeStatus). */
function messageShare({ spec }: Pod): number {
  const { containers, initContainers = [], ephemeralContainers = [] } = spec;
  const count = containers.length + initContainers.length + ephemeralContainers.length;
  return Math.floor(LONGEST_MESSAGES / count);
}

function terminated(status: Observed, facts: ContainerFacts): ContainerState {
  const text = (facts.messages.get(status.id) || status.message).slice(0, messageShare(facts.pod));
  return {
    terminated: {
      exitCode: status.exitCode,
      reason: status.reason,
      ...(text ? { message: text } : {}),
      startedAt: timeOf(status.startedAt),
      finishedAt: timeOf(status.finishedAt),
      containerID: `${status.runtime}://${status.id}`,
    },
  };
}

function observedState(status: Observed, facts: ContainerFacts): ContainerState {
  if (status.state === 'CONTAINER_RUNNING')
    return { running: { startedAt: timeOf(status.startedAt) } };
  if (status.state === 'CONTAINER_EXITED') return terminated(status, facts);
  return { waiting: {} };
}

/** The state of a container and the one before it. */
function statesOf(
  container: Container,
  facts: ContainerFacts,
): Pick<ContainerStatus, 'state' | 'lastState'> {
  const { pod, observation } = facts;
  const [newest, before] = observation.containers.get(container.name) ?? [];
  const past = before ? observedState(before, facts) : {};
  const starting =
    !facts.ended &&
    !pod.metadata.deletionTimestamp &&
    shouldStart(container, newest, pod.spec.restartPolicy);
  const waiting = starting ? facts.waiting.get(container.name) : undefined;
  const hasInit = (pod.spec.initContainers ?? []).length > 0;
  const first = { waiting: { reason: hasInit ? 'PodInitializing' : 'ContainerCreating' } };
  if (!newest) return { state: waiting ? { waiting } : first, lastState: {} };
  const now = observedState(newest, facts);
  if (!waiting) return { state: now, lastState: past };
  return { state: { waiting }, lastState: now.terminated ? now : past };
}

function isReady(
  container: Container,
  kind: ContainerKind,
  state: ContainerState | undefined,
  facts: ContainerFacts,
): boolean {
  if (kind === 'ephemeral') return false;
  if (kind === 'init' && !isSidecar(container)) return state?.terminated?.exitCode === 0;
  const { started } = facts.verdict(container.name);
  return state?.running !== undefined && started && facts.ready(container.name);
}

/** The status of one container. */
export function containerStatus(
  container: Container,
  kind: ContainerKind,
  facts: ContainerFacts,
): ContainerStatus {
  const [newest] = facts.observation.containers.get(container.name) ?? [];
  const { image = '', resources, volumeMounts = [] } = container;
  const { state = {}, lastState = {} } = statesOf(container, facts);
  const started = state.running !== undefined && facts.verdict(container.name).started;
  return {
    name: container.name,
    state,
    lastState,
    ready: isReady(container, kind, state, facts),
    restartCount: newest?.metadata.attempt ?? 0,
    image: newest ? newest.image.image : image,
    imageID: newest?.imageRef ?? '',
    ...(newest ? { containerID: `${newest.runtime}://${newest.id}` } : {}),
    ...(kind === 'ephemeral' ? {} : { started }),
    ...(newest && resources?.requests ? { allocatedResources: resources.requests } : {}),
    ...(newest ? { resources: facts.actual(newest.id) ?? resources ?? {} } : {}),
    ...(volumeMounts.length > 0
      ? {
          volumeMounts: volumeMounts.map(({ name, mountPath, readOnly, recursiveReadOnly }) => {
            const whole = recursiveReadOnly && recursiveReadOnly !== 'Disabled';
            const mode = whole ? 'Enabled' : 'Disabled';
            return {
              name,
              mountPath,
              ...(readOnly ? { readOnly, recursiveReadOnly: mode } : {}),
            };
          }),
        }
      : {}),
    ...(newest?.user ? { user: newest.user } : {}),
  };
}
