// The rules of kube-proxy in iptables mode, as iptables-restore takes them: for each port of a service a KUBE-SVC chain that
// picks an endpoint, for each endpoint a KUBE-SEP chain with the DNAT. Pure.

import { sha256 } from '../../core/sha256.ts';
import { encode } from '../../core/text.ts';
import type { Service, ServicePort } from '../api/types/service.ts';
import { type Categories, categorize, type Endpoint, type ProxyState } from './endpoints.ts';

/** The lines of both tables, and the chains that are of services and endpoints. */
export interface ProxyRules {
  readonly text: string;
  readonly chains: ReadonlySet<string>;
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The first sixteen letters of the base32 of a text's SHA-256. */
export function chainHash(text: string): string {
  const hex = sha256(encode(text));
  let bits = '';
  for (let i = 0; i < 20; i++)
    bits += Number.parseInt(hex.slice(i, i + 1), 16)
      .toString(2)
      .padStart(4, '0');
  let out = '';
  for (let i = 0; i < 16; i++)
    out += BASE32[Number.parseInt(bits.slice(i * 5, i * 5 + 5), 2)] ?? '';
  return out;
}

/** `default/web:http`. */
function portName({ metadata }: Service, port: ServicePort): string {
  return `${metadata.namespace}/${metadata.name}${port.name ? `:${port.name}` : ''}`;
}

function comment(text: string): string {
  return `-m comment --comment "${text}"`;
}

/** Rules in the making. */
interface Draft {
  readonly nat: string[];
  readonly filter: string[];
  readonly services: string[];
  readonly nodePorts: string[];
  readonly chains: Set<string>;
}

/** A chain that spreads over endpoints. */
function balance(
  draft: Draft,
  chain: string,
  name: string,
  endpoints: readonly Endpoint[],
  sep: (e: Endpoint) => string,
  affinity: number | undefined,
): void {
  if (affinity !== undefined) {
    for (const endpoint of endpoints) {
      const to = sep(endpoint);
      draft.nat.push(
        `-A ${chain} ${comment(`${name} -> ${endpoint.address}`)} -m recent --name ${to} --rcheck --seconds ${affinity} --reap -j ${to}`,
      );
    }
  }
  for (const [i, endpoint] of endpoints.entries()) {
    const left = endpoints.length - i;
    const share =
      left > 1 ? ` -m statistic --mode random --probability ${(1 / left).toFixed(10)}` : '';
    draft.nat.push(
      `-A ${chain} ${comment(`${name} -> ${endpoint.address}`)}${share} -j ${sep(endpoint)}`,
    );
  }
}

/** One port of a service with all that its rules need. */
interface PortFacts {
  readonly service: Service;
  readonly port: ServicePort;
  readonly name: string;
  readonly protocol: string;
  readonly hash: string;
  readonly endpoints: Categories;
  /** Addresses of load balancers. */
  readonly balancers: readonly string[];
  readonly internalLocal: boolean;
  readonly externalLocal: boolean;
  /** It is reached from outside the cluster. */
  readonly external: boolean;
}

function factsOf(state: ProxyState, service: Service, port: ServicePort): PortFacts {
  const { spec, status } = service;
  const name = portName(service, port);
  const protocol = (port.protocol ?? 'TCP').toLowerCase();
  const balancers = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, ipMode }) =>
    ip && ipMode !== 'Proxy' ? [ip] : [],
  );
  return {
    service,
    port,
    name,
    protocol,
    hash: chainHash(name + protocol),
    endpoints: categorize(state, service, port),
    balancers,
    internalLocal: spec.internalTrafficPolicy === 'Local',
    externalLocal: spec.externalTrafficPolicy === 'Local',
    external: Boolean(port.nodePort || balancers.length > 0 || spec.externalIPs?.length),
  };
}

