// The namespace controller: when a namespace is deleted, everything in it is, kind by kind; what stays is said in its
// conditions; when nothing is left the finalizer goes and the namespace with it.

import { SECOND, rfc3339 } from '../../../core/time.ts';
import { Content } from '../../../core/content.ts';
import type { Simulation } from '../../../core/simulation.ts';
import type { Routine } from '../../../core/wait.ts';
import { resources } from '../../api/client-resources.ts';
import { type ApiClient, apiPath, Refusal } from '../../api/client.ts';
import { sameJson } from '../../api/object.ts';
import type { Namespace } from '../../api/types/config.ts';
import type { ControllerContext } from '../context.ts';
import { type DiscoveredResource, discover } from '../discovery.ts';
import type { Controller, SyncResult } from '../machinery/controller.ts';
import { type Informer, keyOf } from '../machinery/informer.ts';
import { WorkQueue } from '../machinery/work-queue.ts';

/** What is left of one resource in a namespace. */
interface Remaining {
  readonly resource: string;
  readonly count: number;
  readonly finalizers: readonly string[];
}

/** A deletion is looked at so long after it: until then every API server knows of it (namespaceDeletionGracePeriod). */
const GRACE = 5 * SECOND;

/** kube-controller-manager's namespace-controller. */
export class NamespaceController implements Controller {
  readonly name = 'namespace-controller';
  readonly workers = 10;
  readonly queue: WorkQueue;
  private readonly simulation: Simulation;
  private readonly client: ApiClient;
  private readonly namespaces: Informer<Namespace>;

  constructor(context: ControllerContext) {
    this.simulation = context.simulation;
    this.client = context.client;
    this.queue = new WorkQueue(context.simulation);
    this.namespaces = context.informer(resources.namespaces);
    this.namespaces.onChange((after) => {
      if (after?.metadata.deletionTimestamp) this.queue.addAfter(keyOf(after), GRACE);
    });
  }

  *sync(key: string): Routine<SyncResult> {
    const namespace = this.namespaces.get(key);
    if (!namespace?.metadata.deletionTimestamp) return undefined;
    const remaining: Remaining[] = [];
    for (const resource of yield* discover(this.client)) {
      const deletable =
        resource.namespaced && resource.verbs.includes('list') && resource.verbs.includes('delete');
      if (!deletable) continue;
      const left = yield* this.deleteAll(resource, key);
      if (left) remaining.push(left);
    }
    const finished = yield* this.writeConditions(namespace, remaining);
    if (remaining.length > 0)
      return remaining.some(({ finalizers }) => finalizers.length === 0) ? SECOND : 5 * SECOND;
    return yield* this.finalize(finished);
  }

  private *deleteAll(
    resource: DiscoveredResource,
    namespace: string,
  ): Routine<Remaining | undefined> {
    const before = yield* this.client.list(resource, namespace);
    if (before instanceof Refusal || before.items.length === 0) return undefined;
    if (resource.verbs.includes('deletecollection')) {
      yield* this.client.request({
        method: 'DELETE',
        path: apiPath(resource, namespace),
        query: new Map(),
        headers: { 'content-type': 'application/json', 'user-agent': 'kube-controller-manager' },
        body: Content.ofJson({ propagationPolicy: 'Background' }),
      });
    } else {
      for (const { metadata } of before.items)
        yield* this.client.delete(resource, namespace, metadata.name ?? '');
    }
    const after = yield* this.client.list(resource, namespace);
    if (after instanceof Refusal || after.items.length === 0) return undefined;
    const finalizers = after.items.flatMap(({ metadata }) => metadata.finalizers ?? []);
    const group = resource.groupVersion.includes('/')
      ? `.${resource.groupVersion.split('/')[0]}`
      : '.';
    return { resource: `${resource.plural}${group}`, count: after.items.length, finalizers };
  }

  private *writeConditions(
    namespace: Namespace,
    remaining: readonly Remaining[],
  ): Routine<Namespace> {
    const conditions = conditionsOf(namespace, remaining, rfc3339(this.simulation.now));
    if (sameJson(conditions, namespace.status?.conditions)) return namespace;
    const status = { ...namespace.status, phase: 'Terminating', conditions };
    const updated = yield* this.client.updateStatus(resources.namespaces, { ...namespace, status });
    return updated instanceof Refusal ? namespace : updated;
  }

  private *finalize(namespace: Namespace): Routine<SyncResult> {
    const { finalizers = [] } = namespace.spec ?? {};
    const spec = {
      ...namespace.spec,
      finalizers: finalizers.filter((name) => name !== 'kubernetes'),
    };
    const response = yield* this.client.request({
      method: 'PUT',
      path: apiPath(resources.namespaces, '', keyOf(namespace), 'finalize'),
      query: new Map(),
      headers: { 'content-type': 'application/json', 'user-agent': 'kube-controller-manager' },
      body: Content.ofJson({ ...namespace, spec }),
    });
    return response.status < 400 || response.status === 404 ? undefined : 'finalize failed';
  }
}

type NamespaceConditions = NonNullable<NonNullable<Namespace['status']>['conditions']>;

function conditionsOf(
  namespace: Namespace,
  remaining: readonly Remaining[],
  now: string,
): NamespaceConditions {
  const counts = remaining.map(
    ({ resource, count }) => `${resource} has ${count} resource instances`,
  );
  const held = new Map<string, number>();
  for (const { finalizers } of remaining) {
    for (const name of finalizers) held.set(name, (held.get(name) ?? 0) + 1);
  }
  const holders = Array.from(held, ([name, count]) => `${name} in ${count} resource instances`);
  const wanted: readonly (readonly [string, boolean, string, string])[] = [
    [
      'NamespaceDeletionDiscoveryFailure',
      false,
      'ResourcesDiscovered',
      'All resources successfully discovered',
    ],
    [
      'NamespaceDeletionGroupVersionParsingFailure',
      false,
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ],
    [
      'NamespaceDeletionContentFailure',
      false,
      'ContentDeleted',
      'All content successfully deleted, may be waiting on finalization',
    ],
    counts.length > 0
      ? [
          'NamespaceContentRemaining',
          true,
          'SomeResourcesRemain',
          `Some resources are remaining: ${counts.join(', ')}`,
        ]
      : ['NamespaceContentRemaining', false, 'ContentRemoved', 'All content successfully removed'],
    holders.length > 0
      ? [
          'NamespaceFinalizersRemaining',
          true,
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${holders.join(', ')}`,
        ]
      : [
          'NamespaceFinalizersRemaining',
          false,
          'ContentHasNoFinalizers',
          'All content-preserving finalizers finished',
        ],
  ];
  return wanted.map(([type, is, reason, message]) => {
    const status = is ? 'True' : 'False';
    const before = namespace.status?.conditions?.find((condition) => condition.type === type);
    const lastTransitionTime = before?.status === status ? (before.lastTransitionTime ?? now) : now;
    return { type, status, lastTransitionTime, reason, message };
  });
}
