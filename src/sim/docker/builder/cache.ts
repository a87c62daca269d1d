// The build cache as `docker buildx du`, `docker system df` and `docker builder prune` see it.

import type { Routine } from '../../core/wait.ts';
import { rfc3339Fraction } from '../../core/time.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { ContainerdClient } from '../../containers/containerd/client.ts';
import { withLease } from '../../containers/containerd/with-lease.ts';
import { removeAll } from '../../containers/containerd/daemon.ts';
import { treeUsage } from '../../containers/images/layer.ts';
import { isRpcError } from '../../containers/rpc.ts';
import { inodeAtPath } from '../daemon/archive.ts';
import { imageGroups, openImage } from '../daemon/images.ts';
import type { Dockerd } from '../daemon/model.ts';
import { parseDuration } from '../units.ts';
import { type CacheRecord, chainOf } from './model.ts';

/** types.BuildCache of the Engine API. */
export interface CacheView {
  readonly ID: string;
  readonly Parents: readonly string[] | null;
  readonly Type: string;
  readonly Description: string;
  readonly InUse: boolean;
  readonly Shared: boolean;
  readonly Size: number;
  readonly CreatedAt: string;
  readonly LastUsedAt: string;
  readonly UsageCount: number;
  readonly Mutable: boolean;
}

/** Layers that images of the store are made of. */
function* imageLayers(daemon: Dockerd, p: Process): Routine<Set<string>> {
  const client = daemon.clientFor(p);
  const layers = new Set<string>();
  for (const records of (yield* imageGroups(client)).values()) {
    const [record] = records;
    const image = record && (yield* openImage(client, record.target, records));
    for (const diffId of image?.config.rootfs.diff_ids ?? []) layers.add(diffId);
  }
  return layers;
}

function* sizeOf(daemon: Dockerd, p: Process, record: CacheRecord): Routine<number> {
  if (record.directory !== undefined) {
    const inode = inodeAtPath(p, record.directory);
    return inode?.isDirectory ? treeUsage(inode).size : 0;
  }
  if (!record.ref) return record.size;
  const usage = yield* daemon.clientFor(p).snapshotUsage(chainOf(record.ref));
  return isRpcError(usage) ? 0 : usage.size;
}

function* viewOf(
  daemon: Dockerd,
  p: Process,
  record: CacheRecord,
  layers: ReadonlySet<string>,
): Routine<CacheView> {
  return {
    ID: record.id,
    Parents: record.parents.length > 0 ? record.parents : null,
    Type: record.type,
    Description: record.description,
    InUse: record.inUse,
    Shared: record.ref !== undefined && layers.has(record.ref.layers.at(-1)?.diffId ?? ''),
    Size: yield* sizeOf(daemon, p, record),
    CreatedAt: rfc3339Fraction(record.createdAt, 9),
    LastUsedAt: rfc3339Fraction(record.lastUsedAt, 9),
    UsageCount: record.usageCount,
    Mutable: record.mutable,
  };
}

/** All records, newest first. */
export function* cacheUsage(daemon: Dockerd, p: Process): Routine<CacheView[]> {
  const layers = yield* imageLayers(daemon, p);
  const views: CacheView[] = [];
  for (const record of daemon.builder.records.values())
    views.push(yield* viewOf(daemon, p, record, layers));
  return views.reverse();
}

export interface PruneRequest {
  readonly all: boolean;
  readonly filters: ReadonlyMap<string, readonly string[]>;
  /** Bytes that may stay. */
  readonly keep: number;
}

function passes(view: CacheView, request: PruneRequest, now: number): boolean {
  const { filters } = request;
  const until = filters.get('until')?.[0] ?? filters.get('unused-for')?.[0];
  if (until !== undefined) {
    const age = parseDuration(until) ?? 0;
    const used = (Date.parse(view.LastUsedAt) - Date.parse(rfc3339Fraction(now, 9))) * -1e6;
    if (used < age) return false;
  }
  const one = (name: string, value: string): boolean =>
    filters.get(name)?.every((wanted) => value === wanted || value.startsWith(wanted)) ?? true;
  return (
    one('id', view.ID) &&
    one('type', view.Type) &&
    one('inuse', String(view.InUse)) &&
    one('shared', String(view.Shared)) &&
    (filters.get('description')?.every((text) => view.Description.includes(text)) ?? true)
  );
}

interface Pruned {
  readonly ids: string[] | null;
  readonly size: number;
  readonly records: CacheView[];
}

/** Removes what nobody uses. The garbage collector takes it when the lease ends. */
export function* pruneCache(daemon: Dockerd, p: Process, request: PruneRequest): Routine<Pruned> {
  return yield* withLease(daemon.clientFor(p), (client) => prune(daemon, p, client, request));
}

/** Lets go of base images when nothing stands on them any more. */
function* releaseImages({ builder }: Dockerd, client: ContainerdClient): Routine<void> {
  if ([...builder.records.values()].some(({ ref }) => ref !== undefined)) return;
  for (const reference of builder.images) {
    const digest = reference.slice(reference.indexOf('@') + 1);
    yield* client.labelContent(digest, { 'containerd.io/gc.root': '' });
  }
  builder.images.clear();
}

function* prune(
  daemon: Dockerd,
  p: Process,
  client: ContainerdClient,
  request: PruneRequest,
): Routine<Pruned> {
  const { builder } = daemon;
  const views = yield* cacheUsage(daemon, p);
  const gone: CacheView[] = [];
  let left = views.reduce((sum, view) => sum + view.Size, 0);
  for (const view of views) {
    const record = builder.records.get(view.ID);
    const kept = request.keep > 0 && left <= request.keep;
    if (!record || record.inUse || kept || !passes(view, request, p.now)) continue;
    if (!request.all && (record.type === 'internal' || record.type === 'frontend')) continue;
    builder.forget(record);
    if (record.directory !== undefined && !isErrno(p.stat(record.directory)))
      removeAll(p, record.directory);
    if (record.ref && !view.Shared) {
      yield* client.labelSnapshot(chainOf(record.ref), { 'containerd.io/gc.root': '' });
      const blob = record.ref.layers.at(-1)?.blob.digest;
      if (blob !== undefined) yield* client.labelContent(blob, { 'containerd.io/gc.root': '' });
    }
    left -= view.Size;
    gone.push(view);
  }
  yield* releaseImages(daemon, client);
  const size = gone.reduce((sum, view) => sum + (view.Shared ? 0 : view.Size), 0);
  return { ids: gone.length > 0 ? gone.map(({ ID }) => ID) : null, size, records: gone };
}
