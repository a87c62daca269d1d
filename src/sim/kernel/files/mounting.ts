// mount(2) and umount2(2): new mounts, binds, remounts, moves, propagation types, and taking mounts off again.

import {
  EBUSY,
  EINVAL,
  ELOOP,
  ENOENT,
  ENOTDIR,
  EPERM,
  type Errno,
  EAGAIN,
  isErrno,
} from '../errno.ts';
import { CAP_SYS_ADMIN, capableIn } from '../task/credentials.ts';
import type { Task } from '../task/task.ts';
import {
  bottomOf,
  detach,
  type Location,
  MNT_DETACH,
  MNT_EXPIRE,
  Mount,
  MS_BIND,
  MS_MOVE,
  MS_NOATIME,
  MS_NODEV,
  MS_NODIRATIME,
  MS_NOEXEC,
  MS_NOSUID,
  MS_NOSYMFOLLOW,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
  MS_RELATIME,
  MS_REMOUNT,
  MS_SHARED,
  MS_SLAVE,
  MS_STRICTATIME,
  MS_UNBINDABLE,
  mountTree,
  reachableFrom,
  uncovered,
  UMOUNT_NOFOLLOW,
} from './mount.ts';
import type { Propagation } from './peers.ts';
import { attachTree, copyTree, detachTree, mountInUse } from './propagation.ts';
import { makeFileSystem } from './types.ts';
import { resolve } from './walk.ts';

/** Flags that belong to a mount (not to its file system). */
const OWN_FLAGS =
  MS_RDONLY |
  MS_NOSUID |
  MS_NODEV |
  MS_NOEXEC |
  MS_NOATIME |
  MS_NODIRATIME |
  MS_RELATIME |
  MS_NOSYMFOLLOW;
const ATIME_FLAGS = MS_NOATIME | MS_RELATIME;
/** What a copy into a less privileged namespace may not lose. */
export const LOCKABLE_FLAGS = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;

const PROPAGATION: readonly (readonly [number, Propagation])[] = [
  [MS_SHARED, 'shared'],
  [MS_SLAVE, 'slave'],
  [MS_PRIVATE, 'private'],
  [MS_UNBINDABLE, 'unbindable'],
];

/** The five arguments of mount(2). */
export interface MountRequest {
  readonly source: string;
  readonly target: string;
  readonly type: string;
  readonly flags: number;
  readonly data: string;
}

/** True where a mount belongs to the task's mount namespace. */
export function isOurs(task: Task, mount: Mount): boolean {
  return bottomOf(mount) === task.namespaces.mnt.root;
}

/** mount(2). */
export function doMount(task: Task, request: MountRequest): Errno | undefined {
  const { flags, data } = request;
  const place = resolve(task, request.target);
  if (isErrno(place)) return place;
  if (!capableIn(task, task.namespaces.mnt.owner, CAP_SYS_ADMIN)) return EPERM;
  if (flags & MS_REMOUNT) return remount(task, place, flags, data);
  if (flags & MS_BIND)
    return bind(task, place, request) ?? told(task, `mount --bind ${request.source}`, request);
  if (flags & (MS_SHARED | MS_SLAVE | MS_PRIVATE | MS_UNBINDABLE)) {
    return changePropagation(task, place, flags);
  }
  if (flags & MS_MOVE) return move(task, place, request.source);
  return mountNew(task, place, request) ?? told(task, `mount ${request.type}`, request);
}

function told(task: Task, what: string, { target }: MountRequest): undefined {
  task.kernel.because(`${what} on ${target}`, task);
}

/** The mount flags of a new mount: access times are relative unless said otherwise. */
function ownFlags(flags: number): number {
  const own = flags & OWN_FLAGS;
  if (flags & MS_STRICTATIME) return own & ~ATIME_FLAGS;
  return flags & MS_NOATIME ? own & ~MS_RELATIME : own | MS_RELATIME;
}

function mountNew(task: Task, place: Location, request: MountRequest): Errno | undefined {
  const at = uncovered(place);
  if (!isOurs(task, at.mount)) return EINVAL;
  const { kernel } = task;
  const fs = makeFileSystem(task, request.type, request.source, request.data);
  if (isErrno(fs)) return fs;
  const root = fs.rootFor ? fs.rootFor(task) : fs.root;
  if (at.mount.fs === fs && at.mount.root === at.inode) return EBUSY;
  if (root.isDirectory !== at.inode.isDirectory) return ENOTDIR;
  if (at.inode.removed) return ENOENT;
  const source = request.source === '' ? 'none' : request.source;
  const mount = new Mount(kernel.nextMountId(), fs, root, source, ownFlags(request.flags));
  attachTree(kernel, mount, at);
  return undefined;
}

