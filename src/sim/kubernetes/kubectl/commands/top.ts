// kubectl top: what nodes and pods use, as the Metrics API tells it.

import { epochMilliseconds } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { goDuration } from '../../../etcd/cobra/flags.ts';
import { nanoOf } from '../../api/fields/quantity.ts';
import type { Call, Command } from '../command.ts';
import { discover } from '../discovery.ts';
import { failure, usageFailure } from '../failure.ts';
import { TABLE, tabulate } from '../output/tabwriter.ts';
import type { KubeObject } from '../rest.ts';
import { selectorQuery } from '../targets.ts';

type Amounts = Readonly<Record<string, string | undefined>>;

interface Metrics extends KubeObject {
  readonly usage?: Amounts;
  readonly containers?: readonly { readonly name: string; readonly usage: Amounts }[];
}

const ROOT = '/apis/metrics.k8s.io/v1beta1';

function measured(call: Call): string[] {
  return call.values.is('show-swap') ? ['cpu', 'memory', 'swap'] : ['cpu', 'memory'];
}

/** Checks flags and that the Metrics API is there. */
function* prepare(call: Call, usage: string, only: string): Routine<void> {
  const { values, args } = call;
  if (args.length > 1) throw usageFailure(call.path, usage);
  if (!['', 'cpu', 'memory'].includes(values.text('sort-by')))
    throw failure('--sort-by accepts only cpu or memory');
  const query = selectorQuery(call);
  if (args.length > 0 && (query.labelSelector || query.fieldSelector)) throw failure(only);
  // Asked of the server, not of what earlier commands have kept: metrics-server comes and goes.
  const { groups } = yield* discover(yield* call.client());
  const served = groups.flatMap(({ versions }) => versions.map((one) => one.groupVersion));
  if (!served.includes('metrics.k8s.io/v1beta1')) throw failure('Metrics API not available');
}

function* fetchMetrics(call: Call, path: string): Routine<Metrics[]> {
  const client = yield* call.client();
  const [name] = call.args;
  if (name !== undefined) return [yield* client.call('GET', `${path}/${name}`)];
  const list = yield* client.call('GET', path, { query: selectorQuery(call) });
  return (list.items ?? []) as Metrics[];
}

function usageText(resource: string, amount: string | undefined): string {
  const nano = nanoOf(amount);
  if (resource === 'cpu') return `${(nano + 999_999n) / 1_000_000n}m`;
  return `${(nano + 999_999_999n) / 1_000_000_000n / 1_048_576n}Mi`;
}

function percent(amount: string | undefined, has: string | undefined): string {
  const whole = nanoOf(has);
  return whole === 0n ? '0%' : `${(nanoOf(amount) * 100n) / whole}%`;
}

/** The most first by --sort-by, else by name. */
function sorted<Item>(
  call: Call,
  items: readonly Item[],
  amounts: (item: Item) => Amounts,
  name: (item: Item) => string,
): Item[] {
  const by = call.values.text('sort-by');
  return [...items].sort((a, b) => {
    if (by === '') return name(a) < name(b) ? -1 : 1;
    const [x, y] = [nanoOf(amounts(a)[by]), nanoOf(amounts(b)[by])];
    return x === y ? 0 : x > y ? -1 : 1;
  });
}

/** Lines whose every cell ends with a tab, as kubectl's printer of metrics writes them. */
function* print(call: Call, heads: readonly string[], rows: readonly string[][]): Routine<void> {
  const lines = call.values.is('no-headers') ? rows : [heads, ...rows];
  yield* call.out(tabulate(lines.map((cells) => `${cells.join('\t')}\t\n`).join(''), TABLE));
}

