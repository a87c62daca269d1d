// How flanneld joins the nodes' ranges: over a VXLAN link with a tunnel entry, a neighbour and a route for each other node, or
// (host-gw) by routes through the nodes' addresses.

import { encode } from '../../../core/text.ts';
import { makeDirectories, writeWholeFile } from '../../../containers/containerd/daemon.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { type Errno, isErrno } from '../../../kernel/errno.ts';
import { formatIp, parseIp, parsePrefix, type Prefix } from '../../../kernel/network/address.ts';
import type { Link } from '../../../kernel/network/link.ts';
import { TABLE_MAIN } from '../../../kernel/network/routes.ts';

const OVERHEAD = 50;
export const VNI = 1;

/** net-conf.json. */
export interface NetworkConf {
  readonly Network: string;
  readonly Backend?: { readonly Type?: string; readonly VNI?: number };
}

/** Another node as its annotations describe it. */
export interface Lease {
  readonly subnet: Prefix;
  readonly publicIp: string;
  readonly mac: string | undefined;
}

/** The node's link to the others and its address. */
export interface External {
  readonly link: Link;
  readonly address: string;
}

/** The link of the default route, or of an address. */
export function externalLink(process: Process, address: string): External | undefined {
  const ip = parseIp(address);
  for (const link of process.network.links.values())
    if (link.addresses.some((own) => own.address === ip)) return { link, address };
  return undefined;
}

/** Makes flannel.1 with the first address of the node's range, or finds it. */
export function vxlanLink(
  process: Process,
  external: External,
  subnet: Prefix,
  vni: number,
): Link | Errno {
  const netlink = process.netlink();
  const name = `flannel.${vni}`;
  const local = parseIp(external.address);
  const found = process.network.link(name);
  const link =
    found ??
    netlink.addLink({
      kind: 'vxlan',
      name,
      tag: vni,
      mtu: external.link.mtu - OVERHEAD,
      lower: external.link,
      tunnel: { remote: undefined, local, port: 8472 },
    });
  if (isErrno(link)) return link;
  netlink.setUp(link, true);
  if (!found) netlink.addAddress(link, { prefix: { address: subnet.address, length: 32 } });
  return link;
}

function sameSubnet(a: Prefix, b: Prefix): boolean {
  return a.address === b.address && a.length === b.length;
}

/** Opens the way to another node's pods. */
export function addLease(process: Process, link: Link, lease: Lease): void {
  const netlink = process.netlink();
  const { subnet, publicIp, mac } = lease;
  if (link.kind === 'vxlan' && mac !== undefined) {
    netlink.setNeighbour(link, subnet.address, mac, 'PERMANENT');
    netlink.change(link, (one) => {
      const others = one.tunnelEntries.filter((entry) => entry.mac !== mac);
      one.tunnelEntries = [...others, { mac, remote: publicIp }];
    });
    netlink.addRoute({ to: subnet, via: subnet.address, link, onlink: true }, 'replace');
    return;
  }
  const via = parseIp(publicIp);
  if (via !== undefined) netlink.addRoute({ to: subnet, via, link }, 'replace');
}

/** Closes it again. */
export function removeLease(process: Process, link: Link, lease: Lease): void {
  const netlink = process.netlink();
  netlink.removeRoute((route) => sameSubnet(route.to, lease.subnet), TABLE_MAIN);
  netlink.change(link, (one) => {
    one.tunnelEntries = one.tunnelEntries.filter((entry) => entry.mac !== lease.mac);
  });
}

/** /run/flannel/subnet.env, which the CNI plugin reads. */
export function writeSubnetFile(
  process: Process,
  network: string,
  subnet: Prefix,
  mtu: number,
  masquerades: boolean,
): void {
  const text = [
    `FLANNEL_NETWORK=${network}`,
    `FLANNEL_SUBNET=${formatIp(subnet.address + 1)}/${subnet.length}`,
    `FLANNEL_MTU=${mtu}`,
    `FLANNEL_IPMASQ=${masquerades}`,
    '',
  ].join('\n');
  makeDirectories(process, '/run/flannel');
  writeWholeFile(process, '/run/flannel/subnet.env', encode(text));
}

/** A range of a node's spec. */
export function rangeOf(text: string | undefined): Prefix | undefined {
  return text === undefined ? undefined : parsePrefix(text);
}
