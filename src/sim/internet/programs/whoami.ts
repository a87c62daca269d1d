// whoami of Traefik: a server that tells who it is and what it was asked. Left out: /echo (WebSocket), TLS.

import { Content } from '../../core/content.ts';
import { rfc3339, SECOND } from '../../core/time.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { formatIp } from '../../kernel/network/address.ts';
import type { HttpRequest, HttpResponse } from '../../userland/http/message.ts';
import { serveHttp } from '../../userland/http/server.ts';
import { type Main, program } from '../../userland/libc/stdio.ts';
import { targetOf } from './nginx-files.ts';

function canonicalHeader(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}

function addresses(p: Process): string[] {
  return p.network.linksByIndex.flatMap((link) => [
    ...link.addresses.map(({ address }) => formatIp(address)),
    ...link.addresses6.map(({ address }) => address),
  ]);
}

function headersOf(request: HttpRequest): [string, string][] {
  return Object.entries(request.headers)
    .filter(([name]) => name !== 'host')
    .map(([name, value]): [string, string] => [canonicalHeader(name), value])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function plain(p: Process, request: HttpRequest, name: string): string {
  const lines = [
    ...(name === '' ? [] : [`Name: ${name}`]),
    `Hostname: ${p.hostname}`,
    ...addresses(p).map((address) => `IP: ${address}`),
    `RemoteAddr: ${request.peer?.address ?? ''}`,
    `${request.method} ${targetOf(request)} HTTP/1.1`,
    `Host: ${request.headers.host ?? ''}`,
    ...headersOf(request).map(([key, value]) => `${key}: ${value}`),
  ];
  return `${lines.join('\n')}\n\n`;
}

function json(p: Process, request: HttpRequest, name: string): string {
  const headers = Object.fromEntries(headersOf(request).map(([key, value]) => [key, [value]]));
  const told = {
    hostname: p.hostname,
    ip: addresses(p),
    headers,
    url: targetOf(request),
    host: request.headers.host ?? '',
    method: request.method,
    ...(name === '' ? {} : { name }),
    remoteAddr: request.peer?.address ?? '',
  };
  return `${JSON.stringify(told)}\n`;
}

function reply(status: number, text: string, type = 'text/plain; charset=utf-8'): HttpResponse {
  return { status, headers: { 'content-type': type }, body: Content.ofText(text) };
}

/** The value of `-name VALUE`, `--name=VALUE` or the environment. */
function option(main: Main, name: string): string | undefined {
  const at = main.args.findIndex((word) => word.replace(/^--?/, '').split('=')[0] === name);
  const word = main.args[at];
  if (word === undefined) return main.process.environment.get(`WHOAMI_${name.toUpperCase()}`);
  return word.includes('=') ? word.slice(word.indexOf('=') + 1) : main.args[at + 1];
}

export const whoamiServer = program('traefik-whoami', function* (main) {
  const { process: p } = main;
  const port = Number(option(main, 'port') ?? option(main, 'PORT_NUMBER') ?? 80);
  const name = option(main, 'name') ?? '';
  const log = (text: string): string =>
    `${rfc3339(p.now).replace('T', ' ').replace('Z', '').replaceAll('-', '/')} ${text}\n`;
  const fd = p.socket('inet', 'stream');
  if (isErrno(fd)) return 1;
  p.setsockopt(fd, 'SO_REUSEADDR', 1);
  const refused = p.bind(fd, { address: '0.0.0.0', port }) ?? p.listen(fd);
  main.err.put(log(`Starting up on port ${port}`));
  if (refused) main.err.put(log(`listen tcp :${port}: bind: ${refused.message.toLowerCase()}`));
  yield* main.err.flush();
  if (refused) return 1;
  let health = 200;
  yield* serveHttp(p, fd, function* (request, process) {
    const wait = /^(\d+)(ms|s)$/.exec(request.query.get('wait')?.[0] ?? '');
    if (wait) yield* process.sleep(Number(wait[1]) * (wait[2] === 's' ? SECOND : SECOND / 1000));
    if (request.path === '/bench') return reply(200, '1');
    if (request.path === '/api')
      return reply(200, json(process, request, name), 'application/json');
    if (request.path === '/health') {
      if (request.method === 'POST') health = Number(request.body.text()) || health;
      return reply(request.method === 'POST' ? 200 : health, '');
    }
    return reply(200, plain(process, request, name));
  });
  return 0;
});
