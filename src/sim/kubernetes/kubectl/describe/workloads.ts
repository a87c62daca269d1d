// kubectl describe of what runs pods: deployments, sets of every kind, jobs and cron jobs.

import { selectorText } from '../../api/selectors.ts';
import type { PodSpec } from '../../api/types/pod.ts';
import type { KubeObject } from '../rest.ts';
import {
  boolText,
  conditionRows,
  controlled,
  type Describer,
  type Facts,
  type Fields,
  labelLines,
  spec,
  status,
} from './facts.ts';
import { templateLines } from './pod.ts';
import { age, annotationsLine, type Lines, longTime, pairsLine } from './writer.ts';

type Template = Parameters<typeof templateLines>[1];

function podsOf(related: readonly KubeObject[]): string {
  return podCounts(related.filter(({ kind }) => kind === 'Pod'));
}

function deployment(out: Lines, { object, related }: Facts): void {
  const s = spec(object) as Fields & {
    selector: object;
    strategy?: { type: string; rollingUpdate?: Fields };
    template: Template;
  };
  const t = status(object);
  out.put(
    0,
    `Name:\t${object.metadata?.name ?? ''}\nNamespace:\t${object.metadata?.namespace ?? ''}\nCreationTimestamp:\t${longTime(object.metadata?.creationTimestamp)}`,
  );
  pairsLine(out, 0, 'Labels', object.metadata?.labels);
  annotationsLine(out, object.metadata?.annotations);
  out.put(0, `Selector:\t${selectorText(s.selector as never)}`);
  out.put(
    0,
    `Replicas:\t${String(s.replicas ?? 1)} desired | ${String(t.updatedReplicas ?? 0)} updated | ${String(t.replicas ?? 0)} total | ${String(t.availableReplicas ?? 0)} available | ${String(t.unavailableReplicas ?? 0)} unavailable`,
  );
  out.put(0, `StrategyType:\t${s.strategy?.type ?? ''}`);
  out.put(0, `MinReadySeconds:\t${String(s.minReadySeconds ?? 0)}`);
  const rolling = s.strategy?.rollingUpdate;
  if (rolling)
    out.put(
      0,
      `RollingUpdateStrategy:\t${String(rolling.maxUnavailable)} max unavailable, ${String(rolling.maxSurge)} max surge`,
    );
  templateLines(out, s.template);
  conditionRows(out, object);
  const sets = related.filter((one) => one.kind === 'ReplicaSet');
  const revision = object.metadata?.annotations?.['deployment.kubernetes.io/revision'];
  const isNew = (one: KubeObject): boolean =>
    one.metadata?.annotations?.['deployment.kubernetes.io/revision'] === revision;
  out.put(0, `OldReplicaSets:\t${setsText(sets.filter((one) => !isNew(one)))}`);
  out.put(0, `NewReplicaSet:\t${setsText(sets.filter(isNew))}`);
}

function setsText(sets: readonly KubeObject[]): string {
  const texts = sets.map(
    (one) =>
      `${one.metadata?.name ?? ''} (${String(status(one).replicas ?? 0)}/${String(spec(one).replicas ?? 0)} replicas created)`,
  );
  return texts.length > 0 ? texts.join(', ') : '<none>';
}

function podCounts(pods: readonly KubeObject[]): string {
  const count = (...phases: string[]): number =>
    pods.filter((pod) => phases.includes(String(status(pod).phase))).length;
  return `${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed`;
}

function replicaSet(out: Lines, { object, related }: Facts): void {
  const s = spec(object) as Fields & { selector: object; template: Template };
  out.put(
    0,
    `Name:\t${object.metadata?.name ?? ''}\nNamespace:\t${object.metadata?.namespace ?? ''}\nSelector:\t${selectorText((object.kind === 'ReplicationController' ? { matchLabels: s.selector } : s.selector) as never)}`,
  );
  pairsLine(out, 0, 'Labels', object.metadata?.labels);
  annotationsLine(out, object.metadata?.annotations);
  controlled(out, object);
  out.put(
    0,
    `Replicas:\t${String(status(object).replicas ?? 0)} current / ${String(s.replicas ?? 0)} desired`,
  );
  out.put(0, `Pods Status:\t${podCounts(related.filter(({ kind }) => kind === 'Pod'))}`);
  templateLines(out, s.template);
  conditionRows(out, object);
}

