// The kubelet's HTTP API on 10250: health, pods, logs, and streams (exec, attach, port-forward) that are passed on to the
// runtime's streaming server. Only clients with a certificate of the cluster's authority are answered; metrics of resources
// are also read with a token.

import { Content } from '../../core/content.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { HttpRequest, HttpResponse } from '../../userland/http/message.ts';
import { serveHttp } from '../../userland/http/server.ts';
import { certificatesIn } from '../../userland/http/trust.ts';
import { selfSigned } from '../component/health.ts';
import type { KubeletContext } from './context.ts';
import { containerLog } from './logs.ts';
import { kubeletMetrics, mayAsk, resourceMetrics } from './metrics.ts';
import type { PodManager } from './pods.ts';
import { STREAM_KINDS, serveStream } from './streams.ts';
import { configuration, statsSummary } from './summary.ts';

const PORT = 10250;

/** An answer in plain text. */
export function textAnswer(status: number, text: string): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: Content.ofText(text),
  };
}

function jsonAnswer(object: object): HttpResponse {
  const headers = { 'content-type': 'application/json' };
  return { status: 200, headers, body: Content.ofJson(object) };
}

function* answer(
  context: KubeletContext,
  pods: PodManager,
  request: HttpRequest,
): Routine<HttpResponse> {
  const [, kind = '', namespace = '', name = '', container = ''] = request.path.split('/');
  const refused = request.peer?.certificate ? undefined : yield* mayAsk(context, request);
  if (refused !== undefined) return textAnswer(refused === 'Unauthorized' ? 401 : 403, refused);
  if (request.path === '/metrics/resource') return textAnswer(200, yield* resourceMetrics(context));
  if (request.path === '/metrics') return textAnswer(200, kubeletMetrics(context, pods.observed()));
  if (kind === 'healthz') return textAnswer(200, 'ok');
  if (kind === 'pods')
    return jsonAnswer({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: pods.list() });
  if (kind === 'configz') return jsonAnswer(configuration(context));
  if (request.path === '/stats/summary')
    return jsonAnswer(yield* statsSummary(context, pods.list()));
  const stream = STREAM_KINDS.find((one) => one === kind);
  if (kind !== 'containerLogs' && !stream) return textAnswer(404, '404 page not found\n');
  const worker = pods.find(namespace, name);
  if (!worker)
    return textAnswer(404, stream ? 'pod does not exist' : `pod "${name}" does not exist`);
  const { initContainers = [], containers, ephemeralContainers = [] } = worker.pod.spec;
  const known = [...initContainers, ...containers, ...ephemeralContainers];
  if (!stream && !known.some((one) => one.name === container))
    return textAnswer(404, `container "${container}" not found in pod "${name}"`);
  if (stream) return yield* serveStream(context, worker, stream, container, request);
  return yield* containerLog(context, worker, container, request);
}

/** Listens on all addresses in a thread. */
export function* serveKubeletApi(context: KubeletContext, pods: PodManager): Routine<void> {
  const { process, settings } = context;
  const fd = process.socket('inet', 'stream');
  if (isErrno(fd)) return;
  process.setsockopt(fd, 'SO_REUSEADDR', 1);
  const failure = process.bind(fd, { address: '0.0.0.0', port: PORT }) ?? process.listen(fd, 1024);
  if (failure) return;
  const clientAuthorities = (yield* certificatesIn(process, settings.clientCaFile)) ?? [];
  // Signed by itself, for the machine's name and none of its addresses: serverTLSBootstrap is off by default.
  const own = selfSigned(process);
  const certificate = { ...own, dnsNames: [process.hostname], ipAddresses: [] };
  const tls = { certificate, clientAuthorities };
  process.thread(function* (thread) {
    yield* serveHttp(thread, fd, (request) => answer(context, pods, request), { tls });
    return 0;
  });
}
