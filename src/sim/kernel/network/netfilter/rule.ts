// Firewall rules as data (iptables(8)): what a packet must be like, and what becomes of it. Evaluated in match.ts and
// target.ts; iptables reads and prints them. A `not` field negates the condition it stands in.

import type { Prefix } from '../address.ts';

/** Tables in the order in which they are looked at (beside connection tracking, which comes after raw). */
export const TABLES = ['raw', 'mangle', 'nat', 'filter', 'security'] as const;
export type TableName = (typeof TABLES)[number];

/** Places on a packet's way where chains hang. */
export type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';

/** The built-in chains of each table. */
export const BUILTIN_CHAINS: Readonly<Record<TableName, readonly Hook[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
};

export interface PortRange {
  readonly low: number;
  readonly high: number;
  readonly not: boolean;
}

export type TrackState =
  | 'NEW'
  | 'ESTABLISHED'
  | 'RELATED'
  | 'INVALID'
  | 'UNTRACKED'
  | 'SNAT'
  | 'DNAT';

export interface SetMatch {
  readonly kind: 'set';
  readonly set: string;
  /** `src` and `dst` per dimension of the set. */
  readonly directions: readonly ('src' | 'dst')[];
  readonly not: boolean;
}

export interface RecentMatch {
  readonly kind: 'recent';
  readonly action: 'set' | 'rcheck' | 'update' | 'remove';
  readonly list: string;
  readonly seconds: number | undefined;
  readonly hits: number | undefined;
  readonly reap: boolean;
  readonly mask: string;
  readonly side: 'source' | 'destination';
  readonly not: boolean;
}

export interface LimitMatch {
  readonly kind: 'limit';
  readonly rate: number;
  readonly per: 'second' | 'minute' | 'hour' | 'day';
  readonly burst: number;
  /** Tokens left and when they were counted last: the rule's own state. */
  readonly bucket: { tokens: number; at: number };
}

/** How many connections one network may have. */
export interface ConnectionLimitMatch {
  readonly kind: 'connlimit';
  readonly limit: number;
  readonly above: boolean;
  readonly prefixLength: number;
  readonly side: 'source' | 'destination';
}

/** A limit for each address or port by itself. */
export interface HashLimitMatch {
  readonly kind: 'hashlimit';
  readonly above: boolean;
  readonly rate: number;
  readonly per: LimitMatch['per'];
  readonly burst: number;
  readonly mode: readonly ('srcip' | 'srcport' | 'dstip' | 'dstport')[];
  readonly name: string;
  readonly buckets: Map<string, { tokens: number; at: number }>;
}

export interface StatisticMatch {
  readonly kind: 'statistic';
  readonly mode: 'random' | 'nth';
  readonly not: boolean;
  readonly probability: number;
  readonly every: number;
  readonly packet: number;
  readonly counter: { value: number };
}

export interface ConntrackMatch {
  readonly kind: 'conntrack';
  /** The `state` match of old is printed as such. */
  readonly spelled: 'conntrack' | 'state';
  readonly states: { readonly values: readonly TrackState[]; readonly not: boolean } | undefined;
  readonly protocol: number | undefined;
  readonly originalSource: { readonly prefix: Prefix; readonly not: boolean } | undefined;
  readonly originalDestination: { readonly prefix: Prefix; readonly not: boolean } | undefined;
  readonly originalPort: PortRange | undefined;
  readonly direction: 'ORIGINAL' | 'REPLY' | undefined;
  readonly status: readonly string[] | undefined;
}

export interface PhysdevMatch {
  readonly kind: 'physdev';
  readonly in: { readonly name: string; readonly not: boolean } | undefined;
  readonly out: { readonly name: string; readonly not: boolean } | undefined;
  readonly isIn: boolean | undefined;
  readonly isOut: boolean | undefined;
  readonly isBridged: boolean | undefined;
}

export interface AddressTypeMatch {
  readonly kind: 'addrtype';
  readonly source: { readonly types: readonly string[]; readonly not: boolean } | undefined;
  readonly destination: { readonly types: readonly string[]; readonly not: boolean } | undefined;
  readonly limitIn: boolean;
  readonly limitOut: boolean;
}

