// Reads HTTP/1.1 from bytes: heads, lengths and chunked bodies. Incomplete input waits for more.

import { Content } from '../../core/content.ts';
import { concatBytes, decode } from '../../core/text.ts';
import type { Headers, HttpRequest, HttpResponse } from './message.ts';
import { parseTarget, type WireMessage } from './wire.ts';

/** What the parser finds in the bytes so far. */
export type Parsed = WireMessage | 'more' | { readonly kind: 'malformed'; readonly line: string };

const EMPTY = new Uint8Array(0);

/** A byte stream turned into messages. One per connection and direction. */
export class HttpParser {
  private held: Uint8Array = EMPTY;
  private bodyLeft = 0;
  private state: 'head' | 'length' | 'chunks' | 'close' = 'head';
  private pending: HttpRequest | undefined;
  private parts: Uint8Array[] = [];
  /** Responses to HEAD have no content whatever their headers say. */
  expectsNoBody = false;

  push(bytes: Uint8Array): void {
    this.held = this.held.length === 0 ? bytes : concatBytes([this.held, bytes]);
  }

  /** True while bytes are held that no message has used. */
  get holds(): boolean {
    return this.held.length > 0;
  }

  /** True where the next message may be told without more bytes: a body of known length is complete. */
  get due(): boolean {
    return this.holds || (this.state === 'length' && this.bodyLeft === 0);
  }

  /** Everything that is held, given away: for a connection that stops being HTTP. */
  takeAll(): Uint8Array {
    const all = this.held;
    this.held = EMPTY;
    return all;
  }

  /** The next message. Requests come with their whole body; responses as a head, then chunks, then an end. */
  next(): Parsed {
    for (;;) {
      const step = this.state === 'head' ? this.head() : this.body();
      if (step !== 'again') return step;
    }
  }

  /** The stream has ended: what that means for a body without a length. */
  ended(): WireMessage | undefined {
    if (this.state !== 'close') return undefined;
    this.state = 'head';
    return { kind: 'end' };
  }

  private head(): Parsed | 'again' {
    if (this.held[0] === 0x16) return { kind: 'malformed', line: '\x16\x03\x01' };
    const end = headEnd(this.held);
    if (!end) return this.held.length > 65_536 ? { kind: 'malformed', line: '' } : 'more';
    const lines = decode(this.held.subarray(0, end.at)).split(/\r?\n/);
    const first = lines.shift() ?? '';
    const headers: Record<string, string> = {};
    for (const line of lines) {
      const colon = line.indexOf(':');
      if (colon < 1) continue;
      const name = line.slice(0, colon).trim().toLowerCase();
      const value = line.slice(colon + 1).trim();
      const before = headers[name];
      // A header that is repeated is a list (RFC 9110, section 5.3).
      headers[name] = before === undefined || name === 'host' ? value : `${before}, ${value}`;
    }
    this.held = this.held.subarray(end.next);
    if (first.startsWith('HTTP/')) return this.responseHead(first, headers);
    const words = first.split(' ');
    const [method = '', target = '', version] = words;
    if (words.length < 2 || !/^[A-Za-z-]+$/.test(method)) return { kind: 'malformed', line: first };
    if (version !== undefined && !version.startsWith('HTTP/1'))
      return { kind: 'malformed', line: first };
    const { path, query } = parseTarget(target);
    if (version === 'HTTP/1.0' && headers['connection'] === undefined)
      headers['connection'] = 'close';
    this.pending = { method, path, query, headers, body: Content.empty };
    return this.startBody(headers, false);
  }

  private responseHead(first: string, headers: Headers): Parsed {
    const status = Number(first.split(' ')[1] ?? '0');
    const response: HttpResponse = { status, headers };
    const none =
      status === 204 || status === 304 || (status >= 100 && status < 200) || this.expectsNoBody;
    if (none || headers['content-length'] === '0') {
      return {
        kind: 'response',
        response: { ...response, body: Content.empty },
        streams: false,
        toHead: none,
      };
    }
    this.startBody(headers, true);
    return { kind: 'response', response, streams: true, toHead: false };
  }

  private startBody(headers: Headers, untilClose: boolean): 'again' {
    const length = headers['content-length'];
    if (headers['transfer-encoding']?.includes('chunked')) this.state = 'chunks';
    else if (length !== undefined && /^\d+$/.test(length)) {
      this.bodyLeft = Number(length);
      this.state = 'length';
    } else if (untilClose) this.state = 'close';
    else {
      this.bodyLeft = 0;
      this.state = 'length';
    }
    return 'again';
  }

  private body(): Parsed | 'again' {
    if (this.state === 'close') {
      if (this.held.length === 0) return 'more';
      return { kind: 'chunk', content: Content.ofBytes(this.takeAll()), framed: false };
    }
    if (this.state === 'length') {
      if (this.bodyLeft === 0) return this.finish();
      if (this.held.length === 0) return 'more';
      const part = this.held.subarray(0, this.bodyLeft);
      this.held = this.held.subarray(part.length);
      this.bodyLeft -= part.length;
      return this.part(part);
    }
    return this.chunk();
  }

  private chunk(): Parsed | 'again' {
    const at = this.held.indexOf(10);
    if (at < 0) return 'more';
    const size = parseInt(decode(this.held.subarray(0, at)), 16);
    if (Number.isNaN(size)) return { kind: 'malformed', line: '' };
    const start = at + 1;
    if (this.held.length < start + size + 2) return 'more';
    const part = this.held.subarray(start, start + size);
    this.held = this.held.subarray(start + size + 2);
    return size === 0 ? this.finish() : this.part(part);
  }

  private part(bytes: Uint8Array): Parsed | 'again' {
    if (!this.pending) return { kind: 'chunk', content: Content.ofBytes(bytes), framed: false };
    this.parts.push(bytes);
    return 'again';
  }

  private finish(): Parsed {
    this.state = 'head';
    const { pending, parts } = this;
    if (!pending) return { kind: 'end' };
    this.pending = undefined;
    this.parts = [];
    const body = parts.length > 0 ? Content.ofBytes(concatBytes(parts)) : Content.empty;
    return { kind: 'request', request: { ...pending, body } };
  }
}

function headEnd(bytes: Uint8Array): { at: number; next: number } | undefined {
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== 10) continue;
    if (bytes[i + 1] === 10) return { at: i, next: i + 2 };
    if (bytes[i + 1] === 13 && bytes[i + 2] === 10)
      return { at: bytes[i - 1] === 13 ? i - 1 : i, next: i + 3 };
  }
  return undefined;
}
