// A stateful set's status, from its pods and revisions.

import type { Simulation } from '../../../core/simulation.ts';
import type { ControllerRevision, StatefulSet, StatefulSetStatus } from '../../api/types/apps.ts';
import type { Pod } from '../../api/types/pod.ts';
import { isPodAvailable, isPodReady } from '../pods.ts';
import { podRevision } from './identity.ts';

/** The revision that pods were at, and the one that they are to be at. */
export interface Revisions {
  readonly current: ControllerRevision;
  readonly update: ControllerRevision;
}

/** The status that fits; a rolling update that has reached every pod is completed in it. */
export function statefulSetStatus(
  set: StatefulSet,
  pods: readonly Pod[],
  { current, update }: Revisions,
  isLeaving: (pod: Pod) => boolean,
  simulation: Simulation,
): StatefulSetStatus {
  const { minReadySeconds = 0, replicas: wanted = 1, updateStrategy } = set.spec;
  const updateRevision = update.metadata.name ?? '';
  let currentRevision = current.metadata.name ?? '';
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && isPodReady(pod));
  const available = ready.filter((pod) => isPodAvailable(pod, minReadySeconds, simulation));
  const staying = pods.filter((pod) => !pod.metadata.deletionTimestamp && !isLeaving(pod));
  const at = (revision: string): number =>
    staying.filter((pod) => podRevision(pod) === revision).length;
  const updated = at(updateRevision);
  let currentReplicas = at(currentRevision);
  const complete = [updated, ready.length, pods.length].every((count) => count === wanted);
  if (updateStrategy?.type === 'RollingUpdate' && complete) {
    currentReplicas = updated;
    currentRevision = updateRevision;
  }
  const { generation } = set.metadata;
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    replicas: pods.length,
    ...(ready.length ? { readyReplicas: ready.length } : {}),
    ...(currentReplicas ? { currentReplicas } : {}),
    ...(updated ? { updatedReplicas: updated } : {}),
    currentRevision,
    updateRevision,
    collisionCount: set.status?.collisionCount ?? 0,
    availableReplicas: available.length,
  };
}
