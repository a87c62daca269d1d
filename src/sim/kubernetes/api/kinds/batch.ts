// Job and CronJob.

import { timeText } from '../clock.ts';
import { templateDefaults } from '../defaults/pod-spec.ts';
import { objectAge } from '../handlers/table.ts';
import { fillIn, type KubeObject, replaceField } from '../object.ts';
import { ageText, humanDuration } from '../tables/ages.ts';
import { columns } from '../tables/columns.ts';
import { imageCells, selectorCell } from '../tables/workloads.ts';
import type { CronJob, CronJobSpec, Job, JobSpec } from '../types/batch.ts';
import { validateCronJob, validateJob, validateJobUpdate } from '../validation/batch.ts';
import { dnsSubdomain } from '../validation/names.ts';
import type { KindDescriptor } from './descriptor.ts';

const asJob = (object: KubeObject): Job => object as unknown as Job;
const jobSpec = (object: KubeObject): JobSpec => asJob(object).spec;

function jobSpecDefaults(given: JobSpec): JobSpec {
  const indexed = given.completionMode === 'Indexed';
  const counted = given.completions === undefined && given.parallelism === undefined;
  const spec = fillIn(given, {
    ...(counted ? { completions: 1 } : {}),
    parallelism: 1,
    backoffLimit: indexed && given.backoffLimitPerIndex !== undefined ? 2147483647 : 6,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: given.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed',
  });
  return withFailureDefaults(replaceField(spec, 'template', templateDefaults(spec.template)));
}

/** A pattern of podFailurePolicy that names no status means True. */
function withFailureDefaults(spec: JobSpec): JobSpec {
  const rules = spec.podFailurePolicy?.rules;
  if (!rules?.some(({ onPodConditions }) => onPodConditions?.some(({ status }) => !status)))
    return spec;
  const filled = rules.map((rule) =>
    rule.onPodConditions
      ? {
          ...rule,
          onPodConditions: rule.onPodConditions.map((one) => ({
            ...one,
            status: one.status || 'True',
          })),
        }
      : rule,
  );
  return { ...spec, podFailurePolicy: { rules: filled } };
}

/** A job without labels has those of its pods: when it is read back, those that it was given for them too. */
function jobDefaults(object: KubeObject): KubeObject {
  const spec = fillIn(jobSpecDefaults(jobSpec(object)), { manualSelector: false });
  const labels = spec.template.metadata?.labels;
  const defaulted = replaceField(object, 'spec', spec);
  if (!labels || Object.keys(object.metadata.labels ?? {}).length > 0) return defaulted;
  return { ...defaulted, metadata: { ...object.metadata, labels } };
}

const UID_LABEL = 'batch.kubernetes.io/controller-uid';
const NAME_LABEL = 'batch.kubernetes.io/job-name';

/** A job selects its pods by its own uid, unless it was told not to. */
function withSelector(object: KubeObject): KubeObject {
  const job = asJob(object);
  if (job.spec.manualSelector) return { ...object, status: {} };
  const { uid = '', name = '' } = job.metadata;
  const labels = {
    ...job.spec.template.metadata?.labels,
    'controller-uid': uid,
    'job-name': name,
    [UID_LABEL]: uid,
    [NAME_LABEL]: name,
  };
  const matchLabels = { ...job.spec.selector?.matchLabels, [UID_LABEL]: uid };
  const metadata = { ...job.spec.template.metadata, labels };
  const template = { ...job.spec.template, metadata };
  const spec: JobSpec = { ...job.spec, selector: { ...job.spec.selector, matchLabels }, template };
  return { ...object, spec, status: {} };
}

function jobStatus(job: Job): string {
  const has = (type: string): boolean =>
    (job.status?.conditions ?? []).some((one) => one.type === type && one.status === 'True');
  if (has('Complete')) return 'Complete';
  if (has('Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp) return 'Terminating';
  for (const type of ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'])
    if (has(type)) return type;
  return 'Running';
}

function completions({ spec, status }: Job): string {
  const done = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${done}/${spec.completions}`;
  const parallel = spec.parallelism ?? 0;
  return parallel > 1 ? `${done}/1 of ${parallel}` : `${done}/1`;
}

function duration({ status }: Job, now: number): string {
  if (!status?.startTime) return '';
  if (!status.completionTime) return ageText(status.startTime, timeText(now));
  return humanDuration((Date.parse(status.completionTime) - Date.parse(status.startTime)) / 1000);
}

export const job: KindDescriptor = {
  kind: 'Job',
  group: 'batch',
  version: 'v1',
  plural: 'jobs',
  singular: 'job',
  namespaced: true,
  categories: ['all'],
  type: 'batch/v1.Job',
  storage: 'jobs',
  hasStatus: true,
  generation: true,
  nameRule: dnsSubdomain,
  defaults: jobDefaults,
  defaultsAfterPreparation: true,
  prepareForCreate: withSelector,
  validate: (object) => validateJob(asJob(object)),
  validateUpdate: (object, old) => validateJobUpdate(asJob(object), asJob(old)),
  selectableFields: {
    'status.successful': (object) => String(asJob(object).status?.succeeded ?? 0),
  },
  table: {
    columns: columns(
      'Status',
      'Completions',
      'Duration',
      'Age',
      '*Containers',
      '*Images',
      '*Selector',
    ),
    cells: (object, now) => {
      const one = asJob(object);
      return [
        object.metadata.name ?? '',
        jobStatus(one),
        completions(one),
        duration(one, now),
        objectAge(object, now),
        ...imageCells(one.spec.template),
        selectorCell(one.spec.selector),
      ];
    },
  },
};

const asCronJob = (object: KubeObject): CronJob => object as unknown as CronJob;

function cronJobDefaults(object: KubeObject): KubeObject {
  const spec: CronJobSpec = fillIn(asCronJob(object).spec, {
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  });
  const inner = replaceField(
    spec.jobTemplate.spec,
    'template',
    templateDefaults(spec.jobTemplate.spec.template),
  );
  const jobTemplate = replaceField(spec.jobTemplate, 'spec', inner);
  return replaceField(object, 'spec', replaceField(spec, 'jobTemplate', jobTemplate));
}

export const cronJob: KindDescriptor = {
  kind: 'CronJob',
  group: 'batch',
  version: 'v1',
  plural: 'cronjobs',
  singular: 'cronjob',
  namespaced: true,
  shortNames: ['cj'],
  categories: ['all'],
  type: 'batch/v1.CronJob',
  storage: 'cronjobs',
  hasStatus: true,
  generation: true,
  defaults: cronJobDefaults,
  prepareForCreate: (object) => ({ ...object, status: {} }),
  validate: (object) => validateCronJob(asCronJob(object)),
  validateUpdate: (object) => validateCronJob(asCronJob(object)),
  table: {
    columns: columns(
      'Schedule',
      'Timezone',
      'Suspend:boolean',
      'Active:integer',
      'Last Schedule',
      'Age',
      '*Containers',
      '*Images',
      '*Selector',
    ),
    cells: (object, now) => {
      const { spec, status } = asCronJob(object);
      const last = status?.lastScheduleTime;
      return [
        object.metadata.name ?? '',
        spec.schedule,
        spec.timeZone ?? '<none>',
        spec.suspend === undefined ? '<unset>' : spec.suspend ? 'True' : 'False',
        (status?.active ?? []).length,
        last ? ageText(last, timeText(now)) : '<none>',
        objectAge(object, now),
        ...imageCells(spec.jobTemplate.spec.template),
        selectorCell(spec.jobTemplate.spec.selector),
      ];
    },
  },
};
