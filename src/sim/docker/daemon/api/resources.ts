// The API's networks and volumes.

import {
  type Container,
  findContainer,
  ApiError,
  isAlive,
  type Network,
  timeText,
} from '../model.ts';
import {
  checkEndpoint,
  connectEndpoint,
  endpointGone,
  newEndpoint,
  releaseEndpoint,
  usesResolver,
} from '../network/endpoints.ts';
import { serveNames } from '../network/dns.ts';
import { renewResolvConf, resolvConf, writeHosts } from '../network/files.ts';
import {
  activeEndpoints,
  createNetwork,
  findNetwork,
  type NetworkRequest,
  removeNetwork,
} from '../network/networks.ts';
import type { EndpointRequest, Strings } from '../types.ts';
import { createVolume, removeVolume, usersOf, volumeJson, volumeSize } from '../volumes.ts';
import { body, type Context, done, filtersOf, type Handler, isOn, json, refuse } from './answer.ts';
import { reading } from './request-bodies.ts';
import { hasLabel, matches } from './container-view.ts';
import { pruneFilters, wrongTruth } from './prune-filters.ts';

function networkJson(context: Context, network: Network, whole: boolean): Record<string, unknown> {
  const {
    name,
    id,
    created,
    driver,
    subnet,
    gateway,
    ipRange,
    aux,
    internal,
    attachable,
    options,
    labels,
  } = network;
  const Containers: Record<string, unknown> = {};
  for (const container of context.daemon.containers.values()) {
    for (const endpoint of whole ? container.endpoints.values() : []) {
      if (endpoint.network.id !== id || !isAlive(container)) continue;
      const address = endpoint.address === '' ? '' : `${endpoint.address}/${subnet.split('/')[1]}`;
      Containers[container.id] = {
        Name: container.name,
        EndpointID: endpoint.id,
        MacAddress: endpoint.mac,
        IPv4Address: address,
        IPv6Address: '',
      };
    }
  }
  const config =
    subnet === ''
      ? null
      : [
          {
            Subnet: subnet,
            ...(ipRange === '' ? {} : { IPRange: ipRange }),
            Gateway: gateway,
            ...(Object.keys(aux).length > 0 ? { AuxiliaryAddresses: aux } : {}),
          },
        ];
  return {
    Name: name,
    Id: id,
    Created: timeText(created),
    Scope: driver === 'overlay' ? 'swarm' : 'local',
    Driver: driver,
    EnableIPv4: true,
    EnableIPv6: network.enableIpv6,
    IPAM: {
      Driver: 'default',
      Options: network.name === 'bridge' || subnet === '' ? null : {},
      Config: config,
    },
    Internal: internal,
    Attachable: attachable,
    Ingress: name === 'ingress',
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Options: options,
    Labels: labels,
    ...(whole ? { Containers } : {}),
  };
}

function passesNetwork(
  context: Context,
  network: Network,
  filters: ReadonlyMap<string, readonly string[]>,
): boolean {
  const predefined = /^(bridge|host|none)$/.test(network.name);
  const one = (name: string, value: string): boolean => {
    if (name === 'name') return matches(value, network.name);
    if (name === 'id') return matches(value, network.id);
    if (name === 'driver') return network.driver === value;
    if (name === 'scope') return value === (network.driver === 'overlay' ? 'swarm' : 'local');
    if (name === 'type') return (value === 'builtin') === predefined;
    if (name === 'dangling')
      return (
        /^(true|1)$/.test(value) ===
        (!predefined && activeEndpoints(context.daemon, network).length === 0)
      );
    return true;
  };
  return [...filters].every(([name, values]) =>
    name === 'label'
      ? values.every((v) => hasLabel(network.labels, v))
      : values.some((v) => one(name, v)),
  );
}

const NETWORK_FILTERS = new Set(['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type']);

const listNetworks: Handler = function* (context) {
  const filters = filtersOf(context);
  const unknown = [...filters.keys()].find((name) => !NETWORK_FILTERS.has(name));
  if (unknown !== undefined) return refuse(new ApiError(400, `invalid filter '${unknown}'`));
  const type = filters.get('type')?.find((value) => !/^(builtin|custom)$/.test(value));
  if (type !== undefined)
    return refuse(
      new ApiError(400, "invalid value for filter 'type': must be 'builtin' or 'custom'"),
    );
  const truth = wrongTruth(filters, 'dangling');
  if (truth !== undefined) return refuse(new ApiError(400, truth));
  const found = [...context.daemon.networks.values()].filter((network) =>
    passesNetwork(context, network, filters),
  );
  return json(found.map((network) => networkJson(context, network, false)));
};

