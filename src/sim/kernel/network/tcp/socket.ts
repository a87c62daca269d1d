// A TCP socket (tcp(7)): the states of RFC 9293, a send buffer kept until it is acknowledged, a receive buffer whose room is
// the window. Segments are as large as what was written; nothing is simulated about congestion.

import type { Content } from '../../../core/content.ts';
import type { Timer } from '../../../core/events.ts';
import { limits } from '../../../core/limits.ts';
import type { Routine } from '../../../core/wait.ts';
import {
  EADDRNOTAVAIL,
  EAFNOSUPPORT,
  EAGAIN,
  EALREADY,
  EINPROGRESS,
  EINTR,
  EINVAL,
  EISCONN,
  ENOTCONN,
  EPIPE,
  type Errno,
  isErrno,
} from '../../errno.ts';
import { SIGPIPE } from '../../signals.ts';
import { hasDeliverable, sendThreadSignal } from '../../task/signal.ts';
import type { Task } from '../../task/task.ts';
import {
  formatIp,
  type Ip,
  IP4_ANY,
  IP6_ANY,
  isIp6,
  LOOPBACK,
  IP6_LOOPBACK,
  parseIp,
} from '../address.ts';
import { byteChunk, ChunkQueue, messageChunk } from '../chunks.ts';
import { routeTo, sourceOf } from '../ip.ts';
import type { Chunk } from '../packet.ts';
import {
  type InternetAddress,
  Socket,
  type SocketAddress,
  type SocketFamily,
  type SocketOwner,
} from '../socket.ts';
import {
  closeConnection,
  flush,
  forgetConnection,
  startConnecting,
  stopWriting,
  windowOpened,
} from './output.ts';

/** States by the names that `netstat` and /proc/net/tcp use. */
export type TcpState =
  | 'CLOSE'
  | 'LISTEN'
  | 'SYN_SENT'
  | 'SYN_RECV'
  | 'ESTABLISHED'
  | 'FIN_WAIT1'
  | 'FIN_WAIT2'
  | 'CLOSE_WAIT'
  | 'CLOSING'
  | 'LAST_ACK'
  | 'TIME_WAIT';

const EMPTY = new Uint8Array(0);

export class TcpSocket extends Socket {
  state: TcpState = 'CLOSE';
  localIp: Ip;
  localPort = 0;
  remoteIp: Ip = 0;
  remotePort = 0;
  /** Written, not acknowledged: `sent` of them have left at least once. */
  readonly sending: Chunk[] = [];
  sent = 0;
  /** Bytes in `sending`. */
  sendSize = 0;
  /** Next sequence number to send, oldest not acknowledged, next expected. */
  sendNext = 0;
  sendUnacknowledged = 0;
  receiveNext = 0;
  /** What the peer is ready to take. */
  peerWindow: number = limits.socketBytes;
  /** What the peer was told last. */
  toldWindow: number = limits.socketBytes;
  readonly received = new ChunkQueue();
  /** The peer has said that it sends no more. */
  peerFinished = false;
  /** We shall send no more; `finSent` once the FIN has left. */
  writeFinished = false;
  finSent = false;
  readFinished = false;
  /** No descriptor holds it any more: it lives on only to close properly. */
  orphaned = false;
  retries = 0;
  /** After a timeout: what had left by then counts as lost until it is acknowledged (high_seq). */
  lostUntil = 0;
  timer: Timer | undefined;
  flushing = false;
  /** Listening: connections that are ready, connections on the way, how many may wait. */
  readonly ready: TcpSocket[] = [];
  readonly half = new Set<TcpSocket>();
  backlog = 0;
  /** The listener that a new connection belongs to until it is accepted. */
  listener: TcpSocket | undefined;

  constructor(owner: SocketOwner, family: SocketFamily) {
    super(owner, family, 'stream');
    this.localIp = family === 'inet6' ? IP6_ANY : IP4_ANY;
  }

  override get readable(): boolean {
    if (this.state === 'LISTEN') return this.ready.length > 0;
    return !this.received.empty || this.ended || this.pending !== undefined;
  }
  override get writable(): boolean {
    if (this.pending !== undefined) return true;
    return this.connected && this.sendSize < limits.socketBytes;
  }
  override get finished(): boolean {
    return this.peerFinished || this.state === 'CLOSE';
  }
  override get hungUp(): boolean {
    return this.state === 'CLOSE' || (this.peerFinished && this.writeFinished);
  }
  /** Reading gives the end of the stream (or nothing ever). */
  private get ended(): boolean {
    return (
      this.peerFinished || this.readFinished || this.state === 'CLOSE' || this.state === 'TIME_WAIT'
    );
  }
  /** Data may be written. */
  get connected(): boolean {
    return this.state === 'ESTABLISHED' || this.state === 'CLOSE_WAIT';
  }
  /** The SYN has not been answered yet. */
  get connecting(): boolean {
    return this.state === 'SYN_SENT';
  }
  /** Room in the receive buffer. */
  get window(): number {
    return Math.max(0, limits.socketBytes - this.received.size);
  }