function bind(task: Task, place: Location, request: MountRequest): Errno | undefined {
  const from = resolve(task, request.source);
  if (isErrno(from)) return from;
  const { kernel } = task;
  const deep = (request.flags & MS_REC) !== 0;
  const at = uncovered(place);
  if (from.mount.unbindable) return EINVAL;
  const foreign = !isOurs(task, from.mount) && from.inode.fs.type !== 'nsfs';
  if (foreign || !isOurs(task, at.mount)) return EINVAL;
  if (!deep && hidesLocked(from)) return EINVAL;
  if (from.inode.isDirectory !== at.inode.isDirectory) return ENOTDIR;
  if (at.inode.removed) return ENOENT;
  const tree = copyTree(kernel, from.mount, from.inode, deep);
  tree.origin = from;
  attachTree(kernel, tree, at);
  return undefined;
}

/** A plain bind would show what a locked mount covers. */
function hidesLocked(from: Location): boolean {
  for (const child of from.mount.children.values()) {
    if (child.locked && child.at && reachableFrom(child.at, from)) return true;
  }
  return false;
}

function remount(task: Task, place: Location, flags: number, data: string): Errno | undefined {
  const { mount } = place;
  if (place.inode !== mount.root || !isOurs(task, mount)) return EINVAL;
  const asked = flags & (ATIME_FLAGS | MS_STRICTATIME | MS_NODIRATIME);
  const wanted = asked
    ? ownFlags(flags)
    : (flags & OWN_FLAGS) | (mount.flags & (ATIME_FLAGS | MS_NODIRATIME));
  if (mount.lockedFlags & ~wanted) return EPERM;
  if (!(flags & MS_BIND)) {
    const owner = mount.fs.owner ?? task.kernel.firstUser;
    if (!capableIn(task, owner, CAP_SYS_ADMIN)) return EPERM;
    const words = data === '' ? [] : data.split(',');
    const failure = mount.fs.remount?.(words);
    if (failure) return failure;
    mount.fs.readOnly = (flags & MS_RDONLY) !== 0;
  }
  mount.flags = wanted;
  return undefined;
}

function changePropagation(task: Task, place: Location, flags: number): Errno | undefined {
  if (place.inode !== place.mount.root) return EINVAL;
  const chosen = PROPAGATION.filter(([flag]) => flags & flag);
  const [first] = chosen;
  if (chosen.length !== 1 || !first) return EINVAL;
  const all = flags & MS_REC ? mountTree(place.mount) : [place.mount];
  for (const mount of all) task.kernel.peerGroups.change(mount, first[1]);
  return undefined;
}

function move(task: Task, place: Location, source: string): Errno | undefined {
  const from = resolve(task, source);
  if (isErrno(from)) return from;
  const at = uncovered(place);
  const { mount } = from;
  if (!isOurs(task, mount) || !isOurs(task, at.mount)) return EINVAL;
  if (from.inode !== mount.root || !mount.parent || mount.locked) return EINVAL;
  if (from.inode.isDirectory !== at.inode.isDirectory) return EINVAL;
  if (mount.parent.peerGroup) return EINVAL;
  const tree = mountTree(mount);
  if (at.mount.peerGroup && tree.some((each) => each.unbindable)) return EINVAL;
  if (tree.includes(at.mount)) return ELOOP;
  detach(mount);
  attachTree(task.kernel, mount, at);
  return undefined;
}

/** umount2(2): MNT_DETACH takes it off at once even where it is in use. */
export function doUnmount(task: Task, target: string, flags: number): Errno | undefined {
  const found = resolve(task, target, (flags & UMOUNT_NOFOLLOW) === 0);
  if (isErrno(found)) return found;
  const place = uncovered(found);
  const { mount } = place;
  if (!capableIn(task, task.namespaces.mnt.owner, CAP_SYS_ADMIN)) return EPERM;
  if (place.inode !== mount.root || !isOurs(task, mount) || mount.locked) return EINVAL;
  if (!mount.parent) return flags & MNT_DETACH ? EINVAL : EBUSY;
  if (flags & MNT_EXPIRE) return mountInUse(task.kernel, mount) ? EBUSY : EAGAIN;
  if (!(flags & MNT_DETACH)) {
    if (mountInUse(task.kernel, mount) || twinsInUse(task, mount)) return EBUSY;
  }
  detachTree(task.kernel, mount);
  return undefined;
}

/** What would be taken off with it in other places must be free as well. */
function twinsInUse(task: Task, mount: Mount): boolean {
  const { parent, point } = mount;
  if (!parent || !point) return false;
  return task.kernel.peerGroups.receivers(parent).some((receiver) => {
    const twin = receiver.children.get(point);
    return twin !== undefined && twin.children.size === 0 && mountInUse(task.kernel, twin);
  });
}
