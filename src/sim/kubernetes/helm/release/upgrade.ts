// helm upgrade (pkg/action/upgrade.go): a next revision is rendered; what the last one had and it has not is deleted, the rest made
// or changed. A failure leaves it as failed, or is rolled back.

import type { Routine } from '../../../core/wait.ts';
import { type Chart, HelmError } from '../chart.ts';
import { type Call, log } from '../command.ts';
import { copyOf, plain, type Values } from '../convert.ts';
import { processDependencies } from '../dependencies.ts';
import { chartValues, checkSchemas, overlay } from '../values.ts';
import { remove, sameObject, update, type Updated } from './apply.ts';
import { build, type Cluster, connect, type Item, sayProblem, serverVersion } from './cluster.ts';
import { runHooks, stamp } from './hooks.ts';
import {
  applyOf,
  checkApply,
  checkLabels,
  type DryRun,
  hooksOf,
  labelsOf,
  requested,
  type WaitOptions,
} from './options.ts';
import { existing, owned } from './ownership.ts';
import { chartRecord, recordedChart, type Release, renderedParts } from './record.ts';
import { renderFor } from './rendering.ts';
import { rollback } from './rollback.ts';
import { checkName, createRelease, historyOf, updateRelease } from './storage.ts';
import { waitReady } from './wait.ts';

const PENDING = ['pending-install', 'pending-upgrade', 'pending-rollback'];

/** Which revision is deployed, and which is the last; throws HelmError. */
function* revisions(
  cluster: Cluster,
  name: string,
): Routine<{ readonly last: Release; readonly current: Release }> {
  const history = yield* historyOf(cluster, name);
  const last = history.at(-1);
  if (!last) throw new HelmError(`"${name}" has no deployed releases`);
  if (PENDING.includes(last.info.status))
    throw new HelmError('another operation (install/upgrade/rollback) is in progress');
  const deployed = history.filter(({ info }) => info.status === 'deployed').at(-1);
  if (!deployed && !['failed', 'superseded'].includes(last.info.status))
    throw new HelmError(`"${name}" has no deployed releases`);
  return { last, current: deployed ?? last };
}

/** The values of the next revision, and the chart with the values that they are laid upon. */
function nextValues(
  { flags }: Call,
  chart: Chart,
  current: Release,
  given: Values,
): { readonly chart: Chart; readonly given: Values } {
  const config = current.config ?? {};
  if (flags.is('reset-values')) return { chart, given };
  if (flags.is('reuse-values')) {
    const old = current.chart ? chartValues(recordedChart(current.chart), config) : {};
    return { chart: { ...chart, values: old }, given: overlay(config, given) };
  }
  if (flags.is('reset-then-reuse-values')) return { chart, given: overlay(config, given) };
  return { chart, given: Object.keys(given).length === 0 ? config : given };
}

/** Labels of the last revision and those that are given; `null` takes one away. */
function nextLabels(call: Call, last: Release): Record<string, string> {
  const given = labelsOf(call);
  checkLabels(given);
  const all = Object.entries({ ...last.labels, ...given });
  return Object.fromEntries(all.filter(([, value]) => value !== 'null'));
}

/** The next revision, rendered; throws HelmError. */
function* prepare(
  call: Call,
  cluster: Cluster,
  name: string,
  asked: { readonly chart: Chart; readonly values: Values },
  dryRun: DryRun,
): Routine<{ readonly current: Release; readonly next: Release }> {
  const { last, current } = yield* revisions(cluster, name);
  const merged = nextValues(call, asked.chart, current, asked.values);
  const { given } = merged;
  const chart = processDependencies(merged.chart, given);
  const values = chartValues(chart, copyOf(given) as Values);
  if (!call.flags.is('skip-schema-validation')) checkSchemas(chart, values);
  const { namespace } = current;
  const version = last.version + 1;
  const core = { name, namespace, revision: version, upgrade: true };
  // Even where nothing is to be looked up, the version is the cluster's.
  const kubeVersion = yield* serverVersion(cluster);
  const asks = dryRun === 'client' ? undefined : cluster;
  const rendered = yield* renderFor(asks, chart, values, core, kubeVersion);
  const { serverSide } = applyOf(call, last.apply_method);
  const next: Release = {
    name,
    info: {
      first_deployed: current.info.first_deployed ?? stamp(cluster),
      last_deployed: stamp(cluster),
      description: 'Preparing upgrade',
      status: 'pending-upgrade',
      ...(rendered.notes === '' ? {} : { notes: rendered.notes }),
    },
    chart: chartRecord(chart),
    ...(Object.keys(given).length > 0 ? { config: plain(given) as Values } : {}),
    ...renderedParts(rendered),
    version,
    namespace,
    apply_method: serverSide ? 'ssa' : 'csa',
    labels: nextLabels(call, last),
  };
  return { current, next };
}

function* buildFrom(cluster: Cluster, release: Release, which: string): Routine<Item[]> {
  try {
    return yield* build(cluster, release.manifest ?? '');
  } catch (problem) {
    throw new HelmError(
      `unable to build kubernetes objects from ${which} release manifest: ${sayProblem(problem)}`,
    );
  }
}

