// The transport of rpc.ts: unix sockets on which requests and replies travel as objects. A connection carries one call
// at a time and is kept for the next; a call that streams has its connection to itself until either side closes it.

import { Content } from '../core/content.ts';
import type { Routine } from '../core/wait.ts';
import type { Process } from '../kernel/calls/process.ts';
import { type Errno, isErrno } from '../kernel/errno.ts';
import type { Task } from '../kernel/task/task.ts';
import {
  isRpcError,
  type RpcContext,
  type RpcError,
  type RpcMethods,
  type RpcStream,
  RpcError as Status,
  StreamReply,
} from './rpc.ts';

interface RequestFrame {
  readonly method: string;
  readonly namespace: string;
  readonly lease?: string;
  readonly request: unknown;
}

type ReplyFrame =
  | { readonly reply: unknown }
  | { readonly error: { readonly code: RpcError['code']; readonly message: string } }
  | { readonly stream: true };

/** What a frame counts for in socket buffers. */
const FRAME_SIZE = 512;

/** Makes the socket a server listens at; what was left there by an earlier one is removed. */
export function listenAt(p: Process, path: string): number | Errno {
  const fd = p.socket('unix', 'stream');
  if (isErrno(fd)) return fd;
  p.unlink(path);
  const failure = p.bind(fd, { path }) ?? p.listen(fd, 1024);
  if (failure) {
    p.close(fd);
    return failure;
  }
  p.chmod(path, 0o660);
  p.setCloseOnExec(fd, true);
  return fd;
}

/** Serves calls on a listening socket, each connection in a thread of its own. Returns when the socket is closed. */
export function* serveRpc(p: Process, fd: number, methods: RpcMethods): Routine<Errno> {
  for (;;) {
    const connection = yield* p.accept(fd);
    if (isErrno(connection)) {
      if (connection.name === 'EINTR') continue;
      return connection;
    }
    p.setCloseOnExec(connection, true);
    p.thread((thread) => serveConnection(thread, connection, methods));
  }
}

/** Serves the calls of a connection, one after another, and closes it. */
function* serveConnection(p: Process, fd: number, methods: RpcMethods): Routine<number> {
  while (yield* serveCall(p, fd, methods));
  p.close(fd);
  return 0;
}

/** Serves the next call of a connection; whether another may follow. */
function* serveCall(p: Process, fd: number, methods: RpcMethods): Routine<boolean> {
  const content = yield* p.receiveContent(fd);
  if (!content || isErrno(content)) return false;
  const frame = content.json() as RequestFrame | undefined;
  if (!frame || typeof frame.method !== 'string') return false;
  const method = methods[frame.method];
  const context: RpcContext = { namespace: frame.namespace, lease: frame.lease, process: p };
  if (method && !READING.test(frame.method)) tellOf(frame.method, p);
  const reply = method
    ? yield* method(frame.request as never, context)
    : unknownMethod(frame.method);
  if (reply instanceof StreamReply) {
    yield* serveStream(p, fd, reply.stream);
    return false;
  }
  return yield* send(p, fd, replyFrame(reply));
}

/** Calls that change nothing. */
const READING =
  /\/(List|Get|Read|Stat|Version|Info|Wait|Events|Subscribe|Connect|Pids)|(Status|Stats|Info)$/;

/** What comes of a call is caused by it: told by who answers, service and method. */
function tellOf(path: string, { simulation, task }: Process): void {
  const { kernel, leader } = task;
  const [, service = '', method = ''] = path.split('/');
  const short = service.slice(service.lastIndexOf('.') + 1);
  simulation.because(`${leader.name}: ${short}.${method}`, {
    kind: 'request',
    name: path,
    machine: kernel.name,
  });
}

function unknownMethod(path: string): Status {
  const [, service = '', method = ''] = path.split('/');
  return new Status('Unimplemented', `unknown method ${method} for service ${service}`);
}

function replyFrame(reply: unknown): ReplyFrame {
  if (isRpcError(reply)) return { error: { code: reply.code, message: reply.message } };
  return { reply };
}

function* serveStream(p: Process, fd: number, stream: RpcStream): Routine<void> {
  yield* send(p, fd, { stream: true });
  const watcher = p.thread(function* (thread) {
    yield* thread.receiveContent(fd);
    stream.close();
    return 0;
  });
  for (;;) {
    const message = yield* stream.next();
    if (message === undefined) break;
    const sent = yield* send(p, fd, replyFrame(message));
    if (!sent || isRpcError(message)) break;
  }
  stream.close();
  if (!isErrno(watcher)) p.shutdown(fd, 'both');
}

