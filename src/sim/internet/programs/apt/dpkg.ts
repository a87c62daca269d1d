// dpkg(1) and dpkg-query(1): lists of packages and of their files, installation of an archive, removal.

import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { type Main, notSimulated, program } from '../../../userland/libc/stdio.ts';
import { readFile } from '../../../userland/libc/whole-file.ts';
import {
  filesOf,
  isInstalled,
  nameOf,
  qualified,
  readStatus,
  relations,
  type Stanza,
  stanzaText,
  versionOf,
} from './database.ts';
import { type Archive, installArchives, readArchive, removePackages, voiceOf } from './unpack.ts';

const VERSION = "Debian 'dpkg' package management program version 1.21.22 (amd64).\n";

const HELP_HINTS = [
  '',
  'Type dpkg --help for help about installing and deinstalling packages [*];',
  "Use 'apt' or 'aptitude' for user-friendly package management;",
  'Type dpkg -Dhelp for a list of dpkg debug flag values;',
  'Type dpkg --force-help for a list of forcing options;',
  'Type dpkg-deb --help for help about manipulating *.deb files;',
  '',
  "Options marked [*] produce a lot of output - pipe it through 'less' or 'more' !",
]
  .map((line) => `${line}\n`)
  .join('');

const LIST_HEAD = [
  'Desired=Unknown/Install/Remove/Purge/Hold',
  '| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend',
  '|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)',
];

type Action = (main: Main, words: readonly string[]) => Routine<number>;

