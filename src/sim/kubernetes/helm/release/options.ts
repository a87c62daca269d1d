// What the commands that change a release have in common: their flags as settings, the chart and the values that are asked for.

import type { Routine } from '../../../core/wait.ts';
import { type Chart, HelmError, loadChart } from '../chart.ts';
import { type Call, log } from '../command.ts';
import { isMap, type Values } from '../convert.ts';
import { locateChart } from '../repository/locate.ts';
import { givenValues } from '../values.ts';
import type { ApplyOptions } from './apply.ts';
import type { HookOptions } from './hooks.ts';
import { isSystemLabel } from './storage.ts';

export type DryRun = 'none' | 'client' | 'server';

/** What --wait means: nothing but hooks is waited for, or everything. */
export interface WaitOptions {
  readonly resources: boolean;
  readonly jobs: boolean;
  readonly timeout: number;
}

const TRUE = ['1', 't', 'T', 'TRUE', 'true', 'True'];
const FALSE = ['0', 'f', 'F', 'FALSE', 'false', 'False'];

/** --dry-run, with a warning for its old forms; throws HelmError. */
export function* dryRunOf(call: Call, template = false): Routine<DryRun> {
  const { main, flags } = call;
  const text = flags.text('dry-run');
  const unusable = template ? '"server" or "client"' : '"none", "server", or "client"';
  if (text === 'unset') {
    yield* log(
      main,
      'WARN',
      "--dry-run is deprecated and should be replaced with '--dry-run=client'",
    );
    return 'client';
  }
  if (text === 'client' || text === 'server' || (text === 'none' && !template)) return text;
  const known = TRUE.includes(text) || (FALSE.includes(text) && !template);
  if (!known) throw new HelmError(`invalid dry-run value ("${text}"). Must be ${unusable}`);
  const means = TRUE.includes(text) ? 'client' : 'none';
  yield* log(
    main,
    'WARN',
    `boolean '--dry-run=${text}' flag is deprecated and must be replaced with '--dry-run=${means}'`,
  );
  return means;
}

/** --wait, --wait-for-jobs and --timeout; --rollback-on-failure waits too. Throws HelmError. */
export function waitOf({ flags }: Call, path: string): WaitOptions {
  const text = flags.text('wait');
  if (!['watcher', 'hookOnly', 'legacy'].includes(text))
    throw new HelmError(
      `invalid argument "${text}" for "--wait" flag: invalid wait input "${text}". Valid inputs are watcher, hookOnly, and legacy`,
    );
  const has = ['install', 'upgrade'].includes(path);
  return {
    resources: text !== 'hookOnly' || (has && flags.is('rollback-on-failure')),
    jobs: path !== 'uninstall' && flags.is('wait-for-jobs'),
    timeout: flags.duration('timeout'),
  };
}

/** How hooks are run with these. */
export function hooksOf(wait: WaitOptions, serverSide: boolean): HookOptions {
  return { timeout: wait.timeout, serverSide, waitGone: wait.resources };
}

/** --server-side, --force-conflicts, --force-replace; `before` is how the release was applied last. Throws HelmError. */
export function applyOf({ flags }: Call, before?: string): ApplyOptions {
  const text = flags.text('server-side');
  if (!['auto', 'true', 'false'].includes(text))
    throw new HelmError(`invalid/unknown release server-side apply method: ${text}`);
  const serverSide = text === 'auto' ? before === 'ssa' : text === 'true';
  const forceConflicts = flags.is('force-conflicts');
  const forceReplace = flags.is('force-replace');
  if (forceConflicts && forceReplace)
    throw new HelmError(
      'if any flags in the group [force-replace force-conflicts] are set none of the others can be; [force-conflicts force-replace] were all set',
    );
  return { serverSide, forceConflicts, forceReplace };
}

/** Throws HelmError for options that do not go together (Client.Update). */
export function checkApply({ serverSide, forceConflicts, forceReplace }: ApplyOptions): void {
  if (!serverSide && forceConflicts)
    throw new HelmError(
      'invalid client update option(s): forceConflicts enabled when serverSideApply disabled',
    );
  if (serverSide && forceReplace)
    throw new HelmError(
      'invalid operation: cannot use server-side apply and force replace together',
    );
}

/** --labels; throws HelmError for helm's own. */
export function labelsOf({ flags }: Call): Record<string, string> {
  const pairs = flags.list('labels').map((pair) => {
    const at = pair.indexOf('=');
    if (at < 0)
      throw new HelmError(
        `invalid argument "${flags.text('labels')}" for "-l, --labels" flag: ${pair} must be formatted as key=value`,
      );
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return Object.fromEntries(pairs) as Record<string, string>;
}

/** Throws HelmError where a label is one of helm's own. */
export function checkLabels(labels: Readonly<Record<string, string>>): void {
  if (Object.keys(labels).some(isSystemLabel))
    throw new HelmError(
      'user supplied labels contains system reserved label name. System labels: [name owner status version createdAt modifiedAt]',
    );
}

/** The chart that is named, fit to be installed, and the values that are given. Throws HelmError. */
export function* requested(
  call: Call,
  reference: string,
): Routine<{ readonly chart: Chart; readonly values: Values }> {
  const { main, flags } = call;
  const path = yield* locateChart(call, reference);
  const values = yield* givenValues(main, flags);
  const chart = yield* loadChart(main.process, path);
  checkDependencies(chart);
  if (chart.metadata.deprecated === true) yield* log(main, 'WARN', 'this chart is deprecated');
  return { chart, values };
}

/** Throws HelmError where a dependency of Chart.yaml is not in charts/ (action.CheckDependencies). */
function checkDependencies({ metadata, dependencies }: Chart): void {
  const wanted = Array.isArray(metadata.dependencies) ? metadata.dependencies : [];
  const missing = wanted
    .filter(isMap)
    .map(({ name }) => String(name))
    .filter((name) => !dependencies.some(({ metadata: own }) => own.name === name));
  if (missing.length > 0)
    throw new HelmError(
      `an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: ${missing.join(', ')}`,
    );
}

/** Throws HelmError for a chart that only serves others. */
export function checkInstallable({ metadata }: Chart): void {
  const { type } = metadata;
  if (type && type !== 'application')
    throw new HelmError(`${String(type)} charts are not installable`);
}
