// The certificates of a cluster as kubeadm's phase `certs` makes them: three authorities, servers, clients, and the key pair
// that signs service account tokens. Keys are names (see userland/tls/certificate.ts).

import { sha256 } from '../../core/sha256.ts';
import { encode } from '../../core/text.ts';
import { START_OF_TIME } from '../../core/time.ts';
import { type Certificate, toPem } from '../../userland/tls/certificate.ts';

const MINUTE = 60_000;
const DAY = 24 * 3600 * 1000;
export const YEAR = 365 * DAY;
const PKI = '/etc/kubernetes/pki';
const SERVES = ['digital signature', 'key encipherment', 'server auth'];
const ASKS = ['digital signature', 'key encipherment', 'client auth'];

/** Whom a cluster's certificates are for. */
export interface PkiNames {
  readonly nodeName: string;
  readonly address: string;
  /** `cluster.local`. */
  readonly dnsDomain: string;
  /** The first address of the services' range. */
  readonly serviceAddress: string;
  /** The control plane's endpoint without its port, where there is one. */
  readonly endpoint?: string | undefined;
  /** More names and addresses of the API server, of etcd's server and of its peer. */
  readonly extraNames?: readonly string[];
  readonly etcdServerNames?: readonly string[];
  readonly etcdPeerNames?: readonly string[];
}

/** A certificate with the name of the key that it is for. */
export interface KeyPair {
  readonly certificate: Certificate;
  readonly key: string;
}

/** An authority: its phase, its file, its name; the name that `certs renew` and its like have for it. */
export interface AuthorityPlan {
  readonly phase: string;
  readonly base: string;
  readonly commonName: string;
}

export const AUTHORITIES: readonly AuthorityPlan[] = [
  { phase: 'ca', base: 'ca', commonName: 'kubernetes' },
  { phase: 'front-proxy-ca', base: 'front-proxy-ca', commonName: 'front-proxy-ca' },
  { phase: 'etcd-ca', base: 'etcd/ca', commonName: 'etcd-ca' },
];

type Facts = Pick<Certificate, 'commonName'> & Partial<Certificate>;

/** A certificate: its phase, its file, the phase of the authority that signs it, what renewing it says, what it is for. */
export interface LeafPlan {
  readonly phase: string;
  readonly base: string;
  readonly authority: string;
  readonly longName: string;
  facts(names: PkiNames): Facts;
}

function isIp(name: string): boolean {
  return /^[\d.]+$|:/.test(name);
}

/** Names sorted, addresses in order; extra ones are added to both. */
function alternatives(
  dnsNames: readonly string[],
  ipAddresses: readonly string[],
  extra: readonly string[] = [],
): Pick<Certificate, 'dnsNames' | 'ipAddresses'> {
  return {
    dnsNames: [...new Set([...dnsNames, ...extra.filter((name) => !isIp(name))])].sort(),
    ipAddresses: [...new Set([...ipAddresses, ...extra.filter(isIp)])],
  };
}

function etcdServing(names: PkiNames, extra: readonly string[] | undefined): Facts {
  return {
    commonName: names.nodeName,
    usages: [...SERVES, 'client auth'],
    ...alternatives([names.nodeName, 'localhost'], [names.address, '127.0.0.1', '::1'], extra),
  };
}

export const LEAVES: readonly LeafPlan[] = [
  {
    phase: 'apiserver',
    base: 'apiserver',
    authority: 'ca',
    longName: 'certificate for serving the Kubernetes API',
    facts: ({ nodeName, address, dnsDomain, serviceAddress, endpoint, extraNames }) => ({
      commonName: 'kube-apiserver',
      usages: SERVES,
      ...alternatives(
        [
          nodeName,
          'kubernetes',
          'kubernetes.default',
          'kubernetes.default.svc',
          `kubernetes.default.svc.${dnsDomain}`,
        ],
        [serviceAddress, address],
        endpoint === undefined ? extraNames : [endpoint, ...(extraNames ?? [])],
      ),
    }),
  },
  {
    phase: 'apiserver-kubelet-client',
    base: 'apiserver-kubelet-client',
    authority: 'ca',
    longName: 'certificate for the API server to connect to kubelet',
    facts: () => ({ commonName: 'kube-apiserver-kubelet-client', usages: ASKS }),
  },
  {
    phase: 'front-proxy-client',
    base: 'front-proxy-client',
    authority: 'front-proxy-ca',
    longName: 'certificate for the front proxy client',
    facts: () => ({ commonName: 'front-proxy-client', usages: ASKS }),
  },
  {
    phase: 'etcd-server',
    base: 'etcd/server',
    authority: 'etcd-ca',
    longName: 'certificate for serving etcd',
    facts: (names) => etcdServing(names, names.etcdServerNames),
  },
  {
    phase: 'etcd-peer',
    base: 'etcd/peer',
    authority: 'etcd-ca',
    longName: 'certificate for etcd nodes to communicate with each other',
    facts: (names) => etcdServing(names, names.etcdPeerNames),
  },
  {
    phase: 'etcd-healthcheck-client',
    base: 'etcd/healthcheck-client',
    authority: 'etcd-ca',
    longName: 'certificate for liveness probes to healthcheck etcd',
    facts: () => ({ commonName: 'kube-etcd-healthcheck-client', usages: ASKS }),
  },
  {
    phase: 'apiserver-etcd-client',
    base: 'apiserver-etcd-client',
    authority: 'etcd-ca',
    longName: 'certificate the apiserver uses to access etcd',
    facts: () => ({ commonName: 'kube-apiserver-etcd-client', usages: ASKS }),
  },
];

