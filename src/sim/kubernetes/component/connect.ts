// A component's client of the API server over the network: TLS, the user's certificate or token, connections reused.

import { Content } from '../../core/content.ts';
import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import {
  type HttpFailure,
  type HttpTarget,
  httpRequest,
  dialledAddress,
  isHttpFailure,
} from '../../userland/http/client.ts';
import type { Headers, HttpRequest, HttpResponse } from '../../userland/http/message.ts';
import { x509Error } from '../../userland/tls/certificate.ts';
import { type ApiClient, clientOver } from '../api/client.ts';
import type { ConnectionConfig } from './kubeconfig.ts';

/** How long client-go's transport waits for a connection, and for the server's part of TLS's handshake. */
export const DIAL_TIMEOUT = 30 * SECOND;
export const TLS_TIMEOUT = 10 * SECOND;

/** Where the requests of a connection go. */
export function targetOf(config: ConnectionConfig): HttpTarget {
  const [, scheme, host = '', port] =
    /^(https?):\/\/(\[[^\]]+\]|[^:/]+)(?::(\d+))?/.exec(config.server) ?? [];
  const secure = scheme === 'https';
  const { authorities, insecure, certificate } = config;
  return {
    host,
    port: Number(port ?? (secure ? 443 : 80)),
    ...(secure ? { tls: { authorities, insecure, ...(certificate ? { certificate } : {}) } } : {}),
  };
}

/** A client as `agent`. A connection that fails reads as a 503 with the dialer's words. */
export function networkClient(
  process: Process,
  config: ConnectionConfig,
  agent: string,
): ApiClient {
  const target = targetOf(config);
  const host = `${target.host}:${target.port}`;
  const authorization: Headers = config.token ? { authorization: `Bearer ${config.token}` } : {};
  // Most requests of a client bring the same headers: what is added to them is added once.
  let given: Headers | undefined;
  let headers: Headers = {};
  return clientOver((request) => {
    if (request.headers !== given) {
      given = request.headers;
      headers = { host, ...given, ...authorization };
    }
    return send(process, config, target, { ...request, headers });
  }, agent);
}

function* send(
  process: Process,
  config: ConnectionConfig,
  target: HttpTarget,
  request: HttpRequest,
): Routine<HttpResponse> {
  const times = { connectBy: process.now + DIAL_TIMEOUT, greetFor: TLS_TIMEOUT };
  const answer = yield* httpRequest(process, target, request, times);
  return isHttpFailure(answer) ? unreachable(config, request, answer) : answer;
}

/** How Go's net/http words a failure to get an answer, without the leading method and URL. */
export function failureText(failure: HttpFailure, target: HttpTarget): string {
  const address = `${target.host}:${target.port}`;
  switch (failure.kind) {
    case 'resolve':
      return `dial tcp: lookup ${target.host}: no such host`;
    case 'connect':
      return `dial tcp ${failure.address ? dialledAddress(failure, target.port) : address}: connect: ${failure.errno.message.toLowerCase()}`;
    case 'tls':
      return `tls: failed to verify certificate: ${x509Error(failure.fault)}`;
    case 'alert':
      return `remote error: tls: ${failure.text}`;
    case 'not TLS':
      return 'http: server gave HTTP response to HTTPS client';
    case 'closed':
      return 'EOF';
    case 'malformed':
      return `malformed HTTP response "${failure.line}"`;
    case 'timeout':
      if (failure.stage === 'tls') return 'net/http: TLS handshake timeout';
      return failure.stage === 'connect'
        ? `dial tcp ${address}: i/o timeout`
        : 'context deadline exceeded';
  }
}

function unreachable(
  config: ConnectionConfig,
  request: HttpRequest,
  failure: HttpFailure,
): HttpResponse {
  const method = request.method.charAt(0) + request.method.slice(1).toLowerCase();
  const message = `${method} "${config.server}${request.path}": ${failureText(failure, targetOf(config))}`;
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason: 'ServiceUnavailable',
    code: 503,
  };
  return {
    status: 503,
    headers: { 'content-type': 'application/json' },
    body: Content.ofJson(status),
  };
}
