// The rules of kube-proxy in iptables mode, as iptables-restore takes them: for each port of a service a KUBE-SVC chain that
// picks an endpoint, for each endpoint a KUBE-SEP chain with the DNAT. Pure.

import { sha256 } from '../../core/sha256.ts';
import { encode } from '../../core/text.ts';
import type { EndpointSlice, Service, ServicePort } from '../api/types/service.ts';

/** One endpoint of a service port. */
interface Endpoint {
  readonly address: string;
  readonly local: boolean;
}

/** What the rules are made of. */
export interface ProxyState {
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
  readonly nodeName: string;
  readonly clusterCidr: string;
}

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

/** Endpoints that serve now: the ready ones, or those that still serve where none is ready. */
function endpointsOf(state: ProxyState, service: Service, port: ServicePort): Endpoint[] {
  const ready: Endpoint[] = [];
  const serving: Endpoint[] = [];
  for (const slice of state.slices) {
    const { namespace, labels = {} } = slice.metadata;
    if (
      namespace !== service.metadata.namespace ||
      labels['kubernetes.io/service-name'] !== service.metadata.name
    )
      continue;
    const number = (slice.ports ?? []).find((one) => (one.name ?? '') === (port.name ?? ''))?.port;
    if (number === undefined) continue;
    for (const { addresses, conditions = {}, nodeName } of slice.endpoints ?? []) {
      const endpoint = { address: `${addresses[0]}:${number}`, local: nodeName === state.nodeName };
      if (conditions.ready !== false) ready.push(endpoint);
      else if (conditions.serving && conditions.terminating) serving.push(endpoint);
    }
  }
  const all = ready.length > 0 ? ready : serving;
  return all.sort((a, b) => (a.address < b.address ? -1 : 1));
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

function reject(
  draft: Draft,
  service: Service,
  port: ServicePort,
  name: string,
  protocol: string,
): void {
  const why = comment(`${name} has no endpoints`);
  const { clusterIP = '', externalIPs = [] } = service.spec;
  const refuse = '-j REJECT';
  draft.filter.push(
    `-A KUBE-SERVICES ${why} -m ${protocol} -p ${protocol} -d ${clusterIP} --dport ${port.port} ${refuse}`,
  );
  for (const ip of externalIPs) {
    draft.filter.push(
      `-A KUBE-EXTERNAL-SERVICES ${why} -m ${protocol} -p ${protocol} -d ${ip} --dport ${port.port} ${refuse}`,
    );
  }
  if (port.nodePort) {
    draft.filter.push(
      `-A KUBE-EXTERNAL-SERVICES ${why} -m addrtype --dst-type LOCAL -m ${protocol} -p ${protocol} --dport ${port.nodePort} ${refuse}`,
    );
  }
}

function external(
  draft: Draft,
  state: ProxyState,
  service: Service,
  port: ServicePort,
  name: string,
  protocol: string,
  hash: string,
  local: readonly Endpoint[],
  sep: (e: Endpoint) => string,
): void {
  const ext = `KUBE-EXT-${hash}`;
  const svc = `KUBE-SVC-${hash}`;
  draft.chains.add(ext);
  const onlyLocal = service.spec.externalTrafficPolicy === 'Local';
  if (onlyLocal) {
    const svl = `KUBE-SVL-${hash}`;
    draft.chains.add(svl);
    draft.nat.push(
      `-A ${ext} ${comment(`pod traffic for ${name} external destinations`)} -s ${state.clusterCidr} -j ${svc}`,
    );
    draft.nat.push(
      `-A ${ext} ${comment(`masquerade LOCAL traffic for ${name} external destinations`)} -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ`,
    );
    draft.nat.push(
      `-A ${ext} ${comment(`route LOCAL traffic for ${name} external destinations`)} -m addrtype --src-type LOCAL -j ${svc}`,
    );
    draft.nat.push(`-A ${ext} -j ${svl}`);
    balance(draft, svl, name, local, sep, undefined);
    if (local.length === 0 && port.nodePort) {
      draft.filter.push(
        `-A KUBE-EXTERNAL-SERVICES ${comment(`${name} has no local endpoints`)} -m addrtype --dst-type LOCAL -m ${protocol} -p ${protocol} --dport ${port.nodePort} -j DROP`,
      );
    }
  } else {
    draft.nat.push(
      `-A ${ext} ${comment(`masquerade traffic for ${name} external destinations`)} -j KUBE-MARK-MASQ`,
    );
    draft.nat.push(`-A ${ext} -j ${svc}`);
  }
  if (port.nodePort)
    draft.nodePorts.push(
      `-A KUBE-NODEPORTS ${comment(name)} -m ${protocol} -p ${protocol} --dport ${port.nodePort} -j ${ext}`,
    );
  const balancers = (service.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) =>
    ip ? [ip] : [],
  );
  for (const ip of service.spec.externalIPs ?? []) {
    draft.services.push(
      `-A KUBE-SERVICES ${comment(`${name} external IP`)} -m ${protocol} -p ${protocol} -d ${ip} --dport ${port.port} -j ${ext}`,
    );
  }
  for (const ip of balancers) {
    draft.services.push(
      `-A KUBE-SERVICES ${comment(`${name} loadbalancer IP`)} -m ${protocol} -p ${protocol} -d ${ip} --dport ${port.port} -j ${ext}`,
    );
  }
}

function servicePort(draft: Draft, state: ProxyState, service: Service, port: ServicePort): void {
  const name = portName(service, port);
  const protocol = (port.protocol ?? 'TCP').toLowerCase();
  const endpoints = endpointsOf(state, service, port);
  if (endpoints.length === 0) {
    reject(draft, service, port, name, protocol);
    return;
  }
  const hash = chainHash(name + protocol);
  const svc = `KUBE-SVC-${hash}`;
  const sep = ({ address }: Endpoint): string => `KUBE-SEP-${chainHash(name + protocol + address)}`;
  const { spec } = service;
  const affinity =
    spec.sessionAffinity === 'ClientIP'
      ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800)
      : undefined;
  draft.chains.add(svc);
  const local = endpoints.filter((endpoint) => endpoint.local);
  const inside = spec.internalTrafficPolicy === 'Local' ? local : endpoints;
  draft.services.push(
    `-A KUBE-SERVICES ${comment(`${name} cluster IP`)} -m ${protocol} -p ${protocol} -d ${spec.clusterIP} --dport ${port.port} -j ${svc}`,
  );
  draft.nat.push(
    `-A ${svc} ${comment(`${name} cluster IP`)} -m ${protocol} -p ${protocol} -d ${spec.clusterIP} --dport ${port.port} ! -s ${state.clusterCidr} -j KUBE-MARK-MASQ`,
  );
  if (port.nodePort || spec.externalIPs?.length || spec.type === 'LoadBalancer') {
    external(draft, state, service, port, name, protocol, hash, local, sep);
  }
  balance(draft, svc, name, inside, sep, affinity);
  for (const endpoint of endpoints) {
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
