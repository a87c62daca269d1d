// The layer between an image and a container: empty places for what is mounted there, so that they are no changes of
// the container's own.

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { lookInto } from '../../containers/containerd/spec.ts';
import { makeDirectories, writeWholeFile } from '../../containers/containerd/daemon.ts';
import { isRpcError } from '../../containers/rpc.ts';
import type { Dockerd } from './model.ts';

const DIRECTORIES = ['dev', 'dev/pts', 'dev/shm', 'proc', 'sys', 'etc'];
const FILES = ['dev/console', 'etc/hostname', 'etc/hosts', 'etc/resolv.conf'];

/** Makes and commits the snapshot `ID-init` on an image's topmost layer. */
export function* prepareInitLayer(
  daemon: Dockerd,
  thread: Process,
  id: string,
  parent: string,
): Routine<void> {
  const client = daemon.clientFor(thread);
  const labels = { 'containerd.io/gc.root': 'docker' };
  const mounts = yield* client.prepareSnapshot({ key: `${id}-init-key`, parent, labels });
  if (isRpcError(mounts)) return;
  yield* lookInto(thread, mounts, function* (root) {
    for (const path of DIRECTORIES) makeDirectories(thread, `${root}/${path}`);
    for (const path of FILES)
      if (!thread.exists(`${root}/${path}`))
        writeWholeFile(thread, `${root}/${path}`, new Uint8Array(0), 0o755);
    if (!thread.exists(`${root}/etc/mtab`)) thread.symlink('/proc/mounts', `${root}/etc/mtab`);
  });
  yield* client.commitSnapshot({ key: `${id}-init-key`, name: `${id}-init`, labels });
}
