// Running words that are expanded already: what `command`, `builtin` and others hand on.

import type { Routine } from '../../../core/wait.ts';
import { findBuiltin } from '../builtins/index.ts';
import type { Shell } from '../shell.ts';
import { concludeForeground } from './foreground.ts';
import { callFunction } from './functions.ts';
import { execWords } from './simple.ts';
import { forkShell } from './subshell.ts';

export interface WordsRules {
  /** Functions count. */
  readonly functions?: boolean;
  /** Programs count. */
  readonly programs?: boolean;
}

/** Runs a command given by its words. */
export function* runWords(
  shell: Shell,
  words: readonly string[],
  rules: WordsRules = {},
): Routine<number> {
  const name = words[0] ?? '';
  const definition = rules.functions === false ? undefined : shell.functions.get(name);
  if (definition) return yield* callFunction(shell, definition, words.slice(1), () => undefined);
  const builtin = findBuiltin(shell, name);
  if (builtin) {
    const result = builtin.run(shell, words, undefined);
    return typeof result === 'number' ? result : yield* result;
  }
  const group = shell.option('monitor') ? 0 : undefined;
  const pid = yield* forkShell(shell, (sub) => execWords(sub, words), { group });
  if (pid === undefined) return shell.lastStatus;
  if (group !== undefined) shell.process.setForeground(shell.terminal, pid);
  const statuses = yield* concludeForeground(shell, [pid], words.join(' '));
  return statuses[0] ?? 0;
}
