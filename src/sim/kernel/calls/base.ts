// What every family of system calls stands on: the task that calls.

import type { Kernel } from '../kernel.ts';
import type { Task } from '../task/task.ts';

export class CallsBase {
  readonly task: Task;
  constructor(task: Task) {
    this.task = task;
  }
  protected get kernel(): Kernel {
    return this.task.kernel;
  }
  /** Virtual nanoseconds since switch-on. */
  get now(): number {
    return this.task.kernel.simulation.now;
  }
}
