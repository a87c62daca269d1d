// Unpacking: one committed snapshot for each layer of an image, named by its chain id (pkg/unpack, the diff applier).

import { isErrno } from '../../kernel/errno.ts';
import { declaredEntries, declaredUnpackedSize } from '../images/definition.ts';
import { applyLayer, plainTar, readLayer, treeUsage } from '../images/layer.ts';
import { chainIds, digestOf, type Manifest, parseConfig } from '../images/oci.ts';
import type { TarEntry } from '../images/tar.ts';
import { isRpcError, RpcError } from '../rpc.ts';
import { labelContent, readBlob } from './content.ts';
import { type Containerd, inodeOf } from './daemon.ts';
import { commitSnapshot, prepareSnapshot, snapshotFiles, snapshotsOf } from './snapshots.ts';

/** Makes the snapshots of an image that are missing; the chain id of the topmost, or why it cannot be. */
export function unpackImage(
  daemon: Containerd,
  namespace: string,
  manifest: Manifest,
  snapshotter = 'overlayfs',
): string | RpcError {
  const configBytes = readBlob(daemon, namespace, manifest.config.digest);
  if (isRpcError(configBytes)) return configBytes;
  const config = parseConfig(configBytes);
  const { diff_ids: diffIds } = config.rootfs;
  if (diffIds.length !== manifest.layers.length) {
    const counts = `mismatched image rootfs and manifest layers`;
    return new RpcError('Unknown', counts);
  }
  const chain = chainIds(diffIds);
  const known = snapshotsOf(daemon, namespace, snapshotter);
  for (const [i, layer] of manifest.layers.entries()) {
    const name = chain[i] ?? '';
    labelContent(daemon, namespace, layer.digest, {
      'containerd.io/uncompressed': diffIds[i] ?? '',
    });
    if (known.has(name)) continue;
    const failure = unpackLayer(daemon, namespace, snapshotter, {
      name,
      parent: chain[i - 1] ?? '',
      digest: layer.digest,
      diffId: diffIds[i] ?? '',
    });
    if (failure) return failure;
  }
  const top = chain.at(-1) ?? '';
  labelContent(daemon, namespace, manifest.config.digest, {
    [`containerd.io/gc.ref.snapshot.${snapshotter}`]: top,
  });
  return top;
}

interface LayerToUnpack {
  readonly name: string;
  readonly parent: string;
  readonly digest: string;
  readonly diffId: string;
}

/** Unpacks a blob and holds it against the diff id that the configuration names. */
function entriesOf(bytes: Uint8Array, diffId: string): readonly TarEntry[] | RpcError {
  const tar = plainTar(bytes);
  const entries = typeof tar === 'string' ? tar : readLayer(tar);
  if (typeof entries === 'string' || typeof tar === 'string') {
    return new RpcError('Unknown', `failed to extract layer ${diffId}: ${entries}`);
  }
  if (declaredUnpackedSize(diffId) === undefined && digestOf(tar) !== diffId) {
    return new RpcError('Unknown', `wrong diff id calculated on extraction "${digestOf(tar)}"`);
  }
  return entries;
}

function unpackLayer(
  daemon: Containerd,
  namespace: string,
  snapshotter: string,
  layer: LayerToUnpack,
): RpcError | undefined {
  const bytes = readBlob(daemon, namespace, layer.digest);
  if (isRpcError(bytes)) return bytes;
  const entries = declaredEntries(bytes) ?? entriesOf(bytes, layer.diffId);
  if (isRpcError(entries)) return entries;
  const key = `extract-${daemon.now}-${layer.name.slice(-4)} ${layer.name}`;
  const made = prepareSnapshot(daemon, namespace, snapshotter, {
    key,
    parent: layer.parent,
    kind: 'Active',
  });
  if (isRpcError(made)) return made;
  const files = snapshotFiles(daemon, made.directory);
  const root = inodeOf(daemon.process, files);
  const failure = root && applyLayer(root, entries, 'overlay');
  if (isErrno(failure)) {
    return new RpcError('Unknown', `failed to extract layer ${layer.diffId}: ${failure.message}`);
  }
  const declared = declaredUnpackedSize(layer.diffId);
  const counted = root ? treeUsage(root) : { size: 0, inodes: 0 };
  const usage = declared === undefined ? counted : { size: declared, inodes: counted.inodes };
  const committed = commitSnapshot(daemon, namespace, snapshotter, {
    key,
    name: layer.name,
    usage,
  });
  return isRpcError(committed) ? committed : undefined;
}