/** What matches a port's traffic to an address. */
function to({ protocol, port }: PortFacts, address: string): string {
  return `-m ${protocol} -p ${protocol} -d ${address} --dport ${port.port}`;
}

/** Rules for traffic that nothing takes: refused where there is no endpoint, dropped where there is none on this node. */
function refuse(draft: Draft, facts: PortFacts): void {
  const { service, port, name, protocol, endpoints, balancers } = facts;
  const { any, local } = endpoints;
  const why = comment(any ? `${name} has no local endpoints` : `${name} has no endpoints`);
  const target = any ? '-j DROP' : '-j REJECT';
  if (!any || (facts.internalLocal && local.length === 0))
    draft.filter.push(
      `-A KUBE-SERVICES ${why} ${to(facts, service.spec.clusterIP ?? '')} ${target}`,
    );
  if (any && !(facts.externalLocal && local.length === 0)) return;
  for (const ip of [...(service.spec.externalIPs ?? []), ...balancers])
    draft.filter.push(`-A KUBE-EXTERNAL-SERVICES ${why} ${to(facts, ip)} ${target}`);
  if (port.nodePort)
    draft.filter.push(
      `-A KUBE-EXTERNAL-SERVICES ${why} -m addrtype --dst-type LOCAL -m ${protocol} -p ${protocol} --dport ${port.nodePort} ${target}`,
    );
}

/** The rules by which a service's addresses and node ports lead to its chains. */
function entries(draft: Draft, facts: PortFacts, inside: string | undefined): void {
  const { service, port, name, protocol, hash, endpoints, balancers } = facts;
  const { clusterIP = '', externalIPs = [], loadBalancerSourceRanges = [] } = service.spec;
  const ext = `KUBE-EXT-${hash}`;
  const rule = (what: string, ip: string, chain: string): string =>
    `-A KUBE-SERVICES ${comment(`${name} ${what}`)} ${to(facts, ip)} -j ${chain}`;
  if (inside) draft.services.push(rule('cluster IP', clusterIP, inside));
  if (!endpoints.any) return;
  for (const ip of externalIPs) draft.services.push(rule('external IP', ip, ext));
  const guarded = loadBalancerSourceRanges.length > 0;
  for (const ip of balancers) {
    draft.services.push(rule('loadbalancer IP', ip, guarded ? `KUBE-FW-${hash}` : ext));
    if (guarded)
      draft.filter.push(
        `-A KUBE-PROXY-FIREWALL ${comment(`${name} traffic not accepted by KUBE-FW-${hash}`)} ${to(facts, ip)} -j DROP`,
      );
  }
  if (port.nodePort)
    draft.nodePorts.push(
      `-A KUBE-NODEPORTS ${comment(name)} -m ${protocol} -p ${protocol} --dport ${port.nodePort} -j ${ext}`,
    );
}

/** KUBE-EXT: traffic from outside, masqueraded unless it has to stay on the node. */
function external(draft: Draft, state: ProxyState, facts: PortFacts): void {
  const { name, hash, endpoints } = facts;
  const ext = `KUBE-EXT-${hash}`;
  const svc = `KUBE-SVC-${hash}`;
  draft.chains.add(ext);
  const rule = (what: string, match: string, chain: string): void => {
    draft.nat.push(
      `-A ${ext} ${comment(`${what} for ${name} external destinations`)}${match} -j ${chain}`,
    );
  };
  if (!facts.externalLocal) {
    rule('masquerade traffic', '', 'KUBE-MARK-MASQ');
    draft.nat.push(`-A ${ext} -j ${svc}`);
    return;
  }
  const fromHere = ' -m addrtype --src-type LOCAL';
  rule('pod traffic', ` -s ${state.clusterCidr}`, svc);
  rule('masquerade LOCAL traffic', fromHere, 'KUBE-MARK-MASQ');
  rule('route LOCAL traffic', fromHere, svc);
  if (endpoints.local.length > 0) draft.nat.push(`-A ${ext} -j KUBE-SVL-${hash}`);
}

