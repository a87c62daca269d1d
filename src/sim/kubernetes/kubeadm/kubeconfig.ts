// kubeconfig files as kubeadm's phase `kubeconfig` writes them: one cluster, one user with a client certificate, one context.

import { base64Text } from '../../core/base64.ts';
import type { Certificate } from '../../userland/tls/certificate.ts';
import { type ClusterPki, certificatePem, issue, keyPem } from './pki.ts';

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

/** The context's name where it is not `user@cluster`, and the namespace that it is about. */
export interface KubeconfigContext {
  readonly name?: string;
  readonly namespace?: string;
}

/** What a kubeconfig's user proves itself with. */
export type Credentials =
  | { readonly certificate: string; readonly key: string }
  | { readonly certificatePath: string; readonly keyPath: string }
  | { readonly token: string }
  /** Without a certificate yet: it has been asked for. */
  | { readonly key: string };

function credentialLines(credentials: Credentials): string[] {
  if ('token' in credentials) return [`    token: ${credentials.token}`];
  if ('certificatePath' in credentials) {
    return [
      `    client-certificate: ${credentials.certificatePath}`,
      `    client-key: ${credentials.keyPath}`,
    ];
  }
  return [
    ...('certificate' in credentials
      ? [`    client-certificate-data: ${base64Text(credentials.certificate)}`]
      : []),
    `    client-key-data: ${base64Text(credentials.key)}`,
  ];
}

/** The text of a kubeconfig: one cluster with its authority inside (none where '' is given), one user, one context. */
export function kubeconfigOf(
  authorityPem: string,
  cluster: KubeconfigCluster,
  user: string,
  credentials: Credentials,
  { name, namespace }: KubeconfigContext = {},
): string {
  const context = name ?? `${user}@${cluster.name}`;
  return [
    'apiVersion: v1',
    'clusters:',
    '- cluster:',
    ...(authorityPem ? [`    certificate-authority-data: ${base64Text(authorityPem)}`] : []),
    `    server: ${cluster.server}`,
    `  name: ${cluster.name}`,
    'contexts:',
    '- context:',
    `    cluster: ${cluster.name}`,
    ...(namespace ? [`    namespace: ${namespace}`] : []),
    `    user: ${user}`,
    `  name: ${context}`,
    `current-context: ${context}`,
    'kind: Config',
    'users:',
    `- name: ${user}`,
    '  user:',
    ...credentialLines(credentials),
    '',
  ].join('\n');
}

/** A client's certificate for a user, as PEM. */
export function clientCredentials(
  seed: string,
  authority: Certificate,
  user: KubeconfigUser,
  now?: number,
): { certificate: string; key: string } {
  const own = issue(
    seed,
    authority,
    {
      commonName: user.name,
      organizations: user.organizations,
      usages: ['digital signature', 'key encipherment', 'client auth'],
    },
    now,
  );
  return { certificate: certificatePem(own), key: keyPem(own) };
}

/** The text of a kubeconfig with a fresh certificate inside. */
export function kubeconfigText(
  pki: ClusterPki,
  seed: string,
  cluster: KubeconfigCluster,
  user: KubeconfigUser,
  context?: KubeconfigContext,
): string {
  const credentials = clientCredentials(seed, pki.authority.certificate, user);
  return kubeconfigOf(certificatePem(pki.authority), cluster, user.name, credentials, context);
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
