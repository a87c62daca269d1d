// The hash that tells whether a container is still what its spec asks for (kubecontainer.HashContainer): of the fields that
// may change in a running pod, name and image.

import { sha256 } from '../../core/sha256.ts';
import { encode } from '../../core/text.ts';
import type { Container } from '../api/types/container.ts';

/** Eight hex digits. */
export function hashOf({ name, image = '' }: Pick<Container, 'name' | 'image'>): string {
  return sha256(encode(`${name}\n${image}`)).slice(0, 8);
}
