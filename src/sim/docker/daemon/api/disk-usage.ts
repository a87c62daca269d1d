// GET /system/df: what images, containers, volumes and the build cache take of the disk.

import type { Routine } from '../../../core/wait.ts';
import { chainIds } from '../../../containers/images/oci.ts';
import { isRpcError } from '../../../containers/rpc.ts';
import { cacheUsage } from '../../builder/cache.ts';
import { type FoundImage, imageSize, namesOf } from '../images.ts';
import { timeText } from '../model.ts';
import { usersOf, volumeJson, volumeSize } from '../volumes.ts';
import { type Context, type Handler, json } from './answer.ts';
import { summary } from './container-view.ts';
import { newestFirst, sizesOf } from './containers.ts';
import { allImages, containersOf } from './images.ts';

/** What images are made of: blobs with their sizes, and snapshots with theirs. */
type Parts = ReadonlyMap<string, number>;

function* partsOf(context: Context, image: FoundImage): Routine<Parts> {
  const client = context.daemon.clientFor(context.process);
  const parts = new Map<string, number>();
  const { config, layers } = image.manifest;
  for (const { digest, size } of [config, ...layers]) parts.set(digest, size);
  for (const chain of chainIds(image.config.rootfs.diff_ids)) {
    const usage = yield* client.snapshotUsage(chain);
    if (!isRpcError(usage)) parts.set(`snapshot ${chain}`, usage.size);
  }
  return parts;
}

/** Bytes of an image that other images have too, by the image's id. */
function sharedSizes(all: ReadonlyMap<string, Parts>): ReadonlyMap<string, number> {
  const users = new Map<string, number>();
  for (const parts of all.values())
    for (const name of parts.keys()) users.set(name, (users.get(name) ?? 0) + 1);
  const sizes = new Map<string, number>();
  for (const [id, parts] of all) {
    const shared = [...parts].filter(([name]) => (users.get(name) ?? 0) > 1);
    sizes.set(
      id,
      shared.reduce((sum, [, size]) => sum + size, 0),
    );
  }
  return sizes;
}

function* imagesUsage(context: Context): Routine<{ LayersSize: number; Images: object[] }> {
  const client = context.daemon.clientFor(context.process);
  const images = yield* allImages(context);
  const parts = new Map<string, Parts>();
  const sizes = new Map<string, number>();
  for (const image of images) {
    sizes.set(image.id, yield* imageSize(client, image));
    parts.set(image.id, yield* partsOf(context, image));
  }
  const shared = sharedSizes(parts);
  const once = new Map([...parts.values()].flatMap((list) => [...list]));
  // Targets (manifests, indexes) count once for each image.
  const targets = images.map(({ target }) => target.size);
  const LayersSize = [...once.values(), ...targets].reduce((sum, size) => sum + size, 0);
  const Images = images.map((image) => {
    const names = namesOf(image.records);
    return {
      Containers: containersOf(context, image).length,
      Created: Math.floor(Date.parse(image.config.created ?? '') / 1000),
      Id: image.id,
      Labels: image.config.config?.Labels ?? null,
      ParentId: '',
      RepoDigests: names.digests,
      RepoTags: names.tags,
      SharedSize: shared.get(image.id) ?? 0,
      Size: sizes.get(image.id) ?? 0,
    };
  });
  return { LayersSize, Images };
}

export const diskUsage: Handler = function* (context) {
  const { daemon } = context;
  const images = yield* imagesUsage(context);
  const containers: Record<string, unknown>[] = [];
  for (const container of newestFirst(context))
    containers.push(summary(container, daemon.now, yield* sizesOf(context, container)));
  const volumes = [...daemon.volumes.values()].map((volume) => ({
    ...volumeJson(volume, timeText(volume.created)),
    UsageData: { RefCount: usersOf(daemon, volume.name).length, Size: volumeSize(daemon, volume) },
  }));
  const BuildCache = yield* cacheUsage(daemon, context.process);
  return json({ ...images, Containers: containers, Volumes: volumes, BuildCache });
};