const inspectNetwork: Handler = function* (context) {
  const network = findNetwork(context.daemon, decodeURIComponent(context.parts[0] ?? ''));
  return network instanceof ApiError ? refuse(network) : json(networkJson(context, network, true));
};

const makeNetwork: Handler = function* (context) {
  const made = createNetwork(context.daemon, body<NetworkRequest>(context));
  return made instanceof ApiError ? refuse(made) : json({ Id: made.id, Warning: '' }, 201);
};

const deleteNetwork: Handler = function* (context) {
  const network = findNetwork(context.daemon, decodeURIComponent(context.parts[0] ?? ''));
  return network instanceof ApiError ? refuse(network) : done(removeSwarmNetwork(context, network));
};

/** Removes a network. One of the swarm goes when the last task that is on it has ended; that is promised at once. */
function removeSwarmNetwork({ daemon }: Context, network: Network): ApiError | undefined {
  const users = [...daemon.containers.values()].filter(
    (container) => container.endpoints.has(network.name) && isAlive(container),
  );
  const ending = users.every(({ config }) => 'com.docker.swarm.task.id' in config.Labels);
  if (network.driver !== 'overlay' || users.length === 0 || !ending)
    return removeNetwork(daemon, network);
  const services = new Set(users.map(({ config }) => config.Labels['com.docker.swarm.service.id']));
  const used = [...services].find((id) => daemon.swarm?.services.has(id ?? ''));
  if (used !== undefined)
    return new ApiError(
      400,
      `rpc error: code = FailedPrecondition desc = network ${network.id} is in use by service ${used}`,
    );
  daemon.thread(function* () {
    for (const user of users) while (isAlive(user)) yield { on: [user.changed] };
    removeNetwork(daemon, network);
  });
  return undefined;
}

function connect(
  context: Context,
  network: Network,
  container: Container,
  request: EndpointRequest,
): ApiError | undefined {
  const { name } = network;
  if (container.hostConfig.NetworkMode === 'host' || network.driver === 'host')
    return new ApiError(403, 'container cannot be connected to host network or removed from it');
  if (container.hostConfig.NetworkMode.startsWith('container:'))
    return new ApiError(
      403,
      'container sharing network namespace with another container or host cannot be connected to any other network',
    );
  if (
    container.endpoints.get(name)?.network.id === network.id &&
    (isAlive(container) || container.endpoints.has(name))
  )
    return new ApiError(
      403,
      `endpoint with name ${container.name} already exists in network ${name}`,
    );
  const wrong = checkEndpoint(network, request);
  if (wrong !== undefined) return new ApiError(400, `invalid endpoint settings:\n${wrong}`);
  const endpoint = newEndpoint(container, network, request);
  const before = resolvConf(context.daemon, container);
  const asked = [...container.endpoints.values()].some((one) => usesResolver(one.network));
  container.endpoints.set(name, endpoint);
  const failure = isAlive(container)
    ? connectEndpoint(context.daemon, container, endpoint)
    : undefined;
  if (failure) container.endpoints.delete(name);
  else if (isAlive(container)) {
    writeHosts(context.daemon, container);
    if (!asked && usesResolver(network)) {
      renewResolvConf(context.daemon, container, before);
      serveNames(context.daemon, container);
    }
  }
  return failure;
}

const connectNetwork: Handler = function* (context) {
  const { Container: ref, EndpointConfig } = body<{
    Container: string;
    EndpointConfig?: EndpointRequest;
  }>(context);
  const container = findContainer(context.daemon, ref);
  if (container instanceof ApiError) return refuse(container);
  const network = findNetwork(context.daemon, decodeURIComponent(context.parts[0] ?? ''));
  if (network instanceof ApiError) return refuse(network);
  return done(connect(context, network, container, EndpointConfig ?? {}));
};

const disconnectNetwork: Handler = function* (context) {
  const { Container: ref, Force } = body<{ Container: string; Force?: boolean }>(context);
  const name = decodeURIComponent(context.parts[0] ?? '');
  const container = findContainer(context.daemon, ref);
  if (container instanceof ApiError) return refuse(container);
  const network = findNetwork(context.daemon, name);
  if (network instanceof ApiError && !Force) return refuse(network);
  const key = network instanceof ApiError ? name : network.name;
  const endpoint = container.endpoints.get(key);
  if (key === 'host')
    return refuse(
      new ApiError(
        403,
        'container cannot be disconnected from host network - hostNetwork can only be changed at the time of container creation',
      ),
    );
  if (!endpoint)
    return refuse(
      new ApiError(403, `container ${container.id} is not connected to network ${key}`),
    );
  releaseEndpoint(context.daemon, container, endpoint);
  container.endpoints.delete(key);
  endpointGone(context.daemon, container);
  return done();
};

