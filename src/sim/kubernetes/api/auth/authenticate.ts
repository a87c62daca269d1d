// Authentication: who asks, by client certificate, bearer token, or not at all.

import { sha256 } from '../../../core/sha256.ts';
import { encode } from '../../../core/text.ts';
import type { HttpRequest } from '../../../userland/http/message.ts';
import type { ServerParts } from '../handlers/context.ts';
import type { UserInfo } from '../kinds/descriptor.ts';
import { type ApiError, apiErrors } from '../status.ts';
import { userOfToken } from './tokens.ts';

const AUTHENTICATED = 'system:authenticated';

/** The user without credentials. */
export const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

type Certificate = NonNullable<NonNullable<HttpRequest['peer']>['certificate']>;

/** The user with the groups that every authenticated one has. */
export function withAuthenticated(user: UserInfo): UserInfo {
  return user.groups.includes(AUTHENTICATED)
    ? user
    : { ...user, groups: [...user.groups, AUTHENTICATED] };
}

/** The hash by which a certificate is known in audit logs. */
function credentialId(certificate: Certificate): string {
  const subject = `${certificate.commonName}/${certificate.organizations.join(',')}`;
  return `X509SHA256=${sha256(encode(subject))}`;
}

/** Users by the certificate that their connection showed: it stays the same for all requests on it. */
const certificateUsers = new WeakMap<Certificate, UserInfo>();

function certificateUser(certificate: Certificate): UserInfo {
  const known = certificateUsers.get(certificate);
  if (known) return known;
  const user = withAuthenticated({
    name: certificate.commonName,
    groups: certificate.organizations,
    extra: { 'authentication.kubernetes.io/credential-id': [credentialId(certificate)] },
  });
  certificateUsers.set(certificate, user);
  return user;
}

/** Finds out who asks. A certificate goes before a token; a wrong token is refused. */
export function authenticate(server: ServerParts, request: HttpRequest): UserInfo | ApiError {
  const certificate = request.peer?.certificate;
  if (certificate) return certificateUser(certificate);
  const header = request.headers.authorization ?? '';
  const token = /^Bearer\s+(.+)$/i.exec(header)?.[1];
  if (token === undefined) return request.peer?.unverified ? apiErrors.unauthorized() : ANONYMOUS;
  const user = userOfToken(server, token.trim());
  return user ? withAuthenticated(user) : apiErrors.unauthorized();
}
