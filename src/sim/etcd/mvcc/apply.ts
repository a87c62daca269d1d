// Requests applied to a member's state: the key-value service below raft. Every member applies the same
// requests in the same order and so holds the same state.

import type {
  Compare,
  DeleteRangeRequest,
  DeleteRangeResponse,
  Header,
  KeyValue,
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
  RequestOp,
  ResponseOp,
  TxnRequest,
  TxnResponse,
} from '../api.ts';
import { EtcdError, etcdErrors } from '../error.ts';
import type { Lessor } from './lease.ts';
import { readRange } from './range.ts';
import type { Store } from './store.ts';

/** What requests are applied to. */
export interface KvState {
  readonly store: Store;
  readonly lessor: Lessor;
  /** The header of an answer at a revision. */
  header(revision: number): Header;
}

/** The header of an answer inside a transaction: only its revision is set. */
const innerHeader = (revision: number): Header => ({
  clusterId: 0n,
  memberId: 0n,
  revision,
  raftTerm: 0,
});

/** Reads; see `readRange`. */
export function applyRange(state: KvState, request: RangeRequest): RangeResponse | EtcdError {
  const result = readRange(state.store, request);
  if (result instanceof EtcdError) return result;
  return { header: state.header(state.store.revision), ...result };
}

/** Writes one key and makes a revision. */
export function applyPut(state: KvState, request: PutRequest): PutResponse | EtcdError {
  const refusal = refusePut(state, request);
  if (refusal) return refusal;
  const prevKv = putInto(state, request);
  state.store.commit();
  const header = state.header(state.store.revision);
  return prevKv && request.prevKv ? { header, prevKv } : { header };
}

/** Deletes a range; makes a revision where there was anything to delete. */
export function applyDeleteRange(state: KvState, request: DeleteRangeRequest): DeleteRangeResponse {
  const gone = deleteFrom(state, request);
  state.store.commit();
  return deletedAnswer(state.header(state.store.revision), request, gone);
}

/** Compares, then does one branch, all in one revision; a refusal leaves everything as it was. */
export function applyTxn(state: KvState, request: TxnRequest): TxnResponse | EtcdError {
  const path = decide(state, request);
  const refusal = refusePath(state, path);
  if (refusal) return refusal;
  const responses = perform(state, path);
  if (responses instanceof EtcdError)
    throw new Error(`etcd: checked but failed: ${responses.message}`);
  state.store.commit();
  const header = state.header(state.store.revision);
  return { header, succeeded: path.succeeded, responses };
}

/** Deletes what hangs on a lease, with the lease. */
export function applyLeaseRevoke(state: KvState, id: bigint): EtcdError | undefined {
  const keys = state.lessor.revoke(id);
  if (keys instanceof EtcdError) return keys;
  for (const key of keys) state.store.deleteRange(key, '');
  state.store.commit();
  return undefined;
}

function refusePut(state: KvState, request: PutRequest): EtcdError | undefined {
  if (request.ignoreValue || request.ignoreLease) {
    if (!state.store.at(request.key, state.store.readRevision)) return etcdErrors.keyNotFound;
  }
  const { lease } = request;
  if (lease && !state.lessor.leases.has(lease)) return etcdErrors.leaseNotFound;
  return undefined;
}

/** Puts, and gives what was there before where somebody needs it. */
function putInto(state: KvState, request: PutRequest): KeyValue | undefined {
  const { key } = request;
  const wanted = request.prevKv || request.ignoreValue || request.ignoreLease;
  const before = wanted ? state.store.at(key, state.store.readRevision) : undefined;
  const value = request.ignoreValue && before ? before.value : request.value;
  const lease = request.ignoreLease && before ? before.lease : (request.lease ?? 0n);
  state.store.put(key, value, lease);
  state.lessor.attach(key, lease);
  return before;
}

function deleteFrom(state: KvState, request: DeleteRangeRequest): KeyValue[] {
  const gone = state.store.deleteRange(request.key, request.rangeEnd ?? '');
  for (const kv of gone) if (kv.lease !== 0n) state.lessor.attach(kv.key, 0n);
  return gone;
}

