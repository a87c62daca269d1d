// GET of one object and of lists: whole, as Table, as partial metadata; in pages; at any or the newest revision.

import { base64Text, fromBase64 } from '../../../core/base64.ts';
import { binaryString } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import type { HttpRequest, HttpResponse } from '../../../userland/http/message.ts';
import { isObject } from '../fields/decode.ts';
import { jsonKind } from '../fields/json.ts';
import { groupVersionOf, type KindDescriptor } from '../kinds/descriptor.ts';
import type { KubeList, KubeObject } from '../object.ts';
import { ApiError, apiErrors } from '../status.ts';
import { syntaxError } from './body.ts';
import type { ResourceRequest } from './context.ts';
import { badVersion, isSelected, type ListOptions, listOptions } from './list-options.ts';
import { queryValue } from './request-info.ts';
import {
  listWriter,
  MEDIA_TYPES,
  objectWriter,
  plainWriter,
  respond,
  wantsPretty,
} from './respond.ts';
import { type IncludeObject, partialMetadata, tableOf } from './table.ts';

/** The forms in which an answer can be had. */
export type Form = 'object' | 'table' | 'partial';

/** Reads the Accept header: the first form in it that the server has. */
export function acceptedForm(request: HttpRequest): Form | ApiError {
  const accept = request.headers.accept ?? '';
  if (accept === '' || accept === '*/*' || accept === 'application/json') return 'object';
  let unknown = false;
  for (const part of accept.split(',')) {
    const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim());
    if (type !== '*/*' && !MEDIA_TYPES.includes(type)) continue;
    const as = parameters.find((parameter) => parameter.startsWith('as='))?.slice(3);
    if (as === undefined) return 'object';
    if (!parameters.includes('v=v1') || !parameters.includes('g=meta.k8s.io')) unknown = true;
    else if (as === 'Table') return 'table';
    else if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return 'partial';
    else unknown = true;
  }
  if (unknown) return apiErrors.notAcceptable(MEDIA_TYPES);
  const known = MEDIA_TYPES.join(', ');
  const message = `406: Not Acceptable\n\nAvailable representations: ${known}`;
  return new ApiError(406, 'NotAcceptable', message, {});
}

/** An object as the descriptor's version shows it. */
export function shown(descriptor: KindDescriptor, object: KubeObject): KubeObject {
  return descriptor.view ? descriptor.view.fromStored(object) : object;
}

/** The answer with one object in the form that the client wants. */
export function respondObject(
  context: ResourceRequest,
  status: number,
  object: KubeObject,
): HttpResponse | ApiError {
  const { request, descriptor, warnings } = context;
  const pretty = wantsPretty(request);
  const form = acceptedForm(request);
  if (form instanceof ApiError) return form;
  if (form === 'table') {
    const metadata = { resourceVersion: object.metadata.resourceVersion };
    const table = tableOf(
      descriptor,
      [object],
      metadata,
      context.server.simulation.now,
      includeObject(request),
    );
    return respond(status, table, plainWriter(pretty), warnings);
  }
  if (form === 'partial') {
    return respond(status, partialMetadata(object), plainWriter(pretty), warnings);
  }
  return respond(status, object, objectWriter(descriptor, pretty), warnings);
}

export function includeObject(request: HttpRequest): IncludeObject {
  const value = queryValue(request, 'includeObject');
  return value === 'None' || value === 'Object' ? value : 'Metadata';
}

/** GET of one object. */
export function* getObject(context: ResourceRequest): Routine<HttpResponse | ApiError> {
  const object = yield* readObject(context);
  return object instanceof ApiError ? object : respondObject(context, 200, object);
}

/** Reads the object that the path names, or says that it is not there. */
export function* readObject(context: ResourceRequest): Routine<KubeObject | ApiError> {
  const { server, info, descriptor, request } = context;
  const version = queryValue(request, 'resourceVersion') ?? '';
  if (version !== '') {
    if (!/^\d+$/.test(version)) return badVersion(version);
    if (!(yield* server.storage.reached(Number(version)))) return tooLarge(context, version);
  }
  const object = yield* server.storage.get(descriptor, info.namespace, info.name);
  if (object instanceof ApiError) return object;
  if (!object) {
    return apiErrors.notFound({ group: info.group, resource: info.resource }, info.name);
  }
  return shown(descriptor, object);
}

