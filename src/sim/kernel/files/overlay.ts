// The overlay file system: directories merged from layers, files of lower layers copied up when they are changed,
// deletions kept as whiteouts (character device 0/0) and opaque directories (trusted.overlay.opaque).
// Not modelled: redirects of renamed directories (they answer EXDEV, as with redirect_dir=off), metacopy, index.

import { encode } from '../../core/text.ts';
import {
  EEXIST,
  EISDIR,
  ENOENT,
  ENOTDIR,
  ENOTEMPTY,
  EROFS,
  EXDEV,
  type Errno,
  isErrno,
} from '../errno.ts';
import type { Task } from '../task/task.ts';
import {
  type AttributeChanges,
  type DirectoryEntry,
  type FileSystem,
  type FileSystemUse,
  Inode,
  type NewInode,
  S_IFCHR,
} from './inode.ts';
import { clearWhiteouts, copyAttributes, copyContents } from './overlay-copy.ts';
import { O_ACCMODE, O_RDONLY, type OpenFile } from './open-file.ts';

/** The layers at one name: what is on top first. */
interface Stack {
  readonly upper: Inode | undefined;
  readonly lowers: readonly Inode[];
}

const OPAQUE = encode('y');

/** A deletion marker. */
function isWhiteout(inode: Inode): boolean {
  return inode.kind === S_IFCHR && inode.rdev === 0;
}

export class OverlayFileSystem implements FileSystem {
  readonly type = 'overlay';
  readonly device: number;
  readonly root: OverlayInode;
  readonly options: string;
  readOnly: boolean;
  /** `trusted.overlay.` or, with userxattr, `user.overlay.`. */
  readonly prefix: string;
  private readonly known = new WeakMap<Inode, OverlayInode>();

  constructor(device: number, options: string, layers: Stack, userXattr: boolean) {
    this.device = device;
    this.options = options;
    this.prefix = userXattr ? 'user.overlay.' : 'trusted.overlay.';
    this.readOnly = layers.upper === undefined;
    this.root = new OverlayInode(this, layers);
  }

  isOpaque(inode: Inode): boolean {
    if (!inode.hasAttributes) return false;
    const attributes = inode.attributes();
    return !isErrno(attributes) && attributes.get(`${this.prefix}opaque`)?.[0] === OPAQUE[0];
  }

  /** The inode that stands for a stack: the same one as long as the layers are the same. */
  inodeFor(stack: Stack): OverlayInode {
    const real = (stack.upper ?? stack.lowers[0]) as Inode; // a stack is never empty
    const old = this.known.get(real);
    if (old?.isStill(stack)) return old;
    const inode = new OverlayInode(this, stack);
    this.known.set(real, inode);
    return inode;
  }

  remember(real: Inode, inode: OverlayInode): void {
    this.known.set(real, inode);
  }

  use(): FileSystemUse {
    const { upper, lowers } = this.root.stack;
    return ((upper ?? lowers[0]) as Inode).fs.use(); // a stack is never empty
  }
}

export class OverlayInode extends Inode {
  private readonly overlay: OverlayFileSystem;
  private upper: Inode | undefined;
  private readonly lowers: readonly Inode[];
  /** Where it was found last: a copy-up makes the same name in the upper layer. */
  private place: { readonly parent: OverlayInode; readonly name: string } | undefined;

  constructor(overlay: OverlayFileSystem, stack: Stack) {
    const real = (stack.upper ?? stack.lowers[0]) as Inode; // a stack is never empty
    super(overlay, real.number, real.mode, real.uid, real.gid, real.mtime);
    this.overlay = overlay;
    this.upper = stack.upper;
    this.lowers = stack.lowers;
  }

  get stack(): Stack {
    return { upper: this.upper, lowers: this.lowers };
  }
  /** The inode whose contents and attributes are seen. */
  get real(): Inode | undefined {
    return this.upper ?? this.lowers?.[0];
  }
  /** A directory that is the upper layer's and a lower one's together. */
  get isMerged(): boolean {
    return this.isDirectory && this.upper !== undefined && this.lowers.length > 0;
  }
  /** True where an upper inode exists: changes go there. */
  get isUpper(): boolean {
    return this.upper !== undefined;
  }

  isStill(stack: Stack): boolean {
    if (this.upper !== stack.upper || this.removed) return false;
    if (!this.isDirectory) return this.upper !== undefined || this.lowers[0] === stack.lowers[0];
    return (
      this.lowers.length === stack.lowers.length &&
      this.lowers.every((l, i) => l === stack.lowers[i])
    );
  }

  override get size(): number {
    return this.real?.size ?? 0;
  }
  override get blocks(): number {
    return this.real?.blocks ?? 0;
  }

