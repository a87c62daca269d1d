// kubectl drain, cordon and uncordon: a node is closed to new pods, and its pods are evicted or deleted and waited for.

import { epochMilliseconds, SECOND } from '../../../core/time.ts';
import { type Routine, sleepUntil } from '../../../core/wait.ts';
import { goDuration } from '../../../etcd/cobra/flags.ts';
import { parseLabelSelector, SelectorError } from '../../api/selectors.ts';
import type { Call, Command } from '../command.ts';
import { needResource, pathOf } from '../discovery.ts';
import { type DryRun, dryRunOf, type ResultPrinter, resultPrinter } from '../dry-run.ts';
import { aggregateText, Failure, failure, usageFailure } from '../failure.ts';
import type { KubeObject } from '../rest.ts';
import { fetchAll, flagText, type Target, targetsOf } from '../targets.ts';
import { errorsOf, podsToEvict, type Verdict, warningsOf } from './drain-filters.ts';

type Node = Target & { object: KubeObject };

/** The nodes that the command line names; a mistake in it is thrown. */
function* chosenNodes(call: Call): Routine<Node[]> {
  const selector = flagText(call, 'selector');
  const verb = call.path.split(' ')[1] ?? '';
  if (call.args.length === 0 && !call.values.changed('selector'))
    throw usageFailure(call.path, `USAGE: ${verb} NODE [flags]`);
  if (call.args.length > 0 && selector !== '')
    throw usageFailure(call.path, 'cannot specify both a node name and a --selector option');
  const failures: Failure[] = [];
  const targets =
    call.args.length > 0
      ? yield* targetsOf(call, { defaultType: 'nodes' }, failures)
      : yield* targetsOf({ ...call, args: ['nodes'] }, { wholeTypes: true }, failures);
  const nodes = yield* fetchAll(call, targets, failures);
  const [first] = failures;
  if (first) throw first;
  return nodes;
}

function* setUnschedulable(
  call: Call,
  nodes: readonly Node[],
  wanted: boolean,
  dryRun: DryRun,
): Routine<void> {
  const verb = wanted ? 'cordoned' : 'uncordoned';
  const printer = yield* resultPrinter(call, dryRun);
  const client = yield* call.client();
  for (const { object, resource, name } of nodes) {
    const is = (object.spec as { unschedulable?: boolean } | undefined)?.unschedulable === true;
    if (is === wanted) {
      yield* printer.show(object, `already ${verb}`);
      continue;
    }
    try {
      if (dryRun !== 'client') {
        yield* client.call('PATCH', pathOf(resource, '', name), {
          body: { spec: { unschedulable: wanted ? true : null } },
          contentType: 'application/strategic-merge-patch+json',
          query: dryRun === 'server' ? { dryRun: 'All' } : {},
        });
      }
      yield* printer.show(object, verb);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const doing = wanted ? 'cordon' : 'uncordon';
      yield* call.err(
        `error: unable to ${doing} node "${name}": ${error.status?.message ?? error.message}\n`,
      );
    }
  }
}

function cordoner(wanted: boolean): (call: Call) => Routine<void> {
  return function* (call) {
    const dryRun = yield* dryRunOf(call);
    yield* setUnschedulable(call, yield* chosenNodes(call), wanted, dryRun);
  };
}

export const cordon: Command = { name: 'cordon', run: cordoner(true) };
export const uncordon: Command = { name: 'uncordon', run: cordoner(false) };
export const drain: Command = { name: 'drain', run: runDrain };