export type Match =
  | {
      readonly kind: 'tcp';
      readonly sport: PortRange | undefined;
      readonly dport: PortRange | undefined;
      readonly flags:
        | { readonly mask: number; readonly set: number; readonly not: boolean }
        | undefined;
    }
  | {
      readonly kind: 'udp';
      readonly sport: PortRange | undefined;
      readonly dport: PortRange | undefined;
    }
  | {
      readonly kind: 'icmp';
      readonly type: number;
      readonly code: number | undefined;
      readonly not: boolean;
    }
  | {
      readonly kind: 'multiport';
      readonly side: 'source' | 'destination' | 'either';
      readonly not: boolean;
      readonly ranges: readonly { readonly low: number; readonly high: number }[];
    }
  | {
      readonly kind: 'mark' | 'connmark';
      readonly value: number;
      readonly mask: number;
      readonly not: boolean;
    }
  | { readonly kind: 'comment'; readonly text: string }
  | { readonly kind: 'mac'; readonly source: string; readonly not: boolean }
  | {
      readonly kind: 'iprange';
      readonly source: IpRange | undefined;
      readonly destination: IpRange | undefined;
    }
  | {
      readonly kind: 'owner';
      readonly uid: PortRange | undefined;
      readonly gid: PortRange | undefined;
    }
  | ConnectionLimitMatch
  | HashLimitMatch
  | {
      readonly kind: 'string';
      readonly text: string;
      readonly algorithm: string;
      readonly ignoreCase: boolean;
      readonly not: boolean;
    }
  | {
      readonly kind: 'pkttype';
      readonly type: 'unicast' | 'broadcast' | 'multicast';
      readonly not: boolean;
    }
  | { readonly kind: 'length'; readonly range: PortRange }
  | {
      readonly kind: 'ttl';
      readonly compare: 'eq' | 'lt' | 'gt';
      readonly value: number;
      readonly not: boolean;
    }
  | { readonly kind: 'tcpmss'; readonly range: PortRange }
  | AddressTypeMatch
  | ConntrackMatch
  | LimitMatch
  | PhysdevMatch
  | RecentMatch
  | SetMatch
  | StatisticMatch;

export interface IpRange {
  readonly low: number;
  readonly high: number;
  readonly not: boolean;
}

/** Where NAT sends to: addresses and ports, each a range. */
export interface NatRange {
  readonly low: number | undefined;
  readonly high: number | undefined;
  readonly portLow: number | undefined;
  readonly portHigh: number | undefined;
  readonly random: boolean;
  readonly fullyRandom: boolean;
  readonly persistent: boolean;
}

export type RejectWith =
  | 'icmp-net-unreachable'
  | 'icmp-host-unreachable'
  | 'icmp-proto-unreachable'
  | 'icmp-port-unreachable'
  | 'icmp-net-prohibited'
  | 'icmp-host-prohibited'
  | 'icmp-admin-prohibited'
  | 'tcp-reset';

/** On to another chain; `goto` does not come back to this one. */
export interface Jump {
  readonly kind: 'jump' | 'goto';
  readonly chain: string;
}

/** Targets that translate. */
export interface NatTarget {
  readonly kind: 'DNAT' | 'SNAT' | 'MASQUERADE' | 'REDIRECT';
  readonly range: NatRange;
}

export type Target =
  | { readonly kind: 'ACCEPT' | 'DROP' | 'RETURN' }
  | Jump
  | { readonly kind: 'REJECT'; readonly with: RejectWith }
  | { readonly kind: 'LOG'; readonly prefix: string; readonly level: number }
  | { readonly kind: 'NFLOG'; readonly prefix: string; readonly group: number }
  | NatTarget
  | { readonly kind: 'NETMAP'; readonly to: Prefix }
  | {
      readonly kind: 'MARK';
      readonly value: number;
      readonly mask: number;
      readonly operation: 'xset';
    }
  | {
      readonly kind: 'CONNMARK';
      readonly operation: 'xset' | 'save' | 'restore';
      readonly value: number;
      readonly mask: number;
    }
  | { readonly kind: 'NOTRACK' }
  | { readonly kind: 'CT'; readonly notrack: boolean }
  | { readonly kind: 'TCPMSS'; readonly clamp: boolean; readonly value: number }
  | { readonly kind: 'CHECKSUM' };

/** One rule of a chain. Its counters are its only changing part, beside what is worked out of the rest. */
export interface Rule {
  readonly protocol: { readonly number: number; readonly not: boolean } | undefined;
  readonly source: { readonly prefix: Prefix; readonly not: boolean } | undefined;
  readonly destination: { readonly prefix: Prefix; readonly not: boolean } | undefined;
  readonly in: { readonly name: string; readonly not: boolean } | undefined;
  readonly out: { readonly name: string; readonly not: boolean } | undefined;
  readonly matches: readonly Match[];
  readonly target: Target | undefined;
  packets: number;
  bytes: number;
  /** Packets of connections that stand can be none of its (`--ctstate NEW`): known once it was looked at. */
  passesStanding?: boolean;
}

export interface Chain {
  readonly name: string;
  /** Built-in chains have one. */
  policy: 'ACCEPT' | 'DROP' | undefined;
  readonly rules: Rule[];
  packets: number;
  bytes: number;
}

export interface Table {
  readonly name: TableName;
  readonly chains: Map<string, Chain>;
}
