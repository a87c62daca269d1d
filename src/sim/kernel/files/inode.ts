// An inode and what a file system can be asked of it. Each file system subclasses Inode; what it does not
// override answers as Linux does for such a file. Directories know their parent, so that `..` and getcwd work.

import {
  EINVAL,
  ENODATA,
  ENOTDIR,
  EOPNOTSUPP,
  EPERM,
  EROFS,
  type Errno,
  isErrno,
} from '../errno.ts';
import type { OpenFile } from './open-file.ts';
import type { Location, Mount } from './mount.ts';
import type { UserNamespace } from '../namespaces/user.ts';
import type { Task } from '../task/task.ts';

export const S_IFMT = 0o170000;
export const S_IFSOCK = 0o140000;
export const S_IFLNK = 0o120000;
export const S_IFREG = 0o100000;
export const S_IFBLK = 0o060000;
export const S_IFDIR = 0o040000;
export const S_IFCHR = 0o020000;
export const S_IFIFO = 0o010000;

/** Numbers of a mounted file system as statfs(2) gives them; sizes in bytes. */
export interface FileSystemUse {
  readonly total: number;
  readonly used: number;
  readonly files: number;
}

/** A super block. */
export interface FileSystem {
  /** `tmpfs`, `overlay`, `proc` … as the third column of /proc/mounts. */
  readonly type: string;
  /** st_dev, as major * 256 + minor. */
  readonly device: number;
  readonly root: Inode;
  /** What mountinfo shows as super options, beside rw or ro. */
  readonly options: string;
  readOnly?: boolean;
  /** The user namespace that mounted it; undefined: the first one. */
  owner?: UserNamespace;
  /** Mounts that show it. */
  mounts?: number;
  /** mount -o remount: takes new options, or EINVAL. Undefined where there is nothing to change. */
  remount?(options: readonly string[]): Errno | undefined;
  /** The inode that a new mount shows, where that depends on who mounts (a cgroup namespace). */
  rootFor?(task: Task): Inode;
  /** Called for every mount that begins to show it, and that no longer does. */
  shown?(mount: Mount): void;
  hidden?(mount: Mount): void;
  /** Called when the last mount has gone. */
  released?(): void;
  use(): FileSystemUse;
}

/** One entry of a directory. */
export interface DirectoryEntry {
  readonly name: string;
  readonly inode: Inode;
}

/** What inotify(7) tells of, as fsnotify names it; an entry that is moved in is a `create`, one that is moved out a `rename`. */
export type FileEvent = 'create' | 'write' | 'rename' | 'remove';
export type FileWatcher = (event: FileEvent) => void;

/** Where a directory hangs: undefined at the root of its file system. */
export interface Home {
  readonly parent: Inode;
  readonly name: string;
}

export abstract class Inode {
  readonly fs: FileSystem;
  readonly number: number;
  /** The type bits of the mode, which stay what they were made. */
  readonly kind: number;
  // Declared only, so that a file system on top of others (overlay) can have accessors in their place.
  declare mode: number;
  declare uid: number;
  declare gid: number;
  declare nlink: number;
  /** Virtual nanoseconds since switch-on (may be negative for files older than the lab). */
  declare atime: number;
  declare mtime: number;
  declare ctime: number;
  /** Device number of a device node: major * 256 + minor. */
  declare rdev: number;
  /** Directories: where this one hangs. */
  home: Home | undefined;
  /** A removed directory: nothing can be made in it. */
  removed = false;

  constructor(fs: FileSystem, number: number, mode: number, uid: number, gid: number, now: number) {
    this.fs = fs;
    this.number = number;
    this.kind = mode & S_IFMT;
    this.mode = mode;
    this.uid = uid;
    this.gid = gid;
    this.nlink = 1;
    this.atime = now;
    this.mtime = now;
    this.ctime = now;
    this.rdev = 0;
  }

  get isDirectory(): boolean {
    return this.kind === S_IFDIR;
  }
  get isSymlink(): boolean {
    return this.kind === S_IFLNK;
  }
  get isRegular(): boolean {
    return this.kind === S_IFREG;
  }
  /** Length in bytes as stat shows it. */
  get size(): number {
    return 0;
  }
  /** Blocks of 512 bytes as stat shows them. */
  get blocks(): number {
    // A short target lies in the inode itself.
    return this.isSymlink ? 0 : Math.ceil(this.size / 4096) * 8;
  }

