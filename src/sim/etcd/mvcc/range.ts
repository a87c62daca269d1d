// Range reads: filters by revision, order, limit, count.

import { Content } from '../../core/content.ts';
import { binaryString } from '../../core/text.ts';
import type { KeyValue, RangeRequest, SortTarget } from '../api.ts';
import type { EtcdError } from '../error.ts';
import { versionAt } from './keytree.ts';
import type { Store } from './store.ts';

/** What a range read found. */
export interface RangeResult {
  readonly kvs: readonly KeyValue[];
  readonly more: boolean;
  readonly count: number;
}

type Order = (a: KeyValue, b: KeyValue) => number;

const bytesOf = (value: Content): string => binaryString(value.bytes());
const textOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const ORDERS: Record<SortTarget, Order> = {
  key: (a, b) => textOrder(a.key, b.key),
  version: (a, b) => a.version - b.version,
  create: (a, b) => a.createRevision - b.createRevision,
  mod: (a, b) => a.modRevision - b.modRevision,
  value: (a, b) => textOrder(bytesOf(a.value), bytesOf(b.value)),
};

/** Reads a range. Refuses revisions of the future and compacted ones. */
export function readRange(store: Store, request: RangeRequest): RangeResult | EtcdError {
  const asked = request.revision ?? 0;
  const revision = asked > 0 ? asked : store.readRevision;
  const refusal = asked > 0 ? store.unreadable(revision) : undefined;
  if (refusal) return refusal;

  const sorted = sortOf(request);
  const filtered = filterOf(request);
  const limit = request.limit && request.limit > 0 ? request.limit : Number.POSITIVE_INFINITY;
  const take = sorted || filtered ? Number.POSITIVE_INFINITY : limit;
  let kvs: KeyValue[] = [];
  let count = 0;
  store.keys.scan(request.key, request.rangeEnd ?? '', (history) => {
    const version = versionAt(history, revision);
    if (version === undefined) return;
    count++;
    if (count <= take && !request.countOnly) kvs.push(version);
  });
  if (request.countOnly) return { kvs: [], more: false, count };
  if (filtered) kvs = kvs.filter(filtered);
  if (sorted) kvs.sort(sorted);
  const more = sorted || filtered ? kvs.length > limit : count > limit;
  if (kvs.length > limit) kvs.length = limit;
  if (request.keysOnly) kvs = kvs.map((kv) => ({ ...kv, value: Content.empty }));
  return { kvs, more, count };
}

/** The order asked for, where it is not the keys' own. */
function sortOf(request: RangeRequest): Order | undefined {
  const target = request.sortTarget ?? 'key';
  const order = request.sortOrder ?? 'none';
  const by = ORDERS[target];
  if (order === 'descend') return (a, b) => by(b, a);
  return target === 'key' ? undefined : by;
}

/** The test that the revision filters make, where there are any. */
function filterOf(request: RangeRequest): ((kv: KeyValue) => boolean) | undefined {
  const minMod = request.minModRevision || 0;
  const maxMod = request.maxModRevision || Number.POSITIVE_INFINITY;
  const minCreate = request.minCreateRevision || 0;
  const maxCreate = request.maxCreateRevision || Number.POSITIVE_INFINITY;
  if (minMod === 0 && minCreate === 0 && maxMod === Infinity && maxCreate === Infinity) {
    return undefined;
  }
  return (kv) =>
    kv.modRevision >= minMod &&
    kv.modRevision <= maxMod &&
    kv.createRevision >= minCreate &&
    kv.createRevision <= maxCreate;
}
