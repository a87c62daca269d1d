// A shim's calls of the runc binary, and the reaping of its children: runc itself, and the containers' processes, which
// come to the shim because it is their subreaper.

import { decode } from '../../core/text.ts';
import { type Routine, WaitQueue } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { O_RDWR } from '../../kernel/files/open-file.ts';
import { decodeStatus, findProgram } from '../../userland/libc/spawn.ts';

/** Exit status of a child as a shell would have it, and when. */
export interface ChildExit {
  readonly status: number;
  readonly at: number;
}

export class Reaper {
  private readonly exits = new Map<number, ChildExit>();
  private readonly changed = new WaitQueue();
  /** Told of every child that ended. */
  onExit: (pid: number, exit: ChildExit) => Routine<void> = function* () {};

  /** Collects children for ever. */
  *run(p: Process): Routine<void> {
    for (;;) {
      const ended = yield* p.wait(-1);
      if (!ended) continue;
      if (isErrno(ended)) {
        if (ended.name === 'EINTR') continue;
        yield { on: [p.task.leader.process.childChanged, this.changed] };
        continue;
      }
      const { code, signal } = decodeStatus(ended.status);
      const exit = { status: signal === 0 ? code : 128 + signal, at: p.now };
      this.exits.set(ended.pid, exit);
      this.changed.wake();
      yield* this.onExit(ended.pid, exit);
    }
  }

  /** Lets the loop notice that there is a child again. */
  poke(): void {
    this.changed.wake();
  }

  /** Blocks until a child has ended. */
  *wait(pid: number): Routine<ChildExit> {
    for (;;) {
      const exit = this.exits.get(pid);
      if (exit) return exit;
      yield { on: [this.changed] };
    }
  }

  /** How a child ended, where it has and was not forgotten. */
  exitOf(pid: number): ChildExit | undefined {
    return this.exits.get(pid);
  }

  forget(pid: number): void {
    this.exits.delete(pid);
  }
}

/** Standard streams for a child: descriptors of the shim; /dev/null where there is none. */
export interface ChildStreams {
  readonly stdin?: number | undefined;
  readonly stdout?: number | undefined;
  readonly stderr?: number | undefined;
}

/** Where a shim keeps and runs things. */
export interface RuncSettings {
  readonly namespace: string;
  readonly bundle: string;
  readonly binary?: string;
  readonly root?: string;
}

/** Runs runc; undefined where it succeeded, else its error's text. */
export function* runRunc(
  p: Process,
  reaper: Reaper,
  settings: RuncSettings,
  args: readonly string[],
  streams: ChildStreams = {},
): Routine<string | undefined> {
  const log = `${settings.bundle}/log.json`;
  p.unlink(log);
  const root = settings.root ?? `/run/containerd/runc/${settings.namespace}`;
  const binary = settings.binary ?? 'runc';
  const path = findProgram(p, binary);
  if (path === undefined) return `exec: "${binary}": executable file not found in $PATH`;
  const argv = [
    path.slice(path.lastIndexOf('/') + 1),
    '--root',
    root,
    '--log',
    log,
    '--log-format',
    'json',
    ...args,
  ];
  const pid = p.fork((child) => becomeRunc(child, path, argv, streams));
  if (isErrno(pid)) return `fork/exec ${path}: ${pid.message.toLowerCase()}`;
  reaper.poke();
  const exit = yield* reaper.wait(pid);
  reaper.forget(pid);
  if (exit.status === 0) return undefined;
  return (yield* lastError(p, log)) ?? `exit status ${exit.status}`;
}

/** A child of the shim's that becomes runc, with the streams that it is given and no other descriptor. */
function* becomeRunc(
  child: Process,
  path: string,
  argv: readonly string[],
  streams: ChildStreams,
): Routine<number> {
  const nothing = child.open('/dev/null', O_RDWR);
  const fallback = isErrno(nothing) ? 0 : nothing;
  const wanted = [
    streams.stdin ?? fallback,
    streams.stdout ?? fallback,
    streams.stderr ?? fallback,
  ];
  for (const [fd, from] of wanted.entries()) child.dup2(from, fd);
  for (const [fd] of [...child.task.files.list()]) if (fd > 2) child.close(fd);
  child.exec(path, argv, child.environment);
  return 127;
}

/** The last error that runc wrote to its log. */
function* lastError(p: Process, log: string): Routine<string | undefined> {
  const fd = p.open(log);
  if (isErrno(fd)) return undefined;
  const bytes = yield* p.readAll(fd);
  p.close(fd);
  const lines = (isErrno(bytes) ? '' : decode(bytes)).split('\n').filter((line) => line !== '');
  const last = lines.at(-1);
  return last === undefined ? undefined : (JSON.parse(last) as { msg: string }).msg;
}
