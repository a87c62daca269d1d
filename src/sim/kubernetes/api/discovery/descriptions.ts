// The texts of the fields, which OpenAPI documents and `kubectl explain` show: the larger part of the field tables, which is
// there only where it is asked for.

import { DistantCode } from '../../../core/code.ts';
import type { Routine } from '../../../core/wait.ts';

/** Texts by type and field; those of types themselves are under `''`. */
export type Descriptions = Readonly<Record<string, Readonly<Record<string, string>>>>;

let descriptions: Descriptions = {};
let distant: DistantCode | undefined;

/** Gives the OpenAPI documents their descriptions, or the module that exports them, fetched when they are asked for. */
export function useDescriptions(texts: Descriptions | DistantCode): void {
  if (texts instanceof DistantCode) distant = texts;
  else descriptions = texts;
}

/** Blocks until the descriptions are here: to be run before a document is made. */
export function* descriptionsArrived(): Routine<void> {
  if (!distant) return;
  if (!distant.present) yield { on: [], code: distant };
  descriptions = (distant.module as { descriptions: Descriptions }).descriptions;
}

/** The texts of a type's fields by name. */
export function descriptionsOf(type: string): Readonly<Record<string, string>> {
  return descriptions[type] ?? {};
}
