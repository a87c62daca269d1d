// What a request to create a container says where it says nothing: Go's zero values of container.Config and HostConfig,
// with fields in the order of the structs.

import type { ContainerConfig, CreateRequest, HostConfig } from './types.ts';

const CONFIG: ContainerConfig = {
  Hostname: '',
  Domainname: '',
  User: '',
  AttachStdin: false,
  AttachStdout: false,
  AttachStderr: false,
  ExposedPorts: undefined,
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Env: [],
  Cmd: null,
  Healthcheck: undefined,
  Image: '',
  Volumes: null,
  WorkingDir: '',
  Entrypoint: null,
  OnBuild: undefined,
  Labels: {},
  StopSignal: undefined,
  StopTimeout: undefined,
  Shell: undefined,
};

/** Undefined fields are left out where they are empty (omitempty). */
const HOST: HostConfig = {
  Binds: null,
  ContainerIDFile: '',
  LogConfig: { Type: '', Config: {} },
  NetworkMode: '',
  PortBindings: {},
  RestartPolicy: { Name: '', MaximumRetryCount: 0 },
  AutoRemove: false,
  VolumeDriver: '',
  VolumesFrom: null,
  ConsoleSize: [0, 0],
  Annotations: undefined,
  CapAdd: null,
  CapDrop: null,
  CgroupnsMode: '',
  Dns: null,
  DnsOptions: null,
  DnsSearch: null,
  ExtraHosts: null,
  GroupAdd: null,
  IpcMode: '',
  Cgroup: '',
  Links: null,
  OomScoreAdj: 0,
  PidMode: '',
  Privileged: false,
  PublishAllPorts: false,
  ReadonlyRootfs: false,
  SecurityOpt: null,
  StorageOpt: undefined,
  Tmpfs: undefined,
  UTSMode: '',
  UsernsMode: '',
  ShmSize: 0,
  Sysctls: undefined,
  Runtime: '',
  Isolation: '',
  CpuShares: 0,
  Memory: 0,
  NanoCpus: 0,
  CgroupParent: '',
  BlkioWeight: 0,
  BlkioWeightDevice: null,
  BlkioDeviceReadBps: null,
  BlkioDeviceWriteBps: null,
  BlkioDeviceReadIOps: null,
  BlkioDeviceWriteIOps: null,
  CpuPeriod: 0,
  CpuQuota: 0,
  CpuRealtimePeriod: 0,
  CpuRealtimeRuntime: 0,
  CpusetCpus: '',
  CpusetMems: '',
  Devices: null,
  DeviceCgroupRules: null,
  DeviceRequests: null,
  MemoryReservation: 0,
  MemorySwap: 0,
  MemorySwappiness: null,
  OomKillDisable: null,
  PidsLimit: null,
  Ulimits: null,
  CpuCount: 0,
  CpuPercent: 0,
  IOMaximumIOps: 0,
  IOMaximumBandwidth: 0,
  Mounts: undefined,
  MaskedPaths: null,
  ReadonlyPaths: null,
  Init: undefined,
};

function completed<T extends object>(zero: T, given: Partial<T>): T {
  const empty = (value: unknown): boolean =>
    value === null || (typeof value === 'object' && Object.keys(value as object).length === 0);
  const fields = Object.entries(zero).flatMap(([name, value]): [string, unknown][] => {
    const own = (given as Record<string, unknown>)[name];
    if (value === undefined) return own === undefined || empty(own) ? [] : [[name, own]];
    return [[name, own ?? value]];
  });
  return Object.fromEntries(fields) as T;
}

/** A HostConfig with every field, in the order of the struct. */
export function zeroHostConfig(given: Partial<HostConfig>): HostConfig {
  return completed(HOST, given);
}

/** A Config in the order of the struct, without fields that are empty. */
export function orderedConfig(given: ContainerConfig): ContainerConfig {
  return completed(CONFIG, given);
}

/** A request with every field that the daemon reads. */
export function completeRequest(given: Partial<CreateRequest>): CreateRequest {
  const { NetworkingConfig } = given;
  return {
    ...completed(CONFIG, given),
    HostConfig: zeroHostConfig(given.HostConfig ?? {}),
    ...(NetworkingConfig ? { NetworkingConfig } : {}),
  };
}
