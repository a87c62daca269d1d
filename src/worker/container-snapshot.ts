// Containers as the kernel knows them: a process that is number 1 of a PID namespace of its own, with what it sees
// (namespaces, root, addresses) and what it may use (its cgroup). Made by runc or by hand, the view cannot tell.

import { formatPrefix } from '../sim/kernel/network/address.ts';
import { OverlayFileSystem } from '../sim/kernel/files/overlay.ts';
import type { Task } from '../sim/kernel/task/task.ts';
import type { Machine } from '../sim/labs/machine.ts';
import type { ContainerEntry, UseEntry } from './views.ts';

/** Every container of a machine, by the PID of its first process. */
export function containerEntries({
  name,
  kernel,
}: Pick<Machine, 'name' | 'kernel'>): ContainerEntry[] {
  const home = kernel.first.pid.tasks.get(1);
  if (!home) return [];
  return [...kernel.first.pid.tasks.values()]
    .filter((task) => task.leader === task && task.pids.length > 1 && task.pids.at(-1) === 1)
    .map((task) => containerEntry(name, task, home));
}

function containerEntry(machine: string, task: Task, home: Task): ContainerEntry {
  const { namespaces, process, cgroup } = task;
  const inside = [...task.pidNamespace.tasks.values()].filter((other) => other.leader === other);
  return {
    machine,
    pid: task.pid,
    command: process.argv.join(' '),
    processes: inside.length,
    own: Object.entries({ ...inodesOf(task) })
      .filter(([kind, inode]) => inodesOf(home)[kind] !== inode)
      .map(([kind, inode]) => ({ kind, inode })),
    shared: Object.keys(inodesOf(task)).filter(
      (kind) => inodesOf(home)[kind] === inodesOf(task)[kind],
    ),
    addresses: [...namespaces.net.links.values()].flatMap((link) =>
      link.addresses.map((address) => `${link.name} ${formatPrefix(address)}`),
    ),
    root: rootOf(task),
    cgroup: cgroup.path,
    use: useOf(task),
  };
}

function inodesOf({ namespaces, pidNamespace, credentials }: Task): Record<string, number> {
  return {
    pid: pidNamespace.inode,
    mnt: namespaces.mnt.inode,
    net: namespaces.net.inode,
    uts: namespaces.uts.inode,
    ipc: namespaces.ipc.inode,
    cgroup: namespaces.cgroup.inode,
    time: namespaces.time.inode,
    user: credentials.user.inode,
  };
}

/** The directories under its root, the writable one first; the file system's type where it is no overlay. */
function rootOf({ fs: context }: Task): string[] {
  const { fs } = context.root.mount;
  if (!(fs instanceof OverlayFileSystem)) return [fs.type];
  const option = (name: string): string =>
    new RegExp(`(?:^|,)${name}=([^,]*)`).exec(fs.options)?.[1] ?? '';
  return [option('upperdir'), ...option('lowerdir').split(':')].filter((path) => path !== '');
}

function useOf({ cgroup: { memory, pids, cpu } }: Task): UseEntry[] {
  const use: UseEntry[] = [];
  if (memory) use.push({ name: 'memory', now: memory.current, most: limitOf(memory.max) });
  if (pids) use.push({ name: 'pids', now: pids.current, most: limitOf(pids.max) });
  if (cpu && Number.isFinite(cpu.quota)) {
    use.push({ name: 'cpu.max', now: cpu.quota, most: cpu.period });
  }
  return use;
}

function limitOf(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
