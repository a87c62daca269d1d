// The targets of iptables-extensions(8): their options and how they are written.

import { formatIp, formatPrefix, parsePrefix } from '../../../kernel/network/address.ts';
import type {
  NatRange,
  NatTarget,
  RejectWith,
  Target,
} from '../../../kernel/network/netfilter/rule.ts';
import {
  type Given,
  hex,
  ipOf,
  last,
  option,
  portOf,
  quoted,
  type TargetExtension,
  valueAndMask,
} from './extension.ts';
import { misuse } from './problem.ts';

type Of<K extends Target['kind']> = Extract<Target, { kind: K }>;

const REJECTS: Readonly<Record<string, RejectWith>> = {
  'icmp-net-unreachable': 'icmp-net-unreachable',
  'net-unreach': 'icmp-net-unreachable',
  'icmp-host-unreachable': 'icmp-host-unreachable',
  'host-unreach': 'icmp-host-unreachable',
  'icmp-proto-unreachable': 'icmp-proto-unreachable',
  'proto-unreach': 'icmp-proto-unreachable',
  'icmp-port-unreachable': 'icmp-port-unreachable',
  'port-unreach': 'icmp-port-unreachable',
  'icmp-net-prohibited': 'icmp-net-prohibited',
  'net-prohib': 'icmp-net-prohibited',
  'icmp-host-prohibited': 'icmp-host-prohibited',
  'host-prohib': 'icmp-host-prohibited',
  'icmp-admin-prohibited': 'icmp-admin-prohibited',
  'admin-prohib': 'icmp-admin-prohibited',
  'tcp-reset': 'tcp-reset',
  'tcp-rst': 'tcp-reset',
};

const reject: TargetExtension<Of<'REJECT'>> = {
  name: 'REJECT',
  options: { '--reject-with': 1 },
  build(given) {
    const word = last(given, '--reject-with')?.values[0] ?? 'icmp-port-unreachable';
    const how = REJECTS[word];
    if (!how) throw misuse(`unknown reject type "${word}"`);
    return { kind: 'REJECT', with: how };
  },
  save: (t) => option('reject-with', t.with),
  list: (t) => `reject-with ${t.with}`,
};

const NO_RANGE: NatRange = {
  low: undefined,
  high: undefined,
  portLow: undefined,
  portHigh: undefined,
  random: false,
  fullyRandom: false,
  persistent: false,
};

/** `ip[-ip][:port[-port]]`. */
function destinationRange(text: string, needsPorts: boolean): Partial<NatRange> {
  const colon = text.indexOf(':');
  const [low = '', high] = (colon < 0 ? text : text.slice(0, colon)).split('-');
  const bad = `Bad IP address "${low}"\n`;
  const ports = colon < 0 ? {} : portsOf(text.slice(colon + 1), needsPorts);
  if (low === '') return ports;
  return {
    low: ipOf(low, bad),
    high: high === undefined ? undefined : ipOf(high, `Bad IP address "${high}"\n`),
    ...ports,
  };
}

function portsOf(text: string, allowed: boolean): Partial<NatRange> {
  if (!allowed) throw misuse('Need TCP, UDP, SCTP or DCCP with port specification');
  const [low = '', high] = text.split('-');
  return { portLow: portOf(low), portHigh: high === undefined ? portOf(low) : portOf(high) };
}

function flags(given: readonly Given[]): Partial<NatRange> {
  return {
    random: last(given, '--random') !== undefined,
    fullyRandom: last(given, '--random-fully') !== undefined,
    persistent: last(given, '--persistent') !== undefined,
  };
}

function rangeText(range: NatRange): string {
  const ip =
    range.low === undefined
      ? ''
      : formatIp(range.low) + (range.high === undefined ? '' : `-${formatIp(range.high)}`);
  return range.portLow === undefined ? ip : `${ip}:${portText(range)}`;
}

function portText(range: NatRange): string {
  const { portLow, portHigh } = range;
  return portHigh === undefined || portHigh === portLow
    ? String(portLow)
    : `${portLow}-${portHigh}`;
}

function flagText(range: NatRange, prefix: string): string {
  return (
    (range.random ? ` ${prefix}random` : '') +
    (range.fullyRandom ? ` ${prefix}random-fully` : '') +
    (range.persistent ? ` ${prefix}persistent` : '')
  );
}

const NAT_FLAGS = { '--random': 0, '--random-fully': 0, '--persistent': 0 };
const WITH_PORTS = [6, 17, 33, 132];

function addressed(name: 'DNAT' | 'SNAT', word: string): TargetExtension<NatTarget> {
  return {
    name,
    options: { [`--${word}`]: 1, ...NAT_FLAGS },
    build(given, protocol) {
      const to = last(given, `--${word}`);
      if (!to) throw misuse(`${name}: option "--${word}" must be specified\n`);
      const ports = protocol !== undefined && WITH_PORTS.includes(protocol);
      return {
        kind: name,
        range: { ...NO_RANGE, ...destinationRange(to.values[0] ?? '', ports), ...flags(given) },
      };
    },
    save: (t) => option(word, rangeText(t.range)) + flagText(t.range, '--'),
    list: (t) => `to:${rangeText(t.range)}${flagText(t.range, '')}`,
  };
}

