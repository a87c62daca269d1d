// Watching: get -w, wait and rollout status read a stream of changes and act on each line.

import { SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { ChunkSource } from '../../../userland/http/message.ts';
import type { Call } from '../command.ts';
import { kindName, pathOf } from '../discovery.ts';
import { failure, refusal } from '../failure.ts';
import type { Printer } from '../output/printers.ts';
import { alignTable, type TableDocument, tableCells } from '../output/table.ts';
import type { KubeObject } from '../rest.ts';
import { selectorQuery, type Target } from '../targets.ts';
import { fetchTable, styleOf, TABLE_ACCEPT } from './get.ts';

export interface WatchEvent {
  readonly type: string;
  readonly object: KubeObject;
}

/** The events of a watch: objects as they come. */
export interface EventStream {
  next(): Routine<WatchEvent | undefined>;
  close(): void;
}

/** Starts a watch; `having` selects instead of the command's own selectors. */
export function* startWatch(
  call: Call,
  target: Target,
  resourceVersion: string,
  accept = 'application/json',
  having?: Readonly<Record<string, string>>,
): Routine<EventStream> {
  const client = yield* call.client();
  const { resource, namespace, name } = target;
  const selectors =
    having ?? (name === '' ? selectorQuery(call) : { fieldSelector: `metadata.name=${name}` });
  const seconds = client.timeout > 0 ? String(Math.ceil(client.timeout / SECOND)) : undefined;
  const query = { ...selectors, watch: 'true', resourceVersion, timeoutSeconds: seconds };
  const answer = yield* client.raw('GET', pathOf(resource, namespace), { accept, query });
  if (answer.status >= 400) throw refusal(answer.body?.json() as never);
  const stream = answer.stream ?? NO_STREAM;
  const pending: WatchEvent[] = [];
  let held = '';
  return {
    *next() {
      for (;;) {
        const ready = pending.shift();
        if (ready) return ready;
        const piece = yield* stream.next();
        if (piece === undefined) return undefined;
        if (piece.isObject) return piece.json() as WatchEvent;
        const lines = (held + piece.text()).split('\n');
        held = lines.pop() ?? '';
        for (const line of lines) if (line !== '') pending.push(JSON.parse(line) as WatchEvent);
      }
    },
    close: () => stream.close(),
  };
}

const NO_STREAM: ChunkSource = {
  *next() {
    return undefined;
  },
  close: () => undefined,
};

/** kubectl get -w. */
export function* watchObjects(
  call: Call,
  targets: readonly Target[],
  printer: Printer | undefined,
): Routine<number | void> {
  const [target, ...more] = targets;
  if (!target || more.length > 0)
    throw failure(
      target && more.some(({ resource }) => resource !== target.resource)
        ? 'you may only specify a single resource type'
        : 'watch is only supported on individual resources and resource collections - more than 1 resource was found',
    );
  const { values } = call;
  const client = yield* call.client();
  const events = values.is('output-watch-events');
  const style = styleOf(call, target.resource, values.is('show-kind'));
  const list = yield* client.call(
    'GET',
    pathOf(target.resource, target.namespace, target.name),
    target.name === '' ? { query: selectorQuery(call) } : {},
  );
  let noHeaders = style.noHeaders;
  const show = function* (type: string, table: TableDocument): Routine<void> {
    const one = { ...style, noHeaders, ...(events ? { event: type } : {}) };
    yield* call.out(alignTable(tableCells(table, one)));
    yield* call.main.out.flush();
    noHeaders = true;
  };
  if (!values.is('watch-only')) {
    if (printer) {
      const items = target.name === '' ? ((list.items ?? []) as KubeObject[]) : [list];
      for (const item of items) {
        const object = { apiVersion: list.apiVersion ?? '', kind: target.resource.kind, ...item };
        yield* call.out(
          printer.print(events ? ({ type: 'ADDED', object } as unknown as KubeObject) : object),
        );
      }
    } else {
      const table = yield* fetchTable(call, target);
      if ((table.rows ?? []).length > 0) yield* show('ADDED', table);
    }
    yield* call.main.out.flush();
  }
  const version = String(list.metadata?.resourceVersion ?? '');
  const stream = yield* startWatch(
    call,
    target,
    version,
    printer ? 'application/json' : TABLE_ACCEPT,
  );
  let columns: TableDocument['columnDefinitions'];
  for (;;) {
    const event = yield* stream.next();
    if (!event) return 0;
    if (event.type === 'BOOKMARK') continue;
    if (event.type === 'ERROR') throw refusal(event.object as never);
    if (printer) {
      const shown = events
        ? ({
            type: event.type,
            object: event.object,
          } as unknown as KubeObject)
        : event.object;
      yield* call.out(printer.print(shown));
      yield* call.main.out.flush();
      continue;
    }
    const table = event.object as unknown as TableDocument;
    columns = table.columnDefinitions ?? columns;
    yield* show(event.type, { ...table, columnDefinitions: columns ?? null });
  }
}

/** The name that results give an object of a target: `pod/web`. */
export function targetName({ resource, name }: Target): string {
  return `${kindName(resource)}/${name}`;
}
