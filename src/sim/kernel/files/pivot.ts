// pivot_root(2): makes another mount the root of the namespace, and hangs the old root on a directory below it.

import { EBUSY, EINVAL, ENOENT, ENOTDIR, EPERM, type Errno, isErrno } from '../errno.ts';
import { CAP_SYS_ADMIN, capableIn } from '../task/credentials.ts';
import type { Task } from '../task/task.ts';
import { attach, detach, type Location, reachableFrom } from './mount.ts';
import { isOurs } from './mounting.ts';
import { resolve } from './walk.ts';

/** pivot_root(2). The checks are the kernel's, in its order. */
export function pivotRoot(task: Task, newRoot: string, putOld: string): Errno | undefined {
  if (!capableIn(task, task.namespaces.mnt.owner, CAP_SYS_ADMIN)) return EPERM;
  const to = resolve(task, newRoot);
  if (isErrno(to)) return to;
  const old = resolve(task, putOld);
  if (isErrno(old)) return old;
  if (!to.inode.isDirectory || !old.inode.isDirectory) return ENOTDIR;
  const { root } = task.fs;
  const refused = mayPivot(task, to, old, root);
  if (refused) return refused;
  const { mnt } = task.namespaces;
  const above = root.mount.at;
  detach(to.mount);
  if (above) detach(root.mount);
  attach(root.mount, old);
  if (above) attach(to.mount, above);
  else mnt.root = to.mount;
  to.mount.locked = root.mount.locked;
  root.mount.locked = false;
  const fresh: Location = { mount: to.mount, inode: to.inode };
  for (const other of task.kernel.tasks.values()) {
    const { fs } = other;
    if (isSame(fs.root, root)) fs.root = fresh;
    if (isSame(fs.cwd, root)) fs.cwd = fresh;
  }
  return undefined;
}

function isSame(a: Location, b: Location): boolean {
  return a.mount === b.mount && a.inode === b.inode;
}

function mayPivot(task: Task, to: Location, old: Location, root: Location): Errno | undefined {
  const shared = [old.mount, to.mount.parent, root.mount.parent].some((mount) => mount?.peerGroup);
  if (shared) return EINVAL;
  if (!isOurs(task, root.mount) || !isOurs(task, to.mount)) return EINVAL;
  if (to.mount.locked) return EINVAL;
  if (to.inode.removed) return ENOENT;
  if (to.mount === root.mount || old.mount === root.mount) return EBUSY;
  if (root.mount.root !== root.inode || to.mount.root !== to.inode) return EINVAL;
  if (!to.mount.parent) return EINVAL;
  if (!reachableFrom(old, to) || !reachableFrom(to, root)) return EINVAL;
  return undefined;
}
