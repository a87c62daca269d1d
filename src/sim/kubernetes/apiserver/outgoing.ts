// Connections that the API server makes itself: to kubelets (logs, exec, attach, port-forward) and to addresses of pods
// and services (the proxy subresource).

import { Content } from '../../core/content.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import {
  type HttpAnswer,
  type HttpTarget,
  httpRequest,
  isHttpFailure,
} from '../../userland/http/client.ts';
import type { Duplex, HttpRequest, HttpResponse } from '../../userland/http/message.ts';
import { type Certificate, certificatesOf } from '../../userland/tls/certificate.ts';
import type { DialTarget, WebhookTarget } from '../api/handlers/context.ts';
import type { ApiServer } from '../api/server.ts';
import { apiErrors } from '../api/status.ts';
import type { Node } from '../api/types/node.ts';
import { failureText } from '../component/connect.ts';

const KUBELET_PORT = 10250;

/** Passes a request on to the kubelet of a node, as the user of the kubelet client certificate. */
export function* kubeletProxyThrough(
  process: Process,
  server: ApiServer,
  certificate: Certificate | undefined,
  name: string,
  request: HttpRequest,
): Routine<HttpResponse> {
  const node = server.parts.storage.cache('minions').get('', name) as unknown as Node | undefined;
  if (!node) {
    // The real server names the resource of the request here, not nodes.
    const { status } = apiErrors.notFound({ group: '', resource: 'pods' }, name);
    return {
      status: 404,
      headers: { 'content-type': 'application/json' },
      body: Content.ofJson(status),
    };
  }
  const addresses = node.status?.addresses ?? [];
  const host = addresses.find(({ type }) => type === 'InternalIP')?.address ?? name;
  const port = node.status?.daemonEndpoints?.kubeletEndpoint?.Port ?? KUBELET_PORT;
  const tls = { authorities: [], insecure: true, ...(certificate ? { certificate } : {}) };
  return yield* passOn(process, { host, port, tls }, request);
}

/** Passes a request on to `host:port`. */
export function* dialThrough(
  process: Process,
  to: DialTarget,
  request: HttpRequest,
): Routine<HttpResponse> {
  const at = to.address.lastIndexOf(':');
  const host = to.address.slice(0, at);
  const port = Number(to.address.slice(at + 1));
  const tls = to.scheme === 'https' ? { tls: { authorities: [], insecure: true } } : {};
  return yield* passOn(process, { host, port, ...tls }, request);
}

/** Posts to an admission webhook, whose certificate must be for its service; Go's words where there is no answer. */
export function* callWebhookThrough(
  process: Process,
  to: WebhookTarget,
  request: HttpRequest,
): Routine<HttpResponse | string> {
  const { host, port, serverName } = to;
  const target = { host, port, tls: { serverName, authorities: certificatesOf(to.certificates) } };
  const by = process.now + to.timeout;
  const sent = { ...request, headers: { ...request.headers, host: `${serverName}:${port}` } };
  const answer = yield* httpRequest(process, target, sent, { connectBy: by, answerBy: by });
  return isHttpFailure(answer) ? failureText(answer, target) : answer;
}

function* passOn(
  process: Process,
  target: HttpTarget,
  request: HttpRequest,
): Routine<HttpResponse> {
  const { authorization: _token, ...headers } = request.headers;
  const sent = { ...request, headers: { ...headers, host: `${target.host}:${target.port}` } };
  const answer = yield* httpRequest(process, target, sent, {
    alone: request.headers.upgrade !== undefined,
  });
  if (isHttpFailure(answer)) {
    const scheme = target.tls ? 'https' : 'http';
    const method = request.method.charAt(0) + request.method.slice(1).toLowerCase();
    const url = `${scheme}://${target.host}:${target.port}${request.path}`;
    const text = `${method} "${url}": ${failureText(answer, target)}`;
    const { status } = apiErrors.internal(text);
    const type = { 'content-type': 'application/json' };
    return { status: status.code ?? 500, headers: type, body: Content.ofJson(status) };
  }
  return answered(process, answer);
}

function answered(process: Process, answer: HttpAnswer): HttpResponse {
  const { status, headers, body, stream, connection } = answer;
  if (!connection)
    return { status, headers, ...(body ? { body } : {}), ...(stream ? { stream } : {}) };
  return { status, headers, upgrade: (client) => joinStreams(process, client, connection) };
}

/** Copies both ways between two streams until one of them ends. */
export function* joinStreams(process: Process, a: Duplex, b: Duplex): Routine<void> {
  process.thread(function* () {
    yield* copy(a, b);
    return 0;
  });
  yield* copy(b, a);
}

function* copy(from: Duplex, to: Duplex): Routine<void> {
  for (;;) {
    const bytes = yield* from.read();
    if (!bytes || !(yield* to.write(bytes))) break;
  }
  from.close();
  to.close();
}
