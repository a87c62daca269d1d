// ctr images.

import { rfc3339 } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { notSimulated } from '../../../userland/libc/stdio.ts';
import type { ContainerdClient } from '../../containerd/client.ts';
import type { ImageRecord } from '../../containerd/types.ts';
import { chainIds, isIndexType, parseIndex, platformText } from '../../images/oci.ts';
import { pullImage } from '../../registry/pull.ts';
import { isRpcError, type RpcError } from '../../rpc.ts';
import { type CliCall, type CliCommand, type CliFlag, tabTable } from '../cli.ts';
import { clientOf, ctrFail, errorText, failWith } from './app.ts';
import { exportImages, importImages } from './archives.ts';
import { mount, unmount } from './image-mounts.ts';
import { configOf, manifestOf } from './run.ts';

const bool = (names: string, usage: string): CliFlag => ({
  names: names.split(' '),
  kind: 'bool',
  usage,
  default: 'false',
});
export const text = (names: string, usage: string, fallback?: string): CliFlag => ({
  names: names.split(' '),
  kind: 'string',
  usage,
  ...(fallback === undefined ? {} : { default: fallback }),
});

/** Bytes with binary units, one digit after the point, as progress.Bytes prints them. */
export function binarySize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}

/** Declared bytes of everything that an image needs. */
function* imageSize(client: ContainerdClient, image: ImageRecord): Routine<number | RpcError> {
  const manifest = yield* manifestOf(client, image.target);
  if (isRpcError(manifest)) return manifest;
  const all = [manifest.config, ...manifest.layers];
  return all.reduce((sum, { size }) => sum + size, image.target.size);
}

