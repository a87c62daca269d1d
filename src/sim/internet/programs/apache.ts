// The Apache HTTP Server: a parent and its workers, which serve files below a document root as httpd.conf says. Read are
// Listen, ServerName, DocumentRoot, DirectoryIndex, User and the two logs; other directives, modules, .htaccess and TLS
// are left out. Scripts go to a handler of the image's own (PHP's place).

import { Content } from '../../core/content.ts';
import { decode, encode } from '../../core/text.ts';
import { epochMilliseconds } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { O_APPEND, O_CREAT, O_WRONLY } from '../../kernel/files/open-file.ts';
import { formatIp } from '../../kernel/network/address.ts';
import { SIGINT, SIGTERM, SIGWINCH } from '../../kernel/signals.ts';
import type { HttpRequest, HttpResponse } from '../../userland/http/message.ts';
import { serveHttp } from '../../userland/http/server.ts';
import { readAccounts } from '../../userland/libc/accounts.ts';
import { canonicalName } from '../../userland/libc/resolver.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import { type Documents, serveDocument } from './apache-files.ts';
import { accessTime, MONTHS, targetOf } from './nginx-files.ts';

/** What differs between the builds of the server that images hold. */
export interface ApacheBuild {
  /** `httpd`, or Debian's `apache2`. */
  readonly program: string;
  readonly config: string;
  /** `Apache/2.4.66 (Unix)`. */
  readonly banner: string;
  readonly mpm: 'event' | 'prefork';
  /** The form of a line in the access log. */
  readonly log: 'common' | 'combined';
  /** Answers requests for scripts; undefined: the request is for a file. */
  readonly script?: (request: HttpRequest, process: Process) => Routine<HttpResponse | undefined>;
}

interface Settings {
  readonly ports: readonly number[];
  readonly serverName: string | undefined;
  readonly documents: Documents;
  readonly user: string;
  readonly accessLog: string;
  readonly errorLog: string;
}

function settingsOf(text: string, banner: string): Settings {
  const all = (name: string): string[] =>
    Array.from(text.matchAll(new RegExp(`^\\s*${name}\\s+(.+?)\\s*$`, 'gmi')), ([, value = '']) =>
      value.replace(/^"|"$/g, ''),
    );
  const ports = all('Listen').map((value) => Number(value.slice(value.lastIndexOf(':') + 1)));
  return {
    ports: ports.length > 0 ? ports : [80],
    serverName: all('ServerName')[0],
    documents: {
      root: all('DocumentRoot')[0] ?? '/usr/local/apache2/htdocs',
      index: all('DirectoryIndex')[0]?.split(/\s+/) ?? ['index.html'],
      listing: /^\s*Options\b.*\bIndexes\b/im.test(text),
      banner,
    },
    user: all('User')[0] ?? 'www-data',
    accessLog: all('CustomLog')[0]?.split(/\s+/)[0]?.replaceAll('"', '') ?? '/proc/self/fd/1',
    errorLog: all('ErrorLog')[0] ?? '/proc/self/fd/2',
  };
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** `[Mon Mar 02 09:00:00.123456 2026]`, as the error log has it. */
function errorTime(p: Process): string {
  const date = new Date(epochMilliseconds(p.now));
  const iso = date.toISOString();
  const micro = `${iso.slice(20, 23)}${String(Math.floor(p.now / 1000) % 1000).padStart(3, '0')}`;
  const day = `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${iso.slice(8, 10)}`;
  return `[${day} ${iso.slice(11, 19)}.${micro} ${iso.slice(0, 4)}]`;
}

function* logLine(p: Process, path: string, line: string): Routine<void> {
  const own = { '/proc/self/fd/1': 1, '/dev/stdout': 1, '/proc/self/fd/2': 2, '/dev/stderr': 2 };
  const known = own[path as keyof typeof own];
  const fd = known ?? p.open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644);
  if (isErrno(fd)) return;
  yield* p.write(fd, encode(line));
  if (known === undefined) p.close(fd);
}

/** The first address of this machine that is not loopback's: what the server calls itself where it has no name. */
function ownAddress(p: Process): string {
  for (const link of p.network.linksByIndex) {
    const [first] = link.addresses;
    if (link.kind !== 'loopback' && first) return formatIp(first.address);
  }
  return '127.0.0.1';
}

function* accessed(
  p: Process,
  build: ApacheBuild,
  settings: Settings,
  request: HttpRequest,
  response: HttpResponse,
): Routine<void> {
  const address = (request.peer?.address ?? '-').replace(/:\d+$/, '');
  const size = response.body?.size ?? 0;
  const line = `${request.method} ${targetOf(request)} HTTP/1.1`;
  const { referer = '-', 'user-agent': agent = '-' } = request.headers;
  const more = build.log === 'combined' ? ` "${referer}" "${agent}"` : '';
  const length = size === 0 ? '-' : String(size);
  const text = `${address} - - [${accessTime(p)}] "${line}" ${response.status} ${length}${more}\n`;
  yield* logLine(p, settings.accessLog, text);
}