function daemonSet(out: Lines, { object, related }: Facts): void {
  const s = spec(object) as Fields & { selector: object; template: Template & { spec: PodSpec } };
  const t = status(object);
  out.put(
    0,
    `Name:\t${object.metadata?.name ?? ''}\nNamespace:\t${object.metadata?.namespace ?? ''}\nSelector:\t${selectorText(s.selector as never)}`,
  );
  pairsLine(out, 0, 'Node-Selector', s.template.spec.nodeSelector);
  pairsLine(out, 0, 'Labels', object.metadata?.labels);
  annotationsLine(out, object.metadata?.annotations);
  out.put(0, `Desired Number of Nodes Scheduled: ${String(t.desiredNumberScheduled ?? 0)}`);
  out.put(0, `Current Number of Nodes Scheduled: ${String(t.currentNumberScheduled ?? 0)}`);
  out.put(
    0,
    `Number of Nodes Scheduled with Up-to-date Pods: ${String(t.updatedNumberScheduled ?? 0)}`,
  );
  out.put(0, `Number of Nodes Scheduled with Available Pods: ${String(t.numberAvailable ?? 0)}`);
  out.put(0, `Number of Nodes Misscheduled: ${String(t.numberMisscheduled ?? 0)}`);
  out.put(0, `Pods Status:\t${podCounts(related.filter(({ kind }) => kind === 'Pod'))}`);
  templateLines(out, s.template);
}

function statefulSet(out: Lines, { object, related }: Facts): void {
  const s = spec(object) as Fields & {
    selector: object;
    template: Template;
    updateStrategy?: { type: string; rollingUpdate?: Fields };
    volumeClaimTemplates?: KubeObject[];
  };
  const { name = '', namespace = '', creationTimestamp } = object.metadata ?? {};
  out.put(0, `Name:\t${name}\nNamespace:\t${namespace}`);
  out.put(0, `CreationTimestamp:\t${longTime(creationTimestamp)}`);
  out.put(0, `Selector:\t${selectorText(s.selector as never)}`);
  labelLines(out, object);
  out.put(
    0,
    `Replicas:\t${String(s.replicas ?? 0)} desired | ${String(status(object).replicas ?? 0)} total`,
  );
  out.put(0, `Update Strategy:\t${s.updateStrategy?.type ?? ''}`);
  const rolling = s.updateStrategy?.rollingUpdate;
  if (rolling?.partition !== undefined) {
    out.put(1, `Partition:\t${String(rolling.partition)}`);
    if (rolling.maxUnavailable !== undefined)
      out.put(1, `MaxUnavailable:\t${String(rolling.maxUnavailable)}`);
  }
  out.put(0, `Pods Status:\t${podsOf(related)}`);
  templateLines(out, s.template);
  claimTemplates(out, s.volumeClaimTemplates ?? []);
}

function claimTemplates(out: Lines, claims: readonly KubeObject[]): void {
  if (claims.length === 0) {
    out.put(0, 'Volume Claims:\t<none>');
    return;
  }
  out.put(0, 'Volume Claims:');
  for (const claim of claims) {
    const { storageClassName, resources, accessModes } = spec(claim) as {
      storageClassName?: string;
      resources?: { requests?: Record<string, string> };
      accessModes?: string[];
    };
    out.put(1, `Name:\t${claim.metadata?.name ?? ''}`);
    out.put(1, `StorageClass:\t${storageClassName ?? ''}`);
    pairsLine(out, 1, 'Labels', claim.metadata?.labels);
    pairsLine(out, 1, 'Annotations', claim.metadata?.annotations);
    out.put(1, `Capacity:\t${resources?.requests?.storage ?? '<default>'}`);
    out.put(1, `Access Modes:\t[${(accessModes ?? []).join(' ')}]`);
  }
}

/** Fields that a job has or has not, each with its title. */
const JOB_FIELDS: readonly (readonly [string, string])[] = [
  ['completionMode', 'Completion Mode'],
  ['suspend', 'Suspend'],
  ['backoffLimit', 'Backoff Limit'],
  ['ttlSecondsAfterFinished', 'TTL Seconds After Finished'],
];

