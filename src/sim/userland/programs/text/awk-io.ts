// Where awk reads and writes: the main input by records, files and commands of getline, files and pipes of print.

import { binaryString } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { type Errno, isErrno } from '../../../kernel/errno.ts';
import { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } from '../../../kernel/files/open-file.ts';
import { compileRegex, isRegexError } from '../../regex/index.ts';
import { popen, waitFor } from '../../libc/spawn.ts';
import { Writer } from '../../libc/stdio.ts';

/** A stream cut into records by RS: one character, a regular expression, or "" for paragraphs. */
export class RecordReader {
  private readonly process: Process;
  readonly fd: number;
  readonly pid: number | undefined;
  private text = '';
  private at = 0;
  private ended = false;
  failure: Errno | undefined;

  constructor(process: Process, fd: number, pid?: number) {
    this.process = process;
    this.fd = fd;
    this.pid = pid;
  }

  /** The next record; undefined at the end. */
  *record(separator: string): Routine<string | undefined> {
    if (separator === '') return yield* this.paragraph();
    for (;;) {
      const found = this.find(separator);
      if (found && (found[1] < this.text.length || this.ended || separator.length === 1))
        return this.cut(found);
      if (this.ended || !(yield* this.fill())) {
        if (this.at >= this.text.length) return undefined;
        const last = this.find(separator);
        return this.cut(last ?? [this.text.length, this.text.length]);
      }
    }
  }

  private find(separator: string): readonly [number, number] | undefined {
    if (separator.length === 1) {
      const index = this.text.indexOf(separator, this.at);
      return index < 0 ? undefined : [index, index + 1];
    }
    const regex = compileRegex(separator, { syntax: 'awk' });
    const match = isRegexError(regex) ? undefined : regex.exec(this.text, this.at);
    return match && match.end > match.start ? [match.start, match.end] : undefined;
  }

  private cut([end, next]: readonly [number, number]): string {
    const record = this.text.slice(this.at, end);
    this.at = next;
    return record;
  }

  private *paragraph(): Routine<string | undefined> {
    for (;;) {
      while (this.text.charAt(this.at) === '\n') this.at++;
      const end = this.at < this.text.length ? this.text.indexOf('\n\n', this.at) : -1;
      if (end >= 0) return this.cut([end, end + 2]);
      if (yield* this.fill()) continue;
      if (this.at >= this.text.length) return undefined;
      return this.cut([this.text.length, this.text.length]).replace(/\n+$/, '');
    }
  }

  private *fill(): Routine<boolean> {
    if (this.ended) return false;
    const bytes = yield* this.process.read(this.fd, 65_536);
    if (isErrno(bytes) || bytes.length === 0) {
      if (isErrno(bytes)) this.failure = bytes;
      this.ended = true;
      return false;
    }
    yield* this.process.work(bytes.length * 2);
    this.text = this.text.slice(this.at) + binaryString(bytes);
    this.at = 0;
    return true;
  }
}

interface Output {
  readonly writer: Writer;
  readonly fd: number;
  readonly pid: number | undefined;
}

/** All streams that a program has opened, by the name they were opened under. */
export class Streams {
  readonly process: Process;
  readonly out: Writer;
  private readonly err: Writer;
  private readonly outputs = new Map<string, Output>();
  private readonly inputs = new Map<string, RecordReader>();

  constructor(process: Process, out: Writer, err: Writer) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /** Where print writes; opens it the first time. */
  output(name: string, to: '>' | '>>' | '|'): Writer | Errno {
    if (to !== '|' && (name === '/dev/stdout' || name === '-')) return this.out;
    if (to !== '|' && name === '/dev/stderr') return this.err;
    const open = this.outputs.get(name);
    if (open) return open.writer;
    const made = to === '|' ? this.pipeTo(name) : this.fileTo(name, to);
    if (isErrno(made)) return made;
    this.outputs.set(name, made);
    return made.writer;
  }

  private fileTo(name: string, to: '>' | '>>'): Output | Errno {
    const fd = this.process.open(name, O_WRONLY | O_CREAT | (to === '>' ? O_TRUNC : O_APPEND));
    return isErrno(fd) ? fd : { writer: new Writer(this.process, fd), fd, pid: undefined };
  }

  private pipeTo(name: string): Output | Errno {
    const child = popen(this.process, name, 'w');
    return isErrno(child)
      ? child
      : { writer: new Writer(this.process, child.fd), fd: child.fd, pid: child.pid };
  }

  /** What getline reads; opens it the first time. */
  input(name: string, command: boolean): RecordReader | Errno {
    const open = this.inputs.get(name);
    if (open) return open;
    let reader: RecordReader;
    if (command) {
      const child = popen(this.process, name, 'r');
      if (isErrno(child)) return child;
      reader = new RecordReader(this.process, child.fd, child.pid);
    } else {
      const fd = name === '-' || name === '/dev/stdin' ? 0 : this.process.open(name);
      if (isErrno(fd)) return fd;
      reader = new RecordReader(this.process, fd);
    }
    this.inputs.set(name, reader);
    return reader;
  }

  /** close(): -1 where nothing was open under the name, else the command's exit status or 0. */
  *close(name: string): Routine<number> {
    const output = this.outputs.get(name);
    const input = this.inputs.get(name);
    this.outputs.delete(name);
    this.inputs.delete(name);
    if (output) {
      yield* output.writer.flush();
      this.process.close(output.fd);
    }
    if (input) this.process.close(input.fd);
    const pid = output?.pid ?? input?.pid;
    if (!output && !input) return -1;
    if (pid === undefined) return 0;
    const ended = yield* waitFor(this.process, pid);
    return ended.signal ? 256 + ended.signal : ended.code;
  }

  /** Writes everything that is held. */
  *flush(): Routine<void> {
    yield* this.out.flush();
    for (const { writer } of this.outputs.values()) yield* writer.flush();
  }

  /** The end of the program: pipes are closed and waited for, in the order in which they were opened. */
  *closeAll(): Routine<void> {
    yield* this.out.flush();
    for (const name of [...this.outputs.keys(), ...this.inputs.keys()]) yield* this.close(name);
  }
}
