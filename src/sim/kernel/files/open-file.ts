// Open file descriptions (what descriptors of one or more processes point at), and the descriptor table.
// Reading and writing are routines, because pipes, terminals and sockets block; plain files never do.

import { limits } from '../../core/limits.ts';
import { type Routine, WaitQueue } from '../../core/wait.ts';
import {
  EBADF,
  EFBIG,
  EINVAL,
  EISDIR,
  EMFILE,
  ENOTTY,
  ESPIPE,
  type Errno,
  isErrno,
} from '../errno.ts';
import { CAP_FSETID, capable } from '../task/credentials.ts';
import type { Task } from '../task/task.ts';
import type { Inode } from './inode.ts';
import { dropLocks } from './locks.ts';
import type { Location } from './mount.ts';

export const O_RDONLY = 0;
export const O_WRONLY = 1;
export const O_RDWR = 2;
export const O_ACCMODE = 3;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_NOCTTY = 0o400;
export const O_TRUNC = 0o1000;
export const O_APPEND = 0o2000;
export const O_NONBLOCK = 0o4000;
export const O_DIRECT = 0o40000;
export const O_DIRECTORY = 0o200000;
export const O_NOFOLLOW = 0o400000;
export const O_CLOEXEC = 0o2000000;
export const O_PATH = 0o10000000;

export abstract class OpenFile {
  /** Where it was opened, for /proc/PID/fd; undefined for pipes and sockets. */
  readonly location: Location | undefined;
  /** Status flags: access mode, O_APPEND, O_NONBLOCK. */
  flags: number;
  /** Descriptors and others that hold it. */
  references = 0;
  /** Woken whenever `readable` or `writable` may have changed (poll). */
  readonly changed = new WaitQueue();

  constructor(location: Location | undefined, flags: number) {
    this.location = location;
    this.flags = flags;
  }

  /** What /proc/PID/fd/N reads where there is no path: `pipe:[123]`, `socket:[45]`. */
  get label(): string {
    return 'anon_inode:[file]';
  }
  get inode(): Inode | undefined {
    return this.location?.inode;
  }
  /** poll: a read would not block. */
  get readable(): boolean {
    return true;
  }
  /** poll: a write would not block. */
  get writable(): boolean {
    return true;
  }
  /** poll: the other side has gone (POLLHUP). */
  get hungUp(): boolean {
    return false;
  }
  /** At most `count` bytes; an empty array is the end of the file. The array may be shared: do not change it. */
  abstract read(task: Task, count: number): Routine<Uint8Array | Errno>;
  abstract write(task: Task, bytes: Uint8Array): Routine<number | Errno>;
  /** lseek: the new offset. */
  seek(_offset: number, _whence: 0 | 1 | 2): number | Errno {
    return ESPIPE;
  }
  /** ioctl by name (`TCGETS`, `TIOCGWINSZ` …); what goes in and out depends on the request. */
  ioctl(_task: Task, _request: string, _argument?: unknown): unknown {
    return ENOTTY;
  }
  /** Called when the last reference has gone. */
  released(): void {}
}

/** A plain seekable file or a directory. */
export class PlainFile extends OpenFile {
  offset = 0;
  private readonly node: Inode;

  constructor(location: Location, flags: number) {
    super(location, flags);
    this.node = location.inode;
  }

  *read(task: Task, count: number): Routine<Uint8Array | Errno> {
    if (this.node.isDirectory) return EISDIR;
    const bytes = this.node.readAt(this.offset, count, task);
    if (!isErrno(bytes)) {
      this.offset += bytes.length;
      this.node.atime = task.kernel.simulation.now;
      task.kernel.memory.cache.touch(task, this.node, bytes.length);
    }
    return bytes;
  }

