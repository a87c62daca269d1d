// Who a task is: user and group ids, capabilities, no_new_privs, seccomp mode (credentials(7), capabilities(7)).
// A credential is immutable; changing one makes a new one. Ids here are the kernel's own (of the first user
// namespace); what a task in another user namespace sees goes through that namespace's maps.

import type { Inode } from '../files/inode.ts';
import type { UserNamespace } from '../namespaces/user.ts';
import type { Task } from './task.ts';

/** Capability names by bit, as capabilities(7) numbers them, without CAP_. */
export const CAPABILITIES = [
  'chown',
  'dac_override',
  'dac_read_search',
  'fowner',
  'fsetid',
  'kill',
  'setgid',
  'setuid',
  'setpcap',
  'linux_immutable',
  'net_bind_service',
  'net_broadcast',
  'net_admin',
  'net_raw',
  'ipc_lock',
  'ipc_owner',
  'sys_module',
  'sys_rawio',
  'sys_chroot',
  'sys_ptrace',
  'sys_pacct',
  'sys_admin',
  'sys_boot',
  'sys_nice',
  'sys_resource',
  'sys_time',
  'sys_tty_config',
  'mknod',
  'lease',
  'audit_write',
  'audit_control',
  'setfcap',
  'mac_override',
  'mac_admin',
  'syslog',
  'wake_alarm',
  'block_suspend',
  'audit_read',
  'perfmon',
  'bpf',
  'checkpoint_restore',
] as const;

export type CapabilityName = (typeof CAPABILITIES)[number];

/** A set of capabilities as a bit mask (41 bits: a bigint). */
export type CapabilitySet = bigint;

export const ALL_CAPABILITIES: CapabilitySet = (1n << BigInt(CAPABILITIES.length)) - 1n;

/** The bit of a capability. */
export function capabilityBit(name: CapabilityName): CapabilitySet {
  return 1n << BigInt(CAPABILITIES.indexOf(name));
}

export const CAP_CHOWN = capabilityBit('chown');
export const CAP_DAC_OVERRIDE = capabilityBit('dac_override');
export const CAP_DAC_READ_SEARCH = capabilityBit('dac_read_search');
export const CAP_FOWNER = capabilityBit('fowner');
export const CAP_FSETID = capabilityBit('fsetid');
export const CAP_KILL = capabilityBit('kill');
export const CAP_SETGID = capabilityBit('setgid');
export const CAP_SETUID = capabilityBit('setuid');
export const CAP_SETPCAP = capabilityBit('setpcap');
export const CAP_NET_BIND_SERVICE = capabilityBit('net_bind_service');
export const CAP_NET_ADMIN = capabilityBit('net_admin');
export const CAP_NET_RAW = capabilityBit('net_raw');
export const CAP_SYS_CHROOT = capabilityBit('sys_chroot');
export const CAP_SYS_PTRACE = capabilityBit('sys_ptrace');
export const CAP_SYS_ADMIN = capabilityBit('sys_admin');
export const CAP_SYS_BOOT = capabilityBit('sys_boot');
export const CAP_SYS_NICE = capabilityBit('sys_nice');
export const CAP_SYS_RESOURCE = capabilityBit('sys_resource');
export const CAP_SYS_TIME = capabilityBit('sys_time');
export const CAP_SETFCAP = capabilityBit('setfcap');
export const CAP_SYSLOG = capabilityBit('syslog');
export const CAP_MKNOD = capabilityBit('mknod');

/** Root gets no capabilities for being root. */
export const SECBIT_NOROOT = 0x1;
/** Ids change without touching capabilities. */
export const SECBIT_NO_SETUID_FIXUP = 0x4;
/** The permitted set outlives leaving root; gone with the next execve. */
export const SECBIT_KEEP_CAPS = 0x10;
/** The ambient set cannot be raised. */
export const SECBIT_NO_CAP_AMBIENT_RAISE = 0x40;

export interface Credentials {
  readonly uid: number;
  readonly gid: number;
  readonly euid: number;
  readonly egid: number;
  readonly suid: number;
  readonly sgid: number;
  readonly fsuid: number;
  readonly fsgid: number;
  readonly groups: readonly number[];
  readonly permitted: CapabilitySet;
  readonly effective: CapabilitySet;
  readonly inheritable: CapabilitySet;
  readonly bounding: CapabilitySet;
  readonly ambient: CapabilitySet;
  readonly noNewPrivileges: boolean;
  /** The flags SECBIT_* of prctl(2). */
  readonly securebits: number;
  /** 0 off, 1 strict, 2 filter. */
  readonly seccomp: 0 | 1 | 2;
  readonly user: UserNamespace;
}

/** The credentials of init: root with everything. */
export function rootCredentials(user: UserNamespace): Credentials {
  return {
    uid: 0,
    gid: 0,
    euid: 0,
    egid: 0,
    suid: 0,
    sgid: 0,
    fsuid: 0,
    fsgid: 0,
    groups: [],
    permitted: ALL_CAPABILITIES,
    effective: ALL_CAPABILITIES,
    inheritable: 0n,
    bounding: ALL_CAPABILITIES,
    ambient: 0n,
    noNewPrivileges: false,
    securebits: 0,
    seccomp: 0,
    user,
  };
}

/** True where `task` has `capability` in its own user namespace. */
export function capable(task: Task, capability: CapabilitySet): boolean {
  return (task.credentials.effective & capability) !== 0n;
}

/**
 * True where `task` has `capability` towards something that `owner` (a user namespace) owns: it must hold it in that
 * namespace or in an ancestor of it, or be the one who made a child of its own namespace (user_namespaces(7)).
 */
export function capableIn(task: Task, owner: UserNamespace, capability: CapabilitySet): boolean {
  const mine = task.credentials.user;
  for (let at: UserNamespace | undefined = owner; at; at = at.parent) {
    if (at === mine) return (task.credentials.effective & capability) !== 0n;
    if (at.parent === mine && at.ownerUid === task.credentials.euid) return true;
  }
  return false;
}

/** True where `task` has `capability` over an inode: its ids must be mapped into the task's user namespace. */
export function capableOver(task: Task, inode: Inode, capability: CapabilitySet): boolean {
  if (!capable(task, capability)) return false;
  const { user } = task.credentials;
  return user.seesUid(inode.uid) && user.seesGid(inode.gid);
}

/**
 * What becomes of capabilities when ids change (capabilities(7), "Effect of user ID changes"): leaving root drops
 * them, but for the permitted ones under SECBIT_KEEP_CAPS; coming back raises the effective set again.
 */
export function afterIdChange(before: Credentials, after: Credentials): Credentials {
  const root = before.user.rootUid();
  const isRoot = (who: Credentials): boolean =>
    who.uid === root || who.euid === root || who.suid === root;
  if (before.securebits & SECBIT_NO_SETUID_FIXUP) return after;
  let { permitted, effective, ambient } = after;
  if (isRoot(before) && !isRoot(after)) {
    if (!(before.securebits & SECBIT_KEEP_CAPS)) {
      permitted = 0n;
      effective = 0n;
    }
    ambient = 0n;
  }
  if (before.euid === root && after.euid !== root) effective = 0n;
  if (before.euid !== root && after.euid === root) effective = permitted;
  return { ...after, permitted, effective, ambient };
}
