// File systems of steps: a snapshot on the layers below, changed, and made into a layer (BuildKit's cache manager with
// the overlay differ): what was removed becomes whiteouts, an opaque directory one for each name below it.

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { S_IFDIR, S_IFMT } from '../../kernel/files/inode.ts';
import type { ContainerdClient } from '../../containers/containerd/client.ts';
import { makeDirectories } from '../../containers/containerd/daemon.ts';
import type { MountSpec } from '../../containers/containerd/types.ts';
import {
  applyLayer,
  inodeAt,
  OPAQUE_XATTR,
  readLayer,
  treeEntries,
  whiteoutEntry,
} from '../../containers/images/layer.ts';
import { chainIds, digestOf, MEDIA_TYPES } from '../../containers/images/oci.ts';
import { type TarEntry, writeTar } from '../../containers/images/tar.ts';
import { mountAll, unmountAll } from '../../containers/mounts.ts';
import { isRpcError } from '../../containers/rpc.ts';
import { gzip } from '../../userland/libc/gzip.ts';
import { inodeAtPath } from '../daemon/archive.ts';
import { BuildError } from './dockerfile/errors.ts';
import { type Builder, BUILDKIT_ROOT, chainOf, type Layer, type Ref } from './model.ts';

const LABELS = { 'containerd.io/gc.root': 'buildkit' };
const OPAQUE_NAME = /(^|\/)\.wh\.\.wh\.\.opq$/;

/** A snapshot that a step may write to. */
export interface Active {
  readonly key: string;
  readonly base: Ref;
  readonly mounts: readonly MountSpec[];
}

/** Prepares a snapshot on a result. */
export function* prepare(builder: Builder, client: ContainerdClient, base: Ref): Routine<Active> {
  const key = builder.newId();
  const mounts = yield* client.prepareSnapshot({ key, parent: chainOf(base), labels: LABELS });
  if (isRpcError(mounts)) throw new BuildError(mounts.message);
  return { key, base, mounts };
}

/** Lets a snapshot go without making anything of it. */
export function* discard(client: ContainerdClient, active: Active): Routine<void> {
  yield* client.removeSnapshot(active.key);
}

/** Mounts what `look` needs below one directory, for as long as it runs. */
export function* mounted<T>(
  p: Process,
  builder: Builder,
  mounts: readonly MountSpec[],
  look: (root: string) => Routine<T>,
): Routine<T> {
  const directory = `${BUILDKIT_ROOT}/tmp/${builder.newId()}`;
  makeDirectories(p, directory, 0o700);
  mountAll(p, mounts, directory);
  try {
    return yield* look(directory);
  } finally {
    unmountAll(p, directory);
    p.rmdir(directory);
  }
}

/** Looks at a result; scratch is an empty directory. */
export function* viewed<T>(
  p: Process,
  builder: Builder,
  client: ContainerdClient,
  ref: Ref,
  look: (root: string) => Routine<T>,
): Routine<T> {
  if (ref.layers.length === 0) return yield* mounted(p, builder, [], look);
  const key = builder.newId();
  const mounts = yield* client.viewSnapshot({ key, parent: chainOf(ref), labels: LABELS });
  if (isRpcError(mounts)) throw new BuildError(mounts.message);
  try {
    return yield* mounted(p, builder, mounts, look);
  } finally {
    yield* client.removeSnapshot(key);
  }
}

/** The directory with a snapshot's own files. */
function upperOf([mount]: readonly MountSpec[]): string {
  const upper = mount?.options.find((option) => option.startsWith('upperdir='))?.slice(9);
  return upper ?? mount?.source ?? '';
}

/** A directory that was only copied up, for a file that came and went, is no change. */
function dropCopiedUp(p: Process, upper: string, lower: string): void {
  const walk = (path: string): void => {
    const items = p.readdir(`${upper}${path}`);
    for (const { name } of isErrno(items) ? [] : items) {
      if (name === '.' || name === '..') continue;
      const full = `${path}/${name}`;
      const own = p.lstat(`${upper}${full}`);
      if (isErrno(own) || (own.mode & S_IFMT) !== S_IFDIR) continue;
      walk(full);
      const below = p.lstat(`${lower}${full}`);
      const opaque = !isErrno(p.getxattr(`${upper}${full}`, OPAQUE_XATTR));
      const same =
        !isErrno(below) &&
        below.mode === own.mode &&
        below.uid === own.uid &&
        below.gid === own.gid;
      if (same && !opaque) p.rmdir(`${upper}${full}`);
    }
  };
  walk('');
}

