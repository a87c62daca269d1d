// The listening side of etcd: connections of clients and peers, each on a thread, the calls on others. Frames are
// gRPC and raft; anything else is handed to the HTTP side.

import type { Content } from '../../core/content.ts';
import { epochMilliseconds } from '../../core/time.ts';
import { type Block, ending, type Routine, WaitQueue, waitUntil } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { type Errno, isErrno } from '../../kernel/errno.ts';
import type { ServerTls } from '../../userland/http/server.ts';
import { type WireMessage, wireContent } from '../../userland/http/wire.ts';
import { verify } from '../../userland/tls/certificate.ts';
import type { WatchRequest } from '../api.ts';
import { EtcdError, etcdErrors } from '../error.ts';
import { type Frame, frameIn, sendFrame } from '../remote/frames.ts';
import type { RpcName } from '../wire/rpcs.ts';
import { imageOf, STORAGE_VERSION } from './backend.ts';
import { encodeImage, withDigest } from './image.ts';
import { keepAlive, timeToLive } from './leases.ts';
import { memberPromote } from './members.ts';
import { placeOf } from './peers.ts';
import { callerOf, type Services, serve } from './services.ts';
import { serveWatch } from './watch-server.ts';

/** What connections are served by. */
export interface Server {
  readonly services: () => Services | undefined;
  /** Blocks until clients are served: when the member has joined its cluster. */
  untilReady(): Routine<void>;
  /** A frame of raft's came from a peer. */
  raft(frame: Extract<Frame, { kind: 'raft' }>): void;
  /** Takes over a connection that does not speak gRPC. */
  http(process: Process, fd: number, first: Content): Routine<void>;
}

/** One call that is being served. */
export interface ServedCall {
  readonly process: Process;
  readonly fd: number;
  readonly stream: number;
  cancelled: boolean;
  /** Woken by what the caller sends later, or when it is gone. */
  wake: () => void;
  /** Messages after the first. */
  more: number;
}

/** The calls of one connection that are not answered yet, by their streams. */
type Calls = Map<number, ServedCall>;

type CallFrame = Extract<Frame, { kind: 'call' }>;

/** Binds and listens; the descriptor, or why not in Go's words. */
export function* listenAt(process: Process, url: string): Routine<number | string> {
  const place = yield* placeOf(process, url);
  const host = /^[a-z]+:\/\/([^/]*)/.exec(url)?.[1] ?? url;
  if (place === undefined) return `listen tcp: lookup ${host.replace(/:\d+$/, '')}: no such host`;
  const fd = process.socket('inet', 'stream');
  const text = (error: Errno): string =>
    error.message.charAt(0).toLowerCase() + error.message.slice(1);
  if (isErrno(fd)) return `listen tcp ${host}: socket: ${text(fd)}`;
  process.setsockopt(fd, 'SO_REUSEADDR', 1);
  const failure = process.bind(fd, place) ?? process.listen(fd, 4096);
  if (failure === undefined) return fd;
  process.close(fd);
  return `listen tcp ${place.address}:${place.port}: bind: ${text(failure)}`;
}

/** Accepts connections for ever; runs as a thread. With `tls` each must begin with a handshake. */
export function* acceptLoop(
  process: Process,
  fd: number,
  server: Server,
  tls: ServerTls | undefined,
  forClients: boolean,
): Routine<number> {
  if (forClients) yield* server.untilReady();
  for (;;) {
    const connection = yield* process.accept(fd);
    if (isErrno(connection)) return 1;
    process.thread((thread) => ending(serveConnection(thread, connection, server, tls), 0));
  }
}

function* serveConnection(
  process: Process,
  fd: number,
  server: Server,
  tls: ServerTls | undefined,
): Routine<void> {
  const calls: Calls = new Map();
  let greeted = tls === undefined;
  for (;;) {
    const content = yield* process.receiveContent(fd);
    if (content === undefined || isErrno(content)) break;
    if (!greeted) {
      if (!(yield* greet(process, fd, content, tls))) break;
      greeted = true;
      continue;
    }
    const frame = frameIn(content);
    if (frame === undefined) {
      yield* server.http(process, fd, content);
      return;
    }
    if (frame.kind === 'settings') yield* sendFrame(process, fd, frame);
    else take(process, fd, frame, calls, server);
  }
  for (const call of calls.values()) {
    call.cancelled = true;
    call.wake();
  }
  process.close(fd);
}

/** Answers a TLS client's first word; false where it was none, or the client is turned away. */
function* greet(
  process: Process,
  fd: number,
  content: Content,
  tls: ServerTls | undefined,
): Routine<boolean> {
  const hello = content.message as WireMessage | undefined;
  if (tls === undefined || hello?.kind !== 'hello') return false;
  const [client] = hello.certificates;
  const now = epochMilliseconds(process.now);
  const { clientAuthorities } = tls;
  let alert: string | undefined;
  if (client === undefined) alert = tls.requireClient ? 'tls: certificate required' : undefined;
  else if (clientAuthorities && verify(client, clientAuthorities, now, undefined)) {
    alert = 'tls: bad certificate';
  }
  const answer = wireContent({ kind: 'certificate', certificate: tls.certificate, alert });
  yield* process.sendContent(fd, answer.content, answer.size);
  return alert === undefined;
}