function* runDrain(call: Call): Routine<void> {
  const { values } = call;
  const selector = values.text('pod-selector');
  const dryRun = yield* dryRunOf(call);
  if (selector !== '' && parseLabelSelector(selector) instanceof SelectorError)
    throw failure('--pod-selector=<pod_selector> must be a valid label selector');
  const nodes = yield* chosenNodes(call);
  yield* setUnschedulable(call, nodes, true, dryRun);
  const printer = yield* resultPrinter(call, dryRun);
  const refused: string[][] = [];
  const remaining: string[] = [];
  for (const { object, name } of nodes) {
    const wrong = yield* emptyNode(call, name, dryRun);
    if (wrong.length === 0) {
      yield* printer.show(object, 'drained');
      continue;
    }
    yield* call.err(
      `error: unable to drain node "${name}" due to error: ${aggregateText(wrong)}, continuing command...\n`,
    );
    refused.push(wrong);
    remaining.push(name);
  }
  if (remaining.length > 0) {
    yield* call.err(
      `There are pending nodes to be drained:\n${remaining.map((one) => ` ${one}\n`).join('')}`,
    );
  }
  const [first, ...more] = refused;
  if (first) {
    const lines = more.length === 0 ? first : refused.map(aggregateText);
    throw new Failure(lines.join('\n'));
  }
}

/** Evicts or deletes a node's pods; what went wrong, if something did. */
function* emptyNode(call: Call, node: string, dryRun: DryRun): Routine<string[]> {
  const verdicts = yield* podsToEvict(call, node);
  const errors = errorsOf(verdicts);
  if (errors.length > 0) return errors;
  const warnings = warningsOf(verdicts);
  if (warnings !== '') yield* call.err(`Warning: ${warnings}\n`);
  const pods = chosen(verdicts);
  if (dryRun === 'client') {
    for (const pod of pods) yield* call.out(`evicting pod ${placeOf(pod)} (dry run)\n`);
    return [];
  }
  const printer = yield* resultPrinter(call, dryRun);
  const failed = call.values.is('disable-eviction')
    ? yield* deletePods(call, pods, dryRun, printer)
    : yield* evictPods(call, pods, dryRun, printer);
  if (failed.length === 0) return [];
  const pending = chosen(yield* podsToEvict(call, node));
  if (pending.length > 0) {
    const names = pending.map((pod) => `pod/${pod.metadata?.name ?? ''}\n`).join('');
    yield* call.err(
      `There are pending pods in node "${node}" when an error occurred: ${aggregateText(failed)}\n${names}`,
    );
  }
  return failed;
}

function chosen(verdicts: readonly Verdict[]): KubeObject[] {
  return verdicts.filter((one) => one.evict).map(({ pod }) => pod);
}

function placeOf({ metadata }: KubeObject): string {
  return `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;
}

function deleteOptions(call: Call, dryRun: DryRun): Record<string, unknown> {
  const grace = call.values.number('grace-period');
  return {
    ...(grace >= 0 ? { gracePeriodSeconds: grace } : {}),
    ...(dryRun === 'server' ? { dryRun: ['All'] } : {}),
  };
}

function deadlineOf(call: Call): number {
  const timeout = call.values.duration('timeout');
  return timeout === 0 ? Number.POSITIVE_INFINITY : call.main.process.now + timeout;
}

/** One pod on its way out: asked to leave, or waited for. */
interface Leaving {
  readonly pod: KubeObject;
  waiting: boolean;
  due: number;
}

const RETRY = 5 * SECOND;

function* evictPods(
  call: Call,
  pods: readonly KubeObject[],
  dryRun: DryRun,
  printer: ResultPrinter,
): Routine<string[]> {
  const { process } = call.main;
  const deadline = deadlineOf(call);
  const limit = goDuration(call.values.duration('timeout'));
  let leaving: Leaving[] = pods.map((pod) => ({ pod, waiting: false, due: process.now }));
  const failed: string[] = [];
  while (leaving.length > 0) {
    const now = process.now;
    const left: Leaving[] = [];
    for (const one of leaving) {
      if (one.due > now) {
        left.push(one);
        continue;
      }
      const { name = '', namespace = '' } = one.pod.metadata ?? {};
      if (!one.waiting) {
        const answer = yield* evict(call, one, dryRun, now >= deadline ? limit : undefined);
        if (answer !== '') failed.push(answer);
        else if (one.due !== Number.POSITIVE_INFINITY) left.push(one);
      } else if (yield* isGone(call, one.pod)) {
        yield* printer.show({ ...one.pod, apiVersion: 'v1', kind: 'Pod' }, 'evicted');
      } else if (now >= deadline) {
        failed.push(
          `error when waiting for pod "${name}" in namespace "${namespace}" to terminate: context deadline exceeded`,
        );
      } else left.push({ ...one, due: Math.min(now + SECOND, deadline) });
    }
    yield* call.main.out.flush();
    leaving = left;
    const next = Math.min(...leaving.map(({ due }) => due));
    if (leaving.length > 0 && next > process.now) yield* sleepUntil(next);
  }
  return failed;
}

/** Asks for one eviction: what is wrong with it, or '' with the time of the next step. */
function* evict(
  call: Call,
  one: Leaving,
  dryRun: DryRun,
  expired: string | undefined,
): Routine<string> {
  const { name = '', namespace = '' } = one.pod.metadata ?? {};
  const suffix = dryRun === 'server' ? ' (server dry run)' : '';
  yield* call.out(`evicting pod ${namespace}/${name}${suffix}\n`);
  const what = `error when evicting pods/"${name}" -n "${namespace}"`;
  if (expired !== undefined) return `${what}: global timeout reached: ${expired}`;
  const client = yield* call.client();
  try {
    yield* client.call('POST', `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, {
      body: {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name, namespace },
        deleteOptions: deleteOptions(call, dryRun),
      },
    });
  } catch (error) {
    if (!(error instanceof Failure) || !error.status) throw error;
    const { reason, message = '' } = error.status;
    if (reason === 'NotFound') {
      one.due = Number.POSITIVE_INFINITY;
      return '';
    }
    if (reason !== 'TooManyRequests') return `${what}: ${message}`;
    yield* call.err(`${what} (will retry after 5s): ${message}\n`);
    one.due = call.main.process.now + RETRY;
    return '';
  }
  one.waiting = true;
  if (dryRun === 'server') one.due = Number.POSITIVE_INFINITY;
  return '';
}

