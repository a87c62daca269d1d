// umask, ulimit, times.

import type { Routine } from '../../../core/wait.ts';
import { minutes, used } from '../run/time.ts';
import type { Shell } from '../shell.ts';
import type { Builtin } from './index.ts';
import { letters, output, say, wrongLetter } from './messages.ts';

const WHO = ['u', 'g', 'o'] as const;

function symbolic(mask: number): string {
  return WHO.map((who, i) => {
    const bits = (~mask >> (6 - 3 * i)) & 7;
    return `${who}=${bits & 4 ? 'r' : ''}${bits & 2 ? 'w' : ''}${bits & 1 ? 'x' : ''}`;
  }).join(',');
}

function* umask(shell: Shell, words: readonly string[]): Routine<number> {
  const parsed = letters(words, 'pS');
  if (parsed.wrong) return yield* wrongLetter(shell, 'umask', parsed.wrong);
  const flags = new Set(parsed.options.map(([letter]) => letter));
  const { process } = shell;
  const before = process.umask(0);
  process.umask(before);
  const [mode] = parsed.operands;
  if (mode === undefined) {
    const text = flags.has('S') ? symbolic(before) : before.toString(8).padStart(4, '0');
    const reusable = flags.has('p') ? `umask ${flags.has('S') ? '-S ' : ''}` : '';
    return yield* output(shell, 'umask', `${reusable}${text}\n`);
  }
  if (/^\d/.test(mode)) {
    if (!/^[0-7]+$/.test(mode) || Number.parseInt(mode, 8) > 0o777) {
      return yield* say(shell, 'umask', `${mode}: octal number out of range`);
    }
    process.umask(Number.parseInt(mode, 8));
  } else {
    const mask = applied(before, mode);
    if (mask === undefined)
      return yield* say(shell, 'umask', `\`${mode.charAt(0)}': invalid symbolic mode operator`);
    process.umask(mask);
  }
  if (!flags.has('S')) return 0;
  const now = process.umask(0);
  process.umask(now);
  return yield* output(shell, 'umask', `${symbolic(now)}\n`);
}

/** A symbolic mode such as `u=rwx,go=` applied to a mask; undefined where it is wrong. */
function applied(mask: number, mode: string): number | undefined {
  let allowed = ~mask & 0o777;
  for (const clause of mode.split(',')) {
    const found = /^([ugoa]*)([-+=])([rwx]*)$/.exec(clause);
    if (!found) return undefined;
    const [, who = '', operator, permissions = ''] = found;
    let bits = 0;
    for (const letter of permissions) bits |= letter === 'r' ? 4 : letter === 'w' ? 2 : 1;
    for (const [i, letter] of WHO.entries()) {
      if (who !== '' && !who.includes(letter) && !who.includes('a')) continue;
      const shift = 6 - 3 * i;
      if (operator === '=') allowed &= ~(7 << shift);
      if (operator === '-') allowed &= ~(bits << shift);
      else allowed |= bits << shift;
    }
  }
  return ~allowed & 0o777;
}

/**
 * Letter, what -a calls it, unit, the kernel's name, what a value is counted in, the value where
 * none was set.
 */
const LIMITS: readonly (readonly [string, string, string, string, number, number])[] = [
  ['R', 'real-time non-blocking time', 'microseconds, ', 'rttime', 1, Number.POSITIVE_INFINITY],
  ['c', 'core file size', 'blocks, ', 'core', 1024, 0],
  ['d', 'data seg size', 'kbytes, ', 'data', 1024, Number.POSITIVE_INFINITY],
  ['e', 'scheduling priority', '', 'nice', 1, 0],
  ['f', 'file size', 'blocks, ', 'fsize', 1024, Number.POSITIVE_INFINITY],
  ['i', 'pending signals', '', 'sigpending', 1, 15_447],
  ['l', 'max locked memory', 'kbytes, ', 'memlock', 1024, 8192 * 1024],
  ['m', 'max memory size', 'kbytes, ', 'rss', 1024, Number.POSITIVE_INFINITY],
  ['n', 'open files', '', 'nofile', 1, 1024],
  ['p', 'pipe size', '512 bytes, ', 'pipe', 1, 8],
  ['q', 'POSIX message queues', 'bytes, ', 'msgqueue', 1, 819_200],
  ['r', 'real-time priority', '', 'rtprio', 1, 0],
  ['s', 'stack size', 'kbytes, ', 'stack', 1024, 8192 * 1024],
  ['t', 'cpu time', 'seconds, ', 'cpu', 1, Number.POSITIVE_INFINITY],
  ['u', 'max user processes', '', 'nproc', 1, 15_447],
  ['v', 'virtual memory', 'kbytes, ', 'as', 1024, Number.POSITIVE_INFINITY],
  ['x', 'file locks', '', 'locks', 1, Number.POSITIVE_INFINITY],
];

