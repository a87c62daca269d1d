// Unix sockets (unix(7)): streams and datagrams inside one machine, named by an inode of a file system or in the abstract
// name space, with the credentials of the other end.

import { Content } from '../../core/content.ts';
import { limits } from '../../core/limits.ts';
import { type Routine, WaitQueue } from '../../core/wait.ts';
import {
  EADDRINUSE,
  EAFNOSUPPORT,
  EAGAIN,
  ECONNREFUSED,
  ECONNRESET,
  EINTR,
  EINVAL,
  EISCONN,
  ENOTCONN,
  EPIPE,
  EPROTOTYPE,
  EDESTADDRREQ,
  type Errno,
  isErrno,
} from '../errno.ts';
import type { Inode } from '../files/inode.ts';
import { SIGPIPE } from '../signals.ts';
import { hasDeliverable, sendThreadSignal } from '../task/signal.ts';
import type { Task } from '../task/task.ts';
import { byteChunk, ChunkQueue, messageChunk } from './chunks.ts';
import {
  type PeerCredentials,
  type Received,
  Socket,
  type SocketAddress,
  type SocketOwner,
  type SocketType,
  type UnixAddress,
} from './socket.ts';

const EMPTY = new Uint8Array(0);

/** Sockets by the inode they are bound to. */
const bound = new WeakMap<Inode, UnixSocket>();

export class UnixSocket extends Socket {
  path = '';
  peer: UnixSocket | undefined;
  readonly received = new ChunkQueue();
  private readonly datagrams: Received[] = [];
  private readonly ready: UnixSocket[] = [];
  listening = false;
  private backlog = 0;
  private writeFinished = false;
  private peerFinished = false;
  private closed = false;
  private inodeBound: Inode | undefined;
  /** Task that connected or listens (for SO_PEERCRED). */
  private readonly maker: Task;
  private readonly room = new WaitQueue();

  constructor(owner: SocketOwner, type: SocketType, maker: Task) {
    super(owner, 'unix', type);
    this.maker = maker;
    this.namespace.sockets.unix.add(this);
  }

  override get readable(): boolean {
    if (this.listening) return this.ready.length > 0;
    return !this.received.empty || this.datagrams.length > 0 || this.peerFinished;
  }
  override get writable(): boolean {
    return (
      this.type === 'dgram' ||
      this.peer === undefined ||
      this.peer.received.size < limits.socketBytes
    );
  }
  override get finished(): boolean {
    return this.peerFinished;
  }
  override get hungUp(): boolean {
    return this.peerFinished && this.peer?.closed !== false;
  }
  get connectionState(): 'LISTEN' | 'ESTAB' | 'UNCONN' {
    if (this.listening) return 'LISTEN';
    return this.peer ? 'ESTAB' : 'UNCONN';
  }

  /** Binds to an inode that the caller has just made, or to an abstract name. EADDRINUSE. */
  bindTo(path: string, inode: Inode | undefined): Errno | undefined {
    if (this.path !== '') return EINVAL;
    if (inode) {
      bound.set(inode, this);
      this.inodeBound = inode;
    } else {
      if (this.namespace.sockets.abstract.has(path)) return EADDRINUSE;
      this.namespace.sockets.abstract.set(path, this);
    }
    this.path = path;
    return undefined;
  }

  override listen(backlog: number): Errno | undefined {
    if (this.type === 'dgram' || this.path === '') return EINVAL;
    this.listening = true;
    this.backlog = Math.max(0, backlog);
    return undefined;
  }

  override *accept(_task: Task, until?: number): Routine<Socket | Errno> {
    for (;;) {
      if (!this.listening) return EINVAL;
      const next = this.ready.shift();
      if (next) {
        this.room.wake();
        return next;
      }
      if (this.nonBlocking || (until !== undefined && this.now >= until)) return EAGAIN;
      if ((yield { on: [this.changed], until }) === 'signal') return EINTR;
    }
  }

  /** Connects to a listening socket: at once, unless its queue is full. */
  *connectTo(target: UnixSocket | undefined): Routine<Errno | undefined> {
    if (this.peer) return EISCONN;
    if (!target || target.closed) return ECONNREFUSED;
    if (target.type !== this.type) return EPROTOTYPE;
    if (this.type === 'dgram') {
      this.peer = target;
      return undefined;
    }
    if (!target.listening) return ECONNREFUSED;
    while (target.ready.length > target.backlog) {
      if (this.nonBlocking) return EAGAIN;
      if ((yield { on: [target.room] }) === 'signal') return EINTR;
      if (target.closed) return ECONNREFUSED;
    }
    const other = new UnixSocket(target, this.type, target.maker);
    other.path = target.path;
    joinPair(this, other);
    target.ready.push(other);
    target.changed.wake();
    return undefined;
  }

  override *read(_task: Task, count: number): Routine<Uint8Array | Errno> {
    if (this.type === 'dgram') {
      const one = yield* this.receiveFrom();
      return isErrno(one) ? one : one.content.bytes().subarray(0, count);
    }
    while (this.received.empty) {
      const end = this.nothingToRead();
      if (end !== 'wait') return end ?? EMPTY;
      if ((yield { on: [this.changed] }) === 'signal') return EINTR;
    }
    const bytes = this.received.takeBytes(count);
    this.peer?.changed.wake();
    return bytes;
  }

  override *receive(_task: Task, until?: number): Routine<Content | undefined | Errno> {
    if (this.type === 'dgram') {
      const one = yield* this.receiveFrom(undefined, until);
      return isErrno(one) ? one : one.content;
    }
    for (;;) {
      const content = this.received.takeContent();
      if (content) {
        this.peer?.changed.wake();
        return content;
      }
      const end = this.nothingToRead(until);
      if (end !== 'wait') return end;
      if ((yield { on: [this.changed], until }) === 'signal') return EINTR;
    }
  }

