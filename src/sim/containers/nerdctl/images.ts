// nerdctl images, pull, rmi and tag: containerd's images under the names that people write.

import type { Routine } from '../../core/wait.ts';
import type { ContainerdClient } from '../containerd/client.ts';
import type { ImageRecord } from '../containerd/types.ts';
import { chainIds } from '../images/oci.ts';
import {
  familiarName,
  fullName,
  isReferenceError,
  parseReference,
  withDefaultTag,
} from '../images/reference.ts';
import { binarySize } from '../programs/ctr/images.ts';
import { configOf, manifestOf } from '../programs/ctr/run.ts';
import { pullImage } from '../registry/pull.ts';
import { isRpcError } from '../rpc.ts';
import { ago, type Call, fatal, table, taskOf } from './call.ts';

/** The whole name that a short one means; a text with a blank says what is wrong. */
function whole(word: string): { readonly name: string } | string {
  const parsed = parseReference(word);
  return isReferenceError(parsed) ? parsed : { name: fullName(withDefaultTag(parsed)) };
}

/** The image that a word means, pulled where it is missing and may be. */
export function* ensureImage(call: Call, word: string): Routine<ImageRecord | string> {
  const reference = whole(word);
  if (typeof reference === 'string') return reference;
  const policy = call.given.text('pull') || 'missing';
  const known = yield* call.client.image(reference.name);
  if (!isRpcError(known) && policy !== 'always') return known;
  if (policy === 'never') return `image not available: ${JSON.stringify(word)}`;
  const problem = yield* fetchImage(call, reference.name);
  if (problem !== undefined) return problem;
  const pulled = yield* call.client.image(reference.name);
  return isRpcError(pulled) ? pulled.message : pulled;
}

const BAR = '|++++++++++++++++++++++++++++++++++++++|';

/** Pulls an image and shows how it ended. */
function* fetchImage({ main, client, given }: Call, name: string): Routine<string | undefined> {
  const started = main.process.now;
  const quiet = given.is('quiet');
  const result = yield* pullImage(client, {
    name,
    short: true,
    plainHttp: false,
    unpack: true,
    *progress() {},
  });
  if (typeof result === 'string') return result;
  if (quiet) return undefined;
  const { target, manifest } = result;
  const kind = target.mediaType.includes('index') || target.mediaType.includes('list');
  const rows: (readonly [string, string])[] = [
    [`${name}:`, 'resolved'],
    [`${kind ? 'index' : 'manifest'}-${target.digest}:`, 'done'],
    [`config-${manifest.config.digest}:`, 'done'],
    ...manifest.layers.map(({ digest }) => [`layer-${digest}:`, 'done'] as const),
  ];
  for (const [label, state] of rows) {
    main.err.put(`${label.padEnd(81)} ${state.padEnd(14)} ${BAR} \n`);
  }
  const bytes = manifest.layers.reduce((sum, { size }) => sum + size, manifest.config.size);
  const seconds = (main.process.now - started) / 1e9;
  const rate = binarySize(bytes / Math.max(seconds, 0.001));
  const elapsed = `elapsed: ${seconds.toFixed(1)} s`.padEnd(81);
  main.err.put(`${elapsed} total: ${binarySize(bytes)} (${rate}/s)\n`);
  yield* main.err.flush();
  return undefined;
}

export function* pull(call: Call): Routine<number> {
  const reference = whole(call.args[0] ?? '');
  if (typeof reference === 'string') return yield* fatal(call.main, reference);
  const problem = yield* fetchImage(call, reference.name);
  return problem === undefined ? 0 : yield* fatal(call.main, problem);
}

/** Bytes of the blobs of an image, and of its unpacked snapshots. */
function* sizesOf(
  client: ContainerdClient,
  image: ImageRecord,
): Routine<{ readonly blobs: number; readonly unpacked: number }> {
  const manifest = yield* manifestOf(client, image.target);
  const config = yield* configOf(client, image.target);
  if (isRpcError(manifest) || isRpcError(config)) return { blobs: 0, unpacked: 0 };
  const blobs = manifest.layers.reduce((sum, { size }) => sum + size, manifest.config.size);
  let unpacked = 0;
  for (const id of chainIds(config.rootfs.diff_ids)) {
    const usage = yield* client.snapshotUsage(id, 'overlayfs');
    if (!isRpcError(usage)) unpacked += usage.size;
  }
  return { blobs: blobs + image.target.size, unpacked };
}

/** What containerd names an image by its config for the CRI says nothing of itself. */
function repoTag(name: string): readonly [string, string] {
  const parsed = parseReference(name);
  if (isReferenceError(parsed) || name.startsWith('sha256:')) return ['<none>', '<none>'];
  return [familiarName(parsed), parsed.tag ?? '<none>'];
}

export function* images(call: Call): Routine<number> {
  const { main, client, given, args } = call;
  const all = yield* client.images();
  if (isRpcError(all)) return yield* fatal(main, all.message);
  const rows: string[][] = [];
  for (const image of all) {
    const [repository, tag] = repoTag(image.name);
    if (args[0] !== undefined && args[0] !== repository && args[0] !== `${repository}:${tag}`)
      continue;
    const { blobs, unpacked } = yield* sizesOf(client, image);
    const id = image.target.digest.slice(7, given.is('no-trunc') ? undefined : 19);
    const created = ago(main.process.now, image.createdAt);
    rows.push([
      repository,
      tag,
      id,
      created,
      'linux/amd64',
      binarySize(unpacked),
      binarySize(blobs),
    ]);
  }
  if (given.is('quiet')) main.out.put(rows.map((row) => `${row[2]}\n`).join(''));
  else {
    const heading = 'REPOSITORY,TAG,IMAGE ID,CREATED,PLATFORM,SIZE,BLOB SIZE'.split(',');
    main.out.put(table([heading, ...rows]));
  }
  return 0;
}

export function* removeImages(call: Call): Routine<number> {
  const { main, client, given } = call;
  const containers = yield* client.containers();
  const used = isRpcError(containers) ? [] : containers;
  const errors: string[] = [];
  for (const word of call.args) {
    const reference = whole(word);
    const name = typeof reference === 'string' ? word : reference.name;
    const image = yield* client.image(name);
    const holder = used.find((one) => one.image === name);
    const running = holder && (yield* taskOf(call, holder.id))?.status === 'RUNNING';
    if (isRpcError(image)) errors.push(`no such image: ${word}`);
    else if (holder && (running || !given.is('force'))) {
      const how = running ? 'cannot be forced' : 'must be forced';
      const state = running ? 'running' : 'stopped';
      errors.push(
        `conflict: unable to delete ${word} (${how}) - image is being used by ${state} container ${holder.id}`,
      );
    } else {
      yield* client.deleteImage(name, true);
      main.out.put(`Untagged: ${name}@${image.target.digest}\n`);
    }
  }
  yield* main.out.flush();
  if (errors.length === 0) return 0;
  return yield* fatal(main, `${errors.length} errors:\n${errors.join('\n')}`);
}

export function* tag(call: Call): Routine<number> {
  const { main, client, args } = call;
  const [from = '', to = ''] = args;
  const source = whole(from);
  const target = whole(to);
  if (typeof source === 'string') return yield* fatal(main, source);
  if (typeof target === 'string') return yield* fatal(main, target);
  const image = yield* client.image(source.name);
  if (isRpcError(image)) return yield* fatal(main, `${from}: not found`);
  const made = yield* client.putImage({ ...image, name: target.name });
  return isRpcError(made) ? yield* fatal(main, made.message) : 0;
}
