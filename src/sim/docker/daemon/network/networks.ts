// Networks: the three that are always there, user-defined bridges, their subnets and addresses (libnetwork, ipam).

import { isErrno } from '../../../kernel/errno.ts';
import {
  broadcastOf,
  formatIp,
  inPrefix,
  networkOf,
  parseIp,
  parsePrefix,
} from '../../../kernel/network/address.ts';
import { ApiError, type Dockerd, type Network } from '../model.ts';
import type { Strings } from '../types.ts';
import { changeBridgeRules, closeForwarding, writeChains } from './rules.ts';

/** network.CreateRequest */
export interface NetworkRequest {
  readonly Name: string;
  readonly Driver?: string;
  readonly Internal?: boolean;
  readonly Attachable?: boolean;
  readonly EnableIPv6?: boolean;
  readonly IPAM?: { readonly Driver?: string; readonly Config?: readonly IpamRequest[] };
  readonly Options?: Strings;
  readonly Labels?: Strings;
}

interface IpamRequest {
  readonly Subnet?: string;
  readonly IPRange?: string;
  readonly Gateway?: string;
  readonly AuxiliaryAddresses?: Strings;
}

const BRIDGE_OPTIONS: Strings = {
  'com.docker.network.bridge.default_bridge': 'true',
  'com.docker.network.bridge.enable_icc': 'true',
  'com.docker.network.bridge.enable_ip_masquerade': 'true',
  'com.docker.network.bridge.host_binding_ipv4': '0.0.0.0',
  'com.docker.network.bridge.name': 'docker0',
  'com.docker.network.driver.mtu': '1500',
};

/** The default pools: 172.17 to 172.31 as /16, 192.168 as /20. */
function poolSubnet(index: number): string | undefined {
  if (index < 15) return `172.${17 + index}.0.0/16`;
  return index < 31 ? `192.168.${(index - 15) * 16}.0/20` : undefined;
}

function add(daemon: Dockerd, parts: Partial<Network> & Pick<Network, 'name' | 'driver'>): Network {
  const network: Network = {
    id: daemon.newId(),
    created: daemon.now,
    subnet: '',
    gateway: '',
    ipRange: '',
    internal: false,
    attachable: false,
    labels: {},
    options: {},
    bridge: '',
    aux: {},
    enableIpv6: false,
    configured: false,
    used: new Map(),
    ...parts,
  };
  daemon.networks.set(network.id, network);
  return network;
}

/** Makes bridge, host and none, docker0 and the chains of iptables. */
export function setUpNetworking(daemon: Dockerd): void {
  const { settings, netfilter } = daemon.process.network;
  if (!settings.forwarding) closeForwarding(netfilter);
  settings.forwarding = true;
  writeChains(netfilter);
  if (daemon.networks.size > 0) {
    for (const network of daemon.networks.values()) if (network.bridge) bringBack(daemon, network);
    return;
  }
  const subnet = poolSubnet(daemon.subnetsUsed++) ?? '';
  makeBridge(
    daemon,
    add(daemon, {
      name: 'bridge',
      driver: 'bridge',
      subnet,
      gateway: '172.17.0.1',
      bridge: 'docker0',
      options: BRIDGE_OPTIONS,
    }),
  );
  add(daemon, { name: 'host', driver: 'host' });
  add(daemon, { name: 'none', driver: 'null' });
}

/** The bridge of a network that an earlier daemon made: its rules are written anew. */
function bringBack(daemon: Dockerd, network: Network): void {
  changeBridgeRules(daemon.process.network.netfilter, network, false);
  makeBridge(daemon, network);
}

function makeBridge(daemon: Dockerd, network: Network): void {
  const netlink = daemon.process.netlink();
  const link =
    daemon.process.network.link(network.bridge) ??
    netlink.addLink({ kind: 'bridge', name: network.bridge });
  const prefix = parsePrefix(`${network.gateway}/${network.subnet.split('/')[1]}`);
  if (isErrno(link) || !prefix) return;
  link.queueLength = 0;
  netlink.addAddress(link, { prefix, broadcast: broadcastOf(prefix.address, prefix.length) });
  netlink.setUp(link, true);
  network.used.set(network.gateway, 'gateway');
  changeBridgeRules(daemon.process.network.netfilter, network, true);
}

