// top of procps 4.0.2: batch mode (-b), and on a terminal a screen that is drawn anew until q is pressed. Of its
// commands only q is there; sorting is by -o or by %CPU.

import { epochMilliseconds, SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { readAccounts } from '../../libc/accounts.ts';
import { momentOf, strftime } from '../../libc/strftime.ts';
import { tool, type Tool } from '../util-linux/tool.ts';
import {
  commandLine,
  type ProcessRow,
  readMemory,
  readProcesses,
  readText,
  readUptime,
} from './processes.ts';
import { VERSION } from './version.ts';

const mebibytes = (kilobytes: number): string => (kilobytes / 1024).toFixed(1).padStart(8);

/** Hundredths of a second that a process has used, by number: what the next frame is compared with. */
type Before = ReadonlyMap<number, number>;

function timeText(row: ProcessRow): string {
  const hundredths = row.userTime + row.systemTime;
  const seconds = Math.floor(hundredths / 100);
  const rest = `${String(seconds % 60).padStart(2, '0')}.${String(hundredths % 100).padStart(2, '0')}`;
  return `${Math.floor(seconds / 60)}:${rest}`;
}

function* summary(main: Tool, rows: readonly ProcessRow[]): Routine<string> {
  const memory = yield* readMemory(main.process);
  const of = (name: string): number => memory.get(name) ?? 0;
  const up = Math.floor(yield* readUptime(main.process));
  const clock = strftime('%H:%M:%S', momentOf(epochMilliseconds(main.process.now)));
  const load = ((yield* readText(main.process, '/proc/loadavg')) ?? '')
    .split(' ')
    .slice(0, 3)
    .join(', ');
  const stat = (yield* readText(main.process, '/proc/stat')) ?? '';
  const times = (/^cpu +(.*)$/m.exec(stat)?.[1] ?? '').split(' ').map(Number);
  const all = Math.max(
    1,
    times.reduce((sum, value) => sum + value, 0),
  );
  const share = (index: number): string =>
    (((times[index] ?? 0) * 100) / all).toFixed(1).padStart(4);
  const count = (states: string): string =>
    String(rows.filter((row) => states.includes(row.state)).length).padStart(3);
  const hours = Math.floor(up / 3600);
  const since =
    hours > 0
      ? `${String(hours).padStart(2)}:${String(Math.floor(up / 60) % 60).padStart(2, '0')}`
      : `${Math.floor(up / 60)} min`;
  const cache = of('Buffers') + of('Cached') + of('SReclaimable');
  return (
    `top - ${clock} up ${since},  0 users,  load average: ${load}\n` +
    `Tasks: ${String(rows.length).padStart(3)} total, ${count('R')} running, ${count('SDI')} sleeping, ${count('T')} stopped, ${count('Z')} zombie\n` +
    `%Cpu(s): ${share(0)} us, ${share(2)} sy,  0.0 ni, ${share(3)} id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st \n` +
    `MiB Mem : ${mebibytes(of('MemTotal'))} total, ${mebibytes(of('MemFree'))} free, ${mebibytes(of('MemTotal') - of('MemAvailable'))} used, ${mebibytes(cache)} buff/cache     \n` +
    `MiB Swap: ${mebibytes(of('SwapTotal'))} total, ${mebibytes(of('SwapFree'))} free, ${mebibytes(0)} used. ${mebibytes(of('MemAvailable'))} avail Mem \n\n`
  );
}

function* frame(
  main: Tool,
  before: Before,
  seconds: number,
): Routine<{ text: string; used: Before }> {
  const { options, process } = main;
  const accounts = yield* readAccounts(process);
  const pids = options.value('pid')?.split(',').map(Number);
  const total = (yield* readMemory(process)).get('MemTotal') ?? 1;
  const all = yield* readProcesses(process);
  const chosen = pids ? all.filter((row) => pids.includes(row.pid)) : all;
  const used = new Map(all.map((row) => [row.pid, row.userTime + row.systemTime]));
  const busy = (row: ProcessRow): number => {
    const spent = (used.get(row.pid) ?? 0) - (before.get(row.pid) ?? 0);
    return seconds > 0 ? spent / seconds : 0;
  };
  const byMemory = /mem|rss/i.test(options.value('sort') ?? '');
  const rows = [...chosen].sort(
    (a, b) =>
      (byMemory ? b.residentKilobytes - a.residentKilobytes : busy(b) - busy(a)) || a.pid - b.pid,
  );
  const lines = rows.map((row) => {
    const user = (accounts.userById(row.uids[1] ?? 0)?.name ?? String(row.uids[1])).slice(0, 8);
    const priority = row.priority < 0 ? 'rt' : String(row.priority);
    const name = options.has('command') ? commandLine(row) : row.name;
    return [
      String(row.pid).padStart(7),
      user.padEnd(8),
      priority.padStart(3),
      String(row.nice).padStart(3),
      String(Math.floor(row.virtualBytes / 1024)).padStart(7),
      String(row.residentKilobytes).padStart(6),
      String(Math.min(row.residentKilobytes, 1536)).padStart(6),
      row.state,
      busy(row).toFixed(1).padStart(5),
      ((row.residentKilobytes * 100) / total).toFixed(1).padStart(5),
      timeText(row).padStart(9),
      name,
    ].join(' ');
  });
  const head = '    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND';
  return { text: `${yield* summary(main, all)}${head}\n${lines.join('\n')}\n`, used };
}

export const top = tool(
  {
    name: 'top',
    usage: ['[options]'],
    version: VERSION,
    usageOnError: true,
    options: [
      { key: 'batch', short: 'b', long: 'batch' },
      { key: 'command', short: 'c', long: 'cmdline-toggle' },
      { key: 'delay', short: 'd', long: 'delay', argument: 'required' },
      { key: 'iterations', short: 'n', long: 'iterations', argument: 'required' },
      { key: 'sort', short: 'o', long: 'sort-override', argument: 'required' },
      { key: 'pid', short: 'p', long: 'pid', argument: 'required' },
      { key: 'wide', short: 'w', long: 'width', argument: 'optional' },
      { key: 'secure', short: 's', long: 'secure-mode' },
    ],
    missing: [
      { key: 'threads-show', short: 'H', long: 'threads-show' },
      { key: 'user', short: 'u', long: 'filter-only-euser', argument: 'required' },
    ],
  },
  function* (main) {
    const { options, process } = main;
    const batch = options.has('batch');
    if (!batch && !process.isTerminal(1)) return yield* main.stop('failed tty get');
    const seconds = Number(options.value('delay') ?? 3);
    const count = Number(options.value('iterations') ?? Number.POSITIVE_INFINITY);
    let before: Before = new Map();
    let since = yield* readUptime(process);
    for (let i = 0; i < count; i++) {
      const { text, used } = yield* frame(main, before, since);
      before = used;
      since = seconds;
      const body = batch
        ? `${i > 0 ? '\n' : ''}${text}`
        : `\x1b[H\x1b[2J${text.split('\n').slice(0, 23).join('\r\n')}`;
      yield* main.out.print(body);
      yield* main.out.flush();
      if (i + 1 >= count) break;
      if (batch) {
        if (yield* process.sleep(seconds * SECOND)) return 130;
        continue;
      }
      const list = [{ fd: 0, events: 'in' as const }];
      const ready = yield* process.poll(list, process.now + seconds * SECOND);
      if (typeof ready !== 'number') return 130;
      const key = ready > 0 ? yield* process.read(0, 1) : undefined;
      if (key instanceof Uint8Array && key[0] === 113) return 0;
    }
    return 0;
  },
);
