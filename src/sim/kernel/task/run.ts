// How a task takes its turn: pending signals first, then its routine up to the point where it blocks. Ending and
// replacing the program are thrown from deep inside a program (`exit`, `execve`) and caught here only.

import type { Block, Routine, Wakeup } from '../../core/wait.ts';
import { isExhausted } from '../../core/limits.ts';
import { killForWant } from '../cgroup/oom.ts';
import { SIGKILL, SIGSEGV } from '../signals.ts';
import { enforceCpuLimit } from './cpu-limit.ts';
import { endTask } from './exit.ts';
import { actOnSignals, fatal, hasDeliverable } from './signal.ts';
import type { Task } from './task.ts';

/** Processor time of one turn (a system call and what is around it), nanoseconds. */
export const TURN_COST = 1_500;
/** Debt that makes time pass: below this, work is only counted. */
export const SLICE = 1_000_000;

const NOT_BLOCKED: Block = { on: [] };

/** Thrown by exit(2): ends the thread (or process) with a wait status. */
export class TaskExit {
  readonly status: number;
  readonly wholeProcess: boolean;
  constructor(status: number, wholeProcess: boolean) {
    this.status = status;
    this.wholeProcess = wholeProcess;
  }
}

/** Thrown by a successful execve(2): the routine of the new program. */
export class ImageReplaced {
  readonly routine: Routine<number>;
  constructor(routine: Routine<number>) {
    this.routine = routine;
  }
}

/** Makes a task ready, with the waker's cause. */
export function wake(task: Task, reason: Wakeup): void {
  if (task.queued || task.ended || task.onCpu) return;
  stopWaiting(task);
  task.reply = reason;
  task.cause = task.kernel.simulation.cause;
  ready(task);
}

function ready(task: Task): void {
  if (task.process.stopped || task.frozen) {
    if (task.process.exiting === undefined) return;
  }
  task.queued = true;
  task.kernel.simulation.makeReady(task);
}

/** After SIGCONT or a thaw: a task that was woken meanwhile, or was about to run, goes on. */
export function resume(task: Task): void {
  if (task.queued || task.ended || task.onCpu || isWaiting(task)) return;
  ready(task);
}

function isWaiting(task: Task): boolean {
  return task.block !== NOT_BLOCKED;
}

/** Takes the task off every queue and timer it waits on. */
export function stopWaiting(task: Task): void {
  task.timer?.cancel();
  task.timer = undefined;
  for (const queue of task.block.on) queue.remove(task);
  task.block = NOT_BLOCKED;
}

/** One turn. */
export function turn(task: Task): void {
  task.queued = false;
  if (task.ended) return;
  const { simulation } = task.kernel;
  simulation.cause = task.cause;
  if (task.takenBack) {
    task.takenBack = false;
    task.kernel.current = task;
    step(task);
    return;
  }
  if (task.process.exiting !== undefined) {
    endTask(task, task.process.exiting);
    return;
  }
  if (task.process.stopped || task.frozen) return;
  if (task.debt >= SLICE) {
    payDebt(task);
    return;
  }
  if (hasDeliverable(task)) {
    const interrupted = runHandlers(task);
    if (task.ended || task.process.exiting !== undefined) {
      simulation.cause = task.cause;
      if (!task.ended) endTask(task, task.process.exiting ?? 0);
      return;
    }
    if (task.process.stopped) return;
    if (interrupted && task.reply === 'woken') task.reply = 'signal';
  }
  task.kernel.current = task;
  step(task);
}

function step(task: Task): void {
  task.debt += TURN_COST;
  task.systemTime += TURN_COST;
  const reply = task.reply;
  task.reply = 'woken';
  try {
    const result = task.routine.next(reply);
    task.cause = task.kernel.simulation.cause;
    if (result.done) endTask(task, (result.value & 0xff) << 8);
    else waitFor(task, result.value);
  } catch (thrown) {
    leaveProgram(task, thrown);
  }
}

/** A handler may exit, but neither block nor execute another program. */
function runHandlers(task: Task): boolean {
  task.kernel.current = task;
  try {
    return actOnSignals(task);
  } catch (thrown) {
    if (!(thrown instanceof TaskExit)) throw thrown;
    leaveProgram(task, thrown);
    return false;
  }
}

/** What exit, execve and too deep a recursion throw out of a program; anything else is a programming mistake. */
function leaveProgram(task: Task, thrown: unknown): void {
  if (thrown instanceof ImageReplaced) {
    task.cause = task.kernel.simulation.cause;
    task.routine = thrown.routine;
    ready(task);
  } else if (thrown instanceof TaskExit) {
    if (thrown.wholeProcess) fatal(task, thrown.status);
    endTask(task, thrown.status);
  } else if (thrown instanceof RangeError && /call stack/i.test(thrown.message)) {
    fatal(task, SIGSEGV | 0x80);
    endTask(task, SIGSEGV | 0x80);
  } else if (isExhausted(thrown)) {
    outOfMemory(task);
    endTask(task, SIGKILL);
  } else {
    throw thrown;
  }
}

/** The program wants more memory than there is: the OOM killer takes it, as nobody holds more than it. */
function outOfMemory(task: Task): void {
  killForWant(task.kernel, task.leader);
  fatal(task, SIGKILL);
}

/** For a program that holds all it can be given: it ends here. */
export function killedForMemory(task: Task): never {
  outOfMemory(task);
  throw new TaskExit(SIGKILL, true);
}

function waitFor(task: Task, block: Block): void {
  const { simulation } = task.kernel;
  if (block.code !== undefined) {
    task.debt -= TURN_COST;
    task.systemTime -= TURN_COST;
    task.queued = true;
    task.takenBack = true;
    simulation.takeBack(task, block.code);
    return;
  }
  if (block.cpu !== undefined) {
    task.debt += block.cpu;
    task.userTime += block.cpu;
    if (task.debt >= SLICE) payDebt(task);
    else ready(task);
    return;
  }
  task.voluntarySwitches++;
  task.block = block;
  for (const queue of block.on) queue.add(task);
  if (block.until !== undefined) {
    task.timer = simulation.at(block.until, () => wake(task, 'timeout'));
  }
  if (!block.uninterruptible && hasDeliverable(task)) wake(task, 'woken');
}

function payDebt(task: Task): void {
  if (task.leader.process.limits.size > 0) enforceCpuLimit(task);
  task.onCpu = true;
  task.kernel.processors.run(task);
}
