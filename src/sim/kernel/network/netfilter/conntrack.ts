// Connection tracking (nf_conntrack): which packets belong together, in which direction they go, and what NAT has promised
// the connection. An entry is made by the first packet and entered into the table when that has passed all hooks.

import type { Ip } from '../address.ts';
import type { NetworkNamespace } from '../namespace.ts';
import {
  ACK,
  FIN,
  ICMP_ECHO_REQUEST,
  type Packet,
  type PacketHead,
  PROTOCOL_ICMP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  RST,
  SYN,
} from '../packet.ts';
import type { TrackState } from './rule.ts';

const SECOND = 1_000_000_000;

/** Seconds an idle connection stays, by TCP state or protocol (nf_conntrack_*_timeout). */
const TIMEOUTS = {
  SYN_SENT: 120,
  SYN_RECV: 60,
  ESTABLISHED: 432_000,
  FIN_WAIT: 120,
  CLOSE_WAIT: 60,
  LAST_ACK: 30,
  TIME_WAIT: 120,
  CLOSE: 10,
  udp: 30,
  udpStream: 120,
  icmp: 30,
  generic: 600,
} as const;

export type TrackedTcpState =
  | 'SYN_SENT'
  | 'SYN_RECV'
  | 'ESTABLISHED'
  | 'FIN_WAIT'
  | 'CLOSE_WAIT'
  | 'LAST_ACK'
  | 'TIME_WAIT'
  | 'CLOSE';

/** One direction's addresses and ports. */
export interface Tuple {
  source: Ip;
  destination: Ip;
  sourcePort: number;
  destinationPort: number;
}

export class Connection {
  readonly protocol: number;
  readonly original: Readonly<Tuple>;
  /** What answers look like before they are translated back. */
  reply: Tuple;
  /** NAT has been decided for this side (also where it decided for nothing). */
  destinationDecided = false;
  sourceDecided = false;
  translatesDestination = false;
  translatesSource = false;
  /** Entered into the table. */
  confirmed = false;
  /** An answer has been seen. */
  replied = false;
  assured = false;
  tcpState: TrackedTcpState = 'SYN_SENT';
  mark = 0;
  expiresAt = 0;
  /** Set for a connection that belongs to another one: ICMP errors. */
  readonly counters = { original: { packets: 0, bytes: 0 }, reply: { packets: 0, bytes: 0 } };
  private finFrom = 0;

  constructor(protocol: number, original: Tuple) {
    this.protocol = protocol;
    this.original = original;
    this.reply = invert(original);
  }

  /** Words of `--ctstatus`. */
  hasStatus(word: string): boolean {
    if (word === 'EXPECTED') return false;
    if (word === 'SEEN_REPLY') return this.replied;
    if (word === 'ASSURED') return this.assured;
    if (word === 'CONFIRMED') return this.confirmed;
    if (word === 'DNAT') return this.translatesDestination;
    return word === 'SNAT' && this.translatesSource;
  }

  /** The head of a packet of this connection as its sender wrote it, before any translation here. */
  asSent(packet: Packet): PacketHead {
    const sent = packet.reply ? this.reply : this.original;
    return { ...sent, protocol: packet.protocol };
  }

  /** Moves the TCP state on and says how long the connection may be idle from here. */
  seen(packet: Packet): number {
    const { body } = packet;
    if (body.kind === 'tcp') return this.tcpSeen(body.flags, packet.reply);
    if (packet.protocol === PROTOCOL_UDP) {
      if (this.replied && !packet.reply && this.counters.original.packets > 1) this.assured = true;
      return this.assured ? TIMEOUTS.udpStream : TIMEOUTS.udp;
    }
    return packet.protocol === PROTOCOL_ICMP ? TIMEOUTS.icmp : TIMEOUTS.generic;
  }

  private tcpSeen(flags: number, reply: boolean): number {
    const side = reply ? 2 : 1;
    if (flags & RST) this.tcpState = 'CLOSE';
    else if (flags & SYN) this.tcpState = flags & ACK ? 'SYN_RECV' : 'SYN_SENT';
    else if (flags & FIN) {
      this.finFrom |= side;
      this.tcpState = this.finFrom === 3 ? 'LAST_ACK' : 'FIN_WAIT';
    } else if (this.tcpState === 'SYN_RECV' || this.tcpState === 'SYN_SENT') {
      this.tcpState = 'ESTABLISHED';
      this.assured = this.replied;
    } else if (this.tcpState === 'FIN_WAIT') this.tcpState = 'CLOSE_WAIT';
    else if (this.tcpState === 'LAST_ACK') this.tcpState = 'TIME_WAIT';
    return TIMEOUTS[this.tcpState];
  }
}

function invert(tuple: Readonly<Tuple>): Tuple {
  return {
    source: tuple.destination,
    destination: tuple.source,
    sourcePort: tuple.destinationPort,
    destinationPort: tuple.sourcePort,
  };
}

/** One direction of a connection in the table; those of one bucket are chained. */
interface Entry {
  readonly connection: Connection;
  readonly reply: boolean;
  next: Entry | undefined;
}

/** The bucket of a tuple (hash_conntrack): the ports decide almost alone, the addresses are mixed in. */
function bucketOf(t: Readonly<Tuple>): number {
  const addresses = Math.imul(t.source | 0, 31) ^ (t.destination | 0);
  return (addresses ^ Math.imul((t.sourcePort << 16) | t.destinationPort, 0x9e3779b1)) >> 1;
}

function isSame(a: Readonly<Tuple>, b: Readonly<Tuple>): boolean {
  return (
    a.sourcePort === b.sourcePort &&
    a.destinationPort === b.destinationPort &&
    a.source === b.source &&
    a.destination === b.destination
  );
}