/** The order in which `certs all` makes them. */
export const CERT_PHASES = [
  'ca',
  'apiserver',
  'apiserver-kubelet-client',
  'front-proxy-ca',
  'front-proxy-client',
  'etcd-ca',
  'etcd-server',
  'etcd-peer',
  'etcd-healthcheck-client',
  'apiserver-etcd-client',
  'sa',
] as const;

/**
 * A certificate signed by `signer` (itself where none is given). `seed` makes its key different from every other's; `now` is
 * in milliseconds since 1970.
 */
export function issue(
  seed: string,
  signer: Certificate | undefined,
  facts: Facts,
  now = START_OF_TIME,
): KeyPair {
  const key = `${seed}/${facts.commonName}/${signer?.commonName ?? 'self'}`;
  const certificate: Certificate = {
    serial: serialOf(`${key}/${now}`),
    organizations: [],
    issuer: signer?.commonName ?? facts.commonName,
    signedBy: signer?.key ?? key,
    key,
    notBefore: signer?.notBefore ?? now - 5 * MINUTE,
    notAfter: now + (signer ? YEAR : 10 * YEAR),
    dnsNames: signer ? [] : [facts.commonName],
    ipAddresses: [],
    isAuthority: signer === undefined,
    usages: signer ? [] : ['digital signature', 'key encipherment', 'certificate sign'],
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
export function keyPem(pair: Pick<KeyPair, 'key'>): string {
  return toPem('RSA PRIVATE KEY', { key: pair.key });
}
export function publicKeyPem(key: string): string {
  return toPem('PUBLIC KEY', { key });
}

/** The SHA-256 of an authority's public key as it stands in join commands: `sha256:…` (RFC 7469). */
export function publicKeyPin({ key }: Certificate): string {
  return `sha256:${sha256(encode(JSON.stringify({ key })))}`;
}

/** Everything under /etc/kubernetes/pki, and the authority that signs kubeconfigs. */
export interface ClusterPki {
  readonly authority: KeyPair;
  /** Texts by path. */
  readonly files: ReadonlyMap<string, string>;
}

/** Makes all of a cluster's certificates at once; `authorityName` is `kubernetes`, minikube's is `minikubeCA`. */
export function clusterPki(
  seed: string,
  names: PkiNames,
  authorityName = 'kubernetes',
): ClusterPki {
  const files = new Map<string, string>();
  const keep = (base: string, pair: KeyPair): KeyPair => {
    files.set(`${PKI}/${base}.crt`, certificatePem(pair));
    files.set(`${PKI}/${base}.key`, keyPem(pair));
    return pair;
  };
  const signers = new Map<string, KeyPair>();
  for (const { phase, base, commonName } of AUTHORITIES) {
    const name = phase === 'ca' ? authorityName : commonName;
    signers.set(phase, keep(base, issue(seed, undefined, { commonName: name })));
  }
  for (const { base, authority, facts } of LEAVES)
    keep(base, issue(`${seed}/${base}`, signers.get(authority)?.certificate, facts(names)));
  files.set(`${PKI}/sa.key`, keyPem({ key: `${seed}/sa` }));
  files.set(`${PKI}/sa.pub`, publicKeyPem(`${seed}/sa`));
  return { authority: signers.get('ca') as KeyPair, files };
}
