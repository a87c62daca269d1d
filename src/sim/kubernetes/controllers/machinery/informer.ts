// Shared informers (client-go): one list and one watch per kind keep a local store current; handlers hear of every
// change, indexes answer lookups without a search. The objects are the server's own, shared and never changed.

import type { Simulation } from '../../../core/simulation.ts';
import { MILLISECOND, SECOND } from '../../../core/time.ts';
import { type Routine, sleepUntil, WaitQueue, waitUntil } from '../../../core/wait.ts';
import {
  type ApiClient,
  type ObjectWatch,
  type Query,
  Refusal,
  type Resource,
  type WatchEvent,
} from '../../api/client.ts';
import type { KubeObject } from '../../api/object.ts';

/** Where an informer gets its objects from. */
export interface ListWatch<T> {
  list(): Routine<{ readonly items: readonly T[]; readonly resourceVersion: string } | Refusal>;
  watch(resourceVersion: string): Routine<ObjectWatch<T> | Refusal>;
}

/** The objects of a resource (of a namespace or by selectors, where given) as a client gives them. */
export function listWatch<T extends { readonly metadata: KubeObject['metadata'] }>(
  client: ApiClient,
  resource: Resource<T>,
  namespace?: string,
  selection: Query = {},
): ListWatch<T> {
  return {
    list: () => listed(client, resource, namespace, selection),
    // No bookmarks: they would spare a reflector a list after a watch that ended, but an informer here always lists.
    watch: (resourceVersion) =>
      client.watch(resource, namespace, {
        ...selection,
        resourceVersion,
      }),
  };
}

function* listed<T extends { readonly metadata: KubeObject['metadata'] }>(
  client: ApiClient,
  resource: Resource<T>,
  namespace: string | undefined,
  selection: Query,
): ReturnType<ListWatch<T>['list']> {
  const list = yield* client.list(resource, namespace, selection);
  if (list instanceof Refusal) return list;
  return { items: list.items, resourceVersion: list.metadata.resourceVersion ?? '0' };
}

/** Told of changes; `before` is undefined for what is new, `after` for what is gone. */
export type ChangeHandler<T> = (after: T | undefined, before: T | undefined) => void;

/** Objects by values that `read` gives for each of them. */
interface Index<T> {
  readonly read: (object: T) => readonly string[];
  readonly entries: Map<string, Map<string, T>>;
}

/** `namespace/name`, or the name alone for what has no namespace. */
export function keyOf(object: { readonly metadata: KubeObject['metadata'] }): string {
  const { namespace, name = '' } = object.metadata;
  return namespace ? `${namespace}/${name}` : name;
}

/** Namespace and name of a key. */
export function splitKey(key: string): { readonly namespace: string; readonly name: string } {
  const at = key.indexOf('/');
  return at < 0
    ? { namespace: '', name: key }
    : { namespace: key.slice(0, at), name: key.slice(at + 1) };
}

const NOTHING: ReadonlyMap<string, never> = new Map<string, never>();
const FIRST_RETRY = 800 * MILLISECOND;
const LONGEST_RETRY = 30 * SECOND;

export class Informer<T extends { readonly metadata: KubeObject['metadata'] }> {
  private readonly simulation: Simulation;
  private readonly source: ListWatch<T>;
  private readonly objects = new Map<string, T>();
  private readonly indexes = new Map<string, Index<T>>();
  private readonly handlers: ChangeHandler<T>[] = [];
  private readonly becameSynced = new WaitQueue();
  private open: ObjectWatch<T> | undefined;
  private stopped = false;
  /** The first list has arrived. */
  synced = false;

  constructor(simulation: Simulation, source: ListWatch<T>) {
    this.simulation = simulation;
    this.source = source;
    this.addIndex('namespace', (object) => [object.metadata.namespace ?? '']);
  }

