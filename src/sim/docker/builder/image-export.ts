// A result as an image: configuration, manifest, provenance and manifest list, named in the image store (BuildKit's
// containerimage exporter).

import type { Routine } from '../../core/wait.ts';
import { encode } from '../../core/text.ts';
import { rfc3339Fraction } from '../../core/time.ts';
import type { ContainerdClient } from '../../containers/containerd/client.ts';
import {
  type Blob,
  type Descriptor,
  digestOf,
  type HistoryEntry,
  type ImageIndex,
  type Manifest,
  MEDIA_TYPES,
  type Platform,
  platformText,
} from '../../containers/images/oci.ts';
import {
  isReferenceError,
  fullName,
  parseReference,
  withDefaultTag,
} from '../../containers/images/reference.ts';
import { isRpcError } from '../../containers/rpc.ts';
import { BuildError } from './dockerfile/errors.ts';
import type { DraftImage } from './dockerfile/stage.ts';
import type { Ref } from './model.ts';
import type { Step } from './progress.ts';

/** One platform's result. */
export interface Built {
  readonly platform: Platform;
  readonly image: DraftImage;
  readonly ref: Ref;
}

export interface ImageRequest {
  readonly tags: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
  /** The in-toto predicate of a platform's provenance; undefined where none is made. */
  readonly provenance: ((built: Built) => object) | undefined;
  readonly store: boolean;
}

export interface ExportedImage {
  readonly descriptor: Descriptor;
  readonly configDigest: string | undefined;
  readonly names: readonly string[];
  /** Every blob that the image is made of, for archives. */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
}

/** Times for history entries: each layer's own, the one before where an entry has no layer. */
function datedHistory(built: Built): HistoryEntry[] {
  const { layers } = built.ref;
  let next = 0;
  const dated = built.image.history.map((entry): HistoryEntry => {
    if (entry.empty_layer) return entry;
    const layer = layers[next++];
    if (entry.created !== undefined || !layer) return entry;
    return { created: rfc3339Fraction(layer.createdAt, 9), ...entry };
  });
  const firstNew = dated.find(
    (entry, i) =>
      entry.created !== undefined && dated.slice(0, i).some((e) => e.created === undefined),
  );
  let last = (firstNew ?? dated.filter((e) => e.created !== undefined).at(-1))?.created;
  let seenUndated = false;
  return dated.map((entry) => {
    if (entry.created !== undefined) {
      if (seenUndated) last = entry.created;
      return entry;
    }
    seenUndated = true;
    return last === undefined ? entry : { created: last, ...entry };
  });
}

function configBlob(built: Built, now: string): Blob {
  const { image, ref } = built;
  const history = datedHistory(built);
  const config = {
    architecture: image.architecture,
    ...(image.author === undefined ? {} : { author: image.author }),
    config: image.config,
    created: history.at(-1)?.created ?? now,
    history: history.map((entry) =>
      entry.created === undefined ? { created: now, ...entry } : entry,
    ),
    os: image.os,
    rootfs: { type: 'layers', diff_ids: ref.layers.map(({ diffId }) => diffId) },
    ...(image.variant === undefined ? {} : { variant: image.variant }),
  };
  const bytes = encode(JSON.stringify(config));
  return { digest: digestOf(bytes), bytes };
}

function indented(object: unknown): Blob {
  const bytes = encode(JSON.stringify(object, undefined, 2));
  return { digest: digestOf(bytes), bytes };
}

const OCI_LAYER: Readonly<Record<string, string>> = {
  [MEDIA_TYPES.dockerLayer]: MEDIA_TYPES.ociLayer,
  [MEDIA_TYPES.dockerLayerGzip]: MEDIA_TYPES.ociLayerGzip,
};

class Writer {
  readonly blobs = new Map<string, Uint8Array>();
  private readonly client: ContainerdClient;
  private readonly step: Step;

  constructor(client: ContainerdClient, step: Step) {
    this.client = client;
    this.step = step;
  }

  *write({ digest, bytes }: Blob, references: readonly string[] = []): Routine<void> {
    const labels = Object.fromEntries(
      references.map((reference, i) => [`containerd.io/gc.ref.content.${i}`, reference]),
    );
    this.blobs.set(digest, bytes);
    const written = yield* this.client.writeContent({ ref: digest, bytes, labels });
    if (isRpcError(written)) yield* this.client.labelContent(digest, labels);
  }

  /** The blobs of layers, for who wants them all. */
  *layers(built: Built): Routine<void> {
    for (const { blob } of built.ref.layers) {
      const bytes = yield* this.client.readContent(blob.digest);
      if (!isRpcError(bytes)) this.blobs.set(blob.digest, bytes);
    }
  }

  *manifest(
    built: Built,
    now: string,
    annotations: Readonly<Record<string, string>>,
  ): Routine<{ descriptor: Descriptor; config: string }> {
    const config = configBlob(built, now);
    const layers = built.ref.layers.map(({ blob }) => ({
      mediaType: OCI_LAYER[blob.mediaType] ?? blob.mediaType,
      digest: blob.digest,
      size: blob.size,
    }));
    const manifest: Manifest = {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociManifest,
      config: {
        mediaType: MEDIA_TYPES.ociConfig,
        digest: config.digest,
        size: config.bytes.length,
      },
      layers,
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    };
    const blob = indented(manifest);
    const task = this.step.task(`exporting manifest ${blob.digest}`);
    yield* this.write(config);
    yield* this.write(blob, [config.digest, ...layers.map(({ digest }) => digest)]);
    task.done();
    this.step.task(`exporting config ${config.digest}`).done();
    const descriptor = {
      mediaType: MEDIA_TYPES.ociManifest,
      digest: blob.digest,
      size: blob.bytes.length,
      platform: built.platform,
    };
    return { descriptor, config: config.digest };
  }

