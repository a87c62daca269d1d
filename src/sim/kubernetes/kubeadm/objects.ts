// What kubeadm init puts into its cluster: its configuration, the kubelets' configuration, the first token, what bootstrapping
// nodes may do, the cluster's address for everybody (phases upload-config and bootstrap-token).

import { sha256 } from '../../core/sha256.ts';
import { encode } from '../../core/text.ts';
import { base64Text } from '../../core/base64.ts';
import type { KubeObject } from '../api/object.ts';
import { toYaml } from '../../userland/yaml/write.ts';
import { binding, group, object, readers } from './addons.ts';
import {
  API_VERSION,
  type BootstrapToken,
  type ClusterConfiguration,
  NODE_GROUP,
} from './configuration.ts';
import { kubeletConfiguration } from './kubelet-config.ts';

const SYSTEM = 'kube-system';
const RBAC = 'rbac.authorization.k8s.io';

/** The ClusterConfiguration as it stands in the config map kubeadm-config. */
export function clusterDocument(cluster: ClusterConfiguration): string {
  return toYaml({ apiVersion: API_VERSION, kind: 'ClusterConfiguration', ...cluster });
}

export function kubeadmConfigObjects(cluster: ClusterConfiguration): KubeObject[] {
  return [
    object(
      'v1',
      'ConfigMap',
      { name: 'kubeadm-config', namespace: SYSTEM },
      {
        data: { ClusterConfiguration: clusterDocument(cluster) },
      },
    ),
    ...readers('kubeadm:nodes-kubeadm-config', 'kubeadm-config', [NODE_GROUP, 'system:nodes']),
  ];
}

export function kubeletConfigObjects(cluster: ClusterConfiguration): KubeObject[] {
  const text = kubeletConfiguration(cluster, '');
  const annotations = {
    'kubeadm.kubernetes.io/component-config.hash': `sha256:${sha256(encode(text))}`,
  };
  return [
    object(
      'v1',
      'ConfigMap',
      { name: 'kubelet-config', namespace: SYSTEM, annotations },
      {
        data: { kubelet: text },
      },
    ),
    ...readers('kubeadm:kubelet-config', 'kubelet-config', ['system:nodes', NODE_GROUP]),
  ];
}

/** The secret behind a bootstrap token. `expires` is RFC 3339. */
export function tokenSecret(token: BootstrapToken, expires: string | undefined): KubeObject {
  const [id = '', secret = ''] = token.token.split('.');
  const usages = (token.usages ?? []).map((usage) => [`usage-bootstrap-${usage}`, 'true'] as const);
  const groups = (token.groups ?? []).join(',');
  const data: Record<string, string> = {
    ...(groups ? { 'auth-extra-groups': groups } : {}),
    ...(token.description ? { description: token.description } : {}),
    ...(expires === undefined ? {} : { expiration: expires }),
    'token-id': id,
    'token-secret': secret,
    ...Object.fromEntries(usages),
  };
  return object(
    'v1',
    'Secret',
    { name: `bootstrap-token-${id}`, namespace: SYSTEM },
    {
      type: 'bootstrap.kubernetes.io/token',
      data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, base64Text(text)])),
    },
  );
}

/** The administrators' binding, which the first use of admin.conf makes. */
export function adminObjects(): KubeObject[] {
  return [binding('kubeadm:cluster-admins', 'cluster-admin', [group('kubeadm:cluster-admins')])];
}

/** What nodes may do before they have a certificate, with the line that kubeadm prints of each. */
export function bootstrapRoles(): readonly (readonly [string, readonly KubeObject[]])[] {
  const csr = 'system:certificates.k8s.io:certificatesigningrequests';
  return [
    [
      'Configured RBAC rules to allow Node Bootstrap tokens to get nodes',
      [
        object(
          `${RBAC}/v1`,
          'ClusterRole',
          { name: 'kubeadm:get-nodes' },
          {
            rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }],
          },
        ),
        binding('kubeadm:get-nodes', 'kubeadm:get-nodes', [group(NODE_GROUP)]),
      ],
    ],
    [
      'Configured RBAC rules to allow Node Bootstrap tokens to post CSRs in order for nodes to get long term certificate credentials',
      [binding('kubeadm:kubelet-bootstrap', 'system:node-bootstrapper', [group(NODE_GROUP)])],
    ],
    [
      'Configured RBAC rules to allow the csrapprover controller automatically approve CSRs from a Node Bootstrap Token',
      [binding('kubeadm:node-autoapprove-bootstrap', `${csr}:nodeclient`, [group(NODE_GROUP)])],
    ],
    [
      'Configured RBAC rules to allow certificate rotation for all node client certificates in the cluster',
      [
        binding('kubeadm:node-autoapprove-certificate-rotation', `${csr}:selfnodeclient`, [
          group('system:nodes'),
        ]),
      ],
    ],
    [
      'Configured RBAC rules to allow the API server kubelet client certificate to access the kubelet API',
      [
        binding('kubeadm:apiserver-kubelet-client', 'system:kubelet-api-admin', [
          { apiGroup: RBAC, kind: 'User', name: 'kube-apiserver-kubelet-client' },
        ]),
      ],
    ],
  ];
}

/** What everybody may know of the cluster: its address and its authority. */
export function clusterInfoObjects(server: string, authorityPem: string): KubeObject[] {
  const kubeconfig = `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${base64Text(authorityPem)}
    server: ${server}
  name: ""
contexts: null
current-context: ""
kind: Config
users: null
`;
  return [
    object(
      'v1',
      'ConfigMap',
      { name: 'cluster-info', namespace: 'kube-public' },
      {
        data: { kubeconfig },
      },
    ),
    ...readers(
      'kubeadm:bootstrap-signer-clusterinfo',
      'cluster-info',
      ['system:anonymous'],
      'kube-public',
    ),
  ];
}