function* isGone(call: Call, pod: KubeObject): Routine<boolean> {
  const client = yield* call.client();
  const { name = '', namespace = '', uid } = pod.metadata ?? {};
  try {
    const now = yield* client.call('GET', `/api/v1/namespaces/${namespace}/pods/${name}`);
    const skip = call.values.number('skip-wait-for-delete-timeout');
    const { deletionTimestamp } = now.metadata ?? {};
    const age = deletionTimestamp
      ? (epochMilliseconds(call.main.process.now) - Date.parse(deletionTimestamp)) / 1000
      : 0;
    if (skip > 0 && age > skip) {
      yield* call.out(`pod "${name}" has DeletionTimestamp older than ${skip} seconds, skipping\n`);
      return true;
    }
    return now.metadata?.uid !== uid;
  } catch (error) {
    if (error instanceof Failure && error.status?.reason === 'NotFound') return true;
    throw error;
  }
}

function* deletePods(
  call: Call,
  pods: readonly KubeObject[],
  dryRun: DryRun,
  printer: ResultPrinter,
): Routine<string[]> {
  const client = yield* call.client();
  const resource = needResource(yield* call.discovery(), 'pods');
  const deadline = deadlineOf(call);
  for (const { metadata } of pods) {
    try {
      yield* client.call('DELETE', pathOf(resource, metadata?.namespace ?? '', metadata?.name), {
        body: { kind: 'DeleteOptions', apiVersion: 'v1', ...deleteOptions(call, dryRun) },
      });
    } catch (error) {
      if (!(error instanceof Failure) || !error.status) throw error;
      if (error.status.reason !== 'NotFound') return [error.status.message ?? ''];
    }
  }
  let left = pods;
  for (;;) {
    const still: KubeObject[] = [];
    for (const pod of left) {
      if (yield* isGone(call, pod))
        yield* printer.show({ ...pod, apiVersion: 'v1', kind: 'Pod' }, 'deleted');
      else still.push(pod);
    }
    if (still.length === 0) return [];
    if (call.main.process.now >= deadline) return ['context deadline exceeded'];
    left = still;
    yield* sleepUntil(Math.min(deadline, call.main.process.now + SECOND));
  }
}
