// The one queue of what is to happen: ordered by virtual time, then by the order of scheduling.

import type { Cause } from './cause.ts';

/** Something that will happen at a time. `cancel` before then makes it not happen. */
export interface Timer {
  /** Virtual nanoseconds since switch-on. */
  readonly at: number;
  readonly cancelled: boolean;
  cancel(): void;
}

/** A scheduled event as the queue holds it. */
export class ScheduledEvent implements Timer {
  readonly at: number;
  readonly sequence: number;
  readonly cause: Cause;
  action: (() => void) | undefined;
  private readonly queue: EventQueue;

  constructor(queue: EventQueue, at: number, sequence: number, cause: Cause, action: () => void) {
    this.queue = queue;
    this.at = at;
    this.sequence = sequence;
    this.cause = cause;
    this.action = action;
  }

  get cancelled(): boolean {
    return this.action === undefined;
  }

  cancel(): void {
    if (this.action === undefined) return;
    this.action = undefined;
    this.queue.noteCancelled();
  }
}

/** A binary heap of events. Cancelled ones are dropped when they surface, or when they are the majority. */
export class EventQueue {
  private heap: ScheduledEvent[] = [];
  private sequence = 0;
  private dead = 0;

  /** Events that will still happen. */
  get size(): number {
    return this.heap.length - this.dead;
  }

  add(at: number, cause: Cause, action: () => void): ScheduledEvent {
    const event = new ScheduledEvent(this, at, this.sequence++, cause, action);
    this.heap.push(event);
    this.siftUp(this.heap.length - 1);
    return event;
  }

  /** The earliest event that is not cancelled, left in the queue. */
  peek(): ScheduledEvent | undefined {
    for (;;) {
      const first = this.heap[0];
      if (first === undefined || first.action !== undefined) return first;
      this.removeFirst();
      this.dead--;
    }
  }

  /** Takes the earliest event out. */
  take(): ScheduledEvent | undefined {
    const first = this.peek();
    if (first) this.removeFirst();
    return first;
  }

  noteCancelled(): void {
    this.dead++;
    if (this.dead > 64 && this.dead > this.heap.length / 2) this.sweep();
  }

  private sweep(): void {
    this.heap = this.heap.filter((event) => event.action !== undefined);
    this.heap.sort((a, b) => a.at - b.at || a.sequence - b.sequence);
    this.dead = 0;
  }

  private removeFirst(): void {
    const last = this.heap.pop();
    if (last === undefined || this.heap.length === 0) return;
    this.heap[0] = last;
    this.siftDown();
  }

  private siftUp(start: number): void {
    const heap = this.heap;
    let i = start;
    const item = heap[i] as ScheduledEvent;
    while (i > 0) {
      const up = (i - 1) >> 1;
      const parent = heap[up] as ScheduledEvent;
      if (before(parent, item)) break;
      heap[i] = parent;
      i = up;
    }
    heap[i] = item;
  }

  private siftDown(): void {
    const heap = this.heap;
    const item = heap[0] as ScheduledEvent;
    let i = 0;
    for (;;) {
      let down = 2 * i + 1;
      if (down >= heap.length) break;
      const right = heap[down + 1];
      if (right !== undefined && before(right, heap[down] as ScheduledEvent)) down++;
      const child = heap[down] as ScheduledEvent;
      if (before(item, child)) break;
      heap[i] = child;
      i = down;
    }
    heap[i] = item;
  }
}

function before(a: ScheduledEvent, b: ScheduledEvent): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
}
