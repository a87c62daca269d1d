// Layers as trees of files: unpacking an archive over a directory (whiteouts become overlay's device nodes, or remove
// what they name), and the archive of what an overlay's upper directory changed (image-spec, layer.md).

import { encode } from '../../core/text.ts';
import { epochSeconds, MILLISECOND, START_OF_TIME } from '../../core/time.ts';
import { type Errno, isErrno } from '../../kernel/errno.ts';
import {
  type Inode,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
} from '../../kernel/files/inode.ts';
import { MemoryInode } from '../../kernel/files/memory.ts';
import { gunzip, isGzip } from '../../userland/libc/gzip.ts';
import { readTar, type TarEntry, type TarKind } from './tar.ts';

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';
/** Overlay's mark on a directory that hides everything below it. */
export const OPAQUE_XATTR = 'trusted.overlay.opaque';

const KIND_BITS: Readonly<Record<Exclude<TarKind, 'hardlink'>, number>> = {
  file: S_IFREG,
  directory: S_IFDIR,
  symlink: S_IFLNK,
  character: S_IFCHR,
  block: S_IFBLK,
  fifo: S_IFIFO,
};

/** What becomes of whiteouts: kept for an overlay, or carried out on the tree itself. */
export type WhiteoutForm = 'overlay' | 'remove';

/** The entries of a layer's blob, compressed or not; a text says why it is none. */
export function readLayer(bytes: Uint8Array): TarEntry[] | string {
  if (!isGzip(bytes)) return readTar(bytes);
  const tar = gunzip(bytes);
  return typeof tar === 'string' ? tar : readTar(tar);
}

/** The plain archive of a layer's blob. */
export function plainTar(bytes: Uint8Array): Uint8Array | string {
  return isGzip(bytes) ? gunzip(bytes) : bytes;
}

/** Unpacks a layer into a directory. Contents are shared with the archive; nothing is copied. */
export function applyLayer(
  root: Inode,
  entries: readonly TarEntry[],
  whiteouts: WhiteoutForm,
): Errno | undefined {
  for (const entry of entries) {
    const names = entry.name.split('/').filter((name) => name !== '' && name !== '.');
    if (names.includes('..')) continue;
    const name = names.pop();
    if (name === undefined) {
      setAttributes(root, entry);
      continue;
    }
    const parent = directoryAt(root, names, entry.mtime);
    if (isErrno(parent)) return parent;
    const failure = name.startsWith(WHITEOUT)
      ? applyWhiteout(parent, name, whiteouts)
      : applyEntry(root, parent, name, entry);
    if (failure) return failure;
  }
  return undefined;
}

/** Virtual nanoseconds of a time in seconds since 1970. */
function virtualTime(seconds: number): number {
  return (seconds * 1000 - START_OF_TIME) * MILLISECOND;
}

function directoryAt(root: Inode, names: readonly string[], mtime: number): Inode | Errno {
  let at = root;
  for (const name of names) {
    const found = at.lookup(name, undefined);
    if (found?.isDirectory) {
      at = found;
      continue;
    }
    if (found) at.unlink(name);
    const made = at.create(name, {
      mode: S_IFDIR | 0o755,
      uid: 0,
      gid: 0,
      now: virtualTime(mtime),
    });
    if (isErrno(made)) return made;
    at = made;
  }
  return at;
}

function applyWhiteout(parent: Inode, name: string, form: WhiteoutForm): Errno | undefined {
  if (name === OPAQUE) {
    if (form === 'remove') removeChildren(parent);
    else {
      const attributes = parent.attributes();
      if (!isErrno(attributes)) attributes.set(OPAQUE_XATTR, encode('y'));
    }
    return undefined;
  }
  const hidden = name.slice(WHITEOUT.length);
  removeEntry(parent, hidden);
  if (form === 'remove') return undefined;
  const made = parent.create(hidden, { mode: S_IFCHR, uid: 0, gid: 0, now: 0, rdev: 0 });
  return isErrno(made) ? made : undefined;
}

/** Removes an entry and everything in it. */
export function removeEntry(parent: Inode, name: string): void {
  const found = parent.lookup(name, undefined);
  if (!found) return;
  if (found.isDirectory) {
    removeChildren(found);
    parent.rmdir(name);
  } else parent.unlink(name);
}

function removeChildren(directory: Inode): void {
  for (const { name } of [...directory.entries(undefined)]) removeEntry(directory, name);
}

function applyEntry(root: Inode, parent: Inode, name: string, entry: TarEntry): Errno | undefined {
  const existing = parent.lookup(name, undefined);
  if (existing?.isDirectory && entry.kind === 'directory') {
    setAttributes(existing, entry);
    return undefined;
  }
  if (existing) removeEntry(parent, name);
  if (entry.kind === 'hardlink') {
    const target = inodeAt(root, entry.target ?? '');
    return target ? parent.link(name, target) : undefined;
  }
  const made = parent.create(name, {
    mode: KIND_BITS[entry.kind] | entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    now: virtualTime(entry.mtime),
    ...(entry.target === undefined ? {} : { target: entry.target }),
    rdev: entry.rdev ?? 0,
  });
  if (isErrno(made)) return made;
  if (entry.content && entry.content.length > 0) {
    if (made instanceof MemoryInode) made.setContents(entry.content);
    else made.writeAt(0, entry.content, undefined);
  }
  setAttributes(made, entry);
  return undefined;
}

