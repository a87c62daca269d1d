// Certificate signing requests (PKCS #10) by their facts: who asks, for which key and names. In a file a request is PEM
// around the facts, like certificates.

import { type DistinguishedName, fromPem } from './certificate.ts';

export interface CertificateRequest {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly subject: DistinguishedName;
  readonly key: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
}

/** The requests of a PEM file. */
export function requestsOf(pem: string): CertificateRequest[] {
  return fromPem(pem, 'CERTIFICATE REQUEST').filter(isRequest);
}

function isRequest(value: unknown): value is CertificateRequest {
  return typeof value === 'object' && value !== null && 'commonName' in value && 'subject' in value;
}
