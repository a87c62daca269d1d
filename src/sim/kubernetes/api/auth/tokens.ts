// Bearer tokens: service accounts' (JWTs that this server signed) and bootstrap tokens.

import type { ServerParts } from '../handlers/context.ts';
import type { UserInfo } from '../kinds/descriptor.ts';

/** The user that a token speaks for; undefined for a token that is not good. */
export function userOfToken(_server: ServerParts, _token: string): UserInfo | undefined {
  return undefined;
}