  override bind(task: Task, address: SocketAddress): Errno | undefined {
    if ('path' in address) return EAFNOSUPPORT;
    if (this.localPort !== 0 || this.state !== 'CLOSE') return EINVAL;
    const ip = bindAddress(this.family, address);
    if (typeof ip !== 'number') return ip;
    const { sockets } = this.namespace;
    const refused = sockets.mayBind(task, 'tcp', this, ip, address.port);
    if (refused) return refused;
    const port = address.port === 0 ? sockets.freePort('tcp', ip, 0, 0) : address.port;
    if (port === undefined) return EADDRNOTAVAIL;
    this.localIp = ip;
    this.localPort = port;
    sockets.boundTcp.add(this);
    return undefined;
  }

  override listen(backlog: number): Errno | undefined {
    const { sockets, settings } = this.namespace;
    if (this.state !== 'CLOSE' && this.state !== 'LISTEN') return EINVAL;
    this.backlog = Math.min(Math.max(0, backlog), settings.maxConnections);
    if (this.state === 'LISTEN') return undefined;
    if (this.localPort === 0) {
      const port = sockets.freePort('tcp', this.localIp, 0, 0);
      if (port === undefined) return EADDRNOTAVAIL;
      this.localPort = port;
    }
    this.state = 'LISTEN';
    sockets.boundTcp.delete(this);
    const list = sockets.listeners.get(this.localPort);
    if (list) list.push(this);
    else sockets.listeners.set(this.localPort, [this]);
    return undefined;
  }

  override *accept(_task: Task, until?: number): Routine<Socket | Errno> {
    for (;;) {
      if (this.state !== 'LISTEN') return EINVAL;
      const next = this.ready.shift();
      if (next) {
        next.listener = undefined;
        return next;
      }
      if (this.nonBlocking || (until !== undefined && this.now >= until)) return EAGAIN;
      if ((yield { on: [this.changed], until }) === 'signal') return EINTR;
    }
  }

  override *connect(
    task: Task,
    address: SocketAddress,
    until?: number,
  ): Routine<Errno | undefined> {
    if (this.state === 'SYN_SENT') return EALREADY;
    if (this.state === 'LISTEN' || this.connected) return EISCONN;
    const failure = this.begin(task, address);
    if (failure) return failure;
    while (this.connecting) {
      if (this.nonBlocking || (until !== undefined && this.now >= until)) return EINPROGRESS;
      if ((yield { on: [this.changed], until }) === 'signal') return EINTR;
    }
    return this.takeError();
  }

  private begin(_task: Task, address: SocketAddress): Errno | undefined {
    if ('path' in address) return EAFNOSUPPORT;
    let ip = parseIp(address.address);
    if (ip === undefined) return EAFNOSUPPORT;
    if (ip === IP4_ANY) ip = LOOPBACK;
    if (ip === IP6_ANY) ip = IP6_LOOPBACK;
    if (isIp6(ip) && this.family === 'inet') return EAFNOSUPPORT;
    const { namespace } = this;
    const route = routeTo(namespace, ip, { source: this.localIp, link: this.device });
    if (isErrno(route)) return route;
    const anywhere = this.localIp === IP4_ANY || this.localIp === IP6_ANY;
    const local = anywhere ? sourceOf(namespace, route, ip) : this.localIp;
    if (this.localPort === 0) {
      const port = namespace.sockets.freePort('tcp', local, ip, address.port);
      if (port === undefined) return EADDRNOTAVAIL;
      this.localPort = port;
    }
    namespace.sockets.boundTcp.delete(this);
    this.localIp = local;
    this.remoteIp = ip;
    this.remotePort = address.port;
    return startConnecting(this);
  }

  override *read(_task: Task, count: number): Routine<Uint8Array | Errno> {
    while (this.received.empty) {
      const end = this.nothingToRead();
      if (end !== 'wait') return end ?? EMPTY;
      if ((yield { on: [this.changed] }) === 'signal') return EINTR;
    }
    const bytes = this.received.takeBytes(count);
    windowOpened(this);
    return bytes;
  }

