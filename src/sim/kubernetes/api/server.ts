// kube-apiserver: HTTP requests in, objects out; all state in etcd. Authentication, authorization, then the
// resource's handler or one of the server's own paths.

import type { Simulation } from '../../core/simulation.ts';
import type { Routine } from '../../core/wait.ts';
import type { EtcdClient } from '../../etcd/client.ts';
import type { HttpRequest, HttpResponse } from '../../userland/http/message.ts';
import { authenticate } from './auth/authenticate.ts';
import { authorize } from './auth/authorize.ts';
import { impersonate } from './auth/impersonate.ts';
import { bootstrap } from './bootstrap/bootstrap.ts';
import { followCustomResources } from './custom/follow.ts';
import { passOn } from './discovery/aggregation.ts';
import { serveHealth } from './discovery/health.ts';
import { serveRoot } from './discovery/root.ts';
import { descriptionsArrived } from './discovery/descriptions.ts';
import { contextOf, type ServerOptions, type ServerParts } from './handlers/context.ts';
import { dispatch } from './handlers/dispatch.ts';
import { requestInfo } from './handlers/request-info.ts';
import { inAskedForm, respondStatus } from './handlers/respond.ts';
import { resourceKey, type UserInfo } from './kinds/descriptor.ts';
import { BUILT_IN_KINDS } from './kinds/index.ts';
import { KindRegistry } from './kinds/registry.ts';
import { ApiError, apiErrors } from './status.ts';
import { type Encryption, IN_CLEAR, type Transformer } from './storage/encryption.ts';
import { Storage } from './storage/storage.ts';

export interface ApiServerSettings {
  readonly simulation: Simulation;
  readonly etcd: EtcdClient;
  readonly options?: ServerOptions;
}

export interface ApiServer {
  /** Fills the watch cache and writes what a fresh cluster needs; an error where etcd does not answer. */
  start(): Routine<ApiError | undefined>;
  /** Answers a request as it comes from a connection: authentication first. */
  handle(request: HttpRequest): Routine<HttpResponse>;
  /** Answers a request of a user who is known already. */
  serve(request: HttpRequest, user: UserInfo): Routine<HttpResponse>;
  /** Ends all watches; the server answers no more. */
  stop(): void;
  readonly parts: ServerParts;
}

/** The transformer of the folder in which a kind's objects are, by the name that a configuration has for the kind. */
function transformers(encryption: Encryption | undefined): (folder: string) => Transformer {
  if (!encryption) return () => IN_CLEAR;
  const names = new Map(BUILT_IN_KINDS.map((kind) => [kind.storage, resourceKey(kind)]));
  return (folder) => {
    const [group = '', plural = ''] = folder.split('/');
    return encryption(names.get(folder) ?? `${plural}.${group}`) ?? IN_CLEAR;
  };
}

/** Makes an API server over an etcd. It answers once `start` has run. */
export function createApiServer(settings: ApiServerSettings): ApiServer {
  const { simulation, etcd, options = {} } = settings;
  const kinds = new KindRegistry(BUILT_IN_KINDS);
  const storage = new Storage(simulation, etcd, transformers(options.encryption));
  const parts: ServerParts = { simulation, storage, kinds, options };
  let ready = false;

  function* start(): Routine<ApiError | undefined> {
    const error = yield* storage.start();
    if (error) return error;
    followCustomResources(parts);
    ready = true;
    return yield* bootstrap(parts);
  }

  function* handle(request: HttpRequest): Routine<HttpResponse> {
    const user = authenticate(parts, request);
    if (user instanceof ApiError) return respondStatus(request, user.status);
    return yield* serve(request, user);
  }

  function* serve(request: HttpRequest, user: UserInfo): Routine<HttpResponse> {
    return inAskedForm(request, yield* answer(request, user));
  }

  function* answer(request: HttpRequest, given: UserInfo): Routine<HttpResponse> {
    if (!ready) return respondStatus(request, apiErrors.serviceUnavailable('starting').status);
    const info = requestInfo(request);
    const user = impersonate(parts, request, given);
    if (user instanceof ApiError) return respondStatus(request, user.status);
    const refusal = authorize(parts, user, info);
    if (refusal) return respondStatus(request, refusal.status);
    if (info.path.startsWith('/openapi')) yield* descriptionsArrived();
    if (!info.isResource) return (yield* serveHealth(parts, request)) ?? serveRoot(parts, request);
    const descriptor = kinds.find(info.group, info.version, info.resource);
    if (!descriptor) {
      const passed = yield* passOn(parts, request, info, user);
      return passed ?? serveRoot(parts, request);
    }
    const context = contextOf(parts, request, info, user, descriptor);
    const response = yield* dispatch(context);
    return response instanceof ApiError
      ? respondStatus(request, response.status, context.warnings)
      : response;
  }

  return { start, handle, serve, stop: () => storage.stop(), parts };
}
