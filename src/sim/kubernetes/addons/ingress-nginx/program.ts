// nginx-ingress-controller (ingress-nginx): watches Ingress objects and what they name and serves them on its HTTP and HTTPS
// ports. Its nginx is not a process of its own here, so there is no reload; TCP and UDP services are left out.

import { Content } from '../../../core/content.ts';
import { epochMilliseconds, SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { type HttpHandler, type ServeOptions, serveHttp } from '../../../userland/http/server.ts';
import { certificatesIn } from '../../../userland/http/trust.ts';
import { type Main, program } from '../../../userland/libc/stdio.ts';
import type { Certificate } from '../../../userland/tls/certificate.ts';
import { resources } from '../../api/client-resources.ts';
import { networkClient } from '../../component/connect.ts';
import { type Flags, parseFlags } from '../../component/flags.ts';
import { klog } from '../../component/klog.ts';
import { inClusterConfig } from '../../component/kubeconfig.ts';
import { endOnSignals } from '../../component/signals.ts';
import { ControllerContext } from '../../controllers/context.ts';
import { threadSpawn } from '../../controllers/manager.ts';
import { IngressServer } from './serve.ts';
import { IngressState } from './state.ts';
import { publishStatus } from './status.ts';
import { reviewIngress } from './webhook.ts';

const BANNER = `-------------------------------------------------------------------------------
NGINX Ingress controller
  Release:       v1.13.2
  Repository:    https://github.com/kubernetes/ingress-nginx
  nginx version: nginx/1.27.1

-------------------------------------------------------------------------------

`;
const STATUS_INTERVAL = 60 * SECOND;
const YEAR = 365 * 24 * 3600 * 1000;

/** What is shown to a client that asks for a host without a certificate. */
function fakeCertificate(process: Process): Certificate {
  const now = epochMilliseconds(process.now);
  const commonName = 'Kubernetes Ingress Controller Fake Certificate';
  return {
    serial: '1',
    commonName,
    organizations: ['Acme Co'],
    issuer: commonName,
    signedBy: commonName,
    key: commonName,
    notBefore: now,
    notAfter: now + YEAR,
    dnsNames: ['ingress.local'],
    ipAddresses: [],
    isAuthority: false,
    usages: ['digital signature', 'key encipherment', 'server auth'],
  };
}

function listen(
  process: Process,
  port: number,
  handler: HttpHandler,
  options: ServeOptions,
): boolean {
  const fd = process.socket('inet', 'stream');
  if (isErrno(fd)) return false;
  process.setsockopt(fd, 'SO_REUSEADDR', 1);
  if (process.bind(fd, { address: '0.0.0.0', port }) ?? process.listen(fd, 511)) return false;
  process.thread(function* (thread) {
    yield* serveHttp(thread, fd, handler, options);
    return 0;
  });
  return true;
}

function* health(
  ready: () => boolean,
  path: string,
): Routine<{ status: number; headers: Record<string, string>; body: Content }> {
  const ok = path === '/healthz' && ready();
  const body = Content.ofText(
    ok ? 'ok' : path === '/healthz' ? 'not ready' : '404 page not found\n',
  );
  return {
    status: ok ? 200 : path === '/healthz' ? 500 : 404,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body,
  };
}

/** Opens the ports; the one that is taken where that fails. */
function* openPorts(
  main: Main,
  flags: Flags,
  state: IngressState,
  server: IngressServer,
): Routine<number | undefined> {
  const { process } = main;
  const port = (name: string, usual: number): number => Number(flags.get(name) ?? usual);
  const http = port('http-port', 80);
  const https = port('https-port', 443);
  if (!listen(process, http, (request, thread) => server.answer(request, thread, false), {}))
    return http;
  const fake = fakeCertificate(process);
  const fallback = (): Certificate =>
    state.certificate(flags.get('default-ssl-certificate')) ?? fake;
  const tls = {
    certificate: fake,
    certificateFor: (name: string): Certificate =>
      state.certificate(state.server(name)?.secret) ?? fallback(),
  };
  const secure: HttpHandler = (request, thread) => server.answer(request, thread, true);
  if (!listen(process, https, secure, { tls })) return https;
  const synced = (): boolean => state.ingresses.synced;
  listen(process, port('healthz-port', 10254), ({ path }) => health(synced, path), {});
  const webhook = flags.get('validating-webhook');
  if (!webhook) return undefined;
  const certificate = (yield* certificatesIn(
    process,
    flags.get('validating-webhook-certificate') ?? '',
  ))?.[0];
  if (!certificate) return undefined;
  const review: HttpHandler = function* (request) {
    return reviewIngress(state, request);
  };
  listen(process, Number(webhook.slice(webhook.lastIndexOf(':') + 1)), review, {
    tls: { certificate },
  });
  return undefined;
}

/** Events of ingresses that are taken up or changed. */
function announce(context: ControllerContext, state: IngressState): void {
  const events = context.recorder('nginx-ingress-controller');
  state.ingresses.onChange((after, before) => {
    if (!after || !state.isOurs(after)) return;
    if (before && before.metadata.generation === after.metadata.generation) return;
    events.event(after, 'Normal', 'Sync', 'Scheduled for sync');
  });
}

function* run(main: Main, flags: Flags): Routine<number> {
  const { process } = main;
  endOnSignals(process, 0);
  yield* main.err.print(BANNER);
  const config = yield* inClusterConfig(process);
  if (typeof config === 'string') {
    yield* klog(
      main,
      'F',
      'main.go:67',
      `Error while initiating a connection to the Kubernetes API server. ${config}`,
    );
    return 1;
  }
  const client = networkClient(process, config, 'nginx-ingress-controller');
  const context = new ControllerContext(process.simulation, client, threadSpawn(process));
  const state = new IngressState(context, flags);
  const [namespace = '', name = ''] = (flags.get('configmap') ?? '/').split('/');
  const map = name === '' ? undefined : yield* client.get(resources.configMaps, namespace, name);
  const hsts = !(map && 'data' in map && map.data?.hsts === 'false');
  const server = new IngressServer(main, state, () => ({ hsts }));
  const taken = yield* openPorts(main, flags, state, server);
  if (taken !== undefined) {
    yield* klog(
      main,
      'F',
      'main.go:50',
      `port ${taken} is already in use. Please check the flag --http-port`,
    );
    return 255;
  }
  yield* klog(main, 'I', 'nginx.go:339', '"Starting NGINX process"');
  yield* state.ingresses.waitForSync();
  announce(context, state);
  if (flags.get('update-status') === 'false') for (;;) yield* process.pause();
  for (;;) {
    yield* process.sleep(STATUS_INTERVAL);
    yield* publishStatus(process, client, state, flags);
  }
}

export const nginxIngressController = program('nginx-ingress-controller', (main) =>
  run(main, parseFlags(main.args)),
);
