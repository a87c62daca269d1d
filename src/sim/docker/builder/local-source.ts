// Clients' directories: a copy is kept by the daemon, and only files that changed are asked for (fsutil, source/local).

import type { Routine } from '../../core/wait.ts';
import { START_OF_TIME } from '../../core/time.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { makeDirectories, removeAll, writeWholeFile } from '../../containers/containerd/daemon.ts';
import { BuildError } from './dockerfile/errors.ts';
import { type Builder, BUILDKIT_ROOT, type CacheRecord } from './model.ts';
import { dataPackets, LAST_PACKETS, statPacket } from './packet.ts';
import type { ClientCall, ClientReply, FileStat } from './session.ts';

/** Go's os.FileMode bits for kinds of files. */
export const GO_DIRECTORY = 2 ** 31;
export const GO_SYMLINK = 2 ** 27;

/** Asks the client; its answer with the bytes that came along. */
export type AskClient = (
  call: ClientCall,
  bytes?: Uint8Array,
) => Routine<{ reply: ClientReply; bytes: Uint8Array }>;

export interface LocalRequest {
  readonly name: string;
  readonly follow: readonly string[] | undefined;
  readonly exclude: readonly string[];
  /** Every file is sent, whether it changed or not. */
  readonly whole: boolean;
  /** What the copy is kept under; empty for a copy that is not kept. */
  readonly shared: string;
}

export interface LocalCopy {
  readonly directory: string;
  /** Bytes of the exchange. */
  readonly transferred: number;
}

/** What is known of the copies, by what they are kept under. */
const known = new WeakMap<
  Builder,
  Map<string, { record: CacheRecord; stats: Map<string, FileStat> }>
>();

function copyOf(builder: Builder, p: Process, shared: string) {
  let all = known.get(builder);
  if (!all) known.set(builder, (all = new Map()));
  const before = all.get(shared);
  if (before && builder.records.has(before.record.id)) return before;
  const id = builder.newId();
  const directory = `${BUILDKIT_ROOT}/local/${id}`;
  makeDirectories(p, directory, 0o700);
  const record = builder.add({
    id,
    type: 'source.local',
    description: `local source for ${shared.split(' ')[0]}`,
    createdAt: p.now,
    lastUsedAt: p.now,
    usageCount: 0,
    size: 4096,
    parents: [],
    inUse: false,
    mutable: true,
    keys: new Set(),
    ref: undefined,
    directory,
  });
  const made = { record, stats: new Map<string, FileStat>() };
  all.set(shared, made);
  return made;
}

const same = (a: FileStat | undefined, b: FileStat): boolean =>
  a !== undefined &&
  a.mode === b.mode &&
  a.size === b.size &&
  a.mtime === b.mtime &&
  a.linkname === b.linkname;

function place(p: Process, path: string, stat: FileStat, bytes: Uint8Array): void {
  const before = p.lstat(path);
  const wantsDirectory = stat.mode >= GO_DIRECTORY;
  const isDirectory = !isErrno(before) && (before.mode & 0o170000) === 0o040000;
  if (!isErrno(before) && !(wantsDirectory && isDirectory)) removeAll(p, path);
  const permissions = stat.mode & 0o777;
  if (wantsDirectory) p.mkdir(path, permissions);
  else if ((stat.mode & GO_SYMLINK) !== 0) p.symlink(stat.linkname, path);
  else writeWholeFile(p, path, bytes, permissions);
  if ((stat.mode & GO_SYMLINK) === 0 || wantsDirectory) p.chmod(path, permissions);
  const time = stat.mtime - START_OF_TIME * 1_000_000;
  p.utimes(path, time, time, false);
}

/** Brings the daemon's copy of a client's directory up to date. */
export function* syncLocal(
  builder: Builder,
  p: Process,
  ask: AskClient,
  request: LocalRequest,
): Routine<LocalCopy> {
  const { name, follow, exclude } = request;
  const { reply } = yield* ask({ method: 'walk', name, follow, exclude });
  if (reply.error !== undefined) throw new BuildError(reply.error);
  const { record, stats: before } = copyOf(builder, p, `${name} ${request.shared}`);
  const directory = record.directory ?? '';
  const stats = reply.stats ?? [];
  const names = new Set(stats.map(({ path }) => path));
  for (const path of [...before.keys()]) {
    if (names.has(path)) continue;
    removeAll(p, `${directory}/${path}`);
    before.delete(path);
  }
  let transferred = LAST_PACKETS;
  for (const [id, stat] of stats.entries()) {
    transferred += statPacket(stat);
    const plain = stat.mode < GO_SYMLINK;
    const known = before.get(stat.path);
    if (same(known, stat) && !request.whole) continue;
    let bytes = new Uint8Array(0);
    if (plain) {
      bytes = (yield* ask({ method: 'read', name, path: stat.path }))
        .bytes as Uint8Array<ArrayBuffer>;
      transferred += dataPackets(id, bytes.length);
    }
    place(p, `${directory}/${stat.path}`, stat, bytes);
    before.set(stat.path, stat);
  }
  record.lastUsedAt = p.now;
  record.usageCount++;
  return { directory, transferred };
}
