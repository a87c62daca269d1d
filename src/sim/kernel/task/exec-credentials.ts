// Who a task is after execve (capabilities(7), "Transformation of capabilities during execve"): set-user-ID and
// set-group-ID bits, file capabilities (security.capability), root's privileges, ambient capabilities.

import { type Location, MS_NOSUID } from '../files/mount.ts';
import type { Inode } from '../files/inode.ts';
import { decode } from '../../core/text.ts';
import { isErrno } from '../errno.ts';
import {
  type CapabilitySet,
  type Credentials,
  SECBIT_KEEP_CAPS,
  SECBIT_NOROOT,
} from './credentials.ts';
import type { Task } from './task.ts';

/** Capabilities attached to a file. */
export interface FileCapabilities {
  readonly permitted: CapabilitySet;
  readonly inheritable: CapabilitySet;
  readonly effective: boolean;
}

/** The value of security.capability that stands for a set (the real one is packed; ours is JSON). */
export function parseFileCapabilities(value: Uint8Array): FileCapabilities {
  const [permitted = '0', inheritable = '0', effective = '0'] = decode(value).split(',');
  return {
    permitted: BigInt(permitted),
    inheritable: BigInt(inheritable),
    effective: effective === '1',
  };
}

/** The attribute value for a set of file capabilities; the inverse of `parseFileCapabilities`. */
export function formatFileCapabilities(set: FileCapabilities): string {
  return `${set.permitted},${set.inheritable},${set.effective ? 1 : 0}`;
}

const NONE: FileCapabilities = { permitted: 0n, inheritable: 0n, effective: false };

function capabilitiesOf(inode: Inode): FileCapabilities {
  const attributes = inode.attributes();
  if (isErrno(attributes)) return NONE;
  const value = attributes.get('security.capability');
  return value ? parseFileCapabilities(value) : NONE;
}

/** The credentials with which the program at `place` runs. */
export function afterExec(task: Task, place: Location): Credentials {
  const before = task.credentials;
  const { inode, mount } = place;
  const mapped = before.user.seesUid(inode.uid) && before.user.seesGid(inode.gid);
  const honoured = mapped && !before.noNewPrivileges && (mount.flags & MS_NOSUID) === 0;
  const euid = honoured && inode.mode & 0o4000 ? inode.uid : before.euid;
  const setGid = honoured && (inode.mode & 0o2010) === 0o2010;
  const egid = setGid ? inode.gid : before.egid;
  let file = honoured ? capabilitiesOf(inode) : NONE;
  const root = before.user.rootUid();
  const privileged = file.permitted !== 0n || file.inheritable !== 0n || euid !== before.euid;
  if (!(before.securebits & SECBIT_NOROOT) && (before.uid === root || euid === root)) {
    file = { permitted: ~0n, inheritable: ~0n, effective: euid === root };
  }
  const ambient = privileged ? 0n : before.ambient;
  const permitted =
    (before.inheritable & file.inheritable) | (file.permitted & before.bounding) | ambient;
  const effective = file.effective ? permitted : ambient;
  return {
    ...before,
    securebits: before.securebits & ~SECBIT_KEEP_CAPS,
    euid,
    egid,
    suid: euid,
    sgid: egid,
    fsuid: euid,
    fsgid: egid,
    permitted,
    effective,
    ambient,
  };
}
