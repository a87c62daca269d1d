// An HTTP client: connections are reused per target, names are resolved, TLS is a look at certificates.

import { epochMilliseconds } from '../../core/time.ts';
import { Content } from '../../core/content.ts';
import { concatBytes } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { EAGAIN, EINPROGRESS, EPROTO, type Errno, isErrno } from '../../kernel/errno.ts';
import type { Task } from '../../kernel/task/task.ts';
import { type ResolveFailure, resolveHost } from '../libc/resolver.ts';
import { type Certificate, type CertificateFault, verify } from '../tls/certificate.ts';
import { HttpConnection } from './connection.ts';
import type { Duplex, HttpRequest, HttpResponse } from './message.ts';
import type { WireMessage } from './wire.ts';

/** What a client trusts and shows. */
export interface ClientTls {
  /** The name the server's certificate must be for; the target's host if left out. */
  readonly serverName?: string | undefined;
  readonly authorities: readonly Certificate[];
  /** No check at all (curl -k). */
  readonly insecure?: boolean;
  readonly certificate?: Certificate | undefined;
}

/** Where a request goes. */
export interface HttpTarget {
  /** A name or an address. */
  readonly host: string;
  readonly port: number;
  /** A unix socket instead. */
  readonly unixPath?: string | undefined;
  readonly tls?: ClientTls | undefined;
  /** Addresses to try instead of resolving the name. */
  readonly addresses?: readonly string[] | undefined;
}

export interface RequestOptions {
  /** Virtual time by which the connection must stand, and by which the answer must have begun. */
  readonly connectBy?: number | undefined;
  readonly answerBy?: number | undefined;
  /** How long the other end may take to answer TLS's first word, in nanoseconds. */
  readonly greetFor?: number | undefined;
  /** Always a new connection, closed afterwards. */
  readonly alone?: boolean;
}

/** No address took the connection: the last one, why it did not, and the first one where there were several. */
interface ConnectFailure {
  readonly kind: 'connect';
  readonly errno: Errno;
  readonly address: string;
  readonly first?: string | undefined;
}

/** `ADDRESS:PORT` of a failed connection as Go's net.Dialer names it: the first address that was tried. */
export function dialledAddress({ address, first = address }: ConnectFailure, port: number): string {
  return first.includes(':') ? `[${first}]:${port}` : `${first}:${port}`;
}

/** Why there is no answer. */
export type HttpFailure =
  | { readonly kind: 'resolve'; readonly failure: ResolveFailure }
  | ConnectFailure
  | { readonly kind: 'tls'; readonly fault: CertificateFault }
  | { readonly kind: 'alert'; readonly text: string }
  | { readonly kind: 'not TLS' }
  | { readonly kind: 'closed'; readonly errno: Errno | undefined }
  | { readonly kind: 'malformed'; readonly line: string }
  | { readonly kind: 'timeout'; readonly stage: 'connect' | 'tls' | 'answer' };

/** An answer; after an upgrade the connection is the caller's. */
export interface HttpAnswer extends HttpResponse {
  readonly connection?: Duplex;
  /** Where it was answered from, and from where it was asked. */
  readonly remote: string;
  readonly local: string;
}

export function isHttpFailure(value: HttpAnswer | HttpFailure): value is HttpFailure {
  return 'kind' in value;
}

interface Open {
  /** Its key among the idle ones, once it has been there. */
  readonly key?: string;
  readonly connection: HttpConnection;
  readonly remote: string;
  readonly local: string;
}

/** Idle connections of each process, by target. */
const pools = new WeakMap<Task, Map<string, Open[]>>();

/** Keys of targets that are asked more than once. */
const keys = new WeakMap<HttpTarget, string>();

function keyOf(target: HttpTarget): string {
  let key = keys.get(target);
  if (key === undefined) {
    key = writtenKey(target);
    keys.set(target, key);
  }
  return key;
}

function writtenKey(target: HttpTarget): string {
  const tls = target.tls ? tlsKey(target.tls) : '';
  return `${target.unixPath ?? ''} ${target.host} ${target.port} ${target.addresses?.join(',') ?? ''} ${tls}`;
}

