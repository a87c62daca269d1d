// A client's connection to a cluster (clientv3 with its balancer): links to all endpoints, calls on one that is up,
// tokens, and the line in the log when a call fails.

import { rfc3339Fraction, SECOND } from '../../core/time.ts';
import { type Routine, WaitQueue, waitUntil } from '../../core/wait.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import type { WatchRequest } from '../api.ts';
import type { Watch } from '../client.ts';
import { EtcdError, etcdErrors, rpcText } from '../error.ts';
import type { RpcName, RpcRequest, RpcResponse } from '../wire/rpcs.ts';
import type { ClientTls } from '../../userland/http/client.ts';
import { type Call, Link, type LinkTarget, openLink } from './link.ts';
import { watchOver } from './watch.ts';

export interface DialOptions {
  readonly endpoints: readonly string[];
  /** Nanoseconds. */
  readonly dialTimeout: number;
  readonly user: { readonly name: string; readonly password: string } | undefined;
  /** What TLS connections trust and show. */
  readonly tls: ClientTls;
  /** Endpoints without a scheme are spoken to with TLS too. */
  readonly secure: boolean;
  /** Whose name the log's lines carry. */
  readonly logger: string;
}

/** A whole database as it came over the wire. */
export interface SnapshotFile {
  readonly bytes: Uint8Array;
  /** The storage version that it is of. */
  readonly version: string;
}

/** Longest wait for one attempt to connect. */
const CONNECT_TIMEOUT = 20 * SECOND;
/** First wait before another attempt; each is longer by the factor, up to the last. */
const BACKOFF = { first: SECOND, factor: 1.6, last: 120 * SECOND } as const;

/** An endpoint and how far the connection to it has come. */
interface Slot {
  readonly target: LinkTarget;
  link: Link | undefined;
  failure: string;
}

/** A call that failed: what the caller is told, and what the log says of it. */
interface Failure {
  readonly error: EtcdError;
  readonly rpc: string;
  readonly link: Link | undefined;
}

export class Connection {
  readonly main: Main;
  readonly options: DialOptions;
  closed = false;
  /** Woken when a link comes or goes, or the connection is closed. */
  readonly changed = new WaitQueue();
  token: string | undefined;
  private readonly slots: Slot[];
  private turn = 0;

  constructor(main: Main, options: DialOptions) {
    this.main = main;
    this.options = options;
    this.slots = options.endpoints.map((endpoint) => ({
      target: targetOf(endpoint, options),
      link: undefined,
      failure: '',
    }));
    for (const slot of this.slots) this.main.process.thread(() => this.keepUp(slot));
  }

  /** Calls a procedure; `deadline` in virtual time, none for as long as it takes. A failure is logged. */
  *call<M extends RpcName>(
    method: M,
    request: RpcRequest<M>,
    deadline: number | undefined,
  ): Routine<RpcResponse<M> | EtcdError> {
    const path = `/etcdserverpb.${method}`;
    let answer = yield* this.once(path, request, deadline);
    if ('error' in answer && isStaleToken(answer.error)) {
      const failure = yield* this.authenticate(deadline);
      if (failure === undefined) answer = yield* this.once(path, request, deadline);
    }
    if (!('error' in answer)) return answer.message as RpcResponse<M>;
    yield* this.warn(path, answer);
    return answer.error;
  }

  /** Fetches a snapshot of the database of the member at the other end. */
  *snapshot(deadline: number | undefined): Routine<SnapshotFile | EtcdError> {
    const answer = yield* this.once('/etcdserverpb.Maintenance/Snapshot', {}, deadline);
    return 'error' in answer ? answer.error : (answer.message as SnapshotFile);
  }

  /** Starts a watch, which goes on over another endpoint where its own breaks away. */
  watch(request: WatchRequest): Watch {
    return watchOver(this, request);
  }

  /** Takes a token with the user's password; refusals but "not enabled" come back. */
  *authenticate(deadline: number | undefined): Routine<EtcdError | undefined> {
    const { user } = this.options;
    if (user === undefined || user.password === '') return undefined;
    const path = '/etcdserverpb.Auth/Authenticate';
    this.token = undefined;
    const answer = yield* this.once(path, user, deadline);
    if (!('error' in answer)) {
      this.token = (answer.message as RpcResponse<'Auth/Authenticate'>).token;
      return undefined;
    }
    yield* this.warn(path, answer);
    return answer.error.message === etcdErrors.authNotEnabled.message ? undefined : answer.error;
  }

  /** A link that is up, each in its turn; undefined where none was before the deadline. */
  *ready(deadline: number | undefined): Routine<Link | undefined> {
    const [only] = this.slots;
    if (this.slots.length === 1 && only?.link?.broken === false && !this.closed) return only.link;
    const up = (): Slot | undefined => this.slots.find((slot) => slot.link?.broken === false);
    if (up() === undefined) {
      yield* waitUntil(this.changed, () => this.closed || up() !== undefined, deadline);
    }
    if (this.closed) return undefined;
    const live = this.slots.filter(({ link }) => link?.broken === false);
    return live[this.turn++ % Math.max(1, live.length)]?.link;
  }

  close(): void {
    this.closed = true;
    for (const { link } of this.slots) link?.close();
    this.changed.wake();
  }

