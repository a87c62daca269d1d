// The IPv4 layer (ip_input.c, ip_output.c, ip_forward.c): where packets are routed, filtered, translated, forwarded and
// handed to sockets.

import {
  EINVAL,
  EMSGSIZE,
  ENETUNREACH,
  EPERM,
  EACCES,
  EHOSTUNREACH,
  type Errno,
} from '../errno.ts';
import {
  type Ip,
  IP4_BROADCAST,
  IP6_LOOPBACK,
  isIp6,
  isLoopback,
  isMulticast,
  MAC_BROADCAST,
} from './address.ts';
import { sourceFor } from './addresses.ts';
import { loopPacket, transmitFrame } from './device.ts';
import { icmpInput, sendIcmpError } from './icmp.ts';
import type { Link } from './link.ts';
import type { NetworkNamespace } from './namespace.ts';
import type { Netfilter } from './netfilter/netfilter.ts';
import {
  ICMP_TIME_EXCEEDED,
  ICMP_UNREACHABLE,
  type Packet,
  PROTOCOL_ICMP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  UNREACHABLE,
} from './packet.ts';
import type { FlowKey, Route } from './routes.ts';
import { TABLE_LOCAL } from './routes.ts';
import { tcpInput } from './tcp/input.ts';
import { udpInput } from './udp.ts';

/** What a socket asks of the route beside the destination. */
export interface SendOptions {
  /** SO_BINDTODEVICE. */
  readonly link?: Link | undefined;
}

const NO_OPTIONS: SendOptions = {};

/** The route to `ip`, or why there is none. */
export function routeTo(namespace: NetworkNamespace, ip: Ip, key?: FlowKey): Route | Errno {
  if (isIp6(ip)) {
    const up = ip === IP6_LOOPBACK && namespace.isOwn(ip);
    return up ? loopbackRoute(namespace, ip) : ENETUNREACH;
  }
  if (ip === IP4_BROADCAST || isMulticast(ip)) return broadcastRoute(namespace, ip, key?.link);
  const route = namespace.routing.lookup(ip, key);
  if (!route) return ENETUNREACH;
  if (route.type === 'unreachable') return EHOSTUNREACH;
  if (route.type === 'prohibit') return EACCES;
  if (route.type === 'blackhole') return EINVAL;
  return route;
}

function loopbackRoute(namespace: NetworkNamespace, ip: Ip): Route {
  return {
    type: 'local',
    to: { address: ip, length: 32 },
    via: undefined,
    link: namespace.loopback,
    hops: undefined,
    source: ip,
    metric: 0,
    scope: 'host',
    protocol: 'kernel',
    table: TABLE_LOCAL,
    onlink: false,
    mtu: undefined,
  };
}

function broadcastRoute(
  namespace: NetworkNamespace,
  ip: Ip,
  wanted: Link | undefined,
): Route | Errno {
  const links = wanted ? [wanted] : namespace.linksByIndex;
  const link = links.find((l) => l.running && l.kind !== 'loopback');
  if (!link) return ENETUNREACH;
  return { ...loopbackRoute(namespace, ip), type: 'broadcast', link, source: sourceFor(link, ip) };
}

/** The address that packets along a route come from, where the socket has none. */
export function sourceOf(namespace: NetworkNamespace, route: Route, ip: Ip): Ip {
  if (route.type === 'local') return isLoopback(ip) ? (ip < 0 ? ip : 0x7f000001) : ip;
  if (route.source !== undefined) return route.source;
  const link = hopOf(route, ip).link;
  return (
    (link && sourceFor(link, hopOf(route, ip).via ?? ip)) ??
    namespace.loopback.addresses[0]?.address ??
    0
  );
}

/** The next hop: by destination where a route has several. */
function hopOf(route: Route, ip: Ip): { via: Ip | undefined; link: Link | undefined } {
  if (!route.hops || route.hops.length === 0) return route;
  return route.hops[ip % route.hops.length] ?? route;
}

/** Sends a packet that starts here. A source of 0 is filled in. EPERM: the firewall's OUTPUT dropped it. */
export function sendPacket(
  namespace: NetworkNamespace,
  packet: Packet,
  options: SendOptions = NO_OPTIONS,
): Errno | undefined {
  const key = keyOf(namespace, packet, options.link);
  let route = routeTo(namespace, packet.destination, key);
  if (!('type' in route)) return route;
  if (packet.source === 0) packet.source = sourceOf(namespace, route, packet.destination);
  const { network } = namespace.kernel;
  if (network.listeners.size > 0) {
    const link = route.link;
    network.tell({ kind: 'sent', namespace, link, packet, detail: '' });
  }
  const netfilter = tablesFor(namespace, packet);
  if (netfilter) {
    const { destination, mark } = packet;
    const out = route.type === 'local' ? namespace.loopback : hopOf(route, destination).link;
    if (!netfilter.run('OUTPUT', packet, undefined, out)) return EPERM;
    if (packet.destination !== destination || packet.mark !== mark) {
      route = routeTo(namespace, packet.destination, keyOf(namespace, packet, options.link));
      if (!('type' in route)) return route;
    }
  }
  return output(namespace, packet, route, true);
}

/** The tables that a packet passes: none of IPv4's where it is IPv6's, whose own are kept but not applied. */
function tablesFor(namespace: NetworkNamespace, packet: Packet): Netfilter | undefined {
  const { netfilter } = namespace;
  return netfilter.active && !isIp6(packet.destination) ? netfilter : undefined;
}

