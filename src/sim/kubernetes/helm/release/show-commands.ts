// helm's commands that show releases: list, history, status, get.

import type { Routine } from '../../../core/wait.ts';
import { matches, parseLabelSelector, SelectorError } from '../../api/selectors.ts';
import { toYaml } from '../../../userland/yaml/write.ts';
import { TABLE_ACCEPT } from '../../kubectl/commands/get.ts';
import { pathOf } from '../../kubectl/discovery.ts';
import { Failure } from '../../kubectl/failure.ts';
import { alignTable, type TableDocument, tableCells } from '../../kubectl/output/table.ts';
import { HelmError } from '../chart.ts';
import type { Call, Command } from '../command.ts';
import { chartValues } from '../values.ts';
import { build, type Cluster, connect, type Item, serverVersion } from './cluster.ts';
import {
  ansiTime,
  appVersion,
  chartLabel,
  encoded,
  formatOf,
  goTime,
  hooksText,
  printStatus,
  recordOf,
  statusText,
  uiTable,
} from './print.ts';
import { recordedChart, type Release, type ReleaseStatus } from './record.ts';
import { checkName, getRelease, historyOf, listReleases, NOT_FOUND } from './storage.ts';

/** Flags of list that name states. */
const STATES: Readonly<Record<string, readonly ReleaseStatus[]>> = {
  deployed: ['deployed'],
  uninstalled: ['uninstalled'],
  uninstalling: ['uninstalling'],
  pending: ['pending-install', 'pending-upgrade', 'pending-rollback'],
  failed: ['failed'],
  superseded: ['superseded'],
};

/** The last revision of each release. */
function latest(releases: readonly Release[]): Release[] {
  const found = new Map<string, Release>();
  for (const release of releases) {
    const key = `${release.namespace}/${release.name}`;
    if ((found.get(key)?.version ?? 0) <= release.version) found.set(key, release);
  }
  return [...found.values()];
}

const text = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function sorted({ flags }: Call, releases: Release[]): Release[] {
  const order = flags.is('date')
    ? (a: Release, b: Release) => text(a.info.last_deployed ?? '', b.info.last_deployed ?? '')
    : (a: Release, b: Release) => text(a.name, b.name) || text(a.namespace, b.namespace);
  const list = releases.sort(order);
  return flags.is('reverse') ? list.reverse() : list;
}

/** The releases that the flags of list leave in, in their order; throws HelmError. */
function* listed(call: Call): Routine<Release[]> {
  const { flags } = call;
  const cluster = yield* connect(call);
  yield* serverVersion(cluster);
  const filter = flags.text('filter') === '' ? undefined : new RegExp(flags.text('filter'));
  const states = Object.keys(STATES).filter((name) => flags.is(name));
  const all = (yield* listReleases(cluster, flags.is('all-namespaces'))).filter(
    ({ name }) => filter?.test(name) ?? true,
  );
  const onlySuperseded = states.length === 1 && states[0] === 'superseded';
  const wanted = states.flatMap((name) => STATES[name] ?? []);
  const selector = parseLabelSelector(flags.text('selector'));
  if (selector instanceof SelectorError) throw new HelmError(selector.message);
  const list = sorted(
    call,
    (onlySuperseded ? all : latest(all)).filter(
      ({ info, labels }) =>
        (wanted.length === 0 || wanted.includes(info.status)) && matches(selector, labels),
    ),
  );
  const offset = flags.number('offset');
  const most = flags.number('max');
  return list.slice(offset, most > 0 ? offset + most : undefined);
}

function* list(call: Call): Routine<void> {
  const { main, flags } = call;
  const format = formatOf(call);
  const releases = yield* listed(call);
  if (flags.is('short')) {
    const names = releases.map(({ name }) => name);
    main.out.put(
      format === 'table' ? names.map((name) => `${name}\n`).join('') : encoded(names, format),
    );
    return;
  }
  const rows = releases.map((release) => ({
    name: release.name,
    namespace: release.namespace,
    revision: String(release.version),
    updated: release.info.last_deployed ? goTime(release.info.last_deployed) : '-',
    status: release.info.status,
    chart: chartLabel(release),
    app_version: appVersion(release),
  }));
  if (format !== 'table') return main.out.put(encoded(rows, format));
  const head = ['NAME', 'NAMESPACE', 'REVISION', 'UPDATED', 'STATUS', 'CHART', 'APP VERSION'];
  const cells = rows.map((row) => Object.values(row));
  if (flags.is('no-headers')) main.out.put(cells.length === 0 ? '\n' : uiTable(cells));
  else main.out.put(uiTable([head, ...cells]));
}

