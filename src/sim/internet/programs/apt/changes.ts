// What apt does to a machine's packages and says meanwhile: what will be done, the question, the archives, dpkg's work.

import type { Routine } from '../../../core/wait.ts';
import type { Main } from '../../../userland/libc/stdio.ts';
import {
  isInstalled,
  nameOf,
  readAutomatic,
  readIndexes,
  readStatus,
  type Stanza,
  versionOf,
  writeAutomatic,
} from './database.ts';
import { installPlan, leftOut, removalPlan, unneeded, type World, wrapped } from './plan.ts';
import { archiveUrl, fetchedLine, fetchFile, originOf, readSources, sizeText } from './sources.ts';
import { type Archive, installArchives, readArchive, removePackages, voiceOf } from './unpack.ts';

/** One run: what is wanted of it and what is known. */
export interface Run extends World {
  readonly main: Main;
  readonly chosen: ReadonlySet<string>;
  /** 0, 1 (no progress) or 2 (errors only, and yes to everything). */
  readonly quiet: number;
}

/** Says something, unless only errors are wanted. */
export function* say(run: Run, text: string): Routine<void> {
  if (run.quiet > 1) return;
  run.main.out.put(text);
  yield* run.main.out.flush();
}

/** Reads what dpkg, the lists and the marks say; tells of it. */
export function* openWorld(main: Main, chosen: ReadonlySet<string>, quiet: number): Routine<Run> {
  const { process: p } = main;
  const run: Run = {
    main,
    chosen,
    quiet,
    known: yield* readStatus(p),
    index: yield* readIndexes(p),
    automatic: yield* readAutomatic(p),
  };
  const done = p.isTerminal(1) && quiet === 0 ? ' Done' : '';
  for (const step of ['package lists', 'state information'])
    yield* say(
      run,
      step === 'package lists'
        ? `Reading package lists...${done}\nBuilding dependency tree...${done}\n`
        : `Reading ${step}...${done}\n`,
    );
  return run;
}

/** Installed packages of which the lists have another version. */
export function upgradable(run: Run): Stanza[] {
  return [...run.known.values()].flatMap((one) => {
    const offered = run.index.get(nameOf(one));
    return isInstalled(one) && offered && versionOf(offered) !== versionOf(one) ? [offered] : [];
  });
}

function* section(run: Run, title: string, names: readonly string[]): Routine<void> {
  if (names.length > 0) yield* say(run, `${title}:\n${wrapped([...names].sort())}`);
}

function* offerRemoval(run: Run, without: ReadonlySet<string>): Routine<void> {
  const spare = unneeded(run, without);
  if (spare.length === 0) return;
  const one = spare.length === 1;
  yield* section(
    run,
    one
      ? 'The following package was automatically installed and is no longer required'
      : 'The following packages were automatically installed and are no longer required',
    spare,
  );
  yield* say(run, `Use 'apt autoremove' to remove ${one ? 'it' : 'them'}.\n`);
}

/** Asks before something that was not named is done; true where it may go on. */
function* confirmed(run: Run, needed: boolean): Routine<boolean> {
  if (!needed || run.chosen.has('yes') || run.quiet > 1) return true;
  yield* say(run, 'Do you want to continue? [Y/n] ');
  const line = yield* run.main.input.line();
  const answer = line === undefined ? 'n' : line.trim().toLowerCase();
  if (answer === '' || answer.startsWith('y')) return true;
  yield* say(run, 'Abort.\n');
  return false;
}

const kib = (list: readonly Stanza[]): number =>
  list.reduce((sum, one) => sum + Number(one.get('Installed-Size') ?? 0), 0);

/** Names and versions that were asked for; undefined (and said) where one is not to be had. */
export function selected(run: Run, words: readonly string[]): string[] | undefined {
  const { main } = run;
  const errors: string[] = [];
  const names = words.map((word) => {
    const [name = '', version] = word.replace(/:amd64$/, '').split(/[=/]/);
    const one = run.index.get(name) ?? run.known.get(name);
    if (!one) errors.push(`E: Unable to locate package ${name}`);
    else if (word.includes('=') && version !== versionOf(one))
      errors.push(`E: Version '${version ?? ''}' for '${name}' was not found`);
    return name;
  });
  for (const error of errors) main.err.put(`${error}\n`);
  return errors.length > 0 ? undefined : names;
}

/** Installs packages with what they need; 100 where one is not to be had. */
export function* install(run: Run, words: readonly string[]): Routine<number> {
  const { main, chosen } = run;
  const wanted = selected(run, words);
  if (!wanted) return 100;
  for (const name of wanted) {
    const one = run.known.get(name);
    if (!isInstalled(one) || !one || chosen.has('reinstall')) continue;
    yield* say(run, `${name} is already the newest version (${versionOf(one)}).\n`);
    if (!run.automatic.delete(name)) continue;
    yield* say(run, `${name} set to manually installed.\n`);
    writeAutomatic(main.process, run.automatic);
  }
  const again = chosen.has('reinstall')
    ? wanted.flatMap((name) =>
        isInstalled(run.known.get(name)) ? (run.index.get(name) ?? []) : [],
      )
    : [];
  const plan = installPlan(wanted, run, !chosen.has('no-recommends'));
  const extra = plan.map(nameOf).filter((name) => !wanted.includes(name));
  yield* offerRemoval(run, new Set());
  yield* section(run, 'The following additional packages will be installed', extra);
  yield* section(run, 'Suggested packages', leftOut(plan, 'Suggests', run));
  yield* section(run, 'Recommended packages', leftOut(plan, 'Recommends', run));
  yield* section(run, 'The following NEW packages will be installed', plan.map(nameOf));
  return yield* carryOut(run, plan, again, extra);
}

