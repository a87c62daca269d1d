// The scheduling framework: what a plugin is asked, and what it may answer. For each pod a plugin prepares once and
// says whether it has anything to filter or to score; the cycle then asks only those.

import type { Simulation } from '../../core/simulation.ts';
import type { NodeInfo, PodInfo } from './node-info.ts';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from './volumes.ts';

/** Why a node will not do. */
export interface Rejection {
  /** The words of the message, without the count of nodes. */
  readonly reasons: readonly string[];
  /** Removing pods from the node could help (Unschedulable, not UnschedulableAndUnresolvable). */
  readonly resolvable: boolean;
}

/** Why the pod will fit nowhere, whatever the nodes (a PreFilter failure). */
export interface PodRejection {
  readonly message: string;
  readonly resolvable: boolean;
}

/** What a plugin does for one pod. */
export interface PluginRun {
  /** Undefined: the node will do. */
  filter?(node: NodeInfo): Rejection | undefined;
  /** Any number; `normalize` brings all of them into 0 to 100. */
  score?(node: NodeInfo): number;
  normalize?(scores: number[]): void;
}

/** What happened in the cluster, as the plugins tell it apart: a part of a node, a pod's coming or going, storage. */
export type ClusterChange =
  | 'node added'
  | 'node labels'
  | 'node taints'
  | 'node allocatable'
  | 'pod assigned'
  | 'pod gone'
  | 'storage'
  | 'long wait';

/** One plugin. */
export interface Plugin {
  readonly name: string;
  /** Weight of its score. */
  readonly weight?: number;
  /** What may make a pod fit that it has refused (EventsToRegister and its hints). Nodes that are new always may. */
  readonly helpedBy?: readonly ClusterChange[];
  /** Undefined: it has nothing to say about this pod. A PodRejection ends the cycle. */
  prepare(pod: PodInfo, cluster: Cluster): PluginRun | PodRejection | undefined;
}

/** What plugins may look at. */
export interface Cluster {
  readonly simulation: Simulation;
  readonly nodes: ReadonlyMap<string, NodeInfo>;
  /** Nodes that hold pods with affinity terms. */
  readonly nodesWithAffinity: ReadonlySet<NodeInfo>;
  namespaceLabels(name: string): Readonly<Record<string, string>>;
  claim(namespace: string, name: string): PersistentVolumeClaim | undefined;
  volume(name: string): PersistentVolume | undefined;
  volumes(): Iterable<PersistentVolume>;
  storageClass(name: string): StorageClass | undefined;
  /** Pods for which a node was cleared by preemption and that are not placed yet. */
  nominatedOn(node: string): readonly PodInfo[];
}

/** True where `prepare` said that no node will do. */
export function isPodRejection(value: PluginRun | PodRejection): value is PodRejection {
  return 'message' in value;
}

/** A rejection with one reason that removing pods cannot cure. */
export function unresolvable(reason: string): Rejection {
  return { reasons: [reason], resolvable: false };
}

/** A rejection with one reason that removing pods may cure. */
export function rejection(reason: string): Rejection {
  return { reasons: [reason], resolvable: true };
}

/** Scales scores so that the highest is 100; `reverse`: the lowest counts most. */
export function normalizeTo100(scores: number[], reverse = false): void {
  const highest = Math.max(0, ...scores);
  for (const [i, score] of scores.entries()) {
    const scaled = highest === 0 ? 0 : Math.floor((score * 100) / highest);
    scores[i] = reverse ? 100 - scaled : scaled;
  }
}
