// How a shell is called: `bash [options] [-c text | file] [arguments]`, and what it then reads.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { S_IFDIR } from '../../kernel/files/inode.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { NOT_SIMULATED } from '../libc/stdio.ts';
import { runSourced } from './builtins/control.ts';
import type { Dialect } from './dialect.ts';
import { interact } from './readline/interact.ts';
import { findAll } from './run/external.ts';
import { runText } from './run/text.ts';
import { runExitTrap } from './run/traps.ts';
import { runScriptText } from './script.ts';
import { isSetOption, isShoptOption, setOptionOf, switchOption } from './settings.ts';
import { Shell } from './shell.ts';
import { prepareShell } from './startup.ts';
import { runInput } from './input.ts';
import { BASH_VERSION } from './startup.ts';

interface Invocation {
  command: boolean;
  standardInput: boolean;
  interactive: boolean;
  login: boolean;
  readsProfile: boolean;
  readsRc: boolean;
  rcFile: string | undefined;
  operands: readonly string[];
}

/** Runs a shell as the process's program. */
export function* runShell(process: Process, dialect: Dialect): Routine<number> {
  const called = process.argv[0] ?? dialect.name;
  const shell = new Shell(process, dialect, called);
  prepareShell(shell);
  const how = yield* readArguments(shell, process.argv);
  if (typeof how === 'number') return how;
  shell.login = how.login;
  const [first, ...rest] = how.operands;
  if (how.command) return yield* runCommandString(shell, how);
  if (first !== undefined && !how.standardInput) return yield* runFile(shell, first, rest);
  shell.positional = how.operands;
  shell.readFlags = 's';
  if (how.interactive || (process.isTerminal(0) && process.isTerminal(2))) {
    return yield* interact(shell, how);
  }
  if (how.login && how.readsProfile) yield* readProfile(shell);
  return yield* runInput(shell);
}

/** Reads options; a status where the shell is to end at once. */
function* readArguments(shell: Shell, argv: readonly string[]): Routine<Invocation | number> {
  const how: Invocation = {
    command: false,
    standardInput: false,
    interactive: false,
    login: (argv[0] ?? '').startsWith('-'),
    readsProfile: true,
    readsRc: true,
    rcFile: undefined,
    operands: [],
  };
  let at = 1;
  for (; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '--' || word === '-') {
      at++;
      break;
    }
    if (word.startsWith('--')) {
      const status = yield* longOption(shell, how, word, argv[at + 1]);
      if (typeof status === 'number') return status;
      if (status === 'used') at++;
    } else if (/^[-+]./.test(word)) {
      const used = yield* shortOptions(shell, how, word, argv.slice(at + 1));
      if (used < 0) return 2;
      at += used;
    } else break;
  }
  how.operands = argv.slice(at);
  return how;
}

function* longOption(
  shell: Shell,
  how: Invocation,
  word: string,
  next: string | undefined,
): Routine<number | 'used' | undefined> {
  switch (word) {
    case '--login':
      how.login = true;
      return undefined;
    case '--noprofile':
      how.readsProfile = false;
      return undefined;
    case '--norc':
      how.readsRc = false;
      return undefined;
    case '--posix':
      switchOption(shell, 'posix', true);
      return undefined;
    case '--noediting':
      return undefined;
    case '--verbose':
      switchOption(shell, 'verbose', true);
      return undefined;
    case '--restricted':
      yield* shell.print(2, 'drydock: bash --restricted is not simulated\n');
      return NOT_SIMULATED;
    case '--rcfile':
    case '--init-file':
      how.rcFile = next;
      return 'used';
    case '--version':
      yield* shell.print(1, versionText());
      return 0;
  }
  yield* shell.print(2, `${shell.name}: ${word}: invalid option\n`);
  return 2;
}

function versionText(): string {
  return `GNU bash, version ${BASH_VERSION} (x86_64-pc-linux-gnu)
Copyright (C) 2022 Free Software Foundation, Inc.
License GPLv3+: GNU GPL version 3 or later <http://gnu.org/licenses/gpl.html>

This is free software; you are free to change and redistribute it.
There is NO WARRANTY, to the extent permitted by law.
`;
}

