// Admission of pods by the kubelet (lifecycle/predicate.go): one that was bound past the scheduler, or too late, is refused
// where the node has no room for it or is not one that it asks for.

import type { Routine } from '../../core/wait.ts';
import { Refusal } from '../api/client.ts';
import { resources } from '../api/client-resources.ts';
import type { Pod } from '../api/types/pod.ts';
import { matchesNodeSelection } from '../scheduler/plugins/node-affinity.ts';
import { amountsOf, podRequest } from '../scheduler/resources.ts';
import type { KubeletContext } from './context.ts';
import { capacityOf } from './node.ts';

/** Why a pod is not taken. */
export interface Rejection {
  readonly reason: string;
  readonly message: string;
}

function outOf(
  reason: string,
  name: string,
  requested: number,
  used: number,
  capacity: number,
): Rejection | undefined {
  if (requested === 0 || used + requested <= capacity) return undefined;
  const message = `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return { reason, message };
}

/** What the node is short of for a pod beside those that it has. */
function roomFor(context: KubeletContext, pod: Pod, others: readonly Pod[]): Rejection | undefined {
  const { allocatable } = capacityOf(context);
  const node = amountsOf(allocatable);
  const wanted = podRequest(pod);
  const used = others.map(podRequest);
  const sum = (read: (amounts: typeof wanted) => number): number =>
    used.reduce((total, amounts) => total + read(amounts), 0);
  return (
    outOf('OutOfpods', 'pods', 1, others.length, context.settings.maxPods) ??
    outOf(
      'OutOfcpu',
      'cpu',
      wanted.cpu,
      sum(({ cpu }) => cpu),
      node.cpu,
    ) ??
    outOf(
      'OutOfmemory',
      'memory',
      wanted.memory,
      sum(({ memory }) => memory),
      node.memory,
    ) ??
    outOf(
      'OutOfephemeral-storage',
      'ephemeral-storage',
      wanted.ephemeralStorage,
      sum(({ ephemeralStorage }) => ephemeralStorage),
      node.ephemeralStorage,
    )
  );
}

/** Why the node does not take a pod; undefined where it does. */
export function* admit(
  context: KubeletContext,
  pod: Pod,
  others: readonly Pod[],
): Routine<Rejection | undefined> {
  const full = roomFor(context, pod, others);
  if (full) return full;
  const { nodeSelector, affinity } = pod.spec;
  if (!nodeSelector && !affinity?.nodeAffinity) return undefined;
  const node = yield* context.client.get(resources.nodes, '', context.settings.nodeName);
  if (node instanceof Refusal || matchesNodeSelection(pod, node)) return undefined;
  const why = "node(s) didn't match Pod's node affinity/selector";
  return { reason: 'NodeAffinity', message: `Predicate NodeAffinity failed: ${why}` };
}
