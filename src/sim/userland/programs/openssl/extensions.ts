// X.509 v3 extensions as openssl's configuration writes them (`subjectAltName = DNS:a,IP:1.2.3.4`) and as it prints them.

import type { Certificate } from '../../tls/certificate.ts';

/** What extensions say of a certificate. */
export type Extensions = Pick<Certificate, 'dnsNames' | 'ipAddresses' | 'isAuthority' | 'usages'>;

export const NO_EXTENSIONS: Extensions = {
  dnsNames: [],
  ipAddresses: [],
  isAuthority: false,
  usages: [],
};

/** Configuration name, name among a certificate's usages, what -text prints. */
const KEY_USAGES: readonly (readonly [string, string, string])[] = [
  ['digitalSignature', 'digital signature', 'Digital Signature'],
  ['nonRepudiation', 'content commitment', 'Non Repudiation'],
  ['keyEncipherment', 'key encipherment', 'Key Encipherment'],
  ['dataEncipherment', 'data encipherment', 'Data Encipherment'],
  ['keyAgreement', 'key agreement', 'Key Agreement'],
  ['keyCertSign', 'cert sign', 'Certificate Sign'],
  ['cRLSign', 'crl sign', 'CRL Sign'],
];
const EXTENDED_USAGES: readonly (readonly [string, string, string])[] = [
  ['serverAuth', 'server auth', 'TLS Web Server Authentication'],
  ['clientAuth', 'client auth', 'TLS Web Client Authentication'],
  ['codeSigning', 'code signing', 'Code Signing'],
  ['emailProtection', 'email protection', 'E-mail Protection'],
];

/** A configuration file as sections of assignments; what stands before the first is section ''. */
export function readConfiguration(text: string): Map<string, [string, string][]> {
  const sections = new Map<string, [string, string][]>([['', []]]);
  let section = '';
  for (const raw of text.split('\n')) {
    const line = raw.replace(/#.*/, '').trim();
    const head = /^\[\s*(.*?)\s*\]$/.exec(line)?.[1];
    if (head !== undefined) {
      section = head;
      if (!sections.has(section)) sections.set(section, []);
      continue;
    }
    const equals = line.indexOf('=');
    if (equals < 0) continue;
    sections.get(section)?.push([line.slice(0, equals).trim(), line.slice(equals + 1).trim()]);
  }
  return sections;
}

/** The extensions of a section; `@name` values stand in a section of their own. */
export function readExtensions(
  entries: readonly (readonly [string, string])[],
  sections: ReadonlyMap<string, readonly (readonly [string, string])[]>,
  before: Extensions = NO_EXTENSIONS,
): Extensions {
  let { dnsNames, ipAddresses, isAuthority, usages } = before;
  for (const [name, value] of entries) {
    const words = value.split(',').map((word) => word.trim());
    if (name === 'subjectAltName') {
      const list = words.flatMap((word) =>
        word.startsWith('@')
          ? (sections.get(word.slice(1)) ?? []).map(([key, v]) => `${key.split('.')[0]}:${v}`)
          : [word],
      );
      dnsNames = list.filter((w) => w.startsWith('DNS:')).map((w) => w.slice(4));
      ipAddresses = list.filter((w) => w.startsWith('IP:')).map((w) => w.slice(3));
    } else if (name === 'basicConstraints') isAuthority = words.includes('CA:TRUE');
    else if (name === 'keyUsage' || name === 'extendedKeyUsage') {
      const table = name === 'keyUsage' ? KEY_USAGES : EXTENDED_USAGES;
      const found = table.filter(([key]) => words.includes(key)).map(([, usage]) => usage);
      usages = [...usages, ...found];
    }
  }
  return { dnsNames, ipAddresses, isAuthority, usages };
}

/** One extension as it is printed: configuration name, title with `critical`, value. */
export interface PrintedExtension {
  readonly name: string;
  readonly title: string;
  readonly value: string;
}

/** The extensions of a certificate in the order in which Go and openssl write them. */
export function printExtensions(certificate: Extensions): PrintedExtension[] {
  const named = (table: typeof KEY_USAGES): string =>
    table
      .filter(([, usage]) => certificate.usages.includes(usage))
      .map(([, , text]) => text)
      .join(', ');
  const list: PrintedExtension[] = [];
  const add = (name: string, title: string, value: string): void => {
    if (value !== '') list.push({ name, title, value });
  };
  add('keyUsage', 'X509v3 Key Usage: critical', named(KEY_USAGES));
  add('extendedKeyUsage', 'X509v3 Extended Key Usage: ', named(EXTENDED_USAGES));
  const constraint = certificate.isAuthority ? 'CA:TRUE' : 'CA:FALSE';
  add('basicConstraints', 'X509v3 Basic Constraints: critical', constraint);
  const names = [
    ...certificate.dnsNames.map((name) => `DNS:${name}`),
    ...certificate.ipAddresses.map((address) => `IP Address:${longAddress(address)}`),
  ];
  add('subjectAltName', 'X509v3 Subject Alternative Name: ', names.join(', '));
  return list;
}

/** IPv6 addresses with all eight groups. */
function longAddress(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toUpperCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array<string>(zeros).fill('0'), ...right].join(':');
}
