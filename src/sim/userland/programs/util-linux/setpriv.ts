// setpriv(1): runs a program with other ids, groups, capabilities or no_new_privs. prlimit(1): resource limits.

import type { Routine } from '../../../core/wait.ts';
import { type Errno, isErrno } from '../../../kernel/errno.ts';
import { RESOURCE_LIMITS } from '../../../kernel/proc/process-text.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { signalNumber } from '../../../kernel/signals.ts';
import { type Accounts, readAccounts } from '../../libc/accounts.ts';
import { capabilityByName, nameList } from './capability-text.ts';
import { formatTable, type TableColumn } from './table.ts';
import { runCommand, tool, type Tool } from './tool.ts';

const ALL = (1n << 41n) - 1n;

/** `+chown,-kill`, `-all`: a set changed. */
function changedSet(text: string, set: bigint): bigint | undefined {
  let out = set;
  for (const word of text.split(',')) {
    const name = word.slice(1);
    const bits = name === 'all' ? ALL : capabilityByName(name);
    if (bits === undefined || !/^[+-]/.test(word)) return undefined;
    out = word.startsWith('+') ? out | bits : out & ~bits;
  }
  return out;
}

function names(set: bigint): string {
  return set === 0n ? '[none]' : nameList(set).replaceAll('cap_', '');
}

function* dump(main: Tool): ProgramRun {
  const { process } = main;
  const { inheritable, ambient, bounding } = process.capabilities;
  yield* main.out.print(
    `uid: ${process.uid}\neuid: ${process.euid}\ngid: ${process.gid}\negid: ${process.egid}\n` +
      `Supplementary groups: ${process.groups.join(',') || '[none]'}\n` +
      `no_new_privs: ${process.task.credentials.noNewPrivileges ? 1 : 0}\nInheritable capabilities: ${names(inheritable)}\n` +
      `Ambient capabilities: ${names(ambient)}\nCapability bounding set: ${names(bounding)}\nSecurebits: [none]\n` +
      'Parent death signal: [none]\n',
  );
  return 0;
}

function userId(accounts: Accounts, text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : accounts.userByName(text)?.uid;
}
function groupId(accounts: Accounts, text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : accounts.groupByName(text)?.gid;
}

/** Ids and groups, in the order in which they can still be changed. */
function* changeIds(main: Tool): Routine<string | undefined> {
  const { options, process } = main;
  const accounts = yield* readAccounts(process);
  const user = (key: string): number | undefined => {
    const text = options.value(key);
    return text === undefined ? undefined : (userId(accounts, text) ?? Number.NaN);
  };
  const group = (key: string): number | undefined => {
    const text = options.value(key);
    return text === undefined ? undefined : (groupId(accounts, text) ?? Number.NaN);
  };
  const ruid = user('reuid') ?? user('ruid');
  const euid = user('reuid') ?? user('euid');
  const rgid = group('regid') ?? group('rgid');
  const egid = group('regid') ?? group('egid');
  if ([ruid, euid].some((id) => Number.isNaN(id))) return 'failed to parse reuid';
  if ([rgid, egid].some((id) => Number.isNaN(id))) return 'failed to parse regid';
  const grouped = ['clear', 'keep', 'init', 'groups'].some((key) => options.has(key));
  if ((rgid !== undefined || egid !== undefined) && !grouped) {
    return '--[re]gid requires --keep-groups, --clear-groups, --init-groups, or --groups';
  }
  let failure: Errno | undefined;
  if (rgid !== undefined || egid !== undefined) {
    failure = process.setresgid({
      ...(rgid === undefined ? {} : { real: rgid }),
      ...(egid === undefined ? {} : { effective: egid, saved: egid }),
    });
    if (failure) return `setresgid failed: ${failure.message}`;
  }
  const list = options.value('groups');
  const name = accounts.users.find((each) => each.uid === ruid)?.name ?? '';
  if (options.has('clear')) failure = process.setgroups([]);
  else if (options.has('init'))
    failure = process.setgroups(accounts.groupsOf(name, rgid ?? process.gid));
  else if (list !== undefined)
    failure = process.setgroups(list.split(',').map((word) => groupId(accounts, word) ?? 0));
  if (failure) return `setgroups failed: ${failure.message}`;
  if (ruid === undefined && euid === undefined) return undefined;
  failure = process.setresuid({
    ...(ruid === undefined ? {} : { real: ruid }),
    ...(euid === undefined ? {} : { effective: euid, saved: euid }),
  });
  return failure && `setresuid failed: ${failure.message}`;
}

