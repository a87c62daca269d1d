// Waiting. A routine is a generator that yields exactly where it cannot go on: it names the queues that
// may wake it and the time after which it gives up. Kernel tasks and fibers both run routines.

import type { Cause } from './cause.ts';
import type { DistantCode } from './code.ts';

/** Whatever can be woken: a kernel task or a fiber. */
export interface Waiter {
  /** Makes the waiter ready; it resumes in its turn, with the waker's cause. */
  wakeUp(reason: Wakeup): void;
}

/** Why a routine was resumed. 'signal' comes from kernel tasks alone: the call is to return EINTR. */
export type Wakeup = 'woken' | 'timeout' | 'signal';

/** What a routine yields when it cannot go on. */
export interface Block {
  /** Any of these wakes it. */
  readonly on: readonly WaitQueue[];
  /** Virtual time at which it is woken anyway. */
  readonly until?: number | undefined;
  /** Processor time that it wants to burn, in nanoseconds; fibers are not charged. */
  readonly cpu?: number;
  /** An uninterruptible wait (state D): signals other than KILL stay pending. */
  readonly uninterruptible?: boolean;
  /** Code without which the turn cannot go on: it is taken back, and goes on once the code is here. */
  readonly code?: DistantCode;
}

/** A computation that may block. Compose with `yield*`. */
export type Routine<T> = Generator<Block, T, Wakeup>;

/** Those who wait for one condition, woken in the order in which they came. */
export class WaitQueue {
  private waiters: Waiter[] = [];

  get length(): number {
    return this.waiters.length;
  }

  add(waiter: Waiter): void {
    this.waiters.push(waiter);
  }

  remove(waiter: Waiter): void {
    const i = this.waiters.indexOf(waiter);
    if (i >= 0) this.waiters.splice(i, 1);
  }

  /** Wakes all who wait. Each checks its condition again, as after Linux's wake_up_all. */
  wake(): void {
    if (this.waiters.length <= 1) {
      this.waiters.pop()?.wakeUp('woken');
      return;
    }
    const woken = this.waiters;
    this.waiters = [];
    for (const waiter of woken) waiter.wakeUp('woken');
  }

  /** Wakes the one who came first. */
  wakeOne(): void {
    this.waiters.shift()?.wakeUp('woken');
  }
}

/** Blocks until `queue` is woken or virtual time `until` has come. */
export function* waitOn(queue: WaitQueue, until?: number): Routine<Wakeup> {
  return yield { on: [queue], until };
}

/** Blocks until `condition` holds; `queue` is woken whenever it may have changed. False: time ran out or a signal came. */
export function* waitUntil(
  queue: WaitQueue,
  condition: () => boolean,
  until?: number,
): Routine<boolean> {
  while (!condition()) {
    const wakeup = yield { on: [queue], until };
    if (wakeup !== 'woken') return condition();
  }
  return true;
}

/** Blocks until virtual time `until`. */
export function* sleepUntil(until: number): Routine<Wakeup> {
  return yield { on: [], until };
}

/**
 * A routine that gives `value` when `routine` has ended. For what is begun often: a `function*` written in place is a new
 * kind of generator each time, which the engine has to get to know before it can resume it quickly.
 */
export function* ending<T>(routine: Routine<unknown>, value: T): Routine<T> {
  yield* routine;
  return value;
}

/** Anything that a wait can be told by: what woke whom is kept as the cause. */
export interface Caused {
  cause: Cause;
}
