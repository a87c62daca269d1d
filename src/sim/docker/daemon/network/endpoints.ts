// Connecting containers to networks: veth pairs, addresses and routes inside, published ports with their rules and
// docker-proxy, /etc/hosts, the resolver on 127.0.0.11.

import type { Routine } from '../../../core/wait.ts';
import { type Errno, isErrno } from '../../../kernel/errno.ts';
import { broadcastOf, inPrefix, parseIp, parsePrefix } from '../../../kernel/network/address.ts';
import type { NetworkNamespace } from '../../../kernel/network/namespace.ts';
import { ApiError, type Container, type Dockerd, type Endpoint, type Network } from '../model.ts';
import type { EndpointRequest, PortBinding } from '../types.ts';
import { serveNames } from './dns.ts';
import { findNetwork, takeAddress } from './networks.ts';
import { changePortRules } from './rules.ts';
import { writeHosts } from './files.ts';

/** The network namespace of a container's process. */
export function namespaceOf(daemon: Dockerd, container: Container): NetworkNamespace | undefined {
  return daemon.process.task.pidNamespace.tasks.get(container.state.pid)?.namespaces.net;
}

/** A container's endpoint on a network, before it is set up. */
export function newEndpoint(
  container: { name: string; id: string },
  network: Network,
  request: EndpointRequest,
): Endpoint {
  return {
    network,
    request,
    id: '',
    address: '',
    mac: '',
    device: '',
    hostLink: undefined,
    dnsNames:
      network.name === 'bridge'
        ? []
        : [...new Set([container.name, ...(request.Aliases ?? []), container.id.slice(0, 12)])],
  };
}

/** Refuses what does not fit the network: a fixed address outside of it, aliases on the default bridge. */
export function checkEndpoint(network: Network, request: EndpointRequest): string | undefined {
  const wanted = request.IPAMConfig?.IPv4Address;
  const aliases = request.Aliases ?? [];
  if (wanted !== undefined && wanted !== '') {
    if (/^(bridge|host|none)$/.test(network.name))
      return 'user-specified IP address is supported on user-defined networks only';
    const prefix = parsePrefix(network.subnet);
    const ip = parseIp(wanted);
    if (prefix && ip !== undefined && !inPrefix(ip, prefix))
      return `no configured subnet contains IP address ${wanted}`;
  }
  if (aliases.length > 0 && network.name === 'bridge')
    return 'network-scoped aliases are only supported for user-defined networks';
  return undefined;
}

/** Sets one endpoint up in the namespace of a running container. */
export function connectEndpoint(
  daemon: Dockerd,
  container: Container,
  endpoint: Endpoint,
): ApiError | undefined {
  const namespace = namespaceOf(daemon, container);
  const { network } = endpoint;
  const bridge = daemon.process.network.link(network.bridge);
  if (!namespace || !bridge) return undefined;
  const address = takeAddress(network, endpoint.request.IPAMConfig?.IPv4Address, container.id);
  if (address instanceof ApiError) return address;
  endpoint.id = daemon.newId();
  endpoint.address = address;
  const netlink = daemon.process.netlink();
  const inside = daemon.process.netlink(namespace);
  let index = 0;
  while (
    namespace.link(`eth${index}`) ||
    [...container.endpoints.values()].some((e) => e.device === `eth${index}`)
  )
    index++;
  endpoint.device = `eth${index}`;
  const name = `veth${daemon.newId().slice(0, 7)}`;
  const mac = endpoint.request.MacAddress;
  const peer = {
    name: endpoint.device,
    namespace,
    ...(mac === undefined || mac === '' ? {} : { mac }),
  };
  const link = netlink.addLink({ kind: 'veth', name, peer });
  if (isErrno(link) || !link.peer)
    return new ApiError(
      500,
      `failed to add the host (${name}) <=> sandbox (${endpoint.device}) pair interfaces: operation not supported`,
    );
  endpoint.hostLink = link;
  endpoint.mac = link.peer.mac;
  // libnetwork asks for veths and bridges without queues, and for no IPv6 where the network has none.
  link.queueLength = 0;
  link.peer.queueLength = 0;
  link.peer.disableIp6 = true;
  netlink.setMaster(link, bridge);
  netlink.setUp(link, true);
  const prefix = parsePrefix(`${address}/${network.subnet.split('/')[1]}`);
  if (prefix)
    inside.addAddress(link.peer, {
      prefix,
      broadcast: broadcastOf(prefix.address, prefix.length),
    });
  inside.setUp(link.peer, true);
  if (prefix) namespace.neighbours.announce(link.peer, prefix.address);
  setDefaultRoute(daemon, container);
  daemon.events.add('network', 'connect', network.id, {
    container: container.id,
    name: network.name,
    type: network.driver,
  });
  return undefined;
}

