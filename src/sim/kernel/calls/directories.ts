// System calls on names: stat, mkdir, unlink, rename, link, symlink, chmod, chown, utimes, readdir, chdir, access,
// extended attributes, statfs.

import {
  EACCES,
  EBUSY,
  EEXIST,
  EINVAL,
  EISDIR,
  ENODATA,
  ENOENT,
  ENOTDIR,
  ENOTEMPTY,
  EPERM,
  EROFS,
  EXDEV,
  type Errno,
  isErrno,
} from '../errno.ts';
import {
  type FileSystemUse,
  type Inode,
  S_IFCHR,
  S_IFBLK,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  type FileWatcher,
} from '../files/inode.ts';
import { type Location, type Mount, pathOf } from '../files/mount.ts';
import {
  type LastStep,
  MAY_EXEC,
  MAY_READ,
  MAY_WRITE,
  permission,
  resolveLast,
} from '../files/walk.ts';
import {
  CAP_CHOWN,
  CAP_FOWNER,
  CAP_MKNOD,
  CAP_SETFCAP,
  CAP_SYS_ADMIN,
  CAP_SYS_CHROOT,
  capable,
  capableIn,
  capableOver,
} from '../task/credentials.ts';
import { FileCalls } from './files.ts';
import { type Stat, statOf } from './stat.ts';

/** One entry as getdents(2) gives it. */
export interface DirectoryItem {
  readonly name: string;
  readonly inode: number;
  /** Type bits of the mode. */
  readonly kind: number;
}

export class DirectoryCalls extends FileCalls {
  /**
   * inotify_add_watch(2): `watcher` is told of changes for as long as the process lives; what ends that earlier. Undefined
   * where the file system tells nobody.
   */
  watch(path: string, watcher: FileWatcher): (() => void) | undefined | Errno {
    const place = this.place(path);
    if (isErrno(place)) return place;
    const { leader } = this.task;
    const end = place.inode.watch((event) => {
      if (leader.ended) end?.();
      else watcher(event);
    });
    return end;
  }

  /** stat(2), following a symlink at the end. */
  stat(path: string): Stat | Errno {
    const place = this.place(path);
    return isErrno(place) ? place : statOf(this.task, place.inode);
  }

  lstat(path: string): Stat | Errno {
    const place = this.place(path, false);
    return isErrno(place) ? place : statOf(this.task, place.inode);
  }

  /** True where something is there (through symlinks). */
  exists(path: string): boolean {
    return !isErrno(this.place(path));
  }

  /** access(2) with the effective ids: `mode` is a sum of MAY_EXEC 1, MAY_WRITE 2, MAY_READ 4. */
  access(path: string, mode: number): Errno | undefined {
    const place = this.place(path);
    if (isErrno(place)) return place;
    if (mode & MAY_WRITE && place.mount.readOnly && place.inode.kind !== S_IFCHR) return EROFS;
    return mode === 0 ? undefined : permission(this.task, place.inode, mode);
  }

  /** All entries but `.` and `..`, in the file system's order. */
  readdir(path: string): DirectoryItem[] | Errno {
    const place = this.place(path);
    if (isErrno(place)) return place;
    if (!place.inode.isDirectory) return ENOTDIR;
    const refused = permission(this.task, place.inode, MAY_READ);
    if (refused) return refused;
    return place.inode.entries(this.task).map(({ name, inode }) => ({
      name,
      inode: inode.number,
      kind: inode.mode & S_IFMT,
    }));
  }

  readlink(path: string): string | Errno {
    const place = this.place(path, false);
    if (isErrno(place)) return place;
    return place.inode.isSymlink ? place.inode.readlink(this.task) : EINVAL;
  }

  mkdir(path: string, mode = 0o777): Errno | undefined {
    const last = resolveLast(this.task, path);
    if (isErrno(last)) return last;
    const bits = mode & ~this.task.fs.umask & 0o1777;
    const made = this.makeAt(last, S_IFDIR | bits);
    return isErrno(made) ? made : undefined;
  }

  /** mknod(2): FIFOs and sockets for all, devices for CAP_MKNOD. `rdev` is major * 256 + minor. */
  mknod(path: string, mode: number, rdev = 0): Errno | undefined {
    const kind = mode & S_IFMT;
    const device = (kind === S_IFCHR || kind === S_IFBLK) && !(kind === S_IFCHR && rdev === 0);
    if (device && !capableIn(this.task, this.kernel.firstUser, CAP_MKNOD)) return EPERM;
    const last = resolveLast(this.task, path);
    if (isErrno(last)) return last;
    const made = this.makeAt(last, kind | (mode & ~this.task.fs.umask & 0o7777), { rdev });
    return isErrno(made) ? made : undefined;
  }

  symlink(target: string, path: string): Errno | undefined {
    if (target === '') return ENOENT;
    const last = resolveLast(this.task, path);
    if (isErrno(last)) return last;
    const made = this.makeAt(last, S_IFLNK | 0o777, { target });
    return isErrno(made) ? made : undefined;
  }

