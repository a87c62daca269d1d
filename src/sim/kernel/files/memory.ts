// The memory file system: tmpfs, and what the disks of machines and image layers are modelled as. Contents are
// shared until they are written (so that a layer's files cost nothing per container).

import { limits } from '../../core/limits.ts';
import { EEXIST, EFBIG, EISDIR, ENOENT, ENOSPC, ENOTDIR, ENOTEMPTY, type Errno } from '../errno.ts';
import type { Task } from '../task/task.ts';
import {
  type FileEvent,
  type FileWatcher,
  type DirectoryEntry,
  type FileSystem,
  type FileSystemUse,
  Inode,
  type NewInode,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
} from './inode.ts';

const EMPTY = new Uint8Array(0);
const PAGE = 4096;

/** Bytes rounded up to whole pages. */
function pages(bytes: number): number {
  return Math.ceil(bytes / PAGE) * PAGE;
}

/** A file system in memory. `capacity` in bytes; Infinity for none. */
export class MemoryFileSystem implements FileSystem {
  readonly type: string;
  readonly device: number;
  readonly root: MemoryInode;
  options: string;
  readOnly = false;
  capacity: number;
  /** Inodes at the most. */
  maxFiles = Number.POSITIVE_INFINITY;
  /** Bytes (whole pages) and inodes in use. */
  used = 0;
  files = 0;
  private lastInode = 1;

  constructor(type: string, device: number, options = '', capacity = Number.POSITIVE_INFINITY) {
    this.type = type;
    this.device = device;
    this.options = options;
    this.capacity = capacity;
    this.root = new MemoryInode(this, { mode: S_IFDIR | 0o755, uid: 0, gid: 0, now: 0 });
  }

  nextInode(): number {
    this.files++;
    return this.lastInode++;
  }

  /** Asked before a file grows (bytes > 0), told when one shrinks; what has limits of its own overrides it. */
  charge(_task: Task | undefined, _bytes: number): Errno | undefined {
    return undefined;
  }

  use(): FileSystemUse {
    const total = Number.isFinite(this.capacity) ? this.capacity : 40 * 1024 ** 3;
    return { total, used: this.used, files: this.files };
  }
}

export class MemoryInode extends Inode {
  private readonly memory: MemoryFileSystem;
  private children: Map<string, Inode> | undefined;
  private data: Uint8Array = EMPTY;
  private length = 0;
  private shared = false;
  private target = '';
  private xattrs: Map<string, Uint8Array> | undefined;
  private watchers: Set<FileWatcher> | undefined;

  constructor(fs: MemoryFileSystem, request: NewInode) {
    super(fs, fs.nextInode(), request.mode, request.uid, request.gid, request.now);
    this.memory = fs;
    if ((request.mode & S_IFMT) === S_IFDIR) {
      this.children = new Map();
      this.nlink = 2;
    }
    this.target = request.target ?? '';
    this.rdev = request.rdev ?? 0;
  }

  override get size(): number {
    if (this.children) return 4096;
    return this.isSymlink ? this.target.length : this.length;
  }

  override watch(watcher: FileWatcher): () => void {
    const watched: MemoryInode[] = [this];
    for (const child of this.children?.values() ?? []) {
      if (child instanceof MemoryInode && child.isRegular) watched.push(child);
    }
    for (const inode of watched) (inode.watchers ??= new Set()).add(watcher);
    return () => {
      this.watchers?.delete(watcher);
      for (const child of this.children?.values() ?? []) {
        if (child instanceof MemoryInode) child.watchers?.delete(watcher);
      }
    };
  }

  private tell(event: FileEvent): void {
    if (this.watchers) for (const watcher of [...this.watchers]) watcher(event);
  }

  /** A file that leaves a watched directory is no longer watched through it. */
  private left(inode: Inode, event: 'rename' | 'remove'): void {
    if (!this.watchers) return;
    if (inode instanceof MemoryInode) {
      for (const watcher of this.watchers) inode.watchers?.delete(watcher);
    }
    this.tell(event);
  }

  override lookup(name: string): Inode | undefined {
    return this.children?.get(name);
  }

  override entries(): readonly DirectoryEntry[] {
    if (!this.children) return [];
    return Array.from(this.children, ([name, inode]) => ({ name, inode }));
  }

  override create(name: string, request: NewInode): Inode | Errno {
    if (!this.children) return ENOTDIR;
    if (this.removed) return ENOENT;
    if (this.children.has(name)) return EEXIST;
    if (this.memory.files >= this.memory.maxFiles) return ENOSPC;
    const setGid = (this.mode & 0o2000) !== 0;
    const inode = new MemoryInode(this.memory, setGid ? { ...request, gid: this.gid } : request);
    if (inode.isDirectory && setGid) inode.mode |= 0o2000;
    this.enter(name, inode);
    this.changed(request.now);
    return inode;
  }

  override link(name: string, inode: Inode): Errno | undefined {
    if (!this.children) return ENOTDIR;
    if (this.removed) return ENOENT;
    if (this.children.has(name)) return EEXIST;
    inode.nlink++;
    this.enter(name, inode);
    return undefined;
  }

