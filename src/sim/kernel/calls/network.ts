// System calls on sockets (socket(2), unix(7), tcp(7), udp(7)), and the typed netlink that network settings go through.

import type { Content } from '../../core/content.ts';
import type { Routine } from '../../core/wait.ts';
import {
  EACCES,
  EADDRINUSE,
  EBADF,
  ECONNREFUSED,
  EEXIST,
  EINVAL,
  ENODEV,
  ENOTSOCK,
  EOPNOTSUPP,
  EPERM,
  EPROTONOSUPPORT,
  type Errno,
  isErrno,
} from '../errno.ts';
import { S_IFSOCK } from '../files/inode.ts';
import { O_CLOEXEC, O_NONBLOCK } from '../files/open-file.ts';
import { MAY_WRITE, permission, resolve, resolveLast } from '../files/walk.ts';
import { Netlink } from '../network/netlink.ts';
import type { NetworkNamespace } from '../network/namespace.ts';
import { type IcmpReceived, PingSocket } from '../network/ping.ts';
import {
  ownerOf,
  type PeerCredentials,
  type Received,
  Socket,
  type SocketAddress,
  type SocketFamily,
  type SocketOption,
  type SocketType,
} from '../network/socket.ts';
import { PacketSocket } from '../network/tap.ts';
import { TcpSocket } from '../network/tcp/socket.ts';
import { type IcmpReport, UdpSocket } from '../network/udp.ts';
import { joinPair, socketAt, UnixSocket, unixPath } from '../network/unix.ts';
import { CAP_NET_RAW, capableIn } from '../task/credentials.ts';
import { NamespaceCalls } from './namespaces.ts';

export class NetworkCalls extends NamespaceCalls {
  /** The network namespace that the caller is in: to be looked at. */
  get network(): NetworkNamespace {
    return this.task.namespaces.net;
  }

  /** rtnetlink(7) and nf_tables as typed calls, for the caller's namespace or one that it holds. */
  netlink(namespace: NetworkNamespace = this.network): Netlink {
    return new Netlink(this.task, namespace);
  }

  /** socket(2). `protocol` 1 with dgram is a ping socket. EPERM: raw and packet sockets need CAP_NET_RAW. */
  socket(family: SocketFamily, type: SocketType, protocol = 0, flags = 0): number | Errno {
    const made = this.makeSocket(family, type, protocol);
    if (isErrno(made)) return made;
    made.flags |= flags & O_NONBLOCK;
    return this.addSocket(made, (flags & O_CLOEXEC) !== 0);
  }

  private makeSocket(family: SocketFamily, type: SocketType, protocol: number): Socket | Errno {
    const { task } = this;
    const owner = ownerOf(task);
    if (family === 'unix')
      return type === 'raw' ? EPROTONOSUPPORT : new UnixSocket(owner, type, task);
    if (family === 'packet' || type === 'raw') {
      if (!capableIn(task, owner.namespace.owner, CAP_NET_RAW)) return EPERM;
      return family === 'packet' ? new PacketSocket(owner) : new PingSocket(owner, 'raw', protocol);
    }
    if (type === 'stream') return new TcpSocket(owner, family);
    if (type !== 'dgram') return EPROTONOSUPPORT;
    return protocol === 1 ? this.pingSocket(owner.namespace) : new UdpSocket(owner, family);
  }

  private pingSocket(namespace: NetworkNamespace): Socket | Errno {
    const [low, high] = namespace.settings.pingGroups;
    const { egid, groups } = this.task.credentials;
    const allowed = [egid, ...groups].some((gid) => gid >= low && gid <= high);
    return allowed ? new PingSocket(ownerOf(this.task), 'dgram', 1) : EACCES;
  }

  private addSocket(socket: Socket, closeOnExec = false): number | Errno {
    const fd = this.task.files.add(socket, closeOnExec);
    if (isErrno(fd)) socket.released();
    return fd;
  }

  /** The socket behind a descriptor, for calls of this floor and programs that need its kind. */
  socketOf(fd: number): Socket | Errno {
    const file = this.task.files.get(fd);
    if (isErrno(file)) return EBADF;
    return file instanceof Socket ? file : ENOTSOCK;
  }

  /** socketpair(2): two unix sockets joined. */
  socketpair(type: 'stream' | 'dgram' = 'stream'): readonly [number, number] | Errno {
    const owner = ownerOf(this.task);
    const a = new UnixSocket(owner, type, this.task);
    const b = new UnixSocket(owner, type, this.task);
    joinPair(a, b);
    const first = this.addSocket(a);
    if (isErrno(first)) return first;
    const second = this.addSocket(b);
    return isErrno(second) ? second : [first, second];
  }

  /** bind(2). A unix path becomes an inode of its file system: EADDRINUSE where the name is taken. */
  bind(fd: number, address: SocketAddress): Errno | undefined {
    const socket = this.socketOf(fd);
    if (isErrno(socket)) return socket;
    if (!(socket instanceof UnixSocket)) return socket.bind(this.task, address);
    const path = unixPath(address);
    if (isErrno(path)) return path;
    if (path.startsWith('@')) return socket.bindTo(path, undefined);
    if (socket.path !== '' || path === '') return EINVAL;
    const last = resolveLast(this.task, path);
    if (isErrno(last)) return last;
    const made = this.makeAt(last, S_IFSOCK | (0o777 & ~this.task.fs.umask));
    if (isErrno(made)) return made === EEXIST ? EADDRINUSE : made;
    return socket.bindTo(path, made.inode);
  }

  /** listen(2). */
  listen(fd: number, backlog = 128): Errno | undefined {
    const socket = this.socketOf(fd);
    return isErrno(socket) ? socket : socket.listen(backlog);
  }

