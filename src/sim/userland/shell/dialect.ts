// The shells that one interpreter plays: bash 5.2, dash 0.5 (Debian's sh) and busybox's ash. What
// differs is a table; grammar and builtins that a dialect lacks are looked up here too.

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';

/** A command that is part of the shell's own executable. */
export interface Applet {
  /** Runs it in the process at hand; left out where it must be executed by way of /proc/self/exe. */
  readonly inside?: (process: Process, words: readonly string[]) => Routine<number>;
}

export type ShellName = 'bash' | 'dash' | 'ash';

export interface Dialect {
  readonly name: ShellName;
  /** Arrays, [[ ]], brace expansion, process substitution, here-strings … */
  readonly extended: boolean;
  /** What is said of a command that is not there. */
  readonly notFound: (command: string) => string;
  /** `echo` interprets backslashes without being asked. */
  readonly echoEscapes: boolean;
  /** busybox's FEATURE_SH_STANDALONE: applets are found before PATH is searched. */
  readonly applet?: (name: string) => Applet | undefined;
}

export const BASH: Dialect = {
  name: 'bash',
  extended: true,
  echoEscapes: false,
  notFound: (command) => `${command}: command not found`,
};
export const DASH: Dialect = {
  name: 'dash',
  extended: false,
  echoEscapes: true,
  notFound: (command) => `${command}: not found`,
};
export const ASH: Dialect = {
  name: 'ash',
  extended: false,
  echoEscapes: false,
  notFound: (command) => `${command}: not found`,
};

/** bash's wordings of failures that dash and ash put otherwise: pattern, dash's, ash's. */
const WORDINGS: readonly (readonly [RegExp, string, string])[] = [
  [/^(.*): readonly variable$/s, '$1: is read only', '$1: is read only'],
  [
    /^(.*): division by 0 \(error token.*$/s,
    'arithmetic expression: division by zero: "$1"',
    'divide by zero',
  ],
  [
    /^(.*): .*operand expected.*$/s,
    'arithmetic expression: expecting primary: "$1"',
    'arithmetic syntax error',
  ],
  [
    /^(.*): .*\(error token is .*$/s,
    'arithmetic expression: expecting EOF: "$1"',
    'arithmetic syntax error',
  ],
];

/** A failure's message as the dialect words it. */
export function wording(dialect: Dialect, message: string): string {
  if (dialect.extended) return message;
  for (const [pattern, dash, ash] of WORDINGS) {
    if (pattern.test(message)) return message.replace(pattern, dialect.name === 'ash' ? ash : dash);
  }
  return message;
}
