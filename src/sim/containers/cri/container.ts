// Containers of pods: create, start, watch, stop, remove (internal/cri/server/container_*).

import { decode } from '../../core/text.ts';
import { MILLISECOND, SECOND } from '../../core/time.ts';
import { type Routine, WaitQueue } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { S_IFIFO } from '../../kernel/files/inode.ts';
import { O_RDWR } from '../../kernel/files/open-file.ts';
import { type Containerd, makeDirectories, removeAll } from '../containerd/daemon.ts';
import { lookInto, readAccounts } from '../containerd/spec.ts';
import { callShim, createTask, deleteTask } from '../containerd/tasks.ts';
import type { ExitState } from '../containerd/types.ts';
import { isRpcError, notFound, RpcError } from '../rpc.ts';
import { cgroupDirectory } from '../runc/cgroup.ts';
import { parseSignal } from '../signal-names.ts';
import { tellContainerEvent } from './events.ts';
import { resolveImage } from './images.ts';
import { copyToLog } from './logs.ts';
import { addRecord, prepareRootfs, removeRecord } from './records.ts';
import { containerSpec, containerUser } from './spec.ts';
import { byPrefix, type Container, CRI_NAMESPACE, criStore } from './store.ts';
import type { ContainerConfig, PodSandboxConfig } from './types.ts';

/** What the mounts and `runc create` take. */
const START_TIME = 80 * MILLISECOND;

function containerName(config: ContainerConfig, pod: PodSandboxConfig): string {
  const { metadata } = pod;
  return `${config.metadata.name}_${metadata.name}_${metadata.namespace}_${metadata.uid}_${config.metadata.attempt ?? 0}`;
}

/** CreateContainer: the container's id. */
export function* createContainer(
  daemon: Containerd,
  p: Process,
  request: { readonly podSandboxId: string; readonly config: ContainerConfig },
): Routine<string | RpcError> {
  const store = criStore(daemon);
  const { config } = request;
  const sandbox = byPrefix(store.sandboxes, request.podSandboxId);
  if (!sandbox)
    return new RpcError(
      'NotFound',
      `failed to find sandbox id "${request.podSandboxId}": not found`,
    );
  const name = containerName(config, sandbox.config);
  for (const other of store.containers.values()) {
    const pod = store.sandboxes.get(other.sandboxId);
    if (pod && containerName(other.config, pod.config) === name) {
      return new RpcError(
        'Unknown',
        `failed to reserve container name "${name}": name "${name}" is reserved for "${other.id}"`,
      );
    }
  }
  const image = resolveImage(daemon, config.image.image);
  if (!image) return notFound(`failed to resolve image "${config.image.image}"`);
  const id = p.simulation.random
    .fork(`container ${p.task.kernel.bootId} ${p.now} ${store.containers.size} ${name}`)
    .hex(64);
  const mounts = prepareRootfs(daemon, id, image);
  if (isRpcError(mounts)) return mounts;
  const accounts = yield* lookInto(p, mounts, (root) => readAccounts(p, root));
  const user = containerUser(config, image, accounts);
  const spec =
    typeof user === 'string'
      ? user
      : containerSpec(daemon, p, { id, sandbox, config, image, user });
  if (typeof spec === 'string' || typeof user === 'string') {
    removeRecord(daemon, id);
    return new RpcError(
      'Unknown',
      `failed to generate container "${id}" spec: failed to generate spec: ${String(spec)}`,
    );
  }
  const recorded = addRecord(daemon, {
    id,
    image,
    spec,
    kind: 'container',
    labels: config.labels ?? {},
    sandboxId: sandbox.id,
  });
  if (isRpcError(recorded)) return recorded;
  const directory = sandbox.config.logDirectory ?? '';
  const container: Container = {
    id,
    sandboxId: sandbox.id,
    config,
    imageId: image.id,
    imageRef: image.id,
    createdAt: p.now,
    logPath: directory === '' || !config.logPath ? '' : `${directory}/${config.logPath}`,
    stopSignal: config.stopSignal ?? image.config.config?.StopSignal ?? 'SIGTERM',
    user: { uid: user.uid, gid: user.gid, groups: user.additionalGids ?? [] },
    state: 'CONTAINER_CREATED',
    pid: 0,
    startedAt: -1,
    finishedAt: -1,
    exitCode: 0,
    reason: '',
    message: '',
    oomKilled: false,
    removing: false,
    streams: '',
    changed: new WaitQueue(),
    watchers: new Set(),
    stdin: undefined,
    drained: true,
  };
  store.containers.set(id, container);
  return id;
}

