// How a job's pods count: those that ended and were not counted yet (they still carry the tracking finalizer) are added to
// what the status counted before. Pure.

import type { Job } from '../../api/types/batch.ts';
import type { Pod } from '../../api/types/pod.ts';
import { isPodActive, isPodReady } from '../pods.ts';
import { failureVerdict } from './failure-policy.ts';
import { failureCountOf, indexOf, parseIndexes } from './indexes.ts';

/** Pods that ended are kept from deletion until they were counted. */
export const TRACKING = 'batch.kubernetes.io/job-tracking';

/** The pods of a job, sorted by what they are. */
export interface JobTally {
  readonly active: readonly Pod[];
  readonly terminating: readonly Pod[];
  readonly ready: number;
  /** Succeeded pods (or indexes), those counted before among them. */
  readonly succeeded: number;
  /** Failed pods that count, those counted before among them. */
  readonly failed: number;
  /** Restarts of containers of pods that run or wait. */
  readonly restarts: number;
  readonly succeededIndexes: ReadonlySet<number>;
  readonly failedIndexes: ReadonlySet<number>;
  /** A rule of podFailurePolicy ended the job. */
  readonly policyFailure: string | undefined;
  /** Pods to be let go once the status is written. */
  readonly counted: readonly Pod[];
}

/** Whether only failed pods are replaced, and not those that are on their way out. */
export function replacesOnlyFailed(job: Job): boolean {
  return job.spec.podReplacementPolicy === 'Failed';
}

function isTracked({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(TRACKING) === true;
}

/** A pod that failed, or (unless only failed ones count) is being deleted before it succeeded. */
function isFailed(job: Job, { metadata, status }: Pod): boolean {
  if (status?.phase === 'Failed') return true;
  if (replacesOnlyFailed(job)) return false;
  return metadata.deletionTimestamp !== undefined && status?.phase !== 'Succeeded';
}

/** Counts a job's pods. */
export function tally(job: Job, pods: readonly Pod[]): JobTally {
  const indexed = job.spec.completionMode === 'Indexed';
  const perIndex = job.spec.backoffLimitPerIndex;
  const succeededIndexes = parseIndexes(job.status?.completedIndexes);
  const failedIndexes = parseIndexes(job.status?.failedIndexes);
  let succeeded = job.status?.succeeded ?? 0;
  let failed = job.status?.failed ?? 0;
  let policyFailure: string | undefined;
  const counted: Pod[] = [];
  for (const pod of pods) {
    if (!isTracked(pod)) continue;
    const index = indexOf(pod);
    if (pod.status?.phase === 'Succeeded') {
      counted.push(pod);
      if (!indexed) succeeded++;
      else if (index !== undefined && index < (job.spec.completions ?? 0))
        succeededIndexes.add(index);
    } else if (isFailed(job, pod)) {
      counted.push(pod);
      const verdict = failureVerdict(job, pod);
      if (verdict?.action === 'FailJob') policyFailure ??= verdict.message;
      if (verdict?.action === 'Ignore') continue;
      failed++;
      if (perIndex === undefined || index === undefined) continue;
      if (verdict?.action === 'FailIndex' || failureCountOf(pod) >= perIndex)
        failedIndexes.add(index);
    }
  }
  const active = pods.filter(isPodActive);
  return {
    active,
    terminating: pods.filter(
      ({ metadata, status }) =>
        metadata.deletionTimestamp && status?.phase !== 'Failed' && status?.phase !== 'Succeeded',
    ),
    ready: active.filter(isPodReady).length,
    succeeded: indexed ? succeededIndexes.size : succeeded,
    failed,
    restarts: restartsInPlace(active),
    succeededIndexes,
    failedIndexes,
    policyFailure,
    counted,
  };
}

function restartsInPlace(active: readonly Pod[]): number {
  let restarts = 0;
  for (const { status } of active) {
    for (const { restartCount } of [
      ...(status?.containerStatuses ?? []),
      ...(status?.initContainerStatuses ?? []),
    ])
      restarts += restartCount;
  }
  return restarts;
}
