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

export class LogStore {
  readonly entries: LogEntry[] = [];
  readonly arrived = new WaitQueue();
  readonly listeners = new Set<Listener>();
  /** Streams that are still being read. */
  open = 0;
  readonly path: string;
  private readonly keep: boolean;
  private readonly partial = new Map<StreamName, string>();

  constructor(path: string, keep: boolean) {
    this.path = path;
    this.keep = keep;
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
    this.entries.push(...entries);
    const fd = p.open(this.path, O_WRONLY | O_CREAT | O_APPEND, 0o640);
    if (!isErrno(fd)) {
      const text = entries.map(
        (e) =>
          `${JSON.stringify({ log: e.text, stream: e.stream, time: rfc3339Fraction(e.at, 9) })}\n`,
      );
      yield* p.write(fd, encode(text.join('')));
      p.close(fd);
    }
    this.arrived.wake();
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
