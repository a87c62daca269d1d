// kubectl apply --prune: what was applied once, is selected, and was not among the files of this time is deleted. ApplySets are
// left out.

import type { Routine } from '../../../core/wait.ts';
import { klog } from '../../component/klog.ts';
import type { Call } from '../command.ts';
import { type ApiResource, groupVersion, pathOf, resourceOfKind } from '../discovery.ts';
import { type DryRun, resultPrinter } from '../dry-run.ts';
import { failure } from '../failure.ts';
import { lastApplied } from '../last-applied.ts';
import type { KubeObject } from '../rest.ts';
import { flagText, itemsOf, selectorQuery } from '../targets.ts';

/** What is looked through where --prune-allowlist names nothing; the last two have no namespace. */
const KINDS: readonly (readonly [apiVersion: string, kind: string])[] = [
  ...'ConfigMap Endpoints PersistentVolumeClaim Pod ReplicationController Secret Service'
    .split(' ')
    .map((kind) => ['v1', kind] as const),
  ['batch/v1', 'Job'],
  ['batch/v1', 'CronJob'],
  ['networking.k8s.io/v1', 'Ingress'],
  ...'DaemonSet Deployment ReplicaSet StatefulSet'
    .split(' ')
    .map((kind) => ['apps/v1', kind] as const),
  ['v1', 'Namespace'],
  ['v1', 'PersistentVolume'],
];

/** What this run has applied. */
export interface Visited {
  readonly uids: Set<string>;
  readonly namespaces: Set<string>;
}

/** Checks the flags of a run that prunes, before anything is applied. */
export function checkPrune(call: Call): void {
  const { values } = call;
  if (values.is('all') && flagText(call, 'selector') !== '')
    throw failure('cannot set --all and --selector at the same time');
  if (!values.is('prune')) return;
  if (values.is('force')) throw failure('--force cannot be used with --prune');
  if (!values.is('all') && flagText(call, 'selector') === '')
    throw failure(
      'all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector',
    );
  if (values.is('server-side'))
    throw failure(
      "--prune is in alpha and doesn't currently work on objects created by server-side apply",
    );
}

/** Refuses an allowlist that cannot be read, before anything else. */
export function checkAllowlist(call: Call): void {
  if (call.values.is('prune')) call.values.list('prune-allowlist').map(kindNamed);
}

/** The kinds to look through. */
function* kindsOf(call: Call): Routine<ApiResource[]> {
  const discovery = yield* call.discovery();
  const listed = call.values.list('prune-allowlist');
  yield* call.main.out.flush();
  if (listed.length === 0)
    yield* klog(
      call.main,
      'W',
      'prune.go:71',
      'Deprecated: kubectl apply will no longer prune non-namespaced resources by default when used with the --namespace flag in a future release. To preserve the current behaviour, list the resources you want to target explicitly in the --prune-allowlist flag.',
    );
  const wanted = listed.length === 0 ? KINDS : listed.map(kindNamed);
  return wanted.map(([apiVersion, kind]) => {
    const found = resourceOfKind(discovery, apiVersion, kind);
    if (!found) throw failure(`no matches for kind "${kind}" in version "${apiVersion}"`);
    return found;
  });
}

function kindNamed(text: string): readonly [apiVersion: string, kind: string] {
  const [group = '', version = '', kind = '', ...more] = text.split('/');
  if (kind === '' || more.length > 0)
    throw failure(`invalid GroupVersionKind format: ${text}, please follow <group/version/kind>`);
  return [groupVersion({ group: group === 'core' ? '' : group, version }), kind];
}

/** Deletes what is left over. */
export function* prune(call: Call, visited: Visited, dryRun: DryRun): Routine<void> {
  const kinds = yield* kindsOf(call);
  const printer = yield* resultPrinter(call, dryRun);
  for (const namespace of visited.namespaces)
    for (const resource of kinds.filter(({ namespaced }) => namespaced))
      yield* pruneKind(call, resource, namespace);
  for (const resource of kinds.filter(({ namespaced }) => !namespaced))
    yield* pruneKind(call, resource, '');

  function* pruneKind(of: Call, resource: ApiResource, namespace: string): Routine<void> {
    const client = yield* of.client();
    // Warnings of the list stand where it was made.
    yield* of.main.out.flush();
    const list = yield* client.call('GET', pathOf(resource, namespace), {
      query: selectorQuery(of),
    });
    for (const object of itemsOf(list, resource)) {
      if (!lastApplied(object) || visited.uids.has(object.metadata?.uid ?? '')) continue;
      yield* remove(of, resource, namespace, object);
      yield* printer.show(object, 'pruned');
    }
  }

  function* remove(
    of: Call,
    resource: ApiResource,
    namespace: string,
    object: KubeObject,
  ): Routine<void> {
    if (dryRun === 'client') return;
    const client = yield* of.client();
    const { values } = of;
    const cascade = values.text('cascade');
    const grace = values.number('grace-period');
    yield* client.call('DELETE', pathOf(resource, namespace, object.metadata?.name ?? ''), {
      body: {
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        propagationPolicy: cascade.charAt(0).toUpperCase() + cascade.slice(1),
        ...(grace >= 0 ? { gracePeriodSeconds: grace } : {}),
        ...(dryRun === 'server' ? { dryRun: ['All'] } : {}),
      },
    });
  }
}
