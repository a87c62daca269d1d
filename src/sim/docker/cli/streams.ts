// The terminal's side of attached streams: frames apart to stdout and stderr, standard input to the container.

import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Process } from '../../kernel/calls/process.ts';
import type { Termios } from '../../kernel/terminal/termios.ts';
import { rawMode } from '../../containers/runc/console.ts';
import { concatBytes, decode, encode } from '../../core/text.ts';
import type { Duplex } from '../../userland/http/message.ts';
import { writeAll } from '../../userland/libc/whole-file.ts';

/** Takes frames apart and writes each to its descriptor. */
export class Demultiplexer {
  private held: Uint8Array = new Uint8Array(0);
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
    this.held = this.held.length === 0 ? bytes : concatBytes([this.held, bytes]);
    while (this.held.length >= 8) {
      const size = new DataView(this.held.buffer, this.held.byteOffset + 4, 4).getUint32(0);
      if (this.held.length < 8 + size) return;
      const raw = this.held.subarray(8, 8 + size);
      const body = this.change ? encode(this.change(decode(raw))) : raw;
      yield* writeAll(this.process, this.held[0] === 2 ? 2 : 1, body);
      this.held = this.held.subarray(8 + size);
    }
  }
}

/** Copies standard input to a connection until it ends, then says so. */
export function sendInput(process: Process, connection: Duplex): void {
  process.thread(function* (thread) {
    for (;;) {
      const bytes = yield* thread.read(0, 32_768);
      if (isErrno(bytes) || bytes.length === 0) break;
      if (!(yield* connection.write(bytes))) return 0;
    }
    connection.closeWrite?.();
    return 0;
  });
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
