// Pushing images: the blobs that the registry has not, then manifests, then the name (core/remotes/docker/pusher).

import type { Routine } from '../../core/wait.ts';
import type { ContainerdClient } from '../containerd/client.ts';
import { type Descriptor, isIndexType, parseIndex, parseManifest } from '../images/oci.ts';
import { isReferenceError, parseReference, withDefaultTag } from '../images/reference.ts';
import { isRpcError } from '../rpc.ts';
import { RegistryClient, type RegistryCredentials } from './client.ts';

/** What becomes of a blob. */
export type PushPhase = 'exists' | 'pushing' | 'pushed';

export interface PushRequest {
  /** The full name with its tag. */
  readonly name: string;
  readonly target: Descriptor;
  readonly credentials?: RegistryCredentials;
  /** Told of layers; configurations and manifests go unseen. */
  readonly onLayer?: (layer: Descriptor, phase: PushPhase) => Routine<void>;
  /** Manifests of an index whose content is not here are left out. */
  readonly present?: boolean;
}

/** Pushes an image; a text says why not. */
export function* pushImage(
  client: ContainerdClient,
  request: PushRequest,
): Routine<string | undefined> {
  const parsed = parseReference(request.name);
  if (isReferenceError(parsed)) return parsed;
  const { domain, path, tag = 'latest' } = withDefaultTag(parsed);
  const registry = new RegistryClient(client.process, domain, {
    plainHttp: /^(localhost|127\.)/.test(domain),
    httpsFirst: true,
    ...(request.credentials ? { credentials: request.credentials } : {}),
  });
  return yield* pushTarget(client, registry, path, request.target, tag, request);
}

function* pushTarget(
  client: ContainerdClient,
  registry: RegistryClient,
  path: string,
  target: Descriptor,
  reference: string,
  request: PushRequest,
): Routine<string | undefined> {
  const bytes = yield* client.readContent(target.digest);
  if (isRpcError(bytes)) return `content digest ${target.digest}: not found`;
  if (isIndexType(target.mediaType)) {
    for (const child of parseIndex(bytes).manifests) {
      const here = yield* client.contentInfo(child.digest);
      if (isRpcError(here)) continue;
      const problem = yield* pushTarget(client, registry, path, child, child.digest, request);
      if (problem !== undefined) return problem;
    }
  } else {
    const { config, layers } = parseManifest(bytes);
    for (const blob of [...layers, config]) {
      const problem = yield* pushBlob(client, registry, path, blob, blob === config, request);
      if (problem !== undefined) return problem;
    }
  }
  return yield* registry.pushManifest(path, reference, target.mediaType, bytes);
}

function* pushBlob(
  client: ContainerdClient,
  registry: RegistryClient,
  path: string,
  blob: Descriptor,
  quiet: boolean,
  request: PushRequest,
): Routine<string | undefined> {
  const tell = function* (phase: PushPhase): Routine<void> {
    if (!quiet && request.onLayer) yield* request.onLayer(blob, phase);
  };
  const there = yield* registry.hasBlob(path, blob.digest);
  if (typeof there === 'string') return there;
  if (there) {
    yield* tell('exists');
    return undefined;
  }
  const bytes = yield* client.readContent(blob.digest);
  if (isRpcError(bytes)) return `content digest ${blob.digest}: not found`;
  yield* tell('pushing');
  const problem = yield* registry.pushBlob(path, blob.digest, bytes);
  if (problem === undefined) yield* tell('pushed');
  return problem;
}
