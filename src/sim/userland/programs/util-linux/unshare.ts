// unshare(1): runs a program in new namespaces.

import type { Routine } from '../../../core/wait.ts';
import { encode } from '../../../core/text.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { type Errno, isErrno } from '../../../kernel/errno.ts';
import {
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_BIND,
  MS_PRIVATE,
  MS_REC,
  MS_SHARED,
  MS_SLAVE,
} from '../../../kernel/files/mount.ts';
import {
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWUSER,
  NAMESPACE_KINDS,
} from '../../../kernel/namespaces/namespace.ts';
import { SIGINT, SIGTERM, SIGKILL, signalNumber } from '../../../kernel/signals.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { readAccounts } from '../../libc/accounts.ts';
import { writeFile } from '../../libc/whole-file.ts';
import { reason, runCommand, tool, type Tool } from './tool.ts';

const KINDS: Readonly<Record<string, keyof typeof NAMESPACE_KINDS>> = {
  mount: 'mnt',
  uts: 'uts',
  ipc: 'ipc',
  net: 'net',
  pid: 'pid',
  user: 'user',
  cgroup: 'cgroup',
  time: 'time',
};

const PROPAGATION: Readonly<Record<string, number>> = {
  private: MS_REC | MS_PRIVATE,
  shared: MS_REC | MS_SHARED,
  slave: MS_REC | MS_SLAVE,
  unchanged: 0,
};

/** Which id maps are to be written, and how. */
interface Mapping {
  readonly uid: string | undefined;
  readonly gid: string | undefined;
  readonly setgroups: string | undefined;
}

function flagsOf({ options }: Tool): number {
  let flags = 0;
  for (const [key, kind] of Object.entries(KINDS))
    if (options.has(key)) flags |= NAMESPACE_KINDS[kind].flag;
  if (
    ['root', 'current', 'mapuser', 'mapgroup', 'mapauto', 'mapusers', 'mapgroups'].some((key) =>
      options.has(key),
    )
  ) {
    flags |= CLONE_NEWUSER;
  }
  if (options.has('mountproc')) flags |= CLONE_NEWNS;
  return flags;
}

function* mappingOf({ options, process }: Tool): Routine<Mapping> {
  const { euid, egid } = process;
  const accounts = yield* readAccounts(process);
  const user = options.value('mapuser');
  const group = options.value('mapgroup');
  const idOf = (text: string, found: number | undefined): string =>
    /^\d+$/.test(text) ? text : String(found ?? text);
  let uid: string | undefined;
  let gid: string | undefined;
  if (options.has('root')) [uid, gid] = [`0 ${euid} 1`, `0 ${egid} 1`];
  if (options.has('current')) [uid, gid] = [`${euid} ${euid} 1`, `${egid} ${egid} 1`];
  if (user !== undefined) uid = `${idOf(user, accounts.userByName(user)?.uid)} ${euid} 1`;
  if (group !== undefined) gid = `${idOf(group, accounts.groupByName(group)?.gid)} ${egid} 1`;
  const range = (text: string | undefined): string | undefined => {
    const [outer, inner, count] = text?.split(',') ?? [];
    return count === undefined ? undefined : `${inner} ${outer} ${count}`;
  };
  const more = (one: string | undefined, text: string | undefined): string | undefined =>
    [one, range(text)].filter((line) => line !== undefined).join('\n') || undefined;
  return {
    uid: more(uid, options.value('mapusers')),
    gid: more(gid, options.value('mapgroups')),
    setgroups: options.value('setgroups') ?? (gid === undefined ? undefined : 'deny'),
  };
}

function* writeMaps(main: Tool, mapping: Mapping): Routine<string | undefined> {
  const { process } = main;
  const write = function* (file: string, text: string | undefined): Routine<string | undefined> {
    if (text === undefined) return undefined;
    const failure = yield* writeFile(process, `/proc/self/${file}`, encode(text));
    return failure ? reason(`write failed /proc/self/${file}`, failure) : undefined;
  };
  return (
    (yield* write('uid_map', mapping.uid)) ??
    (yield* write('setgroups', mapping.setgroups)) ??
    (yield* write('gid_map', mapping.gid))
  );
}

