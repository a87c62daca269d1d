// The certificates of a cluster as kubeadm's phase `certs` makes them: three authorities, servers, clients, and the key pair
// that signs service account tokens. Keys are names (see userland/tls/certificate.ts).

import { sha256 } from '../../core/sha256.ts';
import { encode } from '../../core/text.ts';
import { START_OF_TIME } from '../../core/time.ts';
import { type Certificate, toPem } from '../../userland/tls/certificate.ts';

const DAY = 24 * 3600 * 1000;
const YEAR = 365 * DAY;
const PKI = '/etc/kubernetes/pki';
const SERVES = ['digital signature', 'key encipherment', 'server auth'];
const ASKS = ['digital signature', 'key encipherment', 'client auth'];

/** Whom a cluster's certificates are for. */
export interface PkiOptions {
  /** Makes this cluster's keys different from every other's. */
  readonly seed: string;
  readonly nodeName: string;
  readonly address: string;
  /** The name that kubeadm gives authorities is `kubernetes`; minikube's is `minikubeCA`. */
  readonly authorityName: string;
  /** More names and addresses of the API server. */
  readonly extraNames?: readonly string[];
}

/** A certificate with the name of the key that it is for. */
export interface KeyPair {
  readonly certificate: Certificate;
  readonly key: string;
}

/** Everything under /etc/kubernetes/pki, and the authority that signs kubeconfigs. */
export interface ClusterPki {
  readonly authority: KeyPair;
  /** Texts by path. */
  readonly files: ReadonlyMap<string, string>;
}

/** A certificate signed by `signer` (itself where none is given). */
export function issue(
  seed: string,
  signer: Certificate | undefined,
  facts: Pick<Certificate, 'commonName'> & Partial<Certificate>,
): KeyPair {
  const key = `${seed}/${facts.commonName}/${signer?.commonName ?? 'self'}`;
  const certificate: Certificate = {
    serial: serialOf(key),
    organizations: [],
    issuer: signer?.commonName ?? facts.commonName,
    signedBy: signer?.key ?? key,
    key,
    notBefore: START_OF_TIME - DAY,
    notAfter: START_OF_TIME + (signer ? YEAR : 10 * YEAR),
    dnsNames: [],
    ipAddresses: [],
    isAuthority: signer === undefined,
    usages: [],
    ...facts,
  };
  return { certificate, key };
}

/** A serial number: 63 bits of the key's hash. */
function serialOf(key: string): string {
  return (BigInt(`0x${sha256(encode(key)).slice(0, 16)}`) >> 1n).toString();
}

/** The PEM text of a certificate, and of its key. */
export function certificatePem(pair: KeyPair): string {
  return toPem('CERTIFICATE', pair.certificate);
}
export function keyPem(pair: KeyPair): string {
  return toPem('RSA PRIVATE KEY', { key: pair.key });
}

/** Makes all of a cluster's certificates. */
export function clusterPki(options: PkiOptions): ClusterPki {
  const { seed, nodeName, address, authorityName, extraNames = [] } = options;
  const files = new Map<string, string>();
  const keep = (name: string, pair: KeyPair): KeyPair => {
    files.set(`${PKI}/${name}.crt`, certificatePem(pair));
    files.set(`${PKI}/${name}.key`, keyPem(pair));
    return pair;
  };
  const authority = keep('ca', issue(seed, undefined, { commonName: authorityName }));
  const front = keep('front-proxy-ca', issue(seed, undefined, { commonName: 'front-proxy-ca' }));
  const etcd = keep('etcd/ca', issue(seed, undefined, { commonName: 'etcd-ca' }));
  const isIp = (name: string): boolean => /^[\d.]+$/.test(name);
  const { certificate: ca } = authority;
  keep(
    'apiserver',
    issue(seed, ca, {
      commonName: 'kube-apiserver',
      usages: SERVES,
      dnsNames: [
        nodeName,
        'kubernetes',
        'kubernetes.default',
        'kubernetes.default.svc',
        'kubernetes.default.svc.cluster.local',
        ...extraNames.filter((name) => !isIp(name)),
      ],
      ipAddresses: ['10.96.0.1', address, ...extraNames.filter(isIp)],
    }),
  );
  keep(
    'apiserver-kubelet-client',
    issue(seed, ca, {
      commonName: 'kube-apiserver-kubelet-client',
      organizations: ['kubeadm:cluster-admins'],
      usages: ASKS,
    }),
  );
  keep(
    'front-proxy-client',
    issue(seed, front.certificate, { commonName: 'front-proxy-client', usages: ASKS }),
  );
  for (const name of ['server', 'peer'] as const) {
    keep(
      `etcd/${name}`,
      issue(seed, etcd.certificate, {
        commonName: nodeName,
        usages: [...SERVES, 'client auth'],
        dnsNames: [nodeName, 'localhost'],
        ipAddresses: [address, '127.0.0.1'],
      }),
    );
  }
  const client = { organizations: ['system:masters'], usages: ASKS };
  keep(
    'etcd/healthcheck-client',
    issue(seed, etcd.certificate, { commonName: 'kube-etcd-healthcheck-client', ...client }),
  );
  keep(
    'apiserver-etcd-client',
    issue(seed, etcd.certificate, { commonName: 'kube-apiserver-etcd-client', ...client }),
  );
  files.set(`${PKI}/sa.key`, toPem('RSA PRIVATE KEY', { key: `${seed}/sa` }));
  files.set(`${PKI}/sa.pub`, toPem('PUBLIC KEY', { key: `${seed}/sa` }));
  return { authority, files };
}
