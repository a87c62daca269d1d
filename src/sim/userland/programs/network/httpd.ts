// busybox httpd: serves a directory on a port; CGI below /cgi-bin. Left out: httpd.conf, authentication, proxies.

import { Content } from '../../../core/content.ts';
import { concatBytes, decode, encode } from '../../../core/text.ts';
import { epochMilliseconds } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import type { HttpRequest, HttpResponse } from '../../http/message.ts';
import { serveHttp } from '../../http/server.ts';
import { REASONS, requestTarget } from '../../http/wire.ts';
import { isOptionError, parseOptions } from '../../libc/options.ts';
import type { Main } from '../../libc/stdio.ts';
import { readFile } from '../../libc/whole-file.ts';

const OPTIONS = [
  { key: 'port', short: 'p', argument: 'required' as const },
  { key: 'home', short: 'h', argument: 'required' as const },
  { key: 'config', short: 'c', argument: 'required' as const },
  { key: 'user', short: 'u', argument: 'required' as const },
  { key: 'realm', short: 'r', argument: 'required' as const },
  { key: 'foreground', short: 'f' },
  { key: 'verbose', short: 'v' },
  { key: 'inetd', short: 'i' },
];

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  htm: 'text/html',
  txt: 'text/plain',
  css: 'text/css',
  js: 'application/javascript',
  json: 'application/json',
  png: 'image/png',
  jpg: 'image/jpeg',
  gif: 'image/gif',
  svg: 'image/svg+xml',
  xml: 'text/xml',
};

/** Runs httpd: in the background unless -f. */
export function* runHttpd(main: Main, args: readonly string[]): ProgramRun {
  const { process } = main;
  const options = parseOptions(args, OPTIONS);
  if (isOptionError(options)) {
    main.err.put(`httpd: ${options.error}\n`);
    return 1;
  }
  const text = options.value('port') ?? '80';
  const colon = text.lastIndexOf(':');
  const port = Number(colon < 0 ? text : text.slice(colon + 1));
  const address = colon < 0 ? '' : text.slice(0, colon);
  const home = options.value('home');
  const moved = home === undefined ? undefined : process.chdir(home);
  if (moved) {
    yield* main.fail(`can't change directory to '${home}': ${moved.message}`);
    return 1;
  }
  const fd = process.socket(address === '' ? 'inet6' : 'inet', 'stream');
  if (isErrno(fd)) return 1;
  process.setsockopt(fd, 'SO_REUSEADDR', 1);
  const failure = process.bind(fd, { address, port });
  if (failure) {
    yield* main.fail(`bind: ${failure.message}`);
    return 1;
  }
  process.listen(fd, 9);
  if (options.has('foreground')) return yield* serve(process, fd);
  process.fork(function* (child) {
    child.setsid();
    for (const standard of [0, 1, 2]) {
      const none = child.open('/dev/null', 2);
      if (!isErrno(none) && none !== standard) {
        child.dup2(none, standard);
        child.close(none);
      }
    }
    return yield* serve(child, fd);
  });
  return 0;
}

function* serve(process: Process, fd: number): ProgramRun {
  yield* serveHttp(process, fd, (request, thread) => answer(request, thread));
  return 0;
}

function* answer(request: HttpRequest, process: Process): Routine<HttpResponse> {
  if (request.path.startsWith('/cgi-bin/')) return yield* cgi(request, process);
  if (request.method !== 'GET' && request.method !== 'HEAD') return problem(process, 501);
  if (request.path.split('/').includes('..')) return problem(process, 400);
  let path = `.${request.path}`;
  const stat = process.stat(path);
  if (!isErrno(stat) && (stat.mode & 0o170000) === 0o040000) {
    if (!path.endsWith('/')) {
      return {
        ...problem(process, 302),
        headers: { ...headers(process, 'text/html'), location: `${request.path}/` },
      };
    }
    path += 'index.html';
  }
  const bytes = yield* readFile(process, path);
  if (isErrno(bytes)) return problem(process, bytes.name === 'EACCES' ? 403 : 404);
  const file = process.stat(path);
  const modified = isErrno(file) ? process.now : file.mtime;
  const type = TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
  const described = {
    ...headers(process, type),
    'accept-ranges': 'bytes',
    'last-modified': date(modified),
    etag: `"${bytes.length.toString(16)}"`,
  };
  const range = rangeOf(request.headers['range'], bytes.length);
  if (!range) return { status: 200, headers: described, body: Content.ofBytes(bytes) };
  const [from, to] = range;
  return {
    status: 206,
    headers: { ...described, 'content-range': `bytes ${from}-${to}/${bytes.length}` },
    body: Content.ofBytes(bytes.subarray(from, to + 1)),
  };
}

