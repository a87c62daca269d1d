// What ingress-nginx makes of Ingress objects: a server for every host with its locations in nginx's order, and the choice
// among them for a request. Pure. Left out: canary weights, snippets, rate limits, authentication by annotations.

import type { Ingress, IngressBackend } from '../../api/types/service.ts';

const PREFIX = 'nginx.ingress.kubernetes.io/';

/** A service's port that a location passes requests to. */
export interface Backend {
  readonly namespace: string;
  readonly service: string;
  readonly port: number | string;
}

/** One location of a server. */
export interface Location {
  readonly path: string;
  readonly exact: boolean;
  /** Set where the host has a location by regular expression: all of its locations are then. */
  readonly expression?: RegExp;
  readonly backend: Backend | undefined;
  readonly rewrite: string | undefined;
  readonly toHttps: boolean;
  readonly secureBackend: boolean;
  /** `namespace/name` of the Ingress. */
  readonly ingress: string;
}

/** One host; `_` is the default server. */
export interface VirtualServer {
  readonly host: string;
  readonly locations: readonly Location[];
  /** `namespace/name` of the Secret with its certificate. */
  readonly secret: string | undefined;
}

/** The value of one of ingress-nginx's annotations. */
export function annotation(ingress: Ingress, name: string): string | undefined {
  return ingress.metadata.annotations?.[`${PREFIX}${name}`];
}

function backendOf(ingress: Ingress, backend: IngressBackend | undefined): Backend | undefined {
  const { service } = backend ?? {};
  if (!service) return undefined;
  const port = service.port?.number ?? service.port?.name ?? '';
  return { namespace: ingress.metadata.namespace ?? '', service: service.name, port };
}

interface Draft {
  readonly locations: Location[];
  secret: string | undefined;
}

function secretFor(ingress: Ingress, host: string): { secret: string | undefined } | undefined {
  for (const { hosts = [], secretName } of ingress.spec.tls ?? []) {
    const covered = hosts.some(
      (name) => name === host || (name.startsWith('*.') && host.endsWith(name.slice(1))),
    );
    if (!covered && !(hosts.length === 0 && host === '_')) continue;
    return { secret: secretName && `${ingress.metadata.namespace}/${secretName}` };
  }
  return undefined;
}

function addLocation(
  drafts: Map<string, Draft>,
  ingress: Ingress,
  host: string,
  path: string,
  type: string,
  backend: IngressBackend | undefined,
): void {
  const draft = drafts.get(host) ?? { locations: [], secret: undefined };
  drafts.set(host, draft);
  const tls = secretFor(ingress, host);
  draft.secret ??= tls?.secret;
  const exact = type === 'Exact';
  if (draft.locations.some((one) => one.path === path && one.exact === exact)) return;
  const rewrite = annotation(ingress, 'rewrite-target');
  const byExpression = annotation(ingress, 'use-regex') === 'true' || rewrite !== undefined;
  const redirects = annotation(ingress, 'ssl-redirect') !== 'false' && tls !== undefined;
  draft.locations.push({
    path,
    exact,
    ...(byExpression ? { expression: expressionOf(path) } : {}),
    backend: backendOf(ingress, backend),
    rewrite: rewrite === '' ? undefined : rewrite,
    toHttps: redirects || annotation(ingress, 'force-ssl-redirect') === 'true',
    secureBackend: /^(HTTPS|GRPCS)$/i.test(annotation(ingress, 'backend-protocol') ?? ''),
    ingress: `${ingress.metadata.namespace}/${ingress.metadata.name}`,
  });
}

/** `location ~* "^/path"`; a path that is no expression matches as it is written. */
function expressionOf(path: string): RegExp {
  try {
    return new RegExp(`^${path}`, 'i');
  } catch {
    return new RegExp(`^${path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`, 'i');
  }
}

/** Ingresses oldest first: the first that claims a host and path has it. */
function byAge(a: Ingress, b: Ingress): number {
  const [x = '', y = ''] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
  if (x !== y) return x < y ? -1 : 1;
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
}

/** The servers of all ingresses that are this controller's. */
export function serversOf(ingresses: readonly Ingress[]): ReadonlyMap<string, VirtualServer> {
  const drafts = new Map<string, Draft>();
  for (const ingress of [...ingresses].sort(byAge)) {
    const { defaultBackend, rules = [] } = ingress.spec;
    for (const { host, http } of rules) {
      for (const { path = '/', pathType, backend } of http?.paths ?? [])
        addLocation(drafts, ingress, host || '_', path || '/', pathType, backend);
      if (!http) addLocation(drafts, ingress, host || '_', '/', 'Prefix', defaultBackend);
    }
    if (defaultBackend && rules.length === 0)
      addLocation(drafts, ingress, '_', '/', 'Prefix', defaultBackend);
  }
  const servers = new Map<string, VirtualServer>();
  for (const [host, { locations, secret }] of drafts)
    servers.set(host, { host, secret, locations: ordered(locations) });
  return servers;
}

/** Longest path first, an exact one before a prefix; one expression makes all of a host's locations expressions. */
function ordered(locations: readonly Location[]): readonly Location[] {
  const expressions = locations.some(({ expression }) => expression);
  return locations
    .map((one) =>
      expressions && !one.expression ? { ...one, expression: expressionOf(one.path) } : one,
    )
    .sort((a, b) => b.path.length - a.path.length || Number(b.exact) - Number(a.exact));
}

/** The server for a host: by name, by wildcard, the default one. */
export function serverFor(
  servers: ReadonlyMap<string, VirtualServer>,
  host: string,
): VirtualServer | undefined {
  const name = host.toLowerCase().replace(/:\d+$/, '');
  const dot = name.indexOf('.');
  return (
    servers.get(name) ??
    (dot > 0 ? servers.get(`*${name.slice(dot)}`) : undefined) ??
    servers.get('_')
  );
}

/** The location for a path; undefined where the default backend answers. */
export function locationFor(server: VirtualServer | undefined, path: string): Location | undefined {
  return server?.locations.find((one) => {
    if (one.expression && !one.exact) return one.expression.test(path);
    if (one.exact) return path === one.path;
    const folder = one.path.replace(/\/$/, '');
    return path === folder || path.startsWith(`${folder}/`);
  });
}

/** The path that the backend is asked for (rewrite-target with its groups). */
export function rewritten(location: Location, path: string): string {
  if (location.rewrite === undefined) return path;
  const groups = location.expression?.exec(path) ?? [];
  const target = location.rewrite.replace(/\$(\d)/g, (_, n: string) => groups[Number(n)] ?? '');
  return target.startsWith('/') ? target : `/${target}`;
}
