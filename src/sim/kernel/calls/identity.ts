// System calls on who one is: user and group ids, capabilities, prctl, nice, resource limits, host name.

import { EACCES, EINVAL, EPERM, ESRCH, type Errno } from '../errno.ts';
import {
  afterIdChange,
  CAP_SETGID,
  CAP_SETPCAP,
  CAP_SETUID,
  CAP_SYS_ADMIN,
  CAP_SYS_NICE,
  CAP_SYS_RESOURCE,
  type CapabilitySet,
  capable,
  capableIn,
  type Credentials,
  SECBIT_KEEP_CAPS,
  SECBIT_NO_CAP_AMBIENT_RAISE,
} from '../task/credentials.ts';
import { mostDescriptors } from '../proc/process-text.ts';
import { TaskCalls } from './tasks.ts';

/** The five sets of a task. */
export interface CapabilityState {
  readonly permitted: CapabilitySet;
  readonly effective: CapabilitySet;
  readonly inheritable: CapabilitySet;
  readonly bounding: CapabilitySet;
  readonly ambient: CapabilitySet;
}

export class IdentityCalls extends TaskCalls {
  private get who(): Credentials {
    return this.task.credentials;
  }
  /** Ids as this user namespace sees them; 65534 where they have no mapping. */
  get uid(): number {
    return this.who.user.uidFromKernel(this.who.uid);
  }
  get euid(): number {
    return this.who.user.uidFromKernel(this.who.euid);
  }
  get gid(): number {
    return this.who.user.gidFromKernel(this.who.gid);
  }
  get egid(): number {
    return this.who.user.gidFromKernel(this.who.egid);
  }
  get groups(): number[] {
    return this.who.groups.map((gid) => this.who.user.gidFromKernel(gid));
  }

  /** setuid(2): with CAP_SETUID all three ids, else only the effective one to the real or saved one. */
  setuid(uid: number): Errno | undefined {
    const id = this.who.user.uidToKernel(uid);
    if (id === undefined) return EINVAL;
    const before = this.who;
    if (capable(this.task, CAP_SETUID)) {
      const after = { ...before, uid: id, euid: id, suid: id, fsuid: id };
      this.task.credentials = afterIdChange(before, after);
      return undefined;
    }
    if (id !== before.uid && id !== before.suid) return EPERM;
    this.task.credentials = afterIdChange(before, { ...before, euid: id, fsuid: id });
    return undefined;
  }

  setgid(gid: number): Errno | undefined {
    const id = this.who.user.gidToKernel(gid);
    if (id === undefined) return EINVAL;
    if (capable(this.task, CAP_SETGID)) {
      this.task.credentials = { ...this.who, gid: id, egid: id, sgid: id, fsgid: id };
      return undefined;
    }
    if (id !== this.who.gid && id !== this.who.sgid) return EPERM;
    this.task.credentials = { ...this.who, egid: id, fsgid: id };
    return undefined;
  }

  setgroups(groups: readonly number[]): Errno | undefined {
    const { user } = this.who;
    if (!capable(this.task, CAP_SETGID) || user.setgroups === 'deny') return EPERM;
    if (user.parent && !user.gidMap) return EPERM;
    const ids: number[] = [];
    for (const gid of groups) {
      const id = user.gidToKernel(gid);
      if (id === undefined) return EINVAL;
      ids.push(id);
    }
    // The kernel sorts them (groups_sort), so that membership can be searched for.
    this.task.credentials = { ...this.who, groups: ids.sort((a, b) => a - b) };
    return undefined;
  }

  get capabilities(): CapabilityState {
    return this.who;
  }

  /** capset(2) with prctl's bounding and ambient changes: sets may only shrink, but for what CAP_SETPCAP allows. */
  setCapabilities(change: Partial<CapabilityState>): Errno | undefined {
    const before = this.who;
    const after = { ...before, ...change };
    if (after.permitted & ~before.permitted) return EPERM;
    if (after.effective & ~after.permitted) return EPERM;
    if (after.bounding & ~before.bounding) return EPERM;
    const dropsBounding = after.bounding !== before.bounding;
    if (dropsBounding && !capable(this.task, CAP_SETPCAP)) return EPERM;
    if (after.ambient & ~before.ambient && before.securebits & SECBIT_NO_CAP_AMBIENT_RAISE)
      return EPERM;
    // capset(2) takes away what the new sets no longer cover; only a raise of it is refused.
    const covered = after.permitted & after.inheritable;
    if (after.ambient & ~covered & ~before.ambient) return EPERM;
    this.task.credentials = { ...after, ambient: after.ambient & covered };
    return undefined;
  }

