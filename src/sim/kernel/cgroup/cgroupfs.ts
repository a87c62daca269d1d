// The cgroup2 file system: a directory per group with the files of its controllers. mkdir makes a group, rmdir
// removes one; file owners can be changed, which is how a group is delegated.

import {
  EACCES,
  EAGAIN,
  EBUSY,
  EEXIST,
  EINVAL,
  ENOENT,
  ENOTDIR,
  EPERM,
  type Errno,
} from '../errno.ts';
import {
  type DirectoryEntry,
  type FileSystem,
  type FileSystemUse,
  Inode,
  type NewInode,
  S_IFDIR,
  S_IFREG,
} from '../files/inode.ts';
import type { Location } from '../files/mount.ts';
import { MAY_WRITE, permission } from '../files/walk.ts';
import { TextFile } from '../files/text-file.ts';
import type { Kernel } from '../kernel.ts';
import type { Task } from '../task/task.ts';
import { Cgroup, type Controller } from './cgroup.ts';
import { cgroupFiles } from './files.ts';
import { setFrozen } from './members.ts';

/** One kind of file of a group's directory. */
export interface CgroupFile {
  readonly name: string;
  readonly mode: number;
  /** The controller that must be enabled for the group; undefined: every group has the file. */
  readonly controller?: Controller;
  /** Which groups have it: all but the root, the root alone, or all. */
  readonly where: 'groups' | 'root' | 'all';
  read?(group: Cgroup, context: CgroupContext): string | Errno;
  write?(group: Cgroup, text: string, context: CgroupContext): Errno | undefined;
}

/** Who asks, and of which machine. */
export interface CgroupContext {
  readonly kernel: Kernel;
  readonly task: Task;
  /** True where the task may write a group's cgroup.procs (delegation). */
  writable(group: Cgroup): boolean;
}

export class CgroupFileSystem implements FileSystem {
  readonly type = 'cgroup2';
  readonly device: number;
  readonly root: CgroupDirectory;
  options = '';
  readonly kernel: Kernel;
  private lastInode = 1;
  private readonly directories = new Map<Cgroup, CgroupDirectory>();

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.device = kernel.nextDevice();
    this.root = this.directoryOf(kernel.rootCgroup);
  }

  nextInode(): number {
    return ++this.lastInode;
  }

  directoryOf(group: Cgroup): CgroupDirectory {
    let directory = this.directories.get(group);
    if (!directory) {
      directory = new CgroupDirectory(this, group);
      this.directories.set(group, directory);
      const { parent } = group;
      if (parent) directory.home = { parent: this.directoryOf(parent), name: group.name };
    }
    return directory;
  }

  forget(group: Cgroup): void {
    this.directories.delete(group);
  }

  /** A mount made in a cgroup namespace shows that namespace's root. */
  rootFor(task: Task): Inode {
    return this.directoryOf(task.namespaces.cgroup.root);
  }

  use(): FileSystemUse {
    return { total: 0, used: 0, files: 0 };
  }
}

export class CgroupDirectory extends Inode {
  readonly group: Cgroup;
  private readonly files = new Map<string, CgroupFileInode>();
  private readonly cgroupfs: CgroupFileSystem;
  /** Who made the group: its files belong to them, also after the directory was given away. */
  makerUid = 0;
  makerGid = 0;

  constructor(fs: CgroupFileSystem, group: Cgroup) {
    super(
      fs,
      group.inode,
      S_IFDIR | (group.parent ? 0o755 : 0o555),
      0,
      0,
      fs.kernel.simulation.now,
    );
    this.cgroupfs = fs;
    this.group = group;
    if (!group.parent) this.mode = S_IFDIR | 0o755;
    this.nlink = 2;
  }

  override lookup(name: string): Inode | undefined {
    const child = this.group.children.get(name);
    if (child) return this.cgroupfs.directoryOf(child);
    const file = cgroupFiles.get(name);
    return file && this.hasFile(file) ? this.fileOf(file) : undefined;
  }

  /** The inode of a file that the group has. */
  fileOf(file: CgroupFile): CgroupFileInode {
    let inode = this.files.get(file.name);
    if (!inode) {
      inode = new CgroupFileInode(this.cgroupfs, this, file);
      this.files.set(file.name, inode);
    }
    return inode;
  }

