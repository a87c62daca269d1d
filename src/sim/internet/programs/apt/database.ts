// What dpkg and apt keep in files: stanzas (deb822) of the status file and of the indexes, lists of a package's files,
// which packages were installed on behalf of others, which are held.

import { decode, encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { makeDirectories, writeWholeFile } from '../../../containers/containerd/daemon.ts';
import { readFile } from '../../../userland/libc/whole-file.ts';

export const STATUS = '/var/lib/dpkg/status';
export const INFO = '/var/lib/dpkg/info';
export const LISTS = '/var/lib/apt/lists';
const EXTENDED = '/var/lib/apt/extended_states';

/** Fields of a stanza by their names. */
export type Stanza = ReadonlyMap<string, string>;

/** A file's text; empty where it cannot be read. */
export function* textOf(p: Process, path: string): Routine<string> {
  const bytes = yield* readFile(p, path);
  return isErrno(bytes) ? '' : decode(bytes);
}

/** Reads stanzas; continuation lines are joined to their field. */
export function stanzas(text: string): Stanza[] {
  const list: Map<string, string>[] = [];
  let current: Map<string, string> | undefined;
  let key = '';
  for (const line of text.split('\n')) {
    if (line.trim() === '') current = undefined;
    else if (/^[ \t]/.test(line) && current) current.set(key, `${current.get(key) ?? ''}\n${line}`);
    else if (!line.startsWith('#')) {
      const colon = line.indexOf(':');
      if (colon < 0) continue;
      if (!current) list.push((current = new Map()));
      key = line.slice(0, colon);
      current.set(key, line.slice(colon + 1).trim());
    }
  }
  return list;
}

export function stanzaText(one: Stanza): string {
  return Array.from(one, ([key, value]) => `${key}: ${value}\n`).join('');
}

export const nameOf = (one: Stanza): string => one.get('Package') ?? '';
export const versionOf = (one: Stanza): string => one.get('Version') ?? '';

/** Names in a field of relations: the first of alternatives, without versions. */
export function relations(one: Stanza, field: string): string[] {
  return (one.get(field) ?? '')
    .split(',')
    .map(
      (part) =>
        part
          .split('|')[0]
          ?.replace(/[(:].*/, '')
          .trim() ?? '',
    )
    .filter((name) => name !== '');
}

/** The name as dpkg writes it: with the architecture where several can stand side by side. */
export function qualified(one: Stanza): string {
  const same = one.get('Multi-Arch') === 'same';
  return same ? `${nameOf(one)}:${one.get('Architecture') ?? ''}` : nameOf(one);
}

export const isInstalled = (one: Stanza | undefined): boolean =>
  one?.get('Status')?.endsWith(' installed') === true;

/** Every package that dpkg knows, by name. */
export function* readStatus(p: Process): Routine<Map<string, Stanza>> {
  const list = stanzas(yield* textOf(p, STATUS));
  return new Map(list.map((one) => [nameOf(one), one]));
}

export function writeStatus(p: Process, known: ReadonlyMap<string, Stanza>): void {
  makeDirectories(p, '/var/lib/dpkg');
  const names = [...known.keys()].sort();
  const blocks = names.map((name) => stanzaText(known.get(name) ?? new Map()));
  writeWholeFile(p, STATUS, encode(blocks.join('\n')));
}

/** The stanza of an index as dpkg keeps it. */
export function withStatus(one: Stanza, status: string): Stanza {
  const rest = [...one].filter(
    ([key]) => key !== 'Filename' && key !== 'Size' && key !== 'Status' && key !== 'Package',
  );
  return new Map([['Package', nameOf(one)], ['Status', status], ...rest]);
}

/** Names of packages that were installed for others. */
export function* readAutomatic(p: Process): Routine<Set<string>> {
  const list = stanzas(yield* textOf(p, EXTENDED));
  return new Set(list.filter((one) => one.get('Auto-Installed') === '1').map(nameOf));
}

export function writeAutomatic(p: Process, names: ReadonlySet<string>): void {
  makeDirectories(p, '/var/lib/apt');
  const blocks = [...names]
    .sort()
    .map((name) => `Package: ${name}\nArchitecture: amd64\nAuto-Installed: 1\n`);
  writeWholeFile(p, EXTENDED, encode(blocks.join('\n')));
}

const listFile = (one: Stanza): string => `${INFO}/${qualified(one)}.list`;

/** Paths that a package put on the disk; undefined where dpkg has no list of them. */
export function* filesOf(p: Process, one: Stanza): Routine<string[] | undefined> {
  const path = listFile(one);
  if (!p.exists(path)) return undefined;
  return (yield* textOf(p, path)).split('\n').filter((line) => line !== '');
}

export function writeFiles(p: Process, one: Stanza, paths: readonly string[]): void {
  makeDirectories(p, INFO);
  writeWholeFile(p, listFile(one), encode(paths.map((path) => `${path}\n`).join('')));
}

export function forgetFiles(p: Process, one: Stanza): void {
  p.unlink(listFile(one));
}

/** What the lists in /var/lib/apt/lists offer, by name; the newest where several do. Each knows its source. */
export function* readIndexes(p: Process): Routine<Map<string, Stanza>> {
  const found = new Map<string, Stanza>();
  const entries = p.readdir(LISTS);
  if (isErrno(entries)) return found;
  for (const { name } of entries) {
    if (!name.endsWith('_Packages')) continue;
    for (const one of stanzas(yield* textOf(p, `${LISTS}/${name}`)))
      found.set(nameOf(one), new Map([...one, ['List', name]]));
  }
  return found;
}
