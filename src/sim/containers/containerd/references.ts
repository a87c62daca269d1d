// The labels by which the garbage collector follows an image from its index to its layers
// (images.ChildGCLabels, SetChildrenMappedLabels).

import type { Routine } from '../../core/wait.ts';
import {
  type Descriptor,
  isIndexType,
  isManifestType,
  type Manifest,
  parseIndex,
  parseManifest,
} from '../images/oci.ts';
import { isRpcError } from '../rpc.ts';
import type { ContainerdClient } from './client.ts';
import type { Labels } from './types.ts';

const REFERENCE = 'containerd.io/gc.ref.content';

/** What a manifest leads to. */
export function manifestLabels({ config, layers }: Manifest): Labels {
  return {
    [`${REFERENCE}.config`]: config.digest,
    ...Object.fromEntries(layers.map(({ digest }, i) => [`${REFERENCE}.l.${i}`, digest])),
  };
}

/** What an index leads to. */
export function indexLabels(manifests: readonly Descriptor[]): Labels {
  return Object.fromEntries(manifests.map(({ digest }, i) => [`${REFERENCE}.m.${i}`, digest]));
}

/** Labels everything below a descriptor that is there. */
export function* labelChildren(client: ContainerdClient, target: Descriptor): Routine<void> {
  const isIndex = isIndexType(target.mediaType);
  if (!isIndex && !isManifestType(target.mediaType)) return;
  const bytes = yield* client.readContent(target.digest);
  if (isRpcError(bytes)) return;
  if (!isIndex) {
    yield* client.labelContent(target.digest, manifestLabels(parseManifest(bytes)));
    return;
  }
  const { manifests } = parseIndex(bytes);
  yield* client.labelContent(target.digest, indexLabels(manifests));
  for (const child of manifests) yield* labelChildren(client, child);
}
