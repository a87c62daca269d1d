// What objects hold beyond themselves and must be given back: service addresses and node ports.

import type { Routine } from '../../../core/wait.ts';
import type { KubeObject } from '../object.ts';
import { allocateService, releaseService } from '../resources/service-addresses.ts';
import type { ApiError } from '../status.ts';
import type { ResourceRequest } from './context.ts';

const isService = ({ descriptor }: ResourceRequest): boolean =>
  descriptor.storage === 'services/specs';

/** Gives an object what it asks for; the object with it, or why not. */
export function* allocate(
  context: ResourceRequest,
  object: KubeObject,
  old: KubeObject | undefined,
): Routine<KubeObject | ApiError> {
  if (!isService(context) || context.info.subresource !== '') return object;
  return yield* allocateService(context, object, old);
}

/** Takes back what `object` held and `successor` does not. */
export function* release(
  context: ResourceRequest,
  object: KubeObject,
  successor: KubeObject | undefined,
): Routine<void> {
  if (isService(context)) yield* releaseService(context, object, successor);
}
