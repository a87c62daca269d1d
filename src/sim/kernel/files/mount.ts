// Mounts and places. A mount puts the tree of a file system (or a part of it: a bind) on a directory or file of
// another mount. A place is an inode as seen through a mount. Propagation follows mount_namespaces(7).

import type { FileSystem, Inode } from './inode.ts';
import type { PeerGroups } from './peers.ts';

export const MS_RDONLY = 1;
export const MS_NOSUID = 2;
export const MS_NODEV = 4;
export const MS_NOEXEC = 8;
export const MS_REMOUNT = 32;
export const MS_NOSYMFOLLOW = 256;
export const MS_NOATIME = 1024;
export const MS_NODIRATIME = 2048;
export const MS_BIND = 4096;
export const MS_MOVE = 8192;
export const MS_REC = 16384;
export const MS_UNBINDABLE = 1 << 17;
export const MS_PRIVATE = 1 << 18;
export const MS_SLAVE = 1 << 19;
export const MS_SHARED = 1 << 20;
export const MS_RELATIME = 1 << 21;
export const MS_STRICTATIME = 1 << 24;
export const MNT_FORCE = 1;
export const MNT_DETACH = 2;
export const MNT_EXPIRE = 4;
export const UMOUNT_NOFOLLOW = 8;

/** Words of /proc/mounts for the flags of a mount, in the order in which the kernel prints them. */
const FLAG_WORDS: readonly (readonly [number, string])[] = [
  [MS_NOSUID, 'nosuid'],
  [MS_NODEV, 'nodev'],
  [MS_NOEXEC, 'noexec'],
  [MS_NOATIME, 'noatime'],
  [MS_NODIRATIME, 'nodiratime'],
  [MS_RELATIME, 'relatime'],
  [MS_NOSYMFOLLOW, 'nosymfollow'],
];

/** `rw,nosuid,relatime`: the options of a mount itself, as the sixth field of mountinfo. */
export function mountOptions(mount: Mount): string {
  const words = [mount.flags & MS_RDONLY ? 'ro' : 'rw'];
  for (const [flag, word] of FLAG_WORDS) if (mount.flags & flag) words.push(word);
  return words.join(',');
}

/** An inode as seen through a mount; for what is no directory also the entry that led there. */
export interface Location {
  readonly mount: Mount;
  readonly inode: Inode;
  readonly directory?: Inode;
  readonly name?: string;
}

/** One mount. `point` is the inode it covers in `parent`; the root mount of a namespace has none. */
export class Mount {
  readonly id: number;
  readonly fs: FileSystem;
  /** The inode that is seen at the mount point: the file system's root, or what a bind took. */
  readonly root: Inode;
  /** First column of /proc/mounts. */
  readonly source: string;
  flags: number;
  parent: Mount | undefined;
  point: Inode | undefined;
  /** The place that is covered, for paths of mount points that are files. */
  at: Location | undefined;
  /** Mounts on this one, by the inode they cover (the topmost lies on that mount's own root). */
  readonly children = new Map<Inode, Mount>();
  /** Peer group number where shared, master's number where slave; 0: none. Set through PeerGroups. */
  peerGroup = 0;
  master = 0;
  unbindable = false;
  /** Came with a copy into a less privileged namespace: cannot be taken off or shown from under alone. */
  locked = false;
  /** Flags that may not be cleared there (MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC). */
  lockedFlags = 0;
  /** What a bind took, for the path of a root that is a file. */
  origin: Location | undefined;
  /** What else holds the mount: open files are counted by looking, so this is for a kernel's own users. */
  pins = 0;

  constructor(id: number, fs: FileSystem, root: Inode, source: string, flags: number) {
    this.id = id;
    this.fs = fs;
    this.root = root;
    this.source = source;
    this.flags = flags;
    fs.mounts = (fs.mounts ?? 0) + 1;
    fs.shown?.(this);
  }

  get readOnly(): boolean {
    return (this.flags & MS_RDONLY) !== 0 || this.fs.readOnly === true;
  }
}