  /**
   * Lets `watcher` be told of changes of the file, or of a directory's entries and of writes into its files (inotify(7));
   * what ends that. Undefined where nobody is told: proc, sysfs, overlay.
   */
  watch(_watcher: FileWatcher): (() => void) | undefined {
    return undefined;
  }
  /** The entry of a directory, or undefined. `task` is who asks (proc needs to know). */
  lookup(_name: string, _task: Task | undefined): Inode | undefined {
    return undefined;
  }
  /** All entries but `.` and `..`, in the order in which readdir gives them. */
  entries(_task: Task | undefined): readonly DirectoryEntry[] {
    return [];
  }
  /** Makes a file, directory, symlink, FIFO, socket or device node by its mode's type bits. */
  create(_name: string, _request: NewInode): Inode | Errno {
    return this.isDirectory ? EPERM : ENOTDIR;
  }
  /** Adds a hard link to an inode of the same file system. */
  link(_name: string, _inode: Inode): Errno | undefined {
    return EPERM;
  }
  /** Removes an entry that is no directory. */
  unlink(_name: string): Errno | undefined {
    return EPERM;
  }
  /** Removes an empty directory. */
  rmdir(_name: string): Errno | undefined {
    return EPERM;
  }
  /** Moves an entry within one file system; what stands at the target is replaced (rules checked by the caller). */
  rename(_name: string, _target: Inode, _newName: string): Errno | undefined {
    return EPERM;
  }
  /** A symlink's target. */
  readlink(_task: Task | undefined): string | Errno {
    return EINVAL;
  }
  /** Magic links (/proc/PID/exe, fd/N, ns/net) lead to a place without passing by a path. */
  follow(_task: Task): Location | Errno | undefined {
    return undefined;
  }
  /** Bytes from `offset`, at most `count`. */
  readAt(_offset: number, _count: number, _task: Task | undefined): Uint8Array | Errno {
    return EINVAL;
  }
  writeAt(_offset: number, _bytes: Uint8Array, _task: Task | undefined): number | Errno {
    return EINVAL;
  }
  truncate(_size: number): Errno | undefined {
    return EINVAL;
  }
  /** chmod, chown and utimes: file systems that refuse override this. */
  setAttributes(changes: AttributeChanges, now: number): Errno | undefined {
    if (changes.mode !== undefined) this.mode = (this.mode & S_IFMT) | (changes.mode & 0o7777);
    if (changes.uid !== undefined) this.uid = changes.uid;
    if (changes.gid !== undefined) this.gid = changes.gid;
    if (changes.atime !== undefined) this.atime = changes.atime;
    if (changes.mtime !== undefined) this.mtime = changes.mtime;
    this.ctime = now;
    return undefined;
  }
  /** Extended attributes by name; undefined where the file system has none. */
  attributes(): Map<string, Uint8Array> | Errno {
    return EOPNOTSUPP;
  }
  /** Sets an extended attribute, or removes it (ENODATA where there is none). */
  setAttribute(name: string, value: Uint8Array | undefined): Errno | undefined {
    const attributes = this.attributes();
    if (isErrno(attributes)) return attributes;
    if (value) attributes.set(name, value);
    else if (!attributes.delete(name)) return ENODATA;
    return undefined;
  }
  /** True where there may be extended attributes; asked on every write. */
  get hasAttributes(): boolean {
    return false;
  }
  /** The open file for this inode where it is not a plain seekable one: devices, FIFOs, proc files, ptys. */
  open(_task: Task, _flags: number, _location: Location): OpenFile | Errno | undefined {
    return undefined;
  }
}

/** What open(O_CREAT), mkdir, symlink and mknod ask for. */
export interface NewInode {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly now: number;
  /** Symlinks: the target. */
  readonly target?: string;
  /** Devices: major * 256 + minor. */
  readonly rdev?: number;
}

export interface AttributeChanges {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly atime?: number;
  readonly mtime?: number;
}

/** EROFS where the file system itself is read-only. */
export function writable(fs: FileSystem): Errno | undefined {
  return fs.readOnly ? EROFS : undefined;
}