/** KUBE-FW: only some sources may use the load balancer's address. */
function firewall(draft: Draft, facts: PortFacts): void {
  const { service, name, hash, balancers } = facts;
  const ranges = service.spec.loadBalancerSourceRanges ?? [];
  if (ranges.length === 0 || balancers.length === 0) return;
  const chain = `KUBE-FW-${hash}`;
  draft.chains.add(chain);
  for (const range of ranges)
    draft.nat.push(
      `-A ${chain} ${comment(`${name} loadbalancer IP`)} -s ${range} -j KUBE-EXT-${hash}`,
    );
  draft.nat.push(
    `-A ${chain} ${comment(`other traffic to ${name} will be dropped by KUBE-PROXY-FIREWALL`)}`,
  );
}

function servicePort(draft: Draft, state: ProxyState, service: Service, port: ServicePort): void {
  const facts = factsOf(state, service, port);
  const { name, protocol, hash, endpoints, internalLocal } = facts;
  const { spec } = service;
  const svc = `KUBE-SVC-${hash}`;
  const svl = `KUBE-SVL-${hash}`;
  refuse(draft, facts);
  const policy = internalLocal ? endpoints.local : endpoints.cluster;
  const inside = policy.length > 0 ? (internalLocal ? svl : svc) : undefined;
  entries(draft, facts, inside);
  if (spec.healthCheckNodePort)
    draft.filter.push(
      `-A KUBE-NODEPORTS ${comment(`${name} health check node port`)} -m tcp -p tcp --dport ${spec.healthCheckNodePort} -j ACCEPT`,
    );
  if (!endpoints.any) return;
  if (inside)
    draft.nat.push(
      `-A ${inside} ${comment(`${name} cluster IP`)} ${to(facts, spec.clusterIP ?? '')} ! -s ${state.clusterCidr} -j KUBE-MARK-MASQ`,
    );
  if (facts.external) {
    external(draft, state, facts);
    firewall(draft, facts);
  }
  const usesCluster = !internalLocal || facts.external;
  const usesLocal = internalLocal || (facts.externalLocal && facts.external);
  const sep = ({ address }: Endpoint): string => `KUBE-SEP-${chainHash(name + protocol + address)}`;
  const affinity =
    spec.sessionAffinity === 'ClientIP'
      ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800)
      : undefined;
  if (usesCluster) {
    draft.chains.add(svc);
    balance(draft, svc, name, endpoints.cluster, sep, affinity);
  }
  if (usesLocal && endpoints.local.length > 0) {
    draft.chains.add(svl);
    balance(draft, svl, name, endpoints.local, sep, affinity);
  }
  for (const endpoint of usesCluster ? endpoints.cluster : endpoints.local) {
    const chain = sep(endpoint);
    draft.chains.add(chain);
    draft.nat.push(
      `-A ${chain} ${comment(name)} -s ${endpoint.address.replace(/:\d+$/, '')} -j KUBE-MARK-MASQ`,
    );
    const recent = affinity === undefined ? '' : ` -m recent --name ${chain} --set`;
    draft.nat.push(
      `-A ${chain} ${comment(name)}${recent} -m ${protocol} -p ${protocol} -j DNAT --to-destination ${endpoint.address}`,
    );
  }
}

