// Exec, ExecSync, Attach and PortForward (core/exec.go, streaming): docker's own exec and attach at the other end of the CRI's
// streams. Ports are forwarded by entering the sandbox's network namespace, where the real one runs nsenter and socat.

import type { ExecRequest, ExecSyncReply } from '../../containers/cri/exec.ts';
import { portForward } from '../../containers/cri/port-forward.ts';
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
} from '../../containers/cri/remote-command.ts';
import type { StreamingServer } from '../../containers/cri/streaming.ts';
import { isRpcError, RpcError } from '../../containers/rpc.ts';
import { Content } from '../../core/content.ts';
import { concatBytes } from '../../core/text.ts';
import { SECOND } from '../../core/time.ts';
import { type Routine, WaitQueue } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import type { Duplex } from '../../userland/http/message.ts';
import type { SpdySession } from '../../userland/http/spdy.ts';
import { CallError, isCallError } from '../cli/api.ts';
import { Frames } from '../cli/streams.ts';
import { type DockerService, engine, failed, runningContainer } from './service.ts';

const UPGRADE = {
  'content-type': 'application/json',
  connection: 'Upgrade',
  upgrade: 'tcp',
};

type StreamName = 'stdout' | 'stderr';

/** Hands on what comes over a connection of the Engine API, until it ends. */
function* demultiplex(
  connection: Duplex,
  tty: boolean,
  take: (stream: StreamName, bytes: Uint8Array) => Routine<boolean>,
): Routine<void> {
  const frames = new Frames();
  for (;;) {
    const bytes = yield* connection.read();
    if (bytes === undefined) return;
    const pieces = tty ? [{ stream: 'stdout' as const, bytes }] : frames.take(bytes);
    for (const piece of pieces) if (!(yield* take(piece.stream, piece.bytes))) return;
  }
}

/** Copies a client's input to a connection, then says that it ended. */
function sendInput(p: Process, { stdin }: RemoteStreams, connection: Duplex): void {
  if (!stdin) return;
  p.thread(function* () {
    for (;;) {
      const bytes = yield* stdin.read();
      if (!bytes || !(yield* connection.write(bytes))) break;
    }
    connection.closeWrite?.();
    return 0;
  });
}

/** Passes the sizes of a client's terminal on to `path`. */
function sendSizes(service: DockerService, p: Process, streams: RemoteStreams, path: string): void {
  const { resize } = streams;
  if (!resize) return;
  p.thread(function* (thread) {
    for (;;) {
      const bytes = yield* resize.read();
      if (!bytes) return 0;
      for (const { rows, columns } of sizesIn(bytes))
        yield* engine(service, thread).post(path, { h: rows, w: columns });
    }
  });
}

/** Makes an exec and starts it; its id with the connection. */
function* startExec(
  service: DockerService,
  p: Process,
  id: string,
  cmd: readonly string[],
  { stdin, stdout, stderr, tty }: StreamOptions,
): Routine<{ readonly id: string; readonly connection: Duplex } | CallError> {
  const api = engine(service, p);
  const made = yield* api.post<{ Id: string }>(
    `/containers/${id}/exec`,
    {},
    { Cmd: cmd, AttachStdin: stdin, AttachStdout: stdout, AttachStderr: stderr, Tty: tty },
  );
  if (isCallError(made))
    return new CallError(0, `failed to exec in container - Exec setup failed - ${made.text}`);
  const body = Content.ofJson({ Detach: false, Tty: tty });
  const answer = yield* api.open('POST', `/exec/${made.Id}/start`, {}, body, UPGRADE);
  if (isCallError(answer)) return answer;
  if (!answer.connection) return new CallError(0, 'unable to upgrade to tcp, received 200');
  return { id: made.Id, connection: answer.connection };
}

/** How an exec ended. */
function* exitCodeOf(service: DockerService, p: Process, id: string): Routine<number | CallError> {
  for (;;) {
    const found = yield* engine(service, p).get<{ Running: boolean; ExitCode: number | null }>(
      `/exec/${id}/json`,
    );
    if (isCallError(found)) return found;
    if (!found.Running) return found.ExitCode ?? 0;
    yield* p.sleep(SECOND / 10);
  }
}

function* closeOutputs(streams: RemoteStreams): Routine<void> {
  for (const type of ['stdout', 'stderr'] as const) if (streams[type]) yield* streams[type].close();
}

