// Programs that run another program: env, timeout, nice, nohup, printenv, chroot, stdbuf (whose modes change nothing here).

import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { ENOENT, type Errno, isErrno } from '../../../kernel/errno.ts';
import { O_APPEND, O_CREAT, O_WRONLY } from '../../../kernel/files/open-file.ts';
import { signalNumber } from '../../../kernel/signals.ts';
import { type Accounts, readAccounts } from '../../libc/accounts.ts';
import { quoteAlways, quoteValue } from '../../libc/quote.ts';
import { execvp, spawn, waitFor } from '../../libc/spawn.ts';
import { parseInterval } from './echo.ts';
import { type Command, gnu } from './gnu.ts';
import { parseOwner } from './permissions.ts';

/** Replaces this program by another; where that fails, says so and gives 126 or 127. */
function* runProgram(
  command: Command,
  argv: readonly string[],
  quote = quoteValue,
): Routine<number> {
  yield* command.out.flush();
  const error = execvp(command.process, argv);
  yield* command.fail(`failed to run command ${quote(argv[0] ?? '')}: ${error.message}`);
  return error === ENOENT ? 127 : 126;
}

export const env = gnu(
  {
    name: 'env',
    usage: ['[OPTION]... [-] [NAME=VALUE]... [COMMAND [ARG]...]'],
    usageStatus: 125,
    posixly: true,
    options: [
      { key: 'ignore', short: 'i', long: 'ignore-environment' },
      { key: 'null', short: '0', long: 'null' },
      { key: 'unset', short: 'u', long: 'unset', argument: 'required' },
      { key: 'chdir', short: 'C', long: 'chdir', argument: 'required' },
      { key: 'split', short: 'S', long: 'split-string', argument: 'required' },
      { key: 'debug', short: 'v', long: 'debug' },
    ],
    missing: [
      { key: 'block', long: 'block-signal', argument: 'optional' },
      { key: 'default', long: 'default-signal', argument: 'optional' },
      { key: 'ignored', long: 'ignore-signal', argument: 'optional' },
      { key: 'list', long: 'list-signal-handling' },
    ],
  },
  function* (command) {
    const { process, options, out } = command;
    const split = options.value('split');
    const words = [
      ...(split === undefined ? [] : split.split(/\s+/).filter(Boolean)),
      ...command.operands,
    ];
    let empty = options.has('ignore');
    if (words[0] === '-') {
      empty = true;
      words.shift();
    }
    const environment = new Map(empty ? [] : process.environment);
    for (const name of options.values('unset')) environment.delete(name);
    while (words[0]?.includes('=')) {
      const word = words.shift() ?? '';
      const at = word.indexOf('=');
      environment.set(word.slice(0, at), word.slice(at + 1));
    }
    const directory = options.value('chdir');
    if (words.length === 0) {
      if (directory !== undefined)
        return yield* command.usage('must specify command with --chdir (-C)');
      for (const [name, value] of environment)
        out.put(`${name}=${value}${options.has('null') ? '\0' : '\n'}`);
      return 0;
    }
    const failure = directory === undefined ? undefined : process.chdir(directory);
    if (failure) {
      yield* command.fail(
        `cannot change directory to ${quoteAlways(directory ?? '')}: ${failure.message}`,
      );
      return 125;
    }
    const error = execvp(process, words, environment);
    yield* command.fail(`${quoteValue(words[0] ?? '')}: ${error.message}`);
    if (error === ENOENT && /\s/.test(words[0] ?? '')) {
      yield* command.fail('use -[v]S to pass options in shebang lines');
    }
    return error === ENOENT ? 127 : 126;
  },
);

export const printenv = gnu(
  {
    name: 'printenv',
    usage: ['[OPTION]... [VARIABLE]...'],
    usageStatus: 2,
    posixly: true,
    options: [{ key: 'null', short: '0', long: 'null' }],
  },
  function* ({ process, options, operands, out }) {
    const end = options.has('null') ? '\0' : '\n';
    if (operands.length === 0) {
      for (const [name, value] of process.environment) out.put(`${name}=${value}${end}`);
      return 0;
    }
    let status = 0;
    for (const name of operands) {
      const value = process.environment.get(name);
      if (value === undefined) status = 1;
      else out.put(value + end);
    }
    return status;
  },
);

