// pivot_root(8), switch_root(8), setsid(1), flock(1), logger(1), dmesg(1), whereis(1).

import { encode } from '../../../core/text.ts';
import { epochMilliseconds, SECOND } from '../../../core/time.ts';
import { type Errno, isErrno } from '../../../kernel/errno.ts';
import { MS_MOVE } from '../../../kernel/files/mount.ts';
import { O_CREAT, O_RDONLY, O_APPEND, O_WRONLY } from '../../../kernel/files/open-file.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { findProgram, waitFor } from '../../libc/spawn.ts';
import { momentOf, strftime } from '../../libc/strftime.ts';
import { reason, runCommand, tool, type Tool } from './tool.ts';

export const pivotRoot = tool(
  {
    name: 'pivot_root',
    usage: ['[options] new_root put_old'],
    about: 'Change the root filesystem.',
    options: [],
  },
  function* (main) {
    const [to, old, more] = main.operands;
    if (to === undefined || old === undefined || more !== undefined)
      return yield* main.badUsage('bad usage');
    const failure = main.process.pivotRoot(to, old);
    if (failure)
      return yield* main.stop(reason(`failed to change root from \`${to}' to \`${old}'`, failure));
    return 0;
  },
);

export const switchRoot = tool(
  {
    name: 'switch_root',
    usage: ['[options] <newrootdir> <init> <args to init>'],
    posixly: true,
    about: 'Switch to another filesystem as the root of the mount tree.',
    options: [],
  },
  function* (main) {
    const { process } = main;
    const [to, ...command] = main.operands;
    if (to === undefined || command.length === 0)
      return yield* main.badUsage('not enough arguments');
    for (const place of ['/dev', '/proc', '/sys', '/run'])
      process.mount(place, `${to}${place}`, '', MS_MOVE);
    const failure: Errno | undefined =
      process.chdir(to) ??
      process.mount(to, '/', '', MS_MOVE) ??
      process.chroot('.') ??
      process.chdir('/');
    if (failure) return yield* main.stop(`failed to mount moving ${to} to /: ${failure.message}`);
    return yield* runCommand(main, command);
  },
);

export const setsid = tool(
  {
    name: 'setsid',
    usage: ['[options] <program> [arguments ...]'],
    posixly: true,
    about: 'Run a program in a new session.',
    options: [
      { key: 'ctty', short: 'c', long: 'ctty' },
      { key: 'fork', short: 'f', long: 'fork' },
      { key: 'wait', short: 'w', long: 'wait' },
    ],
  },
  function* (main) {
    const { process, options, operands } = main;
    if (operands.length === 0) return yield* main.badUsage('no command specified');
    const begin = function* (inside: Tool): ProgramRun {
      const session = inside.process.setsid();
      if (isErrno(session)) return yield* inside.stop(reason('setsid failed', session));
      if (options.has('ctty')) inside.process.ioctl(0, 'TIOCSCTTY');
      return yield* runCommand(inside, operands);
    };
    if (!options.has('fork') && process.getpgid() !== process.pid) return yield* begin(main);
    const pid = process.fork((child) => begin({ ...main, process: child }));
    if (isErrno(pid)) return yield* main.stop(reason('fork', pid));
    return options.has('wait') ? (yield* waitFor(process, pid)).code : 0;
  },
);

export const flock = tool(
  {
    name: 'flock',
    usage: [
      '[options] <file>|<directory> <command> [<argument>...]',
      '[options] <file>|<directory> -c <command>',
      '[options] <file descriptor number>',
    ],
    posixly: true,
    about: 'Manage file locks from shell scripts.',
    usageStatus: 64,
    options: [
      { key: 'shared', short: 's', long: 'shared' },
      { key: 'exclusive', short: 'xe', long: 'exclusive' },
      { key: 'unlock', short: 'u', long: 'unlock' },
      { key: 'nonblock', short: 'n', long: 'nonblock nb' },
      { key: 'wait', short: 'w', long: 'wait timeout', argument: 'required' },
      { key: 'conflict', short: 'E', long: 'conflict-exit-code', argument: 'required' },
      { key: 'close', short: 'o', long: 'close' },
      { key: 'command', short: 'c', long: 'command', argument: 'required' },
      { key: 'nofork', short: 'F', long: 'no-fork' },
      { key: 'verbose', long: 'verbose' },
    ],
  },
  function* (main) {
    const { process, options, operands } = main;
    const [file, ...command] = operands;
    if (file === undefined) return yield* main.badUsage('not enough arguments');
    const words =
      command[0] === '-c' || command[0] === '--command'
        ? ['/bin/sh', '-c', ...command.slice(1)]
        : command;
    const byNumber = words.length === 0 && !options.has('command');
    if (byNumber && !/^\d+$/.test(file))
      return yield* main.stop(`bad file descriptor: '${file}'`, 64);
    const fd = byNumber ? Number(file) : process.open(file, O_RDONLY | O_CREAT);
    if (isErrno(fd)) return yield* main.stop(`cannot open lock file ${file}: ${fd.message}`, 66);
    const wait = options.value('wait');
    const until = options.has('nonblock')
      ? process.now
      : wait === undefined
        ? undefined
        : process.now + Number(wait) * SECOND;
    const how = options.has('unlock') ? 'unlock' : options.has('shared') ? 'shared' : 'exclusive';
    const failure = yield* process.flock(fd, how, until);
    if (failure) {
      if (failure.name !== 'EAGAIN') return yield* main.stop(`${file}: ${failure.message}`, 65);
      return Number(options.value('conflict') ?? 1);
    }
    if (byNumber) return 0;
    const argv = options.has('command') ? ['/bin/sh', '-c', options.value('command') ?? ''] : words;
    const pid = process.fork((child) => runCommand({ ...main, process: child }, argv));
    if (isErrno(pid)) return yield* main.stop(reason('fork failed', pid), 71);
    const { code, signal } = yield* waitFor(process, pid);
    return signal ? 128 + signal : code;
  },
);

