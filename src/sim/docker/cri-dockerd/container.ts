// Containers of pods (core/container_*.go): docker's, in the namespaces of their sandbox; the file of docker's log is linked
// to where the kubelet looks for it.

import type {
  ContainerConfig,
  ContainerStateName,
  ContainerStatus,
  CriContainer,
  CriMount,
  LinuxContainerResources,
  PodSandboxConfig,
  StringMap,
} from '../../containers/cri/types.ts';
import { isRpcError, notFound, RpcError } from '../../containers/rpc.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { isCallError } from '../cli/api.ts';
import type { HostConfig, MountRequest } from '../daemon/types.ts';
import { imageById } from './images.ts';
import {
  CONTAINER_TYPE,
  containerLabels,
  containerName,
  LOG_PATH_LABEL,
  parseName,
  SANDBOX_ID_LABEL,
  splitLabels,
  TYPE_LABEL,
} from './naming.ts';
import { seccompOptions, securityOf } from './security.ts';
import {
  type DockerService,
  engine,
  failed,
  type Inspection,
  inspect,
  isMissing,
  list,
  type Summary,
} from './service.ts';
import { isZeroTime, nanosOf, nanosOfSeconds } from './times.ts';

/** What CreateContainer takes. */
export interface CreateRequest {
  readonly podSandboxId: string;
  readonly config: ContainerConfig;
  readonly sandboxConfig?: PodSandboxConfig;
}

const PROPAGATION = {
  PROPAGATION_PRIVATE: undefined,
  PROPAGATION_HOST_TO_CONTAINER: 'rslave',
  PROPAGATION_BIDIRECTIONAL: 'rshared',
} as const;

/** GenerateMountBindings. */
function mountOf({ hostPath = '', containerPath, readonly, propagation }: CriMount): MountRequest {
  const spread = PROPAGATION[propagation ?? 'PROPAGATION_PRIVATE'];
  return {
    Type: 'bind',
    Source: hostPath,
    Target: containerPath,
    ...(readonly ? { ReadOnly: true } : {}),
    BindOptions: {
      CreateMountpoint: true,
      ...(readonly ? { ReadOnlyNonRecursive: true } : {}),
      ...(spread ? { Propagation: spread } : {}),
    },
  };
}

/** Resources as docker has them: as much memory with swap as without, so that there is no swap. */
function resourcesOf(resources: LinuxContainerResources): Partial<HostConfig> {
  return {
    Memory: resources.memoryLimitInBytes ?? 0,
    MemorySwap: resources.memoryLimitInBytes ?? 0,
    CpuShares: resources.cpuShares ?? 0,
    CpuQuota: resources.cpuQuota ?? 0,
    CpuPeriod: resources.cpuPeriod ?? 0,
    CpusetCpus: resources.cpusetCpus ?? '',
    CpusetMems: resources.cpusetMems ?? '',
  };
}

function hostConfigOf(
  { podSandboxId, config, sandboxConfig }: CreateRequest,
  sandbox: Inspection,
): Partial<HostConfig> {
  const { linux, mounts = [], devices = [] } = config;
  const context = linux?.securityContext;
  const { pid, targetId, network } = context?.namespaceOptions ?? {};
  const { host } = securityOf(context);
  const shared = `container:${podSandboxId}`;
  const PidMode =
    pid === 'NODE'
      ? 'host'
      : pid === 'POD'
        ? shared
        : pid === 'TARGET'
          ? `container:${targetId}`
          : '';
  return {
    ...host,
    Mounts: mounts.map(mountOf),
    RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
    Runtime: sandbox.HostConfig.Runtime,
    ...resourcesOf(linux?.resources ?? {}),
    OomScoreAdj: linux?.resources?.oomScoreAdj ?? 0,
    NetworkMode: shared,
    IpcMode: shared,
    UTSMode: network === 'NODE' ? 'host' : '',
    PidMode,
    CgroupParent: sandboxConfig?.linux?.cgroupParent ?? '',
    Devices: devices.map(({ hostPath, containerPath, permissions = '' }) => ({
      PathOnHost: hostPath,
      PathInContainer: containerPath,
      CgroupPermissions: permissions,
    })),
    SecurityOpt: [...(host.SecurityOpt ?? []), ...(context ? seccompOptions(context.seccomp) : [])],
  };
}

