// A service as the request that POST /containers/create takes.

import type {
  CreateRequest,
  EndpointRequest,
  HostConfig,
  MountRequest,
  PortBinding,
} from '../../daemon/types.ts';
import {
  type FileReference,
  imageOf,
  type Project,
  type Service,
  sortedEntries,
  type VolumeMount,
} from '../model/project.ts';
import { ComposeProblem } from '../model/tree.ts';
import type { Summary } from './containers.ts';

/** What is particular to one container of a service. */
export interface ContainerOptions {
  readonly name: string;
  readonly number: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly autoRemove: boolean;
  readonly attachStdin: boolean;
  readonly useAliases: boolean;
  /** The container that it takes the place of: its volumes without names go on. */
  readonly inherit: Summary | undefined;
  /** What the image declares as volumes. */
  readonly imageVolumes: readonly string[];
  readonly links: readonly string[];
}

type Full<T> = { -readonly [K in keyof T]: T[K] };

/** Names of a service's networks, the one of the highest priority first. */
export function networksByPriority(service: Service): string[] {
  return sortedEntries(service.networks)
    .sort(([, a], [, b]) => (b?.priority ?? 0) - (a?.priority ?? 0))
    .map(([name]) => name);
}

/** The whole request. */
export function createRequest(
  project: Project,
  service: Service,
  options: ContainerOptions,
): CreateRequest {
  const { mode, endpoints } = networking(project, service, options);
  const bindings: Record<string, PortBinding[]> = {};
  for (const { target, protocol = 'tcp', host_ip = '', published = '' } of service.ports ?? []) {
    const key = `${target}/${protocol}`;
    bindings[key] = [...(bindings[key] ?? []), { HostIp: host_ip, HostPort: published }];
  }
  const exposed = [
    ...(service.expose ?? []).map((port) => (port.includes('/') ? port : `${port}/tcp`)),
    ...Object.keys(bindings),
  ];
  const health = healthcheck(service);
  return {
    Hostname: service.hostname ?? '',
    Domainname: service.domainname ?? '',
    User: service.user ?? '',
    AttachStdin: options.attachStdin,
    AttachStdout: true,
    AttachStderr: true,
    ...(exposed.length > 0
      ? { ExposedPorts: Object.fromEntries(exposed.map((port) => [port, {}])) }
      : {}),
    Tty: service.tty ?? false,
    OpenStdin: service.stdin_open ?? false,
    StdinOnce: options.attachStdin && (service.stdin_open ?? false),
    Env: sortedEntries(service.environment).map(([key, value]) =>
      value === null ? key : `${key}=${value}`,
    ),
    Cmd: service.command ?? null,
    ...(health ? { Healthcheck: health } : {}),
    Image: imageOf(service, project),
    WorkingDir: service.working_dir ?? '',
    Entrypoint: service.entrypoint ?? null,
    Labels: options.labels,
    ...(service.stop_signal ? { StopSignal: service.stop_signal } : {}),
    ...(service.stop_grace_period === undefined
      ? {}
      : { StopTimeout: Math.ceil(service.stop_grace_period / 1e9) }),
    HostConfig: hostConfig(project, service, options, mode, bindings),
    ...(endpoints ? { NetworkingConfig: { EndpointsConfig: endpoints } } : {}),
  };
}

function healthcheck({ healthcheck: check }: Service): CreateRequest['Healthcheck'] {
  if (!check) return undefined;
  if (check.disable) return { Test: ['NONE'] };
  return {
    ...(check.test ? { Test: check.test } : {}),
    ...(check.interval ? { Interval: check.interval } : {}),
    ...(check.timeout ? { Timeout: check.timeout } : {}),
    ...(check.start_period ? { StartPeriod: check.start_period } : {}),
    ...(check.start_interval ? { StartInterval: check.start_interval } : {}),
    ...(check.retries ? { Retries: check.retries } : {}),
  };
}

