// A daemon set's status, from the nodes and its pods.

import type { Simulation } from '../../../core/simulation.ts';
import type { DaemonSet, DaemonSetStatus } from '../../api/types/apps.ts';
import type { Node } from '../../api/types/node.ts';
import type { Pod } from '../../api/types/pod.ts';
import { isPodAvailable, isPodReady } from '../pods.ts';
import { REVISION_LABEL } from '../revisions.ts';
import { targetNode, verdict } from './placement.ts';

/** The status that fits; `hash` names the current revision. */
export function daemonSetStatus(
  set: DaemonSet,
  nodes: readonly Node[],
  pods: readonly Pod[],
  hash: string,
  simulation: Simulation,
): DaemonSetStatus {
  const { minReadySeconds = 0 } = set.spec;
  let desired = 0;
  let current = 0;
  let misscheduled = 0;
  let ready = 0;
  let available = 0;
  let updated = 0;
  for (const node of nodes) {
    const here = pods.filter((pod) => targetNode(pod) === node.metadata.name);
    if (!verdict(set, node).run) {
      if (here.length > 0) misscheduled++;
      continue;
    }
    desired++;
    const [pod] = here.sort((a, b) =>
      (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? ''),
    );
    if (!pod) continue;
    current++;
    if (pod.metadata.labels?.[REVISION_LABEL] === hash) updated++;
    if (!isPodReady(pod)) continue;
    ready++;
    if (isPodAvailable(pod, minReadySeconds, simulation)) available++;
  }
  const { generation } = set.metadata;
  const unavailable = desired - available;
  return {
    currentNumberScheduled: current,
    numberMisscheduled: misscheduled,
    desiredNumberScheduled: desired,
    numberReady: ready,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(updated ? { updatedNumberScheduled: updated } : {}),
    ...(available ? { numberAvailable: available } : {}),
    ...(unavailable ? { numberUnavailable: unavailable } : {}),
    ...(set.status?.collisionCount === undefined
      ? {}
      : { collisionCount: set.status.collisionCount }),
  };
}