function keyOf(
  namespace: NetworkNamespace,
  packet: Packet,
  link: Link | undefined,
): FlowKey | undefined {
  if (namespace.routing.usesFirstRules && !link) return undefined;
  return { source: packet.source, mark: packet.mark, link };
}

/** The last steps on the way out: POSTROUTING, size, neighbour. */
function output(
  namespace: NetworkNamespace,
  packet: Packet,
  route: Route,
  ours: boolean,
): Errno | undefined {
  const hop = hopOf(route, packet.destination);
  const link = route.type === 'local' ? namespace.loopback : hop.link;
  if (!link) return ENETUNREACH;
  const filtered = tablesFor(namespace, packet)?.run('POSTROUTING', packet, undefined, link);
  if (filtered === false) return ours ? EPERM : undefined;
  if (packet.size > (route.mtu ?? link.mtu) && packet.body.kind !== 'tcp' && packet.dontFragment) {
    if (ours) return EMSGSIZE;
    sendIcmpError(namespace, packet, ICMP_UNREACHABLE, UNREACHABLE.fragmentation, link.mtu);
    return undefined;
  }
  if (route.type === 'local') loopPacket(namespace.loopback, packet);
  else if (route.type === 'broadcast') {
    transmitFrame(link, { source: link.mac, destination: MAC_BROADCAST, packet, arp: undefined });
  } else if (!link.carrier) link.sent.dropped++;
  else if (link.noArp) {
    transmitFrame(link, { source: link.mac, destination: MAC_BROADCAST, packet, arp: undefined });
  } else namespace.neighbours.send(link, hop.via ?? packet.destination, packet);
  return undefined;
}

/** A packet has come in by `link`. */
export function receivePacket(namespace: NetworkNamespace, packet: Packet, link: Link): void {
  const { network } = namespace.kernel;
  if (network.listeners.size > 0) {
    network.tell({ kind: 'received', namespace, link, packet, detail: '' });
  }
  const { destination } = packet;
  if (tablesFor(namespace, packet)?.run('PREROUTING', packet, link, undefined) === false) return;
  // What the loopback device hands back has its route already: it was found to be local (skb_valid_dst).
  if (link.kind === 'loopback' && packet.destination === destination) {
    deliver(namespace, packet, link);
  } else routePacket(namespace, packet, link);
}

/** The routing decision for a packet from outside, or from the loopback device. */
export function routePacket(namespace: NetworkNamespace, packet: Packet, link: Link): void {
  const { destination } = packet;
  const { settings } = namespace;
  const strange = link.kind !== 'loopback' && !settings.routeLocalnet && !link.routeLocalnet;
  if (strange && (isLoopback(packet.source) || isLoopback(destination))) return;
  const route = routeTo(namespace, destination, {
    source: packet.source,
    mark: packet.mark,
    in: link.name,
  });
  if ('type' in route && (route.type === 'local' || route.type === 'broadcast')) {
    if (!namespace.isOwn(destination) && route.type === 'local' && !isLoopback(destination)) {
      if (route.link?.up !== true) return;
    }
    deliver(namespace, packet, link);
    return;
  }
  forward(namespace, packet, link, route);
}

function forward(
  namespace: NetworkNamespace,
  packet: Packet,
  link: Link,
  route: Route | Errno,
): void {
  const { network } = namespace.kernel;
  if (!namespace.settings.forwarding) {
    if (network.listeners.size > 0) {
      network.tell({ kind: 'dropped', namespace, link, packet, detail: 'ip_forward is 0' });
    }
    return;
  }
  if (!('type' in route)) {
    const code = route === ENETUNREACH ? UNREACHABLE.net : UNREACHABLE.host;
    if (route !== EINVAL) sendIcmpError(namespace, packet, ICMP_UNREACHABLE, code);
    return;
  }
  if (packet.ttl <= 1) {
    sendIcmpError(namespace, packet, ICMP_TIME_EXCEEDED, 0);
    return;
  }
  packet.ttl--;
  const out = hopOf(route, packet.destination).link;
  if (tablesFor(namespace, packet)?.run('FORWARD', packet, link, out) === false) return;
  if (network.listeners.size > 0) {
    network.tell({
      kind: 'forwarded',
      namespace,
      link: out,
      packet,
      detail: `${link.name} -> ${out?.name}`,
    });
  }
  output(namespace, packet, route, false);
}

function deliver(namespace: NetworkNamespace, packet: Packet, link: Link): void {
  if (tablesFor(namespace, packet)?.run('INPUT', packet, link, undefined) === false) return;
  const { network } = namespace.kernel;
  if (network.listeners.size > 0) {
    network.tell({ kind: 'delivered', namespace, link, packet, detail: '' });
  }
  namespace.sockets.toRawSockets(packet, link);
  if (packet.protocol === PROTOCOL_TCP) tcpInput(namespace, packet);
  else if (packet.protocol === PROTOCOL_UDP) udpInput(namespace, packet, link);
  else if (packet.protocol === PROTOCOL_ICMP) icmpInput(namespace, packet, link);
  else if (!namespace.sockets.hasRaw(packet.protocol)) {
    sendIcmpError(namespace, packet, ICMP_UNREACHABLE, UNREACHABLE.protocol);
  }
}
