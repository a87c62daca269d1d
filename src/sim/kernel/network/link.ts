// Network interfaces (ip-link(8)): lo, veth, bridge, dummy, vlan, macvlan, ipvlan, vxlan and NICs plugged into a switch. A
// link belongs to one namespace; its state words are those of RFC 2863 as `ip link` prints them.

import type { Ip, Prefix } from './address.ts';
import type { NetworkNamespace } from './namespace.ts';
import type { Frame } from './packet.ts';
import type { Switch } from './switch.ts';
import type { TunnelEntry } from './vxlan.ts';

export type LinkKind =
  | 'loopback'
  | 'ether'
  | 'veth'
  | 'bridge'
  | 'dummy'
  | 'vlan'
  | 'macvlan'
  | 'ipvlan'
  | 'vxlan'
  | 'tun';

/** RFC 2863 operational states as `ip link` writes them. */
export type OperState = 'UNKNOWN' | 'UP' | 'DOWN' | 'LOWERLAYERDOWN';

/** An IPv4 address on a link. */
export interface LinkAddress extends Prefix {
  readonly scope: 'global' | 'link' | 'host';
  readonly broadcast: Ip | undefined;
  readonly peer: Ip | undefined;
  readonly label: string;
  /** Not the first of its network on this link. */
  secondary: boolean;
  /** Virtual time at which the lifetime ends; undefined is forever. */
  readonly validUntil: number | undefined;
  readonly noPrefixRoute: boolean;
}

/** An IPv6 address on a link: shown, but of these only ::1 is ever used to send. */
export interface LinkAddress6 {
  readonly address: string;
  readonly length: number;
  readonly scope: 'global' | 'link' | 'host';
}

/** A bridge's own state. */
export interface BridgeState {
  /** Port and age by hardware address. */
  readonly fdb: Map<string, ForwardingEntry>;
  readonly ports: Set<Link>;
  stp: boolean;
  vlanFiltering: boolean;
  /** In hundredths of a second. */
  forwardDelay: number;
  ageingTime: number;
}

/** Where a bridge sends what is for an address. `learned` ages, `static` was set by hand, `local` is the port's own. */
export interface ForwardingEntry {
  readonly port: Link;
  seenAt: number;
  readonly kind: 'learned' | 'static' | 'local';
}

/** What a port of a bridge can be told (bridge-link): cost and priority, and what is on or off. */
export interface PortSettings {
  cost: number;
  priority: number;
  /** Set by hand: 0 disabled, 3 forwarding. */
  state: number | undefined;
  readonly flags: Map<string, boolean>;
}

export interface LinkCounters {
  packets: number;
  bytes: number;
  dropped: number;
}

/** Somebody who watches a link (packet(7)): tcpdump, the page's view. */
export interface Tap {
  see(frame: Frame, link: Link, direction: 'in' | 'out'): void;
}

/** The switches of a bridge's port in the order in which they are shown, and how they are at first. */
export const PORT_DEFAULTS: ReadonlyMap<string, boolean> = new Map([
  ['hairpin', false],
  ['guard', false],
  ['root_block', false],
  ['fastleave', false],
  ['learning', true],
  ['flood', true],
  ['mcast_flood', true],
  ['bcast_flood', true],
  ['mcast_to_unicast', false],
  ['neigh_suppress', false],
  ['vlan_tunnel', false],
  ['isolated', false],
  ['locked', false],
]);

