// Running commands on a cluster's node, as minikube's command runner does over SSH, with their output.

import { decode, encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { spawn, waitFor } from '../../userland/libc/spawn.ts';
import { writeAll } from '../../userland/libc/whole-file.ts';
import { hostEnvironment } from './shells.ts';

/** What a command left. */
export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** A pipe end as text, to the end. */
function* drain(process: Process, fd: number): Routine<string> {
  const bytes = yield* process.readAll(fd);
  process.close(fd);
  return isErrno(bytes) ? '' : decode(bytes);
}

/** Runs a program here, `input` on its standard input; docker is this machine's. */
export function* runHere(process: Process, argv: readonly string[], input = ''): Routine<Ran> {
  const pipes = [process.pipe(true), process.pipe(true), process.pipe(true)];
  const [given, out, err] = pipes;
  if (!given || !out || !err || isErrno(given) || isErrno(out) || isErrno(err))
    return { status: 255, out: '', err: '' };
  const pid = spawn(process, argv, {
    environment: hostEnvironment(process.environment),
    prepare(child) {
      child.dup2(given[0], 0);
      child.dup2(out[1], 1);
      child.dup2(err[1], 2);
    },
  });
  for (const fd of [given[0], out[1], err[1]]) process.close(fd);
  if (isErrno(pid)) return { status: 255, out: '', err: '' };
  if (input !== '') yield* writeAll(process, given[1], encode(input));
  process.close(given[1]);
  const text = yield* drain(process, out[0]);
  const errors = yield* drain(process, err[0]);
  const ended = yield* waitFor(process, pid);
  return { status: ended.signal ? 128 + ended.signal : ended.code, out: text, err: errors };
}

/** Runs a command line on a node. */
export function runOnNode(
  process: Process,
  address: string,
  line: string,
  input = '',
): Routine<Ran> {
  return runHere(process, ['ssh', address, line], input);
}
