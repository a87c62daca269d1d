// RESP2, the protocol of redis: values on the wire, and requests as arrays or as plain lines.

import { concatBytes, decode, encode } from '../../core/text.ts';

/** A reply. Errors keep their text with its first word (`ERR …`). */
export type Reply =
  | { readonly kind: 'status' | 'error' | 'bulk'; readonly text: string }
  | { readonly kind: 'integer'; readonly value: number }
  | { readonly kind: 'nil' }
  | { readonly kind: 'array'; readonly items: readonly Reply[] };

export const OK: Reply = { kind: 'status', text: 'OK' };
export const NIL: Reply = { kind: 'nil' };
export const integer = (value: number): Reply => ({ kind: 'integer', value });
export const bulk = (text: string | undefined): Reply =>
  text === undefined ? NIL : { kind: 'bulk', text };
export const error = (text: string): Reply => ({ kind: 'error', text });
export const array = (items: readonly Reply[]): Reply => ({ kind: 'array', items });

/** A reply as it goes over the wire. */
export function writeReply(reply: Reply): string {
  switch (reply.kind) {
    case 'status':
      return `+${reply.text}\r\n`;
    case 'error':
      return `-${reply.text}\r\n`;
    case 'integer':
      return `:${reply.value}\r\n`;
    case 'nil':
      return '$-1\r\n';
    case 'bulk':
      return `$${encode(reply.text).length}\r\n${reply.text}\r\n`;
    case 'array':
      return `*${reply.items.length}\r\n${reply.items.map(writeReply).join('')}`;
  }
}

/** A request as a client sends it. */
export function writeRequest(words: readonly string[]): string {
  return writeReply(array(words.map((word) => bulk(word))));
}

/** Takes whole values out of a stream of bytes. */
export class RespReader {
  private held: Uint8Array = new Uint8Array(0);

  push(bytes: Uint8Array): void {
    this.held = this.held.length === 0 ? bytes : concatBytes([this.held, bytes]);
  }

  /** The next request; undefined until one is whole. */
  request(): string[] | undefined {
    if (this.held[0] !== 42) return this.inline();
    const reply = this.reply();
    if (reply?.kind !== 'array') return undefined;
    return reply.items.map((item) => ('text' in item ? item.text : ''));
  }

  private inline(): string[] | undefined {
    const end = this.held.indexOf(10);
    if (end < 0) return undefined;
    const line = decode(this.held.subarray(0, end)).trim();
    this.held = this.held.slice(end + 1);
    return splitWords(line);
  }

  /** The next reply; undefined until one is whole. */
  reply(): Reply | undefined {
    const parsed = this.parse(0);
    if (!parsed) return undefined;
    this.held = this.held.slice(parsed.end);
    return parsed.reply;
  }

  private parse(at: number): { reply: Reply; end: number } | undefined {
    const newline = this.held.indexOf(10, at);
    if (newline < 0) return undefined;
    const line = decode(this.held.subarray(at + 1, newline)).replace(/\r$/, '');
    const next = newline + 1;
    switch (String.fromCharCode(this.held[at] ?? 0)) {
      case '+':
        return { reply: { kind: 'status', text: line }, end: next };
      case '-':
        return { reply: error(line), end: next };
      case ':':
        return { reply: integer(Number(line)), end: next };
      case '$': {
        const length = Number(line);
        if (length < 0) return { reply: NIL, end: next };
        if (this.held.length < next + length + 2) return undefined;
        return {
          reply: bulk(decode(this.held.subarray(next, next + length))),
          end: next + length + 2,
        };
      }
      case '*':
        return this.parseArray(Number(line), next);
      default:
        return { reply: error('ERR Protocol error'), end: next };
    }
  }

  private parseArray(count: number, from: number): { reply: Reply; end: number } | undefined {
    if (count < 0) return { reply: NIL, end: from };
    const items: Reply[] = [];
    let at = from;
    for (let i = 0; i < count; i++) {
      const item = this.parse(at);
      if (!item) return undefined;
      items.push(item.reply);
      at = item.end;
    }
    return { reply: array(items), end: at };
  }
}

/** Words of a line, with quotes as redis-cli reads them. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  for (const [, double, single, plain] of line.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)) {
    words.push(double?.replace(/\\(.)/g, '$1') ?? single ?? plain ?? '');
  }
  return words;
}