function* history(call: Call): Routine<void> {
  const { main, flags, args } = call;
  const [name = ''] = args;
  const format = formatOf(call);
  const cluster = yield* connect(call);
  yield* serverVersion(cluster);
  checkName(name, `release name is invalid: ${name}`);
  const all = yield* historyOf(cluster, name);
  if (all.length === 0) throw new HelmError(NOT_FOUND);
  const shown = all.slice(-flags.number('max'));
  if (format !== 'table') {
    const rows = shown.map((release) => ({
      revision: release.version,
      ...(release.info.last_deployed ? { updated: release.info.last_deployed } : {}),
      status: release.info.status,
      chart: chartLabel(release),
      app_version: appVersion(release),
      ...(release.info.rollback_revision
        ? { rollback_revision: release.info.rollback_revision }
        : {}),
      description: release.info.description ?? '',
    }));
    return main.out.put(encoded(rows, format));
  }
  const rollbacks = flags.is('show-rollback-revision');
  const head = ['REVISION', 'UPDATED', 'STATUS', 'CHART', 'APP VERSION'];
  const rows = shown.map((release) => [
    String(release.version),
    release.info.last_deployed ? ansiTime(release.info.last_deployed) : '',
    release.info.status,
    chartLabel(release),
    appVersion(release),
    ...(rollbacks ? [String(release.info.rollback_revision ?? '')] : []),
    release.info.description ?? '',
  ]);
  main.out.put(uiTable([[...head, ...(rollbacks ? ['ROLLBACK'] : []), 'DESCRIPTION'], ...rows]));
}

function* found(call: Call): Routine<{ readonly cluster: Cluster; readonly release: Release }> {
  const { flags, args } = call;
  const cluster = yield* connect(call);
  yield* serverVersion(cluster);
  const release = yield* getRelease(cluster, args[0] ?? '', flags.number('revision'));
  return { cluster, release };
}

