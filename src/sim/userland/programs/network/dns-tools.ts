// dig and host of BIND 9.18. Left out: zone transfers, DNSSEC, tracing.

import { MILLISECOND, SECOND } from '../../../core/time.ts';
import { epochMilliseconds } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { type Errno, isErrno } from '../../../kernel/errno.ts';
import { askServer } from '../../dns/lookup.ts';
import {
  DNS_TYPES,
  type DnsMessage,
  type DnsRecord,
  type DnsType,
  dnsContent,
} from '../../dns/message.ts';
import { candidates, resolveHost, resolverSettings } from '../../libc/resolver.ts';
import { type Main, program } from '../../libc/stdio.ts';

/** How long one question may take. */
export const TIMEOUT = 5 * SECOND;

/** A record type by its name. */
export function typeOf(word: string): DnsType | undefined {
  const upper = word.toUpperCase();
  return upper in DNS_TYPES ? (upper as DnsType) : undefined;
}

/** The name under which an address has its PTR record. */
export function reverseName(address: string): string {
  return `${address.split('.').reverse().join('.')}.in-addr.arpa.`;
}

/** What dig was asked on its command line. */
interface DigQuery {
  server?: string;
  port: number;
  name: string;
  type: DnsType;
  tries: number;
  timeout: number;
  short: boolean;
  search: boolean;
  shows: Record<
    'comments' | 'question' | 'answer' | 'authority' | 'additional' | 'stats' | 'cmd',
    boolean
  >;
}

function readDig(args: readonly string[]): DigQuery | string {
  const query: DigQuery = {
    port: 53,
    name: '.',
    type: 'A',
    tries: 3,
    timeout: TIMEOUT,
    short: false,
    search: false,
    shows: {
      comments: true,
      question: true,
      answer: true,
      authority: true,
      additional: true,
      stats: true,
      cmd: true,
    },
  };
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? '';
    if (word.startsWith('@')) query.server = word.slice(1);
    else if (word.startsWith('+')) digFlag(query, word.slice(1));
    else if (word === '-x') {
      query.name = reverseName(args[++i] ?? '');
      query.type = 'PTR';
    } else if (word === '-p') query.port = Number(args[++i]);
    else if (word === '-t') query.type = typeOf(args[++i] ?? '') ?? query.type;
    else if (word === '-q') query.name = args[++i] ?? '.';
    else if (word === '-4' || word === '-r' || word === 'IN' || word === 'in') continue;
    else if (word.startsWith('-')) return `Invalid option: ${word}`;
    else if (typeOf(word) && (query.name !== '.' || args.length > 1))
      query.type = typeOf(word) ?? 'A';
    else query.name = word;
  }
  if (args.length === 0) query.type = 'NS';
  return query;
}

function digFlag(query: DigQuery, word: string): void {
  const off = word.startsWith('no');
  const [name = '', given] = (off ? word.slice(2) : word).split('=');
  if (name === 'short') query.short = !off;
  else if (name === 'search') query.search = !off;
  else if (name === 'all')
    for (const key of Object.keys(query.shows)) query.shows[key as keyof DigQuery['shows']] = !off;
  else if (name in query.shows) query.shows[name as keyof DigQuery['shows']] = !off;
  else if (name === 'time' || name === 'timeout') query.timeout = Number(given ?? 5) * SECOND;
  else if (name === 'tries') query.tries = Number(given ?? 3);
  else if (name === 'retry') query.tries = Number(given ?? 2) + 1;
}

