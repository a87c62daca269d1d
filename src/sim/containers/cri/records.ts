// The containerd records behind the CRI's sandboxes and containers: a snapshot and a container each.

import type { Containerd } from '../containerd/daemon.ts';
import { prepareSnapshot, removeSnapshot, snapshotMounts } from '../containerd/snapshots.ts';
import type { ContainerRecord, MountSpec } from '../containerd/types.ts';
import { unpackImage } from '../containerd/unpack.ts';
import { isRpcError, type RpcError } from '../rpc.ts';
import type { Spec } from '../runc/spec.ts';
import type { KnownImage } from './images.ts';
import { CRI_NAMESPACE } from './store.ts';
import type { StringMap } from './types.ts';

const SNAPSHOTTER = 'overlayfs';

/** Prepares the writable snapshot of a container on its image; its mounts. */
export function prepareRootfs(
  daemon: Containerd,
  id: string,
  image: KnownImage,
): MountSpec[] | RpcError {
  const parent = unpackImage(daemon, CRI_NAMESPACE, image.manifest);
  if (isRpcError(parent)) return parent;
  const made = prepareSnapshot(daemon, CRI_NAMESPACE, SNAPSHOTTER, {
    key: id,
    parent,
    kind: 'Active',
  });
  return isRpcError(made) ? made : snapshotMounts(daemon, CRI_NAMESPACE, SNAPSHOTTER, id);
}

export interface NewRecord {
  readonly id: string;
  readonly image: KnownImage;
  readonly spec: Spec;
  readonly kind: 'sandbox' | 'container';
  readonly labels: StringMap;
  readonly sandboxId: string;
}

/** Adds a container record, with a snapshot where there is none yet. */
export function addRecord(daemon: Containerd, request: NewRecord): ContainerRecord | RpcError {
  const { id, image, spec, kind, labels, sandboxId } = request;
  const { containers, snapshots } = daemon.data(CRI_NAMESPACE);
  if (!snapshots.get(SNAPSHOTTER)?.has(id)) {
    const prepared = prepareRootfs(daemon, id, image);
    if (isRpcError(prepared)) return prepared;
  }
  const record: ContainerRecord = {
    id,
    labels: { 'io.cri-containerd.kind': kind, ...labels },
    image: image.names.find((name) => !name.startsWith('sha256:')) ?? image.id,
    runtime: { name: 'io.containerd.runc.v2' },
    spec,
    snapshotter: SNAPSHOTTER,
    snapshotKey: id,
    sandboxId,
    extensions: {},
    createdAt: daemon.now,
    updatedAt: daemon.now,
  };
  containers.set(id, record);
  daemon.events.publish(CRI_NAMESPACE, '/containers/create', {
    id,
    image: record.image,
    runtime: { name: record.runtime.name },
  });
  return record;
}

/** Removes a record and its snapshot. */
export function removeRecord(daemon: Containerd, id: string): void {
  removeSnapshot(daemon, CRI_NAMESPACE, SNAPSHOTTER, id);
  if (!daemon.data(CRI_NAMESPACE).containers.delete(id)) return;
  daemon.events.publish(CRI_NAMESPACE, '/containers/delete', { id });
}
