// What etcd refuses before a request goes anywhere: empty keys, contradicting options, transactions that are
// too long or write a key twice.

import type {
  DeleteRangeRequest,
  PutRequest,
  RangeRequest,
  RequestOp,
  TxnRequest,
} from '../api.ts';
import { type EtcdError, etcdErrors } from '../error.ts';
import { covers } from './watch.ts';

/** Operations in one branch of a transaction at the most (--max-txn-ops). */
const MAX_TXN_OPS = 128;

export function checkRange(request: RangeRequest): EtcdError | undefined {
  return request.key === '' ? etcdErrors.emptyKey : undefined;
}

export function checkPut(request: PutRequest): EtcdError | undefined {
  if (request.key === '') return etcdErrors.emptyKey;
  if (request.ignoreValue && !isEmpty(request)) return etcdErrors.valueProvided;
  if (request.ignoreLease && request.lease) return etcdErrors.leaseProvided;
  return undefined;
}

export function checkDeleteRange(request: DeleteRangeRequest): EtcdError | undefined {
  return request.key === '' ? etcdErrors.emptyKey : undefined;
}

/** Checks a transaction with all that is nested in it. */
export function checkTxn(request: TxnRequest): EtcdError | undefined {
  const refusal = checkShape(request);
  if (refusal) return refusal;
  for (const branch of [request.success, request.failure]) {
    if (branch.length < 2 && !branch.some((op) => 'txn' in op)) continue;
    const writes = writesOf(branch);
    if (writes === undefined) return etcdErrors.duplicateKey;
  }
  return undefined;
}

function checkShape(request: TxnRequest): EtcdError | undefined {
  const { compare, success, failure } = request;
  const longest = Math.max(compare.length, success.length, failure.length);
  if (longest > MAX_TXN_OPS) return etcdErrors.tooManyOps;
  if (compare.some((one) => one.key === '')) return etcdErrors.emptyKey;
  for (const branch of [success, failure]) {
    for (const op of branch) {
      const refusal = checkOp(op);
      if (refusal) return refusal;
    }
  }
  return undefined;
}

function checkOp(op: RequestOp): EtcdError | undefined {
  if ('range' in op) return checkRange(op.range);
  if ('put' in op) return checkPut(op.put);
  if ('deleteRange' in op) return checkDeleteRange(op.deleteRange);
  return checkShape(op.txn);
}

/** What a list of operations writes: keys put, ranges deleted. */
interface Writes {
  readonly puts: Set<string>;
  readonly deletes: DeleteRangeRequest[];
}

/** The writes of a branch; undefined where they meet one another. Two branches of one transaction may. */
function writesOf(ops: readonly RequestOp[]): Writes | undefined {
  const puts = new Set<string>();
  const deletes: DeleteRangeRequest[] = [];
  for (const op of ops) if ('deleteRange' in op) deletes.push(op.deleteRange);
  for (const op of ops) {
    if (!('txn' in op)) continue;
    const success = writesOf(op.txn.success);
    const failure = writesOf(op.txn.failure);
    if (success === undefined || failure === undefined) return undefined;
    const inner = new Set([...success.puts, ...failure.puts]);
    for (const key of inner) {
      if (puts.has(key) || isDeleted(deletes, key)) return undefined;
    }
    for (const key of inner) puts.add(key);
    deletes.push(...success.deletes, ...failure.deletes);
  }
  for (const op of ops) {
    if (!('put' in op)) continue;
    if (puts.has(op.put.key) || isDeleted(deletes, op.put.key)) return undefined;
    puts.add(op.put.key);
  }
  return { puts, deletes };
}

function isDeleted(deletes: readonly DeleteRangeRequest[], key: string): boolean {
  return deletes.some((one) => covers(one.key, one.rangeEnd ?? '', key));
}

function isEmpty(request: PutRequest): boolean {
  return !request.value.isObject && request.value.size === 0;
}