/** Serves an exec. */
function* serveExec(
  service: DockerService,
  p: Process,
  request: ExecRequest,
  session: SpdySession,
): Routine<void> {
  const options = optionsOf(request);
  const streams = yield* acceptRemoteStreams(session, options, p.now + CREATION);
  if (!streams) return;
  const exec = yield* startExec(service, p, request.containerId, request.cmd, options);
  if (isCallError(exec))
    return yield* writeStatus(
      streams,
      internalError(`error executing command in container: ${exec.text}`),
    );
  sendInput(p, streams, exec.connection);
  sendSizes(service, p, streams, `/exec/${exec.id}/resize`);
  yield* demultiplex(exec.connection, options.tty, function* (stream, bytes) {
    return streams[stream] ? yield* streams[stream].write(bytes) : true;
  });
  exec.connection.close();
  const code = yield* exitCodeOf(service, p, exec.id);
  yield* closeOutputs(streams);
  if (isCallError(code)) return yield* writeStatus(streams, internalError(code.text));
  const how = `Error executing in Docker Container: ${code}`;
  yield* writeStatus(streams, exitStatus(code, how));
}

/** Serves an attach. */
function* serveAttach(
  service: DockerService,
  p: Process,
  container: { readonly id: string; readonly tty: boolean },
  request: Partial<StreamOptions>,
  session: SpdySession,
): Routine<void> {
  const options = optionsOf(request);
  const streams = yield* acceptRemoteStreams(session, options, p.now + CREATION);
  if (!streams) return;
  const { stdin, stdout, stderr } = options;
  const answer = yield* engine(service, p).open(
    'POST',
    `/containers/${container.id}/attach`,
    { stream: true, stdin, stdout, stderr },
    Content.empty,
    UPGRADE,
  );
  const connection = isCallError(answer) ? undefined : answer.connection;
  if (!connection) {
    const why = isCallError(answer) ? answer.text : 'unable to upgrade';
    return yield* writeStatus(streams, internalError(`error attaching to container: ${why}`));
  }
  sendInput(p, streams, connection);
  sendSizes(service, p, streams, `/containers/${container.id}/resize`);
  yield* demultiplex(connection, container.tty, function* (stream, bytes) {
    return streams[stream] ? yield* streams[stream].write(bytes) : true;
  });
  connection.close();
  yield* closeOutputs(streams);
  yield* writeStatus(streams, exitStatus(0));
}

/** ExecSync: runs a command and gives its output. `timeout` in seconds; 0 for none. */
export function* execSync(
  service: DockerService,
  p: Process,
  { containerId, cmd, timeout = 0 }: ExecRequest & { readonly timeout?: number },
): Routine<ExecSyncReply | RpcError> {
  const container = yield* runningContainer(service, p, containerId);
  if (isRpcError(container)) return container;
  const options = { stdin: false, stdout: true, stderr: true, tty: false };
  const exec = yield* startExec(service, p, containerId, cmd, options);
  if (isCallError(exec)) return failed(exec);
  const out = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  const ended = new WaitQueue();
  let open = true;
  p.thread(function* () {
    // biome-ignore lint/correctness/useYield: the pieces are only kept
    yield* demultiplex(exec.connection, false, function* (stream, bytes) {
      out[stream].push(bytes);
      return true;
    });
    open = false;
    ended.wake();
    return 0;
  });
  const until = timeout > 0 ? p.now + timeout * SECOND : undefined;
  while (open && (until === undefined || p.now < until)) yield { on: [ended], until };
  exec.connection.close();
  if (open) return new RpcError('DeadlineExceeded', 'context deadline exceeded');
  const exitCode = yield* exitCodeOf(service, p, exec.id);
  if (isCallError(exitCode)) return failed(exitCode);
  return { stdout: concatBytes(out.stdout), stderr: concatBytes(out.stderr), exitCode };
}

/** Exec: the URL at which its streams can be taken up. */
export function* offerExec(
  service: DockerService,
  server: StreamingServer,
  p: Process,
  request: ExecRequest,
): Routine<{ url: string } | RpcError> {
  const container = yield* runningContainer(service, p, request.containerId);
  if (isRpcError(container)) return container;
  return server.offer('exec', (thread, session) => serveExec(service, thread, request, session));
}

/** Attach: the URL at which its streams can be taken up. */
export function* offerAttach(
  service: DockerService,
  server: StreamingServer,
  p: Process,
  request: { readonly containerId: string } & Partial<StreamOptions>,
): Routine<{ url: string } | RpcError> {
  const found = yield* runningContainer(service, p, request.containerId);
  if (isRpcError(found)) return found;
  const container = { id: found.Id, tty: found.Config.Tty };
  return server.offer('attach', (thread, session) =>
    serveAttach(service, thread, container, request, session),
  );
}

/** PortForward: the URL at which connections can be taken up. */
export function* offerPortForward(
  service: DockerService,
  server: StreamingServer,
  p: Process,
  id: string,
): Routine<{ url: string } | RpcError> {
  const found = yield* runningContainer(service, p, id);
  if (isRpcError(found)) return found;
  const sandbox = {
    id: found.Id,
    netns: `/proc/${found.State.Pid}/ns/net`,
    state: 'SANDBOX_READY',
  } as const;
  return server.offer('portforward', (thread, session) => portForward(thread, sandbox, session));
}
