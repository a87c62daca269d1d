// The table of jobs: background pipelines and stopped ones. Children are collected when SIGCHLD
// comes, so that no zombie stays, and reported later (before a prompt, or by `jobs` and `wait`).

import { signalInfo } from '../../../kernel/signals.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { Process } from '../../../kernel/calls/process.ts';

export type JobState = 'running' | 'stopped' | 'done';

export interface JobProcess {
  readonly pid: number;
  /** Wait status, once it has ended. */
  status: number | undefined;
  /** The signal that stopped it. */
  stopped: number;
}

export interface Job {
  readonly id: number;
  readonly processes: readonly JobProcess[];
  /** Process group; 0 without job control. */
  readonly group: number;
  readonly text: string;
  /** Texts of the pipeline's parts, for `jobs -l`. */
  readonly background: boolean;
  /** The state was told to the user. */
  notified: boolean;
  /** Marked by disown -h. */
  noHangup: boolean;
  /** The job of a parent shell: shown, not waited for. */
  readonly foreign: boolean;
  inForeground: boolean;
}

/** What a job is doing. */
export function stateOf(job: Job): JobState {
  if (job.processes.every((process) => process.status !== undefined)) return 'done';
  return job.processes.some((p) => p.status === undefined && p.stopped === 0)
    ? 'running'
    : 'stopped';
}

/** Exit status of a wait status as the shell sees it. */
export function exitStatus(status: number): number {
  const signal = status & 0x7f;
  if (signal === 0x7f) return 128 + (status >> 8);
  return signal ? 128 + signal : (status >> 8) & 0xff;
}

/** The wait status that counts for a job: its last process's. */
export function jobStatus(job: Job): number {
  return job.processes.at(-1)?.status ?? 0;
}

export class Jobs {
  list: Job[] = [];
  /** The current job (%+) is the last of this order, the previous one (%-) before it. */
  private order: Job[] = [];
  private silent: JobProcess[] = [];
  /** Children that the shell made; others came to it when their parent ended. */
  readonly own = new Set<number>();
  /** Statuses of ended processes for `wait PID`. */
  readonly ended = new Map<number, number>();

  /** True where a process is a child that runs beside the shell. */
  isSilent(pid: number): boolean {
    return this.silent.some((member) => member.pid === pid);
  }

  /** Jobs as a subshell sees them. */
  copyForSubshell(): Jobs {
    const copy = new Jobs();
    copy.list = this.list.map((job) => ({ ...job, foreign: true }));
    copy.order = copy.list.slice();
    return copy;
  }

  /** Enters a job under the next number. */
  add(pids: readonly number[], group: number, text: string, background: boolean): Job {
    if (this.list.every((job) => job.foreign)) this.clear();
    const id = (this.list.at(-1)?.id ?? 0) + 1;
    const job: Job = {
      id,
      group,
      text,
      background,
      notified: true,
      noHangup: false,
      foreign: false,
      inForeground: !background,
      processes: pids.map((pid) => ({ pid, status: undefined, stopped: 0 })),
    };
    this.list.push(job);
    this.order.push(job);
    return job;
  }

  private clear(): void {
    this.list = [];
    this.order = [];
  }

  remove(job: Job): void {
    this.list = this.list.filter((other) => other !== job);
    this.order = this.order.filter((other) => other !== job);
  }

  /** Makes a job the current one (it was stopped, or resumed in the background). */
  makeCurrent(job: Job): void {
    this.order = [...this.order.filter((other) => other !== job), job];
  }

  get current(): Job | undefined {
    return this.order.findLast((job) => stateOf(job) === 'stopped') ?? this.order.at(-1);
  }
  get previous(): Job | undefined {
    const { current } = this;
    const rest = this.order.filter((job) => job !== current);
    return rest.findLast((job) => stateOf(job) === 'stopped') ?? rest.at(-1);
  }

  /** The job of a process. */
  byPid(pid: number): Job | undefined {
    return this.list.find((job) => job.processes.some((process) => process.pid === pid));
  }