  get(key: string): T | undefined {
    return this.objects.get(key);
  }
  get size(): number {
    return this.objects.size;
  }
  values(): IterableIterator<T> {
    return this.objects.values();
  }
  /** The objects of a namespace. */
  inNamespace(namespace: string): IterableIterator<T> {
    return this.byIndex('namespace', namespace);
  }
  /** The objects for which an index gave `value`. */
  byIndex(index: string, value: string): IterableIterator<T> {
    return (this.indexes.get(index)?.entries.get(value) ?? NOTHING).values();
  }
  countByIndex(index: string, value: string): number {
    return this.indexes.get(index)?.entries.get(value)?.size ?? 0;
  }

  /** Adds an index, over what is there already too. */
  addIndex(name: string, read: (object: T) => readonly string[]): void {
    if (this.indexes.has(name)) return;
    const index: Index<T> = { read, entries: new Map() };
    this.indexes.set(name, index);
    for (const [key, object] of this.objects) enter(index, key, object);
  }

  /** Adds a handler; it hears of what is there already at once. */
  onChange(handler: ChangeHandler<T>): void {
    this.handlers.push(handler);
    for (const object of this.objects.values()) handler(object, undefined);
  }

  /** Blocks until the first list has arrived, or until virtual time `until`. */
  *waitForSync(until?: number): Routine<void> {
    yield* waitUntil(this.becameSynced, () => this.synced, until);
  }

  /** Lists and watches for ever; a watch that ended or expired begins again with a new list. */
  *run(): Routine<void> {
    let delay = FIRST_RETRY;
    while (!this.stopped) {
      const list = yield* this.source.list();
      if (!(list instanceof Refusal)) {
        delay = FIRST_RETRY;
        this.replace(list.items);
        this.synced = true;
        this.becameSynced.wake();
        yield* this.follow(list.resourceVersion);
        if (this.stopped) return;
      }
      yield* sleepUntil(this.simulation.now + delay);
      delay = Math.min(LONGEST_RETRY, delay * 2);
    }
  }

  stop(): void {
    this.stopped = true;
    this.open?.stop();
  }

  /** Takes in what a write answered before the watch tells of it (a mutation cache). */
  observe(object: T): void {
    this.put(keyOf(object), object);
  }

  private *follow(from: string): Routine<void> {
    const watch = yield* this.source.watch(from);
    if (watch instanceof Refusal) return;
    this.open = watch;
    for (;;) {
      const line = yield* watch.next();
      if (line === undefined || line.type === 'ERROR') break;
      this.take(line);
    }
    this.open = undefined;
    watch.stop();
  }

  private take({ type, object }: WatchEvent<T>): void {
    if (type === 'BOOKMARK') return;
    const key = keyOf(object);
    if (type === 'DELETED') this.drop(key, object);
    else this.put(key, object);
  }

  private replace(items: readonly T[]): void {
    const keys = new Set(items.map(keyOf));
    for (const [key, object] of this.objects) if (!keys.has(key)) this.drop(key, object);
    for (const object of items) this.put(keyOf(object), object);
  }

  private put(key: string, object: T): void {
    const before = this.objects.get(key);
    if (before === object) return;
    if (before && before.metadata.resourceVersion === object.metadata.resourceVersion) return;
    if (before && Number(before.metadata.resourceVersion) > Number(object.metadata.resourceVersion))
      return;
    this.objects.set(key, object);
    for (const index of this.indexes.values()) {
      if (before) leave(index, key, before);
      enter(index, key, object);
    }
    for (const handler of this.handlers) handler(object, before);
  }

  private drop(key: string, last: T): void {
    const before = this.objects.get(key);
    if (!before) return;
    this.objects.delete(key);
    for (const index of this.indexes.values()) leave(index, key, before);
    for (const handler of this.handlers) handler(undefined, last);
  }
}

function enter<T>(index: Index<T>, key: string, object: T): void {
  for (const value of index.read(object)) {
    let entries = index.entries.get(value);
    if (!entries) {
      entries = new Map();
      index.entries.set(value, entries);
    }
    entries.set(key, object);
  }
}

function leave<T>(index: Index<T>, key: string, object: T): void {
  for (const value of index.read(object)) {
    const entries = index.entries.get(value);
    entries?.delete(key);
    if (entries?.size === 0) index.entries.delete(value);
  }
}
