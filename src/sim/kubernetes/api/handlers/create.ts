// POST: decode, default, admit, prepare, validate, store.

import type { Random } from '../../../core/random.ts';
import type { Routine } from '../../../core/wait.ts';
import { type Attributes, admit, checkAdmission } from '../admission/admission.ts';
import { ADMISSION_PLUGINS } from '../admission/plugins.ts';
import { mutateByWebhooks } from '../admission/webhooks.ts';
import { groupResourceOf, type KindDescriptor } from '../kinds/descriptor.ts';
import { managedAfterCreate } from '../managed/update.ts';
import type { KubeObject } from '../object.ts';
import { ApiError, apiErrors } from '../status.ts';
import { CONFLICT } from '../storage/storage.ts';
import { validateMetadata } from '../validation/metadata.ts';
import { dnsSubdomain } from '../validation/names.ts';
import { applyStrictness, readBody, writeOptions } from './body.ts';
import type { ResourceRequest, ServerParts, WriteResult } from './context.ts';
import { managerOf } from './manager.ts';
import { allocate, release } from './resources.ts';

/** The letters of generated names: no vowels, nothing that looks like something else. */
const SUFFIX_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
const GENERATED_BASE = 58;
/** Names that are tried before a generated one is reported as taken. */
const NAME_ATTEMPTS = 8;

/** POST of a new object to a collection. */
export function* createObject(context: ResourceRequest): Routine<WriteResult> {
  const { descriptor, request, warnings } = context;
  const options = writeOptions(request, 'CreateOptions');
  if (options instanceof ApiError) return options;
  const body = readBody(request, descriptor, options.validation);
  if (body instanceof ApiError) return body;
  const strict = applyStrictness(body.strict, options.validation, descriptor, warnings);
  if (strict) return strict;
  return yield* createDecoded({ ...context, dryRun: options.dryRun }, body.object);
}

