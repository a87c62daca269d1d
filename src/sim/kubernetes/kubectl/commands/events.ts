// kubectl events: the events of a namespace, or of one object, oldest first; and those that come after.

import { epochMilliseconds } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Call, Command } from '../command.ts';
import { type Event, eventTime, intervalOf } from '../describe/event.ts';
import { groupVersion, needResource, pathOf } from '../discovery.ts';
import { failure } from '../failure.ts';
import { type Printer, printerOf } from '../output/printers.ts';
import { alignTable } from '../output/table.ts';
import type { KubeObject } from '../rest.ts';
import { startWatch } from './watch.ts';

export const events: Command = { name: 'events', run: runEvents };

function* runEvents(call: Call): Routine<void> {
  const { values } = call;
  const everywhere = values.is('all-namespaces');
  const namespace = yield* call.namespace();
  const fieldSelector = yield* selectorFor(call);
  const printer = values.text('output') === '' ? undefined : yield* printerOf(call);
  const types = values.list('types').map((type) => type.toLowerCase());
  if (types.some((type) => type !== 'normal' && type !== 'warning'))
    throw failure('valid --types are Normal or Warning');
  const wanted = (event: Event): boolean =>
    types.length === 0 || types.includes((event.type ?? '').toLowerCase());
  const show = shower(call, printer);
  const resource = needResource(yield* call.discovery(), 'events.v1.');
  const place = everywhere ? '' : namespace;
  if (values.is('watch')) {
    const target = { resource, namespace: place, name: '' };
    const stream = yield* startWatch(call, target, '', 'application/json', { fieldSelector });
    for (let one = yield* stream.next(); one; one = yield* stream.next()) {
      const event = one.object as unknown as Event;
      if (one.type !== 'DELETED' && wanted(event)) yield* show([event], one.object);
    }
    return;
  }
  const client = yield* call.client();
  const list = yield* client.call('GET', pathOf(resource, place), { query: { fieldSelector } });
  const found = ((list.items ?? []) as unknown as Event[])
    .filter(wanted)
    .sort((a, b) => eventTime(a) - eventTime(b))
    .map((event) => ({ ...event, apiVersion: 'v1', kind: 'Event' }));
  if (found.length === 0) {
    yield* call.err(
      everywhere ? 'No events found.\n' : `No events found in ${namespace} namespace.\n`,
    );
    return;
  }
  const whole = { apiVersion: 'v1', items: found, kind: 'EventList', metadata: {} };
  yield* show(found, whole as KubeObject);
}

/** --for as a field selector. */
function* selectorFor(call: Call): Routine<string> {
  const text = call.values.text('for');
  if (text === '') return '';
  const [type = '', name = '', ...more] = text.split('/');
  if (!text.includes('/')) throw failure('--for must be in resource/name form');
  if (more.length > 0)
    throw failure('arguments in resource/name form may not have more than one slash');
  const resource = needResource(yield* call.discovery(), type);
  return [
    `involvedObject.kind=${resource.kind}`,
    `involvedObject.apiVersion=${groupVersion(resource)}`,
    `involvedObject.name=${name}`,
  ].join(',');
}

/** Prints events as rows, their heading once; or as what -o asks for. */
function shower(
  call: Call,
  printer: Printer | undefined,
): (list: readonly Event[], whole: KubeObject) => Routine<void> {
  const { values } = call;
  const everywhere = values.is('all-namespaces');
  let heading = !values.is('no-headers');
  return function* (list, whole) {
    if (printer) {
      yield* call.out(printer.print(whole));
      yield* call.main.out.flush();
      return;
    }
    const now = epochMilliseconds(call.main.process.now);
    const rows = list.map((event) => {
      const { kind = '', name = '' } = event.involvedObject;
      const lead = everywhere ? `${event.metadata?.namespace ?? ''}\t` : '';
      const message = (event.message ?? '').trim();
      return `${lead}${intervalOf(event, now)}\t${event.type ?? ''}\t${event.reason ?? ''}\t${kind}/${name}\t${message}`;
    });
    if (heading)
      rows.unshift(`${everywhere ? 'NAMESPACE\t' : ''}LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE`);
    heading = false;
    yield* call.out(alignTable(rows));
    yield* call.main.out.flush();
  };
}