/** The whole input of iptables-restore --noflush; `stale` are chains of services that are gone. */
export function proxyRules(
  state: ProxyState,
  stale: (active: ReadonlySet<string>) => readonly string[],
): ProxyRules {
  const draft: Draft = { nat: [], filter: [], services: [], nodePorts: [], chains: new Set() };
  const services = [...state.services].sort((a, b) =>
    `${a.metadata.namespace}/${a.metadata.name}` < `${b.metadata.namespace}/${b.metadata.name}`
      ? -1
      : 1,
  );
  for (const service of services) {
    const { clusterIP, type } = service.spec;
    if (!clusterIP || clusterIP === 'None' || type === 'ExternalName') continue;
    for (const port of service.spec.ports ?? []) servicePort(draft, state, service, port);
  }
  const gone = stale(draft.chains);
  const chain = (name: string): string => `:${name} - [0:0]`;
  const last =
    '-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS';
  const lines = [
    '*filter',
    ...[
      'KUBE-NODEPORTS',
      'KUBE-SERVICES',
      'KUBE-EXTERNAL-SERVICES',
      'KUBE-FORWARD',
      'KUBE-PROXY-FIREWALL',
    ].map(chain),
    ...draft.filter,
    `-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP`,
    `-A KUBE-FORWARD ${comment('kubernetes forwarding rules')} -m mark --mark 0x4000/0x4000 -j ACCEPT`,
    `-A KUBE-FORWARD ${comment('kubernetes forwarding conntrack rule')} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
    'COMMIT',
    '*nat',
    ...[
      'KUBE-NODEPORTS',
      'KUBE-SERVICES',
      'KUBE-POSTROUTING',
      'KUBE-MARK-MASQ',
      ...draft.chains,
      ...gone,
    ].map(chain),
    '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
    '-A KUBE-POSTROUTING -j MARK --xor-mark 0x4000',
    `-A KUBE-POSTROUTING ${comment('kubernetes service traffic requiring SNAT')} -j MASQUERADE --random-fully`,
    '-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000',
    ...draft.services,
    ...draft.nat,
    ...draft.nodePorts,
    last,
    ...gone.map((name) => `-X ${name}`),
    'COMMIT',
    '',
  ];
  return { text: lines.join('\n'), chains: draft.chains };
}

/** Chains that lead into kube-proxy's own: [table, chain, rule]. They are put first, once. */
export const JUMPS: readonly (readonly [
  table: string,
  chain: string,
  to: string,
  match: string,
])[] = [
  [
    'filter',
    'INPUT',
    'KUBE-EXTERNAL-SERVICES',
    `-m conntrack --ctstate NEW ${comment('kubernetes externally-visible service portals')}`,
  ],
  [
    'filter',
    'FORWARD',
    'KUBE-EXTERNAL-SERVICES',
    `-m conntrack --ctstate NEW ${comment('kubernetes externally-visible service portals')}`,
  ],
  ['filter', 'INPUT', 'KUBE-NODEPORTS', comment('kubernetes health check service ports')],
  [
    'filter',
    'FORWARD',
    'KUBE-SERVICES',
    `-m conntrack --ctstate NEW ${comment('kubernetes service portals')}`,
  ],
  [
    'filter',
    'OUTPUT',
    'KUBE-SERVICES',
    `-m conntrack --ctstate NEW ${comment('kubernetes service portals')}`,
  ],
  ['filter', 'FORWARD', 'KUBE-FORWARD', comment('kubernetes forwarding rules')],
  [
    'filter',
    'INPUT',
    'KUBE-PROXY-FIREWALL',
    `-m conntrack --ctstate NEW ${comment('kubernetes load balancer firewall')}`,
  ],
  [
    'filter',
    'OUTPUT',
    'KUBE-PROXY-FIREWALL',
    `-m conntrack --ctstate NEW ${comment('kubernetes load balancer firewall')}`,
  ],
  [
    'filter',
    'FORWARD',
    'KUBE-PROXY-FIREWALL',
    `-m conntrack --ctstate NEW ${comment('kubernetes load balancer firewall')}`,
  ],
  ['nat', 'OUTPUT', 'KUBE-SERVICES', comment('kubernetes service portals')],
  ['nat', 'PREROUTING', 'KUBE-SERVICES', comment('kubernetes service portals')],
  ['nat', 'POSTROUTING', 'KUBE-POSTROUTING', comment('kubernetes postrouting rules')],
];
