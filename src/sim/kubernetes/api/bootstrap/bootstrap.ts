// What the server writes into an empty etcd: the first namespaces and whatever else a fresh cluster has.

import type { Routine } from '../../../core/wait.ts';
import type { ServerParts } from '../handlers/context.ts';
import { ApiError } from '../status.ts';
import { ensureObjects } from './ensure.ts';
import { NAMESPACES } from './namespaces.ts';

/** Makes what is missing; safe to run at every start. */
export function* bootstrap(server: ServerParts): Routine<ApiError | undefined> {
  return yield* ensureObjects(server, NAMESPACES);
}
