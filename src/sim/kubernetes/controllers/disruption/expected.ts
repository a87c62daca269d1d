// How many of a budget's pods are to be healthy: a number, or a share of what the pods' controllers ask for. Pure but for
// the look-up of controllers.

import type { PodDisruptionBudget } from '../../api/types/policy.ts';
import type { Pod } from '../../api/types/pod.ts';
import { resolveShare } from '../deployment/rolling.ts';
import { controllerOf } from '../pods.ts';

/** The replicas that a pod's controller asks for, with that controller's uid; a text: it has none to tell. */
export type ScaleOf = (pod: Pod) => { readonly uid: string; readonly replicas: number } | string;

/** What a budget expects of its pods. */
export interface Expectation {
  readonly expected: number;
  readonly desired: number;
  /** Pods without a controller, which a share cannot count. */
  readonly unmanaged: readonly string[];
}

function scaleOfAll(pods: readonly Pod[], scaleOf: ScaleOf): Expectation | string {
  const scales = new Map<string, number>();
  const unmanaged: string[] = [];
  for (const pod of pods) {
    if (!controllerOf(pod)) {
      unmanaged.push(pod.metadata.name ?? '');
      continue;
    }
    const scale = scaleOf(pod);
    if (typeof scale === 'string') return scale;
    scales.set(scale.uid, scale.replicas);
  }
  const expected = [...scales.values()].reduce((sum, count) => sum + count, 0);
  return { expected, desired: 0, unmanaged };
}

/** getExpectedPodCount; a text: a controller's scale cannot be told. */
export function expectationOf(
  { spec }: PodDisruptionBudget,
  pods: readonly Pod[],
  scaleOf: ScaleOf,
): Expectation | string {
  const { minAvailable, maxUnavailable } = spec;
  if (maxUnavailable === undefined && typeof minAvailable !== 'string') {
    return minAvailable === undefined
      ? { expected: 0, desired: 0, unmanaged: [] }
      : { expected: pods.length, desired: minAvailable, unmanaged: [] };
  }
  const counted = scaleOfAll(pods, scaleOf);
  if (typeof counted === 'string') return counted;
  const share = resolveShare(maxUnavailable ?? minAvailable ?? 0, counted.expected, true);
  const desired = maxUnavailable === undefined ? share : Math.max(0, counted.expected - share);
  return { ...counted, desired };
}