/** A network by id, name, or the beginning of its id. */
export function findNetwork(daemon: Dockerd, ref: string): Network | ApiError {
  const all = [...daemon.networks.values()];
  const exact = daemon.networks.get(ref) ?? all.find((network) => network.name === ref);
  if (exact) return exact;
  const begins = /^[0-9a-f]+$/.test(ref) ? all.filter((network) => network.id.startsWith(ref)) : [];
  if (begins.length > 1)
    return new ApiError(
      400,
      `network ${ref} is ambiguous (${begins.length} matches found based on ID prefix)`,
    );
  return begins[0] ?? new ApiError(404, `network ${ref} not found`);
}

function overlaps(a: string, b: string): boolean {
  const first = parsePrefix(a);
  const second = parsePrefix(b);
  if (!first || !second) return false;
  return (
    inPrefix(networkOf(first.address, first.length), {
      ...second,
      address: networkOf(second.address, second.length),
    }) ||
    inPrefix(networkOf(second.address, second.length), {
      ...first,
      address: networkOf(first.address, first.length),
    })
  );
}

function freeSubnet(daemon: Dockerd): string | ApiError {
  const taken = [...daemon.networks.values()]
    .map((network) => network.subnet)
    .filter((subnet) => subnet !== '');
  for (let tried = 0; tried < 31; tried++) {
    const subnet = poolSubnet(daemon.subnetsUsed % 31);
    daemon.subnetsUsed++;
    if (subnet !== undefined && !taken.some((other) => overlaps(other, subnet))) return subnet;
  }
  return new ApiError(500, 'all predefined address pools have been fully subnetted');
}

/** Overlay networks get /24s of 10.0.0.0/8. */
function overlaySubnet(daemon: Dockerd): string {
  const taken = new Set([...daemon.networks.values()].map((network) => network.subnet));
  let third = 1;
  while (taken.has(`10.0.${third}.0/24`)) third++;
  return `10.0.${third}.0/24`;
}

/** POST /networks/create */
export function createNetwork(daemon: Dockerd, request: NetworkRequest): Network | ApiError {
  const { Name: name } = request;
  const driver = request.Driver || 'bridge';
  if (/^(bridge|host|none|default)$/.test(name))
    return new ApiError(403, `operation is not permitted on predefined ${name} network`);
  if (name.trim() === '') return new ApiError(400, 'invalid network name: name is empty');
  if ([...daemon.networks.values()].some((network) => network.name === name))
    return new ApiError(409, `network with name ${name} already exists`);
  if (driver === 'host' || driver === 'null')
    return new ApiError(403, `only one instance of "${driver}" network is allowed`);
  if (driver === 'overlay' && !daemon.swarm)
    return new ApiError(
      503,
      'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
    );
  if (!['bridge', 'macvlan', 'ipvlan', 'overlay'].includes(driver))
    return new ApiError(404, `plugin "${driver}" not found`);
  const [config = {}] = request.IPAM?.Config ?? [];
  const subnet =
    config.Subnet ?? (driver === 'overlay' ? overlaySubnet(daemon) : freeSubnet(daemon));
  if (subnet instanceof ApiError) return subnet;
  const wrong = checkSubnet(daemon, subnet, config);
  if (wrong) return wrong;
  const prefix = parsePrefix(subnet);
  const gateway =
    config.Gateway ?? (prefix ? formatIp(networkOf(prefix.address, prefix.length) + 1) : '');
  const id = daemon.newId();
  const bridge = request.Options?.['com.docker.network.bridge.name'] ?? `br-${id.slice(0, 12)}`;
  const network = add(daemon, {
    id,
    name,
    driver,
    subnet,
    gateway,
    bridge,
    ipRange: config.IPRange ?? '',
    aux: config.AuxiliaryAddresses ?? {},
    internal: request.Internal ?? false,
    attachable: request.Attachable ?? false,
    labels: request.Labels ?? {},
    options: request.Options ?? {},
    enableIpv6: request.EnableIPv6 ?? false,
    configured: config.Subnet !== undefined,
  });
  makeBridge(daemon, network);
  for (const address of Object.values(network.aux)) network.used.set(address, 'auxiliary');
  daemon.events.add('network', 'create', id, { name, type: driver });
  return network;
}

