// IPv4 addresses on links and the routes that come with them (devinet.c, fib_frontend.c): a local and broadcast routes in
// table local, the connected network in table main, all of them only while the link is up.

import { EADDRNOTAVAIL, EEXIST, type Errno } from '../errno.ts';
import {
  broadcastOf,
  type Ip,
  IP6_LOOPBACK,
  linkLocal6,
  networkOf,
  type Prefix,
} from './address.ts';
import type { Link, LinkAddress } from './link.ts';
import { type Route, type RouteScope, TABLE_LOCAL, TABLE_MAIN } from './routes.ts';

/** What `ip addr add` can say beside address and link. */
export interface AddressRequest {
  readonly prefix: Prefix;
  readonly scope?: LinkAddress['scope'];
  readonly broadcast?: Ip | undefined;
  readonly peer?: Ip | undefined;
  readonly label?: string;
  readonly validUntil?: number | undefined;
  readonly noPrefixRoute?: boolean;
}

/** RTM_NEWADDR: puts an address on a link. EEXIST where it is there already. */
export function addAddress(link: Link, request: AddressRequest): Errno | undefined {
  const { prefix } = request;
  const same = link.addresses.some(
    (a) => a.address === prefix.address && a.length === prefix.length,
  );
  if (same) return EEXIST;
  const address: LinkAddress = {
    address: prefix.address,
    length: prefix.length,
    scope: request.scope ?? (prefix.address >>> 24 === 127 ? 'host' : 'global'),
    broadcast: request.broadcast,
    peer: request.peer,
    label: request.label ?? link.name,
    secondary: link.addresses.some((a) => sameNetwork(a, prefix)),
    validUntil: request.validUntil,
    noPrefixRoute: request.noPrefixRoute ?? false,
  };
  link.addresses.push(address);
  if (link.up) addRoutes(link, address);
  return undefined;
}

/** RTM_DELADDR. EADDRNOTAVAIL where it is not there; with a primary its secondaries go too. */
export function removeAddress(link: Link, prefix: Prefix, exactLength = true): Errno | undefined {
  const found = link.addresses.find(
    (a) => a.address === prefix.address && (!exactLength || a.length === prefix.length),
  );
  if (!found) return EADDRNOTAVAIL;
  const gone = found.secondary
    ? [found]
    : link.addresses.filter((a) => a === found || (a.secondary && sameNetwork(a, found)));
  for (const address of gone) {
    link.addresses.splice(link.addresses.indexOf(address), 1);
    dropRoutes(link, address);
  }
  if (link.addresses.length === 0) link.namespace.routing.remove((route) => route.link === link);
  return undefined;
}

function sameNetwork(a: Prefix, b: Prefix): boolean {
  return a.length === b.length && networkOf(a.address, a.length) === networkOf(b.address, b.length);
}

/** What happens when a link goes up: routes of its addresses, and lo's own address. */
export function linkWentUp(link: Link): void {
  const { namespace } = link;
  if (link.kind === 'loopback') loopbackWentUp(link);
  else if (!namespace.settings.disableIp6 && !link.disableIp6 && link.kind !== 'ipvlan') {
    if (link.addresses6.length === 0) {
      link.addresses6.push({ address: linkLocal6(link.mac), length: 64, scope: 'link' });
    }
  }
  for (const address of link.addresses) addRoutes(link, address);
  namespace.routing.forget();
}

function loopbackWentUp(link: Link): void {
  if (!link.addresses.some((a) => a.address >>> 24 === 127)) {
    addAddress(link, { prefix: { address: 0x7f000001, length: 8 }, scope: 'host' });
  }
  if (!link.namespace.settings.disableIp6 && link.addresses6.length === 0) {
    link.addresses6.push({ address: '::1', length: 128, scope: 'host' });
    link.namespace.own.set(IP6_LOOPBACK, link);
  }
}

/** What happens when a link goes down: its routes, neighbours and derived addresses go. */
export function linkWentDown(link: Link): void {
  const { namespace } = link;
  for (const [ip, on] of namespace.own) if (on === link) namespace.own.delete(ip);
  namespace.routing.remove((route) => usesLink(route, link));
  namespace.neighbours.flush((entry) => entry.link === link);
  if (link.kind !== 'loopback') link.addresses6.length = 0;
  namespace.routing.forget();
}

function usesLink(route: Route, link: Link): boolean {
  return route.link === link || (route.hops?.some((hop) => hop.link === link) ?? false);
}

function kernelRoute(
  link: Link,
  type: Route['type'],
  to: Prefix,
  scope: RouteScope,
  source: Ip,
): Route {
  return {
    type,
    to,
    scope,
    source,
    link,
    via: undefined,
    hops: undefined,
    metric: 0,
    protocol: 'kernel',
    table: type === 'unicast' ? TABLE_MAIN : TABLE_LOCAL,
    onlink: false,
    mtu: undefined,
  };
}

function addRoutes(link: Link, address: LinkAddress): void {
  const { routing, own } = link.namespace;
  const { address: ip, length } = address;
  if (!own.has(ip)) own.set(ip, link);
  const network = networkOf(ip, length);
  const add = (route: Route): void => {
    const there = routing.table(route.table).some((r) => sameRoute(r, route));
    if (!there) routing.add(route);
  };
  if (link.kind === 'loopback' && length < 32) {
    add(kernelRoute(link, 'local', { address: network, length }, 'host', ip));
  }
  add(kernelRoute(link, 'local', { address: ip, length: 32 }, 'host', ip));
  if (length < 31) {
    const last = { address: broadcastOf(ip, length), length: 32 };
    add(kernelRoute(link, 'broadcast', last, 'link', ip));
  }
  if (link.kind === 'loopback' || address.noPrefixRoute) return;
  const peer = address.peer;
  if (peer !== undefined) add(kernelRoute(link, 'unicast', { address: peer, length }, 'link', ip));
  else if (length < 32 && !address.secondary) {
    add(kernelRoute(link, 'unicast', { address: network, length }, 'link', ip));
  }
}

function sameRoute(a: Route, b: Route): boolean {
  return (
    a.type === b.type &&
    a.link === b.link &&
    a.metric === b.metric &&
    a.to.address === b.to.address &&
    a.to.length === b.to.length
  );
}

function dropRoutes(link: Link, address: LinkAddress): void {
  const { namespace } = link;
  const { address: ip } = address;
  if (!link.addresses.some((a) => a.address === ip)) namespace.own.delete(ip);
  namespace.routing.remove(
    (route) => route.source === ip && (route.link === link || route.table === TABLE_LOCAL),
  );
  namespace.routing.forget();
}

/** The address that packets to `ip` through `link` come from: of the same network if there is one. */
export function sourceFor(link: Link, ip: Ip): Ip | undefined {
  const fits = link.addresses.find(
    (a) => networkOf(a.address, a.length) === networkOf(ip, a.length) && a.scope !== 'host',
  );
  const first = fits ?? link.addresses.find((a) => a.scope === 'global');
  if (first) return first.address;
  for (const other of link.namespace.links.values()) {
    const found = other.up && other.addresses.find((a) => a.scope === 'global');
    if (found) return found.address;
  }
  return undefined;
}
