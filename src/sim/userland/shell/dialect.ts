// The shells that one interpreter plays: bash 5.2, dash 0.5 (Debian's sh) and busybox's ash. What differs is a table;
// grammar and builtins that a dialect lacks are looked up here too.

export interface Dialect {
  readonly name: 'bash' | 'dash' | 'ash';
  /** Arrays, [[ ]], brace expansion, process substitution, here-strings … */
  readonly extended: boolean;
  /** Brace expansion, `$'…'` and `[[` in busybox. */
  readonly notFound: (command: string) => string;
  /** `echo` interprets backslashes without being asked. */
  readonly echoEscapes: boolean;
}

export const BASH: Dialect = {
  name: 'bash', extended: true, echoEscapes: false, notFound: (command) => `${command}: command not found`,
};
export const DASH: Dialect = {
  name: 'dash', extended: false, echoEscapes: true, notFound: (command) => `${command}: not found`,
};
export const ASH: Dialect = {
  name: 'ash', extended: false, echoEscapes: false, notFound: (command) => `${command}: not found`,
};
