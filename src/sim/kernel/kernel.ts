// One kernel: the tables that the rest of this floor works on, and boot. Reading order from here: program.ts,
// task/, files/, namespaces/, cgroup/, terminal/, network/, and calls/, which is what programs see.

import type { Random } from '../core/random.ts';
import type { Simulation } from '../core/simulation.ts';
import { Process } from './calls/process.ts';
import { Cgroup } from './cgroup/cgroup.ts';
import type { CgroupFileSystem } from './cgroup/cgroupfs.ts';
import { DescriptorTable } from './files/open-file.ts';
import type { FileSystem } from './files/inode.ts';
import { Mount, MS_RELATIME } from './files/mount.ts';
import type { MemoryFileSystem } from './files/memory.ts';
import { NamespaceFileSystem } from './files/nsfs.ts';
import { PeerGroups } from './files/peers.ts';
import { Memory } from './memory.ts';
import { CgroupNamespace } from './namespaces/cgroup.ts';
import { IpcNamespace } from './namespaces/ipc.ts';
import { MountNamespace } from './namespaces/mount.ts';
import { beginSet, shareSet } from './namespaces/lifetime.ts';
import { type Namespace, NAMESPACE_KINDS, type NamespaceSet } from './namespaces/namespace.ts';
import { PidNamespace } from './namespaces/pid.ts';
import { TimeNamespace } from './namespaces/time.ts';
import { UserNamespace } from './namespaces/user.ts';
import { UtsNamespace } from './namespaces/uts.ts';
import { MachineNetwork } from './network/machine.ts';
import { NetworkNamespace } from './network/namespace.ts';
import type { SysFileSystem } from './sysfs/sysfs.ts';
import type { ProgramRun, ProgramTable } from './program.ts';
import { rootCredentials } from './task/credentials.ts';
import { Processors } from './task/cpu.ts';
import { bootTask } from './task/fork.ts';
import { newSignalState } from './task/signal.ts';
import { newProcessState, type Task } from './task/task.ts';
import { Terminals } from './terminal/terminals.ts';

/** What `uname -r` and -v say. */
export const KERNEL_RELEASE = '6.1.0-51-amd64';
export const KERNEL_VERSION = '#1 SMP PREEMPT_DYNAMIC Debian 6.1.170-3 (2026-01-14)';

/** What init holds, in bytes. */
const INIT_RESIDENT = 11_800_000;
const INIT_VIRTUAL = 168_000_000;

export interface KernelOptions {
  readonly simulation: Simulation;
  readonly hostname: string;
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
  /** The file system at `/`. */
  readonly disk: MemoryFileSystem;
  /** What /proc/mounts calls the disk; /dev/vda1 where not given. */
  readonly rootDevice?: string;
  readonly programs: ProgramTable;
}

export class Kernel {
  readonly simulation: Simulation;
  /** The machine's name in the lab, whatever its host name becomes. */
  readonly name: string;
  readonly programs: ProgramTable;
  readonly processors: Processors;
  readonly memory: Memory;
  readonly network: MachineNetwork;
  readonly bootedAt: number;
  readonly first: NamespaceSet;
  readonly firstUser: UserNamespace;
  readonly rootCgroup = new Cgroup('', undefined, 1);
  readonly peerGroups = new PeerGroups();
  /** Holders of each namespace: sets, open files, bind mounts (see namespaces/lifetime.ts). */
  readonly namespaceUses = new Map<Namespace, number>();
  /** File systems of which there is one: by network namespace, or for the machine. */
  readonly sysfs = new WeakMap<NetworkNamespace, SysFileSystem>();
  cgroupfs: CgroupFileSystem | undefined;
  devtmpfs: MemoryFileSystem | undefined;
  /** The disk's device node. */
  readonly rootDevice: string;
  readonly nsfs: NamespaceFileSystem;
  /** Disks by device number. */
  readonly disks = new Map<number, FileSystem>();
  /** kernel.* and vm.* settings that were written, by path below /proc/sys. */
  readonly settings = new Map<string, string>();
  /** The task whose turn it is. */
  current: Task | undefined;
  /** The kernel's log (dmesg), each line with its time in nanoseconds. */
  readonly log: { at: number; text: string }[] = [];
  /** How many lines of the log dmesg -C has put out of sight. */
  logCleared = 0;
  readonly terminals: Terminals;
  /** What /dev/urandom gives. */
  readonly entropy: Random;
  /** boot_id and machine id: drawn once. */
  readonly bootId: string;
  private namespaceInodes = 4026532200;
  private mountIds = 20;
  private pipes = 20000;
  private devices = 40;

