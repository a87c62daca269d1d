// The streaming server behind Exec, Attach and PortForward: each URL that it gives can be taken up once, by a connection
// that is upgraded to SPDY/3.1.

import { Content } from '../../core/content.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { serveHttp } from '../../userland/http/server.ts';
import { SpdySession } from '../../userland/http/spdy.ts';
import type { Containerd } from '../containerd/daemon.ts';
import { RpcError, type RpcMethods } from '../rpc.ts';
import type { ExecRequest } from './exec.ts';
import { PORT_FORWARD_PROTOCOL, portForward } from './port-forward.ts';
import { STREAM_PROTOCOL, type StreamOptions } from './remote-command.ts';
import { RUNTIME_API } from './server.ts';
import { byPrefix, criStore } from './store.ts';
import { streamAttach, streamExec } from './stream-exec.ts';

/** What serves one connection's streams. */
type StreamServer = (p: Process, session: SpdySession) => Routine<void>;

/** Protocols by the kind of the stream. */
const PROTOCOLS = {
  exec: STREAM_PROTOCOL,
  attach: STREAM_PROTOCOL,
  portforward: PORT_FORWARD_PROTOCOL,
} as const;

/** Serves streams on a port of the loopback address, from its first use on. */
export class StreamingServer {
  private readonly daemon: { readonly process: Process };
  private port = 0;
  private tokens = 0;
  private readonly requests = new Map<string, StreamServer>();

  constructor(daemon: { readonly process: Process }) {
    this.daemon = daemon;
  }

  /** The URL at which a stream can be taken up, once. */
  offer(kind: keyof typeof PROTOCOLS, serve: StreamServer): { url: string } | RpcError {
    if (this.port === 0 && !this.listen())
      return new RpcError('Unknown', 'streaming server cannot listen');
    const token = this.daemon.process.simulation.random
      .fork(`token ${this.daemon.process.now} ${this.tokens++}`)
      .letters(8, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
    this.requests.set(`/${kind}/${token}`, serve);
    return { url: `http://127.0.0.1:${this.port}/${kind}/${token}` };
  }

  private listen(): boolean {
    const { process: p } = this.daemon;
    const fd = p.socket('inet', 'stream');
    if (isErrno(fd)) return false;
    const failure = p.bind(fd, { address: '127.0.0.1', port: 0 }) ?? p.listen(fd);
    const name = failure ?? p.getsockname(fd);
    if (isErrno(name) || !('port' in name)) return false;
    p.setCloseOnExec(fd, true);
    this.port = name.port;
    const { requests } = this;
    p.thread(function* (thread) {
      yield* serveHttp(thread, fd, function* (request, process) {
        const serve = requests.get(request.path);
        requests.delete(request.path);
        if (!serve) return { status: 404, headers: {}, body: Content.ofText('') };
        const kind = request.path.split('/')[1] as keyof typeof PROTOCOLS;
        const headers = {
          connection: 'Upgrade',
          upgrade: 'SPDY/3.1',
          'x-stream-protocol-version': PROTOCOLS[kind],
        };
        return {
          status: 101,
          headers,
          *upgrade(connection) {
            const session = new SpdySession(process, connection);
            yield* serve(process, session);
            session.close();
          },
        };
      });
      return 0;
    });
    return true;
  }
}

export function streamMethods(daemon: Containerd): RpcMethods {
  const at = RUNTIME_API;
  const server = new StreamingServer(daemon);
  const store = criStore(daemon);
  return {
    *[`${at}Exec`](request: ExecRequest) {
      const container = byPrefix(store.containers, request.containerId);
      if (!container)
        return new RpcError(
          'NotFound',
          `failed to find container "${request.containerId}" in store: not found`,
        );
      if (container.state !== 'CONTAINER_RUNNING')
        return new RpcError('Unknown', `container is in ${container.state} state`);
      return server.offer('exec', (p, session) => streamExec(daemon, p, request, session));
    },
    *[`${at}Attach`](request: { containerId: string } & Partial<StreamOptions>) {
      const container = byPrefix(store.containers, request.containerId);
      if (!container)
        return new RpcError('NotFound', `failed to find container in store: not found`);
      if (container.state !== 'CONTAINER_RUNNING')
        return new RpcError('Unknown', `container is in ${container.state} state`);
      return server.offer('attach', (p, session) =>
        streamAttach(daemon, p, container.id, request, session),
      );
    },
    *[`${at}PortForward`](request: { podSandboxId: string }) {
      const sandbox = byPrefix(store.sandboxes, request.podSandboxId);
      if (!sandbox)
        return new RpcError(
          'NotFound',
          `failed to find sandbox "${request.podSandboxId}" in store: not found`,
        );
      if (sandbox.state !== 'SANDBOX_READY')
        return new RpcError('Unknown', `sandbox container "${sandbox.id}" is not running`);
      return server.offer('portforward', (p, session) => portForward(p, sandbox, session));
    },
  };
}
