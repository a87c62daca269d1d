// The scheduler's cache: what each node offers and what the pods on it have asked for, kept current by single
// additions and removals, so that a decision never counts pods again.

import type { Node } from '../api/types/node.ts';
import type { Pod } from '../api/types/pod.ts';
import {
  amountsOf,
  minus,
  NO_RESOURCES,
  plus,
  podRequest,
  podRequestForScore,
  type ResourceAmounts,
} from './resources.ts';

/** A port that a pod takes on its node. */
export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

/** A pod with what the scheduler wants to know of it, worked out once. */
export interface PodInfo {
  readonly pod: Pod;
  readonly key: string;
  readonly request: ResourceAmounts;
  readonly scoreRequest: { readonly cpu: number; readonly memory: number };
  readonly hostPorts: readonly HostPort[];
  /** It has affinity or anti-affinity terms that concern other pods. */
  readonly hasAffinity: boolean;
  readonly hasAntiAffinity: boolean;
}

/** `namespace/name`. */
export function podKey(pod: Pod): string {
  return `${pod.metadata.namespace ?? ''}/${pod.metadata.name ?? ''}`;
}

/** Works out a pod's request and ports. */
export function podInfo(pod: Pod): PodInfo {
  const { affinity } = pod.spec;
  return {
    pod,
    key: podKey(pod),
    request: podRequest(pod),
    scoreRequest: podRequestForScore(pod),
    hostPorts: hostPortsOf(pod),
    hasAffinity: affinity?.podAffinity !== undefined || affinity?.podAntiAffinity !== undefined,
    hasAntiAffinity:
      (affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.length ?? 0) > 0,
  };
}

/** The ports of its node that a pod takes. */
export function hostPortsOf(pod: Pod): readonly HostPort[] {
  const ports: HostPort[] = [];
  for (const container of pod.spec.containers) {
    for (const { hostPort, hostIP, protocol } of container.ports ?? []) {
      if (hostPort)
        ports.push({ ip: hostIP || '0.0.0.0', protocol: protocol ?? 'TCP', port: hostPort });
    }
  }
  return ports;
}

/** One node with its pods. */
export class NodeInfo {
  node: Node;
  /** The node's place in the order in which the scheduler looks at nodes. */
  readonly pods = new Map<string, PodInfo>();
  /** Those of them with affinity terms, which other pods' decisions depend on. */
  readonly withAffinity = new Set<PodInfo>();
  allocatable: ResourceAmounts;
  allowedPods: number;
  requested: ResourceAmounts = NO_RESOURCES;
  scoreCpu = 0;
  scoreMemory = 0;

  constructor(node: Node) {
    this.node = node;
    this.allocatable = amountsOf(node.status?.allocatable);
    this.allowedPods = Number(node.status?.allocatable?.pods ?? 0);
  }

  get name(): string {
    return this.node.metadata.name ?? '';
  }

  setNode(node: Node): void {
    this.node = node;
    this.allocatable = amountsOf(node.status?.allocatable);
    this.allowedPods = Number(node.status?.allocatable?.pods ?? 0);
  }

  add(info: PodInfo): void {
    this.pods.set(info.key, info);
    if (info.hasAffinity) this.withAffinity.add(info);
    this.requested = plus(this.requested, info.request);
    this.scoreCpu += info.scoreRequest.cpu;
    this.scoreMemory += info.scoreRequest.memory;
  }

  remove(key: string): PodInfo | undefined {
    const info = this.pods.get(key);
    if (!info) return undefined;
    this.pods.delete(key);
    this.withAffinity.delete(info);
    this.requested = minus(this.requested, info.request);
    this.scoreCpu -= info.scoreRequest.cpu;
    this.scoreMemory -= info.scoreRequest.memory;
    return info;
  }

  /** A copy to try preemption on. */
  clone(): NodeInfo {
    const copy = new NodeInfo(this.node);
    for (const info of this.pods.values()) copy.add(info);
    return copy;
  }
}
