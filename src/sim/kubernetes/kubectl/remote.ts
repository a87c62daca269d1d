// Streams with a container: a WebSocket to the API server, SPDY where that is refused (remotecommand's fallback executor).

import { standardEnds } from '../../containers/cri/client.ts';
import {
  exitCodeIn,
  openRemoteStreams,
  type RemoteEnds,
  type RemoteStatus,
  relayRemote,
  STREAM_PROTOCOL,
  type StreamOptions,
} from '../../containers/cri/remote-command.ts';
import { rawMode } from '../../containers/runc/console.ts';
import type { Routine } from '../../core/wait.ts';
import type { Termios } from '../../kernel/terminal/termios.ts';
import { type HttpAnswer, wholeBody } from '../../userland/http/client.ts';
import type { Duplex } from '../../userland/http/message.ts';
import { WebSocket, webSocketRequest } from '../../userland/http/websocket.ts';
import type { Pod } from '../api/types/pod.ts';
import { CHANNEL_PROTOCOL, channelsOf } from '../component/channels.ts';
import type { Call } from './command.ts';
import { needResource, pathOf } from './discovery.ts';
import { Failure, failure } from './failure.ts';

/** What is asked of a container. */
export interface RemoteRequest {
  readonly pod: Pod;
  readonly subresource: 'exec' | 'attach';
  readonly container: string;
  readonly command?: readonly string[];
  readonly options: StreamOptions;
}

/** What a server said instead of upgrading a connection. */
export function* upgradeRefusal(answer: HttpAnswer): Routine<string> {
  const text = (yield* wholeBody(answer)).text().trim();
  if (text === '') return 'empty server response';
  try {
    const { message, error } = JSON.parse(text) as { message?: string; error?: string };
    return message?.trim() || error?.trim() || text;
  } catch {
    return text;
  }
}

/** Joins streams to a container; how it ended. `begun` is told when the connection stands. */
export function* joinRemote(
  call: Call,
  request: RemoteRequest,
  ends: RemoteEnds,
): Routine<RemoteStatus | undefined> {
  const { process } = call.main;
  const { options } = request;
  const client = yield* call.client();
  const { namespace = '', name = '' } = request.pod.metadata;
  const pods = needResource(yield* call.discovery(), 'pods');
  const path = pathOf(pods, namespace, name, request.subresource);
  const on = (yes: boolean): string | undefined => (yes ? 'true' : undefined);
  const query = {
    command: request.command,
    container: request.container,
    stdin: on(options.stdin),
    stdout: on(options.stdout),
    stderr: on(options.stderr),
    tty: on(options.tty),
  };
  const upgrade = webSocketRequest(process, [CHANNEL_PROTOCOL]);
  const answer = yield* client.raw('GET', path, { query, upgrade });
  if (answer.connection) {
    const socket = new WebSocket(process, answer.connection, 'client');
    return yield* relayRemote(process, channelsOf(process, socket), ends);
  }
  const { session, streams } = yield* openRemoteStreams(
    process,
    yield* spdyConnection(call, path, query),
    options,
  );
  const status = yield* relayRemote(process, streams, ends);
  session.close();
  return status;
}

function* spdyConnection(
  call: Call,
  path: string,
  query: Readonly<Record<string, string | readonly string[] | undefined>>,
): Routine<Duplex> {
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'SPDY/3.1',
    'x-stream-protocol-version': `v5.channel.k8s.io, ${STREAM_PROTOCOL}`,
  };
  const answer = yield* (yield* call.client()).raw('POST', path, { query, upgrade });
  if (answer.connection) return answer.connection;
  throw failure(`unable to upgrade connection: ${yield* upgradeRefusal(answer)}`);
}

/** Joins the command's own standard streams; a terminal is raw meanwhile. A command that failed ends this one alike. */
export function* joinStandardStreams(call: Call, request: RemoteRequest): Routine<void> {
  const { process } = call.main;
  const { tty, stdin } = request.options;
  const before = tty && stdin ? (process.ioctl(0, 'TCGETS') as Termios) : undefined;
  yield* call.main.out.flush();
  if (before) process.ioctl(0, 'TCSETS', rawMode(before));
  try {
    succeed(yield* joinRemote(call, request, standardEnds(process, tty)));
  } finally {
    if (before) process.ioctl(0, 'TCSETS', before);
  }
}

/** Ends this command as the remote one did, where that failed. */
export function succeed(status: RemoteStatus | undefined): void {
  if (!status || status.status === 'Success') return;
  const code = exitCodeIn(status);
  if (code === undefined) throw failure(status.message ?? '');
  throw new Failure(`command terminated with exit code ${code}`, code);
}

/** Whether a terminal can be used (StreamOptions.SetupTTY): only with -i, and where standard input is one. */
export function* terminalWanted(
  call: Call,
  stdin: boolean,
  tty: boolean,
  quiet: boolean,
): Routine<boolean> {
  if (!stdin || !tty) return false;
  if (call.main.process.isTerminal(0)) return true;
  if (!quiet)
    yield* call.err('Unable to use a TTY - input is not a terminal or the right kind of file\n');
  return false;
}
