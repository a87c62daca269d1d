// free, uptime, sysctl, watch, vmstat, w of procps 4.0.2.

import { decode, encode } from '../../../core/text.ts';
import { epochMilliseconds, SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { O_WRONLY, O_TRUNC } from '../../../kernel/files/open-file.ts';
import { S_IFDIR, S_IFMT } from '../../../kernel/files/inode.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { spawn, waitFor } from '../../libc/spawn.ts';
import { momentOf, strftime } from '../../libc/strftime.ts';
import { readFile } from '../../libc/whole-file.ts';
import type { Main } from '../../libc/stdio.ts';
import { tool, type Tool } from '../util-linux/tool.ts';
import { readMemory, readText, readUptime } from './processes.ts';

const VERSION = 'procps-ng 4.0.2';

/** What a unit option divides kilobytes by. */
const UNITS: Readonly<Record<string, number>> = {
  bytes: 1 / 1024,
  kilo: 1000 / 1024,
  mega: 1_000_000 / 1024,
  giga: 1e9 / 1024,
  kibi: 1,
  mebi: 1024,
  gibi: 1024 ** 2,
  tebi: 1024 ** 3,
};

/** `1.6Gi`: three figures at most. */
function human(kilobytes: number, si: boolean): string {
  const base = si ? 1000 : 1024;
  let value = kilobytes * 1024;
  const units = si ? ['B', 'K', 'M', 'G', 'T'] : ['B', 'Ki', 'Mi', 'Gi', 'Ti'];
  let unit = 0;
  while (unit < units.length - 1 && value >= (unit === 0 ? base : base)) {
    value /= base;
    unit++;
  }
  const text = unit === 0 || value >= 10 ? String(Math.floor(value)) : value.toFixed(1);
  return `${text}${units[unit] ?? ''}`;
}

function* showMemory(main: Tool): Routine<void> {
  const { options } = main;
  const memory = yield* readMemory(main.process);
  const of = (name: string): number => memory.get(name) ?? 0;
  const unit = options.last(...Object.keys(UNITS)) ?? 'kibi';
  const shown = (kilobytes: number): string => {
    const text = options.has('human')
      ? human(kilobytes, options.has('si'))
      : String(Math.floor(kilobytes / (UNITS[unit] ?? 1)));
    return text.padStart(12);
  };
  const cache = of('Cached') + of('SReclaimable');
  const used = of('MemTotal') - of('MemAvailable');
  const wide = options.has('wide');
  const head = [
    'total',
    'used',
    'free',
    'shared',
    ...(wide ? ['buffers', 'cache'] : ['buff/cache']),
    'available',
  ];
  const cells = [
    of('MemTotal'),
    used,
    of('MemFree'),
    of('Shmem'),
    ...(wide ? [of('Buffers'), cache] : [of('Buffers') + cache]),
    of('MemAvailable'),
  ];
  const swap = [of('SwapTotal'), of('SwapTotal') - of('SwapFree'), of('SwapFree')];
  const line = (name: string, list: readonly number[]): string =>
    `${name.padEnd(8)}${list.map(shown).join('')}\n`;
  yield* main.out.print(`        ${head.map((name) => name.padStart(12)).join('')}\n`);
  yield* main.out.print(line('Mem:', cells) + line('Swap:', swap));
  if (options.has('total')) {
    yield* main.out.print(
      line('Total:', [
        of('MemTotal') + (swap[0] ?? 0),
        used + (swap[1] ?? 0),
        of('MemFree') + (swap[2] ?? 0),
      ]),
    );
  }
}

export const free = tool(
  {
    name: 'free',
    usage: ['[options]'],
    version: VERSION,
    usageOnError: true,
    options: [
      { key: 'bytes', short: 'b', long: 'bytes' },
      { key: 'kilo', long: 'kilo' },
      { key: 'mega', long: 'mega' },
      { key: 'giga', long: 'giga' },
      { key: 'kibi', short: 'k', long: 'kibi' },
      { key: 'mebi', short: 'm', long: 'mebi' },
      { key: 'gibi', short: 'g', long: 'gibi' },
      { key: 'tebi', long: 'tebi' },
      { key: 'human', short: 'h', long: 'human' },
      { key: 'si', long: 'si' },
      { key: 'total', short: 't', long: 'total' },
      { key: 'wide', short: 'w', long: 'wide' },
      { key: 'seconds', short: 's', long: 'seconds', argument: 'required' },
      { key: 'count', short: 'c', long: 'count', argument: 'required' },
      { key: '--help', long: 'help' },
    ],
    missing: [
      { key: 'lohi', short: 'l', long: 'lohi' },
      { key: 'committed', short: 'v', long: 'committed' },
    ],
  },
  function* (main) {
    const { options } = main;
    const seconds = Number(options.value('seconds') ?? 1);
    const count = options.has('count')
      ? Number(options.value('count'))
      : options.has('seconds')
        ? Number.POSITIVE_INFINITY
        : 1;
    for (let i = 0; i < count; i++) {
      if (i > 0) {
        yield* main.out.print('\n');
        yield* main.out.flush();
        yield* main.process.sleep(seconds * SECOND);
      }
      yield* showMemory(main);
    }
    return 0;
  },
);

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

/** `net.ipv4.ip_forward` or `net/ipv4/ip_forward` as a path. */
function settingPath(name: string): string {
  const slash = name.indexOf('/');
  const dot = name.indexOf('.');
  const path =
    slash >= 0 && (dot < 0 || slash < dot)
      ? name
      : name.replace(/[./]/g, (c) => (c === '.' ? '/' : '.'));
  return `/proc/sys/${path}`;
}

function* showSetting(main: Tool, name: string): ProgramRun {
  const { process, options } = main;
  const path = settingPath(name);
  const stat = process.stat(path);
  if (isErrno(stat)) {
    if (options.has('ignore')) return 0;
    return yield* main.stop(`cannot stat ${path}: ${stat.message}`);
  }
  if ((stat.mode & S_IFMT) === S_IFDIR) return yield* showBelow(main, path);
  const bytes = yield* readFile(process, path);
  const key = path.slice('/proc/sys/'.length).replace(/[./]/g, (c) => (c === '/' ? '.' : '/'));
  if (isErrno(bytes)) {
    if (options.has('all')) return 0;
    return yield* main.stop(
      bytes.name === 'EACCES'
        ? `permission denied on key '${key}'`
        : `reading key "${key}": ${bytes.message}`,
    );
  }
  for (const line of decode(bytes).replace(/\n$/, '').split('\n')) {
    if (options.has('names')) yield* main.out.print(`${key}\n`);
    else if (options.has('values')) yield* main.out.print(`${line}\n`);
    else yield* main.out.print(`${key} = ${line}\n`);
  }
  return 0;
}

function* showBelow(main: Tool, directory: string): ProgramRun {
  const items = main.process.readdir(directory);
  if (isErrno(items)) return 1;
  const names = items.map(({ name }) => name).sort();
  for (const name of names) {
    const path = `${directory}/${name}`;
    const stat = main.process.stat(path);
    if (isErrno(stat) || !(stat.mode & 0o444)) continue;
    yield* showSetting(main, path.slice('/proc/sys/'.length));
  }
  return 0;
}

function* writeSetting(main: Tool, assignment: string): ProgramRun {
  const { process, options } = main;
  const equals = assignment.indexOf('=');
  if (equals < 0) return yield* main.stop(`"${assignment}" must be of the form name=value`);
  const name = assignment.slice(0, equals).trim();
  const value = assignment.slice(equals + 1).trim();
  const path = settingPath(name);
  const key = path.slice('/proc/sys/'.length).replace(/[./]/g, (c) => (c === '/' ? '.' : '/'));
  if (!process.exists(path)) {
    return options.has('ignore')
      ? 0
      : yield* main.stop(`cannot stat ${path}: No such file or directory`);
  }
  const fd = process.open(path, O_WRONLY | O_TRUNC);
  const done = isErrno(fd) ? fd : yield* process.write(fd, encode(`${value}\n`));
  if (!isErrno(fd)) process.close(fd);
  if (isErrno(done)) {
    if (done.name === 'EACCES' || done.name === 'EPERM')
      return yield* main.stop(`permission denied on key "${key}"`);
    return yield* main.stop(`setting key "${key}": ${done.message}`);
  }
  if (!options.has('quiet'))
    yield* main.out.print(options.has('values') ? `${value}\n` : `${key} = ${value}\n`);
  return 0;
}

function* loadFile(main: Tool, path: string): ProgramRun {
  const bytes = yield* readFile(main.process, path);
  if (isErrno(bytes)) return yield* main.stop(`cannot open "${path}": ${bytes.message}`);
  let status = 0;
  for (const line of decode(bytes).split('\n')) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    status = (yield* writeSetting(main, line.trim().replace(/^-/, ''))) || status;
  }
  return status;
}

