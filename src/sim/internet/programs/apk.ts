// apk(8), Alpine's package manager: update, add, del, info and list over the mirror's index. Signatures, triggers of
// single packages, virtual packages' own files and version constraints are left out.

import { Content } from '../../core/content.ts';
import { decode, encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { makeDirectories, writeWholeFile } from '../../containers/containerd/daemon.ts';
import { readTar, type TarEntry } from '../../containers/images/tar.ts';
import { httpRequest, isHttpFailure, wholeBody } from '../../userland/http/client.ts';
import { gunzip } from '../../userland/libc/gzip.ts';
import { type Main, notSimulated, program } from '../../userland/libc/stdio.ts';
import { readFile } from '../../userland/libc/whole-file.ts';

interface Entry {
  readonly name: string;
  readonly version: string;
  readonly size: number;
  readonly depends: readonly string[];
  readonly url: string;
}

const DATABASE = '/lib/apk/db/installed';
const WORLD = '/etc/apk/world';

function* textOf(p: Process, path: string): Routine<string> {
  const bytes = yield* readFile(p, path);
  return isErrno(bytes) ? '' : decode(bytes);
}

function* repositories(p: Process): Routine<string[]> {
  const lines = (yield* textOf(p, '/etc/apk/repositories')).split('\n');
  const given = lines.map((line) => line.trim()).filter((line) => /^https?:/.test(line));
  if (given.length > 0) return given;
  const release = /^(\d+\.\d+)/.exec(yield* textOf(p, '/etc/alpine-release'))?.[1] ?? '3.20';
  return ['main', 'community'].map(
    (name) => `https://dl-cdn.alpinelinux.org/alpine/v${release}/${name}`,
  );
}

/** The archive at an address; undefined where there is none. */
function* fetchArchive(p: Process, url: string): Routine<TarEntry[] | undefined> {
  const [, scheme, host = '', path = '/'] = /^(https?):\/\/([^/]+)(\/.*)$/.exec(url) ?? [];
  const answer = yield* httpRequest(
    p,
    {
      host,
      port: scheme === 'https' ? 443 : 80,
      ...(scheme === 'https' ? { tls: { serverName: host, authorities: [], insecure: true } } : {}),
    },
    { method: 'GET', path, query: new Map(), headers: { host }, body: Content.empty },
  );
  if (isHttpFailure(answer) || answer.status !== 200) return undefined;
  const plain = gunzip((yield* wholeBody(answer)).bytes());
  const entries = typeof plain === 'string' ? plain : readTar(plain);
  return typeof entries === 'string' ? undefined : entries;
}

/** Reads every index; what cannot be reached is warned of. */
function* loadIndex(main: Main): Routine<Map<string, Entry>> {
  const { process: p } = main;
  const index = new Map<string, Entry>();
  for (const repository of yield* repositories(p)) {
    const url = `${repository}/x86_64/APKINDEX.tar.gz`;
    main.out.put(`fetch ${url}\n`);
    yield* main.out.flush();
    const entries = yield* fetchArchive(p, url);
    if (!entries) {
      main.out.put(
        `WARNING: updating and opening ${repository}: temporary error (try again later)\n`,
      );
      continue;
    }
    for (const block of decode(entries[0]?.content ?? new Uint8Array(0)).split('\n\n')) {
      const field = (key: string): string =>
        new RegExp(`^${key}:(.*)$`, 'm').exec(block)?.[1] ?? '';
      const name = field('P');
      if (name === '') continue;
      const depends = field('D')
        .split(' ')
        .filter((word) => word !== '');
      const version = field('V');
      const file = `${repository}/x86_64/${name}-${version}.apk`;
      index.set(name, { name, version, size: Number(field('I')), depends, url: file });
    }
  }
  return index;
}

interface Installed {
  readonly name: string;
  readonly version: string;
  readonly size: number;
  readonly files: readonly string[];
}

function* installed(p: Process): Routine<Installed[]> {
  return (yield* textOf(p, DATABASE))
    .split('\n\n')
    .filter((block) => block.startsWith('P:'))
    .map((block) => {
      const all = (key: string): string[] =>
        [...block.matchAll(new RegExp(`^${key}:(.*)$`, 'gm'))].map(([, value = '']) => value);
      const [name = ''] = all('P');
      return { name, version: all('V')[0] ?? '', size: Number(all('I')[0] ?? 0), files: all('F') };
    });
}

function save(p: Process, list: readonly Installed[]): void {
  makeDirectories(p, '/lib/apk/db');
  const blocks = list.map(
    ({ name, version, size, files }) =>
      `P:${name}\nV:${version}\nI:${size}\n${files.map((path) => `F:${path}\n`).join('')}`,
  );
  writeWholeFile(p, DATABASE, encode(`${blocks.join('\n')}\n`));
}

function summary(main: Main, list: readonly Installed[]): void {
  const size = list.reduce((sum, one) => sum + one.size, 0) + 7_800_000;
  main.out.put(`OK: ${Math.ceil(size / 1_048_576)} MiB in ${list.length + 14} packages\n`);
}

function plan(
  wanted: readonly string[],
  index: ReadonlyMap<string, Entry>,
  have: ReadonlySet<string>,
): Entry[] {
  const order: Entry[] = [];
  const visit = (name: string): void => {
    const entry = index.get(name);
    if (!entry || have.has(name) || order.includes(entry)) return;
    for (const need of entry.depends) visit(need);
    order.push(entry);
  };
  for (const name of wanted) visit(name);
  return order;
}

function* install(main: Main, entry: Entry): Routine<Installed | undefined> {
  const { process: p } = main;
  const files = yield* fetchArchive(p, entry.url);
  if (!files) return undefined;
  yield* p.sleep(Math.ceil(entry.size * 50));
  for (const { name, mode, content } of files) {
    makeDirectories(p, `/${name}`.replace(/\/[^/]*$/, '') || '/');
    p.unlink(`/${name}`);
    writeWholeFile(p, `/${name}`, content ?? new Uint8Array(0), mode);
    p.chmod(`/${name}`, mode);
  }
  const { name, version, size } = entry;
  return { name, version, size, files: files.map((one) => one.name) };
}

function* add(main: Main, words: readonly string[]): Routine<number> {
  const { process: p } = main;
  const wanted = words.map((word) => word.replace(/[=<>~].*$/, ''));
  const index = yield* loadIndex(main);
  const unknown = wanted.filter((name) => !index.has(name));
  if (unknown.length > 0) {
    const lines = unknown.map(
      (name) => `  ${name} (no such package):\n    required by: world[${name}]\n`,
    );
    main.err.put(`ERROR: unable to select packages:\n${lines.join('')}`);
    return unknown.length;
  }
  const absent = wanted.find((name) => index.get(name)?.version === '');
  if (absent !== undefined) return yield* notSimulated(main, `the Alpine package ${absent}`);
  const list = yield* installed(p);
  const order = plan(wanted, index, new Set(list.map(({ name }) => name)));
  for (const [i, entry] of order.entries()) {
    main.out.put(`(${i + 1}/${order.length}) Installing ${entry.name} (${entry.version})\n`);
    yield* main.out.flush();
    const done = yield* install(main, entry);
    if (done) list.push(done);
    else {
      main.err.put(`ERROR: ${entry.name}-${entry.version}: temporary error (try again later)\n`);
      return 1;
    }
  }
  if (order.length > 0) main.out.put('Executing busybox-1.36.1-r29.trigger\n');
  save(p, list);
  const world = new Set((yield* textOf(p, WORLD)).split('\n').filter((line) => line !== ''));
  for (const name of wanted) world.add(name);
  makeDirectories(p, '/etc/apk');
  writeWholeFile(p, WORLD, encode(`${[...world].sort().join('\n')}\n`));
  summary(main, list);
  return 0;
}

function* remove(main: Main, words: readonly string[]): Routine<number> {
  const { process: p } = main;
  const list = yield* installed(p);
  const gone = list.filter(({ name }) => words.includes(name));
  for (const [i, { name, version, files }] of gone.entries()) {
    main.out.put(`(${i + 1}/${gone.length}) Purging ${name} (${version})\n`);
    for (const file of files) p.unlink(`/${file}`);
  }
  const left = list.filter((one) => !gone.includes(one));
  save(p, left);
  summary(main, left);
  return 0;
}

export const apk = program('apk', function* (main) {
  const known = /^(--no-cache|--update|-U|-q|--quiet|--no-progress|-u|--upgrade)$/;
  const odd = main.args.find((word) => word.startsWith('-') && !known.test(word));
  const [command, ...words] = main.args.filter((word) => !word.startsWith('-'));
  if (command === undefined) {
    main.out.put(
      'apk-tools 2.14.4, compiled for x86_64.\n\nusage: apk [<OPTIONS>...] COMMAND [<ARGUMENTS>...]\n',
    );
    return 1;
  }
  if (odd !== undefined) return yield* notSimulated(main, `apk ${command} ${odd}`);
  if (command === 'add') return yield* add(main, words);
  if (command === 'del') return yield* remove(main, words);
  if (command === 'update' || command === 'upgrade') {
    const index = yield* loadIndex(main);
    if (command === 'upgrade') summary(main, yield* installed(main.process));
    else main.out.put(`OK: ${index.size} distinct packages available\n`);
    return index.size > 0 ? 0 : 2;
  }
  if (command === 'info' && words.length === 0) {
    for (const { name } of yield* installed(main.process)) main.out.put(`${name}\n`);
    return 0;
  }
  return yield* notSimulated(main, `apk ${main.args.join(' ')}`);
});
