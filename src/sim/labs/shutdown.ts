// The end of a lab, as systemd-shutdown goes about it: the shell hangs up, every process is asked to end (SIGTERM),
// what is left is killed (SIGKILL), and what was mounted beside the machine's own mounts is taken off.

import type { Simulation } from '../core/simulation.ts';
import { SECOND } from '../core/time.ts';
import { MNT_DETACH, mountTree, pathOf } from '../kernel/files/mount.ts';
import { SIGCONT, SIGHUP, SIGKILL, SIGPWR, SIGTERM } from '../kernel/signals.ts';
import { sendSignal } from '../kernel/task/signal.ts';
import type { Task } from '../kernel/task/task.ts';
import type { Machine } from './machine.ts';
import type { ShellSession } from './session.ts';

/** DefaultTimeoutStopSec of systemd, between asking and killing. */
const STOP_TIMEOUT = 90 * SECOND;
/** For the last exits after SIGKILL, and for sockets and timers that go with them. */
const AFTERMATH = 1 * SECOND;

/** Ends a session and stops its machines. Virtual time goes on by what the daemons take to end. */
export function shutDown(
  simulation: Simulation,
  machines: readonly Machine[],
  session: ShellSession,
): void {
  const all = (): Task[] => machines.flatMap((machine) => processesOf(machine));
  const askedAll = (signal: number): void => {
    for (const process of all()) sendSignal(process, signal);
  };
  if (!session.running && !session.task.ended) {
    session.start('exit');
    simulation.advance({ until: simulation.now + STOP_TIMEOUT, done: () => !session.running });
  }
  simulation.because('the lab is switched off');
  for (const { init } of machines) sendSignal(init, SIGPWR);
  for (const process of sessionOf(session.task)) {
    sendSignal(process, SIGHUP);
    sendSignal(process, SIGCONT);
  }
  sendSignal(session.task, SIGKILL);
  simulation.advance({ until: simulation.now });
  askedAll(SIGTERM);
  askedAll(SIGCONT);
  simulation.advance({ until: simulation.now + STOP_TIMEOUT, done: () => all().length === 0 });
  askedAll(SIGKILL);
  simulation.advance({ until: simulation.now + AFTERMATH });
  for (const machine of machines) unmountAll(machine);
  simulation.advance({ until: simulation.now });
}

/** Every process of a machine but PID 1 and the kernel's threads. */
function processesOf({ kernel, init }: Machine): Task[] {
  return [...kernel.tasks.values()].filter(
    (task) => task === task.leader && task !== init && !task.process.kernelThread && !task.ended,
  );
}

/** The processes of a shell's session: those it started that have not made one of their own. */
function sessionOf(shell: Task): Task[] {
  const { session } = shell.process;
  return [...shell.kernel.tasks.values()].filter(
    (task) =>
      task === task.leader && task !== shell && task.process.session === session && !task.ended,
  );
}

/** Takes off what was mounted since the machine was switched on, the latest first. */
function unmountAll({ kernel, init, ownMounts }: Machine): void {
  const { mnt } = kernel.first;
  const root = { mount: mnt.root, inode: mnt.root.root };
  const process = kernel.processOf(init);
  const later = mountTree(mnt.root).filter((mount) => !ownMounts.has(mount));
  for (const mount of later.reverse()) {
    if (mount.parent) process.umount(pathOf({ mount, inode: mount.root }, root), MNT_DETACH);
  }
}
