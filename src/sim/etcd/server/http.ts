// What etcd answers to plain HTTP on its client port: health, version, metrics, and the JSON gateway.

import { Content } from '../../core/content.ts';
import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { HttpRequest, HttpResponse } from '../../userland/http/message.ts';
import { EtcdError } from '../error.ts';
import { applyRange } from '../mvcc/apply.ts';
import { SERVER_VERSION, STORAGE_VERSION } from './backend.ts';
import { CORS, gateway } from './gateway.ts';
import { metricsText } from './metrics.ts';
import type { Services } from './services.ts';

const TEXT = { ...CORS, 'content-type': 'text/plain; charset=utf-8' };

/** Answers one request. */
export function* answerHttp(services: Services, request: HttpRequest): Routine<HttpResponse> {
  const { path, query } = request;
  if (path.startsWith('/v3/')) return yield* gateway(services, request);
  switch (path) {
    case '/health':
      return yield* health(services, request);
    case '/version':
      return version(services);
    case '/metrics': {
      const headers = { ...CORS, 'content-type': 'text/plain; version=0.0.4; charset=utf-8' };
      return { status: 200, headers, body: Content.ofText(metricsText(services.member)) };
    }
    case '/livez':
    case '/readyz':
      return yield* checks(services, path, query.has('verbose'));
    default: {
      const headers = { ...TEXT, 'x-content-type-options': 'nosniff' };
      return { status: 404, headers, body: Content.ofText('404 page not found\n') };
    }
  }
}

function* health(services: Services, request: HttpRequest): Routine<HttpResponse> {
  const { query, method } = request;
  if (method !== 'GET') {
    const headers = { ...TEXT, allow: 'GET' };
    return { status: 405, headers, body: Content.ofText('Method Not Allowed\n') };
  }
  const serializable = query.get('serializable')?.includes('true') ?? false;
  const reason = yield* whyUnhealthy(services, serializable, query.get('exclude') ?? []);
  const body = JSON.stringify({ health: String(reason === ''), reason });
  if (reason === '') return { status: 200, headers: TEXT, body: Content.ofText(body) };
  const headers = { ...TEXT, 'x-content-type-options': 'nosniff' };
  return { status: 503, headers, body: Content.ofText(`${body}\n`) };
}

function* whyUnhealthy(
  services: Services,
  serializable: boolean,
  exclude: readonly string[],
): Routine<string> {
  const { member } = services;
  const alarm = member.backend.alarms.find((one) => !exclude.includes(one.alarm));
  if (alarm !== undefined) return `ALARM ${alarm.alarm}`;
  if (serializable) return '';
  if (member.raft.leader === 0n) return 'RAFT NO LEADER';
  const until = member.host.simulation.now + SECOND;
  const failure = yield* member.confirmRead(until);
  const read = failure ?? applyRange(member.applying(), { key: 'a', limit: 1 });
  return read instanceof EtcdError ? `QGET ERROR:${read.message}` : '';
}

function version({ member }: Services): HttpResponse {
  const cluster = member.backend.clusterVersion || 'not_decided';
  const text = JSON.stringify({
    etcdserver: SERVER_VERSION,
    etcdcluster: cluster,
    storage: member.backend.clusterVersion || STORAGE_VERSION,
  });
  const headers = { ...CORS, 'content-type': 'application/json' };
  return { status: 200, headers, body: Content.ofText(text) };
}

/** Kubernetes-style probes: every check by name where `verbose` is asked for. */
function* checks(services: Services, path: string, verbose: boolean): Routine<HttpResponse> {
  const { member } = services;
  const found: [string, string][] = [];
  if (path === '/readyz') {
    const failure =
      member.raft.leader === 0n ? 'no leader' : (yield* member.confirmRead())?.message;
    found.push(['linearizable_read', failure ?? '']);
    found.push(['non_learner', member.isLearner ? 'learner' : '']);
    const corrupt = member.backend.alarms.some(({ alarm }) => alarm === 'CORRUPT');
    found.push(['data_corruption', corrupt ? 'alarm activated: CORRUPT' : '']);
  }
  found.push(['serializable_read', '']);
  const bad = found.filter(([, failure]) => failure !== '');
  const lines = found.map(([name, failure]) =>
    failure === '' ? `[+]${name} ok\n` : `[-]${name} failed: ${failure}\n`,
  );
  const status = bad.length === 0 ? 200 : 503;
  const text = verbose || bad.length > 0 ? `${lines.join('')}ok\n` : 'ok\n';
  return { status, headers: TEXT, body: Content.ofText(text) };
}
