// Watches on a store: who is told of which change. A watch that begins in the past first gets the kept
// history in one response, then each later revision as it is made.

import { WaitQueue } from '../../core/wait.ts';
import type { WatchEvent, WatchRequest } from '../api.ts';
import { etcdErrors } from '../error.ts';
import type { StoredKeyValue } from './keytree.ts';
import type { Store } from './store.ts';

/** What a watcher hears: events, a bare revision (progress), or that it is over. */
export interface WatchNews {
  readonly revision: number;
  readonly events: readonly WatchEvent[];
  readonly canceled: boolean;
  readonly compactRevision: number;
  readonly cancelReason: string;
}

/** One watch. News wait in it, oldest first, until `take`. */
export interface Watcher {
  readonly request: WatchRequest;
  /** Woken when news arrive. */
  readonly arrived: WaitQueue;
  readonly ended: boolean;
  /** True while news wait. */
  readonly waiting: boolean;
  take(): WatchNews | undefined;
  /** Queues a response that carries the store's revision only. */
  progress(): void;
  /** Ends the watch from the server's side, with a reason. */
  end(reason: string): void;
  /** Ends the watch from the client's side. */
  cancel(): void;
}

class QueuedWatcher implements Watcher {
  readonly request: WatchRequest;
  readonly arrived = new WaitQueue();
  ended = false;
  /** The next revision that it has not been told of. */
  next: number;
  private readonly hub: WatchHub;
  private queue: WatchNews[] = [];
  private head = 0;

  constructor(hub: WatchHub, request: WatchRequest, next: number) {
    this.hub = hub;
    this.request = request;
    this.next = next;
  }

  get waiting(): boolean {
    return this.queue.length > 0;
  }

  take(): WatchNews | undefined {
    const news = this.queue[this.head];
    if (news === undefined) return undefined;
    this.queue[this.head++] = EMPTY_SLOT;
    if (this.head === this.queue.length) {
      this.queue = [];
      this.head = 0;
    }
    return news;
  }

  push(news: WatchNews): void {
    this.queue.push(news);
    this.arrived.wake();
  }

  progress(): void {
    if (!this.ended) this.push({ ...EMPTY_SLOT, revision: this.hub.revision });
  }

  end(reason: string, compactRevision = 0): void {
    if (this.ended) return;
    this.hub.remove(this);
    this.ended = true;
    const { revision } = this.hub;
    this.push({ revision, events: [], canceled: true, compactRevision, cancelReason: reason });
  }

  cancel(): void {
    if (this.ended) return;
    this.hub.remove(this);
    this.ended = true;
    this.queue = [];
    this.head = 0;
    this.arrived.wake();
  }
}

const EMPTY_SLOT: WatchNews = {
  revision: 0,
  events: [],
  canceled: false,
  compactRevision: 0,
  cancelReason: '',
};

/** All watches of one store. Watches of single keys are found by key, those of ranges by trying each. */
export class WatchHub {
  private readonly store: Store;
  private readonly single = new Map<string, Set<QueuedWatcher>>();
  private readonly ranges = new Set<QueuedWatcher>();

  constructor(store: Store) {
    this.store = store;
  }

  get revision(): number {
    return this.store.revision;
  }

  get size(): number {
    let count = this.ranges.size;
    for (const set of this.single.values()) count += set.size;
    return count;
  }

  /** Starts a watch. One that asks for compacted revisions ends at once, and says so. */
  add(request: WatchRequest): Watcher {
    const start = request.startRevision ?? 0;
    const now = this.store.revision + 1;
    const watcher = new QueuedWatcher(this, request, start > 0 ? start : now);
    const end = request.rangeEnd ?? '';
    if (end !== '') this.ranges.add(watcher);
    else if (this.single.has(request.key)) this.single.get(request.key)?.add(watcher);
    else this.single.set(request.key, new Set([watcher]));
    if (watcher.next < now) this.catchUp(watcher);
    return watcher;
  }

  remove(watcher: QueuedWatcher): void {
    this.ranges.delete(watcher);
    const same = this.single.get(watcher.request.key);
    if (same?.delete(watcher) && same.size === 0) this.single.delete(watcher.request.key);
  }

  /** Tells of the changes of the newest revision. */
  notify(changes: readonly StoredKeyValue[]): void {
    if (this.single.size > 0) {
      const told = new Set<QueuedWatcher>();
      for (const change of changes) {
        for (const watcher of this.single.get(change.key) ?? []) told.add(watcher);
      }
      for (const watcher of told) this.tell(watcher, changes);
    }
    for (const watcher of this.ranges) this.tell(watcher, changes);
  }

  /** The store was replaced by a snapshot: each watch goes on from what it was told last. */
  restored(): void {
    for (const set of [...this.single.values(), this.ranges]) {
      for (const watcher of [...set]) {
        if (watcher.next <= this.store.revision) this.catchUp(watcher);
      }
    }
  }

  /** Ends every watch without a word: the server goes. */
  closeAll(): void {
    const all = [...[...this.single.values()].flatMap((set) => [...set]), ...this.ranges];
    for (const watcher of all) watcher.cancel();
  }

  private catchUp(watcher: QueuedWatcher): void {
    if (watcher.next < this.store.compacted) {
      watcher.end(etcdErrors.compacted.message, this.store.compacted);
      return;
    }
    this.tell(watcher, this.store.eventsFrom(watcher.next));
  }

  private tell(watcher: QueuedWatcher, changes: readonly StoredKeyValue[]): void {
    const { request } = watcher;
    const end = request.rangeEnd ?? '';
    let events: WatchEvent[] | undefined;
    for (const change of changes) {
      if (change.modRevision < watcher.next || !covers(request.key, end, change.key)) continue;
      if (change.version === 0 ? request.noDelete : request.noPut) continue;
      events ??= [];
      events.push(this.store.eventOf(change, request.prevKv === true));
    }
    watcher.next = Math.max(watcher.next, this.store.revision + 1);
    if (events) watcher.push({ ...EMPTY_SLOT, revision: this.store.revision, events });
  }
}

/** True where [key, end) holds `candidate`; "" as `end` means the one key, "\0" to the end. */
export function covers(key: string, end: string, candidate: string): boolean {
  if (end === '') return candidate === key;
  return candidate >= key && (end === '\0' || candidate < end);
}