function networking(
  project: Project,
  service: Service,
  options: ContainerOptions,
): { mode: string; endpoints: Record<string, EndpointRequest> | undefined } {
  if (service.network_mode) return { mode: service.network_mode, endpoints: undefined };
  const names = networksByPriority(service);
  const [main] = names;
  if (main === undefined) return { mode: 'none', endpoints: undefined };
  const endpoints: Record<string, EndpointRequest> = {};
  for (const name of names) {
    const settings = service.networks?.[name];
    const { ipv4_address: v4, ipv6_address: v6, link_local_ips: local } = settings ?? {};
    const mac = settings?.mac_address ?? (name === main ? service.mac_address : undefined);
    endpoints[project.networks[name]?.name ?? name] = {
      Aliases: [
        options.name,
        ...(options.useAliases ? [service.name, ...(settings?.aliases ?? [])] : []),
      ],
      ...(options.links.length > 0 ? { Links: options.links } : {}),
      ...(v4 || v6 || local
        ? {
            IPAMConfig: {
              ...(v4 ? { IPv4Address: v4 } : {}),
              ...(v6 ? { IPv6Address: v6 } : {}),
              ...(local ? { LinkLocalIPs: local } : {}),
            },
          }
        : {}),
      ...(mac ? { MacAddress: mac } : {}),
      ...(settings?.driver_opts ? { DriverOpts: settings.driver_opts } : {}),
      ...(settings?.gw_priority ? { GwPriority: settings.gw_priority } : {}),
    };
  }
  return { mode: project.networks[main]?.name ?? main, endpoints };
}

const POLICIES: Readonly<Record<string, string>> = { none: 'no', any: 'always' };

function restartPolicy({ restart, deploy }: Service): HostConfig['RestartPolicy'] {
  const policy = deploy?.restart_policy;
  if (policy)
    return {
      Name: POLICIES[policy.condition ?? ''] ?? policy.condition ?? '',
      MaximumRetryCount: policy.max_attempts ?? 0,
    };
  const [name = '', attempts] = (restart ?? '').split(':');
  return { Name: POLICIES[name] ?? name, MaximumRetryCount: Number(attempts ?? 0) };
}

function limits(service: Service): Partial<HostConfig> {
  const bounds = service.deploy?.resources?.limits;
  const reserved = service.deploy?.resources?.reservations;
  const pids = bounds?.pids || service.pids_limit;
  return {
    CgroupParent: service.cgroup_parent ?? '',
    Memory: bounds?.memory || service.mem_limit || 0,
    MemorySwap: service.memswap_limit ?? 0,
    MemorySwappiness: service.mem_swappiness ?? null,
    MemoryReservation: reserved?.memory || service.mem_reservation || 0,
    OomKillDisable: service.oom_kill_disable ?? false,
    CpuPeriod: service.cpu_period ?? 0,
    CpuQuota: service.cpu_quota ?? 0,
    CpuShares: service.cpu_shares ?? 0,
    NanoCpus: Math.round((bounds?.cpus || service.cpus || 0) * 1e9),
    CpusetCpus: service.cpuset ?? '',
    PidsLimit: pids ? pids : null,
    Ulimits: sortedEntries(service.ulimits).map(([Name, value]) =>
      typeof value === 'number'
        ? { Name, Hard: value, Soft: value }
        : { Name, Hard: value.hard, Soft: value.soft },
    ),
  };
}

function hostConfig(
  project: Project,
  service: Service,
  options: ContainerOptions,
  mode: string,
  bindings: Record<string, PortBinding[]>,
): HostConfig {
  const { binds, mounts } = volumes(project, service, options);
  const tmpfs = (service.tmpfs ?? []).map((spec) => {
    const colon = spec.indexOf(':');
    return colon < 0 ? [spec, ''] : [spec.slice(0, colon), spec.slice(colon + 1)];
  });
  const config: Partial<Full<HostConfig>> = {
    Binds: binds,
    ContainerIDFile: '',
    LogConfig: {
      Type: service.logging?.driver ?? 'json-file',
      Config: service.logging?.options ?? {},
    },
    NetworkMode: mode,
    PortBindings: bindings,
    RestartPolicy: restartPolicy(service),
    AutoRemove: options.autoRemove,
    VolumeDriver: '',
    VolumesFrom: service.volumes_from ?? null,
    ConsoleSize: [0, 0],
    ...(service.annotations ? { Annotations: service.annotations } : {}),
    CapAdd: service.cap_add ?? null,
    CapDrop: service.cap_drop ?? null,
    CgroupnsMode: service.cgroup ?? '',
    Dns: service.dns ?? null,
    DnsOptions: service.dns_opt ?? null,
    DnsSearch: service.dns_search ?? null,
    ExtraHosts: sortedEntries(service.extra_hosts).flatMap(([host, addresses]) =>
      addresses.map((address) => `${host}:${address}`),
    ),
    GroupAdd: service.group_add ?? null,
    IpcMode: service.ipc ?? '',
    Cgroup: '',
    Links: options.links,
    OomScoreAdj: service.oom_score_adj ?? 0,
    PidMode: service.pid ?? '',
    Privileged: service.privileged ?? false,
    PublishAllPorts: false,
    ReadonlyRootfs: service.read_only ?? false,
    SecurityOpt: service.security_opt ?? null,
    Tmpfs: Object.fromEntries(tmpfs),
    UTSMode: service.uts ?? '',
    UsernsMode: service.userns_mode ?? '',
    ShmSize: service.shm_size ?? 0,
    ...(service.sysctls ? { Sysctls: service.sysctls } : {}),
    Runtime: service.runtime ?? 'runc',
    Isolation: '',
    BlkioWeight: 0,
    CpusetMems: '',
    Devices: [],
    MaskedPaths: null,
    ReadonlyPaths: null,
    ...(service.init === undefined ? {} : { Init: service.init }),
    ...(mounts.length > 0 ? { Mounts: mounts } : {}),
    ...limits(service),
  };
  return config as HostConfig;
}

