// /healthz, /livez and /readyz (apiserver's server/healthz): the checks behind them, in the order in which ?verbose lists
// them. All but those of etcd hold for a server that answers at all.

import type { Routine } from '../../../core/wait.ts';
import type { HttpRequest, HttpResponse } from '../../../userland/http/message.ts';
import type { ServerParts } from '../handlers/context.ts';
import { queryValue } from '../handlers/request-info.ts';
import { respondText } from '../handlers/respond.ts';

const HOOKS: readonly string[] = [
  'poststarthook/start-apiserver-admission-initializer',
  'poststarthook/generic-apiserver-start-informers',
  'poststarthook/priority-and-fairness-config-consumer',
  'poststarthook/priority-and-fairness-filter',
  'poststarthook/storage-object-count-tracker-hook',
  'poststarthook/start-apiextensions-informers',
  'poststarthook/start-apiextensions-controllers',
  'poststarthook/crd-informer-synced',
  'poststarthook/start-system-namespaces-controller',
  'poststarthook/peer-endpoint-reconciler-controller',
  'poststarthook/start-cluster-authentication-info-controller',
  'poststarthook/start-kube-apiserver-identity-lease-controller',
  'poststarthook/start-kube-apiserver-identity-lease-garbage-collector',
  'poststarthook/storage-readiness',
  'poststarthook/start-legacy-token-tracking-controller',
  'poststarthook/start-service-ip-repair-controllers',
  'poststarthook/rbac/bootstrap-roles',
  'poststarthook/scheduling/bootstrap-system-priority-classes',
  'poststarthook/priority-and-fairness-config-producer',
  'poststarthook/bootstrap-controller',
  'poststarthook/start-kubernetes-service-cidr-controller',
  'poststarthook/start-kube-aggregator-informers',
  'poststarthook/apiservice-status-local-available-controller',
  'poststarthook/apiservice-status-remote-available-controller',
  'poststarthook/apiservice-registration-controller',
  'poststarthook/apiservice-discovery-controller',
  'poststarthook/kube-apiserver-autoregistration',
  'autoregister-completion',
  'poststarthook/apiservice-openapi-controller',
  'poststarthook/apiservice-openapiv3-controller',
];

const ALIVE = ['ping', 'log', 'loopback-serving-certificate', 'etcd', ...HOOKS];

/** The checks by endpoint. */
export const HEALTH_CHECKS: Readonly<Record<string, readonly string[]>> = {
  healthz: ALIVE,
  livez: ALIVE,
  readyz: ['ping', 'log', 'etcd', 'etcd-readiness', 'informer-sync', ...HOOKS, 'shutdown'],
};

/** Checks that ask etcd. */
const OF_ETCD: ReadonlySet<string> = new Set(['etcd', 'etcd-readiness']);

/** Answers a request for a health endpoint or one of its checks; undefined for any other. */
export function* serveHealth(
  server: ServerParts,
  request: HttpRequest,
): Routine<HttpResponse | undefined> {
  const match = /^\/(healthz|livez|readyz)(?:\/(.+?))?\/?$/.exec(request.path);
  const [, endpoint = '', check] = match ?? [];
  const checks = HEALTH_CHECKS[endpoint];
  if (!checks) return undefined;
  if (check === undefined) return yield* answerAll(server, request, endpoint, checks);
  if (!checks.includes(check)) return undefined;
  const problem = OF_ETCD.has(check) ? yield* server.storage.check.problem() : undefined;
  if (problem === undefined) return respondText(200, 'ok');
  return respondText(500, `internal server error: ${problem}\n`);
}

function* answerAll(
  server: ServerParts,
  request: HttpRequest,
  endpoint: string,
  checks: readonly string[],
): Routine<HttpResponse> {
  const excluded = new Set(request.query.get('exclude'));
  const failed = new Set<string>();
  for (const name of OF_ETCD) {
    if (excluded.has(name) || !checks.includes(name)) continue;
    if ((yield* server.storage.check.problem()) !== undefined) failed.add(name);
  }
  if (failed.size === 0 && queryValue(request, 'verbose') === undefined)
    return respondText(200, 'ok');
  const lines = checks.map((name) => {
    if (excluded.delete(name)) return `[+]${name} excluded: ok\n`;
    return failed.has(name) ? `[-]${name} failed: reason withheld\n` : `[+]${name} ok\n`;
  });
  if (excluded.size > 0) {
    const names = [...excluded].sort().map((name) => JSON.stringify(name));
    const unknown = `no matches for ${names.join(',')}`;
    lines.push(`warn: some health checks cannot be excluded: ${unknown}\n`);
  }
  if (failed.size > 0) return respondText(500, `${lines.join('')}${endpoint} check failed\n`);
  return respondText(200, `${lines.join('')}${endpoint} check passed\n`);
}
