// PID namespaces (pid_namespaces(7)): a task has a number in its own namespace and in each one above.

import type { Task } from '../task/task.ts';
import type { Namespace } from './namespace.ts';
import type { UserNamespace } from './user.ts';

export class PidNamespace implements Namespace {
  readonly kind = 'pid';
  readonly inode: number;
  readonly owner: UserNamespace;
  readonly parent: PidNamespace | undefined;
  readonly level: number;
  /** Tasks by their number here, those of child namespaces included. */
  readonly tasks = new Map<number, Task>();
  /** PID 1: adopts orphans; when it ends, the namespace takes no more tasks. */
  init: Task | undefined;
  /** Set when init has ended: fork into it fails with ENOMEM. */
  dead = false;
  private last = 0;

  constructor(inode: number, owner: UserNamespace, parent: PidNamespace | undefined) {
    this.inode = inode;
    this.owner = owner;
    this.parent = parent;
    this.level = parent ? parent.level + 1 : 0;
  }

  /** The next free number; they go up and start anew at 300 after pid_max. */
  allocate(): number {
    do {
      this.last = this.last >= 4_194_303 ? 300 : this.last + 1;
    } while (this.tasks.has(this.last));
    return this.last;
  }

  /** /proc/sys/kernel/ns_last_pid. */
  get lastPid(): number {
    return this.last;
  }
  set lastPid(pid: number) {
    this.last = pid;
  }
}