  peek(count: number): Uint8Array {
    return this.received.takeBytes(count, true);
  }

  /** What a reader is told while there is no data; undefined: it is the end. */
  private nothingToRead(until?: number): Errno | undefined | 'wait' {
    if (this.peerFinished) return undefined;
    const error = this.takeError();
    if (error) return error;
    if (!this.peer) return this.listening ? EINVAL : ENOTCONN;
    return this.nonBlocking || (until !== undefined && this.now >= until) ? EAGAIN : 'wait';
  }

  override *write(task: Task, bytes: Uint8Array): Routine<number | Errno> {
    if (this.type === 'dgram') {
      return this.sendDatagram(Content.ofBytes(bytes.slice()), bytes.length, this.peer);
    }
    let done = 0;
    while (done < bytes.length) {
      const room = yield* this.awaitRoom(task);
      if (typeof room !== 'number') return done > 0 ? done : room;
      const part = bytes.slice(done, done + room);
      this.put(byteChunk(part));
      done += part.length;
    }
    return done;
  }

  override *send(task: Task, content: Content, size: number): Routine<number | Errno> {
    if (this.type === 'dgram') return this.sendDatagram(content, size, this.peer);
    if (!this.hasRoom) {
      const room = yield* this.awaitRoom(task);
      if (typeof room !== 'number') return room;
    }
    this.put(messageChunk(content, size));
    return size;
  }

  private put(chunk: Parameters<ChunkQueue['put']>[0]): void {
    const { peer } = this;
    if (!peer) return;
    const wasEmpty = peer.received.empty;
    peer.received.put(chunk);
    if (wasEmpty) peer.changed.wake();
  }

  /** What is sent now is taken at once. */
  private get hasRoom(): boolean {
    const { peer } = this;
    if (!peer || peer.closed || this.writeFinished) return false;
    return peer.received.size < limits.socketBytes;
  }

  private *awaitRoom(task: Task): Routine<number | Errno> {
    for (;;) {
      const { peer } = this;
      if (!peer && !this.peerFinished) return ENOTCONN;
      if (!peer || peer.closed || this.writeFinished) {
        sendThreadSignal(task, SIGPIPE);
        if (hasDeliverable(task)) yield { on: [] };
        return EPIPE;
      }
      const room = limits.socketBytes - peer.received.size;
      if (room > 0) return room;
      if (this.nonBlocking) return EAGAIN;
      if ((yield { on: [this.changed] }) === 'signal') return EINTR;
    }
  }

  /** sendto(2): to a datagram socket that the caller has looked up. */
  sendDatagram(content: Content, size: number, to: UnixSocket | undefined): number | Errno {
    if (!to) return EDESTADDRREQ;
    if (to.closed) return ECONNREFUSED;
    to.datagrams.push({ content, from: { path: this.path } });
    to.changed.wake();
    return size;
  }

  override *receiveFrom(_task?: Task, until?: number): Routine<Received | Errno> {
    for (;;) {
      const next = this.datagrams.shift();
      if (next) return next;
      if (this.nonBlocking || (until !== undefined && this.now >= until)) return EAGAIN;
      if ((yield { on: [this.changed], until }) === 'signal') return EINTR;
    }
  }

  override shutdown(how: 'read' | 'write' | 'both'): Errno | undefined {
    const { peer } = this;
    if (!peer) return ENOTCONN;
    if (how !== 'read') {
      this.writeFinished = true;
      peer.peerFinished = true;
      peer.changed.wake();
    }
    if (how !== 'write') this.peerFinished = true;
    this.changed.wake();
    return undefined;
  }

  override localAddress(): UnixAddress {
    return { path: this.path };
  }
  override peerAddress(): UnixAddress | Errno {
    return this.peer ? { path: this.peer.path } : ENOTCONN;
  }
  override peerCredentials(task: Task): PeerCredentials | Errno {
    const maker = this.peer?.maker;
    if (!maker) return ENOTCONN;
    const { user } = task.credentials;
    return {
      pid: maker.leader.pidIn(task.pidNamespace),
      uid: user.uidFromKernel(maker.credentials.euid),
      gid: user.gidFromKernel(maker.credentials.egid),
    };
  }

  override released(): void {
    this.closed = true;
    this.listening = false;
    const { sockets } = this.namespace;
    sockets.unix.delete(this);
    if (sockets.abstract.get(this.path) === this) sockets.abstract.delete(this.path);
    if (this.inodeBound && bound.get(this.inodeBound) === this) bound.delete(this.inodeBound);
    for (const waiting of this.ready.splice(0)) waiting.released();
    this.room.wake();
    const { peer } = this;
    if (!peer || this.type === 'dgram') return;
    peer.peerFinished = true;
    if (!this.received.empty) peer.pending = ECONNRESET;
    peer.changed.wake();
  }
}

/** Joins two sockets (socketpair(2), and what accept gives to the one that connected). */
export function joinPair(a: UnixSocket, b: UnixSocket): void {
  a.peer = b;
  b.peer = a;
}

/** The socket that is bound to an inode; undefined where nobody listens there any more. */
export function socketAt(inode: Inode): UnixSocket | undefined {
  return bound.get(inode);
}

/** EAFNOSUPPORT where an address is none of this family. */
export function unixPath(address: SocketAddress): string | Errno {
  return 'path' in address ? address.path : EAFNOSUPPORT;
}
