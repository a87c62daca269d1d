// Images declared in code: layers as lists of files, the configuration, the history. Bytes, digests and manifests are
// made when somebody asks for them, once. Files are small stand-ins; the sizes declared are those of the real thing.

import { decode, encode } from '../../core/text.ts';
import { elfStub } from '../../kernel/program.ts';
import { gzip } from '../../userland/libc/gzip.ts';
import {
  type Descriptor,
  type Digest,
  digestOf,
  type HistoryEntry,
  type ImageConfig,
  type ImageIndex,
  jsonBlob,
  LINUX_AMD64,
  type Manifest,
  MEDIA_TYPES,
  type Platform,
  type RunConfig,
} from './oci.ts';
import { readTar, type TarEntry, type TarKind, writeTar } from './tar.ts';

/** One file of a layer. The path has no leading slash. */
export interface FileDefinition {
  readonly path: string;
  readonly kind: TarKind;
  readonly mode: number;
  readonly content?: Uint8Array;
  readonly target?: string;
  readonly uid?: number;
  readonly gid?: number;
}

/** A layer; sizes in bytes as the real image has them. */
export interface LayerDefinition {
  readonly compressed: number;
  readonly unpacked: number;
  /** When its files were made, where several images stand on it: what it is must not hang on who asks first. */
  readonly created?: string;
  readonly files: () => readonly FileDefinition[];
}

/** One line of the image's history: with a layer, or of metadata only. */
export interface BuildStep {
  readonly createdBy: string;
  readonly comment?: string;
  readonly layer?: LayerDefinition;
}

export interface ImageDefinition {
  /** `docker.io/library/nginx`. */
  readonly repository: string;
  readonly tags: readonly string[];
  /** RFC 3339. */
  readonly created: string;
  readonly steps: readonly BuildStep[];
  readonly config: RunConfig;
  /** Platforms that the registry lists beside linux/amd64. */
  readonly otherPlatforms?: readonly Platform[];
}

/** How blobs are laid out: `gzip` as registries have them, `none` as an archive of plain tars. */
export type LayerCompression = 'gzip' | 'none';

/** An image as blobs. */
export interface BuiltImage {
  readonly manifest: Descriptor;
  /** Manifest, configuration and layers by digest. */
  readonly blobs: ReadonlyMap<Digest, Uint8Array>;
  readonly config: ImageConfig;
}

const EXECUTABLE = 0o755;

/** A directory. */
export function directory(path: string, mode = 0o755, uid = 0, gid = 0): FileDefinition {
  return { path, kind: 'directory', mode, uid, gid };
}

/** A file with contents. */
export function file(
  path: string,
  content: string,
  mode = 0o644,
  uid = 0,
  gid = 0,
): FileDefinition {
  return { path, kind: 'file', mode, content: encode(content), uid, gid };
}

/** An executable that is the program `name`. */
export function executable(
  path: string,
  name = path.slice(path.lastIndexOf('/') + 1),
): FileDefinition {
  return { path, kind: 'file', mode: EXECUTABLE, content: elfStub(name) };
}

/** Executables in one directory, each the program of its name. */
export function executables(where: string, names: readonly string[]): FileDefinition[] {
  return names.map((name) => executable(`${where}/${name}`, name));
}

/** A symbolic link. */
export function symlink(path: string, target: string): FileDefinition {
  return { path, kind: 'symlink', mode: 0o777, target };
}

/** A hard link to a file that stands earlier in the layer (or in one below). */
export function hardlink(path: string, target: string): FileDefinition {
  return { path, kind: 'hardlink', mode: EXECUTABLE, target };
}

interface BuiltLayer {
  readonly tar: Uint8Array;
  readonly diffId: Digest;
  readonly definition: LayerDefinition;
  /** What the archive holds, once somebody has asked. */
  entries: readonly TarEntry[] | undefined;
}

const layers = new WeakMap<LayerDefinition, BuiltLayer>();
const images = new WeakMap<ImageDefinition, Map<LayerCompression, BuiltImage>>();
const unpackedSizes = new Map<Digest, number>();
const indexes = new WeakMap<ImageDefinition, BuiltIndex>();

