// Joining the namespaces of others (setns(2)): one by one through a file of nsfs, or several of a task at once.

import { EINVAL, EPERM, type Errno } from '../errno.ts';
import { uncovered } from '../files/mount.ts';
import {
  ALL_CAPABILITIES,
  CAP_SYS_ADMIN,
  CAP_SYS_CHROOT,
  capable,
  capableIn,
  type Credentials,
} from '../task/credentials.ts';
import type { Task } from '../task/task.ts';
import { changeSet } from './lifetime.ts';
import { MountNamespace } from './mount.ts';
import type { Namespace, NamespaceSet } from './namespace.ts';
import { PidNamespace } from './pid.ts';
import { UserNamespace } from './user.ts';

/** Moves a task into one namespace. A PID or time namespace is for the next children. */
export function joinNamespace(task: Task, namespace: Namespace): Errno | undefined {
  if (namespace instanceof UserNamespace) return joinUser(task, namespace);
  const both = capableIn(task, namespace.owner, CAP_SYS_ADMIN) && capable(task, CAP_SYS_ADMIN);
  if (!both) return EPERM;
  if (namespace instanceof PidNamespace && !isDescendant(namespace, task.pidNamespace))
    return EINVAL;
  if (namespace instanceof MountNamespace) {
    if (!capable(task, CAP_SYS_CHROOT)) return EPERM;
    enterMounts(task, namespace);
  }
  const slot = SLOTS[namespace.kind] ?? namespace.kind;
  changeSet(task, { ...task.namespaces, users: 0, [slot]: namespace } as NamespaceSet);
  return undefined;
}

const SLOTS: Readonly<Partial<Record<string, keyof NamespaceSet>>> = {
  pid: 'pidForChildren',
  time: 'timeForChildren',
};

function isDescendant(namespace: PidNamespace, of: PidNamespace): boolean {
  for (let at: PidNamespace | undefined = namespace; at; at = at.parent) if (at === of) return true;
  return false;
}

/** Root and working directory become the namespace's root. */
function enterMounts(task: Task, namespace: MountNamespace): void {
  const root = uncovered({ mount: namespace.root, inode: namespace.root.root });
  task.fs = { ...task.fs, root, cwd: root };
}

function joinUser(task: Task, namespace: UserNamespace): Errno | undefined {
  const before = task.credentials;
  if (namespace === before.user || task.leader.threads.size > 0) return EINVAL;
  if (!capableIn(task, namespace, CAP_SYS_ADMIN)) return EPERM;
  const after: Credentials = {
    ...before,
    user: namespace,
    permitted: ALL_CAPABILITIES,
    effective: ALL_CAPABILITIES,
    inheritable: 0n,
    bounding: ALL_CAPABILITIES,
    ambient: 0n,
  };
  task.credentials = after;
  return undefined;
}