/** Namespace files given with --net=FILE and the like: each is bind-mounted there. */
function* keepNamespaces(main: Tool): Routine<string | undefined> {
  for (const [key, kind] of Object.entries(KINDS)) {
    const path = main.options.value(key);
    if (!path) continue;
    const name = kind === 'pid' || kind === 'time' ? `${kind}_for_children` : kind;
    const failure = main.process.mount(`/proc/self/ns/${name}`, path, '', MS_BIND);
    if (failure) return reason(`mount /proc/self/ns/${name} on ${path} failed`, failure);
  }
  return undefined;
}

function setPropagation(main: Tool): string | undefined {
  const word = main.options.value('propagation') ?? 'private';
  const flags = PROPAGATION[word];
  if (flags === undefined) return `unsupported propagation mode: ${word}`;
  const failure = flags === 0 ? undefined : main.process.mount('none', '/', '', flags);
  return failure && reason('cannot change root filesystem propagation', failure);
}

/** What is done in the new namespaces before the program starts; a text is why it failed. */
function* settle(main: Tool, process: Process): Routine<string | undefined> {
  const { options } = main;
  const root = options.value('newroot');
  if (options.has('mountproc')) {
    const place = options.value('mountproc') || '/proc';
    const target = root !== undefined ? `${root}${place}` : place;
    if (root === undefined) process.mount('none', target, '', MS_PRIVATE | MS_REC);
    const failure = process.mount('proc', target, 'proc', MS_NOSUID | MS_NODEV | MS_NOEXEC);
    if (failure) return reason(`mount ${target} failed`, failure);
  }
  if (root !== undefined) {
    const failure = process.chroot(root) ?? process.chdir('/');
    if (failure) return reason(`cannot change root directory to '${root}'`, failure);
  }
  const directory = options.value('directory');
  const failure = directory === undefined ? undefined : process.chdir(directory);
  if (failure) return reason(`cannot chdir to '${directory ?? ''}'`, failure);
  return changeIds(main, process);
}

function changeIds({ options }: Tool, process: Process): string | undefined {
  const gid = options.value('setgid');
  const uid = options.value('setuid');
  if (gid !== undefined) {
    const failure = process.setgroups([]) ?? process.setgid(Number(gid));
    if (failure) return reason('setgid failed', failure);
  }
  const failure = uid === undefined ? undefined : process.setuid(Number(uid));
  return failure && reason('setuid failed', failure);
}

/** -f: the program runs in a child; we wait for it, deaf to INT and TERM, and end as it did. */
function* forkAndWait(main: Tool): ProgramRun {
  const { process, options } = main;
  const blocked = process.sigmask(new Set([SIGINT, SIGTERM]));
  const death = options.has('killchild')
    ? (signalNumber(options.value('killchild') || 'KILL') ?? SIGKILL)
    : undefined;
  const pid = process.fork(function* (child) {
    child.sigmask(blocked);
    if (death !== undefined) child.setParentDeathSignal(death);
    const inside: Tool = { ...main, process: child };
    const failure = yield* settle(inside, child);
    if (failure !== undefined) return yield* main.stop(failure);
    return yield* runCommand(inside, main.operands);
  });
  if (isErrno(pid)) return yield* main.stop(reason('fork failed', pid));
  const result = yield* process.wait(pid);
  if (!result || isErrno(result)) return 1;
  const signal = result.status & 0x7f;
  if (signal === 0) return result.status >> 8;
  if (signal === SIGKILL) return yield* main.stop('sigprocmask unblock failed: Invalid argument');
  process.sigmask(new Set());
  process.sigaction(signal, 'default');
  process.raise(signal);
  yield { on: [], cpu: 0 };
  return 128 + signal;
}

