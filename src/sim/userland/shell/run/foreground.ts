// Waiting for what runs in the foreground: statuses of all parts, the terminal under job control,
// and what is said about a command that a signal ended or stopped.

import type { Routine } from '../../../core/wait.ts';
import { EINTR, isErrno } from '../../../kernel/errno.ts';
import { SIGINT, SIGPIPE, SIGTERM, signalInfo } from '../../../kernel/signals.ts';
import type { Shell } from '../shell.ts';
import { isDying, runPendingTraps } from './traps.ts';
import { exitStatus, type Job, jobLine, stateOf, statusText } from './jobs.ts';

/** Waits for foreground processes; their exit statuses in order. `text` names the job. */
export function* concludeForeground(
  shell: Shell,
  pids: readonly number[],
  text: string,
): Routine<number[]> {
  if (!shell.option('monitor')) return yield* waitPlainly(shell, pids, text);
  const job = shell.jobs.add(pids, pids[0] ?? 0, text, false);
  return yield* waitForJob(shell, job);
}

function* waitPlainly(shell: Shell, pids: readonly number[], text: string): Routine<number[]> {
  const raw: number[] = [];
  for (const pid of pids) raw.push(yield* waitOne(shell, pid));
  const last = raw.at(-1) ?? 0;
  const signal = last & 0x7f;
  if (signal !== 0) {
    if (!shell.interactive && shell.jobs.list.length > 0) yield* forgetDone(shell);
    yield* sayDeath(shell, last, pids.at(-1) ?? 0, text);
  } else if (!shell.interactive && shell.jobs.list.length > 0) yield* forgetDone(shell);
  return raw.map(exitStatus);
}

function* waitOne(shell: Shell, pid: number): Routine<number> {
  for (;;) {
    const result = yield* shell.process.wait(pid);
    if (result === EINTR) {
      if (isDying(shell)) yield* runPendingTraps(shell);
      continue;
    }
    return result === undefined || isErrno(result) ? 127 << 8 : result.status;
  }
}

/** In a script: jobs that have ended are forgotten, those that a signal ended are said. */
export function* forgetDone(shell: Shell): Routine<void> {
  shell.jobs.collect(shell.process);
  for (const job of [...shell.jobs.list]) {
    if (job.foreign || stateOf(job) !== 'done') continue;
    const last = job.processes.at(-1);
    const signal = (last?.status ?? 0) & 0x7f;
    if (signal !== 0 && !job.notified) {
      yield* sayBackgroundDeath(shell, last?.status ?? 0, last?.pid ?? 0, job.text);
    }
    job.notified = true;
    shell.jobs.remove(job);
  }
}

/** What a script's shell says of a command that a signal ended. */
function* sayDeath(shell: Shell, status: number, pid: number, text: string): Routine<void> {
  const signal = status & 0x7f;
  if (signal === SIGINT || signal === SIGPIPE) return;
  if (!shell.dialect.extended) {
    yield* shell.print(2, `${statusText(status)}\n`);
    return;
  }
  if (shell.interactive || signal === SIGTERM) {
    yield* shell.print(2, `${statusText(status)}\n`);
    return;
  }
  yield* sayBackgroundDeath(shell, status, pid, text);
}

function* sayBackgroundDeath(
  shell: Shell,
  status: number,
  pid: number,
  text: string,
): Routine<void> {
  const signal = status & 0x7f;
  if ([SIGINT, SIGPIPE, SIGTERM].includes(signal) || !shell.dialect.extended) return;
  if (shell.traps.actions.has(signalInfo(signal)?.name ?? '')) return;
  const what = `${String(pid).padStart(5)} ${statusText(status).padEnd(24)}${text}`;
  yield* shell.print(2, `${shell.prefix}${what}\n`);
}

/** Waits for a job that has the terminal, until it ends or stops. */
export function* waitForJob(shell: Shell, job: Job): Routine<number[]> {
  const { process, jobs } = shell;
  const own = process.getpgid();
  job.inForeground = true;
  if (job.group) process.setForeground(shell.terminal, job.group);
  const before = process.ioctl(shell.terminal, 'TCGETS');
  while (stateOf(job) === 'running') {
    const member = job.processes.find((one) => one.status === undefined && one.stopped === 0);
    if (!member) break;
    const result = yield* process.wait(member.pid, { stopped: true });
    if (result === EINTR) continue;
    jobs.record(job, member, result === undefined || isErrno(result) ? 0 : result.status);
  }
  if (job.group && !isErrno(own)) process.setForeground(shell.terminal, own);
  job.inForeground = false;
  if (stateOf(job) === 'stopped') {
    process.ioctl(shell.terminal, 'TCSETS', before);
    job.notified = true;
    yield* shell.print(2, `\n${jobLine(jobs, job, false)}`);
    const signal = job.processes.find((one) => one.stopped)?.stopped ?? 0;
    shell.jump = { kind: 'discard' };
    shell.lastStatus = 128 + signal;
    return job.processes.map(() => 128 + signal);
  }
  jobs.remove(job);
  const raw = job.processes.map((one) => one.status ?? 0);
  const last = raw.at(-1) ?? 0;
  const signal = last & 0x7f;
  if (signal !== 0) {
    process.ioctl(shell.terminal, 'TCSETS', before);
    if (signal === SIGINT) {
      yield* shell.print(2, '\n');
      shell.jump ??= { kind: 'discard' };
      shell.lastStatus = 130;
    } else if (signal !== SIGPIPE) yield* shell.print(2, `${statusText(last)}\n`);
  }
  return raw.map(exitStatus);
}
