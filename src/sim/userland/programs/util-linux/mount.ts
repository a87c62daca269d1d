// mount(8): lists mounts, makes new ones, binds, moves, remounts, and sets propagation.

import type { Routine } from '../../../core/wait.ts';
import {
  EBUSY,
  EINVAL,
  ENODEV,
  ENOENT,
  ENOTBLK,
  EPERM,
  EROFS,
  type Errno,
  isErrno,
} from '../../../kernel/errno.ts';
import {
  MS_BIND,
  MS_MOVE,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
  MS_REMOUNT,
  MS_SHARED,
  MS_SLAVE,
  MS_UNBINDABLE,
} from '../../../kernel/files/mount.ts';
import { splitMountOptions } from '../../../kernel/files/mount-options.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import {
  listedMount,
  type MountEntry,
  type MountRequest,
  readFstab,
  readMounts,
} from './mount-table.ts';
import { tool, type Tool } from './tool.ts';

/** mount(8), "EXIT STATUS". */
const FAILED = 32;

/** Propagation operations by option. */
const PROPAGATION: Readonly<Record<string, number>> = {
  'make-shared': MS_SHARED,
  'make-slave': MS_SLAVE,
  'make-private': MS_PRIVATE,
  'make-unbindable': MS_UNBINDABLE,
  'make-rshared': MS_SHARED | MS_REC,
  'make-rslave': MS_SLAVE | MS_REC,
  'make-rprivate': MS_PRIVATE | MS_REC,
  'make-runbindable': MS_UNBINDABLE | MS_REC,
};
const PROPAGATION_FLAGS = MS_SHARED | MS_SLAVE | MS_PRIVATE | MS_UNBINDABLE;

function* list(main: Tool): ProgramRun {
  const mounts = yield* readMounts(main.process);
  if (isErrno(mounts)) return yield* main.stop('failed to read mtab: No such file or directory');
  const types = main.options.value('types')?.split(',');
  for (const entry of mounts) {
    if (types && !types.includes(entry.type)) continue;
    yield* main.out.print(listedMount(entry));
  }
  return 0;
}

function* fstabOf(main: Tool): Routine<MountRequest[]> {
  const entries = yield* readFstab(main.process, main.options.value('fstab'));
  return isErrno(entries) ? [] : entries;
}

/** An absolute path without symlinks, as messages and mountinfo show it; as given where it does not exist. */
function canonical(main: Tool, path: string): string {
  const real = main.process.realpath(path);
  return isErrno(real) ? path : real;
}

function wantedFlags(main: Tool): { flags: number; data: string } {
  const { options } = main;
  const words = options.values('options').join(',');
  let { flags, data } = splitMountOptions(words);
  if (options.has('readonly')) flags |= MS_RDONLY;
  if (options.has('bind')) flags |= MS_BIND;
  if (options.has('rbind')) flags |= MS_BIND | MS_REC;
  if (options.has('move')) flags |= MS_MOVE;
  for (const [name, value] of Object.entries(PROPAGATION)) if (options.has(name)) flags |= value;
  data = data.trim();
  return { flags, data };
}

/** The message of a failed mount(2), as libmount words it. */
function explain(main: Tool, job: MountRequest, failure: Errno): string {
  const { process } = main;
  const { source, target, type, flags } = job;
  const there = process.exists(target);
  const at = `${there ? canonical(main, target) : target}: `;
  const withHint = (text: string): string =>
    `${at}${text}\n       dmesg(1) may have more information after failed mount system call.`;
  switch (failure) {
    case EPERM:
      return withHint(
        process.euid === 0 ? 'permission denied.' : 'must be superuser to use mount.',
      );
    case EBUSY:
      if (flags & MS_REMOUNT) return withHint(`mount point is busy.`);
      return withHint(`${source || 'none'} already mounted or mount point busy.`);
    case ENOENT:
      if (!there) return withHint('mount point does not exist.');
      return withHint(`special device ${source} does not exist.`);
    case ENODEV:
      if (!process.exists(source)) return withHint(`special device ${source} does not exist.`);
      return withHint(`unknown filesystem type '${type}'.`);
    case ENOTBLK:
      return withHint(`${source} is not a block device.`);
    case EROFS:
      return withHint(`cannot mount ${source} read-only.`);
    case EINVAL:
      if (flags & MS_REMOUNT) return withHint('mount point not mounted or bad option.');
      if (flags & PROPAGATION_FLAGS && !(flags & MS_BIND) && type === '')
        return withHint('not mount point or bad option.');
      return withHint(
        `wrong fs type, bad option, bad superblock on ${source}, missing codepage or helper program, or other error.`,
      );
    default:
      return withHint(`mount(2) system call failed: ${failure.message}.`);
  }
}

