// A pod's status from what the runtime has of it (generateAPIPodStatus): container statuses, phase, conditions. Pure.

import { rfc3339, START_OF_TIME } from '../../core/time.ts';
import type { Container } from '../api/types/container.ts';
import type {
  ContainerState,
  ContainerStatus,
  Pod,
  PodCondition,
  PodStatus,
} from '../api/types/pod.ts';
import { qosClass } from '../api/resources/qos.ts';
import { initialized, isSidecar, latest, type ProbeVerdict, shouldStart } from './actions.ts';
import type { Observed, PodObservation } from './cri.ts';

/** Why a container waits, where its start failed or is put off. */
export interface Waiting {
  readonly reason: string;
  readonly message?: string;
}

/** What a status is made of. */
export interface StatusFacts {
  readonly pod: Pod;
  readonly observation: PodObservation;
  readonly waiting: ReadonlyMap<string, Waiting>;
  /** Texts that containers left, by container id. */
  readonly messages: ReadonlyMap<string, string>;
  readonly verdict: (name: string) => ProbeVerdict;
  /** Readiness as its probe says; true without a probe. */
  readonly ready: (name: string) => boolean;
  readonly hostIp: string;
  readonly now: number;
  /** The pod as a whole failed: DeadlineExceeded, Evicted … */
  readonly failure?: { readonly reason: string; readonly message: string } | undefined;
  /** It is being deleted and its containers have ended. */
  readonly ended?: boolean;
}

function timeOf(unixNano: string): string {
  const nanos = BigInt(unixNano);
  if (nanos === 0n) return '1970-01-01T00:00:00Z';
  return rfc3339(Number(nanos - BigInt(START_OF_TIME) * 1_000_000n));
}

function terminated(status: Observed, message: string | undefined): ContainerState {
  return {
    terminated: {
      exitCode: status.exitCode,
      reason: status.reason,
      ...(message || status.message ? { message: message || status.message } : {}),
      startedAt: timeOf(status.startedAt),
      finishedAt: timeOf(status.finishedAt),
      containerID: `containerd://${status.id}`,
    },
  };
}

function stateOf(status: Observed, facts: StatusFacts): ContainerState {
  if (status.state === 'CONTAINER_RUNNING')
    return { running: { startedAt: timeOf(status.startedAt) } };
  if (status.state === 'CONTAINER_EXITED') return terminated(status, facts.messages.get(status.id));
  return { waiting: { reason: 'ContainerCreating' } };
}

function usesNothing(list: readonly Container[], facts: StatusFacts): string {
  const init = (facts.pod.spec.initContainers ?? []).length > 0;
  return init && list === facts.pod.spec.containers
    ? 'PodInitializing'
    : init
      ? 'PodInitializing'
      : 'ContainerCreating';
}

function containerStatus(
  container: Container,
  list: readonly Container[],
  facts: StatusFacts,
): ContainerStatus {
  const { observation, verdict, pod } = facts;
  const history = observation.containers.get(container.name) ?? [];
  const [newest, before] = history;
  const policy = isSidecar(container) ? 'Always' : pod.spec.restartPolicy;
  const waiting = shouldStart(newest, policy) ? facts.waiting.get(container.name) : undefined;
  const running = newest?.state === 'CONTAINER_RUNNING';
  const state: ContainerState =
    waiting && !running
      ? { waiting }
      : newest
        ? stateOf(newest, facts)
        : { waiting: { reason: usesNothing(list, facts) } };
  const last = waiting && !running ? newest : before;
  const { started } = verdict(container.name);
  const restartCount = newest?.metadata.attempt ?? 0;
  const init = list === pod.spec.initContainers && !isSidecar(container);
  const ready = init
    ? newest?.state === 'CONTAINER_EXITED' && newest.exitCode === 0 && !waiting
    : running && started && facts.ready(container.name);
  const image = newest?.image.userSpecifiedImage || container.image || '';
  return {
    name: container.name,
    state,
    lastState:
      last?.state === 'CONTAINER_EXITED' ? terminated(last, facts.messages.get(last.id)) : {},
    ready: ready ?? false,
    restartCount,
    image: newest ? normalImage(image) : (container.image ?? ''),
    imageID: newest?.imageRef ?? '',
    ...(newest ? { containerID: `containerd://${newest.id}` } : {}),
    started: running && started,
    ...(container.resources?.requests ? { allocatedResources: container.resources.requests } : {}),
    ...(newest ? { resources: container.resources ?? {} } : {}),
    ...(container.volumeMounts?.length
      ? {
          volumeMounts: container.volumeMounts.map(({ name, mountPath, readOnly }) => ({
            name,
            mountPath,
            ...(readOnly ? { readOnly, recursiveReadOnly: 'Disabled' } : {}),
          })),
        }
      : {}),
    ...(newest?.user ? { user: newest.user } : {}),
  };
}

/** `nginx:1.27` as containerd names it: `docker.io/library/nginx:1.27`. */
function normalImage(image: string): string {
  const [first = ''] = image.split('/');
  const tagged = /[:@][^/]*$/.test(image) ? image : `${image}:latest`;
  if (!image.includes('/')) return `docker.io/library/${tagged}`;
  return first.includes('.') || first.includes(':') || first === 'localhost'
    ? tagged
    : `docker.io/${tagged}`;
}

