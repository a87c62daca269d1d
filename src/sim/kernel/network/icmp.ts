// ICMP (icmp(7)): answers to echo requests, and errors about packets that could not be delivered, which reach the socket
// that sent them.

import type { Link } from './link.ts';
import { IP4_BROADCAST, type Ip, isIp6, isLoopback, isMulticast } from './address.ts';
import { sendPacket, sourceOf, routeTo } from './ip.ts';
import type { NetworkNamespace } from './namespace.ts';
import {
  headOf,
  ICMP_ECHO_REPLY,
  ICMP_ECHO_REQUEST,
  ICMP_TIME_EXCEEDED,
  ICMP_UNREACHABLE,
  type IcmpMessage,
  type Packet,
  PROTOCOL_ICMP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
} from './packet.ts';
import { tcpError } from './tcp/input.ts';
import { udpError } from './udp.ts';

/** A new ICMP packet. */
export function icmpPacket(source: Ip, destination: Ip, body: IcmpMessage, size: number): Packet {
  return {
    source,
    destination,
    body,
    size,
    protocol: PROTOCOL_ICMP,
    ttl: 64,
    tos: 0,
    sourcePort: 0,
    destinationPort: 0,
    dontFragment: false,
    mark: 0,
    connection: undefined,
    reply: false,
  };
}

/** Tells the sender of `packet` that it could not be delivered. Nothing is said about errors, nor to everybody. */
export function sendIcmpError(
  namespace: NetworkNamespace,
  packet: Packet,
  type: number,
  code: number,
  mtu?: number,
): void {
  const { source } = packet;
  const { body } = packet;
  if (body.kind === 'icmp' && body.type !== ICMP_ECHO_REQUEST) return;
  if (source === 0 || isIp6(source) || source === IP4_BROADCAST || isMulticast(source)) return;
  const about = packet.connection ? packet.connection.asSent(packet) : headOf(packet);
  const route = routeTo(namespace, source);
  if (!('type' in route)) return;
  const own = namespace.isOwn(packet.destination) ? packet.destination : undefined;
  const from = own ?? (route.type === 'local' ? source : sourceOf(namespace, route, source));
  const message: IcmpMessage = {
    kind: 'icmp',
    type,
    code,
    sequence: 0,
    about,
    ...(mtu === undefined ? {} : { mtu }),
  };
  const size = 20 + 8 + Math.min(packet.size, 548);
  const error = icmpPacket(from, source, message, size);
  error.connection = packet.connection;
  error.reply = !packet.reply;
  sendPacket(namespace, error);
}

/** An ICMP packet for this namespace. */
export function icmpInput(namespace: NetworkNamespace, packet: Packet, link: Link): void {
  const { body } = packet;
  if (body.kind !== 'icmp') return;
  if (body.type === ICMP_ECHO_REQUEST) {
    if (namespace.settings.ignoreEcho) return;
    answer(namespace, packet, body);
  } else if (body.type === ICMP_ECHO_REPLY) {
    namespace.sockets.toPingSockets(packet, link);
  } else if (body.about && (body.type === ICMP_UNREACHABLE || body.type === ICMP_TIME_EXCEEDED)) {
    if (body.about.protocol === PROTOCOL_TCP) tcpError(namespace, body.about, body);
    else if (body.about.protocol === PROTOCOL_UDP)
      udpError(namespace, body.about, body, packet.source);
    else namespace.sockets.toPingSockets(packet, link);
  }
}

function answer(namespace: NetworkNamespace, packet: Packet, request: IcmpMessage): void {
  const mine = namespace.isOwn(packet.destination) || isLoopback(packet.destination);
  if (!mine) return;
  const reply = icmpPacket(
    packet.destination,
    packet.source,
    { ...request, type: ICMP_ECHO_REPLY },
    packet.size,
  );
  reply.sourcePort = packet.sourcePort;
  reply.destinationPort = packet.destinationPort;
  sendPacket(namespace, reply);
}
