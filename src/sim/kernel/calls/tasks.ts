// System calls on processes: fork, execve, wait, exit, kill, signals, groups and sessions, sleeping, processor time,
// memory.

import type { Simulation } from '../../core/simulation.ts';
import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { overHigh } from '../cgroup/memory.ts';
import { ECHILD, EINTR, EINVAL, EPERM, ESRCH, type Errno, isErrno } from '../errno.ts';
import { SIGCONT, signalInfo } from '../signals.ts';
import { CAP_KILL, capableIn } from '../task/credentials.ts';
import { execve } from '../task/exec.ts';
import { forget } from '../task/exit.ts';
import { CLONE_FILES, CLONE_FS, CLONE_THREAD, cloneTask } from '../task/fork.ts';
import { SLICE, TaskExit } from '../task/run.ts';
import { type SignalHandler, sendSignal, sendThreadSignal } from '../task/signal.ts';
import type { Task } from '../task/task.ts';
import { DirectoryCalls } from './directories.ts';
import type { Process } from './process.ts';

/** What wait4(2) tells: the child's number, and its status as the macros of wait(2) read it. */
export interface WaitResult {
  readonly pid: number;
  /** Exit code * 256 + signal (+ 128 for a core dump); 0x7f + signal * 256 when stopped; 0xffff when continued. */
  readonly status: number;
  /** Processor time in nanoseconds. */
  readonly userTime: number;
  readonly systemTime: number;
}

export interface WaitOptions {
  /** WNOHANG: undefined at once where no child has changed. */
  readonly noHang?: boolean;
  /** WUNTRACED and WCONTINUED. */
  readonly stopped?: boolean;
  readonly continued?: boolean;
}

export class TaskCalls extends DirectoryCalls {
  get simulation(): Simulation {
    return this.kernel.simulation;
  }
  get argv(): readonly string[] {
    const { words, argv } = this.task.leader.process;
    return words ?? argv;
  }
  /** The environment that execve gave; a program keeps its own copy if it changes it. */
  get environment(): ReadonlyMap<string, string> {
    return this.task.leader.process.environment;
  }
  /** getpid(2): as the process's own PID namespace numbers it. */
  get pid(): number {
    return this.task.leader.pids.at(-1) ?? 0;
  }
  get ppid(): number {
    return this.task.leader.parent?.pidIn(this.task.pidNamespace) ?? 0;
  }

  /** fork(2): the child runs `body` with its own Process; its number as the parent sees it. */
  fork(body: (child: Process) => Routine<number>): number | Errno {
    return this.clone(0, body);
  }

  /** clone(2) with CLONE_NEW* and CLONE_THREAD flags. */
  clone(flags: number, body: (child: Process) => Routine<number>): number | Errno {
    const child = cloneTask(this.task, flags, (task) => body(this.kernel.processOf(task)));
    return isErrno(child) ? child : child.pidIn(this.task.pidNamespace);
  }

  /** A thread of this process (pthread_create): shares files, directories, signals and memory. */
  thread(body: (thread: Process) => Routine<number>): number | Errno {
    return this.clone(CLONE_THREAD | CLONE_FS | CLONE_FILES, body);
  }

  /** execve(2): returns only where it failed. */
  exec(path: string, argv: readonly string[], environment: ReadonlyMap<string, string>): Errno {
    return execve(this.task, path, argv, environment);
  }

  /** Does something when this process ends, however it does: for what its program keeps outside the kernel. */
  whenEnded(action: () => void): void {
    this.task.leader.process.endings.add(action);
  }

  /** exit_group(2): ends the process from wherever it is. */
  exit(code: number): never {
    throw new TaskExit((code & 0xff) << 8, true);
  }

  /** wait4(2). `which` > 0: that child; -1: any; 0: the caller's group; < -1: that group. */
  *wait(which: number, options: WaitOptions = {}): Routine<WaitResult | Errno | undefined> {
    const { leader } = this.task;
    for (;;) {
      const candidates = this.childrenMatching(which);
      if (candidates.length === 0) return ECHILD;
      for (const child of candidates) {
        const result = this.collect(child, options);
        if (result) return result;
      }
      if (options.noHang) return undefined;
      const wakeup = yield { on: [leader.process.childChanged] };
      if (wakeup === 'signal') {
        const changed = candidates.find((child) => child.ended);
        if (!changed) return EINTR;
      }
    }
  }

