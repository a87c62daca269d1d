// NodeResourcesFit: what the pod asks for must be left on the node; scores by LeastAllocated, so that load spreads.

import type { Plugin, Rejection } from '../framework.ts';
import type { NodeInfo, PodInfo } from '../node-info.ts';

function lacking(pod: PodInfo, node: NodeInfo): Rejection | undefined {
  const reasons: string[] = [];
  let resolvable = true;
  const check = (name: string, want: number, used: number, offered: number): void => {
    if (want <= offered - used) return;
    reasons.push(`Insufficient ${name}`);
    if (want > offered) resolvable = false;
  };
  if (node.pods.size + 1 > node.allowedPods) reasons.push('Too many pods');
  const { request } = pod;
  const { requested, allocatable } = node;
  if (request.cpu > 0) check('cpu', request.cpu, requested.cpu, allocatable.cpu);
  if (request.memory > 0) check('memory', request.memory, requested.memory, allocatable.memory);
  if (request.ephemeralStorage > 0) {
    const { ephemeralStorage } = request;
    check(
      'ephemeral-storage',
      ephemeralStorage,
      requested.ephemeralStorage,
      allocatable.ephemeralStorage,
    );
  }
  for (const [name, want] of request.other) {
    if (want > 0)
      check(name, want, requested.other.get(name) ?? 0, allocatable.other.get(name) ?? 0);
  }
  return reasons.length > 0 ? { reasons, resolvable } : undefined;
}

function free(used: number, offered: number): number {
  return offered === 0 || used > offered ? 0 : ((offered - used) * 100) / offered;
}

export const nodeResourcesFit: Plugin = {
  name: 'NodeResourcesFit',
  helpedBy: ['node allocatable', 'pod gone'],
  weight: 1,
  prepare(pod) {
    const { cpu, memory } = pod.scoreRequest;
    return {
      filter: (node) => lacking(pod, node),
      score(node) {
        const byCpu = free(node.scoreCpu + cpu, node.allocatable.cpu);
        const byMemory = free(node.scoreMemory + memory, node.allocatable.memory);
        return Math.floor((byCpu + byMemory) / 2);
      },
    };
  },
};

/** NodeResourcesBalancedAllocation: a node whose cpu and memory would be used to a like degree scores higher. */
export const balancedAllocation: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  prepare(pod) {
    const { cpu, memory } = pod.request;
    if (cpu === 0 && memory === 0) return undefined;
    return {
      score({ requested, allocatable }) {
        const byCpu = Math.min(1, (requested.cpu + cpu) / Math.max(1, allocatable.cpu));
        const byMemory = Math.min(1, (requested.memory + memory) / Math.max(1, allocatable.memory));
        return Math.floor((1 - Math.abs(byCpu - byMemory) / 2) * 100);
      },
    };
  },
};
