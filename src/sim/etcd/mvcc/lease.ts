// The lessor: leases, the keys that hang on them, and when they run out on virtual time. Who revokes an
// expired lease (the leader, through raft) is decided elsewhere. Checkpoints are not modelled.

import { SECOND } from '../../core/time.ts';
import { type EtcdError, etcdErrors } from '../error.ts';

/** A lease as the member knows it. */
export interface Lease {
  readonly id: bigint;
  /** Granted seconds. */
  readonly ttl: number;
  /** Virtual time at which it runs out; Infinity on members that do not lead. */
  expiry: number;
  readonly keys: Set<string>;
}

/** Longest time to live, in seconds. */
const MAX_TTL = 9_000_000_000;

/** Shortest time to live, in seconds: one and a half election timeouts of 1000 ms, rounded up. */
export const MIN_TTL = 2;

export class Lessor {
  readonly leases = new Map<bigint, Lease>();
  private readonly byKey = new Map<string, bigint>();

  /** Adds a lease that begins to run at `now`. */
  grant(id: bigint, ttl: number, now: number): Lease | EtcdError {
    if (ttl > MAX_TTL) return etcdErrors.leaseTtlTooLarge;
    if (this.leases.has(id)) return etcdErrors.leaseExists;
    const seconds = Math.max(ttl, MIN_TTL);
    const lease = { id, ttl: seconds, expiry: now + seconds * SECOND, keys: new Set<string>() };
    this.leases.set(id, lease);
    return lease;
  }

  /** Takes a lease away; gives its keys in order, for the store to delete. */
  revoke(id: bigint): string[] | EtcdError {
    const lease = this.leases.get(id);
    if (lease === undefined) return etcdErrors.leaseNotFound;
    this.leases.delete(id);
    for (const key of lease.keys) this.byKey.delete(key);
    return [...lease.keys].sort();
  }

  /** Starts a lease's time anew; gives its seconds. */
  renew(id: bigint, now: number): number | EtcdError {
    const lease = this.leases.get(id);
    if (lease === undefined || lease.expiry <= now) return etcdErrors.leaseNotFound;
    lease.expiry = now + lease.ttl * SECOND;
    return lease.ttl;
  }

  /** Hangs a key on a lease (0n: on none), taking it off the one before. */
  attach(key: string, id: bigint): void {
    const before = this.byKey.get(key);
    if (before === undefined && id === 0n) return;
    if (before !== undefined) {
      this.leases.get(before)?.keys.delete(key);
      this.byKey.delete(key);
    }
    const lease = id === 0n ? undefined : this.leases.get(id);
    if (lease === undefined) return;
    lease.keys.add(key);
    this.byKey.set(key, id);
  }

  /** The leases that have run out at `now`. */
  expired(now: number): bigint[] {
    const out: bigint[] = [];
    for (const lease of this.leases.values()) if (lease.expiry <= now) out.push(lease.id);
    return out;
  }

  /** The virtual time at which the next lease runs out. */
  nextExpiry(): number | undefined {
    let next: number | undefined;
    for (const { expiry } of this.leases.values()) {
      if (next === undefined || expiry < next) next = expiry;
    }
    return next;
  }

  /** Gives every lease its full time from `now` on: what a new leader does. */
  extendAll(now: number): void {
    for (const lease of this.leases.values()) lease.expiry = now + lease.ttl * SECOND;
  }

  clear(): void {
    this.leases.clear();
    this.byKey.clear();
  }
}
