// What an extension of iptables is: its options, how its condition is made of them, and how it is written again.

import { parseIp } from '../../../kernel/network/address.ts';
import type { Match, PortRange, Target } from '../../../kernel/network/netfilter/rule.ts';
import { misuse } from './problem.ts';

/** One option as it was given. */
export interface Given {
  readonly option: string;
  readonly values: readonly string[];
  readonly not: boolean;
}

export interface MatchExtension<M extends Match = Match> {
  readonly name: string;
  /** Options with how many words follow each. */
  readonly options: Readonly<Record<string, number>>;
  build(given: readonly Given[], protocol: number | undefined): M;
  /** After `-m name`, as iptables-save writes it. */
  save(match: M): string;
  /** As `-L` writes it; `numeric` with -n. */
  list(match: M, numeric: boolean): string;
}

export interface TargetExtension<T extends Target = Target> {
  readonly name: string;
  readonly options: Readonly<Record<string, number>>;
  build(given: readonly Given[], protocol: number | undefined): T;
  save(target: T): string;
  list(target: T): string;
}

/** The last of the options given by one of `names`. */
export function last(given: readonly Given[], ...names: string[]): Given | undefined {
  return given.findLast((one) => names.includes(one.option));
}

const SERVICES: Readonly<Record<string, number>> = {
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  domain: 53,
  http: 80,
  kerberos: 88,
  pop3: 110,
  ntp: 123,
  imap2: 143,
  snmp: 161,
  ldap: 389,
  https: 443,
  submission: 587,
  imaps: 993,
  mysql: 3306,
  postgresql: 5432,
  redis: 6379,
  'http-alt': 8080,
  tcpmux: 1,
  echo: 7,
  discard: 9,
  daytime: 13,
  'ftp-data': 20,
  time: 37,
  whois: 43,
  bootps: 67,
  bootpc: 68,
  tftp: 69,
  gopher: 70,
  finger: 79,
  sunrpc: 111,
  nntp: 119,
  'netbios-ns': 137,
  'netbios-ssn': 139,
  'snmp-trap': 162,
  bgp: 179,
  irc: 194,
  'microsoft-ds': 445,
  submissions: 465,
  isakmp: 500,
  shell: 514,
  printer: 515,
  nntps: 563,
  ipp: 631,
  ldaps: 636,
  rsync: 873,
  telnets: 992,
  pop3s: 995,
  socks: 1080,
  openvpn: 1194,
  'ms-sql-s': 1433,
  'ms-sql-m': 1434,
  'cisco-sccp': 2000,
  nfs: 2049,
  iscsi: 3260,
  svn: 3690,
  sip: 5060,
  'xmpp-client': 5222,
  mdns: 5353,
  amqp: 5672,
  x11: 6000,
  bbs: 7000,
  tproxy: 8081,
  git: 9418,
  webmin: 10_000,
};

/** A port or service name. */
export function portOf(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : SERVICES[text];
  if (port === undefined || port > 65_535)
    throw misuse(`invalid port/service \`${text}' specified`);
  return port;
}

/** The name of a port's service, as -L without -n shows it. */
export function portText(port: number, numeric: boolean): string {
  if (numeric) return String(port);
  return Object.keys(SERVICES).find((name) => SERVICES[name] === port) ?? String(port);
}

/** `80`, `80:90`, `:90`, `80:`. */
export function portRange(given: Given | undefined): PortRange | undefined {
  if (!given) return undefined;
  const [low = '', high] = (given.values[0] ?? '').split(':');
  const from = low === '' ? 0 : portOf(low);
  const to = high === undefined ? from : high === '' ? 65_535 : portOf(high);
  if (from > to) throw misuse(`invalid portrange (min > max)`);
  return { low: from, high: to, not: given.not };
}

export function rangeText(range: { low: number; high: number }): string {
  return range.low === range.high ? String(range.low) : `${range.low}:${range.high}`;
}

/** ` ! ` before a negated option. */
export function option(name: string, value: string, not = false): string {
  return `${not ? ' !' : ''} --${name}${value === '' ? '' : ` ${value}`}`;
}

/** A string as iptables-save writes it: quoted where it holds more than letters, digits, `-` and `_`. */
export function quoted(text: string): string {
  return /^[A-Za-z0-9_-]+$/.test(text) ? text : `"${text.replace(/["\\']/g, '\\$&')}"`;
}

/** Numbers as 0x…, octal or decimal, with an optional /mask. */
export function valueAndMask(text: string): { value: number; mask: number } {
  const [value = '', mask] = text.split('/');
  const number = (word: string): number => {
    const parsed = Number(word);
    if (word === '' || !Number.isInteger(parsed) || parsed < 0)
      throw misuse('mark: bad integer value for option "--mark", or out of range.\n');
    return parsed;
  };
  return { value: number(value), mask: mask === undefined ? 0xffffffff : number(mask) };
}

export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** A mark as matches write it. */
export function maskedText(value: number, mask: number): string {
  return mask === 0xffffffff ? hex(value) : `${hex(value)}/${hex(mask)}`;
}

/** An address of a range; a mistake where it is none. */
export function ipOf(text: string, said: string): number {
  const ip = parseIp(text);
  if (ip === undefined || ip < 0) throw misuse(said);
  return ip;
}
