// HTTP/1.1 on the wire (RFC 9112): messages as objects that render themselves for whoever looks at bytes, and a parser for
// bytes that others write (nc, telnet, printf).

import { Content } from '../../core/content.ts';
import { concatBytes, encode } from '../../core/text.ts';
import type { Certificate } from '../tls/certificate.ts';
import type { Headers, HttpRequest, HttpResponse } from './message.ts';

/** What one connection carries, message by message. */
export type WireMessage =
  | { readonly kind: 'request'; readonly request: HttpRequest }
  | {
      readonly kind: 'response';
      readonly response: HttpResponse;
      readonly streams: boolean;
      readonly toHead: boolean;
    }
  | { readonly kind: 'chunk'; readonly content: Content; readonly framed: boolean }
  | { readonly kind: 'end' }
  | {
      readonly kind: 'hello';
      readonly serverName: string;
      readonly certificates: readonly Certificate[];
    }
  | {
      readonly kind: 'certificate';
      readonly certificate: Certificate;
      readonly alert: string | undefined;
    };

/** Reason phrases of status codes. */
export const REASONS: Readonly<Record<number, string>> = {
  100: 'Continue',
  101: 'Switching Protocols',
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  206: 'Partial Content',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  411: 'Length Required',
  413: 'Request Entity Too Large',
  414: 'Request-URI Too Long',
  415: 'Unsupported Media Type',
  416: 'Requested Range Not Satisfiable',
  422: 'Unprocessable Entity',
  426: 'Upgrade Required',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
};

/** A message ready to be sent, and what it counts for. */
export function wireContent(message: WireMessage): { content: Content; size: number } {
  return { content: Content.ofMessage(message, renderWire), size: estimate(message) };
}

/** Bytes a message counts for in buffers: never rendered just to know. */
function estimate(message: WireMessage): number {
  switch (message.kind) {
    case 'request':
      return 160 + message.request.path.length + sizeOf(message.request.body);
    case 'response':
      return 140 + (message.response.body ? sizeOf(message.response.body) : 0);
    case 'chunk':
      return 8 + sizeOf(message.content);
    case 'end':
      return 5;
    default:
      return 1200;
  }
}

function sizeOf(content: Content): number {
  return content.isObject ? 600 : content.size;
}

function renderWire(object: unknown): Uint8Array {
  const message = object as WireMessage;
  switch (message.kind) {
    case 'request':
      return concatBytes([encode(requestHead(message.request)), message.request.body.bytes()]);
    case 'response':
      return concatBytes([
        encode(responseHead(message.response, message.streams)),
        message.toHead ? new Uint8Array(0) : (message.response.body?.bytes() ?? new Uint8Array(0)),
      ]);
    case 'chunk': {
      const bytes = message.content.bytes();
      if (!message.framed) return bytes;
      return concatBytes([encode(`${bytes.length.toString(16)}\r\n`), bytes, encode('\r\n')]);
    }
    case 'end':
      return encode('0\r\n\r\n');
    default:
      return Uint8Array.of(0x16, 0x03, 0x01, 0x02, 0x00, 0x01);
  }
}

/** `/path?query` as it stands in a request line. */
export function requestTarget(request: Pick<HttpRequest, 'path' | 'query'>): string {
  const parts: string[] = [];
  for (const [name, values] of request.query) {
    for (const value of values) {
      parts.push(
        `${encodeURIComponent(name)}${value === '' ? '' : `=${encodeURIComponent(value)}`}`,
      );
    }
  }
  const path = encodeURI(request.path).replaceAll('?', '%3F').replaceAll('#', '%23');
  return parts.length > 0 ? `${path}?${parts.join('&')}` : path;
}

/** Header names as they are usually written: `content-type` becomes `Content-Type`. */
export function headerName(name: string): string {
  if (name === 'etag') return 'ETag';
  if (name === 'www-authenticate') return 'Www-Authenticate';
  return name.replace(
    /(^|-)([a-z])/g,
    (_, dash: string, letter: string) => dash + letter.toUpperCase(),
  );
}

/** Headers that servers write once for each value. */
const REPEATED: Readonly<Record<string, RegExp>> = { warning: /, (?=\d{3} )/ };

function headerLines(headers: Headers): string {
  return Object.entries(headers)
    .flatMap(([name, value]) => {
      const apart = REPEATED[name];
      const values = apart ? value.split(apart) : [value];
      return values.map((one) => `${headerName(name)}: ${one}\r\n`);
    })
    .join('');
}

/** The head of a request as HTTP/1.1, with the empty line. */
export function requestHead(request: HttpRequest): string {
  const headers: Record<string, string> = { ...request.headers };
  const size = request.body.size;
  if (size > 0 && headers['content-length'] === undefined) headers['content-length'] = String(size);
  return `${request.method} ${requestTarget(request)} HTTP/1.1\r\n${headerLines(headers)}\r\n`;
}

/** The head of a response as HTTP/1.1, with the empty line. */
export function responseHead(response: HttpResponse, streams: boolean): string {
  const headers = completeHeaders(response, streams);
  const reason = REASONS[response.status] ?? '';
  return `HTTP/1.1 ${response.status} ${reason}\r\n${headerLines(headers)}\r\n`;
}

/** A response's headers with the one that says how long its content is. */
export function completeHeaders(response: HttpResponse, streams: boolean): Record<string, string> {
  const headers: Record<string, string> = { ...response.headers };
  const bare = response.status === 204 || response.status === 304 || response.status < 200;
  if (streams && headers['content-length'] === undefined) headers['transfer-encoding'] = 'chunked';
  else if (!streams && !bare && headers['content-length'] === undefined) {
    headers['content-length'] = String(response.body?.size ?? 0);
  }
  return headers;
}

/** Splits `/path?query` into a decoded path and values by name. */
export function parseTarget(target: string): { path: string; query: Map<string, string[]> } {
  const [whole = ''] = target.split('#');
  const mark = whole.indexOf('?');
  const path = decodePart(mark < 0 ? whole : whole.slice(0, mark));
  return { path, query: mark < 0 ? new Map() : parseQuery(whole.slice(mark + 1)) };
}

/** application/x-www-form-urlencoded, as in a query. */
export function parseQuery(text: string): Map<string, string[]> {
  const query = new Map<string, string[]>();
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decodePart((equals < 0 ? pair : pair.slice(0, equals)).replaceAll('+', ' '));
    const value = equals < 0 ? '' : decodePart(pair.slice(equals + 1).replaceAll('+', ' '));
    const list = query.get(name);
    if (list) list.push(value);
    else query.set(name, [value]);
  }
  return query;
}

function decodePart(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
