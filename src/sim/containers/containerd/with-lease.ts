// Work under a lease of its own (containerd's Client.WithLease): what is fetched, written or unpacked meanwhile is kept
// from the garbage collector, until names and labels lead to it.

import { HOUR, rfc3339, SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isRpcError } from '../rpc.ts';
import type { ContainerdClient } from './client.ts';

const EXPIRY = 24 * HOUR;
const BASE64_URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** A lease's id (leases.WithRandomID): the nanoseconds of the second, and three random bytes as base64. */
export function newLeaseId({ now, task }: Process): string {
  return `${Math.floor(now % SECOND)}-${task.kernel.entropy.letters(4, BASE64_URL)}`;
}

/** Runs `work` with a client whose writes go into a new lease; where the client has one already, into that. */
export function* withLease<T>(
  client: ContainerdClient,
  work: (leased: ContainerdClient) => Routine<T>,
): Routine<T> {
  if (client.target.lease !== undefined) return yield* work(client);
  const id = newLeaseId(client.process);
  const expires = rfc3339(client.process.now + EXPIRY);
  const lease = yield* client.createLease(id, { 'containerd.io/gc.expire': expires });
  if (isRpcError(lease)) return yield* work(client);
  try {
    return yield* work(client.with({ lease: id }));
  } finally {
    yield* client.deleteLease(id);
  }
}
