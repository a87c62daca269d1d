// A machine of a lab: its kernel with a disk, and PID 1, which mounts what every Linux has and is systemd then;
// when the power goes it only reaps.

import type { Simulation } from '../core/simulation.ts';
import type { Routine } from '../core/wait.ts';
import type { Process } from '../kernel/calls/process.ts';
import { isErrno } from '../kernel/errno.ts';
import { Kernel } from '../kernel/kernel.ts';
import { S_IFCHR, S_IFDIR } from '../kernel/files/inode.ts';
import { type Mount, MS_REC, MS_SHARED, mountTree } from '../kernel/files/mount.ts';
import { MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RELATIME } from '../kernel/files/mount.ts';
import { cloneTask } from '../kernel/task/fork.ts';
import type { Task } from '../kernel/task/task.ts';
import { programTable } from '../userland/programs/index.ts';
import { runSystemd } from '../userland/systemd/manager.ts';
import type { DiskBuilder } from './base.ts';

export interface Machine {
  readonly name: string;
  readonly kernel: Kernel;
  /** PID 1. */
  readonly init: Task;
  /** What was mounted when switching on was over. */
  readonly ownMounts: ReadonlySet<Mount>;
}

export interface MachineOptions {
  readonly name: string;
  readonly disk: DiskBuilder;
  readonly cpus?: number;
  /** Bytes; 4 GiB where not given. */
  readonly memory?: number;
  /** What PID 1 does after the mounts and before it starts its units: bring up the network. */
  readonly start?: (init: Process) => Routine<void>;
}

/** Nodes of /dev with their numbers and modes. */
const DEVICES: readonly (readonly [string, number, number, number])[] = [
  ['null', 1, 3, 0o666],
  ['zero', 1, 5, 0o666],
  ['full', 1, 7, 0o666],
  ['random', 1, 8, 0o666],
  ['urandom', 1, 9, 0o666],
  ['kmsg', 1, 11, 0o644],
  ['tty', 5, 0, 0o666],
  ['console', 5, 1, 0o600],
  ['ptmx', 5, 2, 0o666],
];

const DEVICE_LINKS: readonly (readonly [string, string])[] = [
  ['fd', '/proc/self/fd'],
  ['stdin', '/proc/self/fd/0'],
  ['stdout', '/proc/self/fd/1'],
  ['stderr', '/proc/self/fd/2'],
];

const CLOSED = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RELATIME;

/** File systems that PID 1 mounts: type, place, flags, data. */
const MOUNTS: readonly (readonly [string, string, number, string])[] = [
  ['sysfs', '/sys', CLOSED, ''],
  ['proc', '/proc', CLOSED, ''],
  ['devtmpfs', '/dev', MS_NOSUID | MS_RELATIME, 'mode=755'],
  ['devpts', '/dev/pts', MS_NOSUID | MS_NOEXEC | MS_RELATIME, 'gid=5,mode=620,ptmxmode=000'],
  ['tmpfs', '/dev/shm', MS_NOSUID | MS_NODEV, ''],
  ['mqueue', '/dev/mqueue', CLOSED, ''],
  ['tmpfs', '/run', CLOSED, 'mode=755'],
  ['cgroup2', '/sys/fs/cgroup', CLOSED, 'nsdelegate,memory_recursiveprot'],
];

/** Switches a machine on. Its init runs at the next advance. */
export function createMachine(simulation: Simulation, options: MachineOptions): Machine {
  const kernel = new Kernel({
    simulation,
    hostname: options.name,
    cpus: options.cpus ?? 2,
    memory: options.memory ?? 4 * 1024 ** 3,
    disk: options.disk.disk,
    programs: programTable(options.disk.families),
  });
  const ownMounts = new Set<Mount>();
  const init = kernel.boot('init', function* (p) {
    p.task.process.argv = ['/sbin/init'];
    bringUp(p);
    if (options.start) yield* options.start(p);
    for (const mount of mountTree(kernel.first.mnt.root)) ownMounts.add(mount);
    yield* runSystemd(p);
    for (;;) {
      const ended = yield* p.wait(-1);
      if (isErrno(ended)) yield { on: [p.task.process.childChanged] };
    }
  });
  kernel.startKernelThread('kthreadd');
  return { name: options.name, kernel, init, ownMounts };
}

function bringUp(p: Process): void {
  p.netlink().setUp(p.network.loopback, true);
  for (const [type, place, flags, data] of MOUNTS) {
    p.mkdir(place);
    const failure = p.mount(type, place, type, flags, data);
    if (failure) throw new Error(`cannot mount ${type} on ${place}: ${failure.message}`);
    if (place === '/dev') makeDevices(p);
  }
  p.mount('none', '/', '', MS_SHARED | MS_REC);
  p.mkdir('/run/lock');
}

function makeDevices(p: Process): void {
  for (const [name, major, minor, mode] of DEVICES) {
    p.mknod(`/dev/${name}`, S_IFCHR | mode, major * 256 + minor);
    p.chmod(`/dev/${name}`, mode);
  }
  for (const [name, target] of DEVICE_LINKS) p.symlink(target, `/dev/${name}`);
  for (const name of ['pts', 'shm', 'mqueue']) p.mkdir(`/dev/${name}`, S_IFDIR | 0o755);
}

/** A process started from outside, as a child of PID 1 in a session of its own. */
export function spawn(machine: Machine, body: (process: Process) => Routine<number>): Task {
  const task = cloneTask(machine.init, 0, (child) => {
    child.process.session = child.pid;
    child.process.group = child.pid;
    const process = machine.kernel.processOf(child);
    for (const [fd] of [...child.files.list()]) process.close(fd);
    return body(process);
  });
  if (isErrno(task)) throw new Error(`cannot start a process: ${task.message}`);
  return task;
}
