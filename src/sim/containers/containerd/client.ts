// containerd's client library: typed calls of the daemon's services, for ctr, dockerd and whoever else manages containers.

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import type { Digest } from '../images/oci.ts';
import { isRpcError, type RpcError, type RpcStream } from '../rpc.ts';
import { callRpc, type RpcTarget, streamRpc } from '../rpc-socket.ts';
import type { SpecProcess, SpecResources } from '../runc/spec.ts';
import { CONTAINERD_ADDRESS } from './metadata.ts';
import {
  CONTAINER_SERVICE,
  CONTENT_SERVICE,
  EVENT_SERVICE,
  IMAGE_SERVICE,
  LEASE_SERVICE,
  NAMESPACE_SERVICE,
  SNAPSHOT_SERVICE,
  TASK_SERVICE,
  UNPACK_METHOD,
  VERSION_METHOD,
} from './service-names.ts';
import type {
  ContainerRecord,
  ContentInfo,
  ExitState,
  ImageRecord,
  Labels,
  LeaseRecord,
  LeaseResource,
  MountSpec,
  ProcessState,
  SnapshotInfo,
  StdioPaths,
} from './types.ts';

type Answer<T> = Routine<T | RpcError>;

/** A new container record; times are set by the daemon. */
export type NewContainer = Omit<ContainerRecord, 'createdAt' | 'updatedAt'>;
/** A new image record. */
export type NewImage = Pick<ImageRecord, 'name' | 'target' | 'labels'>;

/** Where a client's calls go. */
export interface ClientOptions {
  readonly address?: string;
  readonly namespace: string;
  readonly lease?: string | undefined;
}

/** A client for one process, namespace and lease. Each call opens a connection of its own. */
export class ContainerdClient {
  readonly process: Process;
  readonly target: RpcTarget;

  constructor(process: Process, options: ClientOptions) {
    this.process = process;
    this.target = {
      address: options.address ?? CONTAINERD_ADDRESS,
      namespace: options.namespace,
      lease: options.lease,
    };
  }

  /** The same client for another thread's process, or with a lease. */
  with(change: {
    readonly process?: Process;
    readonly lease?: string;
    readonly namespace?: string;
  }): ContainerdClient {
    const { address, namespace = '', lease } = this.target;
    return new ContainerdClient(change.process ?? this.process, {
      address,
      namespace: change.namespace ?? namespace,
      lease: change.lease ?? lease,
    });
  }

  call<T>(method: string, request: unknown): Answer<T> {
    return callRpc<T>(this.process, this.target, method, request);
  }
  private *field<K extends string, T>(method: string, request: unknown, name: K): Answer<T> {
    const reply = yield* this.call<Record<K, T>>(method, request);
    return isRpcError(reply) ? reply : reply[name];
  }

  version(): Answer<{ version: string; revision: string }> {
    return this.call(VERSION_METHOD, {});
  }
  namespaces(): Answer<{ name: string; labels: Labels }[]> {
    return this.field(`${NAMESPACE_SERVICE}List`, {}, 'namespaces');
  }
  createNamespace(name: string, labels: Labels = {}): Answer<object> {
    return this.call(`${NAMESPACE_SERVICE}Create`, { name, labels });
  }
  deleteNamespace(name: string): Answer<object> {
    return this.call(`${NAMESPACE_SERVICE}Delete`, { name });
  }
  labelNamespace(name: string, labels: Labels): Answer<object> {
    return this.call(`${NAMESPACE_SERVICE}Update`, { name, labels });
  }

  contentInfo(digest: Digest): Answer<ContentInfo> {
    return this.field(`${CONTENT_SERVICE}Info`, { digest }, 'info');
  }
  listContent(filters: readonly string[] = []): Answer<ContentInfo[]> {
    return this.field(`${CONTENT_SERVICE}List`, { filters }, 'info');
  }
  /** The bytes of a blob: shared, not to be changed. */
  readContent(digest: Digest): Answer<Uint8Array> {
    return this.field(`${CONTENT_SERVICE}Read`, { digest }, 'data');
  }
  /** Writes a whole blob. `size` is what its descriptor declares. AlreadyExists is an RpcError as any other. */
  writeContent(blob: {
    ref: string;
    bytes: Uint8Array;
    expected?: Digest;
    size?: number;
    labels?: Labels;
  }): Answer<{ digest: Digest }> {
    return this.call(`${CONTENT_SERVICE}Write`, blob);
  }
  labelContent(digest: Digest, labels: Labels): Answer<ContentInfo> {
    return this.field(`${CONTENT_SERVICE}Update`, { digest, labels }, 'info');
  }
  /** Keeps a blob from the garbage collector for as long as the client's lease lasts, if it is there. */
  *keepContent(digest: Digest): Routine<void> {
    const { lease } = this.target;
    if (lease !== undefined) yield* this.addLeaseResource(lease, { id: digest, type: 'content' });
  }
  deleteContent(digest: Digest): Answer<object> {
    return this.call(`${CONTENT_SERVICE}Delete`, { digest });
  }