/** Connections are shared only where they would be trusted alike. */
function tlsKey(tls: ClientTls): string {
  const trusted = tls.insecure
    ? 'anybody'
    : tls.authorities.map((authority) => authority.key).join(',');
  return `tls ${tls.serverName ?? ''} ${tls.certificate?.serial ?? ''} ${trusted}`;
}

/** Sends a request and waits for the head of the answer. Content that streams is read through `stream`. */
export function* httpRequest(
  process: Process,
  target: HttpTarget,
  request: HttpRequest,
  options: RequestOptions = {},
): Routine<HttpAnswer | HttpFailure> {
  const idle = options.alone ? undefined : takeIdle(process, target);
  if (idle) {
    const answer = yield* exchange(process, idle, target, request, options);
    if (!isHttpFailure(answer) || answer.kind !== 'closed') return answer;
  }
  const open = yield* openConnection(process, target, options);
  if ('kind' in open) return open;
  return yield* exchange(process, open, target, request, options);
}

function takeIdle(process: Process, target: HttpTarget): Open | undefined {
  const pool = pools.get(process.task.leader);
  if (!pool) return undefined;
  const key = keyOf(target);
  const list = pool.get(key);
  for (;;) {
    const open = list?.pop();
    if (!open) return undefined;
    const { fd } = open.connection;
    const socket = process.socketOf(fd);
    if (!isErrno(socket) && !socket.readable && !socket.hungUp) {
      const { remote, local } = open;
      return { key, connection: new HttpConnection(process, fd), remote, local };
    }
    open.connection.close();
  }
}

function keepIdle(process: Process, target: HttpTarget, open: Open): void {
  const { leader } = process.task;
  let pool = pools.get(leader);
  if (!pool) {
    pool = new Map();
    pools.set(leader, pool);
  }
  const key = open.key ?? keyOf(target);
  const list = pool.get(key);
  if (list) list.push(open);
  else pool.set(key, [open]);
}

/** Connects to the first of the target's addresses that takes us, and greets where TLS is spoken. */
export function* openConnection(
  process: Process,
  target: HttpTarget,
  options: RequestOptions,
): Routine<Open | HttpFailure> {
  if (target.unixPath !== undefined) return yield* connectUnix(process, target.unixPath);
  const addresses = target.addresses ?? (yield* resolveHost(process, target.host));
  if ('failure' in addresses) return { kind: 'resolve', failure: addresses };
  let failure: HttpFailure = { kind: 'closed', errno: undefined };
  for (const address of addresses) {
    const fd = process.socket(address.includes(':') ? 'inet6' : 'inet', 'stream');
    if (isErrno(fd)) return { kind: 'connect', errno: fd, address };
    process.setCloseOnExec(fd, true);
    const errno = yield* process.connect(fd, { address, port: target.port }, options.connectBy);
    if (!errno) {
      const open = {
        connection: new HttpConnection(process, fd),
        remote: address,
        local: localOf(process, fd),
      };
      const refused =
        target.tls && (yield* handshake(open.connection, target, target.tls, options));
      if (!refused) return open;
      process.close(fd);
      return refused;
    }
    process.close(fd);
    if (errno === EINPROGRESS) return { kind: 'timeout', stage: 'connect' };
    failure = { kind: 'connect', errno, address, first: addresses[0] };
  }
  return failure;
}

function localOf(process: Process, fd: number): string {
  const local = process.getsockname(fd);
  return isErrno(local) || 'path' in local ? '' : `${local.address}:${local.port}`;
}

function* connectUnix(process: Process, path: string): Routine<Open | HttpFailure> {
  const fd = process.socket('unix', 'stream');
  if (isErrno(fd)) return { kind: 'connect', errno: fd, address: path };
  process.setCloseOnExec(fd, true);
  const errno = yield* process.connect(fd, { path });
  if (errno) {
    process.close(fd);
    return { kind: 'connect', errno, address: path };
  }
  return { connection: new HttpConnection(process, fd), remote: path, local: '' };
}

