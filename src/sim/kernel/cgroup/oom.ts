// The OOM killer: who is killed when memory is full, for a group or the whole machine, and what the kernel logs.

import { SIGKILL } from '../signals.ts';
import type { Kernel } from '../kernel.ts';
import { sendSignal } from '../task/signal.ts';
import type { Task } from '../task/task.ts';
import type { Cgroup } from './cgroup.ts';
import type { MemoryControl } from './memory.ts';

/** A score adjustment that protects a process from the OOM killer. */
const NEVER = -1000;

/** oom_badness(): pages held, moved by oom_score_adj thousandths of all memory; undefined: not to be killed. */
export function badness(process: Task, totalBytes: number): number | undefined {
  const { oomScoreAdjust, resident } = process.process;
  if (oomScoreAdjust === NEVER || process.ended || process.process.exiting !== undefined)
    return undefined;
  if (process === process.kernel.first.pid.init || process.process.argv.length === 0)
    return undefined;
  const total = totalBytes / 4096;
  return resident / 4096 + (oomScoreAdjust * total) / 1000;
}

/** Memory of `full` (or of the machine) is used up: kills the worst process in it. False: there is none. */
export function killForMemory(
  kernel: Kernel,
  asking: Task,
  full: MemoryControl | undefined,
): boolean {
  full?.count('oom');
  const total = full && Number.isFinite(full.max) ? full.max : kernel.memory.total;
  let victim: Task | undefined;
  let worst = Number.NEGATIVE_INFINITY;
  for (const process of candidates(kernel, full?.group)) {
    const points = badness(process, total);
    if (points === undefined || points <= worst) continue;
    worst = points;
    victim = process;
  }
  report(kernel, asking, full, victim);
  if (!victim) return false;
  const together = groupToKill(victim, full);
  kill(kernel, victim, full !== undefined);
  if (together) killGroup(kernel, together);
  return true;
}

/** One process wants more than the whole machine has: it is itself the worst. */
export function killForWant(kernel: Kernel, process: Task): void {
  report(kernel, process, undefined, process);
  kill(kernel, process, false);
}

function* candidates(kernel: Kernel, group: Cgroup | undefined): Generator<Task> {
  if (!group) {
    for (const task of kernel.tasks.values()) if (task === task.leader) yield task;
    return;
  }
  for (const each of group.subtreeGroups()) {
    for (const task of each.tasks) if (task === task.leader) yield task;
  }
}

/** The highest group between the victim and the full one that wants to die together (memory.oom.group). */
function groupToKill(victim: Task, full: MemoryControl | undefined): MemoryControl | undefined {
  let found: MemoryControl | undefined;
  for (let at = victim.cgroup.memory; at; at = at.parent) {
    if (at.oomGroup) found = at;
    if (at === full) break;
  }
  return found;
}

function kill(kernel: Kernel, victim: Task, inGroup: boolean): void {
  victim.cgroup.memory?.count('oom_kill');
  const { resident, virtual, oomScoreAdjust } = victim.process;
  const kilobytes = (bytes: number): number => Math.floor(bytes / 1024);
  const file = Math.min(resident, 1_572_864);
  kernel.print(
    `${inGroup ? 'Memory cgroup out of memory' : 'Out of memory'}: Killed process ${victim.pid} (${victim.name}) ` +
      `total-vm:${kilobytes(virtual)}kB, anon-rss:${kilobytes(resident - file)}kB, ` +
      `file-rss:${kilobytes(file)}kB, shmem-rss:0kB, UID:${victim.credentials.uid} ` +
      `pgtables:${kilobytes(resident / 500) + 44}kB oom_score_adj:${oomScoreAdjust}`,
  );
  kernel.because(`out of memory: PID ${victim.pid} (${victim.name}) is killed`, victim);
  kernel.memory.killed++;
  kernel.memory.setResident(victim, 0, 0);
  sendSignal(victim, SIGKILL);
}

function killGroup(kernel: Kernel, control: MemoryControl): void {
  control.count('oom_group_kill');
  kernel.print(`Tasks in ${control.group.path} are going to be killed due to memory.oom.group set`);
  for (const process of [...candidates(kernel, control.group)]) {
    if (process.process.oomScoreAdjust !== NEVER) kill(kernel, process, true);
  }
}

function report(
  kernel: Kernel,
  asking: Task,
  full: MemoryControl | undefined,
  victim: Task | undefined,
): void {
  const adjust = asking.leader.process.oomScoreAdjust;
  kernel.print(
    `${asking.name} invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=${adjust}`,
  );
  if (full) {
    const limit = Number.isFinite(full.max) ? full.max / 1024 : 9007199254740988;
    kernel.print(
      `memory: usage ${Math.floor(full.current / 1024)}kB, limit ${limit}kB, failcnt ${full.failures}`,
    );
    kernel.print('swap: usage 0kB, limit 9007199254740988kB, failcnt 0');
    kernel.print(`Memory cgroup stats for ${full.group.path}:`);
  }
  kernel.print('Tasks state (memory values in pages):');
  kernel.print(
    '[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name',
  );
  for (const process of candidates(kernel, full?.group)) kernel.print(taskLine(process));
  if (!victim) {
    kernel.print('Out of memory and no killable processes...');
    return;
  }
  const where = full
    ? `CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=${full.group.path},` +
      `task_memcg=${victim.cgroup.path}`
    : 'CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,' +
      `task_memcg=${victim.cgroup.path}`;
  kernel.print(
    `oom-kill:constraint=${where},task=${victim.name},pid=${victim.pid},uid=${victim.credentials.uid}`,
  );
}

function taskLine(process: Task): string {
  const { resident, virtual, oomScoreAdjust } = process.process;
  const pages = (bytes: number): string => String(Math.floor(bytes / 4096));
  return (
    `[${String(process.pid).padStart(7)}] ${String(process.credentials.uid).padStart(5)} ` +
    `${String(process.pid).padStart(5)} ${pages(virtual).padStart(8)} ${pages(resident).padStart(8)} ` +
    `${String(45056 + Math.floor(resident / 500)).padStart(8)} ${'0'.padStart(8)} ` +
    `${String(oomScoreAdjust).padStart(13)} ${process.name}`
  );
}
