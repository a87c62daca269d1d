// The annotation kubectl.kubernetes.io/last-applied-configuration: what apply sent last.

import { compactJson, structJson } from './output/json.ts';
import type { KubeObject } from './rest.ts';

export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The text of the annotation for an object. */
export function lastAppliedText(object: KubeObject): string {
  const { [LAST_APPLIED]: _, ...annotations } = object.metadata?.annotations ?? {};
  const { creationTimestamp: __, ...metadata } = object.metadata ?? {};
  const kept = object.metadata?.creationTimestamp ? object.metadata : metadata;
  return `${compactJson({ ...object, metadata: { ...kept, annotations } })}\n`;
}

/** The text of the annotation for an object that a command made of its flags: fields in the order of their types. */
export function structText(object: KubeObject): string {
  return `${structJson(object)}\n`;
}

/** The object with the annotation, which says `text`. */
export function withLastApplied(object: KubeObject, text = lastAppliedText(object)): KubeObject {
  const { metadata } = object;
  return {
    ...object,
    metadata: {
      ...metadata,
      annotations: { ...metadata?.annotations, [LAST_APPLIED]: text },
    },
  };
}

/** What was applied last; undefined where nothing was. */
export function lastApplied(object: KubeObject): KubeObject | undefined {
  const text = object.metadata?.annotations?.[LAST_APPLIED];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as KubeObject;
  } catch {
    return undefined;
  }
}
