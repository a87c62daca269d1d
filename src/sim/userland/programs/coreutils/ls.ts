// ls, dir, vdir: which files are listed, in which order; list-format.ts lays them out. LS_COLORS is not read: colours
// are dircolors' defaults.

import type { Routine } from '../../../core/wait.ts';
import type { Stat } from '../../../kernel/calls/stat.ts';
import { type Errno, isErrno } from '../../../kernel/errno.ts';
import { S_IFDIR, S_IFLNK, S_IFMT } from '../../../kernel/files/inode.ts';
import { type Accounts, readAccounts } from '../../libc/accounts.ts';
import { quoteAlways, quoteIn, quoteValue } from '../../libc/quote.ts';
import { joinPath } from '../../libc/whole-file.ts';
import { type Command, gnu } from './gnu.ts';
import {
  busyboxLongLines,
  type Cell,
  colourOf,
  columns,
  commas,
  displayWidth,
  humanSize,
  indicator,
  longLines,
} from './list-format.ts';
import { badChoice, LS_MISSING, LS_OPTIONS, type Settings, settingsOf } from './ls-settings.ts';
import { compareVersions } from './version-order.ts';

interface Entry {
  readonly name: string;
  readonly path: string;
  /** Type bits where the stat failed. */
  readonly kind: number;
  readonly stat: Stat | undefined;
}

function program(name: string, layout: 'columns' | 'long' | undefined) {
  const spec = {
    name,
    usage: ['[OPTION]... [FILE]...'],
    options: LS_OPTIONS,
    missing: LS_MISSING,
    usageStatus: 2,
  };
  return gnu(spec, (command) => list(command, layout));
}

export const ls = program('ls', undefined);
export const dir = program('dir', 'columns');
export const vdir = program('vdir', 'long');

function* list(command: Command, layout: 'columns' | 'long' | undefined): Routine<number> {
  const wrong = yield* badChoice(command);
  if (wrong !== undefined) return wrong;
  const width = command.options.value('w');
  if (width !== undefined && !/^\d+$/.test(width)) {
    yield* command.fail(`invalid line width: ${quoteValue(width)}`);
    return 2;
  }
  const settings = settingsOf(command, layout);
  const accounts = yield* readAccounts(command.process);
  const listing: Listing = { command, settings, accounts, status: 0, visited: new Set() };
  const files: Entry[] = [];
  const directories: Entry[] = [];
  const names = command.operands.length ? command.operands : ['.'];
  for (const name of names) {
    const stat = statOperand(command, name, settings);
    if (isErrno(stat)) {
      yield* command.fail(`cannot access ${quoteAlways(name)}: ${stat.message}`);
      listing.status = command.dialect ? 1 : 2;
      continue;
    }
    const entry: Entry = { name, path: name, kind: stat.mode & S_IFMT, stat };
    (entry.kind === S_IFDIR && !settings.itself ? directories : files).push(entry);
  }
  sortEntries(files, settings);
  sortEntries(directories, settings);
  if (files.length) yield* command.out.print(show(files, listing));
  const titled = settings.recursive || names.length > 1;
  let first = files.length === 0;
  for (const entry of directories) {
    first = yield* listDirectory(listing, entry.name, titled, first);
  }
  return listing.status;
}

interface Listing {
  readonly command: Command;
  readonly settings: Settings;
  readonly accounts: Accounts;
  status: number;
  readonly visited: Set<string>;
}

function statOperand({ process }: Command, name: string, settings: Settings): Stat | Errno {
  const { follow } = settings;
  if (follow === 'never') return process.lstat(name);
  const stat = process.stat(name);
  if (follow === 'always' || follow === 'operands')
    return isErrno(stat) ? process.lstat(name) : stat;
  return !isErrno(stat) && (stat.mode & S_IFMT) === S_IFDIR ? stat : process.lstat(name);
}

/** Lists one directory and, with -R, what is below it. Its value: still nothing has been printed. */
function* listDirectory(
  listing: Listing,
  path: string,
  titled: boolean,
  first: boolean,
): Routine<boolean> {
  const { command, settings } = listing;
  const { process, out } = command;
  const items = process.readdir(path);
  if (isErrno(items)) {
    yield* command.fail(`cannot open directory ${quoteAlways(path)}: ${items.message}`);
    listing.status = Math.max(
      listing.status,
      path === '.' || command.operands.includes(path) ? 2 : 1,
    );
    return first;
  }
  if (titled) out.put(`${first ? '' : '\n'}${quoteIn(settings.quoting, path)}:\n`);
  const entries: Entry[] = [];
  const names = items.map((item) => ({ name: item.name, kind: item.kind }));
  if (settings.hidden === 'all') {
    names.unshift({ name: '.', kind: S_IFDIR }, { name: '..', kind: S_IFDIR });
  }
  for (const { name, kind } of names) {
    if (settings.hidden === 'none' && name.startsWith('.')) continue;
    if (settings.ignore.some((pattern) => pattern.test(name))) continue;
    const full = joinPath(path, name);
    const stat = settings.follow === 'always' ? process.stat(full) : process.lstat(full);
    if (isErrno(stat)) {
      const fallback = process.lstat(full);
      yield* command.fail(`cannot access ${quoteAlways(full)}: ${stat.message}`);
      listing.status = Math.max(listing.status, 1);
      entries.push({
        name,
        path: full,
        kind: isErrno(fallback) ? kind : fallback.mode & S_IFMT,
        stat: undefined,
      });
    } else entries.push({ name, path: full, kind: stat.mode & S_IFMT, stat });
  }
  sortEntries(entries, settings);
  if (settings.layout === 'long' || settings.blocks) {
    const total = entries.reduce((sum, entry) => sum + (entry.stat?.blocks ?? 0), 0);
    out.put(`total ${blockCount(total, settings)}\n`);
  }
  yield* out.print(show(entries, listing));
  yield* process.work(entries.length * 2000);
  if (!settings.recursive) return false;
  for (const entry of entries) {
    if (entry.kind !== S_IFDIR || entry.name === '.' || entry.name === '..') continue;
    yield* listDirectory(listing, entry.path, true, false);
  }
  return false;
}