function job(out: Lines, { object }: Facts): void {
  const s = spec(object) as Fields & { selector?: object; template: Template };
  const t = status(object);
  const { name = '', namespace = '' } = object.metadata ?? {};
  out.put(0, `Name:\t${name}\nNamespace:\t${namespace}`);
  out.put(0, `Selector:\t${selectorText(s.selector as never)}`);
  labelLines(out, object);
  controlled(out, object);
  if (s.parallelism !== undefined) out.put(0, `Parallelism:\t${String(s.parallelism)}`);
  out.put(0, `Completions:\t${String(s.completions ?? '<unset>')}`);
  for (const [field, title] of JOB_FIELDS)
    if (s[field] !== undefined) out.put(0, `${title}:\t${String(s[field])}`);
  if (t.startTime) out.put(0, `Start Time:\t${longTime(t.startTime)}`);
  if (t.completionTime) {
    out.put(0, `Completed At:\t${longTime(t.completionTime)}`);
    if (t.startTime)
      out.put(0, `Duration:\t${age(t.startTime, Date.parse(String(t.completionTime)))}`);
  }
  if (s.activeDeadlineSeconds !== undefined)
    out.put(0, `Active Deadline Seconds:\t${String(s.activeDeadlineSeconds)}s`);
  const ready = t.ready === undefined ? '' : ` (${String(t.ready)} Ready)`;
  out.put(
    0,
    `Pods Statuses:\t${String(t.active ?? 0)} Active${ready} / ${String(t.succeeded ?? 0)} Succeeded / ${String(t.failed ?? 0)} Failed`,
  );
  if (s.completionMode === 'Indexed')
    out.put(0, `Completed Indexes:\t${indexesText(String(t.completedIndexes ?? ''))}`);
  templateLines(out, s.template);
}

/** Lists of indexes are cut at the first comma after 50 characters. */
function indexesText(indexes: string): string {
  if (indexes === '') return '<none>';
  const comma = indexes.indexOf(',', 50);
  return comma < 0 ? indexes : `${indexes.slice(0, comma + 1)}...`;
}

function cronJob(out: Lines, { object }: Facts): void {
  const s = spec(object) as Fields & {
    jobTemplate: { spec: Fields & { template: Template; selector?: object } };
  };
  const seconds = (value: unknown): string =>
    value === undefined ? '<unset>' : `${String(value)}s`;
  const { name = '', namespace = '' } = object.metadata ?? {};
  out.put(0, `Name:\t${name}\nNamespace:\t${namespace}`);
  labelLines(out, object);
  out.put(0, `Schedule:\t${String(s.schedule ?? '')}`);
  out.put(0, `Concurrency Policy:\t${String(s.concurrencyPolicy ?? '')}`);
  out.put(0, `Suspend:\t${boolText(s.suspend)}`);
  out.put(0, `Time Zone:\t${String(s.timeZone ?? '<unset>')}`);
  out.put(0, `Successful Job History Limit:\t${String(s.successfulJobsHistoryLimit ?? '<unset>')}`);
  out.put(0, `Failed Job History Limit:\t${String(s.failedJobsHistoryLimit ?? '<unset>')}`);
  out.put(0, `Starting Deadline Seconds:\t${seconds(s.startingDeadlineSeconds)}`);
  const inner = s.jobTemplate.spec;
  out.put(0, `Selector:\t${inner.selector ? selectorText(inner.selector as never) : '<unset>'}`);
  out.put(0, `Parallelism:\t${String(inner.parallelism ?? '<unset>')}`);
  out.put(0, `Completions:\t${String(inner.completions ?? '<unset>')}`);
  if (inner.activeDeadlineSeconds !== undefined)
    out.put(0, `Active Deadline Seconds:\t${seconds(inner.activeDeadlineSeconds)}`);
  templateLines(out, inner.template);
  const t = status(object);
  out.put(0, `Last Schedule Time:\t${longTime(t.lastScheduleTime)}`);
  const active = ((t.active ?? []) as { name: string }[]).map((one) => one.name);
  out.put(0, `Active Jobs:\t${active.join(', ') || '<none>'}`);
}

export const WORKLOADS: Readonly<Record<string, Describer>> = {
  Deployment: deployment,
  ReplicaSet: replicaSet,
  ReplicationController: replicaSet,
  StatefulSet: statefulSet,
  DaemonSet: daemonSet,
  Job: job,
  CronJob: cronJob,
};
