// The work queue of a controller (client-go's workqueue): keys, each at most once in line and at most one worker on it;
// failures come back after a delay that doubles. A key remembers what caused it, so that its work is caused by that.

import type { Cause } from '../../../core/cause.ts';
import type { Timer } from '../../../core/events.ts';
import type { Simulation } from '../../../core/simulation.ts';
import { MILLISECOND, SECOND } from '../../../core/time.ts';
import { type Routine, WaitQueue, waitOn } from '../../../core/wait.ts';

const FIRST_DELAY = 5 * MILLISECOND;
const LONGEST_DELAY = 1000 * SECOND;

export class WorkQueue {
  private readonly simulation: Simulation;
  private readonly line: string[] = [];
  private head = 0;
  /** Keys in line, or to be put in line again when their worker is done; with their cause. */
  private readonly dirty = new Map<string, Cause>();
  private readonly working = new Set<string>();
  private readonly failures = new Map<string, number>();
  private readonly delayed = new Map<string, Timer>();
  private readonly arrived = new WaitQueue();
  private stopped = false;

  constructor(simulation: Simulation) {
    this.simulation = simulation;
  }

  /** Virtual time, for workers. */
  get now(): number {
    return this.simulation.now;
  }

  /** Keys that wait for a worker. */
  get length(): number {
    return this.line.length - this.head;
  }

  /** Puts a key in line, unless it is there. */
  add(key: string): void {
    if (this.stopped || this.dirty.has(key)) return;
    this.dirty.set(key, this.simulation.cause);
    if (this.working.has(key)) return;
    this.line.push(key);
    this.arrived.wakeOne();
  }

  /** Puts a key in line after a delay (nanoseconds); the earlier of two delays counts. */
  addAfter(key: string, delay: number): void {
    if (this.stopped) return;
    if (delay <= 0) {
      this.add(key);
      return;
    }
    const at = this.simulation.now + delay;
    const known = this.delayed.get(key);
    if (known && known.at <= at) return;
    known?.cancel();
    const timer = this.simulation.at(at, () => {
      this.delayed.delete(key);
      this.add(key);
    });
    this.delayed.set(key, timer);
  }

  /** Puts a key in line after its work failed: 5 ms, doubling with each failure. */
  addRateLimited(key: string): void {
    const failures = this.failures.get(key) ?? 0;
    this.failures.set(key, failures + 1);
    this.addAfter(key, Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** failures));
  }

  /** How often a key's work has failed in a row. */
  retries(key: string): number {
    return this.failures.get(key) ?? 0;
  }

  /** The key's work succeeded, or is given up. */
  forget(key: string): void {
    this.failures.delete(key);
  }

  /** Blocks until a key is there and takes it; what runs from here on is caused by what put it in line. */
  *take(): Routine<string | undefined> {
    while (this.head >= this.line.length) {
      if (this.stopped) return undefined;
      yield* waitOn(this.arrived);
    }
    const key = this.line[this.head++] as string;
    if (this.head > 512 && this.head * 2 > this.line.length) {
      this.line.splice(0, this.head);
      this.head = 0;
    }
    this.simulation.cause = this.dirty.get(key) ?? this.simulation.cause;
    this.dirty.delete(key);
    this.working.add(key);
    return key;
  }

  /** The worker is done with a key; if it was added meanwhile, it is put in line again. */
  done(key: string): void {
    this.working.delete(key);
    if (!this.dirty.has(key) || this.stopped) return;
    this.line.push(key);
    this.arrived.wakeOne();
  }

  /** Nothing is taken or added any more; delays are dropped and workers end. */
  stop(): void {
    this.stopped = true;
    for (const timer of this.delayed.values()) timer.cancel();
    this.delayed.clear();
    this.arrived.wake();
  }
}
