// Builtins that steer: `:`, true, false, exit, return, break, continue, eval, source, exec, shift,
// logout.

import type { Routine } from '../../../core/wait.ts';
import { decode } from '../../../core/text.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { S_IFDIR, S_IFREG } from '../../../kernel/files/inode.ts';
import { execProgram, findCommand } from '../run/external.ts';
import { runText } from '../run/text.ts';
import { runExitTrap } from '../run/traps.ts';
import type { Shell } from '../shell.ts';
import type { Builtin } from './index.ts';
import { letters, say, usage, wrongLetter } from './messages.ts';

/** A number argument; undefined where the word is none. */
function integer(word: string): number | undefined {
  return /^\s*[-+]?\d+\s*$/.test(word) ? Number(word) : undefined;
}

function* exitShell(shell: Shell, words: readonly string[]): Routine<number> {
  const [name = 'exit', first, second] = words;
  if (shell.interactive && shell.dialect.extended && ['exit', 'logout'].includes(name))
    yield* shell.print(2, shell.login ? 'logout\n' : 'exit\n');
  let status = shell.lastStatus;
  if (first !== undefined && first !== '--') {
    const number = integer(first);
    if (number === undefined) {
      status = yield* say(shell, name, `${first}: numeric argument required`, 2);
    } else if (second !== undefined) return yield* say(shell, name, 'too many arguments');
    else status = number & 255;
  }
  shell.lastStatus = status;
  shell.jump = { kind: 'exit' };
  return status;
}

function* returnFrom(shell: Shell, words: readonly string[]): Routine<number> {
  const [, first] = words;
  if (shell.calls.length === 0 && shell.sourcing === 0) {
    if (!shell.dialect.extended) return yield* exitShell(shell, words);
    return yield* say(shell, 'return', "can only `return' from a function or sourced script", 2);
  }
  let status = shell.lastStatus;
  if (words.length > 2 && shell.dialect.extended) {
    shell.lastStatus = yield* say(shell, 'return', 'too many arguments');
    shell.jump = { kind: 'discard' };
    return 1;
  }
  if (first !== undefined && first !== '--') {
    const number = integer(first);
    status =
      number === undefined
        ? yield* say(shell, 'return', `${first}: numeric argument required`, 2)
        : number & 255;
  }
  shell.lastStatus = status;
  shell.jump = { kind: 'return' };
  return status;
}

function* leaveLoop(shell: Shell, words: readonly string[]): Routine<number> {
  const [name = 'break', first] = words;
  const kind = name === 'continue' ? 'continue' : 'break';
  if (shell.loops === 0) {
    if (!shell.dialect.extended) return 0;
    return yield* say(shell, name, "only meaningful in a `for', `while', or `until' loop", 0);
  }
  let levels = 1;
  if (first !== undefined) {
    const number = integer(first);
    if (number === undefined) {
      shell.lastStatus = yield* say(shell, name, `${first}: numeric argument required`, 128);
      shell.jump = { kind: shell.interactive ? 'discard' : 'exit' };
      return 128;
    }
    if (number < 1) {
      shell.jump = { kind: 'break', levels: shell.loops };
      return yield* say(shell, name, `${first}: loop count out of range`);
    }
    levels = Math.min(number, shell.loops);
  }
  shell.lastStatus = 0;
  shell.jump = { kind, levels };
  return 0;
}

function* evalWords(shell: Shell, words: readonly string[]): Routine<number> {
  const rest = words[1] === '--' ? words.slice(2) : words.slice(1);
  if (shell.dialect.extended && /^-./.test(rest[0] ?? '') && words[1] !== '--') {
    return yield* wrongLetter(shell, 'eval', (rest[0] ?? '').slice(0, 2));
  }
  const text = rest.join(' ');
  if (text.trim() === '') return 0;
  shell.depth++;
  const context = shell.dialect.extended ? 'eval' : undefined;
  const status = yield* runText(shell, text, {
    line: shell.line,
    showLine: true,
    ...(context ? { context } : {}),
  });
  shell.depth--;
  return shell.jump ? shell.lastStatus : status;
}

function* source(shell: Shell, words: readonly string[]): Routine<number> {
  const [name = 'source'] = words;
  const rest = words[1] === '--' ? words.slice(2) : words.slice(1);
  const [file, ...args] = rest;
  if (file === undefined) {
    if (!shell.dialect.extended) return yield* say(shell, name, 'Usage: . filename', 2);
    yield* say(shell, name, 'filename argument required');
    return yield* usage(shell, name);
  }
  if (/^-./.test(file) && words[1] !== '--')
    return yield* wrongLetter(shell, name, file.slice(0, 2));
  const path = sourcePath(shell, file);
  const fd = shell.process.open(path);
  if (isErrno(fd)) return yield* cannotSource(shell, file, fd.message);
  const stat = shell.process.fstat(fd);
  if (!isErrno(stat) && (stat.mode & 0o170000) === S_IFDIR) {
    shell.process.close(fd);
    return yield* say(shell, name, `${file}: is a directory`);
  }
  const bytes = yield* shell.process.readAll(fd);
  shell.process.close(fd);
  if (isErrno(bytes)) return yield* cannotSource(shell, file, bytes.message);
  return yield* runSourced(shell, decode(bytes), path, args);
}

