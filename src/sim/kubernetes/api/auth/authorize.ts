// Authorization: the Node authorizer and RBAC, asked in this order.

import type { ServerParts } from '../handlers/context.ts';
import type { RequestInfo } from '../handlers/request-info.ts';
import type { UserInfo } from '../kinds/descriptor.ts';
import { ApiError, qualified } from '../status.ts';
import { authorizeNode } from './node.ts';
import { type AccessAttributes, rulesOf } from './rules.ts';

const MASTERS = 'system:masters';

/** What the authorizers say: yes, or no with whatever reason they have. */
export interface Authorization {
  readonly allowed: boolean;
  readonly reason: string;
}

const YES: Authorization = { allowed: true, reason: '' };

/** Whether a user may do something. */
export function mayDo(
  server: ServerParts,
  user: UserInfo,
  wanted: AccessAttributes,
): Authorization {
  if (user.groups.includes(MASTERS)) return YES;
  const node = authorizeNode(server, user, wanted);
  if (node?.allowed) return YES;
  if (rulesOf(server, user).allow(wanted)) return YES;
  return { allowed: false, reason: node?.reason ?? '' };
}

/** A request in the terms of authorization. */
export function attributesOfRequest(info: RequestInfo): AccessAttributes {
  const { verb, group, resource, subresource, namespace, name } = info;
  const attributes = { verb, group, resource, subresource, namespace, name };
  return info.isResource ? attributes : { ...attributes, path: info.path };
}

/** Refuses a request that the user may not make. */
export function authorize(
  server: ServerParts,
  user: UserInfo,
  info: RequestInfo,
): ApiError | undefined {
  const wanted = attributesOfRequest(info);
  const { allowed, reason } = mayDo(server, user, wanted);
  return allowed ? undefined : forbidden(user, info, reason);
}

function forbidden(user: UserInfo, info: RequestInfo, reason: string): ApiError {
  const why = reason === '' ? '' : `: ${reason}`;
  if (!info.isResource) {
    const message = `forbidden: User ${JSON.stringify(user.name)} cannot ${info.verb} path ${JSON.stringify(info.path)}${why}`;
    return new ApiError(403, 'Forbidden', message, {});
  }
  const { verb, group, resource, subresource, namespace, name } = info;
  const full = subresource === '' ? resource : `${resource}/${subresource}`;
  const scope =
    namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  const named = name === '' ? '' : ` ${JSON.stringify(name)}`;
  const message = `${qualified(group, resource)}${named} is forbidden: User ${JSON.stringify(user.name)} cannot ${verb} resource ${JSON.stringify(full)} in API group ${JSON.stringify(group)} ${scope}${why}`;
  return new ApiError(403, 'Forbidden', message, {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    kind: resource,
  });
}
