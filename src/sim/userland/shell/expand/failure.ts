// Failures of expansions and assignments. They arise deep inside the synchronous part of expanding
// a word, are thrown there, and caught in one place only: where the command that holds the word is
// run.

import { isExhausted, limits } from '../../../core/limits.ts';

/**
 * How much a failure ends. `command`: the command; `line`: everything up to the reader of the script (bash's jump to top
 * level); `shell`: a shell that is not interactive; `process`: any shell.
 */
export type FailureReach = 'command' | 'line' | 'shell' | 'process';

export class ExpansionFailure {
  /** Without the shell's name; empty where it was said already. */
  readonly message: string;
  readonly reach: FailureReach;
  readonly status: number;
  constructor(message: string, reach: FailureReach, status = 1) {
    this.message = message;
    this.reach = reach;
    this.status = status;
  }
}

/** xrealloc() of a text that is longer than a shell can hold: bash gives up (fatal_error, status 2). */
export function roomFor(characters: number): void {
  if (characters > limits.shellText) throw outOfMemory(characters);
}

/** The same of a list of words: each takes a pointer. */
export function roomForWords(count: number): void {
  if (count > limits.shellWords) throw outOfMemory(count * POINTER);
}

const POINTER = 8;

/** What bash says where the system gives it no more memory. */
export function outOfMemory(bytes: number): ExpansionFailure {
  return new ExpansionFailure(`xrealloc: cannot allocate ${bytes} bytes`, 'process', 2);
}

/** What was thrown while a command ran, where it ends that command in the shell's own way; else it is thrown on. */
export function asFailure(thrown: unknown): ExpansionFailure {
  if (thrown instanceof ExpansionFailure) return thrown;
  if (isExhausted(thrown)) return outOfMemory(limits.heldBytes);
  throw thrown;
}
