// The scale subresource (client-go/scale): the replicas of whatever has them, read and written without knowing its kind.

import { Content } from '../../core/content.ts';
import type { Routine } from '../../core/wait.ts';
import { type ApiClient, apiPath, type ObjectLike, Refusal, type Resource } from '../api/client.ts';
import type { Status } from '../api/status.ts';

export interface Scale extends ObjectLike {
  readonly spec: { readonly replicas?: number };
  readonly status?: { readonly replicas?: number; readonly selector?: string };
}

function* exchange(
  client: ApiClient,
  method: string,
  path: string,
  body: object | undefined,
): Routine<Scale | Refusal> {
  const response = yield* client.request({
    method,
    path,
    query: new Map(),
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: body ? Content.ofJson(body) : Content.empty,
  });
  const answer = response.body?.json();
  return response.status >= 400 ? new Refusal(answer as Status) : (answer as Scale);
}

/** The scale of an object. */
export function getScale(
  client: ApiClient,
  of: Resource<unknown>,
  namespace: string,
  name: string,
): Routine<Scale | Refusal> {
  return exchange(client, 'GET', apiPath(of, namespace, name, 'scale'), undefined);
}

/** Sets the replicas of an object, as it was when its scale was read. */
export function setScale(
  client: ApiClient,
  of: Resource<unknown>,
  scale: Scale,
  replicas: number,
): Routine<Scale | Refusal> {
  const { namespace = '', name = '' } = scale.metadata;
  const body = { ...scale, spec: { ...scale.spec, replicas } };
  return exchange(client, 'PUT', apiPath(of, namespace, name, 'scale'), body);
}
