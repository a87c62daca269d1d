// Conditions of rules beyond addresses and ports: whose socket, how many connections, how often, which words.

import { IP4_BROADCAST, isMulticast } from '../address.ts';
import type { Packet } from '../packet.ts';
import type { Place } from './netfilter.ts';
import type { ConnectionLimitMatch, HashLimitMatch, LimitMatch, Match, PortRange } from './rule.ts';

const PERIODS = { second: 1e9, minute: 60e9, hour: 3600e9, day: 86_400e9 } as const;

/** A bucket of tokens that fills by itself: true where one is left for this packet. */
export function takesToken(
  bucket: { tokens: number; at: number },
  { rate, per, burst }: Pick<LimitMatch, 'rate' | 'per' | 'burst'>,
  at: number,
): boolean {
  const gained = ((at - bucket.at) / PERIODS[per]) * rate;
  bucket.tokens = Math.min(burst, bucket.tokens + gained);
  bucket.at = at;
  if (bucket.tokens < 1) return false;
  bucket.tokens--;
  return true;
}

const within = (value: number | undefined, range: PortRange | undefined): boolean =>
  !range || (value !== undefined && value >= range.low && value <= range.high) !== range.not;

/** xt_owner: a packet without a socket of this machine is nobody's. */
export function ownerHolds(match: Extract<Match, { kind: 'owner' }>, packet: Packet): boolean {
  const { owner } = packet;
  return within(owner?.uid, match.uid) && within(owner?.gid, match.gid);
}

/** xt_connlimit: tracked connections of the packet's network, itself among them. */
export function connectionsHold(
  match: ConnectionLimitMatch,
  packet: Packet,
  place: Place,
): boolean {
  const { side, prefixLength } = match;
  const mask = prefixLength === 0 ? 0 : (0xffffffff << (32 - prefixLength)) >>> 0;
  const network = (packet[side] & mask) >>> 0;
  const others = place.namespace.netfilter.tracking
    .list()
    .filter((one) => one !== packet.connection && (one.original[side] & mask) >>> 0 === network);
  return others.length + 1 > match.limit === match.above;
}

/** xt_hashlimit: one bucket a value of what the mode names. */
export function hashLimitHolds(match: HashLimitMatch, packet: Packet, at: number): boolean {
  const parts = match.mode.map((what) => {
    if (what === 'srcip') return packet.source;
    if (what === 'dstip') return packet.destination;
    return what === 'srcport' ? packet.sourcePort : packet.destinationPort;
  });
  const key = parts.join(' ');
  let bucket = match.buckets.get(key);
  if (!bucket) {
    bucket = { tokens: match.burst, at };
    match.buckets.set(key, bucket);
  }
  return takesToken(bucket, match, at) !== match.above;
}

/** xt_string: the words in what the packet carries. */
export function holdsText(match: Extract<Match, { kind: 'string' }>, packet: Packet): boolean {
  const { body } = packet;
  const bytes = 'chunk' in body ? body.chunk?.bytes : undefined;
  if (!bytes) return false;
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return match.ignoreCase
    ? text.toLowerCase().includes(match.text.toLowerCase())
    : text.includes(match.text);
}

/** xt_pkttype: to one, to a group, to everybody. */
export function kindOfPacket(packet: Packet): 'unicast' | 'broadcast' | 'multicast' {
  if (packet.destination === IP4_BROADCAST) return 'broadcast';
  return isMulticast(packet.destination) ? 'multicast' : 'unicast';
}