/** Opaque directories as whiteouts of what they hide. */
function explicitWhiteouts(
  p: Process,
  entries: readonly TarEntry[],
  lower: string | undefined,
): TarEntry[] {
  const names = new Set(entries.map(({ name }) => name));
  const inode = lower === undefined ? undefined : inodeAtPath(p, lower);
  return entries.flatMap((entry) => {
    if (!OPAQUE_NAME.test(entry.name)) return [entry];
    const path = entry.name.replace(OPAQUE_NAME, '');
    const hidden = inode && inodeAt(inode, path);
    if (!hidden?.isDirectory) return [];
    return [...hidden.entries(undefined)]
      .map(({ name }) => name)
      .sort()
      .filter((name) => !names.has(`${path}/${name}`))
      .map((name) => whiteoutEntry(`${path}/.wh.${name}`));
  });
}

/** Stores a layer's archive; its descriptor. */
function* storeLayer(client: ContainerdClient, tar: Uint8Array): Routine<Layer['blob']> {
  const bytes = gzip(tar);
  const digest = digestOf(bytes);
  const labels = { 'containerd.io/gc.root': 'buildkit' };
  yield* client.writeContent({ ref: digest, bytes, labels });
  return { mediaType: MEDIA_TYPES.ociLayerGzip, digest, size: bytes.length };
}

/** Makes a layer of what was changed in a snapshot. */
export function* commit(
  p: Process,
  builder: Builder,
  client: ContainerdClient,
  active: Active,
): Routine<Ref> {
  const upper = upperOf(active.mounts);
  const { base } = active;
  const archive = (lower: string | undefined): Uint8Array => {
    if (lower !== undefined) dropCopiedUp(p, upper, lower);
    const inode = inodeAtPath(p, upper);
    return writeTar(explicitWhiteouts(p, inode ? treeEntries(inode) : [], lower));
  };
  const tar =
    base.layers.length === 0
      ? archive(undefined)
      : yield* viewed(p, builder, client, base, function* (root) {
          return archive(root);
        });
  const diffId = digestOf(tar);
  const blob = yield* storeLayer(client, tar);
  const below = base.layers.map((layer) => layer.diffId);
  const chainId = chainIds([...below, diffId]).at(-1) ?? '';
  const known = yield* client.snapshotInfo(chainId);
  if (isRpcError(known)) {
    yield* client.commitSnapshot({ key: active.key, name: chainId, labels: LABELS });
  } else {
    yield* client.labelSnapshot(chainId, LABELS);
    yield* discard(client, active);
  }
  return { layers: [...base.layers, { diffId, blob, chainId, createdAt: p.now }] };
}

/** Puts a layer of one result onto another result (BuildKit's merge). */
export function* stack(
  p: Process,
  builder: Builder,
  client: ContainerdClient,
  base: Ref,
  top: Ref,
): Routine<Ref> {
  let result = base;
  for (const layer of top.layers) {
    const bytes = yield* client.readContent(layer.blob.digest);
    if (isRpcError(bytes)) throw new BuildError(bytes.message);
    const entries = readLayer(bytes);
    if (typeof entries === 'string') throw new BuildError(entries);
    const active = yield* prepare(builder, client, result);
    const root = inodeAtPath(p, upperOf(active.mounts));
    if (root) applyLayer(root, entries, 'overlay');
    const made = yield* commit(p, builder, client, active);
    const last = made.layers.at(-1);
    if (last) result = { layers: [...result.layers, { ...last, createdAt: layer.createdAt }] };
  }
  return result;
}

/** True where a result's snapshot is still there. */
export function* isThere(client: ContainerdClient, ref: Ref): Routine<boolean> {
  const chain = chainOf(ref);
  return chain === '' || !isRpcError(yield* client.snapshotInfo(chain));
}
