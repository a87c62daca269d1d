// Completion indexes of indexed jobs: read from a pod, written as the ranges that a job's status shows (`0-2,5`).

import type { Pod } from '../../api/types/pod.ts';

export const INDEX = 'batch.kubernetes.io/job-completion-index';

/** The pod's completion index; undefined where it has none. */
export function indexOf(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[INDEX];
  return text === undefined ? undefined : Number(text);
}

/** `0-2,5` from numbers in any order. */
export function formatIndexes(indexes: Iterable<number>): string {
  const sorted = [...new Set(indexes)].sort((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const index of sorted) {
    const last = ranges.at(-1);
    if (last && last[1] + 1 === index) last[1] = index;
    else ranges.push([index, index]);
  }
  return ranges
    .map(([a, b]) => (a === b ? `${a}` : b === a + 1 ? `${a},${b}` : `${a}-${b}`))
    .join(',');
}

/** The numbers of `0-2,5`; the inverse of `formatIndexes`. */
export function parseIndexes(text: string | undefined): Set<number> {
  const out = new Set<number>();
  for (const part of (text ?? '').split(',').filter(Boolean)) {
    const [from = 0, to = from] = part.split('-').map(Number);
    for (let i = from; i <= to; i++) out.add(i);
  }
  return out;
}

/** How often an index had failed before this pod of it. */
export const FAILURE_COUNT = 'batch.kubernetes.io/job-index-failure-count';
/** How often an index had failed in a way that does not count. */
export const IGNORED_COUNT = 'batch.kubernetes.io/job-index-ignored-failure-count';

export function failureCountOf(pod: Pod): number {
  return Number(pod.metadata.annotations?.[FAILURE_COUNT] ?? 0);
}

export function ignoredCountOf(pod: Pod): number {
  return Number(pod.metadata.annotations?.[IGNORED_COUNT] ?? 0);
}
