// Signals (signal(7)): sending, pending, blocked, handled, and what they do by default. PID 1 of a namespace is
// deaf from inside to what it does not handle, and from outside to all but KILL and STOP.

import {
  signalInfo,
  SIGCHLD,
  SIGCONT,
  SIGKILL,
  SIGSTOP,
  SIGTSTP,
  SIGTTIN,
  SIGTTOU,
} from '../signals.ts';
import { limitOf } from '../proc/process-text.ts';
import { resume, stopWaiting, wake } from './run.ts';
import type { Task } from './task.ts';

/** A handler runs before the interrupted call goes on; it must not block. */
export type SignalHandler = 'default' | 'ignore' | ((signal: number) => void);

export interface SignalAction {
  readonly handler: SignalHandler;
  /** SA_RESTART: interrupted calls go on instead of failing with EINTR. */
  readonly restart: boolean;
}

/** Signal state of a thread; handlers and `shared` belong to the process. */
export interface SignalState {
  actions: Map<number, SignalAction>;
  /** Bit n: signal n is blocked. */
  blocked: Set<number>;
  /** Sent to this thread. */
  pending: number[];
  /** Sent to the process (kept with the leader). */
  shared: number[];
}

/** The state of a process without handlers. */
export function newSignalState(): SignalState {
  return {
    actions: new Map(),
    blocked: new Set(),
    pending: [],
    shared: [],
  };
}

/** The state of a forked child: handlers copied, nothing pending. Threads keep the process's handlers. */
export function forkSignals(state: SignalState, thread: boolean): SignalState {
  const copy = newSignalState();
  copy.actions = thread ? state.actions : new Map(state.actions);
  copy.blocked = new Set(state.blocked);
  return copy;
}

/** execve: handlers go back to the default, ignored signals stay ignored. */
export function execSignals(state: SignalState): void {
  for (const [signal, action] of state.actions) {
    if (typeof action.handler === 'function') state.actions.delete(signal);
  }
}

const STOPPING: readonly number[] = [SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU];

function handlerOf(process: Task, signal: number): SignalHandler {
  if (signal === SIGKILL || signal === SIGSTOP) return 'default';
  return process.leader.signals.actions.get(signal)?.handler ?? 'default';
}

/** True where the signal would do nothing. */
function ignored(process: Task, signal: number, sender: Task | undefined): boolean {
  const handler = handlerOf(process, signal);
  if (handler === 'ignore') return true;
  if (typeof handler === 'function') return false;
  if (isNamespaceInit(process)) {
    const outside = sender === undefined || sender.pidNamespace.level < process.pidNamespace.level;
    const forced = outside && (signal === SIGKILL || signal === SIGSTOP);
    if (!forced) return true;
  }
  return signalInfo(signal)?.action === 'ignore';
}

function isNamespaceInit(process: Task): boolean {
  return process.pidNamespace.init === process.leader;
}

/** Sends a signal to a process. Permission was checked by the caller; `sender` undefined: the kernel itself. */
export function sendSignal(target: Task, signal: number, sender?: Task): void {
  const process = target.leader;
  if (signal === 0 || process.ended || process.process.kernelThread) return;
  if (signal === SIGCONT || signal === SIGKILL) continueProcess(process, signal);
  if (STOPPING.includes(signal)) dropPending(process, [SIGCONT]);
  if (ignored(process, signal, sender) && !process.signals.blocked.has(signal)) return;
  const { shared } = process.signals;
  if (signal < 34 && shared.includes(signal)) return;
  shared.push(signal);
  if (isFatalNow(process, signal)) {
    killed(process, signal);
    return;
  }
  const receiver = [process, ...process.threads].find(
    (task) => !task.ended && !task.signals.blocked.has(signal),
  );
  if (receiver && !receiver.block.uninterruptible) wake(receiver, 'woken');
}

/** Sends a signal to one thread (tgkill). */
export function sendThreadSignal(task: Task, signal: number): void {
  if (task.ended || ignored(task, signal, undefined)) return;
  task.signals.pending.push(signal);
  if (!task.block.uninterruptible) wake(task, 'woken');
}

