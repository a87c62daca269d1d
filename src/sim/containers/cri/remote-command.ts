// remotecommand: what exec and attach are made of. One connection carries the streams error, stdin, stdout, stderr and
// resize; at the end a Status on the error stream says how the command ended.

import { concatBytes, decode, encode } from '../../core/text.ts';
import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { WaitQueue } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import type { WindowSize } from '../../kernel/terminal/terminal.ts';
import { SpdySession } from '../../userland/http/spdy.ts';
import type { ByteStream } from '../../userland/http/streams.ts';
import type { Duplex } from '../../userland/http/message.ts';

/** The protocol that the streaming server of the runtime speaks over SPDY. */
export const STREAM_PROTOCOL = 'v4.channel.k8s.io';

/** The streams of one connection by their type. */
export const STREAM_TYPES = ['error', 'stdin', 'stdout', 'stderr', 'resize'] as const;
export type StreamType = (typeof STREAM_TYPES)[number];

/** What a command is to have of a terminal's or pipe's streams. */
export interface StreamOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** How long a client may take to open its streams. */
export const CREATION = 30 * SECOND;

/** What a request of the CRI says of its streams. */
export function optionsOf(request: Partial<StreamOptions>): StreamOptions {
  const { stdin = false, stdout = true, tty = false } = request;
  return { stdin, stdout, stderr: request.stderr ?? !tty, tty };
}

export type RemoteStreams = Partial<Record<StreamType, ByteStream>>;

/** The streams that a client opens and a server waits for, in the client's order. */
export function streamTypes(options: StreamOptions): StreamType[] {
  const wanted: Readonly<Record<StreamType, boolean>> = {
    error: true,
    stdin: options.stdin,
    stdout: options.stdout,
    stderr: options.stderr && !options.tty,
    resize: options.tty,
  };
  return STREAM_TYPES.filter((type) => wanted[type]);
}

/** Opens the streams over SPDY. */
export function* openRemoteStreams(
  p: Process,
  connection: Duplex,
  options: StreamOptions,
): Routine<{ session: SpdySession; streams: RemoteStreams }> {
  const session = new SpdySession(p, connection);
  const streams: RemoteStreams = {};
  for (const type of streamTypes(options))
    streams[type] = yield* session.open({ streamtype: type });
  return { session, streams };
}

/** Waits for a client's streams; undefined where it went away or was too slow. */
export function* acceptRemoteStreams(
  session: SpdySession,
  options: StreamOptions,
  until: number,
): Routine<RemoteStreams | undefined> {
  const streams: RemoteStreams = {};
  const missing = new Set<string>(streamTypes(options));
  while (missing.size > 0) {
    const stream = yield* session.accept(until);
    if (!stream) return undefined;
    const type = stream.headers.streamtype ?? '';
    if (!missing.delete(type)) continue;
    streams[type as StreamType] = stream;
  }
  return streams;
}

/** How a command ended (metav1.Status). */
export interface RemoteStatus {
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: {
    readonly causes?: readonly { readonly reason: string; readonly message: string }[];
  };
}

/** The status of a command that ended by itself. */
export function exitStatus(code: number, how = `exit status ${code}`): RemoteStatus {
  if (code === 0) return { status: 'Success' };
  return {
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: `command terminated with non-zero exit code: ${how}`,
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  };
}

/** The status of what could not be done (apierrors.NewInternalError). */
export function internalError(text: string): RemoteStatus {
  return {
    status: 'Failure',
    message: `Internal error occurred: ${text}`,
    reason: 'InternalError',
    details: { causes: [{ reason: '', message: text }] },
    code: 500,
  };
}

/** The exit code in a status; undefined where the command did not end by itself. */
export function exitCodeIn(status: RemoteStatus): number | undefined {
  if (status.status === 'Success') return 0;
  if (status.reason !== 'NonZeroExitCode') return undefined;
  const cause = status.details?.causes?.find(({ reason }) => reason === 'ExitCode');
  return cause && Number(cause.message);
}

/** Says on the error stream how it ended. */
export function* writeStatus(streams: RemoteStreams, status: RemoteStatus): Routine<void> {
  const text = JSON.stringify({ metadata: {}, ...status });
  if (streams.error) yield* streams.error.write(encode(text));
}

/** Where a client's streams begin and end. */
export interface RemoteEnds {
  readonly stdin?: (p: Process) => Routine<Uint8Array | undefined>;
  readonly stdout?: (bytes: Uint8Array) => Routine<unknown>;
  readonly stderr?: (bytes: Uint8Array) => Routine<unknown>;
  /** The terminal's size, at first and whenever it changes; undefined when no more are told. */
  readonly size?: (p: Process) => Routine<WindowSize | undefined>;
}

/** A client's side: copies between the streams and their ends until the server has said all; how it ended, if it said so. */
export function* relayRemote(
  p: Process,
  streams: RemoteStreams,
  ends: RemoteEnds,
): Routine<RemoteStatus | undefined> {
  const { stdin, resize } = streams;
  const readInput = ends.stdin;
  if (stdin && readInput) {
    p.thread(function* (thread) {
      for (;;) {
        const bytes = yield* readInput(thread);
        if (!bytes || !(yield* stdin.write(bytes))) break;
      }
      yield* stdin.close();
      return 0;
    });
  }
  const readSize = ends.size;
  if (resize && readSize) {
    p.thread(function* (thread) {
      for (;;) {
        const size = yield* readSize(thread);
        if (!size || !(yield* resize.write(sizeMessage(size)))) return 0;
      }
    });
  }
  const changed = new WaitQueue();
  let open = 0;
  for (const type of ['stdout', 'stderr'] as const) {
    const from = streams[type];
    const to = ends[type];
    if (!from || !to) continue;
    open++;
    p.thread(function* () {
      for (;;) {
        const bytes = yield* from.read();
        if (!bytes) break;
        yield* to(bytes);
      }
      open--;
      changed.wake();
      return 0;
    });
  }
  while (open > 0) yield { on: [changed] };
  return yield* readStatus(streams);
}

function* readStatus({ error }: RemoteStreams): Routine<RemoteStatus | undefined> {
  const parts: Uint8Array[] = [];
  while (error) {
    const bytes = yield* error.read();
    if (!bytes) break;
    parts.push(bytes);
  }
  return parts.length === 0 ? undefined : (JSON.parse(decode(concatBytes(parts))) as RemoteStatus);
}

function sizeMessage({ columns, rows }: WindowSize): Uint8Array {
  return encode(`${JSON.stringify({ Width: columns, Height: rows })}\n`);
}

/** The sizes in what came on a resize stream. */
export function sizesIn(bytes: Uint8Array): WindowSize[] {
  return [...decode(bytes).matchAll(/\{[^}]*\}/g)].map(([json]) => {
    const { Width = 0, Height = 0 } = JSON.parse(json) as { Width?: number; Height?: number };
    return { columns: Width, rows: Height };
  });
}
