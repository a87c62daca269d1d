// apt-get(8) and apt(8): update, install, reinstall, remove, purge, autoremove, upgrade, download, clean. Left out:
// sources, build dependencies, pinning, changes of release.

import type { Routine } from '../../../core/wait.ts';
import { writeWholeFile } from '../../../containers/containerd/daemon.ts';
import { isOptionError, type OptionSpec, parseOptions } from '../../../userland/libc/options.ts';
import { type Main, notSimulated, program } from '../../../userland/libc/stdio.ts';
import { policy, search, show } from './apt-cache.ts';
import {
  install,
  openWorld,
  remove,
  removeAll,
  type Run,
  say,
  selected,
  upgradable,
} from './changes.ts';
import { isInstalled, versionOf } from './database.ts';
import { unneeded } from './plan.ts';
import { archiveUrl, fetchFile, originOf, readSources, sizeText, update } from './sources.ts';

const OPTIONS: readonly OptionSpec[] = [
  { key: 'yes', short: 'y', long: 'yes assume-yes' },
  { key: 'quiet', short: 'q' },
  { key: 'quiet', long: 'quiet', argument: 'optional' },
  { key: 'no-recommends', long: 'no-install-recommends' },
  { key: 'recommends', long: 'install-recommends' },
  { key: 'simulate', short: 's', long: 'simulate dry-run just-print no-act' },
  { key: 'download', short: 'd', long: 'download-only' },
  { key: 'purge', long: 'purge' },
  { key: 'auto-remove', long: 'auto-remove autoremove' },
  { key: 'reinstall', long: 'reinstall' },
  { key: 'no-upgrade', long: 'no-upgrade' },
  { key: 'fix', short: 'f', long: 'fix-broken' },
  { key: 'missing', short: 'm', long: 'fix-missing ignore-missing' },
  {
    key: 'force',
    long: 'allow-unauthenticated allow-downgrades force-yes allow-change-held-packages',
  },
  { key: 'option', short: 'o', long: 'option', argument: 'required' },
  {
    key: 'release',
    short: 't',
    long: 'target-release default-release',
    argument: 'required',
  },
  { key: 'verbose', short: 'V', long: 'verbose-versions' },
  { key: 'progress', long: 'show-progress' },
  { key: 'installed', long: 'installed' },
  { key: 'upgradable', long: 'upgradable' },
  { key: 'all', short: 'a', long: 'all-versions' },
  { key: 'version', short: 'v', long: 'version' },
  { key: 'help', short: 'h', long: 'help' },
];

function* upgrade(run: Run): Routine<number> {
  yield* say(run, 'Calculating upgrade...\n');
  const list = upgradable(run);
  if (list.length > 0) return yield* notSimulated(run.main, 'apt upgrade of installed packages');
  yield* say(run, '0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n');
  return 0;
}

function* download(run: Run, words: readonly string[]): Routine<number> {
  const names = selected(run, words);
  if (!names) return 100;
  const { process: p } = run.main;
  const sources = yield* readSources(p);
  for (const [i, name] of names.entries()) {
    const one = run.index.get(name);
    const got = one && (yield* fetchFile(p, archiveUrl(one, sources)));
    if (!one || !got || 'failure' in got) return 100;
    const architecture = one.get('Architecture') ?? '';
    const what = `${originOf(one, sources)} ${name} ${architecture} ${versionOf(one)}`;
    yield* say(run, `Get:${i + 1} ${what} [${sizeText(got.size)}]\n`);
    writeWholeFile(
      p,
      `${name}_${versionOf(one).replace(':', '%3a')}_${architecture}.deb`,
      got.bytes,
    );
  }
  return 0;
}

function* list(run: Run, patterns: readonly string[]): Routine<number> {
  const { main } = run;
  main.out.put('Listing...\n');
  const names = new Set([...run.known.keys(), ...run.index.keys()]);
  for (const name of [...names].sort()) {
    if (patterns.length > 0 && !patterns.some((one) => globMatches(one, name))) continue;
    const here = run.known.get(name);
    const offered = run.index.get(name);
    const one = isInstalled(here) ? here : offered;
    if (!one || (run.chosen.has('installed') && !isInstalled(here))) continue;
    const behind = here && offered && versionOf(here) !== versionOf(offered);
    if (run.chosen.has('upgradable') && !behind) continue;
    const state = !isInstalled(here)
      ? ''
      : ` [installed${offered ? '' : ',local'}${run.automatic.has(name) ? ',automatic' : ''}]`;
    const suite = offered ? '/oldstable' : '/now';
    const now = offered && isInstalled(here) ? ',now' : '';
    main.out.put(
      `${name}${suite}${now} ${versionOf(one)} ${one.get('Architecture') ?? ''}${state}\n`,
    );
  }
  return 0;
}

