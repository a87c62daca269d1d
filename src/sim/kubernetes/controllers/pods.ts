// What controllers ask of a pod (k8s.io/kubernetes/pkg/api/v1/pod and controller_utils): ready, available, active, and
// which of several is to go first.

import type { Simulation } from '../../core/simulation.ts';
import { epochMilliseconds, SECOND } from '../../core/time.ts';
import type { OwnerReference } from '../api/types/meta.ts';
import type { Pod, PodCondition } from '../api/types/pod.ts';

/** A condition of a pod by its type. */
export function podCondition(pod: Pod, type: string): PodCondition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}

export function isPodReady(pod: Pod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True';
}

/** Neither ended nor on its way out. */
export function isPodActive(pod: Pod): boolean {
  const { phase } = pod.status ?? {};
  return phase !== 'Succeeded' && phase !== 'Failed' && !pod.metadata.deletionTimestamp;
}

/** Milliseconds since 1970 of an RFC 3339 text; 0 where there is none. */
export function milliseconds(time: string | null | undefined): number {
  return time ? Date.parse(time) : 0;
}

/** Ready for at least `minReadySeconds`. */
export function isPodAvailable(pod: Pod, minReadySeconds: number, simulation: Simulation): boolean {
  return availableIn(pod, minReadySeconds, simulation) === 0;
}

/** Nanoseconds until a ready pod counts as available; 0: it is; undefined: it is not ready. */
export function availableIn(
  pod: Pod,
  minReadySeconds: number,
  simulation: Simulation,
): number | undefined {
  const ready = podCondition(pod, 'Ready');
  if (ready?.status !== 'True') return undefined;
  if (minReadySeconds === 0) return 0;
  const at = milliseconds(ready.lastTransitionTime) + minReadySeconds * 1000;
  return Math.max(0, (at - epochMilliseconds(simulation.now)) * (SECOND / 1000));
}

/** The reference to the object that manages this one. */
export function controllerOf(object: {
  readonly metadata: { readonly ownerReferences?: readonly OwnerReference[] };
}): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller);
}

const PHASE_ORDER: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/**
 * Orders pods by who is to be deleted first (ActivePodsWithRanks): unassigned, then pending, then not ready, lower
 * deletion cost, more of them on one node, ready for a shorter time, more restarts, younger.
 */
export function byDeletionOrder(rank: (pod: Pod) => number): (a: Pod, b: Pod) => number {
  return (a, b) =>
    Number(Boolean(a.spec.nodeName)) - Number(Boolean(b.spec.nodeName)) ||
    (PHASE_ORDER[a.status?.phase ?? ''] ?? 1) - (PHASE_ORDER[b.status?.phase ?? ''] ?? 1) ||
    Number(isPodReady(a)) - Number(isPodReady(b)) ||
    deletionCost(a) - deletionCost(b) ||
    rank(b) - rank(a) ||
    logarithmic(readySince(b)) - logarithmic(readySince(a)) ||
    restarts(b) - restarts(a) ||
    milliseconds(b.metadata.creationTimestamp) - milliseconds(a.metadata.creationTimestamp) ||
    (a.metadata.uid ?? '').localeCompare(b.metadata.uid ?? '');
}

function deletionCost(pod: Pod): number {
  return Number(pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0);
}

function readySince(pod: Pod): number {
  return milliseconds(podCondition(pod, 'Ready')?.lastTransitionTime);
}

function logarithmic(time: number): number {
  return time === 0 ? 0 : Math.floor(Math.log2(time));
}

function restarts(pod: Pod): number {
  return Math.max(0, ...(pod.status?.containerStatuses ?? []).map((status) => status.restartCount));
}
