// PUT and the common end of PATCH: the guarded update, which reads, changes and writes until nobody came between.

import type { Routine } from '../../../core/wait.ts';
import { type Attributes, admit, checkAdmission } from '../admission/admission.ts';
import { ADMISSION_PLUGINS } from '../admission/plugins.ts';
import { mutateByWebhooks } from '../admission/webhooks.ts';
import { groupResourceOf, type KindDescriptor } from '../kinds/descriptor.ts';
import { managedAfterUpdate } from '../managed/update.ts';
import { type KubeObject, sameJson, withMetadata } from '../object.ts';
import { ApiError, apiErrors } from '../status.ts';
import { objectKey } from '../storage/keys.ts';
import { CONFLICT } from '../storage/storage.ts';
import { validateMetadataUpdate } from '../validation/metadata.ts';
import { applyStrictness, readBody, writeOptions } from './body.ts';
import type { ResourceRequest, WriteResult } from './context.ts';
import { createDecoded } from './create.ts';
import { managerOf } from './manager.ts';
import { shown } from './read.ts';
import { allocate, release } from './resources.ts';

/** Attempts before an unconditional write gives up. */
const ATTEMPTS = 8;

/** A binding writes a pod's node past the strategy of pods, which lets nobody change it. */
const BINDING = 'binding';

/** How the new object comes from the one that is stored. */
export interface Change {
  /** The object that the client means, decoded and defaulted; tracked where it cares for managers itself. */
  make(old: KubeObject): { object: KubeObject; tracked: boolean } | ApiError;
  /** Refuse where the object's uid is another than the stored one's (PUT). */
  readonly guardUid: boolean;
}

/** PUT. */
export function* updateObject(context: ResourceRequest): Routine<WriteResult> {
  const { descriptor, request, warnings } = context;
  const options = writeOptions(request, 'UpdateOptions');
  if (options instanceof ApiError) return options;
  const body = readBody(request, descriptor, options.validation);
  if (body instanceof ApiError) return body;
  const strict = applyStrictness(body.strict, options.validation, descriptor, warnings);
  if (strict) return strict;
  const writing = { ...context, dryRun: options.dryRun };
  const named = checkName(writing, body.object);
  if (named) return named;
  if (descriptor.createOnUpdate && context.info.subresource === '') {
    const { storage } = context.server;
    const { namespace, name } = context.info;
    const known = storage.known(descriptor, namespace, name);
    const old = known ?? (yield* storage.get(descriptor, namespace, name));
    if (old instanceof ApiError) return old;
    if (!old) return yield* createDecoded(writing, body.object);
  }
  return yield* guardedUpdate(writing, {
    make: () => ({ object: body.object, tracked: false }),
    guardUid: true,
  });
}

