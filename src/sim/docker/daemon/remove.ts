// DELETE /containers/ID.

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { removeAll } from '../../containers/containerd/daemon.ts';
import { MNT_DETACH } from '../../kernel/files/mount.ts';
import { ApiError, type Container, type Dockerd, isAlive } from './model.ts';
import { containerDirectory } from './network/files.ts';
import { removeVolume } from './volumes.ts';
import { killAndWait } from './control.ts';

/** Removes a container; with `volumes` also those that were made for it without a name. */
export function* removeContainer(
  daemon: Dockerd,
  thread: Process,
  container: Container,
  options: { force: boolean; volumes: boolean },
): Routine<ApiError | undefined> {
  const { state } = container;
  if (!options.force && (isAlive(container) || state.status === 'restarting')) {
    const why =
      state.status === 'paused'
        ? 'container is paused and must be unpaused first'
        : state.status === 'restarting'
          ? 'container is restarting: stop the container before removing or force remove'
          : 'container is running: stop the container before removing or force remove';
    return new ApiError(409, `cannot remove container "${container.name}": ${why}`);
  }
  if (container.removing) return undefined;
  container.removing = true;
  container.stopped = true;
  container.changed.wake();
  if (isAlive(container)) yield* killAndWait(daemon, thread, container, 9);
  container.state.status = 'removing';
  yield* daemon.clientFor(thread).removeSnapshot(container.id);
  yield* daemon.clientFor(thread).removeSnapshot(`${container.id}-init`);
  const directory = containerDirectory(container);
  thread.umount(`${directory}/mounts/shm`, MNT_DETACH);
  removeAll(thread, directory);
  removeAll(thread, `/run/docker/containerd/${container.id}`);
  daemon.containers.delete(container.id);
  for (const id of container.execs) daemon.execs.delete(id);
  if (options.volumes) for (const name of container.anonymous) removeVolume(daemon, name, true);
  daemon.events.add('container', 'destroy', container.id, {
    ...container.config.Labels,
    image: container.config.Image,
    name: container.name,
  });
  container.logs.release();
  container.changed.wake();
  return undefined;
}
