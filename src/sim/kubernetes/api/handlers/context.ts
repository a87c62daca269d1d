// What handlers work with: the parts of the server, and one request on its way through them.

import type { Simulation } from '../../../core/simulation.ts';
import type { Routine } from '../../../core/wait.ts';
import type { HttpRequest, HttpResponse } from '../../../userland/http/message.ts';
import { timeText } from '../clock.ts';
import type { AggregatedKinds } from '../discovery/aggregation.ts';
import type { KindDescriptor, StrategyContext, UserInfo } from '../kinds/descriptor.ts';
import type { KindRegistry } from '../kinds/registry.ts';
import type { KubeObject } from '../object.ts';
import type { ApiError } from '../status.ts';
import type { Encryption } from '../storage/encryption.ts';
import type { Storage } from '../storage/storage.ts';
import type { RequestInfo } from './request-info.ts';

/** What the server is told at its start, beside etcd. */
export interface ServerOptions {
  /** Addresses for services; 10.96.0.0/12 where left out. */
  readonly serviceClusterIpRange?: string;
  readonly advertiseAddress?: string;
  readonly securePort?: number;
  /** Reaches a node's kubelet, for logs, exec, attach and port-forward. */
  readonly kubeletProxy?: (node: string, request: HttpRequest) => Routine<HttpResponse>;
  /** Reaches a service or pod address, for proxies and aggregated APIs. */
  readonly dial?: (target: DialTarget, request: HttpRequest) => Routine<HttpResponse>;
  /** What servers behind API services serve. */
  readonly aggregated?: AggregatedKinds;
  /** Posts to an admission webhook; the answer, or what the client says where there is none. */
  readonly callWebhook?: (
    target: WebhookTarget,
    request: HttpRequest,
  ) => Routine<HttpResponse | string>;
  /** The certificate of the cluster's authority, in PEM. */
  readonly certificateAuthority?: string;
  /** The data of kube-system/extension-apiserver-authentication that flags --requestheader-* make. */
  readonly requestHeader?: Readonly<Record<string, string>>;
  /** How the values of kinds are kept in etcd; in clear where it is left out. */
  readonly encryption?: Encryption;
  /** Freezes every object that is stored; for tests. */
  readonly freeze?: boolean;
}

/** An address behind the API server, as `host:port`. */
export interface DialTarget {
  readonly scheme: 'http' | 'https';
  readonly address: string;
}

/** Where an admission webhook is, and how it is known to be it. */
export interface WebhookTarget {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly serverName: string;
  /** Authorities for its certificate, in PEM. */
  readonly certificates: string;
  /** Nanoseconds that it may take. */
  readonly timeout: number;
}

/** The parts of a running API server. */
export interface ServerParts {
  readonly simulation: Simulation;
  readonly storage: Storage;
  readonly kinds: KindRegistry;
  readonly options: ServerOptions;
}

/** One request to a resource. */
export interface ResourceRequest {
  readonly server: ServerParts;
  readonly request: HttpRequest;
  readonly info: RequestInfo;
  readonly user: UserInfo;
  readonly descriptor: KindDescriptor;
  /** Warnings for the response, in order. */
  readonly warnings: string[];
  readonly strategy: StrategyContext;
  readonly dryRun: boolean;
}

/** What a handler of a write ends with. */
export type WriteResult = { readonly status: number; readonly object: KubeObject } | ApiError;

/** What a handler needs for one request to a resource. */
export function contextOf(
  server: ServerParts,
  request: HttpRequest,
  info: RequestInfo,
  user: UserInfo,
  descriptor: KindDescriptor,
): ResourceRequest {
  const { simulation, storage } = server;
  const strategy: StrategyContext = {
    time: timeText(simulation.now),
    now: simulation.now,
    user,
    dryRun: request.query.has('dryRun'),
    lookup: (folder, namespace, name) => storage.cache(folder).get(namespace, name),
    list: (folder) => storage.cache(folder).list(''),
  };
  const warnings = descriptor.deprecation === undefined ? [] : [descriptor.deprecation];
  return {
    server,
    request,
    info,
    user,
    descriptor,
    warnings,
    strategy,
    dryRun: request.query.has('dryRun'),
  };
}