/** Creates an object that is decoded and defaulted (the end of POST, PUT and apply alike). */
export function* createDecoded(
  context: ResourceRequest,
  object: KubeObject,
  managed?: (object: KubeObject) => KubeObject,
): Routine<WriteResult> {
  const { descriptor, info } = context;
  const given = object.metadata.namespace ?? '';
  if (descriptor.namespaced && given !== '' && given !== info.namespace) {
    return apiErrors.badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  const generated = (object.metadata.name ?? '') === '' && object.metadata.generateName;
  for (let attempt = 1; ; attempt++) {
    const started = withSystemFields(context, object);
    const tracked = managed
      ? managed(started)
      : managedAfterCreate(started, descriptor, managerOf(context));
    const result = yield* store(context, tracked);
    const taken = result instanceof ApiError && result.status.reason === 'AlreadyExists';
    if (!taken || !generated || attempt === NAME_ATTEMPTS) return result;
  }
}

/** Fills in what only the server knows: name, namespace, uid, creation time. */
function withSystemFields(context: ResourceRequest, object: KubeObject): KubeObject {
  const { descriptor, info, server, strategy } = context;
  const { deletionTimestamp: _, deletionGracePeriodSeconds: __, ...given } = object.metadata;
  const base = given.generateName ?? '';
  const name =
    given.name !== undefined || base === ''
      ? given.name
      : `${base.slice(0, GENERATED_BASE)}${streamsOf(server).names.letters(5, SUFFIX_LETTERS)}`;
  const { namespace: ___, ...rest } = given;
  const metadata = {
    ...rest,
    ...(name === undefined ? {} : { name }),
    ...(descriptor.namespaced ? { namespace: info.namespace } : {}),
    uid: streamsOf(server).uids.uuid(),
    creationTimestamp: strategy.time,
    ...(descriptor.generation ? { generation: 1 } : {}),
  };
  if (!descriptor.generation) delete (metadata as { generation?: number }).generation;
  return { ...object, metadata };
}

/** Streams of chance of one server, so that names and uids do not disturb one another. */
interface Streams {
  readonly names: Random;
  readonly uids: Random;
}

const streams = new WeakMap<object, Streams>();

function streamsOf(server: ServerParts): Streams {
  const known = streams.get(server);
  if (known) return known;
  const random = server.simulation.random;
  const made = { names: random.fork('api/names'), uids: random.fork('api/uids') };
  streams.set(server, made);
  return made;
}

function attributesOf(context: ResourceRequest, object: KubeObject): Attributes {
  return {
    server: context.server,
    operation: 'CREATE',
    descriptor: context.descriptor,
    subresource: '',
    namespace: context.info.namespace,
    name: object.metadata.name ?? '',
    object,
    old: undefined,
    user: context.user,
    dryRun: context.dryRun,
    warnings: context.warnings,
  };
}

function* store(context: ResourceRequest, object: KubeObject): Routine<WriteResult> {
  const { descriptor, strategy } = context;
  const admitted = admit(ADMISSION_PLUGINS, attributesOf(context, object));
  if (admitted instanceof ApiError) return admitted;
  const mutated = yield* mutateByWebhooks(attributesOf(context, admitted ?? object));
  if (mutated instanceof ApiError) return mutated;
  let prepared = mutated ?? admitted ?? object;
  if (descriptor.prepareForCreate) prepared = descriptor.prepareForCreate(prepared, strategy);
  const refusal = validateNew(context, prepared);
  if (refusal) return refusal;
  context.warnings.push(...(descriptor.warnings?.(prepared, undefined) ?? []));
  const denied = yield* checkAdmission(ADMISSION_PLUGINS, attributesOf(context, prepared));
  if (denied) return denied;
  const allocated = yield* allocate(context, prepared, undefined);
  if (allocated instanceof ApiError) return allocated;
  if (context.dryRun) {
    const { name = '' } = allocated.metadata;
    const there = context.server.storage
      .cache(descriptor.storage)
      .get(context.info.namespace, name);
    return there ? takenName(context, name) : { status: 201, object: allocated };
  }
  return yield* write(context, allocated);
}

function validateNew(context: ResourceRequest, object: KubeObject): ApiError | undefined {
  const { descriptor, strategy } = context;
  const errors = [
    ...validateMetadata(
      object.metadata,
      descriptor.namespaced,
      descriptor.nameRule ?? dnsSubdomain,
    ),
    ...(descriptor.validate?.(object, strategy) ?? []),
  ];
  if (errors.length === 0) return undefined;
  return apiErrors.invalid(descriptor.kind, descriptor.group, object.metadata.name ?? '', errors);
}

function* write(context: ResourceRequest, object: KubeObject): Routine<WriteResult> {
  const { descriptor, server } = context;
  if (object.metadata.resourceVersion !== undefined) {
    return apiErrors.plain('resourceVersion should not be set on objects to be created');
  }
  const lease = isEvent(descriptor) ? yield* eventLease(context) : 0n;
  if (lease instanceof ApiError) return lease;
  const decoded = descriptor.defaultsAfterPreparation ? descriptor.defaults?.(object) : object;
  const whole = decoded ?? object;
  const stored = descriptor.view ? descriptor.view.toStored(whole) : whole;
  const written = yield* server.storage.create(descriptor, stored, lease);
  if (written === CONFLICT || written instanceof ApiError) {
    yield* release(context, object, undefined);
    if (written instanceof ApiError) return written;
    return takenName(context, object.metadata.name ?? '');
  }
  return {
    status: 201,
    object: descriptor.view ? descriptor.view.fromStored(written) : written,
  };
}

/** The name is taken; perhaps by an object that is on its way out. */
function takenName({ server, descriptor, info }: ResourceRequest, name: string): ApiError {
  const taken = apiErrors.alreadyExists(groupResourceOf(descriptor), name);
  const { code, reason, message, details } = taken.status;
  const there = server.storage.cache(descriptor.storage).get(info.namespace, name);
  if (there?.metadata.deletionTimestamp === undefined) return taken;
  return new ApiError(code, reason, `object is being deleted: ${message}`, details);
}

/** Events are kept for an hour (--event-ttl). */
const EVENT_TTL_SECONDS = 3600;
/** Events of one minute share a lease, as etcd3's lease manager does. */
const LEASE_REUSE_NANOSECONDS = 60e9;

const leases = new WeakMap<object, { readonly id: bigint; readonly at: number }>();

function isEvent(descriptor: KindDescriptor): boolean {
  return descriptor.storage === 'events';
}

function* eventLease(context: ResourceRequest): Routine<bigint | ApiError> {
  const { server } = context;
  const now = server.simulation.now;
  const known = leases.get(server);
  if (known && now - known.at < LEASE_REUSE_NANOSECONDS) return known.id;
  const id = yield* server.storage.lease(EVENT_TTL_SECONDS + 60);
  if (!(id instanceof ApiError)) leases.set(server, { id, at: now });
  return id;
}
