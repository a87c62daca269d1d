// The matches of iptables-extensions(8) that are about ports, addresses, text and chance.

import { formatIp } from '../../../kernel/network/address.ts';
import type { IpRange, Match, PortRange } from '../../../kernel/network/netfilter/rule.ts';
import {
  type Given,
  ipOf,
  last,
  type MatchExtension,
  maskedText,
  option,
  portOf,
  portRange,
  portText,
  quoted,
  rangeText,
  valueAndMask,
} from './extension.ts';
import { misuse } from './problem.ts';

type Of<K extends Match['kind']> = Extract<Match, { kind: K }>;

const FLAGS = [
  ['FIN', 1],
  ['SYN', 2],
  ['RST', 4],
  ['PSH', 8],
  ['ACK', 16],
  ['URG', 32],
] as const;

function flagBits(text: string): number {
  if (text === 'ALL') return 63;
  if (text === 'NONE') return 0;
  let bits = 0;
  for (const word of text.split(',')) {
    const flag = FLAGS.find(([name]) => name === word);
    if (!flag) throw misuse(`Unknown TCP flag \`${word}'`);
    bits |= flag[1];
  }
  return bits;
}

function flagText(bits: number): string {
  if (bits === 0) return 'NONE';
  return FLAGS.filter(([, bit]) => bits & bit)
    .map(([name]) => name)
    .join(',');
}

function portList(name: string, range: PortRange | undefined, numeric: boolean): string {
  if (!range) return '';
  const many = range.low !== range.high;
  const text = many
    ? `${portText(range.low, numeric)}:${portText(range.high, numeric)}`
    : portText(range.low, numeric);
  return ` ${name}${many ? 's' : ''}:${range.not ? '!' : ''}${text}`;
}

const PORT_OPTIONS = { '--sport': 1, '--source-port': 1, '--dport': 1, '--destination-port': 1 };

function savedPorts(match: { sport: PortRange | undefined; dport: PortRange | undefined }): string {
  const one = (name: string, range: PortRange | undefined): string =>
    range ? option(name, rangeText(range), range.not) : '';
  return one('sport', match.sport) + one('dport', match.dport);
}

const tcp: MatchExtension<Of<'tcp'>> = {
  name: 'tcp',
  options: { ...PORT_OPTIONS, '--tcp-flags': 2, '--syn': 0, '--tcp-option': 1 },
  build(given) {
    const syn = last(given, '--syn');
    const flags = last(given, '--tcp-flags');
    return {
      kind: 'tcp',
      sport: portRange(last(given, '--sport', '--source-port')),
      dport: portRange(last(given, '--dport', '--destination-port')),
      flags: syn
        ? { mask: 23, set: 2, not: syn.not }
        : flags && {
            mask: flagBits(flags.values[0] ?? ''),
            set: flagBits(flags.values[1] ?? ''),
            not: flags.not,
          },
    };
  },
  save: (m) =>
    savedPorts(m) +
    (m.flags
      ? option('tcp-flags', `${flagText(m.flags.mask)} ${flagText(m.flags.set)}`, m.flags.not)
      : ''),
  list: (m, numeric) =>
    `tcp${portList('spt', m.sport, numeric)}${portList('dpt', m.dport, numeric)}${m.flags ? ` flags:${m.flags.not ? '!' : ''}0x${m.flags.mask.toString(16).padStart(2, '0').toUpperCase()}/0x${m.flags.set.toString(16).padStart(2, '0').toUpperCase()}` : ''}`,
};

const udp: MatchExtension<Of<'udp'>> = {
  name: 'udp',
  options: PORT_OPTIONS,
  build: (given) => ({
    kind: 'udp',
    sport: portRange(last(given, '--sport', '--source-port')),
    dport: portRange(last(given, '--dport', '--destination-port')),
  }),
  save: savedPorts,
  list: (m, numeric) =>
    `udp${portList('spt', m.sport, numeric)}${portList('dpt', m.dport, numeric)}`,
};

const ICMP_NAMES: Readonly<Record<string, readonly [number, number | undefined]>> = {
  any: [255, undefined],
  'echo-reply': [0, undefined],
  pong: [0, undefined],
  'destination-unreachable': [3, undefined],
  'network-unreachable': [3, 0],
  'host-unreachable': [3, 1],
  'protocol-unreachable': [3, 2],
  'port-unreachable': [3, 3],
  'fragmentation-needed': [3, 4],
  'source-quench': [4, undefined],
  redirect: [5, undefined],
  'echo-request': [8, undefined],
  ping: [8, undefined],
  'time-exceeded': [11, undefined],
  'ttl-exceeded': [11, undefined],
  'ttl-zero-during-transit': [11, 0],
  'parameter-problem': [12, undefined],
  'timestamp-request': [13, undefined],
};

