// The other objects of a fresh server: priority classes, API services, the service `kubernetes`, its network.

import { rfc3339 } from '../../../core/time.ts';
import type { JsonObject } from '../fields/decode.ts';
import type { ServerOptions } from '../handlers/context.ts';
import type { KindDescriptor } from '../kinds/descriptor.ts';

export const PRIORITY_CLASSES: readonly JsonObject[] = [
  {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'system-node-critical' },
    value: 2000001000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
  {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'system-cluster-critical' },
    value: 2000000000,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
];

/**
 * What servers behind the API server need to know who asks (cluster_authentication_trust_controller), and since when the use
 * of old tokens is written down (legacytokentracking).
 */
export function ownConfigMaps(options: ServerOptions, now: number): readonly JsonObject[] {
  const map = (name: string, data: JsonObject): JsonObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'kube-system' },
    data,
  });
  const { certificateAuthority = '', requestHeader } = options;
  return [
    map('extension-apiserver-authentication', {
      ...(certificateAuthority === '' ? {} : { 'client-ca-file': certificateAuthority }),
      ...requestHeader,
    }),
    map('kube-apiserver-legacy-service-account-token-tracking', {
      since: rfc3339(now).slice(0, 10),
    }),
  ];
}

/** The network that service addresses come from. */
export const SERVICE_NETWORK = '10.96.0.0/12';

/** The service through which pods reach the API server. */
export function kubernetesService(options: ServerOptions): readonly JsonObject[] {
  const cidr = options.serviceClusterIpRange ?? SERVICE_NETWORK;
  const first = cidr.replace(/\d+\/\d+$/, '1');
  return [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'ServiceCIDR',
      metadata: { name: 'kubernetes' },
      spec: { cidrs: [cidr] },
      status: {},
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: 'kubernetes',
        namespace: 'default',
        labels: { component: 'apiserver', provider: 'kubernetes' },
      },
      spec: {
        clusterIP: first,
        ports: [
          { name: 'https', port: 443, protocol: 'TCP', targetPort: options.securePort ?? 6443 },
        ],
        type: 'ClusterIP',
      },
    },
  ];
}

/** Where the service `kubernetes` leads: to the server itself. */
export function kubernetesEndpoints(options: ServerOptions): readonly JsonObject[] {
  const address = options.advertiseAddress;
  if (address === undefined) return [];
  const port = options.securePort ?? 6443;
  return [
    {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: {
        name: 'kubernetes',
        namespace: 'default',
        labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' },
      },
      subsets: [
        { addresses: [{ ip: address }], ports: [{ name: 'https', port, protocol: 'TCP' }] },
      ],
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: 'kubernetes',
        namespace: 'default',
        labels: { 'kubernetes.io/service-name': 'kubernetes' },
      },
      addressType: 'IPv4',
      endpoints: [{ addresses: [address], conditions: { ready: true } }],
      ports: [{ name: 'https', port, protocol: 'TCP' }],
    },
  ];
}

/** The order in which groups are aggregated: [group, minimum priority]. */
const VERSION_PRIORITY: Readonly<Record<string, number>> = {
  '/v1': 1,
  'autoscaling/v2': 30,
  'flowcontrol.apiserver.k8s.io/v1': 21,
  'resource.k8s.io/v1': 21,
};
const GROUP_PRIORITY: Readonly<Record<string, number>> = {
  '': 18000,
  apps: 17800,
  'events.k8s.io': 17750,
  'authentication.k8s.io': 17700,
  'authorization.k8s.io': 17600,
  autoscaling: 17500,
  batch: 17400,
  'certificates.k8s.io': 17300,
  'networking.k8s.io': 17200,
  policy: 17100,
  'rbac.authorization.k8s.io': 17000,
  'storage.k8s.io': 16800,
  'apiextensions.k8s.io': 16700,
  'admissionregistration.k8s.io': 16700,
  'scheduling.k8s.io': 16600,
  'coordination.k8s.io': 16500,
  'node.k8s.io': 16300,
  'discovery.k8s.io': 16200,
  'flowcontrol.apiserver.k8s.io': 16100,
  'resource.k8s.io': 16200,
};

/** The APIService of every group version that the server serves itself. */
export function apiServicesOf(kinds: readonly KindDescriptor[]): readonly JsonObject[] {
  const seen = new Map<string, JsonObject>();
  for (const { group, version } of kinds) {
    if (group === 'apiregistration.k8s.io') continue;
    const name = `${version}.${group}`;
    if (seen.has(name)) continue;
    seen.set(name, {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name, labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } },
      spec: {
        group,
        version,
        groupPriorityMinimum: GROUP_PRIORITY[group] ?? 1000,
        versionPriority: VERSION_PRIORITY[`${group}/${version}`] ?? 15,
      },
    });
  }
  return [...seen.values()];
}
