// The EtcdClient interface over a connection: what an API server in a process of its own uses.

import type { Routine } from '../../core/wait.ts';
import type { EtcdClient } from '../client.ts';
import type { EtcdError } from '../error.ts';
import type { RpcName, RpcRequest, RpcResponse } from '../wire/rpcs.ts';
import type { Connection } from './connection.ts';

/** A client over `connection`; each request may take `timeout` nanoseconds. */
export function remoteClient(connection: Connection, timeout: number): EtcdClient {
  const ask = <M extends RpcName>(
    method: M,
    request: RpcRequest<M>,
    patience = timeout,
  ): Routine<RpcResponse<M> | EtcdError> =>
    connection.call(method, request, connection.main.process.now + patience);
  return {
    range: (request, patience) => ask('KV/Range', request, patience),
    put: (request) => ask('KV/Put', request),
    deleteRange: (request) => ask('KV/DeleteRange', request),
    txn: (request) => ask('KV/Txn', request),
    compact: (request) => ask('KV/Compact', request),
    watch: (request) => connection.watch(request),
    leaseGrant: (ttl, id = 0n) => ask('Lease/LeaseGrant', { ttl, id }),
    leaseRevoke: (id) => ask('Lease/LeaseRevoke', { id }),
    leaseKeepAlive: (id) => ask('Lease/LeaseKeepAlive', { id }),
    leaseTimeToLive: (id, keys = false) => ask('Lease/LeaseTimeToLive', { id, keys }),
    leases: () => ask('Lease/LeaseLeases', {}),
    close: () => connection.close(),
  };
}
