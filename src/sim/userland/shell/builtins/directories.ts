// cd, pwd and the directory stack. The shell keeps the logical path, symlinks and all, in PWD.

import type { Routine } from '../../../core/wait.ts';
import { type Errno, isErrno } from '../../../kernel/errno.ts';
import type { Shell } from '../shell.ts';
import type { Builtin } from './index.ts';
import { letters, output, say, wrongLetter } from './messages.ts';

/** A path made absolute and free of `.` and `..`, by text alone. */
export function logicalPath(base: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${base}/${path}`).split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** Goes to a directory; `physical`: by the real path. The failure where it cannot. */
function change(shell: Shell, path: string, physical: boolean): Errno | undefined {
  const { process } = shell;
  const before = currentDirectory(shell);
  let target = logicalPath(before, path);
  let failure = process.chdir(physical ? path : target);
  if (failure && !physical) {
    failure = process.chdir(path);
    if (!failure) physical = true;
  }
  if (failure) return failure;
  if (physical || shell.option('physical')) {
    const real = process.getcwd();
    if (!isErrno(real)) target = real;
  }
  setDirectory(shell, target, before);
  return undefined;
}

function setDirectory(shell: Shell, target: string, before: string): void {
  shell.assign('OLDPWD', before);
  shell.assign('PWD', target);
  shell.variables.make('OLDPWD').exported = true;
  shell.variables.make('PWD').exported = true;
  shell.variables.changed();
}

/** PWD where it is right, else what the kernel says. */
export function currentDirectory(shell: Shell): string {
  const { process } = shell;
  const known = shell.value('PWD');
  if (known.startsWith('/')) {
    const there = process.stat(known);
    const here = process.stat('.');
    if (
      !isErrno(there) &&
      !isErrno(here) &&
      there.inode === here.inode &&
      there.device === here.device
    ) {
      return known;
    }
    if (isErrno(process.getcwd())) return known;
  }
  const real = process.getcwd();
  return isErrno(real) ? known || '.' : real;
}

function* cd(shell: Shell, words: readonly string[]): Routine<number> {
  const parsed =
    words[1] === '-' ? { options: [], operands: words.slice(1) } : letters(words, 'LPe@');
  if ('wrong' in parsed && parsed.wrong) return yield* wrongLetter(shell, 'cd', parsed.wrong);
  const physical = parsed.options.at(-1)?.[0] === 'P';
  const [given, second] = parsed.operands;
  if (second !== undefined && shell.dialect.extended)
    return yield* say(shell, 'cd', 'too many arguments');
  let path = given;
  let announce = false;
  if (path === undefined) {
    path = shell.parameter('HOME');
    if (path === undefined) return yield* say(shell, 'cd', 'HOME not set');
  } else if (path === '-') {
    path = shell.parameter('OLDPWD');
    if (path === undefined) return yield* say(shell, 'cd', 'OLDPWD not set');
    announce = true;
  } else {
    const found = byPath(shell, path);
    if (found !== undefined) {
      path = found;
      announce = true;
    }
  }
  if (path === '') return 0;
  const failure = change(shell, path, physical);
  if (failure) {
    if (!shell.dialect.extended) {
      const text =
        shell.dialect.name === 'ash'
          ? `can't cd to ${path}: ${failure.message}`
          : `can't cd to ${path}`;
      return yield* say(shell, 'cd', text, shell.dialect.name === 'ash' ? 1 : 2);
    }
    return yield* say(shell, 'cd', `${path}: ${failure.message}`);
  }
  return announce ? yield* output(shell, 'cd', `${shell.value('PWD')}\n`) : 0;
}

/** The first directory of CDPATH that has it. */
function byPath(shell: Shell, path: string): string | undefined {
  if (/^(\.{0,2}\/|\.{1,2}$)/.test(path)) return undefined;
  for (const directory of shell.value('CDPATH').split(':')) {
    if (directory === '' || directory === '.') continue;
    const stat = shell.process.stat(`${directory}/${path}`);
    if (!isErrno(stat) && (stat.mode & 0o170000) === 0o040000) return `${directory}/${path}`;
  }
  return undefined;
}

function* pwd(shell: Shell, words: readonly string[]): Routine<number> {
  const parsed = letters(words, 'LP');
  if (parsed.wrong) return yield* wrongLetter(shell, 'pwd', parsed.wrong);
  const real =
    parsed.options.at(-1)?.[0] === 'P' ? shell.process.getcwd() : currentDirectory(shell);
  if (isErrno(real)) {
    const what = `error retrieving current directory: getcwd: cannot access parent directories: ${real.message}`;
    return yield* say(shell, 'pwd', what);
  }
  return yield* output(shell, 'pwd', `${real}\n`);
}

