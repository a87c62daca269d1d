// helm install (pkg/action/install.go): a first revision is rendered, kept as pending, its objects made between two sets of hooks,
// and kept as deployed or failed.

import type { Routine } from '../../../core/wait.ts';
import { decode } from '../../../core/text.ts';
import { epochSeconds, MINUTE } from '../../../core/time.ts';
import { type Chart, HelmError } from '../chart.ts';
import { type Call, log } from '../command.ts';
import { plain, type Values } from '../convert.ts';
import { processDependencies } from '../dependencies.ts';
import { chartValues, checkSchemas } from '../values.ts';
import { create, forEach, update } from './apply.ts';
import { build, type Cluster, connect, type Item, sayProblem, serverVersion } from './cluster.ts';
import { runHooks, stamp } from './hooks.ts';
import {
  applyOf,
  checkInstallable,
  checkLabels,
  type DryRun,
  dryRunOf,
  hooksOf,
  labelsOf,
  requested,
  waitOf,
  type WaitOptions,
} from './options.ts';
import { existing, owned } from './ownership.ts';
import { chartRecord, type Release, renderedParts } from './record.ts';
import { renderFor } from './rendering.ts';
import { createRelease, historyOf, nameProblem, updateRelease } from './storage.ts';
import { uninstall } from './uninstall.ts';
import { waitReady } from './wait.ts';

/** The name and the chart that the words name; throws HelmError. */
export function nameAndChart({ main, flags, args }: Call): readonly [name: string, chart: string] {
  if (args.length > 2)
    throw new HelmError(
      `expected at most two arguments, unexpected arguments: ${args.slice(2).join(', ')}`,
    );
  const [first = '', second] = args;
  if (second !== undefined) {
    if (flags.is('generate-name'))
      throw new HelmError('cannot set --generate-name and also specify a name');
    if (flags.text('name-template') !== '')
      throw new HelmError('cannot set --name-template and also specify a name');
    return [first, second];
  }
  if (flags.text('name-template') !== '') return [flags.text('name-template'), first];
  if (!flags.is('generate-name'))
    throw new HelmError('must either provide a name or specify --generate-name');
  const base = first.replace(/\/+$/, '').split('/').pop() ?? '';
  const stem = ['', '.'].includes(base) ? 'chart' : (base.split('.')[0] ?? base);
  return [`${stem}-${epochSeconds(main.process.now)}`, first];
}

/** How an installation goes. */
export interface InstallSettings {
  readonly dryRun: DryRun;
  readonly wait: WaitOptions;
  /** A name may be used again whose release is gone or has failed. */
  readonly replace: boolean;
  /** --is-upgrade: templates are told that they are rendered for an upgrade. */
  readonly upgrade?: boolean;
}

/** Throws HelmError where the name cannot be used, and says so in the log. */
function* checkAvailable(
  cluster: Cluster,
  name: string,
  { dryRun, replace }: InstallSettings,
): Routine<void> {
  let problem = nameProblem(name);
  if (problem !== undefined) problem = `release name ${JSON.stringify(name)}: ${problem}`;
  else if (dryRun === 'none') {
    const last = (yield* historyOf(cluster, name)).at(-1);
    const again = replace && ['uninstalled', 'failed'].includes(last?.info.status ?? '');
    if (last && !again) problem = 'cannot reuse a name that is still in use';
  }
  if (problem === undefined) return;
  yield* log(cluster.main, 'ERROR', 'release name check failed', { error: problem });
  throw new HelmError(`release name check failed: ${problem}`);
}

/** Throws HelmError where the cluster cannot be reached, and says so in the log. */
function* checkReachable(cluster: Cluster): Routine<void> {
  try {
    yield* serverVersion(cluster);
  } catch (problem) {
    if (!(problem instanceof HelmError)) throw problem;
    const text = `cluster reachability check failed: ${problem.message}`;
    yield* log(cluster.main, 'ERROR', text);
    throw new HelmError(text);
  }
}

