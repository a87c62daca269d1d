// DefaultPreemption: when no node will do, the lower-priority pods of one node may have to go. Candidates are compared
// as kube-scheduler does: the least important victims, then the fewest.

import { countReasons, type Diagnosis, prepare, rejectionOf } from './cycle.ts';
import { type Cluster, isPodRejection, type Plugin } from './framework.ts';
import type { NodeInfo, PodInfo } from './node-info.ts';

/** What preemption found: a node with victims, or the words that say why it did not. */
export type PreemptionResult =
  | { readonly node: NodeInfo; readonly victims: readonly PodInfo[] }
  | {
      readonly message: string;
      /** The pod goes on waiting for the node that it is nominated for. */
      readonly waits?: boolean;
    };

const priorityOf = (info: PodInfo): number => info.pod.spec.priority ?? 0;

/** Looks for a node on which evicting lower-priority pods makes room. */
export function preempt(
  pod: PodInfo,
  cluster: Cluster,
  plugins: readonly Plugin[],
  diagnosis: Diagnosis,
  nominated: NodeInfo | undefined,
): PreemptionResult {
  if (diagnosis.refused) return { message: 'not found' };
  if (pod.pod.spec.preemptionPolicy === 'Never') {
    return withPrefix('not eligible due to preemptionPolicy=Never.');
  }
  if (nominated && isClearing(nominated, pod)) {
    return {
      ...withPrefix('not eligible due to a terminating pod on the nominated node.'),
      waits: true,
    };
  }
  const reasons: string[] = [];
  const candidates: { node: NodeInfo; victims: readonly PodInfo[] }[] = [];
  for (const [node, rejected] of diagnosis.rejections) {
    if (!rejected.resolvable) {
      reasons.push('Preemption is not helpful for scheduling');
      continue;
    }
    const victims = victimsOn(node, pod, cluster, plugins);
    if (victims) candidates.push({ node, victims });
    else reasons.push('No preemption victims found for incoming pod');
  }
  const best = candidates.sort(leastHarm)[0];
  if (best) return best;
  const total = cluster.nodes.size;
  return withPrefix(`0/${total} nodes are available: ${countReasons(reasons)}.`);
}

/** The pods that the pod has preempted on its nominated node are still ending. */
function isClearing(node: NodeInfo, pod: PodInfo): boolean {
  return [...node.pods.values()].some(
    (info) => info.pod.metadata.deletionTimestamp && priorityOf(info) < priorityOf(pod),
  );
}

function withPrefix(text: string): { readonly message: string } {
  return { message: `no new claims to deallocate, preemption: ${text}` };
}

/** The fewest lower-priority pods whose going makes the pod fit; undefined where none would help. */
function victimsOn(
  node: NodeInfo,
  pod: PodInfo,
  cluster: Cluster,
  plugins: readonly Plugin[],
): readonly PodInfo[] | undefined {
  const trial = node.clone();
  const lower = [...trial.pods.values()].filter((info) => priorityOf(info) < priorityOf(pod));
  if (lower.length === 0) return undefined;
  const nodes = new Map(cluster.nodes);
  nodes.set(node.name, trial);
  const withAffinity = [...nodes.values()].filter((info) => info.withAffinity.size > 0);
  const world: Cluster = { ...copyOf(cluster), nodes, nodesWithAffinity: new Set(withAffinity) };
  const fits = (): boolean => {
    const prepared = prepare(pod, world, plugins);
    return !isRefused(prepared) && !rejectionOf(pod, prepared, trial, cluster);
  };
  for (const info of lower) trial.remove(info.key);
  if (!fits()) return undefined;
  const victims: PodInfo[] = [];
  for (const info of lower.sort((a, b) => priorityOf(b) - priorityOf(a))) {
    trial.add(info);
    if (fits()) continue;
    trial.remove(info.key);
    victims.push(info);
  }
  return victims;
}

function copyOf(cluster: Cluster): Cluster {
  return {
    simulation: cluster.simulation,
    nodes: cluster.nodes,
    nodesWithAffinity: cluster.nodesWithAffinity,
    namespaceLabels: (name) => cluster.namespaceLabels(name),
    claim: (namespace, name) => cluster.claim(namespace, name),
    volume: (name) => cluster.volume(name),
    volumes: () => cluster.volumes(),
    storageClass: (name) => cluster.storageClass(name),
    nominatedOn: (name) => cluster.nominatedOn(name),
  };
}

function isRefused(
  value: ReturnType<typeof prepare>,
): value is Exclude<typeof value, readonly unknown[]> {
  return !Array.isArray(value) && isPodRejection(value);
}

function leastHarm(
  a: { readonly victims: readonly PodInfo[] },
  b: { readonly victims: readonly PodInfo[] },
): number {
  const highest = (victims: readonly PodInfo[]): number => Math.max(...victims.map(priorityOf));
  const sum = (victims: readonly PodInfo[]): number =>
    victims.reduce((s, v) => s + priorityOf(v), 0);
  return (
    highest(a.victims) - highest(b.victims) ||
    sum(a.victims) - sum(b.victims) ||
    a.victims.length - b.victims.length
  );
}
