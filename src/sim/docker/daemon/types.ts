// The Engine API's objects (v1.51) as requests and answers carry them. Fields stand in the order in which they are printed.

import type { Healthcheck } from '../../containers/images/oci.ts';

export type Strings = Readonly<Record<string, string>>;
export type Nothings = Readonly<Record<string, Record<string, never>>>;

/** container.Config */
export interface ContainerConfig {
  Hostname: string;
  Domainname: string;
  User: string;
  AttachStdin: boolean;
  AttachStdout: boolean;
  AttachStderr: boolean;
  ExposedPorts?: Nothings | undefined;
  Tty: boolean;
  OpenStdin: boolean;
  StdinOnce: boolean;
  Env: readonly string[];
  Cmd: readonly string[] | null;
  Healthcheck?: Healthcheck | undefined;
  Image: string;
  Volumes?: Nothings | null;
  WorkingDir: string;
  Entrypoint: readonly string[] | null;
  OnBuild?: null | undefined;
  Labels: Strings;
  StopSignal?: string | undefined;
  StopTimeout?: number | undefined;
  Shell?: readonly string[] | undefined;
}

export interface PortBinding {
  readonly HostIp: string;
  readonly HostPort: string;
}
export type PortMap = Readonly<Record<string, readonly PortBinding[] | null>>;

export interface MountRequest {
  readonly Type: 'bind' | 'volume' | 'tmpfs' | 'image' | 'npipe' | 'cluster';
  readonly Source?: string;
  readonly Target: string;
  readonly ReadOnly?: boolean;
  readonly Consistency?: string;
  readonly ImageOptions?: { readonly Subpath?: string };
  readonly BindOptions?: {
    readonly Propagation?: string;
    readonly CreateMountpoint?: boolean;
    readonly NonRecursive?: boolean;
    readonly ReadOnlyNonRecursive?: boolean;
    readonly ReadOnlyForceRecursive?: boolean;
  };
  readonly VolumeOptions?: {
    readonly NoCopy?: boolean;
    readonly Labels?: Strings;
    readonly Subpath?: string;
    readonly DriverConfig?: { readonly Name?: string; readonly Options?: Strings };
  };
  readonly TmpfsOptions?: { readonly SizeBytes?: number; readonly Mode?: number };
}

/** blkiodev.ThrottleDevice: bytes or requests a second. */
export interface ThrottleDevice {
  readonly Path: string;
  readonly Rate: number;
}

/** container.DeviceRequest, as --gpus makes it. */
export interface DeviceRequest {
  readonly Driver: string;
  readonly Count: number;
  readonly DeviceIDs: readonly string[] | null;
  readonly Capabilities: readonly (readonly string[])[] | null;
  readonly Options: Strings | null;
}

/** container.HostConfig: what was asked for; zero where it was not. */
export interface HostConfig {
  Binds?: readonly string[] | null;
  ContainerIDFile: string;
  LogConfig: { Type: string; Config: Strings };
  NetworkMode: string;
  PortBindings?: PortMap;
  RestartPolicy: { Name: string; MaximumRetryCount: number };
  AutoRemove: boolean;
  VolumeDriver: string;
  VolumesFrom?: readonly string[] | null;
  ConsoleSize?: readonly [number, number];
  Annotations?: Strings | undefined;
  CapAdd?: readonly string[] | null;
  CapDrop?: readonly string[] | null;
  CgroupnsMode: string;
  Dns?: readonly string[] | null;
  DnsOptions?: readonly string[] | null;
  DnsSearch?: readonly string[] | null;
  ExtraHosts?: readonly string[] | null;
  GroupAdd?: readonly string[] | null;
  IpcMode: string;
  Cgroup: string;
  Links?: readonly string[] | null;
  OomScoreAdj: number;
  PidMode: string;
  Privileged: boolean;
  PublishAllPorts: boolean;
  ReadonlyRootfs: boolean;
  SecurityOpt?: readonly string[] | null;
  StorageOpt?: Strings | undefined;
  Tmpfs?: Strings | undefined;
  UTSMode: string;
  UsernsMode: string;
  ShmSize: number;
  Sysctls?: Strings | undefined;
  Runtime: string;
  Isolation: string;
  CpuShares: number;
  Memory: number;
  NanoCpus: number;
  CgroupParent: string;
  BlkioWeight: number;
  BlkioWeightDevice?: readonly { readonly Path: string; readonly Weight: number }[] | null;
  BlkioDeviceReadBps?: readonly ThrottleDevice[] | null;
  BlkioDeviceWriteBps?: readonly ThrottleDevice[] | null;
  BlkioDeviceReadIOps?: readonly ThrottleDevice[] | null;
  BlkioDeviceWriteIOps?: readonly ThrottleDevice[] | null;
  CpuPeriod: number;
  CpuQuota: number;
  CpuRealtimePeriod: number;
  CpuRealtimeRuntime: number;
  CpusetCpus: string;
  CpusetMems: string;
  Devices?:
    | readonly { PathOnHost: string; PathInContainer: string; CgroupPermissions: string }[]
    | null;
  DeviceCgroupRules?: readonly string[] | null;
  DeviceRequests?: readonly DeviceRequest[] | null;
  MemoryReservation: number;
  MemorySwap: number;
  MemorySwappiness: number | null;
  OomKillDisable: boolean | null;
  PidsLimit: number | null;
  Ulimits?: readonly { Name: string; Hard: number; Soft: number }[] | null;
  CpuCount: number;
  CpuPercent: number;
  IOMaximumIOps: number;
  IOMaximumBandwidth: number;
  Mounts?: readonly MountRequest[] | undefined;
  MaskedPaths?: readonly string[] | null;
  ReadonlyPaths?: readonly string[] | null;
  Init?: boolean | undefined;
}

/** network.EndpointSettings as a request gives them. */
export interface EndpointRequest {
  readonly IPAMConfig?: {
    readonly IPv4Address?: string;
    readonly IPv6Address?: string;
    readonly LinkLocalIPs?: readonly string[];
  } | null;
  readonly Links?: readonly string[] | null;
  readonly Aliases?: readonly string[] | null;
  readonly DriverOpts?: Strings | null;
  readonly MacAddress?: string;
  readonly GwPriority?: number;
}

/** What POST /containers/create takes. */
export interface CreateRequest extends ContainerConfig {
  HostConfig: HostConfig;
  NetworkingConfig?: { EndpointsConfig?: Readonly<Record<string, EndpointRequest | null>> };
}

/** A mount as inspect shows it. */
export interface MountPoint {
  readonly Type: 'bind' | 'volume' | 'tmpfs';
  readonly Name?: string;
  readonly Source: string;
  readonly Destination: string;
  readonly Driver?: string;
  readonly Mode: string;
  readonly RW: boolean;
  readonly Propagation: string;
}
