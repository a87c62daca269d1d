// Pseudoterminals (pty(7)) with the line discipline N_TTY: what is typed at the master is echoed, edited by line,
// turned into signals, and read at the slave; what the slave writes comes out of the master with CR before NL.

import { limits } from '../../core/limits.ts';
import { decode, encode } from '../../core/text.ts';
import { type Routine, WaitQueue } from '../../core/wait.ts';
import { EAGAIN, EINTR, EIO, EINVAL, ENOTTY, EPERM, type Errno } from '../errno.ts';
import type { Location } from '../files/mount.ts';
import { O_NONBLOCK, OpenFile } from '../files/open-file.ts';
import type { Kernel } from '../kernel.ts';
import {
  SIGCONT,
  SIGHUP,
  SIGINT,
  SIGQUIT,
  SIGTSTP,
  SIGTTIN,
  SIGTTOU,
  SIGWINCH,
} from '../signals.ts';
import { hasDeliverable, sendSignal } from '../task/signal.ts';
import type { Task } from '../task/task.ts';
import { LineEditor } from './line.ts';
import { saneTermios, type Termios } from './termios.ts';

const EMPTY = new Uint8Array(0);

export interface WindowSize {
  readonly rows: number;
  readonly columns: number;
}

/** One pseudoterminal pair. */
export class Terminal {
  readonly kernel: Kernel;
  /** N of /dev/pts/N. */
  readonly number: number;
  /** st_rdev of the slave: 136:N, or 5:1 for a console. */
  readonly device: number;
  termios: Termios = saneTermios();
  size: WindowSize = { rows: 24, columns: 80 };
  /** Session whose controlling terminal this is (its leader's number); 0: none. */
  session = 0;
  /** Foreground process group. */
  foreground = 0;
  masterOpen = true;
  slaves = 0;
  /** A slave was open once: from then on a master read without slaves is EIO. */
  private wasOpen = false;
  private readonly line: LineEditor;
  private input: Uint8Array[] = [];
  /** How many of these a reader has had already. */
  private inputTaken = 0;
  private output: Uint8Array[] = [];
  private outputSize = 0;
  /** When the screen was last written to. */
  outputAt = 0;
  readonly inputArrived = new WaitQueue();
  readonly outputArrived = new WaitQueue();
  readonly outputDrained = new WaitQueue();

  constructor(kernel: Kernel, number: number, device: number) {
    this.kernel = kernel;
    this.number = number;
    this.device = device;
    this.line = new LineEditor(this);
  }

  /** What somebody at the keyboard types. */
  type(bytes: Uint8Array): void {
    this.line.take(decode(bytes));
  }

  /** The line discipline hands over bytes that a reader may have. */
  deliver(bytes: Uint8Array): void {
    this.input.push(bytes);
    this.inputArrived.wake();
  }
  /** ^D on an empty line: the next read returns nothing. */
  deliverEnd(): void {
    this.input.push(EMPTY);
    this.inputArrived.wake();
  }
  /** Puts text on the screen. */
  show(text: string): void {
    this.emit(encode(text));
  }
  emit(bytes: Uint8Array): void {
    this.output.push(bytes);
    this.outputSize += bytes.length;
    this.outputAt = this.kernel.simulation.now;
    this.outputArrived.wake();
  }
  /** ^C and its like: a signal for the foreground group. */
  signal(which: 'interrupt' | 'quit' | 'suspend'): void {
    const signal = { interrupt: SIGINT, quit: SIGQUIT, suspend: SIGTSTP }[which];
    this.input = [];
    this.inputTaken = 0;
    for (const task of this.kernel.processesInGroup(this.foreground)) sendSignal(task, signal);
  }

  resize(size: WindowSize): void {
    if (size.rows === this.size.rows && size.columns === this.size.columns) return;
    this.size = size;
    for (const task of this.kernel.processesInGroup(this.foreground)) sendSignal(task, SIGWINCH);
  }

  get hasInput(): boolean {
    return this.input.length > this.inputTaken;
  }
  get hasOutput(): boolean {
    return this.output.length > 0;
  }
  get outputFull(): boolean {
    return this.outputSize >= limits.pipeBytes;
  }

