// printf, as the shell has it: options, the variable that -v names, and what cannot be formatted.

import type { Routine } from '../../../core/wait.ts';
import { assignElement } from '../assign.ts';
import type { Shell } from '../shell.ts';
import type { Builtin } from './index.ts';
import { output, say, usage, wrongLetter } from './messages.ts';
import { formatAll } from './printf.ts';

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

export const printfBuiltins: readonly Builtin[] = [{ name: 'printf', posix: true, run: printf }];
