// lsns(8): namespaces by their inode numbers, each with the processes in it.

import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { type Accounts, readAccounts } from '../../libc/accounts.ts';
import { commandLine, type ProcessRow, readProcesses } from '../procps/processes.ts';
import { readMounts } from './mount-table.ts';
import { formatTable, type TableColumn } from './table.ts';
import { tool, type Tool } from './tool.ts';

/** In the order of lsns's own table. */
const TYPES = ['mnt', 'net', 'pid', 'uts', 'ipc', 'user', 'cgroup', 'time'] as const;

const DEFAULT = ['NS', 'TYPE', 'NPROCS', 'PID', 'USER', 'COMMAND'];
const OF_NET = ['NS', 'TYPE', 'NPROCS', 'PID', 'USER', 'NETNSID', 'NSFS', 'COMMAND'];

interface Found {
  readonly inode: string;
  readonly type: string;
  readonly members: ProcessRow[];
}

type Cell = (
  found: Found,
  context: { accounts: Accounts; places: ReadonlyMap<string, string> },
) => string;

const lowest = (found: Found): ProcessRow | undefined => found.members[0];

const CELLS: Readonly<Record<string, Cell>> = {
  NS: (found) => found.inode,
  TYPE: (found) => found.type,
  PATH: (found) => `/proc/${lowest(found)?.pid ?? ''}/ns/${found.type}`,
  NPROCS: (found) => String(found.members.length),
  PID: (found) => String(lowest(found)?.pid ?? ''),
  PPID: (found) => String(lowest(found)?.ppid ?? ''),
  COMMAND: (found) => {
    const row = lowest(found);
    return row ? commandLine(row) : '';
  },
  UID: (found) => String(lowest(found)?.uids[0] ?? ''),
  USER: (found, { accounts }) =>
    accounts.userById(lowest(found)?.uids[0] ?? -1)?.name ?? String(lowest(found)?.uids[0] ?? ''),
  NETNSID: (found) => (found.type === 'net' ? 'unassigned' : ''),
  NSFS: (found, { places }) => places.get(`${found.type}:[${found.inode}]`) ?? '',
  PNS: () => '0',
  ONS: () => '0',
};
/** Widths that columns have at least where their contents reach the heading's. */
const HINTS: Readonly<Record<string, number>> = {
  NS: 10,
  TYPE: 5,
  NPROCS: 5,
  PID: 5,
  PPID: 5,
  PNS: 10,
  ONS: 10,
};
const RIGHT = new Set(['NS', 'NPROCS', 'PID', 'PPID', 'UID', 'NETNSID', 'PNS', 'ONS']);

function* collect(main: Tool, rows: readonly ProcessRow[]): Routine<Map<string, Found>> {
  const all = new Map<string, Found>();
  for (const row of rows) {
    for (const type of TYPES) {
      const target = main.process.readlink(`/proc/${row.pid}/ns/${type}`);
      if (isErrno(target)) continue;
      const inode = /\[(\d+)\]/.exec(target)?.[1] ?? '';
      const key = `${type}:${inode}`;
      const found = all.get(key) ?? { inode, type, members: [] };
      found.members.push(row);
      all.set(key, found);
    }
    if (row.pid % 64 === 0) yield* main.process.work(10_000);
  }
  return all;
}

/** Where namespaces are bind-mounted, by `net:[N]`. */
function* mountedNamespaces(main: Tool): Routine<Map<string, string>> {
  const mounts = yield* readMounts(main.process);
  const places = new Map<string, string>();
  for (const entry of isErrno(mounts) ? [] : mounts) {
    if (entry.type === 'nsfs') places.set(entry.root, entry.target);
  }
  return places;
}

function columnsOf({ options }: Tool, type: string | undefined): string[] | { unknown: string } {
  if (options.has('all-columns')) return Object.keys(CELLS);
  const standard = type === 'net' ? OF_NET : DEFAULT;
  const given = options.value('output');
  if (given === undefined) return standard;
  const names = given.replace(/^\+/, '').split(',');
  const unknown = names.find((name) => !Object.hasOwn(CELLS, name.toUpperCase()));
  if (unknown !== undefined) return { unknown };
  const upper = names.map((name) => name.toUpperCase());
  return given.startsWith('+') ? [...standard, ...upper] : upper;
}

