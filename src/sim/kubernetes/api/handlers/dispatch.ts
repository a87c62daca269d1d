// Which handler answers a request to a resource: by verb, and by subresource.

import type { Routine } from '../../../core/wait.ts';
import type { HttpResponse } from '../../../userland/http/message.ts';
import { ALL_VERBS, groupResourceOf, type Verb } from '../kinds/descriptor.ts';
import { ApiError, apiErrors } from '../status.ts';
import { subresourceHandler } from '../subresources/index.ts';
import type { ResourceRequest, WriteResult } from './context.ts';
import { createObject } from './create.ts';
import { deleteCollection, deleteObject } from './delete.ts';
import { patchObject } from './patch.ts';
import { getObject, listObjects, respondObject } from './read.ts';
import { updateObject } from './update.ts';
import { watchObjects } from './watch.ts';

/** Answers a request to a resource or a subresource. */
export function* dispatch(context: ResourceRequest): Routine<HttpResponse | ApiError> {
  const { info, descriptor } = context;
  if (info.subresource !== '') return yield* dispatchSubresource(context);
  const verb = info.verb;
  if (!(descriptor.verbs ?? ALL_VERBS).includes(verb as Verb)) return apiErrors.methodNotAllowed();
  const review = descriptor.virtual ? subresourceHandler(descriptor, '') : undefined;
  if (review) return yield* review(context);
  switch (verb) {
    case 'get':
      return yield* getObject(context);
    case 'list':
      return yield* listObjects(context);
    case 'watch':
      return yield* watchObjects(context);
    case 'create':
      if (info.name !== '' || (descriptor.namespaced && info.namespace === ''))
        return apiErrors.methodNotAllowed();
      return answer(context, yield* createObject(context));
    case 'update':
      if (info.name === '') return apiErrors.methodNotAllowed();
      return answer(context, yield* updateObject(context));
    case 'patch':
      if (info.name === '') return apiErrors.methodNotAllowed();
      return answer(context, yield* patchObject(context));
    case 'delete':
      return yield* deleteObject(context);
    case 'deletecollection':
      return yield* deleteCollection(context);
    default:
      return apiErrors.methodNotAllowed();
  }
}

function answer(context: ResourceRequest, result: WriteResult): HttpResponse | ApiError {
  return result instanceof ApiError ? result : respondObject(context, result.status, result.object);
}

function* dispatchSubresource(context: ResourceRequest): Routine<HttpResponse | ApiError> {
  const { info, descriptor } = context;
  const handler = subresourceHandler(descriptor, info.subresource);
  if (handler) return yield* handler(context);
  if (info.subresource !== 'status' || !descriptor.hasStatus)
    return descriptor.type === ''
      ? apiErrors.notFound(groupResourceOf(descriptor), info.name)
      : apiErrors.noSuchPath();
  switch (info.verb) {
    case 'get':
      return yield* getObject(context);
    case 'update':
      return answer(context, yield* updateObject(context));
    case 'patch':
      return answer(context, yield* patchObject(context));
    default:
      return apiErrors.methodNotAllowed();
  }
}
