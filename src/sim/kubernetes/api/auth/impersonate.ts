// Impersonation: Impersonate-User and Impersonate-Group headers, for those who may.

import type { HttpRequest } from '../../../userland/http/message.ts';
import type { ServerParts } from '../handlers/context.ts';
import type { UserInfo } from '../kinds/descriptor.ts';
import { type ApiError, apiErrors } from '../status.ts';
import { withAuthenticated } from './authenticate.ts';
import { mayDo } from './authorize.ts';

const ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

/** The user that the request wants to be, if it says so and may. Several groups are parted by commas. */
export function impersonate(
  server: ServerParts,
  request: HttpRequest,
  user: UserInfo,
): UserInfo | ApiError {
  const { headers } = request;
  const name = headers['impersonate-user'] ?? '';
  const groups = (headers['impersonate-group'] ?? '').split(',').map((text) => text.trim());
  const asked = groups.filter((group) => group !== '');
  if (name === '') {
    if (asked.length === 0) return user;
    return apiErrors.plain(`requested [{Group    ${asked[0]}      }] without impersonating a user`);
  }
  const account = ACCOUNT.exec(name);
  const refusal = account
    ? check(server, user, 'serviceaccounts', account[1] ?? '', account[2] ?? '')
    : check(server, user, 'users', '', name);
  if (refusal) return refusal;
  for (const group of asked) {
    const refused = check(server, user, 'groups', '', group);
    if (refused) return refused;
  }
  const own = account ? ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`] : [];
  if (name === 'system:anonymous') return { name, groups: ['system:unauthenticated'] };
  return withAuthenticated({ name, groups: asked.length > 0 ? asked : own });
}

function check(
  server: ServerParts,
  user: UserInfo,
  resource: string,
  namespace: string,
  name: string,
): ApiError | undefined {
  const wanted = { verb: 'impersonate', group: '', resource, subresource: '', namespace, name };
  if (mayDo(server, user, wanted).allowed) return undefined;
  const scope = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return apiErrors.forbidden(
    { group: '', resource },
    name,
    `User ${JSON.stringify(user.name)} cannot impersonate resource "${resource}" in API group "" ${scope}`,
  );
}
