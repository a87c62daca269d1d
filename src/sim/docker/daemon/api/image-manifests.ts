// The manifests of an image, platform by platform, as GET /images/json?manifests=1 tells of them (image.ManifestSummary).

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import type { ContainerdClient } from '../../../containers/containerd/client.ts';
import {
  chainIds,
  type Descriptor,
  type ImageConfig,
  isIndexType,
  isManifestType,
  type Manifest,
  parseIndex,
  parseManifest,
} from '../../../containers/images/oci.ts';
import { isRpcError } from '../../../containers/rpc.ts';
import type { FoundImage } from '../images.ts';
import type { Container } from '../model.ts';
import type { Context } from './answer.ts';

const REFERENCE_TYPE = 'vnd.docker.reference.type';
const REFERENCE_DIGEST = 'vnd.docker.reference.digest';

interface Content {
  readonly available: boolean;
  /** Bytes of what is there of a manifest, its configuration and its layers. */
  readonly size: number;
  readonly manifest: Manifest | undefined;
}

function* contentOf(client: ContainerdClient, descriptor: Descriptor): Routine<Content> {
  const bytes = yield* client.readContent(descriptor.digest);
  if (isRpcError(bytes)) return { available: false, size: 0, manifest: undefined };
  const manifest = parseManifest(bytes);
  let size = descriptor.size;
  let available = true;
  for (const child of [manifest.config, ...manifest.layers]) {
    if (isRpcError(yield* client.contentInfo(child.digest))) available = false;
    else size += child.size;
  }
  return { available, size, manifest };
}

function* unpackedSize(client: ContainerdClient, manifest: Manifest): Routine<number> {
  const bytes = yield* client.readContent(manifest.config.digest);
  if (isRpcError(bytes)) return 0;
  const config = JSON.parse(decode(bytes)) as ImageConfig;
  let size = 0;
  for (const chain of chainIds(config.rootfs.diff_ids)) {
    const usage = yield* client.snapshotUsage(chain);
    if (!isRpcError(usage)) size += usage.size;
  }
  return size;
}

function* childrenOf(client: ContainerdClient, target: Descriptor): Routine<readonly Descriptor[]> {
  if (!isIndexType(target.mediaType)) return [target];
  const bytes = yield* client.readContent(target.digest);
  if (isRpcError(bytes)) return [];
  return parseIndex(bytes).manifests.filter(({ mediaType }) => isManifestType(mediaType));
}

/** A summary for each manifest that the image's target is or leads to. */
export function* manifestsOf(
  { daemon, process }: Context,
  image: FoundImage,
  users: readonly Container[],
): Routine<object[]> {
  const client = daemon.clientFor(process);
  yield* client.unpack(image.manifestDigest);
  const summaries: object[] = [];
  for (const descriptor of yield* childrenOf(client, image.target)) {
    const { available, size, manifest } = yield* contentOf(client, descriptor);
    const common = { ID: descriptor.digest, Descriptor: descriptor, Available: available };
    const notes = descriptor.annotations ?? {};
    if (notes[REFERENCE_TYPE] === 'attestation-manifest') {
      const AttestationData = { For: notes[REFERENCE_DIGEST] ?? '' };
      const Size = { Content: size, Total: size };
      summaries.push({ ...common, Size, Kind: 'attestation', AttestationData });
      continue;
    }
    const own = descriptor.digest === image.manifestDigest;
    const Unpacked = manifest ? yield* unpackedSize(client, manifest) : 0;
    const { architecture, os } = image.config;
    summaries.push({
      ...common,
      Size: { Content: size, Total: size + Unpacked },
      Kind: 'image',
      ImageData: {
        Platform: descriptor.platform ?? { architecture, os },
        Size: { Unpacked },
        Containers: own ? users.map(({ id }) => id) : null,
      },
    });
  }
  return summaries;
}
