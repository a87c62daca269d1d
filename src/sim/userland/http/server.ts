// An HTTP server: one thread per connection, keep-alive, streams, upgrades, TLS by certificates' facts.

import { Content } from '../../core/content.ts';
import { epochMilliseconds } from '../../core/time.ts';
import { type Block, ending, type Routine, type Wakeup } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { EPROTO, type Errno, isErrno } from '../../kernel/errno.ts';
import type { Socket } from '../../kernel/network/socket.ts';
import { type Certificate, verify } from '../tls/certificate.ts';
import { HttpConnection } from './connection.ts';
import type { HttpRequest, HttpResponse, Peer } from './message.ts';
import type { WireMessage } from './wire.ts';

/** Answers one request. `process` is the connection's own thread: system calls of the handler go through it. */
export type HttpHandler = (request: HttpRequest, process: Process) => Routine<HttpResponse>;

/** What a server shows and asks for when it speaks TLS. */
export interface ServerTls {
  readonly certificate: Certificate;
  /** The certificate for the name that a client asks for (SNI), where they differ. */
  readonly certificateFor?: (serverName: string) => Certificate;
  /** Authorities whose client certificates count (requested, not demanded); undefined: none is asked for. */
  readonly clientAuthorities?: readonly Certificate[];
  /** A client without a certificate is turned away. */
  readonly requireClient?: boolean;
}

export interface ServeOptions {
  readonly tls?: ServerTls;
  /** Answer to a plain request on a TLS port; Go's servers say so in words. */
  readonly plainAnswer?: string;
  /** Answer to what is no HTTP. */
  readonly malformedAnswer?: HttpResponse;
}

/** Accepts connections until the listening descriptor is closed; returns why. */
export function* serveHttp(
  process: Process,
  listening: number,
  handler: HttpHandler,
  options: ServeOptions = {},
): Routine<Errno> {
  for (;;) {
    const fd = yield* process.accept(listening);
    if (isErrno(fd)) {
      if (fd.name === 'EINTR') continue;
      return fd;
    }
    process.setCloseOnExec(fd, true);
    process.thread((thread) => ending(serveConnection(thread, fd, handler, options), 0));
  }
}

/** Serves one connection to its end and closes it; `first` is what was already read of it. */
export function* serveConnection(
  process: Process,
  fd: number,
  handler: HttpHandler,
  options: ServeOptions = {},
  first?: Content,
): Routine<void> {
  const connection = new HttpConnection(process, fd, first);
  let peer = peerOf(process, fd);
  let secure = false;
  for (;;) {
    const message: WireMessage | undefined | Errno = yield* connection.receive();
    if (message === undefined) break;
    if (isErrno(message)) {
      if (message === EPROTO) yield* answerMalformed(connection, options);
      break;
    }
    if (message.kind === 'hello') {
      const greeted = yield* greet(connection, message, options, peer);
      if (!greeted) break;
      peer = greeted;
      secure = true;
      continue;
    }
    if (message.kind !== 'request') break;
    if (options.tls && !secure) {
      yield* answerPlain(connection, options);
      break;
    }
    const goesOn = yield* answer(connection, { ...message.request, peer }, handler);
    if (goesOn === 'taken') return;
    if (goesOn === 'close') break;
  }
  connection.close();
}

function peerOf(process: Process, fd: number): Peer {
  const address = process.getpeername(fd);
  if (isErrno(address)) return { address: '' };
  return 'path' in address ? { address: '@' } : { address: `${address.address}:${address.port}` };
}

function* greet(
  connection: HttpConnection,
  { certificates, serverName }: Extract<WireMessage, { kind: 'hello' }>,
  options: ServeOptions,
  peer: Peer,
): Routine<Peer | undefined> {
  const { tls } = options;
  if (!tls) {
    yield* connection.send({
      kind: 'response',
      response: { status: 400, headers: { connection: 'close' }, body: Content.ofText('') },
      streams: false,
      toHead: false,
    });
    return undefined;
  }
  const [client] = certificates;
  const now = epochMilliseconds(connection.process.now);
  const fault =
    client && tls.clientAuthorities && verify(client, tls.clientAuthorities, now, undefined);
  const alert = !client && tls.requireClient ? 'tls: certificate required' : undefined;
  const certificate = tls.certificateFor?.(serverName) ?? tls.certificate;
  yield* connection.send({ kind: 'certificate', certificate, alert });
  if (alert !== undefined) return undefined;
  if (!client || !tls.clientAuthorities) return peer;
  if (fault) return { ...peer, unverified: true };
  const { commonName, organizations } = client;
  return { ...peer, certificate: { commonName, organizations } };
}

