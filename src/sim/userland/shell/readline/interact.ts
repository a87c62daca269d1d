// The loop of a shell at a terminal: prompt, line, history, run, report jobs, again.

import type { Routine } from '../../../core/wait.ts';
import type { Shell } from '../shell.ts';
import { runInput } from '../input.ts';

export interface InteractRules {
  readonly login: boolean;
  readonly readsProfile: boolean;
  readonly readsRc: boolean;
  readonly rcFile: string | undefined;
}

/** Runs an interactive shell until it exits. */
export function* interact(shell: Shell, _rules: InteractRules): Routine<number> {
  return yield* runInput(shell);
}