  image(name: string): Answer<ImageRecord> {
    return this.field(`${IMAGE_SERVICE}Get`, { name }, 'image');
  }
  images(filters: readonly string[] = []): Answer<ImageRecord[]> {
    return this.field(`${IMAGE_SERVICE}List`, { filters }, 'images');
  }
  createImage(image: NewImage): Answer<ImageRecord> {
    return this.field(`${IMAGE_SERVICE}Create`, { image }, 'image');
  }
  updateImage(image: NewImage): Answer<ImageRecord> {
    return this.field(`${IMAGE_SERVICE}Update`, { image }, 'image');
  }
  /** Creates or replaces a name. */
  *putImage(image: NewImage): Answer<ImageRecord> {
    const created = yield* this.createImage(image);
    if (!isRpcError(created) || created.code !== 'AlreadyExists') return created;
    return yield* this.updateImage(image);
  }
  deleteImage(name: string, sync = false): Answer<object> {
    return this.call(`${IMAGE_SERVICE}Delete`, { name, sync });
  }
  /** Unpacks a manifest's layers into snapshots; the chain id of the topmost. */
  unpack(manifest: Digest, snapshotter = 'overlayfs'): Answer<string> {
    return this.field(UNPACK_METHOD, { manifest, snapshotter }, 'chainId');
  }

  prepareSnapshot(request: {
    key: string;
    parent?: string;
    labels?: Labels;
    snapshotter?: string;
  }): Answer<MountSpec[]> {
    return this.field(`${SNAPSHOT_SERVICE}Prepare`, request, 'mounts');
  }
  viewSnapshot(request: {
    key: string;
    parent?: string;
    labels?: Labels;
    snapshotter?: string;
  }): Answer<MountSpec[]> {
    return this.field(`${SNAPSHOT_SERVICE}View`, request, 'mounts');
  }
  snapshotMounts(key: string, snapshotter?: string): Answer<MountSpec[]> {
    return this.field(`${SNAPSHOT_SERVICE}Mounts`, { key, snapshotter }, 'mounts');
  }
  commitSnapshot(request: {
    key: string;
    name: string;
    labels?: Labels;
    snapshotter?: string;
  }): Answer<object> {
    return this.call(`${SNAPSHOT_SERVICE}Commit`, request);
  }
  removeSnapshot(key: string, snapshotter?: string): Answer<object> {
    return this.call(`${SNAPSHOT_SERVICE}Remove`, { key, snapshotter });
  }
  snapshotInfo(key: string, snapshotter?: string): Answer<SnapshotInfo> {
    return this.field(`${SNAPSHOT_SERVICE}Stat`, { key, snapshotter }, 'info');
  }
  labelSnapshot(key: string, labels: Labels, snapshotter?: string): Answer<SnapshotInfo> {
    return this.field(`${SNAPSHOT_SERVICE}Update`, { key, labels, snapshotter }, 'info');
  }
  snapshots(snapshotter?: string, filters: readonly string[] = []): Answer<SnapshotInfo[]> {
    return this.field(`${SNAPSHOT_SERVICE}List`, { snapshotter, filters }, 'info');
  }
  snapshotUsage(key: string, snapshotter?: string): Answer<{ size: number; inodes: number }> {
    return this.call(`${SNAPSHOT_SERVICE}Usage`, { key, snapshotter });
  }