  /** `%1`, `%%`, `%+`, `%-`, `%name`, `%?text`; undefined: no such job. */
  find(spec: string): Job | 'ambiguous' | undefined {
    const text = spec.startsWith('%') ? spec.slice(1) : spec;
    if (text === '' || text === '%' || text === '+') return this.current;
    if (text === '-') return this.previous;
    if (/^\d+$/.test(text)) return this.list.find((job) => job.id === Number(text));
    const found = text.startsWith('?')
      ? this.list.filter((job) => job.text.includes(text.slice(1)))
      : this.list.filter((job) => job.text.startsWith(text));
    return found.length > 1 ? 'ambiguous' : found[0];
  }

  /** A child that is no job (a process substitution): only collected. */
  adoptSilent(pid: number): void {
    this.silent.push({ pid, status: undefined, stopped: 0 });
  }

  /** Collects children that have changed. Never blocks: it runs in the handler of SIGCHLD. */
  collect(process: Process): void {
    for (const member of this.silent) {
      const step = process.wait(member.pid, { noHang: true }).next();
      const result = step.done ? step.value : undefined;
      if (result === undefined) continue;
      member.status = isErrno(result) ? 0 : result.status;
      this.ended.set(member.pid, member.status);
    }
    this.silent = this.silent.filter((member) => member.status === undefined);
    for (const job of this.list) {
      if (job.foreign || job.inForeground) continue;
      for (const member of job.processes) {
        if (member.status === undefined) this.collectOne(process, job, member);
      }
    }
    this.reapOrphans(process);
  }

  /** Children of ended children, which only PID 1 and subreapers get. */
  private reapOrphans(process: Process): void {
    const { leader, pidNamespace } = process.task;
    for (const child of [...leader.children]) {
      const pid = child.pidIn(pidNamespace);
      if (child.ended && !this.own.has(pid)) process.wait(pid, { noHang: true }).next();
    }
  }

  private collectOne(process: Process, job: Job, member: JobProcess): void {
    for (;;) {
      const options = { noHang: true, stopped: true, continued: true };
      const step = process.wait(member.pid, options).next();
      const result = step.done ? step.value : undefined;
      if (result === undefined) return;
      job.notified = false;
      if (isErrno(result)) {
        member.status = 0;
        return;
      }
      this.record(job, member, result.status);
      if (member.status !== undefined) return;
    }
  }

  /** Notes what wait(2) said of a process. */
  record(job: Job, member: JobProcess, status: number): void {
    if ((status & 0xff) === 0x7f) {
      member.stopped = status >> 8;
      this.makeCurrent(job);
    } else if (status === 0xffff) member.stopped = 0;
    else {
      member.status = status;
      this.ended.set(member.pid, status);
    }
  }
}

/** The words for a job's state: `Running`, `Stopped`, `Done`, `Exit 1`, `Terminated` … */
export function stateText(job: Job): string {
  const state = stateOf(job);
  if (state === 'running') return 'Running';
  if (state === 'stopped') {
    const signal = job.processes.find((process) => process.stopped)?.stopped ?? 0;
    const text = signalInfo(signal)?.text ?? 'Stopped';
    return text;
  }
  return statusText(jobStatus(job));
}

/** The words for a wait status. */
export function statusText(status: number): string {
  const signal = status & 0x7f;
  if (signal === 0) return status === 0 ? 'Done' : `Exit ${status >> 8}`;
  const text = signalInfo(signal)?.text ?? `Unknown signal ${signal}`;
  return status & 0x80 ? `${text} (core dumped)` : text;
}

/** A line of `jobs`. `long`: with process ids. */
export function jobLine(jobs: Jobs, job: Job, long: boolean): string {
  const mark = job === jobs.current ? '+' : job === jobs.previous ? '-' : ' ';
  const pid = long ? `${String(job.processes[0]?.pid ?? 0).padStart(5)} ` : '';
  const running = stateOf(job) === 'running';
  const ampersand = running ? ' &' : '';
  const start = `[${job.id}]${mark} ${long ? '' : ' '}${pid}`;
  return `${start}${stateText(job).padEnd(24)}${job.text}${ampersand}\n`;
}
