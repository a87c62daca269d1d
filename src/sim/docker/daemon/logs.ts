// What a container prints: kept by the json-file driver in /var/lib/docker/containers, handed to who is attached.

import { decode, encode } from '../../core/text.ts';
import { memoryBytes } from '../units.ts';
import { rfc3339Fraction } from '../../core/time.ts';
import { type Routine, WaitQueue } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { O_APPEND, O_CREAT, O_RDONLY, O_WRONLY } from '../../kernel/files/open-file.ts';

export type StreamName = 'stdout' | 'stderr';

export interface LogEntry {
  readonly stream: StreamName;
  readonly text: string;
  /** Virtual nanoseconds. */
  readonly at: number;
}

/** Somebody attached: gets what is printed as it comes. */
export interface Listener {
  readonly chunks: { stream: StreamName; bytes: Uint8Array }[];
  readonly arrived: WaitQueue;
  ended: boolean;
}

/** max-size and max-file of the json-file driver. */
export interface LogLimits {
  readonly maxSize: number;
  readonly maxFiles: number;
}

const NO_LIMITS: LogLimits = { maxSize: Number.POSITIVE_INFINITY, maxFiles: 1 };

/** The limits that a container's log options ask for; a text says what is wrong with them. */
export function logLimits(options: Readonly<Record<string, string>>): LogLimits | string {
  const { 'max-size': size, 'max-file': files } = options;
  const maxSize = size === undefined || size === '-1' ? NO_LIMITS.maxSize : memoryBytes(size);
  if (maxSize === undefined) return `invalid size: '${size}'`;
  const maxFiles = files === undefined ? 1 : Number(files);
  if (!/^\d+$/.test(files ?? '1'))
    return `strconv.Atoi: parsing ${JSON.stringify(files)}: invalid syntax`;
  return maxFiles < 1 ? 'max-file cannot be less than 1' : { maxSize, maxFiles };
}

export class LogStore {
  readonly entries: LogEntry[] = [];
  readonly arrived = new WaitQueue();
  readonly listeners = new Set<Listener>();
  /** Streams that are still being read. */
  open = 0;
  readonly path: string;
  private readonly keep: boolean;
  private readonly partial = new Map<StreamName, string>();
  private readonly limits: LogLimits;
  /** Bytes of the file that is written, and where the entries of each file begin, the oldest first. */
  private size = 0;
  private readonly begins: number[] = [0];

  constructor(path: string, keep: boolean, limits: LogLimits = NO_LIMITS) {
    this.path = path;
    this.keep = keep;
    this.limits = limits;
  }

  /** The first entry that is still in a file. */
  get first(): number {
    return this.begins[0] ?? 0;
  }

  /** Begins a new file where the last is full: PATH becomes PATH.1, and so on (loggerutils.LogFile). */
  private rotate(p: Process): void {
    const { maxSize, maxFiles } = this.limits;
    if (this.size < maxSize) return;
    for (let i = maxFiles - 1; i > 0; i--)
      p.rename(i === 1 ? this.path : `${this.path}.${i - 1}`, `${this.path}.${i}`);
    if (maxFiles === 1) p.unlink(this.path);
    this.begins.push(this.entries.length);
    if (this.begins.length > maxFiles) this.begins.shift();
    this.size = 0;
  }

  listen(): Listener {
    const listener: Listener = { chunks: [], arrived: new WaitQueue(), ended: false };
    this.listeners.add(listener);
    return listener;
  }

  /** Copies one stream of the container until it ends. */
  *copy(p: Process, fifo: string, stream: StreamName): Routine<void> {
    const from = p.open(fifo, O_RDONLY);
    if (isErrno(from)) return;
    for (;;) {
      const bytes = yield* p.read(from, 32_768);
      if (isErrno(bytes) || bytes.length === 0) break;
      yield* this.take(p, stream, bytes);
    }
    p.close(from);
    const rest = this.partial.get(stream) ?? '';
    if (rest !== '') yield* this.write(p, [{ stream, text: rest, at: p.now }]);
    this.partial.delete(stream);
    this.open--;
    this.arrived.wake();
  }

  private *take(p: Process, stream: StreamName, bytes: Uint8Array): Routine<void> {
    for (const listener of this.listeners) {
      listener.chunks.push({ stream, bytes });
      listener.arrived.wake();
    }
    if (!this.keep) return;
    const lines = ((this.partial.get(stream) ?? '') + decode(bytes)).split(/(?<=\n)/);
    const last = lines.at(-1) ?? '';
    if (!last.endsWith('\n')) lines.pop();
    this.partial.set(stream, last.endsWith('\n') ? '' : last);
    yield* this.write(
      p,
      lines.map((text) => ({ stream, text, at: p.now })),
    );
  }

  private *write(p: Process, entries: readonly LogEntry[]): Routine<void> {
    if (entries.length === 0) return;
    let text = '';
    for (const entry of entries) {
      if (this.size >= this.limits.maxSize) {
        yield* this.append(p, text);
        text = '';
        this.rotate(p);
      }
      this.entries.push(entry);
      const { text: log, stream, at } = entry;
      const line = `${JSON.stringify({ log, stream, time: rfc3339Fraction(at, 9) })}\n`;
      this.size += line.length;
      text += line;
    }
    yield* this.append(p, text);
    this.arrived.wake();
  }

  private *append(p: Process, text: string): Routine<void> {
    if (text === '') return;
    const fd = p.open(this.path, O_WRONLY | O_CREAT | O_APPEND, 0o640);
    if (isErrno(fd)) return;
    yield* p.write(fd, encode(text));
    p.close(fd);
  }

  /** Blocks until all streams have been read to their end, then lets the attached go. */
  *finish(): Routine<void> {
    while (this.open > 0) yield { on: [this.arrived] };
    this.release();
  }

  /** No more output comes to those who are attached now. */
  release(): void {
    for (const listener of this.listeners) {
      listener.ended = true;
      listener.arrived.wake();
    }
    this.listeners.clear();
    this.arrived.wake();
  }
}

/** One frame of a stream that carries stdout and stderr together (stdcopy). */
export function frame(stream: StreamName, bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length + 8);
  out[0] = stream === 'stdout' ? 1 : 2;
  new DataView(out.buffer).setUint32(4, bytes.length);
  out.set(bytes, 8);
  return out;
}
