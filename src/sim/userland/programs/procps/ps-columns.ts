// The columns of ps: heading, width, alignment and value of each format specifier (ps(1), "STANDARD FORMAT
// SPECIFIERS"), with their aliases.

import type { Accounts } from '../../libc/accounts.ts';
import { momentOf, strftime } from '../../libc/strftime.ts';
import { commandLine, type ProcessRow, terminalName } from './processes.ts';

/** What values are made from, beside the process itself. */
export interface PsContext {
  readonly accounts: Accounts;
  readonly memoryKilobytes: number;
  /** Seconds since boot, and the boot's time since 1970. */
  readonly uptime: number;
  readonly bootTime: number;
  readonly pidWidth: number;
  /** Control group and namespaces, where a column asked for them. */
  readonly extra: ReadonlyMap<number, ReadonlyMap<string, string>>;
  /** Lines drawn before the command (--forest). */
  readonly branches: ReadonlyMap<number, string>;
}

export interface PsColumn {
  readonly heading: string;
  /** 0: as wide as a process number can be. */
  readonly width: number;
  readonly align: 'left' | 'right';
  value(row: ProcessRow, context: PsContext, width: number): string;
  /** What it needs of /proc beyond stat and status. */
  readonly needs?: 'cgroup' | 'ns' | 'exe' | 'environ' | 'wchan';
}

type Value = PsColumn['value'];

const right = (heading: string, width: number, value: Value): PsColumn => ({
  heading,
  width,
  align: 'right',
  value,
});
const left = (heading: string, width: number, value: Value): PsColumn => ({
  heading,
  width,
  align: 'left',
  value,
});
const number = (heading: string, width: number, value: (row: ProcessRow) => number): PsColumn =>
  right(heading, width, (row) => String(value(row)));

function userName(id: number, context: PsContext, width: number): string {
  const name = context.accounts.userById(id)?.name ?? String(id);
  return name.length > width ? `${name.slice(0, width - 1)}+` : name;
}

function groupName(id: number, context: PsContext, width = 8): string {
  const name = context.accounts.groupById(id)?.name ?? String(id);
  return name.length > width ? `${name.slice(0, width - 1)}+` : name;
}

const two = (value: number): string => String(value).padStart(2, '0');

function cpuSeconds(row: ProcessRow): number {
  return Math.floor((row.userTime + row.systemTime) / 100);
}

