// Empty volumes take over the files that the image has at their place.

import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { lookInto } from '../../containers/containerd/spec.ts';
import { applyLayer, treeEntries } from '../../containers/images/layer.ts';
import { isRpcError } from '../../containers/rpc.ts';
import type { Container, Dockerd } from './model.ts';
import { copiesImage } from './mounts.ts';

/** Copies the image's files into the empty volumes of a new container. */
export function* copyUp(daemon: Dockerd, thread: Process, container: Container): Routine<void> {
  const wanted = container.mounts.filter(
    (mount) => copiesImage(container, mount) && isEmpty(thread, mount.Source),
  );
  if (wanted.length === 0) return;
  const mounts = yield* daemon.clientFor(thread).snapshotMounts(container.id);
  if (isRpcError(mounts)) return;
  yield* lookInto(thread, mounts, function* (root) {
    for (const mount of wanted) {
      const from = thread.openFile(`${root}${mount.Destination}`, 0);
      const to = thread.openFile(mount.Source, 0);
      if (isErrno(from) || isErrno(to) || !from.inode?.isDirectory || !to.inode) continue;
      to.inode.mode = from.inode.mode;
      to.inode.uid = from.inode.uid;
      to.inode.gid = from.inode.gid;
      applyLayer(to.inode, treeEntries(from.inode), 'remove');
    }
  });
}

function isEmpty(thread: Process, path: string): boolean {
  const entries = thread.readdir(path);
  return !isErrno(entries) && entries.every(({ name }) => name === '.' || name === '..');
}
