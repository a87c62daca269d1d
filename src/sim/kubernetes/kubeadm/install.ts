// The last phases of an installation, as a process that ends when they are done: objects into the cluster, labels and taints
// onto the node.

import { Content } from '../../core/content.ts';
import { SECOND } from '../../core/time.ts';
import { type Routine, sleepUntil } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { apiPath, Refusal } from '../api/client.ts';
import { resources } from '../api/client-resources.ts';
import type { KubeObject } from '../api/object.ts';
import { createAll, untilReady } from './apply.ts';

/** What there is to be once the API server answers. */
export interface Installation {
  readonly nodeName: string;
  readonly objects: readonly KubeObject[];
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly { readonly key: string; readonly effect: string }[];
}

/** Installs; the exit status. */
export function* installAddons(process: Process, installation: Installation): Routine<number> {
  const client = yield* untilReady(process, '/etc/kubernetes/super-admin.conf');
  const { nodeName, objects, labels, taints } = installation;
  const problems = yield* createAll(client, objects);
  for (let tries = 0; tries < 60; tries++) {
    const node = yield* client.get(resources.nodes, '', nodeName);
    if (!(node instanceof Refusal)) {
      const others = (node.spec.taints ?? []).filter(
        ({ key }) => !taints.some((taint) => taint.key === key),
      );
      const spec = taints.length > 0 ? { spec: { taints: [...others, ...taints] } } : {};
      const done = yield* client.patch(resources.nodes, '', nodeName, 'merge', {
        metadata: { labels },
        ...spec,
      });
      if (!(done instanceof Refusal)) return problems.length === 0 ? 0 : 1;
    }
    yield* sleepUntil(process.now + SECOND / 2);
  }
  return 1;
}

/** Until when the events of a cluster's start are kept. */
const FORGOTTEN_AT = 24 * SECOND;

/**
 * Events are kept for an hour, and a lab's cluster has been up for longer when somebody sits down at it: those of its start
 * go. Virtual time is shorter than that, for an hour of idling costs something.
 */
export function* forgetStart(process: Process): Routine<number> {
  yield* sleepUntil(FORGOTTEN_AT);
  const client = yield* untilReady(process, '/etc/kubernetes/super-admin.conf');
  for (const namespace of ['default', 'kube-system']) {
    yield* client.request({
      method: 'DELETE',
      path: apiPath(resources.events, namespace),
      query: new Map(),
      headers: {},
      body: Content.empty,
    });
  }
  return 0;
}
