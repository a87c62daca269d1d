// Rendering a chart for a cluster (action.renderResources): its version and what it serves are known to templates, and `lookup`
// reads its objects. Templates are run without pause, so what a lookup asks for is fetched between two runs of them.

import type { Routine } from '../../../core/wait.ts';
import { Failure } from '../../kubectl/failure.ts';
import { groupVersion, pathOf, resourceOfKind } from '../../kubectl/discovery.ts';
import { type Chart, HelmError } from '../chart.ts';
import type { Values } from '../convert.ts';
import { type ReleaseFacts, type Rendered, renderChart } from '../manifests.ts';
import { KUBE_VERSION } from '../names.ts';
import { isVersion, satisfies } from '../semver.ts';
import { type Cluster, serverVersion } from './cluster.ts';

/** What a release is, before anything is known of the cluster. */
export type ReleaseCore = Omit<ReleaseFacts, 'kubeVersion' | 'apiVersions'>;

function checkVersion({ metadata }: Chart, version: string): void {
  const { kubeVersion } = metadata;
  if (typeof kubeVersion !== 'string' || kubeVersion === '' || !isVersion(version)) return;
  if (satisfies(kubeVersion, version) === true) return;
  throw new HelmError(
    `chart requires kubeVersion: ${kubeVersion} which is incompatible with Kubernetes ${version}`,
  );
}

/** Everything the templates of `capabilities` know of a cluster. */
function* servedBy(cluster: Cluster): Routine<ReadonlySet<string>> {
  const { groupVersions, resources } = yield* cluster.discovery();
  const kinds = resources.map((one) => `${groupVersion(one)}/${one.kind}`);
  return new Set([...groupVersions, ...kinds]);
}

function* lookedUp(cluster: Cluster, key: string): Routine<unknown> {
  const [version = '', kind = '', namespace = '', name = ''] = JSON.parse(key) as string[];
  const resource = resourceOfKind(yield* cluster.discovery(), version, kind);
  if (!resource) return {};
  try {
    return yield* cluster.client.call('GET', pathOf(resource, namespace, name));
  } catch (problem) {
    if (problem instanceof Failure && problem.status?.reason === 'NotFound') return {};
    throw problem;
  }
}

/** Renders a chart; without a cluster, as for one of helm's own version. Throws HelmError. */
export function* renderFor(
  cluster: Cluster | undefined,
  chart: Chart,
  values: Values,
  core: ReleaseCore,
  kubeVersion = KUBE_VERSION,
): Routine<Rendered> {
  if (!cluster) {
    checkVersion(chart, kubeVersion);
    return renderChart(chart, values, { ...core, kubeVersion });
  }
  const version = yield* serverVersion(cluster);
  checkVersion(chart, version);
  const facts = { ...core, kubeVersion: version, apiVersions: yield* servedBy(cluster) };
  const found = new Map<string, unknown>();
  for (;;) {
    const missing = new Set<string>();
    const rendered = attempt(() =>
      renderChart(chart, values, facts, {
        lookup(...words) {
          const key = JSON.stringify(words);
          if (!found.has(key)) missing.add(key);
          return found.get(key);
        },
      }),
    );
    if (missing.size === 0) {
      if (rendered instanceof HelmError) throw rendered;
      return rendered;
    }
    for (const key of missing) found.set(key, yield* lookedUp(cluster, key));
  }
}

/** A run of the templates; an error counts only when every lookup has been answered. */
function attempt(render: () => Rendered): Rendered | HelmError {
  try {
    return render();
  } catch (problem) {
    if (problem instanceof HelmError) return problem;
    throw problem;
  }
}
