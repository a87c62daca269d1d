// Leases at the member that leads: it alone watches the clock, and has expired leases revoked through raft. The
// others hand on what only the leader can answer.

import type { Timer } from '../../core/events.ts';
import { Fiber } from '../../core/fiber.ts';
import { MILLISECOND, SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Header, LeaseKeepAliveResponse, LeaseTimeToLiveResponse } from '../api.ts';
import { EtcdError } from '../error.ts';
import type { Caller } from './auth.ts';
import type { Member } from './member.ts';

/** How often the leader looks for leases that have run out. */
const CHECK = 500 * MILLISECOND;

/** Watches the leases of a member while it leads. */
export class LeaseClock {
  private readonly member: Member;
  private timer: Timer | undefined;
  private readonly revoking = new Set<bigint>();
  private readonly fibers = new Set<Fiber<void>>();

  constructor(member: Member) {
    this.member = member;
  }

  /** To be called when a lease was granted or kept alive, and when this member begins to lead. */
  schedule(): void {
    const { member } = this;
    if (member.stopped || member.raft.role !== 'leader') return;
    const next = member.backend.lessor.nextExpiry();
    if (next === undefined) return;
    const { simulation } = member.host;
    const at = Math.ceil(Math.max(next, simulation.now + 1) / CHECK) * CHECK;
    if (this.timer?.cancelled === false) {
      if (this.timer.at <= at) return;
      this.timer.cancel();
    }
    this.timer = simulation.at(at, () => {
      this.timer = undefined;
      this.revokeExpired();
      this.schedule();
    });
  }

  stop(): void {
    this.timer?.cancel();
    for (const fiber of this.fibers) fiber.stop();
  }

  private revokeExpired(): void {
    const { member } = this;
    if (member.raft.role !== 'leader') return;
    for (const id of member.backend.lessor.expired(member.host.simulation.now)) {
      if (this.revoking.has(id)) continue;
      this.revoking.add(id);
      const fiber = new Fiber(member.host.simulation, this.revoke(id));
      this.fibers.add(fiber);
    }
    for (const fiber of this.fibers) if (fiber.ended) this.fibers.delete(fiber);
  }

  private *revoke(id: bigint): Routine<void> {
    const { member } = this;
    const root: Caller = { user: 'root', authRevision: Number.MAX_SAFE_INTEGER };
    member.host.simulation.because(`lease ${id.toString(16)} ran out`);
    yield* member.propose('Lease/LeaseRevoke', { id }, root);
    this.revoking.delete(id);
  }
}

/** Starts a lease's time anew; TTL 0 where there is none. Only the leader can tell. */
export function keepAlive(member: Member, header: Header, id: bigint): LeaseKeepAliveResponse {
  const ttl = member.backend.lessor.renew(id, member.host.simulation.now);
  return { header, id, ttl: ttl instanceof EtcdError ? 0 : ttl };
}

/** A lease's remaining time, -1 where there is none. Only the leader can tell. */
export function timeToLive(
  member: Member,
  header: Header,
  id: bigint,
  keys: boolean,
): LeaseTimeToLiveResponse {
  const lease = member.backend.lessor.leases.get(id);
  if (lease === undefined) return { header, id, ttl: -1, grantedTtl: 0, keys: [] };
  const ttl = Math.floor((lease.expiry - member.host.simulation.now) / SECOND);
  return { header, id, ttl, grantedTtl: lease.ttl, keys: keys ? [...lease.keys].sort() : [] };
}
