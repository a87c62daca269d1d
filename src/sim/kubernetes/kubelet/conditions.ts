// The conditions of a pod that its kubelet keeps (status/generate.go): PodReadyToStartContainers, Initialized, Ready,
// ContainersReady and PodScheduled. Pure.

import { rfc3339 } from '../../core/time.ts';
import type { Container } from '../api/types/container.ts';
import type { ContainerStatus, Pod, PodCondition } from '../api/types/pod.ts';
import { isSidecar } from './restart-policy.ts';

/** What the conditions are made of. */
export interface ConditionFacts {
  /** The pod with the status that was reported last. */
  readonly pod: Pod;
  readonly phase: string;
  /** Statuses of all containers, those for initialisation too. */
  readonly statuses: readonly ContainerStatus[];
  /** A sandbox with a network is there. */
  readonly sandboxReady: boolean;
  readonly now: number;
}

type Verdict = Pick<PodCondition, 'status' | 'reason' | 'message'>;

const TRUE: Verdict = { status: 'True' };

/** Types of conditions that are the kubelet's own. */
const OWN = new Set([
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
  'PodResizePending',
  'PodResizeInProgress',
]);

function namesOf(
  containers: readonly Container[],
  facts: ConditionFacts,
  wrong: (status: ContainerStatus, container: Container) => boolean,
): string[] {
  return containers
    .filter((container) => {
      const status = facts.statuses.find(({ name }) => name === container.name);
      return !status || wrong(status, container);
    })
    .map(({ name }) => name);
}

function containersReady(facts: ConditionFacts): Verdict {
  const { spec } = facts.pod;
  if (facts.phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' };
  if (facts.phase === 'Failed') return { status: 'False', reason: 'PodFailed' };
  const counted = [...(spec.initContainers ?? []).filter(isSidecar), ...spec.containers];
  const unready = namesOf(counted, facts, ({ ready }) => !ready);
  if (unready.length === 0) return TRUE;
  const message = `containers with unready status: [${unready.join(' ')}]`;
  return { status: 'False', reason: 'ContainersNotReady', message };
}

function podReady(facts: ConditionFacts): Verdict {
  const containers = containersReady(facts);
  if (containers.status !== 'True') return containers;
  const { spec, status } = facts.pod;
  const missing = (spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const found = status?.conditions?.find(({ type }) => type === conditionType);
    const gate = `pod readiness gate "${conditionType}"`;
    if (!found) return [`corresponding condition of ${gate} does not exist.`];
    return found.status === 'True'
      ? []
      : [`the status of ${gate} is not "True", but ${found.status}`];
  });
  if (missing.length === 0) return TRUE;
  return { status: 'False', reason: 'ReadinessGatesNotReady', message: missing.join(', ') };
}

function initialized(facts: ConditionFacts): Verdict {
  const { spec } = facts.pod;
  const incomplete = namesOf(spec.initContainers ?? [], facts, (status, container) =>
    isSidecar(container) ? !status.started : !status.ready,
  );
  if (facts.phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' };
  const began = spec.containers.some(({ name }) => {
    const status = facts.statuses.find((one) => one.name === name);
    return status?.state?.running !== undefined || status?.state?.terminated !== undefined;
  });
  const before = facts.pod.status?.conditions?.find(({ type }) => type === 'Initialized');
  if (began || incomplete.length === 0 || before?.status === 'True') return TRUE;
  const message = `containers with incomplete status: [${incomplete.join(' ')}]`;
  return { status: 'False', reason: 'ContainersNotInitialized', message };
}

/** All conditions of the pod: those of others as they are, then the kubelet's. */
export function conditionsOf(facts: ConditionFacts): PodCondition[] {
  const { pod, now } = facts;
  const verdicts: readonly (readonly [string, Verdict])[] = [
    ['PodReadyToStartContainers', { status: facts.sandboxReady ? 'True' : 'False' }],
    ['Initialized', initialized(facts)],
    ['Ready', podReady(facts)],
    ['ContainersReady', containersReady(facts)],
    ['PodScheduled', TRUE],
  ];
  const known = pod.status?.conditions ?? [];
  const { generation } = pod.metadata;
  const own = verdicts.map(([type, verdict]): PodCondition => {
    const before = known.find((condition) => condition.type === type);
    const same = before?.status === verdict.status ? before.lastTransitionTime : undefined;
    return {
      type,
      ...verdict,
      lastProbeTime: null,
      lastTransitionTime: same ?? rfc3339(now),
      ...(generation === undefined ? {} : { observedGeneration: generation }),
    };
  });
  return [...known.filter(({ type }) => !OWN.has(type)), ...own];
}
