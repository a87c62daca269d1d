// What the server passes on: logs, exec, attach and port-forward to the kubelet of a pod's node; proxies to pods,
// services and nodes.

import type { Routine } from '../../../core/wait.ts';
import type { HttpRequest, HttpResponse } from '../../../userland/http/message.ts';
import { authorize } from '../auth/authorize.ts';
import type { DialTarget, ResourceRequest } from '../handlers/context.ts';
import { readObject } from '../handlers/read.ts';
import { queryValue } from '../handlers/request-info.ts';
import { serviceAddress } from '../resources/service-endpoint.ts';
import { ApiError, apiErrors } from '../status.ts';
import type { Node } from '../types/node.ts';
import type { Pod } from '../types/pod.ts';
import type { Service } from '../types/service.ts';

function containersOf(pod: Pod): readonly string[] {
  const { initContainers = [], containers, ephemeralContainers = [] } = pod.spec;
  return [...initContainers, ...containers, ...ephemeralContainers].map(({ name }) => name);
}

/** The container that a request means: the one it names, or the only one there is. */
function containerOf(context: ResourceRequest, pod: Pod): string | ApiError {
  const asked = queryValue(context.request, 'container') ?? '';
  const { name } = pod.metadata;
  if (asked !== '') {
    if (containersOf(pod).includes(asked)) return asked;
    return apiErrors.badRequest(`container ${asked} is not valid for pod ${name}`);
  }
  const [first = '', ...more] = pod.spec.containers.map((container) => container.name);
  if (more.length === 0) return first;
  const choices = `[${[first, ...more].join(' ')}]`;
  const init = (pod.spec.initContainers ?? []).map((container) => container.name);
  const others = init.length === 0 ? '' : ` or one of the init containers: [${init.join(' ')}]`;
  return apiErrors.badRequest(
    `a container name must be specified for pod ${name}, choose one of: ${choices}${others}`,
  );
}

const KUBELET_PATHS: Readonly<Record<string, string>> = {
  log: 'containerLogs',
  exec: 'exec',
  attach: 'attach',
  portforward: 'portForward',
};

/** What the kubelet calls the parameters of streams. */
const STREAM_PARAMETERS = [
  ['stdin', 'input'],
  ['stdout', 'output'],
  ['stderr', 'error'],
  ['tty', 'tty'],
] as const;

/** The kubelet's parameters for a request's (streamParams). */
function streamQuery(query: HttpRequest['query']): HttpRequest['query'] {
  const sent = new Map<string, readonly string[]>();
  for (const [from, to] of STREAM_PARAMETERS)
    if (['1', 'true'].includes(query.get(from)?.[0] ?? '')) sent.set(to, ['1']);
  for (const name of ['command', 'ports', 'port']) {
    const values = query.get(name);
    if (values) sent.set(name === 'ports' ? 'port' : name, values);
  }
  return sent;
}

/** GET of logs; GET and POST of exec, attach and port-forward: asked of the kubelet. */
export function* serveKubelet(context: ResourceRequest): Routine<HttpResponse | ApiError> {
  const { info, server, request } = context;
  const streams = info.subresource !== 'log';
  // A WebSocket begins with a GET: what it may do is what a POST may do.
  const refused = streams && authorize(server, context.user, { ...info, verb: 'create' });
  if (refused) return refused;
  const object = yield* readObject(context);
  if (object instanceof ApiError) return object;
  const pod = object as unknown as Pod;
  const { namespace = '', name = '' } = pod.metadata;
  const forward = info.subresource === 'portforward';
  const container = forward ? '' : containerOf(context, pod);
  if (container instanceof ApiError) return container;
  const node = pod.spec.nodeName ?? '';
  if (node === '') {
    if (info.subresource === 'log') {
      return { status: 200, headers: { 'content-type': 'text/plain' } };
    }
    return apiErrors.badRequest(`pod ${name} does not have a host assigned`);
  }
  if (streams && request.headers.upgrade === undefined)
    return apiErrors.badRequest('Upgrade request required');
  const proxy = server.options.kubeletProxy;
  if (!proxy) return apiErrors.serviceUnavailable('no kubelet can be reached from here');
  const root = `/${KUBELET_PATHS[info.subresource]}/${namespace}/${name}`;
  const path = forward ? root : `${root}/${container}`;
  const query = streams ? streamQuery(request.query) : request.query;
  return yield* proxy(node, { ...request, path, query });
}

/** The scheme, name and port of `https:web:8443`. */
function targetOf(text: string): { scheme: 'http' | 'https'; name: string; port: string } {
  const [first = '', second, third] = text.split(':');
  if (third !== undefined) {
    return { scheme: first === 'https' ? 'https' : 'http', name: second ?? '', port: third };
  }
  return { scheme: 'http', name: first, port: second ?? '' };
}

/** Requests to /proxy of pods, services and nodes. */
export function* serveProxy(context: ResourceRequest): Routine<HttpResponse | ApiError> {
  const { info, server, request } = context;
  const target = targetOf(info.name);
  const found = yield* readObject({
    ...context,
    info: { ...info, name: target.name },
  });
  if (found instanceof ApiError) return found;
  const forwarded: HttpRequest = { ...request, path: `/${info.rest}` };
  if (info.resource === 'nodes') {
    const proxy = server.options.kubeletProxy;
    if (!proxy) return apiErrors.serviceUnavailable('no kubelet can be reached from here');
    return yield* proxy((found as unknown as Node).metadata.name ?? '', forwarded);
  }
  const address =
    info.resource === 'pods'
      ? podAddress(found as unknown as Pod, target.port)
      : serviceAddress(server, found as unknown as Service, target.port, info.name);
  if (address instanceof ApiError) return address;
  const dial = server.options.dial;
  if (!dial) return apiErrors.serviceUnavailable('nothing can be reached from here');
  const to: DialTarget = { scheme: target.scheme, address };
  return yield* dial(to, forwarded);
}

function podAddress(pod: Pod, port: string): string | ApiError {
  const ip = pod.status?.podIP ?? '';
  if (ip === '') return apiErrors.badRequest('address not allowed');
  const ports = pod.spec.containers.flatMap((container) => container.ports ?? []);
  const named = ports.find(({ name }) => name === port)?.containerPort;
  const first = ports[0]?.containerPort ?? 80;
  return `${ip}:${port === '' ? first : (named ?? port)}`;
}
