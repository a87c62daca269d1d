// A controller as everything here runs it: a queue of keys and one idempotent `sync` that brings the world a step closer
// to what an object asks for. Workers take keys; a failed sync comes back after a growing delay.

import { MILLISECOND } from '../../../core/time.ts';
import { type Routine, sleepUntil } from '../../../core/wait.ts';
import type { WorkQueue } from './work-queue.ts';

/** Undefined: the key is settled. A text: it failed and is tried again. A number: look again in so many nanoseconds. */
export type SyncResult = string | number | undefined;

/** One controller of kube-controller-manager. */
export interface Controller {
  /** As `--controllers` names it: `deployment-controller`. */
  readonly name: string;
  readonly queue: WorkQueue;
  /** Workers that run at the same time. */
  readonly workers: number;
  /** Brings one object a step further. Runs again for the same key at any time, with the same result. */
  sync(key: string): Routine<SyncResult>;
}

/** Puts a routine to work: as a fiber outside a machine, as a thread of a process on one. */
export type Spawn = (routine: Routine<void>) => void;

/** Starts a controller's workers. */
export function startWorkers(controller: Controller, spawn: Spawn): void {
  for (let i = 0; i < controller.workers; i++) spawn(work(controller));
}

/** A sync takes this long in virtual time at least: changes that come meanwhile are one more sync, not one each. */
const SYNC_TIME = 2 * MILLISECOND;

function* work(controller: Controller): Routine<void> {
  const { queue } = controller;
  for (;;) {
    const key = yield* queue.take();
    if (key === undefined) return;
    const result = yield* controller.sync(key);
    if (typeof result === 'string') queue.addRateLimited(key);
    else {
      queue.forget(key);
      if (result !== undefined) queue.addAfter(key, result);
    }
    yield* sleepUntil(queue.now + SYNC_TIME);
    queue.done(key);
  }
}
