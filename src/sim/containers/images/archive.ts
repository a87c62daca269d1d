// Image archives: the OCI layout (oci-layout, index.json, blobs/) with the manifest.json that `docker load` reads, as
// `docker save` and `ctr images export` write it; reading takes docker's elder form too.

import { decode, encode } from '../../core/text.ts';
import { isGoJsonError, unmarshalGoJson } from '../go-json.ts';
import {
  type Descriptor,
  type Digest,
  digestOf,
  type ImageIndex,
  isIndexType,
  isManifestType,
  jsonBlob,
  type Manifest,
  MEDIA_TYPES,
  parseIndex,
  parseManifest,
} from './oci.ts';
import { familiarName, isReferenceError, parseReference } from './reference.ts';
import { type TarEntry, writeTar } from './tar.ts';

export const NAME_ANNOTATION = 'io.containerd.image.name';
export const REF_ANNOTATION = 'org.opencontainers.image.ref.name';

/** An image to be written: its names and what they point at. */
export interface ArchiveImage {
  readonly names: readonly string[];
  readonly target: Descriptor;
}

/** Reads a blob; undefined where it is not there. */
export type BlobReader = (digest: Digest) => Uint8Array | undefined;

function plain(name: string, content: Uint8Array): TarEntry {
  return { name, kind: 'file', mode: 0o444, uid: 0, gid: 0, mtime: 0, content };
}

function folder(name: string): TarEntry {
  return { name, kind: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: 0 };
}

/** Everything that a descriptor leads to, itself first; blobs that are missing are left out. */
export function reachable(target: Descriptor, read: BlobReader): Map<Digest, Uint8Array> {
  const found = new Map<Digest, Uint8Array>();
  const visit = (descriptor: Descriptor): void => {
    if (found.has(descriptor.digest)) return;
    const bytes = read(descriptor.digest);
    if (!bytes) return;
    found.set(descriptor.digest, bytes);
    if (isIndexType(descriptor.mediaType)) {
      for (const child of parseIndex(bytes).manifests) visit(child);
    } else if (isManifestType(descriptor.mediaType)) {
      const { config, layers } = parseManifest(bytes);
      for (const child of [config, ...layers]) visit(child);
    }
  };
  visit(target);
  return found;
}

/** The archive's entries. */
export function archiveEntries(images: readonly ArchiveImage[], read: BlobReader): TarEntry[] {
  const blobs = new Map<Digest, Uint8Array>();
  const index: Descriptor[] = [];
  const docker: unknown[] = [];
  for (const { names, target } of images) {
    for (const [digest, bytes] of reachable(target, read)) blobs.set(digest, bytes);
    for (const name of names) {
      const tag = name.slice(name.lastIndexOf(':') + 1);
      index.push({ ...target, annotations: { [NAME_ANNOTATION]: name, [REF_ANNOTATION]: tag } });
    }
    if (names.length === 0) index.push(target);
    const manifest = singleManifest(target, read);
    if (manifest) {
      docker.push({
        Config: `blobs/${manifest.config.digest.replace(':', '/')}`,
        RepoTags: names.map(repoTag),
        Layers: manifest.layers.map((layer) => `blobs/${layer.digest.replace(':', '/')}`),
      });
    }
  }
  const entries: TarEntry[] = [folder('blobs'), folder('blobs/sha256')];
  for (const [digest, bytes] of [...blobs].sort(([a], [b]) => (a < b ? -1 : 1))) {
    entries.push(plain(`blobs/${digest.replace(':', '/')}`, bytes));
  }
  const layout: ImageIndex = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociIndex,
    manifests: index,
  };
  entries.push(plain('index.json', jsonBlob(layout).bytes));
  entries.push(plain('manifest.json', encode(JSON.stringify(docker))));
  entries.push(plain('oci-layout', encode('{"imageLayoutVersion":"1.0.0"}')));
  return entries;
}

/** The archive as bytes. */
export function writeArchive(images: readonly ArchiveImage[], read: BlobReader): Uint8Array {
  return writeTar(archiveEntries(images, read));
}

