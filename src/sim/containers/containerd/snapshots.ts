// The overlayfs snapshotter: a directory for each snapshot, mounts that stack them, and their life from prepare to
// commit (services/snapshots, plugins/snapshots/overlay). The native snapshotter and remote ones are left out.

import { treeUsage } from '../images/layer.ts';
import type { RpcContext, RpcMethods } from '../rpc.ts';
import {
  alreadyExists,
  failedPrecondition,
  invalidArgument,
  isRpcError,
  notFound,
  type RpcError,
} from '../rpc.ts';
import { mergedLabels } from './content.ts';
import { type Containerd, inodeOf, makeDirectories, removeAll } from './daemon.ts';
import { fieldsOf, parseFilters } from './filters.ts';
import { addLeaseResource } from './leases.ts';
import { SNAPSHOT_DIRECTORY, type StoredSnapshot } from './metadata.ts';
import { unpackPending } from './pending.ts';
import { SNAPSHOT_SERVICE } from './service-names.ts';
import type { Labels, MountSpec, SnapshotInfo, SnapshotKind } from './types.ts';

/** Snapshotters that are loaded. */
export const SNAPSHOTTERS = [
  'overlayfs',
  'native',
  'blockfile',
  'btrfs',
  'erofs',
  'devmapper',
  'zfs',
] as const;
const LOADED = new Set<string>(['overlayfs', 'native']);

/** The snapshots of a namespace by name. */
export function snapshotsOf(
  daemon: Containerd,
  namespace: string,
  snapshotter: string,
): Map<string, StoredSnapshot> {
  const { snapshots } = daemon.data(namespace);
  let known = snapshots.get(snapshotter);
  if (!known) {
    known = new Map();
    snapshots.set(snapshotter, known);
  }
  return known;
}

/** The directory with a snapshot's own files. */
export function snapshotFiles(daemon: Containerd, directory: number): string {
  return `${daemon.root}/${SNAPSHOT_DIRECTORY}/snapshots/${directory}/fs`;
}

interface NewSnapshot {
  readonly key: string;
  readonly parent: string;
  readonly kind: SnapshotKind;
  readonly labels?: Labels;
}

/** Makes an active snapshot or a view on a committed parent. */
export function prepareSnapshot(
  daemon: Containerd,
  namespace: string,
  snapshotter: string,
  request: NewSnapshot,
): StoredSnapshot | RpcError {
  const known = snapshotsOf(daemon, namespace, snapshotter);
  const { key, parent, kind } = request;
  if (known.has(key)) return alreadyExists(`snapshot "${key}"`);
  const below = parent === '' ? undefined : known.get(parent);
  if (parent !== '' && !below) return notFound(`parent snapshot ${parent} does not exist`);
  if (below && below.info.kind !== 'Committed') {
    return invalidArgument(`parent "${parent}" is not committed snapshot`);
  }
  const directory = ++daemon.metadata.lastSnapshot;
  const info: SnapshotInfo = {
    name: key,
    parent,
    kind,
    createdAt: daemon.now,
    updatedAt: daemon.now,
    labels: request.labels ?? {},
  };
  const stored: StoredSnapshot = { info, directory };
  known.set(key, stored);
  const files = snapshotFiles(daemon, directory);
  makeDirectories(daemon.process, files, 0o755);
  const own = inodeOf(daemon.process, files);
  const lower = below && inodeOf(daemon.process, snapshotFiles(daemon, below.directory));
  if (own && lower) own.mode = lower.mode;
  if (kind === 'Active') daemon.process.mkdir(files.replace(/fs$/, 'work'), 0o711);
  return stored;
}

