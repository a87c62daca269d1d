// InterPodAffinity: pods that want to be near others, or apart from them, by the topology of their nodes. Existing pods'
// anti-affinity counts against newcomers too.

import { selects } from '../../api/selectors.ts';
import type { Pod, PodAffinityTerm } from '../../api/types/pod.ts';
import type { Cluster, Plugin, Rejection } from '../framework.ts';
import { rejection, unresolvable } from '../framework.ts';
import type { NodeInfo, PodInfo } from '../node-info.ts';

const NOT_NEAR: Rejection = unresolvable("node(s) didn't match pod affinity rules");
const NOT_APART: Rejection = rejection("node(s) didn't match pod anti-affinity rules");
const UNWELCOME: Rejection = rejection("node(s) didn't satisfy existing pods anti-affinity rules");

/** Counts by `topologyKey=value`. */
type Topology = Map<string, number>;

/** True where `other` is one of the pods that a term of `owner` speaks of. */
function meant(term: PodAffinityTerm, owner: Pod, other: Pod, cluster: Cluster): boolean {
  const namespace = other.metadata.namespace ?? '';
  const { namespaces, namespaceSelector } = term;
  const listed =
    namespaces?.includes(namespace) ||
    (namespaceSelector !== undefined &&
      selects(namespaceSelector, cluster.namespaceLabels(namespace))) ||
    (!namespaces?.length &&
      namespaceSelector === undefined &&
      namespace === owner.metadata.namespace);
  return Boolean(listed) && selects(term.labelSelector, other.metadata.labels);
}

function place(node: NodeInfo, key: string): string | undefined {
  const value = node.node.metadata.labels?.[key];
  return value === undefined ? undefined : `${key}=${value}`;
}

function add(topology: Topology, at: string | undefined, weight: number): void {
  if (at !== undefined) topology.set(at, (topology.get(at) ?? 0) + weight);
}

function required(pod: Pod, kind: 'podAffinity' | 'podAntiAffinity'): readonly PodAffinityTerm[] {
  return pod.spec.affinity?.[kind]?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
}

/** Where existing pods' required anti-affinity forbids the newcomer. */
function forbidden(pod: Pod, cluster: Cluster): Topology {
  const topology: Topology = new Map();
  for (const node of cluster.nodesWithAffinity) {
    for (const info of node.withAffinity) {
      for (const term of required(info.pod, 'podAntiAffinity')) {
        if (meant(term, info.pod, pod, cluster)) add(topology, place(node, term.topologyKey), 1);
      }
    }
  }
  return topology;
}

/** Where pods that a term speaks of are, for each term. */
function whereabouts(pod: Pod, terms: readonly PodAffinityTerm[], cluster: Cluster): Topology[] {
  const found = terms.map((): Topology => new Map());
  if (terms.length === 0) return found;
  for (const node of cluster.nodes.values()) {
    for (const info of node.pods.values()) {
      for (const [i, term] of terms.entries()) {
        if (meant(term, pod, info.pod, cluster))
          add(found[i] ?? new Map(), place(node, term.topologyKey), 1);
      }
    }
  }
  return found;
}

function filterOf(info: PodInfo, cluster: Cluster): (node: NodeInfo) => Rejection | undefined {
  const { pod } = info;
  const near = required(pod, 'podAffinity');
  const apart = required(pod, 'podAntiAffinity');
  const closed = forbidden(pod, cluster);
  const nearPlaces = whereabouts(pod, near, cluster);
  const apartPlaces = whereabouts(pod, apart, cluster);
  const firstOfItsKind =
    nearPlaces.every((places) => places.size === 0) &&
    near.every((term) => meant(term, pod, pod, cluster));
  return (node) => {
    for (const [i, term] of near.entries()) {
      const at = place(node, term.topologyKey);
      if (at === undefined) return NOT_NEAR;
      if (!nearPlaces[i]?.get(at) && !firstOfItsKind) return NOT_NEAR;
    }
    for (const [i, term] of apart.entries()) {
      const at = place(node, term.topologyKey);
      if (at !== undefined && apartPlaces[i]?.get(at)) return NOT_APART;
    }
    for (const at of closed.keys()) {
      const [key = ''] = at.split('=', 1);
      if (place(node, key) === at) return UNWELCOME;
    }
    return undefined;
  };
}

/** Points by topology from preferred terms, the newcomer's and those of pods that are there. */
function preferences(pod: Pod, cluster: Cluster): Topology {
  const points: Topology = new Map();
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  const wanted = [
    ...(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((t) => ({
      ...t,
      sign: 1,
    })),
    ...(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((t) => ({
      ...t,
      sign: -1,
    })),
  ];
  if (wanted.length === 0) return points;
  for (const node of cluster.nodes.values()) {
    for (const { pod: other } of node.pods.values()) {
      for (const { weight, podAffinityTerm: term, sign } of wanted) {
        if (meant(term, pod, other, cluster))
          add(points, place(node, term.topologyKey), sign * weight);
      }
    }
  }
  return points;
}

export const interPodAffinity: Plugin = {
  name: 'InterPodAffinity',
  helpedBy: ['node labels', 'pod assigned', 'pod gone'],
  weight: 2,
  prepare(info, cluster) {
    if (!info.hasAffinity && cluster.nodesWithAffinity.size === 0) return undefined;
    const points = preferences(info.pod, cluster);
    const filter = filterOf(info, cluster);
    if (points.size === 0) return { filter };
    return {
      filter,
      score(node) {
        let sum = 0;
        for (const [at, weight] of points) {
          const [key = ''] = at.split('=', 1);
          if (place(node, key) === at) sum += weight;
        }
        return sum;
      },
      normalize(scores) {
        const low = Math.min(...scores);
        const high = Math.max(...scores);
        for (const [i, score] of scores.entries()) {
          scores[i] = high === low ? 0 : Math.floor(((score - low) * 100) / (high - low));
        }
      },
    };
  },
};
