// The matches of iptables-extensions(8) that count or look inside: connections, rates by address, words, sockets.

import type { LimitMatch, Match, PortRange } from '../../../kernel/network/netfilter/rule.ts';
import { type Given, last, type MatchExtension, option, rangeText } from './extension.ts';
import { misuse } from './problem.ts';

type Of<K extends Match['kind']> = Extract<Match, { kind: K }>;

const PERIODS = { sec: 'second', min: 'minute', hour: 'hour', day: 'day' } as const;

/** `5/sec` of `--limit` and `--hashlimit-upto`. */
export function rateOf(text: string): Pick<LimitMatch, 'rate' | 'per'> {
  const parsed = /^(\d+)(?:\/(s|sec|second|m|min|minute|h|hour|d|day))?$/.exec(text);
  if (!parsed) throw misuse(`bad rate "${text}"'`);
  const word = (parsed[2] ?? 'second').charAt(0);
  const per = Object.values(PERIODS).find((period) => period.startsWith(word)) ?? 'second';
  return { rate: Number(parsed[1]), per };
}

export function rateText(match: Pick<LimitMatch, 'rate' | 'per'>): string {
  const short = Object.entries(PERIODS).find(([, long]) => long === match.per)?.[0];
  return `${match.rate}/${short}`;
}

const connlimit: MatchExtension<Of<'connlimit'>> = {
  name: 'connlimit',
  options: {
    '--connlimit-above': 1,
    '--connlimit-upto': 1,
    '--connlimit-mask': 1,
    '--connlimit-saddr': 0,
    '--connlimit-daddr': 0,
  },
  build(given) {
    const one = last(given, '--connlimit-above', '--connlimit-upto');
    if (!one) {
      throw misuse('You must specify "--connlimit-above" or "--connlimit-upto".');
    }
    return {
      kind: 'connlimit',
      limit: Number(one.values[0]),
      above: (one.option === '--connlimit-above') !== one.not,
      prefixLength: Number(last(given, '--connlimit-mask')?.values[0] ?? 32),
      side: last(given, '--connlimit-daddr') ? 'destination' : 'source',
    };
  },
  save: (m) =>
    option(m.above ? 'connlimit-above' : 'connlimit-upto', String(m.limit)) +
    option('connlimit-mask', String(m.prefixLength)) +
    option(m.side === 'source' ? 'connlimit-saddr' : 'connlimit-daddr', ''),
  list: (m) =>
    `#conn ${m.side === 'source' ? 'src' : 'dst'}/${m.prefixLength} ${m.above ? '>' : '<='} ${m.limit}`,
};

const MODES = ['srcip', 'srcport', 'dstip', 'dstport'] as const;

const hashlimit: MatchExtension<Of<'hashlimit'>> = {
  name: 'hashlimit',
  options: {
    '--hashlimit': 1,
    '--hashlimit-upto': 1,
    '--hashlimit-above': 1,
    '--hashlimit-burst': 1,
    '--hashlimit-mode': 1,
    '--hashlimit-name': 1,
  },
  build(given) {
    const one = last(given, '--hashlimit', '--hashlimit-upto', '--hashlimit-above');
    if (!one) throw misuse('You have to specify --hashlimit');
    const name = last(given, '--hashlimit-name')?.values[0];
    if (name === undefined)
      throw misuse('hashlimit: option "--hashlimit-name" must be specified\n');
    const words = last(given, '--hashlimit-mode')?.values[0]?.split(',') ?? [];
    const wrong = words.find((word) => !MODES.some((mode) => mode === word));
    if (wrong !== undefined)
      throw misuse(`bad value for option "--hashlimit-mode", or out of range: "${wrong}"`);
    return {
      kind: 'hashlimit',
      above: (one.option === '--hashlimit-above') !== one.not,
      ...rateOf(one.values[0] ?? ''),
      burst: Number(last(given, '--hashlimit-burst')?.values[0] ?? 5),
      mode: MODES.filter((mode) => words.includes(mode)),
      name,
      buckets: new Map(),
    };
  },
  save: (m) =>
    option(m.above ? 'hashlimit-above' : 'hashlimit-upto', rateText(m)) +
    option('hashlimit-burst', String(m.burst)) +
    (m.mode.length > 0 ? option('hashlimit-mode', m.mode.join(',')) : '') +
    option('hashlimit-name', m.name),
  list: (m) =>
    `limit: ${m.above ? 'above' : 'up to'} ${rateText(m)} burst ${m.burst}${m.mode.length > 0 ? ` mode ${m.mode.join('-')}` : ''}`,
};

