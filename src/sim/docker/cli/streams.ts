// The terminal's side of attached streams: frames apart to stdout and stderr, standard input to the container.

import { rawMode } from '../../containers/runc/console.ts';
import { concatBytes, decode, encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Termios } from '../../kernel/terminal/termios.ts';
import type { Duplex } from '../../userland/http/message.ts';
import { writeAll } from '../../userland/libc/whole-file.ts';

/** Takes a stream of frames apart (stdcopy). */
export class Frames {
  private held: Uint8Array = new Uint8Array(0);

  /** The frames that are whole with these bytes. */
  take(bytes: Uint8Array): { readonly stream: 'stdout' | 'stderr'; readonly bytes: Uint8Array }[] {
    const frames: { stream: 'stdout' | 'stderr'; bytes: Uint8Array }[] = [];
    this.held = this.held.length === 0 ? bytes : concatBytes([this.held, bytes]);
    while (this.held.length >= 8) {
      const size = new DataView(this.held.buffer, this.held.byteOffset + 4, 4).getUint32(0);
      if (this.held.length < 8 + size) break;
      const stream = this.held[0] === 2 ? 'stderr' : 'stdout';
      frames.push({ stream, bytes: this.held.subarray(8, 8 + size) });
      this.held = this.held.subarray(8 + size);
    }
    return frames;
  }
}

/** Takes frames apart and writes each to its descriptor. */
export class Demultiplexer {
  private readonly frames = new Frames();
  private readonly process: Process;
  private readonly tty: boolean;

  private readonly change: ((text: string) => string) | undefined;

  /** `change` rewrites what is printed, as prefixes of lines do. */
  constructor(process: Process, tty: boolean, change?: (text: string) => string) {
    this.process = process;
    this.tty = tty;
    this.change = change;
  }

  *take(bytes: Uint8Array): Routine<void> {
    if (this.tty) {
      yield* writeAll(this.process, 1, bytes);
      return;
    }
    for (const { stream, bytes: raw } of this.frames.take(bytes)) {
      const body = this.change ? encode(this.change(decode(raw))) : raw;
      yield* writeAll(this.process, stream === 'stderr' ? 2 : 1, body);
    }
  }
}

/** What leaves an attached terminal without ending what runs there. */
export interface Detaching {
  readonly keys: Uint8Array;
  detached(): void;
}

/** Copies standard input to a connection until it ends, then says so; or until the keys that detach were typed. */
export function sendInput(process: Process, connection: Duplex, detaching?: Detaching): void {
  const proxy = detaching && new EscapeProxy(detaching.keys);
  process.thread(function* (thread) {
    for (;;) {
      const typed = yield* thread.read(0, 32_768);
      if (isErrno(typed) || typed.length === 0) break;
      const bytes = proxy?.take(typed) ?? typed;
      if (bytes.length > 0 && !(yield* connection.write(bytes))) return 0;
      if (proxy?.escaped) {
        detaching?.detached();
        connection.close();
        return 0;
      }
    }
    connection.closeWrite?.();
    return 0;
  });
}

/** Holds back the beginning of the sequence of keys that detaches until it is clear whether it is one. */
class EscapeProxy {
  escaped = false;
  private readonly keys: Uint8Array;
  private matched = 0;

  constructor(keys: Uint8Array) {
    this.keys = keys;
  }

  /** What of the typed bytes goes on to the container. */
  take(typed: Uint8Array): Uint8Array {
    const passed: number[] = [];
    for (const byte of typed) {
      if (byte !== this.keys[this.matched]) {
        passed.push(...this.keys.subarray(0, this.matched));
        this.matched = byte === this.keys[0] ? 1 : 0;
        if (this.matched === 0) passed.push(byte);
      } else this.matched++;
      if (this.matched < this.keys.length) continue;
      this.escaped = true;
      break;
    }
    return Uint8Array.from(passed);
  }
}

const DEFAULT_KEYS = Uint8Array.of(16, 17);

/** --detach-keys: `ctrl-p,ctrl-q`; undefined for what names no key. */
export function detachKeys(text: string): Uint8Array | undefined {
  if (text === '') return DEFAULT_KEYS;
  const keys = text.split(',').map((key) => {
    const control = /^ctrl-([a-z@[\\\]^_])$/i.exec(key);
    if (control) return (control[1] ?? '').toUpperCase().charCodeAt(0) & 31;
    return key.length === 1 ? key.charCodeAt(0) : undefined;
  });
  return keys.every((key) => key !== undefined) ? Uint8Array.from(keys) : undefined;
}

/** Prints what comes until the other side closes. */
export function* receiveOutput(process: Process, connection: Duplex, tty: boolean): Routine<void> {
  const streams = new Demultiplexer(process, tty);
  for (;;) {
    const bytes = yield* connection.read();
    if (bytes === undefined) return;
    yield* streams.take(bytes);
  }
}

/** Sets the terminal to raw; gives what sets it back. */
export function rawTerminal(process: Process): () => void {
  if (!process.isTerminal(0)) return () => {};
  const before = process.ioctl(0, 'TCGETS') as Termios;
  process.ioctl(0, 'TCSETS', rawMode(before));
  return () => void process.ioctl(0, 'TCSETS', before);
}
