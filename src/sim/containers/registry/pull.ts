// Pulling images: resolving a name at its registry, downloading the blobs that are missing, verifying them, and keeping
// them in containerd's stores (core/remotes/docker). Downloads take virtual time by the sizes that descriptors declare.

import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { ContainerdClient } from '../containerd/client.ts';
import { indexLabels, manifestLabels } from '../containerd/references.ts';
import type { ImageRecord } from '../containerd/types.ts';
import { withLease } from '../containerd/with-lease.ts';
import {
  type Descriptor,
  digestOf,
  isIndexType,
  LINUX_AMD64,
  type Manifest,
  type Platform,
  parseIndex,
  parseManifest,
  platformMatches,
} from '../images/oci.ts';
import {
  isReferenceError,
  parseReference,
  type Reference,
  withDefaultTag,
} from '../images/reference.ts';
import { isRpcError } from '../rpc.ts';
import { RegistryClient, type RegistryCredentials } from './client.ts';

/** Bytes a second of the simulated line to registries. */
const BANDWIDTH = 10_000_000;

/** What a layer is doing while an image is pulled. */
export type LayerPhase =
  | 'exists'
  | 'waiting'
  | 'downloading'
  | 'verifying'
  | 'downloaded'
  | 'extracting'
  | 'complete';

export interface PullRequest {
  readonly name: string;
  /** True where short names are to be completed. */
  readonly short: boolean;
  readonly plainHttp: boolean;
  /** As RegistryOptions has it. */
  readonly httpsFirst?: boolean;
  readonly unpack: boolean;
  readonly platform?: Platform;
  readonly credentials?: RegistryCredentials;
  /** Names the image is kept under; the pulled name where not given. */
  readonly keepAs?: readonly string[];
  /** Lines of ctr's progress. */
  progress(line: string): Routine<void>;
  /** Told of each layer's phases. `done` of `total` bytes. */
  readonly onLayer?: (layer: Descriptor, phase: LayerPhase, done: number) => Routine<void>;
  /** Told once the name is resolved. */
  readonly onResolved?: (target: Descriptor, manifest: Manifest) => Routine<void>;
}

export interface PulledImage {
  readonly name: string;
  readonly target: Descriptor;
  readonly manifest: Manifest;
  /** The name that it was kept under last; undefined where none was wanted. */
  readonly record: ImageRecord | undefined;
}

/** Pulls an image, under a lease; a text says why not. */
export function* pullImage(
  client: ContainerdClient,
  request: PullRequest,
): Routine<PulledImage | string> {
  return yield* withLease(client, (leased) => pullLeased(leased, request));
}

function* pullLeased(
  client: ContainerdClient,
  request: PullRequest,
): Routine<PulledImage | string> {
  const parsed = parseReference(request.name);
  if (isReferenceError(parsed)) return parsed;
  if (
    !request.short &&
    !/^[^/]*[.:][^/]*\//.test(request.name) &&
    !request.name.startsWith('localhost/')
  ) {
    return `failed to resolve image: object required`;
  }
  const reference = withDefaultTag(parsed);
  const registry = new RegistryClient(client.process, reference.domain, {
    plainHttp: request.plainHttp,
    httpsFirst: request.httpsFirst ?? false,
    ...(request.credentials ? { credentials: request.credentials } : {}),
  });
  const name =
    request.name.includes('@') || request.name.includes(':', request.name.lastIndexOf('/'))
      ? request.name
      : `${request.name}:latest`;
  const resolved = yield* registry.manifest(
    reference.path,
    reference.digest ?? reference.tag ?? 'latest',
  );
  if (typeof resolved === 'string')
    return `failed to resolve reference "${name}": ${resolved.replace('%s', name)}`;
  const { target, bytes } = resolved;
  yield* request.progress(`${name}: resolved |++++++++++++++++++++++++++++++++++++++|`);
  const manifest = yield* fetchManifest(
    client,
    registry,
    reference,
    { target, bytes },
    request.platform ?? LINUX_AMD64,
  );
  if (typeof manifest === 'string') return manifest;
  if (request.onResolved) yield* request.onResolved(target, manifest.content);
  const failure = yield* fetchBlobs(client, registry, reference, manifest.content, request);
  if (failure !== undefined) return failure;
  yield* client.labelContent(manifest.digest, manifestLabels(manifest.content));
  let record: ImageRecord | undefined;
  for (const kept of request.keepAs ?? [name]) {
    const stored = yield* client.putImage({ name: kept, target, labels: {} });
    if (isRpcError(stored)) return stored.message;
    record = stored;
  }
  if (request.unpack) {
    const unpacked = yield* unpack(client, manifest, request);
    if (unpacked !== undefined) return unpacked;
  }
  return { name, target, manifest: manifest.content, record };
}

