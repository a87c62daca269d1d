// Running commands in containers: ExecSync, and the streaming server behind Exec, Attach and PortForward. A stream is an
// upgraded HTTP connection that carries frames: one byte for the channel, four for the length, then the bytes.

import { concatBytes, decode, encode } from '../../core/text.ts';
import { SECOND } from '../../core/time.ts';
import { type Routine, WaitQueue } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { S_IFIFO } from '../../kernel/files/inode.ts';
import { O_RDONLY, O_RDWR } from '../../kernel/files/open-file.ts';
import type { Duplex } from '../../userland/http/message.ts';
import { type Containerd, makeDirectories, removeAll } from '../containerd/daemon.ts';
import { callShim } from '../containerd/tasks.ts';
import type { ExitState } from '../containerd/types.ts';
import { isRpcError, RpcError } from '../rpc.ts';
import { byPrefix, type Container, CRI_NAMESPACE, criStore } from './store.ts';

/** Channels of a stream. `status` carries one JSON object at the end; `resize` objects with width and height. */
export const CHANNELS = {
  stdin: 0,
  stdout: 1,
  stderr: 2,
  status: 3,
  resize: 4,
  closeStdin: 255,
} as const;

/** One frame. */
export function frame(channel: number, bytes: Uint8Array): Uint8Array {
  const head = new Uint8Array(5);
  head[0] = channel;
  new DataView(head.buffer).setUint32(1, bytes.length);
  return concatBytes([head, bytes]);
}

/** Takes frames out of a stream of bytes. */
export class FrameReader {
  private held: Uint8Array = new Uint8Array(0);

  /** Adds bytes; the frames that are whole now. */
  push(bytes: Uint8Array): { channel: number; bytes: Uint8Array }[] {
    this.held = this.held.length === 0 ? bytes : concatBytes([this.held, bytes]);
    const frames: { channel: number; bytes: Uint8Array }[] = [];
    while (this.held.length >= 5) {
      const view = new DataView(this.held.buffer, this.held.byteOffset, 5);
      const length = view.getUint32(1);
      if (this.held.length < 5 + length) break;
      frames.push({ channel: view.getUint8(0), bytes: this.held.slice(5, 5 + length) });
      this.held = this.held.subarray(5 + length);
    }
    return frames;
  }
}

export interface ExecRequest {
  readonly containerId: string;
  readonly cmd: readonly string[];
  readonly tty?: boolean;
  readonly stdin?: boolean;
}

/** A process that was started in a container, with its FIFOs. */
interface StartedExec {
  readonly container: Container;
  readonly execId: string;
  readonly directory: string;
  readonly stdin: string;
  readonly stdout: string;
  readonly stderr: string;
}

