// What /proc says of processes, read as libproc2 does: numbers from stat and status, words from cmdline.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { readFile } from '../../libc/whole-file.ts';

/** One process (or thread) as it was when it was read. */
export interface ProcessRow {
  readonly pid: number;
  /** The process that a thread belongs to; the same number for a process. */
  readonly tgid: number;
  readonly name: string;
  readonly state: string;
  readonly ppid: number;
  readonly group: number;
  readonly session: number;
  /** Device number of the terminal; 0: none. */
  readonly terminal: number;
  readonly foreground: number;
  readonly flags: number;
  /** Hundredths of a second. */
  readonly userTime: number;
  readonly systemTime: number;
  readonly priority: number;
  readonly nice: number;
  readonly threads: number;
  /** Hundredths of a second after boot. */
  readonly started: number;
  readonly virtualBytes: number;
  readonly residentKilobytes: number;
  readonly processor: number;
  readonly realTimePriority: number;
  readonly policy: number;
  /** real, effective, saved, file system. */
  readonly uids: readonly number[];
  readonly gids: readonly number[];
  readonly groups: readonly number[];
  /** Lines of status by name. */
  readonly status: ReadonlyMap<string, string>;
  readonly words: readonly string[];
}

/** A file of /proc as text; undefined where it cannot be read. */
export function* readText(process: Process, path: string): Routine<string | undefined> {
  const bytes = yield* readFile(process, path);
  return isErrno(bytes) ? undefined : decode(bytes);
}

/** Every process, in order of number. */
export function* readProcesses(process: Process, threads = false): Routine<ProcessRow[]> {
  const names = process.readdir('/proc');
  if (isErrno(names)) return [];
  const rows: ProcessRow[] = [];
  for (const { name } of names) {
    if (!/^\d+$/.test(name)) continue;
    const row = yield* readProcess(process, `/proc/${name}`);
    if (!row) continue;
    if (!threads) {
      rows.push(row);
      continue;
    }
    const tasks = process.readdir(`/proc/${name}/task`);
    for (const task of isErrno(tasks) ? [] : tasks) {
      const thread = yield* readProcess(process, `/proc/${name}/task/${task.name}`);
      if (thread) rows.push(thread);
    }
  }
  return rows;
}

/** The process in a directory of /proc; undefined where it has gone. */
export function* readProcess(process: Process, directory: string): Routine<ProcessRow | undefined> {
  const stat = yield* readText(process, `${directory}/stat`);
  const statusText = yield* readText(process, `${directory}/status`);
  if (!stat || !statusText) return undefined;
  const command = (yield* readText(process, `${directory}/cmdline`)) ?? '';
  const open = stat.indexOf('(');
  const close = stat.lastIndexOf(')');
  const columns = stat
    .slice(close + 2)
    .trim()
    .split(' ');
  const number = (index: number): number => Number(columns[index] ?? 0);
  const status = new Map<string, string>();
  for (const line of statusText.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) status.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const numbers = (name: string): number[] =>
    (status.get(name) ?? '')
      .split(/\s+/)
      .filter((word) => word !== '')
      .map(Number);
  return {
    pid: Number(stat.slice(0, open)),
    tgid: Number(status.get('Tgid') ?? 0),
    name: stat.slice(open + 1, close),
    state: columns[0] ?? '?',
    ppid: number(1),
    group: number(2),
    session: number(3),
    terminal: number(4),
    foreground: number(5),
    flags: number(6),
    userTime: number(11),
    systemTime: number(12),
    priority: number(15),
    nice: number(16),
    threads: number(17),
    started: number(19),
    virtualBytes: number(20),
    residentKilobytes: number(21) * 4,
    processor: number(36),
    realTimePriority: number(37),
    policy: number(38),
    uids: numbers('Uid'),
    gids: numbers('Gid'),
    groups: numbers('Groups'),
    status,
    words: command === '' ? [] : command.replace(/\0$/, '').split('\0'),
  };
}

/** The command line with spaces; `[name]` where there is none, and what says that it is a zombie. */
export function commandLine(row: ProcessRow): string {
  if (row.state === 'Z') return `[${row.name}] <defunct>`;
  return row.words.length > 0 ? row.words.join(' ').replace(/[\n\t]/g, ' ') : `[${row.name}]`;
}

/** `pts/0`, `tty1`, `?`: a terminal by its device number. */
export function terminalName(device: number): string {
  const major = device >> 8;
  if (major === 136) return `pts/${device & 255}`;
  if (major === 4) return `tty${device & 255}`;
  return device === 0 ? '?' : 'console';
}

/** Seconds since boot, by /proc/uptime. */
export function* readUptime(process: Process): Routine<number> {
  return Number.parseFloat((yield* readText(process, '/proc/uptime')) ?? '0');
}

/** Seconds since 1970 at which the machine was booted. */
export function* readBootTime(process: Process): Routine<number> {
  const text = (yield* readText(process, '/proc/stat')) ?? '';
  return Number(/^btime (\d+)/m.exec(text)?.[1] ?? 0);
}

/** Lines of /proc/meminfo in kilobytes, by name. */
export function* readMemory(process: Process): Routine<ReadonlyMap<string, number>> {
  const text = (yield* readText(process, '/proc/meminfo')) ?? '';
  return new Map(
    Array.from(
      text.matchAll(/^([^:]+):\s+(\d+)/gm),
      (match) => [match[1] ?? '', Number(match[2])] as const,
    ),
  );
}
