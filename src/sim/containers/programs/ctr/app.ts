// What ctr's commands share: the client, failures, fetching of flags, FIFOs for a task's streams.

import type { Routine } from '../../../core/wait.ts';
import { WaitQueue } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { S_IFIFO } from '../../../kernel/files/inode.ts';
import { O_RDONLY, O_RDWR } from '../../../kernel/files/open-file.ts';
import type { Main } from '../../../userland/libc/stdio.ts';
import { ContainerdClient } from '../../containerd/client.ts';
import { makeDirectories, removeAll } from '../../containerd/daemon.ts';
import type { StdioPaths } from '../../containerd/types.ts';
import type { RpcError } from '../../rpc.ts';
import type { CliCall } from '../cli.ts';

/** Prints `ctr: text`. */
export function* ctrFail(main: Main, text: string): Routine<number> {
  main.err.put(`ctr: ${text}\n`);
  yield* main.err.flush();
  return 1;
}

/** The client that the global flags describe. */
export function clientOf(call: CliCall): ContainerdClient {
  return new ContainerdClient(call.main.process, {
    address: call.global.text('address'),
    namespace: call.global.text('namespace'),
  });
}

/** How ctr prints a failed call. */
export function errorText(error: RpcError): string {
  if (error.code !== 'Unavailable') return error.message;
  const absent = /dial unix (\S+): connect: no such file or directory/.exec(error.message);
  if (absent)
    return `cannot access socket ${absent[1]}: stat ${absent[1]}: no such file or directory`;
  return `failed to dial: ${error.message.replace('connection error: desc = "transport: Error while dialing: ', '').replace(/"$/, '')}`;
}

/** Fails with a call's error, with `before` in front. */
export function failWith(call: CliCall, error: RpcError, before = ''): Routine<number> {
  const text = errorText(error);
  return ctrFail(call.main, text.startsWith('cannot access socket') ? text : `${before}${text}`);
}

/** Told of what is copied. */
export type Tee = (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void;

/** FIFOs for the streams of a process that ctr runs in the foreground, with the threads that copy. */
export class AttachedStreams {
  readonly paths: StdioPaths;
  private readonly directory: string;
  private readonly done = new WaitQueue();
  private copying = 0;

  constructor(p: Process, id: string, terminal: boolean) {
    const number = p.task.kernel.entropy.int(4_000_000_000);
    this.directory = `/run/containerd/fifo/${number}`;
    makeDirectories(p, this.directory, 0o700);
    const path = (name: string): string => `${this.directory}/${id}-${name}`;
    this.paths = {
      stdin: path('stdin'),
      stdout: path('stdout'),
      stderr: terminal ? '' : path('stderr'),
      terminal,
    };
    for (const fifo of [this.paths.stdin, this.paths.stdout, this.paths.stderr]) {
      if (fifo !== '') p.mknod(fifo, S_IFIFO | 0o700);
    }
  }

  /** Starts copying. Call before the task is made, so that the readers are there. */
  copy(p: Process, tee?: Tee): void {
    this.copyOut(p, this.paths.stdout, 1, tee);
    if (this.paths.stderr !== '') this.copyOut(p, this.paths.stderr, 2, tee);
    const input = p.open(this.paths.stdin, O_RDWR);
    if (isErrno(input)) return;
    p.thread(function* (thread) {
      for (;;) {
        const bytes = yield* thread.read(0, 32_768);
        if (isErrno(bytes) || bytes.length === 0) break;
        yield* thread.write(input, bytes);
      }
      thread.close(input);
      return 0;
    });
  }

  private copyOut(p: Process, path: string, to: number, tee?: Tee): void {
    const from = p.open(path, O_RDONLY);
    if (isErrno(from)) return;
    this.copying++;
    p.thread((thread) => this.copyThread(thread, from, to, tee));
  }

  private *copyThread(p: Process, from: number, to: number, tee?: Tee): Routine<number> {
    for (;;) {
      const bytes = yield* p.read(from, 32_768);
      if (isErrno(bytes) || bytes.length === 0) break;
      yield* p.write(to, bytes);
      tee?.(to === 1 ? 'stdout' : 'stderr', bytes);
    }
    p.close(from);
    this.copying--;
    this.done.wake();
    return 0;
  }

  /** Blocks until all output has been copied, then removes the FIFOs. */
  *finish(p: Process): Routine<void> {
    while (this.copying > 0) yield { on: [this.done] };
    this.remove(p);
  }

  remove(p: Process): void {
    removeAll(p, this.directory);
  }
}

/** No streams at all. */
export const NO_STREAMS: StdioPaths = { stdin: '', stdout: '', stderr: '', terminal: false };
