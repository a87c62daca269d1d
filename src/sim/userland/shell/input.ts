// A script that comes from standard input: read no further than the command that is to run, since
// what follows may be meant for it.

import type { Routine } from '../../core/wait.ts';
import { readLine } from './builtins/read-line.ts';
import { runText } from './run/text.ts';
import { runExitTrap } from './run/traps.ts';
import type { Shell } from './shell.ts';
import { parseScript } from './syntax/parse.ts';

/** True where a text is the beginning of a command. */
export function isIncomplete(shell: Shell, text: string): boolean {
  if (/(?:^|[^\\])(?:\\\\)*\\\n?$/.test(text) && text.endsWith('\\\n')) return true;
  const parsed = parseScript(text, 1, shell.dialect.extended);
  return (
    parsed.cutDocuments.length > 0 || (parsed.error !== undefined && parsed.error.kind !== 'token')
  );
}

/** Runs standard input to its end. */
export function* runInput(shell: Shell): Routine<number> {
  let line = 1;
  shell.numbered = shell.dialect.extended && shell.name !== 'bash';
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
