// The OCI spec that dockerd gives a container's bundle.

import {
  type Accounts,
  capabilitySets,
  DEFAULT_CAPABILITIES,
  lookInto,
  mergeEnvironment,
  readAccounts,
  resolveUser,
} from '../../containers/containerd/spec.ts';
import { isRpcError } from '../../containers/rpc.ts';
import {
  DEFAULT_MOUNTS,
  OCI_VERSION,
  type Spec,
  type SpecMount,
  type SpecNamespace,
  type SpecResources,
  type SpecUser,
} from '../../containers/runc/spec.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { CAPABILITY_NAMES } from './capabilities.ts';
import { blockIoOf, checkDeviceRequests, devicesOf } from './devices.ts';
import { ApiError, type Container, type Dockerd, findContainer } from './model.ts';
import { containerDirectory, hostName } from './network/files.ts';
import { tmpfsMount } from './tmpfs-options.ts';
import type { HostConfig, MountPoint } from './types.ts';

/** The user of a process: by name or number, of the container's own accounts. */
export function userOf(text: string, accounts: Accounts): SpecUser | ApiError {
  if (text === '')
    return resolveUser('root', accounts) instanceof Object
      ? (resolveUser('0', accounts) as SpecUser)
      : { uid: 0, gid: 0, additionalGids: [0] };
  const user = resolveUser(text, accounts);
  if (typeof user !== 'string') return user;
  const [name, group] = text.split(':');
  if (user === 'no groups found')
    return new ApiError(400, `unable to find group ${group}: no matching entries in group file`);
  return new ApiError(400, `unable to find user ${name}: no matching entries in passwd file`);
}

/** passwd and group of a container. */
export function* accountsOf(
  daemon: Dockerd,
  thread: Process,
  container: Container,
): Routine<Accounts> {
  const mounts = yield* daemon.clientFor(thread).snapshotMounts(container.id);
  if (isRpcError(mounts)) return { passwd: [], group: [] };
  return yield* lookInto(thread, mounts, (root) => readAccounts(thread, root));
}

/** The capabilities that a container has. */
export function capabilitiesOf(host: HostConfig): string[] | ApiError {
  const full = (name: string): string =>
    (/^(CAP_|ALL$)/i.test(name) ? name : `CAP_${name}`).toUpperCase();
  const add = (host.CapAdd ?? []).map(full);
  const drop = (host.CapDrop ?? []).map(full);
  const unknown = [...add, ...drop].find(
    (name) => name !== 'ALL' && !CAPABILITY_NAMES.includes(name),
  );
  if (unknown !== undefined) {
    const what = add.includes(unknown) ? 'CapAdd' : 'CapDrop';
    return new ApiError(400, `invalid ${what}: unknown capability: "${unknown}"`);
  }
  if (host.Privileged) return [...CAPABILITY_NAMES];
  const base: readonly string[] = add.includes('ALL')
    ? CAPABILITY_NAMES
    : drop.includes('ALL')
      ? []
      : DEFAULT_CAPABILITIES;
  const kept = base.filter((name) => !drop.includes(name));
  return [...kept, ...add.filter((name) => name !== 'ALL' && !kept.includes(name))];
}

/** Limits of the control group. */
export function resourcesOf(host: HostConfig): SpecResources {
  const quota =
    host.NanoCpus > 0
      ? { quota: Math.round(host.NanoCpus / 10_000), period: 100_000 }
      : {
          ...(host.CpuQuota === 0 ? {} : { quota: host.CpuQuota }),
          ...(host.CpuPeriod === 0 ? {} : { period: host.CpuPeriod }),
        };
  return {
    devices: [{ allow: host.Privileged, access: 'rwm' }],
    memory: {
      ...(host.Memory > 0 ? { limit: host.Memory } : {}),
      ...(host.MemoryReservation > 0 ? { reservation: host.MemoryReservation } : {}),
      ...(host.MemorySwap === 0 ? {} : { swap: host.MemorySwap }),
      ...(host.OomKillDisable ? { disableOOMKiller: true } : {}),
    },
    cpu: {
      ...(host.CpuShares > 0 ? { shares: host.CpuShares } : {}),
      ...quota,
      ...(host.CpusetCpus === '' ? {} : { cpus: host.CpusetCpus }),
      ...(host.CpusetMems === '' ? {} : { mems: host.CpusetMems }),
    },
    ...(host.PidsLimit !== null && host.PidsLimit !== 0 ? { pids: { limit: host.PidsLimit } } : {}),
  };
}

