// The event recorder (client-go tools/record): Events about objects, written without anybody waiting for them. The same
// event again raises a count instead of making another object (events_cache.go); what comes in too many wordings is
// combined, and what comes too often about one object is dropped.

import { MINUTE, rfc3339, START_OF_TIME } from '../../../core/time.ts';
import type { Simulation } from '../../../core/simulation.ts';
import { type Routine, WaitQueue, waitOn } from '../../../core/wait.ts';
import { type ApiClient, Refusal } from '../../api/client.ts';
import { resources } from '../../api/client-resources.ts';
import type { KubeObject } from '../../api/object.ts';
import type { CoreEvent } from '../../api/types/config.ts';
import type { ObjectReference } from '../../api/types/meta.ts';

/** What an event is about: an object, or a reference to a part of it. */
export type EventSubject =
  | {
      readonly kind: string;
      readonly apiVersion: string;
      readonly metadata: KubeObject['metadata'];
    }
  | ObjectReference;

export interface EventRecorder {
  /** Notes an event; it is written in its turn. */
  event(about: EventSubject, type: 'Normal' | 'Warning', reason: string, message: string): void;
  /** The routine that writes; to be put to work once. */
  run(): Routine<void>;
}

const REMEMBERED = 4096;

/** From the tenth wording of one reason within ten minutes on, events are combined (EventAggregator). */
const WORDINGS = 10;
const AGGREGATE = 10 * MINUTE;
const COMBINED = '(combined from similar events): ';

/** So many events about one object at once, then one in five minutes (EventSourceObjectSpamFilter). */
const BURST = 25;
const REFILL = 5 * MINUTE;

interface Pending {
  readonly reference: ObjectReference;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly at: number;
}

function referenceOf(about: EventSubject): ObjectReference {
  if (!('metadata' in about)) return about;
  const { kind, apiVersion, metadata } = about;
  const { namespace, name, uid, resourceVersion } = metadata;
  return {
    kind,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(uid === undefined ? {} : { uid }),
    apiVersion,
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}

/** What becomes of events before they are written (EventCorrelator). */
function eventCorrelator(): {
  /** The event as it is counted: its own, or one for all of its reason where there are too many wordings. */
  correlated(entry: Pending): { readonly key: string; readonly entry: Pending };
  /** False where there were too many events about the object. */
  allowed(entry: Pending): boolean;
} {
  const wordings = new Map<string, { seen: number; readonly texts: Set<string> }>();
  const buckets = new Map<string, { at: number; left: number }>();
  return {
    correlated(entry) {
      const { reference, type, reason, message, at } = entry;
      const about = `${reference.uid ?? reference.name}|${type}|${reason}`;
      const before = wordings.get(about);
      const record =
        before && at - before.seen <= AGGREGATE ? before : { seen: at, texts: new Set<string>() };
      record.seen = at;
      record.texts.add(message);
      if (wordings.size > REMEMBERED) wordings.clear();
      wordings.set(about, record);
      if (record.texts.size < WORDINGS)
        return { key: `${about}|${reference.fieldPath ?? ''}|${message}`, entry };
      const [oldest = ''] = record.texts;
      record.texts.delete(oldest);
      return { key: about, entry: { ...entry, message: `${COMBINED}${message}` } };
    },
    allowed({ reference, at }) {
      const { uid = '', kind, namespace, name } = reference;
      const key = `${uid}|${kind}|${namespace}|${name}`;
      const before = buckets.get(key) ?? { at, left: BURST };
      const left = Math.min(BURST, before.left + (at - before.at) / REFILL);
      if (buckets.size > REMEMBERED) buckets.clear();
      buckets.set(key, { at, left: left < 1 ? left : left - 1 });
      return left >= 1;
    },
  };
}

/** A recorder that writes as `component` (and, for kubelets, from `host`). */
export function eventRecorder(
  simulation: Simulation,
  client: ApiClient,
  component: string,
  host?: string,
): EventRecorder {
  const pending: Pending[] = [];
  const arrived = new WaitQueue();
  const known = new Map<string, CoreEvent>();
  const correlator = eventCorrelator();
  /** The time in the name of the last event: two are never named alike, and later ones sort later. */
  let named = 0n;

  function* write(given: Pending): Routine<void> {
    const { key, entry } = correlator.correlated(given);
    const before = known.get(key);
    const event = eventObject(entry, rfc3339(entry.at));
    const { count = 1, firstTimestamp } = before ?? {};
    const next = before
      ? { ...event, count: count + 1, ...(firstTimestamp ? { firstTimestamp } : {}) }
      : event;
    if (known.size > REMEMBERED) known.clear();
    known.set(key, before ? { ...next, metadata: before.metadata } : next);
    if (!correlator.allowed(entry)) return;
    if (before) {
      const { namespace = 'default', name = '' } = before.metadata;
      const { lastTimestamp, message } = next;
      const body = { count: next.count, lastTimestamp, message };
      const patched = yield* client.patch(resources.events, namespace, name, 'strategic', body);
      if (!(patched instanceof Refusal)) return;
    }
    const made = yield* client.create(resources.events, next);
    if (made instanceof Refusal) known.delete(key);
    else known.set(key, next);
  }

  function eventObject({ reference, type, reason, message, at }: Pending, time: string): CoreEvent {
    const namespace = reference.namespace || 'default';
    const nanos = BigInt(START_OF_TIME) * 1_000_000n + BigInt(Math.floor(at));
    named = nanos > named ? nanos : named + 1n;
    const suffix = named.toString(16);
    return {
      kind: 'Event',
      apiVersion: 'v1',
      metadata: { name: `${reference.name}.${suffix}`, namespace },
      involvedObject: reference,
      reason,
      message,
      source: host === undefined ? { component } : { component, host },
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
      type,
      eventTime: null,
      reportingComponent: component,
      reportingInstance: host ?? '',
    };
  }

  return {
    event(about, type, reason, message) {
      const reference = referenceOf(about);
      pending.push({ reference, type, reason, message, at: simulation.now });
      simulation.causedBy(simulation.cause, () => {
        const { kind = '', namespace = '', name = '' } = reference;
        const called = namespace === '' ? name : `${namespace}/${name}`;
        simulation.because(`${component}: ${message}`, { kind: kind.toLowerCase(), name: called });
        arrived.wake();
      });
    },
    *run() {
      for (;;) {
        const next = pending.shift();
        if (next) yield* write(next);
        else yield* waitOn(arrived);
      }
    },
  };
}