/** A remount keeps the options that the mount has, under those that were given. */
function* oldOptions(main: Tool, target: string): Routine<{ flags: number; data: string }> {
  const mounts = yield* readMounts(main.process);
  const entry = isErrno(mounts)
    ? undefined
    : mounts.findLast((each) => each.target === canonical(main, target));
  if (!entry) return { flags: 0, data: '' };
  return {
    flags: splitMountOptions(entry.options).flags,
    data: splitMountOptions(entry.superOptions).data,
  };
}

function mergeData(old: string, given: string): string {
  const names = given.split(',').map((word) => word.split('=')[0]);
  return [
    ...old.split(',').filter((word) => word !== '' && !names.includes(word.split('=')[0])),
    given,
  ]
    .filter((word) => word !== '' && word !== 'inode64')
    .join(',');
}

function* perform(main: Tool, job: MountRequest): ProgramRun {
  const { process, options } = main;
  const { flags } = job;
  if (options.has('mkdir') && !process.exists(job.target)) process.mkdir(job.target, 0o755);
  let { data } = job;
  let realFlags = flags;
  if (flags & MS_REMOUNT) {
    const old = yield* oldOptions(main, job.target);
    const words = new Set(options.values('options').join(',').split(','));
    realFlags |= words.has('rw') ? old.flags & ~MS_RDONLY : old.flags;
    data = flags & MS_BIND ? '' : mergeData(old.data, data);
  }
  if (options.has('fake')) return 0;
  const source = flags & (MS_BIND | MS_MOVE) ? canonical(main, job.source) : job.source;
  const shown = { ...job, source };
  if (flags & (MS_BIND | MS_MOVE) && !(flags & MS_REMOUNT) && !process.exists(job.source)) {
    return yield* main.stop(explain(main, shown, ENOENT), FAILED);
  }
  const onlyPropagation = flags & PROPAGATION_FLAGS;
  const first =
    realFlags &
    ~(flags & (MS_BIND | MS_MOVE | MS_REMOUNT) || job.type !== '' ? PROPAGATION_FLAGS : 0);
  const failure = process.mount(source, job.target, job.type, first, data);
  if (failure) return yield* main.stop(explain(main, shown, failure), FAILED);
  const second = yield* afterBind(main, job, onlyPropagation);
  if (second) return yield* main.stop(explain(main, shown, second), FAILED);
  if (options.has('verbose'))
    yield* main.out.print(`mount: ${source} mounted on ${canonical(main, job.target)}.\n`);
  return 0;
}

/** `bind,ro` takes a second call, and so does a propagation given with a mount. */
function* afterBind(
  main: Tool,
  job: MountRequest,
  propagation: number,
): Routine<Errno | undefined> {
  const { process } = main;
  const { flags } = job;
  const restricts = flags & ~(MS_BIND | MS_REC | PROPAGATION_FLAGS | MS_MOVE);
  if (flags & MS_BIND && !(flags & MS_REMOUNT) && restricts !== 0) {
    const failure = process.mount('none', job.target, '', MS_REMOUNT | MS_BIND | restricts);
    if (failure) return failure;
  }
  const made = flags & (MS_BIND | MS_MOVE) || job.type !== '';
  return made && propagation
    ? process.mount('none', job.target, '', propagation | (flags & MS_REC))
    : undefined;
}

