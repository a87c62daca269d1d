// dpkg's own work: unpacking and setting up packages, removing and purging them, with what it says meanwhile.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { makeDirectories, writeWholeFile } from '../../../containers/containerd/daemon.ts';
import { readTar, type TarEntry } from '../../../containers/images/tar.ts';
import { gunzip } from '../../../userland/libc/gzip.ts';
import type { Main } from '../../../userland/libc/stdio.ts';
import {
  filesOf,
  forgetFiles,
  isInstalled,
  nameOf,
  qualified,
  readStatus,
  stanzas,
  type Stanza,
  versionOf,
  withStatus,
  writeFiles,
  writeStatus,
} from './database.ts';

/** Files that the base system has before the first package is added: what the minimal image counts. */
const BASE_FILES = 6090;

const UNPACKING_PER_KIB = 2_000;

/** A package's archive, read. */
export interface Archive {
  readonly control: Stanza;
  readonly files: readonly TarEntry[];
  /** The name of the file, as messages have it. */
  readonly file: string;
}

/** Reads a .deb; undefined where it is none. */
export function readArchive(bytes: Uint8Array, file: string): Archive | undefined {
  const plain = gunzip(bytes);
  const entries = typeof plain === 'string' ? plain : readTar(plain);
  if (typeof entries === 'string') return undefined;
  const [first, ...files] = entries;
  const [control] =
    first?.name === 'control' ? stanzas(decode(first.content ?? new Uint8Array(0))) : [];
  return control && { control, files, file };
}

/** How dpkg speaks: through apt's terminal of its own, with its line ends and its progress; or plainly. */
export interface Voice {
  readonly say: (text: string) => Routine<void>;
  readonly terminal: boolean;
}

/** dpkg's voice on a program's standard output. */
export function voiceOf(main: Main, terminal: boolean): Voice {
  return {
    terminal,
    *say(text) {
      main.out.put(terminal ? text.replaceAll('\n', '\r\n') : text);
      yield* main.out.flush();
    },
  };
}

function* readingDatabase(p: Process, voice: Voice, known: Iterable<Stanza>): Routine<void> {
  let count = BASE_FILES;
  for (const one of known) count += (yield* filesOf(p, one))?.length ?? 0;
  const words = '(Reading database ... ';
  let steps = words;
  if (voice.terminal) for (let i = 5; i <= 100; i += 5) steps += `\r${words}${i}%`;
  if (voice.terminal) steps += `\r${words}`;
  yield* voice.say(`${steps}${count} files and directories currently installed.)\n`);
}

function* unpackFiles(p: Process, one: Archive): Routine<void> {
  const paths = new Set<string>(['/.']);
  for (const { name, mode, content } of one.files) {
    const path = `/${name}`;
    for (let at = path.indexOf('/', 1); at > 0; at = path.indexOf('/', at + 1))
      paths.add(path.slice(0, at));
    paths.add(path);
    makeDirectories(p, path.replace(/\/[^/]*$/, '') || '/');
    p.unlink(path);
    writeWholeFile(p, path, content ?? new Uint8Array(0), mode);
    p.chmod(path, mode);
  }
  writeFiles(p, one.control, [...paths]);
  yield* p.sleep(Number(one.control.get('Installed-Size') ?? 0) * UNPACKING_PER_KIB);
}

/** Unpacks packages and sets them up. */
export function* installArchives(
  main: Main,
  archives: readonly Archive[],
  voice: Voice,
): Routine<void> {
  const { process: p } = main;
  const known = yield* readStatus(p);
  let read = false;
  for (const one of archives) {
    const old = known.get(nameOf(one.control));
    if (!isInstalled(old))
      yield* voice.say(`Selecting previously unselected package ${qualified(one.control)}.\n`);
    if (!read) yield* readingDatabase(p, voice, known.values());
    read = true;
    yield* voice.say(`Preparing to unpack ${one.file} ...\n`);
    const over = isInstalled(old) && old ? ` over (${versionOf(old)})` : '';
    yield* voice.say(
      `Unpacking ${qualified(one.control)} (${versionOf(one.control)})${over} ...\n`,
    );
    yield* unpackFiles(p, one);
    known.set(nameOf(one.control), withStatus(one.control, 'install ok unpacked'));
  }
  for (const { control } of archives) {
    yield* voice.say(`Setting up ${qualified(control)} (${versionOf(control)}) ...\n`);
    if (nameOf(control) === 'ca-certificates')
      yield* voice.say('Updating certificates in /etc/ssl/certs...\n142 added, 0 removed; done.\n');
    known.set(nameOf(control), withStatus(control, 'install ok installed'));
  }
  writeStatus(p, known);
  yield* triggers(
    voice,
    known,
    archives.map((one) => one.control),
  );
}

function* triggers(
  voice: Voice,
  known: ReadonlyMap<string, Stanza>,
  touched: readonly Stanza[],
): Routine<void> {
  const run = function* (name: string): Routine<void> {
    const one = known.get(name);
    if (isInstalled(one) && one)
      yield* voice.say(`Processing triggers for ${qualified(one)} (${versionOf(one)}) ...\n`);
  };
  if (touched.every((one) => nameOf(one) !== 'man-db')) yield* run('man-db');
  if (touched.some((one) => one.get('Section') === 'libs')) yield* run('libc-bin');
  if (!touched.some((one) => nameOf(one) === 'ca-certificates')) return;
  yield* run('ca-certificates');
  yield* voice.say(
    'Updating certificates in /etc/ssl/certs...\n0 added, 0 removed; done.\nRunning hooks in /etc/ca-certificates/update.d...\ndone.\n',
  );
}

/** Removes packages; with `purge` their configuration too. */
export function* removePackages(
  main: Main,
  names: readonly string[],
  purge: boolean,
  voice: Voice,
): Routine<void> {
  const { process: p } = main;
  const known = yield* readStatus(p);
  yield* readingDatabase(p, voice, known.values());
  const gone = names.flatMap((name) => known.get(name) ?? []);
  for (const one of gone) {
    const there = isInstalled(one);
    if (there) yield* voice.say(`Removing ${qualified(one)} (${versionOf(one)}) ...\n`);
    const paths = (yield* filesOf(p, one)) ?? [];
    const configuration = paths.filter((path) => path.startsWith('/etc/') && !isDirectory(p, path));
    if (purge && (configuration.length > 0 || !there))
      yield* voice.say(
        `Purging configuration files for ${qualified(one)} (${versionOf(one)}) ...\n`,
      );
    for (const path of [...paths].reverse()) {
      if (!purge && configuration.includes(path)) continue;
      if (path === '/.') continue;
      if (isDirectory(p, path)) p.rmdir(path);
      else p.unlink(path);
    }
    forgetFiles(p, one);
    if (purge || configuration.length === 0) known.delete(nameOf(one));
    else {
      writeFiles(p, one, configuration);
      known.set(nameOf(one), withStatus(one, 'deinstall ok config-files'));
    }
  }
  writeStatus(p, known);
  yield* triggers(voice, known, gone.filter(isInstalled));
}

function isDirectory(p: Process, path: string): boolean {
  const stat = p.lstat(path);
  return 'mode' in stat && (stat.mode & 0o170000) === 0o040000;
}
