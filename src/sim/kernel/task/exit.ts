// The end of a task, and waiting for it (exit(2), wait(2)): descriptors close, children go to the nearest reaper,
// the parent gets SIGCHLD, and the task stays a zombie until it is waited for.

import { leaveCgroup, uncountTask } from '../cgroup/members.ts';
import { SIGCHLD, SIGCONT, SIGHUP, SIGKILL } from '../signals.ts';
import { leaveSet } from '../namespaces/lifetime.ts';
import { stopWaiting } from './run.ts';
import { fatal, sendSignal } from './signal.ts';
import type { Task } from './task.ts';

/** Ends one task with a wait status (exit code * 256 + signal). The last thread ends the process. */
export function endTask(task: Task, status: number): void {
  if (task.ended) return;
  stopWaiting(task);
  task.status = status;
  const { leader } = task;
  letGo(task);
  if (task !== leader) {
    leader.threads.delete(task);
    forget(task);
    if (leader.ended && leader.threads.size === 0) finishProcess(leader);
    return;
  }
  if (leader.threads.size > 0 && leader.process.exiting !== undefined) return;
  if (leader.threads.size > 0) {
    fatal(leader, status);
    return;
  }
  finishProcess(leader);
}

function letGo(task: Task): void {
  if (--task.files.users === 0) task.files.closeAll();
  leaveCgroup(task);
  leaveSet(task.kernel, task.namespaces);
}

function finishProcess(process: Task): void {
  const { kernel } = process;
  const { endings } = process.process;
  for (const end of endings) end();
  endings.clear();
  hangUpSession(process);
  giveAwayChildren(process);
  if (process.pidNamespace.init === process) killNamespace(process);
  kernel.processEnded(process);
  const { parent } = process;
  if (!parent || parent.ended) {
    forget(process);
    return;
  }
  const action = parent.leader.signals.actions.get(SIGCHLD);
  if (action?.handler === 'ignore') {
    parent.children.delete(process);
    forget(process);
  }
  sendSignal(parent, SIGCHLD);
  parent.leader.process.childChanged.wake();
}

/** A zombie's number becomes free: it was waited for, or nobody will. */
export function forget(task: Task): void {
  task.reaped = true;
  uncountTask(task);
  let namespace: Task['pidNamespace'] | undefined = task.pidNamespace;
  for (let level = task.pids.length - 1; level >= 0 && namespace; level--) {
    namespace.tasks.delete(task.pids[level] ?? 0);
    namespace = namespace.parent;
  }
}

function giveAwayChildren(process: Task): void {
  for (const child of process.children) {
    const reaper = reaperOf(process, child);
    process.children.delete(child);
    child.parent = reaper;
    if (child.process.parentDeathSignal) sendSignal(child, child.process.parentDeathSignal);
    if (!reaper) {
      if (child.ended) forget(child);
      continue;
    }
    reaper.children.add(child);
    if (child.ended) {
      sendSignal(reaper, SIGCHLD);
      reaper.process.childChanged.wake();
    }
  }
}

/** The nearest subreaper above, else PID 1 of the child's namespace (and for PID 1 itself, that of the parent's). */
function reaperOf(process: Task, child: Task): Task | undefined {
  for (let at = process.parent; at; at = at.parent) {
    if (at.pidNamespace.level < process.pidNamespace.level) break;
    if (at.process.subreaper && !at.ended) return at;
  }
  let namespace = child.pidNamespace;
  if (namespace.init === child && namespace.parent) namespace = namespace.parent;
  const { init } = namespace;
  return init && init !== process && !init.ended ? init : undefined;
}

/** When PID 1 ends, everything in its namespace is killed. */
function killNamespace(init: Task): void {
  const { pidNamespace } = init;
  pidNamespace.dead = true;
  for (const task of [...pidNamespace.tasks.values()]) {
    if (task !== init && task === task.leader) sendSignal(task, SIGKILL);
  }
}

/** The session leader's end hangs up its terminal: the foreground group gets HUP and CONT. */
function hangUpSession(process: Task): void {
  const { terminal } = process.process;
  if (!terminal || process.process.session !== process.pid) return;
  terminal.leaderEnded(process);
  for (const task of process.kernel.processesInGroup(terminal.foreground)) {
    if (task === process) continue;
    sendSignal(task, SIGHUP);
    sendSignal(task, SIGCONT);
  }
}
