// The text files of /proc/PID, one table: what each shows, what writing it does, and who may.

import { encode } from '../../core/text.ts';
import { EACCES, EINVAL, EPERM, type Errno } from '../errno.ts';
import { formatIdMap, writeIdMap, writeSetgroups } from '../namespaces/id-maps.ts';
import { CAP_SYS_PTRACE, CAP_SYS_RESOURCE, capable, capableIn } from '../task/credentials.ts';
import type { Task } from '../task/task.ts';
import { badness } from '../cgroup/oom.ts';
import type { ProcFileSystem } from './proc.ts';
import { cgroupPath, limitsText, mapsText, schedText } from './process-text.ts';
import { mountInfo, mountsTable, mountStatistics } from './mounts.ts';
import { statText, statusText, memoryPages } from './status.ts';

/** One file of a process's directory. */
export interface ProcessFile {
  readonly mode: number;
  /** Only for those who may look into the process (ptrace access); EACCES otherwise. */
  readonly inspects?: boolean;
  /** Asked when it is opened for writing. */
  readonly writable?: (subject: Task, writer: Task) => Errno | undefined;
  readonly read?: (
    subject: Task,
    reader: Task,
    proc: ProcFileSystem,
  ) => string | Uint8Array | Errno;
  readonly write?: (subject: Task, text: string, writer: Task, offset: number) => Errno | undefined;
}

/** Where in the kernel a task sleeps: a timer alone, or waiting for something to happen. */
function waitChannel(subject: Task): string {
  if (subject.state !== 'S') return '0';
  return subject.block?.on.length === 0 ? 'hrtimer_nanosleep' : 'do_wait';
}

function commandLine(subject: Task): string {
  const { process } = subject.leader;
  if (subject.ended || process.argv.length === 0 || process.kernelThread) return '';
  return `${process.argv.join('\0')}\0`;
}

function environment(subject: Task): string {
  if (subject.ended) return '';
  return Array.from(
    subject.leader.process.environment,
    ([name, value]) => `${name}=${value}\0`,
  ).join('');
}

function idMap(which: 'uid' | 'gid'): ProcessFile {
  return {
    mode: 0o644,
    read: (subject, reader) =>
      formatIdMap(subject.credentials.user, which, reader.credentials.user),
    write: (subject, text, writer, offset) =>
      offset > 0 ? EINVAL : writeIdMap(writer, subject.credentials.user, which, text),
  };
}

function setOomAdjust(subject: Task, text: string, writer: Task): Errno | undefined {
  const word = text.trim();
  if (!/^-?\d+$/.test(word)) return EINVAL;
  const value = Number(word);
  if (value < -1000 || value > 1000) return EINVAL;
  const { process } = subject.leader;
  if (value < process.oomScoreAdjust && !capable(writer, CAP_SYS_RESOURCE)) return EACCES;
  process.oomScoreAdjust = value;
  return undefined;
}

function oomScore(subject: Task): string {
  const { memory } = subject.kernel;
  const points = badness(subject.leader, memory.total) ?? 0;
  return `${Math.max(0, Math.floor((1000 + (points * 1000) / (memory.total / 4096)) * (2 / 3)))}\n`;
}

function setName(subject: Task, text: string, writer: Task): Errno | undefined {
  if (writer.leader !== subject.leader) return EINVAL;
  subject.name = text.replace(/\n$/, '').slice(0, 15);
  return undefined;
}

function ownerOrPrivileged(subject: Task, writer: Task): Errno | undefined {
  const same = writer.credentials.fsuid === subject.credentials.uid;
  return same || capableIn(writer, subject.credentials.user, CAP_SYS_PTRACE) ? undefined : EPERM;
}

function ioText(subject: Task): string {
  const { io } = subject.leader.process;
  const rows = [
    ['rchar', io.read],
    ['wchar', io.written],
    ['syscr', io.reads],
    ['syscw', io.writes],
    ['read_bytes', 0],
    ['write_bytes', 0],
    ['cancelled_write_bytes', 0],
  ] as const;
  return rows.map(([name, value]) => `${name}: ${value}\n`).join('');
}

