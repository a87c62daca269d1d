// Running commands on other machines: what ssh(1) and sshd(8) say to one another on port 22, without cryptography and keys. A
// session has a command or a login shell, input, and a terminal of its own where the client has one.

import { Content } from '../../core/content.ts';
import { encode } from '../../core/text.ts';
import { type Routine, WaitQueue } from '../../core/wait.ts';
import { rawMode } from '../../containers/runc/console.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { O_RDWR, type OpenFile } from '../../kernel/files/open-file.ts';
import type { Termios } from '../../kernel/terminal/termios.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { writeAll } from '../../userland/libc/whole-file.ts';

export const SSH_PORT = 22;

/** A window's size as TIOCGWINSZ gives it. */
type WindowSize = unknown;

/** What travels. To the server: the request, input, its end, sizes; back: output and the exit status. */
type Frame =
  | { readonly command: string; readonly terminal?: WindowSize; readonly term: string }
  | { readonly input: Uint8Array }
  | { readonly inputEnds: true }
  | { readonly size: WindowSize }
  | { readonly stream: 1 | 2; readonly bytes: Uint8Array }
  | { readonly status: number };

function frame(value: Frame): Content {
  return Content.ofMessage(value, (object) => encode(JSON.stringify(object)));
}

const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  ['HOME', '/root'],
  ['USER', 'root'],
  ['LOGNAME', 'root'],
  ['SHELL', '/bin/bash'],
  ['LANG', 'C.UTF-8'],
];

/** The session's program takes its place: bash with the command, or as a login shell. */
function enter(child: Process, command: string, term: string): number {
  child.chdir('/root');
  const words = command === '' ? ['-bash'] : ['bash', '-c', command];
  child.exec(
    '/bin/bash',
    words,
    new Map(term === '' ? ENVIRONMENT : [...ENVIRONMENT, ['TERM', term]]),
  );
  return 127;
}

/** The server's ends of a session's streams. */
interface Ends {
  readonly pid: number;
  write(p: Process, bytes: Uint8Array): Routine<unknown>;
  endInput(): void;
  resize(size: WindowSize): void;
  /** Sends all output, then waits for the end of the process. */
  relay(p: Process, connection: number): Routine<void>;
}

function openPipes(p: Process, command: string, term: string): Ends | undefined {
  const input = p.pipe(true);
  const out = p.pipe(true);
  const err = p.pipe(true);
  if (isErrno(input) || isErrno(out) || isErrno(err)) return undefined;
  const pid = p.fork(function* (child) {
    child.setsid();
    child.dup2(input[0], 0);
    child.dup2(out[1], 1);
    child.dup2(err[1], 2);
    return enter(child, command, term);
  });
  for (const fd of [input[0], out[1], err[1]]) p.close(fd);
  if (isErrno(pid)) return undefined;
  let open = true;
  return {
    pid,
    *write(thread, bytes) {
      if (open) yield* writeAll(thread, input[1], bytes);
    },
    endInput() {
      if (open) p.close(input[1]);
      open = false;
    },
    resize: () => {},
    *relay(process, connection) {
      let erring = true;
      const ended = new WaitQueue();
      process.thread(function* (thread) {
        yield* copyOut(thread, connection, err[0], 2);
        erring = false;
        ended.wake();
        return 0;
      });
      yield* copyOut(process, connection, out[0], 1);
      while (erring) yield { on: [ended] };
    },
  };
}

function* copyOut(p: Process, connection: number, from: number, stream: 1 | 2): Routine<void> {
  for (;;) {
    const bytes = yield* p.read(from, 32_768);
    if (isErrno(bytes) || bytes.length === 0) break;
    const sent = yield* p.sendContent(connection, frame({ stream, bytes }), bytes.length + 16);
    if (isErrno(sent)) break;
  }
  p.close(from);
}

function openTerminal(
  p: Process,
  command: string,
  term: string,
  size: WindowSize,
): Ends | undefined {
  const fd = p.open('/dev/ptmx', O_RDWR);
  if (isErrno(fd)) return undefined;
  p.setCloseOnExec(fd, true);
  const master = p.task.files.get(fd) as OpenFile;
  const number = master.ioctl(p.task, 'TIOCGPTN');
  master.ioctl(p.task, 'TIOCSWINSZ', size);
  const pid = p.fork(function* (child) {
    child.setsid();
    const slave = child.open(`/dev/pts/${String(number)}`, O_RDWR);
    if (isErrno(slave)) return 255;
    for (const one of [0, 1, 2]) child.dup2(slave, one);
    if (slave > 2) child.close(slave);
    child.ioctl(0, 'TIOCSCTTY');
    return enter(child, command, term);
  });
  if (isErrno(pid)) return undefined;
  return {
    pid,
    write: (thread, bytes) => master.write(thread.task, bytes),
    endInput: () => {},
    resize: (next) => void master.ioctl(p.task, 'TIOCSWINSZ', next),
    relay: (process, connection) => copyOut(process, connection, fd, 1),
  };
}

