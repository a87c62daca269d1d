// renice(1), chrt(1), ionice(1), taskset(1): how tasks are scheduled.

import type { Routine } from '../../../core/wait.ts';
import { type Errno, isErrno } from '../../../kernel/errno.ts';
import { formatList, parseList } from '../../../kernel/cgroup/cpuset.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import type { SchedulingPolicy } from '../../../kernel/task/task.ts';
import { readAccounts } from '../../libc/accounts.ts';
import { readProcesses } from '../procps/processes.ts';
import { type Main, program } from '../../libc/stdio.ts';
import { reason, runCommand, tool, type Tool } from './tool.ts';

type Which = 'process ID' | 'process group ID' | 'user ID';

/** Processes that a number stands for, as a process, a group or a user. */
function* membersOf(main: Main, which: Which, id: number): Routine<number[]> {
  if (which === 'process ID') return [id];
  const rows = yield* readProcesses(main.process);
  return rows
    .filter((row) => (which === 'user ID' ? row.uids[0] === id : row.group === id))
    .map((row) => row.pid);
}

function* changeNice(
  main: Main,
  which: Which,
  id: number,
  nice: number,
  relative: boolean,
): ProgramRun {
  const { process } = main;
  const pids = yield* membersOf(main, which, id);
  const first = pids[0] === undefined ? undefined : process.getScheduling(pids[0]);
  if (first === undefined || isErrno(first)) {
    yield* main.out.flush();
    const why = first?.message ?? 'No such process';
    yield* main.fail(`failed to get priority for ${id} (${which}): ${why}`);
    return 1;
  }
  const wanted = relative ? first.nice + nice : nice;
  let failure: Errno | undefined;
  for (const pid of pids) failure ??= process.setNice(pid, wanted);
  if (failure) {
    yield* main.out.flush();
    yield* main.fail(`failed to set priority for ${id} (${which}): ${failure.message}`);
    return 1;
  }
  const now = Math.max(-20, Math.min(19, wanted));
  yield* main.out.print(`${id} (${which}) old priority ${first.nice}, new priority ${now}\n`);
  return 0;
}

function* badRenice(main: Main, text: string): ProgramRun {
  main.err.put(`renice: ${text}\nTry 'renice --help' for more information.\n`);
  yield* main.err.flush();
  return 1;
}

// Its words are no getopt options: a priority may begin with a dash.
export const renice = program('renice', function* (main) {
  const { process } = main;
  const accounts = yield* readAccounts(process);
  const words = [...main.args];
  let relative = false;
  if (words[0] === '-n' || words[0] === '--priority' || words[0] === '--relative') {
    relative = words.shift() === '--relative';
  }
  const priority = words.shift();
  if (priority === undefined || words.length === 0)
    return yield* badRenice(main, 'not enough arguments');
  if (!/^[+-]?\d+$/.test(priority)) return yield* badRenice(main, `invalid priority '${priority}'`);
  let which: Which = 'process ID';
  let status = 0;
  for (const word of words) {
    if (word === '-p' || word === '--pid') which = 'process ID';
    else if (word === '-g' || word === '--pgrp') which = 'process group ID';
    else if (word === '-u' || word === '--user') which = 'user ID';
    else {
      const id =
        which === 'user ID' ? (accounts.userByName(word)?.uid ?? Number(word)) : Number(word);
      if (Number.isNaN(id)) {
        yield* main.fail(
          which === 'user ID' ? `unknown user ${word}` : `bad ${which} value: ${word}`,
        );
        status = 1;
      } else status = (yield* changeNice(main, which, id, Number(priority), relative)) || status;
    }
  }
  return status;
});

const POLICIES: Readonly<Record<string, SchedulingPolicy>> = {
  other: 'other',
  fifo: 'fifo',
  rr: 'rr',
  batch: 'batch',
  idle: 'idle',
  deadline: 'deadline',
};

function* showPolicy(main: Tool, pid: number, word = 'current'): ProgramRun {
  const scheduling = main.process.getScheduling(pid);
  if (isErrno(scheduling))
    return yield* main.stop(`failed to get pid ${pid}'s policy: ${scheduling.message}`);
  const number = pid === 0 ? main.process.pid : pid;
  yield* main.out.print(
    `pid ${number}'s ${word} scheduling policy: SCHED_${scheduling.policy.toUpperCase()}\n` +
      `pid ${number}'s ${word} scheduling priority: ${scheduling.priority}\n`,
  );
  return 0;
}

