// nginx: a master process and its workers, which serve files and pass requests on as nginx.conf says. Compression,
// caches, rewriting by variables and TLS are left out.

import { Content } from '../../core/content.ts';
import { decode } from '../../core/text.ts';
import { epochMilliseconds } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { S_IFDIR, S_IFMT } from '../../kernel/files/inode.ts';
import { O_APPEND, O_CREAT, O_WRONLY } from '../../kernel/files/open-file.ts';
import { SIGINT, SIGQUIT, SIGTERM, SIGHUP } from '../../kernel/signals.ts';
import { httpRequest, isHttpFailure, wholeBody } from '../../userland/http/client.ts';
import type { HttpRequest, HttpResponse } from '../../userland/http/message.ts';
import { serveHttp } from '../../userland/http/server.ts';
import { readAccountFile } from './accounts.ts';
import { type Main, program } from '../../userland/libc/stdio.ts';
import { type Directive, locationFor, parseNginxConfig, type Server, serverOf, setting } from './nginx-config.ts';

const CONFIG = '/etc/nginx/nginx.conf';

/** The version of the image that this runs in. */
function versionOf(p: Process): string {
  return p.environment.get('NGINX_VERSION') ?? '1.29.5';
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html', htm: 'text/html', css: 'text/css', js: 'application/javascript', txt: 'text/plain', json: 'application/json',
  png: 'image/png', jpg: 'image/jpeg', jpeg: 'image/jpeg', gif: 'image/gif', svg: 'image/svg+xml', ico: 'image/x-icon',
  xml: 'text/xml', pdf: 'application/pdf',
};

const TITLES: Readonly<Record<number, string>> = {
  301: '301 Moved Permanently', 302: '302 Found', 400: '400 Bad Request', 403: '403 Forbidden', 404: '404 Not Found',
  405: '405 Not Allowed', 500: '500 Internal Server Error', 502: '502 Bad Gateway', 503: '503 Service Temporarily Unavailable',
  504: '504 Gateway Time-out',
};

interface Loaded {
  readonly main: readonly Directive[];
  readonly http: readonly Directive[];
  readonly servers: readonly Server[];
}

function* readText(p: Process, path: string): Routine<string | undefined> {
  const fd = p.open(path);
  if (isErrno(fd)) return undefined;
  const bytes = yield* p.readAll(fd);
  p.close(fd);
  return isErrno(bytes) ? undefined : decode(bytes);
}

