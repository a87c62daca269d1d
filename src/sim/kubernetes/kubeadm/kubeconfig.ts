// kubeconfig files as kubeadm's phase `kubeconfig` writes them: one cluster, one user with a client certificate, one context.

import { base64Text } from '../api/base64.ts';
import { certificatePem, type ClusterPki, issue, keyPem } from './pki.ts';

export interface KubeconfigUser {
  /** The user's entry and the certificate's common name: `system:node:node01`. */
  readonly name: string;
  readonly organizations: readonly string[];
}

/** Where a kubeconfig leads. */
export interface KubeconfigCluster {
  readonly server: string;
  /** `kubernetes`. */
  readonly name: string;
}

/** The text of a kubeconfig with certificates inside. */
export function kubeconfigText(
  pki: ClusterPki,
  seed: string,
  cluster: KubeconfigCluster,
  user: KubeconfigUser,
  context = `${user.name}@${cluster.name}`,
): string {
  const own = issue(seed, pki.authority.certificate, {
    commonName: user.name,
    organizations: user.organizations,
    usages: ['digital signature', 'key encipherment', 'client auth'],
  });
  return [
    'apiVersion: v1',
    'clusters:',
    '- cluster:',
    `    certificate-authority-data: ${base64Text(certificatePem(pki.authority))}`,
    `    server: ${cluster.server}`,
    `  name: ${cluster.name}`,
    'contexts:',
    '- context:',
    `    cluster: ${cluster.name}`,
    `    user: ${user.name}`,
    `  name: ${context}`,
    `current-context: ${context}`,
    'kind: Config',
    'users:',
    `- name: ${user.name}`,
    '  user:',
    `    client-certificate-data: ${base64Text(certificatePem(own))}`,
    `    client-key-data: ${base64Text(keyPem(own))}`,
    '',
  ].join('\n');
}

/** The kubeconfigs in /etc/kubernetes by file name, with their users. */
export function componentUsers(nodeName: string): Readonly<Record<string, KubeconfigUser>> {
  return {
    'admin.conf': { name: 'kubernetes-admin', organizations: ['kubeadm:cluster-admins'] },
    'super-admin.conf': { name: 'kubernetes-super-admin', organizations: ['system:masters'] },
    'kubelet.conf': { name: `system:node:${nodeName}`, organizations: ['system:nodes'] },
    'controller-manager.conf': { name: 'system:kube-controller-manager', organizations: [] },
    'scheduler.conf': { name: 'system:kube-scheduler', organizations: [] },
  };
}
