// Several streams over one upgraded connection: what SPDY and the channels of a WebSocket have in common.

import { type Routine, WaitQueue } from '../../core/wait.ts';

/** One stream of bytes both ways. Each side closes its own half. */
export interface ByteStream {
  /** Blocks until bytes are there; undefined at the end. */
  read(): Routine<Uint8Array | undefined>;
  /** Blocks until the bytes are on their way; false when the connection has gone. */
  write(bytes: Uint8Array): Routine<boolean>;
  /** Nothing more is written: the other side reads the end. */
  close(): Routine<void>;
}

/** Bytes that wait for the reader of one stream before its connection reads on. */
const ROOM = 65_536;

/** What arrived for one stream and has not been read. */
export class Inbox {
  private readonly pieces: Uint8Array[] = [];
  private size = 0;
  private ended = false;
  private readonly changed = new WaitQueue();

  /** Adds bytes; blocks while too many wait, which holds the whole connection up. */
  *push(bytes: Uint8Array): Routine<void> {
    if (this.ended || bytes.length === 0) return;
    this.pieces.push(bytes);
    this.size += bytes.length;
    this.changed.wake();
    while (this.size > ROOM && !this.ended) yield { on: [this.changed] };
  }

  /** Nothing more arrives. */
  end(): void {
    this.ended = true;
    this.changed.wake();
  }

  *read(): Routine<Uint8Array | undefined> {
    for (;;) {
      const piece = this.pieces.shift();
      if (piece) {
        this.size -= piece.length;
        this.changed.wake();
        return piece;
      }
      if (this.ended) return undefined;
      yield { on: [this.changed] };
    }
  }
}

/** Lets one writer at a time write to a connection, so that frames stay whole. */
export class Turns {
  private taken = false;
  private readonly free = new WaitQueue();

  *hold<T>(write: () => Routine<T>): Routine<T> {
    while (this.taken) yield { on: [this.free] };
    this.taken = true;
    try {
      return yield* write();
    } finally {
      this.taken = false;
      this.free.wake();
    }
  }
}
