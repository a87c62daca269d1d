// ps of procps 4.0.2: which processes, in which order, in which columns.

import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { type Accounts, readAccounts } from '../../libc/accounts.ts';
import { type Main, program } from '../../libc/stdio.ts';
import { psColumn, type PsColumn, type PsContext } from './ps-columns.ts';
import { PS_FORMATS } from './ps-formats.ts';
import { type AskedColumn, parsePs, type PsRequest } from './ps-options.ts';
import {
  type ProcessRow,
  readBootTime,
  readMemory,
  readProcesses,
  readText,
  readUptime,
  terminalName,
} from './processes.ts';

const USAGE = [
  '',
  'Usage:',
  ' ps [options]',
  '',
  " Try 'ps --help <simple|list|output|threads|misc|all>'",
  "  or 'ps --help <s|l|o|t|m|a>'",
  ' for additional help text.',
  '',
  'For more details see ps(1).',
  '',
].join('\n');

interface Shown {
  readonly column: PsColumn;
  readonly heading: string;
  readonly width: number;
}

function* refuse(main: Main, text: string): ProgramRun {
  main.err.put(`error: ${text}\n${USAGE}`);
  yield* main.err.flush();
  return 1;
}

/** The columns asked for; a text is the specifier that is unknown. */
function columnsOf(request: PsRequest): Shown[] | string {
  const list: readonly AskedColumn[] =
    request.columns.length > 0
      ? request.columns
      : formatOf(request).map((entry) => {
          const [name = '', heading] = entry.split(':');
          return heading === undefined ? { name } : { name, heading };
        });
  const shown: Shown[] = [];
  for (const asked of list) {
    const column = psColumn(asked.name);
    if (!column) return asked.name;
    const heading = asked.heading ?? column.heading;
    // a heading of one's own widens its column
    const width = asked.width ?? (column.width === 0 ? 0 : Math.max(column.width, heading.length));
    shown.push({ column, heading, width });
  }
  return shown;
}

/** The named format as -L, -T, -y, -c, -P and -M change it. */
function formatOf(request: PsRequest): readonly string[] {
  const { modifiers } = request;
  const bsd = request.bsdAll || request.bsdNoTerminal;
  const name = request.format || (bsd ? 'bsd' : 'default');
  let format = [...(PS_FORMATS[name] ?? [])];
  const after = (column: string, ...extra: string[]): void => {
    format.splice(format.indexOf(column) + 1, 0, ...extra);
  };
  if (modifiers.has('T')) after('pid', 'spid');
  else if (request.threads && (name === 'full' || name === 'extraFull')) {
    format = format.filter((column) => column !== 'c');
    after('ppid', 'lwp', 'c', 'nlwp');
  } else if (request.threads) after('pid', 'lwp');
  if (modifiers.has('y') && name.startsWith('long')) {
    format = format
      .filter((column) => column !== 'f')
      .flatMap((column) => (column === 'addr_sz' ? ['rss', 'sz'] : [column]));
  }
  if (modifiers.has('c') && !bsd) {
    if (format.includes('opri')) format = format.filter((column) => column !== 'c');
    if (format.includes('opri'))
      format = format.flatMap((column) =>
        column === 'opri' ? ['cls', 'pri'] : column === 'ni' ? [] : [column],
      );
    else if (format.includes('c'))
      format = format.flatMap((column) => (column === 'c' ? ['cls', 'pri'] : [column]));
    else after(format.includes('lwp') ? 'lwp' : 'pid', 'cls', 'pri');
  }
  if (modifiers.has('P')) after('pid', 'psr');
  return modifiers.has('M') ? ['label', ...format] : format;
}

