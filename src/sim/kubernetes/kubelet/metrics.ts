// The kubelet's /metrics, of which most is left out, and /metrics/resource: processor time and working memory of the
// node and its containers, in Prometheus' text format. Who may read that is asked of the API server (webhook
// authentication and authorization).

import { epochMilliseconds } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { HttpRequest } from '../../userland/http/message.ts';
import { type ObjectLike, Refusal, type Resource } from '../api/client.ts';
import { readText } from '../component/kubeconfig.ts';
import type { KubeletContext } from './context.ts';
import type { PodObservation } from './cri.ts';

interface ContainerStats {
  readonly attributes: {
    readonly metadata: { readonly name: string };
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly cpu: { readonly usageCoreNanoSeconds: { readonly value: string } };
  readonly memory: { readonly workingSetBytes: { readonly value: string } };
}

interface Sample {
  readonly labels: string;
  readonly value: number;
}

const CPU_HELP = 'Cumulative cpu time consumed by the';
const MEMORY_HELP = 'Current working set of the';

function block(
  name: string,
  help: string,
  type: string,
  samples: readonly Sample[],
  at: number,
): string {
  const lines = samples.map(({ labels, value }) => `${name}${labels} ${value} ${at}`);
  return [`# HELP ${name} [STABLE] ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n');
}

/** The first of /metrics: the node's name, and how many pods and containers PLEG has seen. */
export function kubeletMetrics(
  { settings }: KubeletContext,
  observed: readonly PodObservation[],
): string {
  const pods = observed.filter(({ sandboxes }) =>
    sandboxes.some(({ state }) => state === 'SANDBOX_READY'),
  ).length;
  const states = new Map<string, number>();
  for (const { containers } of observed) {
    for (const { state } of [...containers.values()].flat()) {
      const name = state.replace('CONTAINER_', '').toLowerCase();
      states.set(name, (states.get(name) ?? 0) + 1);
    }
  }
  const containers = [...states].sort().map(([state, n]) => `{container_state="${state}"} ${n}`);
  const gauge = (name: string, help: string, lines: readonly string[]): string =>
    [
      `# HELP ${name} [ALPHA] ${help}`,
      `# TYPE ${name} gauge`,
      ...lines.map((line) => name + line),
      '',
    ].join('\n');
  return [
    gauge('kubelet_node_name', "The node's name. The count is always 1.", [
      `{node="${settings.nodeName}"} 1`,
    ]),
    gauge('kubelet_running_containers', 'Number of containers currently running', containers),
    gauge('kubelet_running_pods', 'Number of pods that have a running pod sandbox', [` ${pods}`]),
  ].join('');
}

/** The metrics of now. */
export function* resourceMetrics(context: KubeletContext): Routine<string> {
  const at = Math.floor(epochMilliseconds(context.simulation.now));
  const stats = yield* context.cri.containerStats();
  const cpu: Sample[] = [];
  const memory: Sample[] = [];
  const podCpu = new Map<string, number>();
  const podMemory = new Map<string, number>();
  const list = Array.isArray(stats) ? (stats as readonly ContainerStats[]) : [];
  for (const { attributes, cpu: used, memory: held } of list) {
    const namespace = attributes.labels['io.kubernetes.pod.namespace'] ?? '';
    const pod = attributes.labels['io.kubernetes.pod.name'] ?? '';
    const name = attributes.metadata.name;
    const labels = `{container="${name}",namespace="${namespace}",pod="${pod}"}`;
    const ofPod = `{namespace="${namespace}",pod="${pod}"}`;
    const seconds = Number(used.usageCoreNanoSeconds.value) / 1e9;
    const bytes = Number(held.workingSetBytes.value);
    cpu.push({ labels, value: seconds });
    memory.push({ labels, value: bytes });
    podCpu.set(ofPod, (podCpu.get(ofPod) ?? 0) + seconds);
    podMemory.set(ofPod, (podMemory.get(ofPod) ?? 0) + bytes);
  }
  const node = yield* nodeUsage(context);
  const pods = (map: ReadonlyMap<string, number>): Sample[] =>
    Array.from(map, ([labels, value]) => ({ labels, value }));
  const of = (what: string, kind: 'cpu' | 'memory', samples: readonly Sample[]): string =>
    kind === 'cpu'
      ? block(
          `${what}_cpu_usage_seconds_total`,
          `${CPU_HELP} ${what} in core-seconds`,
          'counter',
          samples,
          at,
        )
      : block(
          `${what}_memory_working_set_bytes`,
          `${MEMORY_HELP} ${what} in bytes`,
          'gauge',
          samples,
          at,
        );
  return [
    of('container', 'cpu', cpu),
    of('container', 'memory', memory),
    of('node', 'cpu', [{ labels: '', value: node.cpu }]),
    of('node', 'memory', [{ labels: '', value: node.memory }]),
    of('pod', 'cpu', pods(podCpu)),
    of('pod', 'memory', pods(podMemory)),
    '# HELP resource_scrape_error [STABLE] 1 if there was an error while getting container metrics, 0 otherwise\n',
    '# TYPE resource_scrape_error gauge\nresource_scrape_error 0\n',
  ].join('');
}

/** Processor seconds of the node since it was started, and bytes of memory that could not be had back at once. */
export function* nodeUsage({ process }: KubeletContext): Routine<{ cpu: number; memory: number }> {
  const stat = yield* readText(process, '/sys/fs/cgroup/cpu.stat');
  const info = yield* readText(process, '/proc/meminfo');
  const field = (text: unknown, pattern: RegExp): number =>
    typeof text === 'string' ? Number(pattern.exec(text)?.[1] ?? 0) : 0;
  const cpu = field(isErrno(stat) ? '' : stat, /^usage_usec (\d+)/m) / 1e6;
  const total = field(info, /^MemTotal:\s+(\d+)/m);
  const available = field(info, /^MemAvailable:\s+(\d+)/m);
  return { cpu, memory: Math.max(0, total - available) * 1024 };
}

interface Review extends ObjectLike {
  readonly kind: string;
  readonly apiVersion: string;
  readonly spec: object;
  readonly status?: {
    readonly allowed?: boolean;
    readonly authenticated?: boolean;
    readonly user?: { readonly username?: string; readonly groups?: readonly string[] };
  };
}

const TOKENS: Resource<Review> = {
  groupVersion: 'authentication.k8s.io/v1',
  plural: 'tokenreviews',
};
const ACCESS: Resource<Review> = {
  groupVersion: 'authorization.k8s.io/v1',
  plural: 'subjectaccessreviews',
};

/** Parts of the kubelet's API with a subresource of nodes of their own; the rest is nodes/proxy. */
const SUBRESOURCES: readonly (readonly [string, string])[] = [
  ['/stats', 'stats'],
  ['/metrics', 'metrics'],
  ['/logs', 'log'],
  ['/spec', 'spec'],
];

/** What the kubelet asks about by the method of a request. */
const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Paths with a subresource of their own that is asked about before the one for all (KubeletFineGrainedAuthz). */
const FINE_GRAINED: readonly (readonly [string, string])[] = [
  ['/pods', 'pods'],
  ['/runningpods', 'pods'],
  ['/healthz', 'healthz'],
  ['/configz', 'configz'],
];

function subresourcesOf(path: string): string[] {
  const match = ([start]: readonly [string, string]): boolean =>
    path === start || path.startsWith(`${start}/`);
  const fine = FINE_GRAINED.find(match);
  return fine ? [fine[1], 'proxy'] : [SUBRESOURCES.find(match)?.[1] ?? 'proxy'];
}

/** Why the bearer of a request's token may not make it (NodeAuthorizerAttributesGetter); undefined where it may. */
export function* mayAsk(
  { client, settings }: KubeletContext,
  { headers, method, path }: HttpRequest,
): Routine<string | undefined> {
  const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
  if (token === undefined) return 'Unauthorized';
  const reviewed = yield* client.create(TOKENS, {
    kind: 'TokenReview',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: {},
    spec: { token },
  });
  if (reviewed instanceof Refusal || !reviewed.status?.authenticated) return 'Unauthorized';
  const { username = '', groups = [] } = reviewed.status.user ?? {};
  const verb = VERBS[method] ?? 'get';
  const asked = subresourcesOf(path);
  for (const subresource of asked) {
    const allowed = yield* client.create(ACCESS, {
      kind: 'SubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1',
      metadata: {},
      spec: {
        user: username,
        groups,
        resourceAttributes: {
          verb,
          version: 'v1',
          resource: 'nodes',
          subresource,
          name: settings.nodeName,
        },
      },
    });
    if (!(allowed instanceof Refusal) && allowed.status?.allowed) return undefined;
  }
  return `Forbidden (user=${username}, verb=${verb}, resource=nodes, subresource(s)=[${asked.join(' ')}])\n`;
}