function blockCount(blocks: number, settings: Settings): string {
  if (settings.human) return humanSize(blocks * 512, settings.human);
  const size = settings.blockSize === 1 ? 1024 : settings.blockSize;
  return String(Math.ceil((blocks * 512) / size));
}

function sortEntries(entries: Entry[], settings: Settings): void {
  const byName = (a: Entry, b: Entry): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  const { sort, time } = settings;
  const compare = (a: Entry, b: Entry): number => {
    switch (sort) {
      case 'none':
        return 0;
      case 'time':
        return (b.stat?.[time] ?? 0) - (a.stat?.[time] ?? 0) || byName(a, b);
      case 'size':
        return (b.stat?.size ?? 0) - (a.stat?.size ?? 0) || byName(a, b);
      case 'version':
        return compareVersions(a.name, b.name);
      case 'extension':
        return textOrder(extension(a.name), extension(b.name)) || byName(a, b);
      case 'width':
        return displayWidth(a.name) - displayWidth(b.name) || byName(a, b);
      default:
        return byName(a, b);
    }
  };
  if (sort !== 'none') entries.sort(compare);
  if (settings.reverse && sort !== 'none') entries.reverse();
  if (settings.directoriesFirst) {
    entries.sort((a, b) => Number(b.kind === S_IFDIR) - Number(a.kind === S_IFDIR));
  }
}

const textOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const extension = (name: string): string => /\.[^.]*$/.exec(name)?.[0] ?? '';

function show(entries: readonly Entry[], listing: Listing): string {
  const { settings, command, accounts } = listing;
  if (entries.length === 0) return '';
  const shown = entries.map((entry) => quoteIn(settings.quoting, entry.name));
  const aligned =
    settings.quoting.startsWith('shell') &&
    settings.layout !== 'one' &&
    settings.layout !== 'commas';
  const someQuoted =
    aligned &&
    shown.some((text) => /^['"]/.test(text)) &&
    settings.quoting !== 'shell-always' &&
    settings.quoting !== 'shell-escape-always';
  const numbers = columnPrefixes(entries, settings);
  if (settings.layout === 'long') {
    const rows = entries.map((entry, i) => {
      const text = shown[i] ?? '';
      const name =
        (someQuoted && !/^['"]/.test(text) ? ' ' : '') +
        nameCell(entry, text, settings) +
        linkTarget(entry, command, settings);
      return { stat: entry.stat, kind: entry.kind, name, prefix: numbers[i] ?? '' };
    });
    const lines = command.dialect ? busyboxLongLines : longLines;
    return lines(rows, settings, accounts, command.process.now);
  }
  const cells: Cell[] = entries.map((entry, i) => {
    const text = shown[i] ?? '';
    const lead = someQuoted && !/^['"]/.test(text) ? ' ' : '';
    const mark = indicator(entry.stat?.mode ?? entry.kind, settings.marks);
    const prefix = numbers[i] ?? '';
    return {
      text: prefix + lead + nameCell(entry, text, settings),
      width: prefix.length + lead.length + displayWidth(text) + mark.length,
    };
  });
  if (settings.layout === 'one') return cells.map((cell) => cell.text + settings.end).join('');
  if (settings.layout === 'commas') return commas(cells, settings.width);
  return columns(cells, settings.width, settings.layout === 'across', 8);
}

function columnPrefixes(entries: readonly Entry[], settings: Settings): string[] {
  const inodes = entries.map((entry) => String(entry.stat?.inode ?? '?'));
  const blocks = entries.map((entry) =>
    entry.stat ? blockCount(entry.stat.blocks, settings) : '?',
  );
  const widest = (texts: string[]): number =>
    settings.layout === 'commas' ? 0 : Math.max(...texts.map((text) => text.length));
  const [i, b] = [widest(inodes), widest(blocks)];
  return entries.map((_, at) => {
    const inode = settings.inode ? `${(inodes[at] ?? '').padStart(i)} ` : '';
    return inode + (settings.blocks ? `${(blocks[at] ?? '').padStart(b)} ` : '');
  });
}

function nameCell(entry: Entry, text: string, settings: Settings): string {
  const mode = entry.stat?.mode ?? entry.kind;
  const long = settings.layout === 'long' && entry.kind === S_IFLNK;
  const mark = long ? '' : indicator(mode, settings.marks);
  const colour = settings.colour
    ? colourOf(entry.name, mode, entry.stat?.nlink ?? 1, !entry.stat)
    : undefined;
  return (colour ? `\x1b[0m\x1b[${colour}m${text}\x1b[0m` : text) + mark;
}

function linkTarget(entry: Entry, { process }: Command, settings: Settings): string {
  if (entry.kind !== S_IFLNK) return '';
  const target = process.readlink(entry.path);
  if (isErrno(target)) return '';
  const stat = process.stat(entry.path);
  const mode = isErrno(stat) ? S_IFLNK : stat.mode;
  const text = quoteIn(settings.quoting, target);
  const colour = settings.colour ? colourOf(target, mode, 1, isErrno(stat)) : undefined;
  const mark = isErrno(stat) ? '' : indicator(mode, settings.marks);
  return ` -> ${colour ? `\x1b[${colour}m${text}\x1b[0m` : text}${mark}`;
}
