// The API's images: /images/….

import { START_OF_TIME } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { ImageRecord } from '../../../containers/containerd/types.ts';
import { chainIds } from '../../../containers/images/oci.ts';
import {
  fullName,
  isReferenceError,
  parseReference,
  withDefaultTag,
} from '../../../containers/images/reference.ts';
import { isRpcError } from '../../../containers/rpc.ts';
import {
  findImage,
  type FoundImage,
  imageGroups,
  imageSize,
  namesOf,
  openImage,
  shownReference,
} from '../images.ts';
import { ApiError, type Container, timeText } from '../model.ts';
import { type Context, filtersOf, type Handler, isOn, json, query, refuse } from './answer.ts';
import { hasLabel } from './container-view.ts';
import { manifestsOf } from './image-manifests.ts';
import { pruneFilters, wrongTruth } from './prune-filters.ts';

/** All images, the newest name first. */
export function* allImages(context: Pick<Context, 'daemon' | 'process'>): Routine<FoundImage[]> {
  const client = context.daemon.clientFor(context.process);
  const found: FoundImage[] = [];
  for (const records of (yield* imageGroups(client)).values()) {
    const [record] = records;
    const image = record && (yield* openImage(client, record.target, records));
    if (image) found.push(image);
  }
  return found;
}

/** Seconds since 1970 of an image's making. */
function createdAt(image: FoundImage): number {
  return Math.floor(Date.parse(image.config.created ?? '1970-01-01T00:00:00Z') / 1000);
}

/** Containers that were made from an image. */
export function containersOf(
  context: Pick<Context, 'daemon'>,
  image: { readonly id: string },
): Container[] {
  return [...context.daemon.containers.values()].filter(
    (container) => container.imageId === image.id,
  );
}

const IMAGE_FILTERS = new Set([
  'before',
  'dangling',
  'label',
  'label!',
  'reference',
  'since',
  'until',
]);

/** path.Match: `*` stays within a component. */
function matchesPattern(pattern: string, name: string): boolean {
  const form = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  return new RegExp(`^${form}$`).test(name);
}

function passesReference(pattern: string, tag: string): boolean {
  const repository = tag.slice(0, tag.lastIndexOf(':'));
  return matchesPattern(pattern, tag) || matchesPattern(pattern, repository);
}

const list: Handler = function* (context) {
  const filters = filtersOf(context);
  const unknown = [...filters.keys()].find((name) => !IMAGE_FILTERS.has(name));
  if (unknown !== undefined) return refuse(new ApiError(400, `invalid filter '${unknown}'`));
  const truth = wrongTruth(filters, 'dangling');
  if (truth !== undefined) return refuse(new ApiError(400, truth));
  const rows: Record<string, unknown>[] = [];
  const images = yield* allImages(context);
  for (const name of [...(filters.get('before') ?? []), ...(filters.get('since') ?? [])]) {
    const other = yield* findImage(context.daemon.clientFor(context.process), name);
    if (other instanceof ApiError) return refuse(other);
  }
  const reference = filters.get('reference') ?? [];
  for (const image of images) {
    const names = namesOf(image.records);
    const tags =
      reference.length === 0
        ? names.tags
        : names.tags.filter((tag) => reference.some((pattern) => passesReference(pattern, tag)));
    if (reference.length > 0 && tags.length === 0) continue;
    const labels = image.config.config?.Labels ?? {};
    if (!(filters.get('label') ?? []).every((wanted) => hasLabel(labels, wanted))) continue;
    const dangling = filters.get('dangling')?.[0];
    if (
      dangling !== undefined &&
      (dangling === 'true' || dangling === '1') !== (names.tags.length === 0)
    )
      continue;
    if (!passesTime(images, image, filters)) continue;
    rows.push({
      Containers: containersOf(context, image).length,
      Created: createdAt(image),
      Id: image.id,
      Labels: labels,
      ParentId: '',
      ...(isOn(context, 'manifests')
        ? { Manifests: yield* manifestsOf(context, image, containersOf(context, image)) }
        : {}),
      RepoDigests: namesOf(image.records.filter((r) => passesNames(r, reference))).digests,
      RepoTags: tags,
      SharedSize: -1,
      Size: yield* imageSize(context.daemon.clientFor(context.process), image),
      Descriptor: image.target,
    });
  }
  rows.sort((a, b) => Number(b.Created) - Number(a.Created));
  return json(rows);
};

