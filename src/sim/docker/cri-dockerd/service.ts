// What the parts of cri-dockerd share (core.dockerService): the Engine API, which sandboxes have their network, the answers
// that are no messages of the CRI.

import { notFound, RpcError } from '../../containers/rpc.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { Api, type CallError, isCallError } from '../cli/api.ts';
import type { ContainerConfig, HostConfig, MountPoint } from '../daemon/types.ts';

/** The part of GET /containers/ID/json that is read. */
export interface Inspection {
  readonly Id: string;
  readonly Name: string;
  readonly Created: string;
  readonly Image: string;
  readonly LogPath: string;
  readonly ResolvConfPath: string;
  readonly State: {
    readonly Running: boolean;
    readonly OOMKilled: boolean;
    readonly Pid: number;
    readonly ExitCode: number;
    readonly Error: string;
    readonly StartedAt: string;
    readonly FinishedAt: string;
  };
  readonly HostConfig: HostConfig;
  readonly Config: ContainerConfig;
  readonly Mounts: readonly MountPoint[];
}

/** The part of an element of GET /containers/json that is read. */
export interface Summary {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Image: string;
  readonly ImageID: string;
  readonly Created: number;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Status: string;
}

/** One running cri-dockerd. */
export interface DockerService {
  readonly process: Process;
  /** --pod-infra-container-image. */
  readonly sandboxImage: string;
  readonly dockerSocket: string;
  /** Whether a sandbox has its network; none for those of an earlier run. */
  readonly networkReady: Map<string, boolean>;
  /** The addresses that the plugins gave. */
  readonly addresses: Map<string, string>;
}

/** The Engine API for a thread. */
export function engine(service: DockerService, thread: Process): Api {
  return new Api(thread, service.dockerSocket);
}

/** An error of the Engine API as gRPC carries it: a plain Go error is Unknown. */
export function failed(error: CallError, before = ''): RpcError {
  return new RpcError('Unknown', `${before}${error.text}`);
}

/** True where the container is not there (libdocker.IsContainerNotFoundError). */
export function isMissing(error: unknown): boolean {
  return isCallError(error) && error.status === 404;
}

/** GET /containers/ID/json. */
export function inspect(
  service: DockerService,
  thread: Process,
  id: string,
): Routine<Inspection | CallError> {
  return engine(service, thread).get<Inspection>(`/containers/${encodeURIComponent(id)}/json`);
}

/** Containers with all of some labels, whether they run or not. */
export function list(
  service: DockerService,
  thread: Process,
  labels: Readonly<Record<string, string>>,
  more: Readonly<Record<string, readonly string[]>> = {},
): Routine<readonly Summary[] | CallError> {
  const label = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  const filters = JSON.stringify({ ...more, label });
  return engine(service, thread).get('/containers/json', { all: true, filters });
}

/** The container that a request names, where it runs (libdocker.CheckContainerStatus). */
export function* runningContainer(
  service: DockerService,
  thread: Process,
  id: string,
): Routine<Inspection | RpcError> {
  const found = yield* inspect(service, thread, id);
  if (isCallError(found)) return isMissing(found) ? notFound(found.text) : failed(found);
  if (!found.State.Running) return new RpcError('Unknown', `container not running (${found.Id})`);
  return found;
}
