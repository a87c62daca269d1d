// Ports of kubectl port-forward: `8080:80`, `:80`, names of ports, and the ports of services as those of their pods.

import type { Pod } from '../api/types/pod.ts';
import type { Service } from '../api/types/service.ts';
import { failure } from './failure.ts';

export interface ForwardedPort {
  /** 0 for any that is free, until it is known. */
  local: number;
  readonly remote: number;
}

function split(port: string): [local: string, remote: string] {
  const parts = port.split(':');
  const [first = '', second = ''] = parts;
  return parts.length === 2 ? [first, second] : [first, first];
}

/** True for what Go's strconv.Atoi reads. */
function isNumber(text: string): boolean {
  return /^[+-]?\d+$/.test(text);
}

function joined(local: string, remote: string, number: number): string {
  return local === remote ? String(number) : `${local}:${number}`;
}

function podPortNamed(pod: Pod, name: string): number {
  const { containers, initContainers = [] } = pod.spec;
  const ports = [...containers, ...initContainers].flatMap((container) => container.ports ?? []);
  const found = ports.find((port) => port.name === name)?.containerPort;
  if (found !== undefined) return found;
  throw failure(`Pod '${pod.metadata.name}' does not have a named port '${name}'`);
}

function servicePortNamed(service: Service, name: string): number {
  const found = (service.spec.ports ?? []).find((port) => port.name === name)?.port;
  if (found !== undefined) return found;
  throw failure(`Service '${service.metadata.name}' does not have a named port '${name}'`);
}

interface ProtocolPort {
  readonly number: number;
  readonly protocol?: string | undefined;
}

function refuseUdp(
  ports: readonly string[],
  known: readonly ProtocolPort[],
  named: (name: string) => number,
): void {
  const having = (protocol: string): Set<number> =>
    new Set(known.filter((port) => port.protocol === protocol).map(({ number }) => number));
  const [udp, tcp] = [having('UDP'), having('TCP')];
  for (const port of ports) {
    const [, remote] = split(port);
    const number = isNumber(remote) ? Number(remote) : named(remote);
    if (udp.has(number) && !tcp.has(number))
      throw failure(`UDP protocol is not supported for ${remote}`);
  }
}

/** The ports as numbers of a pod's ports. */
export function podPorts(ports: readonly string[], pod: Pod): string[] {
  const known = pod.spec.containers
    .flatMap((container) => container.ports ?? [])
    .map(({ containerPort, protocol }) => ({ number: containerPort, protocol }));
  refuseUdp(ports, known, (name) => podPortNamed(pod, name));
  return ports.map((port) => {
    const [local, remote] = split(port);
    if (remote === '') throw failure('remote port cannot be empty');
    if (isNumber(remote)) return local === remote ? remote : `${local}:${remote}`;
    return joined(local, remote, podPortNamed(pod, remote));
  });
}

/** The ports of a service as numbers of its pod's ports. */
export function servicePorts(ports: readonly string[], service: Service, pod: Pod): string[] {
  const known = (service.spec.ports ?? []).map(({ port, protocol }) => ({
    number: port,
    protocol,
  }));
  refuseUdp(ports, known, (name) => servicePortNamed(service, name));
  return ports.map((port) => {
    let [local, remote] = split(port);
    let number = Number(remote);
    if (!isNumber(remote)) {
      number = servicePortNamed(service, remote);
      if (local === remote) local = String(number);
    }
    remote = String(targetPort(service, pod, number));
    return local === remote ? remote : `${local}:${remote}`;
  });
}

function targetPort(service: Service, pod: Pod, number: number): number {
  const found = (service.spec.ports ?? []).find(({ port }) => port === number);
  if (!found)
    throw failure(`Service ${service.metadata.name} does not have a service port ${number}`);
  if (service.spec.clusterIP === 'None') return number;
  const { targetPort: target } = found;
  if (typeof target === 'string') return podPortNamed(pod, target);
  return target || number;
}

/** Reads the ports that are to be forwarded (portforward.parsePorts). */
export function parsePorts(ports: readonly string[]): ForwardedPort[] {
  return ports.map((port) => {
    const parts = port.split(':');
    if (parts.length > 2) throw failure(`invalid port format '${port}'`);
    const [first = '', second = first] = parts;
    const local = parsePort(parts.length === 2 && first === '' ? '0' : first, 'local');
    const remote = parsePort(second, 'remote');
    if (remote === 0) throw failure('remote port must be > 0');
    return { local, remote };
  });
}

function parsePort(text: string, which: string): number {
  const why = !/^\d+$/.test(text)
    ? 'invalid syntax'
    : Number(text) > 65_535
      ? 'value out of range'
      : '';
  if (why === '') return Number(text);
  throw failure(
    `error parsing ${which} port '${text}': strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`,
  );
}
