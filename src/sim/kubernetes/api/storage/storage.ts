// The server's way to etcd: transactions guarded by revisions, and the watch cache that follows them.

import { Content } from '../../../core/content.ts';
import { Fiber } from '../../../core/fiber.ts';
import type { Simulation } from '../../../core/simulation.ts';
import { type Routine, WaitQueue, waitOn } from '../../../core/wait.ts';
import type { KeyValue, WatchResponse } from '../../../etcd/api.ts';
import { type EtcdClient, prefixEnd, type Watch } from '../../../etcd/client.ts';
import { EtcdError } from '../../../etcd/error.ts';
import type { KindDescriptor } from '../kinds/descriptor.ts';
import type { KubeObject } from '../object.ts';
import { type ApiError, apiErrors } from '../status.ts';
import { EtcdCheck } from './etcd-check.ts';
import { KindCache, loadedForm, storedForm, type Trigger, withRevision } from './cache.ts';
import { IN_CLEAR, type Transformer } from './encryption.ts';
import { objectKey, REGISTRY } from './keys.ts';

/** The object changed (or went) since the revision that the writer knew. */
export const CONFLICT = 'conflict';

/** Fields by which watchers of a kind are found without asking each of them. */
const TRIGGERS: Readonly<Record<string, Trigger>> = {
  pods: {
    field: 'spec.nodeName',
    read: (pod) => (pod.spec as { nodeName?: string } | undefined)?.nodeName ?? '',
  },
  minions: { field: 'metadata.name', read: (node) => node.metadata.name ?? '' },
  secrets: { field: 'metadata.name', read: (secret) => secret.metadata.name ?? '' },
  configmaps: { field: 'metadata.name', read: (map) => map.metadata.name ?? '' },
};

/** An etcd error as the server passes it on. */
export function etcdFailure(error: EtcdError): ApiError {
  if (error.code === 'DeadlineExceeded' || error.code === 'Canceled')
    return apiErrors.etcdTimeout();
  return apiErrors.plain(error.message);
}

export class Storage {
  /** The newest revision that the cache has seen. */
  revision = 0;
  /** Whether etcd answers. */
  readonly check: EtcdCheck;
  private readonly etcd: EtcdClient;
  private readonly simulation: Simulation;
  private readonly caches = new Map<string, KindCache>();
  private readonly inFlight = new Map<string, KubeObject>();
  private readonly moved = new WaitQueue();
  private readonly listeners = new Map<string, (() => void)[]>();
  /** Keys whose values a write would seal otherwise than they are. */
  private readonly stale = new Set<string>();
  private readonly transformerOf: (folder: string) => Transformer;
  private watch: Watch | undefined;
  private fiber: Fiber<void> | undefined;

  /** `transformerOf`: how the values of a folder are kept; in clear where nothing is said. */
  constructor(
    simulation: Simulation,
    etcd: EtcdClient,
    transformerOf: (folder: string) => Transformer = () => IN_CLEAR,
  ) {
    this.simulation = simulation;
    this.transformerOf = transformerOf;
    this.etcd = etcd;
    this.check = new EtcdCheck(simulation, etcd);
  }

  /** The cache of the kind that keeps its objects in `folder`. */
  cache(folder: string): KindCache {
    const known = this.caches.get(folder);
    if (known) return known;
    const made = new KindCache(TRIGGERS[folder]);
    this.caches.set(folder, made);
    return made;
  }

  /** Calls `listener` after every change of an object in `folder`. */
  onChange(folder: string, listener: () => void): void {
    const known = this.listeners.get(folder) ?? [];
    known.push(listener);
    this.listeners.set(folder, known);
  }

  /** Fills the cache from etcd and follows it from there. An error where etcd does not answer. */
  *start(): Routine<ApiError | undefined> {
    const error = yield* this.load();
    if (error) return error;
    this.fiber = new Fiber(this.simulation, this.follow());
    return undefined;
  }

  /** Ends the watch on etcd and those of all clients. */
  stop(): void {
    this.fiber?.stop();
    this.fiber = undefined;
    this.watch?.cancel();
    this.watch = undefined;
    for (const cache of this.caches.values()) cache.reset(this.revision);
  }

