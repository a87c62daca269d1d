// Making tasks: fork, clone with namespaces and threads (clone(2)). A generator cannot be copied, so the child's
// body is given; everything else is copied or shared as the flags say.

import type { Cause } from '../../core/cause.ts';
import { limits } from '../../core/limits.ts';
import type { Routine } from '../../core/wait.ts';
import { enterCgroup, joinCgroup } from '../cgroup/members.ts';
import { EAGAIN, EINVAL, ENOMEM, EPERM, type Errno, isErrno } from '../errno.ts';
import { CLONE_NEWPID, CLONE_NEWUSER, flaggedKinds } from '../namespaces/namespace.ts';
import { unsharedNamespaces, unsharedUser } from '../namespaces/unshare.ts';
import { beginSet, shareSet } from '../namespaces/lifetime.ts';
import type { NamespaceSet } from '../namespaces/namespace.ts';
import type { UserNamespace } from '../namespaces/user.ts';
import type { PidNamespace } from '../namespaces/pid.ts';
import { CAP_SYS_ADMIN, CAP_SYS_RESOURCE, capable } from './credentials.ts';
import { forkSignals } from './signal.ts';
import { newProcessState, Task, type TaskBirth } from './task.ts';

export const CLONE_FS = 0x200;
export const CLONE_FILES = 0x400;
export const CLONE_PARENT = 0x8000;
export const CLONE_THREAD = 0x10000;

/** Processor time of a fork, nanoseconds. */
const FORK_COST = 60_000;

/** Resident bytes that a fork adds: pages are shared until they are written. */
const FORKED_RESIDENT = 1_800_000;

/** Namespace flags that need CAP_SYS_ADMIN (all but CLONE_NEWUSER). */
export const CLONE_NEWANY = 0x7e020080;

/** clone(2): the child runs `body`. EAGAIN: too many tasks; ENOMEM: the PID namespace has lost its init. */
export function cloneTask(
  parent: Task,
  flags: number,
  body: (child: Task) => Routine<number>,
): Task | Errno {
  const thread = (flags & CLONE_THREAD) !== 0;
  if (thread && (flags & (CLONE_NEWANY | CLONE_NEWUSER)) !== 0) return EINVAL;
  const refused = admission(parent, flags);
  if (refused) return refused;
  const credentials = flags & CLONE_NEWUSER ? unsharedUser(parent) : parent.credentials;
  if (isErrno(credentials)) return credentials;
  const parentFs = parent.fs;
  const before = parent.namespaces;
  if (before.pidForChildren.dead) return ENOMEM;
  const namespaces = namespacesOfChild(parent, flags, credentials.user);
  const childFs = parent.fs;
  parent.fs = parentFs;
  if (isErrno(namespaces)) return namespaces;
  const pidNamespace = namespaces.pid;
  parent.debt += FORK_COST;
  parent.systemTime += FORK_COST;
  const pids = allocatePids(pidNamespace);
  const files = thread || flags & CLONE_FILES ? shareFiles(parent) : parent.files.copy();
  const birth: TaskBirth = {
    kernel: parent.kernel,
    pids,
    pidNamespace,
    leader: thread ? parent.leader : undefined,
    parent: thread || flags & CLONE_PARENT ? parent.leader.parent : parent.leader,
    name: parent.name,
    credentials,
    namespaces,
    files,
    fs: thread || flags & CLONE_FS ? childFs : { ...childFs },
    signals: forkSignals(parent.signals, thread),
    process: thread ? parent.leader.process : forkedState(parent),
    cgroup: parent.cgroup,
  };
  const cause =
    flags & (CLONE_NEWANY | CLONE_NEWUSER) ? namespacesTold(parent, flags, pids) : undefined;
  const start = (): Task => enrol(birth, body, thread);
  const child = cause ? parent.kernel.simulation.causedBy(cause, start) : start();
  if (!thread) parent.kernel.memory.anonymous += child.process.resident;
  return child;
}

