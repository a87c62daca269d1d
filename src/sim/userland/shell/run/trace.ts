// set -x: what is about to run, on stderr, behind PS4.

import type { Routine } from '../../../core/wait.ts';
import { traceQuote } from '../quote.ts';
import { promptText } from '../readline/prompt.ts';
import type { Shell } from '../shell.ts';

/**
 * Prints one line of the trace. The first character of PS4 is repeated for each level of eval and
 * substitution.
 */
export function* traceLine(shell: Shell, text: string): Routine<void> {
  const before = shell.lastStatus;
  const marker = promptText(shell, shell.parameter('PS4') ?? '+ ');
  const fd = Number.parseInt(shell.value('BASH_XTRACEFD'), 10);
  const to = Number.isNaN(fd) ? 2 : fd;
  yield* shell.print(to, `${marker.charAt(0).repeat(shell.traceDepth)}${marker}${text}\n`);
  shell.lastStatus = before;
}

/** The trace of a compound command's head. */
export function* traceHead(shell: Shell, text: string): Routine<void> {
  if (shell.option('xtrace') && shell.dialect.extended) yield* traceLine(shell, text);
}

/** A command's words as the trace shows them: dash quotes nothing. */
export function traceWords(shell: Shell, words: readonly string[]): string {
  if (shell.dialect.name === 'dash') return words.join(' ');
  return words.map(traceQuote).join(' ');
}
