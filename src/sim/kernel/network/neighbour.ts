// The neighbour table (ip-neighbour(8), arp(7)): which hardware address an IPv4 address on a link has. Packets wait while
// it is asked for: three requests a second apart, then the entry is FAILED and they are given up.

import type { Timer } from '../../core/events.ts';
import { type Ip, MAC_BROADCAST, MAC_NONE } from './address.ts';
import { transmitFrame } from './device.ts';
import { sendIcmpError } from './icmp.ts';
import type { Link } from './link.ts';
import type { NetworkNamespace } from './namespace.ts';
import { type ArpMessage, ICMP_UNREACHABLE, type Packet, UNREACHABLE } from './packet.ts';
import { sourceFor } from './addresses.ts';

/** States (NUD_*) by the names `ip neigh` prints. */
export type NeighbourState =
  | 'INCOMPLETE'
  | 'REACHABLE'
  | 'STALE'
  | 'DELAY'
  | 'PROBE'
  | 'FAILED'
  | 'NOARP'
  | 'PERMANENT';

const SECOND = 1_000_000_000;
/** How long an answer counts (base_reachable_time). */
const REACHABLE_TIME = 30 * SECOND;
/** How long a stale entry may be used before it is asked again (delay_first_probe_time). */
const DELAY_TIME = 5 * SECOND;
const PROBES = 3;
/** Packets that wait for one answer at the most (unres_qlen). */
const WAITING = 100;

export interface Neighbour {
  readonly link: Link;
  readonly ip: Ip;
  mac: string | undefined;
  state: NeighbourState;
  confirmedAt: number;
  probes: number;
  readonly waiting: Packet[];
  timer: Timer | undefined;
  /** `ip neigh add proxy`, `extern_learn` and the like are not kept; this one is `router`. */
  router: boolean;
}

export class NeighbourTable {
  private readonly namespace: NetworkNamespace;
  private readonly entries = new Map<Link, Map<Ip, Neighbour>>();

  constructor(namespace: NetworkNamespace) {
    this.namespace = namespace;
  }

  /** All entries with the state of this moment. */
  list(): Neighbour[] {
    const all = [...this.entries.values()].flatMap((byIp) => [...byIp.values()]);
    for (const entry of all) this.settle(entry);
    return all;
  }

  find(link: Link, ip: Ip): Neighbour | undefined {
    return this.entries.get(link)?.get(ip);
  }

  /** Sets an entry by hand (`ip neigh add`, CNI's and kube-proxy's static ones). */
  set(link: Link, ip: Ip, mac: string | undefined, state: NeighbourState): Neighbour {
    const entry = this.find(link, ip) ?? this.create(link, ip);
    entry.mac = mac;
    entry.state = state;
    entry.confirmedAt = this.now;
    if (mac !== undefined) this.release(entry);
    return entry;
  }

  remove(entry: Neighbour): void {
    entry.timer?.cancel();
    this.entries.get(entry.link)?.delete(entry.ip);
  }

  /** Removes what matches; how many. */
  flush(matches: (entry: Neighbour) => boolean): number {
    let count = 0;
    for (const byIp of this.entries.values()) {
      for (const entry of byIp.values()) {
        if (!matches(entry)) continue;
        this.remove(entry);
        count++;
      }
    }
    return count;
  }

  /** Sends a packet to a neighbour; it waits where the address is not known yet. */
  send(link: Link, ip: Ip, packet: Packet): void {
    const entry = this.entries.get(link)?.get(ip) ?? this.create(link, ip);
    if (entry.state === 'REACHABLE') this.settle(entry);
    if (entry.state === 'STALE') this.startDelay(entry);
    if (entry.mac !== undefined && entry.state !== 'INCOMPLETE' && entry.state !== 'FAILED') {
      transmitFrame(link, { source: link.mac, destination: entry.mac, packet, arp: undefined });
      return;
    }
    if (entry.waiting.length < WAITING) entry.waiting.push(packet);
    if (entry.state !== 'INCOMPLETE') {
      entry.state = 'INCOMPLETE';
      entry.probes = 0;
      entry.mac = undefined;
      this.ask(entry);
    }
  }

  /** Tells everybody on the link who has `ip` now (gratuitous ARP), so that no one asks an old address. */
  announce(link: Link, ip: Ip): void {
    transmitFrame(link, {
      source: link.mac,
      destination: MAC_BROADCAST,
      packet: undefined,
      arp: {
        operation: 'request',
        senderMac: link.mac,
        senderIp: ip,
        targetMac: MAC_NONE,
        targetIp: ip,
      },
    });
  }

