// Running commands on other machines: a door on port 22 of every node of a lab that runs a command with bash as root, and the
// client's side. The cryptography, keys and terminals of SSH are left out.

import { Content } from '../../core/content.ts';
import { encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { O_RDONLY } from '../../kernel/files/open-file.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { writeAll } from '../../userland/libc/whole-file.ts';

const PORT = 22;

/** What travels: the command to the server; output and the exit status back. */
type Frame =
  | { readonly command: string }
  | { readonly stream: 1 | 2; readonly bytes: Uint8Array }
  | { readonly status: number };

function frame(value: Frame): Content {
  return Content.ofMessage(value, (object) => encode(JSON.stringify(object)));
}

function* serveOne(p: Process, fd: number): Routine<void> {
  const first = yield* p.receiveContent(fd);
  const request = first && !isErrno(first) ? (first.message as Frame | undefined) : undefined;
  if (!request || !('command' in request)) return;
  const out = p.pipe(true);
  const err = p.pipe(true);
  if (isErrno(out) || isErrno(err)) return;
  const pid = p.fork(function* (child) {
    child.setsid();
    const nothing = child.open('/dev/null', O_RDONLY);
    if (!isErrno(nothing)) child.dup2(nothing, 0);
    child.dup2(out[1], 1);
    child.dup2(err[1], 2);
    child.chdir('/root');
    const environment = new Map([
      ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      ['HOME', '/root'],
      ['USER', 'root'],
      ['SHELL', '/bin/bash'],
      ['LANG', 'C.UTF-8'],
    ]);
    child.exec('/bin/bash', ['bash', '-c', request.command], environment);
    return 127;
  });
  p.close(out[1]);
  p.close(err[1]);
  if (isErrno(pid)) return;
  p.thread(function* (thread) {
    yield* copyOut(thread, fd, err[0], 2);
    return 0;
  });
  yield* copyOut(p, fd, out[0], 1);
  const ended = yield* p.wait(pid);
  const raw = isErrno(ended) || !ended ? 255 << 8 : ended.status;
  const status = raw & 0x7f ? 128 + (raw & 0x7f) : raw >> 8;
  yield* p.sendContent(fd, frame({ status }), 16);
}

function* copyOut(p: Process, fd: number, from: number, stream: 1 | 2): Routine<void> {
  for (;;) {
    const bytes = yield* p.read(from, 32_768);
    if (isErrno(bytes) || bytes.length === 0) break;
    yield* p.sendContent(fd, frame({ stream, bytes }), bytes.length + 16);
  }
  p.close(from);
}

/** sshd's place: listens for ever. */
export function* serveRemote(p: Process): Routine<number> {
  const fd = p.socket('inet', 'stream');
  if (isErrno(fd)) return 1;
  p.setsockopt(fd, 'SO_REUSEADDR', 1);
  if (p.bind(fd, { address: '0.0.0.0', port: PORT }) ?? p.listen(fd)) return 1;
  for (;;) {
    const connection = yield* p.accept(fd);
    if (isErrno(connection)) continue;
    p.setCloseOnExec(connection, true);
    p.fork(function* (child) {
      yield* serveOne(child, connection);
      child.close(connection);
      return 0;
    });
    p.close(connection);
    for (;;) {
      const ended = yield* p.wait(-1, { noHang: true });
      if (ended === undefined || isErrno(ended)) break;
    }
  }
}

/** Runs a command on another machine, its output on this program's streams; its exit status, 255 where it is not reached. */
export function* runRemote(main: Main, address: string, command: string): Routine<number> {
  const { process } = main;
  const fd = process.socket('inet', 'stream');
  if (isErrno(fd)) return 255;
  const refused = yield* process.connect(fd, { address, port: PORT });
  if (refused) {
    yield* main.fail(`connect to host ${address} port ${PORT}: ${refused.message}`);
    return 255;
  }
  yield* process.sendContent(fd, frame({ command }), command.length + 16);
  for (;;) {
    const content = yield* process.receiveContent(fd);
    if (!content || isErrno(content)) return 255;
    const message = content.message as Frame | undefined;
    if (!message) return 255;
    if ('status' in message) {
      process.close(fd);
      return message.status;
    }
    if ('bytes' in message) yield* writeAll(process, message.stream, message.bytes);
  }
}
