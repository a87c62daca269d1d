// su(1) and runuser(1): a shell or a command as somebody else. Passwords are not asked: root needs none, and others
// are refused as with a locked account.

import { isErrno } from '../../../kernel/errno.ts';
import { signalInfo } from '../../../kernel/signals.ts';
import type { ProgramFile, ProgramRun } from '../../../kernel/program.ts';
import { type User, readAccounts } from '../../libc/accounts.ts';
import { waitFor } from '../../libc/spawn.ts';
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

/** The session runs in a child; su waits for it and ends as it did. */
function* session(
  main: Tool,
  user: User,
  groups: readonly number[],
  argv: readonly string[],
  login: boolean,
): ProgramRun {
  const { process } = main;
  const pid = process.fork((child) =>
    become({ ...main, process: child }, user, groups, argv, login),
  );
  if (isErrno(pid)) return yield* main.stop(`cannot create child process: ${pid.message}`);
  const { code, signal } = yield* waitFor(process, pid);
  if (signal === 0) return code;
  main.err.put(`${signalInfo(signal)?.text ?? ''}\n`);
  yield* main.err.flush();
  return 128 + signal;
}

export const su = suLike('su');
export const runuser = suLike('runuser');
