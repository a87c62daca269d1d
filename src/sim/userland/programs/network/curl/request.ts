// The request that a curl command line makes: content, headers, method.

import { Content } from '../../../../core/content.ts';
import { decode, encode } from '../../../../core/text.ts';
import type { Routine } from '../../../../core/wait.ts';
import { isErrno } from '../../../../kernel/errno.ts';
import type { HttpRequest } from '../../../http/message.ts';
import { parseTarget } from '../../../http/wire.ts';
import type { ParsedOptions } from '../../../libc/options.ts';
import type { Main } from '../../../libc/stdio.ts';
import { readFile } from '../../../libc/whole-file.ts';
import type { Url } from './url.ts';

/** The command line that is being served. */
interface Asked {
  readonly main: Main;
  readonly options: ParsedOptions;
}

/** The content to be sent; undefined for none, a text where a file cannot be read. */
export function* bodyOf(
  state: Asked,
): Routine<{ bytes: Uint8Array; type: string } | undefined | string> {
  const { options, main } = state;
  const upload = options.value('upload-file');
  if (upload !== undefined) {
    const bytes = upload === '-' ? yield* main.input.rest() : yield* readFile(main.process, upload);
    return isErrno(bytes) ? `Can't open '${upload}'!` : { bytes, type: '' };
  }
  const parts: string[] = [];
  let json = false;
  for (const [key, value] of options.list) {
    if (!key.startsWith('data') && key !== 'json') continue;
    json ||= key === 'json';
    const fromFile = value.startsWith('@') && key !== 'data-raw';
    if (!fromFile) {
      parts.push(key === 'data-urlencode' ? urlEncode(value) : value);
      continue;
    }
    const path = value.slice(1);
    const bytes = path === '-' ? yield* main.input.rest() : yield* readFile(main.process, path);
    const content = isErrno(bytes) ? '' : decode(bytes);
    parts.push(key === 'data' ? content.replace(/[\r\n]/g, '') : content);
  }
  if (parts.length === 0) return undefined;
  return {
    bytes: encode(parts.join(json ? '' : '&')),
    type: json ? 'application/json' : 'application/x-www-form-urlencoded',
  };
}

function urlEncode(value: string): string {
  const equals = value.indexOf('=');
  if (equals < 0) return encodeURIComponent(value);
  const name = value.slice(0, equals);
  return `${name === '' ? '' : `${name}=`}${encodeURIComponent(value.slice(equals + 1))}`;
}

/** The request for a URL as the options want it. */
export function requestFor(
  state: Asked,
  url: Url,
  body: { bytes: Uint8Array; type: string } | undefined,
): HttpRequest {
  const { options } = state;
  const inQuery = options.has('get') && body !== undefined;
  const target = inQuery
    ? `${url.target}${url.target.includes('?') ? '&' : '?'}${decode(body.bytes)}`
    : url.target;
  const sent = inQuery ? undefined : body;
  const defaultPort = (url.scheme === 'https' ? 443 : 80) === url.port;
  const headers: Record<string, string> = {
    host: `${url.host.includes(':') ? `[${url.host}]` : url.host}${defaultPort ? '' : `:${url.port}`}`,
  };
  const user = options.value('user') ?? url.user;
  if (user !== undefined) headers['authorization'] = `Basic ${base64(user)}`;
  const bearer = options.value('oauth2-bearer');
  if (bearer !== undefined) headers['authorization'] = `Bearer ${bearer}`;
  headers['user-agent'] = options.value('user-agent') ?? 'curl/7.88.1';
  headers['accept'] = options.has('json') ? 'application/json' : '*/*';
  const range = options.value('range');
  if (range !== undefined) headers['range'] = `bytes=${range}`;
  if (options.has('compressed')) headers['accept-encoding'] = 'deflate, gzip, br, zstd';
  const cookie = options.value('cookie');
  if (cookie !== undefined) headers['cookie'] = cookie;
  const referer = options.value('referer');
  if (referer !== undefined) headers['referer'] = referer;
  if (sent) headers['content-length'] = String(sent.bytes.length);
  if (sent && sent.type !== '') headers['content-type'] = sent.type;
  for (const line of options.values('header')) {
    const colon = line.indexOf(':');
    const name = line
      .slice(0, colon < 0 ? line.length - 1 : colon)
      .trim()
      .toLowerCase();
    const value = colon < 0 ? '' : line.slice(colon + 1).trim();
    if (value === '' && !line.endsWith(';')) delete headers[name];
    else headers[name] = value;
  }
  const fallback = options.has('head')
    ? 'HEAD'
    : options.has('upload-file')
      ? 'PUT'
      : sent
        ? 'POST'
        : 'GET';
  const method = options.value('request') ?? fallback;
  const { path, query } = parseTarget(target);
  return { method, path, query, headers, body: sent ? Content.ofBytes(sent.bytes) : Content.empty };
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function base64(text: string): string {
  const bytes = encode(text);
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const word = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let j = 0; j < 4; j++)
      out += i + j > bytes.length ? '=' : ALPHABET.charAt((word >> (18 - 6 * j)) & 63);
  }
  return out;
}