function globMatches(pattern: string, name: string): boolean {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${source.replaceAll('?', '.')}$`).test(name);
}

type Command = (run: Run, words: readonly string[]) => Routine<number>;

const COMMANDS: Readonly<Record<string, Command>> = {
  install,
  reinstall: (run, words) =>
    install({ ...run, chosen: new Set([...run.chosen, 'reinstall']) }, words),
  remove: (run, words) => remove(run, words, run.chosen.has('purge')),
  purge: (run, words) => remove(run, words, true),
  autoremove: (run) => removeAll(run, unneeded(run), run.chosen.has('purge'), true),
  autopurge: (run) => removeAll(run, unneeded(run), true, true),
  upgrade,
  'dist-upgrade': upgrade,
  'full-upgrade': upgrade,
  download,
  check: function* () {
    return 0;
  },
};

/** Commands that need no look at the packages. */
const PLAIN = new Set(['clean', 'autoclean', 'auto-clean', 'update']);
/** Those of apt that apt-get does not have. */
const APT_ONLY = new Set(['list', 'show', 'search', 'policy']);

const MISSING = new Set(['source', 'build-dep', 'changelog', 'edit-sources', 'dselect-upgrade']);

function* runPlain(main: Main, command: string, quiet: number): Routine<number> {
  if (command !== 'update') return 0;
  const fine = yield* update(main, quiet > 1);
  if (main.name === 'apt' && fine) {
    main.out.put('Building dependency tree...\nReading state information...\n');
    const world = yield* openWorld(main, new Set(), 2);
    const count = upgradable(world).length;
    main.out.put(
      count === 0
        ? 'All packages are up to date.\n'
        : `${count} package${count === 1 ? '' : 's'} can be upgraded. Run 'apt list --upgradable' to see ${count === 1 ? 'it' : 'them'}.\n`,
    );
  }
  return fine ? 0 : 100;
}

/** Root alone may change packages. */
function* locked(main: Main, command: string): Routine<boolean> {
  if (main.process.task.credentials.euid === 0) return false;
  const [file, what] =
    command === 'update'
      ? ['/var/lib/apt/lists/lock', 'Unable to lock directory /var/lib/apt/lists/']
      : [
          '/var/lib/dpkg/lock-frontend',
          'Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?',
        ];
  if (command === 'update') yield* main.out.print('Reading package lists...\n');
  main.err.put(`E: Could not open lock file ${file} - open (13: Permission denied)\nE: ${what}\n`);
  return true;
}

function* runApt(main: Main): Routine<number> {
  const apt = main.name === 'apt';
  const options = parseOptions(
    main.args.map((word) => word.replace(/^-q=/, '--quiet=')),
    OPTIONS,
  );
  if (isOptionError(options)) {
    const word = main.args.find((one) => one.startsWith('-')) ?? '';
    main.err.put(
      `E: Command line option ${word} is not understood in combination with the other options\n`,
    );
    return 100;
  }
  const [command, ...words] = options.operands;
  if (options.has('version') || options.has('help') || command === undefined) {
    main.out.put('apt 2.6.1 (amd64)\n');
    return options.has('version') ? 0 : yield* notSimulated(main, `the help of ${main.name}`);
  }
  const quiet = options
    .values('quiet')
    .reduce((sum, value) => (value === '' ? sum + 1 : Number(value)), 0);
  const chosen = new Set(options.list.map(([key]) => key));
  if (chosen.has('release') || MISSING.has(command))
    return yield* notSimulated(main, `${main.name} ${main.args.join(' ')}`);
  if (apt && !main.process.isTerminal(1))
    main.err.put(
      '\nWARNING: apt does not have a stable CLI interface. Use with caution in scripts.\n\n',
    );
  yield* main.err.flush();
  if (apt && APT_ONLY.has(command)) {
    if (command === 'show') return yield* show(main, words, true);
    if (command === 'search') return yield* search(main, words, true);
    if (command === 'policy') return yield* policy(main, words);
    return yield* list(yield* openWorld(main, chosen, 2), words);
  }
  const run = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
  if (!run && !PLAIN.has(command)) {
    main.err.put(`E: Invalid operation ${command}\n`);
    return 100;
  }
  if (command !== 'download' && !chosen.has('simulate') && (yield* locked(main, command)))
    return 100;
  if (!run) return yield* runPlain(main, command, quiet);
  return yield* run(yield* openWorld(main, chosen, quiet), words);
}

export const aptGet = program('apt-get', runApt);
export const apt = program('apt', runApt);