function tooLarge(context: ResourceRequest, version: string): ApiError {
  return new ApiError(
    504,
    'Timeout',
    `Timeout: Too large resource version: ${version}, current: ${context.server.storage.revision}`,
    {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  );
}

interface Page {
  readonly objects: readonly KubeObject[];
  readonly revision: number;
  readonly continueToken?: string;
  readonly remaining?: number;
}

/** GET of a list. */
export function* listObjects(context: ResourceRequest): Routine<HttpResponse | ApiError> {
  const { request, descriptor } = context;
  const options = listOptions(request, descriptor);
  if (options instanceof ApiError) return options;
  const page = yield* readPage(context, options);
  if (page instanceof ApiError) return page;
  const metadata = {
    resourceVersion: String(page.revision),
    ...(page.continueToken === undefined ? {} : { continue: page.continueToken }),
    ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
  };
  return respondList(context, page.objects, metadata);
}

/** Answers with a list in the form that the client asked for: whole, a table, or metadata alone. */
export function respondList(
  context: ResourceRequest,
  given: readonly KubeObject[],
  metadata: KubeList['metadata'],
): HttpResponse | ApiError {
  const { request, descriptor, server, warnings } = context;
  const form = acceptedForm(request);
  if (form instanceof ApiError) return form;
  const pretty = wantsPretty(request);
  const objects = descriptor.view ? given.map((object) => shown(descriptor, object)) : given;
  if (form === 'table') {
    const include = includeObject(request);
    const table = tableOf(descriptor, objects, metadata, server.simulation.now, include);
    return respond(200, table, plainWriter(pretty), warnings);
  }
  if (form === 'partial') {
    const list = {
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      metadata,
      items: objects.map(partialMetadata),
    };
    return respond(200, list, plainWriter(pretty), warnings);
  }
  const list: KubeList = {
    kind: `${descriptor.kind}List`,
    apiVersion: groupVersionOf(descriptor),
    metadata,
    items: objects,
  };
  return respond(200, list, listWriter(descriptor, pretty), warnings);
}

function* readPage(context: ResourceRequest, options: ListOptions): Routine<Page | ApiError> {
  const { server, descriptor, info } = context;
  const { storage } = server;
  const start = options.continueToken === '' ? undefined : readToken(options.continueToken);
  if (start instanceof ApiError) return start;
  const revision = yield* listRevision(context, options);
  if (revision instanceof ApiError) return revision;
  const namespace = descriptor.namespaced && info.namespace !== '' ? info.namespace : undefined;
  const all = storage.cache(descriptor.storage).list(descriptor.namespaced ? namespace : '');
  if (options.limit <= 0 && !start && options.fields.length === 0 && options.labels.length === 0) {
    return { objects: all, revision };
  }
  const selected = all.filter((object) => isSelected(object, options, descriptor));
  const rest = start ? selected.filter((object) => placeOf(object) > start.after) : selected;
  if (options.limit <= 0 || rest.length <= options.limit) {
    return { objects: rest, revision: start?.revision ?? revision };
  }
  const objects = rest.slice(0, options.limit);
  const last = objects[objects.length - 1];
  const plain = options.fields.length === 0 && options.labels.length === 0;
  return {
    objects,
    revision: start?.revision ?? revision,
    continueToken: writeToken(start?.revision ?? revision, last ? placeOf(last) : ''),
    ...(plain ? { remaining: rest.length - options.limit } : {}),
  };
}

/** The revision that a list is read at, once the cache has it. */
function* listRevision(context: ResourceRequest, options: ListOptions): Routine<number | ApiError> {
  const { storage } = context.server;
  const asked = options.resourceVersion;
  if (asked === '0') return storage.revision;
  if (asked === '') return yield* storage.fresh();
  if (!(yield* storage.reached(Number(asked)))) return tooLarge(context, asked);
  const exact = options.resourceVersionMatch === 'Exact';
  if (exact && Number(asked) < storage.cache(context.descriptor.storage).oldest) {
    return apiErrors.expired('The resourceVersion for the provided list is too old.');
  }
  return exact ? Number(asked) : storage.revision;
}

/** The order of a list: by namespace, then by name, as their keys in etcd are. */
function placeOf(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? `/${name}` : `/${namespace}/${name}`;
}

function writeToken(revision: number, after: string): string {
  const token: ContinueToken = { v: 'meta.k8s.io/v1', rv: revision, start: `${after}\u0000` };
  return base64Text(JSON.stringify(token)).replace(/=+$/, '');
}

interface ContinueToken {
  readonly v: string;
  readonly rv: number;
  readonly start: string;
}

/** A continue token is JSON in base64 without padding; each way to be none is told as the server tells it. */
function readToken(text: string): { revision: number; after: string } | ApiError {
  const refuse = (why: string): ApiError =>
    apiErrors.badRequest(`invalid continue token: continue key is not valid${why}`);
  const odd = /[^\w-]/.exec(text)?.index ?? (text.length % 4 === 1 ? text.length - 1 : -1);
  if (odd >= 0) return refuse(`: illegal base64 data at input byte ${odd}`);
  // Go's decoder names a byte, not a character.
  const json = binaryString(fromBase64(text));
  let token: unknown;
  try {
    token = JSON.parse(json);
  } catch {
    return refuse(`: ${syntaxError(json)}`);
  }
  if (token !== null && !isObject(token))
    return refuse(
      `: json: cannot unmarshal ${jsonKind(token)} into Go value of type storage.continueToken`,
    );
  const { v = '', rv = 0, start = '' } = (token ?? {}) as Partial<ContinueToken>;
  const version = '(version meta.k8s.io/v1)';
  if (v !== 'meta.k8s.io/v1')
    return refuse(`: server does not recognize this encoded version ${v}`);
  if (rv === 0) return refuse(`: incorrect encoded start resourceVersion ${version}`);
  if (start === '') return refuse(`: encoded start key empty ${version}`);
  return { revision: rv, after: start.replace('\u0000', '') };
}