export const dig = program('dig', function* (main) {
  const query = readDig(main.args);
  if (typeof query === 'string') {
    main.err.put(
      `${query}\nUsage:  dig [@global-server] [domain] [q-type] [q-class] {q-opt}\n            {global-d-opt} host [@local-server] {local-d-opt}\n            [ host [@local-server] {local-d-opt} [...]]\n\nUse "dig -h" (or "dig -h | more") for complete list of options\n`,
    );
    return 1;
  }
  const settings = yield* resolverSettings(main.process);
  const servers = yield* serversFor(main, query.server, settings.servers);
  if (typeof servers === 'string') {
    main.err.put(`dig: couldn't get address for '${query.server}': ${servers}\n`);
    return 10;
  }
  const names = query.search
    ? candidates(query.name, settings)
    : [query.name.endsWith('.') ? query.name : `${query.name}.`];
  const started = main.process.now;
  const found = yield* askAll(main, servers, names, query);
  const banner = `\n; <<>> DiG 9.18.41-1~deb12u1-Debian <<>> ${main.args.join(' ')}\n`;
  if ('errno' in found) {
    const text = found.errno.name === 'EAGAIN' ? 'timed out' : found.errno.message.toLowerCase();
    const [server = ''] = servers;
    for (let i = 0; i < query.tries; i++)
      main.out.put(`;; communications error to ${server}#${query.port}: ${text}\n`);
    if (query.shows.cmd && !query.short) main.out.put(`${banner};; global options: +cmd\n`);
    main.out.put(`;; no servers could be reached\n${query.short ? '' : '\n'}`);
    return 9;
  }
  if (query.short) {
    for (const record of found.message.answers) main.out.put(`${record.data}\n`);
    return 0;
  }
  if (query.shows.cmd) main.out.put(`${banner};; global options: +cmd\n`);
  printDig(main, found.message, query, found.server, main.process.now - started);
  return 0;
});

/** The servers to be asked: the one given, by name or address, or the configured ones. */
export function* serversFor(
  main: Main,
  given: string | undefined,
  configured: readonly string[],
): Routine<readonly string[] | string> {
  if (given === undefined) return configured;
  const found = yield* resolveHost(main.process, given);
  return 'failure' in found ? 'not found' : found;
}

function* askAll(
  main: Main,
  servers: readonly string[],
  names: readonly string[],
  query: DigQuery,
): Routine<{ message: DnsMessage; server: string } | { errno: Errno }> {
  let errno: Errno | undefined;
  let last: { message: DnsMessage; server: string } | undefined;
  for (const name of names) {
    for (let attempt = 0; attempt < query.tries && !last?.message.answers.length; attempt++) {
      const server = servers[attempt % servers.length] ?? '127.0.0.1';
      const answer = yield* askServer(
        main.process,
        { address: server, port: query.port },
        name,
        query.type,
        query.timeout,
        1232,
      );
      if (isErrno(answer)) errno = answer;
      else {
        last = { message: answer, server };
        break;
      }
    }
    if (last && last.message.answers.length > 0) break;
  }
  return last ?? { errno: errno as Errno };
}

/** Where name server software puts time to live, class, type and data: tabs up to there, one space where it is passed. */
const COLUMNS = [24, 32, 40, 48];

function recordLine(record: DnsRecord): string {
  let line = record.name;
  let at = line.length;
  const rest = [String(record.ttl), 'IN', record.type, record.data];
  for (const [i, word] of rest.entries()) {
    const column = COLUMNS[i] ?? 0;
    const tabs = Math.ceil((column - at) / 8);
    line += (at < column ? '\t'.repeat(tabs) : ' ') + word;
    at = Math.max(column, at + 1) + word.length;
  }
  return `${line}\n`;
}

