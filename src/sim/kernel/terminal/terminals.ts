// The machine's pseudoterminals, by number, and the devpts file system that shows them as /dev/pts/N.

import type { Kernel } from '../kernel.ts';
import {
  type DirectoryEntry,
  type FileSystem,
  type FileSystemUse,
  Inode,
  S_IFCHR,
  S_IFDIR,
} from '../files/inode.ts';
import { Terminal } from './terminal.ts';

/** st_rdev of /dev/pts/N: major 136. */
const PTS_MAJOR = 136;

export class Terminals {
  private readonly kernel: Kernel;
  private readonly byNumber = new Map<number, Terminal>();

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** Opens /dev/ptmx: a new pair with the lowest free number. */
  create(): Terminal {
    this.sweep();
    let number = 0;
    while (this.byNumber.has(number)) number++;
    const terminal = new Terminal(this.kernel, number, PTS_MAJOR * 256 + number);
    this.byNumber.set(number, terminal);
    return terminal;
  }

  byDevice(device: number): Terminal | undefined {
    if (device >> 8 !== PTS_MAJOR) return undefined;
    const terminal = this.byNumber.get(device & 255);
    return terminal?.masterOpen ? terminal : undefined;
  }

  get all(): Terminal[] {
    this.sweep();
    return [...this.byNumber.values()];
  }

  private sweep(): void {
    for (const [number, terminal] of this.byNumber) {
      if (!terminal.masterOpen) this.byNumber.delete(number);
    }
  }
}

/** devpts: one node per open pair, and ptmx. */
export class DevptsFileSystem implements FileSystem {
  readonly type = 'devpts';
  readonly device: number;
  readonly root: Inode;
  readonly options = 'gid=5,mode=620,ptmxmode=000';

  constructor(kernel: Kernel) {
    this.device = kernel.nextDevice();
    this.root = new DevptsRoot(this, kernel);
  }
  use(): FileSystemUse {
    return { total: 0, used: 0, files: 0 };
  }
}

class DevptsRoot extends Inode {
  private readonly kernel: Kernel;
  private readonly nodes = new Map<Terminal, Inode>();
  private readonly ptmx: Inode;

  constructor(fs: FileSystem, kernel: Kernel) {
    super(fs, 1, S_IFDIR | 0o755, 0, 0, kernel.simulation.now);
    this.kernel = kernel;
    this.ptmx = new DeviceNode(fs, 2, 0o666, 0, kernel.simulation.now, 5 * 256 + 2);
  }
  override lookup(name: string): Inode | undefined {
    return this.entries().find((entry) => entry.name === name)?.inode;
  }
  override entries(): readonly DirectoryEntry[] {
    const list = this.kernel.terminals.all;
    for (const terminal of this.nodes.keys()) {
      if (!list.includes(terminal)) this.nodes.delete(terminal);
    }
    const entries = list.map((terminal) => ({
      name: String(terminal.number),
      inode: this.nodeOf(terminal),
    }));
    return [...entries, { name: 'ptmx', inode: this.ptmx }];
  }
  private nodeOf(terminal: Terminal): Inode {
    let node = this.nodes.get(terminal);
    if (!node) {
      const now = this.kernel.simulation.now;
      node = new DeviceNode(this.fs, terminal.number + 3, 0o620, 5, now, terminal.device);
      this.nodes.set(terminal, node);
    }
    return node;
  }
}

class DeviceNode extends Inode {
  constructor(
    fs: FileSystem,
    number: number,
    mode: number,
    gid: number,
    now: number,
    rdev: number,
  ) {
    super(fs, number, S_IFCHR | mode, 0, gid, now);
    this.rdev = rdev;
  }
}
