// Job and CronJob: counts, policies, schedules, and what stays once a job is made.

import { zoneNamed } from '../../../core/zones.ts';
import { sameJson } from '../object.ts';
import type { CronJob, Job, JobSpec } from '../types/batch.ts';
import { selects } from '../selectors.ts';
import { scheduleError } from './cron.ts';
import { type FieldError, fieldErrors } from './errors.ts';
import { validateJobPolicies } from './job-policies.ts';
import { immutable, nonNegative, validateTemplateSpec } from './workloads.ts';

const MODES = ['NonIndexed', 'Indexed'];

function validateSpec(spec: JobSpec, path: string): FieldError[] {
  const errors = [
    ...nonNegative(spec.parallelism, `${path}.parallelism`),
    ...nonNegative(spec.completions, `${path}.completions`),
    ...nonNegative(spec.activeDeadlineSeconds, `${path}.activeDeadlineSeconds`),
    ...nonNegative(spec.backoffLimit, `${path}.backoffLimit`),
    ...nonNegative(spec.ttlSecondsAfterFinished, `${path}.ttlSecondsAfterFinished`),
    ...nonNegative(spec.backoffLimitPerIndex, `${path}.backoffLimitPerIndex`),
    ...nonNegative(spec.maxFailedIndexes, `${path}.maxFailedIndexes`),
  ];
  const mode = spec.completionMode;
  if (mode !== undefined && !MODES.includes(mode)) {
    errors.push(fieldErrors.notSupported(`${path}.completionMode`, mode, MODES));
  }
  if (mode === 'Indexed' && spec.completions === undefined) {
    errors.push(fieldErrors.required(`${path}.completions`, 'when completion mode is Indexed'));
  }
  const { backoffLimitPerIndex, maxFailedIndexes } = spec;
  if (maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined) {
    const why = 'when maxFailedIndexes is specified';
    errors.push(fieldErrors.required(`${path}.backoffLimitPerIndex`, why));
  }
  if (mode !== 'Indexed') {
    for (const [name, value] of Object.entries({ backoffLimitPerIndex, maxFailedIndexes })) {
      const why = 'requires indexed completion mode';
      if (value !== undefined) errors.push(fieldErrors.invalid(`${path}.${name}`, value, why));
    }
  }
  errors.push(...validateJobPolicies(spec, path));
  errors.push(...validateTemplateSpec(spec.template, `${path}.template`));
  errors.push(...validateRestartPolicy(spec, path));
  return errors;
}

function validateRestartPolicy(spec: JobSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const policy = spec.template?.spec.restartPolicy;
  if (policy === 'Always') {
    errors.push(
      fieldErrors.required(
        `${path}.template.spec.restartPolicy`,
        'valid values: "OnFailure", "Never"',
      ),
    );
  } else if (policy !== 'OnFailure' && policy !== 'Never') {
    errors.push(
      fieldErrors.notSupported(`${path}.template.spec.restartPolicy`, policy ?? '', [
        'OnFailure',
        'Never',
      ]),
    );
  } else if (spec.podFailurePolicy && policy !== 'Never') {
    errors.push(
      fieldErrors.invalid(
        `${path}.template.spec.restartPolicy`,
        policy,
        'only "Never" is supported when podFailurePolicy is specified',
      ),
    );
  }
  return errors;
}

/** A selector that was to be generated must select by the job's own uid and name alone. */
function validateSelector({ metadata, spec }: Job): FieldError[] {
  const { selector, template, manualSelector } = spec;
  if (!selector) return [fieldErrors.required('spec.selector')];
  const { uid = '', name = '' } = metadata;
  const own = {
    'controller-uid': uid,
    'job-name': name,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
  };
  if (!manualSelector && !selects(selector, own)) {
    return [fieldErrors.invalid('spec.selector', selector, '`selector` not auto-generated')];
  }
  const labels = template.metadata?.labels ?? {};
  if (selects(selector, labels)) return [];
  const why = '`selector` does not match template `labels`';
  return [fieldErrors.invalid('spec.template.metadata.labels', labels, why)];
}

