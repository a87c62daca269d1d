// The content store: blobs by digest as files under blobs/sha256, with labels and times in the database per namespace
// (services/content). Writes arrive whole; partial ingests that survive a restart are left out.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { contentsOf } from '../images/layer.ts';
import { type Digest, digestOf, isDigest } from '../images/oci.ts';
import {
  alreadyExists,
  invalidArgument,
  isRpcError,
  notFound,
  type RpcContext,
  RpcError,
  type RpcMethods,
} from '../rpc.ts';
import { type Containerd, inodeOf, makeDirectories, removeAll, writeWholeFile } from './daemon.ts';
import { fieldsOf, parseFilters } from './filters.ts';
import { addLeaseResource } from './leases.ts';
import { CONTENT_DIRECTORY } from './metadata.ts';
import { layOutPending } from './pending.ts';
import { CONTENT_SERVICE } from './service-names.ts';
import type { ContentInfo, Labels } from './types.ts';

/** Where a blob is. */
export function blobPath(daemon: Containerd, digest: Digest): string {
  return `${daemon.root}/${CONTENT_DIRECTORY}/blobs/${digest.replace(':', '/')}`;
}

/** Puts a blob into a namespace. `size` is what its descriptor declares. */
export function putBlob(
  daemon: Containerd,
  namespace: string,
  blob: { digest: Digest; bytes: Uint8Array; size?: number; labels?: Labels },
): void {
  const path = blobPath(daemon, blob.digest);
  const { process } = daemon;
  if (!process.exists(path)) {
    makeDirectories(process, path.slice(0, path.lastIndexOf('/')));
    writeWholeFile(process, path, blob.bytes, 0o444);
  }
  const { content } = daemon.data(namespace);
  const known = content.get(blob.digest);
  content.set(blob.digest, {
    digest: blob.digest,
    size: blob.size ?? known?.size ?? blob.bytes.length,
    createdAt: known?.createdAt ?? daemon.now,
    updatedAt: daemon.now,
    labels: { ...known?.labels, ...blob.labels },
  });
}

/** The bytes of a blob that the namespace knows. */
export function readBlob(
  daemon: Containerd,
  namespace: string,
  digest: Digest,
): Uint8Array | RpcError {
  layOutPending(daemon, namespace);
  if (!daemon.data(namespace).content.has(digest)) return notFound(`content digest ${digest}`);
  const inode = inodeOf(daemon.process, blobPath(daemon, digest));
  return inode ? contentsOf(inode) : notFound(`content digest ${digest}`);
}

/** A blob parsed as JSON. */
export function readJsonBlob(daemon: Containerd, namespace: string, digest: Digest): unknown {
  const bytes = readBlob(daemon, namespace, digest);
  if (isRpcError(bytes)) return bytes;
  try {
    return JSON.parse(decode(bytes));
  } catch {
    return invalidArgument(`content ${digest} is no JSON`);
  }
}

/** Sets labels; an empty value removes one. */
export function labelContent(
  daemon: Containerd,
  namespace: string,
  digest: Digest,
  labels: Labels,
): void {
  const { content } = daemon.data(namespace);
  const info = content.get(digest);
  if (info)
    content.set(digest, {
      ...info,
      labels: mergedLabels(info.labels, labels),
      updatedAt: daemon.now,
    });
}

/** Labels after a change: an empty value removes the label. */
export function mergedLabels(before: Labels, change: Labels): Labels {
  const merged = Object.entries({ ...before, ...change }).filter(([, value]) => value !== '');
  return Object.fromEntries(merged);
}

interface WriteRequest {
  readonly ref: string;
  readonly bytes: Uint8Array;
  readonly expected?: Digest;
  readonly size?: number;
  readonly labels?: Labels;
}

function* write(
  daemon: Containerd,
  request: WriteRequest,
  context: RpcContext,
): Routine<{ digest: Digest } | RpcError> {
  const digest = digestOf(request.bytes);
  if (request.expected !== undefined && request.expected !== digest) {
    const what = `unexpected commit digest ${digest}, expected ${request.expected}`;
    return new RpcError('FailedPrecondition', `${what}: failed precondition`);
  }
  yield* context.process.work(request.bytes.length);
  const known = daemon.data(context.namespace).content.has(digest);
  const { bytes, size, labels } = request;
  putBlob(daemon, context.namespace, {
    digest,
    bytes,
    ...(size === undefined ? {} : { size }),
    ...(labels ? { labels } : {}),
  });
  addLeaseResource(daemon, context, { id: digest, type: 'content' });
  if (known) return alreadyExists(`content ${digest}`);
  daemon.events.publish(context.namespace, '/content/create', {
    digest,
    size: size ?? bytes.length,
  });
  return { digest };
}

function list(
  daemon: Containerd,
  namespace: string,
  filters: readonly string[],
): ContentInfo[] | RpcError {
  const filter = parseFilters(filters);
  if (isRpcError(filter)) return filter;
  layOutPending(daemon, namespace);
  const all = [...daemon.data(namespace).content.values()].sort((a, b) =>
    a.digest < b.digest ? -1 : 1,
  );
  return all.filter((info) =>
    filter(fieldsOf({ digest: info.digest, size: String(info.size) }, info.labels)),
  );
}

/** Forgets a blob in a namespace; the file goes when no namespace knows it. */
export function removeBlob(daemon: Containerd, namespace: string, digest: Digest): boolean {
  if (!daemon.data(namespace).content.delete(digest)) return false;
  for (const data of daemon.metadata.namespaces.values()) if (data.content.has(digest)) return true;
  removeAll(daemon.process, blobPath(daemon, digest));
  return true;
}

/** The methods of the service. */
export function contentService(daemon: Containerd): RpcMethods {
  const at = CONTENT_SERVICE;
  return {
    *[`${at}Info`](request: { digest: Digest }, { namespace }: RpcContext) {
      layOutPending(daemon, namespace);
      const info = daemon.data(namespace).content.get(request.digest);
      return info ? { info } : notFound(`content ${request.digest}`);
    },
    *[`${at}List`](request: { filters?: readonly string[] }, { namespace }: RpcContext) {
      const info = list(daemon, namespace, request.filters ?? []);
      return isRpcError(info) ? info : { info };
    },
    *[`${at}Read`](request: { digest: Digest }, { namespace }: RpcContext) {
      if (!isDigest(request.digest))
        return invalidArgument(`${request.digest}: invalid checksum digest format`);
      const bytes = readBlob(daemon, namespace, request.digest);
      return isRpcError(bytes) ? bytes : { data: bytes };
    },
    *[`${at}Write`](request: WriteRequest, context: RpcContext) {
      return yield* write(daemon, request, context);
    },
    *[`${at}Update`](request: { digest: Digest; labels: Labels }, { namespace }: RpcContext) {
      if (!daemon.data(namespace).content.has(request.digest))
        return notFound(`content ${request.digest}`);
      labelContent(daemon, namespace, request.digest, request.labels);
      return { info: daemon.data(namespace).content.get(request.digest) };
    },
    *[`${at}Delete`](request: { digest: Digest }, { namespace }: RpcContext) {
      if (!removeBlob(daemon, namespace, request.digest))
        return notFound(`content ${request.digest}`);
      daemon.events.publish(namespace, '/content/delete', { digest: request.digest });
      return {};
    },
  };
}
