// ICMP sockets: the datagram kind that ping(8) uses (icmp(7), ping_group_range) and raw sockets (raw(7)).

import { Content } from '../../core/content.ts';
import { limits } from '../../core/limits.ts';
import type { Routine } from '../../core/wait.ts';
import {
  EAFNOSUPPORT,
  EAGAIN,
  EDESTADDRREQ,
  EINTR,
  ENOTCONN,
  type Errno,
  isErrno,
} from '../errno.ts';
import type { Task } from '../task/task.ts';
import { formatIp, type Ip, LOOPBACK, parseIp } from './address.ts';
import { bytesOf } from './chunks.ts';
import { icmpPacket } from './icmp.ts';
import { routeTo, sendPacket } from './ip.ts';
import type { Link } from './link.ts';
import { ICMP_ECHO_REPLY, type IcmpMessage, type Packet, PROTOCOL_ICMP } from './packet.ts';
import {
  type InternetAddress,
  type Received,
  Socket,
  type SocketAddress,
  type SocketOwner,
  type SocketType,
} from './socket.ts';

/** An ICMP message with what its IP header said. */
export interface IcmpReceived {
  readonly message: IcmpMessage;
  readonly from: string;
  readonly ttl: number;
  /** Bytes of the IP packet. */
  readonly size: number;
  readonly at: number;
}

export class PingSocket extends Socket {
  readonly protocol: number;
  /** Identifier of echo requests. */
  readonly identifier: number;
  private remoteIp: Ip | undefined;
  private localIp: Ip = 0;
  private readonly queue: IcmpReceived[] = [];

  constructor(owner: SocketOwner, type: SocketType, protocol: number) {
    super(owner, 'inet', type);
    this.protocol = protocol;
    this.identifier = 1 + (this.number % 65_000);
    this.namespace.sockets.ping.add(this);
  }

  override get readable(): boolean {
    return this.queue.length > 0 || this.pending !== undefined;
  }

  override bind(_task: Task, address: SocketAddress): Errno | undefined {
    if ('path' in address) return EAFNOSUPPORT;
    const ip = parseIp(address.address);
    if (ip === undefined) return EAFNOSUPPORT;
    this.localIp = ip;
    return undefined;
  }

  override *connect(_task: Task, address: SocketAddress): Routine<Errno | undefined> {
    if ('path' in address) return EAFNOSUPPORT;
    const ip = parseIp(address.address);
    if (ip === undefined) return EAFNOSUPPORT;
    const route = routeTo(this.namespace, ip === 0 ? LOOPBACK : ip, { link: this.device });
    if (isErrno(route)) return route;
    this.remoteIp = ip === 0 ? LOOPBACK : ip;
    return undefined;
  }

  /** Sends an echo request of `size` data bytes. */
  echo(address: string | undefined, sequence: number, size: number): Errno | undefined {
    const ip = address === undefined ? this.remoteIp : parseIp(address);
    if (ip === undefined) return EDESTADDRREQ;
    const message: IcmpMessage = { kind: 'icmp', type: 8, code: 0, sequence, data: this.now };
    const packet = icmpPacket(this.localIp, ip, message, size + 28);
    packet.ttl = this.options.get('IP_TTL') ?? limits.timeToLive;
    packet.tos = this.options.get('IP_TOS') ?? 0;
    packet.mark = this.options.get('SO_MARK') ?? 0;
    packet.owner = this;
    packet.sourcePort = this.identifier;
    packet.destinationPort = this.identifier;
    const whole = { ...packet, dontFragment: this.options.get('IP_MTU_DISCOVER') === 2 };
    return sendPacket(this.namespace, whole, { link: this.device });
  }

  /** The next message: an echo reply to this socket, or an error about one of its requests. */
  *receiveIcmp(until?: number): Routine<IcmpReceived | Errno> {
    for (;;) {
      const next = this.queue.shift();
      if (next) return next;
      const error = this.takeError();
      if (error) return error;
      if (this.nonBlocking || (until !== undefined && this.now >= until)) return EAGAIN;
      if ((yield { on: [this.changed], until }) === 'signal') return EINTR;
    }
  }

  override *receiveFrom(_task: Task, until?: number): Routine<Received | Errno> {
    const next = yield* this.receiveIcmp(until);
    if (isErrno(next)) return next;
    return { content: Content.ofJson(next), from: { address: next.from, port: 0 }, ttl: next.ttl };
  }

  /** A packet that may be for this socket. */
  arrived(packet: Packet, _link: Link): void {
    const { body } = packet;
    if (packet.protocol !== this.protocol) return;
    if (body.kind !== 'icmp') {
      if (body.kind === 'raw')
        this.take(packet, {
          kind: 'icmp',
          type: -1,
          code: 0,
          sequence: 0,
          data: bytesOf(body.chunk),
        });
      return;
    }
    const identifier = body.about ? body.about.sourcePort : packet.sourcePort;
    if (this.type !== 'raw' || this.protocol === PROTOCOL_ICMP) {
      if (identifier !== this.identifier) return;
      if (body.type !== ICMP_ECHO_REPLY && !body.about) return;
    }
    this.take(packet, body);
  }

  private take(packet: Packet, message: IcmpMessage): void {
    if (this.queue.length > 256) return;
    this.queue.push({
      message,
      from: formatIp(packet.source),
      ttl: packet.ttl,
      size: packet.size,
      at: this.now,
    });
    this.changed.wake();
  }

  override localAddress(): InternetAddress {
    return { address: formatIp(this.localIp), port: this.identifier };
  }
  override peerAddress(): InternetAddress | Errno {
    return this.remoteIp === undefined ? ENOTCONN : { address: formatIp(this.remoteIp), port: 0 };
  }
  override released(): void {
    this.namespace.sockets.ping.delete(this);
  }
}
