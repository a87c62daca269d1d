// kubectl get: the server's tables, or objects in the form that -o asks for; lists, names, files, watches, raw paths.

import type { Routine } from '../../../core/wait.ts';
import type { Call, Command } from '../command.ts';
import { type ApiResource, kindName, pathOf } from '../discovery.ts';
import { aggregate, Failure, failure } from '../failure.ts';
import { type Printer, printerOf } from '../output/printers.ts';
import { sortItems, sortRows } from '../output/sort.ts';
import { alignTable, type TableDocument, type TableStyle, tableCells } from '../output/table.ts';
import { getRaw } from '../raw.ts';
import type { KubeObject, RestOptions } from '../rest.ts';
import {
  enhancedListError,
  fetchAll,
  flagText,
  hasFiles,
  selectorQuery,
  type Target,
  targetsOf,
} from '../targets.ts';
import { watchObjects } from './watch.ts';

/** What the server is asked for where a table is wanted. */
export const TABLE_ACCEPT =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';

export const get: Command = {
  name: 'get',
  run: runGet,
};

function* runGet(call: Call): Routine<number | void> {
  const { values } = call;
  if (values.text('raw') !== '') return yield* getRaw(call);
  checkFlags(call);
  const printer = yield* printerOf(call, { tables: true, noHeaders: values.is('no-headers') });
  if (call.args.length === 0 && !hasFiles(call)) {
    throw new Failure(
      'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\nerror: Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).\nSee \'kubectl get -h\' for help and examples',
    );
  }
  const failures: Failure[] = [];
  const targets = yield* targetsOf(call, { wholeTypes: true }, failures);
  if (values.is('watch') || values.is('watch-only'))
    return yield* watchObjects(call, targets, printer);
  if (printer) yield* printObjects(call, targets, printer, failures);
  else yield* printTables(call, targets, failures);
  const all = aggregate(failures);
  if (all) throw all;
}

function checkFlags({ values }: Call): void {
  const output = values.text('output');
  const format = output.split('=')[0] ?? '';
  if (values.is('show-labels') && output !== '' && output !== 'wide') {
    throw failure(`--show-labels option cannot be used with ${format} printer`);
  }
  if (values.is('output-watch-events') && !values.is('watch') && !values.is('watch-only')) {
    throw failure('--output-watch-events option can only be used with --watch or --watch-only');
  }
}

function* printObjects(
  call: Call,
  targets: readonly Target[],
  printer: Printer,
  failures: Failure[],
): Routine<void> {
  const { values } = call;
  const subresource = values.text('subresource');
  const found: KubeObject[] = [];
  const quiet: Failure[] = [];
  if (subresource !== '') found.push(...(yield* subresources(call, targets, subresource)));
  else for (const { object } of yield* fetchAll(call, targets, quiet)) found.push(object);
  for (const one of quiet) if (!ignorable(call, one)) failures.push(one);
  const singular = targets.length === 1 && targets[0]?.name !== '';
  const sorted = values.text('sort-by') === '' ? found : sortItems(found, values.text('sort-by'));
  if (singular) {
    const [only] = sorted;
    if (only) yield* call.out(printer.print(only));
    return;
  }
  if (!printer.takesLists) {
    for (const object of sorted) yield* call.out(printer.print(object));
    return;
  }
  if (failures.length > 0 && sorted.length === 0) return;
  const whole = {
    apiVersion: 'v1',
    items: sorted,
    kind: 'List',
    metadata: { resourceVersion: '' },
  };
  yield* call.out(printer.print(whole as KubeObject));
}

function* subresources(
  call: Call,
  targets: readonly Target[],
  subresource: string,
): Routine<KubeObject[]> {
  const client = yield* call.client();
  const out: KubeObject[] = [];
  for (const { resource, namespace, name } of targets) {
    out.push(yield* client.call('GET', pathOf(resource, namespace, name, subresource)));
  }
  return out;
}

function ignorable(call: Call, one: Failure): boolean {
  return call.values.is('ignore-not-found') && one.status?.reason === 'NotFound';
}