/** `source:target:rw,z` */
function bindText(source: string, mount: VolumeMount): string {
  const options = [mount.read_only ? 'ro' : 'rw'];
  if (mount.bind?.selinux) options.push(mount.bind.selinux);
  if (mount.bind?.propagation) options.push(mount.bind.propagation);
  return `${source}:${mount.target}:${options.join(',')}`;
}

function volumes(
  project: Project,
  service: Service,
  options: ContainerOptions,
): { binds: string[]; mounts: MountRequest[] } {
  const binds: string[] = [];
  const mounts = new Map<string, MountRequest>();
  const own = [...(service.volumes ?? []), ...fileMounts(project, service)];
  for (const before of options.inherit?.Mounts ?? []) {
    if (before.Type !== 'volume') continue;
    const unnamed = own.some((mount) => mount.target === before.Destination && !mount.source);
    const declared = options.imageVolumes.includes(before.Destination);
    if (!unnamed && !(declared && !own.some(({ target }) => target === before.Destination)))
      continue;
    mounts.set(before.Destination, {
      Type: 'volume',
      Source: before.Name ?? '',
      Target: before.Destination,
      ...(before.RW ? {} : { ReadOnly: true }),
    });
  }
  for (const mount of own) {
    if (mounts.has(mount.target)) continue;
    const named = mount.type === 'volume' ? project.volumes[mount.source ?? '']?.name : undefined;
    const source = named ?? mount.source ?? '';
    const { bind, volume } = mount;
    const simpleBind =
      mount.type === 'bind' &&
      bind?.create_host_path === true &&
      !bind.propagation &&
      !bind.recursive;
    const simpleVolume =
      named !== undefined && !volume?.subpath && !volume?.nocopy && !volume?.labels;
    if (simpleBind || simpleVolume) binds.push(bindText(source, mount));
    else mounts.set(mount.target, mountRequest(mount, source));
  }
  return { binds, mounts: [...mounts.values()] };
}

function mountRequest(mount: VolumeMount, source: string): MountRequest {
  const { bind, volume, tmpfs } = mount;
  return {
    Type: mount.type as MountRequest['Type'],
    ...(source === '' ? {} : { Source: source }),
    Target: mount.target,
    ...(mount.read_only ? { ReadOnly: true } : {}),
    ...(mount.type === 'bind' && bind
      ? {
          BindOptions: {
            ...(bind.propagation ? { Propagation: bind.propagation } : {}),
            ...(bind.create_host_path ? { CreateMountpoint: true } : {}),
          },
        }
      : {}),
    ...(mount.type === 'volume' && volume
      ? {
          VolumeOptions: {
            ...(volume.nocopy ? { NoCopy: true } : {}),
            ...(volume.labels ? { Labels: volume.labels } : {}),
            ...(volume.subpath ? { Subpath: volume.subpath } : {}),
          },
        }
      : {}),
    ...(mount.type === 'tmpfs' && tmpfs
      ? {
          TmpfsOptions: {
            ...(tmpfs.size ? { SizeBytes: tmpfs.size } : {}),
            ...(tmpfs.mode ? { Mode: tmpfs.mode } : {}),
          },
        }
      : {}),
  };
}

/** Secrets and configs that are files are mounted; the others are written when the container starts. */
function fileMounts(project: Project, service: Service): VolumeMount[] {
  const mounts = (
    kind: 'secret' | 'config',
    references: readonly FileReference[] | undefined,
    directory: string,
  ): VolumeMount[] =>
    (references ?? []).flatMap((reference) => {
      const object = (kind === 'secret' ? project.secrets : project.configs)[reference.source];
      if (object?.external) throw new ComposeProblem(`unsupported external ${kind} ${object.name}`);
      if (!object?.file) return [];
      const wanted = reference.target || reference.source;
      const target = wanted.startsWith('/') ? wanted : directory + wanted;
      return [{ type: 'bind', source: object.file, target, read_only: true }];
    });
  return [
    ...mounts('secret', service.secrets, '/run/secrets/'),
    ...mounts('config', service.configs, '/'),
  ];
}
