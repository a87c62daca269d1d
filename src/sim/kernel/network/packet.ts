// What travels: IP packets with their transport's header, and the frames that carry them over a link. A packet belongs
// to whoever handles it just now (NAT rewrites it in place); what it carries is shared and never changed.

import type { Content } from '../../core/content.ts';
import type { Ip } from './address.ts';
import type { Connection } from './netfilter/conntrack.ts';

export const PROTOCOL_ICMP = 1;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;

/** Protocol names by number as /etc/protocols has them. */
export const PROTOCOL_NAMES: Readonly<Record<number, string>> = {
  0: 'ip',
  1: 'icmp',
  2: 'igmp',
  4: 'ipencap',
  6: 'tcp',
  17: 'udp',
  33: 'dccp',
  41: 'ipv6',
  47: 'gre',
  50: 'esp',
  51: 'ah',
  58: 'ipv6-icmp',
  89: 'ospf',
  112: 'vrrp',
  132: 'sctp',
  136: 'udplite',
};

/** Data in flight: bytes, or one message that is handed on by reference. */
export interface Chunk {
  /** How many bytes it counts for in buffers and counters; exact for bytes, an estimate for a message. */
  readonly size: number;
  readonly bytes: Uint8Array | undefined;
  readonly message: Content | undefined;
}

/** Flags of a segment by their bits in the TCP header. */
export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const PSH = 8;
export const ACK = 16;
export const URG = 32;

/** A TCP segment; sequence numbers count from 0 at the SYN of each side. */
export interface Segment {
  readonly kind: 'tcp';
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledged: number;
  /** Bytes the sender is ready to take. */
  readonly window: number;
  readonly chunk: Chunk | undefined;
}

export interface Datagram {
  readonly kind: 'udp';
  readonly chunk: Chunk;
}

/** ICMP types and codes by the names iptables and tools use. */
export const ICMP_ECHO_REPLY = 0;
export const ICMP_UNREACHABLE = 3;
export const ICMP_REDIRECT = 5;
export const ICMP_ECHO_REQUEST = 8;
export const ICMP_TIME_EXCEEDED = 11;

/** Codes of ICMP_UNREACHABLE. */
export const UNREACHABLE = {
  net: 0,
  host: 1,
  protocol: 2,
  port: 3,
  fragmentation: 4,
  netProhibited: 9,
  hostProhibited: 10,
  admin: 13,
} as const;

/** The head of the packet that an ICMP error is about, as its sender knows it. */
export interface PacketHead {
  readonly source: Ip;
  readonly destination: Ip;
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

export interface IcmpMessage {
  readonly kind: 'icmp';
  readonly type: number;
  readonly code: number;
  /** Echo: the sequence number (the identifier is in the packet's ports). */
  readonly sequence: number;
  /** Echo: what the sender wants back, a time stamp for instance. */
  readonly data?: unknown;
  /** Errors: the packet they are about. */
  readonly about?: PacketHead;
  /** Fragmentation needed: the next link's MTU. */
  readonly mtu?: number;
}

/** Anything else: raw sockets' own protocols. */
export interface RawBody {
  readonly kind: 'raw';
  readonly chunk: Chunk;
}

export interface Packet {
  source: Ip;
  destination: Ip;
  readonly protocol: number;
  ttl: number;
  tos: number;
  /** TCP and UDP ports; for ICMP echo both are the identifier. */
  sourcePort: number;
  destinationPort: number;
  /** Bytes, IP header included. */
  readonly size: number;
  readonly dontFragment: boolean;
  body: Segment | Datagram | IcmpMessage | RawBody;
  /** The firewall mark: lives with the packet on one machine only. */
  mark: number;
  /** The tracked connection it belongs to, on this machine and in this namespace. */
  connection: Connection | undefined;
  /** It goes against the direction of the connection's first packet. */
  reply: boolean;
  /** Excluded from connection tracking (NOTRACK). */
  untracked?: boolean;
  /** Bridge ports it came by and will leave by (the physdev match). */
  bridgedIn?: string | undefined;
  bridgedOut?: string | undefined;
  /** Whose socket sent it: known only on its way out. */
  owner?: { readonly uid: number; readonly gid: number } | undefined;
  /** The hardware address that it came from, in the frame. */
  sourceMac?: string | undefined;
}

/** An Ethernet frame with an IP packet or an ARP message. */
export interface Frame {
  readonly source: string;
  readonly destination: string;
  readonly packet: Packet | undefined;
  readonly arp: ArpMessage | undefined;
  /** 802.1Q tag. */
  readonly vlan?: number | undefined;
}

export interface ArpMessage {
  readonly operation: 'request' | 'reply';
  readonly senderMac: string;
  readonly senderIp: Ip;
  readonly targetMac: string;
  readonly targetIp: Ip;
}

/** A copy for a second way (flooding, taps): the connection stays with the first. */
export function copyPacket(packet: Packet): Packet {
  return { ...packet };
}

/** The packet as it arrives on another machine or in another namespace: marks and tracking stay behind. */
export function scrubbed(packet: Packet): Packet {
  packet.mark = 0;
  packet.connection = undefined;
  packet.reply = false;
  packet.untracked = false;
  packet.bridgedIn = undefined;
  packet.bridgedOut = undefined;
  packet.owner = undefined;
  return packet;
}

export function headOf(packet: Packet): PacketHead {
  const { source, destination, protocol, sourcePort, destinationPort } = packet;
  return { source, destination, protocol, sourcePort, destinationPort };
}

/** Bytes of a frame on a link's counters: Ethernet header and contents. */
export function frameSize(frame: Frame): number {
  return 14 + (frame.packet?.size ?? 28);
}