function* startExec(
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

function* goExec(daemon: Containerd, p: Process, exec: StartedExec): Routine<RpcError | undefined> {
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
function collect(
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

/** The status that ends a stream: success, an exit code, or an error's text. */
function statusFrame(exitCode: number, error?: string): Uint8Array {
  if (error !== undefined)
    return frame(
      CHANNELS.status,
      encode(JSON.stringify({ status: 'Failure', message: error, reason: 'InternalError' })),
    );
  if (exitCode === 0) return frame(CHANNELS.status, encode(JSON.stringify({ status: 'Success' })));
  return frame(
    CHANNELS.status,
    encode(
      JSON.stringify({
        status: 'Failure',
        reason: 'NonZeroExitCode',
        message: `command terminated with non-zero exit code: exit status ${exitCode}`,
        details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
      }),
    ),
  );
}

/** Serves an exec over an upgraded connection. */
export function* streamExec(
  daemon: Containerd,
  p: Process,
  request: ExecRequest,
  connection: Duplex,
): Routine<void> {
  const exec = yield* startExec(daemon, p, request);
  if (isRpcError(exec)) {
    yield* connection.write(
      statusFrame(0, `error executing command in container: ${exec.message}`),
    );
    return;
  }
  const changed = new WaitQueue();
  let open = exec.stderr === '' ? 1 : 2;
  for (const stream of ['stdout', 'stderr'] as const) {
    if (exec[stream] === '') continue;
    collect(
      daemon,
      exec[stream],
      function* (_thread, bytes) {
        yield* connection.write(frame(CHANNELS[stream], bytes));
      },
      () => {
        open--;
        changed.wake();
      },
    );
  }
  const failure = yield* goExec(daemon, p, exec);
  if (failure) {
    yield* connection.write(
      statusFrame(0, `error executing command in container: ${failure.message}`),
    );
    return;
  }
  const names = { id: exec.container.id, execId: exec.execId };
  takeInput(daemon, connection, exec.stdin, names);
  const exit = yield* callShim<ExitState>(daemon, p, CRI_NAMESPACE, 'Wait', names);
  while (open > 0) yield { on: [changed] };
  yield* callShim(daemon, p, CRI_NAMESPACE, 'Delete', names);
  removeAll(p, exec.directory);
  yield* connection.write(statusFrame(isRpcError(exit) ? 255 : exit.exitStatus));
}

function takeInput(
  daemon: Containerd,
  connection: Duplex,
  stdin: string,
  names: { id: string; execId: string },
): void {
  daemon.process.thread(function* (thread) {
    const reader = new FrameReader();
    const fd = stdin === '' ? undefined : thread.open(stdin, O_RDWR);
    for (;;) {
      const bytes = yield* connection.read();
      if (!bytes) break;
      for (const part of reader.push(bytes)) {
        if (part.channel === CHANNELS.resize) {
          const { width, height } = JSON.parse(decode(part.bytes)) as {
            width: number;
            height: number;
          };
          yield* callShim(daemon, thread, CRI_NAMESPACE, 'ResizePty', { ...names, width, height });
        } else if (part.channel === CHANNELS.closeStdin) {
          yield* callShim(daemon, thread, CRI_NAMESPACE, 'CloseIO', names);
        } else if (fd !== undefined && !isErrno(fd)) yield* thread.write(fd, part.bytes);
      }
    }
    if (fd !== undefined && !isErrno(fd)) thread.close(fd);
    return 0;
  });
}

/** Serves an attach: what the container prints from now on, and its standard input. */
export function* streamAttach(
  daemon: Containerd,
  containerId: string,
  connection: Duplex,
): Routine<void> {
  const container = byPrefix(criStore(daemon).containers, containerId);
  if (container?.state !== 'CONTAINER_RUNNING') {
    yield* connection.write(
      statusFrame(0, `container is in ${container?.state ?? 'CONTAINER_UNKNOWN'} state`),
    );
    return;
  }
  const pieces: Uint8Array[] = [];
  const arrived = new WaitQueue();
  const watcher = (stream: 'stdout' | 'stderr', bytes: Uint8Array): void => {
    pieces.push(frame(CHANNELS[stream], bytes));
    arrived.wake();
  };
  container.watchers.add(watcher);
  daemon.process.thread(function* (thread) {
    const reader = new FrameReader();
    for (;;) {
      const bytes = yield* connection.read();
      if (!bytes) return 0;
      for (const part of reader.push(bytes)) {
        if (part.channel === CHANNELS.stdin && container.stdin)
          yield* container.stdin(thread, part.bytes);
        if (part.channel === CHANNELS.closeStdin && container.config.stdinOnce) {
          yield* callShim(daemon, thread, CRI_NAMESPACE, 'CloseIO', { id: container.id });
        }
      }
    }
  });
  for (;;) {
    const piece = pieces.shift();
    if (piece) {
      if (!(yield* connection.write(piece))) break;
    } else if (container.state === ('CONTAINER_EXITED' as string)) break;
    else yield { on: [arrived, container.changed] };
  }
  container.watchers.delete(watcher);
  yield* connection.write(statusFrame(0));
}