/** StartContainer. */
export function* startContainer(
  daemon: Containerd,
  p: Process,
  prefix: string,
): Routine<RpcError | undefined> {
  const store = criStore(daemon);
  const container = byPrefix(store.containers, prefix);
  if (!container)
    return new RpcError(
      'NotFound',
      `an error occurred when try to find container "${prefix}": not found`,
    );
  if (container.state !== 'CONTAINER_CREATED') {
    return new RpcError(
      'Unknown',
      `failed to set starting state for container "${container.id}": container is in ${container.state} state`,
    );
  }
  const sandbox = store.sandboxes.get(container.sandboxId);
  if (sandbox?.state !== 'SANDBOX_READY') {
    return new RpcError('Unknown', `sandbox container "${container.sandboxId}" is not running`);
  }
  yield* p.sleep(START_TIME);
  const streams = openStreams(daemon, p, container);
  const created = yield* createTask(daemon, p, CRI_NAMESPACE, {
    containerId: container.id,
    ...streams,
  });
  if (isRpcError(created))
    return failStart(p, container, `failed to create containerd task: ${created.message}`);
  container.pid = created.pid;
  const started = yield* callShim(daemon, p, CRI_NAMESPACE, 'Start', { id: container.id });
  if (isRpcError(started)) {
    yield* deleteTask(daemon, p, CRI_NAMESPACE, container.id);
    return failStart(
      p,
      container,
      `failed to start containerd task "${container.id}": ${started.message}`,
    );
  }
  container.state = 'CONTAINER_RUNNING';
  container.startedAt = p.now;
  container.changed.wake();
  watchContainer(daemon, container);
  return undefined;
}

function failStart(p: Process, container: Container, message: string): RpcError {
  container.state = 'CONTAINER_EXITED';
  container.exitCode = 128;
  container.reason = 'StartError';
  container.message = message;
  container.finishedAt = p.now;
  container.pid = 0;
  removeAll(p, container.streams);
  container.changed.wake();
  return new RpcError('Unknown', message);
}

function openStreams(
  daemon: Containerd,
  p: Process,
  container: Container,
): { stdin: string; stdout: string; stderr: string; terminal: boolean } {
  const { config } = container;
  const number = p.simulation.random.fork(`io ${container.id}`).int(4_000_000_000);
  const directory = `${daemon.state}/io.containerd.grpc.v1.cri/containers/${container.id}/io/${number}`;
  makeDirectories(p, directory, 0o700);
  container.streams = directory;
  const fifo = (name: string): string => {
    const path = `${directory}/${container.id}-${name}`;
    p.mknod(path, S_IFIFO | 0o700);
    return path;
  };
  const terminal = config.tty ?? false;
  const stdin = config.stdin ? fifo('stdin') : '';
  const paths = { stdin, stdout: fifo('stdout'), stderr: terminal ? '' : fifo('stderr'), terminal };
  followStreams(daemon, container, paths);
  if (stdin !== '') {
    const fd = p.open(stdin, O_RDWR);
    if (!isErrno(fd)) {
      container.stdin = function* (writer, bytes) {
        yield* writer.write(fd, bytes);
      };
    }
  }
  return paths;
}

