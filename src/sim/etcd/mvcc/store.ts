// etcd's multi-version store: every change of a key gets a revision (main, sub), old versions stay readable
// until they are compacted. It knows nothing of raft, users or time. The backend's pages (bbolt) are not
// modelled, only their number of bytes.

import { Content } from '../../core/content.ts';
import type { KeyValue, WatchEvent } from '../api.ts';
import { type EtcdError, etcdErrors } from '../error.ts';
import { type KeyHistory, KeyTree, type StoredKeyValue, versionAt } from './keytree.ts';
import { WatchHub } from './watch.ts';

/** Bytes of the backend before any key is in it: its buckets and free list. */
const EMPTY_BACKEND = 16_384;
/** What a version takes in the backend beside its key and value. */
const VERSION_OVERHEAD = 64;
/** An object's weight: sizes of objects are not measured, because that would serialise every one of them. */
const OBJECT_WEIGHT = 2_048;
const PAGE = 4_096;

/** The store of one member. Writes go between `begin` and `commit`, which together make one revision. */
export class Store {
  readonly keys = new KeyTree();
  readonly watchers = new WatchHub(this);
  /** Every kept change in the order of revisions, for watches that begin in the past. */
  history: StoredKeyValue[] = [];
  /** The newest revision; an empty store stands at 1. */
  revision = 1;
  /** The revision of the last compaction; -1 before the first. */
  compacted = -1;
  /** Told of the changes of each revision before the watchers are. */
  onCommit: ((changes: readonly StoredKeyValue[]) => void) | undefined;
  /** Bytes that versions take. */
  private dataBytes = 0;
  private base = EMPTY_BACKEND;
  private allocated = EMPTY_BACKEND + PAGE;
  private changes: StoredKeyValue[] = [];

  /** The revision that reads see: within a transaction that has written, the one being made. */
  get readRevision(): number {
    return this.changes.length > 0 ? this.revision + 1 : this.revision;
  }

  /** Keys that are there now: deleted ones stay in the tree until a compaction. */
  get liveKeys(): number {
    let count = 0;
    this.keys.scan('', '\0', (history) => {
      if (versionAt(history, this.revision)) count++;
    });
    return count;
  }

  /** Bytes of the pages that hold something. */
  get bytesInUse(): number {
    return this.base + Math.floor(this.dataBytes / PAGE) * PAGE;
  }

  /** Takes pages for what the backend holds beside keys (members), and pages that its file has spare. */
  takePages(used: number, spare: number): void {
    this.base += used * PAGE;
    this.allocated = Math.max(this.allocated, this.bytesInUse) + spare * PAGE;
  }

  /** The size of the backend's file: grows with use, shrinks when defragmented. */
  get bytesAllocated(): number {
    return this.allocated;
  }

  /** Writes one key, hanging it on `lease` (0n for none). The caller has checked the lease. */
  put(key: string, value: Content, lease: bigint): StoredKeyValue {
    const modRevision = this.revision + 1;
    let history = this.keys.get(key);
    if (history === undefined) {
      history = { key, versions: [] };
      this.keys.add(history);
    }
    const { versions } = history;
    const last = versions[versions.length - 1];
    const alive = last !== undefined && last.version > 0;
    const written: StoredKeyValue = {
      key,
      createRevision: alive ? last.createRevision : modRevision,
      modRevision,
      version: alive ? last.version + 1 : 1,
      value,
      lease,
      sub: this.changes.length,
    };
    versions.push(written);
    this.changes.push(written);
    this.dataBytes += weightOf(written);
    return written;
  }

  /** Deletes the keys of a range; gives them as they were. */
  deleteRange(key: string, rangeEnd: string): StoredKeyValue[] {
    const found: [KeyHistory, StoredKeyValue][] = [];
    const at = this.readRevision;
    this.keys.scan(key, rangeEnd, (history) => {
      const version = versionAt(history, at);
      if (version) found.push([history, version]);
    });
    const modRevision = this.revision + 1;
    for (const [history] of found) {
      const tombstone: StoredKeyValue = {
        key: history.key,
        createRevision: 0,
        modRevision,
        version: 0,
        value: Content.empty,
        lease: 0n,
        sub: this.changes.length,
      };
      history.versions.push(tombstone);
      this.changes.push(tombstone);
      this.dataBytes += weightOf(tombstone);
    }
    return found.map(([, version]) => version);
  }

