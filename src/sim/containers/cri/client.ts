// A client of the CRI: what the kubelet and crictl call containerd with.

import { Content } from '../../core/content.ts';
import { type Routine, WaitQueue } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { type Errno, isErrno } from '../../kernel/errno.ts';
import type { WindowSize } from '../../kernel/terminal/terminal.ts';
import { httpRequest, isHttpFailure } from '../../userland/http/client.ts';
import type { Duplex } from '../../userland/http/message.ts';
import { writeAll } from '../../userland/libc/whole-file.ts';
import { CONTAINERD_ADDRESS } from '../containerd/metadata.ts';
import type { RpcError } from '../rpc.ts';
import { callRpc } from '../rpc-socket.ts';
import { type RemoteEnds, STREAM_PROTOCOL } from './remote-command.ts';

const SIGWINCH = 28;

/** Methods of the two services by their short names. */
export type CriMethod = `RuntimeService/${string}` | `ImageService/${string}`;

/** One call: `callCri(p, 'RuntimeService/RunPodSandbox', { config })`. */
export function callCri<T>(
  p: Process,
  method: CriMethod,
  request: unknown,
  address: string = CONTAINERD_ADDRESS,
): Routine<T | RpcError> {
  return callRpc<T>(p, { address, namespace: 'k8s.io' }, `/runtime.v1.${method}`, request);
}

/** Takes up a stream at the URL that Exec, Attach or PortForward gave. */
export function* openStream(
  p: Process,
  url: string,
  protocols: readonly string[] = [STREAM_PROTOCOL],
): Routine<Duplex | string> {
  const match = /^http:\/\/([^:/]+):(\d+)(\/.*)$/.exec(url);
  if (!match) return `invalid URL ${url}`;
  const [, host = '', port = '', path = ''] = match;
  const answer = yield* httpRequest(
    p,
    { host, port: Number(port) },
    {
      method: 'POST',
      path,
      query: new Map(),
      headers: {
        host: `${host}:${port}`,
        connection: 'Upgrade',
        upgrade: 'SPDY/3.1',
        'x-stream-protocol-version': protocols.join(', '),
      },
      body: Content.empty,
    },
    { alone: true },
  );
  if (isHttpFailure(answer)) return `error dialing backend: ${answer.kind}`;
  return answer.connection ?? `unable to upgrade connection: ${answer.status}`;
}

/** The process's own standard streams as the ends of a command's; with a terminal its size too. */
export function standardEnds(p: Process, tty: boolean): RemoteEnds {
  return {
    *stdin(thread) {
      for (;;) {
        const bytes = yield* thread.read(0, 32_768);
        if (!isErrno(bytes)) return bytes.length === 0 ? undefined : bytes;
        if (bytes.name !== 'EINTR') return undefined;
      }
    },
    stdout: (bytes) => writeAll(p, 1, bytes),
    stderr: (bytes) => writeAll(p, 2, bytes),
    ...(tty && p.isTerminal(0) ? { size: terminalSizes(p) } : {}),
  };
}

/** The size of the terminal on standard input, now and at every SIGWINCH. */
function terminalSizes(p: Process): (thread: Process) => Routine<WindowSize | undefined> {
  const changed = new WaitQueue();
  let told: WindowSize | undefined;
  p.sigaction(SIGWINCH, () => changed.wake());
  return function* () {
    for (;;) {
      const size = p.ioctl(0, 'TIOCGWINSZ') as WindowSize | Errno;
      if (isErrno(size)) return undefined;
      if (told?.columns !== size.columns || told.rows !== size.rows) {
        told = size;
        return size;
      }
      yield { on: [changed] };
    }
  };
}
