// A task (task_struct): a thread of execution. The first task of a process is its leader, whose number is the
// process id; its threads share files, memory and signal handlers with it.

import type { Cause } from '../../core/cause.ts';
import type { Timer } from '../../core/events.ts';
import { type Block, type Routine, WaitQueue, type Waiter, type Wakeup } from '../../core/wait.ts';
import type { Process } from '../calls/process.ts';
import type { Cgroup } from '../cgroup/cgroup.ts';
import type { DescriptorTable } from '../files/open-file.ts';
import type { Location } from '../files/mount.ts';
import type { Kernel } from '../kernel.ts';
import type { Charge } from '../memory.ts';
import type { NamespaceSet } from '../namespaces/namespace.ts';
import type { PidNamespace } from '../namespaces/pid.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Credentials } from './credentials.ts';
import { turn, wake } from './run.ts';
import type { SignalState } from './signal.ts';

/** Root and working directory, umask (fs_struct); threads share one. */
export interface FileContext {
  root: Location;
  cwd: Location;
  umask: number;
}

/** Process-wide facts that live with the leader (signal_struct and mm_struct). */
export interface ProcessState {
  /** Process group and session, as the leaders' tasks' global numbers. */
  group: number;
  session: number;
  terminal: Terminal | undefined;
  /** What /proc/PID/cmdline, environ and exe show. */
  argv: readonly string[];
  /** The words that the program goes by where they are not the command line's (busybox runs an applet). */
  words: readonly string[] | undefined;
  environment: ReadonlyMap<string, string>;
  executable: Location | undefined;
  /** Resident and virtual bytes. */
  resident: number;
  virtual: number;
  /** Set by exit_group or a fatal signal: all threads end with this wait status. */
  exiting: number | undefined;
  /** Stopped by job control; the signal that did it. */
  stopped: number;
  /** A change (stopped, continued) that the parent has not waited for yet. */
  report: 'stopped' | 'continued' | undefined;
  /** Woken when a child changes state. */
  readonly childChanged: WaitQueue;
  /** Executed something since fork (setpgid by the parent then fails). */
  executed: boolean;
  /** What ends with the process beside its descriptors: timers that the program's own runtime keeps. */
  readonly endings: Set<() => void>;
  /** CPU time of children that were waited for, nanoseconds. */
  childrenUser: number;
  childrenSystem: number;
  dumpable: boolean;
  oomScoreAdjust: number;
  /** The most that was ever resident. */
  peak: number;
  /** Which control groups its memory is charged to. */
  charges: Charge[];
  /** Bytes and calls of read and write (/proc/PID/io). */
  io: { read: number; written: number; reads: number; writes: number };
  /** The login's user id for auditing; 4294967295: not set. */
  loginUid: number;
  /** A thread of the kernel: no program, no memory, deaf to signals. */
  kernelThread: boolean;
  limits: Map<string, { soft: number; hard: number }>;
  /** The signal sent to the process when its parent dies (prctl PR_SET_PDEATHSIG). */
  parentDeathSignal: number;
  /** Orphaned descendants come to it (prctl PR_SET_CHILD_SUBREAPER). */
  subreaper: boolean;
}

/** sched(7): how the processors treat a task. */
export type SchedulingPolicy = 'other' | 'fifo' | 'rr' | 'batch' | 'idle' | 'deadline';

/** As ps shows it: running, sleeping, uninterruptible, stopped, idle, zombie. */
export type TaskState = 'R' | 'S' | 'D' | 'T' | 'I' | 'Z' | 'X';

const NOT_BLOCKED: Block = { on: [] };
const NONE = new Set<Task>();

/** What a task runs before it is given its program. */
const NOT_STARTED: Routine<number> = (function* () {
  return 0;
})();

