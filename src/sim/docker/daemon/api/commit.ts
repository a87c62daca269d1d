// POST /commit and POST /images/create?fromSrc: images made of a container and of a tar.

import { Content } from '../../../core/content.ts';
import type { RunConfig } from '../../../containers/images/oci.ts';
import {
  fullName,
  isReferenceError,
  parseReference,
  withDefaultTag,
} from '../../../containers/images/reference.ts';
import { treeEntries } from '../../../containers/images/layer.ts';
import { readTar, writeTar } from '../../../containers/images/tar.ts';
import { isRpcError } from '../../../containers/rpc.ts';
import { decompressed } from '../../../userland/libc/gzip.ts';
import { inodeAtPath } from '../archive.ts';
import { findImage } from '../images.ts';
import { ApiError, type Container, findContainer, timeText } from '../model.ts';
import { applyChange, storeImage } from '../store-image.ts';
import { containerEvent } from '../start.ts';
import { type Context, type Handler, json, query, refuse, streaming } from './answer.ts';

function nameOf(context: Context): string | undefined | ApiError {
  const repo = query(context, 'repo');
  if (repo === '') return undefined;
  const tag = query(context, 'tag');
  const parsed = parseReference(tag === '' ? repo : `${repo}:${tag}`);
  return isReferenceError(parsed) ? new ApiError(400, parsed) : fullName(withDefaultTag(parsed));
}

function changed(context: Context, start: RunConfig): RunConfig | ApiError {
  let config = start;
  for (const line of context.request.query.get('changes') ?? []) {
    const next = applyChange(config, line);
    if (next instanceof ApiError) return next;
    config = next;
  }
  return config;
}

/** What a container's configuration says of an image. */
function runConfig({ config }: Container): RunConfig {
  const {
    ExposedPorts,
    Env,
    Cmd,
    Entrypoint,
    WorkingDir,
    User,
    Labels,
    StopSignal,
    Volumes,
    Healthcheck,
  } = config;
  return {
    ...(User === '' ? {} : { User }),
    ...(ExposedPorts ? { ExposedPorts } : {}),
    Env,
    ...(Entrypoint ? { Entrypoint } : {}),
    ...(Cmd ? { Cmd } : {}),
    ...(Volumes ? { Volumes } : {}),
    ...(WorkingDir === '' ? {} : { WorkingDir }),
    ...(Object.keys(Labels).length > 0 ? { Labels } : {}),
    ...(StopSignal ? { StopSignal } : {}),
    ...(Healthcheck ? { Healthcheck } : {}),
  };
}

const commit: Handler = function* (context) {
  const { daemon, process } = context;
  const container = findContainer(daemon, query(context, 'container'));
  if (container instanceof ApiError) return refuse(container);
  const name = nameOf(context);
  if (name instanceof ApiError) return refuse(name);
  const config = changed(context, runConfig(container));
  if (config instanceof ApiError) return refuse(config);
  const client = daemon.clientFor(process);
  const base = yield* findImage(client, container.imageId);
  if (base instanceof ApiError) return refuse(base);
  const mounts = yield* client.snapshotMounts(container.id);
  const upper = isRpcError(mounts)
    ? ''
    : (mounts[0]?.options.find((option) => option.startsWith('upperdir='))?.slice(9) ?? '');
  const root = inodeAtPath(process, upper);
  if (!root) return refuse(new ApiError(500, `snapshot ${container.id} does not exist`));
  const comment = query(context, 'comment');
  const created_by = [container.path, ...container.args].join(' ');
  const author = query(context, 'author');
  const id = yield* storeImage(client, {
    base,
    layer: writeTar(treeEntries(root)),
    config,
    name,
    ...(author === '' ? {} : { author }),
    history: { created: timeText(daemon.now), created_by, ...(comment === '' ? {} : { comment }) },
  });
  if (id instanceof ApiError) return refuse(id);
  containerEvent(daemon, container, 'commit', { comment, imageID: id, imageRef: name ?? '' });
  return json({ Id: id }, 201);
};

/** Takes a tar of a whole tree as an image of one layer. */
export const importHandler: Handler = function* (context) {
  const name = nameOf(context);
  if (name instanceof ApiError) return refuse(name);
  const config = changed(context, {});
  if (config instanceof ApiError) return refuse(config);
  const stream = decompressed(context.request.body.bytes());
  const entries = typeof stream === 'string' ? stream : readTar(stream);
  if (typeof entries === 'string') return refuse(new ApiError(500, entries));
  const comment = query(context, 'message') || 'Imported from -';
  const id = yield* storeImage(context.daemon.clientFor(context.process), {
    base: undefined,
    layer: writeTar(entries),
    config,
    name,
    history: { created: timeText(context.daemon.now), comment },
  });
  if (id instanceof ApiError) return refuse(id);
  const lines = [Content.ofJson({ status: id }, (value) => `${JSON.stringify(value)}\n`)];
  return streaming('application/json', function* () {
    return lines.shift();
  });
};

/** Method, path, handler. */
export const commitRoutes: readonly (readonly [string, string, Handler])[] = [
  ['POST', '/commit', commit],
];
