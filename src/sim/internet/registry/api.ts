// The distribution API (distribution-spec 1.1) over a store: manifests, blobs, tags, catalogue, uploads, and Docker Hub's
// tokens and rate limit where a registry has them.

import { digestOf, isDigest } from '../../containers/images/oci.ts';
import { Content } from '../../core/content.ts';
import { concatBytes, encode } from '../../core/text.ts';
import { rfc3339 } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import type { HttpRequest, HttpResponse } from '../../userland/http/message.ts';
import type { HttpHandler } from '../../userland/http/server.ts';
import type { RegistryStore } from './store.ts';

export interface RegistryRules {
  /** Tokens are asked for: where they are given, and the service's name. */
  readonly tokens?: { readonly realm: string; readonly service: string };
  /** Manifests that may be pulled in six hours without an account. */
  readonly pullLimit?: number;
}

const VERSION_HEADER = { 'docker-distribution-api-version': 'registry/2.0' };

function json(status: number, object: unknown, headers: Record<string, string> = {}): HttpResponse {
  const body = Content.ofText(`${JSON.stringify(object)}\n`);
  return {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      ...VERSION_HEADER,
      ...headers,
      'content-length': String(body.size),
    },
    body,
  };
}

function failure(
  status: number,
  code: string,
  message: string,
  detail: unknown,
  headers: Record<string, string> = {},
): HttpResponse {
  return json(status, { errors: [{ code, message, detail }] }, headers);
}

function bytesOf(
  status: number,
  type: string,
  digest: string,
  bytes: Uint8Array,
  head: boolean,
): HttpResponse {
  const headers = {
    'content-type': type,
    ...VERSION_HEADER,
    'docker-content-digest': digest,
    etag: `"${digest}"`,
    'content-length': String(bytes.length),
  };
  return { status, headers, body: head ? Content.empty : Content.ofBytes(bytes) };
}

/** Uploads that are under way, by id, with the bytes that came so far. */
type Uploads = Map<string, Uint8Array>;

interface Api {
  readonly store: RegistryStore;
  readonly rules: RegistryRules;
  readonly uploads: Uploads;
  /** Times of pulls, by address. */
  readonly pulls: Map<string, number[]>;
}

/** The handler of a registry. */
export function registryApi(store: RegistryStore, rules: RegistryRules = {}): HttpHandler {
  const api: Api = { store, rules, uploads: new Map(), pulls: new Map() };
  return (request, process) => answer(api, process, request);
}

function* answer(api: Api, p: Process, request: HttpRequest): Routine<HttpResponse> {
  const { path, method } = request;
  const scope = /^\/v2\/(.+?)\/(manifests|blobs|tags)\//.exec(path)?.[1];
  const refused = challenge(api, request, scope);
  if (refused) return refused;
  if (path === '/v2/' || path === '/v2') return json(200, {});
  if (path === '/v2/_catalog') return json(200, { repositories: yield* api.store.repositories(p) });
  const match = /^\/v2\/(.+)\/(manifests|blobs|tags)\/(.+)$/.exec(path);
  if (!match)
    return {
      status: 404,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: Content.ofText('404 page not found\n'),
    };
  const [, name = '', kind = '', rest = ''] = match;
  const hidden = api.rules.tokens && scope !== undefined && !(yield* api.store.has(p, scope));
  if (hidden) return denied(api, name);
  if (kind === 'tags') return yield* tags(api, p, name);
  if (kind === 'manifests') return yield* manifests(api, p, request, name, rest);
  if (rest.startsWith('uploads')) return yield* upload(api, p, request, name, rest);
  return yield* blob(api, p, name, rest, method === 'HEAD');
}

function challenge(
  api: Api,
  request: HttpRequest,
  scope: string | undefined,
): HttpResponse | undefined {
  const { tokens } = api.rules;
  if (!tokens || request.headers.authorization?.startsWith('Bearer ')) return undefined;
  const what = scope === undefined ? '' : `,scope="repository:${scope}:pull"`;
  const header = `Bearer realm="${tokens.realm}",service="${tokens.service}"${what}`;
  const detail =
    scope === undefined ? null : [{ Type: 'repository', Class: '', Name: scope, Action: 'pull' }];
  return failure(401, 'UNAUTHORIZED', 'authentication required', detail, {
    'www-authenticate': header,
  });
}

/** What Docker Hub says of repositories that do not exist: it does not tell them from private ones. */
function denied(api: Api, name: string): HttpResponse {
  const { realm = '', service = '' } = api.rules.tokens ?? {};
  const header = `Bearer realm="${realm}",service="${service}",scope="repository:${name}:pull",error="insufficient_scope"`;
  return failure(
    401,
    'UNAUTHORIZED',
    'authentication required',
    [{ Type: 'repository', Class: '', Name: name, Action: 'pull' }],
    { 'www-authenticate': header },
  );
}

function* tags(api: Api, p: Process, name: string): Routine<HttpResponse> {
  if (!(yield* api.store.has(p, name))) {
    return failure(404, 'NAME_UNKNOWN', 'repository name not known to registry', { name });
  }
  return json(200, { name, tags: yield* api.store.tags(p, name) });
}

/** Counts a pull; the headers that say how many are left, or undefined where none is. */
function limit(api: Api, p: Process, request: HttpRequest): Record<string, string> | undefined {
  const { pullLimit } = api.rules;
  if (pullLimit === undefined) return {};
  const address = request.peer?.address ?? '';
  const recent = (api.pulls.get(address) ?? []).filter((at) => at > p.now - 21_600e9);
  if (request.method === 'GET') recent.push(p.now);
  api.pulls.set(address, recent);
  if (recent.length > pullLimit) return undefined;
  return {
    'ratelimit-limit': `${pullLimit};w=21600`,
    'ratelimit-remaining': `${pullLimit - recent.length};w=21600`,
    'docker-ratelimit-source': address,
  };
}

