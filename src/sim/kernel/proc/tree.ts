// A tree of files, directories and links that is known beforehand: /proc's fixed part, /proc/sys, /sys. Inodes are
// made when they are first looked up, and stay (so that something can be mounted on them).

import { EACCES, ENOENT, EPERM, type Errno } from '../errno.ts';
import {
  type DirectoryEntry,
  type FileSystem,
  type Home,
  Inode,
  type NewInode,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
} from '../files/inode.ts';
import type { Location } from '../files/mount.ts';
import { TextFile, type TextBehaviour } from '../files/text-file.ts';
import type { Kernel } from '../kernel.ts';
import type { Task } from '../task/task.ts';

/** A file: its contents for who reads it. */
export interface TreeFile extends TextBehaviour {
  readonly kind: 'file';
  readonly mode: number;
}

export interface TreeLink {
  readonly kind: 'link';
  readonly target: string;
}

export interface TreeDirectory {
  readonly kind: 'directory';
  readonly mode?: number;
  /** The entries by name; asked anew each time where they change. */
  entries(): ReadonlyMap<string, TreeEntry>;
}

export type TreeEntry = TreeFile | TreeLink | TreeDirectory;

/** What such a tree lives in. */
export interface TreeHost extends FileSystem {
  readonly kernel: Kernel;
  nextInode(): number;
}

/** A directory of the tree. */
export class ProcTree extends Inode {
  private readonly host: TreeHost;
  private readonly table: TreeDirectory;
  private readonly made = new Map<string, { readonly entry: TreeEntry; readonly inode: Inode }>();

  /** Whom entries call their parent: the directory that this one is a part of, or itself. */
  private readonly top: Inode;

  constructor(host: TreeHost, table: TreeDirectory, home: Home | undefined, partOf?: Inode) {
    super(
      host,
      host.nextInode(),
      S_IFDIR | (table.mode ?? 0o555),
      0,
      0,
      host.kernel.simulation.now,
    );
    this.host = host;
    this.table = table;
    this.home = home;
    this.nlink = 2;
    this.top = partOf ?? this;
  }

  override lookup(name: string): Inode | undefined {
    const entry = this.table.entries().get(name);
    return entry && this.inodeOf(name, entry);
  }

  override entries(): readonly DirectoryEntry[] {
    return Array.from(this.table.entries(), ([name, entry]) => ({
      name,
      inode: this.inodeOf(name, entry),
    }));
  }

  private inodeOf(name: string, entry: TreeEntry): Inode {
    const old = this.made.get(name);
    if (old && (old.entry === entry || entry.kind === 'directory')) return old.inode;
    const inode = this.make(name, entry);
    this.made.set(name, { entry, inode });
    return inode;
  }

  private make(name: string, entry: TreeEntry): Inode {
    if (entry.kind === 'directory')
      return new ProcTree(this.host, entry, { parent: this.top, name });
    return entry.kind === 'link'
      ? new LinkInode(this.host, entry)
      : new TextInode(this.host, entry);
  }

  /** Nothing can be made here: proc says that there is no such name, kernfs that it is not allowed. */
  override create(_name: string, request: NewInode): Errno {
    if (this.host.type === 'proc') return ENOENT;
    return (request.mode & S_IFMT) === S_IFDIR ? EPERM : EACCES;
  }
}

class LinkInode extends Inode {
  private readonly entry: TreeLink;
  constructor(host: TreeHost, entry: TreeLink) {
    super(host, host.nextInode(), S_IFLNK | 0o777, 0, 0, host.kernel.simulation.now);
    this.entry = entry;
  }
  override readlink(): string {
    return this.entry.target;
  }
}

/** A file whose contents are made when it is read. */
export class TextInode extends Inode {
  private readonly entry: TreeFile;
  constructor(host: TreeHost, entry: TreeFile) {
    super(host, host.nextInode(), S_IFREG | entry.mode, 0, 0, host.kernel.simulation.now);
    this.entry = entry;
  }
  override open(_task: Task, flags: number, location: Location): TextFile {
    return new TextFile(this.entry, location, flags);
  }
}
