// PATCH: JSON patch, merge patch, strategic merge patch and server-side apply.

import type { Routine } from '../../../core/wait.ts';
import { isObject, type JsonObject } from '../fields/decode.ts';
import { inWireOrder, jsonKind } from '../fields/json.ts';
import { structType } from '../fields/tables.ts';
import type { KubeObject } from '../object.ts';
import { applyJsonPatch, PatchError, type PatchOperation } from '../patch/json-patch.ts';
import { applyMergePatch } from '../patch/merge-patch.ts';
import { applyStrategicPatch, goMap } from '../patch/strategic.ts';
import { ApiError, apiErrors } from '../status.ts';
import { fieldErrors } from '../validation/errors.ts';
import { applyObject } from './apply.ts';
import { applyStrictness, contentType, decodeObject, syntaxError, writeOptions } from './body.ts';
import type { ResourceRequest, WriteResult } from './context.ts';
import { checkName, guardedUpdate } from './update.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';
const APPLY_PATCHES: ReadonlySet<string> = new Set([
  'application/apply-patch+yaml',
  'application/apply-patch+json',
  'application/apply-patch+cbor',
]);

/** How a patch turns the stored object into the new one. */
export type Patcher = (old: JsonObject) => JsonObject | ApiError;

/** PATCH of one object. */
export function* patchObject(context: ResourceRequest): Routine<WriteResult> {
  const options = writeOptions(context.request, 'PatchOptions');
  if (options instanceof ApiError) return options;
  const type = contentType(context.request);
  const writing = { ...context, dryRun: options.dryRun };
  if (APPLY_PATCHES.has(type)) return yield* applyObject(writing, options.validation);
  const patcher = patcherOf(writing);
  if (patcher instanceof ApiError) return patcher;
  return yield* guardedUpdate(writing, {
    make: (old) => {
      const patched = patcher(old);
      if (patched instanceof ApiError) return patched;
      const decoded = decodePatched(writing, patched, old);
      if (decoded instanceof ApiError) return decoded;
      const { object, strict } = decoded;
      const found = writing.warnings.includes(strict[0] ?? '') ? [] : strict;
      if (found.length > 0 && options.validation === 'Strict') {
        return invalidPatch(
          shownPatch(writing, patched),
          `strict decoding error: ${found.join(', ')}`,
        );
      }
      applyStrictness(found, options.validation, context.descriptor, writing.warnings);
      return checkName(writing, object) ?? { object, tracked: false };
    },
    guardUid: false,
  });
}

/** Reads a patch's result as an object of the kind; it keeps the kind it had. */
function decodePatched(
  context: ResourceRequest,
  patched: JsonObject,
  old: KubeObject,
): ReturnType<typeof decodeObject> {
  const { kind, apiVersion } = old;
  const typed = patched.kind === kind && patched.apiVersion === apiVersion;
  const decoded = decodeObject(
    typed ? patched : { ...patched, kind, apiVersion },
    context.descriptor,
  );
  if (!(decoded instanceof ApiError)) return decoded;
  const why = /^.* cannot be handled as a \w+: ([\s\S]*)$/.exec(decoded.message)?.[1];
  if (why === undefined) return decoded;
  const strategic = contentType(context.request) === STRATEGIC_PATCH;
  return invalidPatch(shownPatch(context, patched), strategic ? restoreError(why) : why);
}

/** What an error about a patch shows: the patch itself, or what it made. */
function shownPatch(context: ResourceRequest, patched: JsonObject): string {
  const patch = context.request.body.json();
  if (contentType(context.request) === STRATEGIC_PATCH) return goMap(patch);
  const { type } = context.descriptor;
  const whole = type === '' ? patched : inWireOrder(patched, structType(type));
  return JSON.stringify(sortedWhere(whole, Array.isArray(patch) ? reached(patch) : patch));
}

/** The objects that a patch went into lose the order of their type's fields; all others keep it. */
function sortedWhere(value: unknown, patch: unknown): unknown {
  if (!isObject(value) || !isObject(patch)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sortedWhere(value[key], patch[key])]));
}

