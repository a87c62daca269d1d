// Images as dockerd sees containerd's store: names to targets, the manifest and configuration of this platform.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { ContainerdClient } from '../../containers/containerd/client.ts';
import type { ImageRecord } from '../../containers/containerd/types.ts';
import {
  chainIds,
  type Descriptor,
  type ImageConfig,
  type ImageIndex,
  isIndexType,
  LINUX_AMD64,
  type Manifest,
  platformMatches,
} from '../../containers/images/oci.ts';
import {
  familiarName,
  fullName,
  isReferenceError,
  parseReference,
  repositoryOf,
  withDefaultTag,
} from '../../containers/images/reference.ts';
import { isRpcError } from '../../containers/rpc.ts';
import { ApiError } from './model.ts';

/** One target with the names that point at it. */
export interface FoundImage {
  readonly id: string;
  readonly target: Descriptor;
  readonly records: readonly ImageRecord[];
  readonly manifest: Manifest;
  readonly manifestDigest: string;
  readonly config: ImageConfig;
  /** The name it was asked by, where it was one. */
  readonly name: string | undefined;
}

/** All names, grouped by what they point at. */
export function* imageGroups(client: ContainerdClient): Routine<Map<string, ImageRecord[]>> {
  const records = yield* client.images();
  const groups = new Map<string, ImageRecord[]>();
  if (isRpcError(records)) return groups;
  for (const record of records) {
    const group = groups.get(record.target.digest);
    if (group) group.push(record);
    else groups.set(record.target.digest, [record]);
  }
  return groups;
}

function* platformManifest(
  client: ContainerdClient,
  target: Descriptor,
): Routine<{ digest: string; manifest: Manifest } | undefined> {
  const bytes = yield* client.readContent(target.digest);
  if (isRpcError(bytes)) return undefined;
  const object = JSON.parse(decode(bytes)) as Manifest | ImageIndex;
  if (!isIndexType(target.mediaType))
    return { digest: target.digest, manifest: object as Manifest };
  const fits = (object as ImageIndex).manifests.find(
    ({ platform }) => platform && platformMatches(LINUX_AMD64, platform),
  );
  return fits ? yield* platformManifest(client, fits) : undefined;
}

/** Reads what a target holds. */
export function* openImage(
  client: ContainerdClient,
  target: Descriptor,
  records: readonly ImageRecord[],
  name?: string,
): Routine<FoundImage | undefined> {
  const found = yield* platformManifest(client, target);
  if (!found) return undefined;
  const bytes = yield* client.readContent(found.manifest.config.digest);
  if (isRpcError(bytes)) return undefined;
  const config = JSON.parse(decode(bytes)) as ImageConfig;
  return {
    id: target.digest,
    target,
    records,
    manifest: found.manifest,
    manifestDigest: found.digest,
    config,
    name,
  };
}

/** `NAME:TAG` as messages show it. */
export function shownReference(ref: string): string {
  const parsed = parseReference(ref);
  if (isReferenceError(parsed)) return ref;
  const full = withDefaultTag(parsed);
  const digest = full.digest === undefined ? '' : `@${full.digest}`;
  return `${familiarName(full)}${full.tag === undefined ? '' : `:${full.tag}`}${digest}`;
}

/** An image by name, id, the beginning of its id, or NAME@DIGEST. */
export function* findImage(client: ContainerdClient, ref: string): Routine<FoundImage | ApiError> {
  const groups = yield* imageGroups(client);
  const missing = new ApiError(404, `No such image: ${shownReference(ref)}`);
  const bare = ref.replace(/^sha256:/, '');
  const parsed = parseReference(ref);
  if (!isReferenceError(parsed)) {
    const full = withDefaultTag(parsed);
    const name = fullName(
      full.digest === undefined ? full : { ...full, digest: undefined, tag: full.tag },
    );
    for (const [digest, records] of groups) {
      const byName = full.digest === undefined && records.some((record) => record.name === name);
      const byDigest =
        full.digest === digest &&
        records.some(
          (record) =>
            record.name === fullName(full) || sameRepository(record.name, repositoryOf(full)),
        );
      const [record] = records;
      if (record && (byName || byDigest))
        return (
          (yield* openImage(client, record.target, records, byName ? name : fullName(full))) ??
          missing
        );
    }
  }
  if (/^[0-9a-f]{1,64}$/.test(bare)) {
    const begins = [...groups].filter(([digest]) => digest.slice(7).startsWith(bare));
    if (begins.length > 1) return new ApiError(404, `No such image: ${shownReference(ref)}`);
    const [record] = begins[0]?.[1] ?? [];
    if (begins[0] && record)
      return (yield* openImage(client, record.target, begins[0][1])) ?? missing;
  }
  if (isReferenceError(parsed) && !/^sha256:/.test(ref))
    return new ApiError(
      400,
      parsed.startsWith('invalid reference format') ? parsed : 'invalid reference format',
    );
  return missing;
}

/** Whether an image's name is one of a repository. */
export function sameRepository(name: string, repository: string): boolean {
  const parsed = parseReference(name);
  return !isReferenceError(parsed) && repositoryOf(parsed) === repository;
}

/** Names with tags, and repositories with the digest, as people write them. */
export function namesOf(records: readonly ImageRecord[]): { tags: string[]; digests: string[] } {
  const tags: string[] = [];
  const digests = new Set<string>();
  for (const record of records) {
    const parsed = parseReference(record.name);
    if (isReferenceError(parsed)) continue;
    if (parsed.tag !== undefined && parsed.digest === undefined)
      tags.push(`${familiarName(parsed)}:${parsed.tag}`);
    digests.add(`${familiarName(parsed)}@${record.target.digest}`);
  }
  return { tags, digests: [...digests] };
}

/** The top of an image's stack of snapshots. */
export function topLayer(image: FoundImage): string {
  return chainIds(image.config.rootfs.diff_ids).at(-1) ?? '';
}

/** Bytes of an image: its blobs, and its layers unpacked. */
export function* imageSize(client: ContainerdClient, image: FoundImage): Routine<number> {
  let size = image.manifest.config.size + image.target.size;
  for (const layer of image.manifest.layers) size += layer.size;
  yield* client.unpack(image.manifestDigest);
  for (const chain of chainIds(image.config.rootfs.diff_ids)) {
    const usage = yield* client.snapshotUsage(chain);
    if (!isRpcError(usage)) size += usage.size;
  }
  return size;
}