const masquerade: TargetExtension<NatTarget> = {
  name: 'MASQUERADE',
  options: { '--to-ports': 1, ...NAT_FLAGS },
  build(given, protocol) {
    const to = last(given, '--to-ports')?.values[0];
    const ports =
      to === undefined ? {} : portsOf(to, protocol !== undefined && WITH_PORTS.includes(protocol));
    return { kind: 'MASQUERADE', range: { ...NO_RANGE, ...ports, ...flags(given) } };
  },
  save: (t) =>
    (t.range.portLow === undefined ? '' : option('to-ports', portText(t.range))) +
    flagText(t.range, '--'),
  list: (t) =>
    `${t.range.portLow === undefined ? '' : `masq ports: ${portText(t.range)}`}${flagText(t.range, '')}`.trim(),
};

const redirect: TargetExtension<NatTarget> = {
  name: 'REDIRECT',
  options: { '--to-ports': 1, '--random': 0 },
  build(given, protocol) {
    const to = last(given, '--to-ports')?.values[0];
    const ports =
      to === undefined ? {} : portsOf(to, protocol !== undefined && WITH_PORTS.includes(protocol));
    return { kind: 'REDIRECT', range: { ...NO_RANGE, ...ports, ...flags(given) } };
  },
  save: (t) =>
    (t.range.portLow === undefined ? '' : option('to-ports', portText(t.range))) +
    flagText(t.range, '--'),
  list: (t) =>
    `${t.range.portLow === undefined ? '' : `redir ports ${portText(t.range)}`}${flagText(t.range, '')}`.trim(),
};

const netmap: TargetExtension<Of<'NETMAP'>> = {
  name: 'NETMAP',
  options: { '--to': 1 },
  build(given) {
    const to = parsePrefix(last(given, '--to')?.values[0] ?? '');
    if (!to) throw misuse('NETMAP: option "--to" must be specified\n');
    return { kind: 'NETMAP', to };
  },
  save: (t) => option('to', formatPrefix(t.to)),
  list: (t) => `to:${formatPrefix(t.to)}`,
};

const LEVELS = ['emerg', 'alert', 'crit', 'error', 'warning', 'notice', 'info', 'debug'];

const log: TargetExtension<Of<'LOG'>> = {
  name: 'LOG',
  options: {
    '--log-prefix': 1,
    '--log-level': 1,
    '--log-tcp-sequence': 0,
    '--log-tcp-options': 0,
    '--log-ip-options': 0,
    '--log-uid': 0,
  },
  build(given) {
    const level = last(given, '--log-level')?.values[0] ?? '4';
    const number = /^\d$/.test(level)
      ? Number(level)
      : LEVELS.findIndex((name) => name.startsWith(level));
    if (number < 0 || number > 7) throw misuse(`log level "${level}" unknown\n`);
    return { kind: 'LOG', prefix: last(given, '--log-prefix')?.values[0] ?? '', level: number };
  },
  save: (t) =>
    (t.prefix === '' ? '' : option('log-prefix', quoted(t.prefix))) +
    (t.level === 4 ? '' : option('log-level', String(t.level))),
  list: (t) => `LOG flags 0 level ${t.level}${t.prefix === '' ? '' : ` prefix "${t.prefix}"`}`,
};

const nflog: TargetExtension<Of<'NFLOG'>> = {
  name: 'NFLOG',
  options: { '--nflog-group': 1, '--nflog-prefix': 1 },
  build: (given) => ({
    kind: 'NFLOG',
    prefix: last(given, '--nflog-prefix')?.values[0] ?? '',
    group: Number(last(given, '--nflog-group')?.values[0] ?? 0),
  }),
  save: (t) =>
    (t.prefix === '' ? '' : option('nflog-prefix', quoted(t.prefix))) +
    (t.group === 0 ? '' : option('nflog-group', String(t.group))),
  list: (t) =>
    [
      ...(t.prefix === '' ? [] : [`nflog-prefix ${quoted(t.prefix)}`]),
      ...(t.group === 0 ? [] : [`nflog-group ${t.group}`]),
    ].join(' '),
};

const MARK_OPTIONS = {
  '--set-mark': 1,
  '--set-xmark': 1,
  '--or-mark': 1,
  '--and-mark': 1,
  '--xor-mark': 1,
};

function markOf(given: readonly Given[], name: string): { value: number; mask: number } {
  const one = last(given, ...Object.keys(MARK_OPTIONS));
  if (!one) throw misuse(`${name}: The -set-mark, or-mark... option is required`);
  const { value, mask } = valueAndMask(one.values[0] ?? '');
  if (one.option === '--or-mark') return { value, mask: value };
  if (one.option === '--and-mark') return { value: 0, mask: ~value >>> 0 };
  if (one.option === '--xor-mark') return { value, mask: 0 };
  return { value, mask: one.option === '--set-mark' ? (mask | value) >>> 0 : mask };
}

