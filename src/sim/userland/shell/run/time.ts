// The keyword `time`: real, user and system time of a pipeline on stderr.

import { SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Shell } from '../shell.ts';

/** Runs `body` and reports what it took. */
export function* timed(
  shell: Shell,
  style: 'bash' | 'posix',
  body: () => Routine<number>,
): Routine<number> {
  const started = shell.process.now;
  const before = used(shell);
  const status = yield* body();
  const after = used(shell);
  const rows: readonly (readonly [string, number])[] = [
    ['real', shell.process.now - started],
    ['user', after.user - before.user],
    ['sys', after.system - before.system],
  ];
  const lines =
    style === 'posix'
      ? rows.map(([name, time]) => `${name} ${(time / SECOND).toFixed(2)}`)
      : ['', ...rows.map(([name, time]) => `${name}\t${minutes(time)}`)];
  yield* shell.print(2, `${lines.join('\n')}\n`);
  return status;
}

/** Processor time of the shell and its children, nanoseconds. */
export function used(shell: Shell): { user: number; system: number } {
  const { leader } = shell.process.task;
  return {
    user: leader.userTime + leader.process.childrenUser,
    system: leader.systemTime + leader.process.childrenSystem,
  };
}

/** `0m1.500s`. */
export function minutes(nanoseconds: number): string {
  const seconds = nanoseconds / SECOND;
  return `${Math.floor(seconds / 60)}m${(seconds % 60).toFixed(3)}s`;
}
