// A client of the CRI: what the kubelet and crictl call containerd with.

import { Content } from '../../core/content.ts';
import { decode, encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { httpRequest, isHttpFailure } from '../../userland/http/client.ts';
import type { Duplex } from '../../userland/http/message.ts';
import { CONTAINERD_ADDRESS } from '../containerd/metadata.ts';
import type { RpcError } from '../rpc.ts';
import { callRpc } from '../rpc-socket.ts';
import { CHANNELS, FrameReader, frame } from './exec.ts';

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
export function* openStream(p: Process, url: string): Routine<Duplex | string> {
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
      headers: { host: `${host}:${port}`, connection: 'Upgrade', upgrade: 'SPDY/3.1' },
      body: Content.empty,
    },
    { alone: true },
  );
  if (isHttpFailure(answer)) return `error dialing backend: ${answer.kind}`;
  return answer.connection ?? `unable to upgrade connection: ${answer.status}`;
}

/** How a stream ended. */
export interface StreamStatus {
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: {
    readonly causes?: readonly { readonly reason: string; readonly message: string }[];
  };
}

/** Joins the process's own standard streams to a stream until it ends; its status. */
export function* relayStream(
  p: Process,
  connection: Duplex,
  withInput: boolean,
): Routine<StreamStatus> {
  if (withInput) {
    p.thread(function* (thread) {
      for (;;) {
        const bytes = yield* thread.read(0, 4096);
        if (!(bytes instanceof Uint8Array) || bytes.length === 0) break;
        if (!(yield* connection.write(frame(CHANNELS.stdin, bytes)))) return 0;
      }
      yield* connection.write(frame(CHANNELS.closeStdin, encode('')));
      return 0;
    });
  }
  const reader = new FrameReader();
  for (;;) {
    const bytes = yield* connection.read();
    if (!bytes) return { status: 'Success' };
    for (const part of reader.push(bytes)) {
      if (part.channel === CHANNELS.status) {
        connection.close();
        return JSON.parse(decode(part.bytes)) as StreamStatus;
      }
      yield* p.write(part.channel === CHANNELS.stderr ? 2 : 1, part.bytes);
    }
  }
}
