// Hooks (pkg/action/hooks.go): objects that are made at a certain moment of a release's life and waited for, by weight and
// name, and deleted as their annotations say.

import { rfc3339Fraction } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { wholeBody } from '../../../userland/http/client.ts';
import type { KubeObject } from '../../kubectl/rest.ts';
import { HelmError } from '../chart.ts';
import { log } from '../command.ts';
import { create, forEach, remove } from './apply.ts';
import { build, type Cluster, type Item, sayProblem } from './cluster.ts';
import type { Hook, HookEvent, Release } from './record.ts';
import { updateRelease } from './storage.ts';
import { waitForHook, waitGone } from './wait.ts';

/** How hooks are run. */
export interface HookOptions {
  readonly timeout: number;
  readonly serverSide: boolean;
  /** Their deletion is waited for. */
  readonly waitGone: boolean;
}

const FRACTION = 9;

/** The present moment as records have it. */
export function stamp(cluster: Cluster): string {
  return rfc3339Fraction(cluster.process.now, FRACTION);
}

function byWeight(a: Hook, b: Hook): number {
  return (a.weight ?? 0) - (b.weight ?? 0) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

/** Runs the hooks of an event, then deletes those that are to go once all went well; throws HelmError. */
export function* runHooks(
  cluster: Cluster,
  release: Release,
  event: HookEvent,
  options: HookOptions,
): Routine<void> {
  const finish = yield* startHooks(cluster, release, event, options);
  if (finish.problem === undefined) return yield* finish.tidy();
  yield* finish.tidy();
  throw new HelmError(finish.problem);
}

/** What is left to do when the hooks of an event have run. */
export interface HooksRun {
  /** What went wrong with one of them. */
  readonly problem: string | undefined;
  /** Deletes and shows what their annotations say. */
  tidy(): Routine<void>;
}

/** Runs the hooks of an event; what is to be deleted of them is, when the caller says so. */
export function* startHooks(
  cluster: Cluster,
  release: Release,
  event: HookEvent,
  options: HookOptions,
): Routine<HooksRun> {
  const hooks = (release.hooks ?? []).filter(({ events }) => events.includes(event)).sort(byWeight);
  const done: Hook[] = [];
  for (const hook of hooks) {
    hook.delete_policies ??= ['before-hook-creation'];
    yield* deleteHook(cluster, hook, 'before-hook-creation', options);
    const items = yield* buildHook(cluster, hook, event);
    hook.last_run = { started_at: stamp(cluster), phase: 'Running' };
    yield* record(cluster, release);
    hook.last_run.phase = 'Unknown';
    try {
      const how = { ...options, forceConflicts: false, forceReplace: false };
      yield* forEach(items, (item) => create(cluster, item, how));
    } catch (problem) {
      hook.last_run = { ...hook.last_run, completed_at: stamp(cluster), phase: 'Failed' };
      throw new HelmError(`warning: Hook ${event} ${hook.path} failed: ${sayProblem(problem)}`);
    }
    const problem = yield* ended(cluster, items, options.timeout);
    const phase = problem === undefined ? 'Succeeded' : 'Failed';
    hook.last_run = { ...hook.last_run, completed_at: stamp(cluster), phase };
    if (problem !== undefined) {
      yield* showLogs(cluster, release, hook, 'hook-failed');
      return {
        problem,
        *tidy() {
          yield* deleteHook(cluster, hook, 'hook-failed', options);
          for (const one of done) yield* deleteHook(cluster, one, 'hook-succeeded', options);
        },
      };
    }
    done.push(hook);
  }
  return {
    problem: undefined,
    *tidy() {
      for (const hook of [...done].reverse()) {
        yield* showLogs(cluster, release, hook, 'hook-succeeded');
        yield* deleteHook(cluster, hook, 'hook-succeeded', options);
      }
    },
  };
}

function* ended(
  cluster: Cluster,
  items: readonly Item[],
  timeout: number,
): Routine<string | undefined> {
  try {
    yield* waitForHook(cluster, items, timeout);
    return undefined;
  } catch (problem) {
    return sayProblem(problem);
  }
}

/** A record that cannot be written does not stop a hook. */
function* record(cluster: Cluster, release: Release): Routine<void> {
  try {
    yield* updateRelease(cluster, release);
  } catch (problem) {
    if (!(problem instanceof HelmError)) throw problem;
  }
}

function* buildHook(cluster: Cluster, hook: Hook, event: HookEvent): Routine<Item[]> {
  try {
    return yield* build(cluster, hook.manifest);
  } catch (problem) {
    throw new HelmError(
      `unable to build kubernetes object for ${event} hook ${hook.path}: ${sayProblem(problem)}`,
    );
  }
}

/** Deletes a hook's objects where its policies name this moment. */
function* deleteHook(
  cluster: Cluster,
  hook: Hook,
  policy: string,
  options: HookOptions,
): Routine<void> {
  if (hook.kind === 'CustomResourceDefinition' || !hook.delete_policies?.includes(policy)) return;
  const items = yield* build(cluster, hook.manifest);
  yield* forEach(items, (item) => remove(cluster, item));
  if (options.waitGone) yield* waitGone(cluster, items, options.timeout);
}

/** Says in the log what a hook's pods said, where its policies want it. */
function* showLogs(cluster: Cluster, release: Release, hook: Hook, policy: string): Routine<void> {
  if (!hook.output_log_policies?.includes(policy)) return;
  const query =
    hook.kind === 'Job'
      ? { labelSelector: `job-name=${hook.name}` }
      : { fieldSelector: `metadata.name=${hook.name}` };
  if (hook.kind !== 'Job' && hook.kind !== 'Pod') return;
  const path = `/api/v1/namespaces/${release.namespace}/pods`;
  const list = yield* cluster.client.call('GET', path, { query });
  for (const pod of (list.items ?? []) as KubeObject[]) {
    const spec = pod.spec as PodContainers;
    for (const { name } of spec.containers) {
      const text = yield* containerLog(cluster, release.namespace, pod.metadata?.name ?? '', name);
      if (text !== '') yield* log(cluster.main, 'INFO', text.replace(/\n$/, ''));
    }
  }
}

/** What is read of a pod to find its logs. */
export interface PodContainers {
  readonly initContainers?: readonly { readonly name: string }[];
  readonly containers: readonly { readonly name: string }[];
}

/** What a container has said. */
export function* containerLog(
  cluster: Cluster,
  namespace: string,
  pod: string,
  container: string,
): Routine<string> {
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log`;
  const answer = yield* cluster.client.raw('GET', path, { query: { container } });
  return (yield* wholeBody(answer)).text();
}
