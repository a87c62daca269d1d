// Patches that kubectl makes itself: --overrides of run and expose, over an object that is read anew; patch on a dry run.

import { decode, isObject } from '../api/fields/decode.ts';
import { applyJsonPatch, PatchError, type PatchOperation } from '../api/patch/json-patch.ts';
import { applyMergePatch } from '../api/patch/merge-patch.ts';
import { applyStrategicPatch } from '../api/patch/strategic.ts';
import { hasStructType, structType, typeNameOf } from '../api/fields/tables.ts';
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

/** What a patch (json, merge or strategic) makes of an object, without a server: kubectl patch --local. */
export function patchedHere(object: KubeObject, patch: unknown, method: string): KubeObject {
  const shape = Array.isArray(patch) ? 'array' : 'object';
  let patched: unknown;
  if (method === 'json') {
    if (!Array.isArray(patch))
      throw failure(`json: cannot unmarshal ${shape} into Go value of type jsonpatch.Patch`);
    patched = applyJsonPatch(object, patch as readonly PatchOperation[]);
  } else if (method === 'merge') {
    if (!isObject(patch))
      throw failure(`json: cannot unmarshal ${shape} into Go value of type unstructured.detector`);
    patched = applyMergePatch(object, patch);
  } else {
    const name = typeNameOf(object.apiVersion ?? '', object.kind ?? '');
    if (!isObject(patch)) throw failure('invalid JSON document');
    if (!hasStructType(name))
      throw failure(
        `strategic merge patch is not supported for ${object.kind} locally, try --type merge`,
      );
    patched = applyStrategicPatch(object, patch, structType(name));
  }
  if (patched instanceof PatchError) throw failure(patched.message);
  return patched as KubeObject;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw failure('Invalid JSON Patch');
  }
}
