// The daemon's services put together: what serveRpc serves at containerd.sock.

import type { Routine } from '../../core/wait.ts';
import { parseManifest } from '../images/oci.ts';
import {
  alreadyExists,
  failedPrecondition,
  invalidArgument,
  isRpcError,
  notFound,
  type RpcContext,
  type RpcError,
  type RpcMethod,
  type RpcMethods,
  StreamReply,
} from '../rpc.ts';
import { FORWARD_EVENT } from '../shim/service.ts';
import { containerService, identifierProblem } from './containers.ts';
import { contentService, mergedLabels, readBlob } from './content.ts';
import type { Containerd } from './daemon.ts';
import { imageService } from './images.ts';
import { addLeaseResource, leaseService } from './leases.ts';
import {
  EVENT_SERVICE,
  NAMESPACE_SERVICE,
  UNPACK_METHOD,
  VERSION_METHOD,
} from './service-names.ts';
import { snapshotService } from './snapshots.ts';
import { taskService } from './tasks.ts';
import type { EventEnvelope, Labels } from './types.ts';
import { unpackImage } from './unpack.ts';

export const CONTAINERD_VERSION = 'v2.2.9';
export const CONTAINERD_REVISION = '2c3ba0f0f3ba2b95b9a9a4a0f1d1a4c59f1e5a5e';

function namespaceService(daemon: Containerd): RpcMethods {
  const at = NAMESPACE_SERVICE;
  const { namespaces } = daemon.metadata;
  return {
    *[`${at}List`]() {
      const names = [...namespaces].map(([name, data]) => ({
        name,
        labels: Object.fromEntries(data.labels),
      }));
      return { namespaces: names.sort((a, b) => (a.name < b.name ? -1 : 1)) };
    },
    *[`${at}Create`](request: { name: string; labels: Labels }) {
      const problem = identifierProblem(request.name);
      if (problem !== undefined) return invalidArgument(problem);
      if (namespaces.has(request.name)) return alreadyExists(`namespace "${request.name}"`);
      const data = daemon.data(request.name);
      for (const [key, value] of Object.entries(request.labels)) data.labels.set(key, value);
      daemon.events.publish('', '/namespaces/create', { name: request.name });
      return {};
    },
    *[`${at}Update`](request: { name: string; labels: Labels }) {
      const data = namespaces.get(request.name);
      if (!data) return notFound(`namespace "${request.name}"`);
      const merged = mergedLabels(Object.fromEntries(data.labels), request.labels);
      data.labels.clear();
      for (const [key, value] of Object.entries(merged)) data.labels.set(key, value);
      return {};
    },
    *[`${at}Delete`](request: { name: string }) {
      const data = namespaces.get(request.name);
      if (!data) return notFound(`namespace "${request.name}"`);
      const held = [
        ['images', data.images.size + data.pendingImages.length],
        ['blobs', data.content.size],
        ['containers', data.containers.size],
        ...[...data.snapshots].map(
          ([snapshotter, held]) =>
            [`snapshots on "${snapshotter}" snapshotter`, held.size] as const,
        ),
      ]
        .filter(([, count]) => count !== 0)
        .map(([what]) => what);
      if (held.length > 0) {
        return failedPrecondition(
          `namespace "${request.name}" must be empty, but it still has ${held.join(', ')}`,
        );
      }
      namespaces.delete(request.name);
      daemon.events.publish('', '/namespaces/delete', { name: request.name });
      return {};
    },
  };
}

function eventService(daemon: Containerd): RpcMethods {
  const at = EVENT_SERVICE;
  return {
    *[`${at}Subscribe`](request: { filters?: readonly string[] }) {
      const stream = daemon.events.subscribe(request.filters ?? []);
      return isRpcError(stream) ? stream : new StreamReply(stream);
    },
    *[`${at}Publish`](
      request: { topic: string; event: Readonly<Record<string, unknown>> },
      { namespace }: RpcContext,
    ) {
      daemon.events.publish(namespace, request.topic, request.event);
      return {};
    },
    *[FORWARD_EVENT](request: EventEnvelope) {
      daemon.events.forward(request);
      return {};
    },
  };
}

/** Methods that are refused without a namespace (namespaces.NamespaceRequired). */
function inNamespace(methods: RpcMethods): RpcMethods {
  const guarded = Object.entries(methods).map(([name, method]) => [
    name,
    ((request, context) =>
      context.namespace === ''
        ? refuse(failedPrecondition('namespace is required'))
        : method(request, context)) satisfies RpcMethod,
  ]);
  return Object.fromEntries(guarded) as RpcMethods;
}

function* refuse(error: RpcError): Routine<RpcError> {
  return error;
}

/** All methods of a daemon, those of plugins included. */
export function containerdMethods(daemon: Containerd): RpcMethods {
  return {
    ...inNamespace({
      ...contentService(daemon),
      ...imageService(daemon),
      ...snapshotService(daemon),
      ...containerService(daemon),
      ...taskService(daemon),
      ...leaseService(daemon),
    }),
    ...namespaceService(daemon),
    ...eventService(daemon),
    *[VERSION_METHOD]() {
      return { version: CONTAINERD_VERSION, revision: CONTAINERD_REVISION };
    },
    *[UNPACK_METHOD](request: { manifest: string; snapshotter?: string }, context: RpcContext) {
      const { namespace } = context;
      const bytes = readBlob(daemon, namespace, request.manifest);
      if (isRpcError(bytes)) return bytes;
      const manifest = parseManifest(bytes);
      const { snapshotter = 'overlayfs' } = request;
      const chainId = unpackImage(daemon, namespace, manifest, snapshotter);
      if (isRpcError(chainId)) return chainId;
      addLeaseResource(daemon, context, { id: chainId, type: `snapshots/${snapshotter}` });
      return { chainId };
    },
  };
}
