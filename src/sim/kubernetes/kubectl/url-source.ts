// Manifests at URLs (cli-runtime's URLVisitor): fetched with redirections followed, tried again where the server fails.

import { Content } from '../../core/content.ts';
import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { httpRequest, isHttpFailure, wholeBody } from '../../userland/http/client.ts';
import { resolverSettings } from '../../userland/libc/resolver.ts';
import { type Failure, failure } from './failure.ts';

const MOST_REDIRECTS = 10;
const ATTEMPTS = 3;

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

const STATUS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

/** The text at a URL. */
export function* readUrl(process: Process, url: string): Routine<string | Failure> {
  let at = url;
  let attempts = 0;
  for (let redirects = 0; ; ) {
    const place = placeOf(at);
    if (!place) return failure(`the URL passed to filename "${url}" is not valid: invalid URL`);
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
    const answer = yield* httpRequest(
      process,
      { host, port, ...(place.secure ? { tls } : {}) },
      request,
    );
    if (isHttpFailure(answer)) {
      let why = 'EOF';
      if (answer.kind === 'resolve') {
        const [server] = (yield* resolverSettings(process)).servers;
        why = `dial tcp: lookup ${host} on ${server}:53: no such host`;
      }
      if (answer.kind === 'connect')
        why = `dial tcp ${answer.address}:${port}: connect: ${answer.errno.message.toLowerCase()}`;
      return failure(`Get "${at}": ${why}`);
    }
    const { status, headers } = answer;
    if (status >= 300 && status < 400 && headers.location !== undefined) {
      if (++redirects > MOST_REDIRECTS) return failure(`Get "${at}": stopped after 10 redirects`);
      const scheme = place.secure ? 'https' : 'http';
      at = headers.location.startsWith('/')
        ? `${scheme}://${host}${headers.location}`
        : headers.location;
      continue;
    }
    if (status === 200) return (yield* wholeBody(answer)).text();
    if (status >= 500 && ++attempts < ATTEMPTS) {
      yield* process.sleep(SECOND);
      continue;
    }
    const said = `${status} ${STATUS[status] ?? ''}`;
    return failure(`unable to read URL "${url}", server reported ${said}, status code=${status}`);
  }
}