  constructor(options: KernelOptions) {
    const { simulation } = options;
    this.simulation = simulation;
    this.name = options.hostname;
    this.programs = options.programs;
    this.bootedAt = simulation.now;
    this.bootId = simulation.random.fork(`boot ${options.hostname}`).uuid();
    this.entropy = simulation.random.fork(`entropy ${options.hostname}`);
    this.terminals = new Terminals(this);
    this.processors = new Processors(this, options.cpus);
    this.memory = new Memory(this, options.memory);
    this.network = new MachineNetwork(this);
    this.disks.set(options.disk.device, options.disk);
    this.nsfs = new NamespaceFileSystem(this);
    const user = new UserNamespace(NAMESPACE_KINDS.user.first, undefined, 0, 0);
    this.firstUser = user;
    const pid = new PidNamespace(NAMESPACE_KINDS.pid.first, user, undefined);
    const time = new TimeNamespace(NAMESPACE_KINDS.time.first, user);
    this.rootDevice = options.rootDevice ?? '/dev/vda1';
    const rootMount = new Mount(
      this.nextMountId(),
      options.disk,
      options.disk.root,
      this.rootDevice,
      MS_RELATIME,
    );
    this.first = {
      users: 0,
      cgroup: new CgroupNamespace(NAMESPACE_KINDS.cgroup.first, user, this.rootCgroup),
      ipc: new IpcNamespace(NAMESPACE_KINDS.ipc.first, user),
      mnt: new MountNamespace(NAMESPACE_KINDS.mnt.first, user, rootMount),
      net: new NetworkNamespace(NAMESPACE_KINDS.net.first, user, this),
      pid,
      pidForChildren: pid,
      time,
      timeForChildren: time,
      uts: new UtsNamespace(NAMESPACE_KINDS.uts.first, user, options.hostname),
    };
    beginSet(this, this.first);
    this.network.holders.add((namespace) => this.namespaceUses.has(namespace));
  }

  /** Starts PID 1. Everything else is forked from it. */
  boot(name: string, body: (process: Process) => ProgramRun): Task {
    const { first } = this;
    const root = { mount: first.mnt.root, inode: first.mnt.root.root };
    const task = bootTask(
      {
        kernel: this,
        pids: [first.pid.allocate()],
        pidNamespace: first.pid,
        leader: undefined,
        parent: undefined,
        name,
        credentials: rootCredentials(this.firstUser),
        namespaces: first,
        files: new DescriptorTable(),
        fs: { root, cwd: root, umask: 0o022 },
        signals: newSignalState(),
        process: { ...newProcessState(), argv: [name], group: 1, session: 1 },
        cgroup: this.rootCgroup,
      },
      (init) => body(this.processOf(init)),
    );
    this.memory.setResident(task, INIT_RESIDENT, INIT_VIRTUAL);
    return task;
  }

  /** Starts a thread of the kernel, beside init: no program, no parent. */
  startKernelThread(name: string): Task {
    const { first } = this;
    const root = { mount: first.mnt.root, inode: first.mnt.root.root };
    return bootTask(
      {
        kernel: this,
        pids: [first.pid.allocate()],
        pidNamespace: first.pid,
        leader: undefined,
        parent: undefined,
        name,
        credentials: rootCredentials(this.firstUser),
        namespaces: shareSet(first),
        files: new DescriptorTable(),
        fs: { root, cwd: root, umask: 0o022 },
        signals: newSignalState(),
        process: { ...newProcessState(), kernelThread: true },
        cgroup: this.rootCgroup,
      },
      function* () {
        for (;;) yield { on: [] };
      },
    );
  }

  /** The system calls of a task. */
  processOf(task: Task): Process {
    task.calls ??= new Process(task);
    return task.calls;
  }

  /** Every task by its number in the first PID namespace. */
  get tasks(): ReadonlyMap<number, Task> {
    return this.first.pid.tasks;
  }
  get taskCount(): number {
    return this.first.pid.tasks.size;
  }
  /** How many tasks a kernel uid has (RLIMIT_NPROC counts these). */
  tasksOf(uid: number): number {
    if (this.taskCount < 1000) return 0;
    let count = 0;
    for (const task of this.tasks.values()) if (task.credentials.uid === uid) count++;
    return count;
  }

  /** The processes (leaders) of a process group, zombies left out. */
  processesInGroup(group: number): Task[] {
    const found: Task[] = [];
    for (const task of this.tasks.values()) {
      if (task === task.leader && task.process.group === group && !task.ended) found.push(task);
    }
    return found;
  }

  /** Called by execve: the place for what watches processes begin. */
  executed(_task: Task): void {}

  /** Called when the last thread of a process has ended. */
  processEnded(process: Task): void {
    this.memory.setResident(process, 0, 0);
    process.namespaces.net.mayBeUnused();
  }

  /** A line of the kernel's log. */
  print(text: string): void {
    this.log.push({ at: this.simulation.now - this.bootedAt, text });
  }

  /** Adds a cause that speaks of a process of this machine (Simulation.because). */
  because(label: string, task: Task): void {
    this.simulation.because(label, {
      kind: 'process',
      name: String(task.leader.pid),
      machine: this.name,
    });
  }

  nextNamespaceInode(): number {
    return this.namespaceInodes++;
  }
  nextMountId(): number {
    return this.mountIds++;
  }
  nextPipe(): number {
    return this.pipes++;
  }
  /** A number for an anonymous device (st_dev of a file system without a disk). */
  nextDevice(): number {
    return this.devices++;
  }
}