function matches(pattern: string, name: string): boolean {
  const source = pattern.replace(/[.+^${}()|\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${source.replaceAll('?', '.')}$`).test(name);
}

/** The two letters of a package's state. */
function letters(one: Stanza): string {
  if (isInstalled(one)) return 'ii';
  return one.get('Status')?.endsWith('config-files') ? 'rc' : 'iU';
}

function* list(main: Main, patterns: readonly string[]): Routine<number> {
  const known = [...(yield* readStatus(main.process)).values()];
  const shown = (
    patterns.length === 0
      ? known
      : known.filter((one) => patterns.some((pattern) => matches(pattern, nameOf(one))))
  ).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  let status = 0;
  for (const pattern of patterns) {
    if (known.some((one) => matches(pattern, nameOf(one)))) continue;
    main.err.put(`dpkg-query: no packages found matching ${pattern}\n`);
    status = 1;
  }
  if (shown.length === 0) return status;
  const cells = shown.map((one) => [
    qualified(one),
    versionOf(one),
    one.get('Architecture') ?? '',
    (one.get('Description') ?? '').split('\n')[0] ?? '',
  ]);
  const widths = [14, 12, 12, 33].map((least, i) =>
    Math.max(least, ...cells.map((row) => row[i]?.length ?? 0)),
  );
  const columns = main.process.isTerminal(1)
    ? ((main.process.ioctl(1, 'TIOCGWINSZ') as { columns?: number } | undefined)?.columns ?? 80)
    : Number.POSITIVE_INFINITY;
  const line = (mark: string, row: readonly string[], fill = ' '): string =>
    `${mark}${fill === ' ' ? ' ' : '-'}${row
      .map((cell, i) => (i < 3 ? cell.padEnd(widths[i] ?? 0, fill) : cell))
      .join(fill === ' ' ? ' ' : '-')}`.slice(0, columns);
  const bar = line('+++', ['', '', '', '='.repeat(widths[3] ?? 0)], '=');
  const head = line('||/', ['Name', 'Version', 'Architecture', 'Description']);
  const rows = cells.map((row, i) => line(`${letters(shown[i] ?? new Map())} `, row));
  for (const text of [...LIST_HEAD, head, bar, ...rows]) main.out.put(`${text}\n`);
  return status;
}

function* status(main: Main, names: readonly string[]): Routine<number> {
  const known = yield* readStatus(main.process);
  let failed = 0;
  for (const name of names) {
    const one = known.get(name);
    if (one) main.out.put(`${stanzaText(one)}\n`);
    else {
      failed = 1;
      main.err.put(
        `dpkg-query: package '${name}' is not installed and no information is available\n`,
      );
    }
  }
  if (failed) main.err.put('Use dpkg --info (= dpkg-deb --info) to examine archive files.\n');
  return failed;
}

function* listFiles(main: Main, names: readonly string[]): Routine<number> {
  const known = yield* readStatus(main.process);
  let failed = 0;
  for (const name of names) {
    const one = known.get(name);
    if (!one || !isInstalled(one)) {
      failed = 1;
      main.err.put(`dpkg-query: package '${name}' is not installed\n`);
      continue;
    }
    const paths = yield* filesOf(main.process, one);
    if (!paths)
      main.err.put(
        `dpkg-query: warning: files list file for package '${qualified(one)}' missing; assuming package has no files currently installed\n`,
      );
    for (const path of paths ?? []) main.out.put(`${path}\n`);
  }
  if (failed)
    main.err.put('Use dpkg --contents (= dpkg-deb --contents) to list archive files contents.\n');
  return failed;
}

function* owners(main: Main, patterns: readonly string[]): Routine<number> {
  const known = yield* readStatus(main.process);
  let failed = 0;
  for (const word of patterns) {
    const pattern = /^\/|[*?[]/.test(word) ? word : `*${word}*`;
    let found = false;
    for (const one of known.values()) {
      const paths = (yield* filesOf(main.process, one)) ?? [];
      for (const path of paths.filter((path) => matches(pattern, path))) {
        found = true;
        main.out.put(`${qualified(one)}: ${path}\n`);
      }
    }
    if (found) continue;
    failed = 1;
    main.err.put(`dpkg-query: no path found matching pattern ${pattern}\n`);
  }
  return failed;
}

function* selections(main: Main): Routine<number> {
  for (const one of (yield* readStatus(main.process)).values()) {
    const name = qualified(one);
    const tabs = '\t'.repeat(Math.max(1, 6 - Math.floor(name.length / 8)));
    main.out.put(`${name}${tabs}${isInstalled(one) ? 'install' : 'deinstall'}\n`);
  }
  return 0;
}

function* mayChange(main: Main): Routine<boolean> {
  if (main.process.task.credentials.euid === 0) return true;
  yield* main.err.flush();
  main.err.put('dpkg: error: requested operation requires superuser privilege\n');
  return false;
}

function* install(main: Main, files: readonly string[]): Routine<number> {
  if (!(yield* mayChange(main))) return 2;
  const known = yield* readStatus(main.process);
  const archives: Archive[] = [];
  for (const path of files) {
    const bytes = yield* readFile(main.process, path);
    if (isErrno(bytes)) {
      main.err.put(`dpkg: error: cannot access archive '${path}': ${bytes.message}\n`);
      return 2;
    }
    const archive = readArchive(bytes, path);
    if (!archive) {
      main.err.put(`dpkg-deb: error: '${path}' is not a Debian format archive\n`);
      return 1;
    }
    archives.push(archive);
  }
  const coming = new Set(archives.map((one) => nameOf(one.control)));
  for (const { control } of archives) {
    const missing = relations(control, 'Depends').filter(
      (name) => !coming.has(name) && !isInstalled(known.get(name)),
    );
    if (missing.length > 0)
      return yield* notSimulated(
        main,
        `dpkg -i of a package whose dependencies are missing (${missing.join(' ')})`,
      );
  }
  yield* installArchives(main, archives, voiceOf(main, main.process.isTerminal(1)));
  return 0;
}

const removal = (purge: boolean): Action =>
  function* (main, names) {
    if (!(yield* mayChange(main))) return 2;
    const known = yield* readStatus(main.process);
    const going: string[] = [];
    for (const name of names) {
      const one = known.get(name);
      if (!one || (!purge && !isInstalled(one))) {
        main.err.put(`dpkg: warning: ignoring request to remove ${name} which isn't installed\n`);
        continue;
      }
      const users = [...known.values()].filter(
        (other) =>
          isInstalled(other) &&
          isInstalled(one) &&
          !names.includes(nameOf(other)) &&
          relations(other, 'Depends').includes(name),
      );
      if (users.length > 0) {
        const verb = purge ? 'purge' : 'remove';
        const lines = users.map((other) => ` ${nameOf(other)} depends on ${name}.\n`).join('');
        main.err.put(`dpkg: dependency problems prevent removal of ${name}:\n${lines}\n`);
        main.err.put(`dpkg: error processing package ${name} (--${verb}):\n`);
        main.err.put(' dependency problems - not removing\n');
        main.err.put(`Errors were encountered while processing:\n ${name}\n`);
        return 1;
      }
      going.push(name);
    }
    if (going.length > 0)
      yield* removePackages(main, going, purge, voiceOf(main, main.process.isTerminal(1)));
    return 0;
  };

