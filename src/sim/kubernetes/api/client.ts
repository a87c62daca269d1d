// A client of the API server: what controllers, the scheduler, kubelets and kubectl talk through. The typed
// helpers only build requests; `request` is whatever carries them, in process or over the network.

import { Content } from '../../core/content.ts';
import type { Routine } from '../../core/wait.ts';
import type { ChunkSource, HttpRequest, HttpResponse } from '../../userland/http/message.ts';
import { genericStatus } from './client-refusal.ts';
import type { UserInfo } from './kinds/descriptor.ts';
import type { KubeList, KubeObject } from './object.ts';
import type { ApiServer } from './server.ts';
import type { Status } from './status.ts';
import type { WatchLine } from './handlers/watch.ts';

/** A collection of the API: `{ groupVersion: 'apps/v1', plural: 'deployments' }`. */
export interface Resource<T = ObjectLike> {
  readonly groupVersion: string;
  readonly plural: string;
  /** Only for the type checker: what its objects are. */
  readonly example?: T;
}

/** An object that the API holds. */
export interface ObjectLike {
  readonly metadata: KubeObject['metadata'];
}

/** Query parameters; undefined ones are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** The answer of the server where it is a refusal. */
export class Refusal {
  readonly status: Status;

  constructor(status: Status) {
    this.status = status;
  }

  /** `NotFound`, `Conflict`, `AlreadyExists` … */
  get reason(): string {
    return this.status.reason ?? '';
  }

  get message(): string {
    return this.status.message ?? '';
  }
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

const PATCH_TYPES: Readonly<Record<PatchType, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

/** A running watch of a client. */
export interface ObjectWatch<T> {
  /** Blocks until the next event; undefined at the end of the stream. */
  next(): Routine<WatchEvent<T> | undefined>;
  stop(): void;
}

export interface WatchEvent<T> {
  readonly type: WatchLine['type'];
  readonly object: T;
}

export interface ApiClient {
  /** Sends a request as it is. */
  request(request: HttpRequest): Routine<HttpResponse>;
  get<T extends ObjectLike>(of: Resource<T>, namespace: string, name: string): Routine<T | Refusal>;
  list<T extends ObjectLike>(
    of: Resource<T>,
    namespace?: string,
    query?: Query,
  ): Routine<KubeList<T> | Refusal>;
  create<T extends ObjectLike>(of: Resource<T>, object: T, query?: Query): Routine<T | Refusal>;
  update<T extends ObjectLike>(of: Resource<T>, object: T, query?: Query): Routine<T | Refusal>;
  updateStatus<T extends ObjectLike>(of: Resource<T>, object: T): Routine<T | Refusal>;
  patch<T extends ObjectLike>(
    of: Resource<T>,
    namespace: string,
    name: string,
    type: PatchType,
    patch: unknown,
    options?: { readonly subresource?: string; readonly query?: Query },
  ): Routine<T | Refusal>;
  delete(
    of: Resource<unknown>,
    namespace: string,
    name: string,
    options?: object,
  ): Routine<KubeObject | Status | Refusal>;
  /** POST to a subresource: binding, eviction, token, scale … */
  post<T>(
    of: Resource<unknown>,
    namespace: string,
    name: string,
    subresource: string,
    body: object,
  ): Routine<T | Refusal>;
  watch<T extends ObjectLike>(
    of: Resource<T>,
    namespace?: string,
    query?: Query,
  ): Routine<ObjectWatch<T> | Refusal>;
}

/** The path of a collection, an object or a subresource. */
export function apiPath(
  of: Resource<unknown>,
  namespace = '',
  name = '',
  subresource = '',
): string {
  const root = of.groupVersion.includes('/')
    ? `/apis/${of.groupVersion}`
    : `/api/${of.groupVersion}`;
  const scope = namespace === '' ? '' : `/namespaces/${namespace}`;
  const object = name === '' ? '' : `/${name}`;
  return `${root}${scope}/${of.plural}${object}${subresource === '' ? '' : `/${subresource}`}`;
}

const NO_QUERY: ReadonlyMap<string, readonly string[]> = new Map();

/** Query parameters in the form of a request. */
export function queryMap(query: Query | undefined): ReadonlyMap<string, readonly string[]> {
  if (!query) return NO_QUERY;
  const map = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) map.set(name, [String(value)]);
  }
  return map;
}

