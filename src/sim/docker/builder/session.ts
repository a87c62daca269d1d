// The connection between a build's client and the daemon. As in BuildKit it goes both ways: the client asks for a
// build, the daemon asks the client for its files and secrets. (BuildKit speaks gRPC here, ours are JSON frames.)

import { concatBytes, decode, encode } from '../../core/text.ts';
import { type Routine, WaitQueue } from '../../core/wait.ts';
import type { Duplex } from '../../userland/http/message.ts';
import type { Lines } from './dockerfile/errors.ts';
import type { BuildOptions, Output } from './options.ts';
import type { ProgressEvent } from './progress.ts';

/** A file as fsutil's Stat describes it. */
export interface FileStat {
  readonly path: string;
  /** Go's os.FileMode: permission bits and a bit for the kind. */
  readonly mode: number;
  readonly size: number;
  /** Nanoseconds since 1970. */
  readonly mtime: number;
  readonly linkname: string;
}

/** What the daemon asks of the client. */
export type ClientCall =
  | {
      readonly method: 'walk';
      readonly name: string;
      readonly follow: readonly string[] | undefined;
      readonly exclude: readonly string[];
    }
  | { readonly method: 'read'; readonly name: string; readonly path: string }
  | { readonly method: 'secret'; readonly id: string }
  | { readonly method: 'ssh'; readonly id: string }
  | { readonly method: 'save'; readonly output: Output };

export type ClientReply = { readonly stats?: readonly FileStat[]; readonly error?: string };

/** The end of a build. */
export interface BuildResult {
  readonly response: Readonly<Record<string, string>>;
  readonly error?: {
    readonly message: string;
    readonly filename: string;
    readonly source: string;
    readonly lines: readonly Lines[];
    /** The digest of the vertex that failed. */
    readonly vertex: string;
  };
}

export type Frame =
  | {
      readonly type: 'solve';
      readonly options: BuildOptions;
      readonly ref: string;
      readonly home: string;
    }
  | { readonly type: 'progress'; readonly events: readonly ProgressEvent[] }
  | { readonly type: 'call'; readonly call: ClientCall }
  | { readonly type: 'reply'; readonly reply: ClientReply }
  | { readonly type: 'result'; readonly result: BuildResult };

const NOTHING = new Uint8Array(0);

/** Frames on an upgraded connection: two lengths, JSON, bytes. */
export class FrameStream {
  private held: Uint8Array = NOTHING;
  private readonly connection: Duplex;

  private sending = false;
  private readonly sent = new WaitQueue();

  constructor(connection: Duplex, first: Uint8Array = NOTHING) {
    this.connection = connection;
    this.held = first;
  }

  /** False where the other side has gone. */
  *send(frame: Frame, bytes: Uint8Array = NOTHING): Routine<boolean> {
    const text = encode(JSON.stringify(frame));
    const head = new Uint8Array(8);
    const view = new DataView(head.buffer);
    view.setUint32(0, text.length);
    view.setUint32(4, bytes.length);
    // Progress is sent by a thread of its own: a frame that waits for room must not be cut by another.
    while (this.sending) yield { on: [this.sent] };
    this.sending = true;
    try {
      return yield* this.connection.write(concatBytes([head, text, bytes]));
    } finally {
      this.sending = false;
      this.sent.wake();
    }
  }

  /** The next frame; undefined at the end. */
  *receive(): Routine<{ frame: Frame; bytes: Uint8Array } | undefined> {
    for (;;) {
      if (this.held.length >= 8) {
        const view = new DataView(this.held.buffer, this.held.byteOffset, 8);
        const text = view.getUint32(0);
        const size = 8 + text + view.getUint32(4);
        if (this.held.length >= size) {
          const frame = JSON.parse(decode(this.held.subarray(8, 8 + text))) as Frame;
          const bytes = this.held.slice(8 + text, size);
          this.held = this.held.subarray(size);
          return { frame, bytes };
        }
      }
      const more = yield* this.connection.read();
      if (more === undefined) return undefined;
      this.held = this.held.length === 0 ? more : concatBytes([this.held, more]);
    }
  }

  close(): void {
    this.connection.close();
  }
}
