// What the interpreters of languages share: what running costs, how deep calls may go, and the way in which they say
// that something of a language is not simulated.

import type { Block, Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';

/** A part of a language or of its library that is not there; the program ends with the agreed line. */
export class Missing extends Error {
  readonly feature: string;
  constructor(feature: string) {
    super(feature);
    this.feature = feature;
  }
}

/** Processor time of one step of an interpreter, and how many are counted before the kernel is told. */
const STEP = 40;
const BATCH = 500;

/** Counts the steps of a running program; a loop without end is seen by the kernel like any other. */
export class Meter {
  private readonly process: Process;
  private steps = 0;

  constructor(process: Process) {
    this.process = process;
  }

  /** True once a batch is full: then `settle`. Asked at every turn of a loop and every call. */
  tick(): boolean {
    return ++this.steps >= BATCH;
  }

  /** Tells the kernel what was used. */
  *settle(): Routine<void> {
    const steps = this.steps;
    this.steps = 0;
    yield* this.process.work(steps * STEP * 10);
  }
}

/** What a generator of the simulated language hands out, among the blocks of its routine. */
export class Handed implements Block {
  readonly on = [];
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

/** True of the host's own generators, which is what routines are. */
export function isRoutine<T>(value: T | Routine<T>): value is Routine<T> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.prototype.toString.call(value) === '[object Generator]'
  );
}

/** How hosts say that their stack is full. */
const STACK_FULL: ReadonlySet<string> = new Set([
  'Maximum call stack size exceeded',
  'Maximum call stack size exceeded.',
  'too much recursion',
]);

/** True of the host's report that its stack is full. Asked where it is: it takes little. */
export function isStackFull(thrown: unknown): boolean {
  return thrown instanceof Error && STACK_FULL.has(thrown.message);
}
