// The memory controller: what a group's processes, files and shared memory hold, memory.max and memory.high.
// Memory stays charged to the group that took it, wherever the process goes later.

import type { Inode } from '../files/inode.ts';
import type { Cgroup } from './cgroup.ts';

/** Events as memory.events counts them. */
export const MEMORY_EVENTS = ['low', 'high', 'max', 'oom', 'oom_kill', 'oom_group_kill'] as const;
export type MemoryEvent = (typeof MEMORY_EVENTS)[number];

/** What memory is for; `file` can be taken back at any time. */
export type MemoryUse = 'anon' | 'file' | 'shmem' | 'kernel';

export class MemoryControl {
  readonly group: Cgroup;
  readonly parent: MemoryControl | undefined;
  max = Number.POSITIVE_INFINITY;
  high = Number.POSITIVE_INFINITY;
  low = 0;
  min = 0;
  swapMax = Number.POSITIVE_INFINITY;
  swapHigh = Number.POSITIVE_INFINITY;
  zswapMax = Number.POSITIVE_INFINITY;
  oomGroup = false;
  peak = 0;
  failures = 0;
  /** Bytes of this group itself and of all below it, by use. */
  readonly use: Record<MemoryUse, number> = { anon: 0, file: 0, shmem: 0, kernel: 0 };
  /** Counted here and below (memory.events), and here alone (memory.events.local). */
  readonly events: Record<MemoryEvent, number> = noEvents();
  readonly localEvents: Record<MemoryEvent, number> = noEvents();
  /** Page faults, for memory.stat. */
  faults = 0;
  majorFaults = 0;
  /** Cached files that were charged to this group itself, oldest first, with their bytes. */
  readonly cached = new Map<Inode, number>();

  constructor(group: Cgroup, parent: MemoryControl | undefined) {
    this.group = group;
    this.parent = parent;
  }

  get current(): number {
    const { anon, file, shmem, kernel } = this.use;
    return anon + file + shmem + kernel;
  }

  /** Counts an event here and, for memory.events, in every group above. */
  count(event: MemoryEvent): void {
    this.localEvents[event]++;
    for (let at: MemoryControl | undefined = this; at; at = at.parent) at.events[event]++;
  }
}

function noEvents(): Record<MemoryEvent, number> {
  return { low: 0, high: 0, max: 0, oom: 0, oom_kill: 0, oom_group_kill: 0 };
}

/** Adds bytes (or takes them off) without asking for limits. */
export function addCharge(control: MemoryControl | undefined, use: MemoryUse, bytes: number): void {
  for (let at = control; at; at = at.parent) {
    at.use[use] += bytes;
    if (bytes > 0) {
      at.peak = Math.max(at.peak, Math.min(at.current, at.max));
      at.faults += Math.ceil(bytes / 4096);
    }
  }
}

/**
 * Charges bytes. Where memory.max of the group or one above is in the way, cached files go first; what still does
 * not fit comes back as the group whose limit it is, and nothing is charged.
 */
export function tryCharge(
  control: MemoryControl,
  use: MemoryUse,
  bytes: number,
): MemoryControl | undefined {
  for (let at: MemoryControl | undefined = control; at; at = at.parent) {
    const over = at.current + bytes - at.max;
    if (over <= 0) continue;
    at.failures++;
    at.count('max');
    if (reclaim(at, over) < over) return at;
  }
  addCharge(control, use, bytes);
  for (let at: MemoryControl | undefined = control; at; at = at.parent) {
    if (at.current <= at.high) continue;
    at.count('high');
    reclaim(at, at.current - at.high);
  }
  return undefined;
}

/** Takes cached files of a group and those below it back, oldest first; how many bytes that gave. */
export function reclaim(control: MemoryControl, wanted: number): number {
  let done = 0;
  for (const group of control.group.subtreeGroups()) {
    const { memory } = group;
    if (!memory || memory.group !== group) continue;
    for (const [inode, bytes] of memory.cached) {
      if (done >= wanted) return done;
      const part = Math.min(bytes, Math.ceil((wanted - done) / 4096) * 4096);
      if (part === bytes) memory.cached.delete(inode);
      else memory.cached.set(inode, bytes - part);
      addCharge(memory, 'file', -part);
      done += part;
    }
  }
  return done;
}

/** How far the fullest of the group and those above is over memory.high, as a fraction of it; 0: not. */
export function overHigh(control: MemoryControl | undefined): number {
  let worst = 0;
  for (let at = control; at; at = at.parent) {
    if (Number.isFinite(at.high))
      worst = Math.max(worst, (at.current - at.high) / Math.max(at.high, 4096));
  }
  return worst;
}
