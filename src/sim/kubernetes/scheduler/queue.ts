// The scheduling queue: pods that are ready to be tried (by priority, then age), those that wait out a back-off, and
// those that no node would take until something changes.

import type { Timer } from '../../core/events.ts';
import type { Simulation } from '../../core/simulation.ts';
import { MINUTE, SECOND } from '../../core/time.ts';
import { WaitQueue } from '../../core/wait.ts';
import type { ClusterChange, Plugin } from './framework.ts';
import type { PodInfo } from './node-info.ts';

const FIRST_BACKOFF = SECOND;
const LONGEST_BACKOFF = 10 * SECOND;
/** A pod that nothing woke is tried again after this long. */
const STALE = 5 * MINUTE;

interface Entry {
  readonly info: PodInfo;
  readonly priority: number;
  readonly sequence: number;
  attempts: number;
  /** Virtual time of the last failed attempt. */
  failedAt: number;
}

export class SchedulingQueue {
  readonly arrived = new WaitQueue();
  private readonly simulation: Simulation;
  private active: Entry[] = [];
  private readonly entries = new Map<string, Entry>();
  private readonly waiting = new Map<string, Timer>();
  /** Parked pods, with whom they could not please. */
  private readonly unschedulable = new Map<string, ReadonlySet<Plugin>>();
  private sequence = 0;
  private sorted = true;
  private head = 0;
  private flush: Timer | undefined;

  constructor(simulation: Simulation) {
    this.simulation = simulation;
  }

  /** A pod that waits for a node, or whose object changed meanwhile. */
  add(info: PodInfo): void {
    const old = this.entries.get(info.key);
    if (old?.info.pod === info.pod) return;
    const entry: Entry = {
      info,
      priority: info.pod.spec.priority ?? 0,
      sequence: old?.sequence ?? this.sequence++,
      attempts: old?.attempts ?? 0,
      failedAt: old?.failedAt ?? 0,
    };
    this.entries.set(info.key, entry);
    if (!old) this.activate(entry);
  }

  /** The pod was bound, deleted or is somebody else's. */
  remove(key: string): void {
    this.entries.delete(key);
    this.unschedulable.delete(key);
    this.waiting.get(key)?.cancel();
    this.waiting.delete(key);
  }

  /** The next pod to try; undefined where there is none now. */
  take(): PodInfo | undefined {
    if (!this.sorted) {
      this.active = this.active.slice(this.head);
      this.head = 0;
      this.active.sort((a, b) => b.priority - a.priority || a.sequence - b.sequence);
      this.sorted = true;
    }
    while (this.head < this.active.length) {
      const entry = this.active[this.head++];
      const current = entry && this.entries.get(entry.info.key);
      if (!current) continue;
      current.attempts++;
      return current.info;
    }
    this.active = [];
    this.head = 0;
    return undefined;
  }

  /** No node would take it: it waits until something changes that could help. */
  park(key: string, objectors: ReadonlySet<Plugin>): void {
    const entry = this.entries.get(key);
    if (!entry) return;
    entry.failedAt = this.simulation.now;
    this.unschedulable.set(key, objectors);
    this.armFlush();
  }

  /**
   * Something changed: parked pods whom it may help get another try (queueing hints). Their back-off is not waited out,
   * for an idle scheduler takes pods from the back-off queue (SchedulerPopFromBackoffQ).
   */
  wakeParked(change: ClusterChange): void {
    for (const [key, objectors] of this.unschedulable) {
      if (!mayHelp(change, objectors)) continue;
      this.unschedulable.delete(key);
      const entry = this.entries.get(key);
      if (entry) this.activate(entry);
    }
    if (this.unschedulable.size > 0) return;
    this.flush?.cancel();
    this.flush = undefined;
  }

  /** Nothing is tried again any more. */
  stop(): void {
    for (const timer of this.waiting.values()) timer.cancel();
    this.waiting.clear();
    this.flush?.cancel();
  }

  /** Binding failed: the pod is tried again after its back-off. */
  retrySoon(key: string): void {
    const entry = this.entries.get(key);
    if (entry) {
      entry.failedAt = this.simulation.now;
      this.retry(key, entry);
    }
  }

  get size(): number {
    return this.entries.size;
  }

  private retry(key: string, entry: Entry): void {
    const backoff = Math.min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** Math.max(0, entry.attempts - 1));
    const at = entry.failedAt + backoff;
    if (at <= this.simulation.now) {
      this.activate(entry);
      return;
    }
    this.waiting.get(key)?.cancel();
    const timer = this.simulation.at(at, () => {
      this.waiting.delete(key);
      const current = this.entries.get(key);
      if (current) this.activate(current);
    });
    this.waiting.set(key, timer);
  }

  private activate(entry: Entry): void {
    const last = this.active.at(-1);
    if (last && (last.priority < entry.priority || last.sequence > entry.sequence))
      this.sorted = false;
    this.active.push(entry);
    this.arrived.wake();
  }

  private armFlush(): void {
    this.flush ??= this.simulation.after(STALE, () => {
      this.flush = undefined;
      this.wakeParked('long wait');
    });
  }
}

function mayHelp(change: ClusterChange, objectors: ReadonlySet<Plugin>): boolean {
  if (change === 'node added' || change === 'long wait' || objectors.size === 0) return true;
  return [...objectors].some(({ helpedBy }) => helpedBy?.includes(change));
}
