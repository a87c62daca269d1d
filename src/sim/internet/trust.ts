// The authority that signed the certificates of the simulated internet, as machines keep those that they trust.

import { DAY, START_OF_TIME } from '../core/time.ts';
import { type Certificate, toPem } from '../userland/tls/certificate.ts';

const TRUSTED_AUTHORITY: Certificate = {
  serial: '0',
  commonName: 'Simulated Trust',
  organizations: [],
  issuer: 'Simulated Trust',
  signedBy: 'simulated-trust',
  key: 'simulated-trust',
  notBefore: START_OF_TIME - 3650 * (DAY / 1e6),
  notAfter: START_OF_TIME + 3650 * (DAY / 1e6),
  dnsNames: [],
  ipAddresses: [],
  isAuthority: true,
  usages: ['certificate sign'],
};

/** /etc/ssl/certs/ca-certificates.crt. */
export const TRUSTED_AUTHORITIES: string = toPem('CERTIFICATE', TRUSTED_AUTHORITY);
