// Network address translation (nf_nat): the first packet of a connection asks the nat table once for each side; what was
// decided is applied to every packet, and undone for the answers.

import type { Ip } from '../address.ts';
import { routeTo, sourceOf } from '../ip.ts';
import type { Packet } from '../packet.ts';
import { type Connection, hasPorts, type Tuple } from './conntrack.ts';
import type { Netfilter, Place, Verdict } from './netfilter.ts';
import type { Hook, NatRange } from './rule.ts';

type Side = 'source' | 'destination';

const SIDES: Readonly<Record<Exclude<Hook, 'FORWARD'>, Side>> = {
  PREROUTING: 'destination',
  OUTPUT: 'destination',
  INPUT: 'source',
  POSTROUTING: 'source',
};

/** False for a packet that the nat table neither decides about nor translates: most, once connections stand. */
export function concernsNat({ connection, reply }: Packet): boolean {
  if (!connection) return false;
  if (connection.translatesDestination || connection.translatesSource) return true;
  return !connection.confirmed && !reply;
}

/** The nat table's station at a hook. False: dropped. */
export function nat(netfilter: Netfilter, packet: Packet, place: Place): boolean {
  const { connection } = packet;
  if (!connection || place.hook === 'FORWARD') return true;
  const side = SIDES[place.hook];
  const isError = packet.body.kind === 'icmp' && packet.body.about !== undefined;
  if (!connection.confirmed && !packet.reply && !isError) {
    const decided =
      side === 'destination' ? connection.destinationDecided : connection.sourceDecided;
    if (!decided) {
      if (side === 'destination') connection.destinationDecided = true;
      else connection.sourceDecided = true;
      if (netfilter.traverse(place, packet) === 'DROP') return false;
      if (side === 'source' && !connection.translatesSource) keepUnique(netfilter, connection);
    }
  }
  if (!connection.translatesDestination && !connection.translatesSource) return true;
  translate(packet, connection, side, isError);
  return true;
}

/** Two connections may not have answers that look the same: the later one gets another source port. */
function keepUnique(netfilter: Netfilter, connection: Connection): void {
  if (!connection.translatesDestination) return;
  if (netfilter.tracking.isFree(connection.protocol, connection.reply)) return;
  const port = freePort(netfilter, connection, connection.reply.destination, 1024, 65_535);
  if (port === undefined) return;
  connection.reply.destinationPort = port;
  connection.translatesSource = true;
}

function translate(packet: Packet, connection: Connection, side: Side, isError: boolean): void {
  const { original, reply } = connection;
  if (isError) {
    if (side === 'destination') translateError(packet, packet.reply ? original : reply);
  } else if (packet.reply) {
    // Answers: what was the translated source becomes the destination again, and the other way round.
    if (side === 'destination' && connection.translatesSource) {
      setSide(packet, 'destination', original.source, original.sourcePort);
    } else if (side === 'source' && connection.translatesDestination) {
      setSide(packet, 'source', original.destination, original.destinationPort);
    }
  } else if (side === 'destination' && connection.translatesDestination) {
    setSide(packet, 'destination', reply.source, reply.sourcePort);
  } else if (side === 'source' && connection.translatesSource) {
    setSide(packet, 'source', reply.destination, reply.destinationPort);
  }
}

function setSide(packet: Packet, side: Side, ip: Ip, port: number): void {
  const ports = hasPorts(packet);
  if (side === 'destination') {
    packet.destination = ip;
    if (ports) packet.destinationPort = port;
  } else {
    packet.source = ip;
    if (ports) packet.sourcePort = port;
  }
}

/** An ICMP error goes to the sender of the packet inside it, which is put back into the sender's words. */
function translateError(packet: Packet, sent: Readonly<Tuple>): void {
  const { body } = packet;
  packet.destination = sent.source;
  if (body.kind !== 'icmp' || !body.about) return;
  packet.body = { ...body, about: { ...sent, protocol: body.about.protocol } };
}

