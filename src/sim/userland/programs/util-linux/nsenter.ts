// nsenter(1): runs a program in the namespaces of another process.

import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { NAMESPACE_KINDS, type NamespaceKind } from '../../../kernel/namespaces/namespace.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { waitFor } from '../../libc/spawn.ts';
import { reason, runCommand, tool, type Tool } from './tool.ts';

/** In the order in which they are joined: user first, then mount last but one, as nsenter does. */
const ORDER: readonly (readonly [string, NamespaceKind])[] = [
  ['user', 'user'],
  ['cgroup', 'cgroup'],
  ['ipc', 'ipc'],
  ['uts', 'uts'],
  ['net', 'net'],
  ['pid', 'pid'],
  ['mount', 'mnt'],
  ['time', 'time'],
];

interface Opened {
  readonly kind: NamespaceKind;
  readonly fd: number;
}

/** Files of the wanted namespaces; a text is why one could not be had. */
function openNamespaces(main: Tool): Opened[] | string {
  const { options, process } = main;
  const pid = options.value('target');
  const opened: Opened[] = [];
  for (const [key, kind] of ORDER) {
    const all = options.has('all');
    if (!options.has(key) && !all) continue;
    const given = options.value(key) ?? '';
    if (given === '' && pid === undefined)
      return `neither filename nor target pid supplied for ns/${kind}`;
    const path = given === '' ? `/proc/${pid ?? ''}/ns/${kind}` : given;
    if (all && given === '' && isOwn(process, path, kind)) continue;
    const fd = process.open(path, 0);
    if (isErrno(fd)) return reason(`cannot open ${path}`, fd);
    opened.push({ kind, fd });
  }
  return opened;
}

/** -a leaves out what one is in already (the user namespace could not be joined again). */
function isOwn(process: Process, path: string, kind: NamespaceKind): boolean {
  const there = process.readlink(path);
  return !isErrno(there) && there === process.readlink(`/proc/self/ns/${kind}`);
}

function* enter(main: Tool, opened: readonly Opened[]): Routine<string | undefined> {
  const { process } = main;
  for (const { kind, fd } of opened) {
    const failure = process.setns(fd, NAMESPACE_KINDS[kind].flag);
    if (failure) return reason(`reassociate to namespace 'ns/${kind}' failed`, failure);
    process.close(fd);
  }
  return undefined;
}

/** -r and -w: directories that were opened before the namespaces were entered. */
function changeDirectories(
  main: Tool,
  root: number | undefined,
  directory: number | undefined,
): string | undefined {
  const { process, options } = main;
  const at = (fd: number): string => `/proc/self/fd/${fd}`;
  if (root !== undefined) {
    const failure = process.rootAt(root);
    if (failure) return reason('chroot failed', failure);
  }
  if (directory !== undefined) {
    const failure = process.chdirAt(directory);
    if (failure) return reason(`cannot change directory to ${at(directory)}`, failure);
  }
  const inside = options.value('wdns');
  const failure = inside === undefined ? undefined : process.chdir(inside);
  return failure && reason(`chdir to ${inside ?? ''} failed`, failure);
}

function openDirectory(main: Tool, key: 'root' | 'wd', link: string): number | string | undefined {
  const { options, process } = main;
  if (!options.has(key)) return undefined;
  const given = options.value(key) ?? '';
  const pid = options.value('target');
  if (given === '' && pid === undefined)
    return `neither filename nor target pid supplied for ${link}`;
  const path = given === '' ? `/proc/${pid ?? ''}/${link}` : given;
  const fd = process.open(path, 0);
  return isErrno(fd) ? reason(`cannot open ${path}`, fd) : fd;
}

function becomeRoot(main: Tool, inUser: boolean): string | undefined {
  const { process, options } = main;
  const uid = options.value('setuid') ?? (inUser ? '0' : undefined);
  const gid = options.value('setgid') ?? (inUser ? '0' : undefined);
  if (options.has('preserve')) return undefined;
  if (gid !== undefined) {
    process.setgroups([]);
    const failure = process.setgid(Number(gid));
    if (failure) return reason('setgid failed', failure);
  }
  const failure = uid === undefined ? undefined : process.setuid(Number(uid));
  return failure && reason('setuid failed', failure);
}

function* forkInto(main: Tool): ProgramRun {
  const { process } = main;
  const pid = process.fork((child) => runCommand({ ...main, process: child }, main.operands));
  if (isErrno(pid)) return yield* main.stop(reason('fork failed', pid));
  const { code, signal } = yield* waitFor(process, pid);
  if (signal === 0) return code;
  process.sigaction(signal, 'default');
  process.raise(signal);
  yield { on: [], cpu: 0 };
  return 128 + signal;
}

export const nsenter = tool(
  {
    name: 'nsenter',
    usage: ['[options] [<program> [<argument>...]]'],
    about: 'Run a program with namespaces of other processes.',
    posixly: true,
    options: [
      { key: 'all', short: 'a', long: 'all' },
      { key: 'target', short: 't', long: 'target', argument: 'required' },
      { key: 'mount', short: 'm', long: 'mount', argument: 'optional' },
      { key: 'uts', short: 'u', long: 'uts', argument: 'optional' },
      { key: 'ipc', short: 'i', long: 'ipc', argument: 'optional' },
      { key: 'net', short: 'n', long: 'net', argument: 'optional' },
      { key: 'pid', short: 'p', long: 'pid', argument: 'optional' },
      { key: 'cgroup', short: 'C', long: 'cgroup', argument: 'optional' },
      { key: 'user', short: 'U', long: 'user', argument: 'optional' },
      { key: 'time', short: 'T', long: 'time', argument: 'optional' },
      { key: 'setuid', short: 'S', long: 'setuid', argument: 'required' },
      { key: 'setgid', short: 'G', long: 'setgid', argument: 'required' },
      { key: 'preserve', long: 'preserve-credentials' },
      { key: 'root', short: 'r', long: 'root', argument: 'optional' },
      { key: 'wd', short: 'w', long: 'wd', argument: 'optional' },
      { key: 'wdns', short: 'W', long: 'wdns', argument: 'required' },
      { key: 'nofork', short: 'F', long: 'no-fork' },
    ],
    missing: [{ key: 'follow-context', short: 'Z', long: 'follow-context' }],
  },
  function* (main) {
    const { options } = main;
    const target = options.value('target');
    if (target !== undefined && !/^\d+$/.test(target)) {
      return yield* main.stop(`failed to parse pid: '${target}'`);
    }
    const opened = openNamespaces(main);
    if (typeof opened === 'string') return yield* main.stop(opened);
    const root = openDirectory(main, 'root', 'root');
    if (typeof root === 'string') return yield* main.stop(root);
    const directory = openDirectory(main, 'wd', 'cwd');
    if (typeof directory === 'string') return yield* main.stop(directory);
    const refused =
      (yield* enter(main, opened)) ??
      changeDirectories(main, root, directory) ??
      becomeRoot(
        main,
        opened.some(({ kind }) => kind === 'user'),
      );
    if (refused !== undefined) return yield* main.stop(refused);
    const moves = opened.some(({ kind }) => kind === 'pid' || kind === 'time');
    if (moves && !options.has('nofork')) return yield* forkInto(main);
    return yield* runCommand(main, main.operands);
  },
);
