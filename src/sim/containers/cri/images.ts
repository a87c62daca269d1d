// The CRI's ImageService on containerd's images.

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { ContainerdClient } from '../containerd/client.ts';
import { readBlob } from '../containerd/content.ts';
import type { Containerd } from '../containerd/daemon.ts';
import { collectGarbage } from '../containerd/gc.ts';
import { imagesOf, storedImages } from '../containerd/images.ts';
import type { ImageRecord } from '../containerd/types.ts';
import type { ImageConfig, Manifest } from '../images/oci.ts';
import {
  isIndexType,
  LINUX_AMD64,
  parseConfig,
  parseIndex,
  parseManifest,
  platformMatches,
} from '../images/oci.ts';
import {
  fullName,
  isReferenceError,
  parseReference,
  repositoryOf,
  withDefaultTag,
} from '../images/reference.ts';
import { pullImage } from '../registry/pull.ts';
import { isRpcError, type RpcContext, RpcError, type RpcMethods } from '../rpc.ts';
import { CRI_NAMESPACE } from './store.ts';
import type { CriImage, ImageSpec } from './types.ts';

export const IMAGE_API = '/runtime.v1.ImageService/';

/** An image as the CRI sees it: one configuration under all its names. */
export interface KnownImage {
  /** `sha256:…` of the configuration. */
  readonly id: string;
  readonly config: ImageConfig;
  readonly manifest: Manifest;
  readonly target: ImageRecord['target'];
  readonly names: readonly string[];
}

/** The manifest for this platform below a target; undefined where a blob is missing. */
export function manifestBelow(
  daemon: Containerd,
  target: ImageRecord['target'],
): { manifest: Manifest; digest: string } | undefined {
  const bytes = readBlob(daemon, CRI_NAMESPACE, target.digest);
  if (isRpcError(bytes)) return undefined;
  if (!isIndexType(target.mediaType)) {
    return { manifest: parseManifest(bytes), digest: target.digest };
  }
  const child = parseIndex(bytes).manifests.find(
    ({ platform }) => platform && platformMatches(LINUX_AMD64, platform),
  );
  return child && manifestBelow(daemon, child);
}

/** What was read of the images of a daemon, and the records that it was read from. */
interface ReadImages {
  readonly records: readonly ImageRecord[];
  readonly images: KnownImage[];
}

const read = new WeakMap<Containerd, ReadImages>();

/** Whether a store holds just these records; one that changes is replaced. */
function holdsJust(
  store: ReadonlyMap<string, ImageRecord>,
  records: readonly ImageRecord[],
): boolean {
  if (store.size !== records.length) return false;
  let i = 0;
  for (const record of store.values()) if (record !== records[i++]) return false;
  return true;
}

/** All images, by id. */
export function knownImages(daemon: Containerd): KnownImage[] {
  const before = read.get(daemon);
  const store = storedImages(daemon, CRI_NAMESPACE);
  if (before && holdsJust(store, before.records)) return before.images;
  const records = [...store.values()];
  const images = new Map<string, KnownImage & { names: string[] }>();
  for (const { name, target } of imagesOf(daemon, CRI_NAMESPACE)) {
    const found = manifestBelow(daemon, target);
    if (!found) continue;
    const { manifest } = found;
    const id = manifest.config.digest;
    const known = images.get(id);
    if (known) {
      known.names.push(name);
      continue;
    }
    const bytes = readBlob(daemon, CRI_NAMESPACE, id);
    if (isRpcError(bytes)) continue;
    images.set(id, { id, config: parseConfig(bytes), manifest, target, names: [name] });
  }
  const all = [...images.values()];
  read.set(daemon, { records, images: all });
  return all;
}

/** The image that a name, an id or the beginning of an id means. */
export function resolveImage(daemon: Containerd, text: string): KnownImage | undefined {
  const images = knownImages(daemon);
  const bare = text.replace(/^sha256:/, '');
  if (/^[0-9a-f]+$/.test(bare)) {
    const matches = images.filter((image) => image.id.startsWith(`sha256:${bare}`));
    if (matches.length === 1) return matches[0];
  }
  const reference = parseReference(text);
  if (isReferenceError(reference)) return undefined;
  const full = fullName(withDefaultTag(reference));
  const withoutTag =
    reference.digest === undefined ? undefined : `${repositoryOf(reference)}@${reference.digest}`;
  return images.find((image) => {
    const digests = repoDigests(image);
    return (
      image.names.includes(full) ||
      (withoutTag !== undefined &&
        (digests.includes(withoutTag) || image.names.includes(withoutTag)))
    );
  });
}

