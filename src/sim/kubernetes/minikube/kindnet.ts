// The manifest of kindnet as minikube applies it (pkg/minikube/cni/kindnet.go).

import { toYaml } from '../../userland/yaml/write.ts';
import { POD_NETWORK } from './kubeadm-config.ts';

const IMAGE = 'docker.io/kindest/kindnetd:v20250512-df8de77b';
const NAME = 'kindnet';
const NAMESPACE = 'kube-system';
const RBAC = 'rbac.authorization.k8s.io';

const LABELS = { tier: 'node', app: NAME, 'k8s-app': NAME };

const ACCESS = [
  {
    kind: 'ClusterRole',
    apiVersion: `${RBAC}/v1`,
    metadata: { name: NAME },
    rules: [
      {
        apiGroups: ['policy'],
        resources: ['podsecuritypolicies'],
        verbs: ['use'],
        resourceNames: [NAME],
      },
      {
        apiGroups: [''],
        resources: ['nodes', 'namespaces', 'pods'],
        verbs: ['list', 'watch', 'patch'],
      },
      { apiGroups: [''], resources: ['configmaps'], verbs: ['get'] },
      {
        apiGroups: ['networking.k8s.io'],
        resources: ['networkpolicies'],
        verbs: ['get', 'list', 'watch'],
      },
    ],
  },
  {
    kind: 'ClusterRoleBinding',
    apiVersion: `${RBAC}/v1`,
    metadata: { name: NAME },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: NAME },
    subjects: [{ kind: 'ServiceAccount', name: NAME, namespace: NAMESPACE }],
  },
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: NAME, namespace: NAMESPACE } },
];

const field = (name: string, fieldPath: string): object => ({
  name,
  valueFrom: { fieldRef: { fieldPath } },
});

const CONTAINER = {
  name: 'kindnet-cni',
  image: IMAGE,
  env: [
    field('HOST_IP', 'status.hostIP'),
    field('POD_IP', 'status.podIP'),
    { name: 'POD_SUBNET', value: POD_NETWORK },
  ],
  volumeMounts: [
    { name: 'cni-cfg', mountPath: '/etc/cni/net.d' },
    { name: 'xtables-lock', mountPath: '/run/xtables.lock', readOnly: false },
    { name: 'lib-modules', mountPath: '/lib/modules', readOnly: true },
  ],
  resources: {
    requests: { cpu: '100m', memory: '50Mi' },
    limits: { cpu: '100m', memory: '50Mi' },
  },
  securityContext: { privileged: false, capabilities: { add: ['NET_RAW', 'NET_ADMIN'] } },
};

const DAEMON_SET = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: NAME, namespace: NAMESPACE, labels: LABELS },
  spec: {
    selector: { matchLabels: { app: NAME } },
    template: {
      metadata: { labels: LABELS },
      spec: {
        hostNetwork: true,
        tolerations: [{ operator: 'Exists', effect: 'NoSchedule' }],
        serviceAccountName: NAME,
        containers: [CONTAINER],
        volumes: [
          { name: 'cni-cfg', hostPath: { path: '/etc/cni/net.d', type: 'DirectoryOrCreate' } },
          { name: 'xtables-lock', hostPath: { path: '/run/xtables.lock', type: 'FileOrCreate' } },
          { name: 'lib-modules', hostPath: { path: '/lib/modules' } },
        ],
      },
    },
  },
};

/** The manifest's text. */
export function kindnetManifest(): string {
  return [...ACCESS, DAEMON_SET].map((object) => toYaml(object)).join('---\n');
}
