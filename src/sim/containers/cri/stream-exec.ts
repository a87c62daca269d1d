// Exec and Attach with streams, at the runtime's end: a client's streams joined to a process in a container.

import type { Routine } from '../../core/wait.ts';
import { WaitQueue } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { O_RDWR } from '../../kernel/files/open-file.ts';
import type { SpdySession } from '../../userland/http/spdy.ts';
import type { Containerd } from '../containerd/daemon.ts';
import { removeAll } from '../containerd/daemon.ts';
import { callShim } from '../containerd/tasks.ts';
import type { ExitState } from '../containerd/types.ts';
import { isRpcError } from '../rpc.ts';
import { collect, type ExecRequest, goExec, startExec } from './exec.ts';
import {
  acceptRemoteStreams,
  CREATION,
  exitStatus,
  internalError,
  optionsOf,
  type RemoteStreams,
  type StreamOptions,
  sizesIn,
  writeStatus,
} from './remote-command.ts';
import { byPrefix, type Container, CRI_NAMESPACE, criStore } from './store.ts';

/** Serves an exec. */
export function* streamExec(
  daemon: Containerd,
  p: Process,
  request: ExecRequest,
  session: SpdySession,
): Routine<void> {
  const streams = yield* acceptRemoteStreams(session, optionsOf(request), p.now + CREATION);
  if (!streams) return;
  const refuse = (text: string): Routine<void> =>
    writeStatus(streams, internalError(`error executing command in container: ${text}`));
  const exec = yield* startExec(daemon, p, request);
  if (isRpcError(exec)) return yield* refuse(exec.message);
  const changed = new WaitQueue();
  let open = exec.stderr === '' ? 1 : 2;
  for (const type of ['stdout', 'stderr'] as const) {
    if (exec[type] === '') continue;
    collect(
      daemon,
      exec[type],
      function* (_thread, bytes) {
        if (streams[type]) yield* streams[type].write(bytes);
      },
      () => {
        open--;
        changed.wake();
      },
    );
  }
  const failure = yield* goExec(daemon, p, exec);
  if (failure) return yield* refuse(failure.message);
  const names = { id: exec.container.id, execId: exec.execId };
  takeInput(p, streams, exec.stdin, function* (thread) {
    yield* callShim(daemon, thread, CRI_NAMESPACE, 'CloseIO', names);
  });
  takeSizes(daemon, p, streams, names);
  const exit = yield* callShim<ExitState>(daemon, p, CRI_NAMESPACE, 'Wait', names);
  while (open > 0) yield { on: [changed] };
  yield* callShim(daemon, p, CRI_NAMESPACE, 'Delete', names);
  removeAll(p, exec.directory);
  for (const type of ['stdout', 'stderr'] as const) if (streams[type]) yield* streams[type].close();
  yield* writeStatus(streams, exitStatus(isRpcError(exit) ? 255 : exit.exitStatus));
}

/** Copies a client's standard input to a FIFO, and tells its end. */
function takeInput(
  p: Process,
  { stdin }: RemoteStreams,
  fifo: string,
  ended: (thread: Process) => Routine<void>,
): void {
  if (!stdin) return;
  p.thread(function* (thread) {
    const fd = thread.open(fifo, O_RDWR);
    for (;;) {
      const bytes = yield* stdin.read();
      if (!bytes) break;
      if (!isErrno(fd)) yield* thread.write(fd, bytes);
    }
    yield* ended(thread);
    if (!isErrno(fd)) thread.close(fd);
    return 0;
  });
}

function takeSizes(
  daemon: Containerd,
  p: Process,
  { resize }: RemoteStreams,
  names: { id: string; execId?: string },
): void {
  if (!resize) return;
  p.thread(function* (thread) {
    for (;;) {
      const bytes = yield* resize.read();
      if (!bytes) return 0;
      for (const { columns: width, rows: height } of sizesIn(bytes))
        yield* callShim(daemon, thread, CRI_NAMESPACE, 'ResizePty', { ...names, width, height });
    }
  });
}

/** Serves an attach: what the container prints from now on, and its standard input. */
export function* streamAttach(
  daemon: Containerd,
  p: Process,
  containerId: string,
  request: Partial<StreamOptions>,
  session: SpdySession,
): Routine<void> {
  const streams = yield* acceptRemoteStreams(session, optionsOf(request), p.now + CREATION);
  if (!streams) return;
  const container = byPrefix(criStore(daemon).containers, containerId);
  if (container?.state !== 'CONTAINER_RUNNING') {
    const state = container?.state ?? 'CONTAINER_UNKNOWN';
    yield* writeStatus(
      streams,
      internalError(`error attaching to container: container is in ${state} state`),
    );
    return;
  }
  takeSizes(daemon, p, streams, { id: container.id });
  yield* showOutput(daemon, p, container, streams, session);
  for (const type of ['stdout', 'stderr'] as const) if (streams[type]) yield* streams[type].close();
  yield* writeStatus(streams, exitStatus(0));
}

/** Shows output until the container ends, or until the client's input ends where others may attach after it. */
function* showOutput(
  daemon: Containerd,
  p: Process,
  container: Container,
  streams: RemoteStreams,
  session: SpdySession,
): Routine<void> {
  const pieces: { type: 'stdout' | 'stderr'; bytes: Uint8Array }[] = [];
  const arrived = new WaitQueue();
  let left = false;
  const watcher = (type: 'stdout' | 'stderr', bytes: Uint8Array): void => {
    pieces.push({ type, bytes });
    arrived.wake();
  };
  container.watchers.add(watcher);
  attachInput(daemon, p, container, streams, () => {
    left = true;
    arrived.wake();
  });
  while (!session.closed) {
    const piece = pieces.shift();
    if (piece) {
      const stream = streams[piece.type];
      if (stream && !(yield* stream.write(piece.bytes))) break;
    } else if (left || container.state === ('CONTAINER_EXITED' as string)) break;
    else yield { on: [arrived, container.changed, session.changed] };
  }
  container.watchers.delete(watcher);
}

function attachInput(
  daemon: Containerd,
  p: Process,
  container: Container,
  { stdin }: RemoteStreams,
  leave: () => void,
): void {
  if (!stdin) return;
  p.thread(function* (thread) {
    for (;;) {
      const bytes = yield* stdin.read();
      if (!bytes) break;
      if (container.stdin) yield* container.stdin(thread, bytes);
    }
    if (container.config.stdinOnce && !container.config.tty)
      yield* callShim(daemon, thread, CRI_NAMESPACE, 'CloseIO', { id: container.id });
    else leave();
    return 0;
  });
}
