// A ReplicaSet's status, from its pods.

import type { Simulation } from '../../../core/simulation.ts';
import { rfc3339 } from '../../../core/time.ts';
import type { ReplicaSet, ReplicaSetCondition, ReplicaSetStatus } from '../../api/types/apps.ts';
import type { Pod } from '../../api/types/pod.ts';
import { isPodActive, isPodAvailable, isPodReady } from '../pods.ts';

/** What went wrong while making or removing pods; undefined: nothing. */
export type ManageFailure = {
  readonly reason: 'FailedCreate' | 'FailedDelete';
  readonly message: string;
};

/** The status that fits the pods that the set owns. */
export function replicaSetStatus(
  set: ReplicaSet,
  owned: readonly Pod[],
  failure: ManageFailure | undefined,
  countsTerminating: boolean,
  simulation: Simulation,
): ReplicaSetStatus {
  const { template, minReadySeconds = 0 } = set.spec;
  const wanted = Object.entries(template.metadata?.labels ?? {});
  let replicas = 0;
  let fullyLabeled = 0;
  let ready = 0;
  let available = 0;
  let terminating = 0;
  for (const pod of owned) {
    if (pod.metadata.deletionTimestamp) terminating++;
    if (!isPodActive(pod)) continue;
    replicas++;
    const labels = pod.metadata.labels ?? {};
    if (wanted.every(([name, value]) => labels[name] === value)) fullyLabeled++;
    if (!isPodReady(pod)) continue;
    ready++;
    if (isPodAvailable(pod, minReadySeconds, simulation)) available++;
  }
  const conditions = conditionsOf(set, failure, simulation);
  return {
    replicas,
    ...(fullyLabeled ? { fullyLabeledReplicas: fullyLabeled } : {}),
    ...(ready ? { readyReplicas: ready } : {}),
    ...(available ? { availableReplicas: available } : {}),
    ...(countsTerminating ? { terminatingReplicas: terminating } : {}),
    ...(set.metadata.generation === undefined
      ? {}
      : { observedGeneration: set.metadata.generation }),
    ...(conditions.length > 0 ? { conditions } : {}),
  };
}

function conditionsOf(
  set: ReplicaSet,
  failure: ManageFailure | undefined,
  simulation: Simulation,
): readonly ReplicaSetCondition[] {
  const before = set.status?.conditions ?? [];
  const others = before.filter(({ type }) => type !== 'ReplicaFailure');
  const known = before.find(({ type }) => type === 'ReplicaFailure');
  if (!failure) return others;
  if (known) return before;
  const lastTransitionTime = rfc3339(simulation.now);
  return [...others, { type: 'ReplicaFailure', status: 'True', lastTransitionTime, ...failure }];
}