  private *load(): Routine<ApiError | undefined> {
    const answer = yield* this.etcd.range({ key: REGISTRY, rangeEnd: prefixEnd(REGISTRY) });
    if (answer instanceof EtcdError) return etcdFailure(answer);
    const revision = answer.header.revision;
    for (const cache of this.caches.values()) cache.reset(revision);
    for (const kv of answer.kvs) this.fill(kv);
    this.revision = revision;
    this.watch = this.etcd.watch({
      key: REGISTRY,
      rangeEnd: prefixEnd(REGISTRY),
      startRevision: revision + 1,
    });
    return undefined;
  }

  private *follow(): Routine<void> {
    for (;;) {
      const response = yield* this.watch?.next() ?? noNews();
      if (response && !response.canceled) {
        this.apply(response);
        continue;
      }
      this.watch?.cancel();
      while (yield* this.load()) yield* waitOn(new WaitQueue(), this.simulation.now + 1e9);
    }
  }

  /** Takes in the news that are there already. */
  private catchUp(): void {
    for (let response = this.watch?.poll(); response; response = this.watch?.poll()) {
      if (response.canceled) return;
      this.apply(response);
    }
  }

  private apply(response: WatchResponse): void {
    this.check.heard();
    for (const { type, kv } of response.events) {
      this.revision = kv.modRevision;
      const place = parseKey(kv.key);
      if (!place) continue;
      const cache = this.cache(place.folder);
      const known = this.inFlight.get(kv.key);
      if (known) this.inFlight.delete(kv.key);
      if (type === 'DELETE') {
        this.stale.delete(kv.key);
        cache.remove(place.namespace, place.name, kv.modRevision);
      } else {
        const sent = known?.metadata.resourceVersion === String(kv.modRevision) ? known : undefined;
        const object = sent ?? this.opened(place.folder, kv);
        if (typeof object === 'object')
          cache.put(place.namespace, place.name, object, kv.modRevision);
      }
      for (const listener of this.listeners.get(place.folder) ?? []) listener();
    }
    this.revision = Math.max(this.revision, response.header.revision);
    this.moved.wake();
  }

  private fill(kv: KeyValue): void {
    const place = parseKey(kv.key);
    const object = place && this.opened(place.folder, kv);
    if (place && typeof object === 'object')
      this.cache(place.folder).fill(place.namespace, place.name, object);
  }

  /** Blocks until the cache is as new as etcd is now, and says how new that is. */
  *fresh(): Routine<number | ApiError> {
    const answer = yield* this.etcd.range({ key: `${REGISTRY}health`, countOnly: true });
    if (answer instanceof EtcdError) return etcdFailure(answer);
    yield* this.reached(answer.header.revision);
    return answer.header.revision;
  }

  /** Blocks until the cache has seen `revision`, at most for three seconds. */
  *reached(revision: number): Routine<boolean> {
    this.catchUp();
    const until = this.simulation.now + 3e9;
    while (this.revision < revision) {
      this.watch?.requestProgress();
      this.catchUp();
      if (this.revision >= revision) break;
      if ((yield* waitOn(this.moved, until)) !== 'woken') return this.revision >= revision;
    }
    return true;
  }

  /** Reads one object from etcd. Undefined where there is none. */
  *get(
    descriptor: KindDescriptor,
    namespace: string,
    name: string,
  ): Routine<KubeObject | undefined | ApiError> {
    const answer = yield* this.etcd.range({ key: objectKey(descriptor, namespace, name) });
    if (answer instanceof EtcdError) return etcdFailure(answer);
    this.check.heard();
    const kv = answer.kvs[0];
    if (!kv) return undefined;
    this.catchUp();
    const cached = this.cache(descriptor.storage).get(descriptor.namespaced ? namespace : '', name);
    if (cached?.metadata.resourceVersion === String(kv.modRevision)) return cached;
    const object = this.opened(descriptor.storage, kv);
    if (typeof object !== 'string') return object;
    return apiErrors.internal(`unable to transform key "${kv.key}": ${object}`);
  }

  /** The object of a value; the text of the error where it is sealed and no provider can open it. */
  private opened(folder: string, kv: KeyValue): KubeObject | undefined | string {
    const opened = this.transformerOf(folder).open(kv.value);
    if (typeof opened === 'string') return opened;
    if (opened.stale) this.stale.add(kv.key);
    return loadedForm(opened.content, kv.modRevision);
  }