function followStreams(
  daemon: Containerd,
  container: Container,
  paths: { stdout: string; stderr: string },
): void {
  let open = paths.stderr === '' ? 1 : 2;
  container.drained = false;
  for (const stream of ['stdout', 'stderr'] as const) {
    const path = paths[stream];
    if (path === '') continue;
    daemon.process.thread(function* (thread) {
      yield* copyToLog(thread, container, stream, path);
      if (--open === 0) {
        container.drained = true;
        container.changed.wake();
      }
      return 0;
    });
  }
}

/** Waits for a container's end and writes it down. */
export function watchContainer(daemon: Containerd, container: Container): void {
  daemon.process.thread(function* (thread) {
    const exit = yield* callShim<ExitState>(daemon, thread, CRI_NAMESPACE, 'Wait', {
      id: container.id,
    });
    container.oomKilled = yield* wasOomKilled(daemon, thread, container);
    const until = thread.now + 10 * SECOND;
    yield* deleteTask(daemon, thread, CRI_NAMESPACE, container.id);
    while (!container.drained && thread.now < until) yield { on: [container.changed], until };
    const failed = isRpcError(exit);
    container.exitCode = failed ? 255 : exit.exitStatus;
    container.finishedAt = failed ? thread.now : exit.exitedAt;
    container.reason = container.oomKilled
      ? 'OOMKilled'
      : container.exitCode === 0
        ? 'Completed'
        : 'Error';
    if (failed) container.reason = 'Unknown';
    container.state = 'CONTAINER_EXITED';
    container.pid = 0;
    container.stdin = undefined;
    removeAll(thread, container.streams.slice(0, container.streams.lastIndexOf('/io/')));
    container.changed.wake();
    tellContainerEvent(daemon, {
      containerId: container.id,
      containerEventType: 'CONTAINER_STOPPED_EVENT',
      podSandboxId: container.sandboxId,
    });
    return 0;
  });
}

function* wasOomKilled(daemon: Containerd, p: Process, container: Container): Routine<boolean> {
  const record = daemon.data(CRI_NAMESPACE).containers.get(container.id);
  if (!record) return false;
  const fd = p.open(`${cgroupDirectory(p, record.spec, container.id)}/memory.events`);
  if (isErrno(fd)) return false;
  const bytes = yield* p.readAll(fd);
  p.close(fd);
  return !isErrno(bytes) && /^oom_kill [1-9]/m.test(decode(bytes));
}

/** StopContainer: its stop signal, and KILL after `timeout` seconds. */
export function* stopContainer(
  daemon: Containerd,
  p: Process,
  prefix: string,
  timeout: number,
): Routine<RpcError | undefined> {
  const container = byPrefix(criStore(daemon).containers, prefix);
  if (!container) return undefined;
  if (container.state !== 'CONTAINER_RUNNING') return undefined;
  const ended = (): boolean => container.state !== 'CONTAINER_RUNNING';
  if (timeout > 0) {
    const signal = parseSignal(container.stopSignal) ?? 15;
    yield* callShim(daemon, p, CRI_NAMESPACE, 'Kill', { id: container.id, signal });
    const until = p.now + timeout * SECOND;
    while (!ended() && p.now < until) yield { on: [container.changed], until };
    if (ended()) return undefined;
  }
  yield* callShim(daemon, p, CRI_NAMESPACE, 'Kill', { id: container.id, signal: 9, all: true });
  while (!ended()) yield { on: [container.changed] };
  return undefined;
}

/** RemoveContainer. */
export function* removeContainer(
  daemon: Containerd,
  p: Process,
  prefix: string,
): Routine<RpcError | undefined> {
  const store = criStore(daemon);
  const container = byPrefix(store.containers, prefix);
  if (!container) return undefined;
  if (container.state === 'CONTAINER_RUNNING') yield* stopContainer(daemon, p, container.id, 0);
  container.removing = true;
  removeRecord(daemon, container.id);
  store.containers.delete(container.id);
  return undefined;
}
