// Job and CronJob: counts, policies, schedules, and what stays once a job is made.

import { zoneNamed } from '../../../core/zones.ts';
import { sameJson } from '../object.ts';
import type { CronJob, Job, JobSpec } from '../types/batch.ts';
import { selects } from '../selectors.ts';
import { scheduleError } from './cron.ts';
import { validateDomainPath } from './domain-path.ts';
import { type FieldError, fieldErrors, sortedMap } from './errors.ts';
import { validateJobPolicies } from './job-policies.ts';
import { dnsLabel } from './names.ts';
import { validateSelector } from './selectors.ts';
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
    ...(spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined
      ? [fieldErrors.required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified')]
      : []),
    ...validateManagedBy(spec.managedBy, `${path}.managedBy`),
  ];
  const mode = spec.completionMode;
  if (mode !== undefined && !MODES.includes(mode)) {
    errors.push(fieldErrors.notSupported(`${path}.completionMode`, mode, MODES));
  }
  const { backoffLimitPerIndex, maxFailedIndexes } = spec;
  if (mode === 'Indexed') errors.push(...validateIndexed(spec, path));
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

const MANAGED_BY_LIMIT = 63;

function validateManagedBy(value: string | undefined, path: string): FieldError[] {
  if (value === undefined) return [];
  const errors = validateDomainPath(value, path);
  if (value.length > MANAGED_BY_LIMIT) errors.push(fieldErrors.tooLong(path, MANAGED_BY_LIMIT));
  return errors;
}

const INDEXED_LIMIT = 100000;
const MANY_COMPLETIONS = 100000;
const LIMIT_OF_MANY = 10000;

/** Limits of a job whose completions are numbered. */
function validateIndexed(spec: JobSpec, path: string): FieldError[] {
  const { completions, parallelism = 0, maxFailedIndexes, backoffLimitPerIndex } = spec;
  const errors: FieldError[] = [];
  if (completions === undefined)
    errors.push(fieldErrors.required(`${path}.completions`, 'when completion mode is Indexed'));
  if (parallelism > INDEXED_LIMIT) {
    const why = `must be less than or equal to ${INDEXED_LIMIT} when completion mode is Indexed`;
    errors.push(fieldErrors.invalid(`${path}.parallelism`, parallelism, why));
  }
  const failed = `${path}.maxFailedIndexes`;
  if (maxFailedIndexes !== undefined) {
    if (completions !== undefined && maxFailedIndexes > completions) {
      const why = 'must be less than or equal to completions';
      errors.push(fieldErrors.invalid(failed, maxFailedIndexes, why));
    }
    if (maxFailedIndexes > INDEXED_LIMIT) {
      const why = `must be less than or equal to ${INDEXED_LIMIT}`;
      errors.push(fieldErrors.invalid(failed, maxFailedIndexes, why));
    }
  }
  if ((completions ?? 0) <= MANY_COMPLETIONS || backoffLimitPerIndex === undefined) return errors;
  const above = `when completions are above ${MANY_COMPLETIONS} and used with backoff limit per index`;
  const why = `must be less than or equal to ${LIMIT_OF_MANY} ${above}`;
  if (maxFailedIndexes === undefined) {
    const needed = `must be specified when completions is above ${MANY_COMPLETIONS}`;
    errors.push(fieldErrors.required(failed, needed));
  }
  if (parallelism > LIMIT_OF_MANY)
    errors.push(fieldErrors.invalid(`${path}.parallelism`, parallelism, why));
  if ((maxFailedIndexes ?? 0) > LIMIT_OF_MANY)
    errors.push(fieldErrors.invalid(failed, maxFailedIndexes, why));
  return errors;
}

