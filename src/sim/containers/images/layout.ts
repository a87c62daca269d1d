// An OCI image layout as a directory (image-spec, image-layout.md): oci-layout, index.json, blobs/. What umoci and skopeo
// work on.

import { encode } from '../../core/text.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { inodeOf, makeDirectories, removeAll, writeWholeFile } from '../containerd/daemon.ts';
import { REF_ANNOTATION, reachable } from './archive.ts';
import { contentsOf } from './layer.ts';
import {
  type Blob,
  type Descriptor,
  type Digest,
  type ImageConfig,
  type ImageIndex,
  jsonBlob,
  type Manifest,
  MEDIA_TYPES,
  parseConfig,
  parseIndex,
  parseManifest,
} from './oci.ts';

/** A layout in a directory, as one process sees it. */
export class ImageLayout {
  readonly process: Process;
  readonly directory: string;

  constructor(process: Process, directory: string) {
    this.process = process;
    this.directory = directory;
  }

  get exists(): boolean {
    return this.process.exists(`${this.directory}/oci-layout`);
  }

  /** Makes an empty layout. */
  create(): void {
    makeDirectories(this.process, `${this.directory}/blobs/sha256`);
    writeWholeFile(
      this.process,
      `${this.directory}/oci-layout`,
      encode('{"imageLayoutVersion":"1.0.0"}'),
    );
    if (!this.process.exists(`${this.directory}/index.json`)) this.writeIndex([]);
  }

  index(): readonly Descriptor[] {
    const inode = inodeOf(this.process, `${this.directory}/index.json`);
    return inode ? parseIndex(contentsOf(inode)).manifests : [];
  }

  writeIndex(manifests: readonly Descriptor[]): void {
    const index: ImageIndex = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests };
    writeWholeFile(this.process, `${this.directory}/index.json`, jsonBlob(index).bytes);
  }

  /** The tags, in the order of the index. */
  tags(): string[] {
    return this.index().flatMap(({ annotations }) => annotations?.[REF_ANNOTATION] ?? []);
  }

  /** What a tag points at. */
  resolve(tag: string): Descriptor | undefined {
    return this.index().find(({ annotations }) => annotations?.[REF_ANNOTATION] === tag);
  }

  /** Points a tag at a manifest. */
  tag(name: string, target: Descriptor): void {
    const others = this.index().filter(({ annotations }) => annotations?.[REF_ANNOTATION] !== name);
    const { mediaType, digest, size } = target;
    this.writeIndex([
      ...others,
      { mediaType, digest, size, annotations: { [REF_ANNOTATION]: name } },
    ]);
  }

  untag(name: string): boolean {
    const before = this.index();
    const kept = before.filter(({ annotations }) => annotations?.[REF_ANNOTATION] !== name);
    this.writeIndex(kept);
    return kept.length < before.length;
  }

  read(digest: Digest): Uint8Array | undefined {
    const inode = inodeOf(this.process, `${this.directory}/blobs/${digest.replace(':', '/')}`);
    return inode && contentsOf(inode);
  }

  write(blob: Blob): void {
    writeWholeFile(
      this.process,
      `${this.directory}/blobs/${blob.digest.replace(':', '/')}`,
      blob.bytes,
    );
  }

  /** The manifest and the configuration of a tag. */
  image(tag: string): { target: Descriptor; manifest: Manifest; config: ImageConfig } | undefined {
    const target = this.resolve(tag);
    const bytes = target && this.read(target.digest);
    if (!bytes) return undefined;
    const manifest = parseManifest(bytes);
    const config = this.read(manifest.config.digest);
    return config && { target, manifest, config: parseConfig(config) };
  }

  /** Writes a manifest with its configuration and tags it. */
  store(tag: string, config: ImageConfig, layers: readonly Descriptor[]): Descriptor {
    const configBlob = jsonBlob(config);
    this.write(configBlob);
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
    const blob = jsonBlob(manifest);
    this.write(blob);
    const target = {
      mediaType: MEDIA_TYPES.ociManifest,
      digest: blob.digest,
      size: blob.bytes.length,
    };
    this.tag(tag, target);
    return target;
  }

  /** Removes blobs that no tag leads to; how many. */
  collect(): number {
    const kept = new Set<string>();
    for (const target of this.index()) {
      for (const digest of reachable(target, (d) => this.read(d)).keys())
        kept.add(digest.slice('sha256:'.length));
    }
    const entries = this.process.readdir(`${this.directory}/blobs/sha256`);
    let removed = 0;
    for (const { name } of isErrno(entries) ? [] : entries) {
      if (kept.has(name)) continue;
      removeAll(this.process, `${this.directory}/blobs/sha256/${name}`);
      removed++;
    }
    return removed;
  }
}
