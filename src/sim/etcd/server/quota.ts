// The space quota (--quota-backend-bytes): a request that would pass it is refused and raises NOSPACE, which
// then refuses every further one until it is disarmed.

import type { Routine } from '../../core/wait.ts';
import type { PutRequest, TxnRequest } from '../api.ts';
import { type EtcdError, etcdErrors } from '../error.ts';
import type { Member } from './member.ts';

/** What a key takes beside its bytes and its value's. */
const KEY_OVERHEAD = 256;
/** What a lease takes. */
export const LEASE_COST = 64;

/** Bytes that a put may take. */
export function costOfPut(request: PutRequest): number {
  const value = request.value.isObject ? 0 : request.value.size;
  return KEY_OVERHEAD + request.key.length + value;
}

/** Bytes that a transaction may take: its more expensive branch. */
export function costOfTxn(request: TxnRequest): number {
  const branch = (ops: TxnRequest['success']): number =>
    ops.reduce((sum, op) => {
      if ('put' in op) return sum + costOfPut(op.put);
      return 'txn' in op ? sum + costOfTxn(op.txn) : sum;
    }, 0);
  return Math.max(branch(request.success), branch(request.failure));
}

/** Refuses what would take the database past its quota, after raising the alarm for this member. */
export function* refuseForQuota(member: Member, cost: number): Routine<EtcdError | undefined> {
  const { quota, id } = member.options;
  if (quota <= 0 || cost === 0 || member.backend.store.bytesAllocated + cost < quota) {
    return undefined;
  }
  const alarm = { action: 'ACTIVATE', memberId: id, alarm: 'NOSPACE' } as const;
  yield* member.propose('Maintenance/Alarm', alarm);
  return etcdErrors.noSpace;
}
