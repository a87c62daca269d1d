// The plugin `kubernetes`: names of services, endpoints and pods below the cluster's domain (schema 1.1.0), and the way back
// from addresses to names.

import type { DnsMessage, DnsQuestion, DnsRecord } from '../../userland/dns/message.ts';
import type { EndpointSlice, Service, ServicePort } from '../api/types/service.ts';

const TTL = 30;

/** What the plugin knows. */
export interface ClusterNames {
  readonly zone: string;
  readonly services: () => Iterable<Service>;
  readonly slices: () => Iterable<EndpointSlice>;
  readonly namespaces: () => ReadonlySet<string>;
}

/** An answer: records, and NXDOMAIN where the name is not known. */
export type ClusterAnswer = Pick<DnsMessage, 'answers' | 'authority' | 'additional' | 'code'>;

interface Host {
  readonly address: string;
  readonly label: string;
  readonly ports: readonly {
    readonly name: string;
    readonly port: number;
    readonly protocol: string;
  }[];
}

function hostsOf(names: ClusterNames, service: Service): Host[] {
  const hosts: Host[] = [];
  const unready = service.spec.publishNotReadyAddresses;
  for (const slice of names.slices()) {
    const { namespace, labels = {} } = slice.metadata;
    if (
      namespace !== service.metadata.namespace ||
      labels['kubernetes.io/service-name'] !== service.metadata.name
    )
      continue;
    const ports = (slice.ports ?? []).map(({ name = '', port = 0, protocol = 'TCP' }) => ({
      name,
      port,
      protocol: protocol.toLowerCase(),
    }));
    for (const { addresses, conditions = {}, hostname } of slice.endpoints ?? []) {
      if (conditions.ready === false && !unready) continue;
      for (const address of addresses)
        hosts.push({ address, label: hostname ?? address.replaceAll('.', '-'), ports });
    }
  }
  return hosts.sort((a, b) => (a.address < b.address ? -1 : 1));
}

function soa(names: ClusterNames): DnsRecord {
  const zone = names.zone;
  return {
    name: zone,
    type: 'SOA',
    ttl: TTL,
    data: `ns.dns.${zone} hostmaster.${zone} 1772442000 7200 1800 86400 30`,
  };
}

function nothing(names: ClusterNames, code: 'NOERROR' | 'NXDOMAIN'): ClusterAnswer {
  return { answers: [], authority: [soa(names)], additional: [], code };
}

function found(
  names: ClusterNames,
  answers: readonly DnsRecord[],
  additional: readonly DnsRecord[] = [],
): ClusterAnswer {
  return answers.length > 0
    ? { answers, authority: [], additional, code: 'NOERROR' }
    : nothing(names, 'NOERROR');
}

function portMatches(
  port: { readonly name?: string; readonly protocol?: string },
  name: string,
  protocol: string,
): boolean {
  return (
    (name === '*' || port.name === name) && (port.protocol ?? 'TCP').toLowerCase() === protocol
  );
}

function services(names: ClusterNames, name: string, namespace: string): Service | undefined {
  for (const service of names.services()) {
    if (service.metadata.name === name && service.metadata.namespace === namespace) return service;
  }
  return undefined;
}

function srv(
  question: DnsQuestion,
  targets: readonly { readonly name: string; readonly port: number }[],
): DnsRecord[] {
  const weight = Math.floor(100 / Math.max(1, targets.length));
  return targets.map(({ name, port }) => ({
    name: question.name,
    type: 'SRV',
    ttl: TTL,
    data: `0 ${weight} ${port} ${name}`,
  }));
}

function serviceAnswer(
  names: ClusterNames,
  question: DnsQuestion,
  labels: readonly string[],
): ClusterAnswer {
  const namespace = labels.at(-1) ?? '';
  const name = labels.at(-2);
  if (name === undefined)
    return nothing(names, names.namespaces().has(namespace) ? 'NOERROR' : 'NXDOMAIN');
  const service = services(names, name, namespace);
  if (!service) return nothing(names, 'NXDOMAIN');
  const full = `${name}.${namespace}.svc.${names.zone}`;
  const { clusterIP = '', type, externalName = '', ports = [] } = service.spec;
  const before = labels.slice(0, -2);
  if (type === 'ExternalName') {
    const data = externalName.endsWith('.') ? externalName : `${externalName}.`;
    return found(names, [{ name: question.name, type: 'CNAME', ttl: TTL, data }]);
  }
  const headless = clusterIP === 'None';
  const [portLabel, protocolLabel] = before;
  const port =
    portLabel?.startsWith('_') && protocolLabel?.startsWith('_')
      ? ([portLabel.slice(1), protocolLabel.slice(1)] as const)
      : undefined;
  if (headless || (before.length === 1 && !port))
    return endpointAnswer(names, question, service, full, before, port);
  if (before.length > 0 && !port) return nothing(names, 'NXDOMAIN');
  const wanted = port ? ports.filter((one) => portMatches(one, port[0], port[1])) : ports;
  if (port && wanted.length === 0) return nothing(names, 'NXDOMAIN');
  const address: DnsRecord = { name: full, type: 'A', ttl: TTL, data: clusterIP };
  if (question.type === 'A') return found(names, [{ ...address, name: question.name }]);
  if (question.type !== 'SRV') return nothing(names, 'NOERROR');
  return found(
    names,
    srv(
      question,
      wanted.map((one: ServicePort) => ({ name: full, port: one.port })),
    ),
    [address],
  );
}

