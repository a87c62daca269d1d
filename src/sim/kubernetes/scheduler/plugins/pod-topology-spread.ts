// PodTopologySpread: constraints that keep the count of matching pods even over zones or nodes.

import { selects } from '../../api/selectors.ts';
import type { Pod, TopologySpreadConstraint } from '../../api/types/pod.ts';
import type { Cluster, Plugin, Rejection } from '../framework.ts';
import { rejection, unresolvable } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import { matchesNodeSelection } from './node-affinity.ts';
import { tolerates } from './taint-toleration.ts';

const TOO_UNEVEN: Rejection = rejection("node(s) didn't match pod topology spread constraints");
const NO_LABEL: Rejection = unresolvable(
  "node(s) didn't match pod topology spread constraints (missing required label)",
);

/** Matching pods by the value of the topology key, over the nodes that the pod could use. */
function countsOf(
  pod: Pod,
  constraint: TopologySpreadConstraint,
  cluster: Cluster,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const info of cluster.nodes.values()) {
    const value = info.node.metadata.labels?.[constraint.topologyKey];
    if (value === undefined) continue;
    if (constraint.nodeAffinityPolicy !== 'Ignore' && !matchesNodeSelection(pod, info.node))
      continue;
    if (constraint.nodeTaintsPolicy === 'Honor' && isKeptOut(pod, info)) continue;
    let count = counts.get(value) ?? 0;
    for (const { pod: other } of info.pods.values()) {
      const same = other.metadata.namespace === pod.metadata.namespace;
      if (!same || other.metadata.deletionTimestamp) continue;
      if (selects(constraint.labelSelector, other.metadata.labels)) count++;
    }
    counts.set(value, count);
  }
  return counts;
}

/** The node has a taint that keeps the pod out. */
function isKeptOut({ spec }: Pod, { node }: NodeInfo): boolean {
  return (node.spec?.taints ?? []).some(
    (taint) => taint.effect !== 'PreferNoSchedule' && !tolerates(spec.tolerations, taint),
  );
}

function fewest(counts: Map<string, number>, minDomains: number | undefined): number {
  if (minDomains !== undefined && counts.size < minDomains) return 0;
  return counts.size === 0 ? 0 : Math.min(...counts.values());
}

export const podTopologySpread: Plugin = {
  name: 'PodTopologySpread',
  helpedBy: ['node labels', 'node taints', 'pod assigned', 'pod gone'],
  weight: 2,
  prepare({ pod }, cluster) {
    const constraints = pod.spec.topologySpreadConstraints ?? [];
    if (constraints.length === 0) return undefined;
    const measured = constraints.map((constraint) => {
      const counts = countsOf(pod, constraint, cluster);
      const self = selects(constraint.labelSelector, pod.metadata.labels) ? 1 : 0;
      return { constraint, counts, self, least: fewest(counts, constraint.minDomains) };
    });
    const hard = measured.filter(
      ({ constraint }) => constraint.whenUnsatisfiable === 'DoNotSchedule',
    );
    const soft = measured.filter(
      ({ constraint }) => constraint.whenUnsatisfiable !== 'DoNotSchedule',
    );
    const count = (info: NodeInfo, { constraint, counts }: (typeof measured)[number]): number =>
      counts.get(info.node.metadata.labels?.[constraint.topologyKey] ?? '') ?? 0;
    return {
      filter(info) {
        for (const entry of hard) {
          if (info.node.metadata.labels?.[entry.constraint.topologyKey] === undefined)
            return NO_LABEL;
          const skew = count(info, entry) + entry.self - entry.least;
          if (skew > entry.constraint.maxSkew) return TOO_UNEVEN;
        }
        return undefined;
      },
      score: (info) => soft.reduce((sum, entry) => sum + count(info, entry), 0),
      normalize(scores) {
        const high = Math.max(...scores);
        const low = Math.min(...scores);
        for (const [i, score] of scores.entries()) {
          scores[i] = high === 0 ? 100 : Math.floor((100 * (high + low - score)) / high);
        }
      },
    };
  },
};