function isOf(entry: Entry, protocol: number, tuple: Readonly<Tuple>): boolean {
  return entry.connection.protocol === protocol && isSame(tupleOf(entry), tuple);
}

/** What packets of an entry look like where they come in. */
function tupleOf({ connection, reply }: Entry): Readonly<Tuple> {
  return reply ? connection.reply : connection.original;
}

/** The state that rules ask for. */
export function trackState(packet: Packet): TrackState {
  if (packet.untracked) return 'UNTRACKED';
  const { connection } = packet;
  if (!connection) return 'INVALID';
  if (packet.body.kind === 'icmp' && packet.body.about) return 'RELATED';
  return packet.reply || connection.replied ? 'ESTABLISHED' : 'NEW';
}

/** Entries after which the table is cleaned of expired ones. */
const SWEEP = 512;

export class ConnectionTracking {
  /** Something asks for it: the nat table, or a rule on states. */
  enabled = false;
  private readonly namespace: NetworkNamespace;
  private readonly buckets = new Map<number, Entry>();
  /** Every connection that is entered, oldest first. */
  private readonly connections = new Set<Connection>();
  private additions = 0;
  /** What was found last, one for each direction: packets of one connection come one after another. */
  private latest: Entry | undefined;
  private latestBefore: Entry | undefined;

  constructor(namespace: NetworkNamespace) {
    this.namespace = namespace;
  }

  private get now(): number {
    return this.namespace.kernel.simulation.now;
  }

  /** Every living connection, oldest first. */
  list(): Connection[] {
    this.sweep();
    return [...this.connections];
  }

  remove(connection: Connection): void {
    if (!this.connections.delete(connection)) return;
    this.take(connection, connection.original);
    this.take(connection, connection.reply);
  }

  private enter(connection: Connection, reply: boolean): void {
    const { buckets } = this;
    this.latest = undefined;
    this.latestBefore = undefined;
    const bucket = bucketOf(reply ? connection.reply : connection.original);
    buckets.set(bucket, { connection, reply, next: buckets.get(bucket) });
  }

  /** Takes a connection's entries out of the bucket of one of its directions. */
  private take(connection: Connection, tuple: Readonly<Tuple>): void {
    this.latest = undefined;
    this.latestBefore = undefined;
    const bucket = bucketOf(tuple);
    let kept: Entry | undefined;
    for (let at = this.buckets.get(bucket); at; at = at.next) {
      if (at.connection !== connection) kept = { ...at, next: kept };
    }
    if (kept) this.buckets.set(bucket, kept);
    else this.buckets.delete(bucket);
  }

  /** Finds or makes the connection of a packet; the loopback device brings it along. */
  track(packet: Packet): void {
    if (!this.enabled || packet.connection || packet.untracked) return;
    const { body } = packet;
    if (body.kind === 'icmp' && body.about) {
      this.trackError(packet, body.about);
      return;
    }
    const found = this.find(packet.protocol, packet);
    if (found) {
      packet.connection = found.connection;
      packet.reply = found.reply;
      this.account(packet, found.connection);
      return;
    }
    if (body.kind === 'tcp' && body.flags & RST) return;
    if (body.kind === 'icmp' && body.type !== ICMP_ECHO_REQUEST) return;
    const { source, destination, sourcePort, destinationPort } = packet;
    const tuple = { source, destination, sourcePort, destinationPort };
    const connection = new Connection(packet.protocol, tuple);
    packet.connection = connection;
    packet.reply = false;
    this.account(packet, connection);
    if (body.kind === 'tcp' && !(body.flags & SYN)) connection.tcpState = 'ESTABLISHED';
  }

  /** An ICMP error belongs to the connection of the packet it is about, and goes against that packet's direction. */
  private trackError(packet: Packet, about: PacketHead): void {
    const found = this.find(about.protocol, invert(about));
    if (!found) return;
    packet.connection = found.connection;
    packet.reply = found.reply;
  }

  private account(packet: Packet, connection: Connection): void {
    const counter = connection.counters[packet.reply ? 'reply' : 'original'];
    counter.packets++;
    counter.bytes += packet.size;
    if (packet.reply) connection.replied = true;
    connection.expiresAt = this.now + connection.seen(packet) * SECOND;
  }

  private find(protocol: number, tuple: Tuple): Entry | undefined {
    let found = this.latest;
    if (!found || !isOf(found, protocol, tuple)) {
      found = this.latestBefore;
      if (!found || !isOf(found, protocol, tuple)) {
        found = this.buckets.get(bucketOf(tuple));
        while (found && !isOf(found, protocol, tuple)) found = found.next;
      }
      if (found) {
        this.latestBefore = this.latest;
        this.latest = found;
      }
    }
    if (found && found.connection.expiresAt < this.now) {
      this.remove(found.connection);
      return undefined;
    }
    return found;
  }

  /** True where no other connection has answers that look like `tuple`. */
  isFree(protocol: number, tuple: Tuple): boolean {
    return this.find(protocol, tuple) === undefined;
  }

  /** The packet has passed the last hook: its connection is entered. */
  confirm(packet: Packet): void {
    const { connection } = packet;
    if (!connection || connection.confirmed || packet.reply) return;
    connection.confirmed = true;
    this.connections.add(connection);
    this.enter(connection, false);
    this.enter(connection, true);
    if (++this.additions % SWEEP === 0) this.sweep();
  }

  private sweep(): void {
    for (const connection of this.connections) {
      if (connection.expiresAt < this.now) this.remove(connection);
    }
  }
}

/** True for packets that conntrack would know by ports. */
export function hasPorts(packet: Packet): boolean {
  return packet.protocol === PROTOCOL_TCP || packet.protocol === PROTOCOL_UDP;
}
