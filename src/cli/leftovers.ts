// What a closed lab still holds: beyond PID 1, the kernel's threads and the mounts that it was switched on with there must
// be no process, no descriptor, no socket, no namespace but the first of each kind.

import { MINUTE } from '../sim/core/time.ts';
import { mountTree } from '../sim/kernel/files/mount.ts';
import type { NetworkNamespace } from '../sim/kernel/network/namespace.ts';
import type { Lab } from '../sim/labs/lab.ts';
import type { Machine } from '../sim/labs/machine.ts';

/** Connections that were closed are forgotten after this. */
const TIME_WAIT = 5 * MINUTE;

function socketsOf({ sockets }: NetworkNamespace): string[] {
  return [
    ...[...sockets.listeners.keys()].map((port) => `a listener on TCP port ${port}`),
    ...[...sockets.allConnections()].map((one) => `a TCP connection from port ${one.localPort}`),
    ...[...sockets.boundTcp].map((one) => `a TCP socket on port ${one.localPort}`),
    ...[...sockets.udp.keys()].map((port) => `a UDP socket on port ${port}`),
    ...[...sockets.ping].map(() => 'a raw or ping socket'),
    ...[...sockets.unix].map(() => 'a unix socket'),
  ];
}

/** What a machine holds beyond what it was switched on with. */
export function leftovers({ name, kernel, init, ownMounts }: Machine): string[] {
  const tasks = [...kernel.tasks.values()].filter(
    (task) => task !== init && !task.process.kernelThread,
  );
  const mounts = mountTree(kernel.first.mnt.root).filter((mount) => !ownMounts.has(mount));
  const first = new Set<unknown>(Object.values(kernel.first));
  const namespaces = [...kernel.namespaceUses.keys()].filter((one) => !first.has(one));
  return [
    ...tasks.map((task) => `process ${task.pid} ${task.process.argv.join(' ')} (${task.state})`),
    ...[...init.files.list()].map(([fd]) => `descriptor ${fd} of PID 1`),
    ...mounts.map((mount) => `a mount of ${mount.source}`),
    ...namespaces.map((one) => `${one.kind} namespace ${one.inode}`),
    ...socketsOf(kernel.first.net),
  ].map((thing) => `${name}: ${thing}`);
}

/** Closes a lab; what it holds and how many timers wait, minutes later. */
export function closed(lab: Lab): { left: string[]; timers: number } {
  lab.close();
  lab.simulation.advance({ until: lab.simulation.now + TIME_WAIT });
  return { left: lab.machines.flatMap(leftovers), timers: lab.simulation.events.size };
}
