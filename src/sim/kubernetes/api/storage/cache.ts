// The watch cache: what etcd holds below /registry/, kept current from one etcd watch. Lists, watches and
// lookups are answered from here; the objects are shared with everybody who reads them.

import type { Content } from '../../../core/content.ts';
import type { KubeObject } from '../object.ts';
import type { FieldRequirement, Requirement } from '../selectors.ts';

/** A change of one object, as watchers are told of it. */
export interface CacheEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  readonly object: KubeObject;
  /** The object before, for watchers whose selector it leaves or enters. */
  readonly previous: KubeObject | undefined;
  readonly namespace: string;
  readonly name: string;
}

/** Told of every event that may concern it, in order. */
export interface CacheWatcher {
  /** Only this namespace, where given. */
  readonly namespace: string;
  readonly labels: readonly Requirement[];
  readonly fields: readonly FieldRequirement[];
  notify(event: CacheEvent): void;
  /** The cache starts anew: what is watched has gaps. */
  end(): void;
}

/** Events kept per kind for watchers that begin in the past. */
const HISTORY = 2048;

interface Shelf {
  readonly objects: Map<string, KubeObject>;
  /** The names in order; undefined where one came or went. */
  names: string[] | undefined;
  /** The objects in order of their names; undefined after a change. */
  list: readonly KubeObject[] | undefined;
}

/** Reads the value by which watchers of a kind are found quickly: a pod's node. */
export type Trigger = { readonly field: string; read(object: KubeObject): string };

/** The objects of one kind. */
export class KindCache {
  private readonly shelves = new Map<string, Shelf>();
  private readonly watchers = new Set<CacheWatcher>();
  private readonly triggered = new Map<string, Set<CacheWatcher>>();
  private readonly trigger: Trigger | undefined;
  private history: CacheEvent[] = [];
  private namespaces: string[] | undefined;
  private everything: readonly KubeObject[] | undefined;
  /** Events at or below this revision are no longer told. */
  oldest = 0;
  size = 0;

  constructor(trigger: Trigger | undefined) {
    this.trigger = trigger;
  }

  get(namespace: string, name: string): KubeObject | undefined {
    return this.shelves.get(namespace)?.objects.get(name);
  }

  /** The objects of a namespace (or all), ordered as their keys are. */
  list(namespace: string | undefined): readonly KubeObject[] {
    if (namespace !== undefined) {
      const shelf = this.shelves.get(namespace);
      return shelf ? shelfList(shelf) : [];
    }
    if (this.everything) return this.everything;
    this.namespaces ??= [...this.shelves.keys()].sort();
    const lists = this.namespaces.map((name) => shelfList(this.shelves.get(name) as Shelf));
    this.everything = lists.length === 1 ? (lists[0] ?? []) : lists.flat();
    return this.everything;
  }

  watcherCount(): number {
    let count = this.watchers.size;
    for (const group of this.triggered.values()) count += group.size;
    return count;
  }

  /** Adds a watcher; events after `revision` that are still known are told at once. */
  watch(watcher: CacheWatcher, revision: number): void {
    if (revision < this.lastRevision()) {
      for (const event of this.history) {
        if (event.revision > revision && concerns(event, watcher)) watcher.notify(event);
      }
    }
    const group = this.groupOf(watcher);
    if (group === undefined) {
      this.watchers.add(watcher);
      return;
    }
    const watchers = this.triggered.get(group) ?? new Set();
    watchers.add(watcher);
    this.triggered.set(group, watchers);
  }

  unwatch(watcher: CacheWatcher): void {
    const group = this.groupOf(watcher);
    if (group === undefined) {
      this.watchers.delete(watcher);
      return;
    }
    const watchers = this.triggered.get(group);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.triggered.delete(group);
  }

  private lastRevision(): number {
    return this.history[this.history.length - 1]?.revision ?? 0;
  }

  private groupOf(watcher: CacheWatcher): string | undefined {
    const field = this.trigger?.field;
    if (field === undefined) return undefined;
    return watcher.fields.find((term) => term.equal && term.field === field)?.value;
  }

