// From rendered templates to manifests: files are split into documents, sorted into the order in which kinds are installed
// (pkg/release/v1/util), hooks apart.

import { decode } from '../../core/text.ts';
import { jsonKind } from '../api/fields/json.ts';
import { type Chart, chartName, HelmError, readYaml, yamlProblem } from './chart.ts';
import { isMap, toText, type Values } from './convert.ts';
import { type ChartTemplate, RenderError, type RenderOptions, renderTemplates } from './render.ts';
import { base64Text } from '../../core/base64.ts';
import { YamlProblem } from '../../userland/yaml/read.ts';
import { toYaml } from '../../userland/yaml/write.ts';

/** kinds.InstallOrder. */
const INSTALL_ORDER = [
  ...['PriorityClass', 'Namespace', 'NetworkPolicy', 'ResourceQuota', 'LimitRange'],
  ...['PodSecurityPolicy', 'PodDisruptionBudget', 'ServiceAccount', 'Secret', 'SecretList'],
  ...['ConfigMap', 'StorageClass', 'PersistentVolume', 'PersistentVolumeClaim'],
  ...['CustomResourceDefinition', 'ClusterRole', 'ClusterRoleList', 'ClusterRoleBinding'],
  ...['ClusterRoleBindingList', 'Role', 'RoleList', 'RoleBinding', 'RoleBindingList', 'Service'],
  ...['DaemonSet', 'Pod', 'ReplicationController', 'ReplicaSet', 'Deployment'],
  ...['HorizontalPodAutoscaler', 'StatefulSet', 'Job', 'CronJob', 'IngressClass', 'Ingress'],
  ...['APIService', 'MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'],
];

/** One document of a rendered template. */
export interface Manifest {
  readonly path: string;
  readonly text: string;
  readonly kind: string;
  readonly object: Values;
  readonly hooks: readonly string[];
}

/** What a release is to its templates. */
export interface ReleaseFacts {
  readonly name: string;
  readonly namespace: string;
  readonly revision: number;
  readonly upgrade: boolean;
  readonly kubeVersion: string;
  /** What a cluster serves: `apps/v1`, `apps/v1/Deployment`; what every cluster has where none is asked. */
  readonly apiVersions?: ReadonlySet<string>;
}

function filesOf(chart: Chart): Values {
  const own = chart.files.filter(
    ({ name }) =>
      !/^(templates|charts|crds)\/|^(Chart\.yaml|values\.yaml|values\.schema\.json)$/.test(name),
  );
  const group = (files: Chart['files']): Values => ({
    Get: (name: unknown) =>
      decode(files.find((one) => one.name === name)?.bytes ?? new Uint8Array(0)),
    GetBytes: (name: unknown) =>
      decode(files.find((one) => one.name === name)?.bytes ?? new Uint8Array(0)),
    Lines: (name: unknown) => {
      const file = files.find((one) => one.name === name);
      return file ? decode(file.bytes).replace(/\n$/, '').split('\n') : [];
    },
    Glob: (pattern: unknown) => group(files.filter(({ name }) => matches(toText(pattern), name))),
    AsConfig: () => entries(files, (text) => text),
    AsSecrets: () => entries(files, base64Text),
  });
  return group(own);
}

function entries(files: Chart['files'], form: (text: string) => string): string {
  if (files.length === 0) return '';
  const pairs = files.map(({ name, bytes }) => [name.split('/').pop() ?? '', form(decode(bytes))]);
  return toYaml(Object.fromEntries(pairs)).replace(/\n$/, '');
}

/** A glob of gobwas: `*` within a name, `**` across. */
function matches(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^$()|\\]/g, '\\$&')
    .replace(/\{([^}]*)\}/g, (_, list: string) => `(${list.replaceAll(',', '|')})`)
    .replace(/\*\*|\*|\?/g, (mark) => (mark === '**' ? '.*' : mark === '*' ? '[^/]*' : '[^/]'));
  return new RegExp(`^${source}$`).test(name);
}

function capitals(metadata: Values): Values {
  return Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => [
      key === 'apiVersion' ? 'APIVersion' : key.charAt(0).toUpperCase() + key.slice(1),
      value,
    ]),
  );
}

/** What is taken to be served where no cluster is asked. */
const OFTEN_SERVED = /^(v1|apps\/v1|batch\/v1|networking\.k8s\.io\/v1)(\/|$)/;