  private childrenMatching(which: number): Task[] {
    const { leader, pidNamespace } = this.task;
    const found: Task[] = [];
    for (const child of leader.children) {
      const group = which === 0 ? leader.process.group : this.globalPid(-which);
      const matches =
        which === -1 ||
        (which > 0 && child.pidIn(pidNamespace) === which) ||
        (which <= 0 && which !== -1 && child.process.group === group);
      if (matches) found.push(child);
    }
    return found;
  }

  private collect(child: Task, options: WaitOptions): WaitResult | undefined {
    const { leader, pidNamespace } = this.task;
    const pid = child.pidIn(pidNamespace);
    const times = { userTime: child.userTime, systemTime: child.systemTime };
    if (child.ended && child.threads.size === 0) {
      leader.children.delete(child);
      leader.process.childrenUser += child.userTime + child.process.childrenUser;
      leader.process.childrenSystem += child.systemTime + child.process.childrenSystem;
      forget(child);
      return { pid, status: child.status ?? 0, ...times };
    }
    const { report } = child.process;
    if (report === 'stopped' && options.stopped) {
      child.process.report = undefined;
      return { pid, status: 0x7f | (child.process.stopped << 8), ...times };
    }
    if (report === 'continued' && options.continued) {
      child.process.report = undefined;
      return { pid, status: 0xffff, ...times };
    }
    return undefined;
  }

  /** kill(2): > 0 a process, 0 the own group, -1 all but PID 1 and oneself, < -1 a group. */
  kill(pid: number, signal: number): Errno | undefined {
    if (signal !== 0 && !signalInfo(signal)) return EINVAL;
    const targets = this.killTargets(pid);
    if (targets.length === 0) return ESRCH;
    let refused = 0;
    for (const target of targets) {
      if (this.maySignal(target, signal)) sendSignal(target, signal, this.task);
      else refused++;
    }
    return refused === targets.length ? EPERM : undefined;
  }

  /** tgkill(2) at the caller itself (raise). */
  raise(signal: number): void {
    sendThreadSignal(this.task, signal);
  }

  private killTargets(pid: number): Task[] {
    const { pidNamespace, leader } = this.task;
    if (pid > 0) {
      const task = pidNamespace.tasks.get(pid);
      return task ? [task.leader] : [];
    }
    const visible = [...pidNamespace.tasks.values()].filter((task) => task === task.leader);
    if (pid === -1)
      return visible.filter((t) => t !== leader && t !== pidNamespace.init && !t.ended);
    const group = pid === 0 ? leader.process.group : this.globalPid(-pid);
    return visible.filter((task) => task.process.group === group);
  }

  private maySignal(target: Task, signal: number): boolean {
    const mine = this.task.credentials;
    const theirs = target.credentials;
    if (mine.euid === theirs.suid || mine.euid === theirs.uid) return true;
    if (mine.uid === theirs.suid || mine.uid === theirs.uid) return true;
    const { session } = this.task.leader.process;
    if (signal === SIGCONT && session === target.process.session) return true;
    return capableIn(this.task, theirs.user, CAP_KILL);
  }

  /** sigaction(2). The handler runs when the process next takes its turn. */
  sigaction(signal: number, handler: SignalHandler, restart = false): Errno | undefined {
    const info = signalInfo(signal);
    if (!info || info.name === 'KILL' || info.name === 'STOP') return EINVAL;
    const { actions, shared } = this.task.leader.signals;
    if (handler === 'default') actions.delete(signal);
    else actions.set(signal, { handler, restart });
    if (handler === 'ignore') {
      this.task.leader.signals.shared = shared.filter((pending) => pending !== signal);
    }
    return undefined;
  }

  /** What happens on a signal now. */
  signalAction(signal: number): SignalHandler {
    return this.task.leader.signals.actions.get(signal)?.handler ?? 'default';
  }

  /** sigprocmask(2): the whole set of blocked signals; returns the set before. */
  sigmask(blocked: ReadonlySet<number>): ReadonlySet<number> {
    const before = this.task.signals.blocked;
    this.task.signals.blocked = new Set(blocked);
    return before;
  }

