// --overrides and --override-type of run and expose: an inline patch over the object that the flags made, which is read anew.

import { decode, isObject } from '../api/fields/decode.ts';
import { applyJsonPatch, PatchError, type PatchOperation } from '../api/patch/json-patch.ts';
import { applyMergePatch } from '../api/patch/merge-patch.ts';
import { applyStrategicPatch } from '../api/patch/strategic.ts';
import { structType } from '../api/fields/tables.ts';
import type { Call } from './command.ts';
import { failure } from './failure.ts';
import type { KubeObject } from './rest.ts';

/** The object with the patch of the command line in it; a misfit is refused before anything is sent. */
export function overridden({ values }: Call, object: KubeObject): KubeObject {
  const text = values.text('overrides');
  const method = values.text('override-type');
  if (!['json', 'merge', 'strategic'].includes(method))
    throw failure(`invalid override type: ${method}`);
  if (text === '') return object;
  const type = structType(`core/v1.${object.kind}`);
  const patched = apply(object, parsed(text), method);
  if (patched instanceof PatchError) throw failure(patched.message);
  if (!isObject(patched)) throw failure('Invalid JSON Patch');
  const { value, error } = decode(patched, type);
  if (error !== undefined) throw failure(error);
  return value as KubeObject;

  function apply(target: KubeObject, patch: unknown, by: string): unknown {
    if (by === 'merge') return applyMergePatch(target, patch);
    if (by === 'strategic') return applyStrategicPatch(target, isObject(patch) ? patch : {}, type);
    if (!Array.isArray(patch)) throw failure('Invalid JSON Patch');
    return applyJsonPatch(target, patch as readonly PatchOperation[]);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw failure('Invalid JSON Patch');
  }
}