const icmp: MatchExtension<Of<'icmp'>> = {
  name: 'icmp',
  options: { '--icmp-type': 1, '--icmpv6-type': 1 },
  build(given) {
    const one = last(given, '--icmp-type', '--icmpv6-type');
    if (!one) return { kind: 'icmp', type: 255, code: undefined, not: false };
    const text = one.values[0] ?? '';
    const named = ICMP_NAMES[text];
    const [type, code] = named ?? text.split('/').map(Number);
    if (type === undefined || Number.isNaN(type)) throw misuse(`Unknown ICMP type \`${text}'`);
    return { kind: 'icmp', type, code, not: one.not };
  },
  save: (m) =>
    option(
      'icmp-type',
      m.type === 255 ? 'any' : `${m.type}${m.code === undefined ? '' : `/${m.code}`}`,
      m.not,
    ),
  list: (m) =>
    (m.type === 255
      ? 'icmp any'
      : `icmptype ${m.not ? '!' : ''}${m.type}${m.code === undefined ? '' : ` code ${m.code}`}`
    ).replace(/^icmp any$/, 'icmptype 255'),
};

const SIDES = { source: 'sports', destination: 'dports', either: 'ports' } as const;

const multiport: MatchExtension<Of<'multiport'>> = {
  name: 'multiport',
  options: {
    '--sports': 1,
    '--source-ports': 1,
    '--dports': 1,
    '--destination-ports': 1,
    '--ports': 1,
    '--sport': 1,
    '--dport': 1,
  },
  build(given, protocol) {
    const one = given.at(-1);
    if (!one) throw misuse('multiport expection an option');
    if (protocol === undefined || ![6, 17, 33, 132, 136].includes(protocol)) {
      throw misuse("multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'");
    }
    const side = one.option.startsWith('--s')
      ? 'source'
      : one.option.startsWith('--d')
        ? 'destination'
        : 'either';
    const ranges = (one.values[0] ?? '').split(',').map((text) => {
      const [low = '', high] = text.split(':');
      return { low: portOf(low), high: high === undefined ? portOf(low) : portOf(high) };
    });
    if (ranges.length > 15) throw misuse('too many ports specified');
    return { kind: 'multiport', side, not: one.not, ranges };
  },
  save: (m) => option(SIDES[m.side], m.ranges.map(rangeText).join(','), m.not),
  list(m, numeric) {
    const ports = m.ranges.map(({ low, high }) =>
      low === high
        ? portText(low, numeric)
        : `${portText(low, numeric)}:${portText(high, numeric)}`,
    );
    return `multiport ${SIDES[m.side]} ${m.not ? ' !' : ''}${ports.join(',')}`;
  },
};

function markMatch(kind: 'mark' | 'connmark'): MatchExtension<Of<'mark' | 'connmark'>> {
  return {
    name: kind,
    options: { '--mark': 1 },
    build(given) {
      const one = last(given, '--mark');
      if (!one) throw misuse(`${kind}: option "--mark" must be specified\n`);
      return { kind, ...valueAndMask(one.values[0] ?? ''), not: one.not };
    },
    save: (m) => option('mark', maskedText(m.value, m.mask), m.not),
    list: (m) =>
      `${kind === 'connmark' ? 'CONNMARK' : 'mark'} match ${m.not ? '! ' : ''}${maskedText(m.value, m.mask)}`,
  };
}

const comment: MatchExtension<Of<'comment'>> = {
  name: 'comment',
  options: { '--comment': 1 },
  build(given) {
    const one = last(given, '--comment');
    if (!one) throw misuse('comment: option "--comment" must be specified\n');
    return { kind: 'comment', text: one.values[0] ?? '' };
  },
  save: (m) => option('comment', quoted(m.text)),
  list: (m) => `/* ${m.text} */`,
};

