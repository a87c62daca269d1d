// System calls on open files: open, read, write, lseek, dup, pipe, fstat, ioctl, poll (section 2 of the manual).
// A failure is an Errno in place of the result. Calls that may block are routines: use `yield*`.

import { limits } from '../../core/limits.ts';
import type { Routine, WaitQueue } from '../../core/wait.ts';
import {
  EACCES,
  EBADF,
  EEXIST,
  EFBIG,
  EINTR,
  EINVAL,
  EISDIR,
  ELOOP,
  ENOENT,
  ENOTDIR,
  ENXIO,
  EROFS,
  type Errno,
  isErrno,
} from '../errno.ts';
import { SIGXFSZ } from '../signals.ts';
import { killedForMemory } from '../task/run.ts';
import { sendThreadSignal } from '../task/signal.ts';
import { openDevice } from '../files/devices.ts';
import { type Inode, S_IFBLK, S_IFCHR, S_IFIFO, S_IFREG, S_IFSOCK } from '../files/inode.ts';
import { type Location, MS_NODEV } from '../files/mount.ts';
import {
  O_ACCMODE,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOCTTY,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  O_TRUNC,
  O_WRONLY,
  type OpenFile,
  PlainFile,
} from '../files/open-file.ts';
import { type LockKind, lockFile } from '../files/locks.ts';
import { openFifo, PipeBuffer, PipeEnd } from '../files/pipe.ts';
import {
  type LastStep,
  MAY_READ,
  MAY_WRITE,
  permission,
  resolve,
  resolveLast,
} from '../files/walk.ts';
import { TerminalSlave } from '../terminal/terminal.ts';
import { CallsBase } from './base.ts';
import { type Stat, statOf } from './stat.ts';

/** One descriptor of a poll: what is waited for, and after the call what is there. */
export interface PollDescriptor {
  readonly fd: number;
  readonly events: 'in' | 'out' | 'both';
  /** Set by the call. */
  readable?: boolean;
  writable?: boolean;
  hungUp?: boolean;
}

export class FileCalls extends CallsBase {
  /** open(2). `mode` (before umask) counts where O_CREAT makes the file. */
  open(path: string, flags: number = O_RDONLY, mode = 0o666): number | Errno {
    const file = this.openFile(path, flags, mode);
    if (isErrno(file)) return file;
    const fd = this.task.files.add(file, (flags & O_CLOEXEC) !== 0);
    if (isErrno(fd)) file.released();
    return fd;
  }

  /** openat(2) without the descriptor: the open file itself, for callers inside the kernel and for redirections. */
  openFile(path: string, flags: number, mode = 0o666): OpenFile | Errno {
    const { task } = this;
    const follow =
      (flags & O_NOFOLLOW) === 0 && (flags & (O_CREAT | O_EXCL)) !== (O_CREAT | O_EXCL);
    const last = resolveLast(task, path, follow);
    if (isErrno(last)) return last;
    let place = last.found;
    if (!place) {
      if (!(flags & O_CREAT)) return ENOENT;
      if (last.mustBeDirectory) return EISDIR;
      const made = this.makeAt(last, S_IFREG | (mode & ~task.fs.umask & 0o7777));
      if (isErrno(made)) return made;
      return this.openInode(made, flags & ~O_TRUNC, true);
    }
    if ((flags & O_CREAT) !== 0 && (flags & O_EXCL) !== 0) return EEXIST;
    if (place.inode.isSymlink) return flags & O_PATH ? new PlainFile(place, flags) : ELOOP;
    if (last.mustBeDirectory && !place.inode.isDirectory) return ENOTDIR;
    if ((flags & O_CREAT) !== 0 && place.inode.isDirectory) return EISDIR;
    place = last.found ?? place;
    return this.openInode(place, flags, false);
  }

