// The keyword `time`: real, user and system time of a pipeline on stderr, as TIMEFORMAT wants them.

import { SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Shell } from '../shell.ts';

const BASH_FORMAT = '\nreal\t%3lR\nuser\t%3lU\nsys\t%3lS';
const POSIX_FORMAT = 'real %2R\nuser %2U\nsys %2S';

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
  const taken = {
    R: shell.process.now - started,
    U: after.user - before.user,
    S: after.system - before.system,
  };
  const format = style === 'posix' ? POSIX_FORMAT : (shell.parameter('TIMEFORMAT') ?? BASH_FORMAT);
  if (format === '') return status;
  const wrong = /%(?!\d?l?[RUS]|[P%])(\d?l?)(.?)/.exec(format);
  if (wrong) {
    yield* shell.complain(`TIMEFORMAT: \`${wrong[2] ?? ''}': invalid format character`);
    return status;
  }
  const text = format.replace(/%(?:(\d?)(l?)([RUS])|P|%)/g, (all, digits, long, name) => {
    if (all === '%%') return '%';
    if (all === '%P') return ((100 * (taken.U + taken.S)) / Math.max(1, taken.R)).toFixed(2);
    const places = Math.min(3, digits === '' ? 3 : Number(digits));
    const time = taken[name as keyof typeof taken];
    return long === 'l' ? minutes(time, places) : (time / SECOND).toFixed(places);
  });
  yield* shell.print(2, `${text}\n`);
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
export function minutes(nanoseconds: number, places = 3): string {
  const seconds = nanoseconds / SECOND;
  return `${Math.floor(seconds / 60)}m${(seconds % 60).toFixed(places)}s`;
}
