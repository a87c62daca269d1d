// stat(2): what is known of a file, with ids as the caller's user namespace sees them.

import type { Inode } from '../files/inode.ts';
import { S_IFCHR, S_IFIFO, S_IFSOCK } from '../files/inode.ts';
import type { OpenFile } from '../files/open-file.ts';
import type { Task } from '../task/task.ts';

export interface Stat {
  /** major * 256 + minor. */
  readonly device: number;
  readonly inode: number;
  /** Type bits (S_IFMT) and permissions. */
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev: number;
  readonly size: number;
  /** Blocks of 512 bytes. */
  readonly blocks: number;
  /** Virtual nanoseconds since switch-on. */
  readonly atime: number;
  readonly mtime: number;
  readonly ctime: number;
}

/** The stat of an inode, or of a pipe or socket that has none in a file system. */
export function statOf(task: Task, inode: Inode | undefined, file?: OpenFile): Stat {
  if (!inode) return statOfAnonymous(task, file);
  const { user } = task.credentials;
  return {
    device: inode.fs.device,
    inode: inode.number,
    mode: inode.mode,
    nlink: inode.nlink,
    uid: user.uidFromKernel(inode.uid),
    gid: user.gidFromKernel(inode.gid),
    rdev: inode.rdev,
    size: inode.size,
    blocks: inode.blocks,
    atime: inode.atime,
    mtime: inode.mtime,
    ctime: inode.ctime,
  };
}

function statOfAnonymous(task: Task, file: OpenFile | undefined): Stat {
  const label = file?.label ?? '';
  const kind = label.startsWith('pipe') ? S_IFIFO : label.startsWith('socket') ? S_IFSOCK : S_IFCHR;
  const number = Number(/\d+/.exec(label)?.[0] ?? 0);
  const now = task.kernel.simulation.now;
  return {
    device: 12,
    inode: number,
    mode: kind | 0o600,
    nlink: 1,
    uid: 0,
    gid: 0,
    rdev: 0,
    size: 0,
    blocks: 0,
    atime: now,
    mtime: now,
    ctime: now,
  };
}
