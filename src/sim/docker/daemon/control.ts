// Stopping, killing, pausing, renaming, updating and waiting for containers.

import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isRpcError } from '../../containers/rpc.ts';
import { parseSignal } from '../../containers/signal-names.ts';
import { checkName } from './create.ts';
import { checkRestartPolicy } from './verify.ts';
import { ApiError, type Container, type Dockerd, isAlive } from './model.ts';
import { resourcesOf } from './spec.ts';
import { containerEvent, startContainer } from './start.ts';
import type { HostConfig } from './types.ts';

/** Blocks until the container's process has ended, or virtual time `until` has come; true where it ended. */
export function* waitForEnd(container: Container, until?: number): Routine<boolean> {
  const before = container.exits;
  while (isAlive(container) && container.exits === before) {
    const wakeup = yield { on: [container.changed], until };
    if (wakeup === 'timeout') return !isAlive(container);
  }
  return true;
}

/** Sends a signal and waits for the end. */
export function* killAndWait(
  daemon: Dockerd,
  thread: Process,
  container: Container,
  signal: number,
  until?: number,
): Routine<boolean> {
  const client = daemon.clientFor(thread);
  if (container.state.status === 'paused') yield* client.resumeTask(container.id);
  yield* client.killTask(container.id, signal);
  containerEvent(daemon, container, 'kill', { signal: String(signal) });
  return yield* waitForEnd(container, until);
}

/** POST /containers/ID/stop */
export function* stopContainer(
  daemon: Dockerd,
  thread: Process,
  container: Container,
  options: { seconds: number | undefined; signal: string | undefined },
): Routine<ApiError | undefined> {
  container.stopped = true;
  container.changed.wake();
  if (!isAlive(container)) {
    if (container.state.status === 'restarting') container.state.status = 'exited';
    return undefined;
  }
  const { StopSignal, StopTimeout } = container.config;
  const signal = parseSignal(options.signal ?? StopSignal ?? 'SIGTERM') ?? 15;
  const seconds = options.seconds ?? StopTimeout ?? 10;
  const until = seconds < 0 ? undefined : thread.now + Math.max(seconds, 0) * SECOND;
  container.stopping = true;
  const ended = yield* killAndWait(
    daemon,
    thread,
    container,
    signal,
    seconds === 0 ? thread.now + SECOND / 100 : until,
  );
  if (!ended) yield* killAndWait(daemon, thread, container, 9);
  containerEvent(daemon, container, 'stop');
  while (container.stopping) yield { on: [container.changed] };
  return undefined;
}

/** POST /containers/ID/restart */
export function* restartContainer(
  daemon: Dockerd,
  thread: Process,
  container: Container,
  options: { seconds: number | undefined; signal: string | undefined },
): Routine<ApiError | undefined> {
  const autoRemove = container.hostConfig.AutoRemove;
  container.hostConfig.AutoRemove = false;
  yield* stopContainer(daemon, thread, container, options);
  container.hostConfig.AutoRemove = autoRemove;
  const failure = yield* startContainer(daemon, thread, container);
  if (failure)
    return new ApiError(
      failure.status,
      `Cannot restart container ${container.name}: ${failure.message}`,
    );
  containerEvent(daemon, container, 'restart');
  return undefined;
}

/** POST /containers/ID/kill */
export function* killContainer(
  daemon: Dockerd,
  thread: Process,
  container: Container,
  name: string,
): Routine<ApiError | undefined> {
  const beyond = /^[+-]?\d+$/.test(name) && Number(name) !== 0 && parseSignal(name) === undefined;
  if (beyond) return new ApiError(400, `the linux daemon does not support signal ${Number(name)}`);
  const signal = parseSignal(name === '' ? 'KILL' : name);
  if (signal === undefined) return new ApiError(400, `invalid signal: ${name}`);
  if (!isAlive(container)) return new ApiError(409, `container ${container.id} is not running`);
  const deadly = signal === 9 || signal === parseSignal(container.config.StopSignal ?? 'SIGTERM');
  if (deadly) container.stopped = true;
  if (signal === 9) {
    yield* killAndWait(daemon, thread, container, 9);
    return undefined;
  }
  yield* daemon.clientFor(thread).killTask(container.id, signal);
  containerEvent(daemon, container, 'kill', { signal: String(signal) });
  return undefined;
}

/** POST /containers/ID/pause */
export function* pauseContainer(
  daemon: Dockerd,
  thread: Process,
  container: Container,
): Routine<ApiError | undefined> {
  const { status } = container.state;
  if (status === 'paused') return new ApiError(409, `container ${container.id} is already paused`);
  if (status === 'restarting')
    return new ApiError(
      409,
      `Container ${container.id} is restarting, wait until the container is running`,
    );
  if (status !== 'running') return new ApiError(409, `container ${container.id} is not running`);
  const failed = yield* daemon.clientFor(thread).pauseTask(container.id);
  if (isRpcError(failed))
    return new ApiError(500, `cannot pause container ${container.id}: ${failed.message}`);
  container.state.status = 'paused';
  containerEvent(daemon, container, 'pause');
  return undefined;
}

/** POST /containers/ID/unpause */
export function* unpauseContainer(
  daemon: Dockerd,
  thread: Process,
  container: Container,
): Routine<ApiError | undefined> {
  if (container.state.status !== 'paused')
    return new ApiError(500, `Container ${container.id} is not paused`);
  yield* daemon.clientFor(thread).resumeTask(container.id);
  container.state.status = 'running';
  containerEvent(daemon, container, 'unpause');
  return undefined;
}

/** POST /containers/ID/rename */
export function renameContainer(
  daemon: Dockerd,
  container: Container,
  name: string,
): ApiError | undefined {
  const wanted = name.replace(/^\//, '');
  if (wanted === container.name)
    return new ApiError(400, 'Renaming a container with the same name as its current name');
  const refused = checkName(daemon, wanted, `/${wanted}`);
  if (refused)
    return new ApiError(refused.status, `Error when allocating new name: ${refused.message}`);
  const oldName = container.name;
  container.name = wanted;
  containerEvent(daemon, container, 'rename', { oldName: `/${oldName}` });
  return undefined;
}

/** POST /containers/ID/update: changes limits and the restart policy. */
export function* updateContainer(
  daemon: Dockerd,
  thread: Process,
  container: Container,
  change: Partial<HostConfig>,
): Routine<ApiError | undefined> {
  const before = container.hostConfig;
  const given = Object.entries(change).filter(
    ([, value]) => value !== 0 && value !== '' && value !== null && value !== undefined,
  );
  const next = { ...before, ...Object.fromEntries(given) } as HostConfig;
  if (change.RestartPolicy && change.RestartPolicy.Name === '')
    next.RestartPolicy = before.RestartPolicy;
  const policy = checkRestartPolicy(next.RestartPolicy);
  if (policy !== undefined) return new ApiError(400, policy);
  if (
    change.Memory &&
    !change.MemorySwap &&
    before.MemorySwap > 0 &&
    change.Memory > before.MemorySwap
  ) {
    return new ApiError(
      409,
      `Cannot update container ${container.id}: Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time`,
    );
  }
  container.hostConfig = next;
  if (isAlive(container)) {
    const failed = yield* daemon.clientFor(thread).updateTask(container.id, resourcesOf(next));
    if (isRpcError(failed))
      return new ApiError(500, `Cannot update container ${container.id}: ${failed.message}`);
  }
  containerEvent(daemon, container, 'update');
  return undefined;
}
