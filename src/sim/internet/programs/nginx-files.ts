// What nginx answers: files, listings, error pages, and what it passes on to others.

import { Content } from '../../core/content.ts';
import { epochMilliseconds } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { S_IFDIR, S_IFMT } from '../../kernel/files/inode.ts';
import { O_APPEND, O_CREAT, O_WRONLY } from '../../kernel/files/open-file.ts';
import { httpRequest, isHttpFailure, wholeBody } from '../../userland/http/client.ts';
import type { HttpRequest, HttpResponse } from '../../userland/http/message.ts';
import { versionOf } from './nginx.ts';
import { type Directive, locationFor, type Server, setting } from './nginx-config.ts';
import type { Loaded } from './nginx-load.ts';

export const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  htm: 'text/html',
  css: 'text/css',
  js: 'application/javascript',
  txt: 'text/plain',
  json: 'application/json',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  svg: 'image/svg+xml',
  ico: 'image/x-icon',
  xml: 'text/xml',
  pdf: 'application/pdf',
};

export const TITLES: Readonly<Record<number, string>> = {
  301: '301 Moved Permanently',
  302: '302 Found',
  400: '400 Bad Request',
  403: '403 Forbidden',
  404: '404 Not Found',
  405: '405 Not Allowed',
  500: '500 Internal Server Error',
  502: '502 Bad Gateway',
  503: '503 Service Temporarily Unavailable',
  504: '504 Gateway Time-out',
};

/** `2026/03/02 09:00:00`, as the error log has it. */
export function logTime(p: Process): string {
  return new Date(epochMilliseconds(p.now))
    .toISOString()
    .slice(0, 19)
    .replaceAll('-', '/')
    .replace('T', ' ');
}

export const MONTHS = [
  'Jan',
  'Feb',
  'Mar',
  'Apr',
  'May',
  'Jun',
  'Jul',
  'Aug',
  'Sep',
  'Oct',
  'Nov',
  'Dec',
];

/** `02/Mar/2026:09:00:00 +0000`, as the access log has it. */
export function accessTime(p: Process): string {
  const text = new Date(epochMilliseconds(p.now)).toISOString();
  return `${text.slice(8, 10)}/${MONTHS[Number(text.slice(5, 7)) - 1]}/${text.slice(0, 4)}:${text.slice(11, 19)} +0000`;
}

export function httpDate(milliseconds: number): string {
  return new Date(milliseconds).toUTCString();
}

export class Logs {
  private readonly access: number | undefined;
  private readonly error: number | undefined;

  constructor(p: Process, config: Loaded) {
    this.access = openLog(p, setting('access_log', config.http)?.[0]);
    this.error = openLog(p, setting('error_log', config.main)?.[0]);
  }

  *say(p: Process, level: string, text: string): Routine<void> {
    if (this.error === undefined) return;
    const line = `${logTime(p)} [${level}] ${p.pid}#${p.pid}: ${text}\n`;
    yield* p.write(this.error, Content.ofText(line).bytes());
  }

  *accessed(p: Process, request: HttpRequest, status: number, size: number): Routine<void> {
    if (this.access === undefined) return;
    const address = clientOf(request) || '-';
    const {
      referer = '-',
      'user-agent': agent = '-',
      'x-forwarded-for': forwarded = '-',
    } = request.headers;
    const line = `${address} - - [${accessTime(p)}] "${request.method} ${targetOf(request)} HTTP/1.1" ${status} ${size} "${referer}" "${agent}" "${forwarded}"\n`;
    yield* p.write(this.access, Content.ofText(line).bytes());
  }
}

/** The client's address without its port: `$remote_addr`. */
function clientOf(request: HttpRequest): string {
  return request.peer?.address.replace(/:\d+$/, '') ?? '';
}

export function targetOf(request: HttpRequest): string {
  const query = [...request.query].flatMap(([key, values]) =>
    values.map((value) => (value === '' ? key : `${key}=${value}`)),
  );
  return query.length === 0 ? request.path : `${request.path}?${query.join('&')}`;
}

export function openLog(p: Process, path: string | undefined): number | undefined {
  if (path === undefined || path === 'off' || path === '/dev/null') return undefined;
  const fd = p.open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644);
  return isErrno(fd) ? undefined : fd;
}

