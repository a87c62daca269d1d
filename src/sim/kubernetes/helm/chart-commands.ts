// helm's commands that work on charts without a cluster: create, template, lint, package, show; and env and version.

import { makeDirectories } from '../../containers/containerd/daemon.ts';
import { decode } from '../../core/text.ts';
import { epochSeconds } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import { writeFile } from '../../userland/libc/whole-file.ts';
import { toYaml } from '../../userland/yaml/write.ts';
import { archiveOf } from './archive.ts';
import { type Chart, chartName, HelmError, loadChart } from './chart.ts';
import type { Call, Command } from './command.ts';
import { createChart } from './create.ts';
import { processDependencies } from './dependencies.ts';
import { lintCharts } from './lint.ts';
import { manifestText } from './manifests.ts';
import { KUBE_VERSION } from './names.ts';
import { connect, type Cluster } from './release/cluster.ts';
import { nameAndChart } from './release/install.ts';
import { checkInstallable, dryRunOf, requested } from './release/options.ts';
import { renderFor } from './release/rendering.ts';
import { locateChart } from './repository/locate.ts';
import { helmPaths } from './repository/paths.ts';
import { isVersion } from './semver.ts';
import { chartValues, checkSchemas, givenValues } from './values.ts';

/** The name that a chart is rendered under, and the chart. */
function named(call: Call): readonly [name: string, chart: string] {
  const { flags, args } = call;
  const own = args.length < 2 && !flags.is('generate-name') && flags.text('name-template') === '';
  return own ? ['release-name', args[0] ?? ''] : nameAndChart(call);
}

