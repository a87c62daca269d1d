// DELETE of one object and of collections: preconditions, grace, finalizers, propagation.

import { rfc3339, SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { HttpResponse } from '../../../userland/http/message.ts';
import { type Attributes, admit, checkAdmission } from '../admission/admission.ts';
import { ADMISSION_PLUGINS } from '../admission/plugins.ts';
import { decode } from '../fields/decode.ts';
import { structType } from '../fields/tables.ts';
import { groupVersionOf, type KindDescriptor } from '../kinds/descriptor.ts';
import { type KubeObject, sameJson } from '../object.ts';
import { ApiError, apiErrors, type Status } from '../status.ts';
import { CONFLICT } from '../storage/storage.ts';
import type { ObjectMeta } from '../types/meta.ts';
import { fieldErrors } from '../validation/errors.ts';
import { readJson } from './body.ts';
import type { ResourceRequest } from './context.ts';
import { isSelected, listOptions } from './list-options.ts';
import { shown } from './read.ts';
import { queryValue } from './request-info.ts';
import { release } from './resources.ts';
import { listWriter, objectWriter, plainWriter, respond, wantsPretty } from './respond.ts';

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: string;
  readonly orphanDependents?: boolean;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: readonly string[];
}

const POLICIES = ['Foreground', 'Background', 'Orphan', 'nil'];

/** Reads DeleteOptions from the body, or from the query. */
export function deleteOptions(context: ResourceRequest): DeleteOptions | ApiError {
  const { request } = context;
  const text = request.body.isObject ? '{' : request.body.text();
  let options: DeleteOptions = fromQuery(context);
  if (text !== '') {
    const json = readJson(request, 'DeleteOptions');
    if (json instanceof ApiError) return json;
    const decoded = decode(json, structType('meta/v1.DeleteOptions'));
    if (decoded.error !== undefined) return apiErrors.badRequest(decoded.error);
    options = { ...options, ...(decoded.value as DeleteOptions) };
  }
  const policy = options.propagationPolicy;
  if (policy !== undefined && !POLICIES.slice(0, 3).includes(policy)) {
    const error = fieldErrors.notSupported('propagationPolicy', policy, POLICIES);
    return apiErrors.invalid('DeleteOptions', 'meta.k8s.io', '', [error]);
  }
  if (policy !== undefined && options.orphanDependents !== undefined) {
    const why = 'orphanDependents and deletionPropagation cannot be both set';
    const error = fieldErrors.invalid('propagationPolicy', policy, why);
    return apiErrors.invalid('DeleteOptions', 'meta.k8s.io', '', [error]);
  }
  const dryRun = options.dryRun ?? [];
  if (dryRun.some((value) => value !== 'All')) {
    const error = fieldErrors.notSupported('dryRun', dryRun, ['All']);
    return apiErrors.invalid('DeleteOptions', 'meta.k8s.io', '', [error]);
  }
  return options;
}

function fromQuery({ request }: ResourceRequest): DeleteOptions {
  const grace = queryValue(request, 'gracePeriodSeconds');
  const policy = queryValue(request, 'propagationPolicy');
  const dryRun = request.query.get('dryRun');
  return {
    ...(grace === undefined ? {} : { gracePeriodSeconds: Number(grace) }),
    ...(policy === undefined ? {} : { propagationPolicy: policy }),
    ...(dryRun === undefined ? {} : { dryRun }),
  };
}

/** What a deletion left: the object that lingers, or the one that is gone. */
export interface Deletion {
  readonly object: KubeObject;
  readonly gone: boolean;
}

/** DELETE of one object. */
export function* deleteObject(context: ResourceRequest): Routine<HttpResponse | ApiError> {
  const options = deleteOptions(context);
  if (options instanceof ApiError) return options;
  const deleted = yield* deleteNamed(context, context.info.name, options);
  if (deleted instanceof ApiError) return deleted;
  const { request, descriptor, warnings } = context;
  const pretty = wantsPretty(request);
  if (!deleted.gone || RETURNED.has(descriptor.plural)) {
    const object = shown(descriptor, deleted.object);
    return respond(200, object, objectWriter(descriptor, pretty), warnings);
  }
  return respond(200, successStatus(descriptor, deleted.object), plainWriter(pretty), warnings);
}