  *write(task: Task, bytes: Uint8Array): Routine<number | Errno> {
    if (this.flags & O_APPEND) this.offset = this.node.size;
    if (this.offset + bytes.length > limits.fileBytes) return EFBIG;
    const most = task.leader.process.limits.get('fsize')?.soft ?? -1;
    const room = most < 0 ? bytes.length : Math.min(bytes.length, most - this.offset);
    if (room <= 0 && bytes.length > 0) return EFBIG;
    const given = room < bytes.length ? bytes.subarray(0, room) : bytes;
    const count = this.node.writeAt(this.offset, given, task);
    if (!isErrno(count)) {
      this.offset += count;
      const now = task.kernel.simulation.now;
      this.node.mtime = now;
      this.node.ctime = now;
      if (this.node.mode & 0o6000 || this.node.hasAttributes) dropPrivileges(task, this.node);
      task.kernel.memory.cache.touch(task, this.node, count);
      if (this.flags & O_DIRECT) yield* this.waitForDisk(task, count);
    }
    return count;
  }

  /** A direct request goes to the disk at once, and waits where io.max of a group holds it back. */
  private *waitForDisk(task: Task, bytes: number): Routine<void> {
    const { io } = task.cgroup;
    const { now } = task.kernel.simulation;
    const until = io?.request(this.node.fs.device, bytes, true, now) ?? now;
    if (until > now) yield { on: [], until, uninterruptible: true };
  }

  override seek(offset: number, whence: 0 | 1 | 2): number | Errno {
    const base = whence === 0 ? 0 : whence === 1 ? this.offset : this.node.size;
    if (base + offset < 0) return EINVAL;
    this.offset = base + offset;
    return this.offset;
  }
}

/** A write takes set-user-ID, set-group-ID and file capabilities away (file_remove_privs). */
function dropPrivileges(task: Task, inode: Inode): void {
  if (inode.hasAttributes) inode.setAttribute('security.capability', undefined);
  if (capable(task, CAP_FSETID)) return;
  const setGid = (inode.mode & 0o2010) === 0o2010 ? 0o2000 : 0;
  inode.mode &= ~(0o4000 | setGid);
}

/** One slot of a descriptor table. */
export interface Descriptor {
  readonly file: OpenFile;
  closeOnExec: boolean;
}

/** The descriptors of a process (files_struct), shared by its threads. */
export class DescriptorTable {
  private readonly slots: (Descriptor | undefined)[] = [];
  /** Tasks that share this table. */
  users = 1;
  limit: number = limits.descriptors;

  get(fd: number): OpenFile | Errno {
    return this.slots[fd]?.file ?? EBADF;
  }
  descriptor(fd: number): Descriptor | undefined {
    return this.slots[fd];
  }
  /** Open descriptors in order of number. */
  *list(): Generator<readonly [number, Descriptor]> {
    for (const [fd, slot] of this.slots.entries()) if (slot) yield [fd, slot];
  }
  /** Puts a file at the lowest free number at or above `from`. */
  add(file: OpenFile, closeOnExec = false, from = 0): number | Errno {
    let fd = from;
    while (this.slots[fd]) fd++;
    if (fd >= this.limit) return EMFILE;
    this.put(fd, file, closeOnExec);
    return fd;
  }
  /** Puts a file at a number; what was there is closed. */
  put(fd: number, file: OpenFile, closeOnExec = false): void {
    file.references++;
    this.close(fd);
    this.slots[fd] = { file, closeOnExec };
  }
  close(fd: number): Errno | undefined {
    const slot = this.slots[fd];
    if (!slot) return EBADF;
    this.slots[fd] = undefined;
    release(slot.file);
    return undefined;
  }
  /** A copy for a forked child. */
  copy(): DescriptorTable {
    const copy = new DescriptorTable();
    copy.limit = this.limit;
    for (const [fd, slot] of this.slots.entries()) {
      if (slot) copy.put(fd, slot.file, slot.closeOnExec);
    }
    return copy;
  }
  closeOnExec(): void {
    for (const [fd, slot] of this.slots.entries()) if (slot?.closeOnExec) this.close(fd);
  }
  closeAll(): void {
    for (let fd = 0; fd < this.slots.length; fd++) this.close(fd);
  }
}

/** Lets go of one reference; the last one closes the file. */
export function release(file: OpenFile): void {
  if (--file.references > 0) return;
  dropLocks(file);
  file.released();
}
