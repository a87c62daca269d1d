// Making, changing, moving and removing links (rtnetlink(7): RTM_NEWLINK, RTM_SETLINK, RTM_DELLINK).

import { EBUSY, EEXIST, EINVAL, ELOOP, ENODEV, EOPNOTSUPP, type Errno } from '../errno.ts';
import { linkWentDown, linkWentUp } from './addresses.ts';
import { Link, type LinkKind } from './link.ts';
import type { NetworkNamespace } from './namespace.ts';

/** What `ip link add` asks for. */
export interface LinkRequest {
  readonly kind: LinkKind;
  readonly name: string | undefined;
  readonly mac?: string | undefined;
  readonly mtu?: number | undefined;
  readonly index?: number | undefined;
  /** vlan, macvlan, ipvlan, vxlan: the link beneath. */
  readonly lower?: Link | undefined;
  readonly tag?: number;
  readonly mode?: string;
  readonly tunnel?: Link['tunnel'];
  /** veth: the other end, in its own namespace. */
  readonly peer?: {
    readonly name: string | undefined;
    readonly mac?: string | undefined;
    readonly mtu?: number | undefined;
    readonly namespace: NetworkNamespace;
  };
}

/** RTM_NEWLINK with NLM_F_CREATE: EEXIST where the name is taken. A veth's peer is made first. */
export function addLink(namespace: NetworkNamespace, request: LinkRequest): Link | Errno {
  if (request.name !== undefined && namespace.link(request.name)) return EEXIST;
  if (['vlan', 'macvlan', 'ipvlan'].includes(request.kind) && !request.lower) return EINVAL;
  if (request.kind === 'vlan' && hasVlan(request)) return EEXIST;
  let peer: Link | undefined;
  if (request.kind === 'veth') {
    const wanted = request.peer ?? { name: undefined, namespace };
    if (wanted.name !== undefined && wanted.namespace.link(wanted.name)) return EEXIST;
    if (
      wanted.name !== undefined &&
      wanted.name === request.name &&
      wanted.namespace === namespace
    ) {
      return EEXIST;
    }
    peer = place(wanted.namespace, {
      kind: 'veth',
      name: wanted.name,
      mac: wanted.mac,
      mtu: wanted.mtu,
    });
  }
  const link = place(namespace, request);
  if (peer) {
    link.peer = peer;
    peer.peer = link;
  }
  return link;
}

function hasVlan(request: LinkRequest): boolean {
  return [...(request.lower?.uppers ?? [])].some(
    (upper) => upper.kind === 'vlan' && upper.tag === request.tag,
  );
}

function place(namespace: NetworkNamespace, request: Omit<LinkRequest, 'peer'>): Link {
  const index = request.index ?? nextIndex(namespace);
  const name = request.name ?? freeName(namespace, request.kind);
  const shares = request.kind === 'vlan' || request.kind === 'ipvlan';
  const mac =
    request.mac ?? (shares ? request.lower?.mac : undefined) ?? namespace.kernel.network.newMac();
  const link = new Link(request.kind, namespace, index, name, mac);
  link.mtu = request.mtu ?? request.lower?.mtu ?? link.mtu;
  link.tag = request.tag ?? 0;
  link.mode = request.mode ?? (request.kind === 'ipvlan' ? 'l3' : 'vepa');
  link.tunnel = request.tunnel;
  if (request.kind === 'vxlan' && request.mtu === undefined) link.mtu = 1450;
  if (request.kind === 'bridge') {
    link.bridge = {
      fdb: new Map(),
      ports: new Set(),
      stp: false,
      vlanFiltering: false,
      forwardDelay: 1500,
      ageingTime: 30_000,
    };
  }
  if (request.lower) {
    link.lower = request.lower;
    request.lower.uppers.add(link);
  }
  namespace.links.set(index, link);
  return link;
}

function nextIndex(namespace: NetworkNamespace): number {
  let index = namespace.nextIndex;
  while (namespace.links.has(index)) index++;
  namespace.nextIndex = index + 1;
  return index;
}

function freeName(namespace: NetworkNamespace, kind: LinkKind): string {
  for (let n = 0; ; n++) if (!namespace.link(`${kind}${n}`)) return `${kind}${n}`;
}

