// docker exec: a further process in a running container.

import { concatBytes, encode } from '../../core/text.ts';
import { type Routine, WaitQueue } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { S_IFIFO } from '../../kernel/files/inode.ts';
import { O_RDWR } from '../../kernel/files/open-file.ts';
import { capabilitySets, mergeEnvironment } from '../../containers/containerd/spec.ts';
import { isRpcError, type RpcError } from '../../containers/rpc.ts';
import type { SpecProcess } from '../../containers/runc/spec.ts';
import { makeDirectories } from '../../containers/containerd/daemon.ts';
import { CAPABILITY_NAMES } from './capabilities.ts';
import { type Listener, LogStore } from './logs.ts';
import {
  ApiError,
  type Container,
  type Dockerd,
  type ExecProcess,
  type ExecRequest,
} from './model.ts';
import { containerEvent, startFailureCode } from './start.ts';
import { accountsOf, capabilitiesOf, environmentOf, homeOf, userOf } from './spec.ts';

/** POST /containers/ID/exec: notes what is to be run. */
export function createExec(
  daemon: Dockerd,
  container: Container,
  request: ExecRequest,
  called = container.name,
): ExecProcess | ApiError {
  const { status } = container.state;
  if (status === 'paused')
    return new ApiError(409, `Container ${called} is paused, unpause the container before exec`);
  if (status === 'restarting')
    return new ApiError(
      409,
      `Container ${container.id} is restarting, wait until the container is running`,
    );
  if (status !== 'running') return new ApiError(409, `container ${container.id} is not running`);
  const exec: ExecProcess = {
    id: daemon.newId(),
    container,
    request,
    running: false,
    exitCode: null,
    pid: 0,
  };
  daemon.execs.set(exec.id, exec);
  container.execs.add(exec.id);
  containerEvent(daemon, container, `exec_create: ${request.Cmd.join(' ')} `, { execID: exec.id });
  return exec;
}

function* processOf(
  daemon: Dockerd,
  thread: Process,
  exec: ExecProcess,
): Routine<SpecProcess | ApiError> {
  const { container, request } = exec;
  const accounts = yield* accountsOf(daemon, thread, container);
  const user = userOf(request.User || container.config.User, accounts);
  if (user instanceof ApiError) return user;
  const names = request.Privileged ? [...CAPABILITY_NAMES] : capabilitiesOf(container.hostConfig);
  if (names instanceof ApiError) return names;
  const base = environmentOf(container, homeOf(accounts, user.uid));
  const env = mergeEnvironment(
    request.Tty ? mergeEnvironment(base, ['TERM=xterm']) : base,
    request.Env ?? [],
  );
  return {
    ...(request.Tty ? { terminal: true } : {}),
    user,
    args: request.Cmd,
    env,
    cwd: request.WorkingDir || container.config.WorkingDir || '/',
    capabilities: user.uid === 0 ? capabilitySets(names) : { bounding: names },
  };
}

/** A started exec: where its output comes and how to feed it. */
export interface RunningExec {
  readonly logs: LogStore;
  /** Hears everything from the start on. */
  readonly listener: Listener;
  readonly ended: WaitQueue;
  readonly stdin: number | undefined;
}

/** Whether a user can be had in a container, before a command is to run as that one. */
export function* checkUser(
  daemon: Dockerd,
  thread: Process,
  container: Container,
  name: string,
): Routine<ApiError | undefined> {
  const user = userOf(name, yield* accountsOf(daemon, thread, container));
  return user instanceof ApiError ? user : undefined;
}

/** Starts the process. The status of what fails: 126, 127 or 128. */
export function* startExec(
  daemon: Dockerd,
  thread: Process,
  exec: ExecProcess,
): Routine<RunningExec | ApiError> {
  const { container, request, id } = exec;
  const client = daemon.clientFor(thread);
  const spec = yield* processOf(daemon, thread, exec);
  if (spec instanceof ApiError) return spec;
  const directory = `/run/docker/containerd/${container.id}`;
  makeDirectories(thread, directory, 0o700);
  const path = (name: string): string => `${directory}/${id}-${name}`;
  const paths = {
    stdin: request.AttachStdin ? path('stdin') : '',
    stdout: path('stdout'),
    stderr: request.Tty ? '' : path('stderr'),
    terminal: request.Tty ?? false,
  };
  for (const fifo of [paths.stdin, paths.stdout, paths.stderr])
    if (fifo !== '') thread.mknod(fifo, S_IFIFO | 0o700);
  const input = paths.stdin === '' ? undefined : thread.open(paths.stdin, O_RDWR);
  const stdin = input === undefined || isErrno(input) ? undefined : input;
  const logs = new LogStore();
  logs.open = request.Tty ? 1 : 2;
  const listener = logs.listen();
  daemon.thread((reader) => logs.copy(reader, paths.stdout, 'stdout'));
  if (paths.stderr !== '') daemon.thread((reader) => logs.copy(reader, paths.stderr, 'stderr'));
  const ended = new WaitQueue();
  const made = yield* client.exec({ containerId: container.id, execId: id, spec, ...paths });
  const started: { pid: number } | RpcError = isRpcError(made)
    ? made
    : yield* client.startTask(container.id, id);
  if (isRpcError(started)) {
    logs.open = 0;
    logs.release();
    if (stdin !== undefined) thread.close(stdin);
    exec.exitCode = startFailureCode(started.message);
    return new ApiError(400, started.message);
  }
  exec.running = true;
  exec.pid = started.pid;
  containerEvent(daemon, container, `exec_start: ${request.Cmd.join(' ')} `, { execID: id });
  daemon.thread((watcher) => watchExec(daemon, watcher, exec, { logs, listener, ended, stdin }));
  return { logs, listener, ended, stdin };
}

function* watchExec(
  daemon: Dockerd,
  thread: Process,
  exec: ExecProcess,
  run: RunningExec,
): Routine<void> {
  const client = daemon.clientFor(thread);
  const exit = yield* client.waitTask(exec.container.id, exec.id);
  while (run.logs.open > 0 && exec.container.state.pid > 0)
    yield { on: [run.logs.arrived, exec.container.changed] };
  yield* client.deleteExec(exec.container.id, exec.id);
  if (run.stdin !== undefined) thread.close(run.stdin);
  exec.running = false;
  exec.exitCode = isRpcError(exit) ? 137 : exit.exitStatus;
  containerEvent(daemon, exec.container, 'exec_die', {
    execID: exec.id,
    exitCode: String(exec.exitCode),
  });
  run.logs.release();
  run.ended.wake();
}

/** Runs a command to its end, for health checks. */
export function* runExec(
  daemon: Dockerd,
  thread: Process,
  container: Container,
  request: ExecRequest,
  until: number,
): Routine<{ exitCode: number; output: Uint8Array; timedOut: boolean }> {
  const exec = createExec(daemon, container, request);
  if (exec instanceof ApiError) return { exitCode: -1, output: new Uint8Array(0), timedOut: false };
  const run = yield* startExec(daemon, thread, exec);
  if (run instanceof ApiError)
    return { exitCode: exec.exitCode ?? -1, output: encode(run.message), timedOut: false };
  const { listener } = run;
  while (exec.running && thread.now < until) yield { on: [run.ended], until };
  const output = concatBytes(listener.chunks.map((chunk) => chunk.bytes));
  if (!exec.running) return { exitCode: exec.exitCode ?? -1, output, timedOut: false };
  yield* daemon.clientFor(thread).killTask(container.id, 9, { execId: exec.id });
  return { exitCode: -1, output, timedOut: true };
}