/** `[DD-]HH:MM:SS`. */
function longTime(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const rest = `${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return days > 0 ? `${two(days)}-${rest}` : rest;
}

/** `[[DD-]HH:]MM:SS`. */
function elapsed(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole >= 86_400) {
    return `${Math.floor(whole / 86_400)}-${longTime(whole % 86_400)}`;
  }
  return whole >= 3600 ? longTime(whole) : longTime(whole).slice(3);
}

const age = (row: ProcessRow, context: PsContext): number =>
  Math.max(0, context.uptime - row.started / 100);
const startedAt = (row: ProcessRow, context: PsContext): number =>
  context.bootTime + row.started / 100;

function formatStart(row: ProcessRow, context: PsContext, near: string, far: string): string {
  const at = startedAt(row, context);
  const now = context.bootTime + context.uptime;
  return strftime(
    now - at < 86_400 && Math.floor(now / 86_400) === Math.floor(at / 86_400) ? near : far,
    momentOf(at * 1000),
  );
}

function cpuPercent(row: ProcessRow, context: PsContext): number {
  const seconds = age(row, context);
  return seconds > 0 ? (row.userTime + row.systemTime) / seconds : 0;
}

/** S and its companions: high priority, low, session leader, threads, foreground. */
function stateWord(row: ProcessRow): string {
  let text = row.state;
  if (row.nice < 0) text += '<';
  if (row.nice > 0) text += 'N';
  if (
    row.status.get('VmLck') !== undefined &&
    Number.parseInt(row.status.get('VmLck') ?? '0', 10) > 0
  )
    text += 'L';
  if (row.session === row.tgid && row.session !== 0) text += 's';
  if (row.threads > 1) text += 'l';
  if (row.foreground > 0 && row.foreground === row.group) text += '+';
  return text;
}

const POLICIES: Readonly<Record<number, string>> = {
  0: 'TS',
  1: 'FF',
  2: 'RR',
  3: 'B',
  5: 'IDL',
  6: 'DLN',
};

function kernelFlags(row: ProcessRow): string {
  return (
    (row.uids[0] !== row.uids[1] ? 4 : 0) |
    (row.flags & 0x40 ? 1 : 0) |
    (row.uids[1] === 0 ? 4 : 0)
  ).toString(8);
}

const command: Value = (row, context) =>
  `${context.branches.get(row.pid) ?? ''}${commandLine(row)}`;
const shortCommand: Value = (row, context) =>
  `${context.branches.get(row.pid) ?? ''}${row.name}${row.state === 'Z' ? ' <defunct>' : ''}`;

const plainCommand: Value = (row, context) => `${context.branches.get(row.pid) ?? ''}${row.name}`;

const signalMask = (heading: string, field: string): PsColumn =>
  right(heading, 16, (row) => row.status.get(field) ?? '0000000000000000');

function namespaceColumn(heading: string, kind: string): PsColumn {
  return {
    heading,
    width: 10,
    align: 'right',
    needs: 'ns',
    value: (row, context) => context.extra.get(row.pid)?.get(kind) ?? '-',
  };
}

function waitChannel(heading: string): PsColumn {
  return {
    heading,
    width: 6,
    align: 'left',
    needs: 'wchan',
    value: (row, context, width) => {
      const name = context.extra.get(row.pid)?.get('wchan') ?? '0';
      return name === '0' || name === '' ? '-' : name.slice(0, width);
    },
  };
}

const pidColumn = (heading: string, value: (row: ProcessRow) => number): PsColumn =>
  number(heading, 0, value);

const kilobytes = (row: ProcessRow): number => Math.floor(row.virtualBytes / 1024);
const tty = (heading: string): PsColumn => left(heading, 8, (row) => terminalName(row.terminal));
const user = (heading: string, index: number): PsColumn =>
  left(heading, 8, (row, context, width) => userName(row.uids[index] ?? 0, context, width));
const group = (heading: string, index: number): PsColumn =>
  left(heading, 8, (row, context, width) => groupName(row.gids[index] ?? 0, context, width));
const uid = (heading: string, index: number): PsColumn =>
  number(heading, 5, (row) => row.uids[index] ?? 0);
const gid = (heading: string, index: number): PsColumn =>
  number(heading, 5, (row) => row.gids[index] ?? 0);

/** By specifier. */
export const PS_COLUMNS: Readonly<Record<string, PsColumn>> = {
  pcpu: right('%CPU', 4, (row, c) => cpuPercent(row, c).toFixed(1)),
  pmem: right('%MEM', 4, (row, c) =>
    ((row.residentKilobytes * 100) / Math.max(1, c.memoryKilobytes)).toFixed(1),
  ),
  args: left('COMMAND', 27, command),
  cmd: left('CMD', 27, command),
  comm: left('COMMAND', 15, plainCommand),
  ucmd: left('CMD', 15, shortCommand),
  fname: left('COMMAND', 8, (row) => row.name.slice(0, 8)),
  blocked: signalMask('BLOCKED', 'SigBlk'),
  caught: signalMask('CAUGHT', 'SigCgt'),
  ignored: signalMask('IGNORED', 'SigIgn'),
  pending: signalMask('PENDING', 'ShdPnd'),
  bsdstart: right('START', 6, (row, c) => formatStart(row, c, ' %H:%M', '%b %d')),
  start: right('STARTED', 8, (row, c) => formatStart(row, c, '%H:%M:%S', '%b %d')),
  stime: right('STIME', 5, (row, c) => formatStart(row, c, '%H:%M', '%b%d')),
  start_time: right('START', 5, (row, c) => formatStart(row, c, '%H:%M', '%b%d')),
  lstart: right('STARTED', 24, (row, c) =>
    strftime('%a %b %e %H:%M:%S %Y', momentOf(startedAt(row, c) * 1000)),
  ),
  bsdtime: right(
    'TIME',
    6,
    (row) => `${Math.floor(cpuSeconds(row) / 60)}:${two(cpuSeconds(row) % 60)}`,
  ),
  time: right('TIME', 8, (row) => longTime(cpuSeconds(row))),
  times: number('TIME', 8, cpuSeconds),
  c: right('C', 2, (row, c) => String(Math.min(99, Math.floor(cpuPercent(row, c))))),
  cp: right('CP', 3, (row, c) => String(Math.floor(cpuPercent(row, c) * 10))),
  etime: right('ELAPSED', 11, (row, c) => elapsed(age(row, c))),
  etimes: right('ELAPSED', 7, (row, c) => String(Math.floor(age(row, c)))),
  cgroup: {
    heading: 'CGROUP',
    width: 27,
    align: 'left',
    needs: 'cgroup',
    value: (row, c) => c.extra.get(row.pid)?.get('cgroup') ?? '-',
  },
  cgname: {
    heading: 'CGNAME',
    width: 27,
    align: 'left',
    needs: 'cgroup',
    value: (row, c) => c.extra.get(row.pid)?.get('cgroup') ?? '-',
  },
  exe: {
    heading: 'EXE',
    width: 27,
    align: 'left',
    needs: 'exe',
    value: (row, c) => c.extra.get(row.pid)?.get('exe') ?? '-',
  },
  cls: right('CLS', 3, (row) => POLICIES[row.policy] ?? '?'),
  sched: number('SCH', 3, (row) => row.policy),
  policy: left('POL', 3, (row) => POLICIES[row.policy] ?? '?'),
  f: right('F', 1, kernelFlags),
  egid: gid('EGID', 1),
  gid: gid('GID', 1),
  rgid: gid('RGID', 0),
  sgid: gid('SGID', 2),
  fgid: gid('FGID', 3),
  egroup: group('EGROUP', 1),
  fgroup: group('FGROUP', 3),
  group: group('GROUP', 1),
  rgroup: group('RGROUP', 0),
  sgroup: group('SGROUP', 2),
  euid: uid('EUID', 1),
  uid: uid('UID', 1),
  ruid: uid('RUID', 0),
  suid: uid('SUID', 2),
  fuid: uid('FUID', 3),
  euser: user('EUSER', 1),
  user: user('USER', 1),
  ruser: user('RUSER', 0),
  suser: user('SUSER', 2),
  fuser: user('FUSER', 3),
  supgid: left('SUPGID', 20, (row) => row.groups.join(',') || '-'),
  supgrp: left('SUPGRP', 40, (row, c) => row.groups.map((id) => groupName(id, c)).join(',') || '-'),
  lwp: pidColumn('LWP', (row) => row.pid),
  pid: pidColumn('PID', (row) => row.tgid),
  pgid: pidColumn('PGID', (row) => row.group),
  pgrp: pidColumn('PGRP', (row) => row.group),
  ppid: pidColumn('PPID', (row) => row.ppid),
  sid: pidColumn('SID', (row) => row.session),
  sess: pidColumn('SESS', (row) => row.session),
  spid: pidColumn('SPID', (row) => row.pid),
  tgid: pidColumn('TGID', (row) => row.tgid),
  tid: pidColumn('TID', (row) => row.pid),
  tpgid: pidColumn('TPGID', (row) => row.foreground),
  label: left('LABEL', 31, () => 'unconfined'),
  majfl: number('MAJFL', 6, () => 0),
  majflt: number('MAJFLT', 6, () => 0),
  minflt: number('MINFLT', 6, (row) => Math.floor(row.residentKilobytes / 20)),
  ni: right('NI', 3, (row) => (row.policy === 1 || row.policy === 2 ? '-' : String(row.nice))),
  nlwp: number('NLWP', 4, (row) => row.threads),
  thcount: number('THCNT', 5, (row) => row.threads),
  numa: number('NUMA', 4, () => 0),
  psr: number('PSR', 3, (row) => row.processor),
  pri: number('PRI', 3, (row) => 39 - row.priority),
  opri: number('PRI', 3, (row) => 60 + row.priority),
  priority: number('PRI', 3, (row) => row.priority),
  rss: number('RSS', 5, (row) => row.residentKilobytes),
  size: number('SIZE', 5, (row) => Math.floor(kilobytes(row) / 8)),
  drs: number('DRS', 5, kilobytes),
  trs: number('TRS', 5, () => 20),
  rtprio: right('RTPRIO', 6, (row) => (row.realTimePriority ? String(row.realTimePriority) : '-')),
  s: left('S', 1, (row) => row.state),
  state: left('S', 1, (row) => row.state),
  stat: left('STAT', 4, stateWord),
  sz: number('SZ', 5, (row) => Math.floor(row.virtualBytes / 4096)),
  vsz: number('VSZ', 6, kilobytes),
  tname: tty('TTY'),
  tty: tty('TT'),
  tt: tty('TT'),
  wchan: waitChannel('WCHAN'),
  addr: left('ADDR', 4, () => '-'),
  addr_sz: right(
    'ADDR SZ',
    7,
    (row) => `- ${String(Math.floor(row.virtualBytes / 4096)).padStart(5)}`,
  ),
  nwchan: waitChannel('WCHAN'),
  cgroupns: namespaceColumn('CGROUPNS', 'cgroup'),
  ipcns: namespaceColumn('IPCNS', 'ipc'),
  mntns: namespaceColumn('MNTNS', 'mnt'),
  netns: namespaceColumn('NETNS', 'net'),
  pidns: namespaceColumn('PIDNS', 'pid'),
  timens: namespaceColumn('TIMENS', 'time'),
  userns: namespaceColumn('USERNS', 'user'),
  utsns: namespaceColumn('UTSNS', 'uts'),
};

/** Other names of the same column, with another heading in a few cases. */
export const PS_ALIASES: Readonly<Record<string, string>> = {
  '%cpu': 'pcpu',
  '%mem': 'pmem',
  command: 'args',
  ucomm: 'comm',
  cputime: 'time',
  cputimes: 'times',
  class: 'cls',
  flag: 'f',
  flags: 'f',
  nice: 'ni',
  uname: 'user',
  rssize: 'rss',
  rsz: 'rss',
  vsize: 'vsz',
  session: 'sess',
  sig: 'pending',
  sigmask: 'blocked',
  sigignore: 'ignored',
  sigcatch: 'caught',
  svuid: 'suid',
  svgid: 'sgid',
  svuser: 'suser',
  svgroup: 'sgroup',
  fsuid: 'fuid',
  fsgid: 'fgid',
  context: 'label',
  pri_api: 'pri',
};

/** The column of a specifier. */
export function psColumn(name: string): PsColumn | undefined {
  const key = Object.hasOwn(PS_ALIASES, name) ? (PS_ALIASES[name] ?? name) : name;
  return Object.hasOwn(PS_COLUMNS, key) ? PS_COLUMNS[key] : undefined;
}