  override lookup(name: string, task: Task | undefined): OverlayInode | undefined {
    const stack = this.stackOf(name, task);
    if (!stack) return undefined;
    const inode = this.overlay.inodeFor(stack);
    const { place } = inode;
    if (place?.parent !== this || place.name !== name) {
      inode.place = { parent: this, name };
      if (inode.isDirectory) inode.home = inode.place;
    }
    return inode;
  }

  private stackOf(name: string, task: Task | undefined): Stack | undefined {
    const upper = this.upper?.lookup(name, task);
    if (upper) {
      if (isWhiteout(upper)) return undefined;
      if (!upper.isDirectory || this.overlay.isOpaque(upper)) return { upper, lowers: [] };
    }
    const lowers = this.lowersOf(name, task, upper !== undefined);
    return upper || lowers.length > 0 ? { upper, lowers } : undefined;
  }

  private lowersOf(name: string, task: Task | undefined, directoriesOnly: boolean): Inode[] {
    const found: Inode[] = [];
    for (const layer of this.lowers) {
      const inode = layer.lookup(name, task);
      if (!inode) continue;
      if (isWhiteout(inode)) break;
      if (!inode.isDirectory) {
        if (found.length === 0 && !directoriesOnly) found.push(inode);
        break;
      }
      found.push(inode);
      if (this.overlay.isOpaque(inode)) break;
    }
    return found;
  }

  override entries(task: Task | undefined): readonly DirectoryEntry[] {
    const seen = new Set<string>();
    const list: DirectoryEntry[] = [];
    for (const layer of this.upper ? [this.upper, ...this.lowers] : this.lowers) {
      for (const { name, inode } of layer.entries(task)) {
        if (seen.has(name)) continue;
        seen.add(name);
        if (isWhiteout(inode)) continue;
        const merged = this.lookup(name, task);
        if (merged) list.push({ name, inode: merged });
      }
    }
    return list;
  }

  /** Brings the inode into the upper layer, with the directories above it: EROFS where there is none. */
  copyUp(): Inode | Errno {
    if (this.upper) return this.upper;
    const { place } = this;
    const lower = this.lowers[0];
    if (!place || !lower) return EROFS;
    const parent = place.parent.copyUp();
    if (isErrno(parent)) return parent;
    const { mtime, ctime } = parent;
    const { mode, uid, gid, rdev } = lower;
    const target = lower.isSymlink ? lower.readlink(undefined) : '';
    if (isErrno(target)) return target;
    const made = parent.create(place.name, { mode, uid, gid, now: lower.mtime, target, rdev });
    if (isErrno(made)) return made;
    const failure = lower.isRegular ? copyContents(underneath(lower), made) : undefined;
    if (failure) {
      parent.unlink(place.name);
      return failure;
    }
    copyAttributes(lower, made, this.overlay.prefix);
    Object.assign(made, {
      mode,
      uid,
      gid,
      atime: lower.atime,
      mtime: lower.mtime,
      ctime: lower.ctime,
    });
    Object.assign(parent, { mtime, ctime });
    this.upper = made;
    this.overlay.remember(made, this);
    return made;
  }

  override create(name: string, request: NewInode): Inode | Errno {
    if (!this.isDirectory) return ENOTDIR;
    if (this.removed) return ENOENT;
    if (this.lookup(name, undefined)) return EEXIST;
    const upper = this.copyUp();
    if (isErrno(upper)) return upper;
    const covered = upper.lookup(name, undefined) !== undefined;
    if (covered) upper.unlink(name);
    const made = upper.create(name, request);
    if (isErrno(made)) return made;
    if (made.isDirectory && (covered || this.hasBelow(name))) {
      made.setAttribute(`${this.overlay.prefix}opaque`, OPAQUE);
    }
    return this.lookup(name, undefined) ?? ENOENT;
  }

  /** True where a lower layer holds the name, so that a deletion needs a whiteout. */
  private hasBelow(name: string): boolean {
    return this.lowersOf(name, undefined, false).length > 0;
  }

  private whiteOut(upper: Inode, name: string): Errno | undefined {
    if (!this.hasBelow(name)) return undefined;
    const made = upper.create(name, { mode: S_IFCHR, uid: 0, gid: 0, now: this.mtime, rdev: 0 });
    return isErrno(made) ? made : undefined;
  }

  override link(name: string, inode: Inode): Errno | undefined {
    if (!(inode instanceof OverlayInode)) return EXDEV;
    if (this.lookup(name, undefined)) return EEXIST;
    const upper = this.copyUp();
    if (isErrno(upper)) return upper;
    const real = inode.copyUp();
    if (isErrno(real)) return real;
    if (upper.lookup(name, undefined)) upper.unlink(name);
    return upper.link(name, real);
  }

  override unlink(name: string): Errno | undefined {
    const found = this.lookup(name, undefined);
    if (!found) return ENOENT;
    if (found.isDirectory) return EISDIR;
    const upper = this.copyUp();
    if (isErrno(upper)) return upper;
    const failure = found.isUpper ? upper.unlink(name) : undefined;
    return failure ?? this.whiteOut(upper, name);
  }

