// Custom resources on their way in: metadata typed, the rest as the definition's schema has it.

import { decode, isObject, type JsonObject } from '../fields/decode.ts';
import { structType } from '../fields/tables.ts';
import type { KindDescriptor } from '../kinds/descriptor.ts';
import type { KubeObject } from '../object.ts';
import { type ApiError, apiErrors } from '../status.ts';
import { prune } from './schema-defaults.ts';

/** Reads a custom resource: its metadata by type, everything else left to the schema. */
export function decodeCustom(
  json: JsonObject,
  descriptor: KindDescriptor,
): { object: KubeObject; strict: readonly string[] } | ApiError {
  const given = isObject(json.metadata) ? json.metadata : {};
  const metadata = decode(given, structType('meta/v1.ObjectMeta'));
  if (metadata.error !== undefined) {
    return apiErrors.badRequest(
      `${descriptor.kind} in version "${descriptor.version}" cannot be handled as a ${descriptor.kind}: ${metadata.error}`,
    );
  }
  const strict = metadata.unknown.map((text) =>
    text.replace('unknown field "', 'unknown field "metadata.'),
  );
  const schema = isObject(descriptor.custom) ? descriptor.custom : {};
  const kept = prune(json, schema);
  const object = { ...kept.object, metadata: metadata.value } as unknown as KubeObject;
  const defaulted = descriptor.defaults ? descriptor.defaults(object) : object;
  return { object: defaulted, strict: [...strict, ...kept.unknown] };
}
