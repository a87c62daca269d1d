// su(1) and runuser(1): a shell or a command as somebody else. Passwords are not asked: root needs none, and others
// are refused as with a locked account.

import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { SIGKILL, signalInfo, SIGTERM } from '../../../kernel/signals.ts';
import type { ProgramFile, ProgramRun } from '../../../kernel/program.ts';
import { type User, readAccounts } from '../../libc/accounts.ts';
import { decodeStatus, type Ended } from '../../libc/spawn.ts';
import { runCommand, tool, type Tool } from './tool.ts';

const ROOT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const USER_PATH = '/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games';

/** The environment that a session begins with. */
function environmentOf(main: Tool, user: User, login: boolean): Map<string, string> {
  const old = main.process.environment;
  const environment = new Map(login ? [] : old);
  const term = old.get('TERM');
  if (login && term !== undefined) environment.set('TERM', term);
  if (main.options.has('preserve')) return environment;
  environment.set('HOME', user.home);
  environment.set('SHELL', user.shell || '/bin/sh');
  if (user.uid !== 0 || login) {
    environment.set('USER', user.name);
    environment.set('LOGNAME', user.name);
  }
  if (login) environment.set('PATH', user.uid === 0 ? ROOT_PATH : USER_PATH);
  if (login && old.get('LANG')) environment.set('LANG', old.get('LANG') ?? '');
  return environment;
}

function* become(
  main: Tool,
  user: User,
  groups: readonly number[],
  argv: readonly string[],
  login: boolean,
): ProgramRun {
  const { process } = main;
  const failure = process.setgroups(groups) ?? process.setgid(user.gid) ?? process.setuid(user.uid);
  if (failure) return yield* main.stop(`cannot set user id: ${failure.message}`);
  if (login && process.chdir(user.home)) {
    main.err.put(
      `${main.name}: warning: cannot change directory to ${user.home}: No such file or directory\n`,
    );
    yield* main.err.flush();
  }
  const environment = environmentOf(main, user, login);
  const [shell = '/bin/sh', ...words] = argv;
  const name = shell.slice(shell.lastIndexOf('/') + 1);
  const error = process.exec(shell, [login ? `-${name}` : name, ...words], environment);
  yield* main.fail(`failed to execute ${shell}: ${error.message}`);
  return error.name === 'ENOENT' ? 127 : 126;
}

function suLike(name: 'su' | 'runuser'): ProgramFile {
  return tool(
    {
      name,
      usage: [`[options] [-] [<user> [<argument>...]]`],
      posixly: false,
      about: 'Change the effective user ID and group ID to that of <user>.',
      options: [
        { key: 'preserve', short: 'mp', long: 'preserve-environment' },
        { key: 'group', short: 'g', long: 'group', argument: 'required' },
        { key: 'supp', short: 'G', long: 'supp-group', argument: 'required' },
        { key: 'login', short: 'l', long: 'login' },
        { key: 'command', short: 'c', long: 'command', argument: 'required' },
        { key: 'session', long: 'session-command', argument: 'required' },
        { key: 'fast', short: 'f', long: 'fast' },
        { key: 'shell', short: 's', long: 'shell', argument: 'required' },
        { key: 'pty', short: 'P', long: 'pty' },
        ...(name === 'runuser'
          ? [{ key: 'user', short: 'u', long: 'user', argument: 'required' as const }]
          : []),
      ],
      missing: [
        {
          key: 'whitelist-environment',
          short: 'w',
          long: 'whitelist-environment',
          argument: 'required',
        },
      ],
    },
    function* (main) {
      const { options, process } = main;
      const words = [...main.operands];
      const asUser = options.value('user');
      let login = options.has('login');
      if (asUser === undefined && words[0] === '-') {
        login = true;
        words.shift();
      }
      const wanted = asUser ?? words.shift() ?? 'root';
      const accounts = yield* readAccounts(process);
      const user = accounts.userByName(wanted);
      if (!user)
        return yield* main.stop(
          `user ${wanted} does not exist or the user entry does not contain all the required fields`,
        );
      if (process.uid !== 0) {
        if (name === 'runuser') return yield* main.stop('may not be used by non-root users');
        main.err.put('Password: ');
        yield* main.err.flush();
        return yield* main.stop('Authentication failure');
      }
      const groups = accounts.groupsOf(user.name, user.gid);
      const command = options.value('command') ?? options.value('session');
      const shell = options.value('shell') ?? (user.shell || '/bin/sh');
      if (asUser !== undefined) {
        const failure =
          process.setgroups(groups) ?? process.setgid(user.gid) ?? process.setuid(user.uid);
        return failure
          ? yield* main.stop(`cannot set user id: ${failure.message}`)
          : yield* runCommand(main, words);
      }
      const argv = [shell, ...(command === undefined ? [] : ['-c', command]), ...words];
      return yield* session(main, user, groups, argv, login);
    },
  );
}

/** Waits for the child; undefined where su itself was told to end. */
function* waitUnless(
  process: Process,
  pid: number,
  stopped: () => boolean,
): Routine<Ended | undefined> {
  for (;;) {
    const result = yield* process.wait(pid);
    if (stopped()) return undefined;
    if (result && !isErrno(result)) return decodeStatus(result.status);
  }
}

/** How long a shell has to end by itself before it is killed. */
const GRACE = 2_000_000_000;

/** su was sent SIGTERM: so is the shell, then SIGKILL; su ends by the signal. */
function* killShell(main: Tool, pid: number): ProgramRun {
  const { process } = main;
  main.err.put('\nSession terminated, killing shell...');
  yield* main.err.flush();
  process.kill(pid, SIGTERM);
  yield* process.sleep(GRACE);
  process.kill(pid, SIGKILL);
  main.err.put(' ...killed.\n');
  yield* main.err.flush();
  process.sigaction(SIGTERM, 'default');
  process.kill(process.pid, SIGTERM);
  yield* process.sleep(0);
  return 128 + SIGTERM;
}

/** The session runs in a child; su waits for it and ends as it did. */
function* session(
  main: Tool,
  user: User,
  groups: readonly number[],
  argv: readonly string[],
  login: boolean,
): ProgramRun {
  const { process } = main;
  // a command of somebody else's has a session of its own, so that it cannot type on the caller's terminal
  const apart = main.options.has('command') && user.uid !== 0;
  const pid = process.fork((child) => {
    if (apart) child.setsid();
    return become({ ...main, process: child }, user, groups, argv, login);
  });
  if (isErrno(pid)) return yield* main.stop(`cannot create child process: ${pid.message}`);
  let terminated = false;
  process.sigaction(SIGTERM, () => void (terminated = true));
  const ended = yield* waitUnless(process, pid, () => terminated);
  if (!ended) return yield* killShell(main, pid);
  const { code, signal } = ended;
  if (signal === 0) return code;
  main.err.put(`${signalInfo(signal)?.text ?? ''}\n`);
  yield* main.err.flush();
  return 128 + signal;
}

export const su = suLike('su');
export const runuser = suLike('runuser');
