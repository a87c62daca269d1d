// helm rollback (pkg/action/rollback.go): a next revision is made of an earlier one's manifest, chart and values.

import type { Routine } from '../../../core/wait.ts';
import { HelmError } from '../chart.ts';
import { type Call, log } from '../command.ts';
import { remove, update, type Updated } from './apply.ts';
import { build, type Cluster, type Item, sayProblem, serverVersion } from './cluster.ts';
import { runHooks, stamp } from './hooks.ts';
import { applyOf, checkApply, type DryRun, hooksOf, type WaitOptions } from './options.ts';
import { owned } from './ownership.ts';
import type { Release } from './record.ts';
import { checkName, createRelease, historyOf, NOT_FOUND, updateRelease } from './storage.ts';
import { waitReady } from './wait.ts';

export interface RollbackSettings {
  readonly dryRun: DryRun;
  readonly wait: WaitOptions;
  readonly description?: string;
}

/** The revision that is there and the one that is to be; 0 goes one back. Throws HelmError. */
function* prepare(
  call: Call,
  cluster: Cluster,
  name: string,
  version: number,
  description: string,
): Routine<{ readonly current: Release; readonly target: Release }> {
  checkName(name, `prepareRollback: Release name is invalid: ${name}`);
  if (version < 0) throw new HelmError('invalid release revision');
  const history = yield* historyOf(cluster, name);
  const current = history.at(-1);
  if (!current) throw new HelmError(NOT_FOUND);
  const wanted = version === 0 ? current.version - 1 : version;
  const earlier = history.find((one) => one.version === wanted);
  if (!earlier) throw new HelmError(`release has no ${wanted} version`);
  const { serverSide } = applyOf(call, earlier.apply_method);
  const target: Release = {
    ...earlier,
    namespace: current.namespace,
    info: {
      ...(current.info.first_deployed ? { first_deployed: current.info.first_deployed } : {}),
      last_deployed: stamp(cluster),
      description: description || `Rollback to ${wanted}`,
      status: 'pending-rollback',
      rollback_revision: wanted,
      ...(earlier.info.notes ? { notes: earlier.info.notes } : {}),
    },
    version: current.version + 1,
    apply_method: serverSide ? 'ssa' : 'csa',
  };
  return { current, target };
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

/** Rolls a release back; throws HelmError. */
export function* rollback(
  call: Call,
  cluster: Cluster,
  name: string,
  version: number,
  { dryRun, wait, description = '' }: RollbackSettings,
): Routine<void> {
  const { flags } = call;
  yield* serverVersion(cluster);
  const { current, target } = yield* prepare(call, cluster, name, version, description);
  if (dryRun !== 'none') return;
  yield* createRelease(cluster, target, flags.number('history-max'));
  const before = yield* buildFrom(cluster, current, 'current');
  const items = (yield* buildFrom(cluster, target, 'new')).map((item) =>
    owned(item, target.name, target.namespace),
  );
  const hooks = hooksOf(wait, target.apply_method === 'ssa');
  if (!flags.is('no-hooks')) yield* runHooks(cluster, target, 'pre-rollback', hooks);
  const options = { ...applyOf(call, 'ssa'), serverSide: target.apply_method === 'ssa' };
  const made: Updated = { created: [] };
  try {
    checkApply(options);
    yield* update(cluster, before, items, options, made);
  } catch (problem) {
    yield* fail(call, cluster, current, target, made, sayProblem(problem));
  }
  if (wait.resources) {
    try {
      yield* waitReady(cluster, items, wait.timeout, wait.jobs);
    } catch (problem) {
      const why = sayProblem(problem);
      target.info.status = 'failed';
      target.info.description = `Release "${name}" failed: ${why}`;
      yield* updateRelease(cluster, target);
      throw new HelmError(`release ${name} failed: ${why}`);
    }
  }
  if (!flags.is('no-hooks')) yield* runHooks(cluster, target, 'post-rollback', hooks);
  for (const other of yield* historyOf(cluster, name)) {
    if (other.info.status !== 'deployed') continue;
    other.info.status = 'superseded';
    yield* updateRelease(cluster, other);
  }
  target.info.status = 'deployed';
  yield* updateRelease(cluster, target);
}

function* fail(
  call: Call,
  cluster: Cluster,
  current: Release,
  target: Release,
  { created }: Updated,
  why: string,
): Routine<never> {
  const text = `Rollback "${target.name}" failed: ${why}`;
  yield* log(cluster.main, 'WARN', text);
  current.info.status = 'superseded';
  target.info.status = 'failed';
  target.info.description = text;
  yield* updateRelease(cluster, current);
  yield* updateRelease(cluster, target);
  if (call.flags.is('cleanup-on-fail')) for (const item of created) yield* remove(cluster, item);
  throw new HelmError(why);
}