function* shortOptions(
  shell: Shell,
  how: Invocation,
  word: string,
  rest: readonly string[],
): Routine<number> {
  const on = word.startsWith('-');
  let used = 0;
  for (const letter of word.slice(1)) {
    if (letter === 'c') how.command = true;
    else if (letter === 's') how.standardInput = true;
    else if (letter === 'i') how.interactive = true;
    else if (letter === 'l') how.login = true;
    else if (letter === 'o' || letter === 'O') {
      const name = rest[used++] ?? '';
      if (letter === 'o' && isSetOption(name)) switchOption(shell, name, on);
      else if (letter === 'O' && isShoptOption(name))
        shell.settings.shopt[on ? 'add' : 'delete'](name);
      else {
        const what = letter === 'o' ? 'invalid option name' : 'invalid shell option name';
        yield* shell.print(2, `${shell.name}: ${name}: ${what}\n`);
        return -1;
      }
    } else {
      const option = setOptionOf(letter);
      if (!option) {
        const text = shell.dialect.extended
          ? `${word.charAt(0)}${letter}: invalid option`
          : `0: Illegal option ${word.charAt(0)}${letter}`;
        yield* shell.print(2, `${shell.name}: ${text}\n`);
        return -1;
      }
      switchOption(shell, option, on);
    }
  }
  return used;
}

function* runCommandString(shell: Shell, how: Invocation): Routine<number> {
  const [text, name, ...rest] = how.operands;
  if (text === undefined) {
    const what = shell.dialect.extended
      ? '-c: option requires an argument'
      : '0: -c requires an argument';
    yield* shell.print(2, `${shell.name}: ${what}\n`);
    return 2;
  }
  if (name !== undefined) {
    shell.name = name;
    shell.caller = name;
  }
  shell.numbered = shell.dialect.extended;
  shell.positional = rest;
  shell.readFlags = 'c';
  if (how.login && how.readsProfile) yield* readProfile(shell);
  const context = shell.dialect.extended ? '-c' : undefined;
  const status = yield* runText(shell, text, {
    last: shell.dialect.name !== 'dash',
    showLine: true,
    ...(context ? { context } : {}),
  });
  if (!shell.jump) shell.lastStatus = status;
  return yield* runExitTrap(shell);
}

function* runFile(shell: Shell, file: string, args: readonly string[]): Routine<number> {
  const { process } = shell;
  let path = file;
  let fd = process.open(path);
  if (isErrno(fd) && !file.includes('/')) {
    const [found] = findAll(shell, file, shell.value('PATH'));
    if (found !== undefined) {
      path = found;
      fd = process.open(path);
    }
  }
  if (isErrno(fd)) {
    const why = fd.message;
    if (!shell.dialect.extended) {
      const text =
        shell.dialect.name === 'ash'
          ? `can't open '${file}': ${why}`
          : `0: cannot open ${file}: ${why.replace(' file or directory', ' file')}`;
      yield* shell.print(2, `${shell.caller}: ${text}\n`);
      return 2;
    }
    yield* shell.print(2, `${shell.caller}: ${file}: ${why}\n`);
    return 127;
  }
  const stat = process.fstat(fd);
  if (!isErrno(stat) && (stat.mode & 0o170000) === S_IFDIR) {
    yield* shell.print(2, `${shell.caller}: ${file}: Is a directory\n`);
    return 126;
  }
  const bytes = yield* process.readAll(fd);
  process.close(fd);
  const text = isErrno(bytes) ? '' : decode(bytes);
  if (/\0/.test(text.split('\n', 1)[0] ?? '')) {
    yield* shell.print(2, `${file}: ${file}: cannot execute binary file\n`);
    return 126;
  }
  return yield* runScriptText(shell, text, path, args);
}

/** /etc/profile and the user's own, for login shells. */
export function* readProfile(shell: Shell): Routine<void> {
  yield* readStartFile(shell, '/etc/profile');
  const home = shell.value('HOME');
  const names = shell.dialect.extended
    ? ['.bash_profile', '.bash_login', '.profile']
    : ['.profile'];
  for (const name of names) {
    if (shell.process.exists(`${home}/${name}`)) {
      yield* readStartFile(shell, `${home}/${name}`);
      return;
    }
  }
}

/** Runs a start file where there is one. */
export function* readStartFile(shell: Shell, path: string): Routine<void> {
  const fd = shell.process.open(path);
  if (isErrno(fd)) return;
  const bytes = yield* shell.process.readAll(fd);
  shell.process.close(fd);
  if (!isErrno(bytes)) yield* runSourced(shell, decode(bytes), path, []);
}
