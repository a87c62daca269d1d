// UDP sockets (udp(7)): datagrams in a queue; an ICMP error about one is the next call's error where it is connected.

import { Content } from '../../core/content.ts';
import { limits } from '../../core/limits.ts';
import type { Routine } from '../../core/wait.ts';
import {
  EADDRNOTAVAIL,
  EAFNOSUPPORT,
  EAGAIN,
  EDESTADDRREQ,
  EINTR,
  EINVAL,
  EMSGSIZE,
  ENOTCONN,
  type Errno,
  isErrno,
} from '../errno.ts';
import type { Task } from '../task/task.ts';
import {
  formatIp,
  type Ip,
  IP4_ANY,
  IP6_ANY,
  IP6_LOOPBACK,
  isIp6,
  LOOPBACK,
  parseIp,
} from './address.ts';
import { byteChunk, bytesOf, messageChunk } from './chunks.ts';
import { sendIcmpError } from './icmp.ts';
import { routeTo, sendPacket, sourceOf } from './ip.ts';
import type { Link } from './link.ts';
import type { NetworkNamespace } from './namespace.ts';
import {
  ICMP_UNREACHABLE,
  type IcmpMessage,
  type Packet,
  type PacketHead,
  PROTOCOL_UDP,
  UNREACHABLE,
} from './packet.ts';
import {
  type InternetAddress,
  type Received,
  Socket,
  type SocketAddress,
  type SocketFamily,
  type SocketOwner,
} from './socket.ts';
import { bindAddress } from './tcp/socket.ts';
import { unreachableError } from './tcp/input.ts';
import { vxlanInput } from './vxlan.ts';

/** An ICMP error as a socket with IP_RECVERR learns of it (what traceroute reads). */
export interface IcmpReport {
  readonly type: number;
  readonly code: number;
  readonly from: string;
  readonly mtu: number | undefined;
}

export class UdpSocket extends Socket {
  localIp: Ip;
  localPort = 0;
  remoteIp: Ip = 0;
  remotePort = 0;
  private readonly queue: Received[] = [];
  private queued = 0;
  /** ICMP errors, kept for sockets with IP_RECVERR. */
  readonly reports: IcmpReport[] = [];
  private readFinished = false;

  constructor(owner: SocketOwner, family: SocketFamily) {
    super(owner, family, 'dgram');
    this.localIp = family === 'inet6' ? IP6_ANY : IP4_ANY;
  }

  override get readable(): boolean {
    return this.queue.length > 0 || this.pending !== undefined || this.readFinished;
  }

  override bind(task: Task, address: SocketAddress): Errno | undefined {
    if ('path' in address) return EAFNOSUPPORT;
    if (this.localPort !== 0) return EINVAL;
    const ip = bindAddress(this.family, address);
    if (typeof ip !== 'number') return ip;
    const refused = this.namespace.sockets.mayBind(task, 'udp', this, ip, address.port);
    if (refused) return refused;
    this.localIp = ip;
    return this.takePort(address.port);
  }

  private takePort(wanted: number): Errno | undefined {
    const { sockets } = this.namespace;
    const port = wanted === 0 ? sockets.freePort('udp', this.localIp, 0, 0) : wanted;
    if (port === undefined) return EADDRNOTAVAIL;
    this.localPort = port;
    const list = sockets.udp.get(port);
    if (list) list.push(this);
    else sockets.udp.set(port, [this]);
    return undefined;
  }

  override *connect(_task: Task, address: SocketAddress): Routine<Errno | undefined> {
    if ('path' in address) return EAFNOSUPPORT;
    const ip = target(address, this.family);
    if (isErrno(ip)) return ip;
    const route = routeTo(this.namespace, ip, { link: this.device });
    if (isErrno(route)) return route;
    if (this.localPort === 0) {
      const failure = this.takePort(0);
      if (failure) return failure;
    }
    if (this.localIp === IP4_ANY || this.localIp === IP6_ANY) {
      this.localIp = sourceOf(this.namespace, route, ip);
    }
    this.remoteIp = ip;
    this.remotePort = address.port;
    return undefined;
  }

  override sendTo(
    _task: Task,
    content: Content,
    size: number,
    to: SocketAddress | undefined,
  ): number | Errno {
    const error = this.takeError();
    if (error) return error;
    if (to && 'path' in to) return EAFNOSUPPORT;
    if (!to && this.remotePort === 0) return this.localPort ? EDESTADDRREQ : ENOTCONN;
    if (size > 65_507) return EMSGSIZE;
    const ip = to ? target(to, this.family) : this.remoteIp;
    if (isErrno(ip)) return ip;
    if (this.localPort === 0) {
      const failure = this.takePort(0);
      if (failure) return failure;
    }
    const failure = this.transmit(ip, to ? to.port : this.remotePort, content, size);
    return failure ?? size;
  }