function deletedAnswer(
  header: Header,
  request: DeleteRangeRequest,
  gone: readonly KeyValue[],
): DeleteRangeResponse {
  return { header, deleted: gone.length, prevKvs: request.prevKv ? gone : [] };
}

/** A transaction whose comparisons are made: the branch taken, nested ones decided too. */
interface Path {
  readonly succeeded: boolean;
  readonly ops: readonly (Exclude<RequestOp, { txn: TxnRequest }> | { readonly path: Path })[];
}

function decide(state: KvState, request: TxnRequest): Path {
  const succeeded = request.compare.every((compare) => holds(state, compare));
  const branch = succeeded ? request.success : request.failure;
  return {
    succeeded,
    ops: branch.map((op) => ('txn' in op ? { path: decide(state, op.txn) } : op)),
  };
}

function refusePath(state: KvState, path: Path): EtcdError | undefined {
  for (const op of path.ops) {
    let refusal: EtcdError | undefined;
    if ('path' in op) refusal = refusePath(state, op.path);
    else if ('put' in op) refusal = refusePut(state, op.put);
    else if ('range' in op && (op.range.revision ?? 0) > 0) {
      refusal = state.store.unreadable(op.range.revision ?? 0);
    }
    if (refusal) return refusal;
  }
  return undefined;
}

function perform(state: KvState, path: Path): ResponseOp[] | EtcdError {
  const responses: ResponseOp[] = [];
  const { store } = state;
  for (const op of path.ops) {
    if ('range' in op) {
      const result = readRange(store, op.range);
      if (result instanceof EtcdError) return result;
      responses.push({ range: { header: innerHeader(store.readRevision), ...result } });
    } else if ('put' in op) {
      const prevKv = putInto(state, op.put);
      const header = innerHeader(store.readRevision);
      responses.push({ put: prevKv && op.put.prevKv ? { header, prevKv } : { header } });
    } else if ('deleteRange' in op) {
      const gone = deleteFrom(state, op.deleteRange);
      const header = innerHeader(store.readRevision);
      responses.push({ deleteRange: deletedAnswer(header, op.deleteRange, gone) });
    } else {
      const inner = perform(state, op.path);
      if (inner instanceof EtcdError) return inner;
      const header = innerHeader(store.readRevision);
      responses.push({ txn: { header, succeeded: op.path.succeeded, responses: inner } });
    }
  }
  return responses;
}

/** A comparison holds where it holds for every key of its range; values of missing keys equal nothing. */
function holds(state: KvState, compare: Compare): boolean {
  const { key, rangeEnd } = compare;
  const found = readRange(state.store, rangeEnd ? { key, rangeEnd } : { key });
  if (found instanceof EtcdError) return false;
  if (found.kvs.length > 0) return found.kvs.every((kv) => isResult(compare, orderOf(kv, compare)));
  if (compare.target === 'value') return false;
  return isResult(compare, orderOf(undefined, compare));
}

function orderOf(kv: KeyValue | undefined, compare: Compare): number {
  switch (compare.target) {
    case 'version':
      return (kv?.version ?? 0) - compare.operand;
    case 'create':
      return (kv?.createRevision ?? 0) - compare.operand;
    case 'mod':
      return (kv?.modRevision ?? 0) - compare.operand;
    case 'lease': {
      const lease = kv?.lease ?? 0n;
      return lease < compare.operand ? -1 : lease > compare.operand ? 1 : 0;
    }
    case 'value':
      return kv === undefined || kv.value === compare.operand
        ? 0
        : compareBytes(kv.value.bytes(), compare.operand.bytes());
  }
}

function isResult(compare: Compare, order: number): boolean {
  switch (compare.result) {
    case 'equal':
      return order === 0;
    case 'notEqual':
      return order !== 0;
    case 'greater':
      return order > 0;
    case 'less':
      return order < 0;
  }
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
