// echo.

import type { Routine } from '../../../core/wait.ts';
import type { Shell } from '../shell.ts';
import { replaceEscapes } from '../syntax/ansi.ts';
import type { Builtin } from './index.ts';
import { output } from './messages.ts';

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

export const outputBuiltins: readonly Builtin[] = [{ name: 'echo', posix: true, run: echo }];
