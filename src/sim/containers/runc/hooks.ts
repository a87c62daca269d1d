// Hooks of the spec: programs run at points of a container's life with its state as JSON on standard input.

import { decode, encode } from '../../core/text.ts';
import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { SIGKILL } from '../../kernel/signals.ts';
import { decodeStatus } from '../../userland/libc/spawn.ts';
import type { HookName, Spec, SpecHook } from './spec.ts';
import { goErrno } from './validate.ts';

/** What hooks are told of. */
export interface HookSubject {
  readonly id: string;
  readonly bundle: string;
  readonly spec: Spec;
}

const STATUS: Readonly<Record<HookName, string>> = {
  prestart: 'creating',
  createRuntime: 'creating',
  createContainer: 'creating',
  startContainer: 'created',
  poststart: 'created',
  poststop: 'stopped',
};

/** Runs all hooks of some points; the text of the first that failed. */
export function* runHooks(
  p: Process,
  subject: HookSubject,
  pid: number,
  points: readonly HookName[],
): Routine<string | undefined> {
  for (const point of points) {
    for (const [i, hook] of (subject.spec.hooks?.[point] ?? []).entries()) {
      const state = JSON.stringify({
        ociVersion: '1.3.0',
        id: subject.id,
        status: STATUS[point],
        pid,
        bundle: subject.bundle,
        ...(subject.spec.annotations ? { annotations: subject.spec.annotations } : {}),
      });
      const problem = yield* runHook(p, hook, state);
      if (problem !== undefined) {
        return `error running ${point} hook #${i}: ${problem}`;
      }
    }
  }
  return undefined;
}

function* runHook(p: Process, hook: SpecHook, state: string): Routine<string | undefined> {
  const input = p.pipe();
  const output = p.pipe();
  if (isErrno(input) || isErrno(output)) return 'too many open files';
  let failure: string | undefined;
  const pid = p.fork(function* (child) {
    child.dup2(input[0], 0);
    child.dup2(output[1], 1);
    child.dup2(output[1], 2);
    for (const fd of [...input, ...output]) child.close(fd);
    const environment = new Map<string, string>();
    for (const line of hook.env ?? []) {
      const equals = line.indexOf('=');
      if (equals > 0) environment.set(line.slice(0, equals), line.slice(equals + 1));
    }
    const error = child.exec(hook.path, hook.args ?? [hook.path], environment);
    failure = `fork/exec ${hook.path}: ${goErrno(error.message)}`;
    return 127;
  });
  p.close(input[0]);
  p.close(output[1]);
  yield* p.write(input[1], encode(state));
  p.close(input[1]);
  let late = false;
  const timer =
    hook.timeout !== undefined && !isErrno(pid)
      ? p.simulation.after(hook.timeout * SECOND, () => {
          late = true;
          p.kill(pid, SIGKILL);
        })
      : undefined;
  const said = yield* p.readAll(output[0]);
  p.close(output[0]);
  if (isErrno(pid)) return `fork: ${goErrno(pid.message)}`;
  const ended = yield* p.wait(pid);
  timer?.cancel();
  if (late) return `hook ran past specified timeout of ${hook.timeout?.toFixed(1)}s`;
  if (failure !== undefined) return failure;
  if (!ended || isErrno(ended)) return undefined;
  const { code, signal } = decodeStatus(ended.status);
  if (code === 0 && signal === 0) return undefined;
  const text = isErrno(said) ? '' : decode(said);
  const how = signal === 0 ? `exit status ${code}` : `signal: ${signal}`;
  return `${how}, stdout: , stderr: ${text}`;
}
