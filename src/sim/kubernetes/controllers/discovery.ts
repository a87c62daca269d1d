// What the server serves, asked of the server (client-go discovery): resources with their kinds, scope and verbs, so that
// controllers for all kinds need no list of their own.

import { Content } from '../../core/content.ts';
import type { Routine } from '../../core/wait.ts';
import type { ApiClient, ObjectLike, Resource } from '../api/client.ts';

/** A resource as discovery describes it. */
export interface DiscoveredResource extends Resource<ObjectLike> {
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

interface ResourceList {
  readonly groupVersion: string;
  readonly resources: readonly {
    readonly name: string;
    readonly kind: string;
    readonly namespaced: boolean;
    readonly verbs: readonly string[];
  }[];
}

interface GroupList {
  readonly groups: readonly { readonly preferredVersion: { readonly groupVersion: string } }[];
}

/** Every resource in its group's preferred version, subresources left out. Groups that do not answer are left out. */
export function* discover(client: ApiClient): Routine<readonly DiscoveredResource[]> {
  const found: DiscoveredResource[] = [];
  const groups = (yield* read(client, '/apis')) as GroupList | undefined;
  const versions = [
    'v1',
    ...(groups?.groups ?? []).map((group) => group.preferredVersion.groupVersion),
  ];
  for (const version of versions) {
    const path = version.includes('/') ? `/apis/${version}` : `/api/${version}`;
    const list = (yield* read(client, path)) as ResourceList | undefined;
    for (const { name, kind, namespaced, verbs } of list?.resources ?? []) {
      if (!name.includes('/'))
        found.push({ groupVersion: version, plural: name, kind, namespaced, verbs });
    }
  }
  return found;
}

function* read(client: ApiClient, path: string): Routine<unknown> {
  const headers = { accept: 'application/json' };
  const request = { method: 'GET', path, query: new Map(), headers, body: Content.empty };
  const response = yield* client.request(request);
  return response.status === 200 ? response.body?.json() : undefined;
}
