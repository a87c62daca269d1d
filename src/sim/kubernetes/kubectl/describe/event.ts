// Events as kubectl describe and kubectl events show them: when one was last seen, how often, since when.

import { age } from './writer.ts';

/** A core/v1 Event. */
export interface Event {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly firstTimestamp?: string | null;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly source?: { readonly component?: string };
  readonly reportingComponent?: string;
  readonly metadata?: { readonly namespace?: string };
  readonly involvedObject: {
    readonly kind?: string;
    readonly name?: string;
    readonly fieldPath?: string;
  };
  readonly series?: { readonly count: number; readonly lastObservedTime: string } | null;
}

/** What events are sorted by, in milliseconds. */
export function eventTime(event: Event): number {
  const text = event.series?.lastObservedTime || event.lastTimestamp || event.eventTime;
  return text ? Date.parse(text) : 0;
}

/** `3s`, or `3s (x4 over 2m)`. */
export function intervalOf(event: Event, now: number): string {
  const first = age(event.eventTime || event.firstTimestamp, now);
  if (event.series)
    return `${age(event.series.lastObservedTime, now)} (x${event.series.count} over ${first})`;
  if ((event.count ?? 1) > 1)
    return `${age(event.lastTimestamp, now)} (x${event.count} over ${first})`;
  return first;
}
