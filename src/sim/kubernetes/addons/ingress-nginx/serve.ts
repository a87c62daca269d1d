// The nginx that the controller runs: answers on 80 and 443 by host and path, passes requests on to endpoints, writes the
// access log in ingress-nginx's own format. Upgrades of connections are left out.

import { Content } from '../../../core/content.ts';
import { epochMilliseconds } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { httpRequest, isHttpFailure, wholeBody } from '../../../userland/http/client.ts';
import type { HttpRequest, HttpResponse } from '../../../userland/http/message.ts';
import type { Main } from '../../../userland/libc/stdio.ts';
import { type Backend, type Location, locationFor, rewritten } from './routing.ts';
import type { IngressState } from './state.ts';

const TITLES: Readonly<Record<number, string>> = {
  308: '308 Permanent Redirect',
  404: '404 Not Found',
  502: '502 Bad Gateway',
  503: '503 Service Temporarily Unavailable',
  504: '504 Gateway Time-out',
};
const HSTS = 'max-age=31536000; includeSubDomains';

/** Settings of the controller's ConfigMap that have an effect here. */
export interface NginxSettings {
  readonly hsts: boolean;
}

function page(process: Process, status: number, headers: Record<string, string>): HttpResponse {
  const title = TITLES[status] ?? String(status);
  const html = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
  const body = Content.ofText(html);
  const date = new Date(epochMilliseconds(process.now)).toUTCString();
  return {
    status,
    headers: { date, 'content-type': 'text/html', 'content-length': String(body.size), ...headers },
    body,
  };
}

/** What became of a request that was passed on. */
interface Passed {
  readonly response: HttpResponse;
  readonly upstream: string;
  readonly address: string;
  readonly size: number;
}

function upstreamName({ namespace, service, port }: Backend): string {
  return `${namespace}-${service}-${port}`;
}

function forwarded(
  request: HttpRequest,
  location: Location,
  secure: boolean,
  id: string,
): HttpRequest {
  const { connection: _closed, ...kept } = request.headers;
  const client = request.peer?.address.replace(/:\d+$/, '') ?? '';
  const scheme = secure ? 'https' : 'http';
  return {
    method: request.method,
    query: request.query,
    body: request.body,
    path: rewritten(location, request.path),
    headers: {
      ...kept,
      'x-request-id': request.headers['x-request-id'] ?? id,
      'x-real-ip': client,
      'x-forwarded-for': client,
      'x-forwarded-host': request.headers.host ?? '',
      'x-forwarded-port': secure ? '443' : '80',
      'x-forwarded-proto': scheme,
      'x-forwarded-scheme': scheme,
      'x-scheme': scheme,
    },
  };
}

function* passOn(
  process: Process,
  state: IngressState,
  location: Location,
  request: HttpRequest,
): Routine<Passed> {
  const { backend } = location;
  const upstream = backend ? upstreamName(backend) : 'upstream-default-backend';
  if (!backend) return { response: page(process, 404, {}), upstream, address: '', size: 0 };
  const to = state.endpoint(backend);
  if (!to) return { response: page(process, 503, {}), upstream, address: '', size: 0 };
  const address = `${to.host}:${to.port}`;
  const target = location.secureBackend
    ? { ...to, tls: { authorities: [], insecure: true } }
    : { ...to };
  const reply = yield* httpRequest(process, target, request);
  if (isHttpFailure(reply)) {
    const status = reply.kind === 'timeout' ? 504 : 502;
    return { response: page(process, status, {}), upstream, address, size: 0 };
  }
  const {
    'transfer-encoding': _chunked,
    connection: _kept,
    server: _server,
    ...headers
  } = reply.headers;
  if (reply.stream && headers['content-type']?.startsWith('text/event-stream'))
    return {
      response: { status: reply.status, headers, stream: reply.stream },
      upstream,
      address,
      size: 0,
    };
  const body = yield* wholeBody(reply);
  const length = { 'content-length': headers['content-length'] ?? String(body.size) };
  const response = { status: reply.status, headers: { ...headers, ...length }, body };
  return { response, upstream, address, size: body.size };
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

function logTime(process: Process): string {
  const text = new Date(epochMilliseconds(process.now)).toISOString();
  const [, year, month, day, time] = /^(\d+)-(\d+)-(\d+)T([\d:]+)/.exec(text) ?? [];
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time} +0000`;
}

function targetOf({ path, query }: HttpRequest): string {
  const words = [...query].flatMap(([key, values]) =>
    values.map((value) => (value === '' ? key : `${key}=${value}`)),
  );
  return words.length === 0 ? path : `${path}?${words.join('&')}`;
}

/** The server of one port. */
export class IngressServer {
  private readonly main: Main;
  private readonly state: IngressState;
  private readonly settings: () => NginxSettings;
  private readonly ids;

  constructor(main: Main, state: IngressState, settings: () => NginxSettings) {
    this.main = main;
    this.state = state;
    this.settings = settings;
    this.ids = main.process.simulation.random.fork(`ingress ${main.process.hostname}`);
  }

  *answer(request: HttpRequest, process: Process, secure: boolean): Routine<HttpResponse> {
    const began = process.now;
    const id = this.ids.uuid().replaceAll('-', '');
    const host = request.headers.host ?? '';
    const location = locationFor(this.state.server(host), request.path);
    let passed: Passed;
    if (!location) {
      const upstream = 'upstream-default-backend';
      passed = { response: page(process, 404, {}), upstream, address: '127.0.0.1:8181', size: 146 };
    } else if (location.toHttps && !secure) {
      const to = `https://${host.replace(/:\d+$/, '')}${targetOf(request)}`;
      const upstream = location.backend ? upstreamName(location.backend) : '-';
      const response = page(process, 308, { location: to });
      passed = { response, upstream, address: '', size: 0 };
    } else {
      const sent = forwarded(request, location, secure, id);
      passed = yield* passOn(process, this.state, location, sent);
    }
    yield* this.log(request, passed, id, (process.now - began) / 1e9);
    const { response } = passed;
    if (!secure || !this.settings().hsts) return response;
    return { ...response, headers: { ...response.headers, 'strict-transport-security': HSTS } };
  }

  private *log(request: HttpRequest, passed: Passed, id: string, took: number): Routine<void> {
    const { headers, peer, method } = request;
    const { response, upstream, address, size } = passed;
    const sent = response.body?.size ?? 0;
    const length = 80 + request.path.length + request.body.size;
    const seconds = took.toFixed(3);
    const reached = address === '' ? '- - - -' : `${address} ${size} ${seconds} ${response.status}`;
    const line = `${peer?.address ?? '-'} - - [${logTime(this.main.process)}] "${method} ${targetOf(request)} HTTP/1.1" ${response.status} ${sent} "${headers.referer ?? '-'}" "${headers['user-agent'] ?? '-'}" ${length} ${seconds} [${upstream}] [] ${reached} ${id}\n`;
    this.main.out.put(line);
    yield* this.main.out.flush();
  }
}