/** The stack as it is shown: the current directory first. */
function stackOf(shell: Shell): string[] {
  return [currentDirectory(shell), ...shell.directories];
}

function shortened(shell: Shell, path: string): string {
  const home = shell.value('HOME');
  if (home === '' || home === '/') return path;
  return path === home || path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

function* dirs(shell: Shell, words: readonly string[]): Routine<number> {
  const flags = words
    .slice(1)
    .filter((word) => /^-[clpv]+$/.test(word))
    .join('');
  const place = words.slice(1).find((word) => /^[-+]\d+$/.test(word));
  const wrong = words.slice(1).find((word) => !/^-[clpv]+$|^[-+]\d+$/.test(word));
  if (wrong !== undefined) return yield* wrongLetter(shell, 'dirs', wrong);
  if (flags.includes('c')) {
    shell.directories.length = 0;
    return 0;
  }
  const stack = stackOf(shell).map((path) => (flags.includes('l') ? path : shortened(shell, path)));
  if (place !== undefined) {
    const number = Number(place.slice(1));
    const at = place.startsWith('+') ? number : stack.length - 1 - number;
    const path = stack[at];
    if (path === undefined)
      return yield* say(shell, 'dirs', `${place}: directory stack index out of range`);
    return yield* output(shell, 'dirs', `${path}\n`);
  }
  if (flags.includes('v')) {
    const lines = stack.map((path, i) => `${String(i).padStart(2)}  ${path}\n`);
    return yield* output(shell, 'dirs', lines.join(''));
  }
  return yield* output(
    shell,
    'dirs',
    flags.includes('p') ? `${stack.join('\n')}\n` : `${stack.join(' ')}\n`,
  );
}

function* pushd(shell: Shell, words: readonly string[]): Routine<number> {
  const stay = words[1] === '-n';
  const given = words[stay ? 2 : 1];
  const stack = stackOf(shell);
  if (given === undefined) {
    const next = stack[1];
    if (next === undefined) return yield* say(shell, 'pushd', 'no other directory');
    return yield* goTo(shell, 'pushd', [next, stack[0] ?? '', ...stack.slice(2)]);
  }
  if (/^[-+]\d+$/.test(given)) {
    const number = Number(given.slice(1));
    const at = given.startsWith('+') ? number : stack.length - 1 - number;
    if (at < 0 || at >= stack.length) {
      return yield* say(shell, 'pushd', `${given}: directory stack index out of range`);
    }
    return yield* goTo(shell, 'pushd', [...stack.slice(at), ...stack.slice(0, at)]);
  }
  if (stay) {
    shell.directories.unshift(given);
    return yield* dirs(shell, ['dirs']);
  }
  const failure = change(shell, given, false);
  if (failure) return yield* say(shell, 'pushd', `${given}: ${failure.message}`);
  shell.directories.unshift(stack[0] ?? '');
  return yield* dirs(shell, ['dirs']);
}

function* goTo(shell: Shell, command: string, stack: readonly string[]): Routine<number> {
  const failure = change(shell, stack[0] ?? '', false);
  if (failure) return yield* say(shell, command, `${stack[0]}: ${failure.message}`);
  shell.directories.splice(0, shell.directories.length, ...stack.slice(1));
  return yield* dirs(shell, ['dirs']);
}

function* popd(shell: Shell, words: readonly string[]): Routine<number> {
  const stay = words[1] === '-n';
  const given = words[stay ? 2 : 1];
  const stack = stackOf(shell);
  if (stack.length < 2) return yield* say(shell, 'popd', 'directory stack empty');
  const number = Number(given?.slice(1) ?? 0);
  const at =
    given === undefined
      ? stay
        ? 1
        : 0
      : given.startsWith('+')
        ? number
        : stack.length - 1 - number;
  if (at < 0 || at >= stack.length) {
    return yield* say(shell, 'popd', `${given}: directory stack index out of range`);
  }
  if (at === 0) return yield* goTo(shell, 'popd', stack.slice(1));
  shell.directories.splice(at - 1, 1);
  return yield* dirs(shell, ['dirs']);
}

export const directoryBuiltins: readonly Builtin[] = [
  { name: 'cd', posix: true, run: cd },
  { name: 'pwd', posix: true, run: pwd },
  { name: 'dirs', run: dirs },
  { name: 'pushd', run: pushd },
  { name: 'popd', run: popd },
];
