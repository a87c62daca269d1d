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
import {
  isReferenceError,
  parseReference,
  repositoryOf,
} from '../../../containers/images/reference.ts';
import { isRpcError } from '../../../containers/rpc.ts';
import { decompressed } from '../../../userland/libc/gzip.ts';
import { findImage, imageGroups, sameRepository, shownReference } from '../images.ts';
import { ApiError } from '../model.ts';
import { bytes, type Handler, json, refuse, streaming } from './answer.ts';

/** An image of an archive: its names, none where a digest was asked for. */
interface Exported {
  readonly names: string[];
  readonly target: Descriptor;
}

/** What a name of `docker save` stands for: one image, or all tags of a repository (ImageService.ExportImage). */
function* exportsOf(client: ContainerdClient, name: string): Routine<Exported[] | ApiError> {
  const image = yield* findImage(client, name);
  const found = !(image instanceof ApiError);
  const byDigest = found && image.target.digest.slice(7).startsWith(name.replace(/^sha256:/, ''));
  const reference = parseReference(name);
  if (!byDigest && !isReferenceError(reference) && !reference.tag && !reference.digest) {
    const records = [...(yield* imageGroups(client)).values()].flat();
    const tagged = records
      .filter((record) => sameRepository(record.name, repositoryOf(reference)))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    if (tagged.length > 0) return tagged.map((record) => ({ names: [record.name], ...record }));
  }
  if (!found) return image;
  const nameless = byDigest || (!isReferenceError(reference) && reference.digest !== undefined);
  const names = nameless || image.name === undefined ? [] : [image.name];
  return [{ names, target: image.target }];
}

const save: Handler = function* (context) {
  const client = context.daemon.clientFor(context.process);
  const images: Exported[] = [];
  for (const name of context.request.query.get('names') ?? []) {
    const wanted = yield* exportsOf(client, name);
    if (wanted instanceof ApiError) return refuse(wanted);
    for (const { names, target } of wanted) {
      const known = images.find((i) => i.target.digest === target.digest);
      if (known) known.names.push(...names);
      else images.push({ names: [...names], target });
    }
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
  const stream = decompressed(context.request.body.bytes());
  const entries = typeof stream === 'string' ? stream : readTar(stream);
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