function* answerMalformed(connection: HttpConnection, options: ServeOptions): Routine<void> {
  const response = options.malformedAnswer ?? {
    status: 400,
    headers: { 'content-type': 'text/plain; charset=utf-8', connection: 'close' },
    body: Content.ofText('400 Bad Request'),
  };
  yield* connection.send({ kind: 'response', response, streams: false, toHead: false });
}

function* answerPlain(connection: HttpConnection, options: ServeOptions): Routine<void> {
  const text = options.plainAnswer ?? 'Client sent an HTTP request to an HTTPS server.\n';
  yield* connection.send({
    kind: 'response',
    response: { status: 400, headers: { connection: 'close' }, body: Content.ofText(text) },
    streams: false,
    toHead: false,
  });
}

/** What comes of a request is caused by it: told by method, path and who asks. */
function tellOf(request: HttpRequest, process: Process): void {
  const { method, path, headers, peer } = request;
  const { kernel } = process.task;
  const agent = headers['user-agent']?.split(' ')[0];
  const from = peer?.certificate?.commonName ?? agent ?? peer?.address ?? '';
  process.simulation.because(
    `${process.task.leader.name}: ${method} ${path}${from === '' ? '' : ` from ${from}`}`,
    {
      kind: 'request',
      name: `${method} ${path}`,
      machine: kernel.name,
    },
  );
}

/** Lets the handler answer one request and sends what it gives. */
function* answer(
  connection: HttpConnection,
  request: HttpRequest,
  handler: HttpHandler,
): Routine<'next' | 'close' | 'taken'> {
  tellOf(request, connection.process);
  const response = yield* handler(request, connection.process);
  const { stream } = response;
  const toHead = request.method === 'HEAD';
  const closes =
    request.headers['connection'] === 'close' || response.headers['connection'] === 'close';
  const failed = yield* connection.send({
    kind: 'response',
    response,
    streams: stream !== undefined && !toHead,
    toHead,
  });
  if (failed) {
    stream?.close();
    return 'close';
  }
  if (response.upgrade) {
    yield* response.upgrade(connection.duplex());
    return 'taken';
  }
  if (!stream) return closes ? 'close' : 'next';
  if (toHead) stream.close();
  else if (!(yield* sendStream(connection, stream))) return 'close';
  return closes ? 'close' : 'next';
}

function* sendStream(
  connection: HttpConnection,
  stream: NonNullable<HttpResponse['stream']>,
): Routine<boolean> {
  const socket = connection.process.socketOf(connection.fd);
  if (isErrno(socket)) return false;
  try {
    for (;;) {
      const piece = yield* whileConnected(stream.next(), socket);
      if (piece === GONE) return false;
      if (piece === undefined) break;
      const failed = yield* connection.send({ kind: 'chunk', content: piece, framed: true });
      if (failed) return false;
    }
  } finally {
    stream.close();
  }
  return !(yield* connection.send({ kind: 'end' }));
}

const GONE = Symbol('the other end has gone');

/** Runs a routine, but gives up as soon as the socket's other end closes. */
function* whileConnected<T>(routine: Routine<T>, socket: Socket): Routine<T | typeof GONE> {
  let reply: Wakeup = 'woken';
  for (;;) {
    const step = routine.next(reply);
    if (step.done) return step.value;
    const block: Block = step.value;
    if (block.code !== undefined) {
      reply = yield block;
      continue;
    }
    if (socket.readable && socket.finished) {
      routine.return(undefined as T);
      return GONE;
    }
    reply = yield block.cpu === undefined ? { ...block, on: [...block.on, socket.changed] } : block;
  }
}