function repoTag(name: string): string {
  const reference = parseReference(name);
  if (isReferenceError(reference)) return name;
  return reference.tag === undefined ? name : `${familiarName(reference)}:${reference.tag}`;
}

/** The manifest of one platform that a target is or holds. */
export function singleManifest(target: Descriptor, read: BlobReader): Manifest | undefined {
  const bytes = read(target.digest);
  if (!bytes) return undefined;
  if (isManifestType(target.mediaType)) return parseManifest(bytes);
  if (!isIndexType(target.mediaType)) return undefined;
  for (const child of parseIndex(bytes).manifests) {
    const found = child.platform?.os === 'unknown' ? undefined : singleManifest(child, read);
    if (found) return found;
  }
  return undefined;
}

/** What an archive holds. */
export interface ReadArchive {
  readonly blobs: ReadonlyMap<Digest, Uint8Array>;
  readonly images: readonly {
    readonly name: string | undefined;
    readonly ref: string | undefined;
    readonly target: Descriptor;
  }[];
}

/** Takes an archive apart; a text says why it is none. Blobs are named by what they are, not by their file's name. */
export function readArchive(entries: readonly TarEntry[]): ReadArchive | string {
  const files = new Map<string, Uint8Array>();
  for (const { name, kind, content, target } of entries) {
    const path = name.replace(/^\.\//, '');
    if (kind === 'file' && content) files.set(path, content);
    else if ((kind === 'symlink' || kind === 'hardlink') && target) {
      const linked = files.get(target.replace(/^(\.\.\/|\.\/)+/, ''));
      if (linked) files.set(path, linked);
    }
  }
  const blobs = new Map<Digest, Uint8Array>();
  for (const [path, bytes] of files)
    if (path.startsWith('blobs/')) blobs.set(digestOf(bytes), bytes);
  const index = files.get('index.json');
  if (index) {
    const { manifests } = parseIndex(index);
    const images = manifests.map(({ annotations, ...target }) => ({
      name: annotations?.[NAME_ANNOTATION],
      ref: annotations?.[REF_ANNOTATION],
      target,
    }));
    return { blobs, images };
  }
  const docker = files.get('manifest.json');
  return docker ? readDockerArchive(decode(docker), files, blobs) : 'unrecognized image format';
}

interface DockerArchiveImage {
  readonly Config: string;
  readonly RepoTags: readonly string[] | null;
  readonly Layers: readonly string[];
}

function readDockerArchive(
  text: string,
  files: ReadonlyMap<string, Uint8Array>,
  blobs: Map<Digest, Uint8Array>,
): ReadArchive | string {
  const images: { name: string | undefined; ref: undefined; target: Descriptor }[] = [];
  const describe = (path: string, mediaType: string): Descriptor | undefined => {
    const bytes = files.get(path);
    if (!bytes) return undefined;
    const digest = digestOf(bytes);
    blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const list = unmarshalGoJson(text);
  if (isGoJsonError(list)) return list.goError;
  for (const image of Array.isArray(list) ? (list as DockerArchiveImage[]) : []) {
    const config = describe(image.Config, MEDIA_TYPES.dockerConfig);
    if (!config) return `image config "${image.Config}" not found`;
    const layers: Descriptor[] = [];
    for (const path of image.Layers) {
      const layer = describe(path, MEDIA_TYPES.dockerLayer);
      if (!layer) return `layer "${path}" not found`;
      layers.push(layer);
    }
    const manifest: Manifest = {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.dockerManifest,
      config,
      layers,
    };
    const { digest, bytes } = jsonBlob(manifest);
    blobs.set(digest, bytes);
    const target = { mediaType: MEDIA_TYPES.dockerManifest, digest, size: bytes.length };
    const names = image.RepoTags?.length ? image.RepoTags : [undefined];
    for (const name of names)
      images.push({ name: name === undefined ? undefined : fullTag(name), ref: undefined, target });
  }
  return { blobs, images };
}

function fullTag(name: string): string {
  const reference = parseReference(name);
  return isReferenceError(reference)
    ? name
    : `${reference.domain}/${reference.path}:${reference.tag ?? 'latest'}`;
}
