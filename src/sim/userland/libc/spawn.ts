// Starting other programs: execvp(3)'s search along PATH, and fork, exec and wait in one, for programs that wrap
// others (env, timeout, xargs, find -exec, awk's system).

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { EACCES, ENOENT, ENOEXEC, type Errno, isErrno } from '../../kernel/errno.ts';

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** execvp(3): replaces the program; returns only where nothing could be run. A text file without `#!` goes to sh. */
export function execvp(
  process: Process,
  argv: readonly string[],
  environment: ReadonlyMap<string, string> = process.environment,
): Errno {
  const name = argv[0] ?? '';
  if (name.includes('/')) return execOrShell(process, name, argv, environment);
  let worst: Errno = ENOENT;
  if (name === '') return worst;
  for (const directory of (environment.get('PATH') ?? DEFAULT_PATH).split(':')) {
    const path = `${directory || '.'}/${name}`;
    const failure = execOrShell(process, path, argv, environment);
    if (failure === EACCES) worst = EACCES;
    else if (failure !== ENOENT && failure.name !== 'ENOTDIR') return failure;
  }
  return worst;
}

function execOrShell(
  process: Process,
  path: string,
  argv: readonly string[],
  environment: ReadonlyMap<string, string>,
): Errno {
  const failure = process.exec(path, argv, environment);
  if (failure !== ENOEXEC) return failure;
  return process.exec('/bin/sh', ['sh', path, ...argv.slice(1)], environment);
}

/** Where execvp would find a program; undefined where nowhere. */
export function findProgram(process: Process, name: string, path?: string): string | undefined {
  const search = path ?? process.environment.get('PATH') ?? DEFAULT_PATH;
  const places = name.includes('/') ? [name] : search.split(':').map((d) => `${d || '.'}/${name}`);
  return places.find((place) => {
    const stat = process.stat(place);
    return !isErrno(stat) && (stat.mode & 0o170000) === 0o100000 && !process.access(place, 1);
  });
}

/** What became of a child: its exit code, or the signal that ended it, or why it could not be started. */
export interface Ended {
  readonly code: number;
  readonly signal: number;
}

/** Exit code and signal out of a wait status. */
export function decodeStatus(status: number): Ended {
  return { code: (status >> 8) & 0xff, signal: status & 0x7f };
}

/** Waits for one child, through interruptions. */
export function* waitFor(process: Process, pid: number): Routine<Ended> {
  for (;;) {
    const result = yield* process.wait(pid);
    if (result && !isErrno(result)) return decodeStatus(result.status);
    if (isErrno(result) && result.name !== 'EINTR') return { code: 127, signal: 0 };
  }
}

/** What to do in the child before the program starts, and where it could not be started. */
export interface SpawnOptions {
  readonly environment?: ReadonlyMap<string, string>;
  /** Runs in the child first: redirections, directory. */
  readonly prepare?: (child: Process) => void;
  /** Runs in the child when execvp failed; its value is the child's exit status. */
  readonly failed?: (child: Process, error: Errno) => Routine<number>;
}

/** Forks and runs a program found along PATH; the child's number. */
export function spawn(
  process: Process,
  argv: readonly string[],
  options: SpawnOptions = {},
): number | Errno {
  const environment = options.environment ?? process.environment;
  return process.fork(function* (child) {
    options.prepare?.(child);
    const error = execvp(child, argv, environment);
    if (options.failed) return yield* options.failed(child, error);
    return error === ENOENT ? 127 : 126;
  });
}

/** popen(3): runs `sh -c command` with a pipe on its standard output ('r') or input ('w'). */
export function popen(
  process: Process,
  command: string,
  mode: 'r' | 'w',
  environment?: ReadonlyMap<string, string>,
): { readonly pid: number; readonly fd: number } | Errno {
  const pipe = process.pipe(true);
  if (isErrno(pipe)) return pipe;
  const [mine, theirs] = mode === 'r' ? pipe : [pipe[1], pipe[0]];
  const pid = spawn(process, ['/bin/sh', '-c', command], {
    ...(environment ? { environment } : {}),
    prepare: (child) => {
      child.dup2(theirs, mode === 'r' ? 1 : 0);
    },
  });
  process.close(theirs);
  if (isErrno(pid)) {
    process.close(mine);
    return pid;
  }
  return { pid, fd: mine };
}
