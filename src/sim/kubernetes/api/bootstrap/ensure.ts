// Creates objects that are not there yet, through the server's own handlers.

import { Content } from '../../../core/content.ts';
import type { Routine } from '../../../core/wait.ts';
import type { HttpRequest } from '../../../userland/http/message.ts';
import type { JsonObject } from '../fields/decode.ts';
import { isObject } from '../fields/decode.ts';
import { contextOf, type ServerParts } from '../handlers/context.ts';
import { createObject } from '../handlers/create.ts';
import { requestInfo } from '../handlers/request-info.ts';
import type { KindDescriptor, UserInfo } from '../kinds/descriptor.ts';
import { ApiError } from '../status.ts';

/** The server itself, when it writes objects of its own. */
export const LOOPBACK: UserInfo = {
  name: 'system:apiserver',
  groups: ['system:authenticated', 'system:masters'],
};

/** Creates each object that does not exist; an error that is no conflict ends it. */
export function* ensureObjects(
  server: ServerParts,
  objects: readonly JsonObject[],
): Routine<ApiError | undefined> {
  for (const object of objects) {
    const descriptor = server.kinds.ofObject(String(object.apiVersion), String(object.kind));
    if (!descriptor) throw new Error(`bootstrap of unknown kind ${object.kind}`);
    const { name, namespace } = metadataOf(object);
    if (server.storage.cache(descriptor.storage).get(namespace, name)) continue;
    const request = creation(descriptor, namespace, object);
    const context = contextOf(server, request, requestInfo(request), LOOPBACK, descriptor);
    const result = yield* createObject(context);
    if (result instanceof ApiError && result.status.code !== 409) return result;
  }
  return undefined;
}

function metadataOf(object: JsonObject): { name: string; namespace: string } {
  const metadata = isObject(object.metadata) ? object.metadata : {};
  return { name: String(metadata.name ?? ''), namespace: String(metadata.namespace ?? '') };
}

function creation(descriptor: KindDescriptor, namespace: string, object: JsonObject): HttpRequest {
  const root =
    descriptor.group === '' ? '/api/v1' : `/apis/${descriptor.group}/${descriptor.version}`;
  const scope = descriptor.namespaced ? `/namespaces/${namespace}` : '';
  return {
    method: 'POST',
    path: `${root}${scope}/${descriptor.plural}`,
    query: new Map(),
    headers: { 'user-agent': 'kube-apiserver/v1.36.3' },
    body: Content.ofJson(object),
  };
}
