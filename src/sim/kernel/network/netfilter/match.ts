// Whether a packet is what a rule speaks of: the rule's own conditions first, then its matches, each by its kind.

import { inPrefix, IP4_BROADCAST, type Ip, isLoopback, isMulticast } from '../address.ts';
import { routeTo } from '../ip.ts';
import type { Link } from '../link.ts';
import { type Packet, PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../packet.ts';
import { trackState } from './conntrack.ts';
import {
  connectionsHold,
  hashLimitHolds,
  holdsText,
  kindOfPacket,
  ownerHolds,
  takesToken,
} from './match-more.ts';
import type { Place } from './netfilter.ts';
import type {
  AddressTypeMatch,
  ConntrackMatch,
  IpRange,
  LimitMatch,
  Match,
  PhysdevMatch,
  PortRange,
  Rule,
  StatisticMatch,
} from './rule.ts';

/** True where a rule matches; counters of its stateful matches move on. */
export function matches(rule: Rule, packet: Packet, place: Place): boolean {
  const { protocol, source, destination } = rule;
  if (protocol && (packet.protocol === protocol.number) === protocol.not) return false;
  if (source && inPrefix(packet.source, source.prefix) === source.not) return false;
  if (destination && inPrefix(packet.destination, destination.prefix) === destination.not)
    return false;
  if (rule.in && sameInterface(rule.in.name, place.in) === rule.in.not) return false;
  if (rule.out && sameInterface(rule.out.name, place.out) === rule.out.not) return false;
  for (const match of rule.matches) if (!holds(match, packet, place)) return false;
  return true;
}

/** `eth+` stands for all that begin with eth. */
function sameInterface(pattern: string, link: Link | undefined): boolean {
  return sameName(pattern, link?.name);
}
function sameName(pattern: string, name: string | undefined): boolean {
  if (name === undefined) return false;
  return pattern.endsWith('+') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

function inRange(value: number, range: PortRange | undefined): boolean {
  return !range || (value >= range.low && value <= range.high) !== range.not;
}
function inIpRange(ip: Ip, range: IpRange | undefined): boolean {
  return !range || (ip >= range.low && ip <= range.high) !== range.not;
}

function holds(match: Match, packet: Packet, place: Place): boolean {
  switch (match.kind) {
    case 'comment':
      return true;
    case 'tcp':
      return (
        packet.body.kind === 'tcp' &&
        inRange(packet.sourcePort, match.sport) &&
        inRange(packet.destinationPort, match.dport) &&
        (!match.flags ||
          ((packet.body.flags & match.flags.mask) === match.flags.set) !== match.flags.not)
      );
    case 'udp':
      return (
        packet.protocol === PROTOCOL_UDP &&
        inRange(packet.sourcePort, match.sport) &&
        inRange(packet.destinationPort, match.dport)
      );
    case 'icmp':
      return icmpHolds(match, packet);
    case 'multiport':
      return multiportHolds(match, packet);
    case 'conntrack':
      return conntrackHolds(match, packet);
    case 'addrtype':
      return addressTypeHolds(match, packet, place);
    case 'mark':
      return ((packet.mark & match.mask) >>> 0 === match.value) !== match.not;
    case 'connmark':
      return (((packet.connection?.mark ?? 0) & match.mask) >>> 0 === match.value) !== match.not;
    case 'statistic':
      return statisticHolds(match, place);
    case 'physdev':
      return physdevHolds(match, packet);
    case 'set':
      return place.namespace.netfilter.sets.holds(match, packet) !== match.not;
    case 'recent':
      return place.namespace.netfilter.recent.holds(match, packet, now(place)) !== match.not;
    case 'limit':
      return limitHolds(match, now(place));
    case 'iprange':
      return (
        inIpRange(packet.source, match.source) && inIpRange(packet.destination, match.destination)
      );
    case 'length':
      return inRange(packet.size, match.range);
    case 'ttl':
      return ttlHolds(match, packet.ttl);
    case 'mac':
      return (packet.sourceMac === match.source) !== match.not;
    case 'owner':
      return ownerHolds(match, packet);
    case 'connlimit':
      return connectionsHold(match, packet, place);
    case 'hashlimit':
      return hashLimitHolds(match, packet, now(place));
    case 'string':
      return holdsText(match, packet) !== match.not;
    case 'pkttype':
      return (kindOfPacket(packet) === match.type) !== match.not;
    case 'tcpmss':
      return false;
  }
}

function now(place: Place): number {
  return place.namespace.kernel.simulation.now;
}

function icmpHolds(match: Extract<Match, { kind: 'icmp' }>, packet: Packet): boolean {
  if (packet.protocol !== PROTOCOL_ICMP || packet.body.kind !== 'icmp') return false;
  if (match.type === 255) return !match.not;
  const same =
    packet.body.type === match.type &&
    (match.code === undefined || packet.body.code === match.code);
  return same !== match.not;
}

function multiportHolds(match: Extract<Match, { kind: 'multiport' }>, packet: Packet): boolean {
  if (packet.protocol !== PROTOCOL_TCP && packet.protocol !== PROTOCOL_UDP) return false;
  const within = (port: number): boolean =>
    match.ranges.some((r) => port >= r.low && port <= r.high);
  const found =
    (match.side !== 'destination' && within(packet.sourcePort)) ||
    (match.side !== 'source' && within(packet.destinationPort));
  return found !== match.not;
}

function conntrackHolds(match: ConntrackMatch, packet: Packet): boolean {
  const { connection } = packet;
  if (match.states) {
    const state = trackState(packet);
    const { values } = match.states;
    const fits =
      values.includes(state) ||
      (values.includes('DNAT') && connection?.translatesDestination === true) ||
      (values.includes('SNAT') && connection?.translatesSource === true);
    if (fits === match.states.not) return false;
  }
  if (match.protocol !== undefined && packet.protocol !== match.protocol) return false;
  if (match.direction && (match.direction === 'REPLY') !== packet.reply) return false;
  const { originalSource, originalDestination, originalPort, status } = match;
  if (!originalSource && !originalDestination && !originalPort && !status) return true;
  if (!connection) return false;
  const { original } = connection;
  if (originalSource && inPrefix(original.source, originalSource.prefix) === originalSource.not)
    return false;
  if (
    originalDestination &&
    inPrefix(original.destination, originalDestination.prefix) === originalDestination.not
  ) {
    return false;
  }
  if (!inRange(original.destinationPort, originalPort)) return false;
  return !status || status.some((word) => connection.hasStatus(word));
}

function addressTypeHolds(match: AddressTypeMatch, packet: Packet, place: Place): boolean {
  const limit = match.limitIn ? place.in : match.limitOut ? place.out : undefined;
  const { source, destination } = match;
  if (source && source.types.includes(typeOf(packet.source, place, limit)) === source.not)
    return false;
  if (!destination) return true;
  return destination.types.includes(typeOf(packet.destination, place, limit)) !== destination.not;
}

/** The kind of an address as the routing table sees it (RTN_*). */
function typeOf(ip: Ip, place: Place, limit: Link | undefined): string {
  const { namespace } = place;
  if (ip === 0) return 'UNSPEC';
  if (ip === IP4_BROADCAST) return 'BROADCAST';
  if (isMulticast(ip)) return 'MULTICAST';
  if (isLoopback(ip)) return 'LOCAL';
  const on = namespace.own.get(ip);
  if (on) return !limit || on === limit ? 'LOCAL' : 'UNICAST';
  const route = routeTo(namespace, ip);
  if (!('type' in route)) return 'UNREACHABLE';
  return route.type.toUpperCase();
}

function statisticHolds(match: StatisticMatch, place: Place): boolean {
  if (match.mode === 'random') {
    return place.namespace.netfilter.random.fraction() < match.probability !== match.not;
  }
  const hit = match.counter.value === match.packet;
  match.counter.value = (match.counter.value + 1) % match.every;
  return hit !== match.not;
}

function physdevHolds(match: PhysdevMatch, packet: Packet): boolean {
  const { bridgedIn, bridgedOut } = packet;
  if (match.isBridged !== undefined) {
    if ((bridgedIn !== undefined && bridgedOut !== undefined) !== match.isBridged) return false;
  }
  if (match.isIn !== undefined && (bridgedIn !== undefined) !== match.isIn) return false;
  if (match.isOut !== undefined && (bridgedOut !== undefined) !== match.isOut) return false;
  if (match.in && sameName(match.in.name, bridgedIn) === match.in.not) return false;
  return !match.out || sameName(match.out.name, bridgedOut) !== match.out.not;
}

/** A token bucket: `rate` tokens a period, at most `burst`. */
function limitHolds(match: LimitMatch, at: number): boolean {
  return takesToken(match.bucket, match, at);
}

function ttlHolds(match: Extract<Match, { kind: 'ttl' }>, ttl: number): boolean {
  if (match.compare === 'lt') return ttl < match.value;
  if (match.compare === 'gt') return ttl > match.value;
  return (ttl === match.value) !== match.not;
}