const pruneNetworks: Handler = function* (context) {
  const filters = pruneFilters(context, ['label', 'label!', 'until']);
  if (filters instanceof ApiError) return refuse(filters);
  const deleted: string[] = [];
  for (const network of [...context.daemon.networks.values()]) {
    if (
      /^(bridge|host|none)$/.test(network.name) ||
      activeEndpoints(context.daemon, network).length > 0 ||
      !filters.pass(network.labels, network.created)
    )
      continue;
    removeNetwork(context.daemon, network);
    deleted.push(network.name);
  }
  return json({ NetworksDeleted: deleted.length > 0 ? deleted : null });
};

const VOLUME_FILTERS = new Set(['dangling', 'driver', 'label', 'name']);

const listVolumes: Handler = function* (context) {
  const { daemon } = context;
  const filters = filtersOf(context);
  const unknown = [...filters.keys()].find((name) => !VOLUME_FILTERS.has(name));
  if (unknown !== undefined) return refuse(new ApiError(400, `invalid filter '${unknown}'`));
  const truth = wrongTruth(filters, 'dangling');
  if (truth !== undefined) return refuse(new ApiError(400, truth));
  const found = [...daemon.volumes.values()].filter((volume) =>
    [...filters].every(([name, values]) => {
      if (name === 'label') return values.every((value) => hasLabel(volume.labels, value));
      if (name === 'name') return values.some((value) => matches(value, volume.name));
      if (name === 'driver') return values.includes(volume.driver);
      return values.some(
        (value) => /^(true|1)$/.test(value) === (usersOf(daemon, volume.name).length === 0),
      );
    }),
  );
  found.sort((a, b) => (a.name < b.name ? -1 : 1));
  return json({
    Volumes: found.map((volume) =>
      volumeJson(volume, timeText(volume.created).replace(/\.\d+/, '')),
    ),
    Warnings: null,
  });
};

const inspectVolume: Handler = function* (context) {
  const name = decodeURIComponent(context.parts[0] ?? '');
  const volume = context.daemon.volumes.get(name);
  return volume
    ? json(volumeJson(volume, timeText(volume.created).replace(/\.\d+/, '')))
    : refuse(new ApiError(404, `get ${name}: no such volume`));
};

const makeVolume: Handler = function* (context) {
  const made = createVolume(
    context.daemon,
    body<{ Name?: string; Driver?: string; DriverOpts?: Strings; Labels?: Strings }>(context),
  );
  return made instanceof ApiError
    ? refuse(made)
    : json(volumeJson(made, timeText(made.created).replace(/\.\d+/, '')), 201);
};

const deleteVolume: Handler = function* (context) {
  return done(
    removeVolume(
      context.daemon,
      decodeURIComponent(context.parts[0] ?? ''),
      isOn(context, 'force'),
    ),
  );
};

const pruneVolumes: Handler = function* (context) {
  const { daemon } = context;
  const all = /^(true|1)$/.test(filtersOf(context).get('all')?.[0] ?? '');
  const filters = pruneFilters(context, ['all', 'label', 'label!']);
  if (filters instanceof ApiError) return refuse(filters);
  const deleted: string[] = [];
  let SpaceReclaimed = 0;
  for (const volume of [...daemon.volumes.values()]) {
    if (
      usersOf(daemon, volume.name).length > 0 ||
      (!all && !volume.anonymous) ||
      !filters.pass(volume.labels, volume.created)
    )
      continue;
    SpaceReclaimed += volumeSize(daemon, volume);
    removeVolume(daemon, volume.name, true);
    deleted.push(volume.name);
  }
  return json({ SpaceReclaimed, VolumesDeleted: deleted.length > 0 ? deleted : null });
};

/** Method, path, handler. */
export const resourceRoutes: readonly (readonly [string, string, Handler])[] = [
  ['GET', '/networks', listNetworks],
  ['POST', '/networks/create', reading('networkCreate', makeNetwork)],
  ['POST', '/networks/prune', pruneNetworks],
  ['GET', '/networks/*', inspectNetwork],
  ['DELETE', '/networks/*', deleteNetwork],
  ['POST', '/networks/*/connect', reading('networkConnect', connectNetwork)],
  ['POST', '/networks/*/disconnect', reading('networkDisconnect', disconnectNetwork)],
  ['GET', '/volumes', listVolumes],
  ['POST', '/volumes/create', reading('volumeCreate', makeVolume)],
  ['POST', '/volumes/prune', pruneVolumes],
  ['GET', '/volumes/*', inspectVolume],
  ['DELETE', '/volumes/*', deleteVolume],
];
