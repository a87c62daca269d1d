// /scale: the replicas of any workload, in one form (autoscaling/v1 Scale).

import type { Routine } from '../../../core/wait.ts';
import type { HttpResponse } from '../../../userland/http/message.ts';
import { isObject, type JsonObject } from '../fields/decode.ts';
import { decodeObject, readBody, writeOptions } from '../handlers/body.ts';
import type { ResourceRequest } from '../handlers/context.ts';
import { patcherOf } from '../handlers/patch.ts';
import { acceptedForm, readObject } from '../handlers/read.ts';
import { objectWriter, plainWriter, respond, wantsPretty } from '../handlers/respond.ts';
import { tableOf } from '../handlers/table.ts';
import { guardedUpdate } from '../handlers/update.ts';
import type { KindDescriptor, ScalePaths } from '../kinds/descriptor.ts';
import type { KubeObject } from '../object.ts';
import { ApiError, apiErrors } from '../status.ts';
import { fieldAt, table } from '../tables/columns.ts';
import { fieldErrors } from '../validation/errors.ts';

/** What the server knows of Scale. */
const scaleKind: KindDescriptor = {
  kind: 'Scale',
  group: 'autoscaling',
  version: 'v1',
  plural: 'scales',
  singular: 'scale',
  namespaced: true,
  type: 'autoscaling/v1.Scale',
  storage: '',
  virtual: true,
  table: table(['Desired:integer', 'Available:integer', 'Age'], (one, age) => [
    one.number('spec.replicas'),
    one.number('status.replicas'),
    age(),
  ]),
};

function scaleOf(object: KubeObject, paths: ScalePaths): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = paths.selector(object);
  const replicas = Number(fieldAt(object, paths.specReplicas) ?? 0);
  const metadata = { name, namespace, uid, resourceVersion, creationTimestamp };
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: metadata as KubeObject['metadata'],
    spec: replicas === 0 ? {} : { replicas },
    status: {
      replicas: Number(fieldAt(object, paths.statusReplicas) ?? 0),
      ...(selector ? { selector } : {}),
    },
  };
}

/** The object with a value at a path of names. */
function withField(object: JsonObject, path: readonly string[], value: unknown): JsonObject {
  const [name = '', ...rest] = path;
  if (rest.length === 0) return { ...object, [name]: value };
  const inner = isObject(object[name]) ? object[name] : {};
  return { ...object, [name]: withField(inner, rest, value) };
}

function answer(context: ResourceRequest, scale: KubeObject): HttpResponse | ApiError {
  const { request, server, warnings } = context;
  const pretty = wantsPretty(request);
  const form = acceptedForm(request);
  if (form instanceof ApiError) return form;
  if (form === 'table') {
    const made = tableOf(scaleKind, [scale], {}, server.simulation.now, 'Metadata');
    return respond(200, made, plainWriter(pretty), warnings);
  }
  return respond(200, scale, objectWriter(scaleKind, pretty), warnings);
}

/** GET, PUT and PATCH of /scale. */
export function* serveScale(context: ResourceRequest): Routine<HttpResponse | ApiError> {
  const { descriptor, info } = context;
  const paths = descriptor.scale;
  if (!paths) return apiErrors.noSuchPath();
  if (info.verb === 'get') {
    const object = yield* readObject(context);
    return object instanceof ApiError ? object : answer(context, scaleOf(object, paths));
  }
  if (info.verb !== 'update' && info.verb !== 'patch') return apiErrors.methodNotAllowed();
  const options = writeOptions(context.request, 'UpdateOptions');
  if (options instanceof ApiError) return options;
  const make = changeOf(context, paths);
  if (make instanceof ApiError) return make;
  const writing = { ...context, dryRun: options.dryRun };
  const result = yield* guardedUpdate(writing, { make, guardUid: info.verb === 'update' });
  return result instanceof ApiError ? result : answer(context, scaleOf(result.object, paths));
}

type Make = (old: KubeObject) => { object: KubeObject; tracked: boolean } | ApiError;

function changeOf(context: ResourceRequest, paths: ScalePaths): Make | ApiError {
  const { request, info } = context;
  if (info.verb === 'update') {
    const body = readBody(request, scaleKind, 'Ignore');
    if (body instanceof ApiError) return body;
    return (old) => scaled(context, old, body.object, paths);
  }
  const patcher = patcherOf({ ...context, descriptor: scaleKind });
  if (patcher instanceof ApiError) return patcher;
  return (old) => {
    const patched = patcher(scaleOf(old, paths));
    if (patched instanceof ApiError) return patched;
    const decoded = decodeObject(patched, scaleKind);
    return decoded instanceof ApiError ? decoded : scaled(context, old, decoded.object, paths);
  };
}

function scaled(
  { info }: ResourceRequest,
  old: KubeObject,
  scale: KubeObject,
  paths: ScalePaths,
): { object: KubeObject; tracked: boolean } | ApiError {
  const replicas = Number(fieldAt(scale, 'spec.replicas') ?? 0);
  if (replicas < 0) {
    const error = fieldErrors.invalid(
      'spec.replicas',
      replicas,
      'must be greater than or equal to 0',
    );
    return apiErrors.invalid('Scale', 'autoscaling', info.name, [error]);
  }
  const changed = withField(old, paths.specReplicas.split('.'), replicas) as unknown as KubeObject;
  const { resourceVersion } = scale.metadata;
  const { resourceVersion: _, ...metadata } = changed.metadata;
  const object = {
    ...changed,
    metadata: resourceVersion === undefined ? metadata : { ...metadata, resourceVersion },
  };
  return { object, tracked: false };
}
