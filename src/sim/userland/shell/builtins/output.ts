// echo and printf.

import type { Routine } from '../../../core/wait.ts';
import type { Shell } from '../shell.ts';
import { replaceEscapes } from '../syntax/ansi.ts';
import { assignElement } from '../assign.ts';
import type { Builtin } from './index.ts';
import { output, say, usage, wrongLetter } from './messages.ts';
import { formatAll } from './printf.ts';

function* echo(shell: Shell, words: readonly string[]): Routine<number> {
  let at = 1;
  let newline = true;
  let escapes = shell.dialect.echoEscapes || shell.shopt('xpg_echo');
  if (shell.dialect.name === 'dash') {
    if (words[1] === '-n') {
      newline = false;
      at = 2;
    }
  } else {
    for (; at < words.length; at++) {
      const word = words[at] ?? '';
      if (!/^-[neE]+$/.test(word)) break;
      for (const letter of word.slice(1)) {
        if (letter === 'n') newline = false;
        else escapes = letter === 'e';
      }
    }
  }
  let text = at === words.length - 1 ? (words[at] ?? '') : words.slice(at).join(' ');
  if (escapes) {
    const done = replaceEscapes(text, 'echo');
    text = done.text;
    if (done.stopped) newline = false;
  }
  return yield* output(shell, 'echo', newline ? `${text}\n` : text);
}

function* printf(shell: Shell, words: readonly string[]): Routine<number> {
  let at = 1;
  let variable: string | undefined;
  if (words[at] === '-v' && shell.dialect.extended) {
    variable = words[at + 1];
    at += 2;
    if (variable === undefined) return yield* wrongLetter(shell, 'printf', '-v:');
    if (!/^[A-Za-z_]\w*(\[.*\])?$/.test(variable)) {
      return yield* say(shell, 'printf', `\`${variable}': not a valid identifier`, 2);
    }
  } else if (/^-./.test(words[at] ?? '') && words[at] !== '--') {
    return yield* wrongLetter(shell, 'printf', (words[at] ?? '').slice(0, 2));
  }
  if (words[at] === '--') at++;
  const format = words[at];
  if (format === undefined) {
    if (!shell.dialect.extended)
      return yield* say(shell, 'printf', 'usage: printf format [arg ...]', 2);
    return yield* usage(shell, 'printf');
  }
  const result = formatAll(shell, format, words.slice(at + 1));
  for (const message of result.errors) yield* say(shell, 'printf', message);
  const status = result.errors.length > 0 ? 1 : 0;
  if (variable !== undefined) {
    const element = /^(\w+)\[(.*)\]$/.exec(variable);
    if (element) assignElement(shell, element[1] ?? '', element[2] ?? '', result.text, false);
    else shell.assign(variable, result.text);
    return status;
  }
  return (yield* output(shell, 'printf', result.text)) || status;
}

export const outputBuiltins: readonly Builtin[] = [
  { name: 'echo', posix: true, run: echo },
  { name: 'printf', posix: true, run: printf },
];
