// Containers as records (services/containers): an id with its image, snapshot, runtime and spec. Tasks run them.

import type { RpcContext, RpcMethods } from '../rpc.ts';
import { alreadyExists, invalidArgument, isRpcError, notFound } from '../rpc.ts';
import type { Containerd } from './daemon.ts';
import { fieldsOf, parseFilters } from './filters.ts';
import { collectGarbage } from './gc.ts';
import { CONTAINER_SERVICE } from './service-names.ts';
import type { ContainerRecord } from './types.ts';

/** containerd's rule for ids of containers, leases and namespaces. */
export const IDENTIFIER = /^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$/;

/** The complaint about an id that breaks the rule; undefined where it is good. */
export function identifierProblem(id: string): string | undefined {
  if (id.length === 0) return 'identifier must not be empty';
  if (id.length > 76) return `identifier "${id}" greater than maximum length (76 characters)`;
  const rule = '^[A-Za-z0-9]+(?:[._-](?:[A-Za-z0-9]+))*$';
  return IDENTIFIER.test(id) ? undefined : `identifier "${id}" must match ${rule}`;
}

/** The methods of the service. */
export function containerService(daemon: Containerd): RpcMethods {
  const at = CONTAINER_SERVICE;
  const missing = (id: string, namespace: string) =>
    notFound(`container "${id}" in namespace "${namespace}"`);
  return {
    *[`${at}Get`](request: { id: string }, { namespace }: RpcContext) {
      const container = daemon.data(namespace).containers.get(request.id);
      return container ? { container } : missing(request.id, namespace);
    },
    *[`${at}List`](request: { filters?: readonly string[] }, { namespace }: RpcContext) {
      const filter = parseFilters(request.filters ?? []);
      if (isRpcError(filter)) return filter;
      const all = [...daemon.data(namespace).containers.values()].sort((a, b) =>
        a.id < b.id ? -1 : 1,
      );
      const fields = (c: ContainerRecord) =>
        fieldsOf({ id: c.id, image: c.image, 'runtime.name': c.runtime.name }, c.labels);
      return { containers: all.filter((container) => filter(fields(container))) };
    },
    *[`${at}Create`](request: { container: ContainerRecord }, { namespace }: RpcContext) {
      const { container } = request;
      const problem = identifierProblem(container.id);
      if (problem !== undefined)
        return invalidArgument(`create container failed validation: container.ID: ${problem}`);
      const { containers } = daemon.data(namespace);
      if (containers.has(container.id)) return alreadyExists(`container "${container.id}"`);
      const record = { ...container, createdAt: daemon.now, updatedAt: daemon.now };
      containers.set(container.id, record);
      daemon.events.publish(namespace, '/containers/create', {
        id: container.id,
        ...(container.image === '' ? {} : { image: container.image }),
        runtime: { name: container.runtime.name },
      });
      return { container: record };
    },
    *[`${at}Update`](request: { container: ContainerRecord }, { namespace }: RpcContext) {
      const { containers } = daemon.data(namespace);
      const before = containers.get(request.container.id);
      if (!before) return missing(request.container.id, namespace);
      const record = { ...request.container, createdAt: before.createdAt, updatedAt: daemon.now };
      containers.set(record.id, record);
      daemon.events.publish(namespace, '/containers/update', {
        id: record.id,
        image: record.image,
        labels: record.labels,
        snapshot_key: record.snapshotKey,
      });
      return { container: record };
    },
    *[`${at}Delete`](request: { id: string }, { namespace }: RpcContext) {
      if (!daemon.data(namespace).containers.delete(request.id))
        return missing(request.id, namespace);
      daemon.events.publish(namespace, '/containers/delete', { id: request.id });
      collectGarbage(daemon, namespace);
      return {};
    },
  };
}