  get securebits(): number {
    return this.who.securebits;
  }
  /** prctl(PR_SET_SECUREBITS): a bit whose lock (the bit above it) is set stays as it is. */
  setSecurebits(bits: number): Errno | undefined {
    const { securebits } = this.who;
    const locked = ((securebits & 0xaa) >> 1) | (securebits & 0xaa);
    if (!capable(this.task, CAP_SETPCAP) || (bits ^ securebits) & locked || bits & ~0xff)
      return EPERM;
    this.task.credentials = { ...this.who, securebits: bits };
    return undefined;
  }
  /** prctl(PR_SET_KEEPCAPS): needs no privilege. */
  setKeepCapabilities(on: boolean): void {
    const { securebits } = this.who;
    this.task.credentials = {
      ...this.who,
      securebits: on ? securebits | SECBIT_KEEP_CAPS : securebits & ~SECBIT_KEEP_CAPS,
    };
  }

  /** prctl(PR_SET_NO_NEW_PRIVS): cannot be taken back. */
  setNoNewPrivileges(): void {
    this.task.credentials = { ...this.who, noNewPrivileges: true };
  }

  /** seccomp(2): what /proc/PID/status shows as Seccomp. Needs no_new_privs or CAP_SYS_ADMIN. */
  setSeccomp(mode: 0 | 1 | 2): Errno | undefined {
    if (!this.who.noNewPrivileges && !capable(this.task, CAP_SYS_ADMIN)) return EPERM;
    this.task.credentials = { ...this.who, seccomp: mode };
    return undefined;
  }

  /** prctl(PR_SET_NAME). */
  setName(name: string): void {
    this.task.name = name.slice(0, 15);
  }
  /** prctl(PR_SET_CHILD_SUBREAPER). */
  setSubreaper(on: boolean): void {
    this.task.leader.process.subreaper = on;
  }
  /** prctl(PR_SET_PDEATHSIG). */
  setParentDeathSignal(signal: number): void {
    this.task.leader.process.parentDeathSignal = signal;
  }

  /** setpriority(2) for a process; lowering needs CAP_SYS_NICE. */
  setNice(pid: number, nice: number): Errno | undefined {
    const task = pid === 0 ? this.task : this.task.pidNamespace.tasks.get(pid);
    if (!task) return ESRCH;
    const wanted = Math.max(-20, Math.min(19, nice));
    const mine = this.who.euid === task.credentials.uid || this.who.euid === task.credentials.euid;
    if (!mine && !capableIn(this.task, task.credentials.user, CAP_SYS_NICE)) return EPERM;
    if (wanted < task.nice && !capableIn(this.task, this.kernel.firstUser, CAP_SYS_NICE))
      return EACCES;
    task.nice = wanted;
    for (const thread of task.leader.threads) thread.nice = wanted;
    return undefined;
  }

  /** getrlimit and setrlimit by the names of /proc/PID/limits in short (`nofile`, `nproc`, `core` …). */
  getLimit(resource: string): { readonly soft: number; readonly hard: number } | undefined {
    return this.task.leader.process.limits.get(resource);
  }
  setLimit(resource: string, soft: number, hard: number): Errno | undefined {
    if (soft > hard) return EINVAL;
    const before = this.getLimit(resource);
    if (before && hard > before.hard && !capable(this.task, CAP_SYS_RESOURCE)) return EPERM;
    if (resource === 'nofile' && hard > mostDescriptors(this.kernel)) return EPERM;
    this.task.leader.process.limits.set(resource, { soft, hard });
    if (resource === 'nofile') this.task.files.limit = soft;
    return undefined;
  }

  get hostname(): string {
    return this.task.namespaces.uts.hostname;
  }
  /** sethostname(2). */
  setHostname(name: string): Errno | undefined {
    const { uts } = this.task.namespaces;
    if (!capableIn(this.task, uts.owner, CAP_SYS_ADMIN)) return EPERM;
    if (name.length > 64) return EINVAL;
    uts.hostname = name;
    return undefined;
  }
  /** setdomainname(2): the NIS domain name. */
  setDomainName(name: string): Errno | undefined {
    const { uts } = this.task.namespaces;
    if (!capableIn(this.task, uts.owner, CAP_SYS_ADMIN)) return EPERM;
    if (name.length > 64) return EINVAL;
    uts.domainname = name;
    return undefined;
  }
}