export const logger = tool(
  {
    name: 'logger',
    usage: ['[options] [<message>]'],
    about: 'Enter messages into the system log.',
    options: [
      { key: 'tag', short: 't', long: 'tag', argument: 'required' },
      { key: 'priority', short: 'p', long: 'priority', argument: 'required' },
      { key: 'id', short: 'i', long: 'id' },
      { key: 'stderr', short: 's', long: 'stderr' },
      { key: 'file', short: 'f', long: 'file', argument: 'required' },
    ],
    missing: [{ key: 'server', short: 'n', long: 'server', argument: 'required' }],
  },
  function* (main) {
    const { process, options, operands } = main;
    const tag = options.value('tag') ?? 'root';
    const lines: string[] = operands.length > 0 ? [operands.join(' ')] : [];
    while (operands.length === 0) {
      const line = yield* main.input.line();
      if (line === undefined) break;
      lines.push(line.replace(/\n$/, ''));
    }
    const stamp = strftime('%b %e %H:%M:%S', momentOf(epochMilliseconds(process.now)));
    for (const line of lines) {
      const id = options.has('id') ? `[${process.pid}]` : '';
      const fd = process.open('/var/log/syslog', O_WRONLY | O_CREAT | O_APPEND, 0o640);
      if (!isErrno(fd)) {
        yield* process.write(fd, encode(`${stamp} ${process.hostname} ${tag}${id}: ${line}\n`));
        process.close(fd);
      }
      if (options.has('stderr')) {
        main.err.put(`<13>${stamp} ${tag}${id}: ${line}\n`);
        yield* main.err.flush();
      }
    }
    return 0;
  },
);

export const dmesg = tool(
  {
    name: 'dmesg',
    usage: ['[options]'],
    about: 'Display or control the kernel ring buffer.',
    options: [
      { key: 'clear', short: 'C', long: 'clear' },
      { key: 'read-clear', short: 'c', long: 'read-clear' },
      { key: 'human', short: 'H', long: 'human' },
      { key: 'kernel', short: 'k', long: 'kernel' },
      { key: 'color', short: 'L', long: 'color', argument: 'optional' },
      { key: 'level', short: 'l', long: 'level', argument: 'required' },
      { key: 'nopager', short: 'P', long: 'nopager' },
      { key: 'notime', short: 't', long: 'notime' },
      { key: 'ctime', short: 'T', long: 'ctime' },
      { key: 'decode', short: 'x', long: 'decode' },
      { key: 'raw', short: 'r', long: 'raw' },
    ],
    missing: [
      { key: 'follow', short: 'w', long: 'follow' },
      { key: 'follow-new', short: 'W', long: 'follow-new' },
    ],
  },
  function* (main) {
    const { process, options } = main;
    if (options.has('clear')) {
      const failure = process.clearKernelLog();
      return failure ? yield* main.stop(reason('clear kernel buffer failed', failure)) : 0;
    }
    const lines = process.readKernelLog();
    if (isErrno(lines)) return yield* main.stop(reason('read kernel buffer failed', lines));
    for (const { at, text } of lines) {
      const seconds = `${String(Math.floor(at / SECOND)).padStart(5)}.${String(Math.floor((at % SECOND) / 1000)).padStart(6, '0')}`;
      const date = strftime('%a %b %e %H:%M:%S %Y', momentOf(epochMilliseconds(at)));
      const stamp = options.has('notime')
        ? ''
        : options.has('ctime')
          ? `[${date}] `
          : `[${seconds}] `;
      const level = options.has('decode') ? 'kern  :info  : ' : options.has('raw') ? '<6>' : '';
      yield* main.out.print(`${level}${stamp}${text}\n`);
    }
    if (options.has('read-clear')) process.clearKernelLog();
    return 0;
  },
);

const PLACES = [
  '/usr/bin',
  '/usr/sbin',
  '/usr/lib',
  '/bin',
  '/sbin',
  '/etc',
  '/usr/local/bin',
  '/usr/local/sbin',
];

export const whereis = tool(
  {
    name: 'whereis',
    usage: ['[options] [-BMS <dir>... -f] <name>'],
    about: 'Locate the binary, source, and manual-page files for a command.',
    options: [
      { key: 'binaries', short: 'b' },
      { key: 'manuals', short: 'm' },
      { key: 'sources', short: 's' },
    ],
  },
  function* (main) {
    if (main.operands.length === 0) return yield* main.badUsage('not enough arguments');
    for (const name of main.operands) {
      const found = new Set<string>();
      for (const place of PLACES) {
        const path = `${place}/${name}`;
        const real = main.process.realpath(place);
        if (main.process.exists(path) && !isErrno(real)) found.add(`${real}/${name}`);
      }
      const first = findProgram(main.process, name);
      if (first) found.add(first);
      yield* main.out.print(`${[`${name}:`, ...found].join(' ')}\n`);
    }
    return 0;
  },
);