export class Link {
  readonly kind: LinkKind;
  namespace: NetworkNamespace;
  index: number;
  name: string;
  mac: string;
  /** A bridge whose address was set by hand keeps it whatever its ports are. */
  macIsOwn = false;
  mtu: number;
  /** Administratively up (IFF_UP). */
  up = false;
  /** It has been up once: its queueing discipline stays attached. */
  everUp = false;
  promiscuous = false;
  /** net.ipv4.conf.<name>.route_localnet: addresses of 127/8 may cross it. */
  routeLocalnet = false;
  /** net.ipv6.conf.<name>.disable_ipv6: no address of its own when it goes up. */
  disableIp6 = false;
  alias = '';
  group = 0;
  queueLength: number;
  readonly addresses: LinkAddress[] = [];
  readonly addresses6: LinkAddress6[] = [];
  /** veth: the other end. */
  peer: Link | undefined;
  /** The bridge it is a port of. */
  master: Link | undefined;
  /** vlan, macvlan, ipvlan, vxlan: the link beneath. */
  lower: Link | undefined;
  readonly uppers = new Set<Link>();
  bridge: BridgeState | undefined;
  /** ether: the switch its cable is in. */
  wire: Switch | undefined;
  /** vlan id, VXLAN network identifier. */
  tag = 0;
  /** macvlan `bridge`, `private`, `vepa`, `passthru`; ipvlan `l2`, `l3`, `l3s`. */
  mode = '';
  /** vxlan: remote address, own address and UDP port. */
  tunnel: { remote: Ip | undefined; local: Ip | undefined; port: number } | undefined;
  /** vxlan: which tunnel end an address is behind (`bridge fdb`). */
  tunnelEntries: readonly TunnelEntry[] = [];
  /** Answers ARP for what is routed elsewhere. */
  proxyArp = false;
  /** As a port of a bridge; undefined while nothing was set. */
  port: PortSettings | undefined;
  /** Further unicast addresses that it takes in (`bridge fdb add … self`). */
  unicast: readonly string[] = [];
  readonly received: LinkCounters = { packets: 0, bytes: 0, dropped: 0 };
  readonly sent: LinkCounters = { packets: 0, bytes: 0, dropped: 0 };
  readonly taps = new Set<Tap>();
  /** Set once the link has gone: what is still on its way to it is lost. */
  removed = false;

  constructor(
    kind: LinkKind,
    namespace: NetworkNamespace,
    index: number,
    name: string,
    mac: string,
  ) {
    this.kind = kind;
    this.namespace = namespace;
    this.index = index;
    this.name = name;
    this.mac = mac;
    this.mtu = kind === 'loopback' ? 65_536 : kind === 'vxlan' ? 1450 : 1500;
    this.queueLength = 1000;
  }

  /** Whether a port of a bridge has something on: hairpin, isolated, learning, flood … */
  portFlag(name: string): boolean {
    return this.port?.flags.get(name) ?? PORT_DEFAULTS.get(name) ?? false;
  }

  /** Something is at the other end (IFF_LOWER_UP while up). */
  get carrier(): boolean {
    switch (this.kind) {
      case 'veth':
        return this.peer?.up === true;
      case 'bridge':
        return [...(this.bridge?.ports ?? [])].some((port) => port.up && port.carrier);
      case 'ether':
        return this.wire !== undefined;
      case 'vlan':
      case 'macvlan':
      case 'ipvlan':
        return this.lower?.up === true && this.lower.carrier;
      default:
        return true;
    }
  }

  /** Up and connected: frames pass. */
  get running(): boolean {
    return this.up && this.carrier;
  }

  get operState(): OperState {
    if (!this.up) return 'DOWN';
    switch (this.kind) {
      case 'loopback':
      case 'dummy':
      case 'vxlan':
      case 'tun':
        return 'UNKNOWN';
      case 'veth':
      case 'vlan':
      case 'macvlan':
      case 'ipvlan':
        return this.carrier ? 'UP' : 'LOWERLAYERDOWN';
      default:
        return this.carrier ? 'UP' : 'DOWN';
    }
  }

  /** The flags in the order in which `ip link` prints them. */
  get flags(): string[] {
    const flags: string[] = [];
    const carrierShown = this.up && !this.carrier;
    if (carrierShown) flags.push('NO-CARRIER');
    if (this.kind === 'loopback') flags.push('LOOPBACK');
    else if (this.kind === 'tun') flags.push('POINTOPOINT', 'MULTICAST', 'NOARP');
    else if (this.kind === 'dummy') flags.push('BROADCAST', 'NOARP');
    else if (this.kind === 'ipvlan') flags.push('BROADCAST', 'NOARP', 'MULTICAST');
    else flags.push('BROADCAST', 'MULTICAST');
    if (this.promiscuous) flags.push('PROMISC');
    if (this.up) flags.push('UP');
    if (this.up && this.carrier) flags.push('LOWER_UP');
    const below = this.related;
    if (below && below.namespace === this.namespace && !below.up) flags.push('M-DOWN');
    return flags;
  }

  /** Has no hardware addresses to resolve. */
  get noArp(): boolean {
    return (
      ['loopback', 'dummy', 'tun'].includes(this.kind) ||
      (this.kind === 'ipvlan' && this.mode !== 'l2')
    );
  }

  /** The link whose index `ip link` prints after `@`: a veth's peer, the link beneath. */
  get related(): Link | undefined {
    return this.peer ?? this.lower;
  }
}
