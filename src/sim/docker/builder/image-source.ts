// Base images: from the local store, else from their registry; metadata first, layers when a step needs them.

import type { Routine } from '../../core/wait.ts';
import type { ContainerdClient } from '../../containers/containerd/client.ts';
import {
  chainIds,
  type Descriptor,
  type ImageConfig,
  isIndexType,
  type Manifest,
  parseConfig,
  parseIndex,
  parseManifest,
  type Platform,
  platformMatches,
} from '../../containers/images/oci.ts';
import {
  isReferenceError,
  parseReference,
  withDefaultTag,
} from '../../containers/images/reference.ts';
import { RegistryClient } from '../../containers/registry/client.ts';
import { pullImage } from '../../containers/registry/pull.ts';
import { isRpcError } from '../../containers/rpc.ts';
import { BuildError } from './dockerfile/errors.ts';
import type { BaseImage } from './dockerfile/definition.ts';
import type { Layer, Ref } from './model.ts';
import type { Step } from './progress.ts';

type Fetch = (digest: string) => Routine<Uint8Array | string>;

interface Found extends BaseImage {
  readonly manifest: Manifest;
}

/** Follows an index to the manifest of a platform and reads its configuration. */
function* follow(target: Descriptor, platform: Platform, fetch: Fetch): Routine<Found | string> {
  let at = target;
  for (;;) {
    const bytes = yield* fetch(at.digest);
    if (typeof bytes === 'string') return bytes;
    if (!isIndexType(at.mediaType)) {
      const manifest = parseManifest(bytes);
      const config = yield* fetch(manifest.config.digest);
      if (typeof config === 'string') return config;
      return { digest: target.digest, manifest, config: parseConfig(config) };
    }
    const { manifests } = parseIndex(bytes);
    const fits = manifests.find((m) => m.platform && platformMatches(platform, m.platform));
    if (!fits) return 'no match for platform in manifest: not found';
    at = fits;
  }
}

function* local(client: ContainerdClient, target: Descriptor, platform: Platform) {
  return yield* follow(target, platform, function* (digest) {
    const bytes = yield* client.readContent(digest);
    return isRpcError(bytes) ? bytes.message : bytes;
  });
}

/** True for registries that speak without TLS. */
const isPlain = (domain: string): boolean => /^(localhost|127\.)/.test(domain);

/** Looks an image up; it throws what the registry says. */
export function* resolveImage(
  client: ContainerdClient,
  reference: string,
  platform: Platform,
  pull: boolean,
): Routine<BaseImage> {
  const record = yield* client.image(reference);
  if (!isRpcError(record) && !pull) {
    const found = yield* local(client, record.target, platform);
    if (typeof found !== 'string') return found;
  }
  const parsed = parseReference(reference);
  if (isReferenceError(parsed)) throw new BuildError(parsed);
  const { domain, path, tag = 'latest', digest } = withDefaultTag(parsed);
  const byDigest = digest === undefined ? undefined : yield* client.contentInfo(digest);
  if (digest !== undefined && byDigest && !isRpcError(byDigest)) {
    const mediaType =
      parseIndex((yield* contentOf(client, digest)) ?? new Uint8Array(0)).mediaType ?? '';
    const found = yield* local(client, { mediaType, digest, size: 0 }, platform);
    if (typeof found !== 'string') return found;
  }
  const registry = new RegistryClient(client.process, domain, { plainHttp: isPlain(domain) });
  const resolved = yield* registry.manifest(path, digest ?? tag);
  const found =
    typeof resolved === 'string'
      ? resolved.replace('%s', reference)
      : yield* follow(resolved.target, platform, function* (wanted) {
          if (wanted === resolved.target.digest) return resolved.bytes;
          const manifest = yield* registry.manifest(path, wanted);
          if (typeof manifest !== 'string') return manifest.bytes;
          return yield* registry.blob(path, wanted);
        });
  if (typeof found === 'string')
    throw new BuildError(`failed to resolve source metadata for ${reference}: ${found}`);
  return found;
}

function* contentOf(client: ContainerdClient, digest: string): Routine<Uint8Array | undefined> {
  const bytes = yield* client.readContent(digest);
  return isRpcError(bytes) ? undefined : bytes;
}

/** The layers of an image as a result of the builder's. */
export function refOf(manifest: Manifest, config: ImageConfig): Ref {
  const diffIds = config.rootfs.diff_ids;
  const chains = chainIds(diffIds);
  const created = Date.parse(config.created ?? '') * 1e6;
  return {
    layers: diffIds.map(
      (diffId, i): Layer => ({
        diffId,
        blob: manifest.layers[i] ?? { mediaType: '', digest: '', size: 0 },
        chainId: chains[i] ?? '',
        createdAt: Number.isNaN(created) ? 0 : created,
      }),
    ),
  };
}

/** Has the layers of an image there, pulled where they are not. */
export function* loadImage(
  client: ContainerdClient,
  reference: string,
  platform: Platform,
  step: Step,
): Routine<Ref> {
  const resolving = step.task(`resolve ${reference}`);
  const digest = reference.slice(reference.indexOf('@') + 1);
  resolving.done();
  const bytes = yield* contentOf(client, digest);
  const mediaType = (bytes && parseIndex(bytes).mediaType) ?? '';
  let found = bytes
    ? yield* local(client, { mediaType, digest, size: bytes.length }, platform)
    : 'not found';
  if (typeof found === 'string' || !(yield* hasLayers(client, found.manifest))) {
    found = yield* fetchImage(client, reference, platform, step);
  }
  if (typeof found === 'string') throw new BuildError(found);
  const manifestDigest = yield* manifestOf(client, digest, platform);
  const unpacked = yield* client.unpack(manifestDigest);
  if (isRpcError(unpacked)) throw new BuildError(unpacked.message);
  return refOf(found.manifest, found.config);
}

function* hasLayers(client: ContainerdClient, manifest: Manifest): Routine<boolean> {
  for (const { digest } of manifest.layers)
    if (isRpcError(yield* client.contentInfo(digest))) return false;
  return true;
}

/** The digest of a platform's manifest within an image. */
export function* manifestOf(
  client: ContainerdClient,
  digest: string,
  platform: Platform,
): Routine<string> {
  const bytes = yield* contentOf(client, digest);
  const fits = parseIndex(bytes ?? new Uint8Array(0)).manifests.find(
    (m) => m.platform && platformMatches(platform, m.platform),
  );
  return fits ? yield* manifestOf(client, fits.digest, platform) : digest;
}

function* fetchImage(
  client: ContainerdClient,
  reference: string,
  platform: Platform,
  step: Step,
): Routine<Found | string> {
  const parsed = parseReference(reference);
  if (isReferenceError(parsed)) return parsed;
  const tasks = new Map<string, ReturnType<Step['task']>>();
  const pulled = yield* pullImage(client, {
    name: reference.replace(/:[^:@/]+@/, '@'),
    short: true,
    plainHttp: isPlain(parsed.domain),
    unpack: false,
    platform,
    keepAs: [],
    *progress() {},
    *onLayer(layer, phase) {
      if (phase === 'waiting') tasks.set(layer.digest, step.task(layer.digest, 0, layer.size));
      if (phase === 'downloaded') tasks.get(layer.digest)?.done(layer.size);
    },
  });
  if (typeof pulled === 'string') return pulled;
  yield* client.labelContent(pulled.target.digest, { 'containerd.io/gc.root': 'buildkit' });
  for (const layer of pulled.manifest.layers) step.task(`extracting ${layer.digest}`).done();
  return yield* local(client, pulled.target, platform);
}
