// The matches that look beyond the packet: connections, routes, bridges, sets, lists and rates.

import { formatPrefix, parsePrefix, type Prefix } from '../../../kernel/network/address.ts';
import type { Match, TrackState } from '../../../kernel/network/netfilter/rule.ts';
import {
  type Given,
  last,
  type MatchExtension,
  option,
  portRange,
  rangeText,
} from './extension.ts';
import { rateOf, rateText } from './count-matches.ts';
import { misuse } from './problem.ts';

type Of<K extends Match['kind']> = Extract<Match, { kind: K }>;

/** In the order in which they are written. */
const STATES: readonly TrackState[] = [
  'INVALID',
  'NEW',
  'RELATED',
  'ESTABLISHED',
  'UNTRACKED',
  'SNAT',
  'DNAT',
];

function statesOf(given: Given | undefined, name: string): Of<'conntrack'>['states'] {
  if (!given) return undefined;
  const words = (given.values[0] ?? '').split(',');
  for (const word of words) {
    if (!STATES.some((state) => state === word.toUpperCase()))
      throw misuse(`Bad ${name} "${word}"`);
  }
  return {
    values: STATES.filter((state) => words.some((word) => word.toUpperCase() === state)),
    not: given.not,
  };
}

function prefixOf(given: Given | undefined): { prefix: Prefix; not: boolean } | undefined {
  if (!given) return undefined;
  const prefix = parsePrefix(given.values[0] ?? '');
  if (!prefix) throw misuse(`host/network \`${given.values[0]}' not found`);
  return { prefix, not: given.not };
}

function prefixText(prefix: Prefix): string {
  return prefix.length === 32 ? formatPrefix(prefix).slice(0, -3) : formatPrefix(prefix);
}

const conntrack: MatchExtension<Of<'conntrack'>> = {
  name: 'conntrack',
  options: {
    '--ctstate': 1,
    '--ctproto': 1,
    '--ctorigsrc': 1,
    '--ctorigdst': 1,
    '--ctorigdstport': 1,
    '--ctdir': 1,
    '--ctstatus': 1,
  },
  build(given) {
    const protocol = last(given, '--ctproto')?.values[0];
    const direction = last(given, '--ctdir')?.values[0];
    return {
      kind: 'conntrack',
      spelled: 'conntrack',
      states: statesOf(last(given, '--ctstate'), 'ctstate'),
      protocol:
        protocol === undefined
          ? undefined
          : ({ tcp: 6, udp: 17, icmp: 1 }[protocol] ?? Number(protocol)),
      originalSource: prefixOf(last(given, '--ctorigsrc')),
      originalDestination: prefixOf(last(given, '--ctorigdst')),
      originalPort: portRange(last(given, '--ctorigdstport')),
      direction: direction === 'ORIGINAL' || direction === 'REPLY' ? direction : undefined,
      status: last(given, '--ctstatus')?.values[0]?.split(','),
    };
  },
  save(m) {
    if (m.spelled === 'state')
      return option('state', m.states?.values.join(',') ?? '', m.states?.not);
    return (
      (m.states ? option('ctstate', m.states.values.join(','), m.states.not) : '') +
      (m.protocol === undefined ? '' : option('ctproto', String(m.protocol))) +
      (m.originalSource
        ? option('ctorigsrc', prefixText(m.originalSource.prefix), m.originalSource.not)
        : '') +
      (m.originalDestination
        ? option('ctorigdst', prefixText(m.originalDestination.prefix), m.originalDestination.not)
        : '') +
      (m.originalPort
        ? option('ctorigdstport', rangeText(m.originalPort), m.originalPort.not)
        : '') +
      (m.status ? option('ctstatus', m.status.join(',')) : '') +
      (m.direction ? option('ctdir', m.direction) : '')
    );
  },
  list(m) {
    if (m.spelled === 'state')
      return `${m.states?.not ? '! ' : ''}state ${m.states?.values.join(',')}`;
    return conntrack.save(m).trim().replace(/ --/g, ' ').replace(/^--/, '');
  },
};

const state: MatchExtension<Of<'conntrack'>> = {
  ...conntrack,
  name: 'state',
  options: { '--state': 1 },
  build: (given) => ({
    ...conntrack.build([], undefined),
    spelled: 'state',
    states: statesOf(last(given, '--state'), 'state'),
  }),
};

const TYPES = [
  'UNSPEC',
  'UNICAST',
  'LOCAL',
  'BROADCAST',
  'ANYCAST',
  'MULTICAST',
  'BLACKHOLE',
  'UNREACHABLE',
  'PROHIBIT',
  'THROW',
  'NAT',
];

function typesOf(given: Given | undefined): { types: readonly string[]; not: boolean } | undefined {
  if (!given) return undefined;
  const types = (given.values[0] ?? '').toUpperCase().split(',');
  for (const type of types)
    if (!TYPES.includes(type)) throw misuse(`addrtype: bad type \`${given.values[0]}'`);
  return { types, not: given.not };
}

const addrtype: MatchExtension<Of<'addrtype'>> = {
  name: 'addrtype',
  options: { '--src-type': 1, '--dst-type': 1, '--limit-iface-in': 0, '--limit-iface-out': 0 },
  build: (given) => ({
    kind: 'addrtype',
    source: typesOf(last(given, '--src-type')),
    destination: typesOf(last(given, '--dst-type')),
    limitIn: last(given, '--limit-iface-in') !== undefined,
    limitOut: last(given, '--limit-iface-out') !== undefined,
  }),
  save: (m) =>
    (m.source ? option('src-type', m.source.types.join(','), m.source.not) : '') +
    (m.destination ? option('dst-type', m.destination.types.join(','), m.destination.not) : '') +
    (m.limitIn ? option('limit-iface-in', '') : '') +
    (m.limitOut ? option('limit-iface-out', '') : ''),
  list: (m) =>
    `ADDRTYPE match${m.source ? ` src-type ${m.source.not ? '!' : ''}${m.source.types.join(',')}` : ''}${m.destination ? ` dst-type ${m.destination.not ? '!' : ''}${m.destination.types.join(',')}` : ''}${m.limitIn ? ' limit-in' : ''}${m.limitOut ? ' limit-out' : ''}`,
};

