// A look at containerd's images: which layers each is made of, and which containers stand on it. Read from the
// metadata, by the references that its garbage collector follows.

import {
  CONTAINERD_ROOT,
  METADATA_DIRECTORY,
  type Metadata,
  metadataOf,
  type NamespaceData,
} from '../../containers/containerd/metadata.ts';
import type { Inode } from '../../kernel/files/inode.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Machine } from '../machine.ts';
import type { ImageLook, LayerLook } from './looks.ts';

const CONTENT_REFERENCE = /^containerd\.io\/gc\.ref\.content/;
const SNAPSHOT_REFERENCE = /^containerd\.io\/gc\.ref\.snapshot\.(.+)$/;

/** The images of a machine, those of one digest together. */
export function imagesLook({ name, kernel }: Machine): ImageLook[] {
  const metadata = metadataAt(kernel.first.mnt.root.root);
  if (!metadata) return [];
  return Array.from(metadata.namespaces).flatMap(([namespace, data]) =>
    imagesOf(data).map((image) => ({ machine: name, namespace, ...image })),
  );
}

function metadataAt(root: Inode): Metadata | undefined {
  let inode: Inode = root;
  const path = `${CONTAINERD_ROOT}/${METADATA_DIRECTORY}/meta.db`;
  for (const part of path.split('/').filter(Boolean)) {
    const next = inode.lookup(part, undefined);
    if (!next || isErrno(next)) return undefined;
    inode = next;
  }
  return metadataOf(inode);
}

function imagesOf(data: NamespaceData): Omit<ImageLook, 'machine' | 'namespace'>[] {
  const byDigest = new Map<string, string[]>();
  for (const image of data.images.values()) {
    const { digest } = image.target;
    byDigest.set(digest, [...(byDigest.get(digest) ?? []), image.name]);
  }
  return Array.from(byDigest, ([digest, names]) => {
    const top = topSnapshot(data, digest);
    return {
      names,
      digest,
      layers: top ? layersOf(data, top.snapshotter, top.name) : [],
      containers: top ? containersOn(data, top.name) : [],
    };
  });
}

/** The snapshot that an image's configuration refers to. */
function topSnapshot(
  data: NamespaceData,
  digest: string,
  seen = new Set<string>(),
): { snapshotter: string; name: string } | undefined {
  if (seen.has(digest)) return undefined;
  seen.add(digest);
  const labels = data.content.get(digest as `sha256:${string}`)?.labels ?? {};
  for (const [label, value] of Object.entries(labels)) {
    const snapshotter = SNAPSHOT_REFERENCE.exec(label)?.[1];
    if (snapshotter) return { snapshotter, name: value };
    const found = CONTENT_REFERENCE.test(label) ? topSnapshot(data, value, seen) : undefined;
    if (found) return found;
  }
  return undefined;
}

function layersOf(data: NamespaceData, snapshotter: string, top: string): LayerLook[] {
  const layers: LayerLook[] = [];
  for (let name = top; name !== ''; ) {
    const found = data.snapshots.get(snapshotter)?.get(name);
    if (!found) break;
    const { parent } = found.info;
    layers.unshift({ id: name, parent, size: found.usage?.size ?? 0 });
    name = parent;
  }
  return layers;
}

/** Containers whose snapshot has this one beneath it. */
function containersOn(data: NamespaceData, top: string): string[] {
  return [...data.containers.values()]
    .filter(({ snapshotter, snapshotKey }) => {
      const own = data.snapshots.get(snapshotter)?.get(snapshotKey)?.info;
      const base = own && data.snapshots.get(snapshotter)?.get(own.parent)?.info;
      return own?.parent === top || base?.parent === top;
    })
    .map(({ id }) => id);
}
