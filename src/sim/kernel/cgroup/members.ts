// Membership of control groups: entering at fork or by cgroup.procs, leaving at exit, and the rules of who may be
// where (no processes in a group that manages others', threaded subtrees, delegation).

import { EACCES, EBUSY, EOPNOTSUPP, type Errno } from '../errno.ts';
import { resume } from '../task/run.ts';
import type { Task } from '../task/task.ts';
import { type Cgroup, commonAncestor, THREADED } from './cgroup.ts';
import { countRunnable, settleUsage } from './cpu.ts';
import { countTasks, mayAddTask } from './pids.ts';

/** Asks for room for a new task in its parent's group: EAGAIN where pids.max of it or of one above is reached. */
export function enterCgroup(group: Cgroup, parent: Task): Errno | undefined {
  return group.pids && mayAddTask(group.pids, parent);
}

/** Adds a task that `enterCgroup` let in. */
export function joinCgroup(task: Task): void {
  const { cgroup } = task;
  cgroup.tasks.add(task);
  if (cgroup.pids) countTasks(cgroup.pids, 1);
  if (cgroup.isFrozen) task.frozen = true;
}

/** A task that ended is a member no more, but counts as a task until it is reaped. */
export function leaveCgroup(task: Task): void {
  settleUsage(task);
  task.cgroup.tasks.delete(task);
}

/** The task was reaped: its number is free. */
export function uncountTask(task: Task): void {
  if (task.cgroup.pids) countTasks(task.cgroup.pids, -1);
}

/** True where a group is the root of a threaded subtree. */
export function isThreadRoot(group: Cgroup): boolean {
  if (group.threaded || !group.parent) return false;
  for (const child of group.children.values()) if (child.threaded) return true;
  return group.tasks.size > 0 && THREADED.some((name) => group.subtree.has(name));
}

/** False for what lies under a threaded subtree without being threaded itself (`domain invalid`). */
export function isValidDomain(group: Cgroup): boolean {
  if (group.threaded) return false;
  for (let at = group.parent; at; at = at.parent) {
    if (at.threaded || isThreadRoot(at)) return false;
  }
  return true;
}

/** True where threaded children are possible: no domain controllers enabled, no populated domain children. */
export function canBeThreadRoot(group: Cgroup): boolean {
  if (!group.parent) return true;
  for (const child of group.children.values())
    if (!child.threaded && child.isPopulated) return false;
  return ![...group.subtree].some((name) => !THREADED.includes(name));
}

/** The rules of cgroup_migrate_vet_dst for a group that processes are to enter. */
export function mayHoldProcesses(group: Cgroup): Errno | undefined {
  if (!group.parent) return undefined;
  if (!group.threaded && !isValidDomain(group)) return EOPNOTSUPP;
  if (group.threaded || canBeThreadRoot(group)) return undefined;
  return group.subtree.size > 0 ? EBUSY : undefined;
}

/** Moves a process (or one thread) into a group. `writable` tells of a group whether the writer may write its cgroup.procs. */
export function moveTask(
  task: Task,
  to: Cgroup,
  wholeProcess: boolean,
  writable: (group: Cgroup) => boolean,
): Errno | undefined {
  const from = task.cgroup;
  if (!writable(commonAncestor(from, to))) return EACCES;
  const refused = mayHoldProcesses(to);
  if (refused) return refused;
  if (!wholeProcess && domainOf(from) !== domainOf(to)) return EOPNOTSUPP;
  const members = wholeProcess ? [task.leader, ...task.leader.threads] : [task];
  for (const member of members) if (!member.ended) move(member, to);
  return undefined;
}

/** The domain group that a threaded group belongs to. */
export function domainOf(group: Cgroup): Cgroup {
  let at = group;
  while (at.threaded && at.parent) at = at.parent;
  return at;
}

function move(task: Task, to: Cgroup): void {
  const from = task.cgroup;
  if (from === to) return;
  settleUsage(task);
  from.tasks.delete(task);
  if (from.pids) countTasks(from.pids, -1);
  if (task.onCpu) countRunnable(from, -1);
  task.cgroup = to;
  to.tasks.add(task);
  if (to.pids) countTasks(to.pids, 1);
  if (task.onCpu) countRunnable(to, 1);
  setFrozen(task, to.isFrozen);
}

/** Freezes or thaws a task. */
export function setFrozen(task: Task, frozen: boolean): void {
  if (task.frozen === frozen) return;
  task.frozen = frozen;
  if (!frozen) resume(task);
}
