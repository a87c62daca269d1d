// The etcd client (clientv3): what the API server, etcdctl and the notes' views talk to. One interface, two
// ways to reach a store: in process (direct.ts) and over the simulated network (remote.ts).

import type { Routine, WaitQueue } from '../core/wait.ts';
import type {
  CompactRequest,
  DeleteRangeRequest,
  DeleteRangeResponse,
  Header,
  LeaseGrantResponse,
  LeaseKeepAliveResponse,
  LeaseListResponse,
  LeaseTimeToLiveResponse,
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
  TxnRequest,
  TxnResponse,
  WatchRequest,
  WatchResponse,
} from './api.ts';
import type { EtcdError } from './error.ts';

/** A running watch. Responses wait in it until they are taken. */
export interface Watch {
  /** Woken when news arrive: for those who wait for more than one thing. */
  readonly arrived: WaitQueue;
  /** Blocks until there is news. A `canceled` response is the last one; undefined follows it, or `cancel`. */
  next(): Routine<WatchResponse | undefined>;
  /** News that is there already, without blocking. */
  poll(): WatchResponse | undefined;
  /** Asks the server for a response that carries the current revision. */
  requestProgress(): void;
  cancel(): void;
}

/** The v3 services for keys, watches and leases. Refusals come back as EtcdError. */
export interface EtcdClient {
  /** `patience`: nanoseconds after which a server that does not answer is given up, where not the client's own. */
  range(request: RangeRequest, patience?: number): Routine<RangeResponse | EtcdError>;
  put(request: PutRequest): Routine<PutResponse | EtcdError>;
  deleteRange(request: DeleteRangeRequest): Routine<DeleteRangeResponse | EtcdError>;
  txn(request: TxnRequest): Routine<TxnResponse | EtcdError>;
  compact(request: CompactRequest): Routine<{ header: Header } | EtcdError>;
  watch(request: WatchRequest): Watch;
  /** Grants a lease of `ttl` seconds; `id` 0n lets the server choose. */
  leaseGrant(ttl: number, id?: bigint): Routine<LeaseGrantResponse | EtcdError>;
  leaseRevoke(id: bigint): Routine<{ header: Header } | EtcdError>;
  leaseKeepAlive(id: bigint): Routine<LeaseKeepAliveResponse | EtcdError>;
  leaseTimeToLive(id: bigint, keys?: boolean): Routine<LeaseTimeToLiveResponse | EtcdError>;
  leases(): Routine<LeaseListResponse | EtcdError>;
  /** Lets go of connections and watches. */
  close(): void;
}

/** The end of the range of all keys that begin with `prefix`: "app/" gives "app0"; "\0" for everything. */
export function prefixEnd(prefix: string): string {
  for (let i = prefix.length - 1; i >= 0; i--) {
    const byte = prefix.charCodeAt(i);
    if (byte < 0xff) return prefix.slice(0, i) + String.fromCharCode(byte + 1);
  }
  return '\0';
}