function* handshake(
  connection: HttpConnection,
  target: HttpTarget,
  tls: ClientTls,
  options: RequestOptions,
): Routine<HttpFailure | undefined> {
  const serverName = tls.serverName ?? target.host;
  const certificates = tls.certificate ? [tls.certificate] : [];
  const failed = yield* connection.send({ kind: 'hello', serverName, certificates });
  if (failed) return { kind: 'closed', errno: failed };
  const { answerBy, greetFor } = options;
  const patience = greetFor === undefined ? undefined : connection.process.now + greetFor;
  const until = Math.min(
    answerBy ?? Number.POSITIVE_INFINITY,
    patience ?? Number.POSITIVE_INFINITY,
  );
  const reply = yield* connection.receive(until === Number.POSITIVE_INFINITY ? undefined : until);
  if (reply === EAGAIN) return { kind: 'timeout', stage: 'tls' };
  if (reply === undefined) return { kind: 'closed', errno: undefined };
  if (isErrno(reply))
    return reply === EPROTO ? { kind: 'not TLS' } : { kind: 'closed', errno: reply };
  if (reply.kind !== 'certificate') return { kind: 'not TLS' };
  const now = epochMilliseconds(connection.process.now);
  const fault = tls.insecure
    ? undefined
    : verify(reply.certificate, tls.authorities, now, serverName);
  if (fault) return { kind: 'tls', fault };
  return reply.alert === undefined ? undefined : { kind: 'alert', text: reply.alert };
}

function* exchange(
  process: Process,
  open: Open,
  target: HttpTarget,
  request: HttpRequest,
  options: RequestOptions,
): Routine<HttpAnswer | HttpFailure> {
  const { connection, remote, local } = open;
  connection.parser.expectsNoBody = request.method === 'HEAD';
  const failed = yield* connection.send({ kind: 'request', request });
  const message: WireMessage | undefined | Errno =
    failed ?? (yield* connection.receive(options.answerBy));
  if (message === undefined || isErrno(message)) {
    connection.close();
    if (message === EAGAIN) return { kind: 'timeout', stage: 'answer' };
    if (message === EPROTO) return { kind: 'malformed', line: connection.malformed };
    return { kind: 'closed', errno: message };
  }
  if (message.kind !== 'response') {
    connection.close();
    return { kind: 'malformed', line: '' };
  }
  const { response } = message;
  const base = { status: response.status, headers: response.headers, remote, local };
  if (response.status === 101) return { ...base, connection: connection.duplex() };
  const closes =
    options.alone === true ||
    response.headers['connection'] === 'close' ||
    request.headers['connection'] === 'close';
  const done = (): void => {
    if (closes) connection.close();
    else keepIdle(process, target, open);
  };
  if (!message.streams) {
    done();
    return { ...base, body: message.toHead ? Content.empty : (response.body ?? Content.empty) };
  }
  return { ...base, stream: new Incoming(connection, done) };
}

/** Content that streams in; `done` is called at its end. */
class Incoming implements NonNullable<HttpResponse['stream']> {
  private readonly connection: HttpConnection;
  private readonly done: () => void;
  private over = false;

  constructor(connection: HttpConnection, done: () => void) {
    this.connection = connection;
    this.done = done;
  }

  *next(): Routine<Content | undefined> {
    if (this.over) return undefined;
    const message: WireMessage | undefined | Errno = yield* this.connection.receive();
    if (message !== undefined && !isErrno(message) && message.kind === 'chunk')
      return message.content;
    this.over = true;
    if (message !== undefined && !isErrno(message) && message.kind === 'end') this.done();
    else this.connection.close();
    return undefined;
  }

  close(): void {
    if (this.over) return;
    this.over = true;
    this.connection.close();
  }
}

/** The whole content of an answer, however it comes. */
export function* wholeBody(answer: HttpAnswer): Routine<Content> {
  if (!answer.stream) return answer.body ?? Content.empty;
  const parts: Content[] = [];
  for (;;) {
    const piece = yield* answer.stream.next();
    if (piece === undefined) break;
    parts.push(piece);
  }
  const [only] = parts;
  if (parts.length === 1 && only) return only;
  return Content.ofBytes(concatBytes(parts.map((part) => part.bytes())));
}
