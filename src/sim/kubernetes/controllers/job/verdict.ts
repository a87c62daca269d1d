// How a job stands: what its pods count for, and whether it is over. Pure.

import type { Simulation } from '../../../core/simulation.ts';
import { epochMilliseconds } from '../../../core/time.ts';
import type { Job } from '../../api/types/batch.ts';
import type { Pod } from '../../api/types/pod.ts';
import { isPodActive, isPodReady, milliseconds } from '../pods.ts';
import { failureVerdict } from './failure-policy.ts';
import { indexOf, parseIndexes } from './indexes.ts';

/** The pods of a job, sorted by what they are. */
export interface JobTally {
  readonly active: readonly Pod[];
  readonly terminating: readonly Pod[];
  readonly ready: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Failures that count towards backoffLimit. */
  readonly countedFailures: number;
  readonly succeededIndexes: ReadonlySet<number>;
  readonly failedIndexes: ReadonlySet<number>;
  /** A rule of podFailurePolicy ended the job. */
  readonly policyFailure: string | undefined;
}

/** Why a job is over. */
export interface Ending {
  readonly kind: 'Complete' | 'Failed';
  readonly reason: string;
  readonly message: string;
}

/** Counts a job's pods; `forgotten` are counts of pods that no longer exist. */
export function tally(job: Job, pods: readonly Pod[]): JobTally {
  const indexed = job.spec.completionMode === 'Indexed';
  const succeededIndexes = parseIndexes(job.status?.completedIndexes);
  const failedIndexes = parseIndexes(job.status?.failedIndexes);
  const failuresByIndex = new Map<number, number>();
  let succeeded = 0;
  let failed = 0;
  let counted = 0;
  let policyFailure: string | undefined;
  for (const pod of pods) {
    const index = indexOf(pod);
    if (pod.status?.phase === 'Succeeded') {
      succeeded++;
      if (indexed && index !== undefined) succeededIndexes.add(index);
    } else if (pod.status?.phase === 'Failed') {
      failed++;
      const verdict = failureVerdict(job, pod);
      if (verdict?.action === 'FailJob') policyFailure ??= verdict.message;
      if (verdict?.action === 'Ignore') continue;
      counted++;
      if (index === undefined) continue;
      if (verdict?.action === 'FailIndex') failedIndexes.add(index);
      failuresByIndex.set(index, (failuresByIndex.get(index) ?? 0) + 1);
    }
  }
  const perIndex = job.spec.backoffLimitPerIndex;
  if (perIndex !== undefined) {
    for (const [index, failures] of failuresByIndex)
      if (failures > perIndex) failedIndexes.add(index);
  }
  const active = pods.filter(isPodActive);
  return {
    active,
    terminating: pods.filter(
      (pod) =>
        pod.metadata.deletionTimestamp &&
        pod.status?.phase !== 'Failed' &&
        pod.status?.phase !== 'Succeeded',
    ),
    ready: active.filter(isPodReady).length,
    succeeded: indexed ? succeededIndexes.size : succeeded,
    failed,
    countedFailures: counted + restartsInPlace(job, active),
    succeededIndexes,
    failedIndexes,
    policyFailure,
  };
}

/** With restartPolicy OnFailure, restarts of the containers count as failures. */
function restartsInPlace(job: Job, active: readonly Pod[]): number {
  if (job.spec.template.spec.restartPolicy !== 'OnFailure') return 0;
  let restarts = 0;
  for (const { status } of active) {
    for (const container of [
      ...(status?.containerStatuses ?? []),
      ...(status?.initContainerStatuses ?? []),
    ]) {
      restarts += container.restartCount;
    }
  }
  return restarts;
}

/** Whether the job is over, and why; undefined: it goes on. */
export function endingOf(job: Job, counts: JobTally, simulation: Simulation): Ending | undefined {
  const {
    backoffLimit = 6,
    completions,
    parallelism = 1,
    backoffLimitPerIndex,
    maxFailedIndexes,
  } = job.spec;
  if (counts.policyFailure !== undefined) {
    return { kind: 'Failed', reason: 'PodFailurePolicy', message: counts.policyFailure };
  }
  const onFailure = job.spec.template.spec.restartPolicy === 'OnFailure';
  const beyond =
    onFailure && backoffLimit > 0
      ? counts.countedFailures >= backoffLimit && counts.countedFailures > 0
      : counts.countedFailures > backoffLimit;
  if (backoffLimitPerIndex === undefined && beyond) {
    return {
      kind: 'Failed',
      reason: 'BackoffLimitExceeded',
      message: 'Job has reached the specified backoff limit',
    };
  }
  if ((deadlineLeft(job, simulation) ?? 1) <= 0) {
    return {
      kind: 'Failed',
      reason: 'DeadlineExceeded',
      message: 'Job was active longer than specified deadline',
    };
  }
  if (maxFailedIndexes !== undefined && counts.failedIndexes.size > maxFailedIndexes) {
    return {
      kind: 'Failed',
      reason: 'MaxFailedIndexesExceeded',
      message: 'Job has exceeded the specified maximal number of failed indexes',
    };
  }
  if (completions === undefined) {
    const done = counts.succeeded > 0 && counts.active.length === 0;
    return done || parallelism < 0 ? complete() : undefined;
  }
  if (backoffLimitPerIndex !== undefined && counts.failedIndexes.size > 0) {
    if (counts.failedIndexes.size + counts.succeededIndexes.size >= completions) {
      return { kind: 'Failed', reason: 'FailedIndexes', message: 'Job has failed indexes' };
    }
  }
  return counts.succeeded >= completions ? complete() : undefined;
}

function complete(): Ending {
  return {
    kind: 'Complete',
    reason: 'CompletionsReached',
    message: 'Reached expected number of succeeded pods',
  };
}

/** Nanoseconds until activeDeadlineSeconds ends the job; undefined where none runs. */
export function deadlineLeft(job: Job, simulation: Simulation): number | undefined {
  const { activeDeadlineSeconds, suspend } = job.spec;
  if (activeDeadlineSeconds === undefined || !job.status?.startTime || suspend) return undefined;
  const due = milliseconds(job.status.startTime) + activeDeadlineSeconds * 1000;
  return (due - epochMilliseconds(simulation.now)) * 1e6;
}