  /** Everything on its way to the screen. */
  takeOutput(): Uint8Array {
    if (this.output.length === 0) return EMPTY;
    const out = this.output.length === 1 ? (this.output[0] ?? EMPTY) : join(this.output);
    this.output = [];
    this.outputSize = 0;
    this.outputDrained.wake();
    return out;
  }

  takeInput(count: number): Uint8Array {
    const taken: Uint8Array[] = [];
    for (let left = count; left > 0 && this.hasInput; ) {
      const first = this.input[this.inputTaken] ?? EMPTY;
      if (first.length > left) {
        taken.push(first.subarray(0, left));
        this.input[this.inputTaken] = first.subarray(left);
        break;
      }
      this.dropFirstInput();
      taken.push(first);
      left -= first.length;
      if (this.termios.icanon) break;
    }
    return taken.length === 1 ? (taken[0] ?? EMPTY) : join(taken);
  }

  /** What was typed ahead may be long: its front is cut off rarely. */
  private dropFirstInput(): void {
    this.inputTaken++;
    if (this.inputTaken < 1000 && this.inputTaken < this.input.length) return;
    this.input = this.input.slice(this.inputTaken);
    this.inputTaken = 0;
  }

  slaveOpened(): void {
    this.slaves++;
    this.wasOpen = true;
  }
  slaveClosed(): void {
    this.slaves--;
    if (this.slaves === 0) this.outputArrived.wake();
  }
  get slavesGone(): boolean {
    return this.wasOpen && this.slaves === 0;
  }

  /** The master was closed: the session is hung up. */
  hangUp(): void {
    this.masterOpen = false;
    this.inputArrived.wake();
    this.outputDrained.wake();
    for (const task of this.kernel.tasks.values()) {
      if (task !== task.leader || task.process.terminal !== this) continue;
      if (task.pid === this.session || task.process.group === this.foreground) {
        sendSignal(task, SIGHUP);
        sendSignal(task, SIGCONT);
      }
    }
  }