  private hasFile(file: CgroupFile): boolean {
    const { group } = this;
    if (group.removed) return false;
    if (file.where === 'groups' && !group.parent) return false;
    if (file.where === 'root' && group.parent) return false;
    return !file.controller || group.has(file.controller);
  }

  override entries(): readonly DirectoryEntry[] {
    const list: DirectoryEntry[] = [];
    for (const file of cgroupFiles.values()) {
      if (this.hasFile(file)) list.push({ name: file.name, inode: this.fileOf(file) });
    }
    for (const [name, child] of this.group.children) {
      list.push({ name, inode: this.cgroupfs.directoryOf(child) });
    }
    return list;
  }

  override create(name: string, request: NewInode): Inode | Errno {
    if ((request.mode & 0o170000) !== S_IFDIR)
      return (request.mode & 0o170000) === S_IFREG ? EACCES : EPERM;
    const { group } = this;
    if (group.removed) return ENOENT;
    if (this.lookup(name)) return EEXIST;
    if (name.includes('\n')) return EINVAL;
    let level = 1;
    for (let at: Cgroup | undefined = group; at; at = at.parent) {
      if (level > at.maxDepth || hasAllDescendants(at)) return EAGAIN;
      level++;
    }
    const made = new Cgroup(name, group, this.cgroupfs.nextInode());
    group.children.set(name, made);
    const directory = this.cgroupfs.directoryOf(made);
    directory.uid = request.uid;
    directory.gid = request.gid;
    directory.makerUid = request.uid;
    directory.makerGid = request.gid;
    directory.mode = request.mode;
    this.nlink++;
    return directory;
  }

  override rmdir(name: string): Errno | undefined {
    const child = this.group.children.get(name);
    if (!child) return this.lookup(name) ? ENOTDIR : ENOENT;
    if (child.children.size > 0 || child.tasks.size > 0) return EBUSY;
    this.group.children.delete(name);
    child.removed = true;
    this.cgroupfs.directoryOf(child).removed = true;
    this.cgroupfs.forget(child);
    this.nlink--;
    return undefined;
  }

  /** Groups can be renamed by nobody in version 2. */
  override rename(): Errno {
    return EPERM;
  }
}

export class CgroupFileInode extends Inode {
  private readonly directory: CgroupDirectory;
  private readonly file: CgroupFile;

  constructor(fs: CgroupFileSystem, directory: CgroupDirectory, file: CgroupFile) {
    super(
      fs,
      fs.nextInode(),
      S_IFREG | file.mode,
      directory.makerUid,
      directory.makerGid,
      fs.kernel.simulation.now,
    );
    this.directory = directory;
    this.file = file;
  }

  override open(task: Task, flags: number, location: Location): TextFile {
    const { file, directory } = this;
    const { group } = directory;
    const { kernel } = task;
    const writer = task;
    const context = (reader: Task): CgroupContext => ({
      kernel,
      task: reader,
      writable: (other) => mayWriteProcs(writer, kernel, other),
    });
    return new TextFile(
      {
        ...(file.read
          ? { read: (reader: Task) => file.read?.(group, context(reader)) ?? EINVAL }
          : {}),
        ...(file.write ? { write: (text: string, by: Task) => this.write(text, context(by)) } : {}),
      },
      location,
      flags,
    );
  }

  private write(text: string, context: CgroupContext): Errno | undefined {
    const { group } = this.directory;
    if (group.removed) return ENOENT;
    return this.file.write?.(group, text, context);
  }
}

/** True where a group has as many below it as cgroup.max.descendants allows: counted only where that is set. */
function hasAllDescendants(group: Cgroup): boolean {
  if (group.maxDescendants === Number.POSITIVE_INFINITY) return false;
  return [...group.subtreeGroups()].length - 1 >= group.maxDescendants;
}

function mayWriteProcs(task: Task, kernel: Kernel, group: Cgroup): boolean {
  const directory = kernel.cgroupfs?.directoryOf(group);
  const procs = cgroupFiles.get('cgroup.procs');
  if (!directory || !procs) return false;
  return permission(task, directory.fileOf(procs), MAY_WRITE) === undefined;
}

/** cgroup.freeze of a group or one above changed: every task below stops or goes on. */
export function applyFreeze(group: Cgroup): void {
  for (const each of group.subtreeGroups()) {
    const frozen = each.isFrozen;
    for (const task of each.tasks) setFrozen(task, frozen);
  }
}