  /** A write of the same object would change how etcd keeps it. */
  isStale(descriptor: KindDescriptor, { metadata }: KubeObject): boolean {
    if (this.stale.size === 0) return false;
    return this.stale.has(objectKey(descriptor, metadata.namespace ?? '', metadata.name ?? ''));
  }

  /** The newest version of an object that is known here without asking etcd, which may have a newer one. */
  known(descriptor: KindDescriptor, namespace: string, name: string): KubeObject | undefined {
    this.catchUp();
    const cached = this.cache(descriptor.storage).get(descriptor.namespaced ? namespace : '', name);
    return cached && (this.inFlight.get(objectKey(descriptor, namespace, name)) ?? cached);
  }

  /** Writes an object whose key must be free. */
  create(
    descriptor: KindDescriptor,
    object: KubeObject,
    lease = 0n,
  ): Routine<KubeObject | typeof CONFLICT | ApiError> {
    return this.write(descriptor, object, 0, lease);
  }

  /** Writes an object over the one at `expected`, its resourceVersion. */
  update(
    descriptor: KindDescriptor,
    object: KubeObject,
    expected: string,
    lease = 0n,
  ): Routine<KubeObject | typeof CONFLICT | ApiError> {
    return this.write(descriptor, object, Number(expected), lease);
  }

  private *write(
    descriptor: KindDescriptor,
    object: KubeObject,
    expected: number,
    lease: bigint,
  ): Routine<KubeObject | typeof CONFLICT | ApiError> {
    const { namespace = '', name = '' } = object.metadata;
    const key = objectKey(descriptor, namespace, name);
    const stored = storedForm(object);
    const value = this.transformerOf(descriptor.storage).seal(Content.ofJson(stored));
    const put = lease === 0n ? { key, value } : { key, value, lease };
    const answer = yield* this.etcd.txn({
      compare: [{ key, target: 'mod', result: 'equal', operand: expected }],
      success: [{ put }],
      failure: [],
    });
    if (answer instanceof EtcdError) return etcdFailure(answer);
    if (!answer.succeeded) return CONFLICT;
    this.stale.delete(key);
    const revision = answer.header.revision;
    const loaded = withRevision(stored, revision);
    if (this.revision < revision) this.inFlight.set(key, loaded);
    this.catchUp();
    return loaded;
  }

  /** Removes the object at `expected`, its resourceVersion; answers with the revision of the removal. */
  *remove(
    descriptor: KindDescriptor,
    object: KubeObject,
  ): Routine<number | typeof CONFLICT | ApiError> {
    const { namespace = '', name = '', resourceVersion } = object.metadata;
    const key = objectKey(descriptor, namespace, name);
    const operand = Number(resourceVersion);
    const answer = yield* this.etcd.txn({
      compare: [{ key, target: 'mod', result: 'equal', operand }],
      success: [{ deleteRange: { key } }],
      failure: [],
    });
    if (answer instanceof EtcdError) return etcdFailure(answer);
    if (!answer.succeeded) return CONFLICT;
    this.catchUp();
    return answer.header.revision;
  }

  /** Grants an etcd lease, for objects that expire. */
  *lease(seconds: number): Routine<bigint | ApiError> {
    const answer = yield* this.etcd.leaseGrant(seconds);
    return answer instanceof EtcdError ? etcdFailure(answer) : answer.id;
  }
}

function* noNews(): Routine<undefined> {
  return undefined;
}

interface Place {
  readonly folder: string;
  readonly namespace: string;
  readonly name: string;
}

/** Folders with a slash in them, by their first part. */
const DEEP_FOLDERS: ReadonlySet<string> = new Set([
  'services',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
]);

/** Which object a key is of: the last one or two parts are its namespace and name. */
function parseKey(key: string): Place | undefined {
  const parts = key.slice(REGISTRY.length).split('/');
  const first = parts[0] ?? '';
  const deep = DEEP_FOLDERS.has(first) || (first.includes('.') && parts.length > 2);
  const folder = deep ? `${first}/${parts[1]}` : first;
  const rest = parts.slice(deep ? 2 : 1);
  if (rest.length === 2) return { folder, namespace: rest[0] ?? '', name: rest[1] ?? '' };
  return rest.length === 1 ? { folder, namespace: '', name: rest[0] ?? '' } : undefined;
}