export const timeout = gnu(
  {
    name: 'timeout',
    usage: ['[OPTION] DURATION COMMAND [ARG]...', '[OPTION]'],
    usageStatus: 125,
    posixly: true,
    options: [
      { key: 'preserve', long: 'preserve-status' },
      { key: 'foreground', long: 'foreground' },
      { key: 'kill', short: 'k', long: 'kill-after', argument: 'required' },
      { key: 'signal', short: 's', long: 'signal', argument: 'required' },
      { key: 'verbose', short: 'v', long: 'verbose' },
    ],
  },
  function* (command) {
    const { process, options, operands } = command;
    const [duration, ...argv] = operands;
    if (duration === undefined || argv.length === 0) return yield* command.usage();
    const seconds = parseInterval(duration);
    if (seconds === undefined)
      return yield* command.usage(`invalid time interval ${quoteValue(duration)}`);
    const killText = options.value('kill');
    const killAfter = killText === undefined ? undefined : parseInterval(killText);
    if (killText !== undefined && killAfter === undefined) {
      return yield* command.usage(`invalid time interval ${quoteValue(killText)}`);
    }
    const name = options.value('signal') ?? 'TERM';
    const signal = /^\d+$/.test(name)
      ? Number(name)
      : signalNumber(name.toUpperCase().replace(/^SIG/, ''));
    if (!signal) return yield* command.usage(`${quoteValue(name)}: invalid signal`);
    if (!options.has('foreground')) process.setpgid(0, 0);
    return yield* waitWithLimit(command, { argv, seconds, signal, name, killAfter });
  },
);

interface Limit {
  readonly argv: readonly string[];
  readonly seconds: number;
  readonly signal: number;
  readonly name: string;
  readonly killAfter: number | undefined;
}

function* waitWithLimit(command: Command, limit: Limit): Routine<number> {
  const { process, options } = command;
  const { argv, seconds, signal } = limit;
  let over = false;
  const pid = spawn(process, argv, {
    *failed(_child, error) {
      yield* command.fail(`failed to run command ${quoteValue(argv[0] ?? '')}: ${error.message}`);
      return error === ENOENT ? 127 : 126;
    },
  });
  if (isErrno(pid)) {
    yield* command.fail(`fork system call failed: ${pid.message}`);
    return 125;
  }
  const send = function* (number: number, name: string): Routine<void> {
    if (options.has('verbose'))
      yield* command.fail(`sending signal ${name} to command ${quoteValue(argv[0] ?? '')}`);
    process.kill(pid, number);
    if (!options.has('foreground')) {
      process.sigaction(number, 'ignore');
      process.kill(0, number);
      process.kill(pid, 18);
    }
  };
  const alarms = seconds > 0 ? [{ at: process.now + seconds * 1e9, signal, name: limit.name }] : [];
  if (seconds > 0 && limit.killAfter) {
    alarms.push({ at: process.now + (seconds + limit.killAfter) * 1e9, signal: 9, name: 'KILL' });
  }
  for (const alarm of alarms) {
    if (yield* childEnds(process, pid, alarm.at)) break;
    over = true;
    yield* send(alarm.signal, alarm.name);
    if (alarm.signal === 9) break;
  }
  const ended = yield* waitFor(process, pid);
  if (over && !options.has('preserve')) return ended.signal === 9 ? 137 : 124;
  return ended.signal ? 128 + ended.signal : ended.code;
}

/** Sleeps until a child has changed state or the time has come; true where the child has ended. */
function* childEnds(process: Process, pid: number, until: number): Routine<boolean> {
  const { leader } = process.task;
  for (;;) {
    const child = [...leader.children].find(
      (task) => task.pidIn(process.task.pidNamespace) === pid,
    );
    if (!child || child.ended) return true;
    if (process.now >= until) return false;
    yield { on: [leader.process.childChanged], until };
  }
}

export const nice = gnu(
  {
    name: 'nice',
    usage: ['[OPTION] [COMMAND [ARG]...]'],
    usageStatus: 125,
    posixly: true,
    options: [{ key: 'n', short: 'n', long: 'adjustment', argument: 'required' }],
    rewrite: (args) =>
      /^-[-+]?\d+$/.test(args[0] ?? '') ? ['-n', (args[0] ?? '').slice(1), ...args.slice(1)] : args,
  },
  function* (command) {
    const { process, options, operands, out } = command;
    const text = options.value('n');
    if (text !== undefined && !/^[-+]?\d+$/.test(text)) {
      yield* command.fail(`invalid adjustment ${quoteValue(text)}`);
      return 125;
    }
    if (operands.length === 0) {
      if (text !== undefined)
        return yield* command.usage('a command must be given with an adjustment');
      yield* out.print(`${process.task.nice}\n`);
      return 0;
    }
    const failure = process.setNice(0, process.task.nice + Number(text ?? 10));
    if (failure) yield* command.fail(`cannot set niceness: ${failure.message}`);
    const error = execvp(process, operands);
    yield* command.fail(`${quoteValue(operands[0] ?? '')}: ${error.message}`);
    return error === ENOENT ? 127 : 126;
  },
);

