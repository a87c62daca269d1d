// Starting containers and what follows: streams, the task, its network, its end, restarts.

import { extraAttributes, startLogger } from './log-drivers.ts';
import { MINUTE, MILLISECOND, SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { S_IFIFO } from '../../kernel/files/inode.ts';
import { O_RDWR } from '../../kernel/files/open-file.ts';
import { makeDirectories, removeAll } from '../../containers/containerd/daemon.ts';
import type { StdioPaths } from '../../containers/containerd/types.ts';
import { isRpcError } from '../../containers/rpc.ts';
import { checkLinks } from './create.ts';
import { startHealthChecks } from './health.ts';
import { ApiError, type Container, type Dockerd, isAlive } from './model.ts';
import { resolveNetworks, startNetworking, stopNetworking } from './network/endpoints.ts';
import { containerDirectory, writeContainerFiles } from './network/files.ts';
import { removeContainer } from './remove.ts';
import { buildSpec } from './spec.ts';
import { mountVolume, unmountVolume } from './volumes.ts';

/** Tells of a container, with its name, image and labels. */
export function containerEvent(
  daemon: Dockerd,
  container: Container,
  action: string,
  more: Readonly<Record<string, string>> = {},
): void {
  const { config, id, name } = container;
  daemon.events.add('container', action, id, {
    ...config.Labels,
    ...more,
    image: config.Image,
    name,
  });
}

function openStreams(daemon: Dockerd, container: Container): StdioPaths {
  const p = daemon.process;
  const directory = `/run/docker/containerd/${container.id}`;
  removeAll(p, directory);
  makeDirectories(p, directory, 0o700);
  const { config, logs } = container;
  const path = (name: string): string => `${directory}/init-${name}`;
  const paths: StdioPaths = {
    stdin: config.OpenStdin ? path('stdin') : '',
    stdout: path('stdout'),
    stderr: config.Tty ? '' : path('stderr'),
    terminal: config.Tty,
  };
  for (const fifo of [paths.stdin, paths.stdout, paths.stderr])
    if (fifo !== '') p.mknod(fifo, S_IFIFO | 0o700);
  if (paths.stdin !== '') {
    const fd = p.open(paths.stdin, O_RDWR);
    container.openStdin = isErrno(fd) ? undefined : fd;
    if (!isErrno(fd)) p.setCloseOnExec(fd, true);
  }
  logs.open = config.Tty ? 1 : 2;
  daemon.thread((thread) => logs.copy(thread, paths.stdout, 'stdout'));
  if (paths.stderr !== '') daemon.thread((thread) => logs.copy(thread, paths.stderr, 'stderr'));
  return paths;
}

/** The status a failed start leaves: not found 127, not executable 126, else 128. */
export function startFailureCode(message: string): number {
  if (/executable file not found|no such file or directory/.test(message)) return 127;
  return /permission denied|is a directory|not a directory/.test(message) ? 126 : 128;
}

/** What dockerd adds to runc's words. */
function hintFor(message: string): string {
  if (/not a directory/.test(message)) {
    return ': Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type';
  }
  return /is a directory/.test(message) ? ': permission denied' : '';
}

function* failStart(
  daemon: Dockerd,
  container: Container,
  error: ApiError,
  code: number,
): Routine<ApiError> {
  stopNetworking(daemon, container);
  releaseVolumes(daemon, container);
  container.state.pid = 0;
  container.state.exitCode = code;
  container.state.error = error.message;
  container.logs.open = 0;
  container.logs.release();
  container.exits++;
  container.changed.wake();
  if (container.hostConfig.AutoRemove)
    yield* removeContainer(daemon, daemon.process, container, { force: true, volumes: true });
  return error;
}

function mountVolumes(daemon: Dockerd, container: Container): ApiError | undefined {
  for (const mount of container.mounts) {
    const volume = mount.Type === 'volume' ? daemon.volumes.get(mount.Name ?? '') : undefined;
    const failure = volume && mountVolume(daemon, volume);
    if (failure) return failure;
    if (volume)
      daemon.events.add('volume', 'mount', volume.name, {
        container: container.id,
        destination: mount.Destination,
        driver: volume.driver,
        propagation: mount.Propagation,
        'read/write': String(mount.RW),
      });
  }
  if (container.hostConfig.IpcMode === 'shareable') {
    const shm = `${containerDirectory(container)}/mounts/shm`;
    makeDirectories(daemon.process, shm);
    daemon.process.mount('shm', shm, 'tmpfs', 14, `mode=1777,size=${container.hostConfig.ShmSize}`);
  }
  return undefined;
}

function releaseVolumes(daemon: Dockerd, container: Container): void {
  for (const mount of container.mounts) {
    const volume = mount.Type === 'volume' ? daemon.volumes.get(mount.Name ?? '') : undefined;
    if (!volume) continue;
    unmountVolume(daemon, volume);
    daemon.events.add('volume', 'unmount', volume.name, {
      container: container.id,
      driver: volume.driver,
    });
  }
}

/** Who is in another container's network has its host name too (initializeNetworking). */
function shareHostname(daemon: Dockerd, { hostConfig, config }: Container): void {
  const { NetworkMode: mode } = hostConfig;
  const other = mode.startsWith('container:') && daemon.containers.get(mode.slice(10));
  if (!other) return;
  config.Hostname = other.config.Hostname;
  config.Domainname = other.config.Domainname;
}

/** POST /containers/ID/start. Starting what runs already is no failure. */
export function* startContainer(
  daemon: Dockerd,
  thread: Process,
  container: Container,
): Routine<ApiError | undefined> {
  if (container.state.status === 'paused')
    return new ApiError(409, 'cannot start a paused container, try unpause instead');
  if (isAlive(container)) return undefined;
  const unlinked = checkLinks(daemon, container);
  if (unlinked) return yield* failStart(daemon, container, unlinked, 128);
  container.stopped = false;
  const missing = resolveNetworks(daemon, container);
  if (missing) return missing;
  for (const endpoint of container.endpoints.values()) {
    if (!daemon.networks.has(endpoint.network.id))
      return new ApiError(
        404,
        `failed to set up container networking: network ${endpoint.network.id} not found`,
      );
  }
  shareHostname(daemon, container);
  const client = daemon.clientFor(thread);
  writeContainerFiles(daemon, container);
  const unmounted = mountVolumes(daemon, container);
  if (unmounted) return yield* failStart(daemon, container, unmounted, 128);
  const spec = yield* buildSpec(daemon, thread, container);
  if (spec instanceof ApiError) return yield* failStart(daemon, container, spec, 128);
  const kept = startLogger(container.id, container.hostConfig);
  if (typeof kept === 'string') {
    const why = kept.startsWith('drydock: ')
      ? kept
      : `failed to create task for container: failed to initialize logging driver: ${kept}`;
    return yield* failStart(daemon, container, new ApiError(500, why), 128);
  }
  container.logs.keeping = {
    ...kept,
    path: kept.name === undefined ? '' : `${containerDirectory(container)}/${kept.name}`,
    attributes: extraAttributes(container.hostConfig, {
      labels: container.config.Labels ?? {},
      env: container.config.Env,
    }),
  };
  const paths = openStreams(daemon, container);
  const made = yield* client.createContainer({
    id: container.id,
    labels: { 'com.docker/engine.bundle.path': `/var/run/docker/containerd/${container.id}` },
    image: '',
    runtime: { name: 'io.containerd.runc.v2' },
    spec,
    snapshotter: 'overlayfs',
    snapshotKey: container.id,
  });
  const task = isRpcError(made)
    ? made
    : yield* client.createTask({ containerId: container.id, ...paths });
  if (isRpcError(task)) {
    yield* client.deleteContainer(container.id);
    const message = `failed to create task for container: ${task.message}${hintFor(task.message)}`;
    return yield* failStart(
      daemon,
      container,
      new ApiError(400, message),
      startFailureCode(task.message),
    );
  }
  container.state.pid = task.pid;
  const refused = yield* startNetworking(daemon, container);
  const started = refused ?? (yield* client.startTask(container.id));
  if (started instanceof ApiError || isRpcError(started)) {
    yield* client.killTask(container.id, 9);
    yield* client.waitTask(container.id);
    yield* client.deleteTask(container.id);
    yield* client.deleteContainer(container.id);
    return yield* failStart(
      daemon,
      container,
      started instanceof ApiError
        ? started
        : new ApiError(400, `failed to start task: ${started.message}`),
      128,
    );
  }
  running(daemon, container);
  return undefined;
}

function running(daemon: Dockerd, container: Container): void {
  const { state } = container;
  Object.assign(state, {
    status: 'running',
    exitCode: 0,
    error: '',
    startedAt: daemon.now,
    finishedAt: state.finishedAt,
    oomKilled: false,
  });
  containerEvent(daemon, container, 'start');
  startHealthChecks(daemon, container);
  daemon.thread((thread) => watchEnd(daemon, thread, container));
  container.changed.wake();
}

/** How long the daemon writes a container's state to its disk (container.CheckpointTo). */
const CHECKPOINT = MILLISECOND;

/** Waits for the end of a container's process and does what is due then. */
export function* watchEnd(daemon: Dockerd, thread: Process, container: Container): Routine<void> {
  const client = daemon.clientFor(thread);
  const startedAt = container.state.startedAt ?? 0;
  const exit = yield* client.waitTask(container.id);
  const code = isRpcError(exit) ? 255 : exit.exitStatus;
  while (container.logs.open > 0) yield { on: [container.logs.arrived] };
  if (container.openStdin !== undefined) thread.close(container.openStdin);
  container.openStdin = undefined;
  yield* client.deleteTask(container.id);
  yield* client.deleteContainer(container.id);
  container.health?.stop();
  const { state } = container;
  state.pid = 0;
  state.exitCode = code;
  state.finishedAt = daemon.now;
  state.status = 'exited';
  const seconds = Math.floor((daemon.now - startedAt) / SECOND);
  stopNetworking(daemon, container);
  releaseVolumes(daemon, container);
  const again = restarts(container, code);
  if (again) {
    state.status = 'restarting';
    container.restartCount++;
  }
  const heard = container.stopping;
  if (heard) {
    // Who stops it hears of the end first, while the daemon still writes the state to its disk.
    container.exits++;
    container.changed.wake();
    yield { on: [], until: thread.now + CHECKPOINT };
    container.stopping = false;
  }
  containerEvent(daemon, container, 'die', {
    execDuration: String(seconds),
    exitCode: String(code),
  });
  if (!again && container.hostConfig.AutoRemove) {
    yield* removeContainer(daemon, thread, container, { force: true, volumes: true });
  }
  if (!heard) container.exits++;
  container.logs.release();
  container.changed.wake();
  if (again) yield* restartLater(daemon, thread, container, daemon.now - startedAt);
}

function restarts(container: Container, code: number): boolean {
  const { Name: name, MaximumRetryCount: most } = container.hostConfig.RestartPolicy;
  if (container.stopped) return false;
  if (name === 'always' || name === 'unless-stopped') return true;
  return name === 'on-failure' && code !== 0 && (most === 0 || container.restartCount < most);
}

/** The wait before a restart doubles from 100 ms to a minute, unless the container ran for 10 s. */
function* restartLater(
  daemon: Dockerd,
  thread: Process,
  container: Container,
  ran: number,
): Routine<void> {
  container.restartDelay =
    ran > 10 * SECOND || container.restartDelay === 0
      ? 100 * MILLISECOND
      : Math.min(container.restartDelay * 2, MINUTE);
  const until = thread.now + container.restartDelay;
  while (thread.now < until && !container.stopped && !container.removing)
    yield { on: [container.changed], until };
  if (container.stopped || container.removing) {
    if (container.state.status === 'restarting') container.state.status = 'exited';
    container.changed.wake();
    return;
  }
  const failure = yield* startContainer(daemon, thread, container);
  if (failure && container.state.status === 'restarting') container.state.status = 'exited';
}
