// /proc/PID/stat, statm and status: what ps and top read.

import { formatList } from '../cgroup/cpuset.ts';
import type { Task, TaskState } from '../task/task.ts';
import { limitOf } from './process-text.ts';
import type { ProcFileSystem } from './proc.ts';

/** Processor time in stat counts these per second. */
const TICKS_PER_SECOND = 100;

const STATE_WORDS: Readonly<Record<TaskState, string>> = {
  R: 'R (running)',
  S: 'S (sleeping)',
  D: 'D (disk sleep)',
  T: 'T (stopped)',
  I: 'I (idle)',
  Z: 'Z (zombie)',
  X: 'X (dead)',
};

const POLICY_NUMBERS = { other: 0, fifo: 1, rr: 2, batch: 3, idle: 5, deadline: 6 } as const;

function ticks(nanoseconds: number): number {
  return Math.floor((nanoseconds * TICKS_PER_SECOND) / 1e9);
}

/** Priority as the kernel shows it: 20 + nice, or -1 - priority for real-time tasks. */
function priorityOf(subject: Task): number {
  const realTime = subject.policy === 'fifo' || subject.policy === 'rr';
  return realTime ? -1 - subject.realTimePriority : 20 + subject.nice;
}

/** The state as a reader sees it: the one who reads is running. */
function stateOf(subject: Task, reader: Task): TaskState {
  return subject === reader ? 'R' : subject.state;
}

/** proc(5), /proc/PID/stat: 52 columns. */
export function statText(subject: Task, reader: Task, proc: ProcFileSystem): string {
  const { namespace, kernel } = proc;
  const { leader } = subject;
  const { process } = leader;
  const number = (global: number): number => kernel.tasks.get(global)?.pidIn(namespace) ?? 0;
  const terminal = process.terminal;
  const dead = subject.ended;
  const columns: (number | string)[] = [
    subject.pidIn(namespace),
    `(${subject.name})`,
    stateOf(subject, reader),
    leader.parent?.pidIn(namespace) ?? 0,
    number(process.group),
    number(process.session),
    terminal?.device ?? 0,
    terminal ? number(terminal.foreground) : -1,
    process.kernelThread ? 2_129_984 : 4_194_304,
    Math.floor(process.resident / 20_000),
    0,
    0,
    0,
    ticks(subject.userTime),
    ticks(subject.systemTime),
    ticks(process.childrenUser),
    ticks(process.childrenSystem),
    priorityOf(subject),
    subject.nice,
    dead ? 1 : leader.threads.size + 1,
    0,
    ticks(subject.startedAt - kernel.bootedAt),
    dead ? 0 : process.virtual,
    dead ? 0 : Math.floor(process.resident / 4096),
    '18446744073709551615',
    ...(dead ? [0, 0, 0, 0, 0] : [93824992231424, 93824992280576, 140737488347136, 0, 0]),
    0,
    blockedMask(subject, 31),
    ignoredMask(subject, 31),
    caughtMask(subject, 31),
    0,
    0,
    0,
    17,
    kernel.processors.processorOf(subject),
    subject.realTimePriority,
    POLICY_NUMBERS[subject.policy],
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    dead ? (subject.status ?? 0) : 0,
  ];
  return `${columns.join(' ')}\n`;
}

/** statm: sizes in pages. */
export function memoryPages(subject: Task): string {
  const { process } = subject.leader;
  if (subject.ended || process.kernelThread) return '0 0 0 0 0 0 0\n';
  const pages = (bytes: number): number => Math.floor(bytes / 4096);
  const shared = Math.min(pages(process.resident), 380);
  return `${pages(process.virtual)} ${pages(process.resident)} ${shared} 5 0 ${pages(process.virtual / 8)} 0\n`;
}

function maskOf(signals: Iterable<number>, highest: number): string {
  let mask = 0n;
  for (const signal of signals) if (signal <= highest) mask |= 1n << BigInt(signal - 1);
  return highest > 31 ? mask.toString(16).padStart(16, '0') : mask.toString();
}

function blockedMask(subject: Task, highest: number): string {
  return maskOf(subject.signals.blocked, highest);
}

function handled(subject: Task, ignored: boolean): number[] {
  return [...subject.leader.signals.actions]
    .filter(([, { handler }]) => (ignored ? handler === 'ignore' : typeof handler === 'function'))
    .map(([signal]) => signal);
}

function ignoredMask(subject: Task, highest: number): string {
  return maskOf(handled(subject, true), highest);
}

function caughtMask(subject: Task, highest: number): string {
  return maskOf(handled(subject, false), highest);
}

