// Waiting for objects (pkg/kube/statuswait.go): until all are ready, or gone, or the time is over. The real one watches; here
// they are looked at once a second.

import { SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { KubeObject } from '../../kubectl/rest.ts';
import { HelmError } from '../chart.ts';
import { fetch } from './apply.ts';
import type { Cluster, Item } from './cluster.ts';
import { hookPodReadiness, jobReadiness, type Readiness, readinessOf } from './readiness.ts';

const EVERY = SECOND;

type Rule = (item: Item) => (object: KubeObject | undefined) => Readiness;

const ready: Rule = () => readinessOf;
const readyWithJobs: Rule = ({ resource }) =>
  resource.kind === 'Job' ? jobReadiness : readinessOf;
/** Of hooks only Jobs and Pods are waited for. */
const hookReady: Rule = ({ resource: { kind } }) => {
  if (kind === 'Job') return jobReadiness;
  if (kind === 'Pod') return hookPodReadiness;
  return () => ({ status: 'Current', message: 'Resource is current' });
};

function isOver({ status }: Readiness): boolean {
  return status === 'Current' || status === 'Failed';
}

function* until(
  cluster: Cluster,
  items: readonly Item[],
  rule: Rule,
  over: (state: Readiness) => boolean,
  timeout: number,
): Routine<Map<Item, Readiness>> {
  const { process } = cluster;
  const deadline = process.now + timeout;
  const states = new Map<Item, Readiness>();
  for (;;) {
    for (const item of items) {
      const before = states.get(item);
      if (before && over(before)) continue;
      states.set(item, rule(item)(yield* fetch(cluster, item)));
    }
    if ([...states.values()].every(over) || process.now >= deadline) return states;
    yield* process.sleep(Math.min(EVERY, deadline - process.now));
  }
}

function report(states: Map<Item, Readiness>, wanted: string, word: string): void {
  const lines = [...states]
    .filter(([, { status }]) => status !== wanted)
    .map(
      ([{ resource, namespace, name }, { status, message }]) =>
        `resource ${resource.kind}/${namespace}/${name} ${word}. status: ${status}, message: ${message}`,
    );
  if (lines.length === 0) return;
  const unfinished = [...states.values()].some((state) =>
    wanted === 'Current' ? !isOver(state) : state.status !== wanted,
  );
  throw new HelmError([...lines, ...(unfinished ? ['context deadline exceeded'] : [])].join('\n'));
}

/** Waits until items are ready; throws HelmError with those that are not. */
export function* waitReady(
  cluster: Cluster,
  items: readonly Item[],
  timeout: number,
  withJobs: boolean,
): Routine<void> {
  const waited = items.filter(
    ({ object }) =>
      !(object.kind === 'Deployment' && (object.spec as { paused?: boolean })?.paused),
  );
  const rule = withJobs ? readyWithJobs : ready;
  report(yield* until(cluster, waited, rule, isOver, timeout), 'Current', 'not ready');
}

/** Waits until a hook's Jobs and Pods have ended; throws HelmError. */
export function* waitForHook(
  cluster: Cluster,
  items: readonly Item[],
  timeout: number,
): Routine<void> {
  report(yield* until(cluster, items, hookReady, isOver, timeout), 'Current', 'not ready');
}

/** Waits until items are gone; throws HelmError. */
export function* waitGone(
  cluster: Cluster,
  items: readonly Item[],
  timeout: number,
): Routine<void> {
  const gone = ({ status }: Readiness): boolean => status === 'NotFound';
  report(yield* until(cluster, items, ready, gone, timeout), 'NotFound', 'still exists');
}
