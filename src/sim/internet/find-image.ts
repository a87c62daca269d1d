// Finding an image by any form of its name, in whichever lists of images a caller has.

import type { ImageDefinition } from '../containers/images/definition.ts';
import {
  fullName,
  isReferenceError,
  parseReference,
  withDefaultTag,
} from '../containers/images/reference.ts';

/** An image with its full name: `docker.io/library/nginx:1.27`. */
export interface NamedImage {
  readonly name: string;
  readonly image: ImageDefinition;
}

/** Finds an image by any form of its name. */
export type FindImage = (name: string) => NamedImage | undefined;

/** Definitions by full name with tag. */
export function imagesByName(
  definitions: readonly ImageDefinition[],
): ReadonlyMap<string, ImageDefinition> {
  const byName = new Map<string, ImageDefinition>();
  for (const image of definitions) {
    for (const tag of image.tags) byName.set(`${image.repository}:${tag}`, image);
  }
  return byName;
}

/** Finds images among definitions. */
export function finderIn(definitions: readonly ImageDefinition[]): FindImage {
  let byName: ReadonlyMap<string, ImageDefinition> | undefined;
  return (name) => {
    const reference = parseReference(name);
    if (isReferenceError(reference)) return undefined;
    byName ??= imagesByName(definitions);
    const full = fullName(withDefaultTag(reference));
    const image = byName.get(full);
    return image && { name: full, image };
  };
}
