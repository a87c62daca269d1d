// nsfs: the inodes behind /proc/PID/ns/KIND. An open one, or one that is bind-mounted, keeps its namespace alive.

import { ENOTTY, type Errno } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import { dropNamespace, holdNamespace } from '../namespaces/lifetime.ts';
import type { Namespace } from '../namespaces/namespace.ts';
import { UserNamespace } from '../namespaces/user.ts';
import type { Task } from '../task/task.ts';
import { type FileSystem, type FileSystemUse, Inode, S_IFDIR, S_IFREG } from './inode.ts';
import { type Location, Mount } from './mount.ts';
import { PlainFile } from './open-file.ts';

/** st_dev of nsfs: the fourth anonymous device. */
const NSFS_DEVICE = 4;

export class NamespaceFileSystem implements FileSystem {
  readonly type = 'nsfs';
  readonly device = NSFS_DEVICE;
  readonly options = '';
  readonly root: Inode;
  private readonly kernel: Kernel;
  private readonly inodes = new WeakMap<Namespace, NamespaceInode>();
  private readonly mount: Mount;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.root = new NamespaceRoot(this, 1, S_IFDIR | 0o555, 0, 0, 0);
    this.mount = new Mount(0, this, this.root, 'nsfs', 0);
  }

  /** Where a namespace's inode is: on the kernel's own mount of nsfs. */
  locationOf(namespace: Namespace): Location {
    let inode = this.inodes.get(namespace);
    if (!inode) {
      inode = new NamespaceInode(this, namespace, this.kernel);
      this.inodes.set(namespace, inode);
    }
    return { mount: this.mount, inode };
  }

  shown(mount: Mount): void {
    if (mount.root instanceof NamespaceInode) holdNamespace(this.kernel, mount.root.namespace);
  }
  hidden(mount: Mount): void {
    if (mount.root instanceof NamespaceInode) dropNamespace(this.kernel, mount.root.namespace);
  }

  use(): FileSystemUse {
    return { total: 0, used: 0, files: 0 };
  }
}

class NamespaceRoot extends Inode {}

export class NamespaceInode extends Inode {
  readonly namespace: Namespace;
  private readonly kernel: Kernel;

  constructor(fs: FileSystem, namespace: Namespace, kernel: Kernel) {
    super(fs, namespace.inode, S_IFREG | 0o444, 0, 0, kernel.simulation.now);
    this.namespace = namespace;
    this.kernel = kernel;
  }

  /** `net:[4026531840]`: how the link in /proc and mountinfo name it. */
  get label(): string {
    return `${this.namespace.kind}:[${this.namespace.inode}]`;
  }

  override open(_task: Task, flags: number, location: Location): NamespaceFile {
    return new NamespaceFile(this, this.kernel, location, flags);
  }
}

/** An open file that stands for a namespace: setns(2) takes it, NS_GET_* ask it. */
export class NamespaceFile extends PlainFile {
  readonly namespace: Namespace;
  private readonly kernel: Kernel;

  constructor(inode: NamespaceInode, kernel: Kernel, location: Location, flags: number) {
    super(location, flags);
    this.namespace = inode.namespace;
    this.kernel = kernel;
    holdNamespace(kernel, this.namespace);
  }

  override released(): void {
    dropNamespace(this.kernel, this.namespace);
  }

  override ioctl(_task: Task, request: string): Namespace | number | Errno {
    const { namespace } = this;
    if (request === 'NS_GET_USERNS') return namespace.owner;
    if (request === 'NS_GET_NSTYPE') return namespace.inode;
    if (request === 'NS_GET_OWNER_UID' && namespace instanceof UserNamespace)
      return namespace.ownerUid;
    if (request === 'NS_GET_PARENT' && 'parent' in namespace) {
      return (namespace.parent as Namespace | undefined) ?? ENOTTY;
    }
    return ENOTTY;
  }
}
