// What a registry serves, whatever holds it: the catalogue of images declared in code, or files as registry:2 keeps them.

import { makeDirectories, removeAll, writeWholeFile } from '../../containers/containerd/daemon.ts';
import {
  buildImage,
  type ImageDefinition,
  imageIndex,
} from '../../containers/images/definition.ts';
import { type Digest, digestOf, isDigest, MEDIA_TYPES } from '../../containers/images/oci.ts';
import { decode, encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { imageDefinitions } from '../catalog.ts';

export interface StoredManifest {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/** One registry's contents; repositories by path (`library/nginx`). */
export interface RegistryStore {
  /** True where the repository exists. */
  has(p: Process, path: string): Routine<boolean>;
  manifest(p: Process, path: string, reference: string): Routine<StoredManifest | undefined>;
  blob(p: Process, path: string, digest: Digest): Routine<Uint8Array | undefined>;
  tags(p: Process, path: string): Routine<string[]>;
  repositories(p: Process): Routine<string[]>;
  /** Undefined where the registry takes nothing. */
  putBlob?(p: Process, path: string, bytes: Uint8Array): Routine<Digest>;
  putManifest?(
    p: Process,
    path: string,
    reference: string,
    mediaType: string,
    bytes: Uint8Array,
  ): Routine<Digest>;
  deleteManifest?(p: Process, path: string, digest: Digest): Routine<boolean>;
}

/** The images of one domain (`docker.io`) out of the catalogue. */
export function catalogStore(domain: string): RegistryStore {
  const byPath = new Map<string, ImageDefinition[]>();
  for (const image of imageDefinitions) {
    if (!image.repository.startsWith(`${domain}/`)) continue;
    const path = image.repository.slice(domain.length + 1);
    byPath.set(path, [...(byPath.get(path) ?? []), image]);
  }
  const find = (path: string, reference: string): StoredManifest | undefined => {
    for (const image of byPath.get(path) ?? []) {
      if (!isDigest(reference) && !image.tags.includes(reference)) continue;
      const index = imageIndex(image);
      const { mediaType, digest } = index.descriptor;
      if (!isDigest(reference) || digest === reference)
        return { mediaType, digest, bytes: index.bytes };
      const { manifest, blobs } = buildImage(image);
      const bytes =
        manifest.digest === reference ? blobs.get(reference) : index.others.get(reference);
      if (bytes) return { mediaType: manifest.mediaType, digest: reference, bytes };
    }
    return undefined;
  };
  return {
    *has(_p, path) {
      return byPath.has(path);
    },
    *manifest(_p, path, reference) {
      return find(path, reference);
    },
    *blob(_p, path, digest) {
      for (const image of byPath.get(path) ?? []) {
        const bytes = buildImage(image).blobs.get(digest) ?? imageIndex(image).others.get(digest);
        if (bytes) return bytes;
      }
      return undefined;
    },
    *tags(_p, path) {
      return [...new Set((byPath.get(path) ?? []).flatMap((image) => image.tags))].sort();
    },
    *repositories() {
      return [...byPath.keys()].sort();
    },
  };
}

/** A registry in a directory, laid out as distribution's file system driver does. */
export function fileStore(directory: string): RegistryStore {
  const root = `${directory}/docker/registry/v2`;
  const blobFile = (digest: Digest): string => {
    const hex = digest.slice('sha256:'.length);
    return `${root}/blobs/sha256/${hex.slice(0, 2)}/${hex}/data`;
  };
  const repository = (path: string): string => `${root}/repositories/${path}`;
  const linkOf = (digest: Digest): string => digest.replace(':', '/');
  const write = (p: Process, file: string, bytes: Uint8Array): void => {
    makeDirectories(p, file.slice(0, file.lastIndexOf('/')));
    writeWholeFile(p, file, bytes);
  };
  const storeBlob = (p: Process, bytes: Uint8Array): Digest => {
    const digest = digestOf(bytes);
    if (!p.exists(blobFile(digest))) write(p, blobFile(digest), bytes.slice());
    return digest;
  };
  return {
    *has(p, path) {
      return p.exists(`${repository(path)}/_manifests`);
    },
    *manifest(p, path, reference) {
      let digest = reference;
      if (!isDigest(reference)) {
        const link = yield* read(
          p,
          `${repository(path)}/_manifests/tags/${reference}/current/link`,
        );
        if (!link) return undefined;
        digest = decode(link);
      } else if (!p.exists(`${repository(path)}/_manifests/revisions/${linkOf(digest)}/link`))
        return undefined;
      const bytes = yield* read(p, blobFile(digest));
      if (!bytes) return undefined;
      const { mediaType = MEDIA_TYPES.ociManifest } = JSON.parse(decode(bytes)) as {
        mediaType?: string;
      };
      return { mediaType, digest, bytes };
    },
    *blob(p, path, digest) {
      if (!p.exists(`${repository(path)}/_layers/${linkOf(digest)}/link`)) return undefined;
      return yield* read(p, blobFile(digest));
    },
    *tags(p, path) {
      const entries = p.readdir(`${repository(path)}/_manifests/tags`);
      return isErrno(entries) ? [] : entries.map(({ name }) => name).sort();
    },
    *repositories(p) {
      return repositoriesBelow(p, `${root}/repositories`, '');
    },
    *putBlob(p, path, bytes) {
      const digest = storeBlob(p, bytes);
      write(p, `${repository(path)}/_layers/${linkOf(digest)}/link`, encode(digest));
      return digest;
    },
    *putManifest(p, path, reference, _mediaType, bytes) {
      const digest = storeBlob(p, bytes);
      write(p, `${repository(path)}/_manifests/revisions/${linkOf(digest)}/link`, encode(digest));
      if (!isDigest(reference))
        write(p, `${repository(path)}/_manifests/tags/${reference}/current/link`, encode(digest));
      return digest;
    },
    *deleteManifest(p, path, digest) {
      const link = `${repository(path)}/_manifests/revisions/${linkOf(digest)}`;
      if (!p.exists(link)) return false;
      removeAll(p, link);
      return true;
    },
  };
}

function* read(p: Process, path: string): Routine<Uint8Array | undefined> {
  const fd = p.open(path);
  if (isErrno(fd)) return undefined;
  const bytes = yield* p.readAll(fd);
  p.close(fd);
  return isErrno(bytes) ? undefined : bytes;
}

function repositoriesBelow(p: Process, directory: string, prefix: string): string[] {
  const entries = p.readdir(directory);
  if (isErrno(entries)) return [];
  const found: string[] = [];
  for (const { name } of entries) {
    const path = prefix === '' ? name : `${prefix}/${name}`;
    if (p.exists(`${directory}/${name}/_manifests`)) found.push(path);
    else if (!name.startsWith('_'))
      found.push(...repositoriesBelow(p, `${directory}/${name}`, path));
  }
  return found.sort();
}
