// The cpu controller: usage, cpu.weight, and cpu.max with its periods (CFS bandwidth control).

import { MICROSECOND, MILLISECOND } from '../../core/time.ts';
import type { Task } from '../task/task.ts';
import type { Cgroup } from './cgroup.ts';

const DEFAULT_PERIOD = 100 * MILLISECOND;
/** Weight of one plain task, and of a group with cpu.weight 100. */
const TASK_WEIGHT = 1024;

export class CpuControl {
  readonly group: Cgroup;
  readonly parent: CpuControl | undefined;
  weight = 100;
  idle = false;
  /** Nanoseconds of processor time in each period; Infinity: no limit. */
  quota = Number.POSITIVE_INFINITY;
  period = DEFAULT_PERIOD;
  burst = 0;
  periods = 0;
  throttledPeriods = 0;
  /** Nanoseconds that the group stood still. */
  throttledTime = 0;
  private periodEnd = 0;
  private used = 0;
  private stoodSince: number | undefined;

  constructor(group: Cgroup, parent: CpuControl | undefined) {
    this.group = group;
    this.parent = parent;
  }

  /** cpu.max was written: a new period begins with the next work. */
  setBandwidth(quota: number, period: number, now: number): void {
    this.standStillUntil(now);
    this.quota = quota;
    this.period = period;
    this.periodEnd = 0;
    this.used = 0;
  }

  /** What is left of this period's quota at `now`; 0 where the group must wait for `periodEnd`. */
  left(now: number): number {
    if (!Number.isFinite(this.quota)) return this.quota;
    if (now >= this.periodEnd) {
      if (this.periodEnd > 0) this.standStillUntil(this.periodEnd);
      this.periods++;
      this.used = Math.max(0, this.used - this.quota);
      this.periodEnd = now - ((now - this.periodEnd) % this.period) + this.period;
      if (this.periodEnd <= now) this.periodEnd = now + this.period;
    }
    return Math.max(0, this.quota - this.used);
  }

  get nextPeriod(): number {
    return this.periodEnd;
  }

  use(nanoseconds: number): void {
    if (Number.isFinite(this.quota)) this.used += nanoseconds;
  }

  /** The group stands still from `now` to the end of the period. */
  throttle(now: number): void {
    if (this.stoodSince !== undefined) return;
    this.stoodSince = now;
    this.throttledPeriods++;
  }

  private standStillUntil(end: number): void {
    if (this.stoodSince === undefined) return;
    this.throttledTime += Math.max(0, end - this.stoodSince);
    this.stoodSince = undefined;
  }

  /** cpu.stat's lines that only a group with the controller has. */
  statistics(): readonly (readonly [string, number])[] {
    return [
      ['nr_periods', this.periods],
      ['nr_throttled', this.throttledPeriods],
      ['throttled_usec', Math.floor(this.throttledTime / MICROSECOND)],
      ['nr_bursts', 0],
      ['burst_usec', 0],
    ];
  }
}

/** Charges processor time to a task's group and all above it. */
export function chargeCpu(group: Cgroup, nanoseconds: number): void {
  for (let at = group.cpu; at; at = at.parent) at.use(nanoseconds);
}

/**
 * The share of a processor that a task gets, from 0 to 1: its weight among its group's runnable tasks, times the
 * group's weight among what competes with it, and so on upward.
 */
export function cpuShare(task: Task, weight: number): number {
  let group = task.cgroup;
  while (group.parent && !group.has('cpu')) group = group.parent;
  let share = weight / Math.max(weight, group.runnable * TASK_WEIGHT);
  while (group.parent) {
    let above: Cgroup = group.parent;
    while (above.parent && !above.has('cpu')) above = above.parent;
    const mine = groupWeight(group);
    share *= mine / Math.max(mine, competition(above));
    group = above;
  }
  return share;
}

function groupWeight(group: Cgroup): number {
  const own = group.cpu;
  return ((own?.idle ? 1 : (own?.weight ?? 100)) * TASK_WEIGHT) / 100;
}

/** The weights of all that runs directly in a group: its own tasks, and each busy child as one. */
function competition(group: Cgroup): number {
  let total = 0;
  let own = group.runnable;
  for (const child of group.children.values()) {
    if (child.runnable === 0 || !child.has('cpu')) continue;
    own -= child.runnable;
    total += groupWeight(child);
  }
  return total + own * TASK_WEIGHT;
}

/** How long a task may run now, in nanoseconds, and where that is 0, until when it must wait. */
export function bandwidth(
  group: Cgroup,
  now: number,
): { readonly left: number; readonly until: number } {
  let left = Number.POSITIVE_INFINITY;
  let until = now;
  for (let at = group.cpu; at; at = at.parent) {
    if (!Number.isFinite(at.quota)) continue;
    const here = at.left(now);
    if (here === 0) {
      at.throttle(now);
      until = Math.max(until, at.nextPeriod);
    }
    left = Math.min(left, here);
  }
  return { left, until };
}

/** Books what a task has used since the last time on its group and all above it (cpu.stat). */
export function settleUsage(task: Task): void {
  const user = task.userTime - task.settledUser;
  const system = task.systemTime - task.settledSystem;
  if (user === 0 && system === 0) return;
  task.settledUser = task.userTime;
  task.settledSystem = task.systemTime;
  for (let at: Cgroup | undefined = task.cgroup; at; at = at.parent) {
    at.userTime += user;
    at.systemTime += system;
  }
}

/** A task begins or ends to want a processor. */
export function countRunnable(group: Cgroup, change: number): void {
  for (let at: Cgroup | undefined = group; at; at = at.parent) at.runnable += change;
}
