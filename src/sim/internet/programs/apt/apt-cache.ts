// apt-cache(8): show, policy, search, depends, rdepends, pkgnames, stats of what the lists and dpkg know.

import type { Routine } from '../../../core/wait.ts';
import { type Main, notSimulated, program } from '../../../userland/libc/stdio.ts';
import {
  isInstalled,
  nameOf,
  readAutomatic,
  readIndexes,
  readStatus,
  relations,
  type Stanza,
  stanzaText,
  versionOf,
} from './database.ts';
import { originOf, readSources, sizeText } from './sources.ts';

interface Known {
  readonly index: ReadonlyMap<string, Stanza>;
  readonly status: ReadonlyMap<string, Stanza>;
}

function* known(main: Main): Routine<Known> {
  const { process: p } = main;
  return { index: yield* readIndexes(p), status: yield* readStatus(p) };
}

const find = ({ index, status }: Known, name: string): Stanza | undefined =>
  index.get(name) ?? status.get(name);

const plain = (one: Stanza): Stanza => new Map([...one].filter(([key]) => key !== 'List'));

/** The stanza of a package (`apt-cache show`), or what `apt show` makes of it. */
export function* show(main: Main, names: readonly string[], apt: boolean): Routine<number> {
  const all = yield* known(main);
  const sources = yield* readSources(main.process);
  const automatic = yield* readAutomatic(main.process);
  let failed = names.length === 0;
  for (const name of names) {
    const one = find(all, name);
    if (!one) {
      failed = true;
      main.err.put(`N: Unable to locate package ${name}\n`);
      continue;
    }
    if (!apt) {
      main.out.put(`${stanzaText(plain(one))}\n`);
      continue;
    }
    const fields = ['Package', 'Version', 'Priority', 'Section'].map((key) => [key, one.get(key)]);
    const rest = ['Depends', 'Recommends', 'Suggests'].map((key) => [key, one.get(key)]);
    const installed = isInstalled(all.status.get(name));
    for (const [key, value] of [
      ...fields,
      ['Installed-Size', sizeText(Number(one.get('Installed-Size') ?? 0) * 1024)],
      ...rest,
      ['Download-Size', one.has('Size') ? sizeText(Number(one.get('Size'))) : undefined],
      ['APT-Manual-Installed', installed ? (automatic.has(name) ? 'no' : 'yes') : undefined],
      ['APT-Sources', `${originOf(one, sources) || '/var/lib/dpkg/status'} Packages`],
      ['Description', one.get('Description')],
    ])
      if (key !== undefined && value !== undefined) main.out.put(`${key}: ${value}\n`);
    main.out.put('\n');
  }
  if (failed) main.err.put('E: No packages found\n');
  return failed ? 100 : 0;
}

/** Packages whose name or description matches every word, as a regular expression. */
export function* search(main: Main, words: readonly string[], apt: boolean): Routine<number> {
  if (words.length === 0) {
    main.err.put('E: You must give at least one search pattern\n');
    return 100;
  }
  const all = yield* known(main);
  const patterns = words.map((word) => new RegExp(word, 'i'));
  const names = new Set([...all.index.keys(), ...all.status.keys()]);
  if (apt) main.out.put('Sorting...\nFull Text Search...\n');
  for (const name of [...names].sort()) {
    const one = find(all, name);
    const text = one?.get('Description') ?? '';
    if (!one || !patterns.every((pattern) => pattern.test(name) || pattern.test(text))) continue;
    if (!apt) {
      main.out.put(`${name} - ${text}\n`);
      continue;
    }
    const installed = isInstalled(all.status.get(name));
    const suite = `/${all.index.has(name) ? 'oldstable' : ''}${installed ? ',now' : ''}`;
    const state = installed ? ' [installed]' : '';
    main.out.put(
      `${name}${suite} ${versionOf(one)} ${one.get('Architecture') ?? ''}${state}\n  ${text}\n\n`,
    );
  }
  return 0;
}

/** Which version is here, which would be installed, and where from. */
export function* policy(main: Main, names: readonly string[]): Routine<number> {
  const all = yield* known(main);
  const sources = yield* readSources(main.process);
  if (names.length === 0) return yield* notSimulated(main, `${main.name} policy without packages`);
  for (const name of names) {
    const offered = all.index.get(name);
    const here = all.status.get(name);
    if (!offered && !here) {
      main.err.put(`N: Unable to locate package ${name}\n`);
      continue;
    }
    const current = isInstalled(here) && here ? versionOf(here) : undefined;
    main.out.put(`${name}:\n  Installed: ${current ?? '(none)'}\n`);
    main.out.put(`  Candidate: ${versionOf(offered ?? here ?? new Map())}\n  Version table:\n`);
    if (offered) {
      const mark = versionOf(offered) === current ? '***' : '   ';
      main.out.put(` ${mark} ${versionOf(offered)} 500\n`);
      main.out.put(`        500 ${originOf(offered, sources)} Packages\n`);
      if (mark === '***') main.out.put('        100 /var/lib/dpkg/status\n');
    }
    if (current !== undefined && current !== (offered && versionOf(offered)))
      main.out.put(` *** ${current} 100\n        100 /var/lib/dpkg/status\n`);
  }
  return 0;
}

function* depends(main: Main, names: readonly string[]): Routine<number> {
  const all = yield* known(main);
  for (const name of names) {
    const one = find(all, name);
    if (!one) {
      main.err.put('E: No packages found\n');
      return 100;
    }
    main.out.put(`${name}\n`);
    for (const field of ['Depends', 'Recommends', 'Suggests'])
      for (const need of relations(one, field)) main.out.put(`  ${field}: ${need}\n`);
  }
  return 0;
}

function* rdepends(main: Main, names: readonly string[]): Routine<number> {
  const all = yield* known(main);
  for (const name of names) {
    if (!find(all, name)) {
      main.err.put('E: No packages found\n');
      return 100;
    }
    main.out.put(`${name}\nReverse Depends:\n`);
    for (const one of all.index.values())
      if (['Depends', 'Recommends', 'Suggests'].some((f) => relations(one, f).includes(name)))
        main.out.put(`  ${nameOf(one)}\n`);
  }
  return 0;
}

export const aptCache = program('apt-cache', function* (main) {
  const [command, ...words] = main.args;
  if (words.some((word) => word.startsWith('-')))
    return yield* notSimulated(main, `apt-cache ${main.args.join(' ')}`);
  switch (command) {
    case 'show':
      return yield* show(main, words, false);
    case 'search':
      return yield* search(main, words, false);
    case 'policy':
      return yield* policy(main, words);
    case 'depends':
      return yield* depends(main, words);
    case 'rdepends':
      return yield* rdepends(main, words);
    case 'pkgnames': {
      const all = yield* known(main);
      for (const name of [...all.index.keys()].sort()) main.out.put(`${name}\n`);
      return 0;
    }
    case 'showpkg':
    case 'stats':
    case 'madison':
    case 'showsrc':
    case 'dump':
    case 'unmet':
      return yield* notSimulated(main, `apt-cache ${main.args.join(' ')}`);
  }
  if (command === undefined)
    main.out.put('apt 2.6.1 (amd64)\nUsage: apt-cache [options] command\n');
  else main.err.put(`E: Invalid operation ${command}\n`);
  return command === undefined ? 0 : 100;
});
