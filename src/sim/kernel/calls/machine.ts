// System calls on how tasks are scheduled, on resource limits of others, on all ids at once, on the kernel's log and
// on System V IPC objects.

import { EINVAL, EPERM, ESRCH, EACCES, ENOENT, EEXIST, type Errno, isErrno } from '../errno.ts';
import type { IpcKind, IpcObject } from '../namespaces/ipc.ts';
import { limitOf, mostDescriptors } from '../proc/process-text.ts';
import { allowedProcessors } from '../proc/status.ts';
import {
  afterIdChange,
  CAP_SETGID,
  CAP_SETUID,
  CAP_SYS_ADMIN,
  CAP_SYS_NICE,
  CAP_SYS_RESOURCE,
  CAP_SYSLOG,
  capable,
  capableIn,
} from '../task/credentials.ts';
import type { SchedulingPolicy, Task } from '../task/task.ts';
import { IdentityCalls } from './identity.ts';

/** The scheduling of a task: policy, real-time priority, nice. */
export interface Scheduling {
  readonly policy: SchedulingPolicy;
  readonly priority: number;
  readonly nice: number;
}

/** Ids for setresuid and setresgid; undefined leaves one alone. */
export interface IdTriple {
  readonly real?: number;
  readonly effective?: number;
  readonly saved?: number;
}

export class MachineCalls extends IdentityCalls {
  private taskBy(pid: number): Task | Errno {
    return pid === 0 ? this.task : (this.task.pidNamespace.tasks.get(pid) ?? ESRCH);
  }

  private mayReschedule(target: Task): boolean {
    const { euid } = this.task.credentials;
    const theirs = target.credentials;
    return (
      euid === theirs.uid || euid === theirs.euid || capableIn(this.task, theirs.user, CAP_SYS_NICE)
    );
  }

  /** sched_getaffinity(2). */
  getAffinity(pid: number): readonly number[] | Errno {
    const target = this.taskBy(pid);
    return isErrno(target) ? target : allowedProcessors(target);
  }

  /** sched_setaffinity(2): EINVAL where none of the processors may be used. */
  setAffinity(pid: number, processors: readonly number[]): Errno | undefined {
    const target = this.taskBy(pid);
    if (isErrno(target)) return target;
    if (!this.mayReschedule(target)) return EPERM;
    const { count } = this.kernel.processors;
    const group =
      target.cgroup.cpuset?.effectiveCpus(count) ?? Array.from({ length: count }, (_, i) => i);
    const wanted = processors.filter((cpu) => group.includes(cpu));
    if (wanted.length === 0) return EINVAL;
    target.affinity = wanted;
    return undefined;
  }

  /** sched_getscheduler(2) and getpriority(2). */
  getScheduling(pid: number): Scheduling | Errno {
    const target = this.taskBy(pid);
    if (isErrno(target)) return target;
    return { policy: target.policy, priority: target.realTimePriority, nice: target.nice };
  }

  /** sched_setscheduler(2): real-time policies take a priority from 1 to 99 and CAP_SYS_NICE. */
  setScheduling(pid: number, policy: SchedulingPolicy, priority: number): Errno | undefined {
    const target = this.taskBy(pid);
    if (isErrno(target)) return target;
    const realTime = policy === 'fifo' || policy === 'rr';
    if (realTime ? priority < 1 || priority > 99 : priority !== 0) return EINVAL;
    if (!this.mayReschedule(target)) return EPERM;
    if (realTime && !capable(this.task, CAP_SYS_NICE)) return EPERM;
    target.policy = policy;
    target.realTimePriority = priority;
    return undefined;
  }

  /** ioprio_get(2): class (0 none, 1 real time, 2 best effort, 3 idle) and level. */
  getIoPriority(pid: number): { readonly ioClass: 0 | 1 | 2 | 3; readonly level: number } | Errno {
    const target = this.taskBy(pid);
    return isErrno(target) ? target : { ioClass: target.ioClass, level: target.ioLevel };
  }

  setIoPriority(pid: number, ioClass: 0 | 1 | 2 | 3, level: number): Errno | undefined {
    const target = this.taskBy(pid);
    if (isErrno(target)) return target;
    if (!this.mayReschedule(target)) return EPERM;
    if (ioClass === 1 && !capable(this.task, CAP_SYS_NICE) && !capable(this.task, CAP_SYS_ADMIN))
      return EPERM;
    target.ioClass = ioClass;
    target.ioLevel = level;
    return undefined;
  }

  /** prlimit(2) on another process. */
  getLimitOf(
    pid: number,
    resource: string,
  ): { readonly soft: number; readonly hard: number } | Errno {
    const target = this.taskBy(pid);
    return isErrno(target) ? target : limitOf(target, resource);
  }

  setLimitOf(pid: number, resource: string, soft: number, hard: number): Errno | undefined {
    const target = this.taskBy(pid);
    if (isErrno(target)) return target;
    if (soft > hard) return EINVAL;
    const before = limitOf(target, resource);
    const privileged = capable(this.task, CAP_SYS_RESOURCE);
    if (hard > before.hard && !privileged) return EPERM;
    if (resource === 'nofile' && hard > mostDescriptors(this.kernel)) return EPERM;
    if (target.leader !== this.task.leader && !this.mayReschedule(target) && !privileged)
      return EPERM;
    target.leader.process.limits.set(resource, { soft, hard });
    if (resource === 'nofile') target.files.limit = soft;
    return undefined;
  }