function* serveOne(p: Process, connection: number): Routine<void> {
  const first = yield* p.receiveContent(connection);
  const request = first && !isErrno(first) ? (first.message as Frame | undefined) : undefined;
  if (!request || !('command' in request)) return;
  const { command, terminal, term } = request;
  const ends =
    terminal === undefined ? openPipes(p, command, term) : openTerminal(p, command, term, terminal);
  if (!ends) return;
  p.thread(function* (thread) {
    for (;;) {
      const content = yield* thread.receiveContent(connection);
      const message =
        content && !isErrno(content) ? (content.message as Frame | undefined) : undefined;
      if (!message) break;
      if ('input' in message) yield* ends.write(thread, message.input);
      else if ('size' in message) ends.resize(message.size);
      else ends.endInput();
    }
    ends.endInput();
    return 0;
  });
  yield* ends.relay(p, connection);
  const ended = yield* p.wait(ends.pid);
  const raw = isErrno(ended) || !ended ? 255 << 8 : ended.status;
  const status = raw & 0x7f ? 128 + (raw & 0x7f) : raw >> 8;
  yield* p.sendContent(connection, frame({ status }), 16);
}

/** sshd: listens for ever. */
export function* serveRemote(p: Process): Routine<number> {
  const fd = p.socket('inet', 'stream');
  if (isErrno(fd)) return 1;
  p.setsockopt(fd, 'SO_REUSEADDR', 1);
  if (p.bind(fd, { address: '0.0.0.0', port: SSH_PORT }) ?? p.listen(fd)) return 255;
  for (;;) {
    const connection = yield* p.accept(fd);
    if (isErrno(connection)) continue;
    p.setCloseOnExec(connection, true);
    p.fork(function* (child) {
      child.close(fd);
      yield* serveOne(child, connection);
      return child.exit(0);
    });
    p.close(connection);
    for (;;) {
      const ended = yield* p.wait(-1, { noHang: true });
      if (ended === undefined || isErrno(ended)) break;
    }
  }
}

/** Sends the client's input, and its window's size when that changes. */
function forwardInput(process: Process, connection: number, terminal: boolean): void {
  process.thread(function* (thread) {
    for (;;) {
      const bytes = yield* thread.read(0, 32_768);
      if (isErrno(bytes) || bytes.length === 0) break;
      const sent = yield* thread.sendContent(
        connection,
        frame({ input: bytes }),
        bytes.length + 16,
      );
      if (isErrno(sent)) return 0;
    }
    yield* thread.sendContent(connection, frame({ inputEnds: true }), 16);
    return 0;
  });
  if (!terminal) return;
  let changed = false;
  const queue = new WaitQueue();
  process.sigaction(28, () => {
    changed = true;
    queue.wake();
  });
  process.thread(function* (thread) {
    for (;;) {
      while (!changed) yield { on: [queue] };
      changed = false;
      const size = thread.ioctl(0, 'TIOCGWINSZ');
      yield* thread.sendContent(connection, frame({ size }), 16);
    }
  });
}

/** How a session is asked for. */
export interface RemoteOptions {
  /** Ask for a terminal: where there is no command and the input is a terminal, or always with -t. */
  readonly terminal?: boolean;
  /** -n: the input is left alone. */
  readonly noInput?: boolean;
}

/** Runs a command on another machine, its output on this program's streams; its exit status, 255 where it is not reached. */
export function* runRemote(
  main: Main,
  address: string,
  command: string,
  options: RemoteOptions = {},
): Routine<number> {
  const { process } = main;
  const fd = process.socket('inet', 'stream');
  if (isErrno(fd)) return 255;
  const refused = yield* process.connect(fd, { address, port: SSH_PORT });
  if (refused) {
    yield* main.fail(`connect to host ${address} port ${SSH_PORT}: ${refused.message}`);
    return 255;
  }
  const before =
    options.terminal && process.isTerminal(0) ? (process.ioctl(0, 'TCGETS') as Termios) : undefined;
  const terminal = before ? process.ioctl(0, 'TIOCGWINSZ') : undefined;
  const term = before ? (process.environment.get('TERM') ?? '') : '';
  const request = terminal === undefined ? { command, term } : { command, term, terminal };
  yield* process.sendContent(fd, frame(request), command.length + 16);
  if (before) process.ioctl(0, 'TCSETS', rawMode(before));
  if (!options.noInput) forwardInput(process, fd, before !== undefined);
  const status = yield* receive(process, fd);
  if (before) process.ioctl(0, 'TCSETS', before);
  process.close(fd);
  return status;
}

function* receive(process: Process, fd: number): Routine<number> {
  for (;;) {
    const content = yield* process.receiveContent(fd);
    if (!content || isErrno(content)) return 255;
    const message = content.message as Frame | undefined;
    if (!message) return 255;
    if ('status' in message) return message.status;
    if ('bytes' in message) yield* writeAll(process, message.stream, message.bytes);
  }
}