  /** Opens what a place holds; `fresh`: just made, so that permission is not asked. */
  openInode(place: Location, flags: number, fresh: boolean): OpenFile | Errno {
    const { task } = this;
    const { inode, mount } = place;
    if (flags & O_PATH) return new PlainFile(place, flags);
    const access = flags & O_ACCMODE;
    const writes = access !== O_RDONLY;
    if (flags & O_DIRECTORY && !inode.isDirectory) return ENOTDIR;
    if (writes && inode.isDirectory) return EISDIR;
    const special = [S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK].includes(inode.kind);
    if (writes && mount.readOnly && !special) return EROFS;
    if (!fresh) {
      const wanted = (access !== O_WRONLY ? MAY_READ : 0) | (writes ? MAY_WRITE : 0);
      const refused = permission(task, inode, wanted);
      if (refused) return refused;
    }
    const own = inode.open(task, flags, place);
    if (own !== undefined) return own;
    if (inode.kind === S_IFIFO) return openFifo(inode, flags, place);
    if (inode.kind === S_IFSOCK) return ENXIO;
    if (inode.kind === S_IFBLK) return ENXIO;
    if (inode.kind === S_IFCHR) {
      if (mount.flags & MS_NODEV) return EACCES;
      const file = openDevice(task, place, flags);
      if (file instanceof TerminalSlave && !(flags & O_NOCTTY)) this.adoptTerminal(file);
      return file;
    }
    if (flags & O_TRUNC && inode.isRegular && writes) {
      const failure = inode.truncate(0);
      if (failure) return failure;
      inode.mtime = this.now;
      inode.ctime = this.now;
    }
    return new PlainFile(place, flags);
  }

  private adoptTerminal(file: TerminalSlave): void {
    const { leader } = this.task;
    const { process } = leader;
    if (process.session !== leader.pid || process.terminal || file.terminal.session) return;
    file.ioctl(this.task, 'TIOCSCTTY');
  }

  /** Makes an entry where `resolveLast` found none: checks the directory, then asks its file system. */
  protected makeAt(
    last: LastStep,
    mode: number,
    extra: { target?: string; rdev?: number } = {},
  ): Location | Errno {
    const { task } = this;
    const { directory, name } = last;
    if (last.found) return EEXIST;
    if (directory.mount.readOnly) return EROFS;
    const refused = permission(task, directory.inode, MAY_WRITE);
    if (refused) return refused;
    const { fsuid, fsgid } = task.credentials;
    const inode = directory.inode.create(name, {
      mode,
      uid: fsuid,
      gid: fsgid,
      now: this.now,
      ...extra,
    });
    if (isErrno(inode)) return inode;
    this.touchDirectory(directory.inode);
    return { mount: directory.mount, inode, directory: directory.inode, name };
  }

  protected touchDirectory(inode: Inode): void {
    inode.mtime = this.now;
    inode.ctime = this.now;
  }

  /** read(2): at most `count` bytes; an empty array is the end. Blocks on pipes, terminals, sockets. */
  *read(fd: number, count: number): Routine<Uint8Array | Errno> {
    const file = this.task.files.get(fd);
    if (isErrno(file)) return file;
    if ((file.flags & O_ACCMODE) === O_WRONLY || file.flags & O_PATH) return EBADF;
    return yield* file.read(this.task, count);
  }

  /** write(2): how many bytes were taken. EPIPE comes with SIGPIPE, a file beyond RLIMIT_FSIZE with SIGXFSZ. */
  *write(fd: number, bytes: Uint8Array): Routine<number | Errno> {
    const file = this.task.files.get(fd);
    if (isErrno(file)) return file;
    if ((file.flags & O_ACCMODE) === O_RDONLY) return EBADF;
    const count = yield* file.write(this.task, bytes);
    const limited =
      count === EFBIG && (this.task.leader.process.limits.get('fsize')?.soft ?? -1) >= 0;
    if (limited) {
      // The signal comes before the program sees that the write failed.
      sendThreadSignal(this.task, SIGXFSZ);
      yield { on: [], cpu: 0 };
    }
    return count;
  }