function repoTags(image: KnownImage): string[] {
  return image.names.filter((name) => !name.startsWith('sha256:') && !name.includes('@'));
}

function repoDigests(image: KnownImage): string[] {
  return image.names.filter((name) => !name.startsWith('sha256:') && name.includes('@'));
}

/** Declared bytes of all that an image needs. */
function sizeOf(image: KnownImage): number {
  return [image.manifest.config, ...image.manifest.layers].reduce(
    (sum, { size }) => sum + size,
    image.target.size,
  );
}

/** The message for an image. */
export function criImage(image: KnownImage): CriImage {
  const user = image.config.config?.User?.split(':')[0] ?? '';
  const numeric = /^\d+$/.test(user);
  return {
    id: image.id,
    repoTags: repoTags(image),
    repoDigests: repoDigests(image),
    size: String(sizeOf(image)),
    uid: user === '' || numeric ? (user === '' ? { value: 0 } : { value: Number(user) }) : null,
    username: numeric ? '' : user,
    spec: null,
    pinned: repoTags(image).some((tag) => tag.includes('/pause:')),
  };
}

/** Pulls an image; its id, or why not. */
export function* pullForCri(
  daemon: Containerd,
  p: Process,
  text: string,
): Routine<string | RpcError> {
  const reference = parseReference(text);
  if (isReferenceError(reference)) {
    return new RpcError(
      'InvalidArgument',
      `failed to parse image reference "${text}": ${reference}`,
    );
  }
  const client = new ContainerdClient(p, { address: daemon.address, namespace: CRI_NAMESPACE });
  const name = fullName(withDefaultTag(reference));
  const result = yield* pullImage(client, {
    name,
    short: true,
    plainHttp: false,
    unpack: true,
    *progress() {},
  });
  if (typeof result === 'string') {
    const code = /not found/.test(result) ? 'NotFound' : 'Unknown';
    return new RpcError(code, `failed to pull and unpack image "${name}": ${result}`);
  }
  const found = manifestBelow(daemon, result.target);
  if (!found) return new RpcError('Internal', `failed to get image "${name}"`);
  const id = found.manifest.config.digest;
  const labels = { 'io.cri-containerd.image': 'managed' };
  const digest = `${repositoryOf(reference)}@${result.target.digest}`;
  for (const one of new Set([id, name, digest]))
    yield* client.putImage({ name: one, target: result.target, labels });
  return id;
}

function remove(daemon: Containerd, text: string): RpcError | undefined {
  const image = resolveImage(daemon, text);
  if (!image) return undefined;
  const { images } = daemon.data(CRI_NAMESPACE);
  for (const name of image.names) {
    images.delete(name);
    daemon.events.publish(CRI_NAMESPACE, '/images/delete', { name });
  }
  collectGarbage(daemon, CRI_NAMESPACE);
  return undefined;
}

/** The methods. */
export function imageApi(daemon: Containerd): RpcMethods {
  const at = IMAGE_API;
  return {
    *[`${at}ListImages`](request: { filter?: { image?: ImageSpec } }) {
      const wanted = request.filter?.image?.image ?? '';
      const one = wanted === '' ? undefined : resolveImage(daemon, wanted);
      const images = wanted === '' ? knownImages(daemon) : one ? [one] : [];
      return { images: images.map(criImage) };
    },
    *[`${at}ImageStatus`](request: { image: ImageSpec; verbose?: boolean }) {
      const image = resolveImage(daemon, request.image.image);
      if (!image) return { image: null, info: {} };
      const chainInfo = JSON.stringify({ chainID: '', imageSpec: image.config });
      return { image: criImage(image), info: request.verbose ? { info: chainInfo } : {} };
    },
    *[`${at}PullImage`](request: { image: ImageSpec }, { process }: RpcContext) {
      const id = yield* pullForCri(daemon, process, request.image.image);
      return isRpcError(id) ? id : { imageRef: id };
    },
    *[`${at}RemoveImage`](request: { image: ImageSpec }) {
      return remove(daemon, request.image.image) ?? {};
    },
    *[`${at}ImageFsInfo`](_request: object, { process }: RpcContext) {
      let used = 0;
      for (const info of daemon.data(CRI_NAMESPACE).content.values()) used += info.size;
      const entry = {
        timestamp: String(process.now),
        fsId: { mountpoint: '/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs' },
        usedBytes: { value: String(used) },
        inodesUsed: { value: '0' },
      };
      return { imageFilesystems: [entry], containerFilesystems: [] };
    },
  };
}
