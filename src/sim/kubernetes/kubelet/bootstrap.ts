// How a kubelet comes by its client certificate: from its kubeconfig, or by TLS bootstrapping with --bootstrap-kubeconfig. Either
// way it ends up in /var/lib/kubelet/pki. Left out: rotation before a certificate expires, serving certificates.

import { encode } from '../../core/text.ts';
import { epochMilliseconds, SECOND } from '../../core/time.ts';
import { type Routine, sleepUntil } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { dirName, writeFile } from '../../userland/libc/whole-file.ts';
import { toPem } from '../../userland/tls/certificate.ts';
import { base64Text, textOfBase64 } from '../../core/base64.ts';
import { type ApiClient, Refusal } from '../api/client.ts';
import { resources } from '../api/client-resources.ts';
import type { CertificateSigningRequest } from '../api/types/certificates.ts';
import { networkClient } from '../component/connect.ts';
import { loadKubeconfig, readText } from '../component/kubeconfig.ts';

const DIRECTORY = '/var/lib/kubelet/pki';
const CURRENT = `${DIRECTORY}/kubelet-client-current.pem`;
const SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet';

/** Keeps a certificate with its key under its date, and points kubelet-client-current.pem at it. */
function* store(process: Process, pem: string): Routine<void> {
  const stamp = new Date(epochMilliseconds(process.now))
    .toISOString()
    .slice(0, 19)
    .replace(/[T:]/g, '-');
  const path = `${DIRECTORY}/kubelet-client-${stamp}.pem`;
  process.mkdir(DIRECTORY, 0o750);
  yield* writeFile(process, path, encode(pem), 0o600);
  process.unlink(CURRENT);
  process.symlink(path, CURRENT);
}

/** A certificate that stands in the kubeconfig itself is kept as the first current one. */
function* keepEmbedded(process: Process, kubeconfig: string): Routine<void> {
  if (!isErrno(process.lstat(CURRENT))) return;
  const text = yield* readText(process, kubeconfig);
  if (isErrno(text)) return;
  const data = (name: string): string =>
    textOfBase64(new RegExp(`${name}-data: (\\S+)`).exec(text)?.[1] ?? '');
  const certificate = data('client-certificate');
  if (certificate !== '') yield* store(process, certificate + data('client-key'));
}

function* requestCertificate(
  process: Process,
  client: ApiClient,
  nodeName: string,
): Routine<string | Refusal> {
  const key = `kubelet/${nodeName}/${process.entropyKey()}`;
  const request = {
    commonName: `system:node:${nodeName}`,
    organizations: ['system:nodes'],
    subject: [
      ['O', 'system:nodes'],
      ['CN', `system:node:${nodeName}`],
    ],
    key,
    dnsNames: [],
    ipAddresses: [],
  };
  const object: CertificateSigningRequest = {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { generateName: 'csr-' },
    spec: {
      request: base64Text(toPem('CERTIFICATE REQUEST', request)),
      signerName: SIGNER,
      usages: ['digital signature', 'client auth'],
    },
  };
  const made = yield* client.create(resources.certificateSigningRequests, object);
  if (made instanceof Refusal) return made;
  for (;;) {
    const now = yield* client.get(
      resources.certificateSigningRequests,
      '',
      made.metadata.name ?? '',
    );
    if (now instanceof Refusal) return now;
    const certificate = now.status?.certificate;
    if (certificate) return textOfBase64(certificate) + toPem('PRIVATE KEY', { key });
    yield* sleepUntil(process.now + SECOND / 2);
  }
}

/** The kubeconfig with the bootstrap token's user replaced by the node's certificate. */
function nodeKubeconfig(bootstrap: string): string {
  const server = /server: (\S+)/.exec(bootstrap)?.[1] ?? '';
  const authority = /certificate-authority-data: (\S+)/.exec(bootstrap)?.[1] ?? '';
  return `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${authority}
    server: ${server}
  name: default-cluster
contexts:
- context:
    cluster: default-cluster
    namespace: default
    user: default-auth
  name: default-context
current-context: default-context
kind: Config
users:
- name: default-auth
  user:
    client-certificate: ${CURRENT}
    client-key: ${CURRENT}
`;
}

/** Where a kubelet's credentials are looked for. */
export interface CredentialPaths {
  readonly kubeconfig: string;
  readonly bootstrap: string | undefined;
}

/** Sees to it that the kubeconfig is there; why it cannot be, in the kubelet's words. */
export function* ensureCredentials(
  process: Process,
  nodeName: string,
  { kubeconfig, bootstrap }: CredentialPaths,
): Routine<string | undefined> {
  if (!isErrno(process.stat(kubeconfig)) || bootstrap === undefined) {
    yield* keepEmbedded(process, kubeconfig);
    return undefined;
  }
  const config = yield* loadKubeconfig(process, bootstrap);
  if (typeof config === 'string') return `unable to load bootstrap kubeconfig: ${config}`;
  for (;;) {
    const client = networkClient(process, config, 'kubelet');
    const pem = yield* requestCertificate(process, client, nodeName);
    if (typeof pem === 'string') {
      const text = yield* readText(process, bootstrap);
      yield* store(process, pem);
      process.mkdir(dirName(kubeconfig), 0o755);
      const made = nodeKubeconfig(isErrno(text) ? '' : text);
      yield* writeFile(process, kubeconfig, encode(made), 0o600);
      return undefined;
    }
    yield* sleepUntil(process.now + SECOND);
  }
}
