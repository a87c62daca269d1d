// minikube's addons default-storageclass and storage-provisioner: the class, the provisioner's pod and what it may do.

import type { KubeObject } from '../api/object.ts';

const NAMESPACE = 'kube-system';
const NAME = 'storage-provisioner';
const ROLE = 'system:persistent-volume-provisioner';
const RBAC = 'rbac.authorization.k8s.io';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const MODE = 'addonmanager.kubernetes.io/mode';
const IMAGE = 'gcr.io/k8s-minikube/storage-provisioner:v5';

/** The class as `kubectl apply` sends it, with its own text in the annotation that apply adds. */
function standardClass(): KubeObject {
  const given = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: {
      annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
      labels: { [MODE]: 'EnsureExists' },
      name: 'standard',
    },
    provisioner: 'k8s.io/minikube-hostpath',
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
  };
  const { metadata } = given;
  const annotations = { [LAST_APPLIED]: `${JSON.stringify(given)}\n`, ...metadata.annotations };
  return { ...given, metadata: { ...metadata, annotations } };
}

const labels = { [MODE]: 'Reconcile' };
const subjects = [{ kind: 'ServiceAccount', name: NAME, namespace: NAMESPACE }];

const ACCESS: readonly KubeObject[] = [
  {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: NAME, namespace: NAMESPACE, labels },
  },
  {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: NAME, labels: { [MODE]: 'EnsureExists' } },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: ROLE },
    subjects,
  },
  {
    apiVersion: `${RBAC}/v1`,
    kind: 'Role',
    metadata: { name: ROLE, namespace: NAMESPACE, labels },
    rules: [
      {
        apiGroups: [''],
        resources: ['endpoints'],
        verbs: ['get', 'list', 'watch', 'create', 'update', 'patch'],
      },
    ],
  },
  {
    apiVersion: `${RBAC}/v1`,
    kind: 'RoleBinding',
    metadata: { name: ROLE, namespace: NAMESPACE, labels },
    roleRef: { apiGroup: RBAC, kind: 'Role', name: ROLE },
    subjects,
  },
];

const POD: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: NAME,
    namespace: NAMESPACE,
    labels: { 'integration-test': NAME, ...labels },
  },
  spec: {
    serviceAccountName: NAME,
    hostNetwork: true,
    containers: [
      {
        name: NAME,
        image: IMAGE,
        command: ['/storage-provisioner'],
        imagePullPolicy: 'IfNotPresent',
        volumeMounts: [{ mountPath: '/tmp', name: 'tmp' }],
      },
    ],
    volumes: [{ name: 'tmp', hostPath: { path: '/tmp', type: 'Directory' } }],
  },
};

/** The objects of the addon default-storageclass. */
export function storageClassObjects(): readonly KubeObject[] {
  return [standardClass()];
}

/** The objects of the addon storage-provisioner. */
export function provisionerObjects(): readonly KubeObject[] {
  return [...ACCESS, POD];
}

/** The objects of both addons. */
export function storageObjects(): readonly KubeObject[] {
  return [standardClass(), ...ACCESS, POD];
}
