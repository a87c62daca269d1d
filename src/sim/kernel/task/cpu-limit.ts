// RLIMIT_CPU (setrlimit(2)): a process that has used its soft limit gets SIGXCPU, and again after every further second;
// at its hard limit it is killed. Looked at whenever a task pays for the processor.

import { SECOND } from '../../core/time.ts';
import { SIGKILL, SIGXCPU } from '../signals.ts';
import { sendSignal } from './signal.ts';
import type { Task } from './task.ts';

/** Sends what the processor time of the task's process makes due. Limits are in seconds. */
export function enforceCpuLimit(task: Task): void {
  const { leader } = task;
  const limit = leader.process.limits.get('cpu');
  if (!limit) return;
  let used = 0;
  for (const thread of [leader, ...leader.threads]) used += thread.userTime + thread.systemTime;
  if (used >= limit.hard * SECOND) {
    sendSignal(leader, SIGKILL);
  } else if (used >= limit.soft * SECOND) {
    leader.process.limits.set('cpu', { soft: limit.soft + 1, hard: limit.hard });
    sendSignal(leader, SIGXCPU);
  }
}