function* afterUnshare(main: Tool, mapping: Mapping, flags: number): Routine<string | undefined> {
  const { options } = main;
  if (flags & CLONE_NEWUSER) {
    const failure = yield* writeMaps(main, mapping);
    if (failure !== undefined) return failure;
  }
  if (flags & CLONE_NEWNS) {
    const failure = setPropagation(main);
    if (failure !== undefined) return failure;
  }
  for (const clock of ['monotonic', 'boottime']) {
    const offset = options.value(clock);
    if (offset === undefined) continue;
    yield* writeFile(main.process, '/proc/self/timens_offsets', encode(`${clock} ${offset} 0\n`));
  }
  return yield* keepNamespaces(main);
}

export const unshare = tool(
  {
    name: 'unshare',
    usage: ['[options] [<program> [<argument>...]]'],
    about: 'Run a program with some namespaces unshared from the parent.',
    posixly: true,
    options: [
      { key: 'mount', short: 'm' },
      { key: 'mount', long: 'mount', argument: 'optional' },
      { key: 'uts', short: 'u' },
      { key: 'uts', long: 'uts', argument: 'optional' },
      { key: 'ipc', short: 'i' },
      { key: 'ipc', long: 'ipc', argument: 'optional' },
      { key: 'net', short: 'n' },
      { key: 'net', long: 'net', argument: 'optional' },
      { key: 'pid', short: 'p' },
      { key: 'pid', long: 'pid', argument: 'optional' },
      { key: 'user', short: 'U' },
      { key: 'user', long: 'user', argument: 'optional' },
      { key: 'cgroup', short: 'C' },
      { key: 'cgroup', long: 'cgroup', argument: 'optional' },
      { key: 'time', short: 'T' },
      { key: 'time', long: 'time', argument: 'optional' },
      { key: 'fork', short: 'f', long: 'fork' },
      { key: 'mapuser', long: 'map-user', argument: 'required' },
      { key: 'mapgroup', long: 'map-group', argument: 'required' },
      { key: 'root', short: 'r', long: 'map-root-user' },
      { key: 'current', short: 'c', long: 'map-current-user' },
      { key: 'mapusers', long: 'map-users', argument: 'required' },
      { key: 'mapgroups', long: 'map-groups', argument: 'required' },
      { key: 'killchild', long: 'kill-child', argument: 'optional' },
      { key: 'mountproc', long: 'mount-proc', argument: 'optional' },
      { key: 'propagation', long: 'propagation', argument: 'required' },
      { key: 'setgroups', long: 'setgroups', argument: 'required' },
      { key: 'keepcaps', long: 'keep-caps' },
      { key: 'newroot', short: 'R', long: 'root', argument: 'required' },
      { key: 'directory', short: 'w', long: 'wd', argument: 'required' },
      { key: 'setuid', short: 'S', long: 'setuid', argument: 'required' },
      { key: 'setgid', short: 'G', long: 'setgid', argument: 'required' },
      { key: 'monotonic', long: 'monotonic', argument: 'required' },
      { key: 'boottime', long: 'boottime', argument: 'required' },
    ],
    missing: [{ key: 'map-auto', long: 'map-auto' }],
  },
  function* (main) {
    const { process, options } = main;
    const flags = flagsOf(main);
    const mapping = yield* mappingOf(main);
    const failure: Errno | undefined = process.unshare(flags);
    if (failure) return yield* main.stop(reason('unshare failed', failure));
    const refused = yield* afterUnshare(main, mapping, flags);
    if (refused !== undefined) return yield* main.stop(refused);
    if (options.has('fork') || options.has('killchild')) return yield* forkAndWait(main);
    if (options.has('mountproc') && flags & CLONE_NEWPID) {
      return yield* main.stop(
        `mount ${options.value('mountproc') || '/proc'} failed: Operation not permitted`,
      );
    }
    const unsettled = yield* settle(main, process);
    if (unsettled !== undefined) return yield* main.stop(unsettled);
    return yield* runCommand(main, main.operands);
  },
);
