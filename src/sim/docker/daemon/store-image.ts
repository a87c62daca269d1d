// Making an image: a new layer on those of another image (or on none), a configuration, a manifest, a name.

import type { Routine } from '../../core/wait.ts';
import type { ContainerdClient } from '../../containers/containerd/client.ts';
import { manifestLabels } from '../../containers/containerd/references.ts';
import { withLease } from '../../containers/containerd/with-lease.ts';
import {
  type Descriptor,
  digestOf,
  type HistoryEntry,
  type ImageConfig,
  jsonBlob,
  type Manifest,
  MEDIA_TYPES,
  type RunConfig,
} from '../../containers/images/oci.ts';
import { isRpcError } from '../../containers/rpc.ts';
import type { FoundImage } from './images.ts';
import { ApiError } from './model.ts';

/** What an image is made of. */
export interface NewImage {
  readonly base: FoundImage | undefined;
  /** The plain tar of the new layer. */
  readonly layer: Uint8Array;
  readonly config: RunConfig;
  readonly history: HistoryEntry;
  readonly author?: string;
  /** The full name; it is kept under its digest alone where there is none. */
  readonly name: string | undefined;
}

/** Writes blobs and name; the image's id. */
export function* storeImage(client: ContainerdClient, image: NewImage): Routine<string | ApiError> {
  return yield* withLease(client, (leased) => storeLeased(leased, image));
}

function* storeLeased(client: ContainerdClient, image: NewImage): Routine<string | ApiError> {
  const diffId = digestOf(image.layer);
  const { base, history } = image;
  const config: ImageConfig = {
    ...(image.author === undefined ? {} : { author: image.author }),
    architecture: 'amd64',
    config: image.config,
    created: history.created ?? '',
    history: [...(base?.config.history ?? []), history],
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [...(base?.config.rootfs.diff_ids ?? []), diffId] },
  };
  const configBlob = jsonBlob(config);
  const layers: Descriptor[] = [
    ...(base?.manifest.layers ?? []),
    { mediaType: MEDIA_TYPES.ociLayer, digest: diffId, size: image.layer.length },
  ];
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config: {
      mediaType: MEDIA_TYPES.ociConfig,
      digest: configBlob.digest,
      size: configBlob.bytes.length,
    },
    layers,
  };
  const { digest, bytes } = jsonBlob(manifest);
  for (const layer of layers) yield* client.keepContent(layer.digest);
  yield* client.writeContent({ ref: diffId, bytes: image.layer });
  yield* client.writeContent({ ref: configBlob.digest, bytes: configBlob.bytes });
  yield* client.writeContent({ ref: digest, bytes, labels: manifestLabels(manifest) });
  const name = image.name ?? `moby-dangling@${digest}`;
  const stored = yield* client.putImage({
    name,
    target: { mediaType: MEDIA_TYPES.ociManifest, digest, size: bytes.length },
    labels: {},
  });
  if (isRpcError(stored)) return new ApiError(500, stored.message);
  const unpacked = yield* client.unpack(digest);
  return isRpcError(unpacked) ? new ApiError(500, unpacked.message) : digest;
}

/** Words of a JSON array, or the shell form. */
function commandOf(text: string): readonly string[] {
  try {
    const words: unknown = JSON.parse(text);
    if (Array.isArray(words) && words.every((word) => typeof word === 'string'))
      return words as string[];
  } catch {
    return ['/bin/sh', '-c', text];
  }
  return ['/bin/sh', '-c', text];
}

function pairsIn(text: string): [string, string][] {
  const found = [...text.matchAll(/([^\s=]+)=("(?:[^"\\]|\\.)*"|\S*)/g)].map(
    ([, key = '', value = '']): [string, string] => [key, value.replace(/^"(.*)"$/, '$1')],
  );
  const [key = '', ...rest] = text.split(/\s+/);
  return found.length > 0 ? found : [[key, rest.join(' ')]];
}

/** Applies an instruction of `commit --change` and `import --change`. */
export function applyChange(config: RunConfig, line: string): RunConfig | ApiError {
  const [, word = '', rest = ''] = /^\s*(\S+)\s*([^]*)$/.exec(line) ?? [];
  const each = (): Record<string, Record<string, never>> =>
    Object.fromEntries(
      rest
        .replace(/^\[|\]$|"|,/g, ' ')
        .split(/\s+/)
        .filter((w) => w !== '')
        .map((w) => [w, {}]),
    );
  switch (word.toUpperCase()) {
    case 'CMD':
      return { ...config, Cmd: commandOf(rest) };
    case 'ENTRYPOINT':
      return { ...config, Entrypoint: commandOf(rest) };
    case 'ENV': {
      const pairs = pairsIn(rest);
      return {
        ...config,
        Env: [
          ...(config.Env ?? []).filter((e) => !pairs.some(([key]) => e.startsWith(`${key}=`))),
          ...pairs.map(([key, value]) => `${key}=${value}`),
        ],
      };
    }
    case 'LABEL':
      return { ...config, Labels: { ...config.Labels, ...Object.fromEntries(pairsIn(rest)) } };
    case 'EXPOSE':
      return {
        ...config,
        ExposedPorts: {
          ...config.ExposedPorts,
          ...Object.fromEntries(
            Object.keys(each()).map((port) => [port.includes('/') ? port : `${port}/tcp`, {}]),
          ),
        },
      };
    case 'VOLUME':
      return { ...config, Volumes: { ...config.Volumes, ...each() } };
    case 'USER':
      return { ...config, User: rest };
    case 'WORKDIR':
      return { ...config, WorkingDir: rest };
    case 'STOPSIGNAL':
      return { ...config, StopSignal: rest };
    case 'ONBUILD':
      return { ...config, OnBuild: [...(config.OnBuild ?? []), rest] };
    default:
      return new ApiError(400, `${word.toLowerCase()} is not a valid change command`);
  }
}
