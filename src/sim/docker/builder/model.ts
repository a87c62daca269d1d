// What the builder inside dockerd keeps: results of steps by cache key, copies of clients' directories, cache mounts.

import type { Descriptor } from '../../containers/images/oci.ts';
import type { Dockerd } from '../daemon/model.ts';

/** One layer of a result. */
export interface Layer {
  readonly diffId: string;
  readonly blob: Descriptor;
  /** The chain id of the stack up to here: the name of its snapshot. */
  readonly chainId: string;
  /** Virtual nanoseconds. */
  readonly createdAt: number;
}

/** A file system that a step has left: a stack of layers. */
export interface Ref {
  readonly layers: readonly Layer[];
}

export const SCRATCH: Ref = { layers: [] };

/** The name of a result's topmost snapshot; empty for scratch. */
export function chainOf(ref: Ref): string {
  return ref.layers.at(-1)?.chainId ?? '';
}

export type RecordType =
  | 'regular'
  | 'source.local'
  | 'source.git.checkout'
  | 'exec.cachemount'
  | 'internal'
  | 'frontend';

/** A cache record, as `docker buildx du` lists it. */
export interface CacheRecord {
  readonly id: string;
  readonly type: RecordType;
  readonly description: string;
  readonly createdAt: number;
  lastUsedAt: number;
  usageCount: number;
  readonly size: number;
  readonly parents: readonly string[];
  inUse: boolean;
  readonly mutable: boolean;
  /** Keys under which the result is found. */
  readonly keys: Set<string>;
  readonly ref: Ref | undefined;
  /** A directory of the builder's own, for what is no snapshot. */
  readonly directory: string | undefined;
}

/** A build that is over, as `docker buildx history` tells of it. */
export interface BuildHistory {
  readonly ref: string;
  readonly name: string;
  readonly createdAt: number;
  completedAt: number | undefined;
  status: 'Running' | 'Completed' | 'Error' | 'Canceled';
  steps: number;
  cached: number;
  error: string;
}

/** Where the builder's own files are. */
export const BUILDKIT_ROOT = '/var/lib/docker/buildkit';

/** What outlives the builder's process: cache.db and history.db. */
export interface BuilderStore {
  readonly records: Map<string, CacheRecord>;
  /** Cache keys to records. */
  readonly byKey: Map<string, CacheRecord>;
  readonly history: BuildHistory[];
}

export function emptyStore(): BuilderStore {
  return { records: new Map(), byKey: new Map(), history: [] };
}

export class Builder {
  readonly daemon: Dockerd;
  readonly records: Map<string, CacheRecord>;
  readonly byKey: Map<string, CacheRecord>;
  readonly history: BuildHistory[];
  /** Base images that a build has worked with. */
  readonly images = new Set<string>();

  constructor(daemon: Dockerd, { records, byKey, history }: BuilderStore) {
    this.daemon = daemon;
    this.records = records;
    this.byKey = byKey;
    this.history = history;
  }

  /** 25 letters and digits, as BuildKit names things. */
  newId(): string {
    const letters = '0123456789abcdefghijklmnopqrstuvwxyz';
    const { entropy } = this.daemon.process.task.kernel;
    return Array.from({ length: 25 }, () => letters[entropy.int(36)]).join('');
  }

  /** Keeps a record. */
  add(record: CacheRecord): CacheRecord {
    this.records.set(record.id, record);
    for (const key of record.keys) this.byKey.set(key, record);
    return record;
  }

  /** Adds a key under which a record is found too. */
  alias(record: CacheRecord, key: string): void {
    record.keys.add(key);
    this.byKey.set(key, record);
  }

  /** Lets a record go; what it holds on disk is the caller's to remove. */
  forget(record: CacheRecord): void {
    this.records.delete(record.id);
    for (const key of record.keys) if (this.byKey.get(key) === record) this.byKey.delete(key);
  }

  /** The record whose result is this one. */
  recordOf(ref: Ref): CacheRecord | undefined {
    const chain = chainOf(ref);
    if (chain === '') return undefined;
    for (const record of this.records.values())
      if (record.ref && chainOf(record.ref) === chain) return record;
    return undefined;
  }
}
