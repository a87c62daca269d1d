// Cgroup namespaces: the group that reads as `/` (cgroup_namespaces(7)).

import type { Cgroup } from '../cgroup/cgroup.ts';
import type { Namespace } from './namespace.ts';
import type { UserNamespace } from './user.ts';

export class CgroupNamespace implements Namespace {
  readonly kind = 'cgroup';
  readonly inode: number;
  readonly owner: UserNamespace;
  readonly root: Cgroup;
  constructor(inode: number, owner: UserNamespace, root: Cgroup) {
    this.inode = inode;
    this.owner = owner;
    this.root = root;
  }
}
