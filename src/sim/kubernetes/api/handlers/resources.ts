// What objects hold beyond themselves and must be given back: service addresses and node ports.

import type { Routine } from '../../../core/wait.ts';
import type { KubeObject } from '../object.ts';
import type { ApiError } from '../status.ts';
import type { ResourceRequest } from './context.ts';

/** Gives an object what it asks for; the object with it, or why not. */
export function* allocate(
  _context: ResourceRequest,
  object: KubeObject,
  _old: KubeObject | undefined,
): Routine<KubeObject | ApiError> {
  return object;
}

/** Takes back what `object` held and `successor` does not. */
export function* release(
  _context: ResourceRequest,
  _object: KubeObject,
  _successor: KubeObject | undefined,
): Routine<void> {}
