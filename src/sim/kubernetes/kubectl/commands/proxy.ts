// kubectl proxy: an HTTP server on this machine that passes requests on to the API server as the user of the kubeconfig.
// Static files (--www) are left out.

import { Content } from '../../../core/content.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { httpRequest, isHttpFailure } from '../../../userland/http/client.ts';
import type { HttpRequest, HttpResponse } from '../../../userland/http/message.ts';
import { serveHttp } from '../../../userland/http/server.ts';
import { NOT_SIMULATED } from '../../../userland/libc/stdio.ts';
import { joinStreams } from '../../apiserver/outgoing.ts';
import { failureText, targetOf } from '../../component/connect.ts';
import { klog } from '../../component/klog.ts';
import type { Call, Command } from '../command.ts';
import { Failure, failure } from '../failure.ts';
import type { Connection } from '../kubeconfig.ts';

export const proxy: Command = {
  name: 'proxy',
  run: runProxy,
};

const LEFT_OUT = ['www', 'www-prefix', 'keepalive', 'append-server-path'];
const DEFAULT_PORT = 8001;

/** Which requests are let through (proxy.FilterServer): lists of regular expressions. */
interface Filter {
  readonly acceptPaths: readonly RegExp[];
  readonly rejectPaths: readonly RegExp[];
  readonly acceptHosts: readonly RegExp[];
  readonly rejectMethods: readonly RegExp[];
}

function* runProxy(call: Call): Routine<number> {
  const { values, main } = call;
  const left = LEFT_OUT.find((name) => values.changed(name));
  if (left) throw new Failure(`drydock: kubectl proxy --${left} is not simulated`, NOT_SIMULATED);
  const { connection } = yield* call.client();
  const filter = values.is('disable-filter') ? undefined : filterOf(call);
  const socketPath = values.text('unix-socket');
  if (!filter && socketPath === '')
    yield* klog(
      main,
      'W',
      'proxy.go:177',
      'Request filter disabled, your proxy is vulnerable to XSRF attacks, please be cautious',
    );
  if (values.number('port') !== DEFAULT_PORT && socketPath !== '')
    throw failure('cannot set --unix-socket and --port at the same time');
  const listening = socketPath === '' ? listenTcp(call) : listenUnix(main.process, socketPath);
  yield* call.out(`Starting to serve on ${listening.name}\n`);
  yield* main.out.flush();
  const prefix = values.text('api-prefix').replace(/\/?$/, '/');
  yield* serveHttp(main.process, listening.fd, (request, thread) =>
    answer(thread, connection, filter, prefix, request),
  );
  return 0;
}

function filterOf({ values }: Call): Filter {
  const list = (name: string): RegExp[] =>
    values
      .text(name)
      .split(',')
      .filter((pattern) => pattern !== '')
      .map((pattern) => new RegExp(pattern));
  return {
    acceptPaths: list('accept-paths'),
    rejectPaths: list('reject-paths'),
    acceptHosts: list('accept-hosts'),
    rejectMethods: list('reject-methods'),
  };
}

interface Listening {
  readonly fd: number;
  readonly name: string;
}

function listenTcp({ values, main }: Call): Listening {
  const { process } = main;
  const address = values.text('address');
  const port = values.number('port');
  const refuse = (why: string): never => {
    throw failure(`listen tcp ${address}:${port}: ${why}`);
  };
  const fd = process.socket(address.includes(':') ? 'inet6' : 'inet', 'stream');
  if (isErrno(fd)) return refuse(`socket: ${fd.message.toLowerCase()}`);
  process.setsockopt(fd, 'SO_REUSEADDR', 1);
  const failed = process.bind(fd, { address, port }) ?? process.listen(fd, 128);
  if (failed) return refuse(`bind: ${failed.message.toLowerCase()}`);
  const name = process.getsockname(fd);
  const bound = isErrno(name) || 'path' in name ? port : name.port;
  return { fd, name: `${address}:${bound}` };
}

/** A socket that only its user may reach; a stale one is taken away. */
function listenUnix(process: Process, path: string): Listening {
  const refuse = (why: string): never => {
    throw failure(`listen unix ${path}: ${why}`);
  };
  const before = process.stat(path);
  if (!isErrno(before) && (before.mode & 0o170000) === 0o140000) process.unlink(path);
  const fd = process.socket('unix', 'stream');
  if (isErrno(fd)) return refuse(`socket: ${fd.message.toLowerCase()}`);
  const mask = process.umask(0o077);
  const failed = process.bind(fd, { path }) ?? process.listen(fd, 128);
  process.umask(mask);
  if (failed) return refuse(`bind: ${failed.message.toLowerCase()}`);
  return { fd, name: path };
}

function text(status: number, words: string): HttpResponse {
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  };
  return { status, headers, body: Content.ofText(words) };
}

function* answer(
  thread: Process,
  connection: Connection,
  filter: Filter | undefined,
  prefix: string,
  request: HttpRequest,
): Routine<HttpResponse> {
  if (!request.path.startsWith(prefix)) {
    if (`${request.path}/` === prefix)
      return { ...text(301, ''), headers: { location: prefix, 'content-type': 'text/html' } };
    return text(404, '404 page not found\n');
  }
  const path = prefix.startsWith('/api')
    ? request.path
    : `/${request.path.slice(prefix.length).replace(/^\//, '')}`;
  if (filter && !accepts(filter, request.method, path, request.headers.host ?? ''))
    return text(403, 'Forbidden\n');
  return yield* passOn(thread, connection, { ...request, path });
}

function accepts(filter: Filter, method: string, path: string, header: string): boolean {
  const host = header.replace(/:\d+$/, '');
  const any = (patterns: readonly RegExp[], words: string): boolean =>
    patterns.some((pattern) => pattern.test(words));
  if (any(filter.rejectPaths, path) || any(filter.rejectMethods, method)) return false;
  return any(filter.acceptPaths, path) && any(filter.acceptHosts, host);
}

/** Asks the API server with the user's certificate or token; upgraded connections are joined. */
function* passOn(
  thread: Process,
  connection: Connection,
  request: HttpRequest,
): Routine<HttpResponse> {
  const target = targetOf(connection);
  const { headers } = request;
  const upgrades = headers.upgrade !== undefined;
  const { connection: _hop, ...kept } = headers;
  const sent = {
    ...request,
    headers: {
      ...(upgrades ? headers : kept),
      host: `${target.host}:${target.port}`,
      ...(connection.token ? { authorization: `Bearer ${connection.token}` } : {}),
    },
  };
  const reply = yield* httpRequest(thread, target, sent, { alone: upgrades });
  if (isHttpFailure(reply)) return text(500, `${failureText(reply, target)}\n`);
  const { status, body, stream } = reply;
  const backend = reply.connection;
  if (!backend) {
    const { connection: _own, 'transfer-encoding': _framing, ...said } = reply.headers;
    return { status, headers: said, ...(body ? { body } : {}), ...(stream ? { stream } : {}) };
  }
  return {
    status,
    headers: reply.headers,
    upgrade: (client) => joinStreams(thread, client, backend),
  };
}