function isFatalNow(process: Task, signal: number): boolean {
  if (handlerOf(process, signal) !== 'default') return false;
  if (process.signals.blocked.has(signal) && signal !== SIGKILL) return false;
  if (process.process.stopped && signal !== SIGKILL) return false;
  const action = signalInfo(signal)?.action;
  return action === 'terminate' || action === 'core';
}

/** The wait status of a death by signal; a core is dumped unless RLIMIT_CORE is 0. */
function statusOf(process: Task, signal: number): number {
  const dumps = limitOf(process, 'core').soft !== 0;
  return dumps && signalInfo(signal)?.action === 'core' ? signal | 0x80 : signal;
}

/** A signal's default action ends a process: told as a cause of its own, beside what the sender goes on to do. */
function killed(process: Task, signal: number): void {
  const { kernel, leader } = process;
  kernel.simulation.causedBy(kernel.simulation.cause, () => {
    const name = signalInfo(signal)?.name ?? String(signal);
    kernel.because(`SIG${name} ends PID ${leader.pid} (${leader.name})`, leader);
    fatal(process, statusOf(process, signal));
  });
}

/** Ends the whole process: every thread ends at its next turn, whatever it waits for. */
export function fatal(process: Task, status: number): void {
  const { leader } = process;
  if (leader.process.exiting !== undefined) return;
  leader.process.exiting = status;
  for (const task of [leader, ...leader.threads]) {
    if (task.ended) continue;
    task.cause = task.kernel.simulation.cause;
    if (task.onCpu) continue;
    stopWaiting(task);
    if (task.queued) continue;
    task.queued = true;
    task.kernel.simulation.makeReady(task);
  }
}

function dropPending(process: Task, which: readonly number[]): void {
  const { signals } = process;
  signals.shared = signals.shared.filter((signal) => !which.includes(signal));
}

function continueProcess(process: Task, signal: number): void {
  if (signal === SIGCONT) dropPending(process, STOPPING);
  if (!process.process.stopped) return;
  process.process.stopped = 0;
  if (signal === SIGCONT) notifyParent(process, 'continued');
  for (const task of [process, ...process.threads]) {
    if (hasDeliverable(task)) wake(task, 'woken');
    else resume(task);
  }
}

function stopProcess(process: Task, signal: number): void {
  process.process.stopped = signal;
  notifyParent(process, 'stopped');
}

function notifyParent(process: Task, report: 'stopped' | 'continued'): void {
  process.process.report = report;
  const { parent } = process;
  if (!parent) return;
  parent.leader.process.childChanged.wake();
  sendSignal(parent, SIGCHLD);
}

/**
 * Takes what is pending and not blocked: runs handlers, stops or ends the process. True where a handler without
 * SA_RESTART ran, so that the interrupted call is to fail with EINTR.
 */
export function actOnSignals(task: Task): boolean {
  let interrupted = false;
  for (;;) {
    const signal = nextSignal(task);
    if (signal === undefined) return interrupted;
    const action = task.leader.signals.actions.get(signal);
    const handler = handlerOf(task, signal);
    if (typeof handler === 'function') {
      handler(signal);
      if (!action?.restart) interrupted = true;
      continue;
    }
    if (handler === 'ignore') continue;
    const what = signalInfo(signal)?.action;
    if (what === 'stop') {
      stopProcess(task.leader, signal);
      return interrupted;
    }
    if (what === 'terminate' || what === 'core') {
      killed(task.leader, signal);
      return interrupted;
    }
  }
}

/** True where a signal waits that the task does not block. */
export function hasDeliverable(task: Task): boolean {
  const { pending, blocked } = task.signals;
  const { shared } = task.leader.signals;
  if (pending.length === 0 && shared.length === 0) return false;
  const open = (signal: number): boolean => !blocked.has(signal) || signal === SIGKILL;
  return pending.some(open) || shared.some(open);
}

function nextSignal(task: Task): number | undefined {
  for (const list of [task.signals.pending, task.leader.signals.shared]) {
    const at = list.findIndex((signal) => !task.signals.blocked.has(signal) || signal === SIGKILL);
    if (at >= 0) return list.splice(at, 1)[0];
  }
  return undefined;
}
