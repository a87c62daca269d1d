// PortForward: pairs of streams (error and data) over SPDY, each pair one connection to a port on the loopback address
// inside a pod's network namespace.

import { encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { WaitQueue } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { SpdySession } from '../../userland/http/spdy.ts';
import type { ByteStream } from '../../userland/http/streams.ts';
import type { Sandbox } from './store.ts';

/** What of a sandbox a forwarded connection needs. */
export type ForwardTarget = Pick<Sandbox, 'id' | 'netns' | 'state'>;

export const PORT_FORWARD_PROTOCOL = 'portforward.k8s.io';

/** Serves a client's connections until it goes away. */
export function* portForward(
  p: Process,
  sandbox: ForwardTarget,
  session: SpdySession,
): Routine<void> {
  const errors = new Map<string, ByteStream>();
  for (;;) {
    const stream = yield* session.accept();
    if (!stream) return;
    const { streamtype, port = '', requestid = '' } = stream.headers;
    if (streamtype === 'error') {
      errors.set(requestid, stream);
      continue;
    }
    const error = errors.get(requestid);
    errors.delete(requestid);
    p.thread(function* (thread) {
      yield* forwardOne(thread, sandbox, Number(port), stream, error);
      return 0;
    });
  }
}

function* forwardOne(
  p: Process,
  sandbox: ForwardTarget,
  port: number,
  data: ByteStream,
  error: ByteStream | undefined,
): Routine<void> {
  const { netns, id, state } = sandbox;
  const gone = netns !== '' && state !== 'SANDBOX_READY';
  const socket = gone ? 'gone' : yield* connectInside(p, sandbox, port);
  if (typeof socket === 'string') {
    const why = gone
      ? `network namespace for sandbox "${id}" is closed`
      : `failed to execute portforward in network namespace "${netns}": failed to connect to localhost:${port} inside namespace "${id}", IPv4: dial tcp4 127.0.0.1:${port}: connect: ${socket} IPv6 dial tcp6: address localhost: no suitable address found `;
    const text = `error forwarding port ${port} to pod ${id}, uid : ${why}`;
    if (error) yield* error.write(encode(text));
    if (error) yield* error.close();
    yield* data.close();
    return;
  }
  p.thread(function* (thread) {
    for (;;) {
      const bytes = yield* data.read();
      if (!bytes || isErrno(yield* thread.write(socket, bytes))) break;
    }
    thread.shutdown(socket, 'write');
    return 0;
  });
  for (;;) {
    const bytes = yield* p.read(socket, 32_768);
    if (isErrno(bytes) || bytes.length === 0) break;
    if (!(yield* data.write(bytes))) break;
  }
  yield* data.close();
  if (error) yield* error.close();
  p.close(socket);
}

/** A connection made by a thread that enters the pod's network namespace; or why not. */
function* connectInside(
  p: Process,
  sandbox: ForwardTarget,
  port: number,
): Routine<number | string> {
  let result: number | string | undefined;
  const told = new WaitQueue();
  const done = p.thread(function* (thread) {
    result = yield* connectFrom(thread, sandbox.netns, port);
    told.wake();
    return 0;
  });
  if (isErrno(done)) return done.message.toLowerCase();
  while (result === undefined) yield { on: [told] };
  return result;
}

function* connectFrom(thread: Process, netns: string, port: number): Routine<number | string> {
  if (netns !== '') {
    const fd = thread.open(netns);
    const failure = isErrno(fd) ? fd : thread.setns(fd);
    if (!isErrno(fd)) thread.close(fd);
    if (failure) return failure.message.toLowerCase();
  }
  const socket = thread.socket('inet', 'stream');
  if (isErrno(socket)) return socket.message.toLowerCase();
  const refused = yield* thread.connect(socket, { address: '127.0.0.1', port });
  if (!refused) return socket;
  thread.close(socket);
  return refused.message.toLowerCase();
}
