// A shell on a lab, as its hosts (page, build, command line) see it: commands go in one after another, as if each were
// typed after the one before; what they print comes out; a terminal can be opened beside it.

import { limits } from '../core/limits.ts';
import { concatBytes, decode, encode } from '../core/text.ts';
import { type Routine, WaitQueue, waitOn } from '../core/wait.ts';
import type { Process } from '../kernel/calls/process.ts';
import { EBADF, type Errno, isErrno } from '../kernel/errno.ts';
import { O_RDWR, O_WRONLY, OpenFile } from '../kernel/files/open-file.ts';
import { SIGINT, SIGKILL } from '../kernel/signals.ts';
import { sendSignal } from '../kernel/task/signal.ts';
import type { Task } from '../kernel/task/task.ts';
import { type Terminal, TerminalSlave } from '../kernel/terminal/terminal.ts';
import { createShell } from '../userland/shell/index.ts';
import { type Machine, spawn } from './machine.ts';

/** What a lab's non-interactive shell is told and asked. */
export interface ShellSession {
  /** Gives the shell a command (any piece of script). Its output comes by `takeOutput`. */
  start(command: string): void;
  /** A command has been given and has not ended. */
  readonly running: boolean;
  /** Exit status of the last command. */
  readonly status: number;
  /** What was printed since the last call, stdout and stderr as they came. */
  takeOutput(): string;
  /** Ctrl-C for the running command. */
  interrupt(): void;
  /** An interactive bash on a terminal of its own. */
  openTerminal(columns: number, rows: number): TerminalSession;
  /** The shell's process. */
  readonly task: Task;
}

/** A person at a terminal. */
export interface TerminalSession {
  write(keys: string): void;
  /** What is to be shown since the last call, with escape sequences. */
  takeOutput(): string;
  resize(columns: number, rows: number): void;
  /** A program waits for what is typed. */
  readonly awaited: boolean;
  /** Virtual time of the last output. */
  readonly outputAt: number;
  readonly ended: boolean;
  /** Hangs up. */
  close(): void;
  readonly terminal: Terminal;
}

/** Who the shell runs as and where it begins. */
export interface SessionOptions {
  readonly directory: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Where the session's output goes: it looks like a pipe to programs and never fills up. */
class CapturedOutput extends OpenFile {
  private parts: Uint8Array[] = [];
  private size = 0;
  private dropped = 0;

  constructor() {
    super(undefined, O_WRONLY);
  }
  override get label(): string {
    return 'pipe:[1]';
  }
  *read(): Routine<Uint8Array | Errno> {
    return EBADF;
  }
  *write(_task: Task, bytes: Uint8Array): Routine<number | Errno> {
    if (this.size + bytes.length <= limits.outputBytes) {
      this.parts.push(bytes.slice());
      this.size += bytes.length;
    } else {
      this.dropped += bytes.length;
    }
    return bytes.length;
  }
  take(): string {
    const text = decode(concatBytes(this.parts));
    const cut = this.dropped ? `\ndrydock: ${this.dropped} more bytes of output were cut\n` : '';
    this.parts = [];
    this.size = 0;
    this.dropped = 0;
    return text + cut;
  }
}

const ENVIRONMENT: Readonly<Record<string, string>> = {
  HOME: '/root',
  LANG: 'C.UTF-8',
  LOGNAME: 'root',
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  SHELL: '/bin/bash',
  TERM: 'xterm-256color',
  USER: 'root',
};

/** Opens a shell session on a machine. */
export function openSession(machine: Machine, options: SessionOptions): ShellSession {
  const output = new CapturedOutput();
  const given = new WaitQueue();
  let next: string | undefined;
  let running = false;
  let status = 0;
  let interrupted = false;
  const logIn = (): Task =>
    spawn(machine, function* (p) {
      settle(p, options, ['bash']);
      p.open('/dev/null', O_RDWR);
      p.task.files.put(1, output);
      p.task.files.put(2, output);
      const shell = createShell(p, { interactive: false });
      p.sigaction(SIGINT, () => {
        interrupted = true;
        shell.interrupt();
      });
      for (;;) {
        while (next === undefined) yield* waitOn(given);
        const text = next;
        next = undefined;
        status = yield* shell.evalText(text);
        if (interrupted) {
          interrupted = false;
          status = 130;
        }
        running = false;
      }
    });
  let task = logIn();
  return {
    get task() {
      return task;
    },
    start(command) {
      if (running) throw new Error('the command before is still running');
      if (task.ended) task = logIn();
      running = true;
      next = command;
      const { simulation } = machine.kernel;
      simulation.because(`typed: ${command}`, {
        kind: 'command',
        name: command,
        machine: machine.name,
      });
      given.wake();
    },
    get running() {
      return running && !task.ended;
    },
    get status() {
      return task.ended ? (task.status ?? 0) >> 8 : status;
    },
    takeOutput: () => output.take(),
    interrupt() {
      for (const process of descendants(task)) sendSignal(process, SIGINT);
      if (running) sendSignal(task, SIGINT);
    },
    openTerminal: (columns, rows) => openTerminal(machine, options, { columns, rows }),
  };
}

function settle(p: Process, options: SessionOptions, argv: readonly string[]): void {
  p.task.leader.process.argv = argv;
  p.task.name = argv[0] ?? '';
  const words = Object.entries({ ...ENVIRONMENT, ...options.environment });
  p.task.leader.process.environment = new Map([...words, ['PWD', options.directory]]);
  p.mkdir(options.directory);
  p.chdir(options.directory);
}

function* descendants(task: Task): Generator<Task> {
  for (const child of task.children) {
    yield child;
    yield* descendants(child);
  }
  if (task.children.size === 0) return;
}

function openTerminal(
  machine: Machine,
  options: SessionOptions,
  size: { columns: number; rows: number },
): TerminalSession {
  const terminal = machine.kernel.terminals.create();
  terminal.resize(size);
  const task = spawn(machine, function* (p) {
    settle(p, options, ['bash']);
    const slave = new TerminalSlave(terminal, undefined, O_RDWR);
    for (const fd of [0, 1, 2]) p.task.files.put(fd, slave);
    p.ioctl(0, 'TIOCSCTTY');
    const environment = p.environment;
    const failure = p.exec('/bin/bash', ['bash', '-i'], environment);
    return isErrno(failure) ? 127 : 0;
  });
  return {
    terminal,
    write: (keys) => {
      const { simulation } = machine.kernel;
      if (keys.includes('\r')) simulation.because('typed at the terminal');
      terminal.type(encode(keys));
    },
    takeOutput: () => decode(terminal.takeOutput()),
    resize: (columns, rows) => terminal.resize({ columns, rows }),
    get outputAt() {
      return terminal.outputAt;
    },
    get awaited() {
      return terminal.inputArrived.length > 0;
    },
    get ended() {
      return task.ended;
    },
    close() {
      terminal.masterOpen = false;
      terminal.hangUp();
      for (const process of [...descendants(task), task]) sendSignal(process, SIGKILL);
    },
  };
}