function* showLimits(main: Tool): ProgramRun {
  for (const name of ['OTHER', 'FIFO', 'RR', 'BATCH', 'IDLE', 'DEADLINE']) {
    const range = name === 'FIFO' || name === 'RR' ? '1/99' : '0/0';
    yield* main.out.print(`SCHED_${name} min/max priority\t: ${range}\n`);
  }
  return 0;
}

export const chrt = tool(
  {
    name: 'chrt',
    usage: [
      '[options] <priority> <command> [<arg>...]',
      '[options] --pid <priority> <pid>',
      '-p <pid>',
    ],
    about: 'Show or change the real-time scheduling attributes of a process.',
    posixly: true,
    options: [
      { key: 'batch', short: 'b', long: 'batch' },
      { key: 'deadline', short: 'd', long: 'deadline' },
      { key: 'fifo', short: 'f', long: 'fifo' },
      { key: 'idle', short: 'i', long: 'idle' },
      { key: 'other', short: 'o', long: 'other' },
      { key: 'rr', short: 'r', long: 'rr' },
      { key: 'reset', short: 'R', long: 'reset-on-fork' },
      { key: 'all', short: 'a', long: 'all-tasks' },
      { key: 'max', short: 'm', long: 'max' },
      { key: 'pid', short: 'p', long: 'pid' },
      { key: 'verbose', short: 'v', long: 'verbose' },
    ],
  },
  function* (main) {
    const { options, operands, process } = main;
    if (options.has('max')) return yield* showLimits(main);
    const chosen = options.last(...Object.keys(POLICIES)) ?? 'rr';
    const policy = POLICIES[chosen] ?? 'rr';
    if (options.has('pid')) {
      const [first = '', second] = operands;
      if (first === '') return yield* main.badUsage('bad usage');
      if (second === undefined) return yield* showPolicy(main, Number(first));
      const failure = process.setScheduling(Number(second), policy, Number(first));
      return failure
        ? yield* main.stop(`failed to set pid ${second}'s policy: ${failure.message}`)
        : 0;
    }
    const [priority, ...command] = operands;
    if (priority === undefined || command.length === 0) return yield* main.badUsage('bad usage');
    if (!/^\d+$/.test(priority))
      return yield* main.stop(`invalid priority argument: '${priority}'`);
    const failure = process.setScheduling(0, policy, Number(priority));
    if (failure?.name === 'EINVAL')
      return yield* main.stop(
        'unsupported priority value for the policy: ' + `${priority}: see --max for valid range`,
      );
    if (failure) return yield* main.stop(`failed to set pid 0's policy: ${failure.message}`);
    return yield* runCommand(main, command);
  },
);

const IO_CLASSES = ['none', 'realtime', 'best-effort', 'idle'] as const;

function* showIo(main: Tool, pid: number): ProgramRun {
  const found = main.process.getIoPriority(pid);
  if (isErrno(found)) return yield* main.stop(reason('ioprio_get failed', found));
  const name = IO_CLASSES[found.ioClass];
  const level = found.ioClass === 0 ? 0 : found.level;
  yield* main.out.print(found.ioClass === 3 ? `${name}\n` : `${name}: prio ${level}\n`);
  return 0;
}

function parseClass(text: string): 0 | 1 | 2 | 3 | undefined {
  const byName = IO_CLASSES.indexOf(text as (typeof IO_CLASSES)[number]);
  const number = byName >= 0 ? byName : /^[0-3]$/.test(text) ? Number(text) : -1;
  return number < 0 ? undefined : (number as 0 | 1 | 2 | 3);
}