function* worker(
  p: Process,
  build: ApacheBuild,
  settings: Settings,
  sockets: readonly number[],
): Routine<number> {
  for (const fd of sockets) {
    p.thread(function* (thread) {
      yield* serveHttp(thread, fd, function* (request, process) {
        const response =
          (yield* build.script?.(request, process) ?? nothing()) ??
          (yield* serveDocument(process, settings.documents, request));
        yield* accessed(process, build, settings, request, response);
        return response;
      });
      return 0;
    });
  }
  for (;;) yield* p.pause();
}

function* nothing(): Routine<undefined> {
  return undefined;
}

function* listenAll(main: Main, ports: readonly number[]): Routine<number[] | undefined> {
  const { process: p } = main;
  const sockets: number[] = [];
  for (const port of ports) {
    const fd = p.socket('inet', 'stream');
    if (isErrno(fd)) return undefined;
    p.setsockopt(fd, 'SO_REUSEADDR', 1);
    const refused = p.bind(fd, { address: '0.0.0.0', port }) ?? p.listen(fd, 511);
    if (refused) {
      const where = `AH00072: make_sock: could not bind to address 0.0.0.0:${port}`;
      main.err.put(`(${refused.number})${refused.message}: ${where}\n`);
      main.err.put('no listening sockets available, shutting down\nAH00015: Unable to open logs\n');
      return undefined;
    }
    sockets.push(fd);
  }
  return sockets;
}

/** Runs the server in the foreground until a signal ends it. */
export function* runApache(main: Main, build: ApacheBuild): Routine<number> {
  const { process: p } = main;
  const bytes = yield* readFile(p, build.config);
  if (isErrno(bytes)) {
    const where = `Could not open configuration file ${build.config}`;
    main.err.put(`${build.program}: ${where}: ${bytes.message}\n`);
    return 1;
  }
  const settings = settingsOf(decode(bytes), build.banner);
  if (settings.serverName === undefined && !(yield* canonicalName(p)).includes('.')) {
    const text = `AH00558: ${build.program}: Could not reliably determine the server's fully qualified domain name, using ${ownAddress(p)}. Set the 'ServerName' directive globally to suppress this message\n`;
    main.err.put(text + text);
    yield* main.err.flush();
  }
  const sockets = yield* listenAll(main, settings.ports);
  if (!sockets) return 1;
  const thread = build.mpm === 'event' ? `pid ${p.pid}:tid ${p.pid}` : `pid ${p.pid}`;
  const note = (module: string, text: string): Routine<void> =>
    logLine(p, settings.errorLog, `${errorTime(p)} [${module}:notice] [${thread}] ${text}\n`);
  const code = build.mpm === 'event' ? 'AH00489' : 'AH00163';
  yield* note(
    `mpm_${build.mpm}`,
    `${code}: ${build.banner} configured -- resuming normal operations`,
  );
  yield* note('core', `AH00094: Command line: '${build.program} -D FOREGROUND'`);
  const account = (yield* readAccounts(p)).userByName(settings.user);
  const workers: number[] = [];
  for (let i = 0; i < (build.mpm === 'event' ? 3 : 5); i++) {
    const pid = p.fork(function* (child) {
      if (p.uid === 0 && account) {
        child.setgid(account.gid);
        child.setuid(account.uid);
      }
      for (const signal of [SIGTERM, SIGINT, SIGWINCH]) child.sigaction(signal, 'default');
      return yield* worker(child, build, settings, sockets);
    });
    if (!isErrno(pid)) workers.push(pid);
  }
  const ending = yield* attend(p);
  const graceful = ending === 'SIGWINCH';
  const numbers = build.mpm === 'event' ? ['AH00492', 'AH00491'] : ['AH00170', 'AH00169'];
  const how = graceful ? ', shutting down gracefully' : ', shutting down';
  yield* note(`mpm_${build.mpm}`, `${numbers[graceful ? 0 : 1]}: caught ${ending}${how}`);
  for (const pid of workers) p.kill(pid, SIGTERM);
  for (const pid of workers) yield* p.wait(pid);
  return 0;
}

/** The parent's wait: the name of the signal that ends it. */
function* attend(p: Process): Routine<string> {
  let ending: string | undefined;
  const names: readonly (readonly [number, string])[] = [
    [SIGTERM, 'SIGTERM'],
    [SIGINT, 'SIGTERM'],
    [SIGWINCH, 'SIGWINCH'],
  ];
  for (const [signal, name] of names) {
    p.sigaction(signal, () => {
      ending = name;
    });
  }
  while (ending === undefined) {
    const ended = yield* p.wait(-1);
    if (isErrno(ended) && ended.name === 'ECHILD') yield* p.pause();
  }
  return ending;
}

/** A page of a script with the server's own headers. */
export function scriptResponse(
  p: Process,
  banner: string,
  status: number,
  html: string,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  const body = Content.ofText(html);
  return {
    status,
    body,
    headers: {
      date: new Date(epochMilliseconds(p.now)).toUTCString(),
      server: banner,
      ...headers,
      'content-length': String(body.size),
      'content-type': 'text/html; charset=UTF-8',
    },
  };
}
