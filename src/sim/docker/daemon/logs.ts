// What a container prints: kept by the json-file driver in /var/lib/docker/containers, handed to who is attached.

import { decode, encode } from '../../core/text.ts';
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

/** What a driver keeps (see log-drivers.ts). */
export interface Keeping {
  readonly keep: boolean;
  /** The file of JSON lines; empty where none is written. */
  readonly path: string;
  readonly maxSize: number;
  readonly maxFiles: number;
  /** Goes along with each line. */
  readonly attributes: Readonly<Record<string, string>>;
}

const NOTHING: Keeping = {
  keep: false,
  path: '',
  maxSize: Number.POSITIVE_INFINITY,
  maxFiles: 1,
  attributes: {},
};

export class LogStore {
  readonly entries: LogEntry[] = [];
  readonly arrived = new WaitQueue();
  readonly listeners = new Set<Listener>();
  /** Streams that are still being read. */
  open = 0;
  /** Nothing is kept until the driver has started. */
  keeping = NOTHING;
  private readonly partial = new Map<StreamName, string>();
  /** Bytes of the file that is written, and where the entries of each file begin, the oldest first. */
  private size = 0;
  private readonly begins: number[] = [0];

  /** The first entry that is still in a file. */
  get first(): number {
    return this.begins[0] ?? 0;
  }

  /** Begins a new file where the last is full: PATH becomes PATH.1, and so on (loggerutils.LogFile). */
  private rotate(p: Process): void {
    const { maxSize, maxFiles, path } = this.keeping;
    if (this.size < maxSize) return;
    for (let i = maxFiles - 1; i > 0 && path !== ''; i--)
      p.rename(i === 1 ? path : `${path}.${i - 1}`, `${path}.${i}`);
    if (maxFiles === 1 && path !== '') p.unlink(path);
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
    if (!this.keeping.keep) return;
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
      if (this.size >= this.keeping.maxSize) {
        yield* this.append(p, text);
        text = '';
        this.rotate(p);
      }
      this.entries.push(entry);
      const { text: log, stream, at } = entry;
      const { attributes } = this.keeping;
      const attrs = Object.keys(attributes).length > 0 ? { attrs: attributes } : {};
      const line = `${JSON.stringify({ log, stream, ...attrs, time: rfc3339Fraction(at, 9) })}\n`;
      this.size += line.length;
      text += line;
    }
    yield* this.append(p, text);
    this.arrived.wake();
  }

  private *append(p: Process, text: string): Routine<void> {
    const { path } = this.keeping;
    if (text === '' || path === '') return;
    const fd = p.open(path, O_WRONLY | O_CREAT | O_APPEND, 0o640);
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
