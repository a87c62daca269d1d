// Finding unit files: the directories of systemd.unit(5), links and masks, drop-ins, and what `systemctl enable` links.

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { decode } from '../../core/text.ts';
import { baseName, dirName, readFile } from '../libc/whole-file.ts';
import { parseUnit, type UnitSections, valueOf } from './unit-file.ts';

/** Where units are looked for, the first found wins. */
export const UNIT_DIRECTORIES = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/lib/systemd/system',
  '/usr/lib/systemd/system',
] as const;

export interface LoadedUnit {
  readonly name: string;
  readonly load: 'loaded' | 'not-found' | 'masked';
  readonly path: string;
  readonly dropIns: readonly string[];
  readonly sections: UnitSections;
}

/** The unit that a name on a command line means: `.service` is the usual kind. */
export function unitName(word: string): string {
  return /\.(service|socket|target|timer|mount|slice|path|device|scope|swap|automount)$/.test(word)
    ? word
    : `${word}.service`;
}

function* textOf(process: Process, path: string): Routine<string | undefined> {
  const bytes = yield* readFile(process, path);
  return isErrno(bytes) ? undefined : decode(bytes);
}

/** `ssh@a.service` is made of `ssh@.service`. */
function templateOf(name: string): string | undefined {
  const match = /^([^@]+@)[^.]+(\..*)$/.exec(name);
  return match ? `${match[1]}${match[2]}` : undefined;
}

/** The path of a unit's own file; undefined where there is none. */
export function findUnit(process: Process, name: string): string | undefined {
  for (const file of [name, templateOf(name)]) {
    if (file === undefined) continue;
    for (const directory of UNIT_DIRECTORIES) {
      const path = `${directory}/${file}`;
      if (!isErrno(process.lstat(path))) return path;
    }
  }
  return undefined;
}

/** The drop-ins of a unit, sorted by name; one in an earlier directory hides others of its name. */
export function findDropIns(process: Process, name: string): string[] {
  const found = new Map<string, string>();
  for (const directory of UNIT_DIRECTORIES) {
    const items = process.readdir(`${directory}/${name}.d`);
    if (isErrno(items)) continue;
    for (const item of items) {
      if (item.name.endsWith('.conf') && !found.has(item.name))
        found.set(item.name, `${directory}/${name}.d/${item.name}`);
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
}

/** The file that a link leads to, one step: an alias, or a unit enabled from elsewhere. */
function behindLink(process: Process, path: string): string {
  const target = process.readlink(path);
  if (isErrno(target)) return path;
  return target.startsWith('/') ? target : `${dirName(path)}/${target}`;
}

/** Reads a unit with its drop-ins; for an alias, the unit that it stands for. */
export function* loadUnit(process: Process, name: string): Routine<LoadedUnit> {
  const path = findUnit(process, name);
  const none: UnitSections = new Map();
  if (path === undefined) return { name, load: 'not-found', path: '', dropIns: [], sections: none };
  if (process.readlink(path) === '/dev/null')
    return { name, load: 'masked', path, dropIns: [], sections: none };
  const own = behindLink(process, path);
  const file = baseName(own);
  if (file !== name && !file.includes('@')) return yield* loadUnit(process, file);
  const dropIns = findDropIns(process, name);
  const texts: string[] = [];
  for (const part of [own, ...dropIns]) {
    const text = yield* textOf(process, part);
    if (text !== undefined) texts.push(text);
  }
  return { name, load: 'loaded', path: own, dropIns, sections: parseUnit(texts) };
}

/** Directories in which enabling puts links: `multi-user.target.wants`. */
export function installLinks({ name, sections }: LoadedUnit): string[] {
  const list = (key: string): string[] =>
    (sections.get('Install') ?? [])
      .filter(([one]) => one === key)
      .flatMap(([, value]) => value.split(/\s+/));
  const etc = '/etc/systemd/system';
  return [
    ...list('Alias').map((alias) => `${etc}/${alias}`),
    ...list('WantedBy').map((target) => `${etc}/${target}.wants/${name}`),
    ...list('RequiredBy').map((target) => `${etc}/${target}.requires/${name}`),
  ];
}

export type EnabledState = 'enabled' | 'disabled' | 'static' | 'masked' | 'alias' | 'not-found';

/** What `systemctl is-enabled` says. */
export function* enabledState(process: Process, name: string): Routine<EnabledState> {
  const unit = yield* loadUnit(process, name);
  if (unit.load === 'masked') return 'masked';
  if (unit.load === 'not-found') return 'not-found';
  if (unit.name !== name) return 'alias';
  const links = installLinks(unit);
  if (links.length === 0) return 'static';
  return links.some((link) => !isErrno(process.lstat(link))) ? 'enabled' : 'disabled';
}

/** The units that a target pulls in by links in `NAME.wants` and `NAME.requires`. */
export function linkedUnits(process: Process, name: string): string[] {
  const found = new Set<string>();
  for (const directory of UNIT_DIRECTORIES) {
    for (const kind of ['wants', 'requires']) {
      const items = process.readdir(`${directory}/${name}.${kind}`);
      if (!isErrno(items))
        for (const item of items) if (!item.name.startsWith('.')) found.add(item.name);
    }
  }
  return [...found].sort();
}

/** What a unit is called: its description, or its name. */
export function descriptionOf(unit: LoadedUnit): string {
  return valueOf(unit.sections, 'Unit', 'Description') ?? unit.name;
}
