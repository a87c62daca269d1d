// The addresses and node ports of services: taken from the service network and the port range, kept as IPAddress
// objects and in the services themselves, given back when the service goes.

import type { Random } from '../../../core/random.ts';
import type { Routine } from '../../../core/wait.ts';
import { SERVICE_NETWORK } from '../bootstrap/system.ts';
import type { ResourceRequest, ServerParts } from '../handlers/context.ts';
import { ipAddress } from '../kinds/networking.ts';
import type { KubeObject } from '../object.ts';
import { ApiError, apiErrors } from '../status.ts';
import { CONFLICT } from '../storage/storage.ts';
import type { Service, ServicePort, ServiceSpec } from '../types/service.ts';
import { ipv4Network, ipv4Number, ipv4Text } from '../validation/addresses.ts';
import { type FieldError, fieldErrors } from '../validation/errors.ts';

const FIRST_PORT = 30000;
const LAST_PORT = 32767;
/** Ports at the low end of the range are left to those who name them. */
const STATIC_PORTS = 86;
const STATIC_ADDRESSES = 256;

const streams = new WeakMap<ServerParts, Random>();

function chance(server: ServerParts): Random {
  const known = streams.get(server);
  if (known) return known;
  const made = server.simulation.random.fork('api/services');
  streams.set(server, made);
  return made;
}

const specOf = (object: KubeObject): ServiceSpec => (object as unknown as Service).spec;

function invalid(object: KubeObject, errors: readonly FieldError[]): ApiError {
  return apiErrors.invalid('Service', '', object.metadata.name ?? '', errors);
}

