// The io controller: limits by device (io.max) and what was read and written (io.stat).

import { SECOND } from '../../core/time.ts';
import type { Cgroup } from './cgroup.ts';

export const IO_LIMITS = ['rbps', 'wbps', 'riops', 'wiops'] as const;
export type IoLimit = (typeof IO_LIMITS)[number];

export interface IoCounters {
  rbytes: number;
  wbytes: number;
  rios: number;
  wios: number;
}

export class IoControl {
  readonly group: Cgroup;
  readonly parent: IoControl | undefined;
  /** By device number (major * 256 + minor). */
  readonly limits = new Map<number, Record<IoLimit, number>>();
  readonly counters = new Map<number, IoCounters>();
  weight = 100;
  /** Until when the limits of a device keep new requests waiting. */
  private readonly busyUntil = new Map<string, number>();

  constructor(group: Cgroup, parent: IoControl | undefined) {
    this.group = group;
    this.parent = parent;
  }

  /** Counts a request here and above, and says until when io.max makes it wait. */
  request(device: number, bytes: number, writes: boolean, now: number): number {
    let until = now;
    for (let at: IoControl | undefined = this; at; at = at.parent) {
      at.count(device, bytes, writes);
      until = Math.max(until, at.delay(device, bytes, writes, now));
    }
    return until;
  }

  private count(device: number, bytes: number, writes: boolean): void {
    const counters = this.counters.get(device) ?? { rbytes: 0, wbytes: 0, rios: 0, wios: 0 };
    if (writes) {
      counters.wbytes += bytes;
      counters.wios++;
    } else {
      counters.rbytes += bytes;
      counters.rios++;
    }
    this.counters.set(device, counters);
  }

  private delay(device: number, bytes: number, writes: boolean, now: number): number {
    const limits = this.limits.get(device);
    if (!limits) return now;
    const rate = writes ? limits.wbps : limits.rbps;
    const requests = writes ? limits.wiops : limits.riops;
    const cost = Math.max(bytes / rate, 1 / requests) * SECOND;
    const key = `${device} ${writes}`;
    const until = Math.max(now, this.busyUntil.get(key) ?? 0) + Math.ceil(cost);
    this.busyUntil.set(key, until);
    return until;
  }
}