export const ionice = tool(
  {
    name: 'ionice',
    usage: [
      '[options] -p <pid>...',
      '[options] -P <pgid>...',
      '[options] -u <uid>...',
      '[options] <command>',
    ],
    about: 'Show or change the I/O-scheduling class and priority of a process.',
    posixly: true,
    options: [
      { key: 'class', short: 'c', long: 'class', argument: 'required' },
      { key: 'data', short: 'n', long: 'classdata', argument: 'required' },
      { key: 'pid', short: 'p', long: 'pid', argument: 'required' },
      { key: 'ignore', short: 't', long: 'ignore' },
    ],
    missing: [
      { key: 'pgid', short: 'P', long: 'pgid', argument: 'required' },
      { key: 'uid', short: 'u', long: 'uid', argument: 'required' },
    ],
  },
  function* (main) {
    const { options, operands, process } = main;
    const word = options.value('class');
    const ioClass = word === undefined ? (options.has('data') ? 2 : undefined) : parseClass(word);
    if (word !== undefined && ioClass === undefined)
      return yield* main.stop(`unknown scheduling class: '${word}'`);
    const pids = [options.value('pid'), ...(options.has('pid') ? operands : [])].filter(
      (pid) => pid !== undefined,
    );
    if (ioClass === undefined) {
      if (pids.length === 0) return yield* showIo(main, 0);
      let status = 0;
      for (const pid of pids) status = (yield* showIo(main, Number(pid))) || status;
      return status;
    }
    const level = Number(options.value('data') ?? 4);
    for (const pid of pids.length > 0 ? pids : ['0']) {
      const failure = process.setIoPriority(Number(pid), ioClass, ioClass === 3 ? 7 : level);
      if (failure && !options.has('ignore'))
        return yield* main.stop(reason('ioprio_set failed', failure));
    }
    return pids.length > 0 ? 0 : yield* runCommand(main, operands);
  },
);

/** `0x3`, `3`, `f0`: processors of a mask. */
function parseMask(text: string): number[] | undefined {
  const hex = text.replace(/^0x/i, '').replaceAll(',', '');
  if (!/^[0-9a-f]+$/i.test(hex)) return undefined;
  const mask = BigInt(`0x${hex}`);
  const cpus: number[] = [];
  for (let i = 0; i < 1024 && mask >> BigInt(i); i++) if ((mask >> BigInt(i)) & 1n) cpus.push(i);
  return cpus;
}

function shownAffinity(cpus: readonly number[], asList: boolean): string {
  if (asList)
    return formatList(cpus).replace(/(\d+)-(\d+)/g, (all, a: string, b: string) =>
      Number(b) === Number(a) + 1 ? `${a},${b}` : all,
    );
  return cpus.reduce((mask, cpu) => mask | (1n << BigInt(cpu)), 0n).toString(16);
}

export const taskset = tool(
  {
    name: 'taskset',
    usage: ['[options] [mask | cpu-list] [pid|cmd [args...]]'],
    about: 'Show or change the CPU affinity of a process.',
    posixly: true,
    options: [
      { key: 'all', short: 'a', long: 'all-tasks' },
      { key: 'pid', short: 'p', long: 'pid' },
      { key: 'list', short: 'c', long: 'cpu-list' },
    ],
  },
  function* (main) {
    const { options, operands, process } = main;
    const asList = options.has('list');
    const word = asList ? 'list' : 'mask';
    const show = function* (pid: number, when: string): ProgramRun {
      const cpus = process.getAffinity(pid);
      if (isErrno(cpus))
        return yield* main.stop(`failed to get pid ${pid}'s affinity: ${cpus.message}`);
      yield* main.out.print(
        `pid ${pid}'s ${when} affinity ${word}: ${shownAffinity(cpus, asList)}\n`,
      );
      return 0;
    };
    const [first, ...rest] = operands;
    if (first === undefined) return yield* main.badUsage('bad usage');
    if (options.has('pid') && rest.length === 0) return yield* show(Number(first), 'current');
    const parsed = asList ? parseList(first, 4096) : parseMask(first);
    if (!parsed || isErrno(parsed))
      return yield* main.stop(`failed to parse CPU ${word}: ${first}`);
    const pid = options.has('pid') ? Number(rest[0]) : 0;
    if (options.has('pid') && (yield* show(pid, 'current')) !== 0) return 1;
    const failure = process.setAffinity(pid, parsed);
    if (failure)
      return yield* main.stop(
        `failed to set pid ${pid === 0 ? process.pid : pid}'s affinity: ${failure.message}`,
      );
    if (options.has('pid')) return yield* show(pid, 'new');
    if (rest.length === 0) return yield* main.badUsage('bad usage');
    return yield* runCommand(main, rest);
  },
);
