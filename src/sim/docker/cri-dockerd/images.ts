// Images (core/image.go): docker's, under the names that the kubelet asks for.

import type { CriImage } from '../../containers/cri/types.ts';
import {
  isReferenceError,
  parseReference,
  withDefaultTag,
} from '../../containers/images/reference.ts';
import { RpcError } from '../../containers/rpc.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isCallError } from '../cli/api.ts';
import { type DockerService, engine, failed, isMissing } from './service.ts';

/** The part of GET /images/NAME/json that is read. */
interface ImageInspection {
  readonly Id: string;
  readonly RepoTags?: readonly string[] | null;
  readonly RepoDigests?: readonly string[] | null;
  readonly Size: number;
  readonly Config?: { readonly User?: string } | null;
}

/** The image of an id or a name; undefined where there is none. */
export function* imageById(
  service: DockerService,
  p: Process,
  name: string,
): Routine<ImageInspection | undefined | RpcError> {
  const found = yield* engine(service, p).get<ImageInspection>(`/images/${name}/json`);
  if (!isCallError(found)) return found;
  return isMissing(found) ? undefined : failed(found, `unable to inspect docker image "${name}": `);
}

/** The user that an image asks for: a number, or a name (getUserFromImageUser). */
function userOf(text = ''): Pick<CriImage, 'uid' | 'username'> {
  const [user = ''] = text.split(':');
  if (user === '') return { uid: { value: 0 }, username: '' };
  return /^\d+$/.test(user)
    ? { uid: { value: Number(user) }, username: '' }
    : { uid: null, username: user };
}

function criImage(
  service: DockerService,
  { Id, RepoTags, RepoDigests, Size, Config }: ImageInspection,
): CriImage {
  const repoTags = RepoTags ?? [];
  return {
    id: Id,
    repoTags,
    repoDigests: RepoDigests ?? [],
    size: String(Size),
    ...userOf(Config?.User),
    spec: null,
    pinned: repoTags.includes(service.sandboxImage),
  };
}

/** ListImages. */
export function* listImages(
  service: DockerService,
  p: Process,
  reference: string,
): Routine<CriImage[] | RpcError> {
  const filters = reference === '' ? undefined : JSON.stringify({ reference: [reference] });
  const found = yield* engine(service, p).get<ImageInspection[]>('/images/json', { filters });
  return isCallError(found) ? failed(found) : found.map((one) => criImage(service, one));
}

/** ImageStatus; null where there is none. */
export function* imageStatus(
  service: DockerService,
  p: Process,
  name: string,
): Routine<CriImage | null | RpcError> {
  const found = yield* imageById(service, p, name);
  if (found instanceof RpcError) return found;
  return found ? criImage(service, found) : null;
}

/** PullImage: the digest that the image is referred to by. */
export function* pullImage(
  service: DockerService,
  p: Process,
  name: string,
): Routine<string | RpcError> {
  const reference = parseReference(name);
  if (isReferenceError(reference)) return new RpcError('Unknown', reference);
  const { tag, digest } = withDefaultTag(reference);
  const short = name.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
  let refused: string | undefined;
  const failure = yield* engine(service, p).lines(
    'POST',
    '/images/create',
    { fromImage: short, tag: digest ?? tag ?? 'latest' },
    // biome-ignore lint/correctness/useYield: the lines are only looked at
    function* ({ error }) {
      if (typeof error === 'string') refused = error;
    },
  );
  if (failure) return failed(failure);
  if (refused !== undefined) return new RpcError('Unknown', refused);
  const found = yield* imageById(service, p, name);
  if (found instanceof RpcError) return found;
  if (!found) return new RpcError('Unknown', `unable to inspect image ${name}`);
  return found.RepoDigests?.[0] ?? found.Id;
}

/** Pulls the image of sandboxes where it is not there (ensureSandboxImageExists). */
export function* ensureImage(
  service: DockerService,
  p: Process,
  name: string,
): Routine<RpcError | undefined> {
  const found = yield* imageById(service, p, name);
  if (found instanceof RpcError) return found;
  if (found) return undefined;
  const pulled = yield* pullImage(service, p, name);
  return pulled instanceof RpcError
    ? new RpcError('Unknown', `failed pulling image "${name}": ${pulled.message}`)
    : undefined;
}

/** RemoveImage: every name of it, and the image. */
export function* removeImage(
  service: DockerService,
  p: Process,
  name: string,
): Routine<RpcError | undefined> {
  const found = yield* imageById(service, p, name);
  if (found instanceof RpcError || !found) return found;
  for (const one of [...(found.RepoTags ?? []), ...(found.RepoDigests ?? []), name]) {
    const removed = yield* engine(service, p).call('DELETE', `/images/${one}`);
    if (isCallError(removed) && !isMissing(removed)) return failed(removed);
  }
  return undefined;
}