function* manifests(
  api: Api,
  p: Process,
  request: HttpRequest,
  name: string,
  reference: string,
): Routine<HttpResponse> {
  const { store } = api;
  const { method } = request;
  if (method === 'PUT') return yield* putManifest(api, p, request, name, reference);
  if (method === 'DELETE') {
    if (!store.deleteManifest)
      return failure(405, 'UNSUPPORTED', 'The operation is unsupported.', null);
    const gone = yield* store.deleteManifest(p, name, reference);
    return gone
      ? { status: 202, headers: VERSION_HEADER, body: Content.empty }
      : failure(404, 'MANIFEST_UNKNOWN', 'manifest unknown', null);
  }
  const found = yield* store.manifest(p, name, reference);
  if (!found) {
    if (!api.rules.tokens && !(yield* store.has(p, name)))
      return failure(404, 'NAME_UNKNOWN', 'repository name not known to registry', { name });
    const detail = isDigest(reference)
      ? `unknown manifest name=${name} revision=${reference}`
      : { Tag: reference };
    const message = isDigest(reference) ? 'manifest unknown' : 'manifest unknown';
    return failure(404, 'MANIFEST_UNKNOWN', message, detail);
  }
  const left = limit(api, p, request);
  if (!left) {
    return failure(
      429,
      'TOOMANYREQUESTS',
      'You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit',
      null,
    );
  }
  const response = bytesOf(200, found.mediaType, found.digest, found.bytes, method === 'HEAD');
  return { ...response, headers: { ...response.headers, ...left } };
}

function* putManifest(
  api: Api,
  p: Process,
  request: HttpRequest,
  name: string,
  reference: string,
): Routine<HttpResponse> {
  if (!api.store.putManifest) return denied(api, name);
  const bytes = request.body.bytes();
  if (isDigest(reference) && digestOf(bytes) !== reference) {
    return failure(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content', null);
  }
  const type = request.headers['content-type'] ?? '';
  const digest = yield* api.store.putManifest(p, name, reference, type, bytes);
  const headers = {
    ...VERSION_HEADER,
    location: `/v2/${name}/manifests/${digest}`,
    'docker-content-digest': digest,
    'content-length': '0',
  };
  return { status: 201, headers, body: Content.empty };
}

function* blob(
  api: Api,
  p: Process,
  name: string,
  digest: string,
  head: boolean,
): Routine<HttpResponse> {
  if (!isDigest(digest))
    return failure(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content', null);
  const bytes = yield* api.store.blob(p, name, digest);
  if (!bytes) return failure(404, 'BLOB_UNKNOWN', 'blob unknown to registry', digest);
  return bytesOf(200, 'application/octet-stream', digest, bytes, head);
}

function* upload(
  api: Api,
  p: Process,
  request: HttpRequest,
  name: string,
  rest: string,
): Routine<HttpResponse> {
  const { store, uploads } = api;
  if (!store.putBlob) return denied(api, name);
  const given = request.query.get('digest')?.[0];
  if (request.method === 'POST') {
    if (given !== undefined) return yield* finish(api, p, name, request.body.bytes(), given);
    const id = p.simulation.random.fork(`upload ${name} ${p.now} ${uploads.size}`).uuid();
    uploads.set(id, new Uint8Array(0));
    return accepted(name, id, 0);
  }
  const id = rest.replace(/^uploads\/?/, '');
  const before = uploads.get(id);
  if (!before) return failure(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry', null);
  const all = concatBytes([before, request.body.bytes()]);
  if (request.method === 'PATCH') {
    uploads.set(id, all);
    return accepted(name, id, all.length);
  }
  uploads.delete(id);
  return yield* finish(api, p, name, all, given ?? '');
}

function accepted(name: string, id: string, length: number): HttpResponse {
  const headers = {
    ...VERSION_HEADER,
    location: `/v2/${name}/blobs/uploads/${id}`,
    'docker-upload-uuid': id,
    range: `0-${Math.max(0, length - 1)}`,
    'content-length': '0',
  };
  return { status: 202, headers, body: Content.empty };
}

function* finish(
  api: Api,
  p: Process,
  name: string,
  bytes: Uint8Array,
  expected: string,
): Routine<HttpResponse> {
  if (digestOf(bytes) !== expected || !api.store.putBlob) {
    return failure(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content', null);
  }
  const digest = yield* api.store.putBlob(p, name, bytes);
  const headers = {
    ...VERSION_HEADER,
    location: `/v2/${name}/blobs/${digest}`,
    'docker-content-digest': digest,
    'content-length': '0',
  };
  return { status: 201, headers, body: Content.empty };
}

/** auth.docker.io: a token for whoever asks. */
export const tokenService: HttpHandler = function* (request, process): Routine<HttpResponse> {
  if (request.path !== '/token')
    return {
      status: 404,
      headers: { 'content-type': 'text/plain' },
      body: Content.ofText('404 page not found\n'),
    };
  const scope = request.query.get('scope')?.[0] ?? '';
  const token = `anonymous.${process.simulation.random.fork(`token ${scope} ${process.now}`).hex(40)}`;
  const body = encode(
    JSON.stringify({
      token,
      access_token: token,
      expires_in: 300,
      issued_at: rfc3339(process.now),
    }),
  );
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'content-length': String(body.length),
  };
  return { status: 200, headers, body: Content.ofBytes(body) };
};
