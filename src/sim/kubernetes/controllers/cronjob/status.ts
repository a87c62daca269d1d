// What a cron job's jobs mean for its status, and the job for a time. Pure.

import type { CronJob, CronJobStatus, Job } from '../../api/types/batch.ts';
import type { ObjectReference } from '../../api/types/meta.ts';
import { milliseconds } from '../pods.ts';
import { zoneOffset } from './schedule.ts';

const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

/** `Complete` or `Failed`; undefined for a job that is not over. */
export function finishedType(job: Job): string | undefined {
  return job.status?.conditions?.find(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  )?.type;
}

/** The name of the job for a time. */
export function jobName(cronJob: CronJob, at: number): string {
  return `${cronJob.metadata.name}-${Math.floor(at / 60_000)}`;
}

/** As a job stands in `status.active`. */
export function referenceTo({ metadata }: Job): ObjectReference {
  const { namespace = '', name = '', uid = '', resourceVersion = '' } = metadata;
  return { kind: 'Job', namespace, name, uid, apiVersion: 'batch/v1', resourceVersion };
}

/** RFC 3339 with the zone's offset: `2026-03-02T10:00:00+01:00`. */
function inZone(at: number, zone: string | undefined): string {
  const offset = zoneOffset(zone, at) ?? 0;
  const text = new Date(at + offset).toISOString().slice(0, 19);
  if (offset === 0) return `${text}Z`;
  const minutes = Math.abs(offset) / 60_000;
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0');
  return `${text}${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}

/** The job for a time, from the template. */
export function jobFor(cronJob: CronJob, at: number): Job {
  const { metadata, spec } = cronJob.spec.jobTemplate;
  const { namespace = '', name = '', uid = '' } = cronJob.metadata;
  const owner = { apiVersion: 'batch/v1', kind: 'CronJob', name, uid };
  return {
    kind: 'Job',
    apiVersion: 'batch/v1',
    metadata: {
      name: jobName(cronJob, at),
      namespace,
      ...(metadata?.labels ? { labels: metadata.labels } : {}),
      annotations: { ...metadata?.annotations, [SCHEDULED_AT]: inZone(at, cronJob.spec.timeZone) },
      ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }],
    },
    spec,
  };
}

type Told = readonly ['Normal' | 'Warning', string, string];

/** The status after a look at the jobs: what is active, what succeeded last; with what there is to tell. */
export function afterJobs(
  cronJob: CronJob,
  jobs: readonly Job[],
): { readonly status: CronJobStatus; readonly events: readonly Told[] } {
  const events: Told[] = [];
  let { active = [], lastSuccessfulTime, ...rest } = cronJob.status ?? {};
  const drop = (uid: string | undefined): void => {
    active = active.filter((one) => one.uid !== uid);
  };
  for (const job of jobs) {
    const { name, uid } = job.metadata;
    const listed = active.some((one) => one.uid === uid);
    const finished = finishedType(job);
    if (!finished) {
      const message = `Saw a job that the controller did not create or forgot: ${name}`;
      if (!listed) events.push(['Warning', 'UnexpectedJob', message]);
      continue;
    }
    if (listed) {
      drop(uid);
      const message = `Saw completed job: ${name}, condition: ${finished}`;
      events.push(['Normal', 'SawCompletedJob', message]);
    }
    const { completionTime } = job.status ?? {};
    const later = milliseconds(completionTime) > milliseconds(lastSuccessfulTime);
    if (finished === 'Complete' && completionTime && later) lastSuccessfulTime = completionTime;
  }
  for (const { uid, name } of active) {
    if (jobs.some((job) => job.metadata.uid === uid)) continue;
    drop(uid);
    events.push(['Normal', 'MissingJob', `Active job went missing: ${name}`]);
  }
  const status = {
    ...rest,
    ...(active.length > 0 ? { active } : {}),
    ...(lastSuccessfulTime === undefined ? {} : { lastSuccessfulTime }),
  };
  return { status, events };
}