/** Upgrades a release; throws HelmError. */
export function* upgrade(
  call: Call,
  name: string,
  reference: string,
  settings: { readonly dryRun: DryRun; readonly wait: WaitOptions },
): Routine<Release> {
  const { flags } = call;
  const asked = yield* requested(call, reference);
  try {
    const cluster = yield* connect(call);
    yield* serverVersion(cluster);
    checkName(name, `release name is invalid: ${name}`);
    if (flags.is('hide-secret') && settings.dryRun === 'none')
      throw new HelmError('hiding Kubernetes secrets requires a dry-run mode');
    const { current, next } = yield* prepare(call, cluster, name, asked, settings.dryRun);
    const before = yield* buildFrom(cluster, current, 'current');
    const target = (yield* buildFrom(cluster, next, 'new')).map((item) =>
      owned(item, next.name, next.namespace),
    );
    const added = target.filter((item) => !before.some((one) => sameObject(one, item)));
    before.push(...(yield* adoptable(cluster, added, next, flags.is('take-ownership'))));
    if (settings.dryRun !== 'none') {
      next.info.description = flags.text('description') || 'Dry run complete';
      return next;
    }
    const keep = flags.number('history-max');
    yield* createRelease(cluster, next, keep);
    const made: Updated = { created: [] };
    try {
      yield* perform(call, cluster, { current, next, before, target, made }, settings.wait);
    } catch (problem) {
      yield* fail(call, cluster, next, made, sayProblem(problem), settings.wait);
    }
    yield* updateRelease(cluster, next);
    return next;
  } catch (problem) {
    if (!(problem instanceof HelmError)) throw problem;
    throw new HelmError(`UPGRADE FAILED: ${problem.message}`);
  }
}

function* adoptable(
  cluster: Cluster,
  added: readonly Item[],
  next: Release,
  takeOver: boolean,
): Routine<Item[]> {
  try {
    return yield* existing(cluster, added, next, takeOver);
  } catch (problem) {
    throw new HelmError(`unable to continue with update: ${sayProblem(problem)}`);
  }
}

interface Work {
  readonly current: Release;
  readonly next: Release;
  readonly before: readonly Item[];
  readonly target: readonly Item[];
  readonly made: Updated;
}

function* hooked(
  call: Call,
  cluster: Cluster,
  next: Release,
  when: 'pre' | 'post',
  wait: WaitOptions,
): Routine<void> {
  if (call.flags.is('no-hooks')) return;
  try {
    const options = hooksOf(wait, next.apply_method === 'ssa');
    yield* runHooks(cluster, next, `${when}-upgrade`, options);
  } catch (problem) {
    throw new HelmError(`${when}-upgrade hooks failed: ${sayProblem(problem)}`);
  }
}

function* perform(call: Call, cluster: Cluster, work: Work, wait: WaitOptions): Routine<void> {
  const { current, next, before, target, made } = work;
  yield* hooked(call, cluster, next, 'pre', wait);
  const options = { ...applyOf(call, 'ssa'), serverSide: next.apply_method === 'ssa' };
  checkApply(options);
  yield* update(cluster, before, target, options, made);
  if (wait.resources) yield* waitReady(cluster, target, wait.timeout, wait.jobs);
  yield* hooked(call, cluster, next, 'post', wait);
  current.info.status = 'superseded';
  yield* updateRelease(cluster, current);
  next.info.status = 'deployed';
  next.info.description = call.flags.text('description') || 'Upgrade complete';
}

/** Keeps a revision as failed and cleans up or rolls back where that is asked for; throws HelmError. */
function* fail(
  call: Call,
  cluster: Cluster,
  next: Release,
  { created }: Updated,
  why: string,
  wait: WaitOptions,
): Routine<never> {
  const { name } = next;
  yield* log(cluster.main, 'WARN', 'upgrade failed', { name, error: why });
  next.info.status = 'failed';
  next.info.description = `Upgrade "${name}" failed: ${why}`;
  yield* updateRelease(cluster, next);
  if (call.flags.is('cleanup-on-fail')) for (const item of created) yield* remove(cluster, item);
  if (!call.flags.is('rollback-on-failure')) throw new HelmError(why);
  const good = (yield* historyOf(cluster, name))
    .filter(({ info }) => ['superseded', 'deployed'].includes(info.status))
    .at(-1);
  if (!good)
    throw new HelmError(
      `unable to find a previously successful release when attempting to rollback. original upgrade error: ${why}`,
    );
  try {
    yield* rollback(call, cluster, name, good.version, { dryRun: 'none', wait });
  } catch (problem) {
    throw new HelmError(
      `an error occurred while rolling back the release. original upgrade error: ${why}: ${sayProblem(problem)}`,
    );
  }
  throw new HelmError(
    `release ${name} failed, and has been rolled back due to rollback-on-failure being set: ${why}`,
  );
}
