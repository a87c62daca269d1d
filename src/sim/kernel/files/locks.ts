// Advisory locks on whole files (flock(2)): they belong to open files and go when the last descriptor closes.

import { type Routine, WaitQueue } from '../../core/wait.ts';
import { EAGAIN, EBADF, EINTR, type Errno } from '../errno.ts';
import type { Inode } from './inode.ts';
import type { OpenFile } from './open-file.ts';

export type LockKind = 'shared' | 'exclusive' | 'unlock';

interface FileLocks {
  readonly holders: Map<OpenFile, LockKind>;
  readonly changed: WaitQueue;
}

const locks = new WeakMap<Inode, FileLocks>();

function locksOf(inode: Inode): FileLocks {
  let found = locks.get(inode);
  if (!found) {
    found = { holders: new Map(), changed: new WaitQueue() };
    locks.set(inode, found);
  }
  return found;
}

/** Takes, changes or gives up a lock. EAGAIN where it cannot be had until `until`. */
export function* lockFile(
  file: OpenFile,
  how: LockKind,
  until?: number,
): Routine<Errno | undefined> {
  const { inode } = file;
  if (!inode) return EBADF;
  for (;;) {
    const { holders, changed } = locksOf(inode);
    if (how === 'unlock') {
      holders.delete(file);
      changed.wake();
      return undefined;
    }
    const others = [...holders].filter(([holder]) => holder !== file);
    const free =
      how === 'shared' ? others.every(([, kind]) => kind === 'shared') : others.length === 0;
    if (free) {
      holders.set(file, how);
      return undefined;
    }
    const wakeup = yield { on: [changed], until };
    if (wakeup === 'signal') return EINTR;
    if (wakeup === 'timeout') return EAGAIN;
  }
}

/** An open file is gone, and its locks with it. */
export function dropLocks(file: OpenFile): void {
  const held = file.inode && locks.get(file.inode);
  if (held?.holders.delete(file)) held.changed.wake();
}