function* mountAll(main: Tool): ProgramRun {
  let status = 0;
  const mounts = yield* readMounts(main.process);
  const mounted = (target: string): boolean =>
    !isErrno(mounts) && mounts.some((entry: MountEntry) => entry.target === target);
  for (const job of yield* fstabOf(main)) {
    if (job.target === '/' || job.type === 'swap' || mounted(job.target)) continue;
    if ((yield* perform(main, job)) !== 0) status = 64;
  }
  return status;
}

/** One operand: what it stands for comes from fstab, or (for remounts and propagation) from what is mounted. */
function* single(main: Tool, word: string, flags: number, data: string, type: string): ProgramRun {
  if (flags & (MS_REMOUNT | PROPAGATION_FLAGS)) {
    return yield* perform(main, { source: 'none', target: word, type: '', flags, data });
  }
  const fstab = yield* fstabOf(main);
  const found = fstab.find((job) => job.source === word || job.target === canonical(main, word));
  if (!found) {
    if (type !== '') return yield* main.badUsage('bad usage');
    return yield* main.stop(`${word}: can't find in /etc/fstab.`);
  }
  return yield* perform(main, {
    ...found,
    flags: found.flags | flags,
    data: mergeData(found.data, data),
  });
}

export const mount = tool(
  {
    name: 'mount',
    usage: [
      '[-lhV]',
      '-a [options]',
      '[options] [--source] <source> | [--target] <directory>',
      '[options] <source> <directory>',
      '<operation> <mountpoint> [<target>]',
    ],
    about: 'Mount a filesystem.',
    options: [
      { key: 'all', short: 'a', long: 'all' },
      { key: 'nocanon', short: 'c', long: 'no-canonicalize' },
      { key: 'fake', short: 'f', long: 'fake' },
      { key: 'forkall', short: 'F', long: 'fork' },
      { key: 'fstab', short: 'T', long: 'fstab', argument: 'required' },
      { key: 'internal', short: 'i', long: 'internal-only' },
      { key: 'labels', short: 'l', long: 'show-labels' },
      { key: 'mkdir', short: 'm', long: 'mkdir', argument: 'optional' },
      { key: 'nomtab', short: 'n', long: 'no-mtab' },
      { key: 'options', short: 'o', long: 'options', argument: 'required' },
      { key: 'readonly', short: 'r', long: 'read-only' },
      { key: 'readwrite', short: 'w', long: 'rw read-write' },
      { key: 'types', short: 't', long: 'types', argument: 'required' },
      { key: 'source', long: 'source', argument: 'required' },
      { key: 'target', long: 'target', argument: 'required' },
      { key: 'verbose', short: 'v', long: 'verbose' },
      { key: 'bind', short: 'B', long: 'bind' },
      { key: 'move', short: 'M', long: 'move' },
      { key: 'rbind', short: 'R', long: 'rbind' },
      ...Object.keys(PROPAGATION).map((name) => ({ key: name, long: name })),
    ],
    missing: [
      { key: 'label', short: 'L', long: 'label', argument: 'required' },
      { key: 'uuid', short: 'U', long: 'uuid', argument: 'required' },
      { key: 'namespace', short: 'N', long: 'namespace', argument: 'required' },
    ],
  },
  function* (main) {
    const { options, operands } = main;
    if (options.has('all')) return yield* mountAll(main);
    const words = [
      ...(options.has('source') ? [options.value('source') ?? ''] : []),
      ...operands,
      ...(options.has('target') ? [options.value('target') ?? ''] : []),
    ];
    if (
      words.length === 0 &&
      (options.list.length === 0 ||
        options.list.every(([key]) => key === 'types' || key === 'labels'))
    ) {
      return yield* list(main);
    }
    const { flags, data } = wantedFlags(main);
    const type = options.value('types') ?? '';
    if (words.length === 1) return yield* single(main, words[0] ?? '', flags, data, type);
    if (words.length !== 2) return yield* main.badUsage('bad usage');
    const [source = '', target = ''] = words;
    const automatic = type === '' && !(flags & (MS_BIND | MS_MOVE | MS_REMOUNT));
    return yield* perform(main, { source, target, type: automatic ? 'ext4' : type, flags, data });
  },
);
