// ctr images import and export.

import { rfc3339 } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { gunzip, isGzip } from '../../../userland/libc/gzip.ts';
import type { ContainerdClient } from '../../containerd/client.ts';
import { inodeOf, writeWholeFile } from '../../containerd/daemon.ts';
import { manifestLabels } from '../../containerd/references.ts';
import type { ImageRecord } from '../../containerd/types.ts';
import { withLease } from '../../containerd/with-lease.ts';
import { type ReadArchive, readArchive, writeArchive } from '../../images/archive.ts';
import { contentsOf } from '../../images/layer.ts';
import { type Digest, type Manifest, parseConfig } from '../../images/oci.ts';
import { readTar } from '../../images/tar.ts';
import { isRpcError } from '../../rpc.ts';
import type { CliCall } from '../cli.ts';
import { clientOf, ctrFail, errorText, failWith } from './app.ts';
import { unpackOf } from './image-mounts.ts';
import { manifestOf } from './run.ts';

export function* readAll(
  client: ContainerdClient,
  targets: readonly ImageRecord[],
): Routine<Map<Digest, Uint8Array>> {
  const found = new Map<Digest, Uint8Array>();
  for (const { target } of targets) {
    const top = yield* client.readContent(target.digest);
    if (!isRpcError(top)) found.set(target.digest, top);
    const manifest = yield* manifestOf(client, target);
    if (isRpcError(manifest)) continue;
    for (const { digest } of [manifest.config, ...manifest.layers]) {
      const bytes = yield* client.readContent(digest);
      if (!isRpcError(bytes)) found.set(digest, bytes);
    }
  }
  return found;
}

export function* exportImages(call: CliCall): Routine<number> {
  const [out, ...names] = call.args;
  if (out === undefined || names.length === 0)
    return yield* ctrFail(
      call.main,
      'please provide both an output filename and an image reference to export',
    );
  const client = clientOf(call);
  const images: ImageRecord[] = [];
  for (const name of names) {
    const image = yield* client.image(name);
    if (isRpcError(image)) return yield* failWith(call, image);
    images.push(image);
  }
  const blobs = yield* readAll(client, images);
  const archive = writeArchive(
    images.map(({ name, target }) => ({ names: [name], target })),
    (digest) => blobs.get(digest),
  );
  if (out === '-') call.main.out.put(archive);
  else if (!writeWholeFile(call.main.process, out, archive, 0o644)) {
    return yield* ctrFail(call.main, `open ${out}: no such file or directory`);
  }
  return 0;
}

export function* importImages(call: CliCall): Routine<number> {
  const [path = ''] = call.args;
  const { main } = call;
  const { process: p } = main;
  const inode = path === '-' ? undefined : inodeOf(p, path);
  if (path !== '-' && !inode)
    return yield* ctrFail(main, `open ${path}: no such file or directory`);
  const raw = inode ? contentsOf(inode) : yield* p.readAll(0);
  if (isErrno(raw)) return yield* ctrFail(main, raw.message);
  const bytes = isGzip(raw) ? gunzip(raw) : raw;
  const entries = typeof bytes === 'string' ? bytes : readTar(bytes.slice());
  const archive = typeof entries === 'string' ? entries : readArchive(entries);
  if (typeof archive === 'string') return yield* ctrFail(main, archive);
  return yield* withLease(clientOf(call), (client) => importArchive(call, client, archive));
}

function* importArchive(
  call: CliCall,
  client: ContainerdClient,
  archive: ReadArchive,
): Routine<number> {
  const { main } = call;
  const { process: p } = main;
  for (const [digest, blob] of archive.blobs) {
    yield* client.writeContent({ ref: `import-${digest}`, bytes: blob, labels: {} });
  }
  const started = p.now;
  const saved: { readonly name: string; readonly target: ImageRecord['target'] }[] = [];
  for (const { name, ref, target } of archive.images) {
    const full =
      name ??
      (ref === undefined
        ? `import-${rfc3339(p.now).slice(0, 10)}@${target.digest}`
        : `${call.flags.text('index-name') || `import-${rfc3339(p.now).slice(0, 10)}`}:${ref}`);
    const base = call.flags.text('base-name');
    const names = base !== '' && !full.startsWith(base) ? [] : [full];
    if (call.flags.on('digests')) {
      names.push(`${base || full.replace(/:[^/]*$/, '')}@${target.digest}`);
    }
    for (const one of names) {
      const problem = yield* importOne(call, client, one, target);
      if (problem !== undefined) return yield* ctrFail(main, problem);
      saved.push({ name: one, target });
    }
  }
  for (const { name } of saved) main.out.put(`${name.slice(0, 40).padEnd(40)}\tsaved\t\n`);
  for (const { target } of saved.slice(-1)) {
    main.out.put(`${target.mediaType} ${target.digest}\n`);
  }
  const seconds = ((p.now - started) / 1e9).toFixed(1);
  main.out.put(`Importing\telapsed: ${seconds} s\ttotal:   0.0 B\t(0.0 B/s)\t\n`);
  return 0;
}

export function* importOne(
  call: CliCall,
  client: ContainerdClient,
  name: string,
  target: ImageRecord['target'],
): Routine<string | undefined> {
  const manifest = yield* manifestOf(client, target);
  if (isRpcError(manifest)) return errorText(manifest);
  const missing = yield* labelReferences(client, target.digest, manifest);
  if (missing !== undefined) return missing;
  const made = yield* client.putImage({ name, target, labels: {} });
  if (isRpcError(made)) return errorText(made);
  if (call.flags.on('no-unpack')) return undefined;
  const unpacked = yield* unpackOf(client, made);
  if (isRpcError(unpacked)) return errorText(unpacked);
  return undefined;
}

/** Labels a manifest with what it leads to; the complaint about the first blob that is missing. */
export function* labelReferences(
  client: ContainerdClient,
  digest: Digest,
  manifest: Manifest,
): Routine<string | undefined> {
  const config = yield* client.readContent(manifest.config.digest);
  if (isRpcError(config)) return errorText(config);
  const { rootfs } = parseConfig(config);
  for (const layer of manifest.layers) {
    const info = yield* client.contentInfo(layer.digest);
    if (isRpcError(info)) return `content digest ${layer.digest}: not found`;
  }
  if (rootfs.diff_ids.length !== manifest.layers.length)
    return 'mismatched image rootfs and manifest layers';
  yield* client.labelContent(digest, manifestLabels(manifest));
  return undefined;
}