function memoryRows(subject: Task): (readonly [string, string])[] {
  const { process } = subject.leader;
  if (subject.ended || process.kernelThread) return [];
  const kilobytes = (bytes: number): string => `${String(Math.floor(bytes / 1024)).padStart(8)} kB`;
  const file = Math.min(process.resident, 1_572_864);
  return [
    ['VmPeak', kilobytes(process.virtual)],
    ['VmSize', kilobytes(process.virtual)],
    ['VmLck', kilobytes(0)],
    ['VmPin', kilobytes(0)],
    ['VmHWM', kilobytes(Math.max(process.peak, process.resident))],
    ['VmRSS', kilobytes(process.resident)],
    ['RssAnon', kilobytes(process.resident - file)],
    ['RssFile', kilobytes(file)],
    ['RssShmem', kilobytes(0)],
    ['VmData', kilobytes(process.resident - file + 229_376)],
    ['VmStk', kilobytes(135_168)],
    ['VmExe', kilobytes(20_480)],
    ['VmLib', kilobytes(1_564_672)],
    ['VmPTE', kilobytes(45_056)],
    ['VmSwap', kilobytes(0)],
    ['HugetlbPages', kilobytes(0)],
    ['CoreDumping', '0'],
    ['THP_enabled', '1'],
  ];
}

/** Processors as the mask of Cpus_allowed. */
function processorMask(numbers: readonly number[]): string {
  let mask = 0n;
  for (const cpu of numbers) mask |= 1n << BigInt(cpu);
  return mask.toString(16);
}

/** Processors that a task may use: its affinity within its group's cpuset. */
export function allowedProcessors(subject: Task): readonly number[] {
  const { count } = subject.kernel.processors;
  const group =
    subject.cgroup.cpuset?.effectiveCpus(count) ?? Array.from({ length: count }, (_, i) => i);
  const wanted = subject.affinity?.filter((cpu) => group.includes(cpu));
  return wanted && wanted.length > 0 ? wanted : group;
}

/** proc(5), /proc/PID/status. */
export function statusText(subject: Task, reader: Task, proc: ProcFileSystem): string {
  const { namespace, kernel } = proc;
  const { leader } = subject;
  const who = subject.credentials;
  const { user } = reader.credentials;
  // A group or session led from outside has the number 0 inside.
  const inner = subject.pids.slice(namespace.level);
  const levels = (of: Task | undefined): string =>
    inner.map((_, i) => of?.pids[namespace.level + i] ?? 0).join('\t');
  const uids = [who.uid, who.euid, who.suid, who.fsuid]
    .map((id) => user.uidFromKernel(id))
    .join('\t');
  const gids = [who.gid, who.egid, who.sgid, who.fsgid]
    .map((id) => user.gidFromKernel(id))
    .join('\t');
  const groups = who.groups.map((gid) => `${user.gidFromKernel(gid)} `).join('');
  const capabilities = (set: bigint): string =>
    (set & 0x1ffffffffffn).toString(16).padStart(16, '0');
  const cpus = allowedProcessors(subject);
  const pending = limitOf(subject, 'sigpending').soft;
  const rows: (readonly [string, string])[] = [
    ['Name', subject.name],
    ...(subject.ended
      ? []
      : [['Umask', `0${subject.fs.umask.toString(8).padStart(3, '0')}`] as const]),
    ['State', STATE_WORDS[stateOf(subject, reader)]],
    ['Tgid', String(leader.pidIn(namespace))],
    ['Ngid', '0'],
    ['Pid', String(subject.pidIn(namespace))],
    ['PPid', String(leader.parent?.pidIn(namespace) ?? 0)],
    ['TracerPid', '0'],
    ['Uid', uids],
    ['Gid', gids],
    ['FDSize', '256'],
    ['Groups', groups || ' '],
    ['NStgid', levels(leader)],
    ['NSpid', levels(subject)],
    ['NSpgid', levels(kernel.tasks.get(leader.process.group))],
    ['NSsid', levels(kernel.tasks.get(leader.process.session))],
    ...memoryRows(subject),
    ['Threads', String(subject.ended ? 1 : leader.threads.size + 1)],
    ['SigQ', `${leader.signals.shared.length}/${Number.isFinite(pending) ? pending : 15_512}`],
    ['SigPnd', maskOf(subject.signals.pending, 64)],
    ['ShdPnd', maskOf(leader.signals.shared, 64)],
    ['SigBlk', blockedMask(subject, 64)],
    ['SigIgn', ignoredMask(subject, 64)],
    ['SigCgt', caughtMask(subject, 64)],
    ['CapInh', capabilities(who.inheritable)],
    ['CapPrm', capabilities(who.permitted)],
    ['CapEff', capabilities(who.effective)],
    ['CapBnd', capabilities(who.bounding)],
    ['CapAmb', capabilities(who.ambient)],
    ['NoNewPrivs', who.noNewPrivileges ? '1' : '0'],
    ['Seccomp', String(who.seccomp)],
    ['Seccomp_filters', who.seccomp === 2 ? '1' : '0'],
    ['Speculation_Store_Bypass', 'thread vulnerable'],
    ['SpeculationIndirectBranch', 'conditional enabled'],
    ['Cpus_allowed', processorMask(cpus)],
    ['Cpus_allowed_list', formatList(cpus)],
    ['Mems_allowed', '00000000,00000001'],
    ['Mems_allowed_list', '0'],
    ['voluntary_ctxt_switches', String(subject.voluntarySwitches)],
    ['nonvoluntary_ctxt_switches', String(subject.forcedSwitches)],
  ];
  return rows.map(([name, value]) => `${name}:\t${value}\n`).join('');
}