/** True for a name that a reference filter lets pass. */
function passesNames(record: ImageRecord, patterns: readonly string[]): boolean {
  if (patterns.length === 0) return true;
  return namesOf([record]).tags.some((tag) => patterns.some((p) => passesReference(p, tag)));
}

function passesTime(
  images: readonly FoundImage[],
  image: FoundImage,
  filters: ReadonlyMap<string, readonly string[]>,
): boolean {
  const named = (name: string): number | undefined => {
    const wanted = filters.get(name)?.[0];
    const other =
      wanted === undefined
        ? undefined
        : images.find((i) => namesOf(i.records).tags.includes(shownReference(wanted)));
    return other && createdAt(other);
  };
  const before = named('before');
  const since = named('since');
  return (
    (before === undefined || createdAt(image) < before) &&
    (since === undefined || createdAt(image) > since)
  );
}

function* named(context: Context): Routine<FoundImage | ApiError> {
  return yield* findImage(
    context.daemon.clientFor(context.process),
    decodeURIComponent(context.parts[0] ?? ''),
  );
}

const inspect: Handler = function* (context) {
  const image = yield* named(context);
  if (image instanceof ApiError) return refuse(image);
  const { config } = image;
  const names = namesOf(image.records);
  const own = config.config ?? {};
  const record = image.records[0];
  return json({
    Id: image.id,
    RepoTags: names.tags,
    RepoDigests: names.digests,
    Parent: '',
    Comment: config.history?.at(-1)?.comment ?? '',
    Created: config.created ?? '',
    DockerVersion: '',
    Author: config.author ?? '',
    Config: {
      ...(own.User ? { User: own.User } : {}),
      ...(own.ExposedPorts ? { ExposedPorts: own.ExposedPorts } : {}),
      Env: own.Env ?? null,
      ...(own.Entrypoint ? { Entrypoint: own.Entrypoint } : { Entrypoint: null }),
      Cmd: own.Cmd ?? null,
      ...(own.Volumes ? { Volumes: own.Volumes } : { Volumes: null }),
      WorkingDir: own.WorkingDir ?? '',
      OnBuild: own.OnBuild ?? null,
      Labels: own.Labels ?? null,
      ...(own.StopSignal ? { StopSignal: own.StopSignal } : {}),
      ...(own.Healthcheck ? { Healthcheck: own.Healthcheck } : {}),
      ...(own.Shell ? { Shell: own.Shell } : {}),
    },
    Architecture: config.architecture,
    Os: config.os,
    Size: yield* imageSize(context.daemon.clientFor(context.process), image),
    GraphDriver: { Data: null, Name: 'overlayfs' },
    RootFS: { Type: 'layers', Layers: config.rootfs.diff_ids },
    Metadata: { LastTagTime: timeText(record?.updatedAt) },
    Descriptor: image.target,
  });
};

const history: Handler = function* (context) {
  const image = yield* named(context);
  if (image instanceof ApiError) return refuse(image);
  const client = context.daemon.clientFor(context.process);
  yield* client.unpack(image.manifestDigest);
  const chain = chainIds(image.config.rootfs.diff_ids);
  const rows: Record<string, unknown>[] = [];
  let layer = 0;
  for (const entry of image.config.history ?? []) {
    let size = 0;
    if (!entry.empty_layer) {
      const usage = yield* client.snapshotUsage(chain[layer++] ?? '');
      size = isRpcError(usage) ? 0 : usage.size;
    }
    rows.push({
      Comment: entry.comment ?? '',
      Created: Math.floor(Date.parse(entry.created ?? image.config.created ?? '') / 1000) || 0,
      CreatedBy: entry.created_by ?? '',
      Id: '<missing>',
      Size: size,
      Tags: null,
    });
  }
  rows.reverse();
  if (rows[0]) rows[0] = { ...rows[0], Id: image.id, Tags: namesOf(image.records).tags };
  return json(rows);
};

const tag: Handler = function* (context) {
  const image = yield* named(context);
  if (image instanceof ApiError) return refuse(image);
  const wanted = `${query(context, 'repo')}${query(context, 'tag') === '' ? '' : `:${query(context, 'tag')}`}`;
  const parsed = parseReference(wanted);
  if (isReferenceError(parsed)) return refuse(new ApiError(400, parsed));
  const name = fullName(withDefaultTag(parsed));
  yield* context.daemon
    .clientFor(context.process)
    .putImage({ name, target: image.target, labels: {} });
  context.daemon.events.add('image', 'tag', image.id, { name: shownReference(wanted) });
  return { status: 201, headers: {} };
};