function setAttributes(inode: Inode, entry: TarEntry): void {
  const time = virtualTime(entry.mtime);
  inode.mode = (inode.mode & S_IFMT) | entry.mode;
  inode.uid = entry.uid;
  inode.gid = entry.gid;
  inode.mtime = time;
  inode.ctime = time;
  const attributes = entry.xattrs && inode.attributes();
  if (!attributes || isErrno(attributes)) return;
  for (const [key, value] of entry.xattrs ?? []) attributes.set(key, value);
}

/** The inode at a path below a directory, without following links. */
export function inodeAt(root: Inode, path: string): Inode | undefined {
  let at: Inode | undefined = root;
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue;
    at = at?.lookup(name, undefined);
  }
  return at;
}

/** True for overlay's mark of a removed file. */
export function isWhiteout(inode: Inode): boolean {
  return inode.kind === S_IFCHR && inode.rdev === 0;
}

/** The entry of an archive for one file; undefined for what archives do not hold (sockets). */
export function tarEntryOf(inode: Inode, name: string, linkedTo?: string): TarEntry | undefined {
  const kind = inode.kind;
  if (kind === S_IFSOCK) return undefined;
  const attributes = inode.attributes();
  const xattrs = new Map<string, Uint8Array>();
  if (!isErrno(attributes)) {
    for (const [key, value] of attributes) if (!key.startsWith('trusted.')) xattrs.set(key, value);
  }
  const base = {
    name,
    mode: inode.mode & 0o7777,
    uid: inode.uid,
    gid: inode.gid,
    mtime: epochSeconds(inode.mtime),
    ...(xattrs.size > 0 ? { xattrs } : {}),
  };
  if (linkedTo !== undefined) return { ...base, kind: 'hardlink', target: linkedTo };
  const found = Object.entries(KIND_BITS).find(([, bits]) => bits === kind);
  const tarKind = (found?.[0] ?? 'file') as TarKind;
  if (tarKind === 'symlink') return { ...base, kind: tarKind, target: linkTarget(inode) };
  if (tarKind === 'file') return { ...base, kind: tarKind, content: contentsOf(inode) };
  return { ...base, kind: tarKind, rdev: inode.rdev };
}

function linkTarget(inode: Inode): string {
  const target = inode.readlink(undefined);
  return isErrno(target) ? '' : target;
}

/** All bytes of a plain file, as a view where they are in memory. */
export function contentsOf(inode: Inode): Uint8Array {
  if (inode instanceof MemoryInode) return inode.contents();
  const bytes = inode.readAt(0, inode.size, undefined);
  return isErrno(bytes) ? new Uint8Array(0) : bytes;
}

/** The archive of a tree, names sorted, hard links kept; `prefix` stands before each name. */
export function treeEntries(root: Inode, prefix = ''): TarEntry[] {
  const entries: TarEntry[] = [];
  const linked = new Map<Inode, string>();
  const walk = (directory: Inode, path: string): void => {
    for (const { name, inode } of sortedEntries(directory)) {
      const full = `${path}${name}`;
      if (isWhiteout(inode)) {
        entries.push(whiteoutEntry(`${path}${WHITEOUT}${name}`));
        continue;
      }
      const first = inode.isDirectory ? undefined : linked.get(inode);
      const entry = tarEntryOf(inode, full, first);
      if (entry) entries.push(entry);
      if (!inode.isDirectory && inode.nlink > 1 && first === undefined) linked.set(inode, full);
      if (!inode.isDirectory) continue;
      const attributes = inode.attributes();
      if (!isErrno(attributes) && attributes.has(OPAQUE_XATTR)) {
        entries.push(whiteoutEntry(`${full}/${OPAQUE}`));
      }
      walk(inode, `${full}/`);
    }
  };
  walk(root, prefix);
  return entries;
}

function sortedEntries(directory: Inode): { name: string; inode: Inode }[] {
  return [...directory.entries(undefined)].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The entry that says a name is gone. */
export function whiteoutEntry(name: string): TarEntry {
  return { name, kind: 'file', mode: 0, uid: 0, gid: 0, mtime: 0 };
}

/** The whiteout of a path: `etc/shadow` becomes `etc/.wh.shadow`. */
export function whiteoutName(path: string): string {
  const slash = path.lastIndexOf('/') + 1;
  return `${path.slice(0, slash)}${WHITEOUT}${path.slice(slash)}`;
}

/** Bytes on disk of a tree, in blocks of 4 KiB, as snapshots' usage counts them. */
export function treeUsage(root: Inode): { size: number; inodes: number } {
  let size = 4096;
  let inodes = 1;
  const seen = new Set<Inode>();
  const walk = (directory: Inode): void => {
    for (const { inode } of directory.entries(undefined)) {
      if (seen.has(inode)) continue;
      seen.add(inode);
      inodes++;
      size += inode.isDirectory ? 4096 : inode.isRegular ? inode.blocks * 512 : 0;
      if (inode.isDirectory) walk(inode);
    }
  };
  walk(root);
  return { size, inodes };
}
