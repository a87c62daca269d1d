// The network card of a lab's machine: `eth0` with an address on the lab's switch.

import type { Process } from '../kernel/calls/process.ts';
import { parseIp, parsePrefix } from '../kernel/network/address.ts';
import type { Link } from '../kernel/network/link.ts';

/** Gives a machine `eth0` with an address and a default route. */
export function plugIn(init: Process, nic: Link, address: string, gateway: string): void {
  const netlink = init.netlink();
  const prefix = parsePrefix(`${address}/24`);
  const via = parseIp(gateway);
  if (!prefix || via === undefined) throw new Error(`no address: ${address}`);
  netlink.setUp(init.network.loopback, true);
  netlink.setUp(nic, true);
  netlink.addAddress(nic, { prefix });
  if (address !== gateway) netlink.addRoute({ to: { address: 0, length: 0 }, via, link: nic });
}