/** First and last byte of `Range: bytes=0-99`; undefined where the whole is to be sent. */
function rangeOf(header: string | undefined, size: number): readonly [number, number] | undefined {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === undefined) return undefined;
  const to = last === '' || last === undefined ? size - 1 : Math.min(Number(last), size - 1);
  return Number(first) <= to ? [Number(first), to] : undefined;
}

function date(now: number): string {
  return new Date(epochMilliseconds(now)).toUTCString();
}

function headers(process: Process, type: string): Record<string, string> {
  return { date: date(process.now), connection: 'close', 'content-type': type };
}

const EXPLAINED: Readonly<Record<number, string>> = {
  400: 'Unsupported method',
  403: '',
  404: 'The requested URL was not found',
  501: '',
};

function problem(process: Process, status: number): HttpResponse {
  const title = `${status} ${REASONS[status] ?? ''}`;
  const html = `<HTML><HEAD><TITLE>${title}</TITLE></HEAD>\n<BODY><H1>${title}</H1>\n${EXPLAINED[status] ?? ''}\n</BODY></HTML>\n`;
  return { status, headers: headers(process, 'text/html'), body: Content.ofText(html) };
}

/** Runs a program below cgi-bin: its output's own head, then the content. */
function* cgi(request: HttpRequest, process: Process): Routine<HttpResponse> {
  const path = `.${request.path}`;
  const stat = process.stat(path);
  if (isErrno(stat)) return problem(process, 404);
  const pipes = [process.pipe(), process.pipe()] as const;
  const [input, output] = pipes;
  if (isErrno(input) || isErrno(output)) return problem(process, 500);
  const environment = new Map(process.environment);
  const target = requestTarget(request);
  environment.set('REQUEST_METHOD', request.method);
  environment.set('REQUEST_URI', target);
  environment.set('QUERY_STRING', target.split('?')[1] ?? '');
  environment.set('CONTENT_LENGTH', String(request.body.size));
  environment.set('SCRIPT_NAME', request.path);
  environment.set('REMOTE_ADDR', request.peer?.address.replace(/:\d+$/, '') ?? '');
  environment.set('GATEWAY_INTERFACE', 'CGI/1.1');
  environment.set('SERVER_PROTOCOL', 'HTTP/1.1');
  const pid = process.fork(function* (child) {
    child.dup2(input[0], 0);
    child.dup2(output[1], 1);
    for (const fd of [...input, ...output]) child.close(fd);
    child.chdir('./cgi-bin');
    child.exec(`./${request.path.slice('/cgi-bin/'.length)}`, [path], environment);
    yield* child.write(1, encode(''));
    return 242;
  });
  process.close(input[0]);
  process.close(output[1]);
  yield* process.write(input[1], request.body.bytes());
  process.close(input[1]);
  const bytes = yield* process.readAll(output[0]);
  process.close(output[0]);
  if (!isErrno(pid)) yield* process.wait(pid);
  return isErrno(bytes) ? problem(process, 500) : cgiResponse(process, bytes);
}

function cgiResponse(process: Process, bytes: Uint8Array): HttpResponse {
  const text = decode(bytes);
  const end = /\r?\n\r?\n/.exec(text);
  if (!end) return problem(process, 500);
  const head: Record<string, string> = { date: date(process.now), connection: 'close' };
  let status = 200;
  for (const line of text.slice(0, end.index).split(/\r?\n/)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'status') status = Number(value.split(' ')[0]);
    else head[name] = value;
  }
  return {
    status,
    headers: head,
    body: Content.ofBytes(concatBytes([encode(text.slice(end.index + end[0].length))])),
  };
}
