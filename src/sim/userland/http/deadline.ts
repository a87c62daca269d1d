// Giving up a routine when a time has come, whatever it waits for just then.

import type { Block, Routine, Wakeup } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';

/** What `withDeadline` gives when the time was over first. */
export const LATE: unique symbol = Symbol('the time is over');

/** Runs a routine until virtual time `until` at the latest; its `finally` blocks run when it is given up. */
export function* withDeadline<T>(
  process: Process,
  routine: Routine<T>,
  until: number | undefined,
): Routine<T | typeof LATE> {
  if (until === undefined) return yield* routine;
  let reply: Wakeup = 'woken';
  for (;;) {
    const step = routine.next(reply);
    if (step.done) return step.value;
    const block: Block = step.value;
    const sooner = block.code === undefined && (block.until === undefined || block.until > until);
    reply = yield sooner ? { ...block, until } : block;
    if (sooner && process.now >= until) {
      routine.return(undefined as T);
      return LATE;
    }
  }
}
