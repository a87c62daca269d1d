// helm uninstall (pkg/action/uninstall.go): the objects of the last revision that belong to it are deleted between two sets of
// hooks; then its revisions are forgotten, or kept as uninstalled.

import type { Routine } from '../../../core/wait.ts';
import { HelmError } from '../chart.ts';
import { log } from '../command.ts';
import { byKind } from '../manifests.ts';
import { fetch, remove } from './apply.ts';
import { build, type Cluster, type Item, sayProblem, serverVersion } from './cluster.ts';
import { runHooks, stamp } from './hooks.ts';
import { hooksOf, type WaitOptions } from './options.ts';
import { ownershipProblem } from './ownership.ts';
import type { Release } from './record.ts';
import {
  checkName,
  deleteRelease,
  getRelease,
  historyOf,
  NOT_FOUND,
  updateRelease,
} from './storage.ts';
import { waitGone } from './wait.ts';

export interface UninstallOptions {
  readonly noHooks: boolean;
  readonly keepHistory: boolean;
  readonly wait: WaitOptions;
  readonly cascade?: 'Background' | 'Foreground' | 'Orphan';
  readonly description?: string;
  readonly ignoreNotFound?: boolean;
}

/** What was left out of a deletion, as it is told. */
interface Deleted {
  readonly items: readonly Item[];
  readonly kept: string;
}

function keeps({ object }: Item): boolean {
  return object.metadata?.annotations?.['helm.sh/resource-policy']?.trim().toLowerCase() === 'keep';
}

/** What of a release is to be deleted, in order, and what is kept and why. */
function* chosen(cluster: Cluster, release: Release): Routine<Deleted> {
  const all = yield* build(cluster, release.manifest ?? '');
  const sorted = [...all].sort((a, b) => byKind(a.resource, b.resource, true));
  const policy = sorted.filter(keeps);
  const sections: string[] = [];
  const named = ({ resource, name }: Item): string => `[${resource.kind}] ${name}\n`;
  if (policy.length > 0)
    sections.push(
      `These resources were kept due to the resource policy:\n${policy.map(named).join('')}`,
    );
  const items: Item[] = [];
  const foreign: Item[] = [];
  for (const item of sorted) {
    if (keeps(item)) continue;
    const object = yield* fetch(cluster, item);
    if (!object) continue;
    const problem = ownershipProblem(object, release.name, release.namespace);
    (problem === undefined ? items : foreign).push(item);
  }
  for (const { resource, name, namespace } of foreign)
    yield* log(cluster.main, 'WARN', 'skipping delete of resource not owned by this release', {
      kind: resource.kind,
      name,
      namespace,
      release: release.name,
    });
  if (foreign.length > 0)
    sections.push(
      `${foreign.length} resource(s) were not deleted because they are not owned by this release:\n${foreign.map(named).join('')}`,
    );
  return { items, kept: sections.join('\n') };
}

/** Uninstalls a release; the value is what is to be told of what was kept. Throws HelmError. */
export function* uninstall(
  cluster: Cluster,
  name: string,
  options: UninstallOptions,
): Routine<string> {
  yield* serverVersion(cluster);
  checkName(name, `uninstall: Release name is invalid: ${name}`);
  const history = yield* historyOf(cluster, name);
  const release = history.at(-1);
  if (!release) {
    if (options.ignoreNotFound) return '';
    throw new HelmError(`uninstall: Release not loaded: ${name}: ${NOT_FOUND}`);
  }
  if (release.info.status === 'uninstalled') {
    if (options.keepHistory) throw new HelmError(`the release named "${name}" is already deleted`);
    yield* purge(cluster, history);
    return '';
  }
  release.info.status = 'uninstalling';
  release.info.deleted = stamp(cluster);
  release.info.description = 'Deletion in progress (or silently failed)';
  const hooks = hooksOf(options.wait, true);
  if (!options.noHooks) yield* runHooks(cluster, release, 'pre-delete', hooks);
  yield* updateRelease(cluster, release);
  const { items, kept } = yield* chosen(cluster, release);
  const problems: string[] = [];
  for (const item of items) {
    try {
      yield* remove(cluster, item, options.cascade);
    } catch {
      throw new HelmError(`failed to delete release: ${name}`);
    }
  }
  const attempt = function* (act: Routine<void>): Routine<void> {
    try {
      yield* act;
    } catch (problem) {
      problems.push(sayProblem(problem));
    }
  };
  if (options.wait.resources) yield* attempt(waitGone(cluster, items, options.wait.timeout));
  if (!options.noHooks) yield* attempt(runHooks(cluster, release, 'post-delete', hooks));
  release.info.status = 'uninstalled';
  release.info.description = options.description || 'Uninstallation complete';
  if (options.keepHistory) yield* keep(cluster, release);
  else yield* attempt(purge(cluster, history));
  if (problems.length > 0)
    throw new HelmError(
      `uninstallation completed with ${problems.length} error(s): ${problems.join('; ')}`,
    );
  return kept;
}

function* purge(cluster: Cluster, history: readonly Release[]): Routine<void> {
  for (const release of history) yield* deleteRelease(cluster, release);
}

/** Keeps a release as uninstalled; earlier revisions that were deployed are superseded. */
function* keep(cluster: Cluster, release: Release): Routine<void> {
  yield* updateRelease(cluster, release);
  for (const other of yield* historyOf(cluster, release.name)) {
    if (other.info.status !== 'deployed') continue;
    other.info.status = 'superseded';
    yield* updateRelease(cluster, other);
  }
}

/** --dry-run: what would be kept. Throws HelmError. */
export function* wouldUninstall(
  cluster: Cluster,
  name: string,
  ignoreNotFound: boolean,
): Routine<string> {
  yield* serverVersion(cluster);
  try {
    const release = yield* getRelease(cluster, name, 0);
    const items = (yield* build(cluster, release.manifest ?? '')).filter(keeps);
    if (items.length === 0) return '';
    const lines = items.map(({ resource, name: own }) => `[${resource.kind}] ${own}\n`);
    return `These resources were kept due to the resource policy:\n${lines.join('')}`;
  } catch (problem) {
    if (ignoreNotFound && problem instanceof HelmError && problem.message === NOT_FOUND) return '';
    throw problem;
  }
}