  /** setresuid(2): without CAP_SETUID each id must be one that the task has. */
  setresuid(ids: IdTriple): Errno | undefined {
    const before = this.task.credentials;
    const mapped = this.mapIds(ids, (id) => before.user.uidToKernel(id));
    if (isErrno(mapped)) return mapped;
    const own = [before.uid, before.euid, before.suid];
    const allowed = Object.values(mapped).every((id) => id === undefined || own.includes(id));
    if (!allowed && !capable(this.task, CAP_SETUID)) return EPERM;
    const euid = mapped.effective ?? before.euid;
    this.task.credentials = afterIdChange(before, {
      ...before,
      uid: mapped.real ?? before.uid,
      euid,
      suid: mapped.saved ?? before.suid,
      fsuid: euid,
    });
    return undefined;
  }

  setresgid(ids: IdTriple): Errno | undefined {
    const before = this.task.credentials;
    const mapped = this.mapIds(ids, (id) => before.user.gidToKernel(id));
    if (isErrno(mapped)) return mapped;
    const own = [before.gid, before.egid, before.sgid];
    const allowed = Object.values(mapped).every((id) => id === undefined || own.includes(id));
    if (!allowed && !capable(this.task, CAP_SETGID)) return EPERM;
    const egid = mapped.effective ?? before.egid;
    this.task.credentials = {
      ...before,
      gid: mapped.real ?? before.gid,
      egid,
      sgid: mapped.saved ?? before.sgid,
      fsgid: egid,
    };
    return undefined;
  }

  private mapIds(ids: IdTriple, map: (id: number) => number | undefined): IdTriple | Errno {
    const out: { real?: number; effective?: number; saved?: number } = {};
    for (const key of ['real', 'effective', 'saved'] as const) {
      const id = ids[key];
      if (id === undefined) continue;
      const mapped = map(id);
      if (mapped === undefined) return EINVAL;
      out[key] = mapped;
    }
    return out;
  }

  /** syslog(2) SYSLOG_ACTION_READ_ALL: the lines since the last clear, with nanoseconds since boot. */
  readKernelLog(): readonly { readonly at: number; readonly text: string }[] | Errno {
    const restricted =
      this.task.credentials.seccomp === 2 ||
      this.kernel.settings.get('kernel/dmesg_restrict') === '1';
    if (restricted && !capableIn(this.task, this.kernel.firstUser, CAP_SYSLOG)) return EPERM;
    return this.kernel.log.slice(this.kernel.logCleared);
  }

  /** SYSLOG_ACTION_CLEAR. */
  clearKernelLog(): Errno | undefined {
    if (!capableIn(this.task, this.kernel.firstUser, CAP_SYSLOG)) return EPERM;
    this.kernel.logCleared = this.kernel.log.length;
    return undefined;
  }

  /** shmget(2), semget(2), msgget(2) with IPC_CREAT: a new object's id, or the one that has the key. */
  ipcGet(kind: IpcKind, key: number, size: number, mode: number): number | Errno {
    const { ipc } = this.task.namespaces;
    if (key !== 0) {
      for (const object of ipc[kind].values()) if (object.key === key) return EEXIST;
    }
    const { euid, egid } = this.task.credentials;
    const id = ipc.nextId(kind);
    ipc[kind].set(id, {
      id,
      key,
      ownerUid: euid,
      ownerGid: egid,
      mode,
      created: this.now,
      size,
      creatorPid: this.task.leader.pid,
    });
    return id;
  }

  /** shmctl, semctl, msgctl with IPC_RMID: EINVAL for an unknown id, EPERM for somebody else's. */
  ipcRemove(kind: IpcKind, id: number): Errno | undefined {
    const { ipc } = this.task.namespaces;
    const object = ipc[kind].get(id);
    if (!object) return EINVAL;
    const mine = object.ownerUid === this.task.credentials.euid;
    if (!mine && !capableIn(this.task, ipc.owner, CAP_SYS_ADMIN)) return EPERM;
    ipc[kind].delete(id);
    return undefined;
  }

  /** getrandom(2) for a key of an IPC object: 31 bits. */
  entropyKey(): number {
    return this.kernel.entropy.int(0x7fffffff) + 1;
  }

  /** The objects of a kind in the caller's IPC namespace. */
  ipcList(kind: IpcKind): readonly IpcObject[] {
    return [...this.task.namespaces.ipc[kind].values()];
  }

  /** The id that has a key: ENOENT where none has, EACCES where it may not be looked at. */
  ipcByKey(kind: IpcKind, key: number): number | Errno {
    const object = this.ipcList(kind).find((each) => each.key === key);
    if (!object) return ENOENT;
    const mine = object.ownerUid === this.task.credentials.euid;
    return mine || capableIn(this.task, this.task.namespaces.ipc.owner, CAP_SYS_ADMIN)
      ? object.id
      : EACCES;
  }
}
