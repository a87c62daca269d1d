// The arithmetic of a rolling update: how many pods of the new and the old replica sets there may be now. Pure; the
// invariants are that never more than replicas + maxSurge pods exist and never fewer than replicas - maxUnavailable are
// available on purpose.

import type { Deployment, ReplicaSet } from '../../api/types/apps.ts';

/** An absolute number or a percentage, resolved against `of`. */
export function resolveShare(
  value: number | string | undefined,
  of: number,
  roundUp: boolean,
): number {
  if (value === undefined) return 0;
  if (typeof value === 'number') return value;
  const percent = Number.parseFloat(value);
  if (!value.endsWith('%')) return Number(value);
  const exact = (percent * of) / 100;
  return roundUp ? Math.ceil(exact) : Math.floor(exact);
}

/** maxSurge and maxUnavailable as numbers of pods (ResolveFenceposts: they are not both zero). */
export function fenceposts(deployment: Deployment): {
  readonly surge: number;
  readonly unavailable: number;
} {
  const { strategy, replicas = 1 } = deployment.spec;
  if (strategy?.type === 'Recreate') return { surge: 0, unavailable: 0 };
  const surge = resolveShare(strategy?.rollingUpdate?.maxSurge, replicas, true);
  const unavailable = resolveShare(strategy?.rollingUpdate?.maxUnavailable, replicas, false);
  if (surge === 0 && unavailable === 0) return { surge, unavailable: 1 };
  return { surge, unavailable: Math.min(unavailable, replicas) };
}

/** The most pods there may be at a time. */
export function mostReplicas(deployment: Deployment): number {
  return (deployment.spec.replicas ?? 1) + fenceposts(deployment).surge;
}

export const replicasOf = (set: ReplicaSet): number => set.spec.replicas ?? 0;
export const statusReplicas = (set: ReplicaSet): number => set.status?.replicas ?? 0;
export const available = (set: ReplicaSet): number => set.status?.availableReplicas ?? 0;

export function sum(sets: readonly ReplicaSet[], of: (set: ReplicaSet) => number): number {
  return sets.reduce((total, set) => total + of(set), 0);
}

/** How many pods the new set is to have in this step (NewRSNewReplicas). */
export function newSetSize(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newSet: ReplicaSet,
): number {
  const { replicas = 1, strategy } = deployment.spec;
  if (strategy?.type === 'Recreate') return replicas;
  if (replicasOf(newSet) > replicas) return replicas;
  const room = mostReplicas(deployment) - sum(all, replicasOf);
  if (room <= 0) return replicasOf(newSet);
  return replicasOf(newSet) + Math.min(room, replicas - replicasOf(newSet));
}

/** New sizes for the old sets in this step: first those whose pods are not available, then within the fence. */
export function oldSetSizes(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newSet: ReplicaSet,
  old: readonly ReplicaSet[],
): ReadonlyMap<ReplicaSet, number> {
  const sizes = new Map<ReplicaSet, number>();
  const oldPods = sum(old, replicasOf);
  if (oldPods === 0) return sizes;
  const { replicas = 1 } = deployment.spec;
  const minAvailable = replicas - fenceposts(deployment).unavailable;
  const newUnavailable = replicasOf(newSet) - available(newSet);
  const most = sum(all, replicasOf) - minAvailable - newUnavailable;
  if (most <= 0) return sizes;
  const size = (set: ReplicaSet): number => sizes.get(set) ?? replicasOf(set);
  let cleaned = 0;
  for (const set of old) {
    const unhealthy = Math.min(most - cleaned, replicasOf(set) - available(set));
    if (replicasOf(set) === 0 || unhealthy <= 0) continue;
    sizes.set(set, replicasOf(set) - unhealthy);
    cleaned += unhealthy;
  }
  let spare = sum(all, available) - minAvailable;
  for (const set of old) {
    if (spare <= 0) break;
    const down = Math.min(size(set), spare);
    if (down === 0) continue;
    sizes.set(set, size(set) - down);
    spare -= down;
  }
  return sizes;
}

/** New sizes when the deployment was scaled in the middle of a rollout: in proportion, the rounding to the largest. */
export function proportionalSizes(
  deployment: Deployment,
  active: readonly ReplicaSet[],
): ReadonlyMap<ReplicaSet, number> {
  const total = sum(active, replicasOf);
  const allowed = (deployment.spec.replicas ?? 1) > 0 ? mostReplicas(deployment) : 0;
  const toAdd = allowed - total;
  const sizes = new Map<ReplicaSet, number>();
  const sorted = [...active].sort((a, b) => replicasOf(b) - replicasOf(a));
  let added = 0;
  for (const set of sorted) {
    const before = Number(
      set.metadata.annotations?.['deployment.kubernetes.io/max-replicas'] ?? total,
    );
    const ideal = Math.round((replicasOf(set) * allowed) / Math.max(1, before)) - replicasOf(set);
    const left = toAdd - added;
    const share =
      toAdd > 0 ? Math.min(Math.max(ideal, 0), left) : Math.max(Math.min(ideal, 0), left);
    sizes.set(set, replicasOf(set) + share);
    added += share;
  }
  const [largest] = sorted;
  if (largest && toAdd !== added) {
    sizes.set(largest, Math.max(0, (sizes.get(largest) ?? 0) + toAdd - added));
  }
  return sizes;
}
