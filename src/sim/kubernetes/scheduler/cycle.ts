// One scheduling cycle: filter, score, choose; and when no node will do, the reasons, counted and worded as
// kube-scheduler words them.

import type { Random } from '../../core/random.ts';
import {
  type Cluster,
  isPodRejection,
  type Plugin,
  type PluginRun,
  type PodRejection,
  type Rejection,
} from './framework.ts';
import type { NodeInfo, PodInfo } from './node-info.ts';

/** A node was found, with what each scored (for the page's story). */
export interface Placement {
  readonly node: NodeInfo;
  /** Nodes that were filtered and those that passed. */
  readonly evaluated: number;
  readonly feasible: number;
  readonly score: number;
}

/** No node will do, and why. */
export interface Diagnosis {
  readonly rejections: ReadonlyMap<NodeInfo, Rejection>;
  /** The pod itself was refused before any node was looked at. */
  readonly refused: PodRejection | undefined;
  /** Who objected. */
  readonly objectors: ReadonlySet<Plugin>;
}

/** Below this many nodes all are looked at; above, a share that falls with their number. */
const LEAST_FEASIBLE = 100;
const LEAST_PERCENT = 5;

/** Where the next cycle begins to look, so that all nodes get their turn. */
export interface Rotation {
  next: number;
}

/** numFeasibleNodesToFind: how many fitting nodes are enough. */
export function enoughNodes(count: number): number {
  if (count < LEAST_FEASIBLE) return count;
  const percent = Math.max(LEAST_PERCENT, Math.floor(50 - count / 125));
  return Math.max(LEAST_FEASIBLE, Math.floor((count * percent) / 100));
}

/** True where a cycle found a node. */
export function isPlacement(result: Placement | Diagnosis): result is Placement {
  return 'node' in result;
}

/** Finds the best node for a pod. `order` is the nodes in the order in which they are looked at. */
export function scheduleOne(
  pod: PodInfo,
  cluster: Cluster,
  plugins: readonly Plugin[],
  order: readonly NodeInfo[],
  rotation: Rotation,
  random: Random,
): Placement | Diagnosis {
  const objectors = new Set<Plugin>();
  const prepared = prepare(pod, cluster, plugins, objectors);
  if (!Array.isArray(prepared)) return { rejections: new Map(), refused: prepared, objectors };
  const filters = prepared.filter(({ run }) => run.filter !== undefined);
  const rejections = new Map<NodeInfo, Rejection>();
  const feasible: NodeInfo[] = [];
  const wanted = enoughNodes(order.length);
  let looked = 0;
  while (looked < order.length && feasible.length < wanted) {
    const node = order[(rotation.next + looked++) % order.length];
    if (!node) break;
    const rejected = rejectionOf(pod, filters, node, cluster, objectors);
    if (rejected) rejections.set(node, rejected);
    else feasible.push(node);
  }
  rotation.next = order.length > 0 ? (rotation.next + looked) % order.length : 0;
  if (feasible.length === 0) return { rejections, refused: undefined, objectors };
  const { node, score } = choose(prepared, feasible, random);
  return { node, evaluated: looked, feasible: feasible.length, score };
}

interface Prepared {
  readonly plugin: Plugin;
  readonly run: PluginRun;
}

/** Asks every plugin what it has to do for this pod. */
export function prepare(
  pod: PodInfo,
  cluster: Cluster,
  plugins: readonly Plugin[],
  objectors?: Set<Plugin>,
): Prepared[] | PodRejection {
  const prepared: Prepared[] = [];
  for (const plugin of plugins) {
    const run = plugin.prepare(pod, cluster);
    if (!run) continue;
    if (isPodRejection(run)) {
      objectors?.add(plugin);
      return run;
    }
    prepared.push({ plugin, run });
  }
  return prepared;
}

/**
 * The objection to a node on which the room of nominated pods is taken: those of the same or a higher priority count
 * as if they were there already (RunFilterPluginsWithNominatedPods).
 */
export function rejectionOf(
  pod: PodInfo,
  prepared: readonly Prepared[],
  node: NodeInfo,
  cluster: Cluster,
  objectors?: Set<Plugin>,
): Rejection | undefined {
  const priority = pod.pod.spec.priority ?? 0;
  const nominated = cluster
    .nominatedOn(node.name)
    .filter((one) => one.key !== pod.key && (one.pod.spec.priority ?? 0) >= priority);
  if (nominated.length > 0) {
    const filled = node.clone();
    for (const one of nominated) filled.add(one);
    const rejected = firstRejection(prepared, filled, objectors);
    if (rejected) return rejected;
  }
  return firstRejection(prepared, node, objectors);
}

/** The first plugin's objection to a node. */
function firstRejection(
  prepared: readonly Prepared[],
  node: NodeInfo,
  objectors?: Set<Plugin>,
): Rejection | undefined {
  for (const { plugin, run } of prepared) {
    const rejected = run.filter?.(node);
    if (!rejected) continue;
    objectors?.add(plugin);
    return rejected;
  }
  return undefined;
}

function choose(
  prepared: readonly Prepared[],
  feasible: readonly NodeInfo[],
  random: Random,
): { node: NodeInfo; score: number } {
  const only = feasible[0] as NodeInfo;
  if (feasible.length === 1) return { node: only, score: 0 };
  const totals = new Array<number>(feasible.length).fill(0);
  for (const { plugin, run } of prepared) {
    const { score } = run;
    if (!score) continue;
    const scores = feasible.map((node) => score(node));
    run.normalize?.(scores);
    for (const [i, value] of scores.entries())
      totals[i] = (totals[i] ?? 0) + value * (plugin.weight ?? 1);
  }
  const best = Math.max(...totals);
  const winners = feasible.filter((_, i) => totals[i] === best);
  return { node: random.pick(winners), score: best };
}

/** `0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu.` */
export function diagnosisText(diagnosis: Diagnosis, nodes: number): string {
  const { refused, rejections } = diagnosis;
  if (nodes === 0) return 'no nodes available to schedule pods';
  if (refused) return `0/${nodes} nodes are available: ${refused.message}.`;
  return `0/${nodes} nodes are available: ${countReasons([...rejections.values()].flatMap((r) => r.reasons))}.`;
}

/** `1 a, 2 b`: reasons with their counts, in the order of the text. */
export function countReasons(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return Array.from(counts, ([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ');
}
