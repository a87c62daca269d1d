// The plugins bridge, ptp and loopback (containernetworking/plugins v1.9.1). VLANs, bandwidth and IPv6 are left out.

import { encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { O_WRONLY } from '../../kernel/files/open-file.ts';
import { formatIp, networkOf, parseIp, parsePrefix } from '../../kernel/network/address.ts';
import type { Link } from '../../kernel/network/link.ts';
import {
  checkContainer,
  configureInterface,
  makeVeth,
  masquerade,
  unmasquerade,
} from './container-side.ts';
import { delegateIpam } from './ipam.ts';
import type { CniResult } from './library.ts';
import {
  type CniError,
  cniPlugin,
  isCniError,
  openNetns,
  type PluginCall,
  plainError,
} from './skel.ts';

/** Makes the bridge, or finds it. */
function setUpBridge(p: Process, name: string, mtu: number | undefined): Link | CniError {
  const existing = p.network.link(name);
  if (existing && existing.kind !== 'bridge')
    return plainError(`"${name}" already exists but is not a bridge`);
  const bridge = existing ?? p.netlink().addLink({ kind: 'bridge', name, mtu });
  if (isErrno(bridge))
    return plainError(`could not add "${name}": ${bridge.message.toLowerCase()}`);
  p.netlink().setUp(bridge, true);
  return bridge;
}

function* enableForwarding(p: Process): Routine<void> {
  const fd = p.open('/proc/sys/net/ipv4/ip_forward', O_WRONLY);
  if (isErrno(fd)) return;
  yield* p.write(fd, encode('1'));
  p.close(fd);
}

function flag(call: PluginCall, name: string): boolean {
  return call.config[name] === true;
}

function* bridgeAdd(call: PluginCall): Routine<CniResult | CniError> {
  const { process: p, config } = call;
  const { vlan } = config;
  if (typeof vlan === 'number' && (vlan < 0 || vlan > 4094)) {
    return plainError(`invalid VLAN ID ${vlan} (must be between 0 and 4094)`);
  }
  const inside = openNetns(p, call.netns);
  if (isCniError(inside)) return inside;
  const mtu = typeof config.mtu === 'number' && config.mtu > 0 ? config.mtu : undefined;
  const bridge = setUpBridge(p, typeof config.bridge === 'string' ? config.bridge : 'cni0', mtu);
  if (isCniError(bridge)) return bridge;
  if (flag(call, 'promiscMode')) {
    p.netlink().change(bridge, (link) => {
      link.promiscuous = true;
    });
  }
  const pair = makeVeth(call, inside, mtu);
  if (isCniError(pair)) return pair;
  p.netlink().setMaster(pair.host, bridge);
  const addresses = config.ipam?.type ? yield* delegateIpam(call, 'ADD') : {};
  if (isCniError(addresses)) return addresses;
  const { ips = [], routes = [] } = addresses ?? {};
  if (config.ipam?.type && ips.length === 0)
    return plainError('IPAM plugin returned missing IP config');
  const wanted = flag(call, 'isDefaultGateway')
    ? [...routes, { dst: '0.0.0.0/0', gw: ips[0]?.gateway ?? '' }]
    : routes;
  const failure = configureInterface(p, inside, pair.container, { ips, routes: wanted });
  if (failure) {
    yield* delegateIpam(call, 'DEL');
    return failure;
  }
  if (flag(call, 'isGateway') || flag(call, 'isDefaultGateway')) {
    for (const { address, gateway } of ips) {
      const length = parsePrefix(address)?.length ?? 24;
      const ip = gateway === undefined ? undefined : parseIp(gateway);
      if (ip !== undefined) p.netlink().addAddress(bridge, { prefix: { address: ip, length } });
    }
    // Otherwise the bridge wears the lowest address of its ports, and neighbours lose it when one comes.
    p.netlink().change(bridge, (link) => {
      link.macIsOwn = true;
    });
    yield* enableForwarding(p);
  }
  if (flag(call, 'ipMasq')) yield* masquerade(call, { ips });
  return {
    cniVersion: config.cniVersion ?? '0.1.0',
    interfaces: [
      { name: bridge.name, mac: bridge.mac },
      { name: pair.host.name, mac: pair.host.mac },
      { name: pair.container.name, mac: pair.container.mac, sandbox: call.netns },
    ],
    ips: ips.map((ip) => ({ ...ip, interface: 2 })),
    ...(wanted.length > 0 ? { routes: wanted } : {}),
    dns: {},
  };
}

/** DEL of bridge and ptp: the address is given back and the pair goes. */
function* vethDel(call: PluginCall): Routine<CniError | undefined> {
  const { process: p, config } = call;
  if (config.ipam?.type) {
    const freed = yield* delegateIpam(call, 'DEL');
    if (isCniError(freed)) return freed;
  }
  const inside = call.netns === '' ? undefined : openNetns(p, call.netns);
  let addresses: string[] = (config.prevResult?.ips ?? []).map(
    ({ address }) => address.split('/')[0] ?? '',
  );
  if (inside && !isCniError(inside)) {
    const link = inside.link(call.interfaceName);
    if (link) {
      addresses = link.addresses.map((a) => formatIp(a.address));
      p.netlink(inside).removeLink(link);
    }
  }
  if (flag(call, 'ipMasq')) yield* unmasquerade(call, addresses);
  return undefined;
}

/** CHECK of bridge and ptp, which begins its complaint with its name. */
function* vethCheck(call: PluginCall, prefix = ''): Routine<CniError | undefined> {
  const { process: p, config } = call;
  const inside = openNetns(p, call.netns);
  if (isCniError(inside)) return inside;
  if (config.ipam?.type) {
    const checked = yield* delegateIpam(call, 'CHECK');
    if (isCniError(checked)) return checked;
  }
  if (!config.prevResult) return plainError(`${prefix}Required prevResult missing`);
  return checkContainer(call, inside, config.prevResult);
}

function* ptpAdd(call: PluginCall): Routine<CniResult | CniError> {
  const { process: p, config } = call;
  const addresses = yield* delegateIpam(call, 'ADD');
  if (isCniError(addresses)) return addresses;
  const { ips = [], routes = [] } = addresses ?? {};
  if (ips.length === 0) return plainError('IPAM plugin returned missing IP config');
  yield* enableForwarding(p);
  const inside = openNetns(p, call.netns);
  if (isCniError(inside)) return inside;
  const pair = makeVeth(call, inside, typeof config.mtu === 'number' ? config.mtu : undefined);
  if (isCniError(pair)) return pair;
  for (const { address, gateway } of ips) {
    const prefix = parsePrefix(address);
    const via = gateway === undefined ? undefined : parseIp(gateway);
    if (!prefix || via === undefined) continue;
    const netlink = p.netlink(inside);
    netlink.addAddress(pair.container, { prefix, noPrefixRoute: true });
    netlink.addRoute({
      to: { address: via, length: 32 },
      link: pair.container,
      scope: 'link',
      source: prefix.address,
    });
    netlink.addRoute({
      to: { address: networkOf(prefix.address, prefix.length), length: prefix.length },
      via,
      link: pair.container,
      source: prefix.address,
    });
    p.netlink().addAddress(pair.host, { prefix: { address: via, length: 32 } });
    p.netlink().addRoute({
      to: { address: prefix.address, length: 32 },
      link: pair.host,
      scope: 'host',
    });
    for (const { dst } of routes) {
      const to = parsePrefix(dst);
      if (to) netlink.addRoute({ to, via, link: pair.container });
    }
  }
  if (flag(call, 'ipMasq')) yield* masquerade(call, { ips });
  return {
    cniVersion: config.cniVersion ?? '0.1.0',
    interfaces: [
      { name: pair.host.name, mac: pair.host.mac },
      { name: pair.container.name, mac: pair.container.mac, sandbox: call.netns },
    ],
    ips: ips.map((ip) => ({ ...ip, interface: 1 })),
    ...(routes.length > 0 ? { routes } : {}),
    dns: {},
  };
}

function* loopbackAdd(call: PluginCall): Routine<CniResult | CniError> {
  const inside = openNetns(call.process, call.netns);
  if (isCniError(inside)) return inside;
  call.process.netlink(inside).setUp(inside.loopback, true);
  return {
    cniVersion: call.config.cniVersion ?? '0.1.0',
    interfaces: [{ name: 'lo', mac: '00:00:00:00:00:00', sandbox: call.netns }],
    ips: [
      { address: '127.0.0.1/8', interface: 0 },
      { address: '::1/128', interface: 0 },
    ],
    dns: {},
  };
}

function* loopbackDel(call: PluginCall): Routine<undefined> {
  const inside = call.netns === '' ? undefined : openNetns(call.process, call.netns);
  if (inside && !isCniError(inside)) call.process.netlink(inside).setUp(inside.loopback, false);
  return undefined;
}

function* loopbackCheck(call: PluginCall): Routine<CniError | undefined> {
  const inside = openNetns(call.process, call.netns);
  if (isCniError(inside)) return inside;
  return inside.loopback.up ? undefined : plainError('loopback interface is down');
}

export const bridge = cniPlugin('bridge', { add: bridgeAdd, del: vethDel, check: vethCheck });
export const ptp = cniPlugin('ptp', {
  add: ptpAdd,
  del: vethDel,
  check: (call) => vethCheck(call, 'ptp: '),
});
export const loopback = cniPlugin('loopback', {
  add: loopbackAdd,
  del: loopbackDel,
  check: loopbackCheck,
});