function validateRestartPolicy(spec: JobSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const policy = spec.template?.spec.restartPolicy;
  if (policy === 'Always' || !policy) {
    errors.push(
      fieldErrors.required(
        `${path}.template.spec.restartPolicy`,
        'valid values: "OnFailure", "Never"',
      ),
    );
  } else if (policy !== 'OnFailure' && policy !== 'Never') {
    errors.push(
      fieldErrors.notSupported(`${path}.template.spec.restartPolicy`, policy, [
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
function validateGenerated({ metadata, spec }: Job): FieldError[] {
  const { selector, manualSelector } = spec;
  const { uid = '', name = '' } = metadata;
  if (manualSelector || !selector) return [];
  const own = {
    'controller-uid': uid,
    'job-name': name,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
  };
  if (selects(selector, own)) return [];
  return [fieldErrors.invalid('spec.selector', selector, '`selector` not auto-generated')];
}

/** Generated or not, the selector selects the pods that the job makes. */
function validateJobSelector({ selector, template }: JobSpec): FieldError[] {
  const errors = selector
    ? validateSelector(selector, 'spec.selector')
    : [fieldErrors.required('spec.selector')];
  const labels = template?.metadata?.labels;
  if (selector && selects(selector, labels ?? {})) return errors;
  const why = '`selector` does not match template `labels`';
  return [
    ...errors,
    fieldErrors.invalid('spec.template.metadata.labels', labels ? sortedMap(labels) : null, why),
  ];
}

/** Checks a job. */
export function validateJob(job: Job): FieldError[] {
  const { spec, metadata } = job;
  const errors = [
    ...validateGenerated(job),
    ...validateSpec(spec, 'spec'),
    ...validateJobSelector(spec),
  ];
  const { completions = 0 } = spec;
  const hostname = `${metadata.name ?? ''}-${completions - 1}`;
  if (spec.completionMode === 'Indexed' && completions > 0 && dnsLabel(hostname).length > 0) {
    const why = `will not able to create pod with invalid DNS label: ${hostname}`;
    errors.push(fieldErrors.invalid('metadata.name', metadata.name, why));
  }
  return errors;
}

/** Completions change with parallelism, and only where they are numbered. */
function validateCompletions(spec: JobSpec, old: JobSpec): FieldError[] {
  const path = 'spec.completions';
  const { completions } = spec;
  if (spec.completionMode !== 'Indexed') return immutable(completions, old.completions, path);
  if (completions === undefined || completions === old.completions) return [];
  if (completions === spec.parallelism) return [];
  const why = 'can only be modified in tandem with spec.parallelism';
  return [fieldErrors.invalid(path, completions, why)];
}

/** The template as a job may change it that waits: where its pods go, and what they ask for. */
function validateJobTemplate(
  spec: JobSpec,
  { template: old, suspend }: JobSpec,
  job: Job,
): FieldError[] {
  const { template } = spec;
  if (sameJson(template, old)) return [];
  if (!suspend) return immutable(template, old, 'spec.template', 'core/v1.PodTemplateSpec');
  const started = job.status?.startTime !== undefined;
  const { affinity, nodeSelector, tolerations, schedulingGates } = template.spec;
  const directives = { affinity, nodeSelector, tolerations, schedulingGates };
  const withResources = <T extends { name: string }>(list: readonly T[], now: readonly T[]): T[] =>
    list.map((one, i) => {
      const resources = (now[i] as { resources?: object } | undefined)?.resources;
      return now.length === list.length && now[i]?.name === one.name
        ? ({ ...one, ...(resources ? { resources } : {}) } as T)
        : one;
    });
  const kept = {
    ...old.spec,
    ...(started ? {} : directives),
    containers: withResources(old.spec.containers, template.spec.containers),
    ...(old.spec.initContainers
      ? {
          initContainers: withResources(
            old.spec.initContainers,
            template.spec.initContainers ?? [],
          ),
        }
      : {}),
  };
  return immutable(template.spec, kept, 'spec.template.spec', 'core/v1.PodSpec');
}

/** Checks a change of a job. */
export function validateJobUpdate(job: Job, old: Job): FieldError[] {
  const [now, before] = [job.spec, old.spec];
  const same = (field: keyof JobSpec, type?: string): FieldError[] =>
    immutable(now[field], before[field], `spec.${field}`, type && `batch/v1.${type}`);
  return [
    ...validateSpec(now, 'spec'),
    ...validateJobSelector(now),
    ...validateCompletions(now, before),
    ...same('selector'),
    ...validateJobTemplate(now, before, old),
    ...same('completionMode'),
    ...same('podFailurePolicy', 'PodFailurePolicy'),
    ...same('backoffLimitPerIndex'),
    ...same('managedBy'),
    ...same('successPolicy', 'SuccessPolicy'),
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
    if (spec.schedule.includes('TZ')) {
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
