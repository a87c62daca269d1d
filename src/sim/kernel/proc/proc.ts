// The proc file system (proc(5)). A mount belongs to a PID namespace: numbers, and which processes are there at all,
// are as that namespace sees them. The tree of fixed files is in root-files.ts, a process's own in process.ts.

import { EINVAL, ENOENT, EPERM, type Errno } from '../errno.ts';
import {
  type DirectoryEntry,
  type FileSystem,
  type FileSystemUse,
  Inode,
  S_IFDIR,
  S_IFLNK,
} from '../files/inode.ts';
import type { MountData } from '../files/mount-data.ts';
import type { Kernel } from '../kernel.ts';
import type { PidNamespace } from '../namespaces/pid.ts';
import { CAP_SYS_ADMIN, capableIn } from '../task/credentials.ts';
import type { Task } from '../task/task.ts';
import { mayInspect } from './access.ts';
import { processDirectory } from './process.ts';
import { rootEntries } from './root-files.ts';
import { ProcTree } from './tree.ts';

const HIDE_LEVELS: Readonly<Record<string, number>> = {
  0: 0,
  off: 0,
  1: 1,
  noaccess: 1,
  2: 2,
  invisible: 2,
  4: 4,
  ptraceable: 4,
};
const HIDE_NAMES: Readonly<Record<number, string>> = {
  1: 'noaccess',
  2: 'invisible',
  4: 'ptraceable',
};

export class ProcFileSystem implements FileSystem {
  readonly type = 'proc';
  readonly device: number;
  readonly root: Inode;
  readonly kernel: Kernel;
  readonly namespace: PidNamespace;
  options = '';
  /** hidepid=: 0 shows everything, 1 refuses access to others' directories, 2 and 4 do not show them. */
  hideLevel = 0;
  /** gid=: members see everything. */
  group = 0;
  /** subset=pid: only processes. */
  onlyProcesses = false;
  private inodes = 4026531840 - 4026000000;

  constructor(kernel: Kernel, namespace: PidNamespace) {
    this.kernel = kernel;
    this.namespace = namespace;
    this.device = kernel.nextDevice();
    this.root = new ProcRoot(this);
  }

  /** mount -t proc. */
  static mount(task: Task, data: MountData): FileSystem | Errno {
    const namespace = task.pidNamespace;
    if (!capableIn(task, namespace.owner, CAP_SYS_ADMIN)) return EPERM;
    const fs = new ProcFileSystem(task.kernel, namespace);
    return fs.configure(data) ?? fs;
  }

  remount(options: readonly string[]): Errno | undefined {
    return this.configure(new Map(options.map((word) => word.split('=') as [string, string])));
  }

  private configure(data: MountData): Errno | undefined {
    for (const [name, value] of data) {
      if (name === 'hidepid') {
        const level = HIDE_LEVELS[value];
        if (level === undefined) return EINVAL;
        this.hideLevel = level;
      } else if (name === 'gid' && /^\d+$/.test(value)) this.group = Number(value);
      else if (name === 'subset' && value === 'pid') this.onlyProcesses = true;
      else return EINVAL;
    }
    const words: string[] = [];
    if (this.group) words.push(`gid=${this.group}`);
    if (this.hideLevel) words.push(`hidepid=${HIDE_NAMES[this.hideLevel]}`);
    if (this.onlyProcesses) words.push('subset=pid');
    this.options = words.join(',');
    return undefined;
  }

  nextInode(): number {
    return this.inodes++;
  }

  /** True where `reader` is shown a process. */
  shows(process: Task, reader: Task | undefined): boolean {
    if (this.hideLevel < 2 || !reader) return true;
    return this.mayEnter(process, reader);
  }

  mayEnter(process: Task, reader: Task): boolean {
    if (this.hideLevel === 0) return true;
    const { egid, groups } = reader.credentials;
    if (this.hideLevel !== 4 && this.group > 0 && [egid, ...groups].includes(this.group))
      return true;
    return mayInspect(reader, process);
  }

  use(): FileSystemUse {
    return { total: 0, used: 0, files: 0 };
  }
}

/** `/proc`: a directory per process, `self`, and the fixed tree. */
class ProcRoot extends Inode {
  private readonly proc: ProcFileSystem;
  private readonly fixed: ProcTree;
  private readonly self: ProcSelf;
  private readonly threadSelf: ProcSelf;
  private readonly directories = new WeakMap<Task, Inode>();

  constructor(proc: ProcFileSystem) {
    super(proc, 1, S_IFDIR | 0o555, 0, 0, proc.kernel.simulation.now);
    this.proc = proc;
    this.fixed = new ProcTree(proc, rootEntries(proc), undefined, this);
    this.self = new ProcSelf(proc, false);
    this.threadSelf = new ProcSelf(proc, true);
  }

  override lookup(name: string, task: Task | undefined): Inode | undefined {
    if (/^[1-9]\d*$/.test(name)) {
      const process = this.proc.namespace.tasks.get(Number(name));
      if (!process || process.reaped || !this.proc.shows(process.leader, task)) return undefined;
      return this.directoryOf(process, name);
    }
    if (name === 'self') return this.self;
    if (name === 'thread-self') return this.threadSelf;
    if (this.proc.onlyProcesses) return undefined;
    return this.fixed.lookup(name);
  }

  override entries(task: Task | undefined): readonly DirectoryEntry[] {
    const list: DirectoryEntry[] = this.proc.onlyProcesses ? [] : [...this.fixed.entries()];
    list.push({ name: 'self', inode: this.self }, { name: 'thread-self', inode: this.threadSelf });
    const pids = [...this.proc.namespace.tasks].sort(([a], [b]) => a - b);
    for (const [pid, process] of pids) {
      if (process !== process.leader || !this.proc.shows(process, task)) continue;
      list.push({ name: String(pid), inode: this.directoryOf(process, String(pid)) });
    }
    return list;
  }

  private directoryOf(process: Task, name: string): Inode {
    let inode = this.directories.get(process);
    if (!inode) {
      inode = processDirectory(this.proc, process, { parent: this, name });
      this.directories.set(process, inode);
    }
    return inode;
  }

  override create(): Errno {
    return ENOENT;
  }
}

/** `self` and `thread-self`: where they lead depends on who asks. */
class ProcSelf extends Inode {
  private readonly proc: ProcFileSystem;
  private readonly thread: boolean;
  constructor(proc: ProcFileSystem, thread: boolean) {
    super(proc, proc.nextInode(), S_IFLNK | 0o777, 0, 0, proc.kernel.simulation.now);
    this.proc = proc;
    this.thread = thread;
  }
  override readlink(task: Task | undefined): string | Errno {
    const process = task?.leader.pidIn(this.proc.namespace);
    if (!task || !process) return ENOENT;
    return this.thread ? `${process}/task/${task.pidIn(this.proc.namespace)}` : String(process);
  }
}
