// /proc/PID: the directory of one process (or of one thread, under task/). Its text files are in process-files.ts,
// the links (exe, cwd, root, fd/N, ns/KIND) here; they lead to a place without passing by a path.

import { EACCES, EINVAL, ENOENT, EPERM, type Errno, isErrno } from '../errno.ts';
import {
  type DirectoryEntry,
  type Home,
  Inode,
  S_IFDIR,
  S_IFLNK,
  S_IFREG,
} from '../files/inode.ts';
import { type Location, pathOf } from '../files/mount.ts';
import { NamespaceInode } from '../files/nsfs.ts';
import type { OpenFile } from '../files/open-file.ts';
import { O_ACCMODE, O_RDONLY, O_RDWR, O_WRONLY, PlainFile } from '../files/open-file.ts';
import { TextFile } from '../files/text-file.ts';
import { PidNamespace } from '../namespaces/pid.ts';
import type { Namespace } from '../namespaces/namespace.ts';
import type { Task } from '../task/task.ts';
import { mayInspect } from './access.ts';
import { attributeFiles, processFiles, type ProcessFile } from './process-files.ts';
import { networkDirectory } from './net.ts';
import type { ProcFileSystem } from './proc.ts';

/** What every inode below /proc/PID shares: it belongs to the process's user. */
abstract class ProcessInode extends Inode {
  protected readonly proc: ProcFileSystem;
  readonly subject: Task;
  constructor(proc: ProcFileSystem, subject: Task, mode: number) {
    super(proc, proc.nextInode(), mode, 0, 0, proc.kernel.simulation.now);
    this.proc = proc;
    this.subject = subject;
  }
}

// Owner and group follow the process's effective ids, unless it may not be dumped.
for (const [field, id] of [
  ['uid', 'euid'],
  ['gid', 'egid'],
] as const) {
  Object.defineProperty(ProcessInode.prototype, field, {
    get(this: ProcessInode): number {
      const { subject } = this;
      return subject?.leader.process.dumpable ? subject.credentials[id] : 0;
    },
    set(): void {},
  });
}

/** Makes an entry of a process's directory. */
type EntryMaker = (proc: ProcFileSystem, subject: Task, home: Home) => Inode;

const directoryEntries: Readonly<Record<string, EntryMaker>> = {
  fd: (proc, subject, home) => new DescriptorDirectory(proc, subject, home, false),
  fdinfo: (proc, subject, home) => new DescriptorDirectory(proc, subject, home, true),
  ns: (proc, subject, home) => new NamespaceDirectory(proc, subject, home),
  net: (proc, subject, home) => networkDirectory(proc, subject, home),
  attr: (proc, subject, home) => new FilesDirectory(proc, subject, home, attributeFiles),
  cwd: (proc, subject) => new PlaceLink(proc, subject, (task) => task.fs.cwd),
  root: (proc, subject) => new PlaceLink(proc, subject, (task) => task.fs.root),
  exe: (proc, subject) => new PlaceLink(proc, subject, (task) => task.leader.process.executable),
};

/** The directory of a process. */
export function processDirectory(proc: ProcFileSystem, subject: Task, home: Home): Inode {
  return new ProcessDirectory(proc, subject, home, true);
}

class ProcessDirectory extends ProcessInode {
  private readonly made = new Map<string, Inode>();
  private readonly isProcess: boolean;

  constructor(proc: ProcFileSystem, subject: Task, home: Home, isProcess: boolean) {
    super(proc, subject, S_IFDIR | 0o555);
    this.home = home;
    this.isProcess = isProcess;
  }

  override lookup(name: string, task: Task | undefined): Inode | undefined {
    if (this.subject.reaped) return undefined;
    if (task && !this.proc.mayEnter(this.subject.leader, task)) return undefined;
    let inode = this.made.get(name);
    if (!inode) {
      inode = this.make(name);
      if (inode) this.made.set(name, inode);
    }
    return inode;
  }

  private make(name: string): Inode | undefined {
    const file = processFiles.get(name);
    if (file) return new ProcessFileInode(this.proc, this.subject, file);
    const home = { parent: this, name };
    if (name === 'task' && this.isProcess)
      return new ThreadsDirectory(this.proc, this.subject, home);
    return Object.hasOwn(directoryEntries, name)
      ? directoryEntries[name]?.(this.proc, this.subject, home)
      : undefined;
  }

  override entries(task: Task | undefined): readonly DirectoryEntry[] {
    const names = [...Object.keys(directoryEntries), ...processFiles.keys()];
    if (this.isProcess) names.push('task');
    return list(this, names, task);
  }
}

function list(
  directory: Inode,
  names: readonly string[],
  task: Task | undefined,
): DirectoryEntry[] {
  const found: DirectoryEntry[] = [];
  for (const name of names) {
    const inode = directory.lookup(name, task);
    if (inode) found.push({ name, inode });
  }
  return found;
}

