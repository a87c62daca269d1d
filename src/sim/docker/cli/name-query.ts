// The name of an image that is to be made, as the Engine API takes it.

import {
  isReferenceError,
  parseReference,
  repositoryOf,
  withDefaultTag,
} from '../../containers/images/reference.ts';

/** `repo` and `tag` of a name; a text says what is wrong with it. */
export function nameQuery(
  text: string | undefined,
): { repo?: string; tag?: string | undefined } | string {
  if (text === undefined || text === '') return {};
  const parsed = parseReference(text);
  if (isReferenceError(parsed)) return parsed;
  const full = withDefaultTag(parsed);
  return { repo: repositoryOf(full), tag: full.tag };
}