function changeCapabilities({ options, process }: Tool): string | undefined {
  const sets = [
    ['bounding', 'bounding'],
    ['inh', 'inheritable'],
    ['ambient', 'ambient'],
  ] as const;
  for (const [key, field] of sets) {
    const text = options.value(key);
    if (text === undefined) continue;
    const wanted = changedSet(text, process.capabilities[field]);
    if (wanted === undefined)
      return `unknown capability "${text.split(',')[0]?.replace(/^[+-]/, '') ?? ''}"`;
    const failure = process.setCapabilities({ [field]: wanted });
    if (failure)
      return `${field === 'bounding' ? 'apply bounding set' : 'apply capabilities'}: ${failure.message}`;
  }
  return undefined;
}

export const setpriv = tool(
  {
    name: 'setpriv',
    usage: ['[options] <program> [<argument>...]'],
    posixly: true,
    usageStatus: 127,
    about: 'Run a program with different privilege settings.',
    options: [
      { key: 'dump', short: 'd', long: 'dump' },
      { key: 'nnp', long: 'nnp no-new-privs' },
      { key: 'ambient', long: 'ambient-caps', argument: 'required' },
      { key: 'inh', long: 'inh-caps', argument: 'required' },
      { key: 'bounding', long: 'bounding-set', argument: 'required' },
      { key: 'ruid', long: 'ruid', argument: 'required' },
      { key: 'euid', long: 'euid', argument: 'required' },
      { key: 'rgid', long: 'rgid', argument: 'required' },
      { key: 'egid', long: 'egid', argument: 'required' },
      { key: 'reuid', long: 'reuid', argument: 'required' },
      { key: 'regid', long: 'regid', argument: 'required' },
      { key: 'clear', long: 'clear-groups' },
      { key: 'keep', long: 'keep-groups' },
      { key: 'init', long: 'init-groups' },
      { key: 'groups', long: 'groups', argument: 'required' },
      { key: 'death', long: 'pdeathsig', argument: 'required' },
      { key: 'reset', long: 'reset-env' },
    ],
    missing: [
      { key: 'securebits', long: 'securebits', argument: 'required' },
      { key: 'selinux-label', long: 'selinux-label', argument: 'required' },
      { key: 'apparmor-profile', long: 'apparmor-profile', argument: 'required' },
    ],
  },
  function* (main) {
    const { options, operands, process } = main;
    if (options.has('dump')) return yield* dump(main);
    if (operands.length === 0) return yield* main.badUsage('No program specified');
    if (options.has('nnp')) process.setNoNewPrivileges();
    const death = options.value('death');
    if (death !== undefined) process.setParentDeathSignal(signalNumber(death) ?? 0);
    const failure = changeCapabilities(main) ?? (yield* changeIds(main));
    if (failure !== undefined) return yield* main.stop(failure, 127);
    return yield* runCommand(main, operands);
  },
);

