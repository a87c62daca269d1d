// The archive of what a snapshot changed against its parent (the diff service's walking differ).

import type { Routine } from '../../../core/wait.ts';
import { gzip } from '../../../userland/libc/gzip.ts';
import type { ContainerdClient } from '../../containerd/client.ts';
import { inodeOf } from '../../containerd/daemon.ts';
import { treeEntries } from '../../images/layer.ts';
import { writeTar } from '../../images/tar.ts';
import { isRpcError, RpcError } from '../../rpc.ts';

/** A gzipped layer of the snapshot's own files. */
export function* readArchiveOfSnapshot(
  client: ContainerdClient,
  key: string,
): Routine<Uint8Array | RpcError> {
  const mounts = yield* client.snapshotMounts(key);
  if (isRpcError(mounts)) return mounts;
  const [mount] = mounts;
  const upper =
    mount?.options.find((option) => option.startsWith('upperdir='))?.slice('upperdir='.length) ??
    mount?.source ??
    '';
  const root = inodeOf(client.process, upper);
  if (!root) return new RpcError('NotFound', `snapshot ${key} does not exist: not found`);
  return gzip(writeTar(treeEntries(root)));
}