function* platformsOf(client: ContainerdClient, image: ImageRecord): Routine<string> {
  const bytes = yield* client.readContent(image.target.digest);
  if (!isRpcError(bytes) && isIndexType(image.target.mediaType)) {
    const { manifests } = parseIndex(bytes);
    const names = manifests.flatMap(({ platform }) =>
      platform && platform.os !== 'unknown' ? [platformText(platform)] : [],
    );
    return [...new Set(names)].sort().join(',');
  }
  const config = yield* configOf(client, image.target);
  return isRpcError(config) ? '-' : platformText(config);
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const list = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`);
  return list.length === 0 ? '-' : list.join(',');
}

function* list(call: CliCall): Routine<number> {
  const client = clientOf(call);
  const images = yield* client.images(call.args);
  if (isRpcError(images)) return yield* failWith(call, images, 'failed to list images: ');
  const { out } = call.main;
  if (call.flags.on('quiet')) {
    for (const { name } of images) out.put(`${name}\n`);
    return 0;
  }
  const rows: string[][] = [['REF', 'TYPE', 'DIGEST', 'SIZE', 'PLATFORMS', 'LABELS', '']];
  for (const image of images) {
    const size = yield* imageSize(client, image);
    const platforms = yield* platformsOf(client, image);
    const shown = isRpcError(size) ? '-' : binarySize(size);
    rows.push([
      image.name,
      image.target.mediaType,
      image.target.digest,
      shown,
      platforms,
      labelText(image.labels),
      '',
    ]);
  }
  out.put(tabTable(rows));
  return 0;
}

function* check(call: CliCall): Routine<number> {
  const client = clientOf(call);
  const images = yield* client.images(call.args);
  if (isRpcError(images)) return yield* failWith(call, images, 'failed to list images: ');
  if (images.length === 0) return 0;
  const quiet = call.flags.on('quiet');
  const rows: string[][] = [['REF', 'TYPE', 'DIGEST', 'STATUS', 'SIZE', 'UNPACKED', '']];
  for (const image of images) {
    const state = yield* imageState(client, image);
    if (quiet) {
      if (state.complete) call.main.out.put(`${image.name}\n`);
    } else {
      const { status, size, unpacked } = state;
      rows.push([
        image.name,
        image.target.mediaType,
        image.target.digest,
        status,
        size,
        String(unpacked),
        '',
      ]);
    }
  }
  if (!quiet) call.main.out.put(tabTable(rows));
  return 0;
}

interface ImageState {
  readonly complete: boolean;
  readonly status: string;
  readonly size: string;
  readonly unpacked: boolean;
}

function* imageState(client: ContainerdClient, image: ImageRecord): Routine<ImageState> {
  const manifest = yield* manifestOf(client, image.target);
  if (isRpcError(manifest))
    return { complete: false, status: 'unavailable (0/?)', size: '0.0 B/?', unpacked: false };
  const needed = [manifest.config, ...manifest.layers];
  let present = 0;
  let have = 0;
  for (const { digest, size } of needed) {
    if (isRpcError(yield* client.contentInfo(digest))) continue;
    present++;
    have += size;
  }
  const total = needed.reduce((sum, { size }) => sum + size, 0);
  const complete = present === needed.length;
  const config = complete ? yield* configOf(client, image.target) : undefined;
  const top = config && !isRpcError(config) ? (chainIds(config.rootfs.diff_ids).at(-1) ?? '') : '';
  const unpacked = top !== '' && !isRpcError(yield* client.snapshotInfo(top));
  const status = `${complete ? 'complete' : 'incomplete'} (${present}/${needed.length})`;
  return { complete, status, size: `${binarySize(have)}/${binarySize(total)}`, unpacked };
}

function* remove(call: CliCall): Routine<number> {
  const { main, args } = call;
  let failed = '';
  for (const name of args) {
    const deleted = yield* clientOf(call).deleteImage(name, call.flags.on('sync'));
    if (!isRpcError(deleted)) {
      main.out.put(`${name}\n`);
      yield* main.out.flush();
      continue;
    }
    const time = rfc3339(main.process.now);
    if (deleted.code === 'NotFound')
      main.err.put(`time="${time}" level=warning msg="${name}: image not found"\n`);
    else {
      main.err.put(
        `time="${time}" level=error msg="failed to delete ${name}" error=${JSON.stringify(deleted.message)}\n`,
      );
      failed ||= `unable to delete ${name}: ${errorText(deleted)}`;
    }
  }
  yield* main.err.flush();
  return failed === '' ? 0 : yield* ctrFail(main, failed);
}

function* tag(call: CliCall): Routine<number> {
  const [ref = '', ...targets] = call.args;
  if (ref === '') return yield* ctrFail(call.main, 'please provide an image reference to tag from');
  if (targets.length === 0)
    return yield* ctrFail(call.main, 'please provide an image reference to tag to');
  const client = clientOf(call);
  const image = yield* client.image(ref);
  if (isRpcError(image)) return yield* failWith(call, image);
  for (const name of targets) {
    const record = { name, target: image.target, labels: image.labels };
    const made = yield* client.putImage(record);
    if (isRpcError(made)) return yield* failWith(call, made);
    call.main.out.put(`${name}\n`);
  }
  return 0;
}

function* label(call: CliCall): Routine<number> {
  const [ref = '', ...labels] = call.args;
  if (ref === '') return yield* ctrFail(call.main, 'please specify an image');
  const client = clientOf(call);
  const image = yield* client.image(ref);
  if (isRpcError(image)) return yield* failWith(call, image);
  if (labels.length === 0) {
    return yield* ctrFail(
      call.main,
      'Target.Digest "" invalid: invalid checksum digest format: invalid argument',
    );
  }
  const kept = call.flags.on('replace-all') ? {} : image.labels;
  const merged = new Map(Object.entries(kept));
  for (const pair of labels) {
    const [key = '', value = ''] = pair.split('=');
    if (value === '') merged.delete(key);
    else merged.set(key, value);
  }
  const updated = yield* client.updateImage({ ...image, labels: Object.fromEntries(merged) });
  if (isRpcError(updated)) return yield* failWith(call, updated);
  call.main.out.put(`${[...merged].map(([key, value]) => `${key}=${value}`).join(',')}\n`);
  return 0;
}

function* pull(call: CliCall): Routine<number> {
  const [ref] = call.args;
  if (ref === undefined)
    return yield* ctrFail(call.main, 'please provide an image reference to pull');
  const { out } = call.main;
  const result = yield* pullImage(clientOf(call), {
    name: ref,
    short: false,
    plainHttp: call.flags.on('plain-http'),
    unpack: true,
    *progress(line) {
      out.put(`${line}\n`);
      yield* out.flush();
    },
  });
  if (typeof result === 'string') return yield* ctrFail(call.main, result);
  return 0;
}

const REF = '[flags] <ref>';

export const imagesCommand: CliCommand = {
  name: 'images',
  aliases: ['image', 'i'],
  usage: 'Manage images',
  argsUsage: '[arguments...]',
  commands: [
    {
      name: 'check',
      usage: 'Check existing images to ensure all content is available locally',
      argsUsage: '[flags] [<filter>, ...]',
      flags: [bool('quiet q', 'Print only the ready image refs (fully downloaded and unpacked)')],
      run: check,
    },
    {
      name: 'export',
      usage: 'Export images',
      argsUsage: '[flags] <out> <image> ...',
      flags: [
        bool('skip-manifest-json', 'Do not add Docker compatible manifest.json to archive'),
        { names: ['platform'], kind: 'list', usage: 'Pull content from a specific platform' },
        bool('all-platforms', 'Exports content from all platforms'),
      ],
      run: exportImages,
    },
    {
      name: 'import',
      usage: 'Import images',
      argsUsage: '[flags] <in>',
      flags: [
        text(
          'base-name',
          'Base image name for added images, when provided only images with this name prefix are imported',
        ),
        text('index-name', 'Image name to keep index as, by default index is discarded'),
        bool('digests', 'Whether to create digest images'),
        bool('no-unpack', 'Skip unpacking the images'),
        bool('all-platforms', 'Imports content for all platforms'),
        text('snapshotter', 'Snapshotter name'),
      ],
      run: importImages,
    },
    {
      name: 'inspect',
      aliases: ['i'],
      usage: 'inspect an image',
      argsUsage: '<image>',
      run: (call) => notSimulated(call.main, 'ctr images inspect'),
    },
    {
      name: 'list',
      aliases: ['ls'],
      usage: 'List images known to containerd',
      argsUsage: '[flags] [<filter>, ...]',
      description: 'list images registered with containerd',
      flags: [bool('quiet q', 'Print only the image refs')],
      run: list,
    },
    {
      name: 'mount',
      usage: 'Mount an image to a target path',
      argsUsage: '[flags] <ref> <target>',
      flags: [
        bool('rw', 'Enable write support on the mount'),
        text('platform', 'Mount the image for the specified platform', 'linux/amd64'),
        text('snapshotter', 'Snapshotter name'),
      ],
      run: mount,
    },
    {
      name: 'unmount',
      usage: 'Unmount the image from the target',
      argsUsage: '[flags] <target>',
      flags: [
        bool('rm', 'Remove the snapshot after a successful unmount'),
        text('snapshotter', 'Snapshotter name'),
      ],
      run: unmount,
    },
    {
      name: 'pull',
      usage: 'Pull an image from a remote',
      argsUsage: REF,
      flags: [
        bool('skip-verify k', 'Skip SSL certificate validation'),
        bool('plain-http', 'Allow connections using plain HTTP'),
        text('user u', 'User[:password] Registry user and password'),
        text('platform', 'Pull content from a specific platform'),
        bool('all-platforms', 'Pull content and metadata from all platforms'),
        text('snapshotter', 'Snapshotter name'),
        bool('local', 'Fetch content from local client rather than using transfer service'),
      ],
      run: pull,
    },
    {
      name: 'push',
      usage: 'Push an image to a remote',
      argsUsage: '[flags] <remote> [<local>]',
      run: (call) => notSimulated(call.main, 'ctr images push'),
    },
    {
      name: 'prune',
      usage: 'Remove unused images',
      flags: [bool('all', 'Remove all unused images, not just dangling ones')],
      run: (call) => notSimulated(call.main, 'ctr images prune'),
    },
    {
      name: 'delete',
      aliases: ['del', 'remove', 'rm'],
      usage: 'Remove one or more images by reference',
      argsUsage: '[flags] <ref> [<ref>, ...]',
      flags: [bool('sync', 'Synchronously remove image and all associated resources')],
      run: remove,
    },
    {
      name: 'tag',
      usage: 'Tag an image',
      argsUsage: '[flags] <source_ref> <target_ref> [<target_ref>, ...]',
      flags: [bool('force', 'Force target_ref to be created, regardless if it already exists')],
      run: tag,
    },
    {
      name: 'label',
      usage: 'Set and clear labels for an image',
      argsUsage: '[flags] <name> [<key>=<value>, ...]',
      flags: [bool('replace-all r', 'Replace all labels')],
      run: label,
    },
    {
      name: 'convert',
      usage: 'Convert an image',
      argsUsage: '[flags] <source_ref> <target_ref>',
      run: (call) => notSimulated(call.main, 'ctr images convert'),
    },
    {
      name: 'usage',
      usage: 'Display usage of snapshots for a given image ref',
      argsUsage: REF,
      run: (call) => notSimulated(call.main, 'ctr images usage'),
    },
  ],
};