/** Turns an active snapshot into a committed one under another name. */
export function commitSnapshot(
  daemon: Containerd,
  namespace: string,
  snapshotter: string,
  request: { key: string; name: string; labels?: Labels; usage?: { size: number; inodes: number } },
): StoredSnapshot | RpcError {
  const known = snapshotsOf(daemon, namespace, snapshotter);
  const active = known.get(request.key);
  if (!active) return notFound(`snapshot ${request.key} does not exist`);
  if (active.info.kind !== 'Active')
    return failedPrecondition(`snapshot ${request.key} is not active`);
  if (known.has(request.name)) return alreadyExists(`snapshot "${request.name}"`);
  const root = inodeOf(daemon.process, snapshotFiles(daemon, active.directory));
  const usage = request.usage ?? (root ? treeUsage(root) : { size: 0, inodes: 0 });
  const info: SnapshotInfo = {
    ...active.info,
    name: request.name,
    kind: 'Committed',
    updatedAt: daemon.now,
    labels: { ...active.info.labels, ...request.labels },
  };
  const committed: StoredSnapshot = { info, directory: active.directory, usage };
  known.delete(request.key);
  known.set(request.name, committed);
  return committed;
}

/** The mounts that show a snapshot. */
export function snapshotMounts(
  daemon: Containerd,
  namespace: string,
  snapshotter: string,
  key: string,
): MountSpec[] | RpcError {
  const known = snapshotsOf(daemon, namespace, snapshotter);
  const snapshot = known.get(key);
  if (!snapshot) return notFound(`snapshot ${key} does not exist`);
  const parents: string[] = [];
  for (let at = known.get(snapshot.info.parent); at; at = known.get(at.info.parent)) {
    parents.push(snapshotFiles(daemon, at.directory));
  }
  const own = snapshotFiles(daemon, snapshot.directory);
  if (snapshot.info.kind === 'Active') {
    if (parents.length === 0) return [{ type: 'bind', source: own, options: ['rw', 'rbind'] }];
    const places = [
      `workdir=${own.replace(/fs$/, 'work')}`,
      `upperdir=${own}`,
      `lowerdir=${parents.join(':')}`,
    ];
    return [{ type: 'overlay', source: 'overlay', options: [...places, 'index=off'] }];
  }
  const lowers = snapshot.info.kind === 'View' ? parents : [own, ...parents];
  if (lowers.length <= 1) {
    return [{ type: 'bind', source: lowers[0] ?? own, options: ['ro', 'rbind'] }];
  }
  return [
    { type: 'overlay', source: 'overlay', options: [`lowerdir=${lowers.join(':')}`, 'index=off'] },
  ];
}

/** Removes a snapshot that nothing stands on. */
export function removeSnapshot(
  daemon: Containerd,
  namespace: string,
  snapshotter: string,
  key: string,
): RpcError | undefined {
  const known = snapshotsOf(daemon, namespace, snapshotter);
  const snapshot = known.get(key);
  if (!snapshot) return notFound(`snapshot ${key} does not exist`);
  for (const other of known.values()) {
    if (other.info.parent === key) return failedPrecondition('cannot remove snapshot with child');
  }
  known.delete(key);
  removeAll(daemon.process, snapshotFiles(daemon, snapshot.directory).replace(/\/fs$/, ''));
  return undefined;
}

interface SnapshotRequest {
  readonly snapshotter?: string;
  readonly key: string;
}

/** The loaded snapshotter that a request names. */
function snapshotterOf(request: { readonly snapshotter?: string }): string | RpcError {
  const name =
    request.snapshotter === undefined || request.snapshotter === ''
      ? 'overlayfs'
      : request.snapshotter;
  return LOADED.has(name) ? name : invalidArgument(`snapshotter not loaded: ${name}`);
}

function make(daemon: Containerd, kind: SnapshotKind) {
  return function* (
    request: SnapshotRequest & { parent?: string; labels?: Labels },
    context: RpcContext,
  ) {
    const snapshotter = snapshotterOf(request);
    if (isRpcError(snapshotter)) return snapshotter;
    const { namespace } = context;
    unpackPending(daemon, namespace);
    const { key, parent = '', labels = {} } = request;
    const made = prepareSnapshot(daemon, namespace, snapshotter, { key, parent, kind, labels });
    if (isRpcError(made)) return made;
    addLeaseResource(daemon, context, { id: key, type: `snapshots/${snapshotter}` });
    daemon.events.publish(namespace, '/snapshot/prepare', { key, parent, snapshotter });
    return { mounts: snapshotMounts(daemon, namespace, snapshotter, key) };
  };
}

