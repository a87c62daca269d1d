// A pod's status from what the runtime has of it (generateAPIPodStatus): statuses of containers, phase, conditions,
// addresses. Pure.

import { rfc3339 } from '../../core/time.ts';
import { qosClass } from '../api/resources/qos.ts';
import type { Container, ResourceRequirements } from '../api/types/container.ts';
import type { ContainerStatus, PodCondition, PodSpec, PodStatus } from '../api/types/pod.ts';
import { latest, sandboxChanged } from './actions.ts';
import { conditionsOf } from './conditions.ts';
import { type ContainerFacts, type ContainerKind, containerStatus } from './container-status.ts';
import { phaseOf } from './phase.ts';

/** The pod as a whole failed: DeadlineExceeded, Evicted … */
export interface PodFailure {
  readonly reason: string;
  readonly message: string;
  /** A condition that tells more, of the type DisruptionTarget. */
  readonly condition?: Pick<PodCondition, 'reason' | 'message'>;
}

/** What a status is made of. */
export interface StatusFacts extends ContainerFacts {
  readonly hostIp: string;
  readonly now: number;
  readonly failure?: PodFailure | undefined;
  /** Conditions of a resize that is pending or under way. */
  readonly resize: readonly PodCondition[];
}

const NOTHING = {};

/** Whether neither the pod nor a container of it asks for resources; what others have in sum is left out of statuses. */
function asksNothing({ resources, containers, initContainers = [] }: PodSpec): boolean {
  const asks = (one: ResourceRequirements | undefined): boolean =>
    one?.requests !== undefined || one?.limits !== undefined;
  return !asks(resources) && ![...initContainers, ...containers].some((one) => asks(one.resources));
}

function byName(a: ContainerStatus, b: ContainerStatus): number {
  return a.name < b.name ? -1 : 1;
}

function phase(facts: StatusFacts, statuses: readonly ContainerStatus[]): string {
  const { pod, observation, failure, ended = false } = facts;
  const before = pod.status?.phase;
  if (before === 'Succeeded' || before === 'Failed') return before;
  if (failure) return 'Failed';
  const begun = pod.spec.containers.some(({ name }) => {
    const state = latest(observation, name)?.state;
    return state === 'CONTAINER_RUNNING' || state === 'CONTAINER_CREATED';
  });
  const now = phaseOf(pod.spec, statuses, { ended, begun });
  return ended && (now === 'Pending' || now === 'Running') ? 'Failed' : now;
}

function disruption(facts: StatusFacts): PodCondition[] {
  const { failure, now, pod } = facts;
  const known = pod.status?.conditions?.some(({ type }) => type === 'DisruptionTarget');
  if (!failure?.condition || known) return [];
  const { generation } = pod.metadata;
  return [
    {
      type: 'DisruptionTarget',
      status: 'True',
      ...failure.condition,
      lastProbeTime: null,
      lastTransitionTime: rfc3339(now),
      ...(generation === undefined ? {} : { observedGeneration: generation }),
    },
  ];
}

/** While containers may still run, a pod is not said to be over (mergePodStatus). */
function saidPhase(facts: StatusFacts, now: string): string {
  const alive = [...facts.observation.containers.values()].some(
    (list) => list[0]?.state === 'CONTAINER_RUNNING',
  );
  return facts.failure && alive && !facts.ended ? (facts.pod.status?.phase ?? 'Pending') : now;
}

/** The whole status. */
export function podStatus(facts: StatusFacts): PodStatus {
  const { pod, observation, hostIp, failure } = facts;
  const { spec, metadata } = pod;
  const statusesOf = (list: readonly Container[] = [], kind: ContainerKind): ContainerStatus[] =>
    list.map((container) => containerStatus(container, kind, facts));
  const init = statusesOf(spec.initContainers, 'init');
  const containers = statusesOf(spec.containers, 'regular').sort(byName);
  const ephemeral = statusesOf(spec.ephemeralContainers, 'ephemeral').sort(byName);
  const statuses = [...init, ...containers];
  const now = phase(facts, statuses);
  const sandboxReady = !sandboxChanged(spec, observation);
  const ip = spec.hostNetwork ? hostIp : observation.ip || (pod.status?.podIP ?? '');
  const said = saidPhase(facts, now);
  const { reason = undefined, message = undefined } =
    said === now && failure ? failure : pod.status?.phase === said ? pod.status : {};
  return {
    ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
    phase: said,
    ...(reason ? { reason } : {}),
    ...(message ? { message } : {}),
    conditions: [
      ...facts.resize,
      ...disruption(facts),
      ...conditionsOf({ pod, phase: now, statuses, sandboxReady, now: facts.now }),
    ],
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    ...(ip === '' ? {} : { podIP: ip, podIPs: [{ ip }] }),
    startTime: pod.status?.startTime ?? rfc3339(facts.now),
    ...(init.length > 0 ? { initContainerStatuses: init } : {}),
    containerStatuses: containers,
    ...(ephemeral.length > 0 ? { ephemeralContainerStatuses: ephemeral } : {}),
    qosClass: pod.status?.qosClass ?? qosClass(spec),
    ...(asksNothing(spec) ? { resources: NOTHING } : {}),
  };
}