/** What netip.ParsePrefix says. */
function wrongPrefix(text: string): string {
  const [, address = '', length] = /^([^/]*)(?:\/([^]*))?$/.exec(text) ?? [];
  const problem = (why: string): string => `netip.ParsePrefix(${JSON.stringify(text)}): ${why}`;
  if (length === undefined) return problem("no '/'");
  if (parseIp(address) === undefined)
    return problem(`ParseAddr(${JSON.stringify(address)}): unable to parse IP`);
  return problem(
    /^\d+$/.test(length)
      ? 'prefix length out of range'
      : `bad bits after slash: ${JSON.stringify(length)}`,
  );
}

function checkSubnet(daemon: Dockerd, subnet: string, config: IpamRequest): ApiError | undefined {
  const prefix = parsePrefix(subnet);
  if (!prefix || !subnet.includes('/'))
    return new ApiError(400, `invalid JSON: ${wrongPrefix(subnet)}`);
  if (networkOf(prefix.address, prefix.length) !== prefix.address) {
    return new ApiError(
      400,
      `invalid network config:\ninvalid subnet ${subnet}: it should be ${formatIp(networkOf(prefix.address, prefix.length))}/${prefix.length}`,
    );
  }
  const gateway = config.Gateway === undefined ? undefined : parseIp(config.Gateway);
  if (gateway !== undefined && !inPrefix(gateway, prefix)) {
    return new ApiError(
      400,
      `invalid network config:\ninvalid gateway ${config.Gateway}: parent subnet is ${subnet}`,
    );
  }
  if (
    [...daemon.networks.values()].some(
      (network) => network.subnet !== '' && overlaps(network.subnet, subnet),
    )
  ) {
    return new ApiError(
      403,
      'invalid pool request: Pool overlaps with other one on this address space',
    );
  }
  return undefined;
}

/** DELETE /networks/NAME */
export function removeNetwork(daemon: Dockerd, network: Network): ApiError | undefined {
  if (/^(bridge|host|none)$/.test(network.name)) {
    return new ApiError(403, `${network.name} is a pre-defined network and cannot be removed`);
  }
  const users = activeEndpoints(daemon, network);
  if (users.length > 0) {
    const list = users
      .map(({ name, endpoint }) => `name:"${name}" id:"${endpoint.slice(0, 12)}"`)
      .join(', ');
    return new ApiError(
      403,
      `error while removing network: network ${network.name} has active endpoints (${list})`,
    );
  }
  const link = daemon.process.network.link(network.bridge);
  changeBridgeRules(daemon.process.network.netfilter, network, false);
  if (link) daemon.process.netlink().removeLink(link);
  daemon.networks.delete(network.id);
  daemon.events.add('network', 'destroy', network.id, { name: network.name, type: network.driver });
  return undefined;
}

/** Containers that are on a network and run. */
export function activeEndpoints(
  daemon: Dockerd,
  network: Network,
): { name: string; endpoint: string }[] {
  const found: { name: string; endpoint: string }[] = [];
  for (const container of daemon.containers.values()) {
    for (const endpoint of container.endpoints.values()) {
      if (endpoint.network.id === network.id && endpoint.address !== '' && container.state.pid > 0)
        found.push({ name: container.name, endpoint: endpoint.id });
    }
  }
  return found;
}

/** Takes an address: the one wanted, or the lowest free. */
export function takeAddress(
  network: Network,
  wanted: string | undefined,
  holder: string,
): string | ApiError {
  if (wanted !== undefined && wanted !== '') {
    if (network.used.has(wanted)) return new ApiError(403, 'Address already in use');
    network.used.set(wanted, holder);
    return wanted;
  }
  const prefix = parsePrefix(network.ipRange || network.subnet);
  if (!prefix) return '';
  const first = networkOf(prefix.address, prefix.length);
  const last = broadcastOf(prefix.address, prefix.length);
  for (let ip = first + (network.ipRange === '' ? 1 : 0); ip < last; ip++) {
    const text = formatIp(ip);
    if (network.used.has(text)) continue;
    network.used.set(text, holder);
    return text;
  }
  return new ApiError(
    403,
    "no available IPv4 addresses on this network's address pools: " +
      `${network.name} (${network.id})`,
  );
}
