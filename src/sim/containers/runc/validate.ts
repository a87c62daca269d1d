// Reading config.json and refusing what runc refuses, in its words (libcontainer/configs/validate, specconv).

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { decodeGoJson, isGoJsonError } from '../go-json.ts';
import type { Spec } from './spec.ts';

/** What runc prints after `runc run failed: `. */
export interface RuncFailure {
  readonly failure: string;
}

/** True where an operation of this floor failed. */
export function isRuncFailure(value: unknown): value is RuncFailure {
  return typeof value === 'object' && value !== null && 'failure' in value;
}

/** Fields whose type is checked when config.json is decoded: path, Go struct, Go type, and the JSON kinds that fit. */
const FIELD_TYPES: readonly (readonly [string, string, string, readonly JsonKind[]])[] = [
  ['ociVersion', 'Spec', 'string', ['string']],
  ['hostname', 'Spec', 'string', ['string']],
  ['domainname', 'Spec', 'string', ['string']],
  ['process', 'Spec', 'specs.Process', ['object']],
  ['process.terminal', 'Process', 'bool', ['bool']],
  ['process.user', 'Process', 'specs.User', ['object']],
  ['process.user.uid', 'User', 'uint32', ['number']],
  ['process.user.gid', 'User', 'uint32', ['number']],
  ['process.args', 'Process', '[]string', ['array']],
  ['process.env', 'Process', '[]string', ['array']],
  ['process.cwd', 'Process', 'string', ['string']],
  ['process.noNewPrivileges', 'Process', 'bool', ['bool']],
  ['process.rlimits', 'Process', '[]specs.POSIXRlimit', ['array']],
  ['process.capabilities', 'Process', 'specs.LinuxCapabilities', ['object']],
  ['process.capabilities.bounding', 'LinuxCapabilities', '[]string', ['array']],
  ['root', 'Spec', 'specs.Root', ['object']],
  ['root.path', 'Root', 'string', ['string']],
  ['root.readonly', 'Root', 'bool', ['bool']],
  ['mounts', 'Spec', '[]specs.Mount', ['array']],
  ['hooks', 'Spec', 'specs.Hooks', ['object']],
  ['annotations', 'Spec', 'map[string]string', ['object']],
  ['linux', 'Spec', 'specs.Linux', ['object']],
  ['linux.namespaces', 'Linux', '[]specs.LinuxNamespace', ['array']],
  ['linux.sysctl', 'Linux', 'map[string]string', ['object']],
  ['linux.cgroupsPath', 'Linux', 'string', ['string']],
  ['linux.maskedPaths', 'Linux', '[]string', ['array']],
  ['linux.readonlyPaths', 'Linux', '[]string', ['array']],
  ['linux.resources', 'Linux', 'specs.LinuxResources', ['object']],
  ['linux.resources.memory.limit', 'LinuxMemory', 'int64', ['number']],
  ['linux.resources.cpu.quota', 'LinuxCPU', 'int64', ['number']],
  ['linux.resources.cpu.period', 'LinuxCPU', 'uint64', ['number']],
  ['linux.resources.cpu.shares', 'LinuxCPU', 'uint64', ['number']],
  ['linux.resources.pids.limit', 'LinuxPids', 'int64', ['number']],
];

/** The same with the names on the way. */
const TYPED_FIELDS = FIELD_TYPES.map(
  ([path, struct, goType, fits]) => [path, struct, goType, fits, path.split('.')] as const,
);

type JsonKind = 'string' | 'number' | 'bool' | 'array' | 'object';

function kindOf(value: unknown): JsonKind | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return 'array';
  const type = typeof value;
  return type === 'boolean' ? 'bool' : (type as JsonKind);
}

/** The complaint of encoding/json about a field of the wrong type. */
function typeProblem(spec: unknown): string | undefined {
  for (const [path, struct, goType, fits, names] of TYPED_FIELDS) {
    let at: unknown = spec;
    for (const name of names) {
      at =
        typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[name] : undefined;
    }
    const kind = kindOf(at);
    if (kind && !fits.includes(kind)) {
      return `json: cannot unmarshal ${kind} into Go struct field ${struct}.${path} of type ${goType}`;
    }
    const elements = goType === '[]string' && Array.isArray(at) ? at : [];
    const wrong = elements.find((element) => typeof element !== 'string');
    if (wrong !== undefined) {
      return `json: cannot unmarshal ${kindOf(wrong)} into Go struct field ${struct}.${path} of type string`;
    }
  }
  return undefined;
}

