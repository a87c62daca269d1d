// A script that comes from standard input: read no further than the command that is to run, since
// what follows may be meant for it.

import type { Routine } from '../../core/wait.ts';
import { readLine } from './builtins/read-line.ts';
import { isIncomplete, runText } from './run/text.ts';
import { runExitTrap } from './run/traps.ts';
import type { Shell } from './shell.ts';

/** Runs standard input to its end. */
export function* runInput(shell: Shell): Routine<number> {
  let line = 1;
  shell.numbered = shell.dialect.extended;
  for (;;) {
    let text = '';
    let ended = false;
    const first = line;
    do {
      const read = yield* readLine(shell.process, 0, {});
      ended = read.ended;
      if (read.ended && read.text === '') break;
      text += `${read.text}\n`;
      line++;
    } while (!ended && isIncomplete(shell, text));
    if (text.trim() !== '') {
      yield* runText(shell, text, { line: first, showLine: true });
      if (shell.jump?.kind === 'discard') shell.jump = undefined;
      if (shell.jump) break;
    }
    if (ended) break;
  }
  return yield* runExitTrap(shell);
}
