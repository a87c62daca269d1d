// What all namespaces share: a kind, an inode number of the nsfs (what readlink /proc/PID/ns/KIND shows), and the
// user namespace that owns it. A set of them (nsproxy) is immutable; unshare and setns make a new set.

import type { Kernel } from '../kernel.ts';
import type { CgroupNamespace } from './cgroup.ts';
import type { IpcNamespace } from './ipc.ts';
import type { MountNamespace } from './mount.ts';
import type { NetworkNamespace } from '../network/namespace.ts';
import type { PidNamespace } from './pid.ts';
import type { TimeNamespace } from './time.ts';
import type { UserNamespace } from './user.ts';
import type { UtsNamespace } from './uts.ts';

/** Kinds by the names of /proc/PID/ns, with clone(2)'s flag and the inode number of the first one. */
export const NAMESPACE_KINDS = {
  cgroup: { flag: 0x02000000, first: 4026531835 },
  ipc: { flag: 0x08000000, first: 4026531839 },
  mnt: { flag: 0x00020000, first: 4026531841 },
  net: { flag: 0x40000000, first: 4026531840 },
  pid: { flag: 0x20000000, first: 4026531836 },
  time: { flag: 0x00000080, first: 4026531834 },
  user: { flag: 0x10000000, first: 4026531837 },
  uts: { flag: 0x04000000, first: 4026531838 },
} as const;

export type NamespaceKind = keyof typeof NAMESPACE_KINDS;

/** The kinds that flags of clone(2) and unshare(2) name. */
export function flaggedKinds(flags: number): NamespaceKind[] {
  const kinds = Object.keys(NAMESPACE_KINDS) as NamespaceKind[];
  return kinds.filter((kind) => (flags & NAMESPACE_KINDS[kind].flag) !== 0);
}

export const CLONE_NEWCGROUP: number = NAMESPACE_KINDS.cgroup.flag;
export const CLONE_NEWIPC: number = NAMESPACE_KINDS.ipc.flag;
export const CLONE_NEWNS: number = NAMESPACE_KINDS.mnt.flag;
export const CLONE_NEWNET: number = NAMESPACE_KINDS.net.flag;
export const CLONE_NEWPID: number = NAMESPACE_KINDS.pid.flag;
export const CLONE_NEWTIME: number = NAMESPACE_KINDS.time.flag;
export const CLONE_NEWUSER: number = NAMESPACE_KINDS.user.flag;
export const CLONE_NEWUTS: number = NAMESPACE_KINDS.uts.flag;

/** One namespace of any kind. */
export interface Namespace {
  readonly kind: NamespaceKind;
  readonly inode: number;
  /** The user namespace whose capabilities count for it. */
  readonly owner: UserNamespace;
}

/** The namespaces a task is in (its nsproxy, with the user namespace in its credentials). */
export interface NamespaceSet {
  readonly cgroup: CgroupNamespace;
  readonly ipc: IpcNamespace;
  readonly mnt: MountNamespace;
  readonly net: NetworkNamespace;
  readonly pid: PidNamespace;
  /** Where the next child is put, after unshare(CLONE_NEWPID) or setns. */
  readonly pidForChildren: PidNamespace;
  readonly time: TimeNamespace;
  readonly timeForChildren: TimeNamespace;
  readonly uts: UtsNamespace;
  /** Tasks that share this set. */
  users: number;
}

/** The inode number for a new namespace; the first of each kind have Linux's fixed ones. */
export function namespaceInode(kernel: Kernel, kind: NamespaceKind, first: boolean): number {
  return first ? NAMESPACE_KINDS[kind].first : kernel.nextNamespaceInode();
}