/** The places of a JSON patch's operations as nested objects. */
function reached(patch: readonly unknown[]): JsonObject {
  const root: Record<string, unknown> = {};
  for (const { path = '' } of patch as readonly { path?: string }[]) {
    let at = root;
    for (const key of path.split('/').slice(1)) at = (at[key] ??= {}) as Record<string, unknown>;
  }
  return root;
}

function invalidPatch(shown: string, why: string): ApiError {
  const error = fieldErrors.invalid('patch', shown, why);
  return new ApiError(422, 'Invalid', ` "" is invalid: patch: ${error.body}`, {
    causes: [{ reason: error.reason, message: error.body, field: 'patch' }],
  });
}

/** A type error in the words of the converter that strategic merge patches go through. */
function restoreError(why: string): string {
  const match = /cannot unmarshal (\w+)( \S+)? into .* of type (\S+)$/.exec(why);
  if (!match) return why;
  const [, given = '', literal = '', type = ''] = match;
  if (type === 'string') return `cannot convert ${given === 'number' ? 'int64' : given} to string`;
  if (/^(int|float)/.test(type)) {
    return literal.includes('.')
      ? `cannot convert float64 to ${type}`
      : `unrecognized type: ${type}`;
  }
  if (type === 'bool') return 'cannot convert to bool';
  const shape = type.startsWith('[]') ? 'slice' : type.startsWith('map') ? 'map' : 'struct';
  return `cannot restore ${shape} from: ${given === 'number' ? 'int64' : given}`;
}

/** The patcher that the request's content type and body make. */
export function patcherOf(context: ResourceRequest): Patcher | ApiError {
  const type = contentType(context.request);
  const patch = context.request.body.json();
  if (patch === undefined && [JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH].includes(type)) {
    const decoding = type === STRATEGIC_PATCH ? '' : 'error decoding patch: ';
    return apiErrors.badRequest(decoding + syntaxError(context.request.body.text()));
  }
  switch (type) {
    case JSON_PATCH:
      return jsonPatcher(patch);
    case MERGE_PATCH:
      if (!isObject(patch))
        return apiErrors.badRequest(
          `error decoding patch: json: cannot unmarshal ${jsonKind(patch)} into Go value of type map[string]interface {}`,
        );
      return (old) => applyMergePatch(old, patch) as JsonObject;
    case STRATEGIC_PATCH:
      if (context.descriptor.type === '') return unsupported(context);
      return strategicPatcher(context, patch);
    default:
      return unsupported(context);
  }
}

function unsupported(context: ResourceRequest): ApiError {
  const custom = context.descriptor.type === '';
  const accepted = [JSON_PATCH, MERGE_PATCH, ...(custom ? [] : [STRATEGIC_PATCH])];
  if (contentType(context.request) === STRATEGIC_PATCH) {
    return apiErrors.unsupportedMediaType([...accepted, 'application/apply-patch+yaml']);
  }
  return new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
}

/** A JSON patch that does not fit, whatever the reason. */
const rejected = new ApiError(
  422,
  'Invalid',
  'the server rejected our request due to an error in our request',
  {},
);

function jsonPatcher(patch: unknown): Patcher | ApiError {
  if (!Array.isArray(patch)) {
    const found = isObject(patch) ? 'object' : typeof patch;
    return apiErrors.badRequest(
      `error decoding patch: json: cannot unmarshal ${found} into Go value of type []handlers.jsonPatchOp`,
    );
  }
  return (old) => {
    const patched = applyJsonPatch(old, patch as readonly PatchOperation[]);
    if (patched instanceof PatchError) return rejected;
    return patched as JsonObject;
  };
}

function strategicPatcher(context: ResourceRequest, patch: unknown): Patcher | ApiError {
  if (!isObject(patch)) {
    return apiErrors.badRequest(
      'json: cannot unmarshal array into Go value of type map[string]interface {}',
    );
  }
  const type = structType(context.descriptor.type);
  return (old) => {
    const patched = applyStrategicPatch(old, patch, type);
    return patched instanceof PatchError ? apiErrors.plain(patched.message) : patched;
  };
}
