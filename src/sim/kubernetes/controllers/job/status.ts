// A job's status: counts, and conditions in pairs, the target first, the end itself once no pod is left. Pure.

import type { Job, JobCondition, JobStatus } from '../../api/types/batch.ts';
import { formatIndexes } from './indexes.ts';
import type { JobTally } from './tally.ts';
import type { Ending } from './verdict.ts';

/** The condition of a type where it is true. */
export function conditionOf(
  job: { readonly status?: JobStatus },
  type: string,
): JobCondition | undefined {
  return job.status?.conditions?.find(
    (condition) => condition.type === type && condition.status === 'True',
  );
}

/** What led to the end that is under way: FailureTarget or SuccessCriteriaMet. */
export function targetOf(job: { readonly status?: JobStatus }): JobCondition | undefined {
  return conditionOf(job, 'FailureTarget') ?? conditionOf(job, 'SuccessCriteriaMet');
}

/** The conditions with what became true; `quiet`: no pod is left running. */
function conditionsAfter(
  job: Job,
  ending: Ending | undefined,
  quiet: boolean,
  now: string,
): readonly JobCondition[] {
  let conditions = job.status?.conditions ?? [];
  const add = (type: string, reason: string, message: string, status = 'True'): void => {
    const times = { lastProbeTime: now, lastTransitionTime: now };
    const condition = { type, status, ...times, reason, message };
    conditions = [...conditions.filter((other) => other.type !== type), condition];
  };
  const suspended = conditions.find(({ type }) => type === 'Suspended');
  const over = ending !== undefined || targetOf(job) !== undefined;
  if (!over && job.spec.suspend && suspended?.status !== 'True')
    add('Suspended', 'JobSuspended', 'Job suspended');
  if (!over && !job.spec.suspend && suspended?.status === 'True')
    add('Suspended', 'JobResumed', 'Job resumed', 'False');
  if (ending) {
    const target = ending.kind === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
    add(target, ending.reason, ending.message);
  }
  const target = targetOf({ status: { conditions } });
  if (target && quiet) {
    const type = target.type === 'FailureTarget' ? 'Failed' : 'Complete';
    add(type, target.reason ?? '', target.message ?? '');
  }
  return conditions;
}

/** The status that fits; `active` are the pods that are left after what was deleted. */
export function jobStatus(
  job: Job,
  counts: JobTally,
  active: number,
  leaving: number,
  ending: Ending | undefined,
  now: string,
): JobStatus {
  const indexed = job.spec.completionMode === 'Indexed';
  const terminating = counts.terminating.length + leaving;
  const conditions = conditionsAfter(job, ending, active + terminating === 0, now);
  const complete = conditions.some(({ type }) => type === 'Complete');
  const over = targetOf({ status: { conditions } }) !== undefined;
  const starts = !job.spec.suspend || over;
  const resumed = conditionOf(job, 'Suspended') !== undefined && !job.spec.suspend;
  const startTime = resumed ? now : (job.status?.startTime ?? now);
  return {
    ...(conditions.length > 0 ? { conditions } : {}),
    ...(starts ? { startTime } : {}),
    ...(complete ? { completionTime: job.status?.completionTime ?? now } : {}),
    ...(active ? { active } : {}),
    terminating,
    ...(counts.succeeded ? { succeeded: counts.succeeded } : {}),
    ...(counts.failed ? { failed: counts.failed } : {}),
    ...(indexed && counts.succeededIndexes.size > 0
      ? { completedIndexes: formatIndexes(counts.succeededIndexes) }
      : {}),
    ...(job.spec.backoffLimitPerIndex !== undefined
      ? { failedIndexes: formatIndexes(counts.failedIndexes) }
      : {}),
    uncountedTerminatedPods: {},
    ready: counts.ready,
  };
}
