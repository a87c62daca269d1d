// Lines of several containers, each behind its container's name (compose's log consumer).

import { concatBytes, decode, encode } from '../../../core/text.ts';
import { rfc3339Fraction } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Main } from '../../../userland/libc/stdio.ts';
import { writeAll } from '../../../userland/libc/whole-file.ts';

const RAINBOW = ['36', '33', '32', '35', '34', '96', '93', '92', '95', '94'];

export interface LineOptions {
  readonly main: Main;
  readonly prefix: boolean;
  readonly color: boolean;
  readonly timestamps: boolean;
}

/** Prints lines with aligned names. */
export class LogLines {
  private readonly options: LineOptions;
  private readonly names: string[] = [];
  private width = 0;

  constructor(options: LineOptions) {
    this.options = options;
  }

  /** Makes a name known: prefixes are as wide as the longest that is. */
  register(name: string): void {
    if (this.names.includes(name)) return;
    this.names.push(name);
    this.width = Math.max(this.width, name.length + 1);
  }

  private colored(name: string, text: string): string {
    if (!this.options.color) return text;
    const color = RAINBOW[this.names.indexOf(name) % RAINBOW.length] ?? '36';
    return `\x1b[${color}m${text}\x1b[0m`;
  }

  *line(fd: number, name: string, text: string): Routine<void> {
    this.register(name);
    const { prefix, timestamps, main } = this.options;
    const head = prefix ? this.colored(name, `${name.padEnd(this.width)} | `) : '';
    const time = timestamps ? `${rfc3339Fraction(main.process.now, 9)} ` : '';
    yield* writeAll(main.process, fd, encode(`${head}${time}${text}\n`));
  }

  /** `web-1 exited with code 0`, on a line cleared first. */
  *status(name: string, text: string): Routine<void> {
    this.register(name);
    const line = this.colored(name, `\r\x1b[K${name} ${text}\n`);
    yield* writeAll(this.options.main.process, 1, encode(line));
  }
}

/** Takes a container's stream apart: frames (unless it has a terminal) into lines. */
export class LineSplitter {
  private held: Uint8Array = new Uint8Array(0);
  private readonly partial = new Map<number, string>();
  private readonly tty: boolean;
  private readonly print: (fd: number, line: string) => Routine<void>;

  constructor(tty: boolean, print: (fd: number, line: string) => Routine<void>) {
    this.tty = tty;
    this.print = print;
  }

  *take(bytes: Uint8Array): Routine<void> {
    if (this.tty) {
      yield* this.lines(1, decode(bytes));
      return;
    }
    this.held = this.held.length === 0 ? bytes : concatBytes([this.held, bytes]);
    while (this.held.length >= 8) {
      const size = new DataView(this.held.buffer, this.held.byteOffset + 4, 4).getUint32(0);
      if (this.held.length < 8 + size) return;
      const text = decode(this.held.subarray(8, 8 + size));
      const fd = this.held[0] === 2 ? 2 : 1;
      this.held = this.held.subarray(8 + size);
      yield* this.lines(fd, text);
    }
  }

  private *lines(fd: number, text: string): Routine<void> {
    const parts = ((this.partial.get(fd) ?? '') + text).split('\n');
    this.partial.set(fd, parts.pop() ?? '');
    for (const part of parts) yield* this.print(fd, part);
  }

  /** The last line, where it had no end. */
  *end(): Routine<void> {
    for (const [fd, rest] of this.partial) if (rest !== '') yield* this.print(fd, rest);
    this.partial.clear();
  }
}
