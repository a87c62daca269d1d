// A deployment's status and conditions, from its replica sets. Pure: the clock is given.

import type { Simulation } from '../../../core/simulation.ts';
import { epochMilliseconds, rfc3339 } from '../../../core/time.ts';
import type {
  Deployment,
  DeploymentCondition,
  DeploymentStatus,
  ReplicaSet,
} from '../../api/types/apps.ts';
import { milliseconds } from '../pods.ts';
import { available, fenceposts, statusReplicas, sum } from './rolling.ts';

type Condition = Pick<DeploymentCondition, 'type' | 'status' | 'reason' | 'message'>;

/** A condition by its type. */
export function conditionOf(
  status: DeploymentStatus | undefined,
  type: string,
): DeploymentCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

/** The conditions with one set: its times move only where status or reason changed. */
export function withCondition(
  conditions: readonly DeploymentCondition[],
  next: Condition,
  simulation: Simulation,
): readonly DeploymentCondition[] {
  const before = conditions.find(({ type }) => type === next.type);
  if (before && before.status === next.status && before.reason === next.reason) {
    if (next.type !== 'Progressing' || before.message === next.message) return conditions;
  }
  const now = rfc3339(simulation.now);
  const kept = before?.status === next.status ? before.lastTransitionTime : now;
  const made: DeploymentCondition = {
    type: next.type,
    status: next.status,
    lastUpdateTime: now,
    lastTransitionTime: kept ?? now,
    ...(next.reason === undefined ? {} : { reason: next.reason }),
    ...(next.message === undefined ? {} : { message: next.message }),
  };
  return [...conditions.filter(({ type }) => type !== next.type), made];
}

/** Everything new is there, nothing old is left, all is available. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const { replicas = 1 } = deployment.spec;
  return (
    (status.updatedReplicas ?? 0) === replicas &&
    (status.replicas ?? 0) === replicas &&
    (status.availableReplicas ?? 0) === replicas &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

function isProgressing(before: DeploymentStatus | undefined, now: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus | undefined): number =>
    (status?.replicas ?? 0) - (status?.updatedReplicas ?? 0);
  return (
    (now.updatedReplicas ?? 0) > (before?.updatedReplicas ?? 0) ||
    old(now) < old(before) ||
    (now.readyReplicas ?? 0) > (before?.readyReplicas ?? 0) ||
    (now.availableReplicas ?? 0) > (before?.availableReplicas ?? 0)
  );
}

/** Nanoseconds until the rollout is late; undefined where no deadline runs. */
export function deadlineIn(deployment: Deployment, simulation: Simulation): number | undefined {
  const { progressDeadlineSeconds } = deployment.spec;
  const condition = conditionOf(deployment.status, 'Progressing');
  if (progressDeadlineSeconds === undefined || progressDeadlineSeconds === 2147483647)
    return undefined;
  if (!condition || condition.reason === 'NewReplicaSetAvailable') return undefined;
  if (condition.reason === 'DeploymentPaused' || condition.reason === 'ProgressDeadlineExceeded')
    return undefined;
  const due = milliseconds(condition.lastUpdateTime) + progressDeadlineSeconds * 1000;
  return (due - epochMilliseconds(simulation.now)) * 1e6;
}

/** The status that fits the replica sets. */
export function deploymentStatus(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
  simulation: Simulation,
): DeploymentStatus {
  const availableReplicas = sum(all, available);
  const totalReplicas = sum(all, statusReplicas);
  const readyReplicas = sum(all, (set) => set.status?.readyReplicas ?? 0);
  const updatedReplicas = newSet ? statusReplicas(newSet) : 0;
  const unavailable = Math.max(0, totalReplicas - availableReplicas);
  const { collisionCount } = deployment.status ?? {};
  const counts: DeploymentStatus = {
    ...(deployment.metadata.generation === undefined
      ? {}
      : { observedGeneration: deployment.metadata.generation }),
    ...(totalReplicas ? { replicas: totalReplicas } : {}),
    ...(updatedReplicas ? { updatedReplicas } : {}),
    ...(readyReplicas ? { readyReplicas } : {}),
    ...(availableReplicas ? { availableReplicas } : {}),
    ...(unavailable ? { unavailableReplicas: unavailable } : {}),
    terminatingReplicas: sum(all, (set) => set.status?.terminatingReplicas ?? 0),
    ...(collisionCount === undefined ? {} : { collisionCount }),
  };
  let conditions = deployment.status?.conditions ?? [];
  const enough = (deployment.spec.replicas ?? 1) - fenceposts(deployment).unavailable;
  conditions = withCondition(conditions, availability(availableReplicas >= enough), simulation);
  conditions = progress(deployment, counts, newSet, conditions, simulation);
  const failure = all
    .flatMap((set) => set.status?.conditions ?? [])
    .find(({ type }) => type === 'ReplicaFailure');
  if (failure) {
    const { status, reason, message } = failure;
    conditions = withCondition(
      conditions,
      {
        type: 'ReplicaFailure',
        status,
        ...(reason ? { reason } : {}),
        ...(message ? { message } : {}),
      },
      simulation,
    );
  } else {
    conditions = conditions.filter(({ type }) => type !== 'ReplicaFailure');
  }
  return conditions.length > 0 ? { ...counts, conditions } : counts;
}

function availability(enough: boolean): Condition {
  return enough
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
}

function progress(
  deployment: Deployment,
  counts: DeploymentStatus,
  newSet: ReplicaSet | undefined,
  conditions: readonly DeploymentCondition[],
  simulation: Simulation,
): readonly DeploymentCondition[] {
  if (deployment.spec.progressDeadlineSeconds === 2147483647) {
    return conditions.filter(({ type }) => type !== 'Progressing');
  }
  const current = conditions.find(({ type }) => type === 'Progressing');
  const settled =
    current?.reason === 'NewReplicaSetAvailable' &&
    (counts.replicas ?? 0) === (counts.updatedReplicas ?? 0);
  if (settled) return conditions;
  const subject = newSet
    ? `ReplicaSet "${newSet.metadata.name}"`
    : `Deployment "${deployment.metadata.name}"`;
  if (isComplete(deployment, counts)) {
    const message = `${subject} has successfully progressed.`;
    return withCondition(
      conditions,
      { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message },
      simulation,
    );
  }
  if (isProgressing(deployment.status, counts)) {
    const message = `${subject} is progressing.`;
    const without =
      current?.status === 'True'
        ? conditions
        : conditions.filter(({ type }) => type !== 'Progressing');
    const next = { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message };
    return refreshed(withCondition(without, next, simulation), simulation);
  }
  const left = deadlineIn(
    { ...deployment, status: { ...deployment.status, conditions } },
    simulation,
  );
  if (left !== undefined && left <= 0) {
    const message = `${subject} has timed out progressing.`;
    return withCondition(
      conditions,
      { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message },
      simulation,
    );
  }
  return conditions;
}

/** Progress was made: the deadline runs anew. */
function refreshed(
  conditions: readonly DeploymentCondition[],
  simulation: Simulation,
): readonly DeploymentCondition[] {
  const lastUpdateTime = rfc3339(simulation.now);
  return conditions.map((condition) =>
    condition.type === 'Progressing' ? { ...condition, lastUpdateTime } : condition,
  );
}