function* show(main: Main, words: readonly string[]): Routine<number> {
  const format = words.find((word) => /^(-f|--showformat)/.test(word));
  const given = format?.replace(/^(-f|--showformat)=?/, '');
  const after = format === '-f' ? words[words.indexOf('-f') + 1] : undefined;
  const template = after ?? given ?? '${binary:Package}\\t${Version}\\n';
  const patterns = words.filter((word) => !word.startsWith('-') && word !== after);
  const known = yield* readStatus(main.process);
  let failed = 0;
  for (const pattern of patterns.length > 0 ? patterns : ['*']) {
    const found = [...known.values()].filter((one) => matches(pattern, nameOf(one)));
    if (found.length === 0) {
      failed = 1;
      main.err.put(`dpkg-query: no packages found matching ${pattern}\n`);
    }
    for (const one of found) main.out.put(filled(template, one));
  }
  return failed;
}

function filled(template: string, one: Stanza): string {
  return template
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t')
    .replace(/\$\{([\w:-]+)(?:;(-?\d+))?\}/g, (_, field: string, width?: string) => {
      const value =
        field === 'binary:Package'
          ? qualified(one)
          : field === 'db:Status-Abbrev'
            ? `${letters(one)} `
            : (one.get(field) ?? '');
      if (width === undefined) return value;
      const size = Math.abs(Number(width));
      return Number(width) < 0 ? value.padEnd(size) : value.padStart(size);
    });
}

const print = (text: string): Action =>
  function* (main) {
    yield* main.out.print(text);
    return 0;
  };

/** What each of dpkg's actions does, by its short and long names. */
const ACTIONS: Readonly<Record<string, Action>> = {
  '-l': list,
  '--list': list,
  '-s': status,
  '--status': status,
  '-L': listFiles,
  '--listfiles': listFiles,
  '-S': owners,
  '--search': owners,
  '--get-selections': selections,
  '-i': install,
  '--install': install,
  '-r': removal(false),
  '--remove': removal(false),
  '-P': removal(true),
  '--purge': removal(true),
  '--print-architecture': print('amd64\n'),
  '--version': print(VERSION),
};

const NEED_WORDS = new Set(['-s', '--status', '-L', '--listfiles', '-S', '--search', '-i', '-r']);

export const dpkg = program('dpkg', function* (main) {
  const words = main.args.filter((word) => !word.startsWith('-'));
  const options = main.args.filter((word) => word.startsWith('-'));
  const action = options.find((word) => Object.hasOwn(ACTIONS, word));
  if (options.length === 0) {
    main.err.put(`dpkg: error: need an action option\n${HELP_HINTS}`);
    return 2;
  }
  if (action === undefined || options.length > 1)
    return yield* notSimulated(main, `dpkg ${main.args.join(' ')}`);
  if (words.length === 0 && NEED_WORDS.has(action)) {
    main.err.put(
      `dpkg-query: error: ${action.replace(/^--?/, '--')} needs at least one argument\n`,
    );
    return 2;
  }
  return yield* (ACTIONS[action] ?? list)(main, words);
});

export const dpkgQuery = program('dpkg-query', function* (main) {
  const [action = '', ...words] = main.args;
  if (action === '-W' || action === '--show') return yield* show(main, words);
  if (/^-W?f/.test(action) || action.startsWith('--showformat')) {
    const rest = words.filter((word) => word !== '-W' && word !== '--show');
    return yield* show(main, [action.replace('-Wf', '-f'), ...rest]);
  }
  if (/^(-[lsLS]|--list|--status|--listfiles|--search)$/.test(action))
    return yield* (ACTIONS[action] ?? list)(main, words);
  return yield* notSimulated(main, `dpkg-query ${main.args.join(' ')}`);
});