/** prlimit's words for each resource, in its order. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  as: 'address space limit',
  core: 'max core file size',
  cpu: 'CPU time',
  data: 'max data size',
  fsize: 'max file size',
  locks: 'max number of file locks held',
  memlock: 'max locked-in-memory address space',
  msgqueue: 'max bytes in POSIX mqueues',
  nice: 'max nice prio allowed to raise',
  nofile: 'max number of open files',
  nproc: 'max number of processes',
  rss: 'max resident set size',
  rtprio: 'max real-time priority',
  rttime: 'timeout for real-time tasks',
  sigpending: 'max number of pending signals',
  stack: 'max stack size',
};
const LETTERS: Readonly<Record<string, string>> = {
  as: 'v',
  core: 'c',
  cpu: 't',
  data: 'd',
  fsize: 'f',
  locks: 'x',
  memlock: 'l',
  msgqueue: 'q',
  nice: 'e',
  nofile: 'n',
  nproc: 'u',
  rss: 'm',
  rtprio: 'r',
  rttime: 'y',
  sigpending: 'i',
  stack: 's',
};

function unitOf(name: string): string {
  const unit = RESOURCE_LIMITS.find(([short]) => short === name)?.[2] ?? '';
  return unit === 'us' ? 'microsecs' : unit === 'processes' ? 'processes' : unit;
}

function parseBound(text: string, old: number): number {
  if (text === '') return old;
  return text === 'unlimited' || text === '-1' ? Number.POSITIVE_INFINITY : Number(text);
}

export const prlimit = tool(
  {
    name: 'prlimit',
    usage: [
      '[options] [--<resource>=<limit>] [-p PID]',
      '[options] [--<resource>=<limit>] COMMAND',
    ],
    about: 'Show or change the resource limits of a process.',
    posixly: true,
    options: [
      { key: 'pid', short: 'p', long: 'pid', argument: 'required' },
      { key: 'output', short: 'o', long: 'output', argument: 'required' },
      { key: 'noheadings', long: 'noheadings' },
      { key: 'raw', long: 'raw' },
      { key: 'verbose', long: 'verbose' },
      ...Object.keys(DESCRIPTIONS).map((name) => ({
        key: name,
        short: LETTERS[name] ?? '',
        long: name,
        argument: 'optional' as const,
      })),
    ],
  },
  function* (main) {
    const { options, operands, process } = main;
    const pid = Number(options.value('pid') ?? 0);
    const chosen = options.list.filter(([key]) => key in DESCRIPTIONS);
    const shown: string[] = [];
    for (const [name, value] of chosen) {
      if (value === '') {
        shown.push(name);
        continue;
      }
      const old = process.getLimitOf(pid, name);
      if (isErrno(old))
        return yield* main.stop(
          `failed to get the ${name.toUpperCase()} resource limit: ${old.message}`,
        );
      const [soft = '', hard] = value.replace(/^=/, '').split(':');
      const failure = process.setLimitOf(
        pid,
        name,
        parseBound(soft, old.soft),
        parseBound(hard ?? soft, old.hard),
      );
      if (failure)
        return yield* main.stop(
          `failed to set the ${name.toUpperCase()} resource limit: ${failure.message}`,
        );
    }
    if (operands.length > 0) return yield* runCommand(main, operands);
    if (chosen.length > 0 && shown.length === 0) return 0;
    const columns: TableColumn[] = [
      { name: 'RESOURCE' },
      { name: 'DESCRIPTION' },
      { name: 'SOFT', align: 'right' },
      { name: 'HARD', align: 'right' },
      { name: 'UNITS' },
    ];
    const text = (limit: number): string => (Number.isFinite(limit) ? String(limit) : 'unlimited');
    const rows: { cells: string[] }[] = [];
    for (const name of shown.length > 0 ? shown : Object.keys(DESCRIPTIONS)) {
      const limit = process.getLimitOf(pid, name);
      if (isErrno(limit))
        return yield* main.stop(
          `failed to get the ${name.toUpperCase()} resource limit: ${limit.message}`,
        );
      rows.push({
        cells: [
          name.toUpperCase(),
          DESCRIPTIONS[name] ?? '',
          text(limit.soft),
          text(limit.hard),
          unitOf(name),
        ],
      });
    }
    const style = {
      headings: !options.has('noheadings'),
      form: options.has('raw') ? 'raw' : 'table',
      name: 'limits',
    } as const;
    yield* main.out.print(formatTable(columns, rows, style));
    return 0;
  },
);
