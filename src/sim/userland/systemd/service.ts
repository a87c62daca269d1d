// Starting a service's process (systemd.exec(5)): a control group of its own, a session, its output to the journal's pipe, the
// environment, user and directory that the unit says. Sandboxing (Protect…, Private…, capabilities) is left out.

import { decode, encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { type Errno, isErrno } from '../../kernel/errno.ts';
import { O_RDWR, O_WRONLY } from '../../kernel/files/open-file.ts';
import { readAccounts } from '../libc/accounts.ts';
import { readFile, writeAll } from '../libc/whole-file.ts';
import { cgroupOf, type Unit } from './unit.ts';
import { type ExecCommand, splitWords, valueOf, valuesOf, withSpecifiers } from './unit-file.ts';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Exit statuses of systemd's own for what fails before the program (systemd.exec(5)). */
const EXIT_CHDIR = 200;
const EXIT_EXEC = 203;
const EXIT_USER = 217;

function assignments(text: string): [string, string][] {
  return splitWords(text).flatMap((word) => {
    const equals = word.indexOf('=');
    return equals > 0 ? [[word.slice(0, equals), word.slice(equals + 1)] as [string, string]] : [];
  });
}

/** The environment of a service; the path of an EnvironmentFile= that is missing where that is a failure. */
export function* environmentOf(
  process: Process,
  unit: Unit,
): Routine<Map<string, string> | string> {
  const { sections } = unit.loaded;
  const environment = new Map([
    ['LANG', 'C.UTF-8'],
    ['PATH', PATH],
  ]);
  for (const text of valuesOf(sections, 'Service', 'Environment'))
    for (const [name, value] of assignments(text)) environment.set(name, value);
  for (const file of valuesOf(sections, 'Service', 'EnvironmentFile')) {
    const optional = file.startsWith('-');
    const bytes = yield* readFile(process, optional ? file.slice(1) : file);
    if (isErrno(bytes)) {
      if (!optional) return file;
      continue;
    }
    for (const line of decode(bytes).split('\n')) {
      const match = /^\s*([A-Za-z_]\w*)=(.*)$/.exec(line);
      if (match) environment.set(match[1] ?? '', unquoted((match[2] ?? '').trim()));
    }
  }
  const user = valueOf(sections, 'Service', 'User');
  if (user !== undefined) environment.set('USER', user);
  return environment;
}

function unquoted(text: string): string {
  const match = /^(["'])(.*)\1$/.exec(text);
  return match?.[2] ?? text;
}

/** What a service's process is made of. */
export interface Launch {
  readonly unit: Unit;
  readonly command: ExecCommand;
  readonly environment: ReadonlyMap<string, string>;
  /** The journal's pipe. */
  readonly output: number;
}

/** Forks a service's process; its number. */
export function* launch(process: Process, what: Launch): Routine<number | Errno> {
  const { unit, command, environment, output } = what;
  const { sections } = unit.loaded;
  const directory = valueOf(sections, 'Service', 'WorkingDirectory') ?? '/';
  const name = valueOf(sections, 'Service', 'User');
  const user = name === undefined ? undefined : (yield* readAccounts(process)).userByName(name);
  for (const path of ['/sys/fs/cgroup/system.slice', cgroupOf(unit)]) process.mkdir(path, 0o755);
  return process.fork(function* (child) {
    yield* enterGroup(child, cgroupOf(unit));
    child.setsid();
    const nothing = child.open('/dev/null', O_RDWR);
    if (!isErrno(nothing)) child.dup2(nothing, 0);
    for (const fd of [1, 2]) child.dup2(output, fd);
    if (child.chdir(withSpecifiers(directory.replace(/^-/, ''), unit.name, child.hostname)))
      return EXIT_CHDIR;
    if (name !== undefined) {
      if (!user) return EXIT_USER;
      child.setgroups([user.gid]);
      child.setgid(user.gid);
      child.setuid(user.uid);
    }
    child.exec(command.path, command.argv, environment);
    return EXIT_EXEC;
  });
}

function* enterGroup(child: Process, directory: string): Routine<void> {
  const fd = child.open(`${directory}/cgroup.procs`, O_WRONLY);
  if (isErrno(fd)) return;
  yield* writeAll(child, fd, encode('0\n'));
  child.close(fd);
}

/** The processes of a service's group. */
export function* processesOf(process: Process, unit: Unit): Routine<number[]> {
  const bytes = yield* readFile(process, `${cgroupOf(unit)}/cgroup.procs`);
  if (isErrno(bytes)) return [];
  return decode(bytes)
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}
