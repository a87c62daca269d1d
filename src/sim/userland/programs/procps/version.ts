// The release of procps whose programs these are.

/** What `--version` says after the program's name. */
export const VERSION = 'procps-ng 4.0.2';
