// How iptables fails: a sentence, whether it is about the command line, and the exit status that goes with it.

/** Thrown anywhere below the command; caught once. */
export class Problem {
  /** `usage`: with the version and the hint at --help; `version`: with the version only; `plain`: `iptables: text.` */
  readonly form: 'usage' | 'version' | 'plain';
  readonly text: string;
  readonly status: number;
  constructor(form: Problem['form'], text: string, status: number) {
    this.form = form;
    this.text = text;
    this.status = status;
  }
}

/** A mistake in the command line (PARAMETER_PROBLEM). */
export function misuse(text: string): Problem {
  return new Problem('usage', text, 2);
}

/** The kernel has refused one step (RESOURCE_PROBLEM). */
export function refusedStep(step: string, reason: string, where: string): Problem {
  return new Problem('version', ` ${step} failed (${reason}): ${where}`, 4);
}

export const NO_SUCH_NAME: Problem = new Problem('plain', 'No chain/target/match by that name', 1);