/** Namespaces: own ones, those of another container, the host's. */
function namespacesOf(daemon: Dockerd, container: Container): SpecNamespace[] | ApiError {
  const { NetworkMode, IpcMode, PidMode, UTSMode, CgroupnsMode } = container.hostConfig;
  const list: SpecNamespace[] = [{ type: 'mount' }];
  const modes: readonly (readonly [string, string, string])[] = [
    ['network', 'net', NetworkMode],
    ['uts', 'uts', UTSMode],
    ['pid', 'pid', PidMode],
    ['ipc', 'ipc', IpcMode],
    ['cgroup', 'cgroup', CgroupnsMode],
  ];
  for (const [type, file, mode] of modes) {
    if (mode === 'host') continue;
    if (!mode.startsWith('container:')) {
      list.push({ type });
      continue;
    }
    const id = mode.slice('container:'.length);
    const found = findContainer(daemon, id);
    const what = type === 'network' ? 'network' : type.toUpperCase();
    if (found instanceof ApiError) {
      if (type !== 'network') return found;
      return new ApiError(500, `joining network namespace of container: ${found.message}`);
    }
    const other = found;
    if (other.state.pid === 0) {
      return type === 'network'
        ? new ApiError(
            409,
            `cannot join network namespace of a non running container: container ${other.name} is ${other.state.status}`,
          )
        : new ApiError(409, `failed to join ${what} namespace: container ${id} is not running`);
    }
    if (type === 'ipc' && !['shareable', 'host'].includes(other.hostConfig.IpcMode)) {
      return new ApiError(
        400,
        `failed to join IPC namespace: container ${id}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`,
      );
    }
    list.push({ type, path: `/proc/${other.state.pid}/ns/${file}` });
  }
  return list;
}

function bindMount(mount: MountPoint): SpecMount {
  const propagation = mount.Propagation === '' ? 'rprivate' : mount.Propagation;
  return {
    destination: mount.Destination,
    type: 'bind',
    source: mount.Source,
    options: ['rbind', propagation, mount.RW ? 'rw' : 'ro'],
  };
}

