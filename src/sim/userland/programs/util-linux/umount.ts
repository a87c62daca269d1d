// umount(8) and mountpoint(1).

import type { Routine } from '../../../core/wait.ts';
import { EBUSY, EINVAL, ENOENT, EPERM, type Errno, isErrno } from '../../../kernel/errno.ts';
import { MNT_DETACH, MNT_FORCE, MS_RDONLY, MS_REMOUNT } from '../../../kernel/files/mount.ts';
import { S_IFBLK, S_IFMT } from '../../../kernel/files/inode.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { type MountEntry, readMounts } from './mount-table.ts';
import { tool, type Tool } from './tool.ts';

const FAILED = 32;

function wording(failure: Errno): string {
  switch (failure) {
    case EBUSY:
      return 'target is busy.';
    case EPERM:
      return 'must be superuser to unmount.';
    case EINVAL:
      return 'not mounted.';
    case ENOENT:
      return 'no mount point specified.';
    default:
      return `umount failed: ${failure.message}.`;
  }
}

function* takeOff(main: Tool, target: string, shown = target): ProgramRun {
  const { options, process } = main;
  const flags = (options.has('lazy') ? MNT_DETACH : 0) | (options.has('force') ? MNT_FORCE : 0);
  const failure = options.has('fake') ? undefined : process.umount(target, flags);
  if (failure && options.has('readonly') && failure === EBUSY) {
    if (!process.mount('none', target, '', MS_REMOUNT | MS_RDONLY)) return 0;
  }
  if (!failure) {
    if (options.has('verbose')) yield* main.out.print(`umount: ${target} unmounted\n`);
    return 0;
  }
  if (options.has('quiet') && failure === EINVAL) return FAILED;
  return yield* main.stop(`${shown}: ${wording(failure)}`, FAILED);
}

/** A mount point or its source: the topmost mount there. */
function* takeOffWord(main: Tool, word: string, mounts: readonly MountEntry[]): ProgramRun {
  const { process, options } = main;
  const real = process.realpath(word);
  const path = isErrno(real) ? word : real;
  const here = mounts.findLast((entry) => entry.target === path);
  const bySource = here ? undefined : mounts.findLast((entry) => entry.source === word);
  const target = here?.target ?? bySource?.target;
  if (target === undefined) {
    if (isErrno(real)) return yield* main.stop(`${word}: ${wording(ENOENT)}`, FAILED);
    if (process.euid !== 0) return yield* main.stop(`${word}: ${wording(EPERM)}`, FAILED);
    if (options.has('recursive')) return yield* main.stop(`${word}: not mounted`, 1);
    return options.has('quiet') ? FAILED : yield* main.stop(`${word}: not mounted.`, FAILED);
  }
  if (!options.has('recursive')) return yield* takeOff(main, target);
  let status = 0;
  for (const entry of below(mounts, target)) status ||= yield* takeOff(main, entry.target);
  return status;
}

/** A mount and all under it, the last made first. */
function below(mounts: readonly MountEntry[], target: string): MountEntry[] {
  const under = mounts.filter(
    (entry) => entry.target === target || entry.target.startsWith(`${target}/`),
  );
  return under.reverse();
}

function* takeOffAll(main: Tool, mounts: readonly MountEntry[]): ProgramRun {
  const types = main.options.value('types')?.split(',');
  const kept = ['proc', 'sysfs', 'devtmpfs', 'devpts', 'cgroup2', 'rootfs'];
  let status = 0;
  for (const entry of [...mounts].reverse()) {
    if (types ? !types.includes(entry.type) : kept.includes(entry.type)) continue;
    status ||= yield* takeOff(main, entry.target);
  }
  return status;
}

export const umount = tool(
  {
    name: 'umount',
    usage: ['[-hV]', '-a [options]', '[options] <source> | <directory>'],
    about: 'Unmount filesystems.',
    options: [
      { key: 'all', short: 'a', long: 'all' },
      { key: 'targets', short: 'A', long: 'all-targets' },
      { key: 'nocanon', short: 'c', long: 'no-canonicalize' },
      { key: 'detach', short: 'd', long: 'detach-loop' },
      { key: 'fake', long: 'fake' },
      { key: 'force', short: 'f', long: 'force' },
      { key: 'internal', short: 'i', long: 'internal-only' },
      { key: 'nomtab', short: 'n', long: 'no-mtab' },
      { key: 'lazy', short: 'l', long: 'lazy' },
      { key: 'recursive', short: 'R', long: 'recursive' },
      { key: 'readonly', short: 'r', long: 'read-only' },
      { key: 'types', short: 't', long: 'types', argument: 'required' },
      { key: 'verbose', short: 'v', long: 'verbose' },
      { key: 'quiet', short: 'q', long: 'quiet' },
    ],
    missing: [
      { key: 'test-opts', short: 'O', long: 'test-opts', argument: 'required' },
      { key: 'namespace', short: 'N', long: 'namespace', argument: 'required' },
    ],
  },
  function* (main) {
    const read = yield* readMounts(main.process);
    const mounts = isErrno(read) ? [] : read;
    if (main.options.has('all')) return yield* takeOffAll(main, mounts);
    if (main.operands.length === 0) return yield* main.badUsage('bad usage');
    let status = 0;
    for (const word of main.operands) {
      const before = yield* readMounts(main.process);
      const blind = isErrno(before);
      const result = blind ? yield* takeOff(main, word) : yield* takeOffWord(main, word, before);
      status = result || status;
    }
    return status;
  },
);

function* isMountPoint(main: Tool, path: string): Routine<boolean> {
  const real = main.process.realpath(path);
  const mounts = yield* readMounts(main.process);
  return !isErrno(real) && !isErrno(mounts) && mounts.some((entry) => entry.target === real);
}

const deviceText = (device: number): string => `${device >> 8}:${device & 255}`;

export const mountpoint = tool(
  {
    name: 'mountpoint',
    usage: ['[-qd] /path/to/directory', '-x /dev/device'],
    about: 'Check whether a directory or file is a mountpoint.',
    options: [
      { key: 'quiet', short: 'q', long: 'quiet' },
      { key: 'nofollow', long: 'nofollow' },
      { key: 'fs', short: 'd', long: 'fs-devno' },
      { key: 'device', short: 'x', long: 'devno' },
    ],
  },
  function* (main) {
    const { options, operands, process } = main;
    const [path] = operands;
    if (path === undefined || operands.length > 1) return yield* main.badUsage('bad usage');
    const quiet = options.has('quiet');
    const stat = options.has('nofollow') ? process.lstat(path) : process.stat(path);
    if (isErrno(stat)) return quiet ? 1 : yield* main.stop(`${path}: ${stat.message}`);
    if (options.has('device')) {
      if ((stat.mode & S_IFMT) !== S_IFBLK)
        return quiet ? FAILED : yield* main.stop(`${path}: not a block device`, FAILED);
      yield* main.out.print(`${deviceText(stat.rdev)}\n`);
      return 0;
    }
    const is = yield* isMountPoint(main, path);
    if (is && options.has('fs')) yield* main.out.print(`${deviceText(stat.device)}\n`);
    else if (!quiet) yield* main.out.print(`${path} is ${is ? '' : 'not '}a mountpoint\n`);
    return is ? 0 : FAILED;
  },
);
