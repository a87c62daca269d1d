// The addons of kubeadm's phase `addon`: kube-proxy and CoreDNS.

import type { KubeObject } from '../api/object.ts';
import { type ClusterConfiguration, NODE_GROUP } from './configuration.ts';
import { componentImage, dnsImage } from './manifests.ts';
import { kubeProxyConfiguration } from './kube-proxy-config.ts';
import { serviceAddress } from './networks.ts';

/** What the objects depend on. */
export interface AddonOptions {
  readonly cluster: ClusterConfiguration;
  /** `https://192.168.56.10:6443`. */
  readonly server: string;
  readonly coreDnsReplicas: number;
  /** What kube-proxy is told where machines share a kernel. */
  readonly isTuned?: boolean;
}

const SYSTEM = 'kube-system';
const RBAC = 'rbac.authorization.k8s.io';

export function object(
  apiVersion: string,
  kind: string,
  metadata: object,
  rest: object,
): KubeObject {
  return { apiVersion, kind, metadata, ...rest } as KubeObject;
}

export function binding(name: string, role: string, subjects: readonly object[]): KubeObject {
  return object(
    `${RBAC}/v1`,
    'ClusterRoleBinding',
    { name },
    { roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role }, subjects },
  );
}

/** A role to read one config map, and who may. */
export function readers(
  name: string,
  configMap: string,
  groups: readonly string[],
  namespace = SYSTEM,
): KubeObject[] {
  const metadata = { name, namespace };
  return [
    object(`${RBAC}/v1`, 'Role', metadata, {
      rules: [
        { apiGroups: [''], resources: ['configmaps'], resourceNames: [configMap], verbs: ['get'] },
      ],
    }),
    object(`${RBAC}/v1`, 'RoleBinding', metadata, {
      roleRef: { apiGroup: RBAC, kind: 'Role', name },
      subjects: groups.map((one) =>
        one === 'system:anonymous'
          ? { apiGroup: RBAC, kind: 'User', name: one }
          : { apiGroup: RBAC, kind: 'Group', name: one },
      ),
    }),
  ];
}

export function group(name: string): object {
  return { apiGroup: RBAC, kind: 'Group', name };
}
function account(name: string): object {
  return { kind: 'ServiceAccount', name, namespace: SYSTEM };
}

export function kubeProxyObjects(options: AddonOptions): KubeObject[] {
  const { cluster, server } = options;
  const labels = { 'k8s-app': 'kube-proxy' };
  const config = kubeProxyConfiguration(cluster, options.isTuned).trimEnd();
  const kubeconfig = `apiVersion: v1
kind: Config
clusters:
- cluster:
    certificate-authority: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt
    server: ${server}
  name: default
contexts:
- context:
    cluster: default
    namespace: default
    user: default
  name: default
current-context: default
users:
- name: default
  user:
    tokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token`;
  return [
    object('v1', 'ServiceAccount', { name: 'kube-proxy', namespace: SYSTEM }, {}),
    binding('kubeadm:node-proxier', 'system:node-proxier', [account('kube-proxy')]),
    ...readers('kube-proxy', 'kube-proxy', [NODE_GROUP]),
    object(
      'v1',
      'ConfigMap',
      { name: 'kube-proxy', namespace: SYSTEM, labels: { app: 'kube-proxy' } },
      {
        data: { 'config.conf': config, 'kubeconfig.conf': kubeconfig },
      },
    ),
    object(
      'apps/v1',
      'DaemonSet',
      { name: 'kube-proxy', namespace: SYSTEM, labels },
      {
        spec: {
          selector: { matchLabels: labels },
          updateStrategy: { type: 'RollingUpdate' },
          template: {
            metadata: { labels },
            spec: {
              priorityClassName: 'system-node-critical',
              serviceAccountName: 'kube-proxy',
              hostNetwork: true,
              nodeSelector: { 'kubernetes.io/os': 'linux' },
              tolerations: [{ operator: 'Exists' }],
              containers: [
                {
                  name: 'kube-proxy',
                  image: componentImage(cluster, 'kube-proxy'),
                  imagePullPolicy: 'IfNotPresent',
                  command: [
                    '/usr/local/bin/kube-proxy',
                    '--config=/var/lib/kube-proxy/config.conf',
                    '--hostname-override=$(NODE_NAME)',
                  ],
                  env: [
                    { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
                  ],
                  securityContext: { privileged: true },
                  volumeMounts: [
                    { mountPath: '/var/lib/kube-proxy', name: 'kube-proxy' },
                    { mountPath: '/run/xtables.lock', name: 'xtables-lock' },
                    { mountPath: '/lib/modules', name: 'lib-modules', readOnly: true },
                  ],
                },
              ],
              volumes: [
                { name: 'kube-proxy', configMap: { name: 'kube-proxy' } },
                {
                  name: 'xtables-lock',
                  hostPath: { path: '/run/xtables.lock', type: 'FileOrCreate' },
                },
                { name: 'lib-modules', hostPath: { path: '/lib/modules', type: '' } },
              ],
            },
          },
        },
      },
    ),
  ];
}

function corefile(domain: string): string {
  return `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes ${domain} in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success ${domain}
       disable denial ${domain}
    }
    loop
    reload
    loadbalance
}
`;
}

function coreDnsContainer(cluster: ClusterConfiguration): object {
  const probe = (path: string, port: string): object => ({
    httpGet: { path, port, scheme: 'HTTP' },
  });
  return {
    name: 'coredns',
    image: dnsImage(cluster),
    imagePullPolicy: 'IfNotPresent',
    args: ['-conf', '/etc/coredns/Corefile'],
    resources: {
      limits: { memory: '170Mi' },
      requests: { cpu: '100m', memory: '70Mi' },
    },
    ports: [
      { containerPort: 53, name: 'dns', protocol: 'UDP' },
      { containerPort: 53, name: 'dns-tcp', protocol: 'TCP' },
      { containerPort: 9153, name: 'metrics', protocol: 'TCP' },
      { containerPort: 8080, name: 'liveness-probe', protocol: 'TCP' },
      { containerPort: 8181, name: 'readiness-probe', protocol: 'TCP' },
    ],
    livenessProbe: {
      ...probe('/health', 'liveness-probe'),
      initialDelaySeconds: 60,
      timeoutSeconds: 5,
      failureThreshold: 5,
    },
    readinessProbe: probe('/ready', 'readiness-probe'),
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    },
    volumeMounts: [{ name: 'config-volume', mountPath: '/etc/coredns', readOnly: true }],
  };
}