function take(process: Process, fd: number, frame: Frame, calls: Calls, server: Server): void {
  if (frame.kind === 'raft') {
    server.raft(frame);
  } else if (frame.kind === 'call') {
    const { stream } = frame;
    const call: ServedCall = { process, fd, stream, cancelled: false, wake: () => {}, more: 0 };
    calls.set(stream, call);
    begin(process, answerAndForget(call, frame, server, calls));
  } else if (frame.kind === 'more' || frame.kind === 'cancel') {
    const call = calls.get(frame.stream);
    if (call === undefined) return;
    if (frame.kind === 'more') call.more++;
    else call.cancelled = true;
    call.wake();
  }
}

/**
 * Begins to answer a call, as a goroutine would: what does not have to wait needs no thread of its own. What does goes on in
 * one.
 */
function begin(process: Process, routine: Routine<void>): void {
  const { simulation } = process;
  const first = simulation.causedBy(simulation.cause, () => routine.next('woken'));
  if (!first.done) process.thread(() => goOn(routine, first.value));
}

/** The rest of a routine that waits for `block`. */
function* goOn(routine: Routine<void>, block: Block): Routine<number> {
  try {
    let step = routine.next(yield block);
    while (!step.done) step = routine.next(yield step.value);
  } finally {
    routine.return();
  }
  return 0;
}

function* answerAndForget(
  call: ServedCall,
  frame: CallFrame,
  server: Server,
  calls: Calls,
): Routine<void> {
  yield* answerCall(call, frame, server);
  calls.delete(call.stream);
}

function* answerCall(call: ServedCall, frame: CallFrame, server: Server): Routine<void> {
  const { path, message, token } = frame;
  const services = server.services();
  const { process, fd, stream } = call;
  let error: EtcdError | undefined;
  if (services === undefined) {
    error = etcdErrors.stopped;
  } else if (path === '/etcdserverpb.Watch/Watch') {
    yield* serveWatch(call, services, message as WatchRequest, token);
  } else {
    const answer = yield* untilCancelled(call, answerOf(services, path, message, token));
    if (answer === undefined) return;
    if (!(answer instanceof EtcdError)) {
      yield* sendFrame(process, fd, { kind: 'answer', stream, message: answer });
      return;
    }
    error = answer;
  }
  if (!call.cancelled) yield* sendFrame(process, fd, { kind: 'end', stream, error });
}

/** A call's work as long as its caller waits for it; what has not been proposed by then never is. */
function* untilCancelled<T>(call: ServedCall, work: Routine<T>): Routine<T | undefined> {
  const cancelled = new WaitQueue();
  call.wake = () => {
    if (call.cancelled) cancelled.wake();
  };
  let step = work.next('woken');
  while (!step.done) {
    const { value } = step;
    const woken = yield { ...value, on: [...value.on, cancelled] };
    if (call.cancelled) {
      work.return(undefined as never);
      return undefined;
    }
    step = work.next(woken);
  }
  return call.cancelled ? undefined : step.value;
}

function* answerOf(
  services: Services,
  path: string,
  message: object,
  token: string | undefined,
): Routine<object | EtcdError> {
  const { member } = services;
  if (path.startsWith('/peer/')) return yield* answerPeer(services, path.slice(6), message);
  if (path === '/members')
    return { members: member.backend.cluster.list(), clusterId: member.options.clusterId };
  if (path === '/etcdserverpb.Maintenance/Snapshot') {
    const caller = callerOf(member, token);
    if (caller instanceof EtcdError) return caller;
    const refusal = member.backend.auth.refuseAdmin(caller);
    const bytes = withDigest(encodeImage(imageOf(member.backend)));
    return refusal ?? { bytes, version: STORAGE_VERSION };
  }
  const method = path.replace('/etcdserverpb.', '') as RpcName;
  return yield* serve(services, method, message as never, token);
}

/** What members ask the leader for. */
function* answerPeer(
  services: Services,
  method: string,
  message: object,
): Routine<object | EtcdError> {
  const { member } = services;
  if (member.raft.role !== 'leader') return etcdErrors.notLeader;
  const { id, keys } = message as { id: bigint; keys?: boolean };
  if (method === 'Lease/LeaseKeepAlive') {
    const answer = keepAlive(member, member.header(), id);
    services.leases.schedule();
    return answer;
  }
  if (method === 'Lease/LeaseTimeToLive')
    return timeToLive(member, member.header(), id, keys ?? false);
  if (method === 'Cluster/MemberPromote') {
    const root = { user: 'root', authRevision: member.backend.auth.revision };
    return yield* memberPromote(services, { id }, root);
  }
  return etcdErrors.notCapable;
}

/** Waits until a served call is cancelled or `ready` holds. */
export function* awaitCall(
  call: ServedCall,
  queue: Parameters<typeof waitUntil>[0],
  ready: () => boolean,
  until?: number,
): Routine<void> {
  call.wake = () => queue.wake();
  yield* waitUntil(queue, () => call.cancelled || ready(), until);
}