function* carryOut(
  run: Run,
  fresh: readonly Stanza[],
  again: readonly Stanza[],
  extra: readonly string[],
): Routine<number> {
  const { main, chosen } = run;
  const plan = [...fresh, ...again];
  const behind = upgradable(run).length;
  const reinstalled = again.length > 0 ? ` ${again.length} reinstalled,` : '';
  yield* say(
    run,
    `0 upgraded, ${fresh.length} newly installed,${reinstalled} 0 to remove and ${behind} not upgraded.\n`,
  );
  if (plan.length === 0) return 0;
  if (chosen.has('simulate')) {
    for (const word of ['Inst', 'Conf'])
      for (const one of plan)
        main.out.put(
          `${word} ${nameOf(one)} (${versionOf(one)} Debian:12.15/oldstable [${one.get('Architecture') ?? ''}])\n`,
        );
    return 0;
  }
  const bytes = plan.reduce((sum, one) => sum + Number(one.get('Size') ?? 0), 0);
  yield* say(run, `Need to get ${sizeText(bytes)} of archives.\n`);
  const grown = sizeText(kib(fresh) * 1024);
  yield* say(run, `After this operation, ${grown} of additional disk space will be used.\n`);
  if (!(yield* confirmed(run, extra.length > 0))) return 1;
  const archives = yield* fetchAll(run, plan, bytes);
  if (!archives) return 100;
  if (chosen.has('download')) {
    yield* say(run, 'Download complete and in download only mode\n');
    return 0;
  }
  yield* installArchives(main, archives, voiceOf(main, true));
  for (const name of extra) run.automatic.add(name);
  if (extra.length > 0) writeAutomatic(main.process, run.automatic);
  return 0;
}

function* fetchAll(
  run: Run,
  plan: readonly Stanza[],
  bytes: number,
): Routine<Archive[] | undefined> {
  const { main } = run;
  const { process: p } = main;
  const sources = yield* readSources(p);
  const began = p.now;
  const archives: Archive[] = [];
  const digits = String(plan.length - 1).length;
  for (const [i, one] of plan.entries()) {
    const architecture = one.get('Architecture') ?? '';
    const size = sizeText(Number(one.get('Size') ?? 0));
    const what = `${originOf(one, sources)} ${nameOf(one)} ${architecture} ${versionOf(one)}`;
    const got = yield* fetchFile(p, archiveUrl(one, sources));
    const file = `${nameOf(one)}_${versionOf(one).replace(':', '%3a')}_${architecture}.deb`;
    const number = plan.length > 2 ? `${String(i).padStart(digits, '0')}-` : '';
    const archive = 'failure' in got ? undefined : readArchive(got.bytes, `.../${number}${file}`);
    if (!archive) {
      const why = 'failure' in got ? got.failure : 'Hash Sum mismatch';
      yield* say(run, `Err:${i + 1} ${what}\n  ${why}\n`);
      main.err.put(`E: Failed to fetch ${archiveUrl(one, sources)}  ${why}\n`);
      main.err.put(
        'E: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?\n',
      );
      return undefined;
    }
    yield* say(run, `Get:${i + 1} ${what} [${size}]\n`);
    archives.push(archive);
  }
  if (!isInstalled(run.known.get('apt-utils')) && isInstalled(run.known.get('debconf'))) {
    main.err.put('debconf: delaying package configuration, since apt-utils is not installed\n');
    yield* main.err.flush();
  }
  yield* say(run, fetchedLine(bytes, p.now - began));
  return archives;
}

/** Removes packages and what depends on them. */
export function* remove(run: Run, words: readonly string[], purge: boolean): Routine<number> {
  const wanted: string[] = [];
  for (const word of words) {
    if (isInstalled(run.known.get(word)) || (purge && run.known.has(word))) wanted.push(word);
    else if (run.index.has(word) || run.known.has(word))
      yield* say(run, `Package '${word}' is not installed, so not removed\n`);
    else {
      run.main.err.put(`E: Unable to locate package ${word}\n`);
      return 100;
    }
  }
  const gone = removalPlan(wanted, run);
  if (!run.chosen.has('auto-remove')) yield* offerRemoval(run, new Set(gone));
  const spare = run.chosen.has('auto-remove') ? unneeded(run, new Set(gone)) : [];
  return yield* removeAll(run, [...gone, ...spare].sort(), purge, true);
}

/** Removes exactly these. */
export function* removeAll(
  run: Run,
  names: readonly string[],
  purge: boolean,
  ask: boolean,
): Routine<number> {
  yield* section(
    run,
    'The following packages will be REMOVED',
    names.map((name) => (purge ? `${name}*` : name)),
  );
  const behind = upgradable(run).length;
  yield* say(
    run,
    `0 upgraded, 0 newly installed, ${names.length} to remove and ${behind} not upgraded.\n`,
  );
  if (names.length === 0) return 0;
  const size = kib(names.flatMap((name) => run.known.get(name) ?? []));
  yield* say(run, `After this operation, ${sizeText(size * 1024)} disk space will be freed.\n`);
  if (!(yield* confirmed(run, ask))) return 1;
  yield* removePackages(run.main, names, purge, voiceOf(run.main, true));
  for (const name of names) run.automatic.delete(name);
  writeAutomatic(run.main.process, run.automatic);
  return 0;
}
