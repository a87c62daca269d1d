// uptime, w, vmstat, watch of procps 4.0.2.

import { epochMilliseconds, SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { spawn, waitFor } from '../../libc/spawn.ts';
import { momentOf, strftime } from '../../libc/strftime.ts';
import type { Main } from '../../libc/stdio.ts';
import { tool } from '../util-linux/tool.ts';
import { readMemory, readText, readUptime } from './processes.ts';
import { VERSION } from './version.ts';

/** ` 02:57:59 up  1:26,  0 user,  load average: …`. */
function* uptimeLine(main: Main): Routine<string> {
  const seconds = Math.floor(yield* readUptime(main.process));
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  const clock = strftime('%H:%M:%S', momentOf(epochMilliseconds(main.process.now)));
  const up =
    hours > 0
      ? `${String(hours).padStart(2)}:${String(minutes).padStart(2, '0')}`
      : `${minutes} min`;
  const load = ((yield* readText(main.process, '/proc/loadavg')) ?? '')
    .split(' ')
    .slice(0, 3)
    .join(', ');
  const day = days > 0 ? `${days} day${days === 1 ? '' : 's'}, ` : '';
  return ` ${clock} up ${day}${up},  0 users,  load average: ${load}`;
}

export const uptime = tool(
  {
    name: 'uptime',
    usage: ['[options]'],
    version: VERSION,
    usageOnError: true,
    options: [
      { key: 'pretty', short: 'p', long: 'pretty' },
      { key: 'since', short: 's', long: 'since' },
    ],
  },
  function* (main) {
    const seconds = Math.floor(yield* readUptime(main.process));
    if (main.options.has('since')) {
      const booted = epochMilliseconds(main.process.now) - seconds * 1000;
      yield* main.out.print(`${strftime('%Y-%m-%d %H:%M:%S', momentOf(booted))}\n`);
    } else if (main.options.has('pretty')) {
      const parts = [
        ['day', Math.floor(seconds / 86_400)],
        ['hour', Math.floor(seconds / 3600) % 24],
        ['minute', Math.floor(seconds / 60) % 60],
      ] as const;
      const words = parts
        .filter(([, n]) => n > 0)
        .map(([name, n]) => `${n} ${name}${n === 1 ? '' : 's'}`);
      yield* main.out.print(`up ${words.join(', ') || '0 minutes'}\n`);
    } else yield* main.out.print(`${yield* uptimeLine(main)}\n`);
    return 0;
  },
);

export const w = tool(
  {
    name: 'w',
    usage: ['[options] [user]'],
    version: VERSION,
    usageOnError: true,
    options: [
      { key: 'noheader', short: 'h', long: 'no-header' },
      { key: 'shortform', short: 's', long: 'short' },
    ],
  },
  function* (main) {
    if (main.options.has('noheader')) return 0;
    yield* main.out.print(
      `${yield* uptimeLine(main)}\nUSER     TTY      FROM             LOGIN@   IDLE   JCPU   PCPU WHAT\n`,
    );
    return 0;
  },
);

export const vmstat = tool(
  {
    name: 'vmstat',
    usage: ['[options] [delay [count]]'],
    version: VERSION,
    usageOnError: true,
    options: [
      { key: 'active', short: 'a', long: 'active' },
      { key: 'wide', short: 'w', long: 'wide' },
      { key: 'once', short: 'n', long: 'one-header' },
    ],
    missing: [
      { key: 'stats', short: 's', long: 'stats' },
      { key: 'disk', short: 'd', long: 'disk' },
      { key: 'slabs', short: 'm', long: 'slabs' },
    ],
  },
  function* (main) {
    const [delay, times] = main.operands.map(Number);
    yield* main.out.print(
      'procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu-----\n' +
        ' r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st\n',
    );
    const count = delay === undefined ? 1 : (times ?? Number.POSITIVE_INFINITY);
    for (let i = 0; i < count; i++) {
      if (i > 0) {
        yield* main.out.flush();
        yield* main.process.sleep((delay ?? 1) * SECOND);
      }
      const memory = yield* readMemory(main.process);
      const stat = (yield* readText(main.process, '/proc/stat')) ?? '';
      const [user = 0, , system = 0, idle = 0] = (/^cpu +(.*)$/m.exec(stat)?.[1] ?? '')
        .split(' ')
        .map(Number);
      const all = Math.max(1, user + system + idle);
      const percent = (part: number): string => String(Math.round((part * 100) / all)).padStart(2);
      const cell = (name: string, width: number): string =>
        String(memory.get(name) ?? 0).padStart(width);
      yield* main.out.print(
        ` 1  0      0 ${cell('MemFree', 6)} ${cell('Buffers', 6)} ${cell('Cached', 6)}    0    0     0     0   80  120 ` +
          `${percent(user)} ${percent(system)} ${percent(idle)}  0  0\n`,
      );
    }
    return 0;
  },
);

export const watch = tool(
  {
    name: 'watch',
    usage: ['[options] command'],
    version: VERSION,
    usageOnError: true,
    posixly: true,
    options: [
      { key: 'interval', short: 'n', long: 'interval', argument: 'required' },
      { key: 'differences', short: 'd', long: 'differences', argument: 'optional' },
      { key: 'notitle', short: 't', long: 'no-title' },
      { key: 'errexit', short: 'e', long: 'errexit' },
      { key: 'chgexit', short: 'g', long: 'chgexit' },
      { key: 'exec', short: 'x', long: 'exec' },
      { key: 'color', short: 'c', long: 'color' },
      { key: 'beep', short: 'b', long: 'beep' },
      { key: 'precise', short: 'p', long: 'precise' },
    ],
  },
  function* (main) {
    const { options, operands, process } = main;
    if (operands.length === 0) return yield* main.badUsage();
    const seconds = Math.max(0.1, Number(options.value('interval') ?? 2));
    const command = operands.join(' ');
    const argv = options.has('exec') ? operands : ['/bin/sh', '-c', command];
    for (;;) {
      const stamp = strftime('%a %b %e %H:%M:%S %Y', momentOf(epochMilliseconds(process.now)));
      const left = `Every ${seconds.toFixed(1)}s: ${command}`;
      const right = `${process.hostname}: ${stamp}`;
      const title = options.has('notitle')
        ? ''
        : `${left}${' '.repeat(Math.max(1, 80 - left.length - right.length))}${right}\n\n`;
      yield* main.out.print(`\x1b[H\x1b[2J${title}`);
      yield* main.out.flush();
      const pid = spawn(process, argv);
      if (isErrno(pid)) return yield* main.stop(pid.message);
      const { code } = yield* waitFor(process, pid);
      if (code !== 0 && options.has('errexit')) return code;
      if (yield* process.sleep(seconds * SECOND)) return 130;
    }
  },
);