const string: MatchExtension<Of<'string'>> = {
  name: 'string',
  options: { '--string': 1, '--algo': 1, '--icase': 0 },
  build(given) {
    const text = last(given, '--string');
    if (!text) throw misuse("STRING match: You must specify `--string' or `--hex-string'");
    const algorithm = last(given, '--algo')?.values[0];
    if (algorithm === undefined) throw misuse('string: option "--algo" must be specified\n');
    return {
      kind: 'string',
      text: text.values[0] ?? '',
      algorithm,
      ignoreCase: last(given, '--icase') !== undefined,
      not: text.not,
    };
  },
  save: (m) =>
    `${m.not ? ' !' : ''} --string "${m.text.replace(/["\\]/g, '\\$&')}"${option('algo', m.algorithm)}${m.ignoreCase ? ' --icase' : ''}`,
  list: (m) =>
    `STRING match ${m.not ? '!' : ''} "${m.text}" ALGO name ${m.algorithm}${m.ignoreCase ? ' ICASE' : ''}`,
};

const pkttype: MatchExtension<Of<'pkttype'>> = {
  name: 'pkttype',
  options: { '--pkt-type': 1 },
  build(given) {
    const one = last(given, '--pkt-type');
    if (!one) throw misuse('pkttype: option "--pkt-type" must be specified\n');
    const type = one.values[0];
    if (type !== 'unicast' && type !== 'broadcast' && type !== 'multicast')
      throw misuse(`Bad packet type '${type ?? ''}'`);
    return { kind: 'pkttype', type, not: one.not };
  },
  save: (m) => option('pkt-type', m.type, m.not),
  list: (m) => `PKTTYPE ${m.not ? '!' : ''}= ${m.type}`,
};

/** `0`, `1000-2000`; names have been looked up before. */
function idRange(given: Given | undefined): PortRange | undefined {
  if (!given) return undefined;
  const [low = '', high = low] = (given.values[0] ?? '').split('-');
  if (!/^\d+(-\d+)?$/.test(given.values[0] ?? '')) {
    throw misuse(`owner: Bad value for "${given.option}" option: "${given.values[0]}"`);
  }
  return { low: Number(low), high: Number(high), not: given.not };
}

const owner: MatchExtension<Of<'owner'>> = {
  name: 'owner',
  options: { '--uid-owner': 1, '--gid-owner': 1 },
  build(given) {
    if (given.length === 0) {
      throw misuse(
        'owner: At least one of --uid-owner, --gid-owner or --socket-exists is required',
      );
    }
    return {
      kind: 'owner',
      uid: idRange(last(given, '--uid-owner')),
      gid: idRange(last(given, '--gid-owner')),
    };
  },
  save: (m) =>
    (m.uid ? option('uid-owner', rangeText(m.uid).replace(':', '-'), m.uid.not) : '') +
    (m.gid ? option('gid-owner', rangeText(m.gid).replace(':', '-'), m.gid.not) : ''),
  list: (m) =>
    (m.uid ? `${m.uid.not ? '! ' : ''}owner UID match ${rangeText(m.uid)}` : '') +
    (m.gid ? `${m.gid.not ? '! ' : ''}owner GID match ${rangeText(m.gid)}` : ''),
};

/** Matches of this file. Each is only ever given conditions that it has made. */
export const countMatches = [
  connlimit,
  hashlimit,
  string,
  pkttype,
  owner,
] as unknown as readonly MatchExtension[];