function* cannotSource(shell: Shell, file: string, why: string): Routine<number> {
  if (shell.dialect.extended) return yield* shell.complain(`${file}: ${why}`);
  shell.jump = { kind: 'exit' };
  const message =
    shell.dialect.name === 'ash'
      ? `can't open '${file}': ${why}`
      : `cannot open ${file}: ${why.replace(' or directory', '')}`;
  shell.lastStatus = yield* shell.complain(`.: ${message}`, 2);
  return shell.lastStatus;
}

function sourcePath(shell: Shell, file: string): string {
  if (file.includes('/') || !shell.shopt('sourcepath')) return file;
  for (const directory of (shell.parameter('PATH') ?? '').split(':')) {
    const candidate = `${directory || '.'}/${file}`;
    const stat = shell.process.stat(candidate);
    if (!isErrno(stat) && (stat.mode & 0o170000) === S_IFREG) return candidate;
  }
  return file;
}

/** Runs a file's text in this shell, with positional parameters of its own where some are given. */
export function* runSourced(
  shell: Shell,
  text: string,
  path: string,
  args: readonly string[],
): Routine<number> {
  const { positional, caller, numbered, line, loops } = shell;
  shell.sourcing++;
  shell.depth++;
  shell.calls.push({ name: 'source', line, source: path });
  shell.caller = path;
  shell.numbered = shell.dialect.extended && !shell.interactive;
  if (args.length > 0) shell.positional = args;
  let status = yield* runText(shell, text, { showLine: true });
  if (shell.jump?.kind === 'return') {
    shell.jump = undefined;
    status = shell.lastStatus;
  }
  if (args.length > 0) shell.positional = positional;
  shell.calls.pop();
  shell.caller = caller;
  shell.numbered = numbered;
  shell.line = line;
  shell.loops = loops;
  shell.depth--;
  shell.sourcing--;
  return shell.jump ? shell.lastStatus : status;
}

function* exec(shell: Shell, words: readonly string[]): Routine<number> {
  const parsed = letters(words, 'cla:');
  if (parsed.wrong) return yield* wrongLetter(shell, 'exec', parsed.wrong);
  const { operands } = parsed;
  const [name] = operands;
  if (name === undefined) return 0;
  const empty = parsed.options.some(([letter]) => letter === 'c');
  const path = findCommand(shell, name);
  let status: number;
  if (path === undefined) {
    status = shell.dialect.extended
      ? yield* say(shell, 'exec', `${name}: not found`, 127)
      : yield* say(shell, 'exec', `${name}: not found`, 127);
  } else {
    const login = parsed.options.some(([letter]) => letter === 'l');
    const called = parsed.options.find(([letter]) => letter === 'a')?.[1] ?? name;
    const argv = [login ? `-${called}` : called, ...operands.slice(1)];
    const environment = empty ? new Map<string, string>() : shell.variables.exports();
    status = yield* execProgram(shell, path, argv, environment);
  }
  shell.lastStatus = status;
  if (!shell.interactive && !shell.shopt('execfail')) {
    shell.jump = { kind: 'exit' };
    shell.lastStatus = yield* runExitTrap(shell);
  }
  return shell.lastStatus;
}

function shift(shell: Shell, words: readonly string[]): Routine<number> | number {
  const count = words[1] === undefined ? 1 : integer(words[1]);
  if (count === undefined) return say(shell, 'shift', `${words[1]}: numeric argument required`);
  if (words.length > 2) return say(shell, 'shift', 'too many arguments');
  if (count < 0) return say(shell, 'shift', `${words[1]}: shift count out of range`);
  if (count > shell.positional.length) {
    if (!shell.dialect.extended) return say(shell, 'shift', "can't shift that many", 2);
    return shell.shopt('shift_verbose')
      ? say(shell, 'shift', `${count}: shift count out of range`)
      : 1;
  }
  shell.positional = shell.positional.slice(count);
  return 0;
}

export const controlBuiltins: readonly Builtin[] = [
  { name: ':', posix: true, special: true, run: () => 0 },
  { name: 'true', posix: true, run: () => 0 },
  { name: 'false', posix: true, run: () => 1 },
  { name: 'exit', posix: true, special: true, run: exitShell },
  {
    name: 'logout',
    run: (shell, words) =>
      shell.login ? exitShell(shell, words) : say(shell, 'logout', "not login shell: use `exit'"),
  },
  { name: 'return', posix: true, special: true, run: returnFrom },
  { name: 'break', posix: true, special: true, run: leaveLoop },
  { name: 'continue', posix: true, special: true, run: leaveLoop },
  { name: 'eval', posix: true, special: true, run: evalWords },
  { name: '.', posix: true, special: true, run: source },
  { name: 'source', run: source },
  { name: 'exec', posix: true, special: true, run: exec },
  { name: 'shift', posix: true, special: true, run: shift },
];
