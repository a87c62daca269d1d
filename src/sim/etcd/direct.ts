// A client of a store in the same program: no server, no raft, no network. Answers come without blocking;
// leases run out on the simulation's clock.

import type { Cause } from '../core/cause.ts';
import type { Simulation } from '../core/simulation.ts';
import { waitUntil } from '../core/wait.ts';
import type { Header, WatchRequest, WatchResponse } from './api.ts';
import type { EtcdClient, Watch } from './client.ts';
import { EtcdError, etcdErrors } from './error.ts';
import {
  applyDeleteRange,
  applyLeaseRevoke,
  applyPut,
  applyRange,
  applyTxn,
  type KvState,
} from './mvcc/apply.ts';
import { checkDeleteRange, checkPut, checkRange, checkTxn } from './mvcc/check.ts';
import { Lessor } from './mvcc/lease.ts';
import { Store } from './mvcc/store.ts';
import type { Watcher, WatchNews } from './mvcc/watch.ts';

/** A store with its leases, and who it says it is. */
export interface DirectState extends KvState {
  readonly clusterId: bigint;
  readonly memberId: bigint;
}

/** A new, empty state of its own. */
export function directState(): DirectState {
  const clusterId = 0xcdf818194e3a8c32n;
  const memberId = 0x8e9e05c52164694dn;
  return {
    store: new Store(),
    lessor: new Lessor(),
    clusterId,
    memberId,
    header: (revision) => ({ clusterId, memberId, revision, raftTerm: 2 }),
  };
}

/** The client of a state in the same program. */
export function directClient(simulation: Simulation, state: DirectState): EtcdClient {
  const watches = new Set<Watch>();
  const header = (): { header: Header } => ({ header: state.header(state.store.revision) });
  const ids = simulation.random.fork('etcd/leases');
  return {
    *range(request) {
      return checkRange(request) ?? applyRange(state, request);
    },
    *put(request) {
      return checkPut(request) ?? applyPut(state, request);
    },
    *deleteRange(request) {
      return checkDeleteRange(request) ?? applyDeleteRange(state, request);
    },
    *txn(request) {
      return checkTxn(request) ?? applyTxn(state, request);
    },
    *compact(request) {
      return state.store.compact(request.revision) ?? header();
    },
    watch(request) {
      const watch = directWatch(state, request, () => watches.delete(watch));
      watches.add(watch);
      return watch;
    },
    *leaseGrant(ttl, id = 0n) {
      const chosen = id === 0n ? BigInt(`0x${ids.hex(15)}`) : id;
      const lease = state.lessor.grant(chosen, ttl, simulation.now);
      if (lease instanceof EtcdError) return lease;
      watchExpiry(simulation, state, lease.id, simulation.cause);
      return { ...header(), id: lease.id, ttl: lease.ttl };
    },
    *leaseRevoke(id) {
      return applyLeaseRevoke(state, id) ?? header();
    },
    *leaseKeepAlive(id) {
      const ttl = state.lessor.renew(id, simulation.now);
      return { ...header(), id, ttl: ttl instanceof EtcdError ? 0 : ttl };
    },
    *leaseTimeToLive(id, keys = false) {
      const lease = state.lessor.leases.get(id);
      if (lease === undefined) return { ...header(), id, ttl: -1, grantedTtl: 0, keys: [] };
      const ttl = Math.floor((lease.expiry - simulation.now) / 1e9);
      const held = keys ? [...lease.keys].sort() : [];
      return { ...header(), id, ttl, grantedTtl: lease.ttl, keys: held };
    },
    *leases() {
      return { ...header(), leases: [...state.lessor.leases.keys()] };
    },
    close() {
      for (const watch of [...watches]) watch.cancel();
    },
  };
}

function directWatch(state: DirectState, request: WatchRequest, done: () => void): Watch {
  const watcher = startWatch(state, request);
  return {
    arrived: watcher.arrived,
    *next() {
      const first = watcher.take();
      if (first) return answerOf(state, first);
      yield* waitUntil(watcher.arrived, () => watcher.waiting || watcher.ended);
      const news = watcher.take();
      return news && answerOf(state, news);
    },
    poll() {
      const news = watcher.take();
      return news && answerOf(state, news);
    },
    requestProgress: () => watcher.progress(),
    cancel() {
      watcher.cancel();
      done();
    },
  };
}

function startWatch(state: DirectState, request: WatchRequest): Watcher {
  const watcher = state.store.watchers.add(request);
  if (request.key === '') watcher.end(etcdErrors.emptyKey.message);
  return watcher;
}

function answerOf(state: DirectState, news: WatchNews): WatchResponse {
  const { revision, events, canceled, compactRevision, cancelReason } = news;
  return { header: state.header(revision), events, canceled, compactRevision, cancelReason };
}

/** Revokes the lease when its time has come; looks again at the new time where it was kept alive. */
function watchExpiry(simulation: Simulation, state: DirectState, id: bigint, cause: Cause): void {
  const lease = state.lessor.leases.get(id);
  if (lease === undefined) return;
  simulation.causedBy(cause, () => {
    simulation.at(lease.expiry, () => {
      const now = state.lessor.leases.get(id);
      if (now !== lease) return;
      if (lease.expiry > simulation.now) watchExpiry(simulation, state, id, cause);
      else applyLeaseRevoke(state, id);
    });
  });
}
