// Running commands in containers: the process that exec starts through the shim, and ExecSync. Exec with streams is in
// stream-exec.ts.

import { concatBytes } from '../../core/text.ts';
import { SECOND } from '../../core/time.ts';
import { type Routine, WaitQueue } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { S_IFIFO } from '../../kernel/files/inode.ts';
import { O_RDONLY } from '../../kernel/files/open-file.ts';
import { type Containerd, makeDirectories, removeAll } from '../containerd/daemon.ts';
import { callShim } from '../containerd/tasks.ts';
import type { ExitState } from '../containerd/types.ts';
import { isRpcError, RpcError } from '../rpc.ts';
import { byPrefix, type Container, CRI_NAMESPACE, criStore } from './store.ts';

export interface ExecRequest {
  readonly containerId: string;
  readonly cmd: readonly string[];
  readonly tty?: boolean;
  readonly stdin?: boolean;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
}

/** A process that was started in a container, with its FIFOs. */
export interface StartedExec {
  readonly container: Container;
  readonly execId: string;
  readonly directory: string;
  readonly stdin: string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Makes the process known to the shim, not yet running. */
export function* startExec(
  daemon: Containerd,
  p: Process,
  request: ExecRequest,
): Routine<StartedExec | RpcError> {
  const container = byPrefix(criStore(daemon).containers, request.containerId);
  if (!container)
    return new RpcError(
      'NotFound',
      `an error occurred when try to find container "${request.containerId}": not found`,
    );
  if (container.state !== 'CONTAINER_RUNNING') {
    return new RpcError('Unknown', `container is in ${container.state} state`);
  }
  const record = daemon.data(CRI_NAMESPACE).containers.get(container.id);
  const process = record?.spec.process;
  if (!process) return new RpcError('NotFound', `container "${container.id}": not found`);
  const execId = p.simulation.random
    .fork(`exec ${container.id} ${p.now} ${p.task.pid} ${request.cmd.join(' ')}`)
    .hex(64);
  const directory = `${daemon.state}/io.containerd.grpc.v1.cri/containers/${container.id}/io/${execId.slice(0, 10)}`;
  makeDirectories(p, directory, 0o700);
  const fifo = (name: string): string => {
    p.mknod(`${directory}/${execId}-${name}`, S_IFIFO | 0o700);
    return `${directory}/${execId}-${name}`;
  };
  const terminal = request.tty ?? false;
  const paths = {
    stdin: request.stdin ? fifo('stdin') : '',
    stdout: fifo('stdout'),
    stderr: terminal ? '' : fifo('stderr'),
  };
  const started = { container, execId, directory, ...paths };
  const env = terminal ? [...(process.env ?? []), 'TERM=xterm'] : (process.env ?? []);
  const spec = { ...process, args: request.cmd, terminal, env };
  const id = container.id;
  const added = yield* callShim(daemon, p, CRI_NAMESPACE, 'Exec', {
    id,
    execId,
    spec,
    terminal,
    ...paths,
  });
  if (isRpcError(added)) {
    removeAll(p, directory);
    return new RpcError(
      'Unknown',
      `failed to exec in container: failed to create exec "${execId}": ${added.message}`,
    );
  }
  return started;
}

/** Starts it. */
export function* goExec(
  daemon: Containerd,
  p: Process,
  exec: StartedExec,
): Routine<RpcError | undefined> {
  const names = { id: exec.container.id, execId: exec.execId };
  const running = yield* callShim(daemon, p, CRI_NAMESPACE, 'Start', names);
  if (!isRpcError(running)) return undefined;
  yield* callShim(daemon, p, CRI_NAMESPACE, 'Delete', names);
  removeAll(p, exec.directory);
  return new RpcError(
    'Unknown',
    `failed to exec in container: failed to start exec "${exec.execId}": ${running.message}`,
  );
}

/** Copies a FIFO to `take`; tells `done` at its end. */
export function collect(
  daemon: Containerd,
  path: string,
  take: (p: Process, bytes: Uint8Array) => Routine<void>,
  done: () => void,
): void {
  daemon.process.thread(function* (thread) {
    const fd = thread.open(path, O_RDONLY);
    if (!isErrno(fd)) {
      for (;;) {
        const bytes = yield* thread.read(fd, 32_768);
        if (isErrno(bytes) || bytes.length === 0) break;
        yield* take(thread, bytes);
      }
      thread.close(fd);
    }
    done();
    return 0;
  });
}

export interface ExecSyncReply {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly exitCode: number;
}

/** ExecSync: runs a command and gives its output. `timeout` in seconds; 0 for none. */
export function* execSync(
  daemon: Containerd,
  p: Process,
  request: ExecRequest,
  timeout: number,
): Routine<ExecSyncReply | RpcError> {
  const exec = yield* startExec(daemon, p, request);
  if (isRpcError(exec)) return exec;
  const out = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  const changed = new WaitQueue();
  let open = 2;
  for (const stream of ['stdout', 'stderr'] as const) {
    collect(
      daemon,
      exec[stream],
      function* (_p, bytes) {
        out[stream].push(bytes);
      },
      () => {
        open--;
        changed.wake();
      },
    );
  }
  const failure = yield* goExec(daemon, p, exec);
  if (failure) return failure;
  const names = { id: exec.container.id, execId: exec.execId };
  let exit: ExitState | RpcError | undefined;
  daemon.process.thread(function* (thread) {
    exit = yield* callShim<ExitState>(daemon, thread, CRI_NAMESPACE, 'Wait', names);
    changed.wake();
    return 0;
  });
  const until = timeout > 0 ? p.now + timeout * SECOND : undefined;
  while ((exit === undefined || open > 0) && (until === undefined || p.now < until))
    yield { on: [changed], until };
  if (exit === undefined) {
    yield* callShim(daemon, p, CRI_NAMESPACE, 'Kill', { ...names, signal: 9 });
    while (exit === undefined) yield { on: [changed] };
    yield* callShim(daemon, p, CRI_NAMESPACE, 'Delete', names);
    removeAll(p, exec.directory);
    return new RpcError(
      'DeadlineExceeded',
      `failed to exec in container: timeout ${timeout}s exceeded: context deadline exceeded`,
    );
  }
  yield* callShim(daemon, p, CRI_NAMESPACE, 'Delete', names);
  removeAll(p, exec.directory);
  const code = isRpcError(exit) ? 255 : (exit as ExitState).exitStatus;
  return { stdout: concatBytes(out.stdout), stderr: concatBytes(out.stderr), exitCode: code };
}
