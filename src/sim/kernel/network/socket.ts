// Sockets (socket(7)): open files that are ends of conversations. Each family subclasses this; what it does not override
// answers as Linux does for that kind of socket.

import type { Content } from '../../core/content.ts';
import type { Routine } from '../../core/wait.ts';
import { ENOPROTOOPT, ENOTCONN, EOPNOTSUPP, type Errno } from '../errno.ts';
import { O_NONBLOCK, O_RDWR, OpenFile } from '../files/open-file.ts';
import type { Task } from '../task/task.ts';
import type { Link } from './link.ts';
import type { NetworkNamespace } from './namespace.ts';

export type SocketFamily = 'inet' | 'inet6' | 'unix' | 'packet';
export type SocketType = 'stream' | 'dgram' | 'raw' | 'seqpacket';

/** An internet address and port as programs write them; IPv4 dotted, or `::1` and `::`. */
export interface InternetAddress {
  readonly address: string;
  readonly port: number;
}

/** A unix socket's name: a path, `@name` in the abstract name space, or '' for none. */
export interface UnixAddress {
  readonly path: string;
}

export type SocketAddress = InternetAddress | UnixAddress;

/** A datagram as it was received. */
export interface Received {
  readonly content: Content;
  readonly from: SocketAddress;
  /** The address it was sent to and its time to live (IP_PKTINFO, IP_RECVTTL). */
  readonly to?: string;
  readonly ttl?: number;
}

/** Who is at the other end of a unix socket (SO_PEERCRED). */
export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** Options of setsockopt(2) that do something here; all others are kept and given back. */
export type SocketOption =
  | 'SO_REUSEADDR'
  | 'SO_REUSEPORT'
  | 'SO_BROADCAST'
  | 'SO_KEEPALIVE'
  | 'TCP_NODELAY'
  | 'SO_RCVBUF'
  | 'SO_SNDBUF'
  | 'IP_TTL'
  | 'IP_TOS'
  | 'IP_MTU_DISCOVER'
  | 'SO_MARK'
  | 'IPV6_V6ONLY'
  | 'TCP_USER_TIMEOUT'
  | 'SO_LINGER'
  | 'IP_FREEBIND';

/** Whose a socket is: the namespace it lives in and who made it. */
export interface SocketOwner {
  readonly namespace: NetworkNamespace;
  readonly uid: number;
  readonly gid: number;
}

/** The owner of a socket that a task makes now. */
export function ownerOf(task: Task): SocketOwner {
  const { euid, egid } = task.credentials;
  return { namespace: task.namespaces.net, uid: euid, gid: egid };
}

export abstract class Socket extends OpenFile {
  readonly family: SocketFamily;
  readonly type: SocketType;
  readonly namespace: NetworkNamespace;
  readonly number: number;
  readonly options = new Map<string, number>();
  /** SO_BINDTODEVICE. */
  device: Link | undefined;
  /** An error that came by itself (SO_ERROR): the next call returns it. */
  pending: Errno | undefined;
  /** Who made it, for `ss -p` and permissions. */
  readonly uid: number;
  readonly gid: number;

  constructor(owner: SocketOwner, family: SocketFamily, type: SocketType) {
    super(undefined, O_RDWR);
    this.family = family;
    this.type = type;
    this.namespace = owner.namespace;
    this.number = this.namespace.kernel.network.nextInode();
    this.uid = owner.uid;
    this.gid = owner.gid;
  }

  override get label(): string {
    return `socket:[${this.number}]`;
  }
  protected get nonBlocking(): boolean {
    return (this.flags & O_NONBLOCK) !== 0;
  }
  protected get now(): number {
    return this.namespace.kernel.simulation.now;
  }

  /** The other end sends no more. */
  get finished(): boolean {
    return false;
  }

  /** The pending error, once. */
  takeError(): Errno | undefined {
    const error = this.pending;
    this.pending = undefined;
    return error;
  }

  bind(_task: Task, _address: SocketAddress): Errno | undefined {
    return EOPNOTSUPP;
  }
  listen(_backlog: number): Errno | undefined {
    return EOPNOTSUPP;
  }
  *accept(_task: Task, _until?: number): Routine<Socket | Errno> {
    return EOPNOTSUPP;
  }
  *connect(_task: Task, _address: SocketAddress, _until?: number): Routine<Errno | undefined> {
    return EOPNOTSUPP;
  }
  /** Sends one message by reference; `size` is what it counts for in buffers. */
  *send(_task: Task, _content: Content, _size: number): Routine<number | Errno> {
    return EOPNOTSUPP;
  }
  /** The next chunk as it was sent; undefined at the end of a stream. */
  *receive(_task: Task, _until?: number): Routine<Content | undefined | Errno> {
    return EOPNOTSUPP;
  }
  /** sendto(2) for sockets that need no connection. */
  sendTo(
    _task: Task,
    _content: Content,
    _size: number,
    _to: SocketAddress | undefined,
  ): number | Errno {
    return EOPNOTSUPP;
  }
  *receiveFrom(_task: Task, _until?: number): Routine<Received | Errno> {
    return EOPNOTSUPP;
  }
  /** shutdown(2): `read`, `write` or both. */
  shutdown(_how: 'read' | 'write' | 'both'): Errno | undefined {
    return ENOTCONN;
  }
  localAddress(): SocketAddress {
    return { path: '' };
  }
  peerAddress(): SocketAddress | Errno {
    return ENOTCONN;
  }
  peerCredentials(_task: Task): PeerCredentials | Errno {
    return ENOPROTOOPT;
  }

  *read(_task: Task, _count: number): Routine<Uint8Array | Errno> {
    return EOPNOTSUPP;
  }
  *write(_task: Task, _bytes: Uint8Array): Routine<number | Errno> {
    return EOPNOTSUPP;
  }
}
