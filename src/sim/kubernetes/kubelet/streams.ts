// exec, attach and portForward of the kubelet's API: the runtime gives a URL, and the connection is joined to it. SPDY is
// passed through; a WebSocket is translated (exec, attach) or carries SPDY inside it (portForward).

import { openStream } from '../../containers/cri/client.ts';
import { PORT_FORWARD_PROTOCOL } from '../../containers/cri/port-forward.ts';
import {
  exitCodeIn,
  exitStatus,
  internalError,
  openRemoteStreams,
  type RemoteStatus,
  relayRemote,
  STREAM_PROTOCOL,
  type StreamOptions,
  sizesIn,
  writeStatus,
} from '../../containers/cri/remote-command.ts';
import { isRpcError, type RpcError, rpcErrorText } from '../../containers/rpc.ts';
import { Content } from '../../core/content.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import type { WindowSize } from '../../kernel/terminal/terminal.ts';
import type { Duplex, HttpRequest, HttpResponse } from '../../userland/http/message.ts';
import type { ByteStream } from '../../userland/http/streams.ts';
import {
  tunnelOf,
  WebSocket,
  webSocketAnswer,
  webSocketProtocols,
} from '../../userland/http/websocket.ts';
import { joinStreams } from '../apiserver/outgoing.ts';
import { CHANNEL_PROTOCOL, channelsOf } from '../component/channels.ts';
import type { KubeletContext } from './context.ts';
import type { PodWorker } from './worker.ts';

/** The kinds of streams, as they stand in paths. */
export const STREAM_KINDS = ['exec', 'attach', 'portForward'] as const;
export type StreamKind = (typeof STREAM_KINDS)[number];

/** The subprotocol of a WebSocket that carries SPDY for port-forward. */
export const TUNNEL_PROTOCOL = `SPDY/3.1+${PORT_FORWARD_PROTOCOL}`;

function text(status: number, words: string): HttpResponse {
  const headers = { 'content-type': 'text/plain; charset=utf-8' };
  return { status, headers, body: Content.ofText(words) };
}

/** What a request asks to have joined (remotecommandserver.NewOptions). */
function optionsOf(request: HttpRequest): StreamOptions {
  const on = (name: string): boolean => request.query.get(name)?.[0] === '1';
  const tty = on('tty');
  return { stdin: on('input'), stdout: on('output'), stderr: on('error') && !tty, tty };
}

/** An attach has a terminal where the container has one: that was settled when it was made. */
function optionsFor(
  worker: PodWorker,
  kind: StreamKind,
  name: string,
  request: HttpRequest,
): StreamOptions {
  const options = optionsOf(request);
  if (kind !== 'attach') return options;
  const { containers, initContainers = [], ephemeralContainers = [] } = worker.pod.spec;
  const spec = [...containers, ...initContainers, ...ephemeralContainers].find(
    (one) => one.name === name,
  );
  const tty = spec?.tty ?? false;
  return { ...options, tty, stderr: options.stderr && !tty };
}

/** Answers a request for a stream of a pod. */
export function* serveStream(
  context: KubeletContext,
  worker: PodWorker,
  kind: StreamKind,
  container: string,
  request: HttpRequest,
): Routine<HttpResponse> {
  const forward = kind === 'portForward';
  const options = optionsFor(worker, kind, container, request);
  if (!forward && !options.stdin && !options.stdout && !options.stderr)
    return text(400, 'you must specify at least 1 of stdin, stdout, stderr');
  const url = yield* urlOf(context, worker, kind, container, request, options);
  if (isRpcError(url)) return text(url.code === 'NotFound' ? 404 : 500, rpcErrorText(url));
  if (typeof url !== 'string') return url;
  const protocols = webSocketProtocols(request.headers);
  if (protocols === undefined) return yield* passThrough(context.process, url, forward);
  const wanted = forward ? TUNNEL_PROTOCOL : CHANNEL_PROTOCOL;
  if (!protocols.includes(wanted)) return text(403, '');
  const { process } = context;
  return {
    status: 101,
    headers: webSocketAnswer(request.headers, wanted),
    *upgrade(connection) {
      const socket = new WebSocket(process, connection, 'server');
      if (forward) yield* tunnel(process, url, socket, connection);
      else yield* translate(process, url, socket, connection, options);
    },
  };
}

