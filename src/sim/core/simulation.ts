// The heart: virtual time, what is ready to run now, and what happens later. Synchronous; whoever hosts a
// lab calls `advance` and decides the pace. Order: everything ready, first come first served, until nothing
// is; then the earliest event. Rule for callers: never keep `cause` across a wait; it is set anew.

import { type Cause, causedBy, firstCause, type Subject } from './cause.ts';
import type { DistantCode } from './code.ts';
import { EventQueue, type Timer } from './events.ts';
import { limits } from './limits.ts';
import { type Random, randomStream } from './random.ts';

/** Something that can take a turn: a kernel task, a fiber. */
export interface Runnable {
  /** Runs until it blocks or ends. */
  run(): void;
}

/**
 * Why an advance came back: nothing is left to do, time `until` was reached, `done()` held, the work budget was used
 * up, or the next turn needs the code that `wanted` names (only where the host left some out).
 */
export type AdvanceEnd = 'idle' | 'time' | 'done' | 'budget' | 'code';

export interface AdvanceOptions {
  /** Stop at this virtual time (nanoseconds); the clock stands there afterwards. */
  readonly until?: number;
  /** Stop as soon as this holds; asked after every turn and event. */
  readonly done?: () => boolean;
  /** Turns and events at the most. */
  readonly budget?: number;
}

/** Told of every labelled cause as it arises (the page's timeline and story). */
export type CauseListener = (cause: Cause) => void;

export class Simulation {
  readonly seed: string;
  readonly random: Random;
  readonly events = new EventQueue();
  /** Virtual nanoseconds since switch-on. */
  now = 0;
  /** Why the code that runs now runs. */
  cause: Cause = firstCause();
  /** Turns and events so far: the measure of work. */
  steps = 0;
  readonly listeners = new Set<CauseListener>();
  /** The code that the next turn needs; the host brings it before it advances again. */
  wanted: DistantCode | undefined;
  private ready: Runnable[] = [];
  private head = 0;
  private causes = 0;

  constructor(seed: string) {
    this.seed = seed;
    this.random = randomStream(seed);
  }

  /** Puts a runnable at the end of the line. The caller sees to it that it is in line once only. */
  makeReady(runnable: Runnable): void {
    this.ready.push(runnable);
  }

  /** Takes back the turn that `runnable` was given: it is the first again, once `code` is here. */
  takeBack(runnable: Runnable, code: DistantCode): void {
    this.wanted = code;
    this.steps--;
    if (this.head > 0) this.ready[--this.head] = runnable;
    else this.ready.unshift(runnable);
  }

  /** Schedules `action` at virtual time `at` (now, if that is past), caused by what runs now. */
  at(at: number, action: () => void): Timer {
    return this.events.add(Math.max(at, this.now), this.cause, action);
  }

  /** Schedules `action` in `delay` nanoseconds. */
  after(delay: number, action: () => void): Timer {
    return this.at(this.now + delay, action);
  }

  /** Adds a labelled link to the chain of causes; what runs from here on is caused by it. */
  because(label: string, about?: Subject): Cause {
    this.cause = causedBy(this.cause, ++this.causes, this.now, label, about);
    for (const listener of this.listeners) listener(this.cause);
    return this.cause;
  }

  /** Runs `body` with a given cause, and restores the one before. */
  causedBy<T>(cause: Cause, body: () => T): T {
    const before = this.cause;
    this.cause = cause;
    try {
      return body();
    } finally {
      this.cause = before;
    }
  }

  /** True while something can run without time passing. */
  get busy(): boolean {
    return this.head < this.ready.length;
  }

  /** The virtual time of the next event, if one is scheduled. */
  get nextEventAt(): number | undefined {
    return this.events.peek()?.at;
  }

  /** Lets the lab live on; see AdvanceEnd for how it comes back. */
  advance(options: AdvanceOptions = {}): AdvanceEnd {
    const { until, done } = options;
    let left = options.budget ?? limits.stepsPerAdvance;
    if (done?.()) return 'done';
    for (;;) {
      if (this.wanted) {
        if (!this.wanted.present) return 'code';
        this.wanted = undefined;
      }
      if (left-- <= 0) return 'budget';
      if (this.head < this.ready.length) {
        this.turn();
      } else {
        const next = this.events.peek();
        if (next === undefined || (until !== undefined && next.at > until)) {
          if (until === undefined) return 'idle';
          this.now = Math.max(this.now, until);
          return 'time';
        }
        this.happen();
      }
      if (done?.()) return 'done';
    }
  }

  private turn(): void {
    const runnable = this.ready[this.head++] as Runnable;
    if (this.head === this.ready.length) {
      // Nearly always there was one: its place is used again.
      if (this.head === 1) this.ready.pop();
      else this.ready = [];
      this.head = 0;
    } else if (this.head > 1024) {
      this.ready = this.ready.slice(this.head);
      this.head = 0;
    }
    this.steps++;
    runnable.run();
  }

  private happen(): void {
    const event = this.events.take();
    if (event?.action === undefined) return;
    this.now = event.at;
    this.cause = event.cause;
    this.steps++;
    const action = event.action;
    event.action = undefined;
    action();
  }
}
