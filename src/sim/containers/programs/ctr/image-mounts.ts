// ctr images mount and unmount.

import { rfc3339 } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { ContainerdClient } from '../../containerd/client.ts';
import type { ImageRecord } from '../../containerd/types.ts';
import { chainIds, isIndexType, parseIndex } from '../../images/oci.ts';
import { mountAll, unmountAll } from '../../mounts.ts';
import { isRpcError, type RpcError } from '../../rpc.ts';
import type { CliCall } from '../cli.ts';
import { clientOf, ctrFail, errorText, failWith } from './app.ts';
import { configOf, manifestOf } from './run.ts';

export function* mount(call: CliCall): Routine<number> {
  const [ref, target] = call.args;
  const { main, flags } = call;
  if (ref === undefined) return yield* ctrFail(main, 'please provide an image reference to mount');
  if (target === undefined) return yield* ctrFail(main, 'please provide a target path to mount to');
  const client = clientOf(call);
  const image = yield* client.image(ref);
  if (isRpcError(image)) return yield* failWith(call, image);
  const config = yield* configOf(client, image.target);
  if (isRpcError(config)) return yield* failWith(call, config);
  const parent = chainIds(config.rootfs.diff_ids).at(-1) ?? '';
  const manifest = yield* manifestOf(client, image.target);
  if (!isRpcError(manifest)) yield* unpackOf(client, image);
  const request = {
    key: target,
    parent,
    labels: { 'containerd.io/gc.root': rfc3339(main.process.now) },
  };
  main.out.put(`${parent}\n`);
  yield* main.out.flush();
  const mounts = flags.on('rw')
    ? yield* client.prepareSnapshot(request)
    : yield* client.viewSnapshot(request);
  if (isRpcError(mounts)) {
    const exists = mounts.code === 'AlreadyExists';
    return yield* ctrFail(
      main,
      exists ? `activate error: mount "${target}": already exists` : errorText(mounts),
    );
  }
  const failure = mountAll(main.process, mounts, target);
  if (failure) {
    yield* client.removeSnapshot(target);
    return yield* ctrFail(main, failure.message.toLowerCase());
  }
  main.out.put(`${target}\n`);
  return 0;
}

/** Unpacks an image's manifest. */
export function* unpackOf(
  client: ContainerdClient,
  image: ImageRecord,
): Routine<string | RpcError> {
  let { digest } = image.target;
  if (isIndexType(image.target.mediaType)) {
    const bytes = yield* client.readContent(digest);
    if (isRpcError(bytes)) return bytes;
    digest = parseIndex(bytes).manifests[0]?.digest ?? digest;
  }
  return yield* client.unpack(digest);
}

export function* unmount(call: CliCall): Routine<number> {
  const [target] = call.args;
  const { main, flags } = call;
  if (target === undefined)
    return yield* ctrFail(main, 'please provide a target path to unmount from');
  unmountAll(main.process, target);
  const removed = yield* clientOf(call).removeSnapshot(target);
  if (isRpcError(removed) && flags.on('rm')) {
    return yield* failWith(call, removed, 'error removing snapshot: ');
  }
  main.out.put(`${target}\n`);
  return 0;
}