const statistic: MatchExtension<Of<'statistic'>> = {
  name: 'statistic',
  options: { '--mode': 1, '--probability': 1, '--every': 1, '--packet': 1 },
  build(given) {
    const mode = last(given, '--mode')?.values[0];
    if (mode !== 'random' && mode !== 'nth') throw misuse(`Bad mode "${mode ?? ''}"`);
    const probability = last(given, '--probability');
    const every = last(given, '--every');
    // The kernel keeps a fraction of 2^31.
    const kept = Math.round(Number(probability?.values[0] ?? 0) * 2 ** 31) / 2 ** 31;
    return {
      kind: 'statistic',
      mode,
      probability: kept,
      every: Number(every?.values[0] ?? 1),
      packet: Number(last(given, '--packet')?.values[0] ?? 0),
      not: (probability ?? every)?.not ?? false,
      counter: { value: 0 },
    };
  },
  save(m) {
    if (m.mode === 'random')
      return `${option('mode', 'random')}${option('probability', m.probability.toFixed(11), m.not)}`;
    return `${option('mode', 'nth')}${option('every', String(m.every), m.not)}${option('packet', String(m.packet))}`;
  },
  list(m) {
    if (m.mode === 'random')
      return `statistic mode random${m.not ? ' !' : ''} probability ${m.probability.toFixed(11)}`;
    return `statistic mode nth${m.not ? ' !' : ''} every ${m.every}${m.packet > 0 ? ` packet ${m.packet}` : ''}`;
  },
};

function rangeOf(given: Given | undefined): IpRange | undefined {
  if (!given) return undefined;
  const [low = '', high = low] = (given.values[0] ?? '').split('-');
  const bad = `iprange: Bad value for "${given.option}" option: "${given.values[0]}"`;
  return { low: ipOf(low, bad), high: ipOf(high, bad), not: given.not };
}

const iprange: MatchExtension<Of<'iprange'>> = {
  name: 'iprange',
  options: { '--src-range': 1, '--dst-range': 1 },
  build: (given) => ({
    kind: 'iprange',
    source: rangeOf(last(given, '--src-range')),
    destination: rangeOf(last(given, '--dst-range')),
  }),
  save: (m) =>
    (m.source
      ? option('src-range', `${formatIp(m.source.low)}-${formatIp(m.source.high)}`, m.source.not)
      : '') +
    (m.destination
      ? option(
          'dst-range',
          `${formatIp(m.destination.low)}-${formatIp(m.destination.high)}`,
          m.destination.not,
        )
      : ''),
  list: (m) =>
    [
      m.source &&
        `source IP range ${m.source.not ? '! ' : ''}${formatIp(m.source.low)}-${formatIp(m.source.high)}`,
      m.destination &&
        `destination IP range ${m.destination.not ? '! ' : ''}${formatIp(m.destination.low)}-${formatIp(m.destination.high)}`,
    ]
      .filter(Boolean)
      .join(' '),
};

const mac: MatchExtension<Of<'mac'>> = {
  name: 'mac',
  options: { '--mac-source': 1 },
  build(given) {
    const one = last(given, '--mac-source');
    return { kind: 'mac', source: (one?.values[0] ?? '').toLowerCase(), not: one?.not ?? false };
  },
  save: (m) => option('mac-source', m.source, m.not),
  list: (m) => `MAC ${m.not ? '! ' : ''}${m.source}`,
};

const length: MatchExtension<Of<'length'>> = {
  name: 'length',
  options: { '--length': 1 },
  build: (given) => ({
    kind: 'length',
    range: portRange(last(given, '--length')) ?? { low: 0, high: 65_535, not: false },
  }),
  save: (m) => option('length', rangeText(m.range), m.range.not),
  list: (m) => `length ${m.range.not ? '!' : ''}${rangeText(m.range)}`,
};

const ttl: MatchExtension<Of<'ttl'>> = {
  name: 'ttl',
  options: { '--ttl': 1, '--ttl-eq': 1, '--ttl-lt': 1, '--ttl-gt': 1 },
  build(given) {
    const one = given.at(-1);
    const compare = one?.option === '--ttl-lt' ? 'lt' : one?.option === '--ttl-gt' ? 'gt' : 'eq';
    return { kind: 'ttl', compare, value: Number(one?.values[0] ?? 0), not: one?.not ?? false };
  },
  save: (m) => option(`ttl-${m.compare}`, String(m.value), m.not),
  list: (m) =>
    `TTL match TTL ${m.not ? '!= ' : { eq: '== ', lt: '< ', gt: '> ' }[m.compare]}${m.value}`,
};

/** Matches of this file. Each is only ever given conditions that it has made. */
export const plainMatches = [
  tcp,
  udp,
  icmp,
  multiport,
  markMatch('mark'),
  markMatch('connmark'),
  comment,
  statistic,
  iprange,
  mac,
  length,
  ttl,
] as unknown as readonly MatchExtension[];
