// Standard streams (stdio(3)): output to a terminal is flushed by line, to anything else by block and at the end, so
// that it mixes with stderr as it really does; stderr is never held back.

import { limits } from '../../core/limits.ts';
import { decode, encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { EPIPE, type Errno, isErrno } from '../../kernel/errno.ts';
import type { Process } from '../../kernel/calls/process.ts';
import type { ProgramFile, ProgramRun } from '../../kernel/program.ts';
import { killedForMemory } from '../../kernel/task/run.ts';

const BLOCK = 4096;

/** A buffered stream for writing. */
export class Writer {
  /** The first failure of a write; later output is dropped. */
  failure: Errno | undefined;
  private readonly process: Process;
  private readonly fd: number;
  private readonly byLine: boolean;
  private parts: (string | Uint8Array)[] = [];
  private size = 0;

  constructor(process: Process, fd: number) {
    this.process = process;
    this.fd = fd;
    this.byLine = process.isTerminal(fd);
  }

  /** Adds to the buffer without writing: for loops that print much and `flush` now and then. */
  put(content: string | Uint8Array): void {
    this.parts.push(content);
    this.size += content.length;
  }

  /** printf: adds, and writes when a block is full (or, on a terminal, a line has ended). */
  *print(content: string | Uint8Array): Routine<void> {
    this.put(content);
    const line = this.byLine && (typeof content !== 'string' || content.includes('\n'));
    if (this.size >= BLOCK || line) yield* this.flush();
  }

  /** fflush: writes what is held. */
  *flush(): Routine<void> {
    if (this.size === 0) return;
    const bytes = this.take();
    let done = 0;
    while (done < bytes.length && !this.failure) {
      const count = yield* this.process.write(this.fd, done ? bytes.subarray(done) : bytes);
      if (isErrno(count)) this.failure = count;
      else done += count;
    }
  }

  private take(): Uint8Array {
    const { parts } = this;
    this.parts = [];
    this.size = 0;
    if (parts.every((part) => typeof part === 'string')) return encode(parts.join(''));
    const arrays = parts.map((part) => (typeof part === 'string' ? encode(part) : part));
    const out = new Uint8Array(arrays.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of arrays) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }
}

/** Reads a descriptor by lines or whole. Lines are decoded as UTF-8, each with its newline if it had one. */
export class Reader {
  private readonly process: Process;
  private readonly fd: number;
  private held = new Uint8Array(0);
  private ended = false;
  /** The failure that ended reading, if one did. */
  failure: Errno | undefined;

  constructor(process: Process, fd: number) {
    this.process = process;
    this.fd = fd;
  }

  /** The next line with its newline; undefined at the end. `end` is the byte that ends lines. */
  *line(end = 10): Routine<string | undefined> {
    const bytes = yield* this.lineBytes(end);
    return bytes && decode(bytes);
  }

  *lineBytes(end = 10): Routine<Uint8Array | undefined> {
    const parts: Uint8Array[] = [];
    for (;;) {
      const at = this.held.indexOf(end);
      if (at >= 0) {
        const line = this.held.subarray(0, at + 1);
        this.held = this.held.subarray(at + 1);
        return parts.length ? join([...parts, line]) : line;
      }
      if (this.held.length > 0) parts.push(this.held);
      this.held = new Uint8Array(0);
      if (!(yield* this.fill())) return parts.length ? join(parts) : undefined;
    }
  }

  /** Everything that is left. */
  *rest(): Routine<Uint8Array> {
    const parts = [this.held];
    let size = this.held.length;
    this.held = new Uint8Array(0);
    while (yield* this.fill()) {
      size += this.held.length;
      if (size > limits.heldBytes) killedForMemory(this.process.task);
      parts.push(this.held);
      this.held = new Uint8Array(0);
    }
    return join(parts);
  }

  private *fill(): Routine<boolean> {
    if (this.ended) return false;
    const bytes = yield* this.process.read(this.fd, 65_536);
    if (isErrno(bytes) || bytes.length === 0) {
      if (isErrno(bytes)) this.failure = bytes;
      this.ended = true;
      return false;
    }
    this.held = bytes as Uint8Array<ArrayBuffer>;
    return true;
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1 && parts[0]) return parts[0];
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** What a program is given: its process, its words after the name, and the standard streams. */
export interface Main {
  readonly process: Process;
  /** The name it was called by, without the path: what its messages begin with. */
  readonly name: string;
  readonly args: readonly string[];
  readonly out: Writer;
  readonly err: Writer;
  readonly input: Reader;
  /** Prints `name: text` on stderr. */
  fail(text: string): Routine<void>;
}

/** Makes a program of a main function: streams are set up before it and flushed after it. */
export function program(name: string, main: (main: Main) => ProgramRun): ProgramFile {
  return {
    name,
    *run(process) {
      const called = process.argv[0] ?? name;
      const short = called.slice(called.lastIndexOf('/') + 1);
      const out = new Writer(process, 1);
      const err = new Writer(process, 2);
      const input = new Reader(process, 0);
      const fail = function* (text: string): Routine<void> {
        err.put(`${short}: ${text}\n`);
        yield* err.flush();
      };
      const args = process.argv.slice(1);
      const status = yield* main({ process, name: short, args, out, err, input, fail });
      yield* out.flush();
      yield* err.flush();
      if (out.failure && status === 0) {
        if (out.failure !== EPIPE) yield* fail(`write error: ${out.failure.message}`);
        return 1;
      }
      return status;
    },
  };
}

/** The one line that says honestly what is missing, and the status that goes with it. */
export function* notSimulated(main: Main, what: string): ProgramRun {
  main.err.put(`drydock: ${what} is not simulated\n`);
  yield* main.err.flush();
  return NOT_SIMULATED;
}

/** What an executable of a program that is not modelled names. */
export const PLACEHOLDER = 'not-simulated';

/** Exit status of everything that is not simulated. */
export const NOT_SIMULATED = 125;
