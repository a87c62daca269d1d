// The processes of a machine as the view draws them, read from its kernel's first PID namespace.

import type { Task } from '../sim/kernel/task/task.ts';
import type { Machine } from '../sim/labs/machine.ts';
import type { MachineEntry, ProcessEntry } from './views.ts';

/** Every process of a machine; threads and what has been reaped are left out. */
export function machineEntry({ name, kernel }: Pick<Machine, 'name' | 'kernel'>): MachineEntry {
  const tasks = [...kernel.first.pid.tasks.values()];
  const leaders = tasks.filter((task) => task.leader === task && !task.process.kernelThread);
  return { name, processes: leaders.map(processEntry) };
}

function processEntry(task: Task): ProcessEntry {
  const { credentials, namespaces, process } = task;
  return {
    pid: task.pid,
    parent: task.parent?.leader.pid ?? 0,
    user: credentials.euid === 0 ? 'root' : String(credentials.euid),
    state: task.state,
    command: process.argv.length > 0 ? process.argv.join(' ') : `[${task.name}]`,
    innerPid: task.pids.at(-1) ?? task.pid,
    namespaces: {
      pid: task.pidNamespace.inode,
      mnt: namespaces.mnt.inode,
      net: namespaces.net.inode,
      uts: namespaces.uts.inode,
      ipc: namespaces.ipc.inode,
      cgroup: namespaces.cgroup.inode,
      time: namespaces.time.inode,
      user: credentials.user.inode,
    },
    cgroup: task.cgroup.path,
  };
}
