// Time namespaces: offsets of the monotonic and boot-time clocks (time_namespaces(7)).

import type { Namespace } from './namespace.ts';
import type { UserNamespace } from './user.ts';

export class TimeNamespace implements Namespace {
  readonly kind = 'time';
  readonly inode: number;
  readonly owner: UserNamespace;
  /** Nanoseconds added to the clocks inside; may be set until the first task enters. */
  monotonicOffset = 0;
  boottimeOffset = 0;
  entered = false;
  constructor(inode: number, owner: UserNamespace) {
    this.inode = inode;
    this.owner = owner;
  }
}
