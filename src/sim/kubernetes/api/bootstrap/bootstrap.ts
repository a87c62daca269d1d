// What the server writes into an empty etcd: namespaces, roles, priority classes, flow control, API services, and
// the service through which it is reached.

import type { Routine } from '../../../core/wait.ts';
import type { ServerParts } from '../handlers/context.ts';
import type { ApiError } from '../status.ts';
import { ensureObjects } from './ensure.ts';
import { FLOW_CONTROL } from './flow-control.ts';
import { NAMESPACES } from './namespaces.ts';
import { defaultRbac } from './rbac.ts';
import {
  apiServicesOf,
  kubernetesEndpoints,
  kubernetesService,
  ownConfigMaps,
  PRIORITY_CLASSES,
} from './system.ts';

/** Makes what is missing; safe to run at every start. */
export function* bootstrap(server: ServerParts): Routine<ApiError | undefined> {
  return yield* ensureObjects(server, [
    ...NAMESPACES,
    ...PRIORITY_CLASSES,
    ...defaultRbac(),
    ...FLOW_CONTROL,
    ...apiServicesOf(server.kinds.all()),
    ...kubernetesService(server.options),
    ...kubernetesEndpoints(server.options),
    ...ownConfigMaps(server.options, server.simulation.now),
  ]);
}