  container(id: string): Answer<ContainerRecord> {
    return this.field(`${CONTAINER_SERVICE}Get`, { id }, 'container');
  }
  containers(filters: readonly string[] = []): Answer<ContainerRecord[]> {
    return this.field(`${CONTAINER_SERVICE}List`, { filters }, 'containers');
  }
  createContainer(container: NewContainer): Answer<ContainerRecord> {
    return this.field(`${CONTAINER_SERVICE}Create`, { container }, 'container');
  }
  updateContainer(container: NewContainer): Answer<ContainerRecord> {
    return this.field(`${CONTAINER_SERVICE}Update`, { container }, 'container');
  }
  deleteContainer(id: string): Answer<object> {
    return this.call(`${CONTAINER_SERVICE}Delete`, { id });
  }

  createTask(
    request: StdioPaths & { containerId: string; rootfs?: readonly MountSpec[] },
  ): Answer<{ pid: number }> {
    return this.call(`${TASK_SERVICE}Create`, request);
  }
  startTask(containerId: string, execId = ''): Answer<{ pid: number }> {
    return this.call(`${TASK_SERVICE}Start`, { containerId, execId });
  }
  task(containerId: string, execId = ''): Answer<ProcessState> {
    return this.field(`${TASK_SERVICE}Get`, { containerId, execId }, 'process');
  }
  tasks(): Answer<ProcessState[]> {
    return this.field(`${TASK_SERVICE}List`, {}, 'tasks');
  }
  killTask(
    containerId: string,
    signal: number,
    options: { all?: boolean; execId?: string } = {},
  ): Answer<object> {
    return this.call(`${TASK_SERVICE}Kill`, { containerId, signal, ...options });
  }
  deleteTask(containerId: string): Answer<ProcessState> {
    return this.call(`${TASK_SERVICE}Delete`, { containerId });
  }
  deleteExec(containerId: string, execId: string): Answer<ProcessState> {
    return this.call(`${TASK_SERVICE}DeleteProcess`, { containerId, execId });
  }
  exec(
    request: StdioPaths & { containerId: string; execId: string; spec: SpecProcess },
  ): Answer<object> {
    return this.call(`${TASK_SERVICE}Exec`, request);
  }
  /** Blocks until the process has ended. */
  waitTask(containerId: string, execId = ''): Answer<ExitState> {
    return this.call(`${TASK_SERVICE}Wait`, { containerId, execId });
  }
  pauseTask(containerId: string): Answer<object> {
    return this.call(`${TASK_SERVICE}Pause`, { containerId });
  }
  resumeTask(containerId: string): Answer<object> {
    return this.call(`${TASK_SERVICE}Resume`, { containerId });
  }
  updateTask(containerId: string, resources: SpecResources): Answer<object> {
    return this.call(`${TASK_SERVICE}Update`, { containerId, resources });
  }
  taskPids(containerId: string): Answer<{ pid: number; execId?: string }[]> {
    return this.field(`${TASK_SERVICE}ListPids`, { containerId }, 'processes');
  }
  resizePty(
    containerId: string,
    size: { width: number; height: number },
    execId = '',
  ): Answer<object> {
    return this.call(`${TASK_SERVICE}ResizePty`, { containerId, execId, ...size });
  }
  closeStdin(containerId: string, execId = ''): Answer<object> {
    return this.call(`${TASK_SERVICE}CloseIO`, { containerId, execId, stdin: true });
  }

  createLease(id: string, labels: Labels = {}): Answer<LeaseRecord> {
    return this.field(`${LEASE_SERVICE}Create`, { id, labels }, 'lease');
  }
  deleteLease(id: string, sync = false): Answer<object> {
    return this.call(`${LEASE_SERVICE}Delete`, { id, sync });
  }
  leases(filters: readonly string[] = []): Answer<LeaseRecord[]> {
    return this.field(`${LEASE_SERVICE}List`, { filters }, 'leases');
  }
  addLeaseResource(id: string, resource: LeaseResource): Answer<object> {
    return this.call(`${LEASE_SERVICE}AddResource`, { id, resource });
  }

  /** A stream of EventEnvelopes. */
  events(filters: readonly string[] = []): Answer<RpcStream> {
    return streamRpc(this.process, this.target, `${EVENT_SERVICE}Subscribe`, { filters });
  }
  publish(topic: string, event: Readonly<Record<string, unknown>>): Answer<object> {
    return this.call(`${EVENT_SERVICE}Publish`, { topic, event });
  }
}
