// The pods that a job makes, which of its indexes want one, and how long a failure is waited out.

import { epochMilliseconds, SECOND } from '../../../core/time.ts';
import type { Job } from '../../api/types/batch.ts';
import type { Pod } from '../../api/types/pod.ts';
import { podFromTemplate } from '../pod-control.ts';
import { milliseconds } from '../pods.ts';
import { failureVerdict } from './failure-policy.ts';
import {
  FAILURE_COUNT,
  failureCountOf,
  IGNORED_COUNT,
  ignoredCountOf,
  INDEX,
  indexOf,
} from './indexes.ts';
import { type JobTally, replacesOnlyFailed, TRACKING } from './tally.ts';

export const KIND = { kind: 'Job', apiVersion: 'batch/v1' };
const FIRST_BACKOFF = 10 * SECOND;
const LONGEST_BACKOFF = 600 * SECOND;

function finishedAt(pod: Pod): number {
  const ends = (pod.status?.containerStatuses ?? []).map(({ state }) =>
    milliseconds(state?.terminated?.finishedAt),
  );
  return Math.max(milliseconds(pod.metadata.creationTimestamp), ...ends);
}

function waitAfter(failures: number, last: number, now: number): number {
  if (failures === 0) return 0;
  const backoff = Math.min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** Math.min(failures - 1, 30));
  return (last - epochMilliseconds(now)) * 1e6 + backoff;
}

/** Nanoseconds until a failed pod may be replaced: 10 s after the first failure since a success, doubling. */
export function backoffLeft(pods: readonly Pod[], now: number): number {
  const successes = pods.filter((pod) => pod.status?.phase === 'Succeeded').map(finishedAt);
  const since = Math.max(0, ...successes);
  const failures = pods
    .filter((pod) => pod.status?.phase === 'Failed')
    .map(finishedAt)
    .filter((at) => at > since);
  return waitAfter(failures.length, Math.max(0, ...failures), now);
}

/** The last failed pod of each index, by how often the index had failed. */
export function lastFailures(pods: readonly Pod[]): ReadonlyMap<number, Pod> {
  const last = new Map<number, Pod>();
  const count = (pod: Pod): number => failureCountOf(pod) + ignoredCountOf(pod);
  for (const pod of pods) {
    const index = indexOf(pod);
    if (index === undefined || pod.status?.phase !== 'Failed') continue;
    const known = last.get(index);
    if (!known || count(known) <= count(pod)) last.set(index, pod);
  }
  return last;
}

/** The same for one index, where each has a limit of its own. */
export function indexBackoffLeft(last: Pod | undefined, now: number): number {
  if (!last) return 0;
  return waitAfter(failureCountOf(last) + ignoredCountOf(last) + 1, finishedAt(last), now);
}

/** Indexes without a pod that are neither done nor lost, lowest first. */
export function freeIndexes(job: Job, counts: JobTally): number[] {
  const holders = replacesOnlyFailed(job)
    ? [...counts.active, ...counts.terminating]
    : counts.active;
  const held = new Set(holders.map(indexOf));
  const free: number[] = [];
  for (let i = 0; i < (job.spec.completions ?? 0); i++) {
    if (!held.has(i) && !counts.succeededIndexes.has(i) && !counts.failedIndexes.has(i))
      free.push(i);
  }
  return free;
}

function failureCounts(job: Job, last: Pod | undefined): Record<string, string> {
  if (job.spec.backoffLimitPerIndex === undefined) return {};
  if (!last) return { [FAILURE_COUNT]: '0' };
  const ignored = failureVerdict(job, last)?.action === 'Ignore';
  const failures = failureCountOf(last) + (ignored ? 0 : 1);
  const skipped = ignoredCountOf(last) + (ignored ? 1 : 0);
  return {
    [FAILURE_COUNT]: String(failures),
    ...(skipped > 0 ? { [IGNORED_COUNT]: String(skipped) } : {}),
  };
}

/** The pod to make; `last` is the pod of the same index that failed before. */
export function jobPod(job: Job, index: number | undefined, last: Pod | undefined): Pod {
  const pod = podFromTemplate(job.spec.template, { ...KIND, metadata: job.metadata });
  const finalizers = [...(pod.metadata.finalizers ?? []), TRACKING];
  if (index === undefined) return { ...pod, metadata: { ...pod.metadata, finalizers } };
  const text = String(index);
  const field = {
    name: 'JOB_COMPLETION_INDEX',
    valueFrom: { fieldRef: { fieldPath: `metadata.labels['${INDEX}']` } },
  };
  const name = job.metadata.name ?? '';
  const given = <T extends { readonly env?: readonly { readonly name: string }[] }>(one: T): T =>
    one.env?.some((variable) => variable.name === field.name)
      ? one
      : { ...one, env: [...(one.env ?? []), field] };
  const { initContainers } = pod.spec;
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      finalizers,
      generateName: `${name}-${index}-`,
      annotations: { ...pod.metadata.annotations, [INDEX]: text, ...failureCounts(job, last) },
      labels: { ...pod.metadata.labels, [INDEX]: text },
    },
    spec: {
      ...pod.spec,
      hostname: `${name}-${index}`,
      containers: pod.spec.containers.map(given),
      ...(initContainers ? { initContainers: initContainers.map(given) } : {}),
    },
  };
}
