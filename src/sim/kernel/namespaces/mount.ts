// Mount namespaces (mount_namespaces(7)): a tree of mounts of their own.

import type { Mount } from '../files/mount.ts';
import type { Namespace } from './namespace.ts';
import type { UserNamespace } from './user.ts';

export class MountNamespace implements Namespace {
  readonly kind = 'mnt';
  readonly inode: number;
  readonly owner: UserNamespace;
  /** The mount at the bottom. */
  root: Mount;
  constructor(inode: number, owner: UserNamespace, root: Mount) {
    this.inode = inode;
    this.owner = owner;
    this.root = root;
  }
}
