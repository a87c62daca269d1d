// What passes between runc and the init it starts over their socket pair: go, ready, an error; and how the other end
// of a new console reaches whoever listens on a console socket (a descriptor sent as SCM_RIGHTS).

import type { Routine } from '../../core/wait.ts';
import { WaitQueue } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import type { OpenFile } from '../../kernel/files/open-file.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Task } from '../../kernel/task/task.ts';

/** The two ends' talk. */
export class Handshake {
  readonly changed = new WaitQueue();
  /** The parent has placed the child: it may go on. */
  mayGo = false;
  /** Init waits for the hooks of the runtime namespace. */
  wantsHooks = false;
  hooksDone = false;
  /** Init is set up. */
  ready = false;
  /** Why it is not. */
  error: string | undefined;
  /** The process that will be the container's, where another one made it. */
  init: Task | undefined;
  /** The controlling side of the new terminal. */
  console: OpenFile | undefined;

  /** Changes something and wakes the other end. */
  tell(change: (handshake: Handshake) => void): void {
    change(this);
    this.changed.wake();
  }

  /** Blocks until `condition` holds; false when the other end has died. */
  *until(p: Process, other: () => Task | undefined, condition: () => boolean): Routine<boolean> {
    while (!condition()) {
      if (other()?.ended) return condition();
      yield { on: [this.changed, p.task.leader.process.childChanged] };
    }
    return true;
  }
}

const consoleSockets = new WeakMap<Kernel, Map<string, (master: OpenFile) => void>>();

function socketsOf(kernel: Kernel): Map<string, (master: OpenFile) => void> {
  let sockets = consoleSockets.get(kernel);
  if (!sockets) {
    sockets = new Map();
    consoleSockets.set(kernel, sockets);
  }
  return sockets;
}

/** Listens at a path for the console of a container that is about to be made. */
export function listenForConsole(
  p: Process,
  path: string,
  receive: (master: OpenFile) => void,
): void {
  socketsOf(p.task.kernel).set(path, receive);
}

/** Sends a console's controlling side to who listens at a path; false where nobody does. */
export function sendConsole(p: Process, path: string, master: OpenFile): boolean {
  const sockets = socketsOf(p.task.kernel);
  const receive = sockets.get(path);
  if (!receive) return false;
  sockets.delete(path);
  receive(master);
  return true;
}
