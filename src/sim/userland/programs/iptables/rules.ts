// Rules of iptables: read from words, written as iptables-save and as -L do.

import {
  formatIp,
  formatPrefix,
  networkOf,
  parsePrefix,
  type Prefix,
} from '../../../kernel/network/address.ts';
import type { Match, Rule, Target } from '../../../kernel/network/netfilter/rule.ts';
import { PROTOCOL_NAMES } from '../../../kernel/network/packet.ts';
import type { Given, MatchExtension, TargetExtension } from './extension.ts';
import { countMatches } from './count-matches.ts';
import { plainMatches } from './matches.ts';
import { misuse } from './problem.ts';
import { stateMatches } from './state-matches.ts';
import { targetExtensions } from './targets.ts';

const MATCHES = new Map(
  [...plainMatches, ...stateMatches, ...countMatches].map((extension) => [
    extension.name,
    extension,
  ]),
);
const TARGETS = new Map(targetExtensions.map((extension) => [extension.name, extension]));
const VERDICTS = ['ACCEPT', 'DROP', 'RETURN'];
/** Targets and matches that iptables knows and that are not simulated. */
const OTHER_TARGETS = [
  'TCPMSS',
  'NFQUEUE',
  'TPROXY',
  'TRACE',
  'CLASSIFY',
  'DSCP',
  'TOS',
  'TTL',
  'SET',
  'AUDIT',
  'CONNSECMARK',
  'SECMARK',
  'HMARK',
  'IDLETIMER',
  'RATEEST',
  'SYNPROXY',
  'TEE',
  'TCPOPTSTRIP',
  'ULOG',
  'ECN',
  'LED',
  'CLUSTERIP',
  'QUEUE',
];
const OTHER_MATCHES = [
  'time',
  'bpf',
  'cgroup',
  'cluster',
  'connbytes',
  'connlabel',
  'cpu',
  'dccp',
  'devgroup',
  'dscp',
  'ecn',
  'esp',
  'helper',
  'ipvs',
  'nfacct',
  'osf',
  'policy',
  'quota',
  'rateest',
  'realm',
  'rpfilter',
  'sctp',
  'socket',
  'tcpmss',
  'tos',
  'u32',
  'ah',
];

/** Thrown for what iptables can do and we cannot. */
export class NotSimulated {
  readonly what: string;
  constructor(what: string) {
    this.what = what;
  }
}

interface Loaded {
  readonly extension: MatchExtension;
  readonly given: Given[];
}

/** A rule being read. */
export class RuleDraft {
  protocol: Rule['protocol'];
  sources: { prefix: Prefix; not: boolean }[] = [];
  destinations: { prefix: Prefix; not: boolean }[] = [];
  in: Rule['in'];
  out: Rule['out'];
  private readonly loaded: Loaded[] = [];
  jump: string | undefined;
  isGoto = false;
  private targetExtension: TargetExtension | undefined;
  private readonly targetGiven: Given[] = [];
  counters: readonly [number, number] = [0, 0];

  /** Takes one option with its values from `next`. False: it is no option of rules. */
  take(option: string, not: boolean, next: () => string): boolean {
    switch (option) {
      case '-p':
      case '--protocol':
      case '--proto':
        this.protocol = protocolOf(next(), not);
        return true;
      case '-s':
      case '--source':
      case '--src':
        this.sources = prefixesOf(next(), not);
        return true;
      case '-d':
      case '--destination':
      case '--dst':
        this.destinations = prefixesOf(next(), not);
        return true;
      case '-i':
      case '--in-interface':
        this.in = { name: next(), not };
        return true;
      case '-o':
      case '--out-interface':
        this.out = { name: next(), not };
        return true;
      case '-m':
      case '--match':
        this.load(next());
        return true;
      case '-j':
      case '--jump':
      case '-g':
      case '--goto':
        if (this.jump !== undefined) throw misuse('multiple -j flags not allowed');
        this.jump = next();
        this.isGoto = option === '-g' || option === '--goto';
        this.targetExtension = this.isGoto ? undefined : TARGETS.get(this.jump);
        if (OTHER_TARGETS.includes(this.jump)) throw new NotSimulated(`iptables -j ${this.jump}`);
        return true;
      case '-c':
      case '--set-counters':
        this.counters = [Number(next()), Number(next())];
        return true;
      default:
        return this.takeOfExtension(option, not, next);
    }
  }