function* topNodes(call: Call): Routine<void> {
  yield* prepare(call, 'node [NAME | -l label]', 'only one of NAME or --selector can be provided');
  const metrics = yield* fetchMetrics(call, `${ROOT}/nodes`);
  if (metrics.length === 0) throw failure('metrics not available yet');
  const client = yield* call.client();
  const [name] = call.args;
  const nodes =
    name === undefined
      ? ((yield* client.call('GET', '/api/v1/nodes', { query: selectorQuery(call) }))
          .items as KubeObject[])
      : [yield* client.call('GET', `/api/v1/nodes/${name}`)];
  const field = call.values.is('show-capacity') ? 'capacity' : 'allocatable';
  const available = new Map(
    nodes.map((node) => {
      const status = (node.status ?? {}) as Readonly<Record<string, Amounts | undefined>>;
      return [node.metadata?.name ?? '', status[field] ?? {}] as const;
    }),
  );
  const resources = measured(call);
  const rows = sorted(
    call,
    metrics,
    (one) => one.usage ?? {},
    (one) => one.metadata?.name ?? '',
  ).map((one) => {
    const node = one.metadata?.name ?? '';
    const has = available.get(node) ?? {};
    available.delete(node);
    const cells = resources.flatMap((resource) =>
      resource === 'swap'
        ? ['<unknown>', '<unknown>']
        : [
            usageText(resource, one.usage?.[resource]),
            percent(one.usage?.[resource], has[resource]),
          ],
    );
    return [node, ...cells];
  });
  for (const node of available.keys())
    rows.push([node, ...resources.flatMap(() => ['<unknown>', '<unknown>'])]);
  const swap = resources.length > 2 ? ['SWAP(bytes)', 'SWAP(%)'] : [];
  yield* print(call, ['NAME', 'CPU(cores)', 'CPU(%)', 'MEMORY(bytes)', 'MEMORY(%)', ...swap], rows);
}

function totals(pods: readonly Metrics[], resources: readonly string[]): Amounts {
  const usages = pods.flatMap(({ containers = [] }) => containers.map(({ usage }) => usage));
  return Object.fromEntries(
    resources.map((resource) => {
      const sum = usages.reduce((total, usage) => total + nanoOf(usage[resource]), 0n);
      return [resource, `${sum}n`];
    }),
  );
}

function* topPods(call: Call): Routine<void> {
  const { values } = call;
  yield* prepare(call, 'pod [NAME | -l label]', 'only one of NAME or selector can be provided');
  const everywhere = values.is('all-namespaces');
  const namespace = yield* call.namespace();
  const path = everywhere ? `${ROOT}/pods` : `${ROOT}/namespaces/${namespace}/pods`;
  const metrics = yield* fetchMetrics(call, path);
  if (metrics.length === 0) {
    yield* whyEmpty(call, namespace);
    yield* call.err(
      everywhere ? 'No resources found\n' : `No resources found in ${namespace} namespace.\n`,
    );
    return;
  }
  const resources = measured(call);
  const usages = (amounts: Amounts): string[] =>
    resources.map((resource) => usageText(resource, amounts[resource]));
  const byContainer = values.is('containers');
  const rows = sorted(
    call,
    metrics,
    (one) => totals([one], resources),
    ({ metadata }) => `${everywhere ? `${metadata?.namespace ?? ''}/` : ''}${metadata?.name ?? ''}`,
  ).flatMap((one) => {
    const lead = everywhere ? [one.metadata?.namespace ?? ''] : [];
    const pod = one.metadata?.name ?? '';
    if (!byContainer) return [[...lead, pod, ...usages(totals([one], resources))]];
    return sorted(
      call,
      one.containers ?? [],
      ({ usage }) => usage,
      ({ name }) => name,
    ).map(({ name, usage }) => [...lead, pod, name, ...usages(usage)]);
  });
  const heads = [
    ...(everywhere ? ['NAMESPACE'] : []),
    ...(byContainer ? ['POD'] : []),
    'NAME',
    'CPU(cores)',
    'MEMORY(bytes)',
    ...(resources.length > 2 ? ['SWAP(bytes)'] : []),
  ];
  if (values.is('sum')) {
    const blank = (count: number): string[] => Array.from({ length: count }, () => '');
    rows.push([...blank(heads.length - 2), '________', '________']);
    rows.push([...blank(heads.length - 3), '', ...usages(totals(metrics, resources))]);
  }
  yield* print(call, heads, rows);
}

const DELAY = 120_000;

/** No metrics: the pods may be too young, or something is wrong. */
function* whyEmpty(call: Call, namespace: string): Routine<void> {
  const client = yield* call.client();
  const list = yield* client.call('GET', `/api/v1/namespaces/${namespace}/pods`, {
    query: selectorQuery(call),
  });
  const pods = (list.items ?? []) as KubeObject[];
  if (pods.length === 0) return;
  const now = epochMilliseconds(call.main.process.now);
  for (const { metadata } of pods) {
    const age = now - Date.parse(metadata?.creationTimestamp ?? '');
    if (age > DELAY)
      throw failure(
        `Metrics not available for pod ${metadata?.namespace ?? ''}/${metadata?.name ?? ''}, age: ${goDuration(age * 1e6)}`,
      );
  }
  throw failure('metrics not available yet');
}

export const top: Command = {
  name: 'top',
  commands: [
    { name: 'node', run: topNodes },
    { name: 'pod', run: topPods },
  ],
};
