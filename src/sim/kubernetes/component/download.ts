// Fetching what is at a URL as Go's http.Client does, redirections followed.

import { Content } from '../../core/content.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { httpRequest, isHttpFailure, wholeBody } from '../../userland/http/client.ts';
import { resolverSettings } from '../../userland/libc/resolver.ts';

const MOST_REDIRECTS = 10;

interface Place {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

function placeOf(url: string): Place | undefined {
  const match = /^(https?):\/\/([^/:?#]+)(?::(\d+))?([^#]*)/.exec(url);
  if (!match) return undefined;
  const [, scheme, host = '', port, path = ''] = match;
  const secure = scheme === 'https';
  return { secure, host, port: Number(port ?? (secure ? 443 : 80)), path: path || '/' };
}

/** net/http's words for a status. */
export const STATUS_TEXT: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

/** What a server answered, or why there was no answer. */
export type Downloaded =
  | { readonly status: number; readonly body: Content }
  | { readonly problem: string };

/** Asks for what is at a URL; undefined for what is no URL. */
export function* download(process: Process, url: string): Routine<Downloaded | undefined> {
  let at = url;
  for (let redirects = 0; ; ) {
    const place = placeOf(at);
    if (!place) return undefined;
    const [path = '/', query = ''] = place.path.split('?');
    const pairs = query === '' ? [] : query.split('&').map((pair) => pair.split('='));
    const request = {
      method: 'GET',
      path: decodeURI(path),
      query: new Map(pairs.map(([name = '', value = '']) => [name, [value]])),
      headers: { host: place.host, 'user-agent': 'Go-http-client/1.1', 'accept-encoding': 'gzip' },
      body: Content.empty,
    };
    const { host, port } = place;
    // The simulated internet's certificates are taken on trust, as a machine's own bundle would have them.
    const tls = { serverName: host, authorities: [], insecure: true };
    const target = { host, port, ...(place.secure ? { tls } : {}) };
    const answer = yield* httpRequest(process, target, request);
    if (isHttpFailure(answer)) {
      let why = 'EOF';
      if (answer.kind === 'resolve') {
        const [server] = (yield* resolverSettings(process)).servers;
        why = `dial tcp: lookup ${host} on ${server}:53: no such host`;
      }
      if (answer.kind === 'connect')
        why = `dial tcp ${answer.address}:${port}: connect: ${answer.errno.message.toLowerCase()}`;
      return { problem: `Get "${at}": ${why}` };
    }
    const { status, headers } = answer;
    if (status >= 300 && status < 400 && headers.location !== undefined) {
      if (++redirects > MOST_REDIRECTS)
        return { problem: `Get "${at}": stopped after 10 redirects` };
      const scheme = place.secure ? 'https' : 'http';
      at = headers.location.startsWith('/')
        ? `${scheme}://${host}${headers.location}`
        : headers.location;
      continue;
    }
    return { status, body: yield* wholeBody(answer) };
  }
}
