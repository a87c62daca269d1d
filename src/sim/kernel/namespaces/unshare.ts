// New namespaces for a task (unshare(2), clone(2)). Joining others' is in join.ts.

import { ENOSPC, EPERM, type Errno } from '../errno.ts';
import { ALL_CAPABILITIES, type Credentials } from '../task/credentials.ts';
import type { Task } from '../task/task.ts';
import { NetworkNamespace } from '../network/namespace.ts';
import { CgroupNamespace } from './cgroup.ts';
import { copyMountNamespace } from './copy-mounts.ts';
import { IpcNamespace } from './ipc.ts';
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUTS,
  type NamespaceSet,
} from './namespace.ts';
import { PidNamespace } from './pid.ts';
import { TimeNamespace } from './time.ts';
import { UserNamespace } from './user.ts';
import { UtsNamespace } from './uts.ts';

/** Nesting of user and of PID namespaces at the most (MAX_PID_NS_LEVEL). */
const DEEPEST = 32;

/** The credentials after entering a new user namespace: all capabilities in it, ids not mapped yet. */
export function unsharedUser(task: Task): Credentials | Errno {
  const before = task.credentials;
  if (before.user.level + 1 > DEEPEST) return ENOSPC;
  const { fs } = task;
  if (fs.root.inode !== task.namespaces.mnt.root.root && fs.root.mount.parent) return EPERM;
  const { euid, egid, user: parent } = before;
  if (!parent.seesUid(euid) || !parent.seesGid(egid)) return EPERM;
  const user = new UserNamespace(task.kernel.nextNamespaceInode(), parent, euid, egid);
  return {
    ...before,
    user,
    permitted: ALL_CAPABILITIES,
    effective: ALL_CAPABILITIES,
    inheritable: 0n,
    bounding: ALL_CAPABILITIES,
    ambient: 0n,
  };
}

/** The set of namespaces with those replaced that `flags` (CLONE_NEW*) names; new ones belong to `owner`. */
export function unsharedNamespaces(
  task: Task,
  flags: number,
  owner: UserNamespace,
): NamespaceSet | Errno {
  const old = task.namespaces;
  const next = (): number => task.kernel.nextNamespaceInode();
  const uts = old.uts;
  if (flags & CLONE_NEWPID && old.pidForChildren.level + 1 > DEEPEST) return ENOSPC;
  return {
    ...old,
    users: 0,
    mnt: flags & CLONE_NEWNS ? copyMountNamespace(task, owner) : old.mnt,
    uts: flags & CLONE_NEWUTS ? new UtsNamespace(next(), owner, uts.hostname, uts.domainname) : uts,
    ipc: flags & CLONE_NEWIPC ? new IpcNamespace(next(), owner) : old.ipc,
    pidForChildren:
      flags & CLONE_NEWPID ? new PidNamespace(next(), owner, old.pid) : old.pidForChildren,
    net: flags & CLONE_NEWNET ? new NetworkNamespace(next(), owner, task.kernel) : old.net,
    cgroup: flags & CLONE_NEWCGROUP ? new CgroupNamespace(next(), owner, task.cgroup) : old.cgroup,
    timeForChildren: flags & CLONE_NEWTIME ? new TimeNamespace(next(), owner) : old.timeForChildren,
  };
}