function* send(p: Process, fd: number, frame: ReplyFrame | RequestFrame): Routine<boolean> {
  return !isErrno(yield* p.sendContent(fd, Content.ofJson(frame), FRAME_SIZE));
}

/** Whom to call: the socket, the containerd namespace, a lease. */
export interface RpcTarget {
  readonly address: string;
  readonly namespace?: string;
  readonly lease?: string | undefined;
}

/** Connections of processes that carry no call just now, by the socket's path. */
const idle = new WeakMap<Task, Map<string, number[]>>();

/** A kept connection whose other end is still there. */
function takeIdle(p: Process, address: string): number | undefined {
  const kept = idle.get(p.task.leader)?.get(address);
  for (let fd = kept?.pop(); fd !== undefined; fd = kept?.pop()) {
    const socket = p.socketOf(fd);
    if (!isErrno(socket) && !socket.readable && !socket.hungUp) return fd;
    p.close(fd);
  }
  return undefined;
}

function keepIdle(p: Process, address: string, fd: number): void {
  const { leader } = p.task;
  const kept = idle.get(leader) ?? new Map<string, number[]>();
  idle.set(leader, kept);
  const same = kept.get(address);
  if (same) same.push(fd);
  else kept.set(address, [fd]);
}

/** A connection on which a call has begun. */
function* open(
  p: Process,
  target: RpcTarget,
  method: string,
  request: unknown,
): Routine<number | Status> {
  const fd = takeIdle(p, target.address) ?? (yield* connect(p, target));
  if (typeof fd !== 'number') return fd;
  const { namespace = '', lease } = target;
  yield* send(p, fd, { method, namespace, request, ...(lease === undefined ? {} : { lease }) });
  return fd;
}

function* connect(p: Process, target: RpcTarget): Routine<number | Status> {
  const fd = p.socket('unix', 'stream');
  if (isErrno(fd)) return new Status('Unavailable', fd.message);
  p.setCloseOnExec(fd, true);
  const refused = yield* p.connect(fd, { path: target.address });
  if (refused) {
    p.close(fd);
    return unreachable(target.address, refused);
  }
  return fd;
}

function unreachable(address: string, refused: Errno): Status {
  const why = refused.message.charAt(0).toLowerCase() + refused.message.slice(1);
  return new Status(
    'Unavailable',
    `connection error: desc = "transport: Error while dialing: dial unix ${address}: connect: ${why}"`,
  );
}

/** One call. */
export function* callRpc<T>(
  p: Process,
  target: RpcTarget,
  method: string,
  request: unknown,
): Routine<T | Status> {
  const fd = yield* open(p, target, method, request);
  if (isRpcError(fd)) return fd;
  const frame = yield* receive(p, fd);
  if (!frame) {
    p.close(fd);
    return new Status('Unavailable', 'error reading from server: EOF');
  }
  keepIdle(p, target.address, fd);
  if ('error' in frame) return new Status(frame.error.code, frame.error.message);
  return ('reply' in frame ? frame.reply : undefined) as T;
}

function* receive(p: Process, fd: number): Routine<ReplyFrame | undefined> {
  for (;;) {
    const content = yield* p.receiveContent(fd);
    if (isErrno(content) && content.name === 'EINTR') continue;
    return !content || isErrno(content) ? undefined : (content.json() as ReplyFrame);
  }
}

/** A call whose replies stream: `next` gives one after another; an RpcError is the last. */
export function* streamRpc(
  p: Process,
  target: RpcTarget,
  method: string,
  request: unknown,
): Routine<RpcStream | Status> {
  const fd = yield* open(p, target, method, request);
  if (isRpcError(fd)) return fd;
  const first = yield* receive(p, fd);
  if (!first || 'error' in first) {
    p.close(fd);
    return first
      ? new Status(first.error.code, first.error.message)
      : new Status('Unavailable', 'EOF');
  }
  let open_ = true;
  return {
    *next() {
      const frame = open_ ? yield* receive(p, fd) : undefined;
      if (!frame) return undefined;
      if ('error' in frame) return new Status(frame.error.code, frame.error.message);
      return 'reply' in frame ? frame.reply : undefined;
    },
    close() {
      if (open_) p.close(fd);
      open_ = false;
    },
  };
}