const table: Readonly<Record<string, ProcessFile>> = {
  autogroup: { mode: 0o644, read: () => '/autogroup-1 nice 0\n' },
  auxv: { mode: 0o400, inspects: true, read: () => new Uint8Array(320) },
  cgroup: { mode: 0o444, read: (subject, reader) => `0::${cgroupPath(subject.cgroup, reader)}\n` },
  cmdline: { mode: 0o444, read: (subject) => encode(commandLine(subject)) },
  comm: { mode: 0o644, read: (subject) => `${subject.name}\n`, write: setName },
  coredump_filter: { mode: 0o644, inspects: true, read: () => '00000033\n' },
  cpuset: { mode: 0o444, read: (subject) => `${subject.cgroup.cpuset?.group.path ?? '/'}\n` },
  environ: { mode: 0o400, inspects: true, read: (subject) => encode(environment(subject)) },
  gid_map: idMap('gid'),
  io: { mode: 0o400, inspects: true, read: ioText },
  limits: { mode: 0o444, read: limitsText },
  loginuid: {
    mode: 0o644,
    read: (subject) => String(subject.leader.process.loginUid),
    write: (subject, text) => {
      if (!/^\d+$/.test(text.trim())) return EINVAL;
      subject.leader.process.loginUid = Number(text.trim());
      return undefined;
    },
  },
  maps: { mode: 0o444, inspects: true, read: mapsText },
  mem: { mode: 0o600, inspects: true },
  mountinfo: { mode: 0o444, read: mountInfo },
  mounts: { mode: 0o444, read: mountsTable },
  mountstats: { mode: 0o400, read: mountStatistics },
  oom_adj: {
    mode: 0o644,
    read: (subject) => `${Math.trunc((subject.leader.process.oomScoreAdjust * 17) / 1000)}\n`,
  },
  oom_score: { mode: 0o444, read: oomScore },
  oom_score_adj: {
    mode: 0o644,
    writable: ownerOrPrivileged,
    read: (subject) => `${subject.leader.process.oomScoreAdjust}\n`,
    write: setOomAdjust,
  },
  personality: { mode: 0o400, inspects: true, read: () => '00000000\n' },
  sched: { mode: 0o644, read: schedText },
  schedstat: {
    mode: 0o444,
    read: (subject) => `${subject.userTime + subject.systemTime} 0 ${subject.voluntarySwitches}\n`,
  },
  sessionid: { mode: 0o444, read: () => '4294967295' },
  setgroups: {
    mode: 0o644,
    read: (subject) => `${subject.credentials.user.setgroups}\n`,
    write: (subject, text, writer) => writeSetgroups(writer, subject.credentials.user, text),
  },
  smaps_rollup: {
    mode: 0o444,
    inspects: true,
    read: (subject) =>
      `Rss: ${String(Math.floor(subject.leader.process.resident / 1024)).padStart(19)} kB\n`,
  },
  stack: { mode: 0o400, inspects: true, read: () => '[<0>] do_syscall_64+0x5b/0xc0\n' },
  stat: { mode: 0o444, read: statText },
  statm: { mode: 0o444, read: memoryPages },
  status: { mode: 0o444, read: statusText },
  syscall: { mode: 0o400, inspects: true, read: () => 'running\n' },
  timens_offsets: {
    mode: 0o644,
    read: (subject) => {
      const { timeForChildren: time } = subject.namespaces;
      const line = (name: string, offset: number): string =>
        `${name.padEnd(10)} ${String(Math.floor(offset / 1e9)).padStart(10)} ${String(offset % 1e9).padStart(9)}\n`;
      return line('monotonic', time.monotonicOffset) + line('boottime', time.boottimeOffset);
    },
    write: (subject, text) => {
      const { timeForChildren: time } = subject.namespaces;
      if (time.entered || time === subject.kernel.first.time) return EACCES;
      for (const line of text.trim().split('\n')) {
        const match = /^(monotonic|boottime|1|7)\s+(-?\d+)\s+(\d+)$/.exec(line.trim());
        if (!match) return EINVAL;
        const offset = Number(match[2]) * 1e9 + Number(match[3]);
        if (match[1] === 'monotonic' || match[1] === '1') time.monotonicOffset = offset;
        else time.boottimeOffset = offset;
      }
      return undefined;
    },
  },
  uid_map: idMap('uid'),
  wchan: { mode: 0o444, read: waitChannel },
};

/** By name. */
export const processFiles: ReadonlyMap<string, ProcessFile> = new Map(Object.entries(table));

/** /proc/PID/attr: no security module writes labels here but AppArmor's default. */
export const attributeFiles: ReadonlyMap<string, ProcessFile> = new Map(
  ['current', 'exec', 'fscreate', 'keycreate', 'prev', 'sockcreate'].map((name) => [
    name,
    { mode: 0o666, read: (): string | Errno => (name === 'current' ? 'unconfined\n' : EINVAL) },
  ]),
);
