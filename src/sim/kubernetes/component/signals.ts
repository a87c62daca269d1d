// How a component ends when it is asked to. Go programs catch SIGTERM even as a container's process 1, so that none of them
// waits for its grace period to be over.

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { SIGINT, SIGTERM } from '../../kernel/signals.ts';

/**
 * SIGTERM and SIGINT end the process with a status, after what it does last: 2 is that of a Go program that does not handle
 * them itself.
 */
export function endOnSignals(process: Process, status: number, last?: () => Routine<void>): void {
  const end = (): void => {
    if (!last) process.exit(status);
    else
      process.thread(function* (thread) {
        yield* last();
        return thread.exit(status);
      });
  };
  for (const signal of [SIGTERM, SIGINT]) process.sigaction(signal, end);
}
