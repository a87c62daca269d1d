// The API's archives of images: GET /images/get, POST /images/load.

import { Content } from '../../../core/content.ts';
import type { Routine } from '../../../core/wait.ts';
import {
  archiveEntries,
  type ReadArchive,
  readArchive,
} from '../../../containers/images/archive.ts';
import type { ContainerdClient } from '../../../containers/containerd/client.ts';
import { labelChildren } from '../../../containers/containerd/references.ts';
import { withLease } from '../../../containers/containerd/with-lease.ts';
import type { Descriptor } from '../../../containers/images/oci.ts';
import { readTar, writeTar } from '../../../containers/images/tar.ts';
import { isRpcError } from '../../../containers/rpc.ts';
import { gunzip, isGzip } from '../../../userland/libc/gzip.ts';
import { findImage, repositoryImages, shownReference } from '../images.ts';
import { ApiError } from '../model.ts';
import { bytes, type Handler, json, refuse, streaming } from './answer.ts';

const save: Handler = function* (context) {
  const client = context.daemon.clientFor(context.process);
  const images: { names: string[]; target: Descriptor }[] = [];
  const add = (name: string | undefined, target: Descriptor): void => {
    const names = name === undefined ? [] : [name];
    const known = images.find((i) => i.target.digest === target.digest);
    if (known) known.names.push(...names);
    else images.push({ names, target });
  };
  for (const ref of context.request.query.get('names') ?? []) {
    const all = yield* repositoryImages(client, ref);
    for (const { name, target } of all) add(name, target);
    if (all.length > 0) continue;
    const image = yield* findImage(client, ref);
    if (image instanceof ApiError) return refuse(image);
    add(image.name, image.target);
  }
  const blobs = yield* client.listContent();
  const contents = new Map<string, Uint8Array>();
  for (const { digest } of isRpcError(blobs) ? [] : blobs) {
    const content = yield* client.readContent(digest);
    if (!isRpcError(content)) contents.set(digest, content);
  }
  return bytes(
    writeTar(archiveEntries(images, (digest) => contents.get(digest))),
    'application/x-tar',
  );
};

const load: Handler = function* (context) {
  const client = context.daemon.clientFor(context.process);
  const sent = context.request.body.bytes();
  const plain = isGzip(sent) ? gunzip(sent) : sent;
  const entries = typeof plain === 'string' ? plain : readTar(plain);
  const archive = typeof entries === 'string' ? entries : readArchive(entries);
  if (typeof archive === 'string')
    return json({ errorDetail: { message: archive }, error: archive });
  const lines = yield* withLease(client, (leased) => loadArchive(leased, archive));
  const queue = lines.map((stream) =>
    Content.ofJson({ stream }, (value) => `${JSON.stringify(value)}\n`),
  );
  return streaming('application/json', function* () {
    return queue.shift();
  });
};

/** Stores what an archive holds, and names it; what is told of it. */
function* loadArchive(client: ContainerdClient, archive: ReadArchive): Routine<string[]> {
  for (const content of archive.blobs.values())
    yield* client.writeContent({ ref: 'load', bytes: content });
  const lines: string[] = [];
  for (const { name, ref, target } of archive.images) {
    const full = name ?? (ref === undefined ? undefined : `docker.io/library/${ref}`);
    yield* labelChildren(client, target);
    yield* client.putImage({ name: full ?? `moby-dangling@${target.digest}`, target, labels: {} });
    lines.push(
      full === undefined
        ? `Loaded image ID: ${target.digest}\n`
        : `Loaded image: ${shownReference(full)}\n`,
    );
  }
  return lines;
}

/** Method, path, handler. */
export const archiveRoutes: readonly (readonly [string, string, Handler])[] = [
  ['GET', '/images/get', save],
  ['POST', '/images/load', load],
];
