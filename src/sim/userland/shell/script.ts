// Running a script whole: a file's text with its name and arguments.

import type { Routine } from '../../core/wait.ts';
import { runText } from './run/text.ts';
import { runExitTrap } from './run/traps.ts';
import type { Shell } from './shell.ts';

/** Runs a script in this shell (which becomes the script's) and ends as the script does. */
export function* runScriptText(
  shell: Shell,
  text: string,
  name: string,
  args: readonly string[],
): Routine<number> {
  shell.name = name;
  shell.caller = name;
  shell.numbered = true;
  shell.isScript = true;
  shell.readFlags = '';
  shell.positional = args;
  const status = yield* runText(shell, text, { showLine: true });
  if (!shell.jump) shell.lastStatus = status;
  return yield* runExitTrap(shell);
}
