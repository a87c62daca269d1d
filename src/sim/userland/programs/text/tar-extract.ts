// tar -x: members into files. Modes and times of directories are set last, so that files can be put into them.

import type { Routine } from '../../../core/wait.ts';
import { epochMilliseconds } from '../../../core/time.ts';
import { EEXIST, ENOENT, ENOTDIR, type Errno, isErrno } from '../../../kernel/errno.ts';
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFMT } from '../../../kernel/files/inode.ts';
import { O_CREAT, O_EXCL, O_WRONLY } from '../../../kernel/files/open-file.ts';
import { type Accounts, readAccounts } from '../../libc/accounts.ts';
import { quoteValue } from '../../libc/quote.ts';
import { dirName, writeAll } from '../../libc/whole-file.ts';
import type { TarMember } from './tar-format.ts';
import type { TarRun } from './tar-run.ts';

interface Unpacking {
  readonly run: TarRun;
  readonly accounts: Accounts;
  /** Give files to their owners, and take modes as they are: what root does unless told otherwise. */
  readonly owners: boolean;
  readonly exactModes: boolean;
  readonly strip: number;
  /** Directories whose mode and time are still to be set. */
  readonly late: [string, TarMember][];
}

/** Extracts members in their order. */
export function* extractMembers(run: TarRun, members: readonly TarMember[]): Routine<void> {
  const { options, main } = run;
  const root = main.process.euid === 0;
  const unpacking: Unpacking = {
    run,
    accounts: yield* readAccounts(main.process),
    owners: (options.last('noSameOwner', 'sameOwner') ?? (root ? 'sameOwner' : '')) === 'sameOwner',
    exactModes:
      (options.last('permissions', 'noPermissions') ?? (root ? 'permissions' : '')) ===
      'permissions',
    strip: Number(options.value('strip') ?? 0),
    late: [],
  };
  for (const member of members) yield* extractOne(unpacking, member);
  for (const [path, member] of unpacking.late.reverse()) attributes(unpacking, path, member);
}

function* extractOne(unpacking: Unpacking, member: TarMember): Routine<void> {
  const { run, strip } = unpacking;
  const { main, options } = run;
  const parts = member.name.replace(/\/$/, '').split('/');
  const kept = parts.slice(strip).join('/');
  if (strip > 0 && (parts.length <= strip || kept === '')) return;
  const path = yield* run.safeName(kept, 'member names');
  yield* run.announce(member);
  if (options.has('stdout')) {
    if (member.flag !== '0') return;
    main.out.put(member.content);
    return yield* main.out.flush();
  }
  yield* main.process.work(member.content.length);
  if (member.flag === '5') return yield* makeDirectory(unpacking, path, member);
  const failure = yield* make(unpacking, path, member);
  if (failure === 'skipped') return;
  if (failure) return yield* run.problem(`${path}: Cannot ${action(member)}: ${failure.message}`);
  if (member.flag !== '1') attributes(unpacking, path, member);
}

function action({ flag, target }: TarMember): string {
  if (flag === '2') return `create symlink to ${quoteValue(target)}`;
  if (flag === '1') return `hard link to ${quoteValue(target)}`;
  return flag === '3' || flag === '4' ? 'mknod' : flag === '6' ? 'mkfifo' : 'open';
}

function* makeDirectory({ run, late }: Unpacking, path: string, member: TarMember): Routine<void> {
  const { process } = run.main;
  let failure = process.mkdir(path, 0o700 | member.mode);
  if (failure === ENOENT)
    failure = makeParents(run, path) ?? process.mkdir(path, 0o700 | member.mode);
  const there = process.stat(path);
  const directory = !isErrno(there) && (there.mode & S_IFMT) === S_IFDIR;
  if (failure === EEXIST && !directory && !run.options.has('keep')) {
    process.unlink(path);
    failure = process.mkdir(path, 0o700 | member.mode);
  }
  if (failure && !(failure === EEXIST && directory)) {
    return yield* run.problem(`${path}: Cannot mkdir: ${failure.message}`);
  }
  late.push([path, member]);
}

/** Makes the directories above a path. */
function makeParents(run: TarRun, path: string): Errno | undefined {
  const { process } = run.main;
  const parent = dirName(path);
  if (process.exists(parent)) return undefined;
  const above = makeParents(run, parent);
  return above ?? process.mkdir(parent);
}

/** Makes anything but a directory; what is in the way goes first, unless it is to be kept. */
function* make(
  unpacking: Unpacking,
  path: string,
  member: TarMember,
): Routine<Errno | 'skipped' | undefined> {
  const { run } = unpacking;
  const { process } = run.main;
  let failure = yield* makeOnce(unpacking, path, member);
  if (failure === ENOENT && !process.exists(dirName(path))) {
    const above = makeParents(run, path);
    if (above) return above;
    failure = yield* makeOnce(unpacking, path, member);
  }
  if (failure !== EEXIST) return failure;
  if (run.options.has('skipOld')) return 'skipped';
  if (member.flag === '1' && sameFile(run, path, member.target)) return undefined;
  if (run.options.has('keep')) return EEXIST;
  const removed = process.unlink(path);
  if (removed && process.rmdir(path)) return removed === ENOTDIR ? removed : EEXIST;
  return yield* makeOnce(unpacking, path, member);
}

/** A hard link that is there already. */
function sameFile(run: TarRun, path: string, target: string): boolean {
  const [a, b] = [run.main.process.lstat(path), run.main.process.lstat(target)];
  return !isErrno(a) && !isErrno(b) && a.inode === b.inode && a.device === b.device;
}

function* makeOnce(
  unpacking: Unpacking,
  path: string,
  member: TarMember,
): Routine<Errno | undefined> {
  const { run } = unpacking;
  const { process } = run.main;
  const device = member.major * 256 + member.minor;
  switch (member.flag) {
    case '1': {
      const parts = member.target.split('/').slice(unpacking.strip).join('/');
      return process.link(yield* run.safeName(parts, 'hard link targets'), path);
    }
    case '2':
      return process.symlink(member.target, path);
    case '3':
      return process.mknod(path, S_IFCHR | member.mode, device);
    case '4':
      return process.mknod(path, S_IFBLK | member.mode, device);
    case '6':
      return process.mknod(path, S_IFIFO | member.mode);
  }
  const fd = process.open(path, O_WRONLY | O_CREAT | O_EXCL, member.mode & 0o777);
  if (isErrno(fd)) return fd;
  const failure = yield* writeAll(process, fd, member.content);
  process.close(fd);
  return failure;
}

/** Owner, mode and time as the archive has them. */
function attributes(
  { run, accounts, owners, exactModes }: Unpacking,
  path: string,
  member: TarMember,
): void {
  const { process } = run.main;
  const link = member.flag === '2';
  if (owners) {
    const byName = !run.options.has('numeric');
    const uid = (byName ? accounts.userByName(member.user)?.uid : undefined) ?? member.uid;
    const gid = (byName ? accounts.groupByName(member.group)?.gid : undefined) ?? member.gid;
    process.chown(path, uid, gid, false);
  }
  if (!link) {
    const umask = process.umask(0);
    process.umask(umask);
    process.chmod(path, exactModes ? member.mode : member.mode & 0o777 & ~umask);
  }
  if (run.options.has('touch')) return;
  const mtime = (member.mtime * 1000 - epochMilliseconds(0)) * 1e6;
  process.utimes(path, undefined, mtime, !link);
}