export const nohup = gnu(
  { name: 'nohup', usage: ['COMMAND [ARG]...', 'OPTION'], usageStatus: 125, posixly: true },
  function* (command) {
    const { process, operands } = command;
    if (operands.length === 0) return yield* command.usage('missing operand');
    const [input, output, errors] = [
      process.isTerminal(0),
      process.isTerminal(1),
      process.isTerminal(2),
    ];
    if (input) {
      const fd = process.open('/dev/null', O_WRONLY);
      if (!isErrno(fd)) process.dup2(fd, 0);
    }
    let target = 'nohup.out';
    if (output) {
      let fd = process.open(target, O_WRONLY | O_CREAT | O_APPEND, 0o600);
      if (isErrno(fd)) {
        target = `${process.environment.get('HOME') ?? ''}/nohup.out`;
        fd = process.open(target, O_WRONLY | O_CREAT | O_APPEND, 0o600);
      }
      if (isErrno(fd)) {
        yield* command.fail(`failed to open ${quoteAlways(target)}: ${fd.message}`);
        return 125;
      }
      const lead = input ? 'ignoring input and ' : '';
      yield* command.fail(`${lead}appending output to ${quoteAlways(target)}`);
      process.dup2(fd, 1);
    } else if (input) {
      yield* command.fail(
        errors ? 'ignoring input and redirecting stderr to stdout' : 'ignoring input',
      );
    } else if (errors) yield* command.fail('redirecting stderr to stdout');
    if (errors) process.dup2(1, 2);
    process.sigaction(1, 'ignore');
    return yield* runProgram(command, operands, quoteAlways);
  },
);

export const chroot = gnu(
  {
    name: 'chroot',
    usage: ['[OPTION] NEWROOT [COMMAND [ARG]...]', 'OPTION'],
    usageStatus: 125,
    posixly: true,
    options: [
      { key: 'groups', long: 'groups', argument: 'required' },
      { key: 'userspec', long: 'userspec', argument: 'required' },
      { key: 'skip', long: 'skip-chdir' },
    ],
  },
  function* (command) {
    const { process, options, operands } = command;
    const [root, ...argv] = operands;
    if (root === undefined) return yield* command.usage('missing operand');
    if (options.has('skip') && process.realpath(root) !== '/') {
      return yield* command.usage("option --skip-chdir only permitted if NEWROOT is old '/'");
    }
    // Names of both sides count: those outside are looked up first, those inside win.
    const outside = yield* readAccounts(process);
    const failure = process.chroot(root);
    if (failure) {
      yield* command.fail(
        `cannot change root directory to ${quoteAlways(root)}: ${failure.message}`,
      );
      return 125;
    }
    if (!options.has('skip')) process.chdir('/');
    const spec = options.value('userspec');
    if (spec !== undefined || options.has('groups')) {
      const problem = yield* becomeUser(command, spec ?? '', outside);
      if (problem) {
        yield* command.fail(problem);
        return 125;
      }
    }
    const shell = process.environment.get('SHELL') ?? '/bin/sh';
    return yield* runProgram(command, argv.length ? argv : [shell, '-i']);
  },
);

function* becomeUser(
  command: Command,
  spec: string,
  outside: Accounts,
): Routine<string | undefined> {
  const { process, options } = command;
  const accounts = yield* readAccounts(process);
  const inside = parseOwner(spec, accounts);
  const owner = typeof inside === 'string' ? parseOwner(spec, outside) : inside;
  if (typeof owner === 'string') return owner.replace(/: ‘.*/, '');
  const user = accounts.userById(owner.uid) ?? outside.userById(owner.uid);
  const gid = owner.gid >= 0 ? owner.gid : user?.gid;
  if (owner.uid >= 0 && gid === undefined) {
    return `no group specified for unknown uid: ${owner.uid}`;
  }
  const wanted = options.value('groups');
  const groupId = (name: string): number =>
    /^\d+$/.test(name)
      ? Number(name)
      : (accounts.groupByName(name)?.gid ?? outside.groupByName(name)?.gid ?? -1);
  const invalid = wanted?.split(',').find((name) => name !== '' && groupId(name) < 0);
  if (invalid !== undefined) return `invalid group ${quoteAlways(invalid)}`;
  const listed = wanted === undefined || wanted === '' ? [] : wanted.split(',').map(groupId);
  const groups =
    wanted !== undefined
      ? listed
      : user
        ? accounts.groupsOf(user.name, gid ?? 0)
        : gid === undefined
          ? []
          : [gid];
  const failed = (error: Errno | undefined, what: string): string | undefined =>
    error && `failed to set ${what}: ${error.message}`;
  return (
    failed(process.setgroups(groups), 'supplemental groups') ??
    (gid === undefined ? undefined : failed(process.setgid(gid), 'group-ID')) ??
    (owner.uid < 0 ? undefined : failed(process.setuid(owner.uid), 'user-ID'))
  );
}

export const stdbuf = gnu(
  {
    name: 'stdbuf',
    usage: ['OPTION... COMMAND'],
    usageStatus: 125,
    posixly: true,
    options: [
      { key: 'i', short: 'i', long: 'input', argument: 'required' },
      { key: 'o', short: 'o', long: 'output', argument: 'required' },
      { key: 'e', short: 'e', long: 'error', argument: 'required' },
    ],
  },
  function* (command) {
    if (command.operands.length === 0) return yield* command.usage('missing operand');
    if (command.options.list.length === 0)
      return yield* command.usage('you must specify a buffering mode option');
    return yield* runProgram(command, command.operands);
  },
);
