// The kubelet's HTTP API on 10250: health, pods, logs, and streams (exec, attach, port-forward) that are passed on to the
// runtime's streaming server. Only clients with a certificate of the cluster's authority are answered.

import { Content } from '../../core/content.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { isRpcError } from '../../containers/rpc.ts';
import { httpRequest, isHttpFailure } from '../../userland/http/client.ts';
import type { HttpRequest, HttpResponse } from '../../userland/http/message.ts';
import { serveHttp } from '../../userland/http/server.ts';
import { certificatesIn } from '../../userland/http/trust.ts';
import { joinStreams } from '../apiserver/outgoing.ts';
import { selfSigned } from '../component/health.ts';
import type { KubeletContext } from './context.ts';
import type { Observed } from './cri.ts';
import { containerLog } from './logs.ts';
import type { PodManager } from './pods.ts';
import type { PodWorker } from './worker.ts';

const PORT = 10250;

/** An answer in plain text. */
export function textAnswer(status: number, text: string): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: Content.ofText(text),
  };
}

function value(request: HttpRequest, name: string): string {
  return request.query.get(name)?.[0] ?? '';
}

/** The newest container of that name. */
function containerOf(worker: PodWorker, name: string): Observed | undefined {
  return worker.observation.containers.get(name)?.[0];
}

function* stream(
  context: KubeletContext,
  worker: PodWorker,
  kind: string,
  name: string,
  request: HttpRequest,
): Routine<HttpResponse> {
  const { cri, process } = context;
  const ids = [...worker.observation.sandboxes].map(({ id }) => id);
  let url: unknown;
  if (kind === 'portForward') {
    const port = Number(value(request, 'port') || value(request, 'ports'));
    url = yield* cri.stream('PortForward', {
      podSandboxId: ids[0] ?? '',
      ...(port > 0 ? { port: [port] } : {}),
    });
  } else {
    const container = containerOf(worker, name);
    if (container?.state !== 'CONTAINER_RUNNING')
      return textAnswer(500, `container not found ("${name}")`);
    const flag = (word: string): boolean => ['1', 'true'].includes(value(request, word));
    const options = {
      containerId: container.id,
      stdin: flag('stdin') || flag('input'),
      tty: flag('tty'),
      stdout: true,
      stderr: !flag('tty'),
    };
    url =
      kind === 'exec'
        ? yield* cri.stream('Exec', { ...options, cmd: request.query.get('command') ?? [] })
        : yield* cri.stream('Attach', options);
  }
  if (isRpcError(url)) return textAnswer(500, url.message);
  const [, host = '', port = '', path = ''] =
    /^http:\/\/([^:]+):(\d+)(.*)$/.exec(String(url)) ?? [];
  const headers = {
    host: `${host}:${port}`,
    connection: 'Upgrade',
    upgrade: request.headers.upgrade ?? 'SPDY/3.1',
  };
  const answer = yield* httpRequest(
    process,
    { host, port: Number(port) },
    { ...request, path, headers },
    { alone: true },
  );
  if (isHttpFailure(answer) || !answer.connection)
    return textAnswer(500, 'error dialing backend: EOF');
  const { connection } = answer;
  return {
    status: 101,
    headers: answer.headers,
    upgrade: (client) => joinStreams(process, client, connection),
  };
}

function* answer(
  context: KubeletContext,
  pods: PodManager,
  request: HttpRequest,
): Routine<HttpResponse> {
  const [, kind = '', namespace = '', name = '', container = ''] = request.path.split('/');
  if (request.path === '/healthz' || kind === 'healthz') return textAnswer(200, 'ok');
  if (!request.peer?.certificate) return textAnswer(401, 'Unauthorized');
  if (kind === 'pods') {
    const list = { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: pods.list() };
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: Content.ofJson(list),
    };
  }
  const streams = ['exec', 'attach', 'portForward'];
  if (kind !== 'containerLogs' && !streams.includes(kind))
    return textAnswer(404, '404 page not found\n');
  const worker = pods.find(namespace, name);
  if (!worker) return textAnswer(404, `pod does not exist`);
  if (kind === 'containerLogs') return yield* containerLog(context, worker, container, request);
  return yield* stream(context, worker, kind, container, request);
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
  const tls = { certificate: selfSigned(process), clientAuthorities };
  process.thread(function* (thread) {
    yield* serveHttp(thread, fd, (request) => answer(context, pods, request), { tls });
    return 0;
  });
}
