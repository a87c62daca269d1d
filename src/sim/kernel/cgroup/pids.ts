// The pids controller: how many tasks a group and those below it may have (zombies count until they are reaped).

import { EAGAIN, type Errno } from '../errno.ts';
import type { Task } from '../task/task.ts';
import type { Cgroup } from './cgroup.ts';

export class PidsControl {
  readonly group: Cgroup;
  readonly parent: PidsControl | undefined;
  max = Number.POSITIVE_INFINITY;
  current = 0;
  peak = 0;
  /** How often a fork failed for this group's limit or one above. */
  failures = 0;

  constructor(group: Cgroup, parent: PidsControl | undefined) {
    this.group = group;
    this.parent = parent;
    for (const member of group.subtreeGroups()) this.current += member.tasks.size;
    this.peak = this.current;
  }
}

/** EAGAIN where one more task would be too many for the group or one above. The failure counts at `control`. */
export function mayAddTask(control: PidsControl, task: Task): Errno | undefined {
  for (let at: PidsControl | undefined = control; at; at = at.parent) {
    if (at.current + 1 <= at.max) continue;
    if (control.failures++ === 0) {
      task.kernel.print(`cgroup: fork rejected by pids controller in ${at.group.path}`);
    }
    return EAGAIN;
  }
  return undefined;
}

/** Counts tasks in (or out) of a group and all above it. */
export function countTasks(control: PidsControl | undefined, change: number): void {
  for (let at = control; at; at = at.parent) {
    at.current = Math.max(0, at.current + change);
    at.peak = Math.max(at.peak, at.current);
  }
}