function endpointAnswer(
  names: ClusterNames,
  question: DnsQuestion,
  service: Service,
  full: string,
  before: readonly string[],
  port: readonly [string, string] | undefined,
): ClusterAnswer {
  let hosts = hostsOf(names, service);
  if (before.length === 1 && !port) hosts = hosts.filter(({ label }) => label === before[0]);
  else if (before.length > 0 && !port) return nothing(names, 'NXDOMAIN');
  if (hosts.length === 0) return nothing(names, 'NXDOMAIN');
  if (question.type === 'A') {
    return found(
      names,
      hosts.map(({ address }) => ({ name: question.name, type: 'A', ttl: TTL, data: address })),
    );
  }
  if (question.type !== 'SRV') return nothing(names, 'NOERROR');
  const targets = hosts.flatMap(({ label, ports }) =>
    ports
      .filter((one) => !port || portMatches(one, port[0], port[1]))
      .map((one) => ({ name: `${label}.${full}`, port: one.port })),
  );
  if (targets.length === 0) return nothing(names, 'NXDOMAIN');
  const extra = hosts.map(
    ({ address, label }): DnsRecord => ({
      name: `${label}.${full}`,
      type: 'A',
      ttl: TTL,
      data: address,
    }),
  );
  return found(names, srv(question, targets), extra);
}

/** Answers a question below the cluster's domain. */
export function clusterAnswer(names: ClusterNames, question: DnsQuestion): ClusterAnswer {
  const name = question.name.toLowerCase();
  const labels = name === names.zone ? [] : name.slice(0, -names.zone.length - 1).split('.');
  const kind = labels.at(-1);
  if (kind === undefined)
    return question.type === 'SOA' ? found(names, [soa(names)]) : nothing(names, 'NOERROR');
  const rest = labels.slice(0, -1);
  if (kind === 'dns-version' && rest.length === 0) {
    return question.type === 'TXT'
      ? found(names, [{ name: question.name, type: 'TXT', ttl: TTL, data: '"1.1.0"' }])
      : nothing(names, 'NOERROR');
  }
  if (kind === 'svc')
    return rest.length === 0 ? nothing(names, 'NOERROR') : serviceAnswer(names, question, rest);
  if (kind !== 'pod' || rest.length !== 2)
    return nothing(names, kind === 'pod' && rest.length < 2 ? 'NOERROR' : 'NXDOMAIN');
  const [dashed = '', namespace = ''] = rest;
  const address = dashed.replaceAll('-', '.');
  if (!/^\d+(\.\d+){3}$/.test(address) || !names.namespaces().has(namespace))
    return nothing(names, 'NXDOMAIN');
  return question.type === 'A'
    ? found(names, [{ name: question.name, type: 'A', ttl: TTL, data: address }])
    : nothing(names, 'NOERROR');
}

/** The names of an address; undefined where it is not the cluster's. */
export function reverseAnswer(
  names: ClusterNames,
  question: DnsQuestion,
): ClusterAnswer | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa\.$/.exec(question.name.toLowerCase());
  if (!match) return undefined;
  const address = match.slice(1).reverse().join('.');
  const found_: DnsRecord[] = [];
  const add = (data: string): void => {
    found_.push({ name: question.name, type: 'PTR', ttl: TTL, data });
  };
  for (const service of names.services()) {
    const { name, namespace } = service.metadata;
    const full = `${name}.${namespace}.svc.${names.zone}`;
    if (service.spec.clusterIP === address) add(full);
    for (const host of hostsOf(names, service))
      if (host.address === address) add(`${host.label}.${full}`);
  }
  return found_.length > 0 ? found(names, found_) : undefined;
}
