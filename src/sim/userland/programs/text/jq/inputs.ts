// The inputs of jq: values from stdin or files, read as they come, or with -R lines, or with -s all in one.

import type { Routine } from '../../../../core/wait.ts';
import { isErrno } from '../../../../kernel/errno.ts';
import { O_RDONLY } from '../../../../kernel/files/open-file.ts';
import { type Main, Reader } from '../../../libc/stdio.ts';
import type { JqOptions } from './options.ts';
import { JsonReader, type Parsed } from './read.ts';
import type { Json } from './values.ts';

export class Inputs {
  /** What is wrong with the text; nothing is read after it. */
  failure: string | undefined;
  /** A file could not be opened. */
  unreadable = false;
  /** Reading has begun. */
  started = false;
  /** Lines read of the present file. */
  line = 0;
  /** What `input_filename` says. */
  name: Json = null;
  private readonly given: Main;
  private readonly options: JqOptions;
  private readonly paths: string[];
  private reader: Reader | undefined;
  private fd: number | undefined;
  private readonly parser = new JsonReader();
  private done = false;

  constructor(given: Main, paths: readonly string[], options: JqOptions) {
    this.given = given;
    this.options = options;
    this.paths = [...paths];
    if (paths.length === 0) this.reader = given.input;
  }

  /** How errors name the present file. */
  get shown(): string {
    return typeof this.name === 'string' ? this.name : '<stdin>';
  }

  /** The next input; undefined after the last. */
  *next(): Routine<Json | undefined> {
    this.started = true;
    if (!this.options.slurp)
      return this.options.rawInput ? yield* this.nextLine() : yield* this.nextValue();
    if (this.done) return undefined;
    this.done = true;
    if (this.options.rawInput) {
      let text = '';
      for (;;) {
        const line = yield* this.readLine();
        if (line === undefined) return text;
        text += line;
      }
    }
    const all: Json[] = [];
    for (;;) {
      const value = yield* this.nextValue();
      if (value === undefined) return this.failure === undefined ? all : undefined;
      all.push(value);
    }
  }

  private *nextLine(): Routine<Json | undefined> {
    let text: string | undefined;
    for (;;) {
      const line = yield* this.readLine();
      if (line === undefined) return text;
      text = (text ?? '') + line;
      if (text.endsWith('\n')) return text.slice(0, -1);
    }
  }

  private *nextValue(): Routine<Json | undefined> {
    for (;;) {
      if (this.failure !== undefined) return undefined;
      const parsed = this.parser.read();
      if (parsed) return this.take(parsed);
      if (this.done && !this.options.slurp) return undefined;
      const line = yield* this.readLine();
      if (line !== undefined) {
        this.parser.feed(line);
        continue;
      }
      if (!this.options.slurp) this.done = true;
      const last = this.parser.end();
      return last ? this.take(last) : undefined;
    }
  }

  private take(parsed: Parsed): Json | undefined {
    if ('value' in parsed) return parsed.value;
    this.failure = parsed.error;
    return undefined;
  }

  /** The next line of the present file, or of the next. */
  private *readLine(): Routine<string | undefined> {
    for (;;) {
      if (!this.reader && !(yield* this.open())) return undefined;
      const line = yield* this.reader?.line() ?? nothing();
      if (line !== undefined) {
        if (line.endsWith('\n')) this.line++;
        return line;
      }
      this.reader = undefined;
      if (this.fd !== undefined) this.given.process.close(this.fd);
      this.fd = undefined;
    }
  }

  private *open(): Routine<boolean> {
    for (;;) {
      const path = this.paths.shift();
      if (path === undefined) return false;
      if (path === '-') {
        this.reader = this.given.input;
        return true;
      }
      const fd = this.given.process.open(path, O_RDONLY);
      if (!isErrno(fd)) {
        this.fd = fd;
        this.reader = new Reader(this.given.process, fd);
        this.name = path;
        this.line = 0;
        return true;
      }
      this.unreadable = true;
      yield* this.given.fail(`error: Could not open file ${path}: ${fd.message}`);
    }
  }
}

function* nothing(): Routine<undefined> {
  return undefined;
}