  /** pause(2): sleeps until a handler has run. */
  *pause(): Routine<Errno> {
    for (;;) if ((yield { on: [] }) === 'signal') return EINTR;
  }

  /** setpgid(2); 0 means the caller, and its own number. */
  setpgid(pid: number, group: number): Errno | undefined {
    const { leader, pidNamespace } = this.task;
    const target = pid === 0 ? leader : pidNamespace.tasks.get(pid)?.leader;
    if (!target || (target !== leader && target.parent !== leader)) return ESRCH;
    if (target.process.session !== leader.process.session) return EPERM;
    if (target.process.session === target.pid) return EPERM;
    const wanted = group === 0 ? target.pid : this.globalPid(group);
    if (wanted !== target.pid && this.kernel.processesInGroup(wanted).length === 0) return EPERM;
    target.process.group = wanted;
    return undefined;
  }

  /** getpgid(2) and getsid(2), as the caller's PID namespace numbers them (0: led from outside). */
  getpgid(pid = 0): number | Errno {
    const target = this.processBy(pid);
    return isErrno(target) ? target : this.localPid(target.process.group);
  }
  getsid(pid = 0): number | Errno {
    const target = this.processBy(pid);
    return isErrno(target) ? target : this.localPid(target.process.session);
  }

  /** setsid(2): a new session and group without a terminal. */
  setsid(): number | Errno {
    const { leader } = this.task;
    if (leader.process.group === leader.pid) return EPERM;
    leader.process.session = leader.pid;
    leader.process.group = leader.pid;
    leader.process.terminal = undefined;
    return this.pid;
  }

  /** tcsetpgrp(3) and tcgetpgrp(3) with numbers of the caller's namespace. */
  setForeground(fd: number, group: number): Errno | undefined {
    const result = this.ioctl(fd, 'TIOCSPGRP', this.globalPid(group));
    return isErrno(result) ? result : undefined;
  }
  getForeground(fd: number): number | Errno {
    const group = this.ioctl(fd, 'TIOCGPGRP');
    return isErrno(group) ? group : this.localPid(group as number);
  }

  /** nanosleep(2): undefined when the time is over, EINTR after a handler. */
  *sleep(nanoseconds: number): Routine<Errno | undefined> {
    const until = this.now + nanoseconds;
    while (this.now < until) {
      if ((yield { on: [], until }) === 'signal') return EINTR;
    }
    return undefined;
  }

  /** Burns processor time. Small amounts are only counted; from a millisecond on, time passes. */
  *work(nanoseconds: number): Routine<void> {
    const { task } = this;
    if (task.debt + nanoseconds < SLICE) {
      task.debt += nanoseconds;
      task.userTime += nanoseconds;
    } else {
      yield { on: [], cpu: nanoseconds };
    }
  }

  /** Touches `bytes` more memory (negative: frees). ENOMEM, or the OOM killer ends somebody. */
  *allocate(bytes: number): Routine<Errno | undefined> {
    const refused = this.kernel.memory.grow(this.task, bytes);
    const over = overHigh(this.task.cgroup.memory);
    if (over > 0 && bytes > 0) {
      const delay = Math.min(2 * SECOND, over * over * 4 * SECOND);
      yield { on: [], until: this.now + delay, uninterruptible: true };
    }
    if (this.task.leader.process.exiting !== undefined) yield { on: [], cpu: 0 };
    return refused;
  }

  /** The number of a process as this namespace knows it, from the kernel's own; 0 where it is not visible. */
  localPid(global: number): number {
    const task = this.kernel.tasks.get(global);
    return task?.pidIn(this.task.pidNamespace) ?? 0;
  }
  /** The kernel's own number of what this namespace calls `pid`; the number itself where it is unknown. */
  globalPid(pid: number): number {
    return this.task.pidNamespace.tasks.get(pid)?.pid ?? pid;
  }

  private processBy(pid: number): Task | Errno {
    if (pid === 0) return this.task.leader;
    return this.task.pidNamespace.tasks.get(pid)?.leader ?? ESRCH;
  }
}