interface FetchedManifest {
  readonly digest: string;
  readonly content: Manifest;
}

/** Stores an index and goes on to this platform's manifest. */
function* fetchManifest(
  client: ContainerdClient,
  registry: RegistryClient,
  reference: Reference,
  found: { readonly target: Descriptor; readonly bytes: Uint8Array },
  platform: Platform,
): Routine<FetchedManifest | string> {
  const { target, bytes } = found;
  const source = { [`containerd.io/distribution.source.${reference.domain}`]: reference.path };
  if (!isIndexType(target.mediaType)) {
    yield* client.writeContent({
      ref: `manifest-${target.digest}`,
      bytes,
      expected: target.digest,
      labels: source,
    });
    return { digest: target.digest, content: parseManifest(bytes) };
  }
  const { manifests } = parseIndex(bytes);
  const labels = { ...source, ...indexLabels(manifests) };
  yield* client.writeContent({
    ref: `index-${target.digest}`,
    bytes,
    expected: target.digest,
    labels,
  });
  const fits = manifests.find(
    (child) => child.platform && platformMatches(platform, child.platform),
  );
  if (!fits) {
    return `no match for platform in manifest: not found`;
  }
  const child = yield* registry.manifest(reference.path, fits.digest);
  if (typeof child === 'string') return child;
  return yield* fetchManifest(client, registry, reference, child, platform);
}

function* fetchBlobs(
  client: ContainerdClient,
  registry: RegistryClient,
  reference: Reference,
  manifest: Manifest,
  request: PullRequest,
): Routine<string | undefined> {
  const tell = function* (layer: Descriptor, phase: LayerPhase, done: number): Routine<void> {
    if (layer !== manifest.config && request.onLayer) yield* request.onLayer(layer, phase, done);
  };
  for (const blob of [manifest.config, ...manifest.layers]) {
    yield* client.keepContent(blob.digest);
    const known = yield* client.contentInfo(blob.digest);
    yield* tell(blob, isRpcError(known) ? 'waiting' : 'exists', 0);
  }
  for (const blob of [manifest.config, ...manifest.layers]) {
    const known = yield* client.contentInfo(blob.digest);
    if (!isRpcError(known)) continue;
    const bytes = yield* registry.blob(reference.path, blob.digest);
    if (typeof bytes === 'string') return `failed to copy: ${bytes}`;
    yield* download(client, blob, tell);
    if (digestOf(bytes) !== blob.digest) {
      return `failed commit on ref "layer-${blob.digest}": unexpected commit digest ${digestOf(bytes)}, expected ${blob.digest}: failed precondition`;
    }
    yield* tell(blob, 'verifying', blob.size);
    const labels = { [`containerd.io/distribution.source.${reference.domain}`]: reference.path };
    yield* client.writeContent({
      ref: `layer-${blob.digest}`,
      bytes,
      expected: blob.digest,
      size: blob.size,
      labels,
    });
    yield* tell(blob, 'downloaded', blob.size);
    yield* request.progress(`layer-${blob.digest}: done`);
  }
  return undefined;
}

/** Lets the time of a download pass, in tenths of a second. */
function* download(
  client: ContainerdClient,
  blob: Descriptor,
  tell: (layer: Descriptor, phase: LayerPhase, done: number) => Routine<void>,
): Routine<void> {
  let done = 0;
  while (done < blob.size) {
    const step = Math.min(blob.size - done, BANDWIDTH / 10);
    yield* client.process.sleep(Math.ceil((step / BANDWIDTH) * SECOND));
    done += step;
    yield* tell(blob, 'downloading', done);
  }
}

function* unpack(
  client: ContainerdClient,
  manifest: FetchedManifest,
  request: PullRequest,
): Routine<string | undefined> {
  for (const layer of manifest.content.layers) {
    if (request.onLayer) yield* request.onLayer(layer, 'extracting', layer.size);
  }
  const done = yield* client.unpack(manifest.digest);
  if (isRpcError(done)) return done.message;
  for (const layer of manifest.content.layers) {
    if (request.onLayer) yield* request.onLayer(layer, 'complete', layer.size);
  }
  return undefined;
}
