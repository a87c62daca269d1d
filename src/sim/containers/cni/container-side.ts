// What bridge and ptp share: addresses and routes on the container's end of a veth pair, the checks of CHECK, and the
// masquerading rules for a pod's address.

import { sha256 } from '../../core/sha256.ts';
import { encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { type Errno, isErrno } from '../../kernel/errno.ts';
import { formatIp, maskOf, networkOf, parseIp, parsePrefix } from '../../kernel/network/address.ts';
import type { Link } from '../../kernel/network/link.ts';
import type { NetworkNamespace } from '../../kernel/network/namespace.ts';
import { TABLE_MAIN } from '../../kernel/network/routes.ts';
import type { CniResult } from './library.ts';
import { type CniError, type PluginCall, plainError } from './skel.ts';

/** A name for the host's end of a pair: `veth` and eight digits. */
export function vethName(p: Process): string {
  return `veth${p.task.kernel.entropy.hex(8)}`;
}

/** The kernel's limit for veth (ETH_MAX_MTU). */
const MAXIMUM_MTU = 65_535;

/** Makes a veth pair: one end in the container's namespace under its name, one here. */
export function makeVeth(
  call: PluginCall,
  inside: NetworkNamespace,
  mtu: number | undefined,
): { host: Link; container: Link } | CniError {
  const { process: p, interfaceName } = call;
  if (mtu !== undefined && mtu > MAXIMUM_MTU) {
    return plainError('failed to make veth pair: invalid argument');
  }
  if (inside.link(interfaceName)) {
    return plainError(
      `container veth name ("${interfaceName}") peer provided ("${vethName(p)}") already exists`,
    );
  }
  const host = p.netlink().addLink({
    kind: 'veth',
    name: vethName(p),
    mtu,
    peer: { name: interfaceName, namespace: inside, mtu },
  });
  if (isErrno(host) || !host.peer)
    return plainError(`failed to create veth pair: ${isErrno(host) ? host.message : ''}`);
  p.netlink().setUp(host, true);
  p.netlink(inside).setUp(host.peer, true);
  return { host, container: host.peer };
}

/** Puts addresses and routes of a result on the container's link (ipam.ConfigureIface). */
export function configureInterface(
  p: Process,
  inside: NetworkNamespace,
  link: Link,
  result: CniResult,
): CniError | undefined {
  const netlink = p.netlink(inside);
  let gateway: number | undefined;
  for (const { address, gateway: given } of result.ips ?? []) {
    const prefix = parsePrefix(address);
    if (!prefix) return plainError(`invalid CIDR address: ${address}`);
    const failure = netlink.addAddress(link, { prefix });
    if (failure)
      return plainError(`failed to add IP addr ${address} to "${link.name}": ${lower(failure)}`);
    if (given !== undefined) gateway = parseIp(given);
  }
  for (const { dst, gw } of result.routes ?? []) {
    const to = parsePrefix(dst);
    if (!to) return plainError(`invalid CIDR address: ${dst}`);
    const via = gw === undefined ? gateway : parseIp(gw);
    const failure = netlink.addRoute({ to, ...(via === undefined ? {} : { via }), link });
    if (failure && failure.name !== 'EEXIST') {
      return plainError(
        `failed to add route '${dst} via ${via === undefined ? '<nil>' : formatIp(via)} dev ${link.name} metric 0 (Scope: universe)': ${lower(failure)}`,
      );
    }
  }
  return undefined;
}

function lower(errno: Errno): string {
  return errno.message.charAt(0).toLowerCase() + errno.message.slice(1);
}

/** CHECK: the link, addresses and routes of the earlier result are still there. */
export function checkContainer(
  call: PluginCall,
  inside: NetworkNamespace,
  previous: CniResult,
): CniError | undefined {
  const link = inside.link(call.interfaceName);
  if (!link) return plainError(`Interface name ${call.interfaceName} not found`);
  for (const { address } of previous.ips ?? []) {
    const prefix = parsePrefix(address);
    const there = link.addresses.some(
      (a) => a.address === prefix?.address && a.length === prefix?.length,
    );
    if (!there) return plainError(`Failed to match addr ${address} on interface ${link.name}`);
  }
  for (const { dst } of previous.routes ?? []) {
    const to = parsePrefix(dst);
    const there = inside.routing
      .table(TABLE_MAIN)
      .some((r) => r.to.address === to?.address && r.to.length === to?.length);
    if (!there && to) {
      const hex = (maskOf(to.length) >>> 0).toString(16).padStart(8, '0');
      const shown = `{Dst:{IP:${formatIp(networkOf(to.address, to.length))} Mask:${hex}} GW:<nil> MTU:0 AdvMSS:0 Priority:0 Table:<nil> Scope:<nil>}`;
      return plainError(`Expected Route ${shown} not found in routing table`);
    }
  }
  return undefined;
}

/** Runs iptables as go-iptables does; its exit status. */
export function* iptables(p: Process, args: readonly string[]): Routine<number> {
  const pid = p.fork(function* (child) {
    const nothing = child.open('/dev/null', 2);
    if (!isErrno(nothing)) {
      child.dup2(nothing, 1);
      child.dup2(nothing, 2);
    }
    child.exec('/usr/sbin/iptables', ['iptables', ...args, '--wait'], child.environment);
    return 127;
  });
  if (isErrno(pid)) return 127;
  const ended = yield* p.wait(pid);
  return ended && !isErrno(ended) ? ended.status >> 8 : 127;
}

/** The chain of one container on one network. */
export function chainName(prefix: string, network: string, containerId: string): string {
  return `${prefix}${sha256(encode(network + containerId)).slice(0, 24)}`;
}

/** Masquerades what leaves a container's address for other networks. */
export function* masquerade(call: PluginCall, result: CniResult): Routine<void> {
  const { process: p, config, containerId } = call;
  const chain = chainName('CNI-', config.name, containerId);
  const comment = ['-m', 'comment', '--comment', `name: "${config.name}" id: "${containerId}"`];
  yield* iptables(p, ['-t', 'nat', '-N', chain]);
  for (const { address } of result.ips ?? []) {
    const prefix = parsePrefix(address);
    if (!prefix) continue;
    const network = `${formatIp(networkOf(prefix.address, prefix.length))}/${prefix.length}`;
    yield* iptables(p, ['-t', 'nat', '-A', chain, '-d', network, '-j', 'ACCEPT', ...comment]);
    yield* iptables(p, [
      '-t',
      'nat',
      '-A',
      chain,
      '!',
      '-d',
      '224.0.0.0/4',
      '-j',
      'MASQUERADE',
      ...comment,
    ]);
    yield* iptables(p, [
      '-t',
      'nat',
      '-A',
      'POSTROUTING',
      '-s',
      formatIp(prefix.address),
      '-j',
      chain,
      ...comment,
    ]);
  }
}

/** Takes the masquerading rules of a container away. */
export function* unmasquerade(call: PluginCall, addresses: readonly string[]): Routine<void> {
  const { process: p, config, containerId } = call;
  const chain = chainName('CNI-', config.name, containerId);
  const comment = ['-m', 'comment', '--comment', `name: "${config.name}" id: "${containerId}"`];
  for (const address of addresses) {
    yield* iptables(p, ['-t', 'nat', '-D', 'POSTROUTING', '-s', address, '-j', chain, ...comment]);
  }
  yield* iptables(p, ['-t', 'nat', '-F', chain]);
  yield* iptables(p, ['-t', 'nat', '-X', chain]);
}