  /** Keeps one endpoint connected, with longer and longer waits where it refuses. */
  private *keepUp(slot: Slot): Routine<number> {
    const { process } = this.main;
    let wait: number = BACKOFF.first;
    while (!this.closed) {
      const link = yield* openLink(process, slot.target, process.now + CONNECT_TIMEOUT);
      if (link instanceof Link) {
        wait = BACKOFF.first;
        slot.link = link;
        slot.failure = '';
        this.changed.wake();
        if (this.closed) link.close();
        yield* waitUntil(link.changed, () => link.broken);
        slot.link = undefined;
        this.changed.wake();
      } else {
        slot.failure = link.reason;
        yield* waitUntil(this.changed, () => this.closed, process.now + wait);
        wait = Math.min(wait * BACKOFF.factor, BACKOFF.last);
      }
    }
    return 0;
  }

  private *once(
    path: string,
    message: object,
    deadline: number | undefined,
  ): Routine<{ message: object } | Failure> {
    if (deadline !== undefined && deadline <= this.main.process.now) {
      return late('context deadline exceeded', undefined);
    }
    const link = yield* this.ready(deadline);
    if (link === undefined) return this.notReady();
    const [stream, call] = yield* link.call(path, message, this.token);
    const done = yield* waitUntil(call.arrived, () => isDone(call), deadline);
    if (!done) {
      yield* link.send({ kind: 'cancel', stream });
      return late('context deadline exceeded', link);
    }
    const [answer] = call.messages;
    if (answer !== undefined) return { message: answer };
    if (call.ended instanceof EtcdError) {
      return { error: call.ended, rpc: rpcText(call.ended), link };
    }
    if (isRead(path)) return yield* this.once(path, message, deadline);
    const error = new EtcdError('Unavailable', 'error reading from server: EOF');
    return { error, rpc: rpcText(error), link };
  }

  private notReady(): Failure {
    const reason = this.slots.find(({ failure }) => failure !== '')?.failure;
    if (reason !== undefined) {
      return late(
        `latest balancer error: connection error: desc = ${JSON.stringify(reason)}`,
        undefined,
      );
    }
    const waiting = 'context deadline exceeded while waiting for connections to become ready';
    return late(waiting, undefined);
  }

  /** The client's line in the log about a failed call. */
  private *warn(path: string, failure: Failure): Routine<void> {
    const { link, rpc } = failure;
    const { process, err } = this.main;
    const random = process.simulation.random.fork(`etcd client ${process.pid} ${process.now}`);
    const peer = link
      ? `Peer{Addr: '${link.peer}', LocalAddr: '${link.local}', AuthInfo: '${link.secure ? 'tls' : 'insecure'}'}`
      : 'Peer{Addr: <nil>, LocalAddr: <nil>, AuthInfo: <nil>}';
    const line = {
      level: 'warn',
      ts: rfc3339Fraction(process.now, 6),
      logger: this.options.logger,
      caller: 'v3@v3.6.16/retry_interceptor.go:68',
      msg: 'retrying of unary invoker failed',
      target: `etcd-endpoints://0x${random.hex(12)}/${this.slots[0]?.target.address ?? ''}`,
      peer,
      method: path,
      attempt: 0,
      error: rpc,
    };
    err.put(`${JSON.stringify(line)}\n`);
    yield* err.flush();
  }
}

/** Connects to a cluster; refuses where there is no endpoint or the user is not known. */
export function* dial(
  main: Main,
  options: DialOptions,
  deadline: number,
): Routine<Connection | EtcdError> {
  if (options.endpoints.length === 0) {
    return new EtcdError('InvalidArgument', 'etcdclient: no available endpoints');
  }
  const connection = new Connection(main, options);
  const failure = yield* connection.authenticate(deadline);
  if (failure === undefined) return connection;
  connection.close();
  return failure;
}

const isDone = (call: Call): boolean => call.messages.length > 0 || call.ended !== undefined;

function isStaleToken(error: EtcdError): boolean {
  const { message } = error;
  return (
    message === etcdErrors.invalidAuthToken.message ||
    message === etcdErrors.authOldRevision.message
  );
}

/** Reads may be asked again without harm. */
function isRead(path: string): boolean {
  return /\/(Range|MemberList|LeaseTimeToLive|LeaseLeases|Status|HashKV)$/.test(path);
}

/** The time was up: the caller hears little, the log why. */
function late(desc: string, link: Link | undefined): Failure {
  const error = new EtcdError('DeadlineExceeded', 'context deadline exceeded');
  return { error, rpc: `rpc error: code = DeadlineExceeded desc = ${desc}`, link };
}

/** An endpoint with or without a scheme as what is to be connected to. */
function targetOf(endpoint: string, options: DialOptions): LinkTarget {
  const match = /^(https?):\/\/([^/]*)/.exec(endpoint);
  const address = match?.[2] ?? endpoint;
  const colon = address.lastIndexOf(':');
  const secure = match?.[1] === 'https' || (match === null && options.secure);
  return {
    address,
    host: colon < 0 ? address : address.slice(0, colon),
    port: colon < 0 ? undefined : address.slice(colon + 1),
    tls: secure ? options.tls : undefined,
  };
}