/** Kinds whose deletion answers with the object instead of a Status. */
const RETURNED: ReadonlySet<string> = new Set([
  'persistentvolumeclaims',
  'persistentvolumes',
  'pods',
  'podtemplates',
  'resourcequotas',
  'serviceaccounts',
  'services',
]);

function successStatus(descriptor: KindDescriptor, object: KubeObject): Status {
  const { name, uid } = object.metadata;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      ...(name === undefined ? {} : { name }),
      ...(descriptor.group === '' ? {} : { group: descriptor.group }),
      kind: descriptor.plural,
      ...(uid === undefined ? {} : { uid }),
    },
  } as unknown as Status;
}

/** Deletes an object by name: at once, after its grace period, or when its finalizers are gone. */
export function* deleteNamed(
  context: ResourceRequest,
  name: string,
  options: DeleteOptions,
): Routine<Deletion | ApiError> {
  const { descriptor, info, server, strategy } = context;
  const of = { group: info.group, resource: info.resource };
  for (;;) {
    const object = yield* server.storage.get(descriptor, info.namespace, name);
    if (object instanceof ApiError) return object;
    if (!object) return apiErrors.notFound(of, name);
    const refusal =
      checkPreconditions(descriptor, object, options) ??
      (yield* checkDeletion(context, name, object)) ??
      descriptor.checkDelete?.(object, strategy);
    if (refusal) return refusal;
    const dryRun = (options.dryRun ?? []).length > 0;
    const lingering = lingeringForm(context, object, options);
    if (lingering && dryRun) return { object: lingering, gone: false };
    if (dryRun) return { object, gone: true };
    const result = lingering
      ? yield* mark(context, lingering, object)
      : yield* remove(context, object);
    if (result !== CONFLICT) return result;
  }
}

