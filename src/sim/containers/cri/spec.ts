// From the CRI's configuration of a container to an OCI spec (internal/cri/server/container_create_linux.go).

import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { CAPABILITIES } from '../../kernel/task/credentials.ts';
import type { Containerd } from '../containerd/daemon.ts';
import { makeDirectories } from '../containerd/daemon.ts';
import {
  type Accounts,
  capabilitySets,
  DEFAULT_CAPABILITIES,
  DEFAULT_MASKED_PATHS,
  defaultSpec,
  mergeEnvironment,
  resolveUser,
  withLinux,
  withNamespace,
  withProcess,
} from '../containerd/spec.ts';
import {
  DEFAULT_MOUNTS,
  READONLY_PATHS,
  type Spec,
  type SpecMount,
  type SpecResources,
  type SpecUser,
} from '../runc/spec.ts';
import type { KnownImage } from './images.ts';
import { CRI_NAMESPACE, criStore, type Sandbox } from './store.ts';
import type { ContainerConfig, CriMount, LinuxContainerResources } from './types.ts';

/** The directory with a sandbox's own files. */
export function sandboxRoot(daemon: Containerd, id: string): string {
  return `${daemon.root}/io.containerd.grpc.v1.cri/sandboxes/${id}`;
}

/** The directory with a sandbox's shared memory. */
export function sandboxState(daemon: Containerd, id: string): string {
  return `${daemon.state}/io.containerd.grpc.v1.cri/sandboxes/${id}`;
}

/** `cgroupParent` and id as the spec's cgroupsPath, for cgroupfs and for systemd's slices. */
export function cgroupsPath(parent: string | undefined, id: string): string {
  if (!parent) return `/${CRI_NAMESPACE}/${id}`;
  if (parent.endsWith('.slice'))
    return `${parent.slice(parent.lastIndexOf('/') + 1)}:cri-containerd:${id}`;
  return `${parent.replace(/\/$/, '')}/${id}`;
}

/** The resources of a spec for those of the CRI. */
export function specResources(resources: LinuxContainerResources): SpecResources {
  const {
    cpuPeriod,
    cpuQuota,
    cpuShares,
    memoryLimitInBytes,
    memorySwapLimitInBytes,
    cpusetCpus,
    cpusetMems,
    unified,
  } = resources;
  return {
    cpu: {
      ...(cpuPeriod ? { period: cpuPeriod } : {}),
      ...(cpuQuota ? { quota: cpuQuota } : {}),
      ...(cpuShares ? { shares: cpuShares } : {}),
      ...(cpusetCpus ? { cpus: cpusetCpus } : {}),
      ...(cpusetMems ? { mems: cpusetMems } : {}),
    },
    memory: {
      ...(memoryLimitInBytes ? { limit: memoryLimitInBytes } : {}),
      ...(memorySwapLimitInBytes ? { swap: memorySwapLimitInBytes } : {}),
    },
    ...(unified ? { unified } : {}),
  };
}

/** The user a container runs as; a text says what is not found. */
export function containerUser(
  config: ContainerConfig,
  image: KnownImage,
  accounts: Accounts,
): SpecUser | string {
  const context = config.linux?.securityContext;
  const group = context?.runAsGroup;
  let text = context?.runAsUsername ?? '';
  if (context?.runAsUser) text = String(context.runAsUser.value);
  if (text === '') text = image.config.config?.User || '0';
  if (group) text = `${text.split(':')[0]}:${group.value}`;
  const user = resolveUser(text, accounts);
  if (typeof user === 'string') return `mount callback failed on: ${user}`;
  const name = accounts.passwd.find((fields) => fields[2] === String(user.uid))?.[0];
  const memberships = accounts.group.filter(
    (fields) => name !== undefined && (fields[3] ?? '').split(',').includes(name),
  );
  const groups = new Set([
    user.gid,
    ...memberships.map((fields) => Number(fields[2])),
    ...(context?.supplementalGroups ?? []),
  ]);
  return { ...user, additionalGids: [...groups] };
}