/** A directory of text files (attr). */
class FilesDirectory extends ProcessInode {
  private readonly files: ReadonlyMap<string, ProcessFile>;
  constructor(
    proc: ProcFileSystem,
    subject: Task,
    home: Home,
    files: ReadonlyMap<string, ProcessFile>,
  ) {
    super(proc, subject, S_IFDIR | 0o555);
    this.home = home;
    this.files = files;
  }
  override lookup(name: string): Inode | undefined {
    const file = this.files.get(name);
    return file && new ProcessFileInode(this.proc, this.subject, file);
  }
  override entries(task: Task | undefined): readonly DirectoryEntry[] {
    return list(this, [...this.files.keys()], task);
  }
}

class ThreadsDirectory extends ProcessInode {
  private readonly made = new WeakMap<Task, Inode>();
  constructor(proc: ProcFileSystem, subject: Task, home: Home) {
    super(proc, subject, S_IFDIR | 0o555);
    this.home = home;
  }
  private get threads(): Task[] {
    return [this.subject, ...this.subject.threads];
  }
  override lookup(name: string): Inode | undefined {
    const thread = this.threads.find((task) => String(task.pidIn(this.proc.namespace)) === name);
    if (!thread) return undefined;
    let inode = this.made.get(thread);
    if (!inode) {
      inode = new ProcessDirectory(this.proc, thread, { parent: this, name }, false);
      this.made.set(thread, inode);
    }
    return inode;
  }
  override entries(task: Task | undefined): readonly DirectoryEntry[] {
    const names = this.threads.map((thread) => String(thread.pidIn(this.proc.namespace)));
    return list(this, names, task);
  }
}

class ProcessFileInode extends ProcessInode {
  private readonly file: ProcessFile;
  constructor(proc: ProcFileSystem, subject: Task, file: ProcessFile) {
    super(proc, subject, S_IFREG | file.mode);
    this.file = file;
  }
  override open(task: Task, flags: number, location: Location): OpenFile | Errno {
    const { file, subject, proc } = this;
    if (file.inspects && !mayInspect(task, subject)) return EACCES;
    if (file.writable && (flags & O_ACCMODE) !== O_RDONLY) {
      const refused = file.writable(subject, task);
      if (refused) return refused;
    }
    const { read, write } = file;
    return new TextFile(
      {
        ...(read
          ? { read: (reader: Task) => (subject.reaped ? ENOENT : read(subject, reader, proc)) }
          : {}),
        ...(write
          ? {
              write: (text: string, writer: Task, offset: number) =>
                subject.reaped ? ENOENT : write(subject, text, writer, offset),
            }
          : {}),
      },
      location,
      flags,
    );
  }
}

/** exe, cwd, root. */
class PlaceLink extends ProcessInode {
  private readonly place: (task: Task) => Location | undefined;
  constructor(proc: ProcFileSystem, subject: Task, place: (task: Task) => Location | undefined) {
    super(proc, subject, S_IFLNK | 0o777);
    this.place = place;
  }
  override readlink(task: Task | undefined): string | Errno {
    const place = this.follow(task);
    if (isErrno(place)) return place;
    const root = task?.fs.root ?? place;
    return `${pathOf(place, root)}${isDeleted(place) ? ' (deleted)' : ''}`;
  }
  override follow(task: Task | undefined): Location | Errno {
    if (task && !mayInspect(task, this.subject)) return EACCES;
    if (this.subject.ended) return ENOENT;
    return this.place(this.subject) ?? ENOENT;
  }
}

/** True where the entry that led to a file is gone. */
function isDeleted(place: Location): boolean {
  if (place.inode.isDirectory) return place.inode.removed;
  return place.inode.nlink === 0;
}

class DescriptorDirectory extends ProcessInode {
  private readonly info: boolean;
  private readonly made = new Map<string, readonly [OpenFile, Inode]>();
  constructor(proc: ProcFileSystem, subject: Task, home: Home, info: boolean) {
    super(proc, subject, S_IFDIR | 0o500);
    this.home = home;
    this.info = info;
  }
  override lookup(name: string): Inode | undefined {
    if (!/^\d+$/.test(name) || this.subject.ended) return undefined;
    const slot = this.subject.files.descriptor(Number(name));
    if (!slot) return undefined;
    const old = this.made.get(name);
    if (old && old[0] === slot.file) return old[1];
    const inode = this.info
      ? new ProcessFileInode(this.proc, this.subject, descriptorInfo(slot.file))
      : new DescriptorLink(this.proc, this.subject, slot.file);
    this.made.set(name, [slot.file, inode]);
    return inode;
  }
  override entries(task: Task | undefined): readonly DirectoryEntry[] {
    if (this.subject.ended) return [];
    return list(
      this,
      Array.from(this.subject.files.list(), ([fd]) => String(fd)),
      task,
    );
  }
}