/** RTM_DELLINK: a veth takes its peer along, a link what is stacked on it. EOPNOTSUPP for lo and NICs. */
export function removeLink(link: Link): Errno | undefined {
  if (link.kind === 'loopback' || link.kind === 'ether') return EOPNOTSUPP;
  unlinkAll(link);
  return undefined;
}

function unlinkAll(link: Link): void {
  if (link.removed) return;
  setDown(link);
  link.removed = true;
  for (const upper of [...link.uppers]) unlinkAll(upper);
  for (const port of [...(link.bridge?.ports ?? [])]) setMaster(port, undefined);
  setMaster(link, undefined);
  link.lower?.uppers.delete(link);
  link.namespace.links.delete(link.index);
  const { peer } = link;
  link.peer = undefined;
  if (peer) unlinkAll(peer);
}

/** Sets IFF_UP. */
export function setUp(link: Link): void {
  if (link.up) return;
  link.up = true;
  link.everUp = true;
  linkWentUp(link);
}

export function setDown(link: Link): void {
  if (!link.up) return;
  link.up = false;
  linkWentDown(link);
}

/** Changes the name: EEXIST, EINVAL (too long or empty), EBUSY while it is up (before Linux 6.2 for most). */
export function rename(link: Link, name: string): Errno | undefined {
  if (!validName(name)) return EINVAL;
  if (link.namespace.link(name)) return EEXIST;
  if (link.up) return EBUSY;
  link.name = name;
  return undefined;
}

/** IFNAMSIZ: at most 15 bytes, no slash and no blanks. */
export function validName(name: string): boolean {
  return name !== '' && name.length <= 15 && name !== '.' && name !== '..' && !/[/\s:]/.test(name);
}

/** Enslaves a link to a bridge, or frees it. EINVAL where the master is no bridge, ELOOP for a bridge in a bridge. */
export function setMaster(link: Link, master: Link | undefined): Errno | undefined {
  if (master && !master.bridge) return EINVAL;
  if (master && link.bridge) return ELOOP;
  if (master && link.kind === 'loopback') return EINVAL;
  if (link.master?.bridge) {
    link.master.bridge.ports.delete(link);
    for (const [mac, entry] of link.master.bridge.fdb) {
      if (entry.port === link) link.master.bridge.fdb.delete(mac);
    }
  }
  const old = link.master;
  link.master = master;
  if (master?.bridge) master.bridge.ports.add(link);
  for (const bridge of [old, master]) if (bridge) adoptMac(bridge);
  return undefined;
}

/** A bridge whose address was not set by hand wears the lowest one of its ports. */
function adoptMac(bridge: Link): void {
  if (bridge.macIsOwn) return;
  const macs = [...(bridge.bridge?.ports ?? [])].map((port) => port.mac).sort();
  const [lowest] = macs;
  if (lowest) bridge.mac = lowest;
}

/** Moves a link to another namespace: it goes down and loses its addresses; EEXIST where its name is taken there. */
export function moveLink(
  link: Link,
  target: NetworkNamespace,
  name = link.name,
): Errno | undefined {
  if (link.kind === 'loopback' || link.kind === 'bridge') return EINVAL;
  if (target === link.namespace) return undefined;
  if (target.link(name)) return EEXIST;
  if (target.dead) return ENODEV;
  setDown(link);
  setMaster(link, undefined);
  link.addresses.length = 0;
  link.namespace.links.delete(link.index);
  link.name = name;
  link.namespace = target;
  if (target.links.has(link.index)) link.index = nextIndex(target);
  else target.nextIndex = Math.max(target.nextIndex, link.index + 1);
  target.links.set(link.index, link);
  if (link.related && link.related.namespace !== target) {
    link.related.namespace.idOf(target);
    target.idOf(link.related.namespace);
  }
  return undefined;
}

/** What happens to the links of a namespace that nobody uses any more: NICs go home, the rest is destroyed. */
export function emptyNamespace(namespace: NetworkNamespace): void {
  const home = namespace.kernel.first.net;
  for (const link of [...namespace.links.values()]) {
    if (link.kind === 'loopback') setDown(link);
    else if (link.kind === 'ether') moveLink(link, home);
    else unlinkAll(link);
  }
  namespace.dead = true;
}
