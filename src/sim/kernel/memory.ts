// Memory of a machine: what is in use, by whom, and what happens when there is no more (the OOM killer).

import { addCharge, type MemoryControl, tryCharge } from './cgroup/memory.ts';
import { killForMemory } from './cgroup/oom.ts';
import { ENOMEM, type Errno } from './errno.ts';
import type { FileSystem } from './files/inode.ts';
import type { Kernel } from './kernel.ts';
import { PageCache } from './page-cache.ts';
import type { Task } from './task/task.ts';

/** Of a fresh program's resident bytes, those that belong to the process alone (stack, heap, page tables). */
const FRESH_ANONYMOUS = 180 * 1024;

/** Bytes that were charged to a group, to be given back to that one. */
export interface Charge {
  readonly control: MemoryControl;
  bytes: number;
}

export class Memory {
  readonly total: number;
  /** Bytes that processes hold. */
  anonymous = 0;
  /** Processes that the OOM killer ended. */
  killed = 0;
  /** Bytes in tmpfs. */
  shared = 0;
  /** Bytes that the kernel itself holds, as free(1) shows them. */
  kernelBytes = 92 * 1024 * 1024;
  readonly cache: PageCache;
  private readonly kernel: Kernel;
  private readonly sharedCharges = new Map<FileSystem, Charge[]>();

  constructor(kernel: Kernel, total: number) {
    this.kernel = kernel;
    this.total = total;
    this.cache = new PageCache(kernel);
  }

  /** Bytes that nobody uses. */
  get free(): number {
    return Math.max(
      0,
      this.total - this.anonymous - this.shared - this.kernelBytes - this.cache.bytes,
    );
  }
  /** Bytes that programs could have without swapping: free ones and cached files. */
  get available(): number {
    return this.free + this.cache.bytes;
  }

  /** execve and exit: the process holds this much from here on. */
  setResident(process: Task, resident: number, virtual: number): void {
    const { leader } = process;
    const state = leader.process;
    this.anonymous += resident - state.resident;
    state.resident = resident;
    state.virtual = virtual;
    for (const { control, bytes } of state.charges) addCharge(control, 'anon', -bytes);
    state.charges = [];
    const control = leader.cgroup.memory;
    if (!control || resident === 0) return;
    const bytes = Math.min(resident, FRESH_ANONYMOUS);
    addCharge(control, 'anon', bytes);
    state.charges.push({ control, bytes });
  }

  /** The process touches `bytes` more (or gives them back). ENOMEM where nobody can be killed for it. */
  grow(process: Task, bytes: number): Errno | undefined {
    const { leader } = process;
    const state = leader.process;
    const control = leader.cgroup.memory;
    if (bytes < 0) this.giveBack(leader, -bytes);
    else {
      const refused = control && this.charge(process, control, bytes);
      if (refused) return refused;
      while (this.available < bytes) {
        if (!killForMemory(this.kernel, process, undefined)) return ENOMEM;
        if (state.exiting !== undefined) return ENOMEM;
      }
      this.cache.shrink(Math.max(0, bytes - this.free));
      if (control) note(state.charges, control, bytes);
    }
    const change = Math.max(bytes, -state.resident);
    this.anonymous += change;
    state.resident += change;
    state.virtual += change;
    state.peak = Math.max(state.peak, state.resident);
    return undefined;
  }

  /** Charges a group; at its limit somebody in it is killed, until there is room or the asking process is gone. */
  private charge(process: Task, control: MemoryControl, bytes: number): Errno | undefined {
    for (;;) {
      const full = tryCharge(control, 'anon', bytes);
      if (!full) return undefined;
      if (!killForMemory(this.kernel, process, full)) return ENOMEM;
      if (process.leader.process.exiting !== undefined) return ENOMEM;
    }
  }

  private giveBack(leader: Task, bytes: number): void {
    let left = bytes;
    for (const charge of leader.process.charges) {
      const part = Math.min(left, charge.bytes);
      charge.bytes -= part;
      left -= part;
      addCharge(charge.control, 'anon', -part);
    }
  }

  /** tmpfs grows (or shrinks): pages are charged to who writes them, and stay there until the file goes. */
  chargeShared(fs: FileSystem, task: Task | undefined, bytes: number): Errno | undefined {
    const charges = this.sharedCharges.get(fs) ?? [];
    if (bytes > 0) {
      const control = task?.cgroup.memory;
      const full = control && tryCharge(control, 'shmem', bytes);
      if (full && task && !killForMemory(this.kernel, task, full)) return ENOMEM;
      if (full) addCharge(control, 'shmem', bytes);
      if (control) note(charges, control, bytes);
    } else {
      let left = -bytes;
      for (const charge of charges) {
        const part = Math.min(left, charge.bytes);
        charge.bytes -= part;
        left -= part;
        addCharge(charge.control, 'shmem', -part);
      }
    }
    this.shared = Math.max(0, this.shared + bytes);
    this.sharedCharges.set(fs, charges);
    return undefined;
  }
}

function note(charges: Charge[], control: MemoryControl, bytes: number): void {
  const old = charges.find((charge) => charge.control === control);
  if (old) old.bytes += bytes;
  else charges.push({ control, bytes });
}
