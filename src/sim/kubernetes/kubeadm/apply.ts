// How kubeadm puts objects into a cluster: it waits for the API server, then makes each, or leaves it as it is where it is
// there already.

import { SECOND } from '../../core/time.ts';
import { type Routine, sleepUntil } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { type ApiClient, Refusal, type Resource } from '../api/client.ts';
import { resources } from '../api/client-resources.ts';
import type { KubeObject } from '../api/object.ts';
import { networkClient } from '../component/connect.ts';
import { loadKubeconfig } from '../component/kubeconfig.ts';

const PLURALS: Readonly<Record<string, string>> = { StorageClass: 'storageclasses' };

function resourceOf({ apiVersion, kind }: KubeObject): Resource<KubeObject> {
  return { groupVersion: apiVersion, plural: PLURALS[kind] ?? `${kind.toLowerCase()}s` };
}

/** Waits until the API server answers as a kubeconfig's user; its client. */
export function* untilReady(process: Process, kubeconfig: string): Routine<ApiClient> {
  for (;;) {
    const config = yield* loadKubeconfig(process, kubeconfig);
    if (typeof config !== 'string') {
      const client = networkClient(process, config, 'kubeadm');
      const answer = yield* client.list(resources.namespaces);
      if (!(answer instanceof Refusal)) return client;
    }
    yield* sleepUntil(process.now + SECOND / 2);
  }
}

/** Makes objects; those that are there are left alone. The refusals. */
export function* createAll(
  client: ApiClient,
  objects: readonly KubeObject[],
): Routine<readonly string[]> {
  const problems: string[] = [];
  for (const object of objects) {
    const { kind, metadata } = object;
    const resource = resourceOf(object);
    const made = yield* client.create(resource, object);
    if (!(made instanceof Refusal) || made.reason === 'AlreadyExists') continue;
    // A service that is there already is refused for its address before its name is looked at.
    const { namespace = '', name = '' } = metadata;
    const isThere =
      kind === 'Service' && !((yield* client.get(resource, namespace, name)) instanceof Refusal);
    if (!isThere) problems.push(`${kind} ${name}: ${made.message}`);
  }
  return problems;
}