  private load(name: string): Loaded {
    const extension = MATCHES.get(name);
    if (OTHER_MATCHES.includes(name)) throw new NotSimulated(`iptables -m ${name}`);
    if (!extension) {
      throw misuse(`Couldn't load match \`${name}':No such file or directory\n`);
    }
    const loaded = { extension, given: [] };
    this.loaded.push(loaded);
    return loaded;
  }

  private takeOfExtension(option: string, not: boolean, next: () => string): boolean {
    const collect = (
      extension: { options: Readonly<Record<string, number>> },
      into: Given[],
    ): boolean => {
      const count = extension.options[option];
      if (count === undefined) return false;
      const values: string[] = [];
      for (let i = 0; i < count; i++) values.push(next());
      into.push({ option, values, not });
      return true;
    };
    for (const loaded of [...this.loaded].reverse()) {
      if (collect(loaded.extension, loaded.given)) return true;
    }
    if (this.targetExtension && collect(this.targetExtension, this.targetGiven)) return true;
    const implied =
      this.protocol &&
      !this.protocol.not &&
      MATCHES.get(PROTOCOL_NAMES[this.protocol.number] ?? '');
    if (!implied || implied.options[option] === undefined) return false;
    return collect(implied, this.load(implied.name).given);
  }

  /** The target is one of iptables' own, no chain. */
  get hasTarget(): boolean {
    return VERDICTS.includes(this.jump ?? '') || this.targetExtension !== undefined;
  }

  /** The rules that were described: one per source and destination. `chains` are the user's. */
  rules(chains: ReadonlySet<string>): Rule[] {
    const target = this.target(chains);
    const protocol = this.protocol && !this.protocol.not ? this.protocol.number : undefined;
    const made: Rule[] = [];
    for (const source of this.sources.length > 0 ? this.sources : [undefined]) {
      for (const destination of this.destinations.length > 0 ? this.destinations : [undefined]) {
        made.push({
          protocol: this.protocol,
          source,
          destination,
          in: this.in,
          out: this.out,
          matches: this.loaded.map(({ extension, given }) => extension.build(given, protocol)),
          target,
          packets: this.counters[0],
          bytes: this.counters[1],
        });
      }
    }
    return made;
  }

  private target(chains: ReadonlySet<string>): Target | undefined {
    const { jump } = this;
    if (jump === undefined) return undefined;
    if (!this.isGoto && VERDICTS.includes(jump))
      return { kind: jump as 'ACCEPT' | 'DROP' | 'RETURN' };
    const protocol = this.protocol && !this.protocol.not ? this.protocol.number : undefined;
    if (this.targetExtension) return this.targetExtension.build(this.targetGiven, protocol);
    if (!chains.has(jump)) throw misuse(`Chain '${jump}' does not exist`);
    return { kind: this.isGoto ? 'goto' : 'jump', chain: jump };
  }
}

function protocolOf(word: string, not: boolean): Rule['protocol'] {
  const name = word.toLowerCase();
  if (name === 'all' || name === '0') return undefined;
  const known = Object.entries(PROTOCOL_NAMES).find(([, other]) => other === name)?.[0];
  const number = known ?? (name === 'icmpv6' ? 58 : /^\d+$/.test(name) ? name : undefined);
  if (number === undefined || Number(number) > 255)
    throw misuse(`unknown protocol "${word}" specified`);
  return { number: Number(number), not };
}

function prefixesOf(text: string, not: boolean): { prefix: Prefix; not: boolean }[] {
  const found: { prefix: Prefix; not: boolean }[] = [];
  for (const word of text.split(',')) {
    const prefix = parsePrefix(word === 'localhost' ? '127.0.0.1' : word);
    if (!prefix && word.includes(':')) continue;
    if (!prefix) {
      const [host, bits] = word.split('/');
      if (bits !== undefined && parsePrefix(host ?? ''))
        throw misuse(`invalid mask \`${bits}' specified`);
      throw misuse(`host/network \`${word.split('/')[0]}' not found`);
    }
    const { length } = prefix;
    if (length === 0 && !not) continue;
    found.push({ prefix: { address: networkOf(prefix.address, length), length }, not });
  }
  return found;
}

function not(flag: boolean): string {
  return flag ? '! ' : '';
}

function matchExtension(match: Match): MatchExtension {
  const name = match.kind === 'conntrack' ? match.spelled : match.kind;
  // Every kind has an extension of its name: matches are made by them only.
  return MATCHES.get(name) as MatchExtension;
}

