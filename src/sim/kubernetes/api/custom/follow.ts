// Keeps the kinds of custom resource definitions in step with the definitions, and gives each its API service.

import type { ServerParts } from '../handlers/context.ts';
import type { KindDescriptor } from '../kinds/descriptor.ts';
import { asDefinition } from './definition.ts';
import { descriptorsOf } from './descriptor.ts';

const FOLDER = 'apiextensions.k8s.io/customresourcedefinitions';

/** Follows the definitions from here on. */
export function followCustomResources(server: ServerParts): void {
  const made = new Map<object, readonly KindDescriptor[]>();
  const refresh = (): void => {
    const definitions = server.storage.cache(FOLDER).list('');
    const kinds = definitions.flatMap((object) => {
      const known = made.get(object);
      if (known) return known;
      const fresh = descriptorsOf(asDefinition(object));
      made.set(object, fresh);
      return fresh;
    });
    for (const object of made.keys()) {
      if (!definitions.some((definition) => definition === object)) made.delete(object);
    }
    server.kinds.setCustom(kinds);
  };
  server.storage.onChange(FOLDER, refresh);
  refresh();
}
