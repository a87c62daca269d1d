// What the cluster's own signers demand of a request, and the certificate that they make of it. Pure.

import type { CertificateSigningRequest } from '../../api/types/certificates.ts';
import type { Certificate, DistinguishedName } from '../../../userland/tls/certificate.ts';
import type { CertificateRequest } from '../../../userland/tls/request.ts';

const BASE = ['digital signature', 'key encipherment'];
const YEAR = 365 * 24 * 3600_000;
/** How far back a certificate is valid, for clocks that are behind. */
const BACKDATE = 5 * 60_000;

/** The signers that this cluster is, with the usages that each gives. */
const SIGNERS: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/kube-apiserver-client': ['client auth'],
  'kubernetes.io/kube-apiserver-client-kubelet': ['client auth'],
  'kubernetes.io/kubelet-serving': ['server auth'],
  'kubernetes.io/legacy-unknown': [],
};

/** Whether the signer is one of the cluster's own. */
export function isOwnSigner(name: string): boolean {
  return name in SIGNERS;
}

function isNode({ commonName, organizations }: CertificateRequest): boolean {
  return (
    commonName.startsWith('system:node:') &&
    organizations.length === 1 &&
    organizations[0] === 'system:nodes'
  );
}

/** Why a signer will not sign; undefined: it will. */
export function refusalOf(
  { spec }: CertificateSigningRequest,
  request: CertificateRequest,
): string | undefined {
  const needed = SIGNERS[spec.signerName] ?? [];
  const usages = spec.usages ?? [];
  if (needed.length > 0) {
    const allowed = [...BASE, ...needed];
    const missing = needed.some((usage) => !usages.includes(usage));
    if (missing || usages.some((usage) => !allowed.includes(usage))) {
      return `usages did not match [${allowed.join(' ')}]`;
    }
  }
  const names = request.dnsNames.length + request.ipAddresses.length;
  switch (spec.signerName) {
    case 'kubernetes.io/kube-apiserver-client-kubelet':
      if (!isNode(request)) return 'subject organization is not system:nodes';
      return names > 0 ? 'DNS subjectAltNames are not allowed' : undefined;
    case 'kubernetes.io/kubelet-serving':
      if (!isNode(request)) return 'subject organization is not system:nodes';
      return names === 0 ? 'DNS or IP subjectAltName is required' : undefined;
    default:
      return undefined;
  }
}

/** The order in which Go writes the attributes of a name (crypto/x509/pkix). */
const NAME_ORDER = ['C', 'O', 'OU', 'L', 'ST', 'STREET', 'postalCode', 'CN', 'serialNumber'];

function inGoOrder(name: DistinguishedName): DistinguishedName {
  const place = (attribute: string): number => {
    const at = NAME_ORDER.indexOf(attribute);
    return at < 0 ? NAME_ORDER.length : at;
  };
  return [...name].sort(([a], [b]) => place(a) - place(b));
}

/** The certificate for a request; `now` in milliseconds since 1970. */
export function signRequest(
  { spec }: CertificateSigningRequest,
  request: CertificateRequest,
  authority: Certificate,
  serial: string,
  now: number,
): Certificate {
  const wanted = spec.expirationSeconds === undefined ? YEAR : spec.expirationSeconds * 1000;
  const { commonName, organizations, dnsNames, ipAddresses, key, subject } = request;
  return {
    serial,
    commonName,
    organizations,
    subject: inGoOrder(subject),
    dnsNames,
    ipAddresses,
    key,
    issuer: authority.commonName,
    signedBy: authority.key,
    ...(authority.subject ? { issuerName: authority.subject } : {}),
    notBefore: now - BACKDATE,
    notAfter: Math.min(now + Math.min(wanted, YEAR) - BACKDATE, authority.notAfter),
    isAuthority: false,
    usages: spec.usages ?? [],
  };
}
