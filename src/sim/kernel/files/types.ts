// The file system types of this kernel (/proc/filesystems) and what mounting each of them makes.

import { EINVAL, ENODEV, ENOENT, ENOTBLK, EPERM, type Errno, isErrno } from '../errno.ts';
import { CgroupFileSystem } from '../cgroup/cgroupfs.ts';
import { ProcFileSystem } from '../proc/proc.ts';
import { SysFileSystem } from '../sysfs/sysfs.ts';
import { CAP_SYS_ADMIN, capableIn } from '../task/credentials.ts';
import type { Task } from '../task/task.ts';
import { DevptsFileSystem } from '../terminal/terminals.ts';
import { type FileSystem, S_IFBLK } from './inode.ts';
import { MemoryFileSystem } from './memory.ts';
import { type MountData, parseMountData } from './mount-data.ts';
import { mountOverlay } from './overlay-mount.ts';
import { TmpfsFileSystem } from './tmpfs.ts';
import { resolve } from './walk.ts';

interface FileSystemType {
  readonly name: string;
  /** Needs a block device as its source (no `nodev` in /proc/filesystems). */
  readonly device?: boolean;
  /** May be mounted by root of a user namespace that is not the first. */
  readonly anyUser?: boolean;
  make?(task: Task, data: MountData, source: string): FileSystem | Errno;
}

function makeTmpfs(task: Task, data: MountData): FileSystem | Errno {
  const fs = new TmpfsFileSystem(task.kernel);
  return fs.configure(data, task) ?? fs;
}

function makeRamfs(task: Task): FileSystem {
  const fs = new MemoryFileSystem('ramfs', task.kernel.nextDevice());
  fs.root.mtime = task.kernel.simulation.now;
  return fs;
}

function makeMqueue(task: Task): FileSystem | Errno {
  const { ipc } = task.namespaces;
  if (!capableIn(task, ipc.owner, CAP_SYS_ADMIN)) return EPERM;
  ipc.messageFiles ??= new MemoryFileSystem('mqueue', task.kernel.nextDevice());
  ipc.messageFiles.root.mode |= 0o1777;
  return ipc.messageFiles;
}

function makeDevtmpfs(task: Task): FileSystem {
  const { kernel } = task;
  if (!kernel.devtmpfs) {
    kernel.devtmpfs = new TmpfsFileSystem(kernel, 'devtmpfs');
    const kilobytes = Math.floor(kernel.memory.total / 2048);
    kernel.devtmpfs.root.mode = (kernel.devtmpfs.root.mode & ~0o7777) | 0o755;
    kernel.devtmpfs.options = `size=${kilobytes}k,nr_inodes=${Math.floor(kilobytes / 4)},mode=755,inode64`;
  }
  return kernel.devtmpfs;
}

function makeSysfs(task: Task): FileSystem | Errno {
  const { net } = task.namespaces;
  if (!capableIn(task, net.owner, CAP_SYS_ADMIN)) return EPERM;
  let fs = task.kernel.sysfs.get(net);
  if (!fs) {
    fs = new SysFileSystem(task.kernel, net);
    task.kernel.sysfs.set(net, fs);
  }
  return fs;
}

const CGROUP_OPTIONS = ['nsdelegate', 'favordynmods', 'memory_localevents', 'memory_recursiveprot'];

function makeCgroup2(task: Task, data: MountData): FileSystem | Errno {
  for (const name of data.keys()) if (!CGROUP_OPTIONS.includes(name)) return EINVAL;
  const { cgroup } = task.namespaces;
  if (!capableIn(task, cgroup.owner, CAP_SYS_ADMIN)) return EPERM;
  const { kernel } = task;
  kernel.cgroupfs ??= new CgroupFileSystem(kernel);
  if (task.credentials.user === kernel.firstUser && data.size > 0) {
    kernel.cgroupfs.options = CGROUP_OPTIONS.filter((name) => data.has(name)).join(',');
  }
  return kernel.cgroupfs;
}

function makeDisk(task: Task, _data: MountData, source: string): FileSystem | Errno {
  const place = resolve(task, source);
  if (isErrno(place)) return place;
  if (place.inode.kind !== S_IFBLK) return ENOTBLK;
  return task.kernel.disks.get(place.inode.rdev) ?? EINVAL;
}

/** In the order of /proc/filesystems. Those without `make` are known by name only: ENODEV. */
export const FILE_SYSTEM_TYPES: readonly FileSystemType[] = [
  { name: 'sysfs', anyUser: true, make: makeSysfs },
  { name: 'tmpfs', anyUser: true, make: makeTmpfs },
  { name: 'proc', anyUser: true, make: (task, data) => ProcFileSystem.mount(task, data) },
  { name: 'cgroup2', anyUser: true, make: makeCgroup2 },
  { name: 'devtmpfs', make: makeDevtmpfs },
  { name: 'ramfs', anyUser: true, make: makeRamfs },
  {
    name: 'devpts',
    anyUser: true,
    make: (task) => new DevptsFileSystem(task.kernel),
  },
  { name: 'mqueue', anyUser: true, make: makeMqueue },
  { name: 'ext4', device: true, make: makeDisk },
  { name: 'overlay', anyUser: true, make: (task, data) => mountOverlay(task, data) },
];

/** A file system of a type for a new mount: ENODEV where the type is unknown, EPERM where it is root's alone. */
export function makeFileSystem(
  task: Task,
  type: string,
  source: string,
  data: string,
): FileSystem | Errno {
  const known = FILE_SYSTEM_TYPES.find(({ name }) => name === type);
  if (!known?.make) return ENODEV;
  const { user } = task.credentials;
  const first = user === task.kernel.firstUser;
  if (!first && !known.anyUser) return EPERM;
  if (known.device && source === '') return ENOENT;
  const fs = known.make(task, parseMountData(data), source);
  if (!isErrno(fs) && !first && !fs.mounts) fs.owner = user;
  return fs;
}