/** Removes one name, or the whole image; what was done, line by line. */
export function* removeImage(
  context: Pick<Context, 'daemon' | 'process'>,
  ref: string,
  force: boolean,
): Routine<Record<string, string>[] | ApiError> {
  const { daemon } = context;
  const client = daemon.clientFor(context.process);
  const image = yield* findImage(client, ref);
  if (image instanceof ApiError) return image;
  const byName =
    image.name !== undefined && image.records.some((record) => record.name === image.name);
  const record = byName ? image.records.find((r) => r.name === image.name) : image.records[0];
  const out: Record<string, string>[] = [];
  const users = containersOf(context, image);
  const short = image.id.slice(7, 19);
  if (image.records.length > 1 && byName && record) {
    yield* client.deleteImage(record.name);
    daemon.events.add('image', 'untag', image.id, { name: shownReference(record.name) });
    return [{ Untagged: shownReference(record.name) }];
  }
  const repositories = new Set(
    image.records.map((r) => shownReference(r.name).replace(/:[^/:]*$/, '')),
  );
  if (!byName && repositories.size > 1 && !force)
    return new ApiError(
      409,
      `conflict: unable to delete ${short} (must be forced) - image is referenced in multiple repositories`,
    );
  const running = users.find((container) => container.state.pid > 0);
  const shown = byName ? shownReference(ref) : short;
  if (running && (!byName || !force))
    return new ApiError(
      409,
      `conflict: unable to delete ${shown} (${byName ? 'must' : 'cannot'} be forced) - ${byName ? 'container' : 'image'} ${byName ? `${running.id.slice(0, 12)} is using its referenced image ${short}` : `is being used by running container ${running.id.slice(0, 12)}`}`,
    );
  const [stopped] = users;
  if (stopped && !force) {
    const why = byName
      ? `container ${stopped.id.slice(0, 12)} is using its referenced image ${short}`
      : `image is being used by stopped container ${stopped.id.slice(0, 12)}`;
    return new ApiError(409, `conflict: unable to delete ${shown} (must be forced) - ${why}`);
  }
  for (const { name } of image.records) {
    yield* client.deleteImage(name, true);
    out.push({ Untagged: shownReference(name) });
    daemon.events.add('image', 'untag', image.id, { name: shownReference(name) });
  }
  daemon.events.add('image', 'delete', image.id, { name: image.id });
  return [...out, { Deleted: image.id }];
}

const remove: Handler = function* (context) {
  const removed = yield* removeImage(
    context,
    decodeURIComponent(context.parts[0] ?? ''),
    isOn(context, 'force'),
  );
  return removed instanceof ApiError ? refuse(removed) : json(removed);
};

const prune: Handler = function* (context) {
  const dangling = filtersOf(context).get('dangling')?.[0];
  const filters = pruneFilters(
    context,
    ['dangling', 'label', 'label!', 'until'],
    "invalid value for 'until' filter: ",
  );
  if (filters instanceof ApiError) return refuse(filters);
  const all = dangling === 'false' || dangling === '0';
  const deleted: Record<string, string>[] = [];
  let SpaceReclaimed = 0;
  for (const image of yield* allImages(context)) {
    if (containersOf(context, image).length > 0 || (!all && namesOf(image.records).tags.length > 0))
      continue;
    const at = (createdAt(image) * 1000 - START_OF_TIME) * 1_000_000;
    if (!filters.pass(image.config.config?.Labels, at)) continue;
    SpaceReclaimed += yield* imageSize(context.daemon.clientFor(context.process), image);
    const removed = yield* removeImage(context, image.id, true);
    if (!(removed instanceof ApiError)) deleted.push(...removed);
  }
  return json({ ImagesDeleted: deleted.length > 0 ? deleted : null, SpaceReclaimed });
};

/** Method, path, handler. */
export const imageRoutes: readonly (readonly [string, string, Handler])[] = [
  ['GET', '/images/json', list],
  ['POST', '/images/prune', prune],
  ['GET', '/images/**/json', inspect],
  ['GET', '/images/**/history', history],
  ['POST', '/images/**/tag', tag],
  ['DELETE', '/images/**', remove],
];
