// kubectl describe of networking: services, endpoints and their slices, ingresses, network policies, address ranges.

import { selectorText } from '../../api/selectors.ts';
import type { KubeObject } from '../rest.ts';
import {
  conditionsOf,
  type Describer,
  type Facts,
  type Fields,
  labelLines,
  spec,
  status,
} from './facts.ts';
import { annotationsLine, heading, type Lines, longTime, pairsLine } from './writer.ts';

function service(out: Lines, { object, related }: Facts): void {
  heading(out, object);
  const s = spec(object) as Fields & {
    ports?: {
      name?: string;
      port: number;
      protocol?: string;
      targetPort?: unknown;
      nodePort?: number;
    }[];
    selector?: Record<string, string>;
    clusterIPs?: string[];
    ipFamilies?: string[];
  };
  pairsLine(out, 0, 'Selector', s.selector);
  out.put(0, `Type:\t${String(s.type ?? '')}`);
  if (s.ipFamilyPolicy) out.put(0, `IP Family Policy:\t${String(s.ipFamilyPolicy)}`);
  out.put(0, `IP Families:\t${s.ipFamilies?.join(',') || '<none>'}`);
  out.put(0, `IP:\t${String(s.clusterIP ?? '')}`);
  out.put(0, `IPs:\t${s.clusterIPs?.join(',') || '<none>'}`);
  const external = (s.externalIPs ?? []) as string[];
  if (external.length > 0) out.put(0, `External IPs:\t${external.join(',')}`);
  if (s.externalName) out.put(0, `External Name:\t${String(s.externalName)}`);
  const ingress = (
    (status(object).loadBalancer as { ingress?: { ip?: string; hostname?: string }[] } | undefined)
      ?.ingress ?? []
  ).map((one) => one.ip ?? one.hostname ?? '');
  if (ingress.length > 0) out.put(0, `LoadBalancer Ingress:\t${ingress.join(', ')}`);
  for (const port of s.ports ?? []) {
    out.put(0, `Port:\t${port.name || '<unset>'}\t${port.port}/${port.protocol ?? 'TCP'}`);
    out.put(0, `TargetPort:\t${String(port.targetPort ?? port.port)}/${port.protocol ?? 'TCP'}`);
    if (port.nodePort)
      out.put(
        0,
        `NodePort:\t${port.name || '<unset>'}\t${port.nodePort}/${port.protocol ?? 'TCP'}`,
      );
    out.put(0, `Endpoints:\t${endpointsOf(related, port.name ?? '')}`);
  }
  out.put(0, `Session Affinity:\t${String(s.sessionAffinity ?? '')}`);
  if (s.externalTrafficPolicy)
    out.put(0, `External Traffic Policy:\t${String(s.externalTrafficPolicy)}`);
  if (s.internalTrafficPolicy)
    out.put(0, `Internal Traffic Policy:\t${String(s.internalTrafficPolicy)}`);
}

/** Ready addresses of slices for the port of a name (formatEndpointSlices). */
function endpointsOf(slices: readonly KubeObject[], name: string): string {
  if (slices.length === 0) return '<none>';
  const found = slices.flatMap((slice) => {
    const port = ((slice.ports ?? []) as { name?: string; port?: number }[]).find(
      (one) => (one.name ?? '') === name,
    );
    if (!port) return [];
    return ((slice.endpoints ?? []) as { addresses: string[]; conditions?: { ready?: boolean } }[])
      .filter(({ conditions }) => conditions?.ready !== false)
      .flatMap(({ addresses }) => addresses.map((address) => `${address}:${port.port ?? ''}`));
  });
  const shown = found.slice(0, 3).join(',');
  return found.length > 3 ? `${shown} + ${found.length - 3} more...` : shown;
}

interface Subset {
  readonly addresses?: readonly { readonly ip: string }[];
  readonly notReadyAddresses?: readonly { readonly ip: string }[];
  readonly ports?: readonly {
    readonly name?: string;
    readonly port: number;
    readonly protocol?: string;
  }[];
}

function endpoints(out: Lines, { object }: Facts): void {
  heading(out, object);
  const addresses = (list: Subset['addresses'] = []): string =>
    list.map(({ ip }) => ip).join(',') || '<none>';
  out.put(0, 'Subsets:');
  for (const subset of (object.subsets ?? []) as Subset[]) {
    out.put(1, `Addresses:\t${addresses(subset.addresses)}`);
    out.put(1, `NotReadyAddresses:\t${addresses(subset.notReadyAddresses)}`);
    if (subset.ports?.length) {
      out.put(1, 'Ports:\n    Name\tPort\tProtocol\n    ----\t----\t--------');
      for (const { name, port, protocol } of subset.ports)
        out.put(2, `${name || '<unset>'}\t${port}\t${protocol ?? ''}`);
    }
    out.put(0, '');
  }
}

interface Endpoint {
  readonly addresses?: readonly string[];
  readonly conditions?: { readonly ready?: boolean };
  readonly hostname?: string;
  readonly nodeName?: string;
  readonly zone?: string;
  readonly targetRef?: { readonly kind: string; readonly name: string };
}