/** DNAT, SNAT, MASQUERADE and REDIRECT: settles what the connection is translated to. */
export function chooseTranslation(
  kind: 'DNAT' | 'SNAT' | 'MASQUERADE' | 'REDIRECT',
  range: NatRange,
  packet: Packet,
  place: Place,
): Verdict {
  const { connection } = packet;
  if (!connection) return 'ACCEPT';
  const side = kind === 'DNAT' || kind === 'REDIRECT' ? 'destination' : 'source';
  const { netfilter } = place.namespace;
  const ip = addressFor(kind, range, packet, place);
  if (ip === undefined) return 'DROP';
  let port: number | undefined;
  if (hasPorts(packet)) {
    if (side === 'destination') port = destinationPort(range, netfilter);
    else port = sourcePort(range, netfilter, connection, ip);
  }
  return translateTo(side, ip, port, packet);
}

/** Settles one side of the connection's translation; the packet itself is rewritten right after. */
export function translateTo(side: Side, ip: Ip, port: number | undefined, packet: Packet): Verdict {
  const { connection } = packet;
  if (!connection) return 'ACCEPT';
  const { reply } = connection;
  if (side === 'destination') {
    connection.translatesDestination = true;
    reply.source = ip;
    if (port !== undefined) reply.sourcePort = port;
  } else {
    connection.translatesSource = true;
    reply.destination = ip;
    if (port !== undefined) reply.destinationPort = port;
  }
  return 'ACCEPT';
}

function addressFor(
  kind: 'DNAT' | 'SNAT' | 'MASQUERADE' | 'REDIRECT',
  range: NatRange,
  packet: Packet,
  place: Place,
): Ip | undefined {
  if (kind === 'MASQUERADE') return masquerade(packet, place);
  if (kind === 'REDIRECT') {
    if (place.hook === 'OUTPUT') return 0x7f000001;
    return place.in?.addresses[0]?.address;
  }
  const { low, high } = range;
  if (low === undefined) return kind === 'DNAT' ? packet.destination : packet.source;
  if (high === undefined || high <= low) return low;
  return low + (packet.source % (high - low + 1));
}

/** The address of the interface that the packet leaves by. */
function masquerade(packet: Packet, place: Place): Ip | undefined {
  const route = routeTo(place.namespace, packet.destination);
  if (!('type' in route)) return undefined;
  const same = route.link === place.out || route.type === 'local';
  return same
    ? sourceOf(place.namespace, route, packet.destination)
    : place.out?.addresses[0]?.address;
}

function destinationPort(range: NatRange, netfilter: Netfilter): number | undefined {
  const { portLow, portHigh } = range;
  if (portLow === undefined) return undefined;
  const span = (portHigh ?? portLow) - portLow + 1;
  return span <= 1 ? portLow : portLow + netfilter.random.int(span);
}

function sourcePort(range: NatRange, netfilter: Netfilter, connection: Connection, ip: Ip): number {
  const own = connection.original.sourcePort;
  const low = range.portLow ?? (own < 512 ? 1 : own < 1024 ? 600 : 1024);
  const high = range.portHigh ?? range.portLow ?? (own < 512 ? 511 : own < 1024 ? 1023 : 65_535);
  const wanted = { ...connection.reply, destination: ip, destinationPort: own };
  const keeps = own >= low && own <= high && !range.random && !range.fullyRandom;
  if (keeps && netfilter.tracking.isFree(connection.protocol, wanted)) return own;
  return freePort(netfilter, connection, ip, low, high) ?? own;
}

function freePort(
  netfilter: Netfilter,
  connection: Connection,
  ip: Ip,
  low: number,
  high: number,
): number | undefined {
  const span = high - low + 1;
  const start = netfilter.random.int(span);
  for (let i = 0; i < Math.min(span, 2000); i++) {
    const port = low + ((start + i) % span);
    const tuple = { ...connection.reply, destination: ip, destinationPort: port };
    if (netfilter.tracking.isFree(connection.protocol, tuple)) return port;
  }
  return undefined;
}
