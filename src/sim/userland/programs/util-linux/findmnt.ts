// findmnt(8): the table of mounts as a tree or list, filtered, in chosen columns.

import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import {
  mergedOptions,
  type MountEntry,
  propagationOf,
  readMounts,
  sourceOf,
} from './mount-table.ts';
import { formatTable, type TableColumn, type TableRow, type TableStyle } from './table.ts';
import { tool, type Tool } from './tool.ts';

interface Sizes {
  readonly total: number;
  readonly used: number;
}

type Cell = (entry: MountEntry, sizes: Sizes | undefined, bytes: boolean) => string;

function human(bytes: number, plain: boolean): string {
  if (plain || bytes === 0) return String(bytes);
  const units = ['B', 'K', 'M', 'G', 'T'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const text =
    value >= 10 || Number.isInteger(value) ? String(Math.round(value * 10) / 10) : value.toFixed(1);
  return `${text}${units[unit] ?? ''}`;
}

const superOf = (entry: MountEntry): string => entry.superOptions;

const CELLS: Readonly<Record<string, Cell>> = {
  TARGET: (entry) => entry.target,
  SOURCE: sourceOf,
  SOURCES: sourceOf,
  FSTYPE: (entry) => entry.type,
  OPTIONS: mergedOptions,
  'VFS-OPTIONS': (entry) => entry.options,
  'FS-OPTIONS': superOf,
  FSROOT: (entry) => entry.root,
  ID: (entry) => String(entry.id),
  PARENT: (entry) => String(entry.parent),
  'MAJ:MIN': (entry) => entry.device,
  PROPAGATION: propagationOf,
  'OPT-FIELDS': (entry) => entry.optional.join(' '),
  TID: () => '',
  LABEL: () => '',
  UUID: () => '',
  PARTLABEL: () => '',
  PARTUUID: () => '',
  FREQ: () => '',
  PASSNO: () => '',
  ACTION: () => '',
  'OLD-TARGET': () => '',
  'OLD-OPTIONS': () => '',
  SIZE: (_entry, sizes, bytes) => human(sizes?.total ?? 0, bytes),
  USED: (_entry, sizes, bytes) => human(sizes?.total ? sizes.used : 0, bytes),
  AVAIL: (_entry, sizes, bytes) => human(sizes?.total ? sizes.total - sizes.used : 0, bytes),
  'USE%': (_entry, sizes) =>
    sizes && sizes.total ? `${Math.round((sizes.used * 100) / sizes.total)}%` : '-',
};

const RIGHT = new Set(['ID', 'PARENT', 'SIZE', 'USED', 'AVAIL', 'USE%', 'FREQ', 'PASSNO', 'TID']);
const DEFAULT = ['TARGET', 'SOURCE', 'FSTYPE', 'OPTIONS'];
const LIKE_DF = ['SOURCE', 'FSTYPE', 'SIZE', 'USED', 'AVAIL', 'USE%', 'TARGET'];
/** Not of a disk: what --real leaves out. */
const PSEUDO = new Set([
  'proc',
  'sysfs',
  'devpts',
  'cgroup2',
  'mqueue',
  'nsfs',
  'devtmpfs',
  'tmpfs',
]);

function columnsOf(main: Tool): string[] | string {
  const { options } = main;
  if (options.has('all-columns')) return Object.keys(CELLS);
  const given = options.value('output');
  if (given === undefined) return options.has('df') ? LIKE_DF : DEFAULT;
  const plus = given.startsWith('+');
  const names = given
    .replace(/^\+/, '')
    .split(',')
    .map((name) => name.toUpperCase());
  const unknown = names.find((name) => !Object.hasOwn(CELLS, name));
  if (unknown !== undefined)
    return given.replace(/^\+/, '').split(',')[names.indexOf(unknown)] ?? unknown;
  return plus ? [...DEFAULT, ...names] : names;
}

/** The mount that a path lies on. */
function mountOfPath(
  main: Tool,
  path: string,
  mounts: readonly MountEntry[],
): MountEntry | undefined {
  const real = main.process.realpath(path);
  if (isErrno(real)) return undefined;
  let best: MountEntry | undefined;
  for (const entry of mounts) {
    const under =
      real === entry.target || real.startsWith(entry.target === '/' ? '/' : `${entry.target}/`);
    if (under && (!best || entry.target.length >= best.target.length)) best = entry;
  }
  return best;
}

/** One word of --options: `noX` asks that X is not there, `+noX` that noX is. */
function hasOption(entry: MountEntry, word: string): boolean {
  const all = mergedOptions(entry).split(',');
  const has = (name: string): boolean =>
    all.includes(name) || (!name.includes('=') && all.some((each) => each.startsWith(`${name}=`)));
  if (word.startsWith('+')) return has(word.slice(1));
  return word.startsWith('no') ? !has(word.slice(2)) : has(word);
}

function filter(main: Tool, mounts: readonly MountEntry[]): MountEntry[] {
  const { options, operands, process } = main;
  const types = options.value('types')?.split(',');
  const wanted = options.value('options')?.split(',');
  const path = (word: string): string => {
    const real = process.realpath(word);
    return isErrno(real) ? word : real;
  };
  const target = options.value('mountpoint');
  const inside = options.value('target');
  const lying = inside === undefined ? undefined : mountOfPath(main, inside, mounts);
  const [first, second] = operands;
  const bySource = (entry: MountEntry, word: string): boolean =>
    entry.source === word || entry.device === word || sourceOf(entry) === word;
  let found = mounts.filter((entry) => {
    if (types && types.some((t) => t.startsWith('no')) && types.includes(`no${entry.type}`))
      return false;
    if (types && !types.some((t) => t.startsWith('no')) && !types.includes(entry.type))
      return false;
    if (wanted && !wanted.every((word) => hasOption(entry, word))) return false;
    if (options.has('real') && PSEUDO.has(entry.type)) return false;
    if (options.has('pseudo') && !PSEUDO.has(entry.type)) return false;
    if (target !== undefined && entry.target !== path(target)) return false;
    if (inside !== undefined && entry !== lying) return false;
    const source = options.value('source');
    if (source !== undefined && !bySource(entry, source)) return false;
    if (second !== undefined) return entry.target === path(second) && bySource(entry, first ?? '');
    return true;
  });
  if (first !== undefined && second === undefined) {
    const at = found.filter((entry) => entry.target === path(first));
    found = at.length > 0 ? at : found.filter((entry) => bySource(entry, first));
  }
  if (options.has('invert')) found = mounts.filter((entry) => !found.includes(entry));
  if (options.has('submounts')) {
    const tops = found.map((entry) => entry.target);
    found = mounts.filter((entry) =>
      tops.some(
        (top) => entry.target === top || entry.target.startsWith(top === '/' ? '/' : `${top}/`),
      ),
    );
  }
  return options.has('first') ? found.slice(0, 1) : found;
}

/** Lists hide the tree that is shown otherwise; so does asking for one mount, unless with its submounts. */
function showsTree({ options, operands }: Tool): boolean {
  if (options.has('tree')) return true;
  if (['list', 'raw', 'pairs', 'df', 'mtab'].some((key) => options.has(key))) return false;
  const one =
    operands.length > 0 ||
    ['mountpoint', 'target', 'source', 'first'].some((key) => options.has(key));
  return !one || options.has('submounts');
}

function* rowsOf(
  main: Tool,
  entries: readonly MountEntry[],
  columns: readonly string[],
  tree: boolean,
): Routine<TableRow[]> {
  const bytes = main.options.has('bytes');
  const cells = (entry: MountEntry): string[] => {
    const stat = main.process.statfs(entry.target);
    const sizes = isErrno(stat) ? undefined : stat.use;
    return columns.map((name) => CELLS[name]?.(entry, sizes, bytes) ?? '');
  };
  if (!tree) return entries.map((entry) => ({ cells: cells(entry) }));
  const ids = new Set(entries.map((entry) => entry.id));
  const build = (entry: MountEntry): TableRow => ({
    cells: cells(entry),
    children: entries.filter((other) => other.parent === entry.id && other !== entry).map(build),
  });
  return entries.filter((entry) => !ids.has(entry.parent)).map(build);
}

function styleOf({ options }: Tool): TableStyle {
  const form = options.has('json')
    ? 'json'
    : options.has('pairs')
      ? 'pairs'
      : options.has('raw')
        ? 'raw'
        : 'table';
  return { headings: !options.has('noheadings'), form, name: 'filesystems' };
}

function* run(main: Tool): ProgramRun {
  const columns = columnsOf(main);
  if (typeof columns === 'string') return yield* main.stop(`unknown column: ${columns}`);
  const task = main.options.value('task');
  const path = task === undefined ? '/proc/self/mountinfo' : `/proc/${task}/mountinfo`;
  const mounts = yield* readMounts(main.process, path);
  if (isErrno(mounts)) return yield* main.stop(`can't read ${path}: ${mounts.message}`);
  const found = filter(main, mounts);
  if (found.length === 0) return 1;
  const tree = showsTree(main);
  const style = styleOf(main);
  const table: TableColumn[] = columns.map((name) => ({
    name,
    ...(RIGHT.has(name) ? { align: 'right' as const, type: 'number' as const } : {}),
  }));
  const rows = yield* rowsOf(main, found, columns, tree);
  yield* main.out.print(
    formatTable(table, rows, style, tree ? columns.indexOf('TARGET') : undefined),
  );
  return 0;
}

export const findmnt = tool(
  {
    name: 'findmnt',
    usage: [
      '[options]',
      '[options] <device> | <mountpoint>',
      '[options] <device> <mountpoint>',
      '[options] [--source <device>] [--target <path> | --mountpoint <dir>]',
    ],
    about: 'Find a (mounted) filesystem.',
    options: [
      { key: 'kernel', short: 'k', long: 'kernel' },
      { key: 'mtab', short: 'm', long: 'mtab' },
      { key: 'all', short: 'A', long: 'all' },
      { key: 'ascii', short: 'a', long: 'ascii' },
      { key: 'bytes', short: 'b', long: 'bytes' },
      { key: 'df', short: 'D', long: 'df' },
      { key: 'direction', short: 'd', long: 'direction', argument: 'required' },
      { key: 'first', short: 'f', long: 'first-only' },
      { key: 'invert', short: 'i', long: 'invert' },
      { key: 'json', short: 'J', long: 'json' },
      { key: 'list', short: 'l', long: 'list' },
      { key: 'task', short: 'N', long: 'task', argument: 'required' },
      { key: 'noheadings', short: 'n', long: 'noheadings' },
      { key: 'options', short: 'O', long: 'options', argument: 'required' },
      { key: 'output', short: 'o', long: 'output', argument: 'required' },
      { key: 'all-columns', long: 'output-all' },
      { key: 'pairs', short: 'P', long: 'pairs' },
      { key: 'pseudo', long: 'pseudo' },
      { key: 'real', long: 'real' },
      { key: 'submounts', short: 'R', long: 'submounts' },
      { key: 'raw', short: 'r', long: 'raw' },
      { key: 'source', short: 'S', long: 'source', argument: 'required' },
      { key: 'target', short: 'T', long: 'target', argument: 'required' },
      { key: 'tree', long: 'tree' },
      { key: 'mountpoint', short: 'M', long: 'mountpoint', argument: 'required' },
      { key: 'types', short: 't', long: 'types', argument: 'required' },
      { key: 'uniq', short: 'U', long: 'uniq' },
      { key: 'notruncate', short: 'u', long: 'notruncate' },
      { key: 'nofsroot', short: 'v', long: 'nofsroot' },
    ],
    missing: [
      { key: 'poll', short: 'p', long: 'poll', argument: 'optional' },
      { key: 'fstab', short: 's', long: 'fstab' },
      { key: 'verify', short: 'x', long: 'verify' },
    ],
  },
  run,
);
