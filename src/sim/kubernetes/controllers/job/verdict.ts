// Whether a job is over, and why: limits on failures, the deadline, the policies, the number of completions. Pure.

import type { Simulation } from '../../../core/simulation.ts';
import { epochMilliseconds } from '../../../core/time.ts';
import type { Job } from '../../api/types/batch.ts';
import { milliseconds } from '../pods.ts';
import { parseIndexes } from './indexes.ts';
import type { JobTally } from './tally.ts';

/** Why a job is over. */
export interface Ending {
  readonly kind: 'Complete' | 'Failed';
  readonly reason: string;
  readonly message: string;
}

function failedBecause(reason: string, message: string): Ending {
  return { kind: 'Failed', reason, message };
}

/** With restartPolicy OnFailure, restarts of the containers count as failures. */
function pastLimitInPlace(job: Job, counts: JobTally): boolean {
  if (job.spec.template.spec.restartPolicy !== 'OnFailure') return false;
  const { backoffLimit = 6 } = job.spec;
  return backoffLimit === 0 ? counts.restarts > 0 : counts.restarts >= backoffLimit;
}

/** Why the job has failed; undefined: it has not. */
function failureOf(job: Job, counts: JobTally, simulation: Simulation): Ending | undefined {
  const { backoffLimit = 6, completions = 0, maxFailedIndexes } = job.spec;
  if (counts.policyFailure !== undefined)
    return failedBecause('PodFailurePolicy', counts.policyFailure);
  if (counts.failed > backoffLimit || pastLimitInPlace(job, counts)) {
    const message = 'Job has reached the specified backoff limit';
    return failedBecause('BackoffLimitExceeded', message);
  }
  if ((deadlineLeft(job, simulation) ?? 1) <= 0) {
    const message = 'Job was active longer than specified deadline';
    return failedBecause('DeadlineExceeded', message);
  }
  if (job.spec.backoffLimitPerIndex === undefined) return undefined;
  const lost = counts.failedIndexes.size;
  if (maxFailedIndexes !== undefined && lost > maxFailedIndexes) {
    const message = 'Job has exceeded the specified maximal number of failed indexes';
    return failedBecause('MaxFailedIndexesExceeded', message);
  }
  if (lost > 0 && lost + counts.succeededIndexes.size >= completions)
    return failedBecause('FailedIndexes', 'Job has failed indexes');
  return undefined;
}

/** The first rule of successPolicy that is met. */
function successRule(job: Job, counts: JobTally): number | undefined {
  const met = (job.spec.successPolicy?.rules ?? []).findIndex((rule) => {
    const { succeededIndexes, succeededCount } = rule;
    if (succeededIndexes === undefined)
      return counts.succeededIndexes.size >= (succeededCount ?? Number.POSITIVE_INFINITY);
    const wanted = parseIndexes(succeededIndexes);
    const done = [...wanted].filter((index) => counts.succeededIndexes.has(index)).length;
    return wanted.size > 0 && done >= (succeededCount ?? wanted.size);
  });
  return met < 0 || counts.succeededIndexes.size === 0 ? undefined : met;
}

/** Whether the job is over, and why; undefined: it goes on. */
export function endingOf(job: Job, counts: JobTally, simulation: Simulation): Ending | undefined {
  const failure = failureOf(job, counts, simulation);
  if (failure) return failure;
  const rule = successRule(job, counts);
  if (rule !== undefined) {
    const message = `Matched rules at index ${rule}`;
    return { kind: 'Complete', reason: 'SuccessPolicy', message };
  }
  const { completions, suspend } = job.spec;
  const done =
    completions === undefined
      ? counts.succeeded > 0 && counts.active.length === 0
      : counts.succeeded >= completions;
  if (!done || (suspend && completions === undefined)) return undefined;
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