/** The data of a chart's templates, and of the charts within it. */
function templatesOf(
  chart: Chart,
  values: Values,
  facts: ReleaseFacts,
  path: string,
): ChartTemplate[] {
  const [major = '1', minor = '36'] = facts.kubeVersion.replace(/^v/, '').split('.');
  const kube = {
    Version: facts.kubeVersion,
    GitVersion: facts.kubeVersion,
    Major: major,
    Minor: minor,
  };
  const data = (): Values => ({
    Values: values,
    Chart: { ...capitals(chart.metadata), IsRoot: !path.includes('/charts/') },
    Release: {
      Name: facts.name,
      Namespace: facts.namespace,
      IsUpgrade: facts.upgrade,
      IsInstall: !facts.upgrade,
      Revision: BigInt(facts.revision),
      Service: 'Helm',
    },
    Files: filesOf(chart),
    Capabilities: {
      KubeVersion: kube,
      APIVersions: {
        Has: (version: unknown) =>
          facts.apiVersions?.has(toText(version)) ?? OFTEN_SERVED.test(toText(version)),
      },
      HelmVersion: { Version: 'v4.3', GoVersion: 'go1.26.8' },
    },
    Subcharts: {},
  });
  const own = chart.files
    .filter(({ name }) => name.startsWith('templates/'))
    .map(({ name, bytes }) => ({
      path: `${path}/${name}`,
      text: decode(bytes),
      data: data(),
      basePath: `${path}/templates`,
    }));
  const inner = chart.dependencies.flatMap((one) => {
    const handed = values[chartName(one)];
    return templatesOf(one, isMap(handed) ? handed : {}, facts, `${path}/charts/${chartName(one)}`);
  });
  return [...own, ...inner];
}

/** What rendering a chart gives. */
export interface Rendered {
  readonly manifests: readonly Manifest[];
  readonly hooks: readonly Manifest[];
  readonly notes: string;
}

function documentsOf(path: string, text: string): Manifest[] {
  return text.split(/^---[ \t]*/m).flatMap((part) => {
    const body = part.trimStart();
    if (body === '') return [];
    const object = readYaml(body);
    if (object instanceof YamlProblem)
      throw new HelmError(`YAML parse error on ${path}: ${yamlProblem(object)}`);
    if (object !== null && !isMap(object))
      throw new HelmError(
        `YAML parse error on ${path}: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonKind(object)} into Go value of type util.SimpleHead`,
      );
    const head = isMap(object) ? object : {};
    const metadata = isMap(head.metadata) ? head.metadata : {};
    const annotations = isMap(metadata.annotations) ? metadata.annotations : {};
    const hook = annotations['helm.sh/hook'];
    const hooks = typeof hook === 'string' ? hook.split(',').map((one) => one.trim()) : [];
    return [{ path, text: body, kind: String(head.kind ?? ''), object: head, hooks }];
  });
}

/** Orders by kind as objects are installed, or the other way round as they are deleted; unknown kinds come last. */
export function byKind(
  a: { readonly kind: string },
  b: { readonly kind: string },
  uninstall = false,
): number {
  const [first, second] = [INSTALL_ORDER.indexOf(a.kind), INSTALL_ORDER.indexOf(b.kind)];
  if (first < 0 && second < 0) return a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0;
  if (first < 0 || second < 0) return first < 0 ? 1 : -1;
  return uninstall ? second - first : first - second;
}

/** Renders a chart; throws HelmError. */
export function renderChart(
  chart: Chart,
  values: Values,
  facts: ReleaseFacts,
  options: RenderOptions = {},
): Rendered {
  let files: Map<string, string>;
  try {
    files = renderTemplates(templatesOf(chart, values, facts, chartName(chart)), options);
  } catch (problem) {
    if (!(problem instanceof RenderError)) throw problem;
    throw new HelmError(problem.message);
  }
  const notes = [...files].find(([path]) => path === `${chartName(chart)}/templates/NOTES.txt`);
  const all = [...files]
    .filter(([path]) => !path.endsWith('NOTES.txt'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([path, text]) => documentsOf(path, text));
  return {
    manifests: all.filter(({ hooks }) => hooks.length === 0).sort((a, b) => byKind(a, b)),
    hooks: all.filter(({ hooks }) => hooks.length > 0).sort((a, b) => byKind(a, b)),
    notes: notes?.[1] ?? '',
  };
}

/** Manifests as a release's record has them, one after another. */
export function manifestText(manifests: readonly Manifest[]): string {
  return manifests.map(({ path, text }) => `---\n# Source: ${path}\n${text}\n`).join('');
}
