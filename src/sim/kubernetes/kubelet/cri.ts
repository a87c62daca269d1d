// The kubelet's side of the CRI: typed calls of runtime.v1 over the runtime's socket, and what there is of one pod.

import type { ContainerEvent } from '../../containers/cri/events.ts';
import type { ExecSyncReply } from '../../containers/cri/exec.ts';
import type {
  ContainerConfig,
  ContainerStatus,
  CriContainer,
  CriImage,
  LinuxContainerResources,
  PodSandbox,
  PodSandboxConfig,
  PodSandboxStatus,
  StringMap,
} from '../../containers/cri/types.ts';
import { isRpcError, type RpcError, type RpcStream } from '../../containers/rpc.ts';
import { callRpc, streamRpc } from '../../containers/rpc-socket.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';

const RUNTIME = '/runtime.v1.RuntimeService/';
const IMAGES = '/runtime.v1.ImageService/';

/** The labels by which the kubelet finds its own. */
export const LABELS = {
  pod: 'io.kubernetes.pod.name',
  namespace: 'io.kubernetes.pod.namespace',
  uid: 'io.kubernetes.pod.uid',
  container: 'io.kubernetes.container.name',
} as const;

/** RuntimeReady or NetworkReady. */
export interface RuntimeCondition {
  readonly type: string;
  readonly status: boolean;
  readonly reason: string;
  readonly message: string;
}

type Answer<T> = Routine<T | RpcError>;

/** A container's status with the sandbox that it is in. */
export interface Observed extends ContainerStatus {
  readonly sandboxId: string;
  /** The runtime's name: containerd, docker. */
  readonly runtime: string;
}

/** What the runtime says of itself (VersionResponse). */
export interface RuntimeVersion {
  readonly runtimeName: string;
  readonly runtimeVersion: string;
}

/** A handler of the runtime with what it can do (RuntimeHandler). */
export interface RuntimeHandler {
  readonly name: string;
  readonly features: Readonly<Record<string, boolean>>;
}

/** What the runtime has of one pod. */
export interface PodObservation {
  /** Newest first. */
  readonly sandboxes: readonly PodSandbox[];
  /** The newest sandbox's address, where it is ready. */
  readonly ip: string;
  /** By container name, newest first. */
  readonly containers: ReadonlyMap<string, readonly Observed[]>;
}

export class CriClient {
  private readonly process: Process;
  private readonly target: { readonly address: string };
  private runtimeName = '';

  /** `address` is the path of the runtime's socket. */
  constructor(process: Process, address: string) {
    this.process = process;
    this.target = { address };
  }

  private call<T>(method: string, request: unknown): Answer<T> {
    return callRpc<T>(this.process, this.target, method, request);
  }
  private *field<T>(method: string, request: unknown, name: string): Answer<T> {
    const reply = yield* this.call<Record<string, T>>(method, request);
    return isRpcError(reply) ? reply : (reply[name] as T);
  }

