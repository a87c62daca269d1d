// The server's own paths: discovery, version, health, OpenAPI.

import { Content } from '../../../core/content.ts';
import type { HttpRequest, HttpResponse } from '../../../userland/http/message.ts';
import { issuerConfiguration, signingKeys } from '../auth/tokens.ts';
import type { ServerParts } from '../handlers/context.ts';
import {
  plainWriter,
  respond,
  respondStatus,
  respondText,
  wantsPretty,
} from '../handlers/respond.ts';
import { groupVersionOf } from '../kinds/descriptor.ts';
import { apiErrors } from '../status.ts';
import { discoveredKinds } from './aggregation.ts';
import { aggregatedDiscovery, apiGroup, groupsOf, resourceList } from './groups.ts';
import { HEALTH_CHECKS } from './health.ts';
import { metricsText } from './metrics.ts';
import { openApiDocument, openApiIndex } from './openapi.ts';
import { VERSION } from './version.ts';

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

function wantsAggregated(request: HttpRequest): boolean {
  const accept = request.headers.accept ?? '';
  return /as=APIGroupDiscoveryList/.test(accept) && /v=v2(;|,|$)/.test(accept);
}

/** Answers a request that is not for a stored resource. */
export function serveRoot(server: ServerParts, request: HttpRequest): HttpResponse {
  const path = request.path.length > 1 ? request.path.replace(/\/$/, '') : request.path;
  const document = documentAt(server, request, path);
  if (document) return document;
  if (servesGroup(server, path)) {
    return respondStatus(request, apiErrors.noSuchPath().status);
  }
  return respondText(404, '404 page not found\n');
}

/** Whether a path lies below a group that the server has, in whatever version. */
function servesGroup(server: ServerParts, path: string): boolean {
  const [, root, first, second] = path.split('/');
  if (root === 'api') return first !== undefined;
  if (root !== 'apis' || second === undefined) return false;
  return server.kinds.all().some(({ group }) => group === first);
}

function documentAt(
  server: ServerParts,
  request: HttpRequest,
  path: string,
): HttpResponse | undefined {
  const kinds = discoveredKinds(server);
  const answer = (object: object): HttpResponse =>
    respond(200, object, plainWriter(wantsPretty(request)));
  if (path === '/api' || path === '/apis') {
    if (wantsAggregated(request)) {
      const document = aggregatedDiscovery(kinds, path === '/api');
      const body = Content.ofJson(document, plainWriter(wantsPretty(request)));
      return { status: 200, headers: { 'content-type': AGGREGATED }, body };
    }
    return answer(path === '/api' ? apiVersions(server) : groupList(server));
  }
  if (path === '/version') {
    return respond(200, VERSION, (object) => JSON.stringify(object, undefined, 2));
  }
  if (path === '/') return answer({ paths: rootPaths(server) });
  if (path === '/metrics') return respondText(200, metricsText(server));
  if (path === '/.well-known/openid-configuration') {
    return respond(200, issuerConfiguration(server), (object) => JSON.stringify(object));
  }
  if (path === '/openid/v1/jwks') {
    const json = JSON.stringify(signingKeys(server));
    const headers = { 'content-type': 'application/jwk-set+json' };
    return { status: 200, headers, body: Content.ofText(json) };
  }
  const openapi = openApiAt(server, request, path);
  if (openapi) return openapi;
  const group = /^\/apis\/([^/]+)$/.exec(path)?.[1];
  if (group !== undefined) {
    const versions = groupsOf(kinds).get(group);
    if (!versions) return undefined;
    return answer({ kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(group, versions) });
  }
  const version = /^\/(?:api|apis\/[^/]+)\/[^/]+$/.test(path)
    ? path.replace(/^\/apis?\//, '')
    : undefined;
  if (version === undefined) return undefined;
  const known = kinds.some((descriptor) => groupVersionOf(descriptor) === version);
  return known ? answer(resourceList(version, kinds)) : undefined;
}

function apiVersions({ options }: ServerParts): object {
  const address = options.advertiseAddress ?? '10.0.2.15';
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [
      { clientCIDR: '0.0.0.0/0', serverAddress: `${address}:${options.securePort ?? 6443}` },
    ],
  };
}

function groupList(server: ServerParts): object {
  const groups = [...groupsOf(discoveredKinds(server))].map(([group, versions]) =>
    apiGroup(group, versions),
  );
  return { kind: 'APIGroupList', apiVersion: 'v1', groups };
}

/** Every path that / lists. */
function rootPaths({ kinds }: ServerParts): readonly string[] {
  const groups = [...groupsOf(kinds.all())].flatMap(([group, versions]) => [
    `/apis/${group}`,
    ...versions.map((version) => `/apis/${group}/${version}`),
  ]);
  const checks = Object.entries(HEALTH_CHECKS).flatMap(([name, own]) => [
    `/${name}`,
    ...own.map((check) => `/${name}/${check}`),
  ]);
  const [ready, alive] = [true, false].map((wanted) =>
    checks.filter((path) => path.startsWith('/readyz') === wanted).sort(),
  );
  return [
    '/.well-known/openid-configuration',
    '/api',
    '/api/v1',
    '/apis',
    '/apis/',
    ...groups.sort(),
    '/flagz',
    ...(alive ?? []),
    '/metrics',
    '/metrics/slis',
    '/openapi/v2',
    '/openapi/v3',
    '/openapi/v3/',
    '/openid/v1/jwks',
    ...(ready ?? []),
    '/statusz',
    '/version',
  ];
}

function openApiAt(
  server: ServerParts,
  request: HttpRequest,
  path: string,
): HttpResponse | undefined {
  if (path === '/openapi/v3') {
    return respond(200, openApiIndex(server), plainWriter(wantsPretty(request)));
  }
  if (path !== '/openapi/v2' && !path.startsWith('/openapi/v3/')) return undefined;
  const document = openApiDocument(server, path.slice('/openapi/'.length));
  return document && respond(200, document, plainWriter(wantsPretty(request)));
}