  *attestation(
    built: Built,
    target: Descriptor,
    predicate: object,
    names: readonly string[],
  ): Routine<Descriptor> {
    const platform = encodeURIComponent(platformText(built.platform));
    const subjects = names.map((name) => ({
      name: `pkg:docker/${name.replace(/^docker\.io\/(library\/)?/, '').replace(/:([^:/]*)$/, '@$1')}?platform=${platform}`,
      digest: { sha256: target.digest.slice(7) },
    }));
    const statement = encode(
      JSON.stringify({
        _type: 'https://in-toto.io/Statement/v0.1',
        predicateType: 'https://slsa.dev/provenance/v1',
        subject:
          subjects.length > 0
            ? subjects
            : [{ name: '_', digest: { sha256: target.digest.slice(7) } }],
        predicate,
      }),
    );
    const layer = {
      mediaType: 'application/vnd.in-toto+json',
      digest: digestOf(statement),
      size: statement.length,
      annotations: { 'in-toto.io/predicate-type': 'https://slsa.dev/provenance/v1' },
    };
    const config = encode(
      JSON.stringify({
        architecture: 'unknown',
        os: 'unknown',
        config: {},
        rootfs: { type: 'layers', diff_ids: [layer.digest] },
      }),
    );
    const blob = indented({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociManifest,
      config: { mediaType: MEDIA_TYPES.ociConfig, digest: digestOf(config), size: config.length },
      layers: [layer],
    });
    const task = this.step.task(`exporting attestation manifest ${blob.digest}`);
    yield* this.write({ digest: layer.digest, bytes: statement });
    yield* this.write({ digest: digestOf(config), bytes: config });
    yield* this.write(blob, [digestOf(config), layer.digest]);
    task.done();
    return {
      mediaType: MEDIA_TYPES.ociManifest,
      digest: blob.digest,
      size: blob.bytes.length,
      annotations: {
        'vnd.docker.reference.digest': target.digest,
        'vnd.docker.reference.type': 'attestation-manifest',
      },
      platform: { architecture: 'unknown', os: 'unknown' },
    };
  }

  *index(manifests: readonly Descriptor[]): Routine<Descriptor> {
    const index: ImageIndex = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests };
    const blob = indented(index);
    const task = this.step.task(`exporting manifest list ${blob.digest}`);
    yield* this.write(
      blob,
      manifests.map(({ digest }) => digest),
    );
    task.done();
    return { mediaType: MEDIA_TYPES.ociIndex, digest: blob.digest, size: blob.bytes.length };
  }
}

/** The full name of a tag; it throws where the text is none. */
export function tagName(tag: string): string {
  const parsed = parseReference(tag);
  if (isReferenceError(parsed))
    throw new BuildError(`invalid tag ${JSON.stringify(tag)}: ${parsed}`);
  return fullName(withDefaultTag(parsed));
}

/** Writes the image and gives it its names. */
export function* exportImage(
  client: ContainerdClient,
  step: Step,
  built: readonly Built[],
  request: ImageRequest,
): Routine<ExportedImage> {
  const writer = new Writer(client, step);
  const names = request.tags.map(tagName);
  const now = rfc3339Fraction(client.process.now, 9);
  const layers = step.task('exporting layers');
  for (const one of built) yield* writer.layers(one);
  layers.done();
  const manifests: Descriptor[] = [];
  const attestations: Descriptor[] = [];
  let config: string | undefined;
  for (const one of built) {
    const made = yield* writer.manifest(one, now, request.annotations);
    manifests.push(made.descriptor);
    config = made.config;
    if (request.provenance)
      attestations.push(
        yield* writer.attestation(one, made.descriptor, request.provenance(one), names),
      );
  }
  const [only] = manifests;
  let target: Descriptor;
  if (only && manifests.length === 1 && attestations.length === 0) {
    const { platform: _, ...rest } = only;
    target = rest;
  } else {
    target = yield* writer.index([...manifests, ...attestations]);
    config = undefined;
  }
  if (request.store) yield* nameImage(client, step, target, names, manifests);
  return { descriptor: target, configDigest: config, names, blobs: writer.blobs };
}

function* nameImage(
  client: ContainerdClient,
  step: Step,
  target: Descriptor,
  names: readonly string[],
  manifests: readonly Descriptor[],
): Routine<void> {
  const given = names.length > 0 ? names : [`moby-dangling@${target.digest}`];
  for (const name of given) {
    const naming = step.task(`naming to ${name}`);
    const stored = yield* client.putImage({ name, target, labels: {} });
    if (isRpcError(stored)) throw new BuildError(stored.message);
    naming.done();
    const unpacking = step.task(`unpacking to ${name}`);
    for (const { digest } of manifests) {
      const unpacked = yield* client.unpack(digest);
      if (isRpcError(unpacked)) throw new BuildError(unpacked.message);
    }
    unpacking.done();
  }
}