/** A rule as `-S` and iptables-save write it, after `-A CHAIN`. */
export function savedRule(rule: Rule): string {
  let text = '';
  if (rule.source) text += ` ${not(rule.source.not)}-s ${formatPrefix(rule.source.prefix)}`;
  if (rule.destination)
    text += ` ${not(rule.destination.not)}-d ${formatPrefix(rule.destination.prefix)}`;
  if (rule.in) text += ` ${not(rule.in.not)}-i ${rule.in.name}`;
  if (rule.out) text += ` ${not(rule.out.not)}-o ${rule.out.name}`;
  if (rule.protocol) text += ` ${not(rule.protocol.not)}-p ${protocolText(rule.protocol.number)}`;
  for (const match of rule.matches) {
    const extension = matchExtension(match);
    text += ` -m ${extension.name}${extension.save(match)}`;
  }
  const { target } = rule;
  if (!target) return text;
  if (target.kind === 'jump' || target.kind === 'goto')
    return `${text} -${target.kind === 'goto' ? 'g' : 'j'} ${target.chain}`;
  const extension = TARGETS.get(target.kind);
  return `${text} -j ${target.kind}${extension ? extension.save(target) : ''}`;
}

function protocolText(number: number): string {
  return PROTOCOL_NAMES[number] ?? String(number);
}

/** A number as -L -v shows it: K and M from 100,000 on unless exact. */
function counter(value: number, exact: boolean): string {
  if (exact || value <= 99_999) return String(value).padStart(exact ? 8 : 5);
  const thousands = Math.round(value / 1000);
  if (thousands <= 9999) return `${String(thousands).padStart(4)}K`;
  const millions = Math.round(thousands / 1000);
  return millions <= 9999
    ? `${String(millions).padStart(4)}M`
    : `${String(Math.round(millions / 1000)).padStart(4)}G`;
}

/** What -L is to show. */
export interface ListForm {
  readonly numeric: boolean;
  readonly verbose: boolean;
  readonly exact: boolean;
  readonly lines: boolean;
}

/** The line above a chain's rules. */
export function listHeader(form: ListForm): string {
  const start = `${form.lines ? 'num  ' : ''}${form.verbose ? (form.exact ? '    pkts      bytes ' : ' pkts bytes ') : ''}`;
  const faces = form.verbose ? 'in     out     ' : '';
  return `${start}target     prot opt ${faces}source               destination         \n`;
}

/** One rule as -L writes it. */
export function listedRule(rule: Rule, number: number, form: ListForm): string {
  const { target } = rule;
  let text = form.lines ? `${String(number).padEnd(4)} ` : '';
  if (form.verbose)
    text += `${counter(rule.packets, form.exact)} ${form.exact ? ' ' : ''}${counter(rule.bytes, form.exact)} `;
  const name = target ? ('chain' in target ? target.chain : target.kind) : '';
  const protocol = rule.protocol
    ? form.numeric
      ? String(rule.protocol.number)
      : protocolText(rule.protocol.number)
    : form.numeric
      ? '0'
      : 'all';
  const prot = `${rule.protocol?.not ? '!' : ''}${protocol}`;
  text += `${name.padEnd(10)} ${prot.padEnd(4)} --  `;
  if (form.verbose) {
    const face = (one: Rule['in']): string =>
      one ? `${one.not ? '!' : ''}${one.name}` : form.numeric ? '*' : 'any';
    text += `${face(rule.in).padEnd(6)} ${face(rule.out).padEnd(6)}  `;
  }
  text += `${place(rule.source, form).padEnd(20)} ${place(rule.destination, form).padEnd(20)}`;
  const words = rule.matches.map((match) => matchExtension(match).list(match, form.numeric));
  if (target && 'chain' in target) {
    if (target.kind === 'goto') words.push('[goto] ');
  } else if (target) {
    const extension = TARGETS.get(target.kind);
    if (extension) words.push(extension.list(target));
  }
  const shown = words.filter((word) => word !== '');
  return `${text}${shown.map((word) => ` ${word}`).join('')}\n`;
}

function place(one: Rule['source'], form: ListForm): string {
  if (!one) return form.numeric ? '0.0.0.0/0' : 'anywhere';
  const { address, length } = one.prefix;
  return `${one.not ? '!' : ''}${formatIp(address)}${length === 32 ? '' : `/${length}`}`;
}
