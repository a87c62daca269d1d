// Network namespaces (network_namespaces(7)): links, addresses, routes, rules, neighbours, firewall, sysctls and sockets of
// their own. One is emptied when nobody is in it, has it open or has it mounted any more.

import type { Kernel } from '../kernel.ts';
import type { Namespace } from '../namespaces/namespace.ts';
import type { UserNamespace } from '../namespaces/user.ts';
import { type Ip, IP6_LOOPBACK, MAC_NONE } from './address.ts';
import { Link } from './link.ts';
import { NeighbourTable } from './neighbour.ts';
import { Netfilter } from './netfilter/netfilter.ts';
import { RoutingTables } from './routes.ts';
import { SocketTable } from './socket-table.ts';

/** Settings below /proc/sys/net that change what happens here. */
export interface NetworkSettings {
  /** net.ipv4.ip_forward. */
  forwarding: boolean;
  /** net.ipv4.conf.all.route_localnet. */
  routeLocalnet: boolean;
  /** net.bridge.bridge-nf-call-iptables: bridged packets pass the firewall (module br_netfilter). */
  bridgeNetfilter: boolean;
  /** net.ipv4.ip_unprivileged_port_start. */
  unprivilegedPort: number;
  /** net.ipv4.ip_local_port_range. */
  portRange: readonly [number, number];
  /** net.ipv4.ping_group_range. */
  pingGroups: readonly [number, number];
  /** net.ipv4.icmp_echo_ignore_all. */
  ignoreEcho: boolean;
  /** net.ipv6.conf.all.disable_ipv6. */
  disableIp6: boolean;
  /** net.core.somaxconn. */
  maxConnections: number;
  /** net.ipv4.tcp_syn_retries. */
  synRetries: number;
  /** net.ipv4.ip_nonlocal_bind. */
  nonlocalBind: boolean;
  /** Other names and their values as written: kept, without effect. */
  readonly other: Map<string, string>;
}

function newSettings(): NetworkSettings {
  return {
    forwarding: false,
    routeLocalnet: false,
    bridgeNetfilter: false,
    unprivilegedPort: 1024,
    portRange: [32_768, 60_999],
    pingGroups: [0, 2_147_483_647],
    ignoreEcho: false,
    disableIp6: false,
    maxConnections: 4096,
    synRetries: 6,
    nonlocalBind: false,
    other: new Map(),
  };
}

export class NetworkNamespace implements Namespace {
  readonly kind = 'net';
  readonly inode: number;
  readonly owner: UserNamespace;
  readonly kernel: Kernel;
  /** By index, in order of index. */
  readonly links = new Map<number, Link>();
  readonly loopback: Link;
  /** The number that the next link gets. */
  nextIndex = 2;
  readonly settings = newSettings();
  readonly routing = new RoutingTables();
  readonly neighbours = new NeighbourTable(this);
  readonly netfilter = new Netfilter(this);
  /** IPv6's tables: kept and shown, but nothing but ::1 is ever sent. */
  readonly netfilter6 = new Netfilter(this);
  readonly sockets = new SocketTable(this);
  /** Own addresses: which link each is on. Derived from the links; see addresses.ts. */
  readonly own = new Map<Ip, Link>();
  /** Numbers by which this namespace knows others (`link-netnsid`). */
  readonly ids = new Map<NetworkNamespace, number>();
  private checkPending = false;
  /** Emptied: nothing can be reached through it any more. */
  dead = false;

  constructor(inode: number, owner: UserNamespace, kernel: Kernel) {
    this.inode = inode;
    this.owner = owner;
    this.kernel = kernel;
    this.loopback = new Link('loopback', this, 1, 'lo', MAC_NONE);
    this.links.set(1, this.loopback);
  }

  link(name: string): Link | undefined {
    for (const link of this.links.values()) if (link.name === name) return link;
    return undefined;
  }

  /** Links in order of index. */
  get linksByIndex(): Link[] {
    return [...this.links.values()].sort((a, b) => a.index - b.index);
  }

  /** True for an address of this namespace (127.0.0.0/8 with it) whose link is up. */
  isOwn(ip: Ip): boolean {
    if (ip === IP6_LOOPBACK) return !this.settings.disableIp6 && this.loopback.up;
    return this.own.has(ip) || (ip >>> 24 === 127 && this.loopback.up);
  }

  /** The id by which this namespace knows `other`; given on first use. */
  idOf(other: NetworkNamespace): number {
    let id = this.ids.get(other);
    if (id === undefined) {
      id = this.ids.size;
      this.ids.set(other, id);
    }
    return id;
  }

  /** Called when a user of it may have gone: looks a little later whether anyone is left. */
  mayBeUnused(): void {
    if (this.checkPending || this.dead || this === this.kernel.first.net) return;
    this.checkPending = true;
    this.kernel.simulation.after(CLEANUP_DELAY, () => {
      this.checkPending = false;
      this.kernel.network.emptyIfUnused(this);
    });
  }
}

/** The kernel cleans namespaces up from a work queue, a moment after the last user has gone. */
const CLEANUP_DELAY = 10_000_000;
