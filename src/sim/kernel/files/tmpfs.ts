// tmpfs(5): a memory file system with limits on bytes and inodes, whose pages are charged to whoever writes them.

import { EINVAL, type Errno, isErrno } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import type { Task } from '../task/task.ts';
import { S_IFDIR } from './inode.ts';
import { MemoryFileSystem } from './memory.ts';
import { type MountData, parseId, parseMode, parseMountData, parseSize } from './mount-data.ts';

/** Options that are taken and change nothing here. */
const IGNORED = new Set(['huge', 'mpol', 'inode64', 'inode32', 'noswap']);

interface TmpfsLimits {
  size: number | undefined;
  inodes: number | undefined;
}

export class TmpfsFileSystem extends MemoryFileSystem {
  private readonly kernel: Kernel;
  private readonly limits: TmpfsLimits = { size: undefined, inodes: undefined };
  private readonly rootWords: string[] = [];

  constructor(kernel: Kernel, type: 'tmpfs' | 'devtmpfs' = 'tmpfs') {
    super(type, kernel.nextDevice());
    this.kernel = kernel;
    this.capacity = kernel.memory.total / 2;
    this.maxFiles = Math.floor(kernel.memory.total / 2 / 4096);
    this.root.mode = S_IFDIR | 0o1777;
    this.root.mtime = kernel.simulation.now;
    this.root.ctime = kernel.simulation.now;
    this.options = 'inode64';
  }

  /** Takes the options of a first mount: EINVAL for one that tmpfs does not know. */
  configure(data: MountData, task: Task): Errno | undefined {
    const failure = this.setLimits(data);
    if (failure) return failure;
    const { user } = task.credentials;
    for (const [name, value] of data) {
      if (name === 'mode') {
        const mode = parseMode(value);
        if (isErrno(mode)) return mode;
        this.root.mode = S_IFDIR | mode;
        if (mode !== 0o1777) this.rootWords.push(`mode=${mode.toString(8).padStart(3, '0')}`);
      } else if (name === 'uid' || name === 'gid') {
        const id = parseId(value);
        if (isErrno(id)) return id;
        const mapped = name === 'uid' ? user.uidToKernel(id) : user.gidToKernel(id);
        if (mapped === undefined) return EINVAL;
        this.root[name] = mapped;
        if (mapped !== 0) this.rootWords.push(`${name}=${id}`);
      }
    }
    this.describe();
    return undefined;
  }

  remount(options: readonly string[]): Errno | undefined {
    const failure = this.setLimits(parseMountData(options.join(',')));
    if (!failure) this.describe();
    return failure;
  }

  private setLimits(data: MountData): Errno | undefined {
    for (const [name, value] of data) {
      if (name === 'size') {
        const size = parseSize(value, this.kernel.memory.total);
        if (isErrno(size)) return size;
        const rounded = Math.ceil(size / 4096) * 4096;
        if (rounded > 0 && rounded < this.used) return EINVAL;
        this.capacity = rounded > 0 ? rounded : Number.POSITIVE_INFINITY;
        this.limits.size = rounded;
      } else if (name === 'nr_inodes' || name === 'nr_blocks') {
        const count = parseSize(value, 0);
        if (isErrno(count)) return count;
        if (name === 'nr_blocks') {
          this.capacity = count * 4096;
          this.limits.size = this.capacity;
        } else {
          if (count > 0 && count < this.files) return EINVAL;
          this.maxFiles = count > 0 ? count : Number.POSITIVE_INFINITY;
          this.limits.inodes = count;
        }
      } else if (!['mode', 'uid', 'gid'].includes(name) && !IGNORED.has(name)) {
        return EINVAL;
      }
    }
    return undefined;
  }

  private describe(): void {
    const { size, inodes } = this.limits;
    const words: string[] = [];
    if (size !== undefined) words.push(`size=${Math.floor(size / 1024)}k`);
    if (inodes !== undefined) words.push(`nr_inodes=${inodes}`);
    this.options = [...words, ...this.rootWords, 'inode64'].join(',');
  }

  override charge(task: Task | undefined, bytes: number): Errno | undefined {
    return this.kernel.memory.chargeShared(this, task, bytes);
  }

  released(): void {
    this.kernel.memory.chargeShared(this, undefined, -this.used);
  }
}