/** nginx's own page for a status. */
export function errorPage(
  p: Process,
  status: number,
  headers: Record<string, string> = {},
): HttpResponse {
  const title = TITLES[status] ?? String(status);
  const html = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx/${versionOf(p)}</center>\r\n</body>\r\n</html>\r\n`;
  return respond(p, status, { 'content-type': 'text/html', ...headers }, Content.ofText(html));
}

export function respond(
  p: Process,
  status: number,
  headers: Record<string, string>,
  body: Content,
): HttpResponse {
  return {
    status,
    body,
    headers: {
      server: `nginx/${versionOf(p)}`,
      date: httpDate(epochMilliseconds(p.now)),
      ...headers,
      'content-length': String(body.size),
    },
  };
}

export function* answer(
  p: Process,
  config: Loaded,
  logs: Logs,
  server: Server,
  request: HttpRequest,
): Routine<HttpResponse> {
  const location = locationFor(server, request.path);
  const scopes = [location?.directives, server.directives, config.http] as const;
  const returned = setting('return', location?.directives, server.directives);
  if (returned) {
    const status = Number(returned[0]);
    const text = returned[1] ?? '';
    if (status >= 300 && status < 400) return errorPage(p, status, { location: text });
    if (text === '') return errorPage(p, status);
    const type = setting('default_type', ...scopes)?.[0] ?? 'text/plain';
    return respond(
      p,
      status,
      { 'content-type': type },
      Content.ofText(substitute(p, text, request)),
    );
  }
  const proxy = setting('proxy_pass', location?.directives)?.[0];
  if (proxy !== undefined)
    return yield* pass(p, config, logs, server, request, proxy, location?.path ?? '/');
  if (request.method !== 'GET' && request.method !== 'HEAD') return errorPage(p, 405);
  const alias = setting('alias', location?.directives)?.[0];
  const root = setting('root', ...scopes)?.[0] ?? '/etc/nginx/html';
  const path =
    alias === undefined
      ? `${root}${request.path}`
      : `${alias}${request.path.slice(location?.path.length ?? 0)}`;
  const tries = setting('try_files', location?.directives, server.directives);
  for (const candidate of tries?.slice(0, -1) ?? []) {
    const tried = `${root}${candidate.replaceAll('$uri', request.path)}`;
    const stat = p.stat(tried);
    if (!isErrno(stat) && (stat.mode & S_IFMT) !== S_IFDIR)
      return yield* sendFile(p, logs, server, request, tried);
    if (!isErrno(stat) && candidate.endsWith('/'))
      return yield* serveFile(p, logs, server, request, tried, scopes);
  }
  const fallback = tries?.at(-1);
  if (fallback?.startsWith('=')) return errorPage(p, Number(fallback.slice(1)));
  if (fallback !== undefined)
    return yield* sendFile(
      p,
      logs,
      server,
      request,
      `${root}${fallback.replaceAll('$uri', request.path)}`,
    );
  return yield* serveFile(p, logs, server, request, path, scopes);
}

/** The few variables that examples use in texts. */
export function substitute(p: Process, text: string, request: HttpRequest): string {
  const values: Readonly<Record<string, string>> = {
    hostname: p.hostname,
    request_uri: targetOf(request),
    uri: request.path,
    host: request.headers.host ?? '',
    remote_addr: clientOf(request),
    request_method: request.method,
    scheme: 'http',
  };
  return text
    .replace(/\$\{?(\w+)\}?/g, (whole, name: string) => values[name] ?? whole)
    .replaceAll('\\n', '\n');
}

export function* serveFile(
  p: Process,
  logs: Logs,
  server: Server,
  request: HttpRequest,
  path: string,
  scopes: readonly (readonly Directive[] | undefined)[],
): Routine<HttpResponse> {
  const stat = p.stat(path);
  if (isErrno(stat)) {
    yield* logs.say(
      p,
      'error',
      `*1 open() "${path}" failed (2: No such file or directory), ${about(request, server)}`,
    );
    return errorPage(p, stat.name === 'EACCES' ? 403 : 404);
  }
  if ((stat.mode & S_IFMT) !== S_IFDIR) return yield* sendFile(p, logs, server, request, path);
  if (!request.path.endsWith('/')) {
    return errorPage(p, 301, {
      location: `http://${request.headers.host ?? 'localhost'}${request.path}/`,
    });
  }
  for (const index of setting('index', ...scopes) ?? ['index.html']) {
    const file = `${path}${index}`;
    if (p.exists(file)) return yield* sendFile(p, logs, server, request, file);
  }
  if (setting('autoindex', ...scopes)?.[0] === 'on') return listing(p, request, path);
  yield* logs.say(
    p,
    'error',
    `*1 directory index of "${path}" is forbidden, ${about(request, server)}`,
  );
  return errorPage(p, 403);
}