const physdev: MatchExtension<Of<'physdev'>> = {
  name: 'physdev',
  options: {
    '--physdev-in': 1,
    '--physdev-out': 1,
    '--physdev-is-in': 0,
    '--physdev-is-out': 0,
    '--physdev-is-bridged': 0,
  },
  build(given) {
    const name = (wanted: string): { name: string; not: boolean } | undefined => {
      const one = last(given, wanted);
      return one && { name: one.values[0] ?? '', not: one.not };
    };
    const flag = (wanted: string): boolean | undefined => {
      const one = last(given, wanted);
      return one && !one.not;
    };
    return {
      kind: 'physdev',
      in: name('--physdev-in'),
      out: name('--physdev-out'),
      isIn: flag('--physdev-is-in'),
      isOut: flag('--physdev-is-out'),
      isBridged: flag('--physdev-is-bridged'),
    };
  },
  save: (m) =>
    (m.isIn === undefined ? '' : option('physdev-is-in', '', !m.isIn)) +
    (m.in ? option('physdev-in', m.in.name, m.in.not) : '') +
    (m.isOut === undefined ? '' : option('physdev-is-out', '', !m.isOut)) +
    (m.out ? option('physdev-out', m.out.name, m.out.not) : '') +
    (m.isBridged === undefined ? '' : option('physdev-is-bridged', '', !m.isBridged)),
  list: (m) => `PHYSDEV match${physdev.save(m)}`,
};

const set: MatchExtension<Of<'set'>> = {
  name: 'set',
  options: { '--match-set': 2 },
  build(given) {
    const one = last(given, '--match-set');
    if (!one) throw misuse("You must specify `--match-set' with proper arguments");
    const directions = (one.values[1] ?? '')
      .split(',')
      .map((word) => (word === 'dst' ? 'dst' : 'src'));
    return { kind: 'set', set: one.values[0] ?? '', directions, not: one.not };
  },
  save: (m) => option('match-set', `${m.set} ${m.directions.join(',')}`, m.not),
  list: (m) => `${m.not ? '! ' : ''}match-set ${m.set} ${m.directions.join(',')}`,
};

const recent: MatchExtension<Of<'recent'>> = {
  name: 'recent',
  options: {
    '--set': 0,
    '--rcheck': 0,
    '--update': 0,
    '--remove': 0,
    '--seconds': 1,
    '--hitcount': 1,
    '--reap': 0,
    '--name': 1,
    '--rsource': 0,
    '--rdest': 0,
    '--mask': 1,
    '--rttl': 0,
  },
  build(given) {
    const one = last(given, '--set', '--rcheck', '--update', '--remove');
    if (!one)
      throw misuse("recent: you must specify one of `--set', `--rcheck' `--update' or `--remove'");
    const number = (name: string): number | undefined => {
      const value = last(given, name)?.values[0];
      return value === undefined ? undefined : Number(value);
    };
    return {
      kind: 'recent',
      action: one.option.slice(2) as Of<'recent'>['action'],
      list: last(given, '--name')?.values[0] ?? 'DEFAULT',
      seconds: number('--seconds'),
      hits: number('--hitcount'),
      reap: last(given, '--reap') !== undefined,
      mask: last(given, '--mask')?.values[0] ?? '255.255.255.255',
      side: last(given, '--rdest') ? 'destination' : 'source',
      not: one.not,
    };
  },
  save: (m) =>
    option(m.action, '', m.not) +
    (m.seconds === undefined ? '' : option('seconds', String(m.seconds))) +
    (m.reap ? option('reap', '') : '') +
    (m.hits === undefined ? '' : option('hitcount', String(m.hits))) +
    option('name', m.list) +
    option('mask', m.mask) +
    option(m.side === 'source' ? 'rsource' : 'rdest', ''),
  list: (m) =>
    `${m.not ? '! ' : ''}recent: ${{ set: 'SET', rcheck: 'CHECK', update: 'UPDATE', remove: 'REMOVE' }[m.action]}${m.seconds === undefined ? '' : ` seconds: ${m.seconds}`}${m.reap ? ' reap' : ''}${m.hits === undefined ? '' : ` hit_count: ${m.hits}`} name: ${m.list} side: ${m.side === 'source' ? 'source' : 'dest'} mask: ${m.mask}`,
};

const limit: MatchExtension<Of<'limit'>> = {
  name: 'limit',
  options: { '--limit': 1, '--limit-burst': 1 },
  build(given) {
    const text = last(given, '--limit')?.values[0] ?? '3/hour';
    const burst = Number(last(given, '--limit-burst')?.values[0] ?? 5);
    return { kind: 'limit', ...rateOf(text), burst, bucket: { tokens: burst, at: 0 } };
  },
  save: (m) =>
    `${option('limit', rateText(m))}${m.burst === 5 ? '' : option('limit-burst', String(m.burst))}`,
  list: (m) => `limit: avg ${rateText(m)} burst ${m.burst}`,
};

/** Matches of this file. Each is only ever given conditions that it has made. */
export const stateMatches = [
  conntrack,
  state,
  addrtype,
  physdev,
  set,
  recent,
  limit,
] as unknown as readonly MatchExtension[];
