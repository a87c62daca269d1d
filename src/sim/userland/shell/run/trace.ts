// set -x: what is about to run, on stderr, behind PS4.

import type { Routine } from '../../../core/wait.ts';
import { listQuote } from '../quote.ts';
import { promptText } from '../readline/prompt.ts';
import type { Shell } from '../shell.ts';

/**
 * Prints one line of the trace. The first character of PS4 is repeated for each level of eval and
 * substitution.
 */
export function* traceLine(shell: Shell, text: string): Routine<void> {
  const before = shell.lastStatus;
  const marker = promptText(shell, shell.parameter('PS4') ?? '+ ');
  yield* shell.print(2, `${marker.charAt(0).repeat(shell.traceDepth)}${marker}${text}\n`);
  shell.lastStatus = before;
}

/** A command's words as the trace shows them. */
export function traceWords(words: readonly string[]): string {
  return words.map((word) => (word === '' ? "''" : listQuote(word))).join(' ');
}
