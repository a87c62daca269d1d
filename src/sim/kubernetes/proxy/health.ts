// kube-proxy's answers about health: its own on 10256 and, for services whose traffic stays on the node, at their
// healthCheckNodePort, where load balancers ask.

import { Content } from '../../core/content.ts';
import { rfc3339Fraction } from '../../core/time.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { HttpResponse } from '../../userland/http/message.ts';
import { serveHttp } from '../../userland/http/server.ts';
import { categorize, type ProxyState } from './endpoints.ts';

const JSON_HEADERS = { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' };

/** What there is to say at a healthCheckNodePort. */
interface ServiceHealth {
  readonly namespace: string;
  readonly name: string;
  readonly local: number;
}

/** The answer of /healthz on 10256; /livez leaves out whether the node may take part. */
export function proxyHealth(path: string, now: number): HttpResponse {
  const time = rfc3339Fraction(now, 9);
  const health = {
    lastUpdated: time,
    currentTime: time,
    ...(path === '/healthz' ? { nodeEligible: true } : {}),
    healthy: true,
    status: { IPv4: { lastUpdated: time, healthy: true } },
  };
  return { status: 200, headers: JSON_HEADERS, body: Content.ofText(JSON.stringify(health)) };
}

function serviceAnswer({ namespace, name, local }: ServiceHealth): HttpResponse {
  const lines = [
    '{',
    '\t"service": {',
    `\t\t"namespace": "${namespace}",`,
    `\t\t"name": "${name}"`,
    '\t},',
    `\t"localEndpoints": ${local},`,
    '\t"serviceProxyHealthy": true',
    '}',
  ];
  return {
    status: local > 0 ? 200 : 503,
    headers: { ...JSON_HEADERS, 'x-load-balancing-endpoint-weight': String(local) },
    body: Content.ofText(lines.join('\n')),
  };
}

/** The servers of a kube-proxy at healthCheckNodePorts; called with each new state. */
export function serviceHealthServers(p: Process): (state: ProxyState) => void {
  const open = new Map<number, { readonly fd: number; health: ServiceHealth }>();
  const listen = (port: number, health: ServiceHealth): void => {
    const fd = p.socket('inet', 'stream');
    if (isErrno(fd)) return;
    p.setsockopt(fd, 'SO_REUSEADDR', 1);
    if (p.bind(fd, { address: '0.0.0.0', port }) ?? p.listen(fd)) {
      p.close(fd);
      return;
    }
    const server = { fd, health };
    open.set(port, server);
    p.thread(function* (thread) {
      yield* serveHttp(thread, fd, function* () {
        return serviceAnswer(server.health);
      });
      return 0;
    });
  };
  return (state) => {
    const wanted = new Map<number, ServiceHealth>();
    for (const service of state.services) {
      const { healthCheckNodePort, ports = [] } = service.spec;
      const { namespace = '', name = '' } = service.metadata;
      const [port] = ports;
      if (!healthCheckNodePort || !port) continue;
      const local = categorize(state, service, port).local.length;
      wanted.set(healthCheckNodePort, { namespace, name, local });
    }
    for (const [port, { fd }] of open) {
      if (wanted.has(port)) continue;
      p.close(fd);
      open.delete(port);
    }
    for (const [port, health] of wanted) {
      const server = open.get(port);
      if (server) server.health = health;
      else listen(port, health);
    }
  };
}
