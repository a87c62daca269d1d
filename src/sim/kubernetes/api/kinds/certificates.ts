// CertificateSigningRequest.

import { textOfBase64 } from '../../../core/base64.ts';
import { type KubeObject, sameJson } from '../object.ts';
import { humanDuration } from '../tables/ages.ts';
import { type Loose, table } from '../tables/columns.ts';
import type { CertificateSigningRequest } from '../types/certificates.ts';
import { type FieldError, fieldErrors } from '../validation/errors.ts';
import type { KindDescriptor, StrategyContext } from './descriptor.ts';

const asRequest = (object: KubeObject): CertificateSigningRequest =>
  object as unknown as CertificateSigningRequest;

/** Who asks is not for the client to say. */
function withRequester(object: KubeObject, { user }: StrategyContext): KubeObject {
  const { username: _, uid: __, groups: ___, extra: ____, ...spec } = asRequest(object).spec;
  return {
    ...object,
    spec: {
      ...spec,
      username: user.name,
      ...(user.uid === undefined ? {} : { uid: user.uid }),
      groups: user.groups,
      ...(user.extra === undefined ? {} : { extra: user.extra }),
    },
    status: {},
  };
}

const PEM_TYPE = 'CERTIFICATE REQUEST';
const SHORTEST_SECONDS = 600;

const USAGES = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];

function validate(object: KubeObject): FieldError[] {
  const { request, signerName, usages, expirationSeconds } = asRequest(object).spec;
  const errors: FieldError[] = [];
  const text = textOfBase64(request ?? '');
  if (!text.includes(`-----BEGIN ${PEM_TYPE}-----`)) {
    errors.push(
      fieldErrors.invalid('spec.request', request ?? null, `PEM block type must be ${PEM_TYPE}`),
    );
  }
  if ((usages ?? []).length === 0) errors.push(fieldErrors.required('spec.usages'));
  for (const [i, usage] of (usages ?? []).entries()) {
    const at = `spec.usages[${i}]`;
    if (!USAGES.includes(usage)) errors.push(fieldErrors.notSupported(at, usage, USAGES));
    if (usages?.indexOf(usage) !== i) errors.push(fieldErrors.duplicate(at, usage));
  }
  if (!signerName) errors.push(fieldErrors.required('spec.signerName'));
  else if (!/^[a-z0-9.-]+\.[a-z0-9.-]+\/.+$/.test(signerName)) {
    errors.push(
      fieldErrors.invalid(
        'spec.signerName',
        signerName,
        "must be a fully qualified domain and path of the form 'example.com/signer-name'",
      ),
    );
  }
  if (expirationSeconds !== undefined && expirationSeconds < SHORTEST_SECONDS) {
    errors.push(
      fieldErrors.invalid(
        'spec.expirationSeconds',
        expirationSeconds,
        `may not specify a duration less than ${SHORTEST_SECONDS} seconds (10 minutes)`,
      ),
    );
  }
  return errors;
}

function conditionCell(one: Loose): string {
  const types = new Set(one.list('status.conditions').map(({ type }) => String(type)));
  const states = [types.has('Denied') ? 'Denied' : types.has('Approved') ? 'Approved' : 'Pending'];
  if (types.has('Failed')) states.push('Failed');
  if (one.text('status.certificate') !== '') states.push('Issued');
  return states.join(',');
}

export const certificateSigningRequest: KindDescriptor = {
  kind: 'CertificateSigningRequest',
  group: 'certificates.k8s.io',
  version: 'v1',
  plural: 'certificatesigningrequests',
  singular: 'certificatesigningrequest',
  namespaced: false,
  shortNames: ['csr'],
  type: 'certificates/v1.CertificateSigningRequest',
  storage: 'certificatesigningrequests',
  hasStatus: true,
  subresources: [
    { name: 'approval', kind: 'CertificateSigningRequest', verbs: ['get', 'patch', 'update'] },
  ],
  prepareForCreate: withRequester,
  prepareForUpdate: (object, old) => ({ ...object, spec: old.spec }),
  prepareForStatusUpdate: (object, old) => {
    const approvals = (one: KubeObject): unknown =>
      (asRequest(one).status?.conditions ?? []).filter(({ type }) => type !== 'Failed');
    if (sameJson(approvals(object), approvals(old))) return object;
    const failed = (asRequest(object).status?.conditions ?? []).filter(
      ({ type }) => type === 'Failed',
    );
    const conditions = [...(approvals(old) as readonly object[]), ...failed];
    return { ...object, status: { ...(object.status as object), conditions } };
  },
  validate,
  selectableFields: {
    'spec.signerName': (object) => asRequest(object).spec.signerName,
  },
  table: table(['Age', 'SignerName', 'Requestor', 'RequestedDuration', 'Condition'], (one, age) => {
    const seconds = one.field('spec.expirationSeconds');
    return [
      age(),
      one.text('spec.signerName', '<none>'),
      one.text('spec.username'),
      typeof seconds === 'number' ? humanDuration(seconds) : '<none>',
      conditionCell(one),
    ];
  }),
};
