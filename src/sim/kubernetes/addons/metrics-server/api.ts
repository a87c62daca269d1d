// The API metrics.k8s.io/v1beta1 as metrics-server serves it: NodeMetrics and PodMetrics from what was last read.

import { Content } from '../../../core/content.ts';
import type { HttpRequest, HttpResponse } from '../../../userland/http/message.ts';
import { queryValue } from '../../api/handlers/request-info.ts';
import { matches, parseLabelSelector, SelectorError } from '../../api/selectors.ts';
import { apiErrors } from '../../api/status.ts';
import type { ObjectMeta } from '../../api/types/meta.ts';
import type { MetricStorage, Use } from './storage.ts';

const GROUP_VERSION = 'metrics.k8s.io/v1beta1';
const ROOT = `/apis/${GROUP_VERSION}`;

/** What answers are made from. */
export interface MetricsView {
  readonly storage: MetricStorage;
  nodes(): Iterable<{ readonly metadata: ObjectMeta }>;
  pods(): Iterable<{ readonly metadata: ObjectMeta }>;
}

const RESOURCES = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: GROUP_VERSION,
  resources: [
    {
      name: 'nodes',
      singularName: '',
      namespaced: false,
      kind: 'NodeMetrics',
      verbs: ['get', 'list'],
    },
    {
      name: 'pods',
      singularName: '',
      namespaced: true,
      kind: 'PodMetrics',
      verbs: ['get', 'list'],
    },
  ],
};

function json(status: number, object: object): HttpResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: Content.ofJson(object) };
}

function usage({ nanoCores, bytes }: Use): object {
  return { cpu: `${nanoCores}n`, memory: `${Math.round(bytes / 1024)}Ki` };
}

/** When it was read, and over which time. */
function times({ at, window }: Use): object {
  const time = new Date(at).toISOString().replace(/\.\d+/, '');
  return { timestamp: time, window: `${window}s` };
}

function head(kind: string, metadata: ObjectMeta, at: number): object {
  const { name, namespace, labels } = metadata;
  const creationTimestamp = new Date(at).toISOString().replace(/\.\d+/, '');
  return {
    kind,
    apiVersion: GROUP_VERSION,
    metadata: {
      name,
      ...(namespace ? { namespace } : {}),
      creationTimestamp,
      ...(labels ? { labels } : {}),
    },
  };
}

function nodeMetrics(view: MetricsView, metadata: ObjectMeta): object | undefined {
  const use = view.storage.use(metadata.name ?? '');
  if (!use) return undefined;
  return { ...head('NodeMetrics', metadata, use.at), ...times(use), usage: usage(use) };
}

function podMetrics(view: MetricsView, metadata: ObjectMeta): object | undefined {
  const uses = view.storage.ofPod(`${metadata.namespace}/${metadata.name}`);
  const [first] = uses;
  if (!first) return undefined;
  const containers = uses.map(([name, use]) => ({ name, usage: usage(use) }));
  return { ...head('PodMetrics', metadata, first[1].at), ...times(first[1]), containers };
}

/** Answers a request to the API; what is not of it is not found. */
export function serveMetricsApi(view: MetricsView, request: HttpRequest): HttpResponse {
  const path = request.path.replace(/\/$/, '');
  if (path === ROOT) return json(200, RESOURCES);
  const found = /^(?:\/namespaces\/([^/]+))?\/(nodes|pods)(?:\/([^/]+))?$/.exec(
    path.startsWith(ROOT) ? path.slice(ROOT.length) : '',
  );
  if (!found) return json(404, apiErrors.noSuchPath().status);
  if (request.method !== 'GET') return json(405, apiErrors.methodNotAllowed().status);
  const [, namespace, resource = '', name] = found;
  const nodes = resource === 'nodes';
  const requirements = parseLabelSelector(queryValue(request, 'labelSelector') ?? '');
  if (requirements instanceof SelectorError)
    return json(400, apiErrors.badRequest(requirements.message).status);
  const items: object[] = [];
  for (const { metadata } of nodes ? view.nodes() : view.pods()) {
    if (namespace !== undefined && metadata.namespace !== namespace) continue;
    if (name !== undefined && metadata.name !== name) continue;
    if (!matches(requirements, metadata.labels)) continue;
    const item = nodes ? nodeMetrics(view, metadata) : podMetrics(view, metadata);
    if (item) items.push(item);
  }
  if (name === undefined) {
    const kind = nodes ? 'NodeMetricsList' : 'PodMetricsList';
    return json(200, { kind, apiVersion: GROUP_VERSION, metadata: {}, items });
  }
  const [item] = items;
  if (item) return json(200, item);
  const of = { group: 'metrics.k8s.io', resource };
  const called = nodes ? name : `${namespace}/${name}`;
  return json(404, apiErrors.notFound(of, called).status);
}