/** The default route leads through the first network, by name, that is not internal. */
function setDefaultRoute(daemon: Dockerd, container: Container): void {
  const namespace = namespaceOf(daemon, container);
  if (!namespace) return;
  const ready = [...container.endpoints.values()].filter((e) => e.hostLink && !e.network.internal);
  const [first] = ready.sort(
    (a, b) =>
      (b.request.GwPriority ?? 0) - (a.request.GwPriority ?? 0) ||
      (a.network.name < b.network.name ? -1 : 1),
  );
  const link = first?.hostLink?.peer;
  const to = parsePrefix('0.0.0.0/0');
  const via = parseIp(first?.network.gateway ?? '');
  if (link && to && via !== undefined)
    daemon.process.netlink(namespace).addRoute({ to, via, link }, 'replace');
}

/** Takes an endpoint down; its address is free again. */
export function releaseEndpoint(daemon: Dockerd, container: Container, endpoint: Endpoint): void {
  if (endpoint.address === '') return;
  endpoint.network.used.delete(endpoint.address);
  if (endpoint.hostLink) daemon.process.netlink().removeLink(endpoint.hostLink);
  daemon.events.add('network', 'disconnect', endpoint.network.id, {
    container: container.id,
    name: endpoint.network.name,
    type: endpoint.network.driver,
  });
  Object.assign(endpoint, { address: '', mac: '', id: '', device: '', hostLink: undefined });
}

/** Finds the networks that were not there when the container was made. */
export function resolveNetworks(daemon: Dockerd, container: Container): ApiError | undefined {
  for (const [ref, request] of container.unresolved) {
    const network = findNetwork(daemon, ref);
    if (network instanceof ApiError)
      return new ApiError(404, `failed to set up container networking: ${network.message}`);
    container.endpoints.set(network.name, newEndpoint(container, network, request));
    container.unresolved.delete(ref);
  }
  return undefined;
}

/** Sets up everything of a container's network: lo, endpoints, ports, files, the resolver. */
export function* startNetworking(
  daemon: Dockerd,
  container: Container,
): Routine<ApiError | undefined> {
  const { NetworkMode: mode } = container.hostConfig;
  if (mode === 'host' || mode.startsWith('container:')) return undefined;
  const namespace = namespaceOf(daemon, container);
  const lo = namespace?.link('lo');
  if (namespace && lo) daemon.process.netlink(namespace).setUp(lo, true);
  for (const endpoint of container.endpoints.values()) {
    if (!daemon.networks.has(endpoint.network.id)) {
      return new ApiError(
        404,
        `failed to set up container networking: network ${endpoint.network.id} not found`,
      );
    }
    if (endpoint.network.driver === 'null' || endpoint.network.driver === 'host') continue;
    const failure = connectEndpoint(daemon, container, endpoint);
    if (failure)
      return new ApiError(
        failure.status,
        `failed to set up container networking: ${failure.message}`,
      );
  }
  const refused = yield* publishPorts(daemon, container);
  if (refused) return refused;
  writeHosts(daemon, container);
  if ([...container.endpoints.values()].some((e) => usesResolver(e.network)))
    serveNames(daemon, container);
  return undefined;
}

/** True for networks whose containers ask 127.0.0.11. */
export function usesResolver(network: Network): boolean {
  return network.driver !== 'host' && network.driver !== 'null' && network.name !== 'bridge';
}

/** Ends everything of a container's network. */
export function stopNetworking(daemon: Dockerd, container: Container): void {
  const { netfilter } = daemon.process.network;
  const [endpoint] = container.endpoints.values();
  for (const [key, bindings] of Object.entries(container.ports)) {
    const [port = '', protocol = 'tcp'] = key.split('/');
    for (const { HostIp: hostIp, HostPort: hostPort } of bindings ?? []) {
      if (!endpoint || hostIp.includes(':')) continue;
      changePortRules(
        netfilter,
        {
          bridge: endpoint.network.bridge,
          protocol,
          hostIp,
          hostPort: Number(hostPort),
          address: endpoint.address,
          port: Number(port),
        },
        false,
      );
    }
  }
  for (const pid of container.proxies) daemon.process.kill(pid, 9);
  container.proxies = [];
  container.ports = {};
  for (const one of container.endpoints.values()) releaseEndpoint(daemon, container, one);
}

/** Why a port of the host cannot be had: `held` by another container, or what bind(2) says; nothing where it is free. */
function portTaken(
  daemon: Dockerd,
  protocol: string,
  hostIp: string,
  hostPort: number,
): 'held' | Errno | undefined {
  for (const other of daemon.containers.values()) {
    for (const [key, bindings] of Object.entries(other.ports)) {
      if (!key.endsWith(`/${protocol}`)) continue;
      for (const binding of bindings ?? []) {
        const same =
          binding.HostIp === hostIp || binding.HostIp === '0.0.0.0' || hostIp === '0.0.0.0';
        if (same && Number(binding.HostPort) === hostPort) return 'held';
      }
    }
  }
  const fd = daemon.process.socket('inet', protocol === 'udp' ? 'dgram' : 'stream');
  if (isErrno(fd)) return undefined;
  daemon.process.setsockopt(fd, 'SO_REUSEADDR', 1);
  const refused =
    daemon.process.bind(fd, { address: hostIp, port: hostPort }) ??
    (protocol === 'udp' ? undefined : daemon.process.listen(fd));
  daemon.process.close(fd);
  return refused;
}

