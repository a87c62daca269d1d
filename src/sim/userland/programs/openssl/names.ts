// Distinguished names: `/O=ops/CN=jane` as -subj takes it, `O = ops, CN = jane` as openssl prints it.

import type { Certificate, DistinguishedName } from '../../tls/certificate.ts';

/** Reads -subj; the text of the failure where it is malformed. */
export function readSubject(text: string): DistinguishedName | string {
  if (!text.startsWith('/')) {
    return `req: subject name is expected to be in the format /type0=value0/type1=value1/type2=... where characters may be escaped by \\. This name is not in that format: '${text}'`;
  }
  const name: [string, string][] = [];
  for (const part of text.slice(1).split(/(?<!\\)[/+]/)) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    if (equals < 0) return `req: Hit end of string before finding the '='`;
    const value = part.slice(equals + 1).replace(/\\(.)/g, '$1');
    if (value !== '') name.push([part.slice(0, equals), value]);
  }
  return name;
}

/** `O = ops, CN = jane`. */
export function printName(name: DistinguishedName): string {
  return name.map(([key, value]) => `${key} = ${value}`).join(', ');
}

/** Who a certificate is for; Go's tools write organizations before the common name. */
export function subjectOf(certificate: Certificate): DistinguishedName {
  if (certificate.subject) return certificate.subject;
  const organizations = certificate.organizations.map((value) => ['O', value] as const);
  return certificate.commonName === ''
    ? organizations
    : [...organizations, ['CN', certificate.commonName]];
}

/** Who signed a certificate. */
export function issuerOf(certificate: Certificate): DistinguishedName {
  return certificate.issuerName ?? [['CN', certificate.issuer]];
}

/** The fields of a certificate that a name gives. */
export function nameFacts(subject: DistinguishedName): {
  commonName: string;
  organizations: string[];
  subject: DistinguishedName;
} {
  const of = (wanted: string): string[] =>
    subject.filter(([key]) => key === wanted).map(([, value]) => value);
  return { commonName: of('CN').at(-1) ?? '', organizations: of('O'), subject };
}
