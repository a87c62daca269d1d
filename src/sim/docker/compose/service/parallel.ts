// Work at the same time (errgroup): one thread a piece, the first failure ends all of it once every piece has ended.

import { type Routine, WaitQueue } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { ComposeProblem } from '../model/tree.ts';

/** As goroutines that were launched one by one begin: the last is the first to run, then the others in order. */
export function asLaunched<T>(items: readonly T[]): readonly T[] {
  return [...items.slice(-1), ...items.slice(0, -1)];
}

/** Runs the pieces, each on a thread of the process, no more than `limit` at a time, and waits for all. */
export function* together<T>(
  process: Process,
  items: readonly T[],
  work: (item: T, thread: Process) => Routine<void>,
  limit = Number.POSITIVE_INFINITY,
): Routine<void> {
  if (items.length === 1) {
    yield* work(items[0] as T, process);
    return;
  }
  const ended = new WaitQueue();
  let left = items.length;
  let going = 0;
  let failure: ComposeProblem | undefined;
  for (const item of items) {
    while (going >= limit) yield { on: [ended] };
    going++;
    process.thread(function* (thread) {
      try {
        yield* work(item, thread);
      } catch (thrown) {
        if (!(thrown instanceof ComposeProblem)) throw thrown;
        failure ??= thrown;
      }
      left--;
      going--;
      ended.wake();
      return 0;
    });
  }
  while (left > 0) yield { on: [ended] };
  if (failure) throw failure;
}

/** Visits names so that each comes after those that it waits for; what is ready is visited at the same time. */
export function* inOrder(
  process: Process,
  names: readonly string[],
  waitsFor: (name: string) => readonly string[],
  visit: (name: string, thread: Process) => Routine<void>,
): Routine<void> {
  const left = new Set(names);
  while (left.size > 0) {
    const ready = [...left].filter((name) => !waitsFor(name).some((other) => left.has(other)));
    if (ready.length === 0) return;
    yield* together(process, ready, visit);
    for (const name of ready) left.delete(name);
  }
}