  /** Everything up to the end of the file. */
  *readAll(fd: number): Routine<Uint8Array | Errno> {
    const parts: Uint8Array[] = [];
    let size = 0;
    for (;;) {
      const part = yield* this.read(fd, 65_536);
      if (isErrno(part)) return part;
      if (part.length === 0) break;
      parts.push(part);
      size += part.length;
      if (size > limits.heldBytes) killedForMemory(this.task);
    }
    if (parts.length === 1 && parts[0]) return parts[0];
    const out = new Uint8Array(size);
    let at = 0;
    for (const part of parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }

  close(fd: number): Errno | undefined {
    return this.task.files.close(fd);
  }

  /** lseek(2): whence 0 SET, 1 CUR, 2 END. */
  lseek(fd: number, offset: number, whence: 0 | 1 | 2): number | Errno {
    const file = this.task.files.get(fd);
    return isErrno(file) ? file : file.seek(offset, whence);
  }

  dup(fd: number, lowest = 0, closeOnExec = false): number | Errno {
    const file = this.task.files.get(fd);
    return isErrno(file) ? file : this.task.files.add(file, closeOnExec, lowest);
  }

  dup2(from: number, to: number): number | Errno {
    const file = this.task.files.get(from);
    if (isErrno(file)) return file;
    if (to < 0 || to >= this.task.files.limit) return EBADF;
    if (from !== to) this.task.files.put(to, file);
    return to;
  }

  /** fcntl(F_SETFD, FD_CLOEXEC). */
  setCloseOnExec(fd: number, on: boolean): Errno | undefined {
    const slot = this.task.files.descriptor(fd);
    if (!slot) return EBADF;
    slot.closeOnExec = on;
    return undefined;
  }

  /** fcntl(F_SETFL) for O_NONBLOCK. */
  setNonBlocking(fd: number, on: boolean): Errno | undefined {
    const file = this.task.files.get(fd);
    if (isErrno(file)) return file;
    file.flags = on ? file.flags | O_NONBLOCK : file.flags & ~O_NONBLOCK;
    return undefined;
  }

  /** pipe2(2): [read end, write end]. */
  pipe(closeOnExec = false): readonly [number, number] | Errno {
    const buffer = new PipeBuffer(this.kernel.nextPipe());
    const reader = this.task.files.add(new PipeEnd(buffer, O_RDONLY), closeOnExec);
    if (isErrno(reader)) return reader;
    const writer = this.task.files.add(new PipeEnd(buffer, O_WRONLY), closeOnExec);
    if (isErrno(writer)) {
      this.task.files.close(reader);
      return writer;
    }
    return [reader, writer];
  }

  fstat(fd: number): Stat | Errno {
    const file = this.task.files.get(fd);
    if (isErrno(file)) return file;
    return statOf(this.task, file.inode, file);
  }

  ftruncate(fd: number, size: number): Errno | undefined {
    const file = this.task.files.get(fd);
    if (isErrno(file)) return file;
    if ((file.flags & O_ACCMODE) === O_RDONLY || !file.inode?.isRegular) return EINVAL;
    return file.inode.truncate(size);
  }

  /** flock(2): blocks until the lock can be had or virtual time `until` has come (EAGAIN). */
  *flock(fd: number, how: LockKind, until?: number): Routine<Errno | undefined> {
    const file = this.task.files.get(fd);
    if (isErrno(file)) return file;
    return yield* lockFile(file, how, until);
  }

  /** ioctl(2) by name; what it takes and gives depends on the request. */
  ioctl(fd: number, request: string, argument?: unknown): unknown {
    const file = this.task.files.get(fd);
    return isErrno(file) ? file : file.ioctl(this.task, request, argument);
  }

  /** isatty(3). */
  isTerminal(fd: number): boolean {
    return !isErrno(this.ioctl(fd, 'TCGETS'));
  }

  /**
   * poll(2): blocks until a descriptor is ready or virtual time `until` has come; how many are ready. EINTR after a
   * signal's handler. `also` are further queues to be woken by (a program's own threads and work queues).
   */
  *poll(
    list: readonly PollDescriptor[],
    until?: number,
    also: readonly WaitQueue[] = [],
  ): Routine<number | Errno> {
    for (;;) {
      let ready = 0;
      const queues: WaitQueue[] = [...also];
      for (const entry of list) {
        const file = this.task.files.get(entry.fd);
        if (isErrno(file)) return file;
        entry.readable = entry.events !== 'out' && file.readable;
        entry.writable = entry.events !== 'in' && file.writable;
        entry.hungUp = file.hungUp;
        if (entry.readable || entry.writable || entry.hungUp) ready++;
        queues.push(file.changed);
        const terminal = file instanceof TerminalSlave ? file.terminal : undefined;
        if (terminal) queues.push(terminal.inputArrived);
      }
      if (ready > 0 || (until !== undefined && this.now >= until)) return ready;
      const wakeup = yield { on: queues, until };
      if (wakeup === 'signal') return EINTR;
      if (wakeup === 'woken' && also.length > 0) return 0;
    }
  }

  /** The place a path names, for calls of this floor. */
  protected place(path: string, follow = true): Location | Errno {
    return resolve(this.task, path, follow);
  }
}