  // One routine and none within: what waits here is resumed for every message of every connection.
  override *receive(_task: Task, until?: number): Routine<Content | undefined | Errno> {
    for (;;) {
      const content = this.received.takeContent();
      if (content) {
        windowOpened(this);
        return content;
      }
      const end = this.nothingToRead(until);
      if (end !== 'wait') return end;
      if ((yield { on: [this.changed], until }) === 'signal') return EINTR;
    }
  }

  /** The bytes that a read would give, left in place (MSG_PEEK). */
  peek(count: number): Uint8Array {
    return this.received.takeBytes(count, true);
  }

  /** What a reader is told while there is no data; undefined: it is the end. */
  private nothingToRead(until?: number): Errno | undefined | 'wait' {
    const error = this.takeError();
    if (error) return error;
    if (this.state === 'LISTEN' || (this.state === 'CLOSE' && this.remotePort === 0))
      return ENOTCONN;
    if (this.ended) return undefined;
    return this.nonBlocking || (until !== undefined && this.now >= until) ? EAGAIN : 'wait';
  }

  override *write(task: Task, bytes: Uint8Array): Routine<number | Errno> {
    let done = 0;
    while (done < bytes.length) {
      const room = yield* this.awaitRoom(task);
      if (typeof room !== 'number') return done > 0 ? done : room;
      const part = bytes.slice(done, done + room);
      this.push(byteChunk(part));
      done += part.length;
    }
    return done;
  }

  override *send(task: Task, content: Content, size: number): Routine<number | Errno> {
    if (!this.hasRoom) {
      const room = yield* this.awaitRoom(task);
      if (typeof room !== 'number') return room;
    }
    this.push(messageChunk(content, size));
    return size;
  }

  private push(chunk: Chunk): void {
    this.sending.push(chunk);
    this.sendSize += chunk.size;
    flush(this);
  }

  /** What is sent now is taken at once. */
  private get hasRoom(): boolean {
    if (this.pending !== undefined || this.writeFinished || !this.connected) return false;
    return this.sendSize < limits.socketBytes;
  }

  private *awaitRoom(task: Task): Routine<number | Errno> {
    for (;;) {
      const error = this.takeError();
      if (error && error !== EPIPE) return error;
      if (this.writeFinished || !this.connected) {
        if (this.state === 'SYN_SENT' && !this.nonBlocking) {
          if ((yield { on: [this.changed] }) === 'signal') return EINTR;
          continue;
        }
        if (this.remotePort === 0 || this.state === 'SYN_SENT') return ENOTCONN;
        sendThreadSignal(task, SIGPIPE);
        if (hasDeliverable(task)) yield { on: [] };
        return EPIPE;
      }
      const room = limits.socketBytes - this.sendSize;
      if (room > 0) return room;
      if (this.nonBlocking) return EAGAIN;
      if ((yield { on: [this.changed] }) === 'signal') return EINTR;
    }
  }

  override shutdown(how: 'read' | 'write' | 'both'): Errno | undefined {
    if (!this.connected && this.state !== 'SYN_SENT' && this.state !== 'FIN_WAIT2') return ENOTCONN;
    if (how !== 'write') this.readFinished = true;
    if (how !== 'read') stopWriting(this);
    this.changed.wake();
    return undefined;
  }

  override localAddress(): InternetAddress {
    return { address: formatIp(this.localIp), port: this.localPort };
  }
  override peerAddress(): InternetAddress | Errno {
    if (this.remotePort === 0 || this.state === 'SYN_SENT') return ENOTCONN;
    return { address: formatIp(this.remoteIp), port: this.remotePort };
  }

  override released(): void {
    this.orphaned = true;
    if (this.state === 'LISTEN') this.stopListening();
    else if (this.state === 'CLOSE') forgetConnection(this);
    else closeConnection(this);
  }

  private stopListening(): void {
    const { sockets } = this.namespace;
    const list = sockets.listeners.get(this.localPort)?.filter((other) => other !== this) ?? [];
    if (list.length > 0) sockets.listeners.set(this.localPort, list);
    else sockets.listeners.delete(this.localPort);
    this.state = 'CLOSE';
    for (const waiting of [...this.ready, ...this.half]) waiting.released();
  }
}

/** The number of an address to bind to, for a socket of `family`. */
export function bindAddress(family: SocketFamily, address: InternetAddress): Ip | Errno {
  if (address.address === '') return family === 'inet6' ? IP6_ANY : IP4_ANY;
  const ip = parseIp(address.address);
  if (ip === undefined) return EADDRNOTAVAIL;
  if (isIp6(ip) && family === 'inet') return EAFNOSUPPORT;
  return ip;
}
