// /proc/PID/net: the network namespace of a process in text. Each file of the table reads that namespace.

import { ENOENT, type Errno } from '../errno.ts';
import { type DirectoryEntry, type Home, Inode, S_IFDIR, S_IFREG } from '../files/inode.ts';
import type { Location } from '../files/mount.ts';
import { TextFile } from '../files/text-file.ts';
import type { NetworkNamespace } from '../network/namespace.ts';
import { networkFiles } from '../network/proc-files.ts';
import type { Task } from '../task/task.ts';
import type { ProcFileSystem } from './proc.ts';

/** The net directory of a process. */
export function networkDirectory(proc: ProcFileSystem, subject: Task, home: Home): Inode {
  return new NetworkDirectory(proc, subject, home);
}

class NetworkDirectory extends Inode {
  private readonly proc: ProcFileSystem;
  private readonly subject: Task;
  private readonly made = new Map<string, Inode>();

  constructor(proc: ProcFileSystem, subject: Task, home: Home) {
    super(proc, proc.nextInode(), S_IFDIR | 0o555, 0, 0, proc.kernel.simulation.now);
    this.proc = proc;
    this.subject = subject;
    this.home = home;
  }
  override lookup(name: string): Inode | undefined {
    const read = networkFiles.get(name);
    if (!read || this.subject.ended) return undefined;
    let inode = this.made.get(name);
    if (!inode) {
      inode = new NetworkFileInode(this.proc, this.subject, read);
      this.made.set(name, inode);
    }
    return inode;
  }
  override entries(): readonly DirectoryEntry[] {
    const list: DirectoryEntry[] = [];
    for (const name of networkFiles.keys()) {
      const inode = this.lookup(name);
      if (inode) list.push({ name, inode });
    }
    return list;
  }
  override create(): Errno {
    return ENOENT;
  }
}

class NetworkFileInode extends Inode {
  private readonly subject: Task;
  private readonly text: (network: NetworkNamespace) => string;

  constructor(proc: ProcFileSystem, subject: Task, text: (network: NetworkNamespace) => string) {
    super(proc, proc.nextInode(), S_IFREG | 0o444, 0, 0, proc.kernel.simulation.now);
    this.subject = subject;
    this.text = text;
  }
  override open(_task: Task, flags: number, location: Location): TextFile {
    const { subject, text } = this;
    return new TextFile({ read: () => text(subject.namespaces.net) }, location, flags);
  }
}