function markText(value: number, mask: number): string {
  if (mask === 0xffffffff) return `set ${hex(value)}`;
  if (value === 0) return `and ${hex(~mask >>> 0)}`;
  if (mask === value) return `or ${hex(value)}`;
  return mask === 0 ? `xor ${hex(value)}` : `xset ${hex(value)}/${hex(mask)}`;
}

const mark: TargetExtension<Of<'MARK'>> = {
  name: 'MARK',
  options: MARK_OPTIONS,
  build: (given) => ({ kind: 'MARK', operation: 'xset', ...markOf(given, 'MARK') }),
  save: (t) => option('set-xmark', `${hex(t.value)}/${hex(t.mask)}`),
  list: (t) => `MARK ${markText(t.value, t.mask)}`,
};

const connmark: TargetExtension<Of<'CONNMARK'>> = {
  name: 'CONNMARK',
  options: {
    ...MARK_OPTIONS,
    '--save-mark': 0,
    '--restore-mark': 0,
    '--nfmask': 1,
    '--ctmask': 1,
    '--mask': 1,
  },
  build(given) {
    const mask = Number(last(given, '--mask', '--nfmask')?.values[0] ?? 0xffffffff);
    if (last(given, '--save-mark')) return { kind: 'CONNMARK', operation: 'save', value: 0, mask };
    if (last(given, '--restore-mark'))
      return { kind: 'CONNMARK', operation: 'restore', value: 0, mask };
    return { kind: 'CONNMARK', operation: 'xset', ...markOf(given, 'CONNMARK') };
  },
  save(t) {
    if (t.operation === 'xset') return option('set-xmark', `${hex(t.value)}/${hex(t.mask)}`);
    return `${option(`${t.operation}-mark`, '')}${option('nfmask', hex(t.mask))}${option('ctmask', hex(t.mask))}`;
  },
  list: (t) =>
    t.operation === 'xset'
      ? `CONNMARK ${markText(t.value, t.mask)}`
      : `CONNMARK ${t.operation}${t.mask === 0xffffffff ? '' : ` mask ${hex(t.mask)}`}`,
};

const ct: TargetExtension<Of<'CT'>> = {
  name: 'CT',
  options: { '--notrack': 0, '--zone': 1, '--helper': 1 },
  build: (given) => ({ kind: 'CT', notrack: last(given, '--notrack') !== undefined }),
  save: (t) => (t.notrack ? option('notrack', '') : ''),
  list: (t) => `CT${t.notrack ? ' notrack' : ''}`,
};

const notrack: TargetExtension<Of<'NOTRACK'>> = {
  name: 'NOTRACK',
  options: {},
  build: () => ({ kind: 'NOTRACK' }),
  save: () => '',
  list: () => '',
};

const tcpmss: TargetExtension<Of<'TCPMSS'>> = {
  name: 'TCPMSS',
  options: { '--set-mss': 1, '--clamp-mss-to-pmtu': 0 },
  build: (given) => ({
    kind: 'TCPMSS',
    clamp: last(given, '--clamp-mss-to-pmtu') !== undefined,
    value: Number(last(given, '--set-mss')?.values[0] ?? 0),
  }),
  save: (t) => (t.clamp ? option('clamp-mss-to-pmtu', '') : option('set-mss', String(t.value))),
  list: (t) => (t.clamp ? 'TCPMSS clamp to PMTU' : `TCPMSS set ${t.value}`),
};

const checksum: TargetExtension<Of<'CHECKSUM'>> = {
  name: 'CHECKSUM',
  options: { '--checksum-fill': 0 },
  build: () => ({ kind: 'CHECKSUM' }),
  save: () => option('checksum-fill', ''),
  list: () => 'CHECKSUM fill',
};

/** Targets with options of their own. Each is only ever given targets that it has made. */
export const targetExtensions = [
  reject,
  addressed('DNAT', 'to-destination'),
  addressed('SNAT', 'to-source'),
  masquerade,
  redirect,
  netmap,
  log,
  nflog,
  mark,
  connmark,
  ct,
  notrack,
  tcpmss,
  checksum,
] as unknown as readonly TargetExtension[];

/** Tables and built-in chains in which a target may stand; all where it is not named. */
export const TARGET_PLACES: Readonly<
  Record<string, { readonly tables: readonly string[]; readonly hooks: readonly string[] }>
> = {
  REJECT: { tables: ['filter'], hooks: ['INPUT', 'FORWARD', 'OUTPUT'] },
  DNAT: { tables: ['nat'], hooks: ['PREROUTING', 'OUTPUT'] },
  REDIRECT: { tables: ['nat'], hooks: ['PREROUTING', 'OUTPUT'] },
  SNAT: { tables: ['nat'], hooks: ['POSTROUTING', 'INPUT'] },
  MASQUERADE: { tables: ['nat'], hooks: ['POSTROUTING'] },
  NETMAP: { tables: ['nat'], hooks: ['PREROUTING', 'POSTROUTING', 'OUTPUT', 'INPUT'] },
  CT: { tables: ['raw'], hooks: ['PREROUTING', 'OUTPUT'] },
  NOTRACK: { tables: ['raw'], hooks: ['PREROUTING', 'OUTPUT'] },
};
