// The event recorder (client-go tools/record): Events about objects, written without anybody waiting for them; the same
// event again within ten minutes raises a count instead of making another object.

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

/** After this long an event that happens again is a new object. */
const AGGREGATE = 10 * MINUTE;
const REMEMBERED = 4096;

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

/** A recorder that writes as `component` (and, for kubelets, from `host`). */
export function eventRecorder(
  simulation: Simulation,
  client: ApiClient,
  component: string,
  host?: string,
): EventRecorder {
  const pending: Pending[] = [];
  const arrived = new WaitQueue();
  const known = new Map<string, CoreEvent & { readonly seen: number }>();
  /** The time in the name of the last event: two are never named alike, and later ones sort later. */
  let named = 0n;

  function* write(entry: Pending): Routine<void> {
    const { reference, type, reason, message, at } = entry;
    const key = `${reference.uid ?? reference.name}|${reference.fieldPath ?? ''}|${type}|${reason}|${message}`;
    const before = known.get(key);
    const time = rfc3339(at);
    if (before && at - before.seen < AGGREGATE) {
      const count = (before.count ?? 1) + 1;
      const { namespace = 'default', name = '' } = before.metadata;
      const body = { count, lastTimestamp: time };
      const patched = yield* client.patch(resources.events, namespace, name, 'strategic', body);
      if (!(patched instanceof Refusal)) {
        known.set(key, { ...before, count, seen: at });
        return;
      }
    }
    const event = eventObject(entry, time);
    const made = yield* client.create(resources.events, event);
    if (made instanceof Refusal) return;
    if (known.size > REMEMBERED) known.clear();
    known.set(key, { ...event, seen: at });
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