function mountsOf(daemon: Dockerd, container: Container): SpecMount[] | ApiError {
  const { hostConfig, mounts } = container;
  const own = DEFAULT_MOUNTS.filter(
    (mount) =>
      mount.destination !== '/dev/shm' ||
      (hostConfig.IpcMode !== 'none' && hostConfig.IpcMode !== 'host'),
  );
  const list: SpecMount[] = own.map((mount) => {
    if (mount.destination === '/dev/shm') {
      const donor = hostConfig.IpcMode.startsWith('container:')
        ? daemon.containers.get(hostConfig.IpcMode.slice(10))
        : undefined;
      if (donor || hostConfig.IpcMode === 'shareable') {
        const owner = donor ?? container;
        return {
          destination: '/dev/shm',
          type: 'bind',
          source:
            owner.hostConfig.IpcMode === 'host'
              ? '/dev/shm'
              : `${containerDirectory(owner)}/mounts/shm`,
          options: ['rbind', 'rprivate'],
        };
      }
      return {
        ...mount,
        options: ['nosuid', 'noexec', 'nodev', 'mode=1777', `size=${hostConfig.ShmSize}`],
      };
    }
    const writable =
      (hostConfig.Privileged && (mount.type === 'sysfs' || mount.type === 'cgroup')) ||
      (writableCgroups(hostConfig) && mount.type === 'cgroup');
    return writable
      ? { ...mount, options: (mount.options ?? []).filter((option) => option !== 'ro') }
      : mount;
  });
  if (hostConfig.IpcMode === 'host')
    list.push({
      destination: '/dev/shm',
      type: 'bind',
      source: '/dev/shm',
      options: ['rbind', 'rprivate'],
    });
  const taken = new Set(mounts.map((mount) => mount.Destination));
  const readonly = hostConfig.ReadonlyRootfs ? 'ro' : 'rw';
  const donor = hostConfig.NetworkMode.startsWith('container:')
    ? daemon.containers.get(hostConfig.NetworkMode.slice(10))
    : undefined;
  for (const file of ['resolv.conf', 'hostname', 'hosts']) {
    if (taken.has(`/etc/${file}`)) continue;
    const directory = containerDirectory(donor ?? container);
    list.push({
      destination: `/etc/${file}`,
      type: 'bind',
      source: `${directory}/${file}`,
      options: ['rbind', 'rprivate', readonly],
    });
  }
  const later: SpecMount[] = [];
  const temporary = new Map(Object.entries(hostConfig.Tmpfs ?? {}));
  for (const mount of mounts) {
    if (mount.Type !== 'tmpfs') {
      later.push(bindMount(mount));
      continue;
    }
    const request = hostConfig.Mounts?.find((r) => r.Target === mount.Destination);
    const size = request?.TmpfsOptions?.SizeBytes;
    const mode = request?.TmpfsOptions?.Mode;
    const options = [
      ...(mount.RW ? [] : ['ro']),
      ...(size ? [`size=${size}`] : []),
      ...(mode ? [`mode=${mode.toString(8)}`] : []),
    ];
    temporary.set(mount.Destination, options.join(','));
  }
  for (const [path, options] of temporary) {
    const made = tmpfsMount(path, options);
    if (typeof made === 'string') return new ApiError(400, made);
    later.push(made);
  }
  later.sort((a, b) => a.destination.split('/').length - b.destination.split('/').length);
  if (container.hostConfig.Init)
    later.push({
      destination: '/sbin/docker-init',
      type: 'bind',
      source: '/usr/bin/docker-init',
      options: ['bind', 'ro'],
    });
  return [...list, ...later];
}

/** The environment: HOSTNAME and HOME, the image's and the user's. */
export function environmentOf(container: Container, home: string): string[] {
  const { config } = container;
  const base = [
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    `HOSTNAME=${config.Hostname}`,
    ...(config.Tty ? ['TERM=xterm'] : []),
  ];
  const env = mergeEnvironment(base, config.Env);
  return env.some((line) => line.startsWith('HOME=')) ? env : [...env, `HOME=${home}`];
}

/** The home directory of a user. */
export function homeOf(accounts: Accounts, uid: number): string {
  return accounts.passwd.find((fields) => fields[2] === String(uid))?.[5] ?? '/';
}

/** The last of several security options counts. */
const noNewPrivileges = ({ SecurityOpt }: HostConfig): boolean =>
  /^no-new-privileges($|[:=](1|t|T|true|TRUE|True)$)/.test(
    SecurityOpt?.findLast((option) => option.startsWith('no-new-privileges')) ?? '',
  );
const writableCgroups = ({ SecurityOpt }: HostConfig): boolean =>
  /^writable-cgroups($|=(1|t|T|true|TRUE|True)$)/.test(
    SecurityOpt?.findLast((option) => option.startsWith('writable-cgroups')) ?? '',
  );

/** The numbers of groups by name or number (user.GetAdditionalGroups). */
function groupsOf(names: readonly string[], accounts: Accounts): number[] | ApiError {
  const groups: number[] = [];
  for (const name of names) {
    const found = accounts.group.find((fields) => fields[0] === name || fields[2] === name);
    const number = Number(found?.[2] ?? name);
    if (Number.isNaN(number))
      return new ApiError(500, `unable to find group ${name}: no matching entries in group file`);
    groups.push(number);
  }
  return groups;
}

