// How kubeadm fails: an error goes up to the command, which prints it and where to see more.

/** Ends a command with status 1, or another. */
export class Failure {
  readonly text: string;
  readonly status: number;
  constructor(text: string, status = 1) {
    this.text = text;
    this.status = status;
  }
}

/** What is printed of a failure. */
export function failureLines(text: string): string {
  return `error: ${text}\nTo see the stack trace of this error execute with --v=5 or higher\n`;
}
