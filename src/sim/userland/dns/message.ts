// DNS messages (RFC 1035): travel as objects between our resolver and servers; the bytes are made for whoever looks at the
// wire, and read from whoever writes bytes.

import { Content } from '../../core/content.ts';
import { decode, encode } from '../../core/text.ts';

/** Record types by name. */
export const DNS_TYPES = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  ANY: 255,
} as const;
export type DnsType = keyof typeof DNS_TYPES;

/** Response codes by name. */
export const DNS_CODES = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
} as const;
export type DnsCode = keyof typeof DNS_CODES;

export interface DnsQuestion {
  /** With the final dot. */
  readonly name: string;
  readonly type: DnsType;
}

export interface DnsRecord {
  readonly name: string;
  readonly type: DnsType;
  readonly ttl: number;
  /** As `dig` writes it: an address, a name, `0 100 80 name.`, `"text"`. */
  readonly data: string;
}

export interface DnsMessage {
  readonly id: number;
  readonly response: boolean;
  readonly authoritative: boolean;
  readonly truncated: boolean;
  readonly recursionDesired: boolean;
  readonly recursionAvailable: boolean;
  readonly code: DnsCode;
  readonly questions: readonly DnsQuestion[];
  readonly answers: readonly DnsRecord[];
  readonly authority: readonly DnsRecord[];
  readonly additional: readonly DnsRecord[];
  /** EDNS: the largest UDP answer the sender takes; undefined without an OPT record. */
  readonly edns?: number | undefined;
}

/** A query for one name. */
export function dnsQuery(id: number, name: string, type: DnsType, edns?: number): DnsMessage {
  return {
    id,
    edns,
    response: false,
    authoritative: false,
    truncated: false,
    recursionDesired: true,
    recursionAvailable: false,
    code: 'NOERROR',
    questions: [{ name, type }],
    answers: [],
    authority: [],
    additional: [],
  };
}

/** The answer to a query; what is not given is empty. */
export function dnsAnswer(query: DnsMessage, parts: Partial<DnsMessage>): DnsMessage {
  return {
    ...query,
    response: true,
    recursionAvailable: true,
    answers: [],
    authority: [],
    additional: [],
    ...parts,
  };
}

/** A message as content, and its size on the wire. */
export function dnsContent(message: DnsMessage): { content: Content; size: number } {
  const size =
    12 +
    message.questions.reduce((sum, q) => sum + q.name.length + 5, 0) +
    (message.edns ? 11 : 0) +
    [...message.answers, ...message.authority, ...message.additional].reduce(
      (sum, r) => sum + 12 + r.data.length,
      0,
    );
  return { content: Content.ofMessage(message, (object) => encodeDns(object as DnsMessage)), size };
}

/** The message in a datagram; undefined where it is none. */
export function dnsOf(content: Content): DnsMessage | undefined {
  const message = content.message;
  if (message !== undefined)
    return 'questions' in (message as object) ? (message as DnsMessage) : undefined;
  return decodeDns(content.bytes());
}

/** The wire format. Names are not compressed. */
export function encodeDns(message: DnsMessage): Uint8Array {
  const out: number[] = [];
  const word = (n: number): void => void out.push((n >> 8) & 255, n & 255);
  const name = (text: string): void => {
    for (const label of text.split('.')) {
      if (label === '') continue;
      const bytes = encode(label);
      out.push(bytes.length, ...bytes);
    }
    out.push(0);
  };
  word(message.id);
  const bits = [
    [message.response, 0x8000],
    [message.authoritative, 0x400],
    [message.truncated, 0x200],
    [message.recursionDesired, 0x100],
    [message.recursionAvailable, 0x80],
  ] as const;
  word(bits.reduce<number>((sum, [on, bit]) => sum + (on ? bit : 0), DNS_CODES[message.code]));
  const sections = [message.answers, message.authority, message.additional];
  word(message.questions.length);
  for (const [i, section] of sections.entries()) {
    word(section.length + (i === 2 && message.edns !== undefined ? 1 : 0));
  }
  for (const question of message.questions) {
    name(question.name);
    word(DNS_TYPES[question.type]);
    word(1);
  }
  for (const record of sections.flat()) {
    name(record.name);
    word(DNS_TYPES[record.type]);
    word(1);
    word(record.ttl >>> 16);
    word(record.ttl & 0xffff);
    const at = out.length;
    word(0);
    encodeData(record, out, word, name);
    const length = out.length - at - 2;
    out[at] = length >> 8;
    out[at + 1] = length & 255;
  }
  if (message.edns !== undefined) {
    out.push(0);
    word(DNS_TYPES.OPT);
    word(message.edns);
    for (let i = 0; i < 3; i++) word(0);
  }
  return Uint8Array.from(out);
}

function encodeData(
  record: DnsRecord,
  out: number[],
  word: (n: number) => void,
  name: (text: string) => void,
): void {
  const words = record.data.split(' ');
  switch (record.type) {
    case 'A':
      out.push(...record.data.split('.').map(Number));
      return;
    case 'AAAA':
      for (const part of expand6(record.data)) word(part);
      return;
    case 'SRV':
      for (const part of words.slice(0, 3)) word(Number(part));
      name(words[3] ?? '');
      return;
    case 'MX':
      word(Number(words[0]));
      name(words[1] ?? '');
      return;
    case 'TXT':
      for (const text of record.data.match(/"[^"]*"/g) ?? []) {
        const bytes = encode(text.slice(1, -1));
        out.push(bytes.length, ...bytes);
      }
      return;
    case 'SOA':
      name(words[0] ?? '');
      name(words[1] ?? '');
      for (const part of words.slice(2, 7)) {
        word(Number(part) >>> 16);
        word(Number(part) & 0xffff);
      }
      return;
    default:
      name(record.data);
  }
}

function expand6(text: string): number[] {
  const [head = '', tail] = text.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const middle = tail === undefined ? [] : Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...middle, ...right].map((part) => parseInt(part, 16));
}

/** Reads the head and questions of a message (records of queries are not needed); undefined where it is none. */
export function decodeDns(bytes: Uint8Array): DnsMessage | undefined {
  if (bytes.length < 12) return undefined;
  const word = (at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  const flags = word(2);
  const questions: DnsQuestion[] = [];
  let at = 12;
  for (let i = 0; i < word(4); i++) {
    let name = '';
    while (bytes[at]) {
      const length = bytes[at] ?? 0;
      name += `${decode(bytes.subarray(at + 1, at + 1 + length))}.`;
      at += length + 1;
    }
    const number = word(at + 1);
    const type = (Object.keys(DNS_TYPES) as DnsType[]).find((key) => DNS_TYPES[key] === number);
    if (!type) return undefined;
    questions.push({ name: name === '' ? '.' : name, type });
    at += 5;
  }
  const code = (Object.keys(DNS_CODES) as DnsCode[]).find((key) => DNS_CODES[key] === (flags & 15));
  return {
    id: word(0),
    response: (flags & 0x8000) !== 0,
    authoritative: (flags & 0x400) !== 0,
    truncated: (flags & 0x200) !== 0,
    recursionDesired: (flags & 0x100) !== 0,
    recursionAvailable: (flags & 0x80) !== 0,
    code: code ?? 'SERVFAIL',
    questions,
    answers: [],
    authority: [],
    additional: [],
  };
}