/** Gives a service what it lacks; an error where what it asks for is taken. */
export function* allocateService(
  context: ResourceRequest,
  object: KubeObject,
  old: KubeObject | undefined,
): Routine<KubeObject | ApiError> {
  const before = old && specOf(old);
  const spec = specOf(object);
  const withPorts = withNodePorts(context, object, before);
  if (withPorts instanceof ApiError) return withPorts;
  const ported = withHealthPort(context, object, withPorts, before);
  if (spec.type === 'ExternalName') {
    const { clusterIP: _, clusterIPs: __, ipFamilies: ___, ipFamilyPolicy: ____, ...rest } = ported;
    return { ...object, spec: rest };
  }
  const families = { ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' };
  const asked = spec.clusterIP || spec.clusterIPs?.[0] || '';
  if (asked === 'None') {
    return { ...object, spec: { ...ported, clusterIP: 'None', clusterIPs: ['None'], ...families } };
  }
  const kept = before?.clusterIPs?.[0] ?? '';
  if (kept !== '' && kept !== 'None' && before?.type !== 'ExternalName') {
    return { ...object, spec: { ...families, ...ported, clusterIP: kept, clusterIPs: [kept] } };
  }
  const given = yield* takeAddress(context, object, asked);
  if (given instanceof ApiError) return given;
  return { ...object, spec: { ...ported, clusterIP: given, clusterIPs: [given], ...families } };
}

function* takeAddress(
  context: ResourceRequest,
  object: KubeObject,
  asked: string,
): Routine<string | ApiError> {
  const { server } = context;
  const cidr = server.options.serviceClusterIpRange ?? SERVICE_NETWORK;
  const network = ipv4Network(cidr) ?? { base: 0, size: 0 };
  const taken = server.storage.cache('ipaddresses');
  const refuse = (why: string): ApiError =>
    invalid(object, [
      fieldErrors.invalid('spec.clusterIPs', [asked], `failed to allocate IP ${asked}: ${why}`),
    ]);
  if (asked !== '') {
    const number = ipv4Number(asked) ?? -1;
    if (context.dryRun) {
      // A dry run takes nothing and so looks at the range alone.
      if (number >= network.base && number < network.base + network.size) return asked;
      return refuse(
        `the provided IP (${asked}) is not in the valid range. The range of valid IPs is ${cidr}`,
      );
    }
    if (number <= network.base || number >= network.base + network.size - 1) {
      return refuse('the provided network does not match the current range');
    }
    if (taken.get('', asked)) return refuse('provided IP is already allocated');
  }
  for (;;) {
    const address = asked !== '' ? asked : freeAddress(server, network);
    if (context.dryRun) return address;
    const written = yield* server.storage.create(
      ipAddress,
      addressObject(context, object, address),
    );
    if (written instanceof ApiError) return written;
    if (written !== CONFLICT) return address;
    if (asked !== '') return refuse('provided IP is already allocated');
  }
}

function freeAddress(server: ServerParts, network: { base: number; size: number }): string {
  const taken = server.storage.cache('ipaddresses');
  const low = Math.min(STATIC_ADDRESSES, Math.floor(network.size / 16));
  for (;;) {
    const offset = low + chance(server).int(network.size - low - 1);
    const address = ipv4Text(network.base + Math.max(1, offset));
    if (!taken.get('', address)) return address;
  }
}

function addressObject(context: ResourceRequest, object: KubeObject, address: string): KubeObject {
  const { name = '', namespace = '' } = object.metadata;
  return {
    kind: 'IPAddress',
    apiVersion: 'networking.k8s.io/v1',
    metadata: {
      name: address,
      uid: chance(context.server).uuid(),
      creationTimestamp: context.strategy.time,
      labels: {
        'ipaddress.kubernetes.io/ip-family': 'IPv4',
        'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
      },
    },
    spec: { parentRef: { group: '', resource: 'services', namespace, name } },
  };
}

/** The node ports that other services hold, by protocol and number. */
function takenPorts(server: ServerParts, except: KubeObject): Set<string> {
  const taken = new Set<string>();
  for (const service of server.storage.cache('services/specs').list(undefined)) {
    const { name, namespace } = service.metadata;
    if (name === except.metadata.name && namespace === except.metadata.namespace) continue;
    const { ports = [], healthCheckNodePort } = specOf(service);
    if (healthCheckNodePort) taken.add(`TCP/${healthCheckNodePort}`);
    for (const { protocol, nodePort } of ports) {
      if (nodePort) taken.add(`${protocol}/${nodePort}`);
    }
  }
  return taken;
}

function withNodePorts(
  { server, dryRun }: ResourceRequest,
  object: KubeObject,
  before: ServiceSpec | undefined,
): ServiceSpec | ApiError {
  const spec = specOf(object);
  const wants =
    spec.type === 'NodePort' ||
    (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
  if (!wants || !spec.ports) return spec;
  const taken = takenPorts(server, object);
  const errors: FieldError[] = [];
  const ports = spec.ports.map((port, i): ServicePort => {
    const earlier = before?.ports?.find(
      (one) => one.port === port.port && one.protocol === port.protocol,
    )?.nodePort;
    const asked = port.nodePort || earlier || 0;
    const field = `spec.ports[${i}].nodePort`;
    if (asked !== 0) {
      if (dryRun) return { ...port, nodePort: asked };
      if (asked < FIRST_PORT || asked > LAST_PORT) {
        errors.push(
          fieldErrors.invalid(
            field,
            asked,
            `provided port is not in the valid range. The range of valid ports is ${FIRST_PORT}-${LAST_PORT}`,
          ),
        );
      } else if (taken.has(`${port.protocol}/${asked}`)) {
        errors.push(fieldErrors.invalid(field, asked, 'provided port is already allocated'));
      }
      taken.add(`${port.protocol}/${asked}`);
      return { ...port, nodePort: asked };
    }
    const nodePort = freePort(server, taken, port.protocol ?? 'TCP');
    taken.add(`${port.protocol}/${nodePort}`);
    return { ...port, nodePort };
  });
  return errors.length > 0 ? invalid(object, errors) : { ...spec, ports };
}

/** A load balancer that keeps traffic on its node asks there, at a port of its own, whether to send any. */
function withHealthPort(
  { server }: ResourceRequest,
  object: KubeObject,
  spec: ServiceSpec,
  before: ServiceSpec | undefined,
): ServiceSpec {
  const { healthCheckNodePort, ...rest } = spec;
  if (spec.type !== 'LoadBalancer' || spec.externalTrafficPolicy !== 'Local') return rest;
  const kept = healthCheckNodePort || before?.healthCheckNodePort;
  if (kept) return { ...spec, healthCheckNodePort: kept };
  const taken = takenPorts(server, object);
  for (const { protocol, nodePort } of spec.ports ?? []) taken.add(`${protocol}/${nodePort}`);
  return { ...spec, healthCheckNodePort: freePort(server, taken, 'TCP') };
}

function freePort(server: ServerParts, taken: ReadonlySet<string>, protocol: string): number {
  for (;;) {
    const low = FIRST_PORT + STATIC_PORTS;
    const port = low + chance(server).int(LAST_PORT - low + 1);
    if (!taken.has(`${protocol}/${port}`)) return port;
  }
}

/** Gives back the address that a service held and its successor does not. */
export function* releaseService(
  { server, dryRun }: ResourceRequest,
  object: KubeObject,
  successor: KubeObject | undefined,
): Routine<void> {
  const held = specOf(object).clusterIPs?.[0] ?? '';
  if (dryRun || held === '' || held === 'None') return;
  if (successor && specOf(successor).clusterIPs?.[0] === held) return;
  const found = server.storage.cache('ipaddresses').get('', held);
  const parent = (found?.spec as { parentRef?: { name?: string } } | undefined)?.parentRef?.name;
  if (found && parent === object.metadata.name) yield* server.storage.remove(ipAddress, found);
}
