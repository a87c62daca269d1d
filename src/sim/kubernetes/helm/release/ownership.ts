// Whose an object is (pkg/action/validate.go): a label and two annotations name the release that it belongs to.

import type { Routine } from '../../../core/wait.ts';
import type { KubeObject } from '../../kubectl/rest.ts';
import { HelmError } from '../chart.ts';
import { fetch, itemText } from './apply.ts';
import { type Cluster, type Item, sayProblem } from './cluster.ts';

const MANAGED_BY = 'app.kubernetes.io/managed-by';
const RELEASE_NAME = 'meta.helm.sh/release-name';
const RELEASE_NAMESPACE = 'meta.helm.sh/release-namespace';

/** An item that says whose release it belongs to. */
export function owned(item: Item, release: string, namespace: string): Item {
  const { metadata = {} } = item.object;
  const labels = { ...metadata.labels, [MANAGED_BY]: 'Helm' };
  const annotations = {
    ...metadata.annotations,
    [RELEASE_NAME]: release,
    [RELEASE_NAMESPACE]: namespace,
  };
  return { ...item, object: { ...item.object, metadata: { ...metadata, labels, annotations } } };
}

/** Why an object is not a release's; undefined where it is. */
export function ownershipProblem(
  { metadata = {} }: KubeObject,
  release: string,
  namespace: string,
): string | undefined {
  const problems: string[] = [];
  const want = (
    what: string,
    has: Readonly<Record<string, string>> | undefined,
    key: string,
    value: string,
  ): void => {
    const actual = has?.[key];
    if (actual === undefined)
      problems.push(`${what} validation error: missing key "${key}": must be set to "${value}"`);
    else if (actual !== value)
      problems.push(
        `${what} validation error: key "${key}" must equal "${value}": current value is "${actual}"`,
      );
  };
  want('label', metadata.labels, MANAGED_BY, 'Helm');
  want('annotation', metadata.annotations, RELEASE_NAME, release);
  want('annotation', metadata.annotations, RELEASE_NAMESPACE, namespace);
  return problems.length === 0 ? undefined : `invalid ownership metadata; ${problems.join('; ')}`;
}

/** Which items are there already; throws HelmError for one that is not the release's, unless it is taken over. */
export function* existing(
  cluster: Cluster,
  items: readonly Item[],
  release: { readonly name: string; readonly namespace: string },
  takeOver: boolean,
): Routine<Item[]> {
  const found: Item[] = [];
  for (const item of items) {
    if (item.name === '') continue;
    let object: KubeObject | undefined;
    try {
      object = yield* fetch(cluster, item);
    } catch (problem) {
      throw new HelmError(
        `could not get information about the resource ${itemText(item)}: ${sayProblem(problem)}`,
      );
    }
    if (!object) continue;
    const problem = takeOver
      ? undefined
      : ownershipProblem(object, release.name, release.namespace);
    if (problem !== undefined)
      throw new HelmError(
        `${itemText(item)} exists and cannot be imported into the current release: ${problem}`,
      );
    found.push(item);
  }
  return found;
}
