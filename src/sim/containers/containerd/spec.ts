// The spec that containerd gives a container (pkg/oci): defaults, what the image's configuration says, and changes.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { RunConfig } from '../images/oci.ts';
import { mountAll, unmountAll } from '../mounts.ts';
import {
  DEFAULT_MOUNTS,
  OCI_VERSION,
  READONLY_PATHS,
  type Spec,
  type SpecMount,
  type SpecNamespace,
  type SpecUser,
} from '../runc/spec.ts';
import type { MountSpec } from './types.ts';

export const DEFAULT_PATH_ENV = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Capabilities of an ordinary container (oci.defaultUnixCaps, which are Docker's as well). */
export const DEFAULT_CAPABILITIES = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FSETID',
  'CAP_FOWNER',
  'CAP_MKNOD',
  'CAP_NET_RAW',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETFCAP',
  'CAP_SETPCAP',
  'CAP_NET_BIND_SERVICE',
  'CAP_SYS_CHROOT',
  'CAP_KILL',
  'CAP_AUDIT_WRITE',
] as const;

export const DEFAULT_MASKED_PATHS = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
  '/proc/scsi',
];

/** The `/run` of containerd's own containers. */
export const RUN_MOUNT: SpecMount = {
  destination: '/run',
  type: 'tmpfs',
  source: 'tmpfs',
  options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
};

/** A capability set in all three places where containerd writes it. */
export function capabilitySets(
  names: readonly string[],
): NonNullable<NonNullable<Spec['process']>['capabilities']> {
  return { bounding: names, effective: names, permitted: names };
}

/** The spec of a container before the image and the caller are heard. */
export function defaultSpec(namespace: string, id: string): Spec {
  const namespaces = ['pid', 'ipc', 'uts', 'mount', 'network'].map(
    (type): SpecNamespace => ({ type }),
  );
  return {
    ociVersion: OCI_VERSION,
    process: {
      user: { uid: 0, gid: 0, additionalGids: [0] },
      cwd: '/',
      capabilities: capabilitySets(DEFAULT_CAPABILITIES),
      rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }],
      noNewPrivileges: true,
    },
    root: { path: 'rootfs' },
    mounts: [...DEFAULT_MOUNTS.filter((mount) => mount.type !== 'cgroup'), RUN_MOUNT],
    linux: {
      resources: { devices: [{ allow: false, access: 'rwm' }] },
      cgroupsPath: `/${namespace}/${id}`,
      namespaces,
      maskedPaths: DEFAULT_MASKED_PATHS,
      readonlyPaths: READONLY_PATHS,
    },
  };
}

/** Environment lines with later ones in place of earlier ones of the same name. */
export function mergeEnvironment(base: readonly string[], more: readonly string[]): string[] {
  const merged = [...base];
  for (const line of more) {
    const name = line.split('=', 1)[0] ?? '';
    const at = merged.findIndex((known) => known.startsWith(`${name}=`));
    const removes = !line.includes('=');
    if (at >= 0 && removes) merged.splice(at, 1);
    else if (at >= 0) merged[at] = line;
    else if (!removes) merged.push(line);
  }
  return merged;
}

/** Takes over environment, directory and command of an image; `args` replace its Cmd. */
export function withImageConfig(spec: Spec, config: RunConfig, args: readonly string[]): Spec {
  const process = spec.process ?? { user: { uid: 0, gid: 0 }, cwd: '/' };
  const words = args.length > 0 ? args : (config.Cmd ?? []);
  const env = config.Env?.length ? config.Env : [DEFAULT_PATH_ENV];
  return {
    ...spec,
    process: {
      ...process,
      args: [...(config.Entrypoint ?? []), ...words],
      env: mergeEnvironment(env, process.env ?? []),
      cwd: config.WorkingDir || '/',
    },
  };
}

/** passwd and group of a root file system, for names of users. */
export interface Accounts {
  readonly passwd: readonly (readonly string[])[];
  readonly group: readonly (readonly string[])[];
}

/** Reads the account files below a directory. */
export function* readAccounts(p: Process, root: string): Routine<Accounts> {
  return {
    passwd: yield* readFields(p, `${root}/etc/passwd`),
    group: yield* readFields(p, `${root}/etc/group`),
  };
}

function* readFields(p: Process, path: string): Routine<string[][]> {
  const fd = p.open(path);
  if (isErrno(fd)) return [];
  const bytes = yield* p.readAll(fd);
  p.close(fd);
  return isErrno(bytes)
    ? []
    : decode(bytes)
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.split(':'));
}

/** Mounts a root file system for a moment to look into it. */
export function* lookInto<T>(
  p: Process,
  mounts: readonly MountSpec[],
  look: (root: string) => Routine<T>,
): Routine<T> {
  const directory = `/tmp/containerd-mount${p.task.kernel.entropy.int(4_000_000_000)}`;
  p.mkdir(directory, 0o700);
  mountAll(p, mounts, directory);
  const result = yield* look(directory);
  unmountAll(p, directory);
  p.rmdir(directory);
  return result;
}

/** The user that `user[:group]` means, numbers or names; a text says what is not found. */
export function resolveUser(text: string, accounts: Accounts): SpecUser | string {
  const [user = '', group] = text.split(':');
  const numeric = /^\d+$/.test(user);
  const entry = accounts.passwd.find((fields) => fields[numeric ? 2 : 0] === user);
  if (!numeric && !entry) return 'no users found';
  const uid = numeric ? Number(user) : Number(entry?.[2] ?? 0);
  let gid = Number(entry?.[3] ?? 0);
  if (group !== undefined && group !== '') {
    const found = accounts.group.find((fields) => fields[0] === group);
    if (!/^\d+$/.test(group) && !found) return 'no groups found';
    gid = /^\d+$/.test(group) ? Number(group) : Number(found?.[2] ?? 0);
  }
  return {
    uid,
    gid,
    additionalGids: additionalGroups(entry?.[0] ?? user, gid, accounts, group === undefined),
  };
}

/** The primary group and those that list the user as a member. */
function additionalGroups(
  name: string,
  gid: number,
  accounts: Accounts,
  withMembership: boolean,
): number[] {
  const groups = [gid];
  if (!withMembership) return groups;
  for (const fields of accounts.group) {
    const members = (fields[3] ?? '').split(',');
    if (members.includes(name) && !groups.includes(Number(fields[2])))
      groups.push(Number(fields[2]));
  }
  return groups;
}

/** Replaces a field of the process. */
export function withProcess(spec: Spec, change: Partial<NonNullable<Spec['process']>>): Spec {
  const process = spec.process ?? { user: { uid: 0, gid: 0 }, cwd: '/' };
  return { ...spec, process: { ...process, ...change } };
}

/** Replaces fields of the Linux section. */
export function withLinux(spec: Spec, change: Partial<NonNullable<Spec['linux']>>): Spec {
  return { ...spec, linux: { ...spec.linux, ...change } };
}

/** Drops or changes one namespace: removed where `path` is undefined. */
export function withNamespace(spec: Spec, type: string, path: string | undefined): Spec {
  const others = (spec.linux?.namespaces ?? []).filter((namespace) => namespace.type !== type);
  return withLinux(spec, { namespaces: path === undefined ? others : [...others, { type, path }] });
}
