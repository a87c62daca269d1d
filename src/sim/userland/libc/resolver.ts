// Host names to addresses as getaddrinfo(3) does it: /etc/hosts, then the name servers of /etc/resolv.conf with its search
// list and ndots. Errors in glibc's words. musl's ways (busybox images) differ only in the words, which are the caller's.

import { decode } from '../../core/text.ts';
import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { IP6_LOOPBACK, parseIp } from '../../kernel/network/address.ts';
import { askServer } from '../dns/lookup.ts';
import type { DnsMessage } from '../dns/message.ts';

/** Why a name has no address (EAI_*), with gai_strerror's text. */
export interface ResolveFailure {
  readonly failure: 'not found' | 'again' | 'no data';
  readonly text: string;
}

const NOT_FOUND: ResolveFailure = { failure: 'not found', text: 'Name or service not known' };
const AGAIN: ResolveFailure = { failure: 'again', text: 'Temporary failure in name resolution' };
const NO_DATA: ResolveFailure = { failure: 'no data', text: 'No address associated with hostname' };

/** /etc/resolv.conf. */
export interface ResolverSettings {
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly ndots: number;
  /** Nanoseconds. */
  readonly timeout: number;
  readonly attempts: number;
}

/** Reads a small text file; '' where it cannot be read. */
function* textFile(process: Process, path: string): Routine<string> {
  const fd = process.open(path);
  if (isErrno(fd)) return '';
  const bytes = yield* process.readAll(fd);
  process.close(fd);
  return isErrno(bytes) ? '' : decode(bytes);
}

/** What /etc/resolv.conf says; without it a server on 127.0.0.1 is asked. */
export function* resolverSettings(process: Process): Routine<ResolverSettings> {
  const text = yield* textFile(process, '/etc/resolv.conf');
  const servers: string[] = [];
  let search: string[] = [];
  const options = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [word, ...rest] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/);
    if (word === 'nameserver' && rest[0] && servers.length < 3) servers.push(rest[0]);
    else if (word === 'search' || word === 'domain') search = rest;
    else if (word === 'options') {
      for (const option of rest) {
        const [name = '', value] = option.split(':');
        options.set(name, Number(value ?? 1));
      }
    }
  }
  if (servers.length === 0) servers.push('127.0.0.1');
  return {
    servers,
    search,
    ndots: Math.min(15, options.get('ndots') ?? 1),
    timeout: (options.get('timeout') ?? 5) * SECOND,
    attempts: options.get('attempts') ?? 2,
  };
}

/** The addresses that /etc/hosts gives a name. */
export function* hostsFile(process: Process, name: string): Routine<string[]> {
  const text = yield* textFile(process, '/etc/hosts');
  const wanted = name.toLowerCase();
  const found: string[] = [];
  for (const line of text.split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (address && names.some((n) => n.toLowerCase() === wanted)) found.push(address);
  }
  return found;
}

/** The names to ask for, in order, as `search` and `ndots` make them. Each ends in a dot. */
export function candidates(name: string, settings: ResolverSettings): string[] {
  if (name.endsWith('.')) return [name];
  const dots = name.split('.').length - 1;
  const longer = settings.search.map((domain) => `${name}.${domain.replace(/\.$/, '')}.`);
  const plain = `${name}.`;
  return dots >= settings.ndots ? [plain, ...longer] : [...longer, plain];
}

/** Asks the servers in turn until one answers; undefined where none does. */
export function* ask(
  process: Process,
  settings: ResolverSettings,
  name: string,
  type: 'A' | 'AAAA' | 'PTR',
): Routine<DnsMessage | undefined> {
  let last: DnsMessage | undefined;
  for (let attempt = 0; attempt < settings.attempts; attempt++) {
    for (const address of settings.servers) {
      const answer = yield* askServer(process, { address, port: 53 }, name, type, settings.timeout);
      if (isErrno(answer)) continue;
      if (answer.code === 'NOERROR' || answer.code === 'NXDOMAIN') return answer;
      last = answer;
    }
  }
  return last;
}

/** getaddrinfo(3): every address of a name, IPv6 loopback first where there is one. Numbers stand for themselves. */
export function* resolveHost(
  process: Process,
  name: string,
): Routine<readonly string[] | ResolveFailure> {
  if (parseIp(name) !== undefined) return [name];
  const usable = (address: string): boolean => {
    const ip = parseIp(address);
    return ip !== undefined && (ip !== IP6_LOOPBACK || process.network.isOwn(ip));
  };
  const known = (yield* hostsFile(process, name)).filter(usable);
  if (known.length > 0) return sorted(known);
  if (name === '' || name.length > 253) return NOT_FOUND;
  const settings = yield* resolverSettings(process);
  let failure = NOT_FOUND;
  for (const candidate of candidates(name, settings)) {
    const answer = yield* ask(process, settings, candidate, 'A');
    if (!answer || answer.code === 'SERVFAIL' || answer.code === 'REFUSED') {
      failure = AGAIN;
      if (!answer) break;
      continue;
    }
    const addresses = answer.answers.filter((r) => r.type === 'A').map((r) => r.data);
    if (addresses.length > 0) return addresses;
    if (answer.code === 'NOERROR') failure = NO_DATA;
  }
  return failure;
}

function sorted(addresses: readonly string[]): string[] {
  const unique = [...new Set(addresses)];
  return [...unique.filter((a) => a.includes(':')), ...unique.filter((a) => !a.includes(':'))];
}

/** The name of an address (getnameinfo(3)): /etc/hosts, then a PTR record; undefined where it has none. */
export function* resolveAddress(process: Process, address: string): Routine<string | undefined> {
  const text = yield* textFile(process, '/etc/hosts');
  for (const line of text.split('\n')) {
    const [first, name] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (first === address && name) return name;
  }
  const settings = yield* resolverSettings(process);
  const reversed = `${address.split('.').reverse().join('.')}.in-addr.arpa.`;
  const answer = yield* ask(process, { ...settings, attempts: 1 }, reversed, 'PTR');
  return answer?.answers.find((r) => r.type === 'PTR')?.data.replace(/\.$/, '');
}

/** The first name on the line of /etc/hosts that holds the host's name; the name itself where none does. */
export function* canonicalName(process: Process): Routine<string> {
  const text = yield* textFile(process, '/etc/hosts');
  for (const line of text.split('\n')) {
    const [, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (names[0] !== undefined && names.includes(process.hostname)) return names[0];
  }
  return process.hostname;
}