/** Files that an include names, in order. */
function included(p: Process, pattern: string): string[] {
  const path = pattern.startsWith('/') ? pattern : `/etc/nginx/${pattern}`;
  if (!path.includes('*')) return [path];
  const slash = path.lastIndexOf('/');
  const expression = new RegExp(`^${path.slice(slash + 1).replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
  const entries = p.readdir(path.slice(0, slash));
  const names = isErrno(entries) ? [] : entries.map(({ name }) => name).filter((name) => expression.test(name)).sort();
  return names.map((name) => `${path.slice(0, slash)}/${name}`);
}

/** Reads a configuration with what it includes; a text is the complaint. */
function* load(p: Process, path: string): Routine<readonly Directive[] | string> {
  const text = yield* readText(p, path);
  if (text === undefined) return `open() "${path}" failed (2: No such file or directory)`;
  const parsed = parseNginxConfig(text);
  if ('message' in parsed) return `${parsed.message} in ${path}:${parsed.line}`;
  return yield* expand(p, parsed, path);
}

function* expand(p: Process, list: readonly Directive[], path: string): Routine<Directive[] | string> {
  const out: Directive[] = [];
  for (const directive of list) {
    const [name = '', first = ''] = directive.words;
    if (!KNOWN.has(name) && !directive.words[0]?.match(/^(text|image|application|video|audio|font)\//) && !path.endsWith('mime.types')) {
      return `unknown directive "${name}" in ${path}:${directive.line}`;
    }
    if (name === 'include') {
      for (const file of included(p, first)) {
        const inner = yield* load(p, file);
        if (typeof inner === 'string') return inner;
        out.push(...inner);
      }
    } else if (directive.block) {
      const block = yield* expand(p, directive.block, path);
      if (typeof block === 'string') return block;
      out.push({ ...directive, block });
    } else out.push(directive);
  }
  return out;
}

/** Directives that nginx knows; others are refused as it refuses them. */
const KNOWN = new Set(
  ('user worker_processes error_log pid events worker_connections http include default_type log_format access_log sendfile ' +
  'tcp_nopush tcp_nodelay keepalive_timeout gzip server listen server_name location root index error_page return proxy_pass ' +
  'proxy_set_header proxy_http_version proxy_read_timeout proxy_connect_timeout upstream try_files autoindex alias types add_header ' +
  'rewrite client_max_body_size daemon charset expires deny allow auth_basic auth_basic_user_file stub_status resolver set if ' +
  'proxy_buffering proxy_redirect server_tokens ssl_certificate ssl_certificate_key ssl_protocols load_module worker_rlimit_nofile ' +
  'keepalive least_conn ip_hash weight map default stream types_hash_max_size multi_accept use gzip_types internal').split(' '),
);

function* loadAll(p: Process, path: string): Routine<Loaded | string> {
  const main = yield* load(p, path);
  if (typeof main === 'string') return main;
  const http = main.find(({ words }) => words[0] === 'http')?.block ?? [];
  const servers = http.filter(({ words }) => words[0] === 'server').map(({ block }) => serverOf(block ?? []));
  return { main, http, servers };
}

/** `2026/03/02 09:00:00`, as the error log has it. */
function logTime(p: Process): string {
  return new Date(epochMilliseconds(p.now)).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ');
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `02/Mar/2026:09:00:00 +0000`, as the access log has it. */
function accessTime(p: Process): string {
  const text = new Date(epochMilliseconds(p.now)).toISOString();
  return `${text.slice(8, 10)}/${MONTHS[Number(text.slice(5, 7)) - 1]}/${text.slice(0, 4)}:${text.slice(11, 19)} +0000`;
}

function httpDate(milliseconds: number): string {
  return new Date(milliseconds).toUTCString();
}

class Logs {
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
    const address = request.peer?.address ?? '-';
    const { referer = '-', 'user-agent': agent = '-', 'x-forwarded-for': forwarded = '-' } = request.headers;
    const line = `${address} - - [${accessTime(p)}] "${request.method} ${targetOf(request)} HTTP/1.1" ${status} ${size} "${referer}" "${agent}" "${forwarded}"\n`;
    yield* p.write(this.access, Content.ofText(line).bytes());
  }
}

function targetOf(request: HttpRequest): string {
  const query = [...request.query].flatMap(([key, values]) => values.map((value) => (value === '' ? key : `${key}=${value}`)));
  return query.length === 0 ? request.path : `${request.path}?${query.join('&')}`;
}

function openLog(p: Process, path: string | undefined): number | undefined {
  if (path === undefined || path === 'off' || path === '/dev/null') return undefined;
  const fd = p.open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644);
  return isErrno(fd) ? undefined : fd;
}

/** nginx's own page for a status. */
function errorPage(p: Process, status: number, headers: Record<string, string> = {}): HttpResponse {
  const title = TITLES[status] ?? String(status);
  const html = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx/${versionOf(p)}</center>\r\n</body>\r\n</html>\r\n`;
  return respond(p, status, { 'content-type': 'text/html', ...headers }, Content.ofText(html));
}

function respond(p: Process, status: number, headers: Record<string, string>, body: Content): HttpResponse {
  return {
    status, body,
    headers: { server: `nginx/${versionOf(p)}`, date: httpDate(epochMilliseconds(p.now)), ...headers, 'content-length': String(body.size) },
  };
}

function* answer(p: Process, config: Loaded, logs: Logs, server: Server, request: HttpRequest): Routine<HttpResponse> {
  const location = locationFor(server, request.path);
  const scopes = [location?.directives, server.directives, config.http] as const;
  const returned = setting('return', location?.directives, server.directives);
  if (returned) {
    const status = Number(returned[0]);
    const text = returned[1] ?? '';
    if (status >= 300 && status < 400) return errorPage(p, status, { location: text });
    if (text === '') return errorPage(p, status);
    const type = setting('default_type', ...scopes)?.[0] ?? 'text/plain';
    return respond(p, status, { 'content-type': type }, Content.ofText(substitute(p, text, request)));
  }
  const proxy = setting('proxy_pass', location?.directives)?.[0];
  if (proxy !== undefined) return yield* pass(p, config, logs, server, request, proxy, location?.path ?? '/');
  if (request.method !== 'GET' && request.method !== 'HEAD') return errorPage(p, 405);
  const alias = setting('alias', location?.directives)?.[0];
  const root = setting('root', ...scopes)?.[0] ?? '/etc/nginx/html';
  const path = alias === undefined ? `${root}${request.path}` : `${alias}${request.path.slice(location?.path.length ?? 0)}`;
  const tries = setting('try_files', location?.directives, server.directives);
  for (const candidate of tries?.slice(0, -1) ?? []) {
    const tried = `${root}${candidate.replaceAll('$uri', request.path)}`;
    const stat = p.stat(tried);
    if (!isErrno(stat) && (stat.mode & S_IFMT) !== S_IFDIR) return yield* sendFile(p, logs, server, request, tried);
  }
  const fallback = tries?.at(-1);
  if (fallback?.startsWith('=')) return errorPage(p, Number(fallback.slice(1)));
  if (fallback !== undefined) return yield* sendFile(p, logs, server, request, `${root}${fallback.replaceAll('$uri', request.path)}`);
  return yield* serveFile(p, logs, server, request, path, scopes);
}

/** The few variables that examples use in texts. */
function substitute(p: Process, text: string, request: HttpRequest): string {
  const values: Readonly<Record<string, string>> = {
    hostname: p.hostname, request_uri: targetOf(request), uri: request.path, host: request.headers.host ?? '',
    remote_addr: request.peer?.address ?? '', request_method: request.method, scheme: 'http',
  };
  return text.replace(/\$\{?(\w+)\}?/g, (whole, name: string) => values[name] ?? whole).replaceAll('\\n', '\n');
}

function* serveFile(
  p: Process,
  logs: Logs,
  server: Server,
  request: HttpRequest,
  path: string,
  scopes: readonly (readonly Directive[] | undefined)[],
): Routine<HttpResponse> {
  const stat = p.stat(path);
  if (isErrno(stat)) {
    yield* logs.say(p, 'error', `*1 open() "${path}" failed (2: No such file or directory), ${about(request, server)}`);
    return errorPage(p, stat.name === 'EACCES' ? 403 : 404);
  }
  if ((stat.mode & S_IFMT) !== S_IFDIR) return yield* sendFile(p, logs, server, request, path);
  if (!request.path.endsWith('/')) {
    return errorPage(p, 301, { location: `http://${request.headers.host ?? 'localhost'}${request.path}/` });
  }
  for (const index of setting('index', ...scopes) ?? ['index.html']) {
    const file = `${path}${index}`;
    if (p.exists(file)) return yield* sendFile(p, logs, server, request, file);
  }
  if (setting('autoindex', ...scopes)?.[0] === 'on') return listing(p, request, path);
  yield* logs.say(p, 'error', `*1 directory index of "${path}" is forbidden, ${about(request, server)}`);
  return errorPage(p, 403);
}

function about(request: HttpRequest, server: Server): string {
  const line = `${request.method} ${targetOf(request)} HTTP/1.1`;
  return `client: ${request.peer?.address ?? ''}, server: ${server.names[0] ?? ''}, request: "${line}", host: "${request.headers.host ?? ''}"`;
}

function listing(p: Process, request: HttpRequest, path: string): HttpResponse {
  const entries = p.readdir(path);
  const names = isErrno(entries) ? [] : entries.map((e) => (e.kind === S_IFDIR ? `${e.name}/` : e.name)).sort();
  const rows = names.map((name) => `<a href="${name}">${name}</a>`).join('\r\n');
  const title = `Index of ${request.path}`;
  const html = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<h1>${title}</h1><hr><pre><a href="../">../</a>\r\n${rows}\r\n</pre><hr></body>\r\n</html>\r\n`;
  return respond(p, 200, { 'content-type': 'text/html' }, Content.ofText(html));
}

function* sendFile(p: Process, logs: Logs, server: Server, request: HttpRequest, path: string): Routine<HttpResponse> {
  const fd = p.open(path);
  if (isErrno(fd)) {
    const number = fd.number;
    yield* logs.say(p, 'error', `*1 open() "${path}" failed (${number}: ${fd.message}), ${about(request, server)}`);
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

function* pass(
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
  const targets = upstream?.block?.filter(({ words }) => words[0] === 'server').map(({ words }) => words[1] ?? '') ?? [];
  const chosen = targets[Math.floor(p.now / 1000) % Math.max(1, targets.length)] ?? `${name}:${match?.[2] ?? 80}`;
  const [host = '', port = '80'] = chosen.split(':');
  const path = match?.[3] === undefined ? request.path : `${match[3]}${request.path.slice(prefix.length)}`;
  const { connection: _dropped, ...headers } = request.headers;
  const reply = yield* httpRequest(p, { host, port: Number(port) }, { ...request, path, headers: { ...headers, host: name } });
  if (isHttpFailure(reply)) {
    const why = reply.kind === 'connect' ? `connect() failed (${reply.errno.number}: ${reply.errno.message}) while connecting to upstream` : `host not found in upstream "${host}"`;
    yield* logs.say(p, 'error', `*1 ${why}, ${about(request, server)}`);
    return errorPage(p, 502);
  }
  const body = yield* wholeBody(reply);
  const { 'transfer-encoding': _chunked, connection: _closed, ...kept } = reply.headers;
  return respond(p, reply.status, kept, body);
}

/** One worker: accepts on all sockets of the master. */
function* worker(p: Process, config: Loaded, logs: Logs, sockets: readonly { fd: number; port: number }[]): Routine<number> {
  p.task.leader.process.argv = ['nginx: worker process'];
  for (const { fd, port } of sockets) {
    p.thread(function* (thread) {
      yield* serveHttp(thread, fd, function* (request, process) {
        const server = chooseServer(config, port, request.headers.host ?? '');
        const response = server ? yield* answer(process, config, logs, server, request) : errorPage(process, 404);
        yield* logs.accessed(process, request, response.status, response.body?.size ?? 0);
        return response;
      });
      return 0;
    });
  }
  for (;;) yield* p.pause();
}

function chooseServer(config: Loaded, port: number, host: string): Server | undefined {
  const here = config.servers.filter((server) => server.ports.includes(port));
  const name = host.replace(/:\d+$/, '');
  return here.find((server) => server.names.includes(name)) ?? here[0];
}

function* master(main: Main, config: Loaded, argv: string): Routine<number> {
  const { process: p } = main;
  p.task.leader.process.argv = [`nginx: master process ${argv}`];
  const logs = new Logs(p, config);
  const sockets: { fd: number; port: number }[] = [];
  for (const port of new Set(config.servers.flatMap((server) => server.ports))) {
    const fd = p.socket('inet', 'stream');
    if (isErrno(fd)) return 1;
    const refused = p.bind(fd, { address: '0.0.0.0', port }) ?? p.listen(fd, 511);
    if (refused) {
      yield* emergency(main, `bind() to 0.0.0.0:${port} failed (${refused.number}: ${refused.message})`);
      return 1;
    }
    sockets.push({ fd, port });
  }
  yield* logs.say(p, 'notice', 'using the "epoll" event method');
  yield* logs.say(p, 'notice', `nginx/${versionOf(p)}`);
  yield* logs.say(p, 'notice', 'built by gcc 12.2.0 (Debian 12.2.0-14+deb12u1) ');
  yield* logs.say(p, 'notice', `OS: Linux 6.1.0-51-amd64`);
  yield* logs.say(p, 'notice', 'getrlimit(RLIMIT_NOFILE): 1024:524288');
  yield* logs.say(p, 'notice', 'start worker processes');
  const user = setting('user', config.main)?.[0] ?? 'nginx';
  const accounts = yield* readAccountFile(p, '/etc/passwd');
  const entry = accounts.find((fields) => fields[0] === user);
  const wanted = setting('worker_processes', config.main)?.[0] ?? '1';
  const count = wanted === 'auto' ? p.task.kernel.processors.count : Number(wanted) || 1;
  const workers: number[] = [];
  for (let i = 0; i < count; i++) {
    const pid = p.fork(function* (child) {
      if (p.uid === 0 && entry) {
        child.setgid(Number(entry[3]));
        child.setuid(Number(entry[2]));
      }
      for (const signal of [SIGTERM, SIGQUIT, SIGINT, SIGHUP]) child.sigaction(signal, 'default');
      return yield* worker(child, config, logs, sockets);
    });
    if (isErrno(pid)) break;
    workers.push(pid);
    yield* logs.say(p, 'notice', `start worker process ${pid}`);
  }
  return yield* attend(p, logs, workers);
}

/** The master's loop: signals end it, gracefully or at once. */
function* attend(p: Process, logs: Logs, workers: readonly number[]): Routine<number> {
  let ending: string | undefined;
  const names: Readonly<Record<number, string>> = { [SIGTERM]: 'SIGTERM', [SIGINT]: 'SIGINT', [SIGQUIT]: 'SIGQUIT' };
  for (const signal of [SIGTERM, SIGINT, SIGQUIT]) {
    p.sigaction(signal, () => {
      ending = names[signal];
    });
  }
  p.sigaction(SIGHUP, () => {});
  while (ending === undefined) {
    const ended = yield* p.wait(-1);
    if (isErrno(ended) && ended.name === 'ECHILD') yield* p.pause();
  }
  const number = ending === 'SIGQUIT' ? SIGQUIT : SIGTERM;
  yield* logs.say(p, 'notice', `signal ${number} (${ending}) received, ${ending === 'SIGQUIT' ? 'shutting down' : 'exiting'}`);
  for (const pid of workers) p.kill(pid, SIGTERM);
  for (const pid of workers) yield* p.wait(pid);
  yield* logs.say(p, 'notice', 'exit');
  return 0;
}

function* emergency(main: Main, text: string): Routine<void> {
  main.err.put(`${logTime(main.process)} [emerg] ${main.process.pid}#${main.process.pid}: ${text}\nnginx: [emerg] ${text}\n`);
  yield* main.err.flush();
}

export const nginx = program('nginx', function* (main) {
  const { process: p, args } = main;
  if (args.includes('-v') || args.includes('-V')) {
    main.err.put(`nginx version: nginx/${versionOf(p)}\n`);
    return 0;
  }
  const at = args.indexOf('-c');
  const path = at >= 0 ? (args[at + 1] ?? CONFIG) : CONFIG;
  const config = yield* loadAll(p, path);
  const test = args.includes('-t') || args.includes('-T');
  if (typeof config === 'string') {
    yield* emergency(main, config);
    if (test) main.err.put(`nginx: configuration file ${path} test failed\n`);
    return 1;
  }
  if (test) {
    main.err.put(`nginx: the configuration file ${path} syntax is ok\nnginx: configuration file ${path} test is successful\n`);
    return 0;
  }
  const signal = args.indexOf('-s');
  if (signal >= 0) return yield* sendToMaster(main, args[signal + 1] ?? '');
  const global = args.indexOf('-g') >= 0 ? (args[args.indexOf('-g') + 1] ?? '') : '';
  const argv = ['nginx', ...args].join(' ');
  if (/daemon\s+off/.test(global) || setting('daemon', config.main)?.[0] === 'off') {
    yield* writePid(p, p.pid);
    return yield* master(main, config, argv);
  }
  const pid = p.fork(function* (child) {
    child.setsid();
    yield* writePid(child, child.pid);
    return yield* master({ ...main, process: child }, config, argv);
  });
  return isErrno(pid) ? 1 : 0;
});

function* writePid(p: Process, pid: number): Routine<void> {
  const fd = p.open('/run/nginx.pid', O_WRONLY | O_CREAT, 0o644);
  if (isErrno(fd)) return;
  yield* p.write(fd, Content.ofText(`${pid}\n`).bytes());
  p.close(fd);
}

function* sendToMaster(main: Main, name: string): Routine<number> {
  const signals: Readonly<Record<string, number>> = { stop: SIGTERM, quit: SIGQUIT, reload: SIGHUP, reopen: 10 };
  const signal = signals[name];
  if (signal === undefined) {
    main.err.put(`nginx: invalid option: "-s ${name}"\n`);
    return 1;
  }
  const text = yield* readText(main.process, '/run/nginx.pid');
  const failure = text === undefined ? undefined : main.process.kill(Number(text), signal);
  if (text === undefined || failure) {
    yield* emergency(main, 'open() "/run/nginx.pid" failed (2: No such file or directory)');
    return 1;
  }
  return 0;
}