/** The object must be the one that the path names. */
export function checkName({ info }: ResourceRequest, object: KubeObject): ApiError | undefined {
  const { name, namespace } = object.metadata;
  if (name !== info.name && name !== undefined) {
    return apiErrors.badRequest(
      `the name of the object (${name}) does not match the name on the URL (${info.name})`,
    );
  }
  if (namespace !== undefined && namespace !== '' && namespace !== info.namespace) {
    return apiErrors.badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  return undefined;
}

/**
 * Lets `change` make a new object of the one that is stored, and writes it unless somebody else was faster
 * (GuaranteedUpdate). The watch cache's object is taken first: the write is guarded, so that an old one is noticed; where
 * nothing is written, what comes of it counts only if etcd has no newer one.
 */
export function* guardedUpdate(context: ResourceRequest, change: Change): Routine<WriteResult> {
  const { descriptor, info, server, warnings } = context;
  const { storage } = server;
  const of = { group: info.group, resource: info.resource };
  const warned = warnings.length;
  const known = context.dryRun ? undefined : storage.known(descriptor, info.namespace, info.name);
  const first = known && (yield* attempt(context, change, known));
  if (first && isWrite(first.result, known)) return first.result;
  for (let left = ATTEMPTS; left > 0; left--) {
    const current = yield* storage.get(descriptor, info.namespace, info.name);
    if (current instanceof ApiError) return current;
    if (!current) return apiErrors.notFound(of, info.name);
    const same = current.metadata.resourceVersion === known?.metadata.resourceVersion;
    if (same && first && first.result !== CONFLICT) return first.result;
    warnings.length = warned;
    const { result, conditional } = yield* attempt(context, change, current);
    if (result !== CONFLICT) return result;
    if (conditional && change.guardUid) break;
  }
  return apiErrors.modified(groupResourceOf(descriptor), info.name);
}

/** True where something was written, which no newer object can have stood against. */
function isWrite(
  result: WriteResult | typeof CONFLICT,
  known: KubeObject | undefined,
): result is WriteResult {
  if (result === CONFLICT || result instanceof ApiError) return false;
  return result.object.metadata.resourceVersion !== known?.metadata.resourceVersion;
}

interface Attempt {
  readonly result: WriteResult | typeof CONFLICT;
  /** The new object names the version that it is to replace. */
  readonly conditional: boolean;
}

function* attempt(context: ResourceRequest, change: Change, current: KubeObject): Routine<Attempt> {
  const old = shown(context.descriptor, current);
  const made = change.make(old);
  if (made instanceof ApiError) return { result: made, conditional: false };
  const guarded = checkVersion(context, made.object, old, change.guardUid);
  const conditional = made.object.metadata.resourceVersion !== undefined;
  const result = guarded ?? (yield* updateOnce(context, made.object, old, made.tracked));
  return { result, conditional };
}

function checkVersion(
  context: ResourceRequest,
  object: KubeObject,
  old: KubeObject,
  guardUid: boolean,
): ApiError | undefined {
  const { descriptor, info } = context;
  const { resourceVersion = '', uid } = object.metadata;
  const of = groupResourceOf(descriptor);
  if (!/^\d*$/.test(resourceVersion)) {
    const quoted = JSON.stringify(resourceVersion);
    return apiErrors.plain(`strconv.ParseUint: parsing ${quoted}: invalid syntax`);
  }
  if (guardUid && uid !== undefined && uid !== old.metadata.uid) {
    const key = objectKey(descriptor, info.namespace, info.name);
    return apiErrors.conflict(
      of,
      info.name,
      `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`,
    );
  }
  if (resourceVersion !== '' && resourceVersion !== old.metadata.resourceVersion) {
    return apiErrors.modified(of, info.name);
  }
  return undefined;
}

function* updateOnce(
  context: ResourceRequest,
  given: KubeObject,
  old: KubeObject,
  tracked: boolean,
): Routine<WriteResult | typeof CONFLICT> {
  const { descriptor, server, info } = context;
  const started = withOldSystemFields(given, old);
  const owned = tracked
    ? started
    : managedAfterUpdate(started, old, descriptor, managerOf(context));
  const admitted = admit(ADMISSION_PLUGINS, attributesOf(context, owned, old));
  if (admitted instanceof ApiError) return admitted;
  const mutated = yield* mutateByWebhooks(attributesOf(context, admitted ?? owned, old));
  if (mutated instanceof ApiError) return mutated;
  const prepared = prepare(context, mutated ?? admitted ?? owned, old);
  if (isSame(prepared, old) && !server.storage.isStale(descriptor, old)) {
    const why = yield* checkAdmission(ADMISSION_PLUGINS, attributesOf(context, prepared, old));
    return why ?? { status: 200, object: old };
  }
  const refusal = validateChanged(context, prepared, old);
  if (refusal) return refusal;
  if (info.subresource === '') {
    context.warnings.push(...(descriptor.warnings?.(prepared, old) ?? []));
  }
  const denied = yield* checkAdmission(ADMISSION_PLUGINS, attributesOf(context, prepared, old));
  if (denied) return denied;
  const allocated = yield* allocate(context, prepared, old);
  if (allocated instanceof ApiError) return allocated;
  if (context.dryRun) return { status: 200, object: allocated };
  if (endsWith(allocated)) return yield* finish(context, allocated, old);
  const expected = old.metadata.resourceVersion ?? '0';
  const stored = descriptor.view ? descriptor.view.toStored(allocated) : allocated;
  const written = yield* server.storage.update(descriptor, stored, expected);
  if (written === CONFLICT || written instanceof ApiError) return written;
  yield* release(context, old, allocated);
  return { status: 200, object: shown(descriptor, written) };
}

/** An object that was only waiting for its last finalizer goes with it. */
function endsWith({ metadata, spec }: KubeObject): boolean {
  if (metadata.deletionTimestamp === undefined) return false;
  if ((metadata.finalizers ?? []).length > 0) return false;
  const finalizers = (spec as { finalizers?: readonly string[] } | undefined)?.finalizers ?? [];
  return (metadata.deletionGracePeriodSeconds ?? 0) === 0 && finalizers.length === 0;
}

function* finish(
  context: ResourceRequest,
  object: KubeObject,
  old: KubeObject,
): Routine<WriteResult | typeof CONFLICT> {
  const removed = yield* context.server.storage.remove(context.descriptor, old);
  if (removed === CONFLICT || removed instanceof ApiError) return removed;
  yield* release(context, old, undefined);
  return {
    status: 200,
    object: withMetadata(object, { resourceVersion: String(removed) }),
  };
}

/** What clients cannot set: it stays as it was. */
function withOldSystemFields(given: KubeObject, old: KubeObject): KubeObject {
  const before = old.metadata;
  const { managedFields } = given.metadata;
  const metadata: Record<string, unknown> = {
    ...given.metadata,
    name: before.name,
    uid: given.metadata.uid ?? before.uid,
    creationTimestamp: before.creationTimestamp,
    resourceVersion: before.resourceVersion,
    managedFields: managedFields ?? before.managedFields,
  };
  for (const field of KEPT) {
    if (before[field] !== undefined) metadata[field] = before[field];
    else if (metadata[field] !== undefined) delete metadata[field];
  }
  return { ...given, metadata: metadata as KubeObject['metadata'] };
}

const KEPT = [
  'namespace',
  'generation',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generateName',
] as const;

/** The strategy of the kind, or of its status. */
function prepare(context: ResourceRequest, object: KubeObject, old: KubeObject): KubeObject {
  const { descriptor, info, strategy } = context;
  if (info.subresource === BINDING) return object;
  if (info.subresource === 'status') {
    const kept: KubeObject = { ...old, metadata: object.metadata, status: object.status };
    return descriptor.prepareForStatusUpdate?.(kept, old, strategy) ?? kept;
  }
  let prepared = descriptor.hasStatus ? withStatusOf(object, old) : object;
  prepared = descriptor.prepareForUpdate?.(prepared, old, strategy) ?? prepared;
  return descriptor.generation ? countGeneration(prepared, old, descriptor) : prepared;
}

function withStatusOf(object: KubeObject, old: KubeObject): KubeObject {
  if (object.status === old.status) return object;
  if (old.status !== undefined) return { ...object, status: old.status };
  const { status: _, ...rest } = object;
  return rest as KubeObject;
}

function countGeneration(
  object: KubeObject,
  old: KubeObject,
  descriptor: KindDescriptor,
): KubeObject {
  const same =
    descriptor.type === ''
      ? sameJson(withoutMeta(object), withoutMeta(old))
      : sameJson(object.spec, old.spec);
  if (same) return object;
  return withMetadata(object, { generation: (old.metadata.generation ?? 0) + 1 });
}

function withoutMeta({ metadata: _, status: __, ...rest }: KubeObject): object {
  return rest;
}

function isSame(object: KubeObject, old: KubeObject): boolean {
  if (sameJson(object, old)) return true;
  const { managedFields: a, ...metadata } = object.metadata;
  const { managedFields: b, ...before } = old.metadata;
  if (a === b) return false;
  const withoutTimes = (entries: typeof a): unknown =>
    (entries ?? []).map(({ time: _, ...entry }) => entry);
  return (
    sameJson({ ...object, metadata }, { ...old, metadata: before }) &&
    sameJson(withoutTimes(a), withoutTimes(b))
  );
}

function validateChanged(
  context: ResourceRequest,
  object: KubeObject,
  old: KubeObject,
): ApiError | undefined {
  const { descriptor, info, strategy } = context;
  if (info.subresource === BINDING) return undefined;
  const validate =
    info.subresource === 'status' ? descriptor.validateStatusUpdate : descriptor.validateUpdate;
  const errors = [
    ...validateMetadataUpdate(object.metadata, old.metadata),
    ...(validate?.(object, old, strategy) ?? []),
  ];
  if (errors.length === 0) return undefined;
  return apiErrors.invalid(descriptor.kind, descriptor.group, info.name, errors);
}

function attributesOf(context: ResourceRequest, object: KubeObject, old: KubeObject): Attributes {
  return {
    server: context.server,
    operation: 'UPDATE',
    descriptor: context.descriptor,
    subresource: context.info.subresource,
    namespace: context.info.namespace,
    name: context.info.name,
    object,
    old,
    user: context.user,
    dryRun: context.dryRun,
    warnings: context.warnings,
  };
}