/** True where a process is among those asked for. */
function selects(
  request: PsRequest,
  row: ProcessRow,
  me: ProcessRow | undefined,
  accounts: Accounts,
): boolean {
  const uidOf = (name: string): number =>
    /^\d+$/.test(name) ? Number(name) : (accounts.userByName(name)?.uid ?? -1);
  const gidOf = (name: string): number =>
    /^\d+$/.test(name) ? Number(name) : (accounts.groupByName(name)?.gid ?? -1);
  if (request.all) return true;
  if (request.bsdAll && request.bsdNoTerminal) return true;
  const leader = row.session === row.tgid;
  if (request.bsdAll && row.terminal !== 0) return true;
  if (request.bsdNoTerminal && row.uids[1] === me?.uids[1]) return true;
  if (request.withTerminal && row.terminal !== 0 && !leader) return true;
  if (request.notLeaders && !leader) return true;
  if (request.pids.includes(row.tgid) || request.parents.includes(row.ppid)) return true;
  if (request.sessions.includes(row.session) || request.names.includes(row.name)) return true;
  if (request.names.some((name) => name.slice(0, 15) === row.name)) return true;
  if (request.users.some((name) => uidOf(name) === row.uids[1])) return true;
  if (request.realUsers.some((name) => uidOf(name) === row.uids[0])) return true;
  if (request.groups.some((name) => gidOf(name) === row.gids[0])) return true;
  if (request.terminals.some((name) => name === terminalName(row.terminal))) return true;
  if (request.selected || request.bsdAll || request.bsdNoTerminal) return false;
  return row.terminal === (me?.terminal ?? 0) && row.uids[1] === me?.uids[1];
}

/** `-pcpu,+pid`: by the columns' values, numbers as numbers. */
function sortRows(rows: ProcessRow[], keys: readonly string[], context: PsContext): void {
  const wanted = keys.flatMap((key) => {
    const column = psColumn(key.replace(/^[-+]/, ''));
    return column ? [{ column, sign: key.startsWith('-') ? -1 : 1 }] : [];
  });
  const valueOf = (row: ProcessRow, column: PsColumn): string =>
    column.value(row, context, column.width);
  rows.sort((a, b) => {
    for (const { column, sign } of wanted) {
      const x = valueOf(a, column);
      const y = valueOf(b, column);
      const numeric = /^-?[\d.]+$/.test(x) && /^-?[\d.]+$/.test(y);
      const order = numeric ? Number(x) - Number(y) : x < y ? -1 : x > y ? 1 : 0;
      if (order !== 0) return sign * order;
    }
    return 0;
  });
}

/** Children under their parents, with lines before the command. */
function asForest(
  rows: readonly ProcessRow[],
  plain: boolean,
): { rows: ProcessRow[]; branches: Map<number, string> } {
  const ordered: ProcessRow[] = [];
  const branches = new Map<number, string>();
  const known = new Set(rows.map((row) => row.pid));
  const below = (row: ProcessRow, prefix: string, depth: number): void => {
    ordered.push(row);
    const children = rows.filter((other) => other.ppid === row.pid && other.pid !== row.pid);
    for (const [i, child] of children.entries()) {
      const last = i === children.length - 1;
      branches.set(child.pid, plain ? '  '.repeat(depth + 1) : `${prefix} \\_ `);
      below(child, `${prefix}${last ? '    ' : ' |  '}`, depth + 1);
    }
  };
  const init = rows.find((row) => row.pid === 1);
  if (init) ordered.push(init);
  for (const row of rows) {
    const isTop = !known.has(row.ppid) || row.ppid === 1 || row.ppid === row.pid;
    if (isTop && row !== init) below(row, '', 0);
  }
  return { rows: ordered, branches };
}

/** cgroup, ns and exe of each process, where a column needs them. */
function* readExtra(
  main: Main,
  rows: readonly ProcessRow[],
  shown: readonly Shown[],
): Routine<Map<number, Map<string, string>>> {
  const extra = new Map<number, Map<string, string>>();
  const needs = new Set(shown.map(({ column }) => column.needs));
  needs.delete(undefined);
  if (needs.size === 0) return extra;
  const { process } = main;
  for (const row of rows) {
    const values = new Map<string, string>();
    extra.set(row.pid, values);
    const base = `/proc/${row.tgid}`;
    if (needs.has('cgroup')) {
      const text = (yield* readText(process, `${base}/cgroup`)) ?? '';
      values.set('cgroup', text.trim().split('\n').join(',') || '-');
    }
    if (needs.has('wchan')) {
      values.set('wchan', ((yield* readText(process, `${base}/wchan`)) ?? '0').trim());
    }
    if (needs.has('exe')) {
      const target = process.readlink(`${base}/exe`);
      if (!isErrno(target)) values.set('exe', target);
    }
    if (!needs.has('ns')) continue;
    for (const kind of ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts']) {
      const target = process.readlink(`${base}/ns/${kind}`);
      if (!isErrno(target)) values.set(kind, /\[(\d+)\]/.exec(target)?.[1] ?? '-');
    }
  }
  return extra;
}