function endpointSlice(out: Lines, { object }: Facts): void {
  heading(out, object);
  out.put(0, `AddressType:\t${String(object.addressType ?? '')}`);
  const ports = (object.ports ?? []) as { name?: string; port?: number; protocol?: string }[];
  if (ports.length === 0) out.put(0, 'Ports: <unset>');
  else out.put(0, 'Ports:\n  Name\tPort\tProtocol\n  ----\t----\t--------');
  for (const { name, port, protocol } of ports)
    out.put(1, `${name || '<unset>'}\t${String(port ?? '<unset>')}\t${protocol ?? ''}`);
  const list = (object.endpoints ?? []) as Endpoint[];
  out.put(0, list.length === 0 ? 'Endpoints: <none>' : 'Endpoints:');
  for (const one of list) {
    out.put(1, `- Addresses:\t${one.addresses?.join(', ') || '<none>'}`);
    out.put(2, `Conditions:\n      Ready:\t${String(one.conditions?.ready ?? '<unset>')}`);
    out.put(2, `Hostname:\t${one.hostname ?? '<unset>'}`);
    if (one.targetRef) out.put(2, `TargetRef:\t${one.targetRef.kind}/${one.targetRef.name}`);
    out.put(2, `NodeName:\t${one.nodeName ?? '<unset>'}`);
    out.put(2, `Zone:\t${one.zone ?? '<unset>'}`);
  }
}

interface Backend {
  readonly service?: {
    readonly name: string;
    readonly port?: { readonly number?: number; readonly name?: string };
  };
  readonly resource?: { readonly apiGroup?: string; readonly kind: string; readonly name: string };
}

/** `web:80 (10.244.0.3:80)`, or why there is none. */
function backendText({ service, resource }: Backend, related: readonly KubeObject[]): string {
  if (resource)
    return `APIGroup: ${resource.apiGroup ?? '<none>'}, Kind: ${resource.kind}, Name: ${resource.name}`;
  if (!service) return '';
  const { number, name } = service.port ?? {};
  const shown = `${service.name}:${number ?? name ?? ''}`;
  const found = related.find(
    (one) => one.kind === 'Service' && one.metadata?.name === service.name,
  );
  if (!found) return `${shown} (<error: services "${service.name}" not found>)`;
  const ports = (spec(found).ports ?? []) as { name?: string; port: number }[];
  const port = ports.find((one) => (number ? one.port === number : one.name === name));
  const slices = related.filter(
    ({ metadata }) => metadata?.labels?.['kubernetes.io/service-name'] === service.name,
  );
  return `${shown} (${endpointsOf(slices, port?.name ?? '')})`;
}

function ingress(out: Lines, { object, related }: Facts): void {
  const s = spec(object) as Fields & {
    ingressClassName?: string;
    defaultBackend?: Backend;
    tls?: { secretName?: string; hosts?: string[] }[];
    rules?: { host?: string; http?: { paths: { path?: string; backend: Backend }[] } }[];
  };
  const { metadata } = object;
  const balancer = status(object).loadBalancer as
    | { ingress?: { ip?: string; hostname?: string }[] }
    | undefined;
  const addresses = (balancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '');
  out.put(0, `Name:\t${metadata?.name ?? ''}`);
  pairsLine(out, 0, 'Labels', metadata?.labels);
  out.put(0, `Namespace:\t${metadata?.namespace ?? ''}`);
  out.put(0, `Address:\t${[...new Set(addresses)].sort().join(',')}`);
  out.put(0, `Ingress Class:\t${s.ingressClassName ?? '<none>'}`);
  const fallback = s.defaultBackend ? backendText(s.defaultBackend, related) : '<default>';
  out.put(0, `Default backend:\t${fallback}`);
  if (s.tls?.length) out.put(0, 'TLS:');
  for (const { secretName, hosts = [] } of s.tls ?? [])
    out.put(
      1,
      secretName ? `${secretName} terminates ${hosts.join(',')}` : `SNI routes ${hosts.join(',')}`,
    );
  out.put(0, 'Rules:\n  Host\tPath\tBackends\n  ----\t----\t--------');
  const rules = (s.rules ?? []).filter(({ http }) => http);
  for (const { host, http } of rules) {
    out.put(1, `${host || '*'}\t`);
    for (const { path = '', backend } of http?.paths ?? [])
      out.put(2, `\t${path} \t${backendText(backend, related)}`);
  }
  if (rules.length === 0) out.put(1, `*\t*\t${fallback}`);
  annotationsLine(out, metadata?.annotations);
}

function ingressClass(out: Lines, { object }: Facts): void {
  const { controller = '', parameters } = spec(object) as {
    controller?: string;
    parameters?: { apiGroup?: string; kind: string; name: string };
  };
  heading(out, object, false);
  out.put(0, `Controller:\t${controller}`);
  if (!parameters) return;
  out.put(0, 'Parameters:');
  if (parameters.apiGroup) out.put(1, `APIGroup:\t${parameters.apiGroup}`);
  out.put(1, `Kind:\t${parameters.kind}\n  Name:\t${parameters.name}`);
}

