// How a component ends when it is asked to. Go programs catch SIGTERM even as a container's process 1, so that none of them
// waits for its grace period to be over.

import type { Process } from '../../kernel/calls/process.ts';
import { SIGINT, SIGTERM } from '../../kernel/signals.ts';

/** SIGTERM and SIGINT end the process with a status: 2 is that of a Go program that does not handle them itself. */
export function endOnSignals(process: Process, status: number): void {
  for (const signal of [SIGTERM, SIGINT]) process.sigaction(signal, () => process.exit(status));
}
