// Resizing in place: where the resources of a running container have changed, the pod's cgroup and the container's are
// set anew. Left out: resizePolicy RestartContainer, deferred and infeasible resizes, their conditions and events.

import type { Routine } from '../../core/wait.ts';
import { qosClass } from '../api/resources/qos.ts';
import type { Pod } from '../api/types/pod.ts';
import type { KubeletContext } from './context.ts';
import type { PodObservation } from './cri.ts';
import { containerResources, setPodCgroup } from './resources.ts';

/** What was set last, by the id of the container. */
export type AppliedResources = Map<string, string>;

/** Sets what has changed; what runs already when it is first seen counts as set. */
export function* resizeContainers(
  context: KubeletContext,
  pod: Pod,
  observation: PodObservation,
  applied: AppliedResources,
): Routine<void> {
  let podDone = false;
  for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) {
    const [newest] = observation.containers.get(container.name) ?? [];
    if (newest?.state !== 'CONTAINER_RUNNING') continue;
    const wanted = JSON.stringify(container.resources ?? {});
    const before = applied.get(newest.id);
    applied.set(newest.id, wanted);
    if (before === undefined || before === wanted) continue;
    if (!podDone) yield* setPodCgroup(context, pod);
    podDone = true;
    const linux = containerResources(context, container, qosClass(pod.spec));
    yield* context.cri.updateResources(newest.id, linux);
  }
}
