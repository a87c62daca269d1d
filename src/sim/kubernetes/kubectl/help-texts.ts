// What kubectl's help texts say of commands and flags, for whoever asks for help.

import type { Routine } from '../../core/wait.ts';
import { flagUsages, helpLines } from './generated/help.ts';

/** The texts, in the order of the commands and of the flags. */
export interface HelpTexts {
  /** Short text, long text and examples, with NULs between. */
  readonly helpLines: readonly string[];
  readonly flagUsages: readonly string[];
}

/** All of them. */
export function* helpTexts(): Routine<HelpTexts> {
  return { helpLines, flagUsages };
}