export const sysctl = tool(
  {
    name: 'sysctl',
    usage: ['[options] [variable[=value] ...]'],
    version: VERSION,
    usageOnError: true,
    options: [
      { key: 'all', short: 'aAX', long: 'all' },
      { key: 'ignore', short: 'e', long: 'ignore' },
      { key: 'names', short: 'N', long: 'names' },
      { key: 'values', short: 'n', long: 'values' },
      { key: 'load', short: 'pf', long: 'load', argument: 'optional' },
      { key: 'quiet', short: 'q', long: 'quiet' },
      { key: 'write', short: 'w', long: 'write' },
      { key: 'system', long: 'system' },
      { key: 'binary', short: 'b', long: 'binary' },
    ],
    missing: [{ key: 'pattern', short: 'r', long: 'pattern', argument: 'required' }],
  },
  function* (main) {
    const { options, operands } = main;
    if (options.has('all')) return yield* showBelow(main, '/proc/sys');
    if (options.has('load')) {
      const files = [options.value('load'), ...operands].filter((path) => path);
      let status = 0;
      for (const path of files.length > 0 ? files : ['/etc/sysctl.conf'])
        status = (yield* loadFile(main, path ?? '')) || status;
      return status;
    }
    if (options.has('system')) {
      yield* main.out.print('* Applying /etc/sysctl.conf ...\n');
      return main.process.exists('/etc/sysctl.conf')
        ? yield* loadFile(main, '/etc/sysctl.conf')
        : 0;
    }
    if (operands.length === 0) return yield* main.badUsage('no variables specified');
    let status = 0;
    for (const word of operands) {
      const writes = options.has('write') || word.includes('=');
      status = (yield* writes ? writeSetting(main, word) : showSetting(main, word)) || status;
    }
    return status;
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