  link(existing: string, path: string): Errno | undefined {
    const source = this.place(existing, false);
    if (isErrno(source)) return source;
    if (source.inode.isDirectory) return EPERM;
    const last = resolveLast(this.task, path);
    if (isErrno(last)) return last;
    if (last.found) return EEXIST;
    if (last.directory.mount !== source.mount) return EXDEV;
    const refused = this.mayChange(last.directory);
    if (refused) return refused;
    const failure = last.directory.inode.link(last.name, source.inode);
    if (!failure) this.touchDirectory(last.directory.inode);
    return failure;
  }

  unlink(path: string): Errno | undefined {
    const last = this.lastForRemoval(path);
    if (isErrno(last)) return last;
    if (last.found?.inode.isDirectory) return EISDIR;
    if (last.mustBeDirectory) return ENOTDIR;
    const failure = last.directory.inode.unlink(last.name);
    if (failure) return failure;
    this.touchDirectory(last.directory.inode);
    const gone = last.found?.inode;
    if (gone?.nlink === 0) this.kernel.memory.cache.forget(gone);
    return undefined;
  }

  rmdir(path: string): Errno | undefined {
    if (/(^|\/)\.\/*$/.test(path)) return EINVAL;
    const last = this.lastForRemoval(path);
    if (isErrno(last)) return last;
    if (last.name === '..') return ENOTEMPTY;
    if (!last.found?.inode.isDirectory) return ENOTDIR;
    const failure = last.directory.inode.rmdir(last.name);
    if (!failure) this.touchDirectory(last.directory.inode);
    return failure;
  }

  /** rename(2). */
  rename(from: string, to: string): Errno | undefined {
    const source = this.lastForRemoval(from);
    if (isErrno(source)) return source;
    const target = resolveLast(this.task, to);
    if (isErrno(target)) return target;
    const moved = source.found?.inode;
    if (!moved) return ENOENT;
    if (source.directory.mount !== target.directory.mount) return EXDEV;
    if (moved.isDirectory && isWithin(target.directory.inode, moved)) return EINVAL;
    const replaced = target.found?.inode;
    if (replaced) {
      if (isMountPoint(target.found)) return EBUSY;
      if (replaced.isDirectory && !moved.isDirectory) return EISDIR;
      if (!replaced.isDirectory && moved.isDirectory) return ENOTDIR;
      if (replaced.isDirectory && replaced.entries(this.task).length > 0) return ENOTEMPTY;
    } else if (target.mustBeDirectory && !moved.isDirectory) return ENOTDIR;
    const refused =
      this.mayChange(target.directory) ??
      (replaced && this.sticky(target.directory.inode, replaced));
    if (refused) return refused;
    const failure = source.directory.inode.rename(source.name, target.directory.inode, target.name);
    if (failure) return failure;
    this.touchDirectory(source.directory.inode);
    this.touchDirectory(target.directory.inode);
    moved.ctime = this.now;
    return undefined;
  }

  chmod(path: string, mode: number): Errno | undefined {
    const place = this.place(path);
    if (isErrno(place)) return place;
    if (place.mount.readOnly) return EROFS;
    if (!this.owns(place.inode)) return EPERM;
    return place.inode.setAttributes({ mode }, this.now);
  }

  /** chown(2); -1 leaves an id alone. Ids are as the caller's user namespace sees them. */
  chown(path: string, uid: number, gid: number, follow = true): Errno | undefined {
    const place = this.place(path, follow);
    if (isErrno(place)) return place;
    if (place.mount.readOnly) return EROFS;
    const { credentials } = this.task;
    const newUid = uid < 0 ? place.inode.uid : credentials.user.uidToKernel(uid);
    const newGid = gid < 0 ? place.inode.gid : credentials.user.gidToKernel(gid);
    if (newUid === undefined || newGid === undefined) return EINVAL;
    if (!capableOver(this.task, place.inode, CAP_CHOWN)) {
      const mine = place.inode.uid === credentials.fsuid;
      const groups = [credentials.fsgid, ...credentials.groups];
      if (!mine || newUid !== place.inode.uid) return EPERM;
      if (newGid !== place.inode.gid && !groups.includes(newGid)) return EPERM;
    }
    const clears = place.inode.isRegular && (place.inode.mode & 0o111) !== 0;
    const mode = clears ? { mode: place.inode.mode & 0o1777 } : {};
    return place.inode.setAttributes({ uid: newUid, gid: newGid, ...mode }, this.now);
  }

  /** utimensat(2); times in virtual nanoseconds. */
  utimes(
    path: string,
    atime: number | undefined,
    mtime: number | undefined,
    follow = true,
  ): Errno | undefined {
    const place = this.place(path, follow);
    if (isErrno(place)) return place;
    if (place.mount.readOnly) return EROFS;
    const allowed = this.owns(place.inode) || !permission(this.task, place.inode, MAY_WRITE);
    if (!allowed) return EACCES;
    const changes = {
      ...(atime === undefined ? {} : { atime }),
      ...(mtime === undefined ? {} : { mtime }),
    };
    return place.inode.setAttributes(changes, this.now);
  }

  truncate(path: string, size: number): Errno | undefined {
    const place = this.place(path);
    if (isErrno(place)) return place;
    if (place.inode.isDirectory) return EISDIR;
    if (place.mount.readOnly) return EROFS;
    return permission(this.task, place.inode, MAY_WRITE) ?? place.inode.truncate(size);
  }

  chdir(path: string): Errno | undefined {
    const place = this.place(path);
    if (isErrno(place)) return place;
    if (!place.inode.isDirectory) return ENOTDIR;
    const refused = permission(this.task, place.inode, MAY_EXEC);
    if (refused) return refused;
    this.task.fs.cwd = place;
    return undefined;
  }

  /** getcwd(2): ENOENT where the directory was removed. */
  getcwd(): string | Errno {
    const { cwd, root } = this.task.fs;
    return cwd.inode.removed ? ENOENT : pathOf(cwd, root);
  }

  /** realpath(3): the path without symlinks, `.` and `..`. */
  realpath(path: string): string | Errno {
    const place = this.place(path);
    if (isErrno(place)) return place;
    // What a link of /proc/PID/ns reads as (`uts:[4026531838]`) names no file.
    if (place.mount.fs.type === 'nsfs' && !place.mount.parent) return ENOENT;
    return pathOf(place, this.task.fs.root);
  }

  chroot(path: string): Errno | undefined {
    const place = this.place(path);
    if (isErrno(place)) return place;
    if (!place.inode.isDirectory) return ENOTDIR;
    if (!capable(this.task, CAP_SYS_CHROOT)) return EPERM;
    this.task.fs.root = place;
    return undefined;
  }

  /** fchdir(2). */
  chdirAt(fd: number): Errno | undefined {
    const file = this.task.files.get(fd);
    if (isErrno(file)) return file;
    if (!file.location?.inode.isDirectory) return ENOTDIR;
    const refused = permission(this.task, file.location.inode, MAY_EXEC);
    if (refused) return refused;
    this.task.fs.cwd = file.location;
    return undefined;
  }

  /** fchdir(2), then chroot(2) to `.`. */
  rootAt(fd: number): Errno | undefined {
    const failure = this.chdirAt(fd);
    return failure ?? this.chroot('.');
  }

  /** umask(2): sets it and returns the one before. */
  umask(mask: number): number {
    const before = this.task.fs.umask;
    this.task.fs.umask = mask & 0o777;
    return before;
  }

  getxattr(path: string, name: string): Uint8Array | Errno {
    const place = this.place(path);
    if (isErrno(place)) return place;
    const attributes = place.inode.attributes();
    return isErrno(attributes) ? attributes : (attributes.get(name) ?? ENODATA);
  }

  /** setxattr(2); undefined removes the attribute. */
  setxattr(path: string, name: string, value: Uint8Array | undefined): Errno | undefined {
    const place = this.place(path);
    if (isErrno(place)) return place;
    if (place.mount.readOnly) return EROFS;
    if (!this.owns(place.inode)) return EPERM;
    if (name.startsWith('trusted.') && !capable(this.task, CAP_SYS_ADMIN)) return EPERM;
    if (name === 'security.capability' && !capableOver(this.task, place.inode, CAP_SETFCAP))
      return EPERM;
    return place.inode.setAttribute(name, value);
  }

  /** statfs(2), with the mount it was answered from. */
  statfs(path: string): { readonly use: FileSystemUse; readonly mount: Mount } | Errno {
    const place = this.place(path);
    return isErrno(place) ? place : { use: place.mount.fs.use(), mount: place.mount };
  }

  private owns(inode: Inode): boolean {
    return this.task.credentials.fsuid === inode.uid || capableOver(this.task, inode, CAP_FOWNER);
  }

  private mayChange(directory: Location): Errno | undefined {
    if (directory.mount.readOnly) return EROFS;
    return permission(this.task, directory.inode, MAY_WRITE | MAY_EXEC);
  }

  private sticky(directory: Inode, inode: Inode): Errno | undefined {
    if (!(directory.mode & 0o1000)) return undefined;
    const me = this.task.credentials.fsuid;
    if (me === inode.uid || me === directory.uid) return undefined;
    return capableOver(this.task, inode, CAP_FOWNER) ? undefined : EPERM;
  }

  private lastForRemoval(path: string): LastStep | Errno {
    const last = resolveLast(this.task, path);
    if (isErrno(last)) return last;
    if (!last.found) return ENOENT;
    if (isMountPoint(last.found)) return EBUSY;
    const refused = this.mayChange(last.directory);
    return refused ?? this.sticky(last.directory.inode, last.found.inode) ?? last;
  }
}

function isMountPoint(place: Location | undefined): boolean {
  return place !== undefined && place.inode === place.mount.root;
}

function isWithin(directory: Inode, ancestor: Inode): boolean {
  for (let at: Inode | undefined = directory; at; at = at.home?.parent)
    if (at === ancestor) return true;
  return false;
}
