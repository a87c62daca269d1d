// Impersonation: the headers Impersonate-User, -Group, -Uid and -Extra-…, for those who may.

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
  const uid = headers['impersonate-uid'] ?? '';
  if (uid !== '') {
    const refused = check(server, user, 'uids', '', uid, AUTHENTICATION);
    if (refused) return refused;
  }
  const extra = extraOf(headers);
  for (const [key, values] of Object.entries(extra)) {
    for (const value of values) {
      const refused = check(server, user, `userextras/${key}`, '', value, AUTHENTICATION);
      if (refused) return refused;
    }
  }
  const more = {
    ...(uid === '' ? {} : { uid }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
  const own = account ? ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`] : [];
  if (name === 'system:anonymous') return { name, groups: ['system:unauthenticated'] };
  return withAuthenticated({ name, groups: asked.length > 0 ? asked : own, ...more });
}

const AUTHENTICATION = 'authentication.k8s.io';
const EXTRA = 'impersonate-extra-';

/** What the headers Impersonate-Extra-KEY say, by key; several values are parted by commas. */
function extraOf(headers: HttpRequest['headers']): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([header, value]) =>
      header.startsWith(EXTRA) && value !== undefined
        ? [[decodeURIComponent(header.slice(EXTRA.length)), value.split(',')]]
        : [],
    ),
  );
}

function check(
  server: ServerParts,
  user: UserInfo,
  resource: string,
  namespace: string,
  name: string,
  group = '',
): ApiError | undefined {
  const [plural = '', subresource = ''] = resource.split('/');
  const wanted = { verb: 'impersonate', group, resource: plural, subresource, namespace, name };
  if (mayDo(server, user, wanted).allowed) return undefined;
  const scope = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return apiErrors.forbidden(
    { group, resource: plural },
    name,
    `User ${JSON.stringify(user.name)} cannot impersonate resource "${resource}" in API group "${group}" ${scope}`,
  );
}
