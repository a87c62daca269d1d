// /metrics of the API server: what it is, what it stores and who watches. Histograms and counts of requests are not kept.

import type { ServerParts } from '../handlers/context.ts';
import { resourceKey } from '../kinds/descriptor.ts';
import { VERSION } from './version.ts';

function labelled(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',');
}

/** The metrics in Prometheus' text form. */
export function metricsText({ kinds, storage }: ServerParts): string {
  const stored = kinds.all().filter((one) => !one.virtual && !one.view);
  const keys = [...new Map(stored.map((one) => [resourceKey(one), one.storage]))].sort();
  const { major, minor, gitVersion, gitCommit, gitTreeState, buildDate } = VERSION;
  const build = labelled({
    build_date: buildDate,
    compiler: VERSION.compiler,
    git_commit: gitCommit,
    git_tree_state: gitTreeState,
    git_version: gitVersion,
    go_version: VERSION.goVersion,
    major,
    minor,
    platform: VERSION.platform,
  });
  const lines = [
    '# HELP apiserver_longrunning_requests [STABLE] Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope and component. Not all requests are tracked this way.',
    '# TYPE apiserver_longrunning_requests gauge',
    ...kinds.all().flatMap((kind) => {
      const { group, version, plural: resource, view, virtual } = kind;
      const watchers = view || virtual ? 0 : storage.cache(kind.storage).watcherCount();
      if (watchers === 0) return [];
      const scope = kind.namespaced ? 'namespace' : 'cluster';
      const labels = { component: 'apiserver', group, resource, scope, subresource: '' };
      const text = labelled({ ...labels, verb: 'WATCH', version });
      return [`apiserver_longrunning_requests{${text}} ${watchers}`];
    }),
    '# HELP apiserver_storage_objects [STABLE] Number of stored objects at the time of last check split by kind. In case of a fetching error, the value will be -1.',
    '# TYPE apiserver_storage_objects gauge',
    ...keys.map(
      ([resource, folder]) =>
        `apiserver_storage_objects{${labelled({ resource })}} ${storage.cache(folder).size}`,
    ),
    "# HELP kubernetes_build_info [ALPHA] A metric with a constant '1' value labeled by major, minor, git version, git commit, git tree state, build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running.",
    '# TYPE kubernetes_build_info gauge',
    `kubernetes_build_info{${build}} 1`,
  ];
  return `${lines.join('\n')}\n`;
}