  /** The session leader has ended: the terminal is nobody's. */
  leaderEnded(leader: Task): void {
    if (this.session !== leader.pid) return;
    for (const task of this.kernel.tasks.values()) {
      if (task.process.session === leader.pid) task.process.terminal = undefined;
    }
    this.session = 0;
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** An open slave: what a shell has as its standard input and output. */
export class TerminalSlave extends OpenFile {
  readonly terminal: Terminal;

  constructor(terminal: Terminal, location: Location | undefined, flags: number) {
    super(location, flags);
    this.terminal = terminal;
    terminal.slaveOpened();
  }

  override get label(): string {
    return `/dev/pts/${this.terminal.number}`;
  }
  override get readable(): boolean {
    return this.terminal.hasInput || !this.terminal.masterOpen;
  }
  override get hungUp(): boolean {
    return !this.terminal.masterOpen;
  }

  *read(task: Task, count: number): Routine<Uint8Array | Errno> {
    const { terminal } = this;
    for (;;) {
      const refused = yield* background(terminal, task, SIGTTIN);
      if (refused) return refused;
      if (!terminal.masterOpen) return EMPTY;
      if (terminal.hasInput) return terminal.takeInput(count);
      if (this.flags & O_NONBLOCK) return EAGAIN;
      if ((yield { on: [terminal.inputArrived] }) === 'signal') return EINTR;
    }
  }

  *write(task: Task, bytes: Uint8Array): Routine<number | Errno> {
    const { terminal } = this;
    if (terminal.termios.tostop) {
      const refused = yield* background(terminal, task, SIGTTOU);
      if (refused) return refused;
    }
    while (terminal.outputFull) {
      if (!terminal.masterOpen) return EIO;
      if ((yield { on: [terminal.outputDrained] }) === 'signal') return EINTR;
    }
    if (!terminal.masterOpen) return EIO;
    terminal.emit(terminal.termios.onlcr ? withReturns(bytes) : bytes.slice());
    return bytes.length;
  }

  override ioctl(task: Task, request: string, argument?: unknown): unknown {
    return terminalControl(this.terminal, task, request, argument);
  }
  override released(): void {
    this.terminal.slaveClosed();
  }
}

/** The master: a terminal emulator's, sshd's or a container runtime's side. */
export class TerminalMaster extends OpenFile {
  readonly terminal: Terminal;

  constructor(terminal: Terminal, flags: number) {
    super(undefined, flags);
    this.terminal = terminal;
  }

  override get label(): string {
    return '/dev/ptmx';
  }
  override get readable(): boolean {
    return this.terminal.hasOutput || this.terminal.slavesGone;
  }

  *read(_task: Task, _count: number): Routine<Uint8Array | Errno> {
    const { terminal } = this;
    while (!terminal.hasOutput) {
      if (terminal.slavesGone) return EIO;
      if (this.flags & O_NONBLOCK) return EAGAIN;
      if ((yield { on: [terminal.outputArrived] }) === 'signal') return EINTR;
    }
    return terminal.takeOutput();
  }

  *write(_task: Task, bytes: Uint8Array): Routine<number | Errno> {
    this.terminal.type(bytes);
    return bytes.length;
  }

  override ioctl(task: Task, request: string, argument?: unknown): unknown {
    if (request === 'TIOCGPTN') return this.terminal.number;
    return terminalControl(this.terminal, task, request, argument);
  }
  override released(): void {
    this.terminal.hangUp();
  }
}

/** A background process that touches its terminal is stopped; an orphaned one fails with EIO. */
function* background(terminal: Terminal, task: Task, signal: number): Routine<Errno | undefined> {
  const { process } = task.leader;
  while (
    process.terminal === terminal &&
    terminal.foreground !== 0 &&
    process.group !== terminal.foreground
  ) {
    const action = task.leader.signals.actions.get(signal);
    if (action?.handler === 'ignore' || task.signals.blocked.has(signal)) {
      return signal === SIGTTIN ? EIO : undefined;
    }
    for (const member of task.kernel.processesInGroup(process.group)) sendSignal(member, signal);
    if (hasDeliverable(task)) yield { on: [] };
    if (typeof action?.handler === 'function') return EINTR;
  }
  return undefined;
}

function withReturns(bytes: Uint8Array): Uint8Array {
  let count = 0;
  for (const byte of bytes) if (byte === 10) count++;
  if (count === 0) return bytes.slice();
  const out = new Uint8Array(bytes.length + count);
  let at = 0;
  for (const byte of bytes) {
    if (byte === 10) out[at++] = 13;
    out[at++] = byte;
  }
  return out;
}

/** ioctl_tty(2) by name: TCGETS, TCSETS, TIOCGWINSZ, TIOCSWINSZ, TIOCGPGRP, TIOCSPGRP, TIOCSCTTY, TIOCNOTTY. */
function terminalControl(
  terminal: Terminal,
  task: Task,
  request: string,
  argument: unknown,
): unknown {
  const { process } = task.leader;
  switch (request) {
    case 'TCGETS':
      return { ...terminal.termios };
    case 'TCSETS':
      terminal.termios = argument as Termios;
      return 0;
    case 'TIOCGWINSZ':
      return terminal.size;
    case 'TIOCSWINSZ':
      terminal.resize(argument as WindowSize);
      return 0;
    case 'TIOCGPGRP':
      return process.terminal === terminal ? terminal.foreground : ENOTTY;
    case 'TIOCSPGRP':
      if (process.terminal !== terminal) return ENOTTY;
      if (task.kernel.processesInGroup(argument as number).length === 0) return EPERM;
      terminal.foreground = argument as number;
      return 0;
    case 'TIOCSCTTY':
      if (process.session !== task.leader.pid) return EPERM;
      if (process.terminal && process.terminal !== terminal) return EPERM;
      terminal.session = process.session;
      terminal.foreground = process.group;
      process.terminal = terminal;
      return 0;
    case 'TIOCNOTTY':
      process.terminal = undefined;
      return 0;
    default:
      return EINVAL;
  }
}