function descriptorInfo(file: OpenFile): ProcessFile {
  return {
    mode: 0o400,
    inspects: true,
    read: () => {
      const offset = file instanceof PlainFile ? file.offset : 0;
      const mount = file.location?.mount.id ?? 14;
      const flags = (file.flags | 0o100000).toString(8).padStart(7, '0');
      return `pos:\t${offset}\nflags:\t${flags}\nmnt_id:\t${mount}\nino:\t${file.inode?.number ?? 1}\n`;
    },
  };
}

const LINK_MODES: Readonly<Record<number, number>> = {
  [O_RDONLY]: 0o500,
  [O_WRONLY]: 0o300,
  [O_RDWR]: 0o700,
};

class DescriptorLink extends ProcessInode {
  private readonly file: OpenFile;
  constructor(proc: ProcFileSystem, subject: Task, file: OpenFile) {
    super(proc, subject, S_IFLNK | (LINK_MODES[file.flags & O_ACCMODE] ?? 0o700));
    this.file = file;
  }
  override get size(): number {
    return 64;
  }
  override readlink(task: Task | undefined): string | Errno {
    if (task && !mayInspect(task, this.subject)) return EACCES;
    const { location } = this.file;
    if (!location) return this.file.label;
    if (location.inode instanceof NamespaceInode) return location.inode.label;
    const root = task?.fs.root ?? location;
    return `${pathOf(location, root)}${isDeleted(location) ? ' (deleted)' : ''}`;
  }
  override follow(task: Task): Location | Errno | undefined {
    if (!mayInspect(task, this.subject)) return EACCES;
    const { location } = this.file;
    if (location && location.inode.kind !== 0o010000) return location;
    return {
      mount: task.fs.root.mount,
      inode: new OpenedInode(this.proc, this.subject, this.file),
    };
  }
}

/** What a link of a pipe, socket or terminal leads to: opening it gives the same open file again. */
class OpenedInode extends ProcessInode {
  private readonly file: OpenFile;
  constructor(proc: ProcFileSystem, subject: Task, file: OpenFile) {
    super(proc, subject, file.inode?.mode ?? 0o010000 | 0o600);
    this.file = file;
  }
  override open(): OpenFile | Errno {
    return this.file;
  }
}

const NAMESPACE_LINKS: Readonly<Record<string, (task: Task) => Namespace>> = {
  cgroup: (task) => task.namespaces.cgroup,
  ipc: (task) => task.namespaces.ipc,
  mnt: (task) => task.namespaces.mnt,
  net: (task) => task.namespaces.net,
  pid: (task) => task.pidNamespace,
  pid_for_children: (task) => task.namespaces.pidForChildren,
  time: (task) => task.namespaces.time,
  time_for_children: (task) => task.namespaces.timeForChildren,
  user: (task) => task.credentials.user,
  uts: (task) => task.namespaces.uts,
};

class NamespaceDirectory extends ProcessInode {
  private readonly made = new Map<string, Inode>();
  constructor(proc: ProcFileSystem, subject: Task, home: Home) {
    super(proc, subject, S_IFDIR | 0o511);
    this.home = home;
  }
  override lookup(name: string): Inode | undefined {
    const which = Object.hasOwn(NAMESPACE_LINKS, name) ? NAMESPACE_LINKS[name] : undefined;
    if (!which) return undefined;
    let inode = this.made.get(name);
    if (!inode) {
      inode = new NamespaceLink(this.proc, this.subject, which);
      this.made.set(name, inode);
    }
    return inode;
  }
  override entries(task: Task | undefined): readonly DirectoryEntry[] {
    return list(this, Object.keys(NAMESPACE_LINKS), task);
  }
}

class NamespaceLink extends ProcessInode {
  private readonly which: (task: Task) => Namespace;
  constructor(proc: ProcFileSystem, subject: Task, which: (task: Task) => Namespace) {
    super(proc, subject, S_IFLNK | 0o777);
    this.which = which;
  }
  private namespace(task: Task | undefined): Namespace | Errno {
    if (task && !mayInspect(task, this.subject)) return EACCES;
    const { subject } = this;
    if (subject.ended) return this.which(subject).kind === 'user' ? EINVAL : ENOENT;
    const namespace = this.which(subject);
    // One that unshare made for children has nobody in it before the first of them.
    if (namespace instanceof PidNamespace && !namespace.init) return ENOENT;
    return namespace;
  }
  override readlink(task: Task | undefined): string | Errno {
    const namespace = this.namespace(task);
    return isErrno(namespace) ? namespace : `${namespace.kind}:[${namespace.inode}]`;
  }
  override follow(task: Task): Location | Errno {
    const namespace = this.namespace(task);
    return isErrno(namespace) ? namespace : this.proc.kernel.nsfs.locationOf(namespace);
  }
  override unlink(): Errno {
    return EPERM;
  }
}