function* ulimit(shell: Shell, words: readonly string[]): Routine<number> {
  const parsed = letters(words, 'SHabcdefiklmnpqrstuvxPRT');
  if (parsed.wrong) return yield* wrongLetter(shell, 'ulimit', parsed.wrong);
  const flags = new Set(parsed.options.map(([letter]) => letter));
  const hard = flags.has('H');
  if (flags.has('a')) {
    const lines = LIMITS.map(([letter, name, unit]) => {
      const value = shown(shell, letter, hard);
      return `${name.padEnd(20)}${`(${unit}-${letter})`.padStart(20)} ${value}\n`;
    });
    return yield* output(shell, 'ulimit', lines.join(''));
  }
  const letter = [...flags].find((flag) => LIMITS.some(([known]) => known === flag)) ?? 'f';
  const entry = LIMITS.find(([known]) => known === letter);
  const [value] = parsed.operands;
  if (!entry) return 0;
  if (value === undefined) return yield* output(shell, 'ulimit', `${shown(shell, letter, hard)}\n`);
  return yield* setLimit(shell, entry, value, flags);
}

function limitOf(shell: Shell, letter: string): { soft: number; hard: number } {
  const entry = LIMITS.find(([known]) => known === letter);
  const [, , , name = '', , standard = 0] = entry ?? [];
  const hard = name === 'nofile' ? 1_048_576 : standard;
  return (
    shell.process.getLimit(name) ?? {
      soft: standard,
      hard: name === 'core' ? Number.POSITIVE_INFINITY : hard,
    }
  );
}

function shown(shell: Shell, letter: string, hard: boolean): string {
  const limit = limitOf(shell, letter);
  const value = hard ? limit.hard : limit.soft;
  const unit = LIMITS.find(([known]) => known === letter)?.[4] ?? 1;
  return Number.isFinite(value) ? String(Math.floor(value / unit)) : 'unlimited';
}

function* setLimit(
  shell: Shell,
  entry: (typeof LIMITS)[number],
  value: string,
  flags: ReadonlySet<string>,
): Routine<number> {
  const [letter, title, , name, unit] = entry;
  const before = limitOf(shell, letter);
  let wanted: number;
  if (value === 'unlimited') wanted = Number.POSITIVE_INFINITY;
  else if (value === 'hard') wanted = before.hard;
  else if (value === 'soft') wanted = before.soft;
  else if (/^\d+$/.test(value)) wanted = Number(value) * unit;
  else return yield* say(shell, 'ulimit', `${value}: invalid number`);
  const both = !flags.has('S') && !flags.has('H');
  const hard = both || flags.has('H') ? wanted : before.hard;
  const soft = both || flags.has('S') ? wanted : before.soft;
  const raises = hard > before.hard && shell.process.euid !== 0;
  const failure = raises
    ? { message: 'Operation not permitted' }
    : shell.process.setLimit(name, soft, hard);
  if (!failure) return 0;
  return yield* say(shell, 'ulimit', `${title}: cannot modify limit: ${failure.message}`);
}

function* times(shell: Shell): Routine<number> {
  const { leader } = shell.process.task;
  const own = [leader.userTime, leader.systemTime];
  const { user, system } = used(shell);
  const children = [user - leader.userTime, system - leader.systemTime];
  const line = (pair: readonly number[]): string => `${pair.map(minutes).join(' ')}\n`;
  return yield* output(shell, 'times', line(own) + line(children));
}

export const resourceBuiltins: readonly Builtin[] = [
  { name: 'umask', posix: true, run: umask },
  { name: 'ulimit', posix: true, run: ulimit },
  { name: 'times', posix: true, special: true, run: times },
];