/** Reads and checks the config.json of the current directory. */
export function* loadSpec(p: Process): Routine<Spec | RuncFailure> {
  const fd = p.open('config.json');
  if (isErrno(fd)) return { failure: 'JSON specification file config.json not found' };
  const bytes = yield* p.readAll(fd);
  p.close(fd);
  if (isErrno(bytes)) return { failure: `read config.json: ${bytes.message.toLowerCase()}` };
  const value = decodeGoJson(decode(bytes));
  if (isGoJsonError(value)) return { failure: value.goError };
  if (kindOf(value) !== 'object') {
    return { failure: `json: cannot unmarshal ${kindOf(value)} into Go value of type specs.Spec` };
  }
  const problem = typeProblem(value) ?? processProblem((value as Spec).process);
  return problem === undefined ? (value as Spec) : { failure: problem };
}

/** What is wrong with a process, be it the spec's or that of `exec --process`. */
export function processProblem(process: Spec['process']): string | undefined {
  if (!process) return 'process property must not be empty';
  if (!process.cwd) return 'Cwd property must not be empty';
  if (!process.cwd.startsWith('/')) return 'Cwd must be an absolute path';
  if (!process.args?.length) return 'args must not be empty';
  return undefined;
}

/** The names under which the kernel knows namespaces, by the spec's. */
export const NAMESPACE_TYPES: Readonly<Record<string, string>> = {
  pid: 'pid',
  network: 'net',
  ipc: 'ipc',
  uts: 'uts',
  mount: 'mnt',
  cgroup: 'cgroup',
  user: 'user',
  time: 'time',
};

const IPC_SYSCTLS = new Set([
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
]);

/** What is wrong with a spec as a container's configuration; undefined where runc would go on. */
export function specProblem(
  p: Process,
  spec: Spec,
  rootfs: string | undefined,
): string | undefined {
  if (!spec.root) return 'root must be specified';
  if (!spec.linux && !spec.mounts && rootfs === undefined) return 'linux spec must not be nil';
  const stat = rootfs === undefined ? undefined : p.stat(rootfs);
  if (isErrno(stat)) return `invalid rootfs: stat ${rootfs}: ${goErrno(stat.message)}`;
  const types = new Set<string>();
  for (const { type } of spec.linux?.namespaces ?? []) {
    if (!(type in NAMESPACE_TYPES)) return `namespace {"${type}" ""} does not exist`;
    if (types.has(type)) return `malformed spec file: duplicated ns {"${type}" ""}`;
    types.add(type);
  }
  if (spec.hostname && !types.has('uts'))
    return 'unable to set hostname without a private UTS namespace';
  if ((spec.linux?.maskedPaths?.length ?? 0) > 0 && !types.has('mount')) {
    return 'unable to restrict sys entries without a private MNT namespace';
  }
  return rlimitProblem(spec) ?? sysctlProblem(spec, types);
}

function rlimitProblem(spec: Spec): string | undefined {
  for (const { type } of spec.process?.rlimits ?? []) {
    if (!(type in RLIMITS)) return `wrong rlimit value: ${type}`;
  }
  return undefined;
}

function sysctlProblem(spec: Spec, types: ReadonlySet<string>): string | undefined {
  for (const key of Object.keys(spec.linux?.sysctl ?? {})) {
    const name = key.replaceAll('/', '.');
    if (IPC_SYSCTLS.has(name) || name.startsWith('fs.mqueue.')) {
      if (!types.has('ipc')) return `sysctl "${key}" is not allowed in the hosts ipc namespace`;
    } else if (name.startsWith('net.')) {
      if (!types.has('network')) return `sysctl "${key}" not allowed in host network namespace`;
    } else if (name === 'kernel.domainname') {
      if (!types.has('uts')) return `sysctl "${key}" is not allowed in the hosts uts namespace`;
    } else if (name === 'kernel.hostname') {
      return `sysctl "${key}" is not allowed as it conflicts with the OCI "hostname" field`;
    } else {
      return `sysctl "${key}" is not in a separate kernel namespace`;
    }
  }
  return undefined;
}

/** Resource limits: the number of the kernel's interface, and the name that Process.setLimit takes. */
export const RLIMITS: Readonly<Record<string, readonly [number, string]>> = {
  RLIMIT_CPU: [0, 'cpu'],
  RLIMIT_FSIZE: [1, 'fsize'],
  RLIMIT_DATA: [2, 'data'],
  RLIMIT_STACK: [3, 'stack'],
  RLIMIT_CORE: [4, 'core'],
  RLIMIT_RSS: [5, 'rss'],
  RLIMIT_NPROC: [6, 'nproc'],
  RLIMIT_NOFILE: [7, 'nofile'],
  RLIMIT_MEMLOCK: [8, 'memlock'],
  RLIMIT_AS: [9, 'as'],
  RLIMIT_LOCKS: [10, 'locks'],
  RLIMIT_SIGPENDING: [11, 'sigpending'],
  RLIMIT_MSGQUEUE: [12, 'msgqueue'],
  RLIMIT_NICE: [13, 'nice'],
  RLIMIT_RTPRIO: [14, 'rtprio'],
  RLIMIT_RTTIME: [15, 'rttime'],
};

/** strerror's text as Go prints errnos: without the capital. */
export function goErrno(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