/** A container with a network namespace of its own: low ports and pings are for everybody there. */
const OPEN_NETWORK = {
  'net.ipv4.ip_unprivileged_port_start': '0',
  'net.ipv4.ping_group_range': '0 2147483647',
};

const ownsNetwork = ({ NetworkMode }: HostConfig): boolean =>
  NetworkMode !== 'host' && !NetworkMode.startsWith('container:');

/** The whole spec; an ApiError where something does not fit. */
export function* buildSpec(
  daemon: Dockerd,
  thread: Process,
  container: Container,
): Routine<Spec | ApiError> {
  const { config, hostConfig: host } = container;
  const accounts = yield* accountsOf(daemon, thread, container);
  const user = userOf(config.User, accounts);
  if (user instanceof ApiError) return user;
  const names = capabilitiesOf(host);
  if (names instanceof ApiError) return names;
  const namespaces = namespacesOf(daemon, container);
  if (namespaces instanceof ApiError) return namespaces;
  const groups = groupsOf(host.GroupAdd ?? [], accounts);
  if (groups instanceof ApiError) return groups;
  const args = host.Init
    ? ['/sbin/docker-init', '--', container.path, ...container.args]
    : [container.path, ...container.args];
  const devices = devicesOf(daemon.process, host);
  if (devices instanceof ApiError) return devices;
  const blockIO = blockIoOf(daemon.process, host);
  if (blockIO instanceof ApiError) return blockIO;
  const unsatisfied = checkDeviceRequests(host);
  if (unsatisfied) return unsatisfied;
  const own = host.Ulimits ?? [];
  const usual = daemon.options.ulimits.filter(({ Name }) => !own.some((one) => one.Name === Name));
  const limits = [...usual, ...own].map(({ Name, Hard, Soft }) => ({
    type: `RLIMIT_${Name.toUpperCase()}`,
    hard: Hard,
    soft: Soft,
  }));
  const sysctl = { ...(ownsNetwork(host) ? OPEN_NETWORK : {}), ...host.Sysctls };
  const mounts = mountsOf(daemon, container);
  if (mounts instanceof ApiError) return mounts;
  const rootless = user.uid !== 0;
  const sets = capabilitySets(names);
  return {
    ociVersion: OCI_VERSION,
    process: {
      ...(config.Tty ? { terminal: true } : {}),
      user: { ...user, additionalGids: [...(user.additionalGids ?? []), ...groups] },
      args,
      env: environmentOf(container, homeOf(accounts, user.uid)),
      cwd: config.WorkingDir === '' ? '/' : config.WorkingDir,
      capabilities: rootless && !host.CapAdd?.length ? { bounding: names } : sets,
      rlimits: limits,
      ...(noNewPrivileges(host) ? { noNewPrivileges: true } : {}),
      oomScoreAdj: host.OomScoreAdj,
    },
    root: { path: 'rootfs', ...(host.ReadonlyRootfs ? { readonly: true } : {}) },
    ...(host.UTSMode === 'host' ? {} : { hostname: hostName(container) }),
    mounts,
    linux: {
      ...(devices.length > 0 ? { devices } : {}),
      resources: { ...resourcesOf(host), ...(blockIO ? { blockIO } : {}) },
      cgroupsPath:
        host.CgroupParent === ''
          ? `/docker/${container.id}`
          : `${host.CgroupParent}/${container.id}`,
      namespaces,
      ...(Object.keys(sysctl).length > 0 ? { sysctl } : {}),
      maskedPaths: host.MaskedPaths ?? [],
      readonlyPaths: host.ReadonlyPaths ?? [],
      ...(host.Privileged || host.SecurityOpt?.includes('seccomp=unconfined')
        ? {}
        : { seccomp: { defaultAction: 'SCMP_ACT_ERRNO' } }),
    },
  };
}
