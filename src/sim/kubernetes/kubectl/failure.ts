// How kubectl ends a command that fails: a text on standard error and an exit status (cmdutil.CheckErr). A failure
// is thrown, as the real command leaves from wherever it stands.

import type { Status, StatusCause } from '../api/status.ts';

/** A command's end: what is printed as it is, and the exit status. */
export class Failure extends Error {
  readonly code: number;
  /** The server's answer, where it is the server that refused. */
  readonly status: Status | undefined;

  constructor(text: string, code = 1, status?: Status) {
    super(text);
    this.code = code;
    this.status = status;
  }
}

/** No answer from the server: `Get "https://…/api": dial tcp …: connect: connection refused`. */
export class Unreachable extends Failure {
  /** What Go's HTTP client says, for commands that put words of their own before it. */
  readonly detail: string;

  constructor(text: string, detail: string) {
    super(text);
    this.detail = detail;
  }
}

/** A failure before which the command's help is printed. */
export class Helped extends Failure {}

/** A failure in kubectl's own words. */
export function failure(text: string): Failure {
  return new Failure(text.startsWith('error: ') ? text : `error: ${text}`);
}

/** A failure that points at the command's help (cmdutil.UsageErrorf). */
export function usageFailure(command: string, text: string): Failure {
  return new Failure(`error: ${text}\nSee '${command} -h' for help and examples`);
}

/** The server's refusal with kubectl's words before its message: `error when creating "pod.yaml": …`. */
export function refusal(status: Status, doing = ''): Failure {
  const message = doing === '' ? (status.message ?? '') : `${doing}: ${status.message ?? ''}`;
  return new Failure(describe({ ...status, message }), 1, { ...status, message });
}

function describe(status: Status): string {
  const { reason = '', message = '' } = status;
  if (reason === 'Invalid') return describeInvalid(status);
  if (reason === 'Unauthorized') return `error: You must be logged in to the server (${message})`;
  if (reason === 'ServiceUnavailable' && message === '')
    return 'Error from server (ServiceUnavailable)';
  return reason === ''
    ? `Error from server: ${message}`
    : `Error from server (${reason}): ${message}`;
}

function describeInvalid(status: Status): string {
  const { details, message = '' } = status;
  if (!details) return `The request is invalid: ${message}`;
  let text = 'The request is invalid';
  if (details.kind || details.name)
    text = `The ${details.kind ?? ''} "${details.name ?? ''}" is invalid`;
  else if (message !== '' && !details.causes?.length) text = `The request is invalid: ${message}`;
  const causes = [...new Set((details.causes ?? []).map(causeText))];
  if (causes.length === 0) return text;
  // The line is ended whether or not the cause ends one itself, as a difference of two objects does.
  if (causes.length === 1) return `${text}: ${causes[0]}${causes[0]?.endsWith('\n') ? '\n' : ''}`;
  return `${text}: \n${causes.map((cause) => `* ${cause}`).join('\n')}`;
}

function causeText({ field, message }: StatusCause): string {
  return `${field ?? ''}: ${message ?? ''}`;
}

/** Several failures of one command: each as a line of its own without `error: `, where there is more than one. */
export function aggregate(failures: readonly Failure[]): Failure | undefined {
  const [first, ...more] = failures;
  if (!first || more.length === 0) return first;
  return new Failure(failures.map(amongOthers).join('\n'));
}

/** Among others an invalid object is told in the server's sentence (StandardErrorMessage), not as a list of fields. */
function amongOthers({ message, status }: Failure): string {
  if (status?.reason === 'Invalid') return `Error from server (Invalid): ${status.message ?? ''}`;
  return message.replace(/^error: /, '');
}

/** Several messages as one (utilerrors.Aggregate): `[a, b]`, one alone as it is, equal ones once. */
export function aggregateText(messages: readonly string[]): string {
  const [first = '', ...more] = messages;
  return more.length === 0 ? first : `[${[...new Set(messages)].join(', ')}]`;
}