  /** accept(2): a descriptor for the next connection. EAGAIN when virtual time `until` has come. */
  *accept(fd: number, until?: number): Routine<number | Errno> {
    const socket = this.socketOf(fd);
    if (isErrno(socket)) return socket;
    const made = yield* socket.accept(this.task, until);
    return isErrno(made) ? made : this.addSocket(made);
  }

  /** connect(2). EINPROGRESS when `until` has come first (as with SO_SNDTIMEO). */
  *connect(fd: number, address: SocketAddress, until?: number): Routine<Errno | undefined> {
    const socket = this.socketOf(fd);
    if (isErrno(socket)) return socket;
    if (!(socket instanceof UnixSocket)) return yield* socket.connect(this.task, address, until);
    const target = this.unixTarget(socket, address);
    return isErrno(target) ? target : yield* socket.connectTo(target);
  }

  private unixTarget(socket: UnixSocket, address: SocketAddress): UnixSocket | Errno {
    const path = unixPath(address);
    if (isErrno(path)) return path;
    if (path.startsWith('@')) return socket.namespace.sockets.abstract.get(path) ?? ECONNREFUSED;
    const place = resolve(this.task, path);
    if (isErrno(place)) return place;
    const refused = permission(this.task, place.inode, MAY_WRITE);
    if (refused) return refused;
    if (place.inode.kind !== S_IFSOCK) return ECONNREFUSED;
    return socketAt(place.inode) ?? ECONNREFUSED;
  }

  /** Sends one message by reference; `size` is what it counts for in buffers and counters. */
  sendContent(fd: number, content: Content, size: number): Routine<number | Errno> {
    const socket = this.socketOf(fd);
    return isErrno(socket) ? refused(socket) : socket.send(this.task, content, size);
  }

  /** The next chunk of a stream as it was sent (a message by reference, else its bytes); undefined at the end. */
  receiveContent(fd: number, until?: number): Routine<Content | undefined | Errno> {
    const socket = this.socketOf(fd);
    return isErrno(socket) ? refused(socket) : socket.receive(this.task, until);
  }

  /** sendto(2) on a datagram socket: how many bytes were taken. */
  sendTo(fd: number, content: Content, size: number, to?: SocketAddress): number | Errno {
    const socket = this.socketOf(fd);
    if (isErrno(socket)) return socket;
    if (!(socket instanceof UnixSocket)) return socket.sendTo(this.task, content, size, to);
    const target = to ? this.unixTarget(socket, to) : socket.peer;
    return isErrno(target) ? target : socket.sendDatagram(content, size, target);
  }

  /** recvfrom(2): the next datagram with where it came from. */
  *receiveFrom(fd: number, until?: number): Routine<Received | Errno> {
    const socket = this.socketOf(fd);
    return isErrno(socket) ? socket : yield* socket.receiveFrom(this.task, until);
  }

  /** Sends an ICMP echo request by a ping or raw socket. */
  sendEcho(fd: number, to: string | undefined, sequence: number, size: number): Errno | undefined {
    const socket = this.socketOf(fd);
    if (isErrno(socket)) return socket;
    return socket instanceof PingSocket ? socket.echo(to, sequence, size) : EOPNOTSUPP;
  }

  /** The next ICMP message for a ping or raw socket. */
  *receiveIcmp(fd: number, until?: number): Routine<IcmpReceived | Errno> {
    const socket = this.socketOf(fd);
    if (isErrno(socket)) return socket;
    return socket instanceof PingSocket ? yield* socket.receiveIcmp(until) : EOPNOTSUPP;
  }

  /** ICMP errors about a UDP socket's datagrams (MSG_ERRQUEUE), oldest first. */
  takeErrors(fd: number): readonly IcmpReport[] {
    const socket = this.socketOf(fd);
    return socket instanceof UdpSocket ? socket.reports.splice(0) : [];
  }

  /** shutdown(2). */
  shutdown(fd: number, how: 'read' | 'write' | 'both'): Errno | undefined {
    const socket = this.socketOf(fd);
    return isErrno(socket) ? socket : socket.shutdown(how);
  }

  getsockname(fd: number): SocketAddress | Errno {
    const socket = this.socketOf(fd);
    return isErrno(socket) ? socket : socket.localAddress();
  }
  getpeername(fd: number): SocketAddress | Errno {
    const socket = this.socketOf(fd);
    return isErrno(socket) ? socket : socket.peerAddress();
  }
  /** getsockopt(SO_PEERCRED): who is at the other end of a unix socket. */
  peerCredentials(fd: number): PeerCredentials | Errno {
    const socket = this.socketOf(fd);
    return isErrno(socket) ? socket : socket.peerCredentials(this.task);
  }
  /** getsockopt(SO_ERROR): the pending error, which is cleared. */
  socketError(fd: number): Errno | undefined {
    const socket = this.socketOf(fd);
    return isErrno(socket) ? socket : socket.takeError();
  }

  setsockopt(fd: number, option: SocketOption, value: number): Errno | undefined {
    const socket = this.socketOf(fd);
    if (isErrno(socket)) return socket;
    socket.options.set(option, value);
    return undefined;
  }
  /** setsockopt(SO_BINDTODEVICE): ENODEV where there is no such link. */
  bindToDevice(fd: number, name: string): Errno | undefined {
    const socket = this.socketOf(fd);
    if (isErrno(socket)) return socket;
    const link = socket.namespace.link(name);
    if (!link) return ENODEV;
    socket.device = link;
    return undefined;
  }
}

/** The routine of a call that is refused before it begins. */
// biome-ignore lint/correctness/useYield: a call may end without having waited.
function* refused(errno: Errno): Routine<Errno> {
  return errno;
}
