// What a request to create a container says where it says nothing: Go's zero values of container.Config and HostConfig.

import type { ContainerConfig, CreateRequest, HostConfig } from './types.ts';

const CONFIG: ContainerConfig = {
  Hostname: '',
  Domainname: '',
  User: '',
  AttachStdin: false,
  AttachStdout: false,
  AttachStderr: false,
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Env: [],
  Cmd: null,
  Image: '',
  WorkingDir: '',
  Entrypoint: null,
  Labels: {},
};

const HOST: HostConfig = {
  ContainerIDFile: '',
  LogConfig: { Type: '', Config: {} },
  NetworkMode: '',
  RestartPolicy: { Name: '', MaximumRetryCount: 0 },
  AutoRemove: false,
  VolumeDriver: '',
  CgroupnsMode: '',
  IpcMode: '',
  Cgroup: '',
  OomScoreAdj: 0,
  PidMode: '',
  Privileged: false,
  PublishAllPorts: false,
  ReadonlyRootfs: false,
  UTSMode: '',
  UsernsMode: '',
  ShmSize: 0,
  Runtime: '',
  Isolation: '',
  CpuShares: 0,
  Memory: 0,
  NanoCpus: 0,
  CgroupParent: '',
  BlkioWeight: 0,
  CpuPeriod: 0,
  CpuQuota: 0,
  CpusetCpus: '',
  CpusetMems: '',
  MemoryReservation: 0,
  MemorySwap: 0,
  MemorySwappiness: null,
  OomKillDisable: null,
  PidsLimit: null,
};

/** A request with every field that the daemon reads. */
export function completeRequest(given: Partial<CreateRequest>): CreateRequest {
  return { ...CONFIG, ...given, HostConfig: { ...HOST, ...given.HostConfig } };
}
