// The health port of a component: /healthz, /livez and /readyz answer `ok` over TLS with a certificate of its own making.

import { Content } from '../../core/content.ts';
import { epochMilliseconds } from '../../core/time.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { HttpRequest, HttpResponse } from '../../userland/http/message.ts';
import { serveHttp } from '../../userland/http/server.ts';
import type { Certificate } from '../../userland/tls/certificate.ts';

const YEAR = 365 * 24 * 3600 * 1000;

/** The self-signed certificate that a component shows where it is given none. */
export function selfSigned(process: Process): Certificate {
  const now = epochMilliseconds(process.now);
  const name = `${process.hostname}@${Math.floor(now / 1000)}`;
  return {
    serial: '2',
    commonName: name,
    organizations: [],
    issuer: `${process.hostname}-ca@${Math.floor(now / 1000)}`,
    signedBy: name,
    key: name,
    notBefore: now - 3600_000,
    notAfter: now + YEAR,
    dnsNames: [process.hostname, 'localhost'],
    ipAddresses: ['127.0.0.1'],
    isAuthority: false,
    usages: ['server auth'],
  };
}

function answer(request: HttpRequest): HttpResponse {
  const known = ['/healthz', '/livez', '/readyz'].includes(request.path);
  const text = known ? 'ok' : '404 page not found\n';
  const headers = { 'content-type': 'text/plain; charset=utf-8' };
  return { status: known ? 200 : 404, headers, body: Content.ofText(text) };
}

/** Listens on 127.0.0.1 in a thread, over TLS unless told otherwise; a port that is taken is let be. */
export function serveHealth(process: Process, port: number, secure = true): void {
  const fd = process.socket('inet', 'stream');
  if (isErrno(fd)) return;
  process.setsockopt(fd, 'SO_REUSEADDR', 1);
  const failure = process.bind(fd, { address: '127.0.0.1', port }) ?? process.listen(fd);
  if (failure) {
    process.close(fd);
    return;
  }
  const options = secure ? { tls: { certificate: selfSigned(process) } } : {};
  process.thread(function* (thread) {
    yield* serveHttp(
      thread,
      fd,
      function* (request) {
        return answer(request);
      },
      options,
    );
    return 0;
  });
}