function coreDnsDeployment(cluster: ClusterConfiguration, replicas: number): KubeObject {
  const labels = { 'k8s-app': 'kube-dns' };
  return object(
    'apps/v1',
    'Deployment',
    { name: 'coredns', namespace: SYSTEM, labels },
    {
      spec: {
        replicas,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            affinity: {
              podAntiAffinity: {
                preferredDuringSchedulingIgnoredDuringExecution: [
                  {
                    weight: 100,
                    podAffinityTerm: {
                      labelSelector: {
                        matchExpressions: [
                          { key: 'k8s-app', operator: 'In', values: ['kube-dns'] },
                        ],
                      },
                      topologyKey: 'kubernetes.io/hostname',
                    },
                  },
                ],
              },
            },
            priorityClassName: 'system-cluster-critical',
            serviceAccountName: 'coredns',
            tolerations: [
              { key: 'CriticalAddonsOnly', operator: 'Exists' },
              { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
            ],
            nodeSelector: { 'kubernetes.io/os': 'linux' },
            containers: [coreDnsContainer(cluster)],
            dnsPolicy: 'Default',
            volumes: [
              {
                name: 'config-volume',
                configMap: { name: 'coredns', items: [{ key: 'Corefile', path: 'Corefile' }] },
              },
            ],
          },
        },
      },
    },
  );
}

export function coreDnsObjects({ cluster, coreDnsReplicas }: AddonOptions): KubeObject[] {
  const labels = { 'k8s-app': 'kube-dns' };
  return [
    object('v1', 'ServiceAccount', { name: 'coredns', namespace: SYSTEM }, {}),
    object(
      `${RBAC}/v1`,
      'ClusterRole',
      { name: 'system:coredns' },
      {
        rules: [
          {
            apiGroups: [''],
            resources: ['endpoints', 'services', 'pods', 'namespaces'],
            verbs: ['list', 'watch'],
          },
          {
            apiGroups: ['discovery.k8s.io'],
            resources: ['endpointslices'],
            verbs: ['list', 'watch'],
          },
        ],
      },
    ),
    binding('system:coredns', 'system:coredns', [account('coredns')]),
    object(
      'v1',
      'ConfigMap',
      { name: 'coredns', namespace: SYSTEM },
      { data: { Corefile: corefile(cluster.networking.dnsDomain) } },
    ),
    object(
      'v1',
      'Service',
      {
        name: 'kube-dns',
        namespace: SYSTEM,
        annotations: { 'prometheus.io/port': '9153', 'prometheus.io/scrape': 'true' },
        labels: {
          ...labels,
          'kubernetes.io/cluster-service': 'true',
          'kubernetes.io/name': 'CoreDNS',
        },
      },
      {
        spec: {
          clusterIP: serviceAddress(cluster.networking.serviceSubnet, 10),
          selector: labels,
          ports: [
            { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
            { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
            { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
          ],
        },
      },
    ),
    coreDnsDeployment(cluster, coreDnsReplicas),
  ];
}
