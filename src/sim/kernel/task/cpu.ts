// The processors: who of those that have work to do gets a slice. Fair by virtual runtime (as CFS and EEVDF are),
// weighted by nice and by cpu.weight of the groups, and held back by cpu.max. Work below a slice is only counted.

import { MILLISECOND, SECOND } from '../../core/time.ts';
import { bandwidth, chargeCpu, countRunnable, cpuShare } from '../cgroup/cpu.ts';
import type { Kernel } from '../kernel.ts';
import { resume } from './run.ts';
import type { Task } from './task.ts';

const LONGEST_SLICE = 4 * MILLISECOND;
/** Weight of nice 0; each step of nice is about a factor of 1.25 (sched(7)). */
const NICE_0_WEIGHT = 1024;

interface Turn {
  readonly task: Task;
  readonly nanoseconds: number;
}

export class Processors {
  readonly count: number;
  private readonly kernel: Kernel;
  private readonly waiting: Task[] = [];
  private readonly running: (Turn | undefined)[];
  /** Nanoseconds of all processors together that were not idle. */
  busyTime = 0;
  private floor = 0;

  constructor(kernel: Kernel, count: number) {
    this.kernel = kernel;
    this.count = count;
    this.running = new Array<Turn | undefined>(count).fill(undefined);
  }

  /** Tasks that want a processor now, those on one included. */
  get load(): number {
    return this.waiting.length + this.running.filter((turn) => turn).length;
  }

  /** The one, five and fifteen minute averages, as if work had always been as it is since boot. */
  loadAverages(): readonly [number, number, number] {
    const up = (this.kernel.simulation.now - this.kernel.bootedAt) / SECOND;
    const mean = up > 0 ? this.busyTime / SECOND / up : 0;
    const over = (seconds: number): number => mean * (1 - Math.exp(-up / seconds));
    return [over(60), over(300), over(900)];
  }

  /** The number of the processor a task is on, or was put in line for. */
  processorOf(task: Task): number {
    const at = this.running.findIndex((turn) => turn?.task === task);
    return at >= 0 ? at : task.pid % this.count;
  }

  /** Lets a task pay its debt of processor time; it is made ready again afterwards. */
  run(task: Task): void {
    task.vruntime = Math.max(task.vruntime, this.floor);
    this.waiting.push(task);
    countRunnable(task.cgroup, 1);
    this.dispatch();
  }

  /** True where a task may use a processor: its own affinity and its group's cpuset. */
  private allows(task: Task, processor: number): boolean {
    if (task.affinity && !task.affinity.includes(processor)) return false;
    const { cpuset } = task.cgroup;
    return !cpuset || cpuset.effectiveCpus(this.count).includes(processor);
  }

  private dispatch(): void {
    for (const [i, turn] of this.running.entries()) {
      if (turn) continue;
      const task = this.pick(i);
      if (task) this.begin(i, task);
    }
  }

  private pick(processor: number): Task | undefined {
    let best = -1;
    for (const [i, task] of this.waiting.entries()) {
      if (!this.allows(task, processor)) continue;
      const chosen = this.waiting[best];
      if (!chosen || task.vruntime < chosen.vruntime) best = i;
    }
    return best < 0 ? undefined : this.waiting.splice(best, 1)[0];
  }

  private begin(processor: number, task: Task): void {
    const { simulation } = this.kernel;
    const { left, until } = bandwidth(task.cgroup, simulation.now);
    if (left <= 0 && task.process.exiting === undefined) {
      simulation.at(until, () => {
        this.waiting.push(task);
        this.dispatch();
      });
      this.dispatchLater();
      return;
    }
    const nanoseconds = Math.max(
      1,
      Math.min(task.debt, LONGEST_SLICE, left > 0 ? left : LONGEST_SLICE),
    );
    this.running[processor] = { task, nanoseconds };
    this.floor = Math.max(this.floor, task.vruntime - LONGEST_SLICE);
    simulation.causedBy(task.cause, () =>
      simulation.after(nanoseconds, () => this.end(processor, task, nanoseconds)),
    );
  }

  private dispatchLater(): void {
    if (this.waiting.length > 0) this.kernel.simulation.after(0, () => this.dispatch());
  }

  private end(processor: number, task: Task, nanoseconds: number): void {
    this.running[processor] = undefined;
    this.busyTime += nanoseconds;
    task.debt -= nanoseconds;
    task.forcedSwitches++;
    const share = cpuShare(task, NICE_0_WEIGHT / 1.25 ** task.nice);
    task.vruntime += nanoseconds / share;
    chargeCpu(task.cgroup, nanoseconds);
    if (task.debt >= MILLISECOND && task.process.exiting === undefined && !task.frozen) {
      this.waiting.push(task);
    } else {
      countRunnable(task.cgroup, -1);
      task.onCpu = false;
      resume(task);
    }
    this.dispatch();
  }
}