  /** Takes an object over. */
  put(namespace: string, name: string, object: KubeObject, revision: number): void {
    const shelf = this.shelfOf(namespace);
    const previous = shelf.objects.get(name);
    shelf.objects.set(name, object);
    if (!previous) {
      shelf.names = undefined;
      this.size++;
    }
    shelf.list = undefined;
    this.everything = undefined;
    const type = previous ? 'MODIFIED' : 'ADDED';
    this.tell({ type, revision, object, previous, namespace, name });
  }

  /** Takes an object without telling anybody: the first filling. */
  fill(namespace: string, name: string, object: KubeObject): void {
    const shelf = this.shelfOf(namespace);
    if (!shelf.objects.has(name)) this.size++;
    shelf.objects.set(name, object);
    shelf.names = undefined;
    shelf.list = undefined;
    this.everything = undefined;
  }

  remove(namespace: string, name: string, revision: number): void {
    const shelf = this.shelves.get(namespace);
    const previous = shelf?.objects.get(name);
    if (!shelf || !previous) return;
    shelf.objects.delete(name);
    shelf.names = undefined;
    shelf.list = undefined;
    this.everything = undefined;
    this.size--;
    if (shelf.objects.size === 0) {
      this.shelves.delete(namespace);
      this.namespaces = undefined;
    }
    const metadata = { ...previous.metadata, resourceVersion: String(revision) };
    const object = { ...previous, metadata };
    this.tell({ type: 'DELETED', revision, object, previous, namespace, name });
  }

  /** Empties the cache and ends its watchers. */
  reset(revision: number): void {
    const watchers = [...this.watchers, ...[...this.triggered.values()].flatMap((set) => [...set])];
    this.watchers.clear();
    this.triggered.clear();
    this.shelves.clear();
    this.history = [];
    this.namespaces = undefined;
    this.everything = undefined;
    this.size = 0;
    this.oldest = revision;
    for (const watcher of watchers) watcher.end();
  }

  private shelfOf(namespace: string): Shelf {
    const known = this.shelves.get(namespace);
    if (known) return known;
    const made: Shelf = { objects: new Map(), names: undefined, list: undefined };
    this.shelves.set(namespace, made);
    this.namespaces = undefined;
    return made;
  }

  private tell(event: CacheEvent): void {
    this.history.push(event);
    if (this.history.length >= 2 * HISTORY) {
      this.history = this.history.slice(HISTORY);
      this.oldest = (this.history[0]?.revision ?? 1) - 1;
    }
    for (const watcher of this.watchers) if (concerns(event, watcher)) watcher.notify(event);
    const trigger = this.trigger;
    if (!trigger || this.triggered.size === 0) return;
    const after = trigger.read(event.object);
    const before = event.previous ? trigger.read(event.previous) : after;
    this.tellGroup(after, event);
    if (before !== after) this.tellGroup(before, event);
  }

  private tellGroup(group: string, event: CacheEvent): void {
    for (const watcher of this.triggered.get(group) ?? []) {
      if (concerns(event, watcher)) watcher.notify(event);
    }
  }
}

function concerns(event: CacheEvent, watcher: CacheWatcher): boolean {
  return watcher.namespace === '' || watcher.namespace === event.namespace;
}

function shelfList(shelf: Shelf): readonly KubeObject[] {
  if (shelf.list) return shelf.list;
  shelf.names ??= [...shelf.objects.keys()].sort();
  const objects = shelf.objects;
  shelf.list = shelf.names.map((name) => objects.get(name) as KubeObject);
  return shelf.list;
}

/** An object as etcd holds it: without its resourceVersion, which is the revision of its key. */
export function storedForm(object: KubeObject): KubeObject {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** The object of an etcd value, with its resourceVersion. Undefined where the value is no object. */
export function loadedForm(content: Content, revision: number): KubeObject | undefined {
  const stored = content.json() as KubeObject | undefined;
  if (typeof stored !== 'object' || stored === null || typeof stored.metadata !== 'object') {
    return undefined;
  }
  return withRevision(stored, revision);
}

/** The object with the revision of its last change as its resourceVersion. */
export function withRevision(stored: KubeObject, revision: number): KubeObject {
  return { ...stored, metadata: { ...stored.metadata, resourceVersion: String(revision) } };
}