  /** Ends a write. If anything changed, the revision goes up by one and watchers are told. */
  commit(): void {
    if (this.changes.length === 0) return;
    const changes = this.changes;
    this.changes = [];
    this.revision++;
    for (const change of changes) this.history.push(change);
    this.allocated = Math.max(this.allocated, this.bytesInUse);
    this.onCommit?.(changes);
    this.watchers.notify(changes);
  }

  /** One key as it stood at `revision`, whatever has been compacted. */
  at(key: string, revision: number): StoredKeyValue | undefined {
    const history = this.keys.get(key);
    return history && versionAt(history, revision);
  }

  /** Why nothing can be read at `revision`, if nothing can. */
  unreadable(revision: number): EtcdError | undefined {
    if (revision > this.readRevision) return etcdErrors.futureRevision;
    if (revision < this.compacted) return etcdErrors.compacted;
    return undefined;
  }

  /** Forgets every version that no read at `revision` or later can see. */
  compact(revision: number): EtcdError | undefined {
    if (revision <= this.compacted) return etcdErrors.compacted;
    if (revision > this.revision) return etcdErrors.futureRevision;
    this.compacted = revision;
    const touched = new Set<string>();
    let dropped = 0;
    for (const change of this.history) {
      if (change.modRevision > revision) break;
      touched.add(change.key);
      if (change.modRevision < revision) dropped++;
    }
    this.history = this.history.slice(dropped);
    for (const key of touched) this.compactKey(key, revision);
    return undefined;
  }

  /** Gives the backend's free space back to the file system. */
  defragment(): void {
    this.allocated = this.bytesInUse;
  }

  /** The events of kept changes from `start` on. */
  eventsFrom(start: number): StoredKeyValue[] {
    let low = 0;
    let high = this.history.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.history[middle] as StoredKeyValue).modRevision < start) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? this.history : this.history.slice(low);
  }

  /** A change as watchers see it. */
  eventOf(change: StoredKeyValue, prevKv: boolean): WatchEvent {
    const type = change.version === 0 ? 'DELETE' : 'PUT';
    if (!prevKv) return { type, kv: change };
    const before = change.modRevision - 1;
    const previous = before < this.compacted ? undefined : this.at(change.key, before);
    return { type, kv: change, prevKv: previous };
  }

  /** Takes over versions (in the order of revisions) from a snapshot, in place of everything here. */
  restore(revision: number, compacted: number, versions: readonly StoredKeyValue[]): void {
    this.keys.clear();
    this.history = [];
    this.dataBytes = 0;
    for (const version of versions) {
      const history = this.keys.get(version.key);
      if (history) history.versions.push(version);
      else this.keys.add({ key: version.key, versions: [version] });
      if (version.modRevision >= compacted) this.history.push(version);
      this.dataBytes += weightOf(version);
    }
    this.revision = revision;
    this.compacted = compacted;
    this.allocated = Math.max(this.allocated, this.bytesInUse);
    this.watchers.restored();
  }

  /** Every kept version in the order of revisions: what a snapshot and the hash are made of. */
  versions(): StoredKeyValue[] {
    const all: StoredKeyValue[] = [];
    this.keys.scan('', '\0', (history) => all.push(...history.versions));
    return all.sort((a, b) => a.modRevision - b.modRevision || a.sub - b.sub);
  }

  private compactKey(key: string, revision: number): void {
    const history = this.keys.get(key);
    if (history === undefined) return;
    const { versions } = history;
    let keep = 0;
    while (keep + 1 < versions.length) {
      if ((versions[keep + 1] as StoredKeyValue).modRevision > revision) break;
      keep++;
    }
    const kept = versions[keep];
    if (kept?.version === 0 && kept.modRevision < revision) keep++;
    for (let i = 0; i < keep; i++) this.dataBytes -= weightOf(versions[i] as StoredKeyValue);
    if (keep === versions.length) this.keys.remove(key);
    else if (keep > 0) history.versions = versions.slice(keep);
  }
}

/** About what a version takes in the backend. */
function weightOf(version: KeyValue): number {
  const { value } = version;
  const bytes = value.isObject ? OBJECT_WEIGHT : value.size;
  return version.key.length + bytes + VERSION_OVERHEAD;
}