function capabilitiesOf(config: ContainerConfig): string[] {
  const context = config.linux?.securityContext;
  const all = CAPABILITIES.map((name) => `CAP_${name.toUpperCase()}`);
  if (context?.privileged) return all;
  const full = (name: string): string =>
    name.toUpperCase().startsWith('CAP_') ? name.toUpperCase() : `CAP_${name.toUpperCase()}`;
  const added = (context?.capabilities?.addCapabilities ?? []).map(full);
  const dropped = (context?.capabilities?.dropCapabilities ?? []).map(full);
  let names: string[] = [...DEFAULT_CAPABILITIES];
  if (added.includes('CAP_ALL')) names = all;
  if (dropped.includes('CAP_ALL')) names = [];
  for (const name of added) if (name !== 'CAP_ALL' && !names.includes(name)) names.push(name);
  return names.filter((name) => !dropped.includes(name));
}

const PROPAGATION = {
  PROPAGATION_PRIVATE: 'rprivate',
  PROPAGATION_HOST_TO_CONTAINER: 'rslave',
  PROPAGATION_BIDIRECTIONAL: 'rshared',
} as const;

function mountOf(p: Process, mount: CriMount): SpecMount {
  const source = mount.hostPath ?? '';
  if (isErrno(p.stat(source))) makeDirectories(p, source);
  const propagation = PROPAGATION[mount.propagation ?? 'PROPAGATION_PRIVATE'];
  return {
    destination: mount.containerPath,
    type: 'bind',
    source,
    options: ['rbind', propagation, mount.readonly ? 'ro' : 'rw'],
  };
}

/** The mounts of a pod's container: the usual ones, files of the pod, shared memory, and what the configuration adds. */
function mountsOf(
  daemon: Containerd,
  p: Process,
  sandbox: Sandbox,
  config: ContainerConfig,
): SpecMount[] {
  const privileged = config.linux?.securityContext?.privileged ?? false;
  const given = config.mounts ?? [];
  const has = (path: string): boolean => given.some((mount) => mount.containerPath === path);
  const files = ['hostname', 'hosts', 'resolv.conf'].flatMap((name): SpecMount[] => {
    const source = `${sandboxRoot(daemon, sandbox.id)}/${name}`;
    if (has(`/etc/${name}`) || !p.exists(source)) return [];
    return [
      { destination: `/etc/${name}`, type: 'bind', source, options: ['rbind', 'rprivate', 'rw'] },
    ];
  });
  const shm: SpecMount = {
    destination: '/dev/shm',
    type: 'bind',
    source: `${sandboxState(daemon, sandbox.id)}/shm`,
    options: ['rbind', 'rprivate', 'rw'],
  };
  const usual = DEFAULT_MOUNTS.filter((mount) => mount.destination !== '/dev/shm').map((mount) => {
    if (!privileged || !['sysfs', 'cgroup'].includes(mount.type ?? '')) return mount;
    return {
      ...mount,
      options: mount.options?.map((option) => (option === 'ro' ? 'rw' : option)) ?? [],
    };
  });
  const sorted = given.map((mount) => mountOf(p, mount));
  const isShm = has('/dev/shm') ? [] : [shm];
  const all = [...usual, ...files, ...isShm, ...sorted];
  return all.filter(
    (mount, i) => !all.slice(i + 1).some((later) => later.destination === mount.destination),
  );
}

