// The addresses that ingress-nginx writes into the status of ingresses: those of a published service, else of the nodes that
// its pods run on.

import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import type { ApiClient } from '../../api/client.ts';
import { Refusal } from '../../api/client.ts';
import { resources } from '../../api/client-resources.ts';
import type { Ingress, LoadBalancerIngress } from '../../api/types/service.ts';
import type { Flags } from '../../component/flags.ts';
import { splitKey } from '../../controllers/machinery/informer.ts';
import { INGRESSES, type IngressState } from './state.ts';

function* publishedAddresses(client: ApiClient, key: string): Routine<LoadBalancerIngress[]> {
  const { namespace, name } = splitKey(key);
  const service = yield* client.get(resources.services, namespace, name);
  if (service instanceof Refusal) return [];
  const { spec, status } = service;
  if (spec.type === 'ExternalName') return [{ hostname: spec.externalName ?? '' }];
  if (spec.type === 'LoadBalancer') return [...(status?.loadBalancer?.ingress ?? [])];
  const addresses = spec.externalIPs?.length ? spec.externalIPs : [spec.clusterIP ?? ''];
  return addresses.map((ip) => ({ ip }));
}

function* nodeAddresses(process: Process, client: ApiClient): Routine<LoadBalancerIngress[]> {
  const { environment } = process;
  const [namespace = '', own = ''] = [
    environment.get('POD_NAMESPACE'),
    environment.get('POD_NAME'),
  ];
  const pod = yield* client.get(resources.pods, namespace, own);
  if (pod instanceof Refusal) return [];
  const { 'pod-template-hash': _hash, ...labels } = pod.metadata.labels ?? {};
  const labelSelector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const pods = yield* client.list(resources.pods, namespace, { labelSelector });
  if (pods instanceof Refusal) return [];
  const found = new Set<string>();
  for (const { spec, status } of pods.items) {
    if (status?.phase !== 'Running' || !spec.nodeName) continue;
    const node = yield* client.get(resources.nodes, '', spec.nodeName);
    const addresses = node instanceof Refusal ? [] : (node.status?.addresses ?? []);
    const best =
      addresses.find(({ type }) => type === 'ExternalIP') ??
      addresses.find(({ type }) => type === 'InternalIP');
    if (best) found.add(best.address);
  }
  return [...found].sort().map((ip) => ({ ip }));
}

function sameAddresses(ingress: Ingress, wanted: readonly LoadBalancerIngress[]): boolean {
  const names = (list: readonly LoadBalancerIngress[]): string =>
    list.map(({ ip = '', hostname = '' }) => ip || hostname).join(',');
  return names(ingress.status?.loadBalancer?.ingress ?? []) === names(wanted);
}

/** Brings the status of every ingress up to date. */
export function* publishStatus(
  process: Process,
  client: ApiClient,
  state: IngressState,
  flags: Flags,
): Routine<void> {
  const ingresses = state.all();
  if (ingresses.length === 0) return;
  const service = flags.get('publish-service');
  const given = flags.get('publish-status-address');
  let wanted: LoadBalancerIngress[];
  if (given) wanted = given.split(',').map((ip) => ({ ip: ip.trim() }));
  else if (service) wanted = yield* publishedAddresses(client, service);
  else wanted = yield* nodeAddresses(process, client);
  for (const ingress of ingresses) {
    if (sameAddresses(ingress, wanted)) continue;
    yield* client.updateStatus(INGRESSES, {
      ...ingress,
      status: { loadBalancer: { ingress: wanted } },
    });
  }
}