/** Checks a job. */
export function validateJob(job: Job): FieldError[] {
  return [...validateSpec(job.spec, 'spec'), ...validateSelector(job)];
}

/** Checks a change of a job. */
export function validateJobUpdate(job: Job, old: Job): FieldError[] {
  const indexed = job.spec.completionMode === 'Indexed';
  const elastic = indexed && job.spec.completions === job.spec.parallelism;
  const suspended = old.spec.suspend === true && !old.status?.startTime;
  return [
    ...validateSpec(job.spec, 'spec'),
    ...(elastic ? [] : immutable(job.spec.completions, old.spec.completions, 'spec.completions')),
    ...immutable(job.spec.selector, old.spec.selector, 'spec.selector'),
    ...(suspended || sameJson(job.spec.template, old.spec.template)
      ? []
      : immutable(job.spec.template, old.spec.template, 'spec.template')),
    ...immutable(job.spec.completionMode, old.spec.completionMode, 'spec.completionMode'),
    ...immutable(job.spec.podFailurePolicy, old.spec.podFailurePolicy, 'spec.podFailurePolicy'),
    ...immutable(
      job.spec.backoffLimitPerIndex,
      old.spec.backoffLimitPerIndex,
      'spec.backoffLimitPerIndex',
    ),
  ];
}

const CONCURRENCY = ['Allow', 'Forbid', 'Replace'];
const NAME_LIMIT = 52;

/** Checks a cron job. */
export function validateCronJob(cronJob: CronJob): FieldError[] {
  const { spec, metadata } = cronJob;
  const errors: FieldError[] = [];
  if (!spec.schedule) errors.push(fieldErrors.required('spec.schedule'));
  else {
    const wrong = scheduleError(spec.schedule);
    if (wrong !== undefined) {
      errors.push(fieldErrors.invalid('spec.schedule', spec.schedule, wrong));
    }
    if (/TZ=/.test(spec.schedule)) {
      errors.push(
        fieldErrors.invalid(
          'spec.schedule',
          spec.schedule,
          'cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
        ),
      );
    }
  }
  errors.push(...nonNegative(spec.startingDeadlineSeconds, 'spec.startingDeadlineSeconds'));
  errors.push(...validateTimeZone(spec.timeZone));
  const policy = spec.concurrencyPolicy ?? '';
  if (!CONCURRENCY.includes(policy)) {
    errors.push(fieldErrors.notSupported('spec.concurrencyPolicy', policy, CONCURRENCY));
  }
  errors.push(...validateSpec(spec.jobTemplate.spec, 'spec.jobTemplate.spec'));
  errors.push(
    ...nonNegative(spec.successfulJobsHistoryLimit, 'spec.successfulJobsHistoryLimit'),
    ...nonNegative(spec.failedJobsHistoryLimit, 'spec.failedJobsHistoryLimit'),
  );
  if ((metadata.name ?? '').length > NAME_LIMIT) {
    errors.push(
      fieldErrors.invalid(
        'metadata.name',
        metadata.name,
        `must be no more than ${NAME_LIMIT} characters`,
      ),
    );
  }
  return errors;
}

/** Names of the time zone database, as far as their form goes. */
function validateTimeZone(zone: string | null | undefined): FieldError[] {
  if (zone === undefined || zone === null) return [];
  const path = 'spec.timeZone';
  if (zone === '') {
    return [fieldErrors.invalid(path, zone, 'timeZone must be nil or non-empty string')];
  }
  if (zone.toLowerCase() === 'local') {
    return [
      fieldErrors.invalid(
        path,
        zone,
        'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
      ),
    ];
  }
  return zoneNamed(zone) ? [] : [fieldErrors.invalid(path, zone, `unknown time zone ${zone}`)];
}
