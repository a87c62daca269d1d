// JSON Merge Patch (RFC 7386): objects merge, null removes, everything else replaces.

import { isObject } from '../fields/decode.ts';

/** The document with the patch merged in; parts that stay are shared. */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged: Record<string, unknown> = isObject(document) ? { ...document } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = applyMergePatch(merged[name], value);
  }
  return merged;
}
