// The firewall that kube-router keeps in iptables and ipset: a chain for every pod of the node, which runs through a chain for
// every policy about it; what no policy marks is rejected.

import { sha256 } from '../../../core/sha256.ts';
import { encode } from '../../../core/text.ts';
import type { AllowedPort, PolicyInfo, PolicyRule } from './policies.ts';

/** A pod of this node. */
export interface LocalPod {
  readonly namespace: string;
  readonly name: string;
  readonly address: string;
}

/** Chains of kube-router's own beside those of the kernel, and the comments of the jumps into them. */
export const JUMPS = {
  INPUT: 'KUBE-ROUTER-INPUT',
  FORWARD: 'KUBE-ROUTER-FORWARD',
  OUTPUT: 'KUBE-ROUTER-OUTPUT',
} as const;
const COMMON = 'KUBE-NWPLCY-COMMON';
const DEFAULT = 'KUBE-NWPLCY-DEFAULT';
/** A packet that some policy allows, and one that has passed all of a pod's chain. */
const ALLOWED = '0x10000/0x10000';
const PASSED = '0x20000/0x20000';

/** Sets by name, and the text that iptables-restore takes. */
export interface Firewall {
  readonly sets: ReadonlyMap<
    string,
    { readonly type: string; readonly entries: readonly string[] }
  >;
  readonly chains: ReadonlySet<string>;
  readonly text: string;
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The first letters of a SHA-256 in base 32: what tells chains and sets apart. */
export function hashName(prefix: string, text: string): string {
  const hex = sha256(encode(text));
  let bits = '';
  for (const digit of hex.slice(0, 20))
    bits += Number.parseInt(digit, 16).toString(2).padStart(4, '0');
  let out = '';
  for (let i = 0; i < 80; i += 5) out += BASE32.charAt(Number.parseInt(bits.slice(i, i + 5), 2));
  return `${prefix}${out}`;
}

function comment(text: string): string {
  return `-m comment --comment "${text}"`;
}

/** Collects what a firewall is made of. */
interface Draft {
  readonly sets: Map<string, { readonly type: string; readonly entries: readonly string[] }>;
  readonly chains: Set<string>;
  readonly rules: string[];
}

/** The firewall of a node's pods. `version` tells one generation of chains from the next. */
export function firewallOf(
  policies: readonly PolicyInfo[],
  pods: readonly LocalPod[],
  serviceRange: string,
  version: string,
): Firewall {
  const draft: Draft = { sets: new Map(), chains: new Set(), rules: [] };
  for (const chain of [...Object.values(JUMPS), COMMON, DEFAULT]) draft.chains.add(chain);
  draft.rules.push(...fixedRules(serviceRange));
  for (const policy of policies) addPolicy(draft, policy, version);
  for (const pod of pods) addPod(draft, policies, pod, version);
  const passed = comment('rule to explicitly ACCEPT traffic that comply to network policies');
  for (const chain of Object.values(JUMPS))
    draft.rules.push(`-A ${chain} ${passed} -m mark --mark ${PASSED} -j ACCEPT`);
  const heads = [...draft.chains].map((name) => `:${name} - [0:0]`);
  const text = ['*filter', ...heads, ...draft.rules, 'COMMIT', ''].join('\n');
  return { sets: draft.sets, chains: draft.chains, text };
}

function fixedRules(serviceRange: string): string[] {
  const input = `-A ${JUMPS.INPUT}`;
  const local = '-m addrtype --dst-type LOCAL -m multiport --dports 30000:32767 -j RETURN';
  const icmp = ['echo-request', 'destination-unreachable', 'time-exceeded'].map((type) => {
    const words = type === 'echo-request' ? 'echo requests' : `${type.replace('-', ' ')} messages`;
    return `-A ${COMMON} -p icmp ${comment(`allow icmp ${words}`)} -m icmp --icmp-type ${type} -j ACCEPT`;
  });
  return [
    `${input} -d ${serviceRange} ${comment('allow traffic to primary/secondary cluster IP range')} -j RETURN`,
    `${input} -p tcp ${comment('allow LOCAL TCP traffic to node ports')} ${local}`,
    `${input} -p udp ${comment('allow LOCAL UDP traffic to node ports')} ${local}`,
    `-A ${COMMON} ${comment('rule to drop invalid state for pod')} -m conntrack --ctstate INVALID -j DROP`,
    `-A ${COMMON} ${comment('rule for stateful firewall for pod')} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
    ...icmp,
    `-A ${DEFAULT} ${comment('rule to mark traffic matching a network policy')} -j MARK --set-xmark ${ALLOWED}`,
  ];
}

function policyChain({ namespace, name }: PolicyInfo, version: string): string {
  return hashName('KUBE-NWPLCY-', `${namespace}${name}${version}`);
}

function addSet(
  draft: Draft,
  prefix: string,
  key: string,
  entries: readonly string[],
  type = 'hash:ip',
): string {
  const name = hashName(prefix, key);
  draft.sets.set(name, { type, entries });
  return name;
}

const timeless = (address: string): string => `${address} timeout 0`;

function addPolicy(draft: Draft, policy: PolicyInfo, version: string): void {
  const chain = policyChain(policy, version);
  draft.chains.add(chain);
  const targets = [...policy.targets].map(timeless);
  const about = `policy name: ${policy.name} namespace ${policy.namespace}`;
  for (const direction of ['ingress', 'egress'] as const) {
    const rules = policy[direction];
    if (!rules) continue;
    const incoming = direction === 'ingress';
    const key = `${policy.namespace}${policy.name}${direction}`;
    const own = addSet(draft, incoming ? 'KUBE-DST-' : 'KUBE-SRC-', key, targets);
    rules.forEach((rule, index) => {
      addRule(draft, chain, { incoming, own, key: `${key}${index}`, about }, rule);
    });
  }
}

interface RuleContext {
  readonly incoming: boolean;
  /** The set of the pods that the policy is about. */
  readonly own: string;
  readonly key: string;
  readonly about: string;
}

function addRule(draft: Draft, chain: string, at: RuleContext, rule: PolicyRule): void {
  const { incoming, own, key, about } = at;
  const [far, near] = incoming ? ['KUBE-SRC-', 'src'] : ['KUBE-DST-', 'dst'];
  const peers: { readonly set: string | undefined; readonly words: string }[] = [];
  if (rule.addresses.length > 0) {
    const set = addSet(draft, far, `${key}pod`, rule.addresses.map(timeless));
    peers.push({ set, words: 'from source pods to dest pods' });
  }
  if (rule.anybody) {
    const words = incoming
      ? 'from all sources to dest pods'
      : 'from source pods to all destinations';
    peers.push({ set: undefined, words });
  }
  if (rule.networks.length > 0) {
    const set = addSet(draft, far, `${key}ipblock`, rule.networks, 'hash:net');
    const words = incoming
      ? 'from specified ipBlocks to dest pods'
      : 'from source pods to specified ipBlocks';
    peers.push({ set, words });
  }
  for (const { set, words } of peers) {
    const said = comment(`rule to ACCEPT traffic ${words} selected by ${about}`);
    const peer = set === undefined ? '' : ` -m set --match-set ${set} ${near}`;
    const self = ` -m set --match-set ${own} ${incoming ? 'dst' : 'src'}`;
    const allow = (source: string, destination: string, port?: AllowedPort): void => {
      const dport = port?.port ? ` --dport ${port.port}` : '';
      const protocol = port ? ` -p ${port.protocol.toLowerCase()}${dport}` : '';
      const match = `${said}${source}${destination}${protocol}`;
      draft.rules.push(`-A ${chain} ${match} -j MARK --set-xmark ${ALLOWED}`);
      draft.rules.push(`-A ${chain} ${match} -m mark --mark ${ALLOWED} -j RETURN`);
    };
    const [source, destination] = incoming ? [peer, self] : [self, peer];
    if (rule.anyPort) allow(source, destination);
    for (const port of rule.ports) allow(source, destination, port);
    rule.named.forEach((port, i) => {
      const holders = addSet(
        draft,
        'KUBE-DST-',
        `${key}${i}namedport`,
        port.addresses.map(timeless),
      );
      allow(source, ` -m set --match-set ${holders} dst`, port);
    });
  }
}

/** A pod's chain, and the jumps into it from wherever its packets come by. */
function addPod(
  draft: Draft,
  policies: readonly PolicyInfo[],
  pod: LocalPod,
  version: string,
): void {
  const { namespace, name, address } = pod;
  const chain = hashName('KUBE-POD-FW-', `${namespace}${name}${version}`);
  draft.chains.add(chain);
  const rules: string[] = [
    `${comment('run through common network policy chain')} -j ${COMMON}`,
    `-d ${address} ${comment("rule to permit the traffic traffic to pods when source is the pod's local node")} -m addrtype --src-type LOCAL -j ACCEPT`,
  ];
  for (const [direction, flag] of [
    ['ingress', '-d'],
    ['egress', '-s'],
  ] as const) {
    const own = policies.filter((one) => one[direction] && one.targets.has(address));
    if (own.length === 0)
      rules.push(
        `${flag} ${address} ${comment(`run through default ${direction} network policy  chain`)} -j ${DEFAULT}`,
      );
    for (const policy of own)
      rules.push(
        `${flag} ${address} ${comment(`run through nw policy ${policy.name}`)} -j ${policyChain(policy, version)}`,
      );
  }
  const who = `POD name:${name} namespace: ${namespace}`;
  rules.push(
    `${comment(`rule to log dropped traffic ${who}`)} -m mark ! --mark ${ALLOWED} -m limit --limit 10/min --limit-burst 10 -j NFLOG --nflog-group 100`,
    `${comment(`rule to REJECT traffic destined for ${who}`)} -m mark ! --mark ${ALLOWED} -j REJECT`,
    '-j MARK --set-xmark 0x0/0x10000',
    `${comment('set mark to ACCEPT traffic that comply to network policies')} -j MARK --set-xmark ${PASSED}`,
  );
  draft.rules.push(...rules.map((rule) => `-A ${chain} ${rule}`));
  const to = comment(`rule to jump traffic destined to ${who} to chain ${chain}`);
  const from = comment(`rule to jump traffic from ${who} to chain ${chain}`);
  const bridged = '-m physdev --physdev-is-bridged';
  draft.rules.push(
    `-A ${JUMPS.FORWARD} -d ${address} ${bridged} ${to} -j ${chain}`,
    `-A ${JUMPS.FORWARD} -s ${address} ${bridged} ${from} -j ${chain}`,
    `-A ${JUMPS.FORWARD} -d ${address} ${to} -j ${chain}`,
    `-A ${JUMPS.OUTPUT} -d ${address} ${to} -j ${chain}`,
    ...Object.values(JUMPS).map((name) => `-A ${name} -s ${address} ${from} -j ${chain}`),
  );
}
