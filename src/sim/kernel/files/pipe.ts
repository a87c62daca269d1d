// Pipes (pipe(7)): bytes in order, at most 64 KiB waiting. Reading an empty one blocks while somebody can write;
// writing without a reader is SIGPIPE and EPIPE.

import { limits } from '../../core/limits.ts';
import { type Routine, WaitQueue } from '../../core/wait.ts';
import { EAGAIN, EBADF, EINTR, EPIPE, type Errno } from '../errno.ts';
import { SIGPIPE } from '../signals.ts';
import { hasDeliverable, sendThreadSignal } from '../task/signal.ts';
import type { Task } from '../task/task.ts';
import type { Inode } from './inode.ts';
import type { Location } from './mount.ts';
import { O_ACCMODE, O_NONBLOCK, O_RDONLY, O_WRONLY, OpenFile } from './open-file.ts';

const EMPTY = new Uint8Array(0);

/** What both ends share. */
export class PipeBuffer {
  readonly number: number;
  private chunks: Uint8Array[] = [];
  private head = 0;
  size = 0;
  readers = 0;
  writers = 0;
  /** A FIFO: a reader does not see the end before a first writer has come. */
  awaitingWriter = false;
  /** All ends, to tell them of changes. */
  readonly ends = new Set<OpenFile>();
  /** Where each side sleeps. */
  readonly arrived = new WaitQueue();
  readonly drained = new WaitQueue();

  constructor(number: number) {
    this.number = number;
  }

  put(bytes: Uint8Array): void {
    this.chunks.push(bytes);
    this.size += bytes.length;
    if (this.size === bytes.length) this.tell(this.arrived);
  }

  take(count: number): Uint8Array {
    const first = this.chunks[0];
    if (!first) return EMPTY;
    const wasFull = this.size >= limits.pipeBytes;
    let out: Uint8Array;
    if (first.length - this.head <= count) {
      out = this.head === 0 ? first : first.subarray(this.head);
      this.chunks.shift();
      this.head = 0;
    } else {
      out = first.subarray(this.head, this.head + count);
      this.head += count;
    }
    this.size -= out.length;
    if (this.chunks.length > 0 && out.length < count) out = this.takeMore(out, count);
    if (wasFull || this.size === 0) this.tell(this.drained);
    return out;
  }

  private takeMore(first: Uint8Array, count: number): Uint8Array {
    const out = new Uint8Array(Math.min(count, first.length + this.size));
    out.set(first);
    let at = first.length;
    while (at < out.length) {
      const chunk = this.chunks[0];
      if (!chunk) break;
      const part = chunk.subarray(this.head, this.head + out.length - at);
      out.set(part, at);
      at += part.length;
      this.head += part.length;
      if (this.head >= chunk.length) {
        this.chunks.shift();
        this.head = 0;
      }
    }
    this.size -= at - first.length;
    return out;
  }

  tell(queue: WaitQueue): void {
    queue.wake();
    for (const end of this.ends) end.changed.wake();
  }
}

/** One end of a pipe or an open FIFO. */
export class PipeEnd extends OpenFile {
  readonly buffer: PipeBuffer;
  private readonly reads: boolean;
  private readonly writes: boolean;

  constructor(buffer: PipeBuffer, flags: number, location?: Location) {
    super(location, flags);
    this.buffer = buffer;
    const mode = flags & O_ACCMODE;
    this.reads = mode !== O_WRONLY;
    this.writes = mode !== O_RDONLY;
    buffer.ends.add(this);
    if (this.reads) buffer.readers++;
    if (this.writes) {
      buffer.writers++;
      buffer.awaitingWriter = false;
    }
  }

  override get label(): string {
    return `pipe:[${this.buffer.number}]`;
  }
  override get readable(): boolean {
    return this.reads && (this.buffer.size > 0 || this.atEnd);
  }
  override get writable(): boolean {
    return this.writes && (this.buffer.size < limits.pipeBytes || this.buffer.readers === 0);
  }
  override get hungUp(): boolean {
    return this.reads ? this.atEnd : this.buffer.readers === 0;
  }
  private get atEnd(): boolean {
    return this.buffer.writers === 0 && !this.buffer.awaitingWriter;
  }

  *read(_task: Task, count: number): Routine<Uint8Array | Errno> {
    if (!this.reads) return EBADF;
    while (this.buffer.size === 0) {
      if (this.atEnd) return EMPTY;
      if (this.flags & O_NONBLOCK) return EAGAIN;
      if ((yield { on: [this.buffer.arrived] }) === 'signal') return EINTR;
    }
    return this.buffer.take(count);
  }

  *write(task: Task, bytes: Uint8Array): Routine<number | Errno> {
    if (!this.writes) return EBADF;
    let done = 0;
    while (done < bytes.length) {
      if (this.buffer.readers === 0) {
        sendThreadSignal(task, SIGPIPE);
        if (hasDeliverable(task)) yield { on: [] };
        return EPIPE;
      }
      const room = limits.pipeBytes - this.buffer.size;
      if (room <= 0 || (room < bytes.length && bytes.length <= 4096 && done === 0)) {
        if (this.flags & O_NONBLOCK) return done > 0 ? done : EAGAIN;
        if ((yield { on: [this.buffer.drained] }) === 'signal') return done > 0 ? done : EINTR;
        continue;
      }
      const part = bytes.slice(done, done + room);
      this.buffer.put(part);
      done += part.length;
    }
    return done;
  }

  override released(): void {
    const { buffer } = this;
    buffer.ends.delete(this);
    if (this.reads && --buffer.readers === 0) buffer.tell(buffer.drained);
    if (this.writes && --buffer.writers === 0) buffer.tell(buffer.arrived);
  }
}

const fifos = new WeakMap<Inode, PipeBuffer>();

/** Opens a FIFO: everybody who opens the same inode shares one buffer. Waiting for the other side happens at read. */
export function openFifo(inode: Inode, flags: number, location: Location): PipeEnd {
  let buffer = fifos.get(inode);
  if (!buffer || (buffer.readers === 0 && buffer.writers === 0)) {
    buffer = new PipeBuffer(inode.number);
    buffer.awaitingWriter = true;
    fifos.set(inode, buffer);
  }
  return new PipeEnd(buffer, flags, location);
}
