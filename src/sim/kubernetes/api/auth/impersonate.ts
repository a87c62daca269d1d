// Impersonation: Impersonate-User and Impersonate-Group headers, for those who may.

import type { HttpRequest } from '../../../userland/http/message.ts';
import type { ServerParts } from '../handlers/context.ts';
import type { UserInfo } from '../kinds/descriptor.ts';
import type { ApiError } from '../status.ts';

/** The user that the request wants to be, if it says so and may. */
export function impersonate(
  _server: ServerParts,
  _request: HttpRequest,
  user: UserInfo,
): UserInfo | ApiError {
  return user;
}