/** What --show-only asks for of all that is rendered, in the order of the flags; throws HelmError where it is not there. */
function shownOnly(rendered: string, wanted: readonly string[]): string {
  const documents = rendered
    .split(/^---[ \t]*/m)
    .filter((part) => part.trim() !== '')
    .map((part) => part.trimStart());
  return wanted
    .map((glob) => {
      const pattern = new RegExp(
        `^${glob
          .replace(/[.+^$()|{}\\]/g, '\\$&')
          .replaceAll('*', '[^/]*')
          .replaceAll('?', '[^/]')}$`,
      );
      const found = documents.filter((text) =>
        pattern.test(/# Source: [^/]+\/(.+)/.exec(text)?.[1] ?? ''),
      );
      if (found.length === 0) throw new HelmError(`could not find template ${glob} in chart`);
      return found.map((text) => `---\n${text}\n`).join('');
    })
    .join('');
}

function* template(call: Call): Routine<number> {
  const { main, flags } = call;
  const server = (yield* dryRunOf(call, true)) === 'server' || flags.is('validate');
  const [name, reference] = named(call);
  const { chart: asked, values: given } = yield* requested(call, reference);
  checkInstallable(asked);
  const chart = processDependencies(asked, given);
  const values = chartValues(chart, given);
  if (!flags.is('skip-schema-validation')) checkSchemas(chart, values);
  const cluster: Cluster = yield* connect(call);
  const core = { name, namespace: cluster.namespace, revision: 1, upgrade: flags.is('is-upgrade') };
  const version = flags.text('kube-version') || KUBE_VERSION;
  const kubeVersion = version.startsWith('v') ? version : `v${version}`;
  try {
    const rendered = yield* renderFor(
      server ? cluster : undefined,
      chart,
      values,
      core,
      kubeVersion,
    );
    const { manifests } = rendered;
    const hooks = rendered.hooks.filter(
      ({ hooks: events }) =>
        !flags.is('no-hooks') && !(flags.is('skip-tests') && events.includes('test')),
    );
    const own = `${definitions(chart, flags.is('include-crds'))}${manifestText(manifests)}`;
    const text = `${own.trim()}\n${manifestText(hooks)}`;
    const wanted = flags.list('show-only');
    main.out.put(wanted.length > 0 ? shownOnly(text, wanted) : text);
  } catch (problem) {
    if (!(problem instanceof HelmError) || /^could not find template/.test(problem.message))
      throw problem;
    throw new HelmError(`${problem.message}\n\nUse --debug flag to render out invalid YAML`);
  }
  return 0;
}

/** --include-crds: the files of crds/. */
function definitions(chart: Chart, included: boolean): string {
  if (!included) return '';
  return chart.files
    .filter(({ name }) => /^crds\/.*\.(ya?ml|json)$/.test(name))
    .map(({ name, bytes }) => `---\n# Source: ${chartName(chart)}/${name}\n${decode(bytes)}\n`)
    .join('');
}

function* lint({ main, flags, args }: Call): Routine<number> {
  const given = yield* givenValues(main, flags);
  return yield* lintCharts(main, args.length > 0 ? args : ['.'], given, flags.is('strict'));
}

function* packageChart({ main, flags, args }: Call): Routine<void> {
  for (const path of args) {
    const chart = yield* loadChart(main.process, path);
    const version = flags.text('version') || String(chart.metadata.version);
    if (!isVersion(version)) throw new HelmError('invalid semantic version');
    const metadata = {
      ...chart.metadata,
      version,
      ...(flags.text('app-version') ? { appVersion: flags.text('app-version') } : {}),
    };
    const name = chartName(chart);
    const mtime = epochSeconds(main.process.now);
    const archive = archiveOf(chart, mtime, metadata);
    const cwd = main.process.getcwd();
    const folder = flags.text('destination') || '.';
    const base = folder === '.' ? (isErrno(cwd) ? '' : cwd) : folder;
    const target = `${base.replace(/\/$/, '')}/${name}-${version}.tgz`;
    makeDirectories(main.process, base || '/');
    const failure = yield* writeFile(main.process, target, archive, 0o644);
    if (failure)
      throw new HelmError(`failed to save: open ${target}: ${failure.message.toLowerCase()}`);
    main.out.put(`Successfully packaged chart and saved it to: ${target}\n`);
  }
}

function readme(chart: Chart): string {
  const file = chart.files.find(({ name }) => /^readme(\.md|\.txt)?$/i.test(name));
  return file ? decode(file.bytes) : '';
}

type Shown = 'all' | 'chart' | 'values' | 'readme' | 'crds';

/** The parts of a chart that are shown; all of them have lines between. */
function shownParts(chart: Chart, what: Shown): string {
  const all = what === 'all';
  const rule = all ? '---\n' : '';
  const text = readme(chart);
  const parts: Readonly<Record<Exclude<Shown, 'all'>, string>> = {
    chart: `${toYaml(chart.metadata)}\n`,
    values: chart.valuesText === '' ? rule : `${rule}${chart.valuesText}\n`,
    readme: text === '' ? '' : `${rule}${text}\n`,
    crds: chart.files
      .filter(({ name }) => /^crds\/.*\.(ya?ml|json)$/.test(name))
      .map(({ bytes }) => decode(bytes))
      .map((one) => `${one.startsWith('---') ? '' : '---\n'}${one}\n`)
      .join(''),
  };
  return all ? Object.values(parts).join('') : parts[what];
}

function show(what: Shown): Command['run'] {
  return function* (call) {
    const { main, args } = call;
    const chart = yield* loadChart(main.process, yield* locateChart(call, args[0] ?? ''));
    main.out.put(shownParts(chart, what));
  };
}

function* create(call: Call): Routine<number | void> {
  const { main, flags, args } = call;
  if (flags.text('starter') !== '') return yield* notSimulated(main, 'helm create --starter');
  createChart(main, args[0] ?? '');
}

function* version({ main, flags }: Call): Routine<number | void> {
  if (flags.text('template') !== '') return yield* notSimulated(main, 'helm version --template');
  main.out.put(
    flags.is('short')
      ? 'v4.3\n'
      : 'version.BuildInfo{Version:"v4.3", GitCommit:"", GitTreeState:"", GoVersion:"go1.26.8", KubeClientVersion:"v1.37"}\n',
  );
}

function* env(call: Call): Routine<void> {
  const { main, flags, args } = call;
  const paths = helmPaths(call);
  const { namespace } = yield* connect(call);
  const values: Readonly<Record<string, string>> = {
    HELM_BIN: 'helm',
    HELM_BURST_LIMIT: '100',
    HELM_CACHE_HOME: paths.cacheHome,
    HELM_CONFIG_HOME: paths.configHome,
    HELM_CONTENT_CACHE: `${paths.cacheHome}/content`,
    HELM_DATA_HOME: paths.dataHome,
    HELM_DEBUG: 'false',
    HELM_KUBEAPISERVER: flags.text('kube-apiserver'),
    HELM_KUBEASGROUPS: '',
    HELM_KUBEASUSER: flags.text('kube-as-user'),
    HELM_KUBECAFILE: '',
    HELM_KUBECONTEXT: flags.text('kube-context'),
    HELM_KUBEINSECURE_SKIP_TLS_VERIFY: String(flags.is('kube-insecure-skip-tls-verify')),
    HELM_KUBETLS_SERVER_NAME: '',
    HELM_KUBETOKEN: flags.text('kube-token'),
    HELM_MAX_HISTORY: '10',
    HELM_NAMESPACE: namespace,
    HELM_PLUGINS: `${paths.dataHome}/plugins`,
    HELM_QPS: '0.00',
    HELM_REGISTRY_CONFIG: `${paths.configHome}/registry/config.json`,
    HELM_REPOSITORY_CACHE: paths.cache,
    HELM_REPOSITORY_CONFIG: paths.config,
  };
  const [one] = args;
  if (one !== undefined) return main.out.put(`${values[one] ?? ''}\n`);
  for (const [key, value] of Object.entries(values)) main.out.put(`${key}="${value}"\n`);
}

/** Flags on fetching charts whose effect is left out. */
export const FETCH_IDLE = [
  ...['ca-file', 'cert-file', 'key-file', 'keyring', 'username', 'password', 'verify'],
  ...['insecure-skip-tls-verify', 'pass-credentials', 'plain-http'],
];

export const CHART_COMMANDS: readonly Command[] = [
  { path: 'create', takes: { exactly: 1 }, run: create },
  {
    path: 'template',
    takes: { least: 1 },
    idle: [
      ...FETCH_IDLE,
      ...['post-renderer', 'post-renderer-args', 'post-renderer-strategy', 'enable-dns'],
      ...['dependency-update', 'api-versions', 'output-dir', 'release-name'],
    ],
    run: template,
  },
  { path: 'lint', takes: { least: 0 }, idle: ['with-subcharts', 'kube-version'], run: lint },
  {
    path: 'package',
    takes: { least: 1 },
    idle: ['sign', 'key', 'keyring', 'passphrase-file', 'dependency-update'],
    run: packageChart,
  },
  ...(['all', 'chart', 'values', 'readme', 'crds'] as const).map((what) => ({
    path: `show ${what}`,
    takes: { exactly: 1 },
    idle: [...FETCH_IDLE, ...(what === 'values' ? ['jsonpath'] : [])],
    run: show(what),
  })),
  { path: 'env', takes: { most: 1 }, run: env },
  { path: 'version', takes: { exactly: 0 }, run: version },
];
