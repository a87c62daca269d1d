// PortForward: a stream to a port on the loopback address inside a pod's network namespace.

import { encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Duplex } from '../../userland/http/message.ts';
import { CHANNELS, FrameReader, frame } from './exec.ts';
import type { Sandbox } from './store.ts';

/**
 * Serves one forwarded connection: data goes both ways on the channels stdin and stdout, an error's text on stderr.
 * Without a port the first frame on channel `resize` names it: `{"port":80}`.
 */
export function* portForward(
  p: Process,
  sandbox: Sandbox,
  connection: Duplex,
  port: number | undefined,
): Routine<void> {
  const reader = new FrameReader();
  let wanted = port;
  const early: Uint8Array[] = [];
  while (wanted === undefined) {
    const bytes = yield* connection.read();
    if (!bytes) return;
    for (const part of reader.push(bytes)) {
      if (part.channel === CHANNELS.resize)
        wanted = (JSON.parse(String.fromCharCode(...part.bytes)) as { port: number }).port;
      else early.push(part.bytes);
    }
  }
  const socket = yield* connectInside(p, sandbox, wanted);
  if (typeof socket === 'string') {
    const text = `failed to execute portforward in network namespace "${sandbox.netns}": failed to connect to localhost:${wanted} inside namespace "${sandbox.id}", IPv4: dial tcp4 127.0.0.1:${wanted}: connect: ${socket} IPv6 dial tcp6: address localhost: no suitable address found `;
    yield* connection.write(frame(CHANNELS.stderr, encode(text)));
    return;
  }
  for (const bytes of early) yield* p.write(socket, bytes);
  p.thread(function* (thread) {
    for (;;) {
      const bytes = yield* connection.read();
      if (!bytes) break;
      for (const part of reader.push(bytes)) {
        if (part.channel === CHANNELS.closeStdin) thread.shutdown(socket, 'write');
        else yield* thread.write(socket, part.bytes);
      }
    }
    thread.shutdown(socket, 'both');
    return 0;
  });
  for (;;) {
    const bytes = yield* p.read(socket, 32_768);
    if (isErrno(bytes) || bytes.length === 0) break;
    if (!(yield* connection.write(frame(CHANNELS.stdout, bytes)))) break;
  }
  p.close(socket);
}

/** A connection made by a thread that enters the pod's network namespace; or why not. */
function* connectInside(p: Process, sandbox: Sandbox, port: number): Routine<number | string> {
  let result: number | string | undefined;
  const done = p.thread(function* (thread) {
    if (sandbox.netns !== '') {
      const fd = thread.open(sandbox.netns);
      const failure = isErrno(fd) ? fd : thread.setns(fd);
      if (!isErrno(fd)) thread.close(fd);
      if (failure) {
        result = failure.message.toLowerCase();
        return 1;
      }
    }
    const socket = thread.socket('inet', 'stream');
    if (isErrno(socket)) {
      result = socket.message.toLowerCase();
      return 1;
    }
    const refused = yield* thread.connect(socket, { address: '127.0.0.1', port });
    result = refused ? refused.message.toLowerCase() : socket;
    return 0;
  });
  if (isErrno(done)) return done.message.toLowerCase();
  while (result === undefined) yield* p.sleep(100_000);
  return result;
}