export class Task implements Waiter {
  readonly kernel: Kernel;
  /** The number in the first PID namespace. */
  readonly pid: number;
  /** The numbers by level; `pids[0]` is `pid`. */
  readonly pids: readonly number[];
  readonly pidNamespace: PidNamespace;
  /** The process this thread belongs to; itself for a leader. */
  readonly leader: Task;
  parent: Task | undefined;
  /** Children and threads are the leader's. */
  readonly children: Set<Task>;
  readonly threads: Set<Task>;
  /** Name shown by ps -o comm: at most 15 characters. */
  name: string;
  readonly startedAt: number;
  credentials: Credentials;
  namespaces: NamespaceSet;
  files: DescriptorTable;
  fs: FileContext;
  signals: SignalState;
  readonly process: ProcessState;
  cgroup: Cgroup;
  nice = 0;
  /** CPUs it may run on, as a list of numbers. */
  affinity: readonly number[] | undefined;
  /** Scheduling policy and real-time priority (chrt), I/O class and level (ionice). */
  policy: SchedulingPolicy = 'other';
  realTimePriority = 0;
  ioClass: 0 | 1 | 2 | 3 = 0;
  ioLevel = 4;
  /** Nanoseconds of processor time. */
  userTime = 0;
  systemTime = 0;
  /** How much of that its control group has been told of. */
  settledUser = 0;
  settledSystem = 0;
  /** Its turn stopped for code that was not here, and goes on before anything else happens to it. */
  takenBack = false;
  /** Processor time used but not yet let pass on the clock. */
  debt = 0;
  /** Virtual runtime: the scheduler picks the smallest. */
  vruntime = 0;
  voluntarySwitches = 0;
  forcedSwitches = 0;
  /** Set once ended: the wait status (exit code * 256 + signal). */
  status: number | undefined;
  /** Ended and waited for (or never to be). */
  reaped = false;
  frozen = false;

  routine: Routine<number> = NOT_STARTED;
  block: Block = NOT_BLOCKED;
  timer: Timer | undefined;
  /** In the line of what is ready. */
  queued = false;
  /** On a processor, or in line for one. */
  onCpu = false;
  reply: Wakeup = 'woken';
  cause: Cause;
  /** Its system calls, made on first use. */
  calls: Process | undefined = undefined;

  constructor(birth: TaskBirth) {
    this.kernel = birth.kernel;
    this.pids = birth.pids;
    this.pid = birth.pids[0] ?? 0;
    this.pidNamespace = birth.pidNamespace;
    this.leader = birth.leader ?? this;
    this.children = birth.leader ? NONE : new Set();
    this.threads = birth.leader ? NONE : new Set();
    this.parent = birth.parent;
    this.name = birth.name;
    this.startedAt = birth.kernel.simulation.now;
    this.credentials = birth.credentials;
    this.namespaces = birth.namespaces;
    this.files = birth.files;
    this.fs = birth.fs;
    this.signals = birth.signals;
    this.process = birth.process;
    this.cgroup = birth.cgroup;
    this.cause = birth.kernel.simulation.cause;
  }

  get ended(): boolean {
    return this.status !== undefined;
  }

  get state(): TaskState {
    if (this.ended) return this.reaped ? 'X' : 'Z';
    if (this.process.stopped) return 'T';
    if (this.queued || this.onCpu) return 'R';
    return this.block.uninterruptible ? 'D' : 'S';
  }

  /** The number by which `namespace` knows the task; 0 where it cannot be seen from there. */
  pidIn(namespace: PidNamespace): number {
    const number = this.pids[namespace.level];
    return number !== undefined && namespace.tasks.get(number) === this ? number : 0;
  }

  wakeUp(reason: Wakeup): void {
    wake(this, reason);
  }

  run(): void {
    turn(this);
  }
}

/** What a new task starts with. */
export interface TaskBirth {
  readonly kernel: Kernel;
  readonly pids: readonly number[];
  readonly pidNamespace: PidNamespace;
  readonly leader: Task | undefined;
  readonly parent: Task | undefined;
  readonly name: string;
  readonly credentials: Credentials;
  readonly namespaces: NamespaceSet;
  readonly files: DescriptorTable;
  readonly fs: FileContext;
  readonly signals: SignalState;
  readonly process: ProcessState;
  readonly cgroup: Cgroup;
}

/** The process-wide state of a process that starts from nothing. */
export function newProcessState(): ProcessState {
  return {
    group: 0,
    session: 0,
    terminal: undefined,
    argv: [],
    words: undefined,
    environment: new Map(),
    executable: undefined,
    resident: 0,
    virtual: 0,
    exiting: undefined,
    stopped: 0,
    report: undefined,
    childChanged: new WaitQueue(),
    executed: false,
    endings: new Set(),
    childrenUser: 0,
    childrenSystem: 0,
    dumpable: true,
    oomScoreAdjust: 0,
    peak: 0,
    charges: [],
    io: { read: 0, written: 0, reads: 0, writes: 0 },
    loginUid: 4294967295,
    kernelThread: false,
    limits: new Map(),
    parentDeathSignal: 0,
    subreaper: false,
  };
}
