// Files of containers: changes against the image, export of the whole tree, tar in and out of a path.

import { rfc3339Fraction } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Inode } from '../../kernel/files/inode.ts';
import { S_IFDIR, S_IFLNK, S_IFMT } from '../../kernel/files/inode.ts';
import { O_NOFOLLOW, O_PATH } from '../../kernel/files/open-file.ts';
import { lookInto } from '../../containers/containerd/spec.ts';
import { applyLayer, isWhiteout, tarEntryOf, treeEntries } from '../../containers/images/layer.ts';
import { readTar, type TarEntry, writeTar } from '../../containers/images/tar.ts';
import { isRpcError } from '../../containers/rpc.ts';
import { ApiError, type Container, type Dockerd, isAlive } from './model.ts';

/** container.FilesystemChange: 0 changed, 1 added, 2 deleted. */
export interface Change {
  readonly Path: string;
  readonly Kind: 0 | 1 | 2;
}

/** Runs `look` with the directory under which a container's files are. */
export function* withRoot<T>(
  daemon: Dockerd,
  thread: Process,
  container: Container,
  look: (root: string) => Routine<T>,
): Routine<T | ApiError> {
  if (isAlive(container)) return yield* look(`/proc/${container.state.pid}/root`);
  const mounts = yield* daemon.clientFor(thread).snapshotMounts(container.id);
  return isRpcError(mounts)
    ? new ApiError(500, mounts.message)
    : yield* lookInto(thread, mounts, look);
}

/** The inode at a path, symbolic links followed. */
export function inodeAtPath(thread: Process, path: string): Inode | undefined {
  const file = thread.openFile(path, O_PATH);
  return isErrno(file) ? undefined : file.inode;
}

/** The entries of a tree under a name, itself first; targets of links are read by path. */
export function entriesOf(thread: Process, path: string, name: string): TarEntry[] {
  const link = thread.readlink(path);
  const file = thread.openFile(path, O_PATH | (isErrno(link) ? 0 : O_NOFOLLOW));
  const inode = isErrno(file) ? undefined : file.inode;
  if (!inode) return [];
  if (!isErrno(link)) {
    const entry = tarEntryOf(inode, name);
    return entry ? [{ ...entry, target: link }] : [];
  }
  const own = tarEntryOf(inode, name);
  if (!inode.isDirectory) return own ? [own] : [];
  const inner = treeEntries(inode, name === '' ? '' : `${name}/`).map((entry) => {
    if (entry.kind !== 'symlink' || entry.target !== '') return entry;
    const target = thread.readlink(
      `${path}/${entry.name.slice(name === '' ? 0 : name.length + 1)}`,
    );
    return { ...entry, target: isErrno(target) ? '' : target };
  });
  return name === '' || !own ? inner : [own, ...inner];
}

/** GET /containers/ID/changes */
export function* changesOf(
  daemon: Dockerd,
  thread: Process,
  container: Container,
): Routine<Change[] | ApiError> {
  const mounts = yield* daemon.clientFor(thread).snapshotMounts(container.id);
  if (isRpcError(mounts)) return new ApiError(500, mounts.message);
  const options = mounts[0]?.options ?? [];
  const option = (name: string): string =>
    options.find((o) => o.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
  const lowers = option('lowerdir').split(':');
  const upper = inodeAtPath(thread, option('upperdir'));
  const changes: Change[] = [];
  const below = (path: string): boolean =>
    lowers.some((lower) => !isErrno(thread.lstat(lower + path)));
  const walk = (directory: Inode, path: string): void => {
    for (const { name, inode } of [...directory.entries(undefined)].sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      const full = `${path}/${name}`;
      if (isWhiteout(inode)) {
        changes.push({ Path: full, Kind: 2 });
        continue;
      }
      changes.push({ Path: full, Kind: below(full) ? 0 : 1 });
      if (inode.isDirectory) walk(inode, full);
    }
  };
  if (upper) walk(upper, '');
  return changes;
}

/** GET /containers/ID/export: the whole tree; volumes' contents are left out. */
export function* exportTree(
  daemon: Dockerd,
  thread: Process,
  container: Container,
): Routine<Uint8Array | ApiError> {
  const mounts = yield* daemon.clientFor(thread).snapshotMounts(container.id);
  if (isRpcError(mounts)) return new ApiError(500, mounts.message);
  return yield* lookInto(thread, mounts, function* (root) {
    return writeTar(entriesOf(thread, root, ''));
  });
}

/** What HEAD and GET /containers/ID/archive tell of a path (container.PathStat). */
export interface PathStat {
  readonly name: string;
  readonly size: number;
  readonly mode: number;
  readonly mtime: string;
  readonly linkTarget: string;
}

/** Bits of Go's io/fs.FileMode. */
export const DIRECTORY_BIT = 0x80000000;
export const LINK_BIT = 0x08000000;

/** Where a link at a path leads to. */
function resolved(path: string, link: string): string {
  if (link.startsWith('/')) return link;
  const parts: string[] = [];
  for (const part of `${path}/../${link}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** Looks at a path of a container; with `content` as a tar whose first entry is it. */
export function* readPath(
  daemon: Dockerd,
  thread: Process,
  container: Container,
  called: string,
  path: string,
  content: boolean,
): Routine<{ stat: PathStat; tar: Uint8Array } | ApiError> {
  const missing = new ApiError(404, `Could not find the file ${path} in container ${called}`);
  return yield* withRoot(daemon, thread, container, function* (root) {
    const found = thread.lstat(`${root}/${path.replace(/\/$/, '')}`);
    if (isErrno(found)) return missing;
    const isLink = (found.mode & S_IFMT) === S_IFLNK;
    const isFolder = (found.mode & S_IFMT) === S_IFDIR;
    const name =
      path
        .replace(/\/\.?$/, '')
        .split('/')
        .filter((part) => part !== '')
        .at(-1) ?? '/';
    const mode = (found.mode & 0o777) + (isFolder ? DIRECTORY_BIT : isLink ? LINK_BIT : 0);
    const link = isLink ? thread.readlink(`${root}/${path}`) : '';
    const linkTarget = isErrno(link) || link === '' ? '' : resolved(path, link);
    const mtime = rfc3339Fraction(found.mtime, 9).replace(/\.?0+Z$/, 'Z');
    const stat = { name, size: found.size, mode, mtime, linkTarget };
    return {
      stat,
      tar: content ? writeTar(entriesOf(thread, `${root}/${path}`, name)) : new Uint8Array(0),
    };
  });
}

/** PUT /containers/ID/archive: unpacks a tar into a directory. */
export function* writePath(
  daemon: Dockerd,
  thread: Process,
  container: Container,
  called: string,
  path: string,
  tar: Uint8Array,
): Routine<ApiError | undefined> {
  const entries = readTar(tar);
  if (typeof entries === 'string') return new ApiError(400, entries);
  if (container.hostConfig.ReadonlyRootfs)
    return new ApiError(403, 'container rootfs is marked read-only');
  return yield* withRoot(daemon, thread, container, function* (root) {
    const directory = inodeAtPath(thread, `${root}/${path}`);
    if (!directory)
      return new ApiError(404, `Could not find the file ${path} in container ${called}`);
    if (!directory.isDirectory) return new ApiError(400, 'extraction point is not a directory');
    const failure = applyLayer(directory, entries, 'remove');
    return failure ? new ApiError(500, failure.message.toLowerCase()) : undefined;
  });
}