  private transmit(ip: Ip, port: number, content: Content, size: number): Errno | undefined {
    const any = this.localIp === IP4_ANY || this.localIp === IP6_ANY;
    const packet: Packet = {
      source: any ? 0 : this.localIp,
      destination: ip,
      protocol: PROTOCOL_UDP,
      ttl: this.options.get('IP_TTL') ?? limits.timeToLive,
      tos: this.options.get('IP_TOS') ?? 0,
      sourcePort: this.localPort,
      destinationPort: port,
      size: size + 28,
      dontFragment: this.options.get('IP_MTU_DISCOVER') === 2,
      body: {
        kind: 'udp',
        chunk: content.isObject ? messageChunk(content, size) : byteChunk(content.bytes()),
      },
      mark: this.options.get('SO_MARK') ?? 0,
      connection: undefined,
      reply: false,
      owner: this,
    };
    return sendPacket(this.namespace, packet, { link: this.device });
  }

  override *receiveFrom(_task: Task, until?: number): Routine<Received | Errno> {
    for (;;) {
      const next = this.queue.shift();
      if (next) {
        this.queued -= 1;
        return next;
      }
      const error = this.takeError();
      if (error) return error;
      if (this.readFinished) return { content: Content.empty, from: { address: '', port: 0 } };
      if (this.nonBlocking || (until !== undefined && this.now >= until)) return EAGAIN;
      if ((yield { on: [this.changed], until }) === 'signal') return EINTR;
    }
  }

  override *receive(task: Task, until?: number): Routine<Content | undefined | Errno> {
    const received = yield* this.receiveFrom(task, until);
    return isErrno(received) ? received : received.content;
  }
  override *read(task: Task, count: number): Routine<Uint8Array | Errno> {
    const received = yield* this.receiveFrom(task);
    return isErrno(received) ? received : received.content.bytes().subarray(0, count);
  }
  override *write(task: Task, bytes: Uint8Array): Routine<number | Errno> {
    return this.sendTo(task, Content.ofBytes(bytes.slice()), bytes.length, undefined);
  }
  override *send(task: Task, content: Content, size: number): Routine<number | Errno> {
    return this.sendTo(task, content, size, undefined);
  }

  override shutdown(how: 'read' | 'write' | 'both'): Errno | undefined {
    if (this.remotePort === 0) return ENOTCONN;
    if (how !== 'write') this.readFinished = true;
    this.changed.wake();
    return undefined;
  }

  /** A datagram for this socket. */
  arrived(packet: Packet): void {
    if (packet.body.kind !== 'udp' || this.queued > MOST_QUEUED) return;
    const { chunk } = packet.body;
    this.queue.push({
      content: chunk.message ?? Content.ofBytes(bytesOf(chunk)),
      from: { address: formatIp(packet.source), port: packet.sourcePort },
      to: formatIp(packet.destination),
      ttl: packet.ttl,
    });
    this.queued++;
    this.changed.wake();
  }

  override localAddress(): InternetAddress {
    return { address: formatIp(this.localIp), port: this.localPort };
  }
  override peerAddress(): InternetAddress | Errno {
    if (this.remotePort === 0) return ENOTCONN;
    return { address: formatIp(this.remoteIp), port: this.remotePort };
  }

  override released(): void {
    const { sockets } = this.namespace;
    const list = sockets.udp.get(this.localPort)?.filter((other) => other !== this) ?? [];
    if (list.length > 0) sockets.udp.set(this.localPort, list);
    else sockets.udp.delete(this.localPort);
  }
}

/** Datagrams one socket holds: about what 212,992 bytes of buffer hold of small ones. */
const MOST_QUEUED = 277;

function target(address: InternetAddress, family: SocketFamily): Ip | Errno {
  const ip = parseIp(address.address);
  if (ip === undefined) return EAFNOSUPPORT;
  if (ip === IP4_ANY) return LOOPBACK;
  if (ip === IP6_ANY) return IP6_LOOPBACK;
  return isIp6(ip) && family === 'inet' ? EAFNOSUPPORT : ip;
}

/** A UDP packet for this namespace. */
export function udpInput(namespace: NetworkNamespace, packet: Packet, _link: Link): void {
  const { destination, destinationPort, source, sourcePort } = packet;
  const socket = namespace.sockets.udpSocket(destination, destinationPort, source, sourcePort);
  if (socket) {
    socket.arrived(packet);
    return;
  }
  if (vxlanInput(namespace, packet)) return;
  const everybody =
    namespace.routing.lookup(destination)?.type === 'broadcast' || !namespace.isOwn(destination);
  if (everybody) {
    for (const listener of namespace.sockets.udp.get(destinationPort) ?? [])
      listener.arrived(packet);
    return;
  }
  sendIcmpError(namespace, packet, ICMP_UNREACHABLE, UNREACHABLE.port);
}

/** An ICMP error about a datagram that a socket here sent. */
export function udpError(
  namespace: NetworkNamespace,
  about: PacketHead,
  message: IcmpMessage,
  from: Ip,
): void {
  const { source, sourcePort, destination, destinationPort } = about;
  const socket = namespace.sockets.udpSocket(source, sourcePort, destination, destinationPort);
  if (!socket) return;
  socket.reports.push({
    type: message.type,
    code: message.code,
    from: formatIp(from),
    mtu: message.mtu,
  });
  if (socket.reports.length > 64) socket.reports.shift();
  const connected = socket.remotePort === destinationPort && socket.remoteIp === destination;
  if (connected && message.type === ICMP_UNREACHABLE) {
    socket.pending = unreachableError(message.code);
  }
  socket.changed.wake();
}
