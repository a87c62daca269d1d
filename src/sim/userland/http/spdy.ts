// SPDY/3.1 as streams of Kubernetes use it: a client opens streams with headers, data goes both ways, each half is closed
// by itself. Flow control windows are not kept (nor does the library that Kubernetes uses); there is no server push.

import { concatBytes } from '../../core/text.ts';
import { type Routine, WaitQueue } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import type { Duplex } from './message.ts';
import { HeaderReader, HeaderWriter, type StreamHeaders } from './spdy-headers.ts';
import { type ByteStream, Inbox, Turns } from './streams.ts';

export type { StreamHeaders } from './spdy-headers.ts';

/** Control frames by number. */
const TYPES = { synStream: 1, synReply: 2, rstStream: 3, ping: 6, goAway: 7, headers: 8 } as const;
const FIN = 1;
const CANCEL = 5;

/** One stream of a session. */
export interface SpdyStream extends ByteStream {
  readonly id: number;
  readonly headers: StreamHeaders;
  /** Gives the stream up, both ways. */
  reset(): Routine<void>;
}

/** One end of a connection that speaks SPDY. */
export class SpdySession {
  /** Told when streams arrive and when the connection ends. */
  readonly changed = new WaitQueue();
  closed = false;
  private readonly connection: Duplex;
  private readonly inboxes = new Map<number, Inbox>();
  private readonly arrived: SpdyStream[] = [];
  private readonly writer = new HeaderWriter();
  private readonly reader = new HeaderReader();
  private readonly turns = new Turns();
  private nextId = 1;

  /** Reads the connection in a thread of its own from now on. */
  constructor(process: Process, connection: Duplex) {
    this.connection = connection;
    const session = this;
    process.thread(function* () {
      yield* session.readAll();
      return 0;
    });
  }

  /** Opens a stream. */
  *open(headers: StreamHeaders): Routine<SpdyStream> {
    const id = this.nextId;
    this.nextId += 2;
    const stream = this.stream(id, headers);
    const { turns, writer } = this;
    const session = this;
    yield* turns.hold(function* () {
      const body = concatBytes([words(id, 0), Uint8Array.of(0, 0), writer.write(headers)]);
      yield* session.connection.write(control(TYPES.synStream, 0, body));
    });
    return stream;
  }

  /** The next stream that the other side opens, until virtual time `until`; undefined at the end. */
  *accept(until?: number): Routine<SpdyStream | undefined> {
    for (;;) {
      const stream = this.arrived.shift();
      if (stream || this.closed) return stream;
      if ((yield { on: [this.changed], until }) === 'timeout') return undefined;
    }
  }

  /** Ends the connection. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const inbox of this.inboxes.values()) inbox.end();
    this.connection.close();
    this.changed.wake();
  }

  private *readAll(): Routine<void> {
    let held: Uint8Array = new Uint8Array(0);
    while (!this.closed) {
      const bytes = yield* this.connection.read();
      if (!bytes) break;
      held = held.length === 0 ? bytes : concatBytes([held, bytes]);
      while (held.length >= 8) {
        const view = new DataView(held.buffer, held.byteOffset, held.length);
        const end = 8 + (view.getUint32(4) & 0xffffff);
        if (held.length < end) break;
        yield* this.frame(view.getUint32(0), view.getUint8(4), held.slice(8, end));
        held = held.subarray(end);
      }
    }
    this.close();
  }

  private *frame(first: number, flags: number, body: Uint8Array): Routine<void> {
    if (first < 0x80000000) {
      const inbox = this.inboxes.get(first);
      if (inbox) yield* inbox.push(body);
      if (flags & FIN) inbox?.end();
      return;
    }
    const type = first & 0xffff;
    const view = new DataView(body.buffer, body.byteOffset, body.length);
    const id = body.length >= 4 ? view.getUint32(0) & 0x7fffffff : 0;
    switch (type) {
      case TYPES.synStream: {
        const headers = this.reader.read(body.subarray(10));
        if (!headers) return this.close();
        this.arrived.push(this.stream(id, headers));
        if (flags & FIN) this.inboxes.get(id)?.end();
        const reply = concatBytes([words(id), this.writer.write({})]);
        yield* this.put(control(TYPES.synReply, 0, reply));
        this.changed.wake();
        return;
      }
      case TYPES.synReply:
      case TYPES.headers:
        this.reader.read(body.subarray(4));
        return;
      case TYPES.rstStream:
        this.inboxes.get(id)?.end();
        this.inboxes.delete(id);
        return;
      case TYPES.ping:
        // Odd numbers are a client's: what a server gets it sends back.
        if ((id & 1) === 1) yield* this.put(control(TYPES.ping, 0, body));
        return;
      case TYPES.goAway:
        return this.close();
      default:
        return;
    }
  }

  private put(bytes: Uint8Array): Routine<boolean> {
    const { connection } = this;
    return this.turns.hold(() => connection.write(bytes));
  }

  private stream(id: number, headers: StreamHeaders): SpdyStream {
    const inbox = new Inbox();
    this.inboxes.set(id, inbox);
    const session = this;
    let open = true;
    return {
      id,
      headers,
      read: () => inbox.read(),
      *write(bytes) {
        return open && !session.closed && (yield* session.put(data(id, 0, bytes)));
      },
      *close() {
        if (!open || session.closed) return;
        open = false;
        yield* session.put(data(id, FIN, new Uint8Array(0)));
      },
      *reset() {
        open = false;
        inbox.end();
        session.inboxes.delete(id);
        if (!session.closed) yield* session.put(control(TYPES.rstStream, 0, words(id, CANCEL)));
      },
    };
  }
}

function words(...numbers: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * numbers.length));
  for (const [i, number] of numbers.entries()) view.setUint32(4 * i, number);
  return new Uint8Array(view.buffer);
}

function control(type: number, flags: number, body: Uint8Array): Uint8Array {
  return concatBytes([words(0x80030000 + type, flags * 0x1000000 + body.length), body]);
}

function data(id: number, flags: number, body: Uint8Array): Uint8Array {
  return concatBytes([words(id, flags * 0x1000000 + body.length), body]);
}
