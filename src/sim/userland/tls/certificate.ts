// X.509 certificates by their facts (RFC 5280): who it is for, who signed it, when it holds. The cryptography is left out:
// a key is a name, a signature says which key made it. In a file a certificate is PEM around the facts.

import { base64Text, textOfBase64 } from '../../core/base64.ts';

/** What a certificate says. Times are milliseconds since 1970. */
export interface Certificate {
  readonly serial: string;
  readonly commonName: string;
  readonly organizations: readonly string[];
  /** The signer's common name, and its key. */
  readonly issuer: string;
  readonly signedBy: string;
  /** The key it is for. */
  readonly key: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly isAuthority: boolean;
  /** `digital signature`, `key encipherment`, `server auth`, `client auth` … */
  readonly usages: readonly string[];
  /** The whole distinguished names in their own order, where they say more than the fields above. */
  readonly subject?: DistinguishedName;
  readonly issuerName?: DistinguishedName;
}

/** Attributes of a distinguished name in order: `[['O', 'ops'], ['CN', 'jane']]`. */
export type DistinguishedName = readonly (readonly [string, string])[];

/** Why a certificate is not accepted; programs word it each in their own way. */
export type CertificateFault =
  | {
      readonly kind: 'unknown authority';
      readonly certificate: Certificate;
      readonly name: string | undefined;
    }
  | { readonly kind: 'expired'; readonly certificate: Certificate; readonly now: number }
  | { readonly kind: 'not yet valid'; readonly certificate: Certificate; readonly now: number }
  | { readonly kind: 'wrong name'; readonly certificate: Certificate; readonly name: string };

/** True where `name` (a DNS name or an address) is one the certificate is for. Wildcards stand for one label. */
export function isFor(certificate: Certificate, name: string): boolean {
  if (certificate.ipAddresses.includes(name)) return true;
  const wanted = name.toLowerCase().replace(/\.$/, '');
  return certificate.dnsNames.some((pattern) => {
    if (!pattern.startsWith('*.')) return pattern.toLowerCase() === wanted;
    const dot = wanted.indexOf('.');
    return dot > 0 && wanted.slice(dot + 1) === pattern.slice(2).toLowerCase();
  });
}

/** Checks a certificate at a time against authorities; `name` undefined: any name will do (clients). */
export function verify(
  certificate: Certificate,
  authorities: readonly Certificate[],
  now: number,
  name: string | undefined,
): CertificateFault | undefined {
  if (now > certificate.notAfter) return { kind: 'expired', certificate, now };
  if (now < certificate.notBefore) return { kind: 'not yet valid', certificate, now };
  const signer = authorities.find((authority) => authority.key === certificate.signedBy);
  if (!signer && !authorities.some((authority) => authority.key === certificate.key)) {
    return { kind: 'unknown authority', certificate, name };
  }
  if (name !== undefined && !isFor(certificate, name))
    return { kind: 'wrong name', certificate, name };
  return undefined;
}

/** How Go's crypto/x509 words a fault, as kubectl, etcdctl and docker print it. */
export function x509Error(fault: CertificateFault): string {
  switch (fault.kind) {
    case 'unknown authority':
      // Go looks at the name before it looks for a signer.
      if (fault.name !== undefined && !isFor(fault.certificate, fault.name))
        return wrongName(fault.certificate, fault.name);
      return 'x509: certificate signed by unknown authority';
    case 'expired':
      return `x509: certificate has expired or is not yet valid: current time ${iso(fault.now)} is after ${iso(fault.certificate.notAfter)}`;
    case 'not yet valid':
      return `x509: certificate has expired or is not yet valid: current time ${iso(fault.now)} is before ${iso(fault.certificate.notBefore)}`;
    case 'wrong name':
      return wrongName(fault.certificate, fault.name);
  }
}

function wrongName(certificate: Certificate, name: string): string {
  if (/^[\d.]+$|:/.test(name)) {
    if (certificate.ipAddresses.length === 0) {
      return `x509: cannot validate certificate for ${name} because it doesn't contain any IP SANs`;
    }
    return `x509: certificate is valid for ${certificate.ipAddresses.join(', ')}, not ${name}`;
  }
  if (certificate.dnsNames.length === 0) {
    return `x509: certificate is not valid for any names, but wanted to match ${name}`;
  }
  return `x509: certificate is valid for ${certificate.dnsNames.join(', ')}, not ${name}`;
}

function iso(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

/** PEM (RFC 7468) around any object: how certificates and keys are kept in files. */
export function toPem(label: string, object: unknown): string {
  const lines = base64Text(JSON.stringify(object)).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** The objects of all blocks with a label; what cannot be read is left out. */
export function fromPem(text: string, label: string): unknown[] {
  const found: unknown[] = [];
  const pattern = new RegExp(`-----BEGIN ${label}-----\\s*([^-]*)-----END ${label}-----`, 'g');
  for (const match of text.matchAll(pattern)) {
    try {
      found.push(JSON.parse(textOfBase64(match[1] ?? '')));
    } catch {
      // Not one of ours: a block of real DER, or damaged. The caller sees that it is missing.
    }
  }
  return found;
}

/** The certificates of a PEM file. */
export function certificatesOf(pem: string): Certificate[] {
  return fromPem(pem, 'CERTIFICATE').filter(isCertificate);
}

function isCertificate(value: unknown): value is Certificate {
  return (
    typeof value === 'object' && value !== null && 'commonName' in value && 'signedBy' in value
  );
}
