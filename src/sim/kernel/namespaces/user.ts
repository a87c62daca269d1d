// User namespaces (user_namespaces(7)): maps between the ids a task sees and the kernel's own.

import type { Namespace } from './namespace.ts';

/** One line of uid_map: `count` ids from `inside` stand for those from `outside` (of the parent namespace). */
export interface IdRange {
  readonly inside: number;
  readonly outside: number;
  readonly count: number;
}

/** What ids without a mapping read as. */
export const OVERFLOW_ID = 65534;

export class UserNamespace implements Namespace {
  readonly kind = 'user';
  readonly inode: number;
  readonly parent: UserNamespace | undefined;
  /** Kernel uid and gid of who made it. */
  readonly ownerUid: number;
  readonly ownerGid: number;
  /** Maps towards the parent; undefined until written. The first namespace maps everything onto itself. */
  uidMap: readonly IdRange[] | undefined;
  gidMap: readonly IdRange[] | undefined;
  /** /proc/PID/setgroups. */
  setgroups: 'allow' | 'deny' = 'allow';

  constructor(inode: number, parent: UserNamespace | undefined, uid: number, gid: number) {
    this.inode = inode;
    this.parent = parent;
    this.ownerUid = uid;
    this.ownerGid = gid;
    if (!parent) {
      const all = [{ inside: 0, outside: 0, count: 4294967295 }];
      this.uidMap = all;
      this.gidMap = all;
    }
  }

  /** capableIn asks for the maker's euid. */
  get owner(): UserNamespace {
    return this.parent ?? this;
  }
  get level(): number {
    return this.parent ? this.parent.level + 1 : 0;
  }

  /** The kernel's uid of one seen inside; undefined where it has no mapping. */
  uidToKernel(uid: number): number | undefined {
    return this.parent ? up(this.uidMap, uid, (n) => this.parent?.uidToKernel(n)) : uid;
  }
  gidToKernel(gid: number): number | undefined {
    return this.parent ? up(this.gidMap, gid, (n) => this.parent?.gidToKernel(n)) : gid;
  }
  /** How a kernel uid reads inside; the overflow id where it has no mapping. */
  uidFromKernel(uid: number): number {
    return this.parent
      ? (down(this.uidMap, this.parent.uidFromKernelOrNone(uid)) ?? OVERFLOW_ID)
      : uid;
  }
  gidFromKernel(gid: number): number {
    return this.parent
      ? (down(this.gidMap, this.parent.gidFromKernelOrNone(gid)) ?? OVERFLOW_ID)
      : gid;
  }
  seesUid(uid: number): boolean {
    return this.uidFromKernelOrNone(uid) !== undefined;
  }
  seesGid(gid: number): boolean {
    return this.gidFromKernelOrNone(gid) !== undefined;
  }
  /** The kernel uid of root inside; -1 where none is mapped. */
  rootUid(): number {
    return this.uidToKernel(0) ?? -1;
  }

  private uidFromKernelOrNone(uid: number): number | undefined {
    return this.parent ? down(this.uidMap, this.parent.uidFromKernelOrNone(uid)) : uid;
  }
  private gidFromKernelOrNone(gid: number): number | undefined {
    return this.parent ? down(this.gidMap, this.parent.gidFromKernelOrNone(gid)) : gid;
  }
}

function up(
  map: readonly IdRange[] | undefined,
  id: number,
  further: (id: number) => number | undefined,
): number | undefined {
  const range = map?.find((r) => id >= r.inside && id < r.inside + r.count);
  return range && further(range.outside + (id - range.inside));
}

function down(map: readonly IdRange[] | undefined, id: number | undefined): number | undefined {
  if (id === undefined) return undefined;
  const range = map?.find((r) => id >= r.outside && id < r.outside + r.count);
  return range && range.inside + (id - range.outside);
}