/** The methods of the service. */
export function snapshotService(daemon: Containerd): RpcMethods {
  const at = SNAPSHOT_SERVICE;
  return {
    [`${at}Prepare`]: make(daemon, 'Active'),
    [`${at}View`]: make(daemon, 'View'),
    *[`${at}Mounts`](request: SnapshotRequest, { namespace }: RpcContext) {
      const snapshotter = snapshotterOf(request);
      if (isRpcError(snapshotter)) return snapshotter;
      unpackPending(daemon, namespace);
      const mounts = snapshotMounts(daemon, namespace, snapshotter, request.key);
      return isRpcError(mounts) ? mounts : { mounts };
    },
    *[`${at}Commit`](
      request: SnapshotRequest & { name: string; labels?: Labels },
      { namespace }: RpcContext,
    ) {
      const snapshotter = snapshotterOf(request);
      if (isRpcError(snapshotter)) return snapshotter;
      const committed = commitSnapshot(daemon, namespace, snapshotter, request);
      if (isRpcError(committed)) return committed;
      const { key, name } = request;
      daemon.events.publish(namespace, '/snapshot/commit', { key, name, snapshotter });
      return {};
    },
    *[`${at}Remove`](request: SnapshotRequest, { namespace }: RpcContext) {
      const snapshotter = snapshotterOf(request);
      if (isRpcError(snapshotter)) return snapshotter;
      unpackPending(daemon, namespace);
      const failure = removeSnapshot(daemon, namespace, snapshotter, request.key);
      if (failure) return failure;
      daemon.events.publish(namespace, '/snapshot/remove', { key: request.key, snapshotter });
      return {};
    },
    *[`${at}Stat`](request: SnapshotRequest, { namespace }: RpcContext) {
      const snapshotter = snapshotterOf(request);
      if (isRpcError(snapshotter)) return snapshotter;
      unpackPending(daemon, namespace);
      const stored = snapshotsOf(daemon, namespace, snapshotter).get(request.key);
      return stored ? { info: stored.info } : notFound(`snapshot ${request.key} does not exist`);
    },
    *[`${at}Update`](request: SnapshotRequest & { labels: Labels }, { namespace }: RpcContext) {
      const snapshotter = snapshotterOf(request);
      if (isRpcError(snapshotter)) return snapshotter;
      const known = snapshotsOf(daemon, namespace, snapshotter);
      const stored = known.get(request.key);
      if (!stored) return notFound(`snapshot ${request.key} does not exist`);
      const labels = mergedLabels(stored.info.labels, request.labels);
      const info = { ...stored.info, labels, updatedAt: daemon.now };
      known.set(request.key, { ...stored, info });
      return { info };
    },
    *[`${at}List`](
      request: { snapshotter?: string; filters?: readonly string[] },
      { namespace }: RpcContext,
    ) {
      const snapshotter = snapshotterOf(request);
      if (isRpcError(snapshotter)) return snapshotter;
      const filter = parseFilters(request.filters ?? []);
      if (isRpcError(filter)) return filter;
      unpackPending(daemon, namespace);
      const all = [...snapshotsOf(daemon, namespace, snapshotter).values()].map(
        (stored) => stored.info,
      );
      all.sort((a, b) => (a.name < b.name ? -1 : 1));
      const fields = (i: SnapshotInfo) =>
        fieldsOf({ name: i.name, parent: i.parent, kind: i.kind.toLowerCase() }, i.labels);
      return { info: all.filter((info) => filter(fields(info))) };
    },
    *[`${at}Usage`](request: SnapshotRequest, { namespace }: RpcContext) {
      const snapshotter = snapshotterOf(request);
      if (isRpcError(snapshotter)) return snapshotter;
      unpackPending(daemon, namespace);
      const stored = snapshotsOf(daemon, namespace, snapshotter).get(request.key);
      if (!stored) return notFound(`snapshot ${request.key} does not exist`);
      const root = stored.usage
        ? undefined
        : inodeOf(daemon.process, snapshotFiles(daemon, stored.directory));
      return stored.usage ?? (root ? treeUsage(root) : { size: 0, inodes: 0 });
    },
  };
}
