// Failures of expansions and assignments. They arise deep inside the synchronous part of expanding
// a word, are thrown there, and caught in one place only: where the command that holds the word is
// run.

/**
 * How much a failure ends. `command`: the command; `line`: everything up to the reader of the script (bash's jump to top
 * level); `shell`: a shell that is not interactive.
 */
export type FailureReach = 'command' | 'line' | 'shell';

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