/** Bytes that the files of a declared layer take on disk, by diff id; undefined for layers made by builds. */
export function declaredUnpackedSize(diffId: Digest): number | undefined {
  return unpackedSizes.get(diffId);
}

/** The layers whose blobs were laid out here, by the memory that holds the blob. */
const blobLayers = new WeakMap<ArrayBufferLike, { blob: Uint8Array; layer: BuiltLayer }>();

/**
 * The entries of a declared layer, where `bytes` are in the very memory in which its blob was laid out: files share it until
 * they are written to. They are read from the archive once, without unpacking the blob. Undefined for all other bytes.
 */
export function declaredEntries(bytes: Uint8Array): readonly TarEntry[] | undefined {
  const laid = blobLayers.get(bytes.buffer);
  if (laid?.blob.byteOffset !== bytes.byteOffset || laid.blob.length !== bytes.length)
    return undefined;
  const { layer } = laid;
  if (!layer.entries) {
    const entries = readTar(layer.tar);
    if (typeof entries === 'string') throw new Error(entries);
    layer.entries = entries;
  }
  return layer.entries;
}

/** The modes of directories that are not 0755 although nobody declared them. */
const KNOWN_MODES: Readonly<Record<string, number>> = {
  tmp: 0o1777,
  'var/tmp': 0o1777,
  root: 0o700,
};

/** Files in the order of an archive: each directory before what is in it. */
function tarEntries(files: readonly FileDefinition[], mtime: number): TarEntry[] {
  const entries: TarEntry[] = [];
  const seen = new Set(files.filter((f) => f.kind === 'directory').map((f) => f.path));
  const made = new Set<string>();
  const parents = (path: string): void => {
    const above = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    if (above === '' || seen.has(above) || made.has(above)) return;
    parents(above);
    made.add(above);
    const mode = KNOWN_MODES[above] ?? 0o755;
    entries.push({ name: above, kind: 'directory', mode, uid: 0, gid: 0, mtime });
  };
  for (const { path, uid = 0, gid = 0, ...rest } of files) {
    parents(path);
    entries.push({ name: path, uid, gid, mtime, ...rest });
  }
  return entries;
}

function builtLayer(definition: LayerDefinition, created: string): BuiltLayer {
  let built = layers.get(definition);
  if (!built) {
    const mtime = Math.floor(Date.parse(definition.created ?? created) / 1000);
    const tar = writeTar(tarEntries(definition.files(), mtime));
    built = { tar, diffId: digestOf(tar), definition, entries: undefined };
    layers.set(definition, built);
    unpackedSizes.set(built.diffId, definition.unpacked);
  }
  return built;
}

function configOf(image: ImageDefinition, stack: readonly BuiltLayer[]): ImageConfig {
  const history = image.steps.map(
    (step): HistoryEntry => ({
      created: image.created,
      created_by: step.createdBy,
      ...(step.comment === undefined ? {} : { comment: step.comment }),
      ...(step.layer ? {} : { empty_layer: true }),
    }),
  );
  return {
    architecture: LINUX_AMD64.architecture,
    config: image.config,
    created: image.created,
    history,
    os: LINUX_AMD64.os,
    rootfs: { type: 'layers', diff_ids: stack.map((layer) => layer.diffId) },
  };
}

/** What the classic builder leaves in an image's configuration beside what the format asks for. */
function classicFields({ config, created }: ImageDefinition): object {
  const container = digestOf(encode(`${created} ${JSON.stringify(config)}`)).slice(7);
  return {
    container,
    container_config: {
      Hostname: container.slice(0, 12),
      Domainname: '',
      AttachStdin: false,
      AttachStdout: false,
      AttachStderr: false,
      Tty: false,
      OpenStdin: false,
      StdinOnce: false,
      ...config,
      Image: digestOf(encode(created)),
    },
    docker_version: '20.10.24+dfsg1',
  };
}

/** Lays an image out; the same definition gives the same bytes and is computed once. */
export function buildImage(
  image: ImageDefinition,
  compression: LayerCompression = 'gzip',
): BuiltImage {
  let forms = images.get(image);
  if (!forms) {
    forms = new Map();
    images.set(image, forms);
  }
  let built = forms.get(compression);
  if (!built) {
    built = layOut(image, compression);
    forms.set(compression, built);
  }
  return built;
}