function printDig(
  main: Main,
  message: DnsMessage,
  query: DigQuery,
  server: string,
  spent: number,
): void {
  const { shows } = query;
  const additional = message.additional.length + (message.edns === undefined ? 0 : 1);
  if (shows.comments) {
    const flags = [
      'qr',
      message.authoritative ? 'aa' : '',
      message.truncated ? 'tc' : '',
      message.recursionDesired ? 'rd' : '',
      message.recursionAvailable ? 'ra' : '',
    ];
    main.out.put(
      `;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: ${message.code}, id: ${message.id}\n`,
    );
    main.out.put(
      `;; flags: ${flags.filter(Boolean).join(' ')}; QUERY: ${message.questions.length}, ANSWER: ${message.answers.length}, AUTHORITY: ${message.authority.length}, ADDITIONAL: ${additional}\n`,
    );
    if (message.recursionDesired && !message.recursionAvailable)
      main.out.put(';; WARNING: recursion requested but not available\n');
    main.out.put('\n');
    if (message.edns !== undefined)
      main.out.put(`;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: ${message.edns}\n`);
  }
  if (shows.question) {
    if (shows.comments) main.out.put(';; QUESTION SECTION:\n');
    for (const { name, type } of message.questions)
      main.out.put(
        `;${name}${name.length < 7 ? '\t\t\t' : name.length < 15 ? '\t\t' : name.length < 23 ? '\t' : ' '}\tIN\t${type}\n`.replace(
          ' \t',
          '\t',
        ),
      );
    if (shows.comments) main.out.put('\n');
  }
  const sections = [
    ['answer', message.answers],
    ['authority', message.authority],
    ['additional', message.additional],
  ] as const;
  for (const [key, records] of sections) {
    if (!shows[key] || records.length === 0) continue;
    if (shows.comments) main.out.put(`;; ${key.toUpperCase()} SECTION:\n`);
    for (const record of records) main.out.put(recordLine(record));
    if (shows.comments) main.out.put('\n');
  }
  if (!shows.stats) return;
  const when = new Date(epochMilliseconds(main.process.now))
    .toUTCString()
    .replace(/^(\w+), (\d+) (\w+) (\d+) (\S+) GMT$/, '$1 $3 $2 $5 UTC $4');
  main.out.put(
    `;; Query time: ${Math.round(spent / MILLISECOND)} msec\n;; SERVER: ${server}#${query.port}(${server}) (UDP)\n;; WHEN: ${when}\n;; MSG SIZE  rcvd: ${dnsContent(message).size}\n\n`,
  );
}

export const host = program('host', function* (main) {
  const words = main.args.filter((word) => !word.startsWith('-'));
  const at = main.args.indexOf('-t');
  const wanted = at < 0 ? undefined : typeOf(main.args[at + 1] ?? '');
  const [name, server] = at < 0 ? words : words.filter((word) => word !== main.args[at + 1]);
  if (name === undefined) {
    main.err.put(
      'Usage: host [-aCdilrTvVw] [-c class] [-N ndots] [-t type] [-W time]\n            [-R number] [-m flag] [-p port] hostname [server]\n',
    );
    return 1;
  }
  const settings = yield* resolverSettings(main.process);
  const servers = server === undefined ? settings.servers : [server];
  const reverse = /^[\d.]+$/.test(name);
  const types: readonly DnsType[] = wanted ? [wanted] : reverse ? ['PTR'] : ['A', 'AAAA', 'MX'];
  const names = reverse ? [reverseName(name)] : candidates(name, settings);
  let code = 'NXDOMAIN';
  for (const candidate of names) {
    let lines = '';
    for (const type of types) {
      const answer = yield* askServer(
        main.process,
        { address: servers[0] ?? '127.0.0.1', port: 53 },
        candidate,
        type,
        TIMEOUT,
      );
      if (isErrno(answer)) {
        main.out.put(
          `;; communications error to ${servers[0]}#53: ${answer.name === 'EAGAIN' ? 'timed out' : answer.message.toLowerCase()}\n;; no servers could be reached\n`,
        );
        return 1;
      }
      code = answer.code;
      for (const record of answer.answers) lines += hostLine(record);
      if (code === 'NXDOMAIN') break;
    }
    if (lines !== '') {
      main.out.put(lines);
      return 0;
    }
  }
  if (code === 'NOERROR' && wanted) main.out.put(`${name} has no ${wanted} record\n`);
  else
    main.out.put(
      `Host ${reverse ? reverseName(name) : name} not found: ${DNS_NUMBERS[code] ?? 2}(${code})\n`,
    );
  return 1;
});

const DNS_NUMBERS: Readonly<Record<string, number>> = {
  NXDOMAIN: 3,
  SERVFAIL: 2,
  REFUSED: 5,
  NOERROR: 0,
};

function hostLine(record: DnsRecord): string {
  const name = record.name.replace(/\.$/, '');
  if (record.type === 'A') return `${name} has address ${record.data}\n`;
  if (record.type === 'AAAA') return `${name} has IPv6 address ${record.data}\n`;
  if (record.type === 'CNAME') return `${name} is an alias for ${record.data}\n`;
  if (record.type === 'PTR') return `${name} domain name pointer ${record.data}\n`;
  if (record.type === 'SRV') return `${name} has SRV record ${record.data}\n`;
  if (record.type === 'TXT') return `${name} descriptive text ${record.data}\n`;
  return `${name} mail is handled by ${record.data}\n`;
}
