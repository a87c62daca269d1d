// PATCH with an apply configuration: server-side apply.

import type { Routine } from '../../../core/wait.ts';
import { YamlProblem } from '../../../userland/yaml/read.ts';
import { prune } from '../custom/schema-defaults.ts';
import { decode, isObject, type JsonObject } from '../fields/decode.ts';
import { structType } from '../fields/tables.ts';
import { jsonKind } from '../fields/json.ts';
import { groupVersionOf, type KindDescriptor } from '../kinds/descriptor.ts';
import { applyConfiguration } from '../managed/apply.ts';
import { shapeProblem } from '../managed/typed.ts';
import { compareObjects, setManaged } from '../managed/update.ts';
import type { KubeObject } from '../object.ts';
import { ApiError, apiErrors } from '../status.ts';
import { fieldErrors } from '../validation/errors.ts';
import { applyStrictness, decodeObject, type FieldValidation, yamlValue } from './body.ts';
import type { ResourceRequest, WriteResult } from './context.ts';
import { createDecoded } from './create.ts';
import { managerOf } from './manager.ts';
import { queryFlag, queryValue } from './request-info.ts';
import { checkName, guardedUpdate } from './update.ts';

/** Applies the body's configuration on behalf of its field manager. */
export function* applyObject(
  context: ResourceRequest,
  validation: FieldValidation,
): Routine<WriteResult> {
  const { request, descriptor, info, server } = context;
  if ((queryValue(request, 'fieldManager') ?? '') === '') {
    const error = fieldErrors.required('fieldManager', 'is required for apply patch');
    return apiErrors.invalid('PatchOptions', 'meta.k8s.io', '', [error]);
  }
  const wanted = readConfiguration(context);
  if (wanted instanceof ApiError) return wanted;
  const named = checkName(context, wanted);
  if (named) return named;
  const manager = managerOf(context);
  const force = queryFlag(request, 'force');
  const known = server.storage.known(descriptor, info.namespace, info.name);
  const live = known ?? (yield* server.storage.get(descriptor, info.namespace, info.name));
  if (live instanceof ApiError) return live;
  if (!live) {
    if (wanted.metadata.name === undefined)
      return apiErrors.badRequest(
        `the name of the object (${info.name} based on URL) was undeterminable: name must be provided`,
      );
    const applied = applyConfiguration(undefined, wanted, descriptor, manager, force);
    if (applied instanceof ApiError) return applied;
    const decoded = decodeObject(applied.object, descriptor);
    if (decoded instanceof ApiError) return decoded;
    const refused = applyStrictness(decoded.strict, validation, descriptor, context.warnings);
    if (refused) return refused;
    return yield* createDecoded(context, decoded.object, (object) =>
      setManaged(object, applied.entries(true)),
    );
  }
  return yield* guardedUpdate(context, {
    guardUid: false,
    make: (old) => {
      const applied = applyConfiguration(old, wanted, descriptor, manager, force);
      if (applied instanceof ApiError) return applied;
      const decoded = decodeObject(applied.object, descriptor);
      if (decoded instanceof ApiError) return decoded;
      const { resourceVersion } = wanted.metadata;
      const { resourceVersion: _, ...metadata } = decoded.object.metadata;
      const object: KubeObject = {
        ...decoded.object,
        metadata: resourceVersion === undefined ? metadata : { ...metadata, resourceVersion },
      };
      const { changed, removed } = compareObjects(old, object, descriptor);
      const differs = changed !== undefined || removed !== undefined;
      const made = setManaged(applied.finish(object), applied.entries(differs));
      return { object: made, tracked: true };
    },
  });
}

/** The body as a configuration: typed, but without defaults. */
function readConfiguration(context: ResourceRequest): KubeObject | ApiError {
  const { request, descriptor } = context;
  const json = yamlValue(request);
  if (json instanceof YamlProblem || !isObject(json)) return undecodable(json);
  const given = isObject(json.metadata) ? json.metadata : {};
  if (given.managedFields !== undefined && given.managedFields !== null) {
    return apiErrors.badRequest('metadata.managedFields must be nil');
  }
  const apiVersion = groupVersionOf(descriptor);
  if (json.apiVersion !== apiVersion || json.kind !== descriptor.kind) {
    const { group, version, kind } = kindGiven(json);
    return apiErrors.badRequest(`invalid object type: ${group}/${version}, Kind=${kind}`);
  }
  if (descriptor.type !== '') {
    const type = structType(descriptor.type);
    const problem = shapeProblem(json, type) ?? decode(json, type).error;
    if (problem !== undefined) return typedError(context, json, problem);
  }
  const strange = descriptor.type === '' ? undeclared(json, descriptor) : undefined;
  if (strange !== undefined)
    return typedError(context, json, `${strange}: field not declared in schema`);
  return cleaned({ ...json, metadata: given }) as unknown as KubeObject;
}

function undecodable(json: unknown): ApiError {
  const why =
    json instanceof YamlProblem
      ? `error converting YAML to JSON: ${json.message}`
      : `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonKind(json)} into Go value of type map[string]interface {}`;
  return apiErrors.badRequest(`error decoding YAML: ${why}`);
}

/** What a configuration says of its type. */
function kindGiven(json: JsonObject): { group: string; version: string; kind: string } {
  const [group = '', version] = String(json.apiVersion ?? '').split('/');
  const kind = String(json.kind ?? '');
  return version === undefined ? { group: '', version: group, kind } : { group, version, kind };
}

/** The path of a field that the schema of a custom resource does not have. */
function undeclared(json: JsonObject, { custom }: KindDescriptor): string | undefined {
  const [unknown] = prune(json, isObject(custom) ? custom : {}).unknown;
  return unknown?.replace(/^unknown field "(.*)"$/, '.$1');
}

function typedError(
  { info, descriptor }: ResourceRequest,
  json: JsonObject,
  why: string,
): ApiError {
  const name = isObject(json.metadata) ? (json.metadata.name ?? info.name) : info.name;
  const place = descriptor.namespaced ? `${info.namespace}/${name}` : `/${name}`;
  const kind = `${descriptor.group}/${descriptor.version}, Kind=${descriptor.kind}`;
  return apiErrors.plain(`failed to create typed patch object (${place}; ${kind}): ${why}`);
}

/** A configuration without nulls: they say nothing. */
function cleaned(value: JsonObject): JsonObject {
  const kept = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(
    kept.map(([name, inner]) => [name, isObject(inner) ? cleaned(inner) : inner]),
  );
}
