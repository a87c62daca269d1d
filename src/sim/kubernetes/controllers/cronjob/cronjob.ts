// The cron job controller: a Job at every time that the schedule names, unless one still runs and concurrencyPolicy forbids
// another; finished jobs go beyond the history limits. The job of a time has that time in its name, so it is made once.

import type { Simulation } from '../../../core/simulation.ts';
import { epochMilliseconds, MILLISECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { resources } from '../../api/client-resources.ts';
import { type ApiClient, Refusal } from '../../api/client.ts';
import { sameJson } from '../../api/object.ts';
import type { CronJob, CronJobStatus, Job } from '../../api/types/batch.ts';
import { parseSchedule, type Schedule } from '../../api/validation/cron.ts';
import type { ControllerContext } from '../context.ts';
import type { Controller, SyncResult } from '../machinery/controller.ts';
import type { EventRecorder } from '../machinery/events.ts';
import { type Informer, keyOf } from '../machinery/informer.ts';
import { WorkQueue } from '../machinery/work-queue.ts';
import { controllerOf, milliseconds } from '../pods.ts';
import { latestDue, nextTime, zoneOffset } from './schedule.ts';
import { afterJobs, finishedType, jobFor, jobName, referenceTo } from './status.ts';

const BY_OWNER = 'controller uid';
/** A job is looked for this long after its time, so that it is surely past. */
const AFTER = 100 * MILLISECOND;
const TOO_MANY = 100;

/** kube-controller-manager's cronjob-controller. */
export class CronJobController implements Controller {
  readonly name = 'cronjob-controller';
  readonly workers = 5;
  readonly queue: WorkQueue;
  private readonly simulation: Simulation;
  private readonly client: ApiClient;
  private readonly cronJobs: Informer<CronJob>;
  private readonly jobs: Informer<Job>;
  private readonly events: EventRecorder;

  constructor(context: ControllerContext) {
    this.simulation = context.simulation;
    this.client = context.client;
    this.queue = new WorkQueue(context.simulation);
    this.cronJobs = context.informer(resources.cronJobs);
    this.jobs = context.informer(resources.jobs);
    this.events = context.recorder('cronjob-controller');
    this.jobs.addIndex(BY_OWNER, (job) => [controllerOf(job)?.uid ?? '']);
    this.cronJobs.onChange((after) => after && this.queue.add(keyOf(after)));
    this.jobs.onChange((after, before) => {
      const job = after ?? before;
      const owner = job && controllerOf(job);
      if (owner?.kind === 'CronJob') this.queue.add(`${job?.metadata.namespace}/${owner.name}`);
    });
  }

  private get now(): number {
    return epochMilliseconds(this.simulation.now);
  }

  *sync(key: string): Routine<SyncResult> {
    const found = this.cronJobs.get(key);
    if (!found) return undefined;
    const jobs = [...this.jobs.byIndex(BY_OWNER, found.metadata.uid ?? '')];
    const { status, events } = afterJobs(found, jobs);
    for (const [type, reason, message] of events) this.events.event(found, type, reason, message);
    let cronJob: CronJob = { ...found, status };
    const outcome = yield* this.start(cronJob, jobs);
    if (typeof outcome === 'object') cronJob = outcome.cronJob;
    yield* this.trimHistory(cronJob, jobs);
    if (!sameJson(cronJob.status ?? {}, found.status ?? {})) {
      const updated = yield* this.client.updateStatus(resources.cronJobs, cronJob);
      if (updated instanceof Refusal) return updated.message;
      this.cronJobs.observe(updated);
    }
    return typeof outcome === 'object' ? outcome.again : outcome;
  }

  /** Makes the job that is due, if any. A number: look again then; a text: it failed. */
  private *start(
    cronJob: CronJob,
    jobs: readonly Job[],
  ): Routine<SyncResult | { readonly cronJob: CronJob; readonly again: number | undefined }> {
    const { timeZone, suspend, schedule: text, concurrencyPolicy } = cronJob.spec;
    if (cronJob.metadata.deletionTimestamp) return undefined;
    const warn = (reason: string, message: string): void =>
      this.events.event(cronJob, 'Warning', reason, message);
    if (zoneOffset(timeZone, this.now) === undefined) {
      warn('UnknownTimeZone', `invalid timeZone: "${timeZone}": unknown time zone ${timeZone}`);
      return undefined;
    }
    if (suspend) return undefined;
    const schedule = parseSchedule(text);
    const due = typeof schedule === 'string' ? schedule : latestDue(cronJob, schedule, this.now);
    if (typeof schedule === 'string') {
      warn('UnparseableSchedule', `unparseable schedule: "${text}" : ${schedule}`);
      return undefined;
    }
    if (typeof due === 'string') {
      warn('InvalidSchedule', `invalid schedule: ${text} : ${due}`);
      return undefined;
    }
    const again = this.again(cronJob, schedule);
    if (due.missed > TOO_MANY) {
      const hint = 'Set or decrease .spec.startingDeadlineSeconds or check clock skew';
      warn('TooManyMissedTimes', `too many missed start times. ${hint}`);
    }
    if (due.at === undefined || this.isTooLate(cronJob, due.at)) return again;
    const active = cronJob.status?.active ?? [];
    const name = jobName(cronJob, due.at);
    const done = milliseconds(cronJob.status?.lastScheduleTime) === due.at;
    if (done || active.some((one) => one.name === name)) return again;
    if (concurrencyPolicy === 'Forbid' && active.length > 0) {
      const message =
        'Not starting job because prior execution is running and concurrency policy is Forbid';
      this.events.event(cronJob, 'Normal', 'JobAlreadyActive', message);
      return again;
    }
    let left = cronJob;
    if (concurrencyPolicy === 'Replace') {
      for (const job of jobs.filter((one) => active.some(({ uid }) => uid === one.metadata.uid))) {
        if (!(yield* this.deleteJob(cronJob, job))) {
          return `could not replace job ${keyOf(job)}`;
        }
      }
      left = { ...cronJob, status: { ...cronJob.status, active: [] } };
    }
    const made = yield* this.createJob(left, due.at);
    return typeof made === 'string' ? made : { cronJob: made, again };
  }

  private *createJob(cronJob: CronJob, at: number): Routine<CronJob | string> {
    const wanted = jobFor(cronJob, at);
    const { namespace = '', name = '' } = wanted.metadata;
    let job = yield* this.client.create(resources.jobs, wanted);
    if (job instanceof Refusal && job.reason === 'AlreadyExists') {
      job = yield* this.client.get(resources.jobs, namespace, name);
      const ours = !(job instanceof Refusal) && controllerOf(job)?.uid === cronJob.metadata.uid;
      if (!ours) return cronJob;
    } else if (!(job instanceof Refusal)) {
      this.events.event(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${name}`);
    }
    if (job instanceof Refusal) {
      this.events.event(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${job.message}`);
      return job.message;
    }
    this.jobs.observe(job);
    const status: CronJobStatus = {
      ...cronJob.status,
      active: [...(cronJob.status?.active ?? []), referenceTo(job)],
      lastScheduleTime: new Date(at).toISOString().replace('.000', ''),
    };
    return { ...cronJob, status };
  }

  private again({ spec }: CronJob, schedule: Schedule): number | undefined {
    const next = nextTime(schedule, this.now, spec.timeZone);
    return next === undefined ? undefined : (next - this.now) * MILLISECOND + AFTER;
  }

  private isTooLate(cronJob: CronJob, at: number): boolean {
    const { startingDeadlineSeconds } = cronJob.spec;
    if (startingDeadlineSeconds === undefined) return false;
    if (at + startingDeadlineSeconds * 1000 >= this.now) return false;
    const text = new Date(at).toUTCString().replace('GMT', '+0000');
    const message = `Missed scheduled time to start a job: ${text}`;
    this.events.event(cronJob, 'Warning', 'MissSchedule', message);
    return true;
  }

  private *deleteJob(cronJob: CronJob, job: Job): Routine<boolean> {
    const { namespace = '', name = '' } = job.metadata;
    const options = { propagationPolicy: 'Background' };
    const deleted = yield* this.client.delete(resources.jobs, namespace, name, options);
    if (deleted instanceof Refusal && deleted.reason !== 'NotFound') {
      this.events.event(cronJob, 'Warning', 'FailedDelete', `Deleted job: ${deleted.message}`);
      return false;
    }
    this.events.event(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${name}`);
    return true;
  }

  /** Deletes finished jobs beyond the history limits, the oldest first. */
  private *trimHistory(cronJob: CronJob, jobs: readonly Job[]): Routine<void> {
    const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = cronJob.spec;
    for (const [type, limit] of [
      ['Complete', successfulJobsHistoryLimit],
      ['Failed', failedJobsHistoryLimit],
    ] as const) {
      if (limit === undefined) continue;
      const finished = jobs
        .filter((job) => finishedType(job) === type && !job.metadata.deletionTimestamp)
        .sort((a, b) => milliseconds(a.status?.startTime) - milliseconds(b.status?.startTime));
      for (const job of finished.slice(0, Math.max(0, finished.length - limit)))
        yield* this.deleteJob(cronJob, job);
    }
  }
}