function serviceCidr(out: Lines, { object }: Facts): void {
  heading(out, object, false);
  out.put(0, `CIDRs:\t${((spec(object).cidrs ?? []) as string[]).join(', ')}`);
  const list = conditionsOf(object);
  if (list.length === 0) return;
  out.put(0, 'Status:\nConditions:\n  Type\tStatus\tLastTransitionTime\tReason\tMessage');
  out.put(1, '----\t------\t------------------\t------\t-------');
  for (const { type, status: is, lastTransitionTime, reason = '', message = '' } of list)
    out.put(1, `${type}\t${is}\t${longTime(lastTransitionTime)}\t${reason}\t${message}`);
}

function ipAddress(out: Lines, { object }: Facts): void {
  heading(out, object, false);
  const parent = spec(object).parentRef as Readonly<Record<string, string>> | undefined;
  if (!parent) return;
  out.put(0, 'Parent Reference:');
  for (const field of ['group', 'resource', 'namespace', 'name'])
    out.put(1, `${field.charAt(0).toUpperCase()}${field.slice(1)}:\t${parent[field] ?? ''}`);
}

interface Peer {
  readonly podSelector?: object;
  readonly namespaceSelector?: object;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

interface PolicyRule {
  readonly ports?: readonly {
    readonly protocol?: string;
    readonly port?: string | number;
    readonly endPort?: number;
  }[];
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
}

function networkPolicy(out: Lines, { object }: Facts): void {
  const s = spec(object) as Fields & { policyTypes?: string[]; podSelector?: object };
  const { metadata } = object;
  out.put(0, `Name:\t${metadata?.name ?? ''}\nNamespace:\t${metadata?.namespace ?? ''}`);
  const created = (metadata?.creationTimestamp ?? '').replace('T', ' ').replace('Z', '');
  out.put(0, `Created on:\t${created} +0000 UTC`);
  labelLines(out, object);
  out.put(0, 'Spec:');
  const pods = selectorText((s.podSelector ?? {}) as never);
  out.put(
    1,
    `PodSelector:     ${pods === '' ? '<none> (Allowing the specific traffic to all pods in this namespace)' : pods}`,
  );
  const types = s.policyTypes ?? [];
  for (const [type, word, rules] of [
    ['Ingress', 'ingress', s.ingress],
    ['Egress', 'egress', s.egress],
  ] as const) {
    if (!types.includes(type)) out.put(1, `Not affecting ${word} traffic`);
    else {
      out.put(1, `Allowing ${word} traffic:`);
      policyRules(out, (rules ?? []) as PolicyRule[], word);
    }
  }
  out.put(1, `Policy Types: ${types.join(', ')}`);
}

function policyRules(out: Lines, rules: readonly PolicyRule[], word: 'ingress' | 'egress'): void {
  if (rules.length === 0)
    out.put(2, `<none> (Selected pods are isolated for ${word} connectivity)`);
  const [title, side] = word === 'ingress' ? ['From', 'source'] : ['To', 'destination'];
  for (const [i, { ports = [], from, to }] of rules.entries()) {
    if (ports.length === 0) out.put(2, 'To Port: <any> (traffic allowed to all ports)');
    for (const { protocol = 'TCP', port, endPort } of ports)
      out.put(
        2,
        endPort === undefined
          ? `To Port: ${String(port ?? '<nil>')}/${protocol}`
          : `To Port Range: ${String(port)}-${endPort}/${protocol}`,
      );
    const peers = (word === 'ingress' ? from : to) ?? [];
    if (peers.length === 0) out.put(2, `${title}: <any> (traffic not restricted by ${side})`);
    for (const peer of peers) peerLines(out, title ?? '', peer);
    if (i < rules.length - 1) out.put(2, '----------');
  }
}

function peerLines(out: Lines, title: string, peer: Peer): void {
  const text = (selector: object): string => selectorText(selector as never) || '<none>';
  out.put(2, `${title}:`);
  if (peer.namespaceSelector) out.put(3, `NamespaceSelector: ${text(peer.namespaceSelector)}`);
  if (peer.podSelector) out.put(3, `PodSelector: ${text(peer.podSelector)}`);
  if (peer.podSelector || peer.namespaceSelector || !peer.ipBlock) return;
  out.put(3, 'IPBlock:');
  out.put(
    4,
    `CIDR: ${peer.ipBlock.cidr}\n        Except: ${(peer.ipBlock.except ?? []).join(', ')}`,
  );
}

export const NETWORK: Readonly<Record<string, Describer>> = {
  Service: service,
  Endpoints: endpoints,
  EndpointSlice: endpointSlice,
  Ingress: ingress,
  IngressClass: ingressClass,
  ServiceCIDR: serviceCidr,
  IPAddress: ipAddress,
  NetworkPolicy: networkPolicy,
};
