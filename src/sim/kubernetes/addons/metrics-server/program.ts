// metrics-server: reads the resource metrics of every node's kubelet at --metric-resolution and serves them as
// metrics.k8s.io, over TLS on --secure-port. Left out: asking the API server once more whether a user may read (the aggregator
// has asked), and answers as tables.

import { Content } from '../../../core/content.ts';
import { SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { httpRequest, isHttpFailure, wholeBody } from '../../../userland/http/client.ts';
import type { HttpRequest, HttpResponse } from '../../../userland/http/message.ts';
import { serveHttp } from '../../../userland/http/server.ts';
import { type Main, program } from '../../../userland/libc/stdio.ts';
import { resources } from '../../api/client-resources.ts';
import type { Node } from '../../api/types/node.ts';
import { failureText, networkClient } from '../../component/connect.ts';
import { type Flags, parseFlags } from '../../component/flags.ts';
import { selfSigned } from '../../component/health.ts';
import { takeHeap } from '../../component/heap.ts';
import { klog } from '../../component/klog.ts';
import { type ConnectionConfig, inClusterConfig } from '../../component/kubeconfig.ts';
import { endOnSignals } from '../../component/signals.ts';
import { ControllerContext } from '../../controllers/context.ts';
import type { Informer } from '../../controllers/machinery/informer.ts';
import { threadSpawn } from '../../controllers/manager.ts';
import { type MetricsView, serveMetricsApi } from './api.ts';
import { MetricStorage, type Points, parseMetrics, parseSummary } from './storage.ts';

const HEALTH = ['/healthz', '/livez', '/readyz'];

function text(status: number, body: string): HttpResponse {
  const headers = { 'content-type': 'text/plain; charset=utf-8' };
  return { status, headers, body: Content.ofText(body) };
}

function answer(view: MetricsView, request: HttpRequest): HttpResponse {
  if (request.path === '/readyz' && !view.storage.ready) {
    return text(500, '[-]metric-storage-ready failed: reason withheld\nreadyz check failed\n');
  }
  return HEALTH.includes(request.path) ? text(200, 'ok') : serveMetricsApi(view, request);
}

function serve(process: Process, port: number, view: MetricsView): boolean {
  const fd = process.socket('inet', 'stream');
  if (isErrno(fd)) return false;
  process.setsockopt(fd, 'SO_REUSEADDR', 1);
  if (process.bind(fd, { address: '0.0.0.0', port }) ?? process.listen(fd, 128)) return false;
  const tls = { certificate: selfSigned(process) };
  process.thread(function* (thread) {
    yield* serveHttp(
      thread,
      fd,
      function* (request) {
        return answer(view, request);
      },
      { tls },
    );
    return 0;
  });
  return true;
}

/** Reads one node's metrics; a text that begins with an error where that failed. */
function* scrape(
  process: Process,
  node: Node,
  { token = '', authorities, insecure }: ConnectionConfig,
  path: string,
): Routine<string | { failed: string }> {
  const host = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '';
  const port = node.status?.daemonEndpoints?.kubeletEndpoint?.Port ?? 10250;
  const target = { host, port, tls: { authorities, insecure } };
  const url = `https://${host}:${port}${path}`;
  const got = yield* httpRequest(
    process,
    target,
    {
      method: 'GET',
      path,
      query: new Map(),
      headers: { host: `${host}:${port}`, authorization: `Bearer ${token}` },
      body: Content.empty,
    },
    { connectBy: process.now + 10 * SECOND },
  );
  if (isHttpFailure(got)) return { failed: `Get "${url}": ${failureText(got, target)}` };
  const body = yield* wholeBody(got);
  if (got.status !== 200) return { failed: `request failed, status: "${got.status}"` };
  return body.text();
}

/** What a version reads of a kubelet. */
interface Source {
  readonly path: string;
  readonly read: (text: string, node: string) => Points;
}

const RESOURCE: Source = { path: '/metrics/resource', read: parseMetrics };
const SUMMARY: Source = { path: '/stats/summary', read: parseSummary };

function* collect(
  main: Main,
  nodes: Informer<Node>,
  storage: MetricStorage,
  kubelets: ConnectionConfig,
  source: Source,
): Routine<void> {
  const points = new Map<string, { at: number; cpu: number; memory: number }>();
  for (const node of nodes.values()) {
    const name = node.metadata.name ?? '';
    const got = yield* scrape(main.process, node, kubelets, source.path);
    if (typeof got === 'string') {
      for (const [key, point] of source.read(got, name)) points.set(key, point);
      continue;
    }
    const message = `"Failed to scrape node" err=${JSON.stringify(got.failed)} node="${name}"`;
    yield* klog(main, 'E', 'scraper.go:149', message);
  }
  storage.store(points);
}

/** `15s`, `1m0s` in nanoseconds. */
function resolutionOf(flags: Flags): number {
  const [, minutes = '0', seconds = '0'] =
    /^(?:(\d+)m)?(?:(\d+)s)?$/.exec(flags.get('metric-resolution') ?? '60s') ?? [];
  return (Number(minutes) * 60 + Number(seconds)) * SECOND || 60 * SECOND;
}

function* run(main: Main, flags: Flags, source: Source): Routine<number> {
  const { process } = main;
  endOnSignals(process, 0);
  yield* takeHeap(process, 'metrics-server');
  const config = yield* inClusterConfig(process);
  if (typeof config === 'string') {
    yield* main.err.print(`Error: unable to construct lister client config: ${config}\n`);
    return 1;
  }
  const client = networkClient(process, config, 'metrics-server');
  const context = new ControllerContext(process.simulation, client, threadSpawn(process));
  const nodes = context.informer(resources.nodes);
  const pods = context.informer(resources.pods);
  const storage = new MetricStorage();
  const port = Number(flags.get('secure-port') ?? 443);
  const view = { storage, nodes: () => nodes.values(), pods: () => pods.values() };
  if (!serve(process, port, view)) {
    const message = `failed to create listener: failed to listen on 0.0.0.0:${port}`;
    yield* main.err.print(`panic: ${message}\n`);
    return 2;
  }
  yield* klog(main, 'I', 'secure_serving.go:211', `"Serving securely on [::]:${port}"`);
  yield* nodes.waitForSync();
  const resolution = resolutionOf(flags);
  const kubelets = { ...config, insecure: flags.get('kubelet-insecure-tls') === 'true' };
  for (;;) {
    yield* collect(main, nodes, storage, kubelets, source);
    yield* process.sleep(resolution);
  }
}

export const metricsServer = program('metrics-server', (main) =>
  run(main, parseFlags(main.args, ['kubelet-insecure-tls']), RESOURCE),
);

/** As it was before 0.5, when it read summaries. */
export const metricsServer04 = program('metrics-server-0.4', (main) =>
  run(main, parseFlags(main.args, ['kubelet-insecure-tls']), SUMMARY),
);