/** A client over any way to send requests; `agent` names it in managedFields. */
export function clientOver(send: Send, agent: string): ApiClient {
  const headers = { 'user-agent': agent, 'content-type': 'application/json' };
  const exchange = <T>(
    method: string,
    path: string,
    query: Query | undefined,
    body: unknown,
    type?: string,
  ): Routine<T | Refusal> =>
    exchanged<T>(send, {
      method,
      path,
      query: queryMap(query),
      headers: type === undefined ? headers : { ...headers, 'content-type': type },
      body: body === undefined ? Content.empty : Content.ofJson(body),
    });

  const metadataOf = ({ metadata }: ObjectLike): [string, string] => [
    metadata.namespace ?? '',
    metadata.name ?? '',
  ];

  return {
    request: send,
    get: (of, namespace, name) =>
      exchange('GET', apiPath(of, namespace, name), undefined, undefined),
    list: (of, namespace, query) => exchange('GET', apiPath(of, namespace), query, undefined),
    create: (of, object, query) =>
      exchange('POST', apiPath(of, object.metadata.namespace), query, object),
    update: (of, object, query) =>
      exchange('PUT', apiPath(of, ...metadataOf(object)), query, object),
    updateStatus: (of, object) =>
      exchange('PUT', apiPath(of, ...metadataOf(object), 'status'), undefined, object),
    patch: (of, namespace, name, type, patch, options = {}) =>
      exchange(
        'PATCH',
        apiPath(of, namespace, name, options.subresource),
        options.query,
        patch,
        PATCH_TYPES[type],
      ),
    delete: (of, namespace, name, options) =>
      exchange('DELETE', apiPath(of, namespace, name), undefined, options),
    post: (of, namespace, name, subresource, body) =>
      exchange('POST', apiPath(of, namespace, name, subresource), undefined, body),
    watch: (of, namespace, query) =>
      watched(send, {
        method: 'GET',
        path: apiPath(of, namespace),
        query: queryMap({ ...query, watch: true }),
        headers,
        body: Content.empty,
      }),
  };
}

type Send = (request: HttpRequest) => Routine<HttpResponse>;

function* exchanged<T>(send: Send, request: HttpRequest): Routine<T | Refusal> {
  const response = yield* send(request);
  const answer = response.body?.json();
  return response.status < 400 ? (answer as T) : refused(request, response);
}

function* watched<T>(send: Send, request: HttpRequest): Routine<ObjectWatch<T> | Refusal> {
  const response = yield* send(request);
  return response.stream ? watchOver<T>(response.stream) : refused(request, response);
}

function refused({ method, path }: HttpRequest, { status, body }: HttpResponse): Refusal {
  return new Refusal((body?.json() as Status | undefined) ?? genericStatus(method, path, status));
}

function watchOver<T>(stream: ChunkSource): ObjectWatch<T> {
  return { next: () => nextEvent<T>(stream), stop: () => stream.close() };
}

function* nextEvent<T>(stream: ChunkSource): Routine<WatchEvent<T> | undefined> {
  const chunk = yield* stream.next();
  return chunk?.json() as WatchEvent<T> | undefined;
}

/** A client inside the server's own process, as a user who needs no authentication. */
export function inProcessClient(
  server: Pick<ApiServer, 'serve'>,
  user: UserInfo,
  agent: string = user.name,
): ApiClient {
  return clientOver((request) => server.serve(request, user), agent);
}

/** The user that a service account is. */
export function serviceAccountUser(namespace: string, name: string): UserInfo {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: [
      'system:serviceaccounts',
      `system:serviceaccounts:${namespace}`,
      'system:authenticated',
    ],
  };
}