  override rmdir(name: string): Errno | undefined {
    const found = this.lookup(name, undefined);
    if (!found) return ENOENT;
    if (!found.isDirectory) return ENOTDIR;
    if (found.entries(undefined).length > 0) return ENOTEMPTY;
    const upper = this.copyUp();
    if (isErrno(upper)) return upper;
    const failure = found.upper ? (clearWhiteouts(found.upper) ?? upper.rmdir(name)) : undefined;
    if (failure) return failure;
    found.removed = true;
    return this.whiteOut(upper, name);
  }

  override rename(name: string, target: Inode, newName: string): Errno | undefined {
    const moved = this.lookup(name, undefined);
    if (!moved || !(target instanceof OverlayInode)) return moved ? EXDEV : ENOENT;
    if (moved.isDirectory && moved.lowers.length > 0) return EXDEV;
    const replaced = target.lookup(newName, undefined);
    if (replaced === moved) return undefined;
    const from = this.copyUp();
    if (isErrno(from)) return from;
    const real = moved.copyUp();
    if (isErrno(real)) return real;
    const to = target.copyUp();
    if (isErrno(to)) return to;
    const covers = target.hasBelow(newName);
    const inTheWay = to.lookup(newName, undefined);
    if (inTheWay?.isDirectory) {
      const failure = clearWhiteouts(inTheWay) ?? to.rmdir(newName);
      if (failure) return failure;
    } else if (inTheWay) to.unlink(newName);
    const failure = from.rename(name, to, newName);
    if (failure) return failure;
    if (moved.isDirectory && covers) real.setAttribute(`${this.overlay.prefix}opaque`, OPAQUE);
    return this.whiteOut(from, name);
  }

  override readlink(task: Task | undefined): string | Errno {
    return this.real?.readlink(task) ?? ENOENT;
  }

  override readAt(offset: number, count: number, task: Task | undefined): Uint8Array | Errno {
    if (this.isDirectory) return EISDIR;
    return this.real?.readAt(offset, count, task) ?? ENOENT;
  }

  override writeAt(offset: number, bytes: Uint8Array, task: Task | undefined): number | Errno {
    const upper = this.copyUp();
    return isErrno(upper) ? upper : upper.writeAt(offset, bytes, task);
  }

  override truncate(size: number): Errno | undefined {
    const upper = this.copyUp();
    return isErrno(upper) ? upper : upper.truncate(size);
  }

  override setAttributes(changes: AttributeChanges, now: number): Errno | undefined {
    const upper = this.copyUp();
    return isErrno(upper) ? upper : upper.setAttributes(changes, now);
  }

  override attributes(): Map<string, Uint8Array> | Errno {
    const all = this.real?.attributes() ?? new Map<string, Uint8Array>();
    if (isErrno(all)) return all;
    return new Map([...all].filter(([name]) => !name.startsWith(this.overlay.prefix)));
  }

  override setAttribute(name: string, value: Uint8Array | undefined): Errno | undefined {
    const upper = this.copyUp();
    return isErrno(upper) ? upper : upper.setAttribute(name, value);
  }

  override get hasAttributes(): boolean {
    return this.real?.hasAttributes ?? false;
  }

  /** A file that is opened for writing is copied up at once. */
  override open(_task: Task, flags: number): OpenFile | Errno | undefined {
    if ((flags & O_ACCMODE) === O_RDONLY || !this.isRegular) return undefined;
    const upper = this.copyUp();
    return isErrno(upper) ? upper : undefined;
  }
}

/** What an inode of an overlay (or of several on one another) shows. */
function underneath(inode: Inode): Inode {
  let real = inode;
  while (real instanceof OverlayInode && real.real) real = real.real;
  return real;
}

type SeenThrough = 'mode' | 'uid' | 'gid' | 'nlink' | 'atime' | 'mtime' | 'ctime' | 'rdev';

// A reader of its own for each field: one for all of them would look the name up with every read.
const SEEN_THROUGH: Readonly<Record<SeenThrough, (real: Inode, seen: OverlayInode) => number>> = {
  mode: (real) => real.mode,
  uid: (real) => real.uid,
  gid: (real) => real.gid,
  nlink: (real, seen) => (seen.isMerged ? 1 : real.nlink),
  atime: (real) => real.atime,
  mtime: (real) => real.mtime,
  ctime: (real) => real.ctime,
  rdev: (real) => real.rdev,
};

for (const [field, read] of Object.entries(SEEN_THROUGH)) {
  Object.defineProperty(OverlayInode.prototype, field, {
    get(this: OverlayInode): number {
      const { real } = this;
      return real ? read(real, this) : 0;
    },
    set(this: OverlayInode, value: number): void {
      const upper = this.stack?.upper;
      if (upper) upper[field as SeenThrough] = value;
    },
  });
}
