// helm's commands that change releases: install, upgrade, rollback, uninstall, test.

import type { Routine } from '../../../core/wait.ts';
import { HelmError } from '../chart.ts';
import type { Call, Command } from '../command.ts';
import { connect } from './cluster.ts';
import { install, installSettings, nameAndChart } from './install.ts';
import { dryRunOf, waitOf } from './options.ts';
import { formatOf, printStatus } from './print.ts';
import { rollback } from './rollback.ts';
import { historyOf } from './storage.ts';
import { testRelease } from './test.ts';
import { uninstall, wouldUninstall } from './uninstall.ts';
import { upgrade } from './upgrade.ts';

/** Flags on how charts are fetched and checked, and on what is not modelled of rendering. */
const CHART_IDLE = [
  ...['ca-file', 'cert-file', 'key-file', 'keyring', 'username', 'password', 'verify'],
  ...['insecure-skip-tls-verify', 'pass-credentials', 'plain-http', 'post-renderer'],
  ...['post-renderer-args', 'post-renderer-strategy', 'enable-dns', 'dependency-update'],
  ...['render-subchart-notes', 'hide-secret', 'disable-openapi-validation'],
];

function* installCommand(call: Call): Routine<void> {
  formatOf(call);
  const settings = yield* installSettings(call);
  try {
    const [name, chart] = nameAndChart(call);
    const release = yield* install(call, name, chart, settings);
    printStatus(call, release, { hideNotes: call.flags.is('hide-notes') });
  } catch (problem) {
    if (!(problem instanceof HelmError)) throw problem;
    throw new HelmError(`INSTALLATION FAILED: ${problem.message}`);
  }
}

function* upgradeCommand(call: Call): Routine<void> {
  const { main, flags, args } = call;
  const [name = '', chart = ''] = args;
  const format = formatOf(call);
  const dryRun = yield* dryRunOf(call);
  const wait = waitOf(call, 'upgrade');
  const hideNotes = flags.is('hide-notes');
  if (flags.is('install')) {
    const last = (yield* historyOf(yield* connect(call), name)).at(-1);
    if (!last || last.info.status === 'uninstalled') {
      if (format === 'table')
        main.out.put(`Release "${name}" does not exist. Installing it now.\n`);
      yield* main.out.flush();
      const release = yield* install(call, name, chart, { dryRun, wait, replace: !!last });
      return printStatus(call, release, { hideNotes });
    }
  }
  const release = yield* upgrade(call, name, chart, { dryRun, wait });
  if (format === 'table') main.out.put(`Release "${name}" has been upgraded. Happy Helming!\n`);
  printStatus(call, release, { hideNotes });
}

const LONGEST_DESCRIPTION = 256;

function* rollbackCommand(call: Call): Routine<void> {
  const { main, flags, args } = call;
  const [name = '', revision] = args;
  if (revision !== undefined && !/^[-+]?\d+$/.test(revision))
    throw new HelmError(
      `could not convert revision to a number: strconv.Atoi: parsing "${revision}": invalid syntax`,
    );
  const description = flags.text('description');
  if ([...description].length > LONGEST_DESCRIPTION)
    throw new HelmError(
      `description must be ${LONGEST_DESCRIPTION} characters or less, got ${[...description].length}`,
    );
  const settings = { dryRun: yield* dryRunOf(call), wait: waitOf(call, 'rollback'), description };
  yield* rollback(call, yield* connect(call), name, Number(revision ?? 0), settings);
  main.out.put('Rollback was a success! Happy Helming!\n');
}

const CASCADES = {
  background: 'Background',
  foreground: 'Foreground',
  orphan: 'Orphan',
} as const;

function* uninstallCommand(call: Call): Routine<void> {
  const { main, flags, args } = call;
  const word = flags.text('cascade');
  if (!Object.hasOwn(CASCADES, word))
    throw new HelmError(
      `invalid cascade value (${word}). Must be "background", "foreground", or "orphan"`,
    );
  const ignoreNotFound = flags.is('ignore-not-found');
  const options = {
    noHooks: flags.is('no-hooks'),
    keepHistory: flags.is('keep-history'),
    wait: waitOf(call, 'uninstall'),
    cascade: CASCADES[word as keyof typeof CASCADES],
    description: flags.text('description'),
    ignoreNotFound,
  };
  const cluster = yield* connect(call);
  for (const name of args) {
    const kept = flags.is('dry-run')
      ? yield* wouldUninstall(cluster, name, ignoreNotFound)
      : yield* uninstall(cluster, name, options);
    if (kept !== '') main.out.put(`${kept}\n`);
    main.out.put(`release "${name}" uninstalled\n`);
    yield* main.out.flush();
  }
}

export const CHANGING_COMMANDS: readonly Command[] = [
  { path: 'install', takes: { least: 1 }, idle: CHART_IDLE, run: installCommand },
  { path: 'upgrade', takes: { exactly: 2 }, idle: CHART_IDLE, run: upgradeCommand },
  { path: 'rollback', takes: { least: 1 }, run: rollbackCommand },
  { path: 'uninstall', takes: { least: 1 }, run: uninstallCommand },
  { path: 'test', takes: { exactly: 1 }, run: testRelease },
];