/** Where the runtime serves the stream; an answer where there is nothing to be joined. */
function* urlOf(
  { cri }: KubeletContext,
  worker: PodWorker,
  kind: StreamKind,
  name: string,
  request: HttpRequest,
  options: StreamOptions,
): Routine<string | RpcError | HttpResponse> {
  const { namespace = '', name: pod = '' } = worker.pod.metadata;
  if (kind === 'portForward') {
    const sandbox = worker.observation.sandboxes[0];
    if (sandbox?.state !== 'SANDBOX_READY')
      return text(500, `pod not found ("${pod}_${namespace}")`);
    return yield* cri.stream('PortForward', { podSandboxId: sandbox.id });
  }
  const container = worker.observation.containers.get(name)?.[0];
  if (container?.state !== 'CONTAINER_RUNNING')
    return text(
      500,
      kind === 'exec'
        ? `container not found ("${name}")`
        : `container ${name} not found in pod ${pod}_${namespace}`,
    );
  const containerId = container.id;
  if (kind === 'attach') return yield* cri.stream('Attach', { containerId, ...options });
  const cmd = request.query.get('command') ?? [];
  return yield* cri.stream('Exec', { containerId, ...options, cmd });
}

/** A client that speaks SPDY itself is joined to the runtime as it is. */
function* passThrough(process: Process, url: string, forward: boolean): Routine<HttpResponse> {
  const protocol = forward ? PORT_FORWARD_PROTOCOL : STREAM_PROTOCOL;
  const backend = yield* openStream(process, url, [protocol]);
  if (typeof backend === 'string') return text(500, backend);
  return {
    status: 101,
    headers: {
      connection: 'Upgrade',
      upgrade: 'SPDY/3.1',
      'x-stream-protocol-version': protocol,
    },
    upgrade: (client) => joinStreams(process, client, backend),
  };
}

function* tunnel(
  process: Process,
  url: string,
  socket: WebSocket,
  connection: Duplex,
): Routine<void> {
  const backend = yield* openStream(process, url, [PORT_FORWARD_PROTOCOL]);
  if (typeof backend === 'string') connection.close();
  else yield* joinStreams(process, tunnelOf(socket, connection), backend);
}

/** The stream translator: channels of a WebSocket on one side, streams of SPDY on the other. */
function* translate(
  process: Process,
  url: string,
  socket: WebSocket,
  connection: Duplex,
  options: StreamOptions,
): Routine<void> {
  const gone = { tell: (): void => {} };
  const channels = channelsOf(process, socket, () => gone.tell());
  // An empty message tells the client that the connection stands.
  yield* (options.stdout ? channels.stdout : channels.error).write(new Uint8Array(0));
  const backend = yield* openStream(process, url);
  let status: RemoteStatus;
  if (typeof backend === 'string') status = internalError(backend);
  else {
    const { session, streams } = yield* openRemoteStreams(process, backend, options);
    gone.tell = () => session.close();
    const { stdin, stdout, stderr, resize } = channels;
    const ended = yield* relayRemote(process, streams, {
      stdin: () => stdin.read(),
      stdout: (bytes) => stdout.write(bytes),
      stderr: (bytes) => stderr.write(bytes),
      size: sizesOf(resize),
    });
    session.close();
    status = translated(ended);
  }
  yield* writeStatus(channels, status);
  yield* socket.close();
  connection.close();
}

/** The runtime's word on how a command ended as the translator tells it on. */
function translated(status: RemoteStatus | undefined): RemoteStatus {
  if (!status || status.status === 'Success') return { status: 'Success' };
  const code = exitCodeIn(status);
  if (code === undefined) return internalError(status.message ?? '');
  return exitStatus(code, `command terminated with exit code ${code}`);
}

function sizesOf(resize: ByteStream): () => Routine<WindowSize | undefined> {
  const waiting: WindowSize[] = [];
  return function* () {
    for (;;) {
      const size = waiting.shift();
      if (size) return size;
      const bytes = yield* resize.read();
      if (!bytes) return undefined;
      waiting.push(...sizesIn(bytes));
    }
  };
}