/** Makes the CustomResourceDefinitions of a chart's crds/ that are not there, and waits until they are served. */
function* installDefinitions(cluster: Cluster, chart: Chart): Routine<void> {
  const items: Item[] = [];
  for (const { name, bytes } of chart.files.filter((file) =>
    /^crds\/.*\.(ya?ml|json)$/.test(file.name),
  )) {
    try {
      for (const item of yield* build(cluster, decode(bytes))) {
        const options = { serverSide: true, forceConflicts: false, forceReplace: false };
        yield* create(cluster, item, options);
        items.push(item);
      }
    } catch (problem) {
      throw new HelmError(
        `failed to install CRD ${name.replace(/^crds\//, '')}: ${sayProblem(problem)}`,
      );
    }
  }
  if (items.length === 0) return;
  yield* waitReady(cluster, items, MINUTE, false);
  yield* cluster.discovery(true);
}

/** A namespace as --create-namespace makes it. */
function namespaceManifest(name: string): string {
  return `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${name}\n  labels:\n    name: ${name}\n`;
}

function* createNamespace(cluster: Cluster): Routine<void> {
  const items = yield* build(cluster, namespaceManifest(cluster.namespace));
  const options = { serverSide: true, forceConflicts: false, forceReplace: false };
  yield* forEach(items, (item) => create(cluster, item, options));
}

/** A first revision, rendered; throws HelmError. */
export function* prepareInstall(
  call: Call,
  cluster: Cluster,
  name: string,
  chart: Chart,
  given: Values,
  settings: InstallSettings,
): Routine<Release> {
  const { flags } = call;
  const values = chartValues(chart, given);
  if (!flags.is('skip-schema-validation')) checkSchemas(chart, values);
  const labels = labelsOf(call);
  checkLabels(labels);
  const core = {
    name,
    namespace: cluster.namespace,
    revision: 1,
    upgrade: settings.upgrade ?? false,
  };
  const asked = settings.dryRun === 'client' ? undefined : cluster;
  const rendered = yield* renderFor(asked, chart, values, core);
  const now = stamp(cluster);
  const parts = renderedParts(rendered);
  return {
    name,
    info: {
      first_deployed: now,
      last_deployed: now,
      description: 'Initial install underway',
      status: 'pending-install',
      ...(rendered.notes === '' ? {} : { notes: rendered.notes }),
    },
    chart: chartRecord(chart),
    ...(Object.keys(given).length > 0 ? { config: plain(given) as Values } : {}),
    ...parts,
    version: 1,
    namespace: cluster.namespace,
    apply_method: flags.text('server-side') === 'false' ? 'csa' : 'ssa',
    labels,
  };
}

/** Marks the last revision of a name that is used again. */
function* supersede(cluster: Cluster, release: Release): Routine<void> {
  const last = (yield* historyOf(cluster, release.name)).at(-1);
  if (!last) return;
  release.version = last.version + 1;
  if (last.info.status === 'failed') return;
  last.info = { ...last.info, status: 'superseded', description: 'superseded by new release' };
  yield* updateRelease(cluster, last);
}

