// A shim's copying of standard streams: pipes (or a terminal) on the container's side, FIFOs on the client's.

import { type Routine, WaitQueue } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { S_IFIFO, S_IFMT } from '../../kernel/files/inode.ts';
import {
  O_APPEND,
  O_CREAT,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
  type OpenFile,
} from '../../kernel/files/open-file.ts';
import type { StdioPaths } from '../containerd/types.ts';
import type { ChildStreams } from './runc-command.ts';

/** How the URI of a program that takes a container's output begins. */
const LOGGER = 'binary://';

/** Whose streams they are. */
export interface StreamsOwner {
  readonly id: string;
  readonly namespace: string;
}

/** The streams of one process of a container. */
export class ProcessStreams {
  private readonly paths: StdioPaths;
  private readonly owner: StreamsOwner | undefined;
  private readonly copied = new WaitQueue();
  private copying = 0;
  private stdinWriter: number | undefined;
  private console: OpenFile | undefined;
  /** Child's ends, to be closed once runc has them. */
  private readonly given: number[] = [];
  /** Our ends, and what is to be done with them once the process exists. */
  private waiting: {
    readonly fds: readonly number[];
    readonly copy: (thread: Process) => Routine<number>;
  }[] = [];

  constructor(paths: StdioPaths, owner?: StreamsOwner) {
    this.paths = paths;
    this.owner = owner;
  }

  /** Makes the child's ends. What the child writes is kept in the pipes until copying starts. */
  open(p: Process): ChildStreams {
    if (this.paths.terminal) return {};
    if (this.paths.stdout.startsWith(LOGGER)) return this.openLogger(p);
    const stdin = this.paths.stdin === '' ? undefined : this.openStdin(p);
    const stdout = this.paths.stdout === '' ? undefined : this.openOutput(p, this.paths.stdout);
    const stderr = this.paths.stderr === '' ? undefined : this.openOutput(p, this.paths.stderr);
    return { stdin, stdout, stderr };
  }

  /** runc has ended: where there is a process now, copying starts; else everything is let go. */
  handedOver(p: Process, started: boolean): void {
    for (const fd of this.given) p.close(fd);
    this.given.length = 0;
    for (const { fds, copy } of this.waiting) {
      if (started) p.thread(copy);
      else for (const fd of fds) p.close(fd);
    }
    this.waiting = [];
  }

  /** Both streams go to a program that keeps them: descriptors 3 and 4, as containerd's logging package has it. */
  private openLogger(p: Process): ChildStreams {
    const [path = '', query = ''] = this.paths.stdout.slice(LOGGER.length).split('?');
    const stdout = p.pipe(true);
    const stderr = p.pipe(true);
    if (isErrno(stdout) || isErrno(stderr)) return {};
    const { id = '', namespace = '' } = this.owner ?? {};
    p.fork(function* (child) {
      child.dup2(stdout[0], 3);
      child.dup2(stderr[0], 4);
      const environment = new Map([
        ['CONTAINER_ID', id],
        ['CONTAINER_NAMESPACE', namespace],
      ]);
      child.exec(path, [path, ...query.split('=')], environment);
      return 127;
    });
    p.close(stdout[0]);
    p.close(stderr[0]);
    this.given.push(stdout[1], stderr[1]);
    return { stdout: stdout[1], stderr: stderr[1] };
  }

  private openStdin(p: Process): number | undefined {
    const pipe = p.pipe(true);
    const fifo = p.open(this.paths.stdin, O_RDONLY);
    if (isErrno(pipe) || isErrno(fifo)) return undefined;
    this.given.push(pipe[0]);
    this.stdinWriter = pipe[1];
    this.waiting.push({ fds: [fifo, pipe[1]], copy: (thread) => this.copyStdin(thread, fifo) });
    return pipe[0];
  }

  private *copyStdin(p: Process, fifo: number): Routine<number> {
    for (;;) {
      const bytes = yield* p.read(fifo, 32_768);
      if (isErrno(bytes) || bytes.length === 0 || this.stdinWriter === undefined) break;
      const written = yield* p.write(this.stdinWriter, bytes);
      if (isErrno(written)) break;
    }
    p.close(fifo);
    this.closeStdin(p);
    return 0;
  }

  /** CloseIO: no more input comes. */
  closeStdin(p: Process): void {
    if (this.stdinWriter !== undefined) p.close(this.stdinWriter);
    this.stdinWriter = undefined;
  }

  private openOutput(p: Process, path: string): number | undefined {
    const pipe = p.pipe(true);
    const target = openTarget(p, path);
    if (isErrno(pipe) || target === undefined) return undefined;
    this.given.push(pipe[1]);
    this.waiting.push({
      fds: [pipe[0], target],
      copy: (thread) => this.copyOutput(thread, pipe[0], target),
    });
    return pipe[1];
  }

  private *copyOutput(p: Process, from: number, to: number): Routine<number> {
    this.copying++;
    for (;;) {
      const bytes = yield* p.read(from, 32_768);
      if (isErrno(bytes) || bytes.length === 0) break;
      const written = yield* p.write(to, bytes);
      if (isErrno(written)) break;
    }
    p.close(from);
    p.close(to);
    this.copying--;
    this.copied.wake();
    return 0;
  }

  /** The process has a terminal: its controlling side is copied both ways. */
  attachConsole(p: Process, master: OpenFile): void {
    this.console = master;
    const output = this.paths.stdout === '' ? undefined : openTarget(p, this.paths.stdout);
    if (output !== undefined) {
      this.copying++;
      p.thread((thread) => this.copyFromConsole(thread, master, output));
    }
    const input = this.paths.stdin === '' ? undefined : p.open(this.paths.stdin, O_RDONLY);
    if (input === undefined || isErrno(input)) return;
    p.thread(function* (thread) {
      for (;;) {
        const bytes = yield* thread.read(input, 4096);
        if (isErrno(bytes) || bytes.length === 0) break;
        yield* master.write(thread.task, bytes);
      }
      thread.close(input);
      return 0;
    });
  }

  private *copyFromConsole(p: Process, master: OpenFile, to: number): Routine<number> {
    for (;;) {
      const bytes = yield* master.read(p.task, 32_768);
      if (isErrno(bytes) || bytes.length === 0) break;
      const written = yield* p.write(to, bytes);
      if (isErrno(written)) break;
    }
    p.close(to);
    this.copying--;
    this.copied.wake();
    return 0;
  }

  resize(p: Process, size: { readonly columns: number; readonly rows: number }): void {
    this.console?.ioctl(p.task, 'TIOCSWINSZ', size);
  }

  /** Blocks until all output has been handed on. */
  *drained(): Routine<void> {
    while (this.copying > 0) yield { on: [this.copied] };
  }

  get hasTerminal(): boolean {
    return this.paths.terminal;
  }
  get stdio(): StdioPaths {
    return this.paths;
  }
}

/** FIFOs are opened for both directions, so that a reader may come later; a plain file is appended to. */
function openTarget(p: Process, path: string): number | undefined {
  const stat = p.stat(path);
  const isFifo = !isErrno(stat) && (stat.mode & S_IFMT) === S_IFIFO;
  const fd = p.open(path, isFifo ? O_RDWR : O_WRONLY | O_CREAT | O_APPEND, 0o644);
  if (isErrno(fd)) return undefined;
  p.setCloseOnExec(fd, true);
  return fd;
}