/** The port of the host that a binding asks for: a number, a range, or any free one. */
function choosePort(
  daemon: Dockerd,
  protocol: string,
  hostIp: string,
  wanted: string,
): number | ApiError {
  const [low, high] = wanted === '' || wanted === '0' ? [0, 0] : wanted.split('-').map(Number);
  if (low === 0 || low === undefined) {
    while (portTaken(daemon, protocol, hostIp, daemon.nextPort)) daemon.nextPort++;
    return daemon.nextPort++;
  }
  let why: 'held' | Errno | undefined;
  for (let port = low; port <= (high ?? low); port++) {
    why = portTaken(daemon, protocol, hostIp, port);
    if (!why) return port;
  }
  return new ApiError(
    500,
    why === 'held'
      ? `Bind for ${hostIp}:${low} failed: port is already allocated`
      : `failed to bind host port ${hostIp}:${low}/${protocol}: ${why?.message.toLowerCase()}`,
  );
}

function* publishPorts(daemon: Dockerd, container: Container): Routine<ApiError | undefined> {
  const { hostConfig, config } = container;
  const [endpoint] = container.endpoints.values();
  const ports: Record<string, PortBinding[] | null> = {};
  const wanted = new Map<string, readonly PortBinding[]>();
  for (const key of Object.keys(config.ExposedPorts ?? {}))
    wanted.set(key, hostConfig.PublishAllPorts ? [{ HostIp: '', HostPort: '' }] : []);
  for (const [key, bindings] of Object.entries(hostConfig.PortBindings ?? {}))
    wanted.set(key, bindings?.length ? bindings : [{ HostIp: '', HostPort: '' }]);
  for (const [key, bindings] of [...wanted].sort(
    ([a], [b]) => Number.parseInt(a, 10) - Number.parseInt(b, 10),
  )) {
    const [port = '', protocol = 'tcp'] = key.split('/');
    const bound: PortBinding[] = [];
    for (const binding of bindings) {
      if (!endpoint || endpoint.address === '') continue;
      const hostIp = binding.HostIp === '' ? '0.0.0.0' : binding.HostIp;
      const hostPort = choosePort(daemon, protocol, hostIp, binding.HostPort);
      if (hostPort instanceof ApiError) {
        const name = `${container.name} (${endpoint.id})`;
        container.ports = ports;
        return new ApiError(
          500,
          `failed to set up container networking: driver failed programming external connectivity on endpoint ${name}: ${hostPort.message}`,
        );
      }
      bound.push({ HostIp: hostIp, HostPort: String(hostPort) });
      if (binding.HostIp === '') bound.push({ HostIp: '::', HostPort: String(hostPort) });
      changePortRules(
        daemon.process.network.netfilter,
        {
          bridge: endpoint.network.bridge,
          protocol,
          hostIp,
          hostPort,
          address: endpoint.address,
          port: Number(port),
        },
        true,
      );
      startProxy(daemon, container, {
        protocol,
        hostIp,
        hostPort,
        address: endpoint.address,
        port,
      });
    }
    ports[key] = bound.length > 0 ? bound : null;
  }
  container.ports = ports;
  return undefined;
}

/** The descriptor by which docker-proxy finds the socket that dockerd made for it. */
const PROXY_LISTEN_FD = 4;

/** docker-proxy: takes what comes to the host itself by 127.0.0.1. */
function startProxy(
  daemon: Dockerd,
  container: Container,
  way: { protocol: string; hostIp: string; hostPort: number; address: string; port: string },
): void {
  const { protocol, hostIp, hostPort, address, port } = way;
  const argv = [
    '/usr/bin/docker-proxy',
    '-proto',
    protocol,
    '-host-ip',
    hostIp,
    '-host-port',
    String(hostPort),
    '-container-ip',
    address,
    '-container-port',
    port,
    '-use-listen-fd',
  ];
  // The port listens before the container is reported to run; the proxy takes the socket over.
  const p = daemon.process;
  const fd = p.socket('inet', protocol === 'udp' ? 'dgram' : 'stream');
  if (isErrno(fd)) return;
  p.setsockopt(fd, 'SO_REUSEADDR', 1);
  const refused =
    p.bind(fd, { address: hostIp, port: hostPort }) ??
    (protocol === 'udp' ? undefined : p.listen(fd));
  const pid =
    refused ??
    p.fork(function* (child) {
      if (fd !== PROXY_LISTEN_FD) {
        child.close(PROXY_LISTEN_FD);
        child.dup(fd, PROXY_LISTEN_FD);
        child.close(fd);
      }
      child.exec('/usr/bin/docker-proxy', argv, child.environment);
      return 127;
    });
  p.close(fd);
  if (!isErrno(pid)) container.proxies.push(pid);
}

/** After an endpoint has gone: the default route moves on, /etc/hosts loses its line. */
export function endpointGone(daemon: Dockerd, container: Container): void {
  if (container.state.pid === 0) return;
  setDefaultRoute(daemon, container);
  writeHosts(daemon, container);
}
