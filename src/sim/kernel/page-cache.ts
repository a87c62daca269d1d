// The page cache: which files' contents are in memory. Reading and writing fill it; it gives way when programs need
// the room, and a group's part of it counts as the group's memory.

import { tryCharge, addCharge } from './cgroup/memory.ts';
import type { Inode } from './files/inode.ts';
import type { Kernel } from './kernel.ts';
import type { Task } from './task/task.ts';

/** Cached at switch-on: what booting has read. */
const BOOT_CACHE = 240 * 1024 * 1024;
const FLOOR = 40 * 1024 * 1024;
/** File systems whose contents are memory anyway, or made when read. */
const UNCACHED: ReadonlySet<string> = new Set([
  'tmpfs',
  'devtmpfs',
  'ramfs',
  'proc',
  'sysfs',
  'cgroup2',
  'devpts',
]);

export class PageCache {
  /** Bytes of files in memory. */
  bytes = BOOT_CACHE;
  /** Pages that no group is charged for, by file. */
  private readonly uncharged = new Map<Inode, number>();
  /** Files some of whose pages a group is charged for. */
  private readonly charged = new WeakSet<Inode>();
  /** Changed and not yet on the disk. */
  dirty = 0;
  private readonly kernel: Kernel;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** A task read or wrote `count` bytes of a file; its group is charged where it has the memory controller. */
  touch(task: Task, inode: Inode, count: number): void {
    if (!inode.isRegular || UNCACHED.has(inode.fs.type)) return;
    const control = task.cgroup.memory;
    const cached = (control ? control.cached : this.uncharged).get(inode) ?? 0;
    const missing = Math.ceil((inode.size - cached) / 4096) * 4096;
    const more = Math.min(missing, Math.ceil(count / 4096) * 4096);
    if (more <= 0) return;
    if (!control) {
      this.uncharged.set(inode, cached + more);
      this.bytes += more;
      return;
    }
    if (tryCharge(control, 'file', more)) return;
    const left = control.cached.get(inode) ?? 0;
    control.cached.delete(inode);
    control.cached.set(inode, left + more);
    this.charged.add(inode);
    this.bytes += more;
  }

  /** Programs need the room. */
  shrink(bytes: number): void {
    this.bytes = Math.max(FLOOR, this.bytes - bytes);
  }

  /** A file is gone, and its pages with it. */
  forget(inode: Inode): void {
    const pages = this.uncharged.get(inode) ?? 0;
    if (this.uncharged.delete(inode)) this.bytes = Math.max(FLOOR, this.bytes - pages);
    if (!this.charged.delete(inode)) return;
    for (const group of this.kernel.rootCgroup.subtreeGroups()) {
      const { memory } = group;
      const cached = memory?.group === group ? memory.cached.get(inode) : undefined;
      if (!memory || cached === undefined) continue;
      memory.cached.delete(inode);
      addCharge(memory, 'file', -cached);
      this.bytes = Math.max(FLOOR, this.bytes - cached);
    }
  }

  /** /proc/sys/vm/drop_caches. */
  drop(): void {
    for (const group of this.kernel.rootCgroup.subtreeGroups()) {
      const { memory } = group;
      if (!memory || memory.group !== group) continue;
      for (const [inode, bytes] of memory.cached) {
        memory.cached.delete(inode);
        addCharge(memory, 'file', -bytes);
      }
    }
    this.uncharged.clear();
    this.bytes = FLOOR;
  }
}
