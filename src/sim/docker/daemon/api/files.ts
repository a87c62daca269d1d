// The API's files of containers: changes, export, archive.

import type { Routine } from '../../../core/wait.ts';
import type { HttpResponse } from '../../../userland/http/message.ts';
import { encodeBase64 } from '../../base64.ts';
import { changesOf, exportTree, readPath, writePath } from '../archive.ts';
import { ApiError, type Container, findContainer } from '../model.ts';
import { bytes, type Context, type Handler, json, query, refuse } from './answer.ts';

function one(handler: (context: Context, container: Container) => Routine<HttpResponse>): Handler {
  return function* (context) {
    const container = findContainer(context.daemon, decodeURIComponent(context.parts[0] ?? ''));
    return container instanceof ApiError ? refuse(container) : yield* handler(context, container);
  };
}

const changes = one(function* ({ daemon, process }, container) {
  const found = yield* changesOf(daemon, process, container);
  return found instanceof ApiError ? refuse(found) : json(found.length > 0 ? found : null);
});

const exported = one(function* ({ daemon, process }, container) {
  const tar = yield* exportTree(daemon, process, container);
  return tar instanceof ApiError ? refuse(tar) : bytes(tar, 'application/octet-stream');
});

/** httputils.ArchiveFormValues */
const noPath = (): ApiError => new ApiError(400, 'bad parameter: path cannot be empty');

/** The container as the request names it. */
const calledOf = ({ parts }: { readonly parts: readonly string[] }): string =>
  decodeURIComponent(parts[0] ?? '');

const archive = one(function* (context, container) {
  if (query(context, 'path') === '') return refuse(noPath());
  const found = yield* readPath(
    context.daemon,
    context.process,
    container,
    calledOf(context),
    query(context, 'path'),
    context.request.method === 'GET',
  );
  if (found instanceof ApiError) return refuse(found);
  const answer = bytes(found.tar, 'application/x-tar');
  return {
    ...answer,
    headers: {
      ...answer.headers,
      'x-docker-container-path-stat': encodeBase64(JSON.stringify(found.stat)),
    },
  };
});

const unpack = one(function* (context, container) {
  if (query(context, 'path') === '') return refuse(noPath());
  const failure = yield* writePath(
    context.daemon,
    context.process,
    container,
    calledOf(context),
    query(context, 'path'),
    context.request.body.bytes(),
  );
  return failure ? refuse(failure) : { status: 200, headers: {} };
});

/** Method, path, handler. */
export const fileRoutes: readonly (readonly [string, string, Handler])[] = [
  ['GET', '/containers/*/changes', changes],
  ['GET', '/containers/*/export', exported],
  ['GET', '/containers/*/archive', archive],
  ['HEAD', '/containers/*/archive', archive],
  ['PUT', '/containers/*/archive', unpack],
];