/** The cause of a child in namespaces of its own; its parent goes on with the cause it has. */
function namespacesTold(parent: Task, flags: number, pids: readonly number[]): Cause {
  const { name, simulation } = parent.kernel;
  const pid = pids[0] ?? 0;
  return simulation.causedBy(simulation.cause, () =>
    simulation.because(`fork PID ${pid} into new ${flaggedKinds(flags).join(', ')} namespaces`, {
      kind: 'process',
      name: String(pid),
      machine: name,
    }),
  );
}

/** The set a child starts in: its parent's own, unless the child gets new ones or the parent is leaving some. */
function namespacesOfChild(
  parent: Task,
  flags: number,
  owner: UserNamespace,
): NamespaceSet | Errno {
  const old = parent.namespaces;
  const moves = old.pidForChildren !== old.pid || old.timeForChildren !== old.time;
  if ((flags & CLONE_NEWANY) === 0 && !moves) return shareSet(old);
  const set = unsharedNamespaces(parent, flags, owner);
  if (isErrno(set)) return set;
  return beginSet(parent.kernel, { ...set, pid: set.pidForChildren, time: set.timeForChildren });
}

/** The first task of a machine. */
export function bootTask(birth: TaskBirth, body: (task: Task) => Routine<number>): Task {
  return enrol(birth, body, false);
}

function enrol(birth: TaskBirth, body: (child: Task) => Routine<number>, thread: boolean): Task {
  const child = new Task(birth);
  child.routine = body(child);
  const { pidNamespace } = child;
  let namespace: PidNamespace | undefined = pidNamespace;
  for (let level = child.pids.length - 1; level >= 0 && namespace; level--) {
    namespace.tasks.set(child.pids[level] ?? 0, child);
    namespace = namespace.parent;
  }
  if (!pidNamespace.init && !thread) pidNamespace.init = child;
  if (thread) child.leader.threads.add(child);
  else child.parent?.children.add(child);
  child.nice = birth.leader?.nice ?? birth.parent?.nice ?? 0;
  child.affinity = birth.leader?.affinity ?? birth.parent?.affinity;
  inheritScheduling(child, birth.leader ?? birth.parent);
  joinCgroup(child);
  child.wakeUp('woken');
  return child;
}

function inheritScheduling(child: Task, from: Task | undefined): void {
  if (!from) return;
  child.policy = from.policy;
  child.realTimePriority = from.realTimePriority;
  child.ioClass = from.ioClass;
  child.ioLevel = from.ioLevel;
}

function admission(parent: Task, flags: number): Errno | undefined {
  const { kernel } = parent;
  if ((flags & CLONE_NEWANY) !== 0 && (flags & CLONE_NEWUSER) === 0) {
    if (!capable(parent, CAP_SYS_ADMIN)) return EPERM;
  }
  if ((flags & CLONE_NEWPID) !== 0 && parent.namespaces.pidForChildren !== parent.namespaces.pid) {
    return EINVAL;
  }
  if (kernel.taskCount >= limits.tasks) return EAGAIN;
  const soft = parent.process.limits.get('nproc')?.soft ?? limits.tasksPerUser;
  const exempt = parent.credentials.uid === 0 || capable(parent, CAP_SYS_RESOURCE);
  const mine = kernel.tasksOf(parent.credentials.uid);
  if (mine >= (exempt ? limits.tasksPerUser : Math.min(soft, limits.tasksPerUser))) return EAGAIN;
  return enterCgroup(parent.cgroup, parent);
}

function allocatePids(namespace: PidNamespace): number[] {
  const pids: number[] = [];
  for (let at: PidNamespace | undefined = namespace; at; at = at.parent) {
    pids.unshift(at.allocate());
  }
  return pids;
}

function shareFiles(parent: Task): Task['files'] {
  parent.files.users++;
  return parent.files;
}

function forkedState(parent: Task): Task['process'] {
  const from = parent.leader.process;
  return {
    ...newProcessState(),
    group: from.group,
    session: from.session,
    terminal: from.terminal,
    argv: from.argv,
    words: from.words,
    environment: from.environment,
    executable: from.executable,
    resident: Math.min(from.resident, FORKED_RESIDENT),
    virtual: from.virtual,
    dumpable: from.dumpable,
    oomScoreAdjust: from.oomScoreAdjust,
    loginUid: from.loginUid,
    limits: new Map(from.limits),
  };
}