const WORKLOADS = ['ReplicaSet', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job'];

/** The labels by which an object finds its pods. */
function podLabels({ object, resource }: Item): Record<string, string> | undefined {
  const { selector } = (object.spec ?? {}) as { selector?: Record<string, unknown> };
  if (WORKLOADS.includes(resource.kind))
    return selector?.matchLabels as Record<string, string> | undefined;
  return resource.kind === 'ReplicationController'
    ? (selector as Record<string, string> | undefined)
    : undefined;
}

const PLAIN_STYLE = {
  wide: false,
  noHeaders: false,
  withNamespace: false,
  kind: '',
  showLabels: false,
  labelColumns: [],
};

/** The objects of a release and their pods as tables, by version and kind. */
function* resourceTables(cluster: Cluster, release: Release): Routine<string> {
  const groups = new Map<string, TableDocument[]>();
  const add = (title: string, table: TableDocument): void => {
    const group = groups.get(title);
    if (group) group.push(table);
    else groups.set(title, [table]);
  };
  const seen = new Set<string>();
  for (const item of yield* build(cluster, release.manifest ?? '')) {
    const { resource, namespace, name } = item;
    const options = { accept: TABLE_ACCEPT, query: { includeObject: 'Object' } };
    try {
      const path = pathOf(resource, namespace, name);
      const table = yield* cluster.client.call('GET', path, options);
      add(`${resource.version}/${resource.kind}`, table as unknown as TableDocument);
    } catch (problem) {
      if (problem instanceof Failure) continue;
      throw problem;
    }
    const labels = podLabels(item);
    const labelSelector = Object.entries(labels ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join(',');
    if (!labels || seen.has(labelSelector)) continue;
    seen.add(labelSelector);
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const query = { ...options.query, labelSelector };
    const pods = yield* cluster.client.call('GET', path, { ...options, query });
    add('v1/Pod(related)', pods as unknown as TableDocument);
  }
  return [...groups]
    .map(([title, tables]) => {
      const [first] = tables;
      const rows = tables.flatMap((table) => table.rows ?? []);
      return `==> ${title}\n${alignTable(tableCells({ ...first, rows }, PLAIN_STYLE))}\n`;
    })
    .join('');
}

function* status(call: Call): Routine<void> {
  const format = formatOf(call);
  const { cluster, release } = yield* found(call);
  if (format !== 'table') return call.main.out.put(encoded(recordOf(release, false), format));
  const resources = yield* resourceTables(cluster, release);
  printStatus(call, release, { resources });
}

function* getValues(call: Call): Routine<void> {
  const { main, flags } = call;
  const format = formatOf(call);
  const { release } = yield* found(call);
  const all = flags.is('all');
  const { chart, config } = release;
  const values = all && chart ? chartValues(recordedChart(chart), config ?? {}) : (config ?? null);
  if (format !== 'table') return main.out.put(encoded(values, format));
  main.out.put(`${all ? 'COMPUTED' : 'USER-SUPPLIED'} VALUES:\n${toYaml(values)}`);
}

const APPLIED: Readonly<Record<string, string>> = {
  '': 'client-side apply (defaulted)',
  csa: 'client-side apply',
  ssa: 'server-side apply',
};

function labelText(labels: Readonly<Record<string, unknown>>): string {
  return Object.keys(labels)
    .sort()
    .map((key) => `${key}=${String(labels[key])}`)
    .join(',');
}

function* getMetadata(call: Call): Routine<void> {
  const { main } = call;
  const format = formatOf(call);
  const { release } = yield* found(call);
  const metadata = release.chart?.metadata ?? {};
  const dependencies = (metadata.dependencies ?? []) as readonly { readonly name: string }[];
  const annotations = (metadata.annotations ?? {}) as Record<string, string>;
  const facts = {
    name: release.name,
    chart: String(metadata.name ?? ''),
    version: String(metadata.version ?? ''),
    appVersion: String(metadata.appVersion ?? ''),
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    ...(Object.keys(release.labels).length > 0 ? { labels: release.labels } : {}),
    ...(dependencies.length > 0 ? { dependencies } : {}),
    namespace: release.namespace,
    revision: release.version,
    status: release.info.status,
    deployedAt: (release.info.last_deployed ?? '').replace(/\.\d+Z$/, 'Z'),
    ...(release.apply_method ? { applyMethod: release.apply_method } : {}),
  };
  if (format !== 'table') return main.out.put(encoded(facts, format));
  const names = dependencies.map(({ name }) => name).sort();
  main.out.put(
    [
      `NAME: ${facts.name}`,
      `CHART: ${facts.chart}`,
      `VERSION: ${facts.version}`,
      `APP_VERSION: ${facts.appVersion}`,
      `ANNOTATIONS: ${labelText(annotations)}`,
      `LABELS: ${labelText(release.labels)}`,
      `DEPENDENCIES: ${names.join(',')}`,
      `NAMESPACE: ${facts.namespace}`,
      `REVISION: ${facts.revision}`,
      `STATUS: ${facts.status}`,
      `DEPLOYED_AT: ${facts.deployedAt}`,
      `APPLY_METHOD: ${APPLIED[release.apply_method ?? ''] ?? release.apply_method}`,
      '',
    ].join('\n'),
  );
}

function* getAll(call: Call): Routine<void> {
  const { release } = yield* found(call);
  call.main.out.put(statusText(release, { everything: true }));
}

function* getManifest(call: Call): Routine<void> {
  const { release } = yield* found(call);
  call.main.out.put(`${release.manifest ?? ''}\n`);
}

function* getHooks(call: Call): Routine<void> {
  const { release } = yield* found(call);
  call.main.out.put(hooksText(release.hooks ?? []));
}

function* getNotes(call: Call): Routine<void> {
  const { notes } = (yield* found(call)).release.info;
  if (notes) call.main.out.put(`NOTES:\n${notes}\n`);
}

const ONE = { exactly: 1 };

export const SHOWING_COMMANDS: readonly Command[] = [
  { path: 'list', takes: { exactly: 0 }, idle: ['time-format'], run: list },
  { path: 'history', takes: ONE, run: history },
  { path: 'status', takes: ONE, run: status },
  { path: 'get all', takes: ONE, idle: ['template'], run: getAll },
  { path: 'get hooks', takes: ONE, run: getHooks },
  { path: 'get manifest', takes: ONE, run: getManifest },
  { path: 'get metadata', takes: ONE, run: getMetadata },
  { path: 'get notes', takes: ONE, run: getNotes },
  { path: 'get values', takes: ONE, run: getValues },
];
