// A routine on its own, outside any machine: what hosts controllers and hollow nodes where no process is
// modelled, and what tests use. Kernel tasks follow the same protocol and add signals and processor time.

import type { Cause } from './cause.ts';
import type { DistantCode } from './code.ts';
import type { Timer } from './events.ts';
import type { Runnable, Simulation } from './simulation.ts';
import type { Block, Routine, Waiter, Wakeup } from './wait.ts';

const NO_QUEUES: Block = { on: [] };

/** A running routine. `result` is set once it has ended. */
export class Fiber<T> implements Runnable, Waiter {
  result: T | undefined;
  ended = false;
  private readonly simulation: Simulation;
  private readonly routine: Routine<T>;
  private block: Block = NO_QUEUES;
  private timer: Timer | undefined;
  private cause: Cause;
  private queued = false;
  private reply: Wakeup = 'woken';

  constructor(simulation: Simulation, routine: Routine<T>) {
    this.simulation = simulation;
    this.routine = routine;
    this.cause = simulation.cause;
    this.wakeUp('woken');
  }

  wakeUp(reason: Wakeup): void {
    if (this.queued || this.ended) return;
    this.queued = true;
    this.reply = reason;
    this.cause = this.simulation.cause;
    this.stopWaiting();
    this.simulation.makeReady(this);
  }

  run(): void {
    this.queued = false;
    if (this.ended) return;
    this.simulation.cause = this.cause;
    const step = this.routine.next(this.reply);
    if (step.done) {
      this.ended = true;
      this.result = step.value;
      return;
    }
    const { code } = step.value;
    if (code === undefined) this.waitFor(step.value);
    else this.takeBack(code);
  }

  /** Ends the routine where it stands; its `finally` blocks run. */
  stop(): void {
    if (this.ended) return;
    this.ended = true;
    this.stopWaiting();
    this.routine.return(undefined as T);
  }

  /** The turn goes on with the cause that it had. */
  private takeBack(code: DistantCode): void {
    this.queued = true;
    this.cause = this.simulation.cause;
    this.simulation.takeBack(this, code);
  }

  private waitFor(block: Block): void {
    this.block = block;
    for (const queue of block.on) queue.add(this);
    if (block.until !== undefined) {
      this.timer = this.simulation.at(block.until, () => this.wakeUp('timeout'));
    } else if (block.cpu !== undefined) {
      this.wakeUp('woken');
    }
  }

  private stopWaiting(): void {
    this.timer?.cancel();
    this.timer = undefined;
    for (const queue of this.block.on) queue.remove(this);
    this.block = NO_QUEUES;
  }
}
