// A running Node: its process, its objects of the language, and the event loop: jobs, timers and what other threads hand in.

import { type Routine, WaitQueue } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import type { Main } from '../../libc/stdio.ts';
import { isStackFull, Meter } from '../interpreter.ts';
import {
  type Key,
  JsArray,
  JsError,
  JsFunction,
  JsObject,
  JsThrow,
  type Native,
  type Natives,
  type Value,
} from './values.ts';
import type { Scope } from './scope.ts';

export interface Frame {
  readonly name: string;
  readonly file: string;
  line: number;
  column: number;
}

export interface Timer {
  readonly id: number;
  at: number;
  /** Nanoseconds, of an interval. */
  readonly every: number | undefined;
  readonly run: () => Routine<void>;
  /** unref(): does not keep the program alive. */
  weak: boolean;
}

/** Classes of errors that the language itself throws. */
export type ErrorName = 'Error' | 'TypeError' | 'ReferenceError' | 'RangeError' | 'SyntaxError';

const DEEPEST = 900;

export class Vm {
  readonly process: Process;
  readonly main: Main;
  readonly meter: Meter;
  /** `v20.20.2`, without the letter. */
  readonly version: string;
  /** Prototypes of built-in objects by the names of their classes. */
  readonly prototypes = new Map<string, JsObject>();
  readonly objectPrototype = new JsObject(null);
  readonly functionPrototype = new JsObject(this.objectPrototype);
  readonly arrayPrototype = new JsObject(this.objectPrototype);
  readonly global = new JsObject(this.objectPrototype);
  globalScope: Scope | undefined;
  readonly frames: Frame[] = [];
  readonly sources = new Map<string, string>();
  /** Modules by file, and those of Node by name. */
  readonly modules = new Map<string, JsObject>();
  readonly library = new Map<string, Value>();
  readonly symbols = new Map<string, symbol>();

  /** Jobs of promises, and those of process.nextTick before them. */
  readonly ticks: (() => Routine<void>)[] = [];
  readonly jobs: (() => Routine<void>)[] = [];
  /** What threads and signals hand in. */
  private readonly inbox: (() => Routine<void>)[] = [];
  private readonly arrived = new WaitQueue();
  readonly timers = new Map<number, Timer>();
  nextTimer = 1;
  /** Operations under way and servers that listen: the loop goes on while there are any. */
  busy = 0;
  /** process.exitCode. */
  exitCode = 0;

  constructor(main: Main, version: string) {
    this.main = main;
    this.process = main.process;
    this.meter = new Meter(main.process);
    this.version = version;
  }

  array(items: Value[]): JsArray {
    return new JsArray(this.arrayPrototype, items);
  }

  object(entries: Iterable<readonly [Key, Value]> = []): JsObject {
    const made = new JsObject(this.objectPrototype);
    for (const [key, value] of entries) made.put(key, value);
    return made;
  }

  fn(name: string, native: Native): JsFunction {
    return new JsFunction(this.functionPrototype, name, native);
  }

  /** Puts functions into an object, unseen by loops. */
  methods(target: JsObject, table: Natives): void {
    for (const [name, native] of Object.entries(table)) target.hide(name, this.fn(name, native));
  }

  /** The prototype of a built-in class. */
  proto(name: string): JsObject {
    let found = this.prototypes.get(name);
    if (!found) {
      found = new JsObject(this.objectPrototype);
      this.prototypes.set(name, found);
    }
    return found;
  }

  /** An error of the language, to be thrown. */
  error(name: ErrorName, message: string, more: Readonly<Record<string, Value>> = {}): JsThrow {
    const error = new JsError(this.proto(name));
    error.hide('message', message);
    this.stamp(error, `${name}: ${message}`);
    for (const [key, value] of Object.entries(more)) error.put(key, value);
    const thrown = new JsThrow(error);
    thrown.origin = error.origin;
    return thrown;
  }

  /** Gives an error its stack. */
  stamp(error: JsError, head: string): void {
    const frames = [...this.frames].reverse().slice(0, 10);
    const lines = frames.map(({ name, file, line, column }) => {
      const where = `${file}:${line}:${column}`;
      return name === '' ? `    at ${where}` : `    at ${name} (${where})`;
    });
    const [top] = frames;
    if (top) error.origin = { file: top.file, line: top.line, column: top.column };
    error.hide('stack', [head, ...lines].join('\n'));
  }

  /** Runs a body as a function of its own in stacks. */
  *inFrame<T>(frame: Frame, body: () => Routine<T>): Routine<T> {
    const { length } = this.frames;
    if (length >= DEEPEST) throw this.error('RangeError', 'Maximum call stack size exceeded');
    this.frames.push(frame);
    try {
      return yield* body();
    } catch (thrown) {
      if (!isStackFull(thrown)) throw thrown;
      throw this.error('RangeError', 'Maximum call stack size exceeded');
    } finally {
      this.frames.length = length;
    }
  }

  /** Hands a job to the loop from another thread. */
  post(job: () => Routine<void>): void {
    this.inbox.push(job);
    this.arrived.wake();
  }

  /** Runs `work` in a thread and `done` with its result in the loop. */
  background<T>(work: (thread: Process) => Routine<T>, done: (result: T) => Routine<void>): void {
    this.busy++;
    this.process.thread((thread) => this.inThread(thread, work, done));
  }

  private *inThread<T>(
    thread: Process,
    work: (thread: Process) => Routine<T>,
    done: (result: T) => Routine<void>,
  ): Routine<number> {
    const result = yield* work(thread);
    this.busy--;
    this.post(() => done(result));
    return 0;
  }

  /** Runs what is waiting to be run at once. */
  *drain(): Routine<void> {
    for (;;) {
      const job = this.ticks.shift() ?? this.jobs.shift();
      if (!job) return;
      if (this.meter.tick()) yield* this.meter.settle();
      yield* job();
    }
  }

  /** The event loop, to its end or until `over`. */
  *loop(over: () => boolean = () => false): Routine<void> {
    yield* this.drain();
    // A program has taken a moment by the time that its loop begins: what waits for no longer is due.
    const first = this.firstTimer();
    if (first && first.at <= this.process.now + 1_000_000) yield { on: [], until: first.at };
    for (;;) {
      if (over()) return;
      yield* this.drain();
      if (over()) return;
      const timer = this.firstTimer();
      if (timer && timer.at <= this.process.now) {
        if (timer.every === undefined) this.timers.delete(timer.id);
        else timer.at = Math.max(this.process.now, timer.at + timer.every);
        yield* timer.run();
        continue;
      }
      const job = this.inbox.shift();
      if (job) {
        yield* job();
        continue;
      }
      const alive = this.busy > 0 || [...this.timers.values()].some(({ weak }) => !weak);
      if (!alive) return;
      yield { on: [this.arrived], until: timer?.at };
    }
  }

  private firstTimer(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.timers.values()) if (!first || timer.at < first.at) first = timer;
    return first;
  }
}
