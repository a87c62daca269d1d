// NetworkPolicies as a firewall needs them: which pods they are about, and for each of their rules the addresses, networks
// and ports that may pass. Rules of namespaces and pods become lists of addresses.

import { selects } from '../../api/selectors.ts';
import type { Namespace } from '../../api/types/config.ts';
import type { Pod } from '../../api/types/pod.ts';
import type {
  IPBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from '../../api/types/service.ts';

/** What the cluster has of what matters. */
export interface ClusterState {
  readonly pods: readonly Pod[];
  readonly namespaces: readonly Namespace[];
  readonly policies: readonly NetworkPolicy[];
}

/** A port as a rule names it; without a number all ports of the protocol. */
export interface AllowedPort {
  readonly protocol: string;
  readonly port: string;
}

/** A port by name: the addresses of the pods that have it, by number. */
export interface NamedPort extends AllowedPort {
  readonly addresses: readonly string[];
}

/** One rule of a policy. */
export interface PolicyRule {
  /** No peers are named: anybody. */
  readonly anybody: boolean;
  readonly addresses: readonly string[];
  /** Networks as a hash:net set lists them. */
  readonly networks: readonly string[];
  readonly anyPort: boolean;
  readonly ports: readonly AllowedPort[];
  readonly named: readonly NamedPort[];
}

export interface PolicyInfo {
  readonly namespace: string;
  readonly name: string;
  /** Addresses of the pods that it selects. */
  readonly targets: ReadonlySet<string>;
  /** The rules of a direction; undefined where the policy says nothing of it. */
  readonly ingress: readonly PolicyRule[] | undefined;
  readonly egress: readonly PolicyRule[] | undefined;
}

/** True where a pod has an address of its own on the pods' network. */
export function isOnNetwork({ spec, status }: Pod): boolean {
  if (spec.hostNetwork || !status?.podIP) return false;
  return status.phase === 'Running' || status.phase === 'Pending';
}

/** Every policy over the pods that there are. */
export function policyInfos(state: ClusterState): PolicyInfo[] {
  return [...state.policies]
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
    .map((policy) => infoOf(state, policy));
}

function nameOf({ metadata }: NetworkPolicy): string {
  return `${metadata.namespace}/${metadata.name}`;
}

function infoOf(state: ClusterState, { metadata, spec }: NetworkPolicy): PolicyInfo {
  const { namespace = '', name = '' } = metadata;
  const targets = state.pods.filter(
    (pod) =>
      pod.metadata.namespace === namespace &&
      isOnNetwork(pod) &&
      selects(spec.podSelector ?? {}, pod.metadata.labels),
  );
  const types = spec.policyTypes ?? ['Ingress'];
  const rule = (
    ports: readonly NetworkPolicyPort[] | undefined,
    peers: readonly NetworkPolicyPeer[] | undefined,
    incoming: boolean,
  ): PolicyRule => {
    const reached = peers?.length ? podsOf(state, namespace, peers) : [];
    const holders = incoming ? targets : peers?.length ? reached : state.pods.filter(isOnNetwork);
    const plain = (ports ?? []).filter(({ port }) => typeof port !== 'string');
    return {
      anybody: !peers?.length,
      addresses: reached.map(addressOf),
      networks: (peers ?? []).flatMap(({ ipBlock }) => (ipBlock ? networksOf(ipBlock) : [])),
      anyPort: !ports?.length,
      ports: plain.map(plainPort),
      named: (ports ?? []).flatMap((one) => namedPorts(one, holders)),
    };
  };
  return {
    namespace,
    name,
    targets: new Set(targets.map(addressOf)),
    ingress: types.includes('Ingress')
      ? (spec.ingress ?? []).map(({ ports, from }) => rule(ports, from, true))
      : undefined,
    egress: types.includes('Egress')
      ? (spec.egress ?? []).map(({ ports, to }) => rule(ports, to, false))
      : undefined,
  };
}

function addressOf({ status }: Pod): string {
  return status?.podIP ?? '';
}

/** The pods that the selectors of peers choose. */
function podsOf(
  { pods, namespaces }: ClusterState,
  own: string,
  peers: readonly NetworkPolicyPeer[],
): Pod[] {
  return pods.filter((pod) => {
    if (!isOnNetwork(pod)) return false;
    const { namespace = '', labels } = pod.metadata;
    return peers.some(({ podSelector, namespaceSelector, ipBlock }) => {
      if (ipBlock) return false;
      if (podSelector && !selects(podSelector, labels)) return false;
      if (!namespaceSelector) return namespace === own;
      const space = namespaces.find(({ metadata }) => metadata.name === namespace);
      return selects(namespaceSelector, space?.metadata.labels);
    });
  });
}

/** A set cannot hold 0.0.0.0/0: its two halves stand for it. What is excepted is marked. */
function networksOf({ cidr, except = [] }: IPBlock): string[] {
  const split = (network: string): string[] =>
    network.endsWith('/0') ? ['0.0.0.0/1', '128.0.0.0/1'] : [network];
  return [
    ...split(cidr).map((one) => `${one} timeout 0`),
    ...except.flatMap(split).map((one) => `${one} timeout 0 nomatch`),
  ];
}

function plainPort({ protocol = 'TCP', port, endPort }: NetworkPolicyPort): AllowedPort {
  const range = endPort === undefined ? '' : `:${endPort}`;
  return { protocol, port: port === undefined ? '' : `${port}${range}` };
}

/** A name stands for the number that each pod's containers give it. */
function namedPorts(
  { protocol = 'TCP', port }: NetworkPolicyPort,
  pods: readonly Pod[],
): NamedPort[] {
  if (typeof port !== 'string') return [];
  const found = new Map<number, string[]>();
  for (const pod of pods) {
    for (const one of pod.spec.containers.flatMap(({ ports }) => ports ?? [])) {
      if (one.name !== port || (one.protocol ?? 'TCP') !== protocol) continue;
      found.set(one.containerPort, [...(found.get(one.containerPort) ?? []), addressOf(pod)]);
    }
  }
  return [...found].map(([number, addresses]) => ({ protocol, port: String(number), addresses }));
}