function choose(
  main: Tool,
  all: Map<string, Found>,
  types: readonly string[],
  rows: readonly ProcessRow[],
): Found[] | undefined {
  const pid = main.options.value('task');
  const [inode] = main.operands;
  let list = [...all.values()].filter((found) => types.length === 0 || types.includes(found.type));
  if (pid !== undefined) {
    if (!rows.some((row) => String(row.pid) === pid)) return [];
    list = list.filter((found) => found.members.some((row) => String(row.pid) === pid));
  }
  if (inode !== undefined) {
    list = list.filter((found) => found.inode === inode);
    if (list.length === 0) return undefined;
  }
  return list.sort((a, b) => Number(a.inode) - Number(b.inode));
}

function* run(main: Tool): ProgramRun {
  const { options, operands } = main;
  const types = options.values('type').flatMap((text) => text.split(','));
  const strange = types.find((type) => !TYPES.some((known) => known === type));
  const columns = columnsOf(main, types[0]);
  if (!Array.isArray(columns)) return yield* main.stop(`unknown column: ${columns.unknown}`);
  if (strange !== undefined) return yield* main.stop(`unknown namespace type: ${strange}`);
  const [inode] = operands;
  if (inode !== undefined && !/^\d+$/.test(inode))
    return yield* main.stop(`invalid namespace argument: '${inode}'`);
  const rows = yield* readProcesses(main.process);
  const all = yield* collect(main, rows);
  const list = choose(main, all, types, rows);
  if (!list) return yield* main.stop(`not found namespace: ${inode ?? ''}`);
  const context = {
    accounts: yield* readAccounts(main.process),
    places: yield* mountedNamespaces(main),
  };
  if (inode !== undefined) return yield* members(main, list, context.accounts);
  const table: TableColumn[] = columns.map((name) => ({
    name,
    hint: HINTS[name] ?? 0,
    ...(RIGHT.has(name) ? { align: 'right' as const, type: 'number' as const } : {}),
  }));
  const body = list.map((found) => ({
    cells: columns.map((name) => CELLS[name]?.(found, context) ?? ''),
  }));
  const form = options.has('json') ? 'json' : options.has('raw') ? 'raw' : 'table';
  if (body.length > 0) {
    yield* main.out.print(
      formatTable(table, body, { headings: !options.has('noheadings'), form, name: 'namespaces' }),
    );
  }
  return 0;
}

/** `lsns INODE`: the processes of one namespace. */
function* members(main: Tool, list: readonly Found[], accounts: Accounts): ProgramRun {
  const columns: TableColumn[] = [
    { name: 'PID', align: 'right' },
    { name: 'PPID', align: 'right' },
    { name: 'USER' },
    { name: 'COMMAND' },
  ];
  const rows = list
    .flatMap((found) => found.members)
    .map((row) => ({
      cells: [
        String(row.pid),
        String(row.ppid),
        accounts.userById(row.uids[0] ?? -1)?.name ?? '',
        commandLine(row),
      ],
    }));
  const headings = !main.options.has('noheadings');
  yield* main.out.print(
    formatTable(columns, rows, { headings, form: 'table', name: 'namespaces' }),
  );
  return 0;
}

export const lsns = tool(
  {
    name: 'lsns',
    usage: ['[options] [<namespace>]'],
    about: 'List system namespaces.',
    options: [
      { key: 'json', short: 'J', long: 'json' },
      { key: 'list', short: 'l', long: 'list' },
      { key: 'noheadings', short: 'n', long: 'noheadings' },
      { key: 'output', short: 'o', long: 'output', argument: 'required' },
      { key: 'all-columns', long: 'output-all' },
      { key: 'task', short: 'p', long: 'task', argument: 'required' },
      { key: 'raw', short: 'r', long: 'raw' },
      { key: 'notruncate', short: 'u', long: 'notruncate' },
      { key: 'nowrap', short: 'W', long: 'nowrap' },
      { key: 'type', short: 't', long: 'type', argument: 'required' },
    ],
    missing: [{ key: 'tree', short: 'T', long: 'tree', argument: 'optional' }],
  },
  run,
);