/** Installs a chart under a name; throws HelmError. */
export function* install(
  call: Call,
  name: string,
  reference: string,
  settings: InstallSettings,
): Routine<Release> {
  const { main, flags } = call;
  const { chart, values } = yield* requested(call, reference);
  checkInstallable(chart);
  const cluster = yield* connect(call);
  const { dryRun } = settings;
  if (dryRun !== 'client') yield* checkReachable(cluster);
  if (flags.is('hide-secret') && dryRun === 'none') {
    yield* log(main, 'ERROR', 'hiding Kubernetes secrets requires a dry-run mode');
    throw new HelmError('hiding Kubernetes secrets requires a dry-run mode');
  }
  yield* checkAvailable(cluster, name, settings);
  if (dryRun === 'none' && !flags.is('skip-crds')) yield* installDefinitions(cluster, chart);
  const taking = processDependencies(chart, values);
  const release = yield* prepareInstall(call, cluster, name, taking, values, settings);
  if (dryRun === 'client') {
    release.info.description = 'Dry run complete';
    return release;
  }
  const items = yield* buildAll(cluster, release);
  let adopted: Item[];
  try {
    adopted = yield* existing(cluster, items, release, flags.is('take-ownership'));
  } catch (problem) {
    throw new HelmError(`unable to continue with install: ${sayProblem(problem)}`);
  }
  if (dryRun === 'server') {
    release.info.description = 'Dry run complete';
    return release;
  }
  if (flags.is('create-namespace')) yield* createNamespace(cluster);
  if (settings.replace) yield* supersede(cluster, release);
  yield* createRelease(cluster, release);
  try {
    yield* perform(call, cluster, release, items, adopted, settings);
  } catch (problem) {
    yield* fail(call, cluster, release, sayProblem(problem), settings);
  }
  return release;
}

/** The objects of a revision, each saying whose it is; throws HelmError. */
function* buildAll(cluster: Cluster, release: Release): Routine<Item[]> {
  try {
    const items = yield* build(cluster, release.manifest ?? '');
    return items.map((item) => owned(item, release.name, release.namespace));
  } catch (problem) {
    throw new HelmError(
      `unable to build kubernetes objects from release manifest: ${sayProblem(problem)}`,
    );
  }
}

function* hooked(
  call: Call,
  cluster: Cluster,
  release: Release,
  when: 'pre' | 'post',
  wait: WaitOptions,
): Routine<void> {
  if (call.flags.is('no-hooks')) return;
  try {
    const options = hooksOf(wait, applyOf(call, 'ssa').serverSide);
    yield* runHooks(cluster, release, `${when}-install`, options);
  } catch (problem) {
    throw new HelmError(`failed ${when}-install: ${sayProblem(problem)}`);
  }
}

function* perform(
  call: Call,
  cluster: Cluster,
  release: Release,
  items: readonly Item[],
  adopted: readonly Item[],
  { wait }: InstallSettings,
): Routine<void> {
  const options = applyOf(call, 'ssa');
  yield* hooked(call, cluster, release, 'pre', wait);
  if (adopted.length === 0)
    yield* forEach(items, (item) => create(cluster, item, { ...options, forceConflicts: false }));
  else yield* update(cluster, adopted, items, options, { created: [] });
  if (wait.resources) yield* waitReady(cluster, items, wait.timeout, wait.jobs);
  yield* hooked(call, cluster, release, 'post', wait);
  release.info.status = 'deployed';
  release.info.description = call.flags.text('description') || 'Install complete';
  yield* updateRelease(cluster, release);
}

/** Keeps a revision as failed, or takes everything of it away again; throws HelmError. */
function* fail(
  call: Call,
  cluster: Cluster,
  release: Release,
  why: string,
  { wait }: InstallSettings,
): Routine<never> {
  release.info.status = 'failed';
  release.info.description = `Release "${release.name}" failed: ${why}`;
  if (!call.flags.is('rollback-on-failure')) {
    yield* updateRelease(cluster, release);
    throw new HelmError(why);
  }
  const options = { noHooks: call.flags.is('no-hooks'), keepHistory: false, wait };
  try {
    yield* uninstall(cluster, release.name, options);
  } catch (problem) {
    throw new HelmError(
      `an error occurred while uninstalling the release. original install error: ${why}: ${sayProblem(problem)}`,
    );
  }
  throw new HelmError(
    `release ${release.name} failed, and has been uninstalled due to rollback-on-failure being set: ${why}`,
  );
}

/** The settings that the command line of install says. */
export function* installSettings(call: Call): Routine<InstallSettings> {
  return {
    dryRun: yield* dryRunOf(call),
    wait: waitOf(call, 'install'),
    replace: call.flags.is('replace'),
  };
}