  /** An ARP message has come in at `link`. */
  arrived(link: Link, arp: ArpMessage): void {
    const { namespace } = this;
    const forMe = namespace.own.has(arp.targetIp) || this.answersFor(link, arp.targetIp);
    const entry = this.find(link, arp.senderIp);
    if (entry) this.learn(entry, arp);
    else if (forMe && arp.operation === 'request' && arp.senderIp !== 0) {
      this.create(link, arp.senderIp);
      const made = this.find(link, arp.senderIp);
      if (made) {
        made.mac = arp.senderMac;
        made.state = 'STALE';
      }
    }
    if (arp.operation !== 'request' || !forMe) return;
    transmitFrame(link, {
      source: link.mac,
      destination: arp.senderMac,
      packet: undefined,
      arp: {
        operation: 'reply',
        senderMac: link.mac,
        senderIp: arp.targetIp,
        targetMac: arp.senderMac,
        targetIp: arp.senderIp,
      },
    });
  }

  private answersFor(link: Link, ip: Ip): boolean {
    if (!link.proxyArp) return false;
    const route = this.namespace.routing.lookup(ip);
    return route !== undefined && route.link !== link;
  }

  private learn(entry: Neighbour, arp: ArpMessage): void {
    if (entry.state === 'PERMANENT' || entry.state === 'NOARP') return;
    const changed = entry.mac !== arp.senderMac;
    entry.mac = arp.senderMac;
    if (arp.operation === 'reply') {
      entry.state = 'REACHABLE';
      entry.confirmedAt = this.now;
    } else if (changed || entry.state === 'INCOMPLETE' || entry.state === 'FAILED') {
      entry.state = 'STALE';
    }
    this.release(entry);
  }

  private release(entry: Neighbour): void {
    entry.timer?.cancel();
    entry.timer = undefined;
    entry.probes = 0;
    for (const packet of entry.waiting.splice(0)) this.send(entry.link, entry.ip, packet);
  }

  private create(link: Link, ip: Ip): Neighbour {
    let byIp = this.entries.get(link);
    if (!byIp) {
      byIp = new Map();
      this.entries.set(link, byIp);
    }
    const entry: Neighbour = {
      link,
      ip,
      mac: undefined,
      state: 'FAILED',
      confirmedAt: 0,
      probes: 0,
      waiting: [],
      timer: undefined,
      router: false,
    };
    byIp.set(ip, entry);
    return entry;
  }

  private get now(): number {
    return this.namespace.kernel.simulation.now;
  }

  private settle(entry: Neighbour): void {
    const old = this.now - entry.confirmedAt > REACHABLE_TIME;
    if (entry.state === 'REACHABLE' && old) entry.state = 'STALE';
  }

  private startDelay(entry: Neighbour): void {
    entry.state = 'DELAY';
    entry.timer?.cancel();
    entry.timer = this.namespace.kernel.simulation.after(DELAY_TIME, () => {
      if (entry.state !== 'DELAY') return;
      entry.state = 'PROBE';
      entry.probes = 0;
      this.ask(entry);
    });
  }

  /** Sends one request and looks again in a second. */
  private ask(entry: Neighbour): void {
    const { link, ip } = entry;
    const simulation = this.namespace.kernel.simulation;
    entry.probes++;
    entry.timer?.cancel();
    entry.timer = simulation.after(SECOND, () => {
      if (entry.probes >= PROBES) this.fail(entry);
      else this.ask(entry);
    });
    transmitFrame(link, {
      source: link.mac,
      destination: entry.state === 'PROBE' && entry.mac ? entry.mac : MAC_BROADCAST,
      packet: undefined,
      arp: {
        operation: 'request',
        senderMac: link.mac,
        senderIp: sourceFor(link, ip) ?? 0,
        targetMac: MAC_NONE,
        targetIp: ip,
      },
    });
  }

  private fail(entry: Neighbour): void {
    entry.state = 'FAILED';
    entry.mac = undefined;
    entry.timer = undefined;
    for (const packet of entry.waiting.splice(0)) {
      sendIcmpError(this.namespace, packet, ICMP_UNREACHABLE, UNREACHABLE.host);
    }
  }
}
