// The downward API: fields of a pod and resources of its containers as text.

import { nanoOf } from '../api/fields/quantity.ts';
import type { Container } from '../api/types/container.ts';
import type { Pod } from '../api/types/pod.ts';
import type { ResourceFieldSelector } from '../api/types/volume.ts';
import type { KubeletContext, KubeletSettings } from './context.ts';
import { CONFIG } from './static-pods.ts';

const BILLION = 1_000_000_000n;

function lines(map: Readonly<Record<string, string>> | undefined): string {
  const entries = Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join('\n');
}

/** What the kubelet notes of a pod that came from the API server: since when it knows it, and where from. */
function withSource({ metadata, status }: Pod): Readonly<Record<string, string>> {
  const seen = status?.startTime ?? metadata.creationTimestamp ?? '';
  return {
    [CONFIG.seen]: seen.replace(/Z$/, '.000000000Z'),
    [CONFIG.source]: 'api',
    ...metadata.annotations,
  };
}

/** The value of `metadata.name`, `status.podIP`, `metadata.labels['app']` …; `ip` is the pod's address. */
export function fieldOf(pod: Pod, path: string, settings: KubeletSettings, ip: string): string {
  const { metadata, spec } = pod;
  const one = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (one) return metadata[one[1] as 'labels' | 'annotations']?.[one[2] ?? ''] ?? '';
  switch (path) {
    case 'metadata.name':
      return metadata.name ?? '';
    case 'metadata.namespace':
      return metadata.namespace ?? '';
    case 'metadata.uid':
      return metadata.uid ?? '';
    case 'metadata.labels':
      return lines(metadata.labels);
    case 'metadata.annotations':
      return lines(withSource(pod));
    case 'spec.nodeName':
      return settings.nodeName;
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? '';
    case 'status.hostIP':
    case 'status.hostIPs':
      return settings.nodeIp;
    case 'status.podIP':
    case 'status.podIPs':
      return ip;
    default:
      return '';
  }
}

/** The value of `limits.cpu`, `requests.memory` …; a limit that is not set is what the node has. */
export function resourceOf(
  pod: Pod,
  own: Container,
  ref: ResourceFieldSelector,
  context: KubeletContext,
): string {
  const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const container = ref.containerName
    ? (all.find(({ name }) => name === ref.containerName) ?? own)
    : own;
  const [kind = '', ...rest] = ref.resource.split('.');
  const name = rest.join('.');
  const { limits, requests } = container.resources ?? {};
  const given = kind === 'limits' ? limits?.[name] : requests?.[name];
  const { kernel } = context.process.task;
  const whole =
    name === 'cpu'
      ? BigInt(kernel.processors.count) * BILLION
      : BigInt(kernel.memory.total) * BILLION;
  const amount = given !== undefined ? nanoOf(given) : kind === 'limits' ? whole : 0n;
  const divisor = nanoOf(ref.divisor && ref.divisor !== '0' ? ref.divisor : '1');
  return String((amount + divisor - 1n) / divisor);
}