  runSandbox(config: PodSandboxConfig): Answer<string> {
    return this.field(`${RUNTIME}RunPodSandbox`, { config }, 'podSandboxId');
  }
  stopSandbox(podSandboxId: string): Answer<object> {
    return this.call(`${RUNTIME}StopPodSandbox`, { podSandboxId });
  }
  removeSandbox(podSandboxId: string): Answer<object> {
    return this.call(`${RUNTIME}RemovePodSandbox`, { podSandboxId });
  }
  sandboxes(labelSelector: StringMap = {}): Answer<PodSandbox[]> {
    return this.field(`${RUNTIME}ListPodSandbox`, { filter: { labelSelector } }, 'items');
  }
  sandboxStatus(podSandboxId: string): Answer<PodSandboxStatus> {
    return this.field(`${RUNTIME}PodSandboxStatus`, { podSandboxId }, 'status');
  }
  createContainer(
    podSandboxId: string,
    config: ContainerConfig,
    sandboxConfig: PodSandboxConfig,
  ): Answer<string> {
    const request = { podSandboxId, config, sandboxConfig };
    return this.field(`${RUNTIME}CreateContainer`, request, 'containerId');
  }
  startContainer(containerId: string): Answer<object> {
    return this.call(`${RUNTIME}StartContainer`, { containerId });
  }
  /** `timeout` in seconds. */
  stopContainer(containerId: string, timeout: number): Answer<object> {
    return this.call(`${RUNTIME}StopContainer`, { containerId, timeout });
  }
  removeContainer(containerId: string): Answer<object> {
    return this.call(`${RUNTIME}RemoveContainer`, { containerId });
  }
  containers(labelSelector: StringMap = {}): Answer<CriContainer[]> {
    return this.field(`${RUNTIME}ListContainers`, { filter: { labelSelector } }, 'containers');
  }
  containerStatus(containerId: string): Answer<ContainerStatus> {
    return this.field(`${RUNTIME}ContainerStatus`, { containerId }, 'status');
  }
  /** `timeout` in seconds; 0 for none. */
  execSync(containerId: string, cmd: readonly string[], timeout: number): Answer<ExecSyncReply> {
    return this.call(`${RUNTIME}ExecSync`, { containerId, cmd, timeout });
  }
  updateResources(containerId: string, linux: LinuxContainerResources): Answer<object> {
    return this.call(`${RUNTIME}UpdateContainerResources`, { containerId, linux });
  }
  /** The URL at which a stream of Exec, Attach or PortForward can be taken up. */
  stream(method: 'Exec' | 'Attach' | 'PortForward', request: object): Answer<string> {
    return this.field(`${RUNTIME}${method}`, request, 'url');
  }
  podStats(): Answer<unknown[]> {
    return this.field(`${RUNTIME}ListPodSandboxStats`, {}, 'stats');
  }
  containerStats(): Answer<unknown[]> {
    return this.field(`${RUNTIME}ListContainerStats`, {}, 'stats');
  }
  status(): Answer<{ conditions: RuntimeCondition[] }> {
    return this.field(`${RUNTIME}Status`, {}, 'status');
  }
  handlers(): Answer<RuntimeHandler[]> {
    return this.field(`${RUNTIME}Status`, {}, 'runtimeHandlers');
  }
  /** Version; the runtime's name stands in the ids of its containers from now on. */
  *version(): Answer<RuntimeVersion> {
    const found = yield* this.call<RuntimeVersion>(`${RUNTIME}Version`, {});
    if (!isRpcError(found)) this.runtimeName = found.runtimeName;
    return found;
  }
  /** Container events from now on; each is `{ containerId, containerEventType, podSandboxId }`. */
  events(): Answer<RpcStream> {
    return streamRpc(this.process, this.target, `${RUNTIME}GetContainerEvents`, {});
  }
  images(): Answer<CriImage[]> {
    return this.field(`${IMAGES}ListImages`, {}, 'images');
  }
  image(image: string): Answer<CriImage | null> {
    return this.field(`${IMAGES}ImageStatus`, { image: { image } }, 'image');
  }
  pull(image: string): Answer<string> {
    return this.field(`${IMAGES}PullImage`, { image: { image } }, 'imageRef');
  }

  /** Everything the runtime has of a pod. */
  *observe(uid: string): Answer<PodObservation> {
    const labels = { [LABELS.uid]: uid };
    const found = yield* this.sandboxes(labels);
    if (isRpcError(found)) return found;
    const sandboxes = [...found].sort((a, b) => b.metadata.attempt - a.metadata.attempt);
    const [newest] = sandboxes;
    let ip = '';
    if (newest?.state === 'SANDBOX_READY') {
      const status = yield* this.sandboxStatus(newest.id);
      if (!isRpcError(status)) ip = status.network.ip;
    }
    const listed = yield* this.containers(labels);
    if (isRpcError(listed)) return listed;
    const containers = new Map<string, Observed[]>();
    for (const { id, podSandboxId, metadata } of listed) {
      const status = yield* this.containerStatus(id);
      if (isRpcError(status)) continue;
      const list = containers.get(metadata.name) ?? [];
      list.push({ ...status, sandboxId: podSandboxId, runtime: this.runtimeName });
      containers.set(metadata.name, list);
    }
    const attempt = (status: Observed): number => status.metadata.attempt ?? 0;
    for (const list of containers.values()) list.sort((a, b) => attempt(b) - attempt(a));
    return { sandboxes, ip, containers };
  }
}

/** What GetContainerEvents tells. */
export type { ContainerEvent };
