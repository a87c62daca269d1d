// How many replicas a resource metric asks for (podautoscaler's ReplicaCalculator): usage beside requests or a target, with
// pods that are not ready or have no metrics taken at what keeps the answer safe. Pure.

import { epochMilliseconds } from '../../../core/time.ts';
import { nanoOf } from '../../api/fields/quantity.ts';
import type { Pod } from '../../api/types/pod.ts';
import { milliseconds, podCondition } from '../pods.ts';

/** One pod's usage as metrics.k8s.io tells it. */
export interface PodMetrics {
  readonly metadata: { readonly name?: string };
  readonly timestamp: string;
  readonly window: string;
  readonly containers: readonly {
    readonly name: string;
    readonly usage: Readonly<Record<string, string>>;
  }[];
}

/** What a metric wants. */
export interface Proposal {
  readonly replicas: number;
  /** Percent of the requests; undefined where the target is an amount. */
  readonly utilization?: number;
  /** The average over the pods, in thousandths. */
  readonly average: number;
}

/** The question: which resource, of which container (all where undefined), and what is aimed at. */
export interface Question {
  readonly resource: string;
  readonly container?: string | undefined;
  readonly target: { readonly utilization: number } | { readonly milli: number };
  readonly current: number;
  readonly now: number;
  /** Ratios from 1 minus `down` to 1 plus `up` change nothing. */
  readonly tolerance: { readonly up: number; readonly down: number };
}

/** --horizontal-pod-autoscaler-cpu-initialization-period and -initial-readiness-delay, in milliseconds. */
const CPU_INITIALIZATION = 300_000;
const READINESS_DELAY = 30_000;

const milliOf = (text: string | undefined): number => Number(nanoOf(text) / 1_000_000n);

function usageOf(metrics: PodMetrics, { resource, container }: Question): number | undefined {
  const chosen = metrics.containers.filter((one) => !container || one.name === container);
  const known = chosen.filter(({ usage }) => usage[resource] !== undefined);
  if (known.length < chosen.length || chosen.length === 0) return undefined;
  return known.reduce((sum, { usage }) => sum + milliOf(usage[resource]), 0);
}

function isUnready(pod: Pod, metrics: PodMetrics, { now }: Question): boolean {
  const ready = podCondition(pod, 'Ready');
  const started = pod.status?.startTime;
  if (!ready || !started) return true;
  const changed = milliseconds(ready.lastTransitionTime);
  if (milliseconds(started) + CPU_INITIALIZATION > epochMilliseconds(now)) {
    const window = Number.parseFloat(metrics.window) * 1000;
    return ready.status === 'False' || milliseconds(metrics.timestamp) < changed + window;
  }
  return ready.status === 'False' && milliseconds(started) + READINESS_DELAY > changed;
}

/** The pods by how their metrics count. */
interface Groups {
  /** Usage by name of pods that are ready. */
  readonly usage: Map<string, number>;
  readonly unready: readonly string[];
  readonly missing: readonly string[];
  readonly ready: number;
}

function group(
  pods: readonly Pod[],
  metrics: ReadonlyMap<string, PodMetrics>,
  q: Question,
): Groups {
  const usage = new Map<string, number>();
  const unready: string[] = [];
  const missing: string[] = [];
  for (const pod of pods) {
    const { name = '' } = pod.metadata;
    if (pod.metadata.deletionTimestamp || pod.status?.phase === 'Failed') continue;
    const found = metrics.get(name);
    const amount = found && usageOf(found, q);
    if (pod.status?.phase === 'Pending') unready.push(name);
    else if (!found || amount === undefined) missing.push(name);
    else if (q.resource === 'cpu' && isUnready(pod, found, q)) unready.push(name);
    else usage.set(name, amount);
  }
  return { usage, unready, missing, ready: usage.size };
}

/** The requests of the pods in thousandths; a text: a container names none. */
function requestsOf(pods: readonly Pod[], q: Question): ReadonlyMap<string, number> | string {
  const requests = new Map<string, number>();
  for (const pod of pods) {
    let sum = 0;
    for (const { name, resources } of pod.spec.containers) {
      if (q.container && q.container !== name) continue;
      const asked = resources?.requests?.[q.resource];
      if (asked === undefined)
        return `missing request for ${q.resource} in container ${name} of Pod ${pod.metadata.name}`;
      sum += milliOf(asked);
    }
    requests.set(pod.metadata.name ?? '', sum);
  }
  return requests;
}

interface Ratio {
  readonly ratio: number;
  readonly utilization?: number;
  readonly average: number;
}

function ratioOf(
  usage: ReadonlyMap<string, number>,
  requests: ReadonlyMap<string, number> | undefined,
  { target }: Question,
): Ratio | undefined {
  let total = 0;
  let asked = 0;
  for (const [name, amount] of usage) {
    total += amount;
    asked += requests?.get(name) ?? 0;
  }
  const average = Math.floor(total / usage.size);
  if ('milli' in target) return { ratio: average / target.milli, average };
  if (asked === 0) return undefined;
  const utilization = Math.floor((total * 100) / asked);
  return { ratio: utilization / target.utilization, utilization, average };
}

/** The number of replicas that a resource metric asks for; a text: it cannot be told. */
export function proposeReplicas(
  pods: readonly Pod[],
  metrics: ReadonlyMap<string, PodMetrics>,
  q: Question,
): Proposal | string {
  if (pods.length === 0) return 'no pods returned by selector while calculating replica count';
  const { usage, unready, missing, ready } = group(pods, metrics, q);
  if (usage.size === 0) return 'did not receive metrics for targeted pods (pods might be unready)';
  const byRequest = 'utilization' in q.target;
  const requests = byRequest ? requestsOf(pods, q) : undefined;
  if (typeof requests === 'string') return requests;
  const first = ratioOf(usage, requests, q);
  if (!first) return 'no metrics returned matched known pods';
  const told = {
    average: first.average,
    ...(first.utilization === undefined ? {} : { utilization: first.utilization }),
  };
  const within = (ratio: number): boolean =>
    ratio >= 1 - q.tolerance.down && ratio <= 1 + q.tolerance.up;
  const unchanged = { replicas: q.current, ...told };
  const upWithUnready = unready.length > 0 && first.ratio > 1;
  if (!upWithUnready && missing.length === 0) {
    if (within(first.ratio)) return unchanged;
    return { replicas: Math.ceil(first.ratio * ready), ...told };
  }
  for (const name of missing) {
    if (first.ratio > 1) usage.set(name, 0);
    else if (first.ratio < 1) usage.set(name, assumed(name, requests, q));
  }
  if (upWithUnready) for (const name of unready) usage.set(name, 0);
  const { ratio = 1 } = ratioOf(usage, requests, q) ?? {};
  const turned = (first.ratio < 1 && ratio > 1) || (first.ratio > 1 && ratio < 1);
  const replicas = Math.ceil(ratio * usage.size);
  const against = (ratio < 1 && replicas > q.current) || (ratio > 1 && replicas < q.current);
  return within(ratio) || turned || against ? unchanged : { replicas, ...told };
}

/** What a pod without metrics is taken to use when there would be fewer. */
function assumed(
  name: string,
  requests: ReadonlyMap<string, number> | undefined,
  { target }: Question,
): number {
  if ('milli' in target) return target.milli;
  return ((requests?.get(name) ?? 0) * Math.max(100, target.utilization)) / 100;
}