/** CreateContainer: the container's id. */
export function* createContainer(
  service: DockerService,
  p: Process,
  request: CreateRequest,
): Routine<string | RpcError> {
  const { config, sandboxConfig, podSandboxId } = request;
  if (!sandboxConfig)
    return new RpcError('Unknown', `sandbox config is nil for container "${config.metadata.name}"`);
  const sandbox = yield* inspect(service, p, podSandboxId);
  if (isCallError(sandbox)) return failed(sandbox, "unable to get container's sandbox ID: ");
  const logPath = `${sandboxConfig.logDirectory ?? ''}/${config.logPath ?? ''}`;
  const { command = [], args = [], envs = [] } = config;
  const { user } = securityOf(config.linux?.securityContext);
  const body = {
    ...(command.length > 0 ? { Entrypoint: command } : {}),
    ...(args.length > 0 ? { Cmd: args } : {}),
    Env: envs.map(({ key, value }) => `${key}=${value}`),
    Image: config.image.image,
    User: user,
    WorkingDir: config.workingDir ?? '',
    Labels: containerLabels(config, podSandboxId, logPath),
    OpenStdin: config.stdin ?? false,
    StdinOnce: config.stdinOnce ?? false,
    Tty: config.tty ?? false,
    Healthcheck: { Test: ['NONE'] },
    HostConfig: hostConfigOf(request, sandbox),
  };
  const name = containerName(sandboxConfig.metadata, config.metadata);
  const made = yield* engine(service, p).post<{ Id: string }>('/containers/create', { name }, body);
  return isCallError(made) ? failed(made) : made.Id;
}

/** StartContainer; the log of one that could not be started is linked too. */
export function* startContainer(
  service: DockerService,
  p: Process,
  id: string,
): Routine<RpcError | undefined> {
  const started = yield* engine(service, p).post(`/containers/${id}/start`);
  const found = yield* inspect(service, p, id);
  if (isCallError(found)) return failed(found, `failed to inspect container "${id}": `);
  const path = found.Config.Labels[LOG_PATH_LABEL] ?? '';
  if (path !== '' && found.LogPath !== '') {
    p.unlink(path);
    const refused = p.symlink(found.LogPath, path);
    if (isErrno(refused))
      return new RpcError(
        'Unknown',
        `failed to create symbolic link "${path}" to the container log file "${found.LogPath}" for container "${id}": symlink ${found.LogPath} ${path}: ${refused.message.toLowerCase()}`,
      );
  }
  return isCallError(started) ? failed(started, `failed to start container "${id}": `) : undefined;
}

/** StopContainer. */
export function* stopContainer(
  service: DockerService,
  p: Process,
  id: string,
  timeout: number,
): Routine<RpcError | undefined> {
  const stopped = yield* engine(service, p).post(`/containers/${id}/stop`, { t: timeout });
  if (!isCallError(stopped)) return undefined;
  return isMissing(stopped) ? new RpcError('NotFound', stopped.text) : failed(stopped);
}

/** RemoveContainer, with the link to its log. */
export function* removeContainer(
  service: DockerService,
  p: Process,
  id: string,
): Routine<RpcError | undefined> {
  const found = yield* inspect(service, p, id);
  if (isCallError(found))
    return isMissing(found) ? undefined : failed(found, `failed to inspect container "${id}": `);
  const path = found.Config.Labels[LOG_PATH_LABEL] ?? '';
  if (path !== '') p.unlink(path);
  const removed = yield* engine(service, p).call('DELETE', `/containers/${id}`, {
    v: true,
    force: true,
  });
  return isCallError(removed) && !isMissing(removed)
    ? failed(removed, `failed to remove container "${id}": `)
    : undefined;
}

function stateOfText(status: string): ContainerStateName {
  if (status.startsWith('Up')) return 'CONTAINER_RUNNING';
  if (status.startsWith('Exited')) return 'CONTAINER_EXITED';
  return status.startsWith('Created') ? 'CONTAINER_CREATED' : 'CONTAINER_UNKNOWN';
}

function containerOf(one: Summary): CriContainer[] {
  const parsed = parseName(one.Names[0] ?? '');
  if (!parsed) return [];
  return [
    {
      id: one.Id,
      podSandboxId: one.Labels[SANDBOX_ID_LABEL] ?? '',
      metadata: { name: parsed.name, attempt: parsed.attempt },
      image: { image: one.Image },
      imageRef: one.ImageID,
      imageId: '',
      state: stateOfText(one.Status),
      createdAt: nanosOfSeconds(one.Created),
      ...splitLabels(one.Labels),
    },
  ];
}