/** Asks for a table; where a collection is paged, for all its pages. */
export function* fetchTable(
  call: Call,
  target: Target,
  options: RestOptions = {},
): Routine<TableDocument> {
  const client = yield* call.client();
  const { resource, namespace, name } = target;
  const includeObject = call.values.text('sort-by') !== '' ? 'Object' : '';
  const accept = call.values.is('server-print') ? TABLE_ACCEPT : 'application/json';
  const query = {
    includeObject,
    ...(name === '' ? { ...selectorQuery(call), limit: call.values.text('chunk-size') } : {}),
  };
  const path = pathOf(resource, namespace, name, call.values.text('subresource'));
  let document: TableDocument;
  try {
    document = (yield* client.call('GET', path, {
      ...options,
      accept,
      query,
    })) as unknown as TableDocument;
  } catch (error) {
    if (!(error instanceof Failure) || name !== '') throw error;
    throw enhancedListError(error, resource, call);
  }
  const rows = [...rowsOf(document, resource)];
  for (let next = document.metadata?.continue; next; next = document.metadata?.continue) {
    document = (yield* client.call('GET', path, {
      accept,
      query: { ...query, continue: next },
    })) as unknown as TableDocument;
    rows.push(...rowsOf(document, resource));
  }
  return { ...plainColumns(document), rows };
}

type Rows = NonNullable<TableDocument['rows']>;

/** What is shown of objects that came without a table: their names and ages. */
function plainColumns(document: TableDocument): TableDocument {
  if ((document as { kind?: string }).kind === 'Table') return document;
  return { ...document, columnDefinitions: [{ name: 'Name' }, { name: 'Age' }] };
}

function rowsOf(document: TableDocument, resource: ApiResource): Rows {
  const object = document as unknown as KubeObject;
  if (object.kind === 'Table') return document.rows ?? [];
  const items = object.kind === `${resource.kind}List` ? (object.items as KubeObject[]) : [object];
  return items.map((item) => ({ cells: [item.metadata?.name, '<unknown>'], object: item }));
}

function* printTables(call: Call, targets: readonly Target[], failures: Failure[]): Routine<void> {
  const { values } = call;
  const groups: { resource: ApiResource; tables: TableDocument[] }[] = [];
  const answered = new Set<ApiResource>();
  for (const target of targets) {
    try {
      const table = yield* fetchTable(call, target);
      answered.add(target.resource);
      if ((table.rows ?? []).length === 0) continue;
      const last = groups[groups.length - 1];
      if (last?.resource === target.resource) last.tables.push(table);
      else groups.push({ resource: target.resource, tables: [table] });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (!ignorable(call, error)) failures.push(error);
    }
  }
  let printed = false;
  for (const { resource, tables } of groups) {
    const [first] = tables;
    let rows = tables.flatMap((table) => table.rows ?? []);
    if (values.text('sort-by') !== '') rows = sortRows(rows, values.text('sort-by'));
    if (!first || rows.length === 0) continue;
    if (printed && !values.is('no-headers')) yield* call.out('\n');
    printed = true;
    const style = styleOf(call, resource, answered.size > 1 || values.is('show-kind'));
    yield* call.out(alignTable(tableCells({ ...first, rows }, style)));
  }
  if (printed || failures.length > 0 || values.is('ignore-not-found')) return;
  const everywhere =
    values.is('all-namespaces') || targets.every(({ resource }) => !resource.namespaced);
  yield* call.err(
    everywhere
      ? 'No resources found\n'
      : `No resources found in ${yield* call.namespace()} namespace.\n`,
  );
}

/** How a resource's table is printed on this command line. */
export function styleOf(call: Call, resource: ApiResource, withKind: boolean): TableStyle {
  const { values } = call;
  return {
    wide: values.text('output') === 'wide',
    noHeaders: values.is('no-headers'),
    withNamespace: values.is('all-namespaces') && resource.namespaced,
    kind: withKind ? kindName(resource) : '',
    showLabels: values.is('show-labels'),
    labelColumns: flagText(call, 'label-columns') === '' ? [] : values.list('label-columns'),
  };
}