function layOut(image: ImageDefinition, compression: LayerCompression): BuiltImage {
  const stack: BuiltLayer[] = [];
  for (const { layer } of image.steps) if (layer) stack.push(builtLayer(layer, image.created));
  const blobs = new Map<Digest, Uint8Array>();
  const descriptors = stack.map((layer): Descriptor => {
    const packed = compression === 'gzip' ? gzip(layer.tar) : layer.tar;
    const digest = compression === 'gzip' ? digestOf(packed) : layer.diffId;
    blobs.set(digest, packed);
    blobLayers.set(packed.buffer, { blob: packed, layer });
    const { compressed, unpacked } = layer.definition;
    return compression === 'gzip'
      ? { mediaType: MEDIA_TYPES.ociLayerGzip, digest, size: compressed }
      : {
          mediaType: MEDIA_TYPES.dockerLayer,
          digest,
          size: Math.ceil(unpacked / 10240 + 1) * 10240,
        };
  });
  const config = {
    ...configOf(image, stack),
    ...(compression === 'none' ? classicFields(image) : {}),
  };
  const configBlob = jsonBlob(config);
  blobs.set(configBlob.digest, configBlob.bytes);
  const docker = compression === 'none';
  const mediaType = docker ? MEDIA_TYPES.dockerManifest : MEDIA_TYPES.ociManifest;
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType,
    config: {
      mediaType: docker ? MEDIA_TYPES.dockerConfig : MEDIA_TYPES.ociConfig,
      digest: configBlob.digest,
      size: configBlob.bytes.length,
    },
    layers: descriptors,
  };
  const manifestBlob = jsonBlob(manifest);
  blobs.set(manifestBlob.digest, manifestBlob.bytes);
  const { digest, bytes } = manifestBlob;
  return {
    manifest: { mediaType, digest, size: bytes.length },
    blobs,
    config,
  };
}

/** The manifest and configuration of the same image for another platform: the layers are those of this one. */
function forPlatform(image: ImageDefinition, platform: Platform): BuiltImage {
  const { blobs, config, manifest } = buildImage(image);
  const bytes = blobs.get(manifest.digest) ?? new Uint8Array(0);
  const own: ImageConfig = { ...config, ...platform };
  const configBlob = jsonBlob(own);
  const { layers, ...rest } = JSON.parse(decode(bytes)) as Manifest;
  const made = jsonBlob({
    ...rest,
    config: {
      mediaType: MEDIA_TYPES.ociConfig,
      digest: configBlob.digest,
      size: configBlob.bytes.length,
    },
    layers,
  });
  return {
    manifest: { mediaType: MEDIA_TYPES.ociManifest, digest: made.digest, size: made.bytes.length },
    blobs: new Map([
      [configBlob.digest, configBlob.bytes],
      [made.digest, made.bytes],
    ]),
    config: own,
  };
}

/** An image's index, and the manifests and configurations of the platforms beside linux/amd64. */
export interface BuiltIndex {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
  readonly others: ReadonlyMap<Digest, Uint8Array>;
}

/** The index that a registry answers a tag with: a manifest for each platform. */
export function imageIndex(image: ImageDefinition): BuiltIndex {
  const known = indexes.get(image);
  if (known) return known;
  const manifests: Descriptor[] = [{ ...buildImage(image).manifest, platform: LINUX_AMD64 }];
  const others = new Map<Digest, Uint8Array>();
  for (const platform of image.otherPlatforms ?? []) {
    const built = forPlatform(image, platform);
    for (const [digest, bytes] of built.blobs) others.set(digest, bytes);
    manifests.push({ ...built.manifest, platform });
  }
  const index: ImageIndex = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests };
  const { digest, bytes } = jsonBlob(index, 2);
  const made = {
    descriptor: { mediaType: MEDIA_TYPES.ociIndex, digest, size: bytes.length },
    bytes,
    others,
  };
  indexes.set(image, made);
  return made;
}