/** What a list of containers is to hold. */
export interface ContainerFilter {
  readonly id?: string;
  readonly state?: { readonly state: string };
  readonly podSandboxId?: string;
  readonly labelSelector?: StringMap;
}

/** ListContainers. */
export function* listContainers(
  service: DockerService,
  p: Process,
  { id = '', state, podSandboxId = '', labelSelector = {} }: ContainerFilter = {},
): Routine<CriContainer[] | RpcError> {
  const wanted = {
    [TYPE_LABEL]: CONTAINER_TYPE,
    ...(podSandboxId === '' ? {} : { [SANDBOX_ID_LABEL]: podSandboxId }),
    ...labelSelector,
  };
  const found = yield* list(service, p, wanted, id === '' ? {} : { id: [id] });
  if (isCallError(found)) return isMissing(found) ? [] : failed(found);
  return found.flatMap(containerOf).filter((one) => !state || one.state === state.state);
}

/** The state of a container with what there is to say of it. */
function outcomeOf({
  State,
  Created,
}: Inspection): Pick<ContainerStatus, 'state' | 'reason' | 'message' | 'startedAt' | 'finishedAt'> {
  const times = { startedAt: nanosOf(State.StartedAt), finishedAt: nanosOf(State.FinishedAt) };
  if (State.Running) return { state: 'CONTAINER_RUNNING', reason: '', message: '', ...times };
  const message = State.Error;
  if (!isZeroTime(State.FinishedAt)) {
    const ended = State.ExitCode === 0 ? 'Completed' : 'Error';
    const reason = State.OOMKilled ? 'OOMKilled' : ended;
    return { state: 'CONTAINER_EXITED', reason, message, ...times };
  }
  if (State.ExitCode === 0) return { state: 'CONTAINER_CREATED', reason: '', message, ...times };
  const at = nanosOf(Created);
  const reason = 'ContainerCannotRun';
  return { state: 'CONTAINER_EXITED', reason, message, startedAt: at, finishedAt: at };
}

/** ContainerStatus, with what `verbose` adds. */
export function* containerStatus(
  service: DockerService,
  p: Process,
  id: string,
): Routine<{ readonly status: ContainerStatus; readonly info: object } | RpcError> {
  const found = yield* inspect(service, p, id);
  if (isCallError(found)) return isMissing(found) ? notFound(found.text) : failed(found);
  const parsed = parseName(found.Name);
  if (!parsed)
    return new RpcError('Unknown', `container is not managed by kubernetes: "${found.Name}"`);
  const image = yield* imageById(service, p, found.Image);
  if (isRpcError(image)) return image;
  const digest = image?.RepoDigests?.[0];
  const status: ContainerStatus = {
    id: found.Id,
    metadata: { name: parsed.name, attempt: parsed.attempt },
    ...outcomeOf(found),
    createdAt: nanosOf(found.Created),
    exitCode: found.State.ExitCode,
    image: { image: image?.RepoTags?.[0] ?? found.Config.Image },
    imageRef: digest === undefined ? `docker://${found.Image}` : `docker-pullable://${digest}`,
    imageId: '',
    ...splitLabels(found.Config.Labels),
    mounts: found.Mounts.map(({ Source, Destination, RW }) => ({
      hostPath: Source,
      containerPath: Destination,
      readonly: !RW,
    })),
    logPath: found.Config.Labels[LOG_PATH_LABEL] ?? '',
  };
  const sandboxID = found.Config.Labels[SANDBOX_ID_LABEL] ?? '';
  return { status, info: { info: JSON.stringify({ sandboxID, pid: found.State.Pid }) } };
}

/** UpdateContainerResources. */
export function* updateResources(
  service: DockerService,
  p: Process,
  id: string,
  resources: LinuxContainerResources,
): Routine<RpcError | undefined> {
  const { Memory, MemorySwap, CpuShares, CpuQuota, CpuPeriod, CpusetCpus, CpusetMems } =
    resourcesOf(resources);
  const body = { Memory, MemorySwap, CpuShares, CpuQuota, CpuPeriod, CpusetCpus, CpusetMems };
  const updated = yield* engine(service, p).post(`/containers/${id}/update`, {}, body);
  return isCallError(updated) ? failed(updated, `failed to update container "${id}": `) : undefined;
}