export function about(request: HttpRequest, server: Server): string {
  const line = `${request.method} ${targetOf(request)} HTTP/1.1`;
  return `client: ${clientOf(request)}, server: ${server.names[0] ?? ''}, request: "${line}", host: "${request.headers.host ?? ''}"`;
}

export function listing(p: Process, request: HttpRequest, path: string): HttpResponse {
  const entries = p.readdir(path);
  const names = isErrno(entries)
    ? []
    : entries.map((e) => (e.kind === S_IFDIR ? `${e.name}/` : e.name)).sort();
  const rows = names.map((name) => `<a href="${name}">${name}</a>`).join('\r\n');
  const title = `Index of ${request.path}`;
  const html = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<h1>${title}</h1><hr><pre><a href="../">../</a>\r\n${rows}\r\n</pre><hr></body>\r\n</html>\r\n`;
  return respond(p, 200, { 'content-type': 'text/html' }, Content.ofText(html));
}

export function* sendFile(
  p: Process,
  logs: Logs,
  server: Server,
  request: HttpRequest,
  path: string,
): Routine<HttpResponse> {
  const fd = p.open(path);
  if (isErrno(fd)) {
    const number = fd.number;
    yield* logs.say(
      p,
      'error',
      `*1 open() "${path}" failed (${number}: ${fd.message}), ${about(request, server)}`,
    );
    return errorPage(p, fd.name === 'EACCES' ? 403 : 404);
  }
  const stat = p.fstat(fd);
  const bytes = yield* p.readAll(fd);
  p.close(fd);
  if (isErrno(bytes) || isErrno(stat)) return errorPage(p, 500);
  const modified = Math.floor(epochMilliseconds(stat.mtime) / 1000);
  const etag = `"${modified.toString(16)}-${bytes.length.toString(16)}"`;
  const headers = { 'last-modified': httpDate(modified * 1000), etag, 'accept-ranges': 'bytes' };
  if (request.headers['if-none-match'] === etag) return respond(p, 304, headers, Content.empty);
  const extension = /\.(\w+)$/.exec(path)?.[1] ?? '';
  const type = TYPES[extension] ?? 'application/octet-stream';
  return respond(p, 200, { 'content-type': type, ...headers }, Content.ofBytes(bytes));
}

export function* pass(
  p: Process,
  config: Loaded,
  logs: Logs,
  server: Server,
  request: HttpRequest,
  proxy: string,
  prefix: string,
): Routine<HttpResponse> {
  const match = /^http:\/\/([^:/]+)(?::(\d+))?(\/.*)?$/.exec(proxy);
  const name = match?.[1] ?? '';
  const upstream = config.http.find(({ words }) => words[0] === 'upstream' && words[1] === name);
  const targets =
    upstream?.block
      ?.filter(({ words }) => words[0] === 'server')
      .map(({ words }) => words[1] ?? '') ?? [];
  const chosen =
    targets[Math.floor(p.now / 1000) % Math.max(1, targets.length)] ??
    `${name}:${match?.[2] ?? 80}`;
  const [host = '', port = '80'] = chosen.split(':');
  const path =
    match?.[3] === undefined ? request.path : `${match[3]}${request.path.slice(prefix.length)}`;
  const { connection: _dropped, ...headers } = request.headers;
  const reply = yield* httpRequest(
    p,
    { host, port: Number(port) },
    { ...request, path, headers: { ...headers, host: name } },
  );
  if (isHttpFailure(reply)) {
    const why =
      reply.kind === 'connect'
        ? `connect() failed (${reply.errno.number}: ${reply.errno.message}) while connecting to upstream`
        : `host not found in upstream "${host}"`;
    yield* logs.say(p, 'error', `*1 ${why}, ${about(request, server)}`);
    return errorPage(p, 502);
  }
  const body = yield* wholeBody(reply);
  const { 'transfer-encoding': _chunked, connection: _closed, ...kept } = reply.headers;
  return respond(p, reply.status, kept, body);
}