  override unlink(name: string): Errno | undefined {
    const inode = this.children?.get(name);
    if (!inode) return ENOENT;
    if (inode.isDirectory) return EISDIR;
    this.children?.delete(name);
    this.left(inode, 'remove');
    if (--inode.nlink === 0) this.forget(inode);
    return undefined;
  }

  override rmdir(name: string): Errno | undefined {
    const inode = this.children?.get(name);
    if (!inode) return ENOENT;
    if (!inode.isDirectory) return ENOTDIR;
    if (inode.entries(undefined).length > 0) return ENOTEMPTY;
    this.children?.delete(name);
    inode.removed = true;
    inode.nlink = 0;
    this.nlink--;
    this.forget(inode);
    return undefined;
  }

  override rename(name: string, target: Inode, newName: string): Errno | undefined {
    const inode = this.children?.get(name);
    if (!inode || !(target instanceof MemoryInode) || !target.children) return ENOENT;
    if (target.removed) return ENOENT;
    const replaced = target.children.get(newName);
    if (replaced === inode) return undefined;
    if (replaced) {
      const failure = replaced.isDirectory ? target.rmdir(newName) : target.unlink(newName);
      if (failure) return failure;
    }
    this.children?.delete(name);
    this.left(inode, 'rename');
    if (inode.isDirectory) this.nlink--;
    target.enter(newName, inode);
    return undefined;
  }

  override readlink(): string {
    return this.target;
  }

  override readAt(offset: number, count: number, _task: Task | undefined): Uint8Array | Errno {
    if (this.children) return EISDIR;
    if (offset >= this.length) return EMPTY;
    return this.data.slice(offset, Math.min(offset + count, this.length));
  }

  override writeAt(offset: number, bytes: Uint8Array, task: Task | undefined): number | Errno {
    const { memory } = this;
    const end = offset + bytes.length;
    if (end > limits.fileBytes) return EFBIG;
    const more = pages(end) - pages(this.length);
    if (more > 0 && memory.used + more > memory.capacity) {
      const room =
        pages(this.length) + Math.floor((memory.capacity - memory.used) / PAGE) * PAGE - offset;
      return room <= 0 ? ENOSPC : this.writeAt(offset, bytes.subarray(0, room), task);
    }
    const refused = more > 0 ? memory.charge(task, more) : undefined;
    if (refused) return refused;
    this.reserve(end);
    this.data.set(bytes, offset);
    this.tell('write');
    if (end > this.length) this.setLength(end);
    return bytes.length;
  }

  private setLength(length: number): void {
    this.memory.used += pages(length) - pages(this.length);
    this.length = length;
  }

  override truncate(size: number): Errno | undefined {
    if (size > limits.fileBytes) return EFBIG;
    if (size === 0 && this.shared) {
      this.data = EMPTY;
      this.shared = false;
    } else if (size < this.length) {
      this.own(size);
      this.data.fill(0, size, this.length);
    } else {
      this.reserve(size);
    }
    const less = pages(size) - pages(this.length);
    if (less < 0) this.memory.charge(undefined, less);
    this.setLength(size);
    return undefined;
  }

  override attributes(): Map<string, Uint8Array> {
    if (!this.xattrs) this.xattrs = new Map();
    return this.xattrs;
  }

  override get hasAttributes(): boolean {
    return this.xattrs !== undefined && this.xattrs.size > 0;
  }

  /** The contents for another inode to share: whichever of the two is written first gets a copy of its own. */
  sharedContents(): Uint8Array {
    this.shared = true;
    return this.contents();
  }

  /** Gives the file these contents, shared with whoever else holds the array until one of them writes. */
  setContents(bytes: Uint8Array): void {
    this.setLength(bytes.length);
    this.data = bytes;
    this.shared = true;
  }

  /** The whole contents, as a view. */
  contents(): Uint8Array {
    return this.data.subarray(0, this.length);
  }

  private enter(name: string, inode: Inode): void {
    this.children?.set(name, inode);
    if (this.watchers) this.entered(inode);
    if (inode.isDirectory) {
      inode.home = { parent: this, name };
      this.nlink++;
    }
  }

  /** A file that comes into a watched directory is watched through it. */
  private entered(inode: Inode): void {
    if (inode instanceof MemoryInode && inode.isRegular) {
      for (const watcher of this.watchers ?? []) (inode.watchers ??= new Set()).add(watcher);
    }
    this.tell('create');
  }

  private changed(now: number): void {
    this.mtime = now;
    this.ctime = now;
  }

  private forget(inode: Inode): void {
    this.memory.files--;
    if ((inode.mode & S_IFMT) === S_IFLNK || inode.isDirectory) return;
    this.memory.used -= pages(inode.size);
    this.memory.charge(undefined, -pages(inode.size));
  }

  private own(size: number): void {
    if (!this.shared) return;
    const copy = new Uint8Array(Math.max(size, this.length));
    copy.set(this.data.subarray(0, this.length));
    this.data = copy;
    this.shared = false;
  }

  private reserve(size: number): void {
    this.own(size);
    if (size <= this.data.length) return;
    const grown = new Uint8Array(Math.max(size, this.data.length * 2, 64));
    grown.set(this.data.subarray(0, this.length));
    this.data = grown;
  }
}
