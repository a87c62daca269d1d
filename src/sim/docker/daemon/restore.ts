// What dockerd finds in /var/lib/docker when it starts, and what it leaves there when it ends: containers with their
// state, networks, volumes, the build cache. As without live-restore, containers end with the daemon.

import type { Routine } from '../../core/wait.ts';
import { WaitQueue } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import type { Inode } from '../../kernel/files/inode.ts';
import { inodeOf, makeDirectories } from '../../containers/containerd/daemon.ts';
import { superviseTasks } from '../swarm/reconcile.ts';
import { stopContainer } from './control.ts';
import { type Container, type Dockerd, emptyState, isAlive, type StoredState } from './model.ts';
import { containerDirectory } from './network/files.ts';
import { removeContainer } from './remove.ts';
import { startContainer, watchEnd } from './start.ts';

export const DOCKER_ROOT = '/var/lib/docker';

const databases = new WeakMap<Inode, StoredState>();

/** The daemon's databases; empty ones where the directory has none. They go with the directory. */
export function storedState(p: Process): StoredState {
  const directory = `${DOCKER_ROOT}/network/files`;
  makeDirectories(p, directory, 0o750);
  const inode = inodeOf(p, directory);
  const found = inode && databases.get(inode);
  if (found) return found;
  const state = emptyState();
  if (inode) databases.set(inode, state);
  return state;
}

/** Runs a piece of work for each container at once and waits until all are done. */
function* atOnce(
  daemon: Dockerd,
  containers: readonly Container[],
  work: (thread: Process, container: Container) => Routine<void>,
): Routine<void> {
  const done = new WaitQueue();
  let left = containers.length;
  for (const container of containers)
    daemon.thread(function* (own) {
      yield* work(own, container);
      left--;
      done.wake();
    });
  while (left > 0) yield { on: [done] };
}

/** Stops a container because the daemon ends: that the user did not is kept. */
function* stopWithDaemon(daemon: Dockerd, thread: Process, container: Container): Routine<void> {
  const byUser = container.stopped;
  yield* stopContainer(daemon, thread, container, { seconds: undefined, signal: undefined });
  container.stopped = byUser;
}

/** Ends every container before the daemon ends. */
export function* shutDownContainers(daemon: Dockerd): Routine<void> {
  const running = [...daemon.containers.values()].filter(
    (container) => isAlive(container) || container.state.status === 'restarting',
  );
  yield* atOnce(daemon, running, (own, container) => stopWithDaemon(daemon, own, container));
}

/** What belonged to the process that is gone. */
function forgetProcess(container: Container): void {
  container.logs.open = 0;
  container.logs.release();
  container.openStdin = undefined;
  container.execs.clear();
  container.health = undefined;
  container.removing = false;
}

/** Whether a container starts with the daemon (restartmanager.ShouldRestart). */
function startsWithDaemon(container: Container): boolean {
  const { Name: name, MaximumRetryCount: most } = container.hostConfig.RestartPolicy;
  const { status, exitCode } = container.state;
  if (status === 'created') return false;
  if (name === 'always') return true;
  if (name === 'unless-stopped') return !container.stopped;
  if (name !== 'on-failure' || container.stopped || exitCode === 0) return false;
  return most === 0 || container.restartCount < most;
}

/** Brings back what was there: ends containers that outlived the daemon, then starts those that start with it. */
export function* restoreContainers(daemon: Dockerd, thread: Process): Routine<void> {
  const p = daemon.process;
  for (const container of [...daemon.containers.values()]) {
    forgetProcess(container);
    if (!p.exists(containerDirectory(container))) daemon.containers.delete(container.id);
  }
  const all = [...daemon.containers.values()];
  yield* atOnce(daemon, all.filter(isAlive), function* (own, container) {
    daemon.thread((watcher) => watchEnd(daemon, watcher, container));
    yield* stopWithDaemon(daemon, own, container);
  });
  for (const container of all) {
    const { state, hostConfig } = container;
    if (state.status === 'restarting' || state.status === 'removing') state.status = 'exited';
    if (hostConfig.AutoRemove && !isAlive(container) && daemon.containers.has(container.id))
      yield* removeContainer(daemon, thread, container, { force: true, volumes: true });
  }
  yield* atOnce(
    daemon,
    [...daemon.containers.values()].filter(startsWithDaemon),
    function* (own, container) {
      yield* startContainer(daemon, own, container);
    },
  );
  if (daemon.swarm) yield* superviseTasks(daemon, daemon.swarm);
}
