// Leases: names that keep content and snapshots from the garbage collector (services/leases).

import type { RpcContext, RpcMethods } from '../rpc.ts';
import { alreadyExists, isRpcError, notFound } from '../rpc.ts';
import type { Containerd } from './daemon.ts';
import { fieldsOf, parseFilters } from './filters.ts';
import { collectGarbage } from './gc.ts';
import { LEASE_SERVICE } from './service-names.ts';
import type { Labels, LeaseRecord, LeaseResource } from './types.ts';

/** Puts a resource into the lease that a request carries. */
export function addLeaseResource(
  daemon: Containerd,
  context: RpcContext,
  resource: LeaseResource,
): void {
  if (context.lease === undefined) return;
  daemon.data(context.namespace).leases.get(context.lease)?.resources.push(resource);
}

/** The methods of the service. */
export function leaseService(daemon: Containerd): RpcMethods {
  const at = LEASE_SERVICE;
  return {
    *[`${at}Create`](request: { id: string; labels?: Labels }, { namespace }: RpcContext) {
      const { leases } = daemon.data(namespace);
      if (leases.has(request.id)) return alreadyExists(`lease "${request.id}"`);
      const lease: LeaseRecord = {
        id: request.id,
        createdAt: daemon.now,
        labels: request.labels ?? {},
      };
      leases.set(request.id, { lease, resources: [] });
      return { lease };
    },
    *[`${at}Delete`](request: { id: string; sync?: boolean }, { namespace }: RpcContext) {
      const { leases } = daemon.data(namespace);
      if (!leases.delete(request.id)) return notFound(`lease "${request.id}"`);
      collectGarbage(daemon, namespace);
      return {};
    },
    *[`${at}List`](request: { filters?: readonly string[] }, { namespace }: RpcContext) {
      const filter = parseFilters(request.filters ?? []);
      if (isRpcError(filter)) return filter;
      const all = [...daemon.data(namespace).leases.values()].map((stored) => stored.lease);
      all.sort((a, b) => (a.id < b.id ? -1 : 1));
      return { leases: all.filter((lease) => filter(fieldsOf({ id: lease.id }, lease.labels))) };
    },
    *[`${at}AddResource`](
      request: { id: string; resource: LeaseResource },
      { namespace }: RpcContext,
    ) {
      const stored = daemon.data(namespace).leases.get(request.id);
      if (!stored) return notFound(`lease "${request.id}"`);
      stored.resources.push(request.resource);
      return {};
    },
    *[`${at}ListResources`](request: { id: string }, { namespace }: RpcContext) {
      const stored = daemon.data(namespace).leases.get(request.id);
      return stored ? { resources: stored.resources } : notFound(`lease "${request.id}"`);
    },
  };
}