/** The whole spec of a container in a pod. */
export function containerSpec(
  daemon: Containerd,
  p: Process,
  request: {
    readonly id: string;
    readonly sandbox: Sandbox;
    readonly config: ContainerConfig;
    readonly image: KnownImage;
    readonly user: SpecUser;
  },
): Spec | string {
  const { id, sandbox, config, image, user } = request;
  const context = config.linux?.securityContext;
  const privileged = context?.privileged ?? false;
  const imageConfig = image.config.config ?? {};
  const args = commandOf(config, image);
  if (args.length === 0) return 'no command specified';
  const hostNetwork = sandbox.netns === '';
  const hostname = hostNetwork
    ? p.task.kernel.first.uts.hostname
    : sandbox.config.hostname || p.task.kernel.first.uts.hostname;
  const env = mergeEnvironment(
    mergeEnvironment(
      [
        'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        ...(config.tty ? ['TERM=xterm'] : []),
        `HOSTNAME=${hostname}`,
      ],
      imageConfig.Env ?? [],
    ),
    (config.envs ?? []).map(({ key, value }) => `${key}=${value}`),
  );
  let spec = defaultSpec(CRI_NAMESPACE, id);
  spec = withProcess(spec, {
    args,
    env,
    cwd: config.workingDir || imageConfig.WorkingDir || '/',
    user,
    terminal: config.tty ?? false,
    capabilities: capabilitySets(capabilitiesOf(config)),
    rlimits: [],
    noNewPrivileges: context?.noNewPrivs ?? false,
    ...(config.linux?.resources?.oomScoreAdj === undefined
      ? {}
      : { oomScoreAdj: config.linux.resources.oomScoreAdj }),
  });
  spec = {
    ...spec,
    root: { path: 'rootfs', readonly: context?.readonlyRootfs ?? false },
    mounts: mountsOf(daemon, p, sandbox, config),
    annotations: {
      'io.kubernetes.cri.container-type': 'container',
      'io.kubernetes.cri.container-name': config.metadata.name,
      'io.kubernetes.cri.sandbox-id': sandbox.id,
      'io.kubernetes.cri.sandbox-name': sandbox.config.metadata.name,
      'io.kubernetes.cri.sandbox-namespace': sandbox.config.metadata.namespace,
      'io.kubernetes.cri.sandbox-uid': sandbox.config.metadata.uid,
      'io.kubernetes.cri.image-name': config.image.userSpecifiedImage ?? config.image.image,
    },
  };
  spec = withLinux(spec, {
    cgroupsPath: cgroupsPath(sandbox.config.linux?.cgroupParent, id),
    resources: {
      ...specResources(config.linux?.resources ?? {}),
      devices: [{ allow: privileged, access: 'rwm' }],
    },
    maskedPaths: privileged ? [] : (context?.maskedPaths ?? DEFAULT_MASKED_PATHS),
    readonlyPaths: privileged ? [] : (context?.readonlyPaths ?? READONLY_PATHS),
    ...(context?.seccomp?.profileType === 'RuntimeDefault' && !privileged
      ? { seccomp: { defaultAction: 'SCMP_ACT_ERRNO' } }
      : {}),
    ...(config.devices?.length ? { devices: [] } : {}),
  });
  const targetId = context?.namespaceOptions?.targetId ?? '';
  const target = targetId === '' ? undefined : criStore(daemon).containers.get(targetId);
  if (context?.namespaceOptions?.pid === 'TARGET' && target?.state !== 'CONTAINER_RUNNING')
    return `invalid target container: container "${targetId}" is not running`;
  return withPodNamespaces(spec, sandbox, config, target?.pid ?? 0);
}

function commandOf(config: ContainerConfig, image: KnownImage): string[] {
  const { Entrypoint = [], Cmd = [] } = image.config.config ?? {};
  const command = config.command ?? [];
  const args = config.args ?? [];
  if (command.length > 0) return [...command, ...args];
  return [...Entrypoint, ...(args.length > 0 ? args : Cmd)];
}

function withPodNamespaces(
  base: Spec,
  sandbox: Sandbox,
  config: ContainerConfig,
  target: number,
): Spec {
  const options = config.linux?.securityContext?.namespaceOptions ?? {};
  const of = (kind: string): string => `/proc/${sandbox.pid}/ns/${kind}`;
  let spec = withNamespace(base, 'network', sandbox.netns === '' ? undefined : of('net'));
  spec = withNamespace(spec, 'ipc', options.ipc === 'NODE' ? undefined : of('ipc'));
  spec = withNamespace(spec, 'uts', sandbox.netns === '' ? undefined : of('uts'));
  if ((options.pid ?? 'POD') === 'POD') spec = withNamespace(spec, 'pid', of('pid'));
  else if (options.pid === 'NODE') spec = withNamespace(spec, 'pid', undefined);
  else if (options.pid === 'TARGET') spec = withNamespace(spec, 'pid', `/proc/${target}/ns/pid`);
  if (config.linux?.securityContext?.privileged) return spec;
  return withLinux(spec, { namespaces: [...(spec.linux?.namespaces ?? []), { type: 'cgroup' }] });
}