function phaseOf(facts: StatusFacts): string {
  const { pod, observation, failure } = facts;
  const { spec } = pod;
  if (failure) return 'Failed';
  const policy = spec.restartPolicy ?? 'Always';
  for (const container of spec.initContainers ?? []) {
    const status = latest(observation, container.name);
    if (
      !isSidecar(container) &&
      policy === 'Never' &&
      status?.state === 'CONTAINER_EXITED' &&
      status.exitCode !== 0
    )
      return 'Failed';
  }
  const statuses = spec.containers.map(({ name }) => latest(observation, name));
  const created = statuses.filter((status) => status !== undefined);
  if (created.length < statuses.length) return 'Pending';
  const waiting = spec.containers.some(
    ({ name }) => facts.waiting.has(name) && latest(observation, name) === undefined,
  );
  if (waiting) return 'Pending';
  const exited = created.filter(({ state }) => state === 'CONTAINER_EXITED');
  if (exited.length < created.length) {
    return created.every(({ state }) => state === 'CONTAINER_CREATED') ? 'Pending' : 'Running';
  }
  if (policy === 'Always')
    return facts.ended
      ? exited.every(({ exitCode }) => exitCode === 0)
        ? 'Succeeded'
        : 'Failed'
      : 'Running';
  if (exited.every(({ exitCode }) => exitCode === 0)) return 'Succeeded';
  return policy === 'Never' || facts.ended ? 'Failed' : 'Running';
}

function conditionsOf(
  facts: StatusFacts,
  phase: string,
  statuses: readonly ContainerStatus[],
): PodCondition[] {
  const { pod, observation, now } = facts;
  const done = phase === 'Succeeded' || phase === 'Failed';
  const over = phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed';
  const unready = statuses.filter(({ ready }) => !ready).map(({ name }) => name);
  const notInit = (pod.spec.initContainers ?? [])
    .map(({ name }) => name)
    .filter((name) => {
      const status = latest(observation, name);
      const container = pod.spec.initContainers?.find((one) => one.name === name);
      if (container && isSidecar(container)) return !(status?.state === 'CONTAINER_RUNNING');
      return !(status?.state === 'CONTAINER_EXITED' && status.exitCode === 0);
    });
  const isInit =
    initialized(pod.spec, observation, facts.verdict) || (done && notInit.length === 0);
  const reasonOf = (): Partial<PodCondition> => {
    if (done) return { reason: over };
    return {
      reason: 'ContainersNotReady',
      message: `containers with unready status: [${unready.join(' ')}]`,
    };
  };
  const gates = (pod.spec.readinessGates ?? []).filter(
    ({ conditionType }) =>
      pod.status?.conditions?.find(({ type }) => type === conditionType)?.status !== 'True',
  );
  const containersReady = unready.length === 0 && !done;
  const ready = containersReady && gates.length === 0;
  const gateReason = {
    reason: 'ReadinessGatesNotReady',
    message: gates
      .map(
        ({ conditionType }) =>
          `corresponding condition of pod readiness gate "${conditionType}" does not exist.`,
      )
      .join(', '),
  };
  const wanted: PodCondition[] = [
    {
      type: 'PodReadyToStartContainers',
      status: observation.sandboxes[0]?.state === 'SANDBOX_READY' ? 'True' : 'False',
    },
    isInit
      ? {
          type: 'Initialized',
          status: 'True',
          ...(phase === 'Succeeded' ? { reason: 'PodCompleted' } : {}),
        }
      : {
          type: 'Initialized',
          status: 'False',
          ...(done
            ? { reason: over }
            : {
                reason: 'ContainersNotInitialized',
                message: `containers with incomplete status: [${notInit.join(' ')}]`,
              }),
        },
    {
      type: 'Ready',
      status: ready ? 'True' : 'False',
      ...(ready ? {} : containersReady ? gateReason : reasonOf()),
    },
    {
      type: 'ContainersReady',
      status: containersReady ? 'True' : 'False',
      ...(containersReady ? {} : reasonOf()),
    },
    { type: 'PodScheduled', status: 'True' },
  ];
  return wanted.map((condition) => {
    const before = pod.status?.conditions?.find(({ type }) => type === condition.type);
    const time =
      before?.status === condition.status
        ? (before.lastTransitionTime ?? rfc3339(now))
        : rfc3339(now);
    const observed =
      pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation };
    return { ...condition, lastProbeTime: null, lastTransitionTime: time, ...observed };
  });
}

/** The whole status. */
export function podStatus(facts: StatusFacts): PodStatus {
  const { pod, observation, hostIp, failure } = facts;
  const { spec } = pod;
  const phase = phaseOf(facts);
  const containers = spec.containers.map((container) =>
    containerStatus(container, spec.containers, facts),
  );
  const init = (spec.initContainers ?? []).map((container) =>
    containerStatus(container, spec.initContainers ?? [], facts),
  );
  const sidecars = init.filter(
    (_, i) => spec.initContainers?.[i] && isSidecar(spec.initContainers[i] as Container),
  );
  const ip = spec.hostNetwork ? hostIp : observation.ip || (pod.status?.podIP ?? '');
  const gated = (pod.status?.conditions ?? []).filter(({ type }) =>
    spec.readinessGates?.some(({ conditionType }) => conditionType === type),
  );
  return {
    ...(pod.metadata.generation === undefined
      ? {}
      : { observedGeneration: pod.metadata.generation }),
    phase,
    ...(failure ?? {}),
    conditions: [...gated, ...conditionsOf(facts, phase, [...sidecars, ...containers])],
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    ...(ip === '' ? {} : { podIP: ip, podIPs: [{ ip }] }),
    startTime: pod.status?.startTime ?? rfc3339(facts.now),
    ...(init.length > 0 ? { initContainerStatuses: init } : {}),
    containerStatuses: containers,
    qosClass: pod.status?.qosClass ?? qosClass(spec),
  };
}