/** Hangs `mount` on a place. What lay on that place already comes to lie on the new mount's root. */
export function attach(mount: Mount, at: Location): void {
  const before = at.mount.children.get(at.inode);
  mount.parent = at.mount;
  mount.point = at.inode;
  mount.at = at;
  at.mount.children.delete(at.inode);
  at.mount.children.set(at.inode, mount);
  if (before) attach(before, { mount, inode: mount.root });
}

/** Takes a mount off its place; its own children stay on it. */
export function detach(mount: Mount): void {
  if (mount.parent && mount.point) mount.parent.children.delete(mount.point);
  mount.parent = undefined;
  mount.point = undefined;
  mount.at = undefined;
}

/** The place that is seen where `place` is covered by mounts. */
export function uncovered(place: Location): Location {
  let seen = place;
  for (;;) {
    const { children } = seen.mount;
    const above = children.size > 0 ? children.get(seen.inode) : undefined;
    if (!above) return seen;
    seen = { mount: above, inode: above.root };
  }
}

/** `..` of a directory: crosses mount points downward; the root of everything is its own parent. */
export function parentOf(place: Location): Location {
  let at = place;
  while (at.inode === at.mount.root) {
    if (!at.mount.parent || !at.mount.point) return at;
    const covered = at.mount.at;
    at = { mount: at.mount.parent, inode: at.mount.point };
    if (!at.inode.isDirectory && covered?.directory) {
      return { mount: at.mount, inode: covered.directory };
    }
  }
  const home = at.inode.home;
  return home ? { mount: at.mount, inode: home.parent } : at;
}

/** The path of a place below `root`; places outside of it read as from the top with `(unreachable)` in front. */
export function pathOf(place: Location, root: Location): string {
  let path = '';
  let at = place;
  if (!at.inode.isDirectory && at.inode !== at.mount.root && at.directory) {
    path = `/${at.name ?? ''}`;
    at = { mount: at.mount, inode: at.directory };
  }
  for (;;) {
    if (at.inode === root.inode && at.mount === root.mount) return path || '/';
    if (at.inode === at.mount.root) {
      const { parent, point, at: covered } = at.mount;
      if (!parent || !point)
        return root.mount === at.mount ? `(unreachable)${path || '/'}` : path || '/';
      if (!point.isDirectory && covered?.directory) {
        path = `/${covered.name ?? ''}${path}`;
        at = { mount: parent, inode: covered.directory };
      } else {
        at = { mount: parent, inode: point };
      }
      continue;
    }
    const home = at.inode.home;
    if (!home) return path || '/';
    path = `/${home.name}${path}`;
    at = { mount: at.mount, inode: home.parent };
  }
}

/** All mounts at and under `mount`, parents first: a mount, then what was put on it in the order of putting. */
export function mountTree(mount: Mount): Mount[] {
  const out: Mount[] = [];
  const add = (at: Mount): void => {
    out.push(at);
    for (const child of at.children.values()) add(child);
  };
  add(mount);
  return out;
}

/** The mount at the bottom of the tree that a mount is in. */
export function bottomOf(mount: Mount): Mount {
  let at = mount;
  while (at.parent) at = at.parent;
  return at;
}

/** True where the place (a directory, or a file by its directory) lies at or under `root` in its file system. */
export function liesUnder(place: Location, root: Inode): boolean {
  if (place.inode === root) return true;
  let at: Inode | undefined = place.inode.isDirectory ? place.inode : place.directory;
  for (; at; at = at.home?.parent) if (at === root) return true;
  return false;
}

/** True where a path from `place` up through mounts meets `above`. */
export function reachableFrom(place: Location, above: Location): boolean {
  let at: Location | undefined = place;
  while (at && at.mount !== above.mount) at = at.mount.at;
  return at !== undefined && liesUnder(at, above.inode);
}

/** A mount of the same tree at `root`, not hung up yet: with the same source, flags and propagation. */
export function cloneMount(mount: Mount, root: Inode, id: number, groups: PeerGroups): Mount {
  const clone = new Mount(id, mount.fs, root, mount.source, mount.flags);
  clone.lockedFlags = mount.lockedFlags;
  clone.origin = mount.origin;
  groups.follow(clone, mount);
  return clone;
}