function checkPreconditions(
  descriptor: KindDescriptor,
  object: KubeObject,
  options: DeleteOptions,
): ApiError | undefined {
  const { uid, resourceVersion } = options.preconditions ?? {};
  const of = { group: descriptor.group, resource: descriptor.kind };
  const meta = object.metadata;
  if (uid !== undefined && uid !== meta.uid) {
    return apiErrors.conflict(
      of,
      meta.name ?? '',
      `the UID in the precondition (${uid}) does not match the UID in record (${meta.uid}). The object might have been deleted and then recreated`,
    );
  }
  if (resourceVersion !== undefined && resourceVersion !== meta.resourceVersion) {
    return apiErrors.conflict(
      of,
      meta.name ?? '',
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${meta.resourceVersion}). The object might have been modified`,
    );
  }
  return undefined;
}

function* checkDeletion(
  context: ResourceRequest,
  name: string,
  old: KubeObject,
): Routine<ApiError | undefined> {
  const attributes: Attributes = {
    server: context.server,
    operation: 'DELETE',
    descriptor: context.descriptor,
    subresource: '',
    namespace: context.info.namespace,
    name,
    object: undefined,
    old,
    user: context.user,
    dryRun: context.dryRun,
    warnings: context.warnings,
  };
  const admitted = admit(ADMISSION_PLUGINS, attributes);
  if (admitted instanceof ApiError) return admitted;
  return yield* checkAdmission(ADMISSION_PLUGINS, attributes);
}

/** The finalizers that the propagation policy asks for, beside the object's own. */
function finalizersFor(object: KubeObject, options: DeleteOptions): readonly string[] {
  const own = object.metadata.finalizers ?? [];
  const policy =
    options.propagationPolicy ??
    (options.orphanDependents === undefined
      ? undefined
      : options.orphanDependents
        ? 'Orphan'
        : 'Background');
  if (policy === undefined) return own;
  const others = own.filter((name) => name !== 'orphan' && name !== 'foregroundDeletion');
  if (policy === 'Orphan') return [...others, 'orphan'];
  return policy === 'Foreground' ? [...others, 'foregroundDeletion'] : others;
}

/** The object as it waits for its end; undefined where it goes at once. */
function lingeringForm(
  context: ResourceRequest,
  object: KubeObject,
  options: DeleteOptions,
): KubeObject | undefined {
  const { descriptor, server } = context;
  const meta = object.metadata;
  const finalizers = finalizersFor(object, options);
  const grace = descriptor.gracePeriod?.(object, options.gracePeriodSeconds) ?? 0;
  const held = meta.deletionGracePeriodSeconds;
  const pending = meta.deletionTimestamp !== undefined;
  const specFinalizers = (object.spec as { finalizers?: readonly string[] } | undefined)
    ?.finalizers;
  const waits = finalizers.length > 0 || (specFinalizers ?? []).length > 0;
  if (!waits && grace <= 0) return undefined;
  if (pending && !waits && held !== undefined && held <= grace) return object;
  const shorter = pending && held !== undefined ? Math.min(held, grace) : grace;
  const since = server.simulation.now + shorter * SECOND;
  const renewed = !pending || shorter !== held;
  const changes: Partial<ObjectMeta> = {
    deletionTimestamp: renewed ? rfc3339(since) : (meta.deletionTimestamp ?? rfc3339(since)),
    deletionGracePeriodSeconds: shorter,
    ...(!pending && meta.generation !== undefined ? { generation: meta.generation + 1 } : {}),
  };
  const { finalizers: _, ...rest } = meta;
  const metadata = {
    ...rest,
    ...changes,
    ...(finalizers.length > 0 ? { finalizers } : {}),
  };
  const marked: KubeObject = { ...object, metadata };
  return descriptor.plural === 'namespaces' && descriptor.group === ''
    ? { ...marked, status: { ...(marked.status as object), phase: 'Terminating' } }
    : marked;
}

function* mark(
  context: ResourceRequest,
  marked: KubeObject,
  old: KubeObject,
): Routine<Deletion | typeof CONFLICT | ApiError> {
  if (marked === old || sameJson(marked, old)) return { object: old, gone: false };
  const expected = old.metadata.resourceVersion ?? '0';
  const written = yield* context.server.storage.update(context.descriptor, marked, expected);
  if (written === CONFLICT || written instanceof ApiError) return written;
  return { object: written, gone: false };
}

function* remove(
  context: ResourceRequest,
  object: KubeObject,
): Routine<Deletion | typeof CONFLICT | ApiError> {
  const removed = yield* context.server.storage.remove(context.descriptor, object);
  if (removed === CONFLICT || removed instanceof ApiError) return removed;
  yield* release(context, object, undefined);
  return { object, gone: true };
}

/** DELETE of a collection: every object that the selectors select. */
export function* deleteCollection(context: ResourceRequest): Routine<HttpResponse | ApiError> {
  const { descriptor, request, server, info, warnings } = context;
  const options = deleteOptions(context);
  if (options instanceof ApiError) return options;
  const selection = listOptions(request, descriptor);
  if (selection instanceof ApiError) return selection;
  const revision = yield* server.storage.fresh();
  if (revision instanceof ApiError) return revision;
  const namespace = descriptor.namespaced ? info.namespace || undefined : '';
  const items: KubeObject[] = [];
  for (const object of server.storage.cache(descriptor.storage).list(namespace)) {
    if (!isSelected(object, selection, descriptor)) continue;
    const at = { ...context, info: { ...info, namespace: object.metadata.namespace ?? '' } };
    const deleted = yield* deleteNamed(at, object.metadata.name ?? '', options);
    if (deleted instanceof ApiError && deleted.status.code !== 404) return deleted;
    items.push(object);
  }
  const list = {
    kind: `${descriptor.kind}List`,
    apiVersion: groupVersionOf(descriptor),
    metadata: { resourceVersion: String(revision) },
    items,
  };
  return respond(200, list, listWriter(descriptor, wantsPretty(request)), warnings);
}
