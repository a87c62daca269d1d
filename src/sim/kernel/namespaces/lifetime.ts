// How long namespaces live: as long as a task is in them, a file of /proc/PID/ns is open, or one is bind-mounted.
// Sets (nsproxy) are counted by their tasks, namespaces by sets, open files and mounts.

import type { Kernel } from '../kernel.ts';
import type { Task } from '../task/task.ts';
import { detachTree } from '../files/propagation.ts';
import { NetworkNamespace } from '../network/namespace.ts';
import { MountNamespace } from './mount.ts';
import type { Namespace, NamespaceSet } from './namespace.ts';

const MEMBERS = [
  'cgroup',
  'ipc',
  'mnt',
  'net',
  'pid',
  'pidForChildren',
  'time',
  'timeForChildren',
  'uts',
] as const;

/** One more holder of a namespace. */
export function holdNamespace(kernel: Kernel, namespace: Namespace): void {
  kernel.namespaceUses.set(namespace, (kernel.namespaceUses.get(namespace) ?? 0) + 1);
}

/** One holder less; the last one ends it: its mounts come off, its links go away. */
export function dropNamespace(kernel: Kernel, namespace: Namespace): void {
  const left = (kernel.namespaceUses.get(namespace) ?? 1) - 1;
  if (left > 0) {
    kernel.namespaceUses.set(namespace, left);
    return;
  }
  kernel.namespaceUses.delete(namespace);
  if (namespace instanceof MountNamespace) detachTree(kernel, namespace.root, false);
  if (namespace instanceof NetworkNamespace) namespace.mayBeUnused();
}

/** A new task shares a set. */
export function shareSet(set: NamespaceSet): NamespaceSet {
  set.users++;
  return set;
}

/** A set that was made for a first task. */
export function beginSet(kernel: Kernel, set: NamespaceSet): NamespaceSet {
  set.users = 1;
  for (const member of MEMBERS) holdNamespace(kernel, set[member]);
  return set;
}

/** A task leaves a set (its end, or another set in its place). */
export function leaveSet(kernel: Kernel, set: NamespaceSet): void {
  if (--set.users > 0) return;
  for (const member of MEMBERS) dropNamespace(kernel, set[member]);
}

/** Puts a task into a set that was just made for it. */
export function changeSet(task: Task, set: NamespaceSet): void {
  const { kernel, namespaces } = task;
  task.namespaces = beginSet(kernel, set);
  leaveSet(kernel, namespaces);
}
