// Images that a lab says are there already: their records and blobs are laid out when the first of them is asked for,
// their snapshots when the first snapshot is.

import { decode } from '../../core/text.ts';
import { buildImage } from '../images/definition.ts';
import type { Manifest } from '../images/oci.ts';
import { parseManifest } from '../images/oci.ts';
import { isRpcError } from '../rpc.ts';
import { putBlob, readBlob } from './content.ts';
import type { Containerd } from './daemon.ts';
import type { PendingImage } from './metadata.ts';
import { manifestLabels } from './references.ts';
import type { Labels } from './types.ts';
import { unpackImage } from './unpack.ts';

/** Lays out records and blobs of a namespace's pending images. */
export function layOutPending(daemon: Containerd, namespace: string): void {
  const data = daemon.data(namespace);
  if (data.pendingImages.length === 0) return;
  const pending = data.pendingImages;
  data.pendingImages = [];
  for (const image of pending) layOut(daemon, namespace, image);
}

function layOut(daemon: Containerd, namespace: string, pending: PendingImage): void {
  const { manifest, blobs } = buildImage(pending.image, pending.compression);
  const content = JSON.parse(decode(blobs.get(manifest.digest) ?? new Uint8Array(0))) as Manifest;
  const { config, layers } = content;
  const references = manifestLabels(content);
  const data = daemon.data(namespace);
  for (const { digest, size } of [manifest, config, ...layers]) {
    const bytes = blobs.get(digest);
    if (!bytes) continue;
    const labels = digest === manifest.digest ? references : {};
    putBlob(daemon, namespace, { digest, bytes, size, labels });
  }
  const names = pending.byId ? [pending.name, config.digest] : [pending.name];
  for (const name of names) {
    const labels: Labels = pending.byId ? { 'io.cri-containerd.image': 'managed' } : {};
    data.images.set(name, {
      name,
      labels,
      target: manifest,
      createdAt: daemon.now,
      updatedAt: daemon.now,
    });
  }
  data.pendingUnpack.push(pending.name);
}

/** Unpacks the layers of images that were laid out from a lab's list. */
export function unpackPending(daemon: Containerd, namespace: string): void {
  layOutPending(daemon, namespace);
  const data = daemon.data(namespace);
  const names = data.pendingUnpack;
  data.pendingUnpack = [];
  for (const name of names) {
    const image = data.images.get(name);
    const bytes = image && readBlob(daemon, namespace, image.target.digest);
    if (bytes && !isRpcError(bytes)) unpackImage(daemon, namespace, parseManifest(bytes));
  }
}