function lineOf(cells: readonly string[], shown: readonly Shown[], context: PsContext): string {
  const parts = cells.map((cell, i) => {
    const { column, width: own } = shown[i] as Shown; // one cell a column
    const width = own === 0 ? context.pidWidth : own;
    const last = i === cells.length - 1;
    if (column.align === 'right') return cell.padStart(width);
    return last ? cell : cell.padEnd(width);
  });
  return parts.join(' ');
}

function* show(main: Main, request: PsRequest, shown: readonly Shown[]): ProgramRun {
  const { process } = main;
  const accounts = yield* readAccounts(process);
  const all = yield* readProcesses(process, request.threads);
  const me = all.find((row) => row.tgid === process.pid);
  const known = [...request.users, ...request.realUsers].every(
    (name) => /^\d+$/.test(name) || accounts.userByName(name),
  );
  if (!known) return yield* refuse(main, 'user name does not exist');
  if (!request.terminals.every((name) => process.exists(`/dev/${name}`)))
    return yield* refuse(main, 'TTY could not be found');
  let rows = all.filter((row) => {
    if (request.running && row.state !== 'R' && row.state !== 'D') return false;
    return selects(request, row, me, accounts) !== request.negate;
  });
  const memory = yield* readMemory(process);
  const pidMax = ((yield* readText(process, '/proc/sys/kernel/pid_max')) ?? '4194304').trim();
  const base: PsContext = {
    accounts,
    memoryKilobytes: memory.get('MemTotal') ?? 0,
    uptime: yield* readUptime(process),
    bootTime: yield* readBootTime(process),
    pidWidth: Math.max(5, pidMax.length),
    extra: yield* readExtra(main, rows, shown),
    branches: new Map(),
  };
  if (request.sort.length > 0) sortRows(rows, request.sort, base);
  const forest = request.forest ? asForest(rows, false) : undefined;
  const context = forest ? { ...base, branches: forest.branches } : base;
  if (forest) rows = forest.rows;
  const size = process.ioctl(1, 'TIOCGWINSZ') as { columns?: number } | undefined;
  const width =
    request.width ?? (process.isTerminal(1) ? (size?.columns ?? 80) : Number.POSITIVE_INFINITY);
  const heads = shown.map(({ heading }) => heading);
  if (!request.noHeading && heads.some((heading) => heading !== '')) {
    yield* main.out.print(`${lineOf(heads, shown, context).slice(0, width)}\n`);
  }
  for (const row of rows) {
    const cells = shown.map(({ column, width }) => column.value(row, context, width));
    yield* main.out.print(`${lineOf(cells, shown, context).slice(0, width)}\n`);
  }
  return rows.length > 0 ? 0 : 1;
}

export const ps = program('ps', function* (main) {
  const [first] = main.args;
  if (first === '--version' || first === '-V' || first === 'V') {
    yield* main.out.print('ps from procps-ng 4.0.2\n');
    return 0;
  }
  if (first === '--help' || first?.startsWith('--help=')) {
    yield* main.out.print(USAGE);
    return 0;
  }
  const request = parsePs(main.args);
  if (typeof request === 'string') return yield* refuse(main, request);
  if (request.columns.length > 0 && request.modifiers.size > 0)
    return yield* refuse(main, 'can not use output modifiers with user-defined output');
  if (!request.sort.every((key) => psColumn(key.replace(/^[-+]/, ''))))
    return yield* refuse(main, 'unknown sort specifier');
  const shown = columnsOf(request);
  if (typeof shown === 'string') {
    return yield* refuse(main, `unknown user-defined format specifier "${shown}"`);
  }
  return yield* show(main, request, shown);
});
