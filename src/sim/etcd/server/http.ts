// What etcd answers to plain HTTP on its client port: health, version, metrics, and the JSON gateway.

import { Content } from '../../core/content.ts';
import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { HttpRequest, HttpResponse } from '../../userland/http/message.ts';
import { EtcdError } from '../error.ts';
import { applyRange } from '../mvcc/apply.ts';
import { SERVER_VERSION, STORAGE_VERSION } from './backend.ts';
import { jsonText } from '../wire/json.ts';
import { CORS, gateway } from './gateway.ts';
import { metricsText } from './metrics.ts';
import type { Services } from './services.ts';

const TEXT = { ...CORS, 'content-type': 'text/plain; charset=utf-8' };

/** Answers one request. */
export function* answerHttp(services: Services, request: HttpRequest): Routine<HttpResponse> {
  const path = request.path.replace(/^\/v3beta\//, '/v3/');
  if (path.startsWith('/v3/')) return yield* gateway(services, { ...request, path });
  switch (path) {
    case '/health':
      return yield* health(services, request);
    case '/version':
      return version(services);
    case '/metrics': {
      const headers = { ...CORS, 'content-type': 'text/plain; version=0.0.4; charset=utf-8' };
      return { status: 200, headers, body: Content.ofText(metricsText(services.member)) };
    }
    default:
      return (yield* probe(services, request)) ?? notFound();
  }
}

/** Answers a request on the port for peers: the members and the version, for who joins. */
export function answerPeerHttp(services: Services, request: HttpRequest): HttpResponse {
  if (request.path === '/version') return version(services);
  if (request.path !== '/members') return notFound();
  if (request.method !== 'GET') return notAllowed();
  const { backend, options } = services.member;
  const members = backend.cluster.list().map((one) => ({
    id: one.id,
    peerURLs: one.peerUrls,
    ...(one.isLearner && { isLearner: true }),
    ...(one.name !== '' && { name: one.name }),
    ...(one.clientUrls.length > 0 && { clientURLs: one.clientUrls }),
  }));
  const headers = {
    'content-type': 'application/json',
    'x-etcd-cluster-id': options.clusterId.toString(16),
  };
  return { status: 200, headers, body: Content.ofText(`${jsonText(members)}\n`) };
}

function notFound(): HttpResponse {
  const headers = { ...TEXT, 'x-content-type-options': 'nosniff' };
  return { status: 404, headers, body: Content.ofText('404 page not found\n') };
}

function notAllowed(): HttpResponse {
  const headers = {
    ...CORS,
    allow: 'GET',
    'content-type': TEXT['content-type'],
    'x-content-type-options': 'nosniff',
  };
  return { status: 405, headers, body: Content.ofText('Method Not Allowed\n') };
}

function* health(services: Services, request: HttpRequest): Routine<HttpResponse> {
  const { query, method } = request;
  if (method !== 'GET') return notAllowed();
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
  return read instanceof EtcdError ? `RANGE ERROR:${read.message}` : '';
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

type Check = (services: Services) => Routine<string>;

const readable: Check = function* () {
  return '';
};

/** The checks of each probe; a check's text says what is wrong. */
const PROBES: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  '/livez': { serializable_read: readable },
  '/readyz': {
    *data_corruption({ member }) {
      const corrupt = member.backend.alarms.some(({ alarm }) => alarm === 'CORRUPT');
      return corrupt ? 'alarm activated: CORRUPT' : '';
    },
    serializable_read: readable,
    *linearizable_read({ member }) {
      if (member.raft.leader === 0n) return 'etcdserver: no leader';
      return (yield* member.confirmRead())?.message ?? '';
    },
    *non_learner({ member }) {
      return member.isLearner ? 'not supported for learner' : '';
    },
  },
};

/** Kubernetes-style probes: all checks of one, or the one that the path names; undefined where there is none. */
function* probe(
  services: Services,
  { path, query, method }: HttpRequest,
): Routine<HttpResponse | undefined> {
  const [, root = '', name, ...more] = path.split('/');
  const checks = PROBES[`/${root}`];
  if (checks === undefined || more.length > 0) return undefined;
  if (name !== undefined && checks[name] === undefined) return undefined;
  if (method !== 'GET') return notAllowed();
  const excluded = name === undefined ? (query.get('exclude') ?? []) : [];
  let bad = false;
  let reason = '';
  for (const [one, check] of Object.entries(checks)) {
    if (excluded.includes(one) || (name !== undefined && name !== one)) continue;
    const failure = yield* check(services);
    bad ||= failure !== '';
    reason += failure === '' ? `[+]${one} ok\n` : `[-]${one} failed: ${failure}\n`;
  }
  const headers = { ...TEXT, 'x-content-type-options': 'nosniff' };
  if (bad) return { status: 503, headers, body: Content.ofText(`${reason}\n`) };
  const text = `${query.has('verbose') ? reason : ''}ok\n`;
  return { status: 200, headers, body: Content.ofText(text) };
}
