// Writing a release's objects (pkg/kube): applied on the server or patched from here, replaced, deleted, and brought from what
// one revision had to what the next has.

import type { Routine } from '../../../core/wait.ts';
import { groupVersion, pathOf } from '../../kubectl/discovery.ts';
import { Failure } from '../../kubectl/failure.ts';
import type { KubeObject } from '../../kubectl/rest.ts';
import { threeWayPatch, typeOf } from '../../kubectl/three-way.ts';
import { HelmError } from '../chart.ts';
import { type Cluster, type Item, MANAGER, sayProblem } from './cluster.ts';

/** `apps/v1, Kind=Deployment`. */
function kindText({ resource }: Item): string {
  return `${groupVersion(resource).includes('/') ? groupVersion(resource) : `/${resource.version}`}, Kind=${resource.kind}`;
}

/** `Service "web" in namespace "default"`. */
export function itemText({ resource, name, namespace }: Item): string {
  return `${resource.kind} "${name}" in namespace "${namespace}"`;
}

/** An item as it is in the cluster; undefined where it is not there. */
export function* fetch(cluster: Cluster, item: Item): Routine<KubeObject | undefined> {
  try {
    return yield* cluster.client.call('GET', pathOf(item.resource, item.namespace, item.name));
  } catch (problem) {
    if (problem instanceof Failure && problem.status?.reason === 'NotFound') return undefined;
    throw problem;
  }
}

/** How objects are written. */
export interface ApplyOptions {
  readonly serverSide: boolean;
  readonly forceConflicts: boolean;
  readonly forceReplace: boolean;
}

/** Applies an item on the server; throws HelmError. */
export function* applyServerSide(cluster: Cluster, item: Item, force: boolean): Routine<void> {
  const where = `${item.namespace}/${item.name} ${kindText(item)}`;
  try {
    yield* cluster.client.call('PATCH', pathOf(item.resource, item.namespace, item.name), {
      body: item.object,
      contentType: 'application/apply-patch+yaml',
      query: { fieldManager: MANAGER, fieldValidation: 'Strict', force: String(force) },
    });
  } catch (problem) {
    const why = sayProblem(problem);
    throw new HelmError(
      problem instanceof Failure && problem.status?.reason === 'Conflict'
        ? `conflict occurred while applying object ${where}: ${why}`
        : `server-side apply failed for object ${where}: ${why}`,
    );
  }
}

/** Makes an object that is not there. */
export function* create(cluster: Cluster, item: Item, options: ApplyOptions): Routine<void> {
  if (options.serverSide) return yield* applyServerSide(cluster, item, options.forceConflicts);
  try {
    yield* cluster.client.call('POST', pathOf(item.resource, item.namespace), {
      body: item.object,
      query: { fieldManager: MANAGER },
    });
  } catch (problem) {
    throw new HelmError(sayProblem(problem));
  }
}

/** Brings an object that is there to what an item says. */
export function* change(
  cluster: Cluster,
  original: KubeObject,
  item: Item,
  current: KubeObject,
  options: ApplyOptions,
): Routine<void> {
  const path = pathOf(item.resource, item.namespace, item.name);
  if (options.forceReplace) {
    const { resourceVersion } = current.metadata ?? {};
    const body = { ...item.object, metadata: { ...item.object.metadata, resourceVersion } };
    try {
      yield* cluster.client.call('PUT', path, { body, query: { fieldManager: MANAGER } });
    } catch (problem) {
      throw new HelmError(`failed to replace object: ${sayProblem(problem)}`);
    }
    return;
  }
  if (options.serverSide) return yield* applyServerSide(cluster, item, options.forceConflicts);
  const type = typeOf(item.resource);
  const patch = threeWayPatch(original, item.object, current, type);
  if (Object.keys(patch).length === 0) return;
  const kind = type ? 'strategic-merge-patch' : 'merge-patch';
  try {
    yield* cluster.client.call('PATCH', path, {
      body: patch,
      contentType: `application/${kind}+json`,
      query: { fieldManager: MANAGER },
    });
  } catch (problem) {
    throw new HelmError(
      `cannot patch "${item.name}" with kind ${item.resource.kind}: ${sayProblem(problem)}`,
    );
  }
}

/** Deletes an item; one that is not there is no matter. Throws HelmError. */
export function* remove(
  cluster: Cluster,
  item: Item,
  propagation: 'Background' | 'Foreground' | 'Orphan' = 'Background',
): Routine<void> {
  try {
    yield* cluster.client.call('DELETE', pathOf(item.resource, item.namespace, item.name), {
      body: { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: propagation },
    });
  } catch (problem) {
    if (problem instanceof Failure && problem.status?.reason === 'NotFound') return;
    throw new HelmError(sayProblem(problem));
  }
}

/** Does something for every item, all of them even after a failure; throws what went wrong, a line each. */
export function* forEach(
  items: readonly Item[],
  act: (item: Item) => Routine<void>,
): Routine<void> {
  const problems: string[] = [];
  for (const item of items) {
    try {
      yield* act(item);
    } catch (problem) {
      problems.push(sayProblem(problem));
    }
  }
  if (problems.length > 0) throw new HelmError(problems.join('\n'));
}

/** True where two items name the same object. */
export function sameObject(a: Item, b: Item): boolean {
  return (
    a.resource.kind === b.resource.kind &&
    a.resource.group === b.resource.group &&
    a.namespace === b.namespace &&
    a.name === b.name
  );
}

/** What update made, for a clean-up. */
export interface Updated {
  readonly created: Item[];
}

/** Makes, changes and deletes objects so that those of `originals` become `targets` (Client.Update); throws HelmError. */
export function* update(
  cluster: Cluster,
  originals: readonly Item[],
  targets: readonly Item[],
  options: ApplyOptions,
  made: Updated,
): Routine<void> {
  const problems: string[] = [];
  for (const target of targets) {
    let current: KubeObject | undefined;
    try {
      current = yield* fetch(cluster, target);
    } catch (problem) {
      throw new HelmError(`could not get information about the resource: ${sayProblem(problem)}`);
    }
    if (!current) {
      made.created.push(target);
      try {
        yield* create(cluster, target, options);
      } catch (problem) {
        throw new HelmError(`failed to create resource: ${sayProblem(problem)}`);
      }
      continue;
    }
    const original = originals.find((one) => sameObject(one, target))?.object ?? current;
    try {
      yield* change(cluster, original, target, current, options);
    } catch (problem) {
      problems.push(sayProblem(problem));
    }
  }
  if (problems.length > 0) throw new HelmError(problems.join(' && '));
  for (const item of originals) {
    if (targets.some((one) => sameObject(one, item))) continue;
    const object = yield* fetch(cluster, item);
    if (!object || object.metadata?.annotations?.['helm.sh/resource-policy'] === 'keep') continue;
    try {
      yield* remove(cluster, item);
    } catch (problem) {
      problems.push(
        `failed to delete resource namespace=${item.namespace}, name=${item.name}, kind=${item.resource.kind}: ${sayProblem(problem)}`,
      );
    }
  }
  if (problems.length > 0) throw new HelmError(problems.join(' && '));
}
